//! A page for every code of a finding: why it matters, an example, the remedy. Both languages.

use words::Language;
use words::pages::{self, Page};

const FAMILIES: [&str; 1] = [include_str!("findings.md")];

/// The page of a code in a language, as Markdown.
pub fn explain(code: &str, language: Language) -> Option<String> {
    let introduction = language.pick("In the plant text:", "Im Anlagentext:");
    Page::find(&FAMILIES, code).map(|page| page.markdown(language, introduction))
}

/// The codes of this crate's findings, by code.
pub fn codes() -> Vec<&'static str> {
    pages::codes(&FAMILIES)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_page_is_whole() {
        for code in codes() {
            assert!(
                Page::find(&FAMILIES, code).is_some_and(|page| page.complete() && !page.example.is_empty()),
                "{code}"
            );
        }
        assert!(codes().is_sorted());
        assert_eq!(explain("RW1499", Language::English), None);
    }

    #[test]
    fn every_code_of_a_finding_has_a_page_and_no_other() {
        let rules = [
            include_str!("../finding/access.rs"),
            include_str!("../finding/boundary.rs"),
            include_str!("../finding/inside.rs"),
            include_str!("../finding/product.rs"),
            include_str!("../finding/responsible.rs"),
        ];
        let mut used: Vec<&str> = rules
            .iter()
            .flat_map(|text| text.split('"'))
            .filter(|word| word.len() == 6 && word.starts_with("RW14"))
            .collect();
        used.sort_unstable();
        used.dedup();
        assert_eq!(used, codes());
    }
}
