//! A page for every code of this crate: why it matters, an example, the remedy. Both languages.

use words::Language;
use words::pages::{self, Page};

const FAMILIES: [&str; 1] = [include_str!("evidence.md")];

/// The page of a code in a language, as Markdown.
pub fn explain(code: &str, language: Language) -> Option<String> {
    let introduction = language.pick("What is said of the record:", "Was über den Beleg gesagt wird:");
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
        assert_eq!(reasons.iter().map(Message::code).collect::<Vec<_>>(), codes());
        for reason in &reasons {
            let page = Page::find(&FAMILIES, reason.code()).unwrap();
            assert!(page.complete(), "{page:?}");
            let [english, german] = Language::ALL.map(|language| reason.text(language));
            assert_eq!(page.example, format!("{english}\n{german}"), "{}", reason.code());
            assert_ne!(reason.help(Language::English), reason.help(Language::German));
        }
        assert_eq!(explain("RW1399", Language::English), None);
    }
}
