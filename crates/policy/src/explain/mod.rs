//! A page for every code of this crate: why it matters, an example, the remedy. Both languages.
//!
//! An example is added to the small plant of `plant` unless it says `alone`; `given` is what is given for it, and
//! `decisions` stand in `decisions.toml` and are about a limited flow F2. A test compiles every example and gets its
//! code.

use words::Language;
use words::pages::{self, Page};

const FAMILIES: [&str; 2] = [include_str!("errors.md"), include_str!("assumptions.md")];

/// The page of a code in a language, as Markdown.
pub fn explain(code: &str, language: Language) -> Option<String> {
    let page = Page::find(&FAMILIES, code)?;
    let introduction = match page.kind {
        "alone" => "",
        "given" => language.pick("Given for a small plant:", "Für eine kleine Anlage gegeben:"),
        "decisions" => "In `decisions.toml`:",
        _ => language.pick("Added to a small plant:", "Einer kleinen Anlage hinzugefügt:"),
    };
    Some(page.markdown(language, introduction))
}

/// The codes of this crate's messages, by code.
pub fn codes() -> Vec<&'static str> {
    pages::codes(&FAMILIES)
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use plant::ids::{FlowId, StateId};
    use plant::{Given, Plant, SourceFile, Stale, StaleReason, small_plant};
    use words::Message;

    use super::*;
    use crate::{Assumption, CompileError, Policy, compile};

    /// Another error than this one, until all were there; a variant without a place here does not compile.
    fn next_error(last: Option<&CompileError>) -> Option<CompileError> {
        let flow = || FlowId::new("F9");
        let state = || StateId::new("key");
        Some(match last {
            None => CompileError::UnknownFlow { flow: flow() },
            Some(CompileError::UnknownFlow { .. }) => CompileError::NeedsNoApproval { flow: flow() },
            Some(CompileError::NeedsNoApproval { .. }) => CompileError::UnknownState { state: state() },
            Some(CompileError::UnknownState { .. }) => CompileError::UnknownValue {
                state: state(),
                value: "SIDEWAYS".to_owned(),
                values: vec!["OFF".to_owned(), "ON".to_owned()],
            },
            Some(CompileError::UnknownValue { .. }) => CompileError::TwoValues { state: state() },
            Some(CompileError::TwoValues { .. }) => {
                let reason = StaleReason::Expired { until: jiff::civil::Date::constant(2026, 11, 29) };
                CompileError::Stale { decisions: vec![Stale { flow: flow(), reason }] }
            }
            Some(CompileError::Stale { .. }) => {
                CompileError::TimeZone { name: "Europe/Stuttgart".to_owned() }
            }
            Some(CompileError::TimeZone { .. }) => CompileError::Port { port: "lo".to_owned() },
            Some(CompileError::Port { .. }) => return None,
        })
    }

    fn next_assumption(last: Option<&Assumption>) -> Option<Assumption> {
        Some(match last {
            None => Assumption::ErrorDestination,
            Some(Assumption::ErrorDestination) => Assumption::Fragments,
            Some(Assumption::Fragments) => Assumption::Ends,
            Some(Assumption::Ends) => Assumption::Neighbours,
            Some(Assumption::Neighbours) => Assumption::Proxy,
            Some(Assumption::Proxy) => Assumption::Announced,
            Some(Assumption::Announced) => Assumption::Outside,
            Some(Assumption::Outside) => return None,
        })
    }

    fn codes_of<M: Message>(next: impl Fn(Option<&M>) -> Option<M>) -> Vec<&'static str> {
        std::iter::successors(next(None), |last| next(Some(last))).map(|message| message.code()).collect()
    }

    #[test]
    fn every_code_has_a_page_and_every_page_a_code() {
        let messages = [codes_of(next_error), codes_of(next_assumption)].concat();
        assert_eq!(messages, codes());
        for code in messages {
            let page = Page::find(&FAMILIES, code).unwrap();
            assert!(page.complete() && !page.example.is_empty(), "{page:?}");
            let [english, german] = Language::ALL.map(|language| explain(code, language).unwrap());
            assert!(english.contains(code) && german.contains(code) && english != german, "{code}");
        }
        assert_eq!(explain("RW1109", Language::English), None);
        assert_eq!(explain("RW0101", Language::German), None);
    }

    fn read(files: &[(&str, &str)]) -> Result<Plant, Vec<&'static str>> {
        let file =
            |(name, text): &(&str, &str)| SourceFile { name: (*name).to_owned(), text: (*text).into() };
        let reading = plant::read(&files.iter().map(file).collect::<Vec<_>>());
        reading.plant.ok_or_else(|| reading.diagnostics.iter().map(|found| found.code).collect())
    }

    fn compiled(plant: &Plant, given: &[Given]) -> Result<Policy, CompileError> {
        compile(plant, "2027-07-01T04:30:00+02:00".parse::<Timestamp>().unwrap(), given)
    }

    /// A flow a decision can be about.
    const LIMITED: &str = "\
[[flows]]
id      = \"F2\"
from    = \"hist\"
to      = \"plc\"
service = \"s7comm\"
allow   = [\"read DB1\"]
";

    #[test]
    fn every_example_gets_its_code() {
        let small = ("small.toml", small_plant());
        for code in codes() {
            let page = Page::find(&FAMILIES, code).unwrap();
            let example = ("example.toml", page.example);
            let (plant, given) = match page.kind {
                "given" => {
                    (read(&[small]), page.example.lines().map(|line| Given::parse(line).unwrap()).collect())
                }
                "decisions" => {
                    (read(&[small, ("limited.toml", LIMITED), ("decisions.toml", page.example)]), Vec::new())
                }
                "alone" => (read(&[example]), Vec::new()),
                "" => (read(&[small, example]), Vec::new()),
                kind => unreachable!("{code}: `{kind}` is no kind of example"),
            };
            // What the reader refuses reaches the compiler only in a plant made by other means.
            let plant = match (code, plant) {
                ("RW1107", Err(found)) => {
                    assert_eq!(found, ["RW0503"]);
                    Plant { timezone: Some("Europe/Stuttgart".to_owned()), ..read(&[small]).unwrap() }
                }
                ("RW1108", Err(found)) => {
                    assert_eq!(found, ["RW0306"]);
                    let mut plant = read(&[small]).unwrap();
                    for leg in plant.zones.values_mut().flat_map(|zone| &mut zone.legs) {
                        leg.port = "port to the cell".to_owned();
                    }
                    plant
                }
                (_, plant) => plant.unwrap(),
            };
            let said: Vec<&str> = match compiled(&plant, &given) {
                Ok(policy) => policy.assumptions().iter().map(Message::code).collect(),
                Err(error) => vec![error.code()],
            };
            assert!(said.contains(&code), "{code}: {said:?}");
        }
    }

    #[test]
    fn the_small_plant_relies_on_no_end_and_no_neighbour() {
        let policy = compiled(&read(&[("small.toml", small_plant())]).unwrap(), &[]).unwrap();
        assert_eq!(policy.assumptions(), [Assumption::ErrorDestination, Assumption::Fragments]);
    }
}
