//! Exact decimal numbers for value limits, six digits after the point.

use std::fmt;

/// A decimal number, exact to a millionth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Decimal(i128);

const UNIT: i128 = 1_000_000;

impl Decimal {
    /// A whole number.
    pub fn whole(number: i64) -> Self {
        Self(i128::from(number) * UNIT)
    }

    /// Reads `-12`, `0.5`, `140.25`; at most 15 digits before and 6 after the point.
    pub fn parse(text: &str) -> Option<Self> {
        let (negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (whole, part) = digits.split_once('.').unwrap_or((digits, "0"));
        let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        if !is_number(whole) || !is_number(part) || whole.len() > 15 || part.len() > 6 {
            return None;
        }
        let scale = 10_i128.pow(6 - u32::try_from(part.len()).ok()?);
        let value = whole.parse::<i128>().ok()? * UNIT + part.parse::<i128>().ok()? * scale;
        Some(Self(if negative { -value } else { value }))
    }

    /// The whole number it is, if it is one.
    pub fn as_whole(self) -> Option<i64> {
        (self.0 % UNIT == 0).then(|| i64::try_from(self.0 / UNIT).ok()).flatten()
    }

    /// The product, or nothing where it is too large.
    pub fn times(self, other: Self) -> Option<Self> {
        self.0.checked_mul(other.0).map(|product| Self(product / UNIT))
    }

    /// Whether it is above zero.
    pub fn is_positive(self) -> bool {
        self.0 > 0
    }

    /// The nearest floating point number.
    pub fn to_f64(self) -> f64 {
        // A limit has at most 15 digits before the point: the loss is far below a millionth of the value.
        #[allow(clippy::cast_precision_loss, reason = "documented: nearest floating point number")]
        let value = self.0 as f64;
        value / 1_000_000.0
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let absolute = self.0.unsigned_abs();
        let (whole, part) = (absolute / UNIT.unsigned_abs(), absolute % UNIT.unsigned_abs());
        if part == 0 {
            write!(f, "{sign}{whole}")
        } else {
            let part = format!("{part:06}");
            write!(f, "{sign}{whole}.{}", part.trim_end_matches('0'))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_exact() {
        for (text, canonical) in
            [("0", "0"), ("-12", "-12"), ("0.5", "0.5"), ("140.250", "140.25"), ("-0.1", "-0.1")]
        {
            assert_eq!(Decimal::parse(text).expect(text).to_string(), canonical);
        }
        for text in ["", "-", "1.", ".5", "1e3", "+1", "1.2345678", "1234567890123456", "٣"] {
            assert_eq!(Decimal::parse(text), None, "{text}");
        }
        let tenth = Decimal::parse("0.1").expect("a number");
        assert_eq!(Decimal::whole(1745).times(tenth), Decimal::parse("174.5"));
    }
}
