//! The nearest of a few names, for "did you mean".

/// The candidate fewest edits away from `word`, if it is near enough to be a slip of the keyboard.
///
/// Bounded: words longer than 64 characters have no near name.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word: Vec<char> = word.chars().take(65).collect();
    if word.len() > 64 {
        return None;
    }
    let limit = (word.len() / 3).max(1);
    candidates
        .into_iter()
        .filter(|candidate| candidate.len() <= 256)
        .map(|candidate| (distance(&word, candidate), candidate))
        .filter(|(distance, _)| *distance <= limit)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

fn distance(word: &[char], other: &str) -> usize {
    let mut row: Vec<usize> = (0..=word.len()).collect();
    for (line, right) in other.chars().enumerate() {
        let mut diagonal = line;
        let mut left_cost = line + 1;
        for (cell, left) in row.iter_mut().zip(std::iter::once(None).chain(word.iter().map(Some))) {
            let Some(left) = left else {
                *cell = left_cost;
                continue;
            };
            let same = left.eq_ignore_ascii_case(&right);
            let cost = (diagonal + usize::from(!same)).min(*cell + 1).min(left_cost + 1);
            diagonal = *cell;
            *cell = cost;
            left_cost = cost;
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_found_and_another_word_is_not() {
        let names = ["address", "zone", "title"];
        assert_eq!(nearest("adress", names), Some("address"));
        assert_eq!(nearest("Zone", names), Some("zone"));
        assert_eq!(nearest("ttile", names), None, "two edits in five letters are another word");
        assert_eq!(nearest("product", names), None);
        assert_eq!(nearest("", ["a"]), Some("a"));
        assert_eq!(nearest(&"x".repeat(10_000), names), None);
    }

    #[test]
    fn distance_counts_edits() {
        let word = |text: &str| text.chars().collect::<Vec<_>>();
        for (a, b, expected) in [("", "abc", 3), ("abc", "", 3), ("abc", "abc", 0), ("kitten", "sitting", 3)]
        {
            assert_eq!(distance(&word(a), b), expected, "{a} {b}");
        }
    }
}
