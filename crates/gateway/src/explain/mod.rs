//! A page for every code of this crate: why it matters, what is printed, the remedy. Both languages.

use words::Language;
use words::pages::{self, Page};

const FAMILIES: [&str; 1] = [include_str!("proxy.md")];

/// The page of a code in a language, as Markdown.
pub fn explain(code: &str, language: Language) -> Option<String> {
    let introduction = language.pick("What the proxy says:", "Was der Proxy sagt:");
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
    use crate::{FileError, RunError};

    #[test]
    fn every_code_has_a_page_whose_example_is_its_sentence() {
        let error = "No such file or directory (os error 2)".to_owned();
        let refused = linux::Error::system("listen", std::io::Error::from_raw_os_error(1));
        let messages: [Box<dyn Message>; 5] = [
            Box::new(FileError::Unreadable { error }),
            Box::new(FileError::Version { version: 2, known: 1 }),
            Box::new(FileError::Network { row: 7, text: "10.62.1.70/24".to_owned() }),
            Box::new(RunError::Port { port: 7502 }),
            Box::new(RunError::Linux(refused)),
        ];
        assert_eq!(messages.iter().map(|message| message.code()).collect::<Vec<_>>(), codes());
        for message in messages {
            let page = Page::find(&FAMILIES, message.code()).unwrap();
            assert!(page.complete(), "{page:?}");
            let [english, german] = Language::ALL.map(|language| message.text(language));
            assert_eq!(page.example, format!("{english}\n{german}"), "{}", message.code());
            assert_ne!(message.help(Language::English), message.help(Language::German));
        }
        assert_eq!(explain("RW1506", Language::English), None);
    }
}
