//! Numbers in a sentence.

use crate::Language;

/// `10,000` in English, `10.000` in German.
pub fn grouped(number: u64, language: Language) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(language.pick(',', '.'));
        }
        text.push(digit);
    }
    text
}

/// `1 flow`, `2 flows`.
pub fn plural(number: u64, one: &str, many: &str, language: Language) -> String {
    format!("{} {}", grouped(number, language), if number == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped() {
        assert_eq!(grouped(0, Language::English), "0");
        assert_eq!(grouped(999, Language::English), "999");
        assert_eq!(grouped(10_000, Language::German), "10.000");
        assert_eq!(grouped(1_234_567, Language::English), "1,234,567");
        assert_eq!(plural(1, "Fluss", "Flüsse", Language::German), "1 Fluss");
        assert_eq!(plural(2, "flow", "flows", Language::English), "2 flows");
    }
}
