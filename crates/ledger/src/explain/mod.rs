//! A page for every code of this crate: why it matters, what verification prints, the remedy. Both languages.

use words::Language;
use words::pages::{self, Page};

const FAMILIES: [&str; 1] = [include_str!("log.md")];

/// The page of a code in a language, as Markdown.
pub fn explain(code: &str, language: Language) -> Option<String> {
    let introduction = language.pick("What verification says:", "Was die Prüfung sagt:");
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
    use crate::{Finding, What};

    #[test]
    fn every_code_has_a_page_whose_example_is_its_sentence() {
        let finding = |what: &What| Finding { what: *what, record: Some(412), offset: 51_234, records: 1 };
        let messages: Vec<&str> = What::ALL.iter().map(|what| finding(what).code()).collect();
        assert_eq!(messages, codes());
        for what in &What::ALL {
            let finding = finding(what);
            let page = Page::find(&FAMILIES, finding.code()).unwrap();
            assert!(page.complete(), "{page:?}");
            let [english, german] = Language::ALL.map(|language| finding.text(language));
            assert_eq!(page.example, format!("{english}\n{german}"), "{}", finding.code());
            assert_ne!(finding.help(Language::English), finding.help(Language::German));
        }
        assert_eq!(explain("RW1215", Language::English), None);
    }
}
