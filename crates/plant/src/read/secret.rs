//! Secrets in the text, comments included: found by the word before them, masked before anybody sees the line.

use std::ops::Range;

/// A secret.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Secret {
    /// The word that gives it away.
    pub(super) word: String,
    /// The secret itself.
    pub(super) value: Range<usize>,
}

/// Words that name a secret, without `-` and `_`, at the end of a key.
const WORDS: [&str; 15] = [
    "password",
    "passwd",
    "passwort",
    "kennwort",
    "passphrase",
    "secret",
    "geheimnis",
    "psk",
    "presharedkey",
    "privatekey",
    "apikey",
    "secretkey",
    "token",
    "pwd",
    "snmpcommunity",
];

/// Finds all secrets, in order. One pass; every byte is looked at a bounded number of times.
pub(super) fn find(text: &str) -> Vec<Secret> {
    let mut found = pem(text);
    let bytes = text.as_bytes();
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    let mut at = 0;
    let mut previous = 0..0;
    while let Some(byte) = bytes.get(at) {
        if !is_word(*byte) {
            at += 1;
            continue;
        }
        let end =
            bytes.iter().skip(at).position(|byte| !is_word(*byte)).map_or(bytes.len(), |length| at + length);
        let word = at..end;
        if names_a_secret(text, &previous, &word)
            && let Some(value) = value_after(text, end)
        {
            let next = value.end;
            found.push(Secret { word: text.get(word).unwrap_or_default().to_owned(), value });
            previous = 0..0;
            at = next.max(end);
            continue;
        }
        previous = word;
        at = end;
    }
    found.extend(in_addresses(text));
    found.sort_by_key(|secret| (secret.value.start, secret.value.end));
    found.dedup_by(|next, kept| next.value.start < kept.value.end);
    found
}

fn names_a_secret(text: &str, previous: &Range<usize>, word: &Range<usize>) -> bool {
    // The longest word of the list has 13 letters; a key around it hardly more than 64.
    if word.len() > 64 {
        return false;
    }
    let bytes = text.as_bytes();
    let backwards = |range: &Range<usize>| {
        let part = bytes.get(range.clone()).unwrap_or_default();
        part.iter().rev().filter(|byte| byte.is_ascii_alphanumeric()).map(u8::to_ascii_lowercase)
    };
    let ends_with = |name: &str| {
        let mut own = backwards(word);
        name.bytes().rev().all(|byte| own.next() == Some(byte))
    };
    if WORDS.iter().any(|name| ends_with(name)) {
        return true;
    }
    // `private key`, `preshared key`
    word.start == previous.end + 1
        && backwards(word).rev().eq("key".bytes())
        && previous.len() <= 64
        && ["private", "preshared", "shared", "api", "secret"]
            .iter()
            .any(|name| backwards(previous).rev().eq(name.bytes()))
}

/// What follows `=` or `:` after the word, if it is more than an empty text, a flag or a placeholder.
fn value_after(text: &str, end: usize) -> Option<Range<usize>> {
    let rest = text.get(end..)?;
    let line = rest.get(..rest.find('\n').unwrap_or(rest.len()))?;
    let after = line.trim_start_matches(['"', '\'']).trim_start_matches([' ', '\t']);
    let after = after.strip_prefix(['=', ':'])?.trim_start_matches([' ', '\t']);
    let start = end + (line.len() - after.len());
    let value = match after.chars().next()? {
        quote @ ('"' | '\'') => {
            let triple: String = std::iter::repeat_n(quote, 3).collect();
            if after.starts_with(&triple) {
                let body = text.get(start + 3..)?;
                let length = body.find(&triple).unwrap_or(body.len());
                start + 3..start + 3 + length
            } else {
                let body = after.get(1..)?;
                let length = body.find(quote).unwrap_or(body.len());
                start + 1..start + 1 + length
            }
        }
        _ => {
            let length = after.find(['#', '"', '\'', ',', '}', ']']).unwrap_or(after.len());
            start..start + after.get(..length)?.trim_end().len()
        }
    };
    let inner = text.get(value.clone())?.trim();
    let harmless = inner.is_empty()
        || matches!(inner, "true" | "false" | "none" | "...")
        || inner.chars().all(|c| c == '*');
    (!harmless).then_some(value)
}

