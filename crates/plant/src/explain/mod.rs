//! A page for every code: why it matters, text that triggers it, the remedy. Both languages.
//!
//! The pages are one Markdown file per family. An example is added to the small plant of `small.toml` unless it says
//! `alone`; `decisions`, `limited` (with a limited flow F2) and `beyond` (with a zone outside) stand in `decisions.toml`. A test reads every example and finds exactly its code.

use words::Language;
use words::pages::Page;

/// The small plant the examples are added to.
const SMALL: &str = include_str!("small.toml");

/// The text of the small plant.
pub fn small_plant() -> &'static str {
    SMALL
}

const FAMILIES: [&str; 10] = [
    include_str!("form.md"),
    include_str!("naming.md"),
    include_str!("network.md"),
    include_str!("flowing.md"),
    include_str!("timing.md"),
    include_str!("deciding.md"),
    include_str!("judging.md"),
    include_str!("expecting.md"),
    include_str!("finding.md"),
    include_str!("protocols.md"),
];

/// The page of a code in a language, as Markdown.
pub fn explain(code: &str, language: Language) -> Option<String> {
    let page = page(code)?;
    let introduction = match page.kind {
        kind if kind.contains("alone") => "",
        "decisions" | "limited" | "beyond" => "In `decisions.toml`:",
        _ => language.pick("Added to a small plant:", "Einer kleinen Anlage hinzugefügt:"),
    };
    Some(page.markdown(language, introduction))
}

fn page(code: &str) -> Option<Page<'static>> {
    Page::find(&FAMILIES, code)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Severity, SourceFile, Stale, codes, read};

    fn file(name: &str, text: &str) -> SourceFile {
        SourceFile { name: name.to_owned(), text: text.into() }
    }

    #[test]
    fn the_small_plant_has_nothing_to_report() {
        assert_eq!(read(&[file("small.toml", SMALL)]).diagnostics, []);
    }

    /// A flow a decision can be about.
    const LIMITED: &str = include_str!("limited.toml");

    /// These codes have no example of a few lines: a file too large, one that is no text, too many of them, no file.
    const WITHOUT: [&str; 4] = ["RW0101", "RW0102", "RW0111", "RW0114"];

    /// Stale decisions are found on a day.
    const ON_A_DAY: [&str; 3] = ["RW0603", "RW0604", "RW0609"];

    #[test]
    fn every_code_has_a_page_whose_example_triggers_it_and_nothing_else() {
        let mut wrong = Vec::new();
        for (code, severity) in codes() {
            let Some(page) = page(code) else {
                wrong.push(format!("{code}: no page"));
                continue;
            };
            if page.why.iter().chain(&page.remedy).any(|part| part.is_empty()) {
                wrong.push(format!("{code}: a part is missing: {page:?}"));
            }
            if WITHOUT.contains(&code) {
                continue;
            }
            let mut files = vec![file("example.toml", page.example)];
            match page.kind {
                "alone" => {}
                "decisions" => files = vec![file("small.toml", SMALL), file("decisions.toml", page.example)],
                "beyond" => {
                    files = vec![
                        file("small.toml", SMALL),
                        file("office.toml", "[zones.office]\noutside = true\n"),
                        file("decisions.toml", page.example),
                    ];
                }
                "limited" => {
                    files = vec![
                        file("small.toml", SMALL),
                        file("limited.toml", LIMITED),
                        file("decisions.toml", page.example),
                    ];
                }
                // Other sides of the same thing are reported beside it.
                "" | "clock" | "barred" => files.insert(0, file("small.toml", SMALL)),
                kind => wrong.push(format!("{code}: `{kind}` is no kind of example")),
            }
            let reading = read(&files);
            let mut found: Vec<_> =
                reading.diagnostics.iter().map(|found| (found.code, found.severity)).collect();
            let beside: &[&str] = match page.kind {
                "limited" => &["RW0406"],
                "beyond" => &["RW0312"],
                "clock" => &["RW0504", "RW0505"],
                "barred" => &["RW0407"],
                _ => &[],
            };
            found.retain(|(found, _)| *found == code || !beside.contains(found));
            for diagnostic in &reading.diagnostics {
                let [english, german] = Language::ALL.map(|language| diagnostic.sentence(language));
                if english == german || german.is_empty() {
                    wrong.push(format!("{}: one sentence for both languages: {english}", diagnostic.code));
                }
            }
            if ON_A_DAY.contains(&code) {
                let day = jiff::civil::Date::constant(2026, 11, 30);
                let stale =
                    reading.plant.as_ref().map(|plant| plant.stale_decisions(day)).unwrap_or_default();
                let attested = reading.plant.as_ref().map(|plant| plant.stale_attestations(day));
                let attested = attested.into_iter().flatten().map(|(_, problem)| problem);
                found.extend(
                    stale
                        .iter()
                        .map(Stale::problem)
                        .chain(attested)
                        .map(|problem| (words::Message::code(&problem), problem.severity())),
                );
            }
            found.sort_unstable();
            found.dedup();
            if found != [(code, severity)] {
                let said: Vec<_> =
                    reading.diagnostics.iter().map(|found| found.sentence(Language::English)).collect();
                wrong.push(format!("{code}: {found:?} {said:#?}"));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    #[test]
    fn pages_are_for_codes() {
        let known: Vec<_> = codes().into_iter().map(|(code, _)| code).collect();
        for family in FAMILIES {
            for line in family
                .lines()
                .filter_map(|line| line.strip_prefix("# "))
                .filter(|line| line.starts_with("RW"))
            {
                assert!(known.contains(&line), "{line}");
                for language in Language::ALL {
                    assert!(explain(line, language).is_some_and(|page| page.contains(line)));
                }
            }
        }
        assert_eq!(explain("RW9999", Language::English), None);
        assert_eq!(explain("", Language::English), None);
        assert_eq!(Severity::Error.word(), "error");
    }
}
