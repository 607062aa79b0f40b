//! Every single change of a word or number of a ruleset's text.

/// Words that stand for each other.
const WORDS: [(&str, &str); 23] = [
    ("accept", "drop"),
    ("drop", "accept"),
    ("original", "reply"),
    ("reply", "original"),
    ("tcp", "udp"),
    ("udp", "tcp"),
    ("saddr", "daddr"),
    ("daddr", "saddr"),
    ("sport", "dport"),
    ("dport", "sport"),
    ("iifname", "oifname"),
    ("oifname", "iifname"),
    ("invalid", "new"),
    ("untracked", "established"),
    ("related", "new"),
    ("z0", "z1"),
    ("z1", "z2"),
    ("z2", "z0"),
    ("forward", "input"),
    ("input", "forward"),
    ("output", "forward"),
    ("filter", "-300"),
    ("jump", "goto"),
];

/// All changed texts, each with what was changed and where.
pub fn all(text: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut before = "";
    for (start, word) in words(text) {
        if text[..start].lines().last().is_some_and(|line| line.trim_start().starts_with('#')) {
            continue;
        }
        for new in others(word, before) {
            let end = start + word.len();
            let line = text[..start].lines().count();
            let what = format!("line {line}: {before} {word} -> {new}");
            found.push((what, format!("{}{new}{}", &text[..start], &text[end..])));
        }
        before = word;
    }
    // Elements and rules left out.
    for (line, content) in text.lines().enumerate() {
        let rule = content.trim().ends_with("accept") || content.trim().ends_with("drop");
        if rule && !content.contains('{') {
            let rest: Vec<&str> =
                text.lines().enumerate().filter(|(at, _)| *at != line).map(|(_, line)| line).collect();
            found.push((format!("line {}: left out", line + 1), rest.join("\n") + "\n"));
        }
    }
    found
}

fn words(text: &str) -> Vec<(usize, &str)> {
    let part = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '_' | '/');
    let mut found = Vec::new();
    let mut start = None;
    for (at, letter) in text.char_indices().chain([(text.len(), ' ')]) {
        match (start, part(letter)) {
            (None, true) => start = Some(at),
            (Some(from), false) => {
                found.push((from, &text[from..at]));
                start = None;
            }
            _ => {}
        }
    }
    found
}

fn others(word: &str, before: &str) -> Vec<String> {
    let hook = ["forward", "input", "output"].contains(&word);
    if (hook && before != "hook") || (word == "filter" && before != "priority") {
        return Vec::new();
    }
    if let Some((_, new)) = WORDS.iter().find(|(known, _)| *known == word) {
        return vec![(*new).to_owned()];
    }
    let step = |number: &str| -> Vec<String> {
        let number: i64 = number.parse().unwrap();
        [number - 1, number + 1].iter().filter(|new| **new >= 0).map(ToString::to_string).collect()
    };
    if word.parse::<u32>().is_ok() {
        return step(word);
    }
    let address = word.split('/').next().unwrap();
    if address.parse::<std::net::Ipv4Addr>().is_ok() {
        return match word.rsplit_once('/') {
            Some((network, prefix)) => step(prefix).iter().map(|new| format!("{network}/{new}")).collect(),
            None => {
                let (head, last) = word.rsplit_once('.').unwrap();
                step(last).iter().map(|new| format!("{head}.{new}")).collect()
            }
        };
    }
    Vec::new()
}