/// Private keys in PEM.
fn pem(text: &str) -> Vec<Secret> {
    const HEAD: &str = "PRIVATE KEY-----";
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(start) =
        text.get(at..).and_then(|rest| rest.find(HEAD)).map(|found| at + found + HEAD.len())
    {
        let body = text.get(start..).unwrap_or_default();
        let length = body.find("-----END").unwrap_or(body.len());
        found.push(Secret { word: "PRIVATE KEY".to_owned(), value: start..start + length });
        // Past the end marker, which holds the same words.
        at = start + length;
        at += text.get(at..).and_then(|rest| rest.find(HEAD)).map_or(0, |end| end + HEAD.len());
        if length == body.len() {
            break;
        }
    }
    found.retain(|secret| !secret.value.is_empty());
    found
}

/// `https://user:word@host`
fn in_addresses(text: &str) -> Vec<Secret> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices("://") {
        let start = at + 3;
        // A name and a password of more than 256 bytes are no name and no password.
        let mut end = (start + 256).min(text.len());
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        let authority = text.get(start..end).unwrap_or_default();
        let authority =
            authority.split(['/', '"', '\'', ' ', '\n', '\t', '?', '#']).next().unwrap_or_default();
        if let Some((login, _)) = authority.rsplit_once('@')
            && let Some((user, word)) = login.split_once(':')
            && !word.is_empty()
        {
            let from = start + user.len() + 1;
            found.push(Secret { word: "://".to_owned(), value: from..from + word.len() });
        }
    }
    found
}

/// The text with each secret replaced, character by character, lines kept.
pub(super) fn masked(text: &str, secrets: &[Secret]) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut at = 0;
    for secret in secrets {
        masked.push_str(text.get(at..secret.value.start).unwrap_or_default());
        let hidden = text.get(secret.value.clone()).unwrap_or_default();
        masked.extend(hidden.chars().map(|c| if c == '\n' { '\n' } else { '*' }));
        at = secret.value.end;
    }
    masked.push_str(text.get(at..).unwrap_or_default());
    masked
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_found_and_masked() {
        for (text, expected) in [
            ("password = \"hunter2\"", "password = \"*******\""),
            ("robot_password='x'", "robot_password='*'"),
            ("# Kennwort: geheim", "# Kennwort: ******"),
            ("{ preshared-key = \"äb\", a = 1 }", "{ preshared-key = \"**\", a = 1 }"),
            ("private key: abc # why", "private key: *** # why"),
            ("psk = \"\"\"a\nb\"\"\"", "psk = \"\"\"*\n*\"\"\""),
            ("url = \"https://me:word@host/\"", "url = \"https://me:****@host/\""),
            (
                "-----BEGIN PRIVATE KEY-----\nAB\n-----END PRIVATE KEY-----",
                "-----BEGIN PRIVATE KEY-----\n**\n-----END PRIVATE KEY-----",
            ),
            ("\"token\" = \"t\"", "\"token\" = \"*\""),
        ] {
            assert_eq!(masked(text, &find(text)), expected);
        }
    }

    #[test]
    fn ordinary_text_is_no_secret() {
        for text in [
            "# F-password set",
            "[states.key]",
            "while = \"key >= ONLINE\"",
            "given = [\"key = ONLINE\"]",
            "password = \"\"",
            "password = true",
            "note = \"vendor default password\"",
            "public-key = \"abc\"",
            "url = \"https://host:8531/x@y\"",
            "keyword = \"x\"",
        ] {
            assert_eq!(find(text), [], "{text}");
        }
    }
}
