//! The page as a whole: well-formed, closed to hostile text, the same every time, in both languages.
#![allow(clippy::indexing_slicing, clippy::panic, clippy::expect_used, reason = "a test may fail")]

mod common;

use std::collections::BTreeSet;

use pages::model::Page;
use pages::render;
use roxmltree::{Document, ParsingOptions};
use words::Language;

fn document(text: &str) -> Document<'_> {
    let options = ParsingOptions { allow_dtd: true, ..ParsingOptions::default() };
    Document::parse_with_options(text, options).unwrap_or_else(|error| panic!("{error}"))
}

/// Words and sentences of the page, those in attributes that are read aloud or shown as well.
fn words(page: &Page, language: Language) -> BTreeSet<String> {
    let html = render(page, language);
    let document = document(&html);
    let mut words = BTreeSet::new();
    for node in document.descendants() {
        let code = node.ancestors().any(|above| above.has_tag_name("script") || above.has_tag_name("style"));
        if let (false, Some(text)) = (code || !node.is_text(), node.text()) {
            words.insert(text.trim().to_owned());
        }
        for name in ["title", "aria-label", "data-say", "data-rest", "data-name"] {
            words.extend(node.attribute(name).map(str::to_owned));
        }
    }
    words.retain(|text| text.chars().any(char::is_alphabetic));
    words
}

fn pages() -> Vec<Page> {
    vec![Page::default(), common::page(6, 40, 9, 3), common::everywhere("x")]
}

#[test]
fn the_page_is_well_formed_and_its_links_lead_somewhere() {
    for page in pages() {
        for language in Language::ALL {
            let html = render(&page, language);
            let document = document(&html);
            let mut ids = BTreeSet::new();
            for id in document.descendants().filter_map(|node| node.attribute("id")) {
                assert!(ids.insert(id), "the id {id} is there twice");
            }
            for node in document.descendants().filter(|node| node.has_tag_name("a")) {
                let target =
                    node.attribute("href").and_then(|href| href.strip_prefix('#')).expect("a link inside");
                // A record may name a flow the plant no longer has.
                assert!(ids.contains(target) || target == "flow-x", "{target}");
            }
            assert_eq!(document.root_element().attribute("lang"), Some(language.tag()));
        }
    }
}

#[test]
fn hostile_text_stays_text() {
    for hostile in [
        "<script>alert(1)</script>",
        "\"><img src=x onerror=alert(1)>",
        "' onmouseover='alert(1)",
        "</title></style></script><svg onload=alert(1)>",
        "javascript:alert(1)",
        "]]>&lt;&amp;&#x0;\u{0}\u{8}\u{202e}",
        "{{7*7}} ${x} \\u003cscript",
    ] {
        let quiet = render(&common::everywhere("x"), Language::English);
        let html = render(&common::everywhere(hostile), Language::English);
        let (quiet, document) = (document(&quiet), document(&html));
        let count = |document: &Document<'_>, name: &str| {
            document.descendants().filter(|node| node.has_tag_name(name)).count()
        };
        for name in ["script", "style", "img", "title", "iframe", "a", "meta"] {
            let expected = count(&quiet, name);
            assert_eq!(count(&document, name), expected, "<{name}> with {hostile}");
        }
        for node in document.descendants() {
            for attribute in node.attributes() {
                let name = attribute.name();
                assert!(!name.starts_with("on") && name != "style" && name != "src", "{name}");
                if name == "href" {
                    assert!(attribute.value().starts_with('#'), "{}", attribute.value());
                }
            }
        }
        assert!(!html.contains('\u{202e}') && !html.contains('\u{0}'));
    }
}

#[test]
fn nothing_is_asked_of_anybody() {
    let html = render(&common::everywhere("x"), Language::German);
    let document = document(&html);
    let policy = document
        .descendants()
        .find(|node| node.attribute("http-equiv") == Some("Content-Security-Policy"))
        .and_then(|node| node.attribute("content"))
        .expect("a policy");
    assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
    for name in ["link", "img", "iframe", "object", "embed", "base", "form", "image", "use"] {
        assert!(!document.descendants().any(|node| node.has_tag_name(name)), "{name}");
    }
    for word in ["url(", "@import", "http://", "https://", "fetch(", "XMLHttpRequest", "eval(", "innerHTML"] {
        assert!(!html.contains(word), "{word}");
    }
}

/// The policy runs only the very texts it has the hashes of.
#[test]
fn the_policy_fits_the_style_and_the_script() {
    use base64::Engine;
    use sha2::Digest;
    let html = render(&Page::default(), Language::English);
    let document = document(&html);
    for name in ["style", "script"] {
        let node = document.descendants().find(|node| node.has_tag_name(name)).expect(name);
        let open = html[node.range()].find('>').expect("an end of the tag") + 1;
        let text = html[node.range()][open..].strip_suffix(&format!("</{name}>")).expect("the end");
        let hash = base64::engine::general_purpose::STANDARD.encode(sha2::Sha256::digest(text));
        assert!(html.contains(&format!("{name}-src &#39;sha256-{hash}&#39;")), "{name}");
    }
}

#[test]
fn the_same_page_gives_the_same_bytes() {
    for page in pages() {
        assert_eq!(render(&page, Language::German), render(&page.clone(), Language::German));
    }
}

/// What is the same in both languages must be a name, a sign or a word both have.
#[test]
fn both_languages_are_complete() {
    const BOTH: [&str; 18] = [
        "x", "F1", "F2", "F3", "G", "A", "T", "E", "W", "Y", "Gateway", "Conduits", "Conduit", "IAC", "UC",
        "SI", "RDF", "TRE",
    ];
    const SHORT: [&str; 5] = ["DC", "RA", "blind", "Blind", "server"];
    let known = |text: &str| {
        text.split(|c: char| !c.is_alphanumeric())
            .filter(|word| word.chars().any(char::is_alphabetic))
            .all(|word| BOTH.contains(&word) || SHORT.iter().any(|short| short.eq_ignore_ascii_case(word)))
    };
    let page = common::everywhere("x");
    let english = words(&page, Language::English);
    let german = words(&page, Language::German);
    let same: Vec<_> = english.intersection(&german).filter(|text| !known(text)).collect();
    assert!(same.is_empty(), "not translated: {same:#?}");
}

#[test]
fn every_state_is_told_by_a_word_and_a_sign() {
    let html = render(&common::everywhere("x"), Language::English);
    let document = document(&html);
    let marks: Vec<_> = document
        .descendants()
        .filter(|node| node.attribute("class").is_some_and(|class| class.starts_with("mark ")))
        .collect();
    assert!(marks.len() > 20);
    for mark in marks {
        let texts: Vec<&str> =
            mark.descendants().filter(|node| node.is_text()).filter_map(|node| node.text()).collect();
        assert!(texts.len() == 2 && texts[1].chars().any(char::is_alphabetic), "{texts:?}");
    }
    for word in
        ["enforced", "observed", "blind", "proved", "attested", "not assessed", "not met", "unknown", "stale"]
    {
        assert!(html.contains(word), "{word}");
    }
}

#[test]
fn what_is_not_known_is_said() {
    let mut page = common::page(3, 6, 2, 1);
    let html = render(&page, Language::English);
    for sentence in ["without a log of evidence", "None recorded", "not proved yet"] {
        assert!(html.contains(sentence), "{sentence}");
    }
    page.log = Some(pages::model::Log::default());
    let html = render(&page, Language::English);
    for sentence in ["Not proved yet", "not that none was tried"] {
        assert!(html.contains(sentence), "{sentence}");
    }
}
