//! A page for every code of this crate: why it matters, what the machine shows, the remedy. Both languages.

use words::Language;
use words::pages::{self, Page};

const FAMILIES: [&str; 1] = [include_str!("lacking.md")];

/// The page of a code in a language, as Markdown.
pub fn explain(code: &str, language: Language) -> Option<String> {
    let introduction = language.pick("What such a machine shows:", "Was eine solche Maschine zeigt:");
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
    use crate::{Lacking, Need, Remedy};

    /// Another need than this one, until all were there; a variant without a place here does not compile.
    fn next(last: Option<Need>) -> Option<Need> {
        Some(match last {
            None => Need::UserNamespaces,
            Some(Need::UserNamespaces) => Need::NetworkNamespaces,
            Some(Need::NetworkNamespaces) => Need::Nft,
            Some(Need::Nft) => Need::Tun,
            Some(Need::Tun) => Need::NfTables,
            Some(Need::NfTables) => Need::TransparentProxy,
            Some(Need::TransparentProxy) => return None,
        })
    }

    #[test]
    fn every_code_has_a_page_and_every_page_a_code() {
        let messages: Vec<&str> = std::iter::successors(next(None), |last| next(Some(*last)))
            .map(|need| Lacking::new(need, "seen", Remedy::AllowNamespaces).code())
            .collect();
        assert_eq!(messages, codes());
        for code in messages {
            let page = Page::find(&FAMILIES, code).unwrap();
            assert!(page.complete() && !page.example.is_empty(), "{page:?}");
            let [english, german] = Language::ALL.map(|language| explain(code, language).unwrap());
            assert!(english.contains(code) && german.contains(code) && english != german, "{code}");
        }
        assert_eq!(explain("RW1007", Language::English), None);
        assert_eq!(explain("RW0101", Language::German), None);
    }
}
