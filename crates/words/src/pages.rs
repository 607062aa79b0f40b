//! Pages that explain codes: why it matters, an example, the remedy, in every language.
//!
//! A crate keeps the pages of its codes in Markdown files, one per family, and hands their texts over. A page is a
//! heading with the code (`# RW0101`), the lines `en: why`, `en! remedy`, `de: warum`, `de! Abhilfe`, and one fenced
//! example. Behind the syntax of the fence may stand the kind of the example, whose meaning is the crate's own.

use crate::Language;

/// How a heading with a code begins.
const HEADING: &str = "# RW";

/// Characters of a code.
const CODE: usize = 6;

/// The parts of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Page<'a> {
    /// The code it is about.
    pub code: &'a str,
    /// Why it matters, by language.
    pub why: [&'a str; 2],
    /// What to do about it, by language.
    pub remedy: [&'a str; 2],
    /// The syntax of the example.
    pub syntax: &'a str,
    /// What stands behind the syntax.
    pub kind: &'a str,
    /// Text that shows the code; empty where none does.
    pub example: &'a str,
}

impl<'a> Page<'a> {
    /// The page of a code among the texts of families.
    pub fn find(families: &[&'a str], code: &str) -> Option<Self> {
        let (code, body) = sections(families).find(|(found, _)| *found == code)?;
        Some(Self { code, ..Self::parts(body) })
    }

    fn parts(body: &'a str) -> Self {
        let mut page = Page::default();
        let (before, fenced) = body.split_once("```").unwrap_or((body, ""));
        let (info, rest) = fenced.split_once('\n').unwrap_or((fenced, ""));
        let (example, after) = rest.split_once("\n```").unwrap_or((rest, ""));
        let (syntax, kind) = info.trim().split_once(' ').unwrap_or((info.trim(), ""));
        page.syntax = syntax;
        page.kind = kind.trim();
        page.example = example;
        let [english_why, german_why] = &mut page.why;
        let [english_remedy, german_remedy] = &mut page.remedy;
        for line in before.lines().chain(after.lines()) {
            for (mark, part) in [
                ("en: ", &mut *english_why),
                ("en! ", &mut *english_remedy),
                ("de: ", &mut *german_why),
                ("de! ", &mut *german_remedy),
            ] {
                if let Some(text) = line.strip_prefix(mark) {
                    *part = text;
                }
            }
        }
        page
    }

    /// The page in a language, as Markdown. The introduction says where the example belongs; it may be empty.
    pub fn markdown(&self, language: Language, introduction: &str) -> String {
        let [why, remedy] = [self.why, self.remedy].map(|[english, german]| language.pick(english, german));
        let mut text = format!("# {}\n\n{why}\n\n## {}\n\n", self.code, language.pick("Example", "Beispiel"));
        if !self.example.is_empty() {
            if !introduction.is_empty() {
                text.push_str(introduction);
                text.push_str("\n\n");
            }
            text.push_str(&format!("```{}\n{}\n```\n\n", self.syntax, self.example));
        }
        text.push_str(&format!("## {}\n\n{remedy}\n", language.pick("Remedy", "Abhilfe")));
        text
    }

    /// Whether no language lacks a part. An example is another matter: not every code has one.
    pub fn complete(&self) -> bool {
        self.why.iter().chain(&self.remedy).all(|part| !part.is_empty())
    }
}

/// The codes that have a page, in the order of the texts.
pub fn codes<'a>(families: &[&'a str]) -> Vec<&'a str> {
    sections(families).map(|(code, _)| code).collect()
}

/// Every code with what stands under its heading.
fn sections<'a>(families: &[&'a str]) -> impl Iterator<Item = (&'a str, &'a str)> {
    families.iter().flat_map(|text| {
        text.match_indices(HEADING).filter_map(|(at, _)| {
            let before = text.get(..at)?;
            if !before.is_empty() && !before.ends_with('\n') {
                return None;
            }
            let page = text.get(at + "# ".len()..)?.split("\n# RW").next()?;
            let (code, body) = page.split_once('\n').unwrap_or((page, ""));
            let code = code.trim_end();
            let plain = code.len() == CODE && code.bytes().all(|byte| byte.is_ascii_alphanumeric());
            plain.then_some((code, body))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const FAMILY: &str = "\
Pages of a family: not # RW0000 and not\n## RW0001

# RW0101
en: Because.
en! Mend it.
de: Weil.
de! Beheben.
```toml alone
a = 1
```

# RW0102
de: Darum.
# RW01021
en: Too long for a code.
";
    const OTHER: &str = "# RW0201\nen: First line.\n```text\n$ ls\n```";

    #[test]
    fn codes_stand_in_headings() {
        assert_eq!(codes(&[FAMILY, OTHER]), ["RW0101", "RW0102", "RW0201"]);
        assert_eq!(codes(&[]), Vec::<&str>::new());
        for code in ["RW0000", "RW0001", "RW01021", "RW", "", "# RW0101"] {
            assert_eq!(Page::find(&[FAMILY, OTHER], code), None, "{code}");
        }
    }

    #[test]
    fn a_page_has_its_parts() {
        let page = Page::find(&[OTHER, FAMILY], "RW0102").unwrap();
        assert_eq!((page.why, page.remedy, page.example), (["", "Darum."], ["", ""], ""));
        assert!(!page.complete());
        let page = Page::find(&[FAMILY, OTHER], "RW0201").unwrap();
        assert_eq!((page.syntax, page.kind, page.example), ("text", "", "$ ls"));
    }

    #[test]
    fn a_page_is_written_in_a_language() {
        let family =
            "# RW0101\nen: Because.\nen! Mend it.\nde: Weil.\nde! Beheben.\n```toml alone\na = 1\n```\n";
        let page = Page::find(&[family], "RW0101").unwrap();
        assert!(page.complete());
        assert_eq!((page.syntax, page.kind), ("toml", "alone"));
        assert_eq!(
            page.markdown(Language::English, "Added:"),
            "# RW0101\n\nBecause.\n\n## Example\n\nAdded:\n\n```toml\na = 1\n```\n\n## Remedy\n\nMend it.\n"
        );
        assert_eq!(
            page.markdown(Language::German, ""),
            "# RW0101\n\nWeil.\n\n## Beispiel\n\n```toml\na = 1\n```\n\n## Abhilfe\n\nBeheben.\n"
        );
    }
}
