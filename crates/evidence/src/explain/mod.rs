//! A page for every code of this crate: why it matters, an example, the remedy. Both languages.

use words::Language;
use words::pages::{self, Page};

const FAMILIES: [&str; 2] = [include_str!("evidence.md"), include_str!("bundle.md")];

/// The page of a code in a language, as Markdown.
pub fn explain(code: &str, language: Language) -> Option<String> {
    let introduction = language.pick("What is said:", "Was gesagt wird:");
    Page::find(&FAMILIES, code).map(|page| page.markdown(language, introduction))
}

/// The codes of this crate's messages, by code.
pub fn codes() -> Vec<&'static str> {
    pages::codes(&FAMILIES)
}

#[cfg(test)]
mod tests {
    use words::Message;

    use super::*;
    use crate::bundle::Fault;
    use crate::{Basis, Reason};

    #[test]
    fn every_code_has_a_page_whose_example_is_its_sentence() {
        let key = || "lab+1f0a90c2".to_owned();
        let reasons = [
            Reason::Form,
            Reason::Version { version: "2".to_owned() },
            Reason::UnknownKey { key: "site/0141+77ab01fe".to_owned() },
            Reason::Signature { key: key() },
            Reason::Basis { key: key(), basis: Basis::Site },
        ];
        let text = |text: &str| text.to_owned();
        let log = "record 412, byte 51234: the content does not have the hash it was written with";
        let faults = [
            Fault::Container,
            Fault::List,
            Fault::OtherKey { key: key(), wanted: text("site/0141+77ab01fe") },
            Fault::Short { there: 4096, wanted: 51_234 },
            Fault::Changed,
            Fault::Appended { bytes: 7 },
            Fault::Missing,
            Fault::Plant { why: text("it has another hash") },
            Fault::Policy,
            Fault::Ruleset,
            Fault::Log { why: text(log) },
            Fault::NoRecord { verdict: "equal" },
            Fault::Cases,
            Fault::Unreadable,
        ];
        let messages: Vec<&dyn Message> = reasons
            .iter()
            .map(|reason| reason as &dyn Message)
            .chain(faults.iter().map(|fault| fault as &dyn Message))
            .collect();
        assert_eq!(messages.iter().map(|message| message.code()).collect::<Vec<_>>(), codes());
        for message in messages {
            let page = Page::find(&FAMILIES, message.code()).unwrap();
            assert!(page.complete(), "{page:?}");
            let [english, german] = Language::ALL.map(|language| message.text(language));
            // What another part of the program says is in one language only.
            let example: Vec<&str> = page.example.lines().collect();
            assert_eq!(example.first(), Some(&english.as_str()), "{}", message.code());
            if !matches!(message.code(), "RW1318" | "RW1321") {
                assert_eq!(example.get(1), Some(&german.as_str()), "{}", message.code());
            }
            assert_ne!(message.help(Language::English), message.help(Language::German));
        }
        assert_eq!(explain("RW1399", Language::English), None);
    }
}
