//! Places in the text.

use std::ops::Range;
use std::sync::Arc;

/// A place in a file. Lines and columns count from 1, columns in characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Name of the file as handed in.
    pub file: Arc<str>,
    /// Which of the files handed in.
    pub index: usize,
    /// Bytes of the text.
    pub bytes: Range<usize>,
    /// Line.
    pub line: usize,
    /// Column in characters.
    pub column: usize,
}

impl Place {
    /// What places sort by.
    pub fn order(&self) -> (usize, usize, usize) {
        (self.index, self.bytes.start, self.bytes.end)
    }
}

/// A file as read, for showing the lines of diagnostics. Secrets found in it are masked with `*`, character by
/// character, so that no edge can print one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// Name of the file as handed in.
    pub name: Arc<str>,
    /// Its text; bytes that are no UTF-8 are replaced.
    pub text: String,
}

/// Finds lines and columns of one file.
#[derive(Debug)]
pub(crate) struct Lines<'a> {
    file: Arc<str>,
    index: usize,
    text: &'a str,
    starts: Vec<usize>,
    /// Characters before every [`STEP`] bytes; empty where each character is one byte. Without it many diagnostics on
    /// one long line would cost a walk of that line each.
    counts: Vec<usize>,
}

const STEP: usize = 1024;

impl<'a> Lines<'a> {
    pub(crate) fn new(file: Arc<str>, index: usize, text: &'a str) -> Self {
        let mut starts = vec![0];
        starts.extend(text.match_indices('\n').map(|(at, _)| at + 1));
        let mut counts = Vec::new();
        if !text.is_ascii() {
            let mut count = 0;
            for (at, byte) in text.bytes().enumerate() {
                if at % STEP == 0 {
                    counts.push(count);
                }
                count += usize::from(is_start(byte));
            }
            counts.push(count);
        }
        Self { file, index, text, starts, counts }
    }

    pub(crate) fn place(&self, bytes: Range<usize>) -> Place {
        let start = bytes.start.min(self.text.len());
        let line = self.starts.partition_point(|at| *at <= start);
        let line_start = line.checked_sub(1).and_then(|line| self.starts.get(line)).copied().unwrap_or(0);
        let column = self.characters_before(start) - self.characters_before(line_start) + 1;
        Place { file: Arc::clone(&self.file), index: self.index, bytes, line, column }
    }

    fn characters_before(&self, at: usize) -> usize {
        if self.counts.is_empty() {
            return at;
        }
        let step = at / STEP;
        let known = self.counts.get(step).copied().unwrap_or(0);
        let rest = self.text.as_bytes().get(step * STEP..at).unwrap_or_default();
        known + rest.iter().filter(|byte| is_start(**byte)).count()
    }
}

/// The first byte of a character in UTF-8.
fn is_start(byte: u8) -> bool {
    byte & 0xC0 != 0x80
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters() {
        let text = format!("a\nTüröffner x\n{}y", "ü".repeat(3 * STEP));
        let lines = Lines::new("f".into(), 0, &text);
        let find = |needle: &str| {
            let at = text.find(needle).expect(needle);
            let place = lines.place(at..at + 1);
            (place.line, place.column)
        };
        assert_eq!(find("a"), (1, 1));
        assert_eq!(find("x"), (2, 11));
        assert_eq!(find("y"), (3, 3 * STEP + 1));
        assert_eq!(lines.place(text.len() + 9..text.len() + 10).line, 3, "past the end is the end");
    }
}
