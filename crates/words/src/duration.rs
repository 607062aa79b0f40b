//! Durations as the plant text writes them: `3s`, `30min`, `2h`, `1h30min`.

use std::time::Duration;

const UNITS: [(&str, u64); 4] = [("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1)];

/// Longest duration that is read: ten years. Anything longer is a slip.
pub const LONGEST: Duration = Duration::from_secs(3_660 * 86_400);

/// Reads a duration: whole numbers with a unit (`d`, `h`, `min`, `s`), largest first, at least one.
pub fn parse(text: &str) -> Option<Duration> {
    let mut rest = text.trim();
    let mut seconds: u64 = 0;
    let mut smallest = u64::MAX;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let (number, tail) = rest.split_at_checked(digits)?;
        let number: u64 = number.parse().ok()?;
        let tail = tail.trim_start();
        let letters = tail.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(tail.len());
        let (unit, tail) = tail.split_at_checked(letters)?;
        let (_, factor) = UNITS.iter().find(|(name, _)| *name == unit)?;
        if *factor >= smallest {
            return None;
        }
        smallest = *factor;
        seconds = seconds.checked_add(number.checked_mul(*factor)?)?;
        rest = tail.trim_start();
    }
    let duration = Duration::from_secs(seconds);
    (duration <= LONGEST).then_some(duration)
}

/// Writes a duration the way [`parse`] reads it; parts of a second are rounded up.
pub fn text(duration: Duration) -> String {
    let mut seconds = duration.as_secs() + u64::from(duration.subsec_nanos() > 0);
    if seconds == 0 {
        return "0s".to_owned();
    }
    let mut text = String::new();
    for (unit, factor) in UNITS {
        // `90min` stays easier to read than `1h30min` only by taste; one form keeps output comparable.
        let count = seconds / factor;
        if count > 0 {
            text.push_str(&format!("{count}{unit}"));
            seconds -= count * factor;
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_and_written() {
        for (written, seconds, canonical) in [
            ("3s", 3, "3s"),
            ("30min", 1_800, "30min"),
            ("2h", 7_200, "2h"),
            ("1h30min", 5_400, "1h30min"),
            ("90 min", 5_400, "1h30min"),
            ("1d", 86_400, "1d"),
            ("0s", 0, "0s"),
        ] {
            let duration = parse(written).expect(written);
            assert_eq!(duration.as_secs(), seconds, "{written}");
            assert_eq!(text(duration), canonical);
            assert_eq!(parse(&text(duration)), Some(duration));
        }
    }

    #[test]
    fn nonsense_is_no_duration() {
        for written in
            ["", "3", "h", "-3s", "3m", "2s3h", "1h1h", "3s.", "99999999999999999999s", "9999999d", "1.5h"]
        {
            assert_eq!(parse(written), None, "{written}");
        }
    }
}
