//! The risk matrix and what can be lived with.

use words::Language;

/// Words of risk, the lowest first.
pub const WORDS: [(&str, &str); 4] =
    [("low", "gering"), ("medium", "mittel"), ("high", "hoch"), ("very high", "sehr hoch")];

/// Which risk a consequence and a likelihood make, and which risk may stay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tolerance {
    /// Rows by consequence 1 to 5, columns by likelihood 1 to 5; each 0 (low) to 3 (very high).
    pub matrix: [[u8; 5]; 5],
    /// The highest risk that may stay.
    pub tolerable: u8,
    /// The highest risk to people that may stay.
    pub tolerable_injury: u8,
}

impl Default for Tolerance {
    fn default() -> Self {
        Self {
            matrix: [[0, 0, 0, 0, 1], [0, 0, 1, 1, 2], [0, 1, 1, 2, 2], [1, 2, 2, 3, 3], [2, 2, 3, 3, 3]],
            tolerable: 1,
            tolerable_injury: 0,
        }
    }
}

impl From<plant::ToleranceTable> for Tolerance {
    fn from(table: plant::ToleranceTable) -> Self {
        Self { matrix: table.matrix, tolerable: table.tolerable, tolerable_injury: table.tolerable_people }
    }
}

impl Tolerance {
    /// The risk of a consequence and a likelihood, each 1 to 5.
    pub fn risk(&self, consequence: u8, likelihood: u8) -> u8 {
        let at = |value: u8| usize::from(value.clamp(1, 5) - 1);
        self.matrix.get(at(consequence)).and_then(|row| row.get(at(likelihood))).copied().unwrap_or(3)
    }

    /// How many steps a risk is above what may stay.
    pub fn steps(&self, risk: u8, people: bool) -> u8 {
        risk.saturating_sub(if people { self.tolerable_injury } else { self.tolerable })
    }
}

/// The word of a risk.
pub fn word(risk: u8, language: Language) -> &'static str {
    let (english, german) = WORDS.get(usize::from(risk)).copied().unwrap_or(("very high", "sehr hoch"));
    language.pick(english, german)
}
