//! Lists in a sentence.

use crate::Language;

/// `a, b and c`.
pub fn and_list<T: AsRef<str>>(items: &[T], language: Language) -> String {
    joined(items, language.pick(" and ", " und "))
}

/// `a, b or c`.
pub fn or_list<T: AsRef<str>>(items: &[T], language: Language) -> String {
    joined(items, language.pick(" or ", " oder "))
}

fn joined<T: AsRef<str>>(items: &[T], last: &str) -> String {
    let mut text = String::new();
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            text.push_str(if index + 1 == items.len() { last } else { ", " });
        }
        text.push_str(item.as_ref());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_read_aloud() {
        assert_eq!(and_list::<&str>(&[], Language::English), "");
        assert_eq!(and_list(&["a"], Language::English), "a");
        assert_eq!(and_list(&["a", "b"], Language::German), "a und b");
        assert_eq!(or_list(&["a", "b", "c"], Language::English), "a, b or c");
    }
}
