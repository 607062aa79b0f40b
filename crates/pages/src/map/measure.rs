//! How wide a text will be, without a font: on the safe side for common sans-serif ones.

/// Width of a character in hundredths of the font's size.
fn per_cent(c: char) -> i32 {
    match c {
        'i' | 'j' | 'l' | 'I' | '.' | ',' | ':' | ';' | '|' | '!' | '\'' => 36,
        ' ' | 'f' | 'r' | 't' | '(' | ')' | '-' | '/' => 46,
        'm' | 'w' | 'M' | 'W' | '%' | '@' | '…' | '—' => 100,
        'A'..='Z' | 'Ä' | 'Ö' | 'Ü' => 76,
        '0'..='9' | 'a'..='z' | 'ä' | 'ö' | 'ü' | 'ß' | '_' | '·' => 64,
        c if c.is_ascii() => 70,
        // Letters of other scripts may fill their square.
        _ => 110,
    }
}

/// The width of a text, rounded up.
pub(crate) fn width(text: &str, size: i32) -> i32 {
    let sum: i32 = text.chars().take(400).map(per_cent).sum();
    (sum * size + 99) / 100
}

/// The text, cut with an ellipsis where it is wider than there is room.
pub(crate) fn fit(text: &str, size: i32, room: i32) -> String {
    if width(text, size) <= room {
        return text.to_owned();
    }
    let (head, _) = split(text, size, room - width("…", size));
    format!("{}…", head.trim_end())
}

/// The text in at most two lines, the second one cut; broken at a space, `-` or `_` where there is one, and with a hyphen
/// where there is none.
pub(crate) fn two_lines(text: &str, size: i32, room: i32) -> Vec<String> {
    if width(text, size) <= room {
        return vec![text.to_owned()];
    }
    let (head, _) = split(text, size, room);
    let gap = head
        .char_indices()
        .filter(|(at, c)| matches!(c, ' ' | '-' | '_') && *at > 0)
        .map(|(at, c)| at + c.len_utf8())
        .next_back()
        .filter(|at| at * 3 >= head.len());
    let (first, rest, hyphen) = match gap.and_then(|at| text.split_at_checked(at)) {
        Some((first, rest)) => (first, rest, ""),
        None => {
            let (first, rest) = split(text, size, room - width("-", size));
            (first, rest, "-")
        }
    };
    let mut lines = vec![format!("{}{hyphen}", first.trim_end())];
    if !rest.trim().is_empty() {
        lines.push(fit(rest.trim(), size, room));
    }
    lines
}

/// What fits, and the rest.
fn split(text: &str, size: i32, room: i32) -> (&str, &str) {
    let mut sum = 0;
    for (at, c) in text.char_indices() {
        sum += per_cent(c) * size;
        if sum > room * 100 {
            return text.split_at_checked(at).unwrap_or((text, ""));
        }
    }
    (text, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_cut_fits() {
        for text in [
            "",
            "L3_SPLC",
            "an engineering station with a long name",
            "ÄÖÜ漢字漢字漢字漢字",
            "WWWWWWWWWWWWWW",
        ] {
            for room in [12, 30, 60, 200] {
                assert!(width(&fit(text, 11, room), 11) <= room.max(width("…", 11)), "{text} in {room}");
                for line in two_lines(text, 11, room) {
                    assert!(width(&line, 11) <= room.max(width("…", 11)), "{line} in {room}");
                }
            }
        }
        assert_eq!(two_lines("engineering station", 10, 80), ["engineering", "station"]);
        assert_eq!(two_lines("Bedienpanel", 10, 60), ["Bedienpa-", "nel"]);
    }
}
