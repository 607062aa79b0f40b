//! Fail-safe controllers by their order number.

use crate::model::Product;

/// Why a product is a fail-safe controller or module: the order number or the name that says so.
pub fn sign(product: &Product) -> Option<String> {
    if let Some(order) = &product.order
        && by_order(order)
    {
        return Some(order.clone());
    }
    // A name alone can only add to what an order number says, never contradict a known standard one.
    if product.order.is_some() {
        return None;
    }
    product.name.as_ref().filter(|name| by_name(name)).cloned()
}

/// Siemens order numbers. In `6ES7 abc-dEF..` the two letters after the variant digit tell a controller's line: for
/// the S7-1500 family the fail-safe lines have F (`3FN`, `2FM`), U (motion, fail-safe) or S (`1SK`, ET 200SP) where
/// the standard ones have A, T or D; for the S7-1200 family `AF` stands where the standard has `AE`, `AG` or `BG`; for
/// the S7-300 and 400 families F likewise. I/O modules of the groups 136, 526, 326 and 138-4F are fail-safe.
fn by_order(order: &str) -> bool {
    let plain: String =
        order.chars().take(40).filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()).collect();
    let Some(rest) = plain.strip_prefix("6ES7").or_else(|| plain.strip_prefix("6AG1")) else {
        return false;
    };
    let (Some(group), Some(line)) = (rest.get(..3), rest.get(4..6)) else { return false };
    match group.as_bytes().first() {
        _ if matches!(group, "136" | "526" | "326") => true,
        Some(b'5') if group.starts_with("51") => matches!(line.as_bytes().first(), Some(b'F' | b'S' | b'U')),
        Some(b'2') if matches!(group, "212" | "214" | "215" | "217") => line == "AF",
        Some(b'3' | b'4') if group.starts_with("31") || group.starts_with("41") => line.starts_with('F'),
        Some(b'1') if group == "138" => rest.get(3..5) == Some("4F"),
        Some(b'1') if matches!(group, "151" | "154") => line.starts_with('F'),
        _ => false,
    }
}

/// `S7-1516F`, `1512SP F-1`, `CPU 315F-2`, `1214FC`.
fn by_name(name: &str) -> bool {
    let upper: String = name.chars().take(80).filter(|c| *c != ' ').map(|c| c.to_ascii_uppercase()).collect();
    let bytes = upper.as_bytes();
    bytes.iter().enumerate().any(|(at, byte)| {
        let before = bytes.get(..at).unwrap_or_default();
        let before = before.strip_suffix(b"SP").or_else(|| before.strip_suffix(b"T")).unwrap_or(before);
        let digits = before.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
        let after = bytes.get(at + 1).copied();
        let ends = after.is_none_or(|byte| matches!(byte, b'-' | b'C' | b'/' | b',' | b'('));
        *byte == b'F' && (3..=4).contains(&digits) && ends
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fail_safe_controllers_are_known_by_their_order_number() {
        for (order, expected) in [
            ("6ES7512-1SK01-0AB0", true),
            ("6ES7 512-1SK01-0AB0", true),
            ("6ES7512-1DK01-0AB0", false),
            ("6ES7516-3FN02-0AB0", true),
            ("6ES7516-3AN02-0AB0", false),
            ("6ES7 515-2AM02-0AB0", false),
            ("6ES7515-2UM01-0AB0", true),
            ("6ES7515-2TM01-0AB0", false),
            ("6ES7214-1AF40-0XB0", true),
            ("6ES7214-1AG40-0XB0", false),
            ("6ES7315-2FJ14-0AB0", true),
            ("6ES7315-2EH14-0AB0", false),
            ("6ES7136-6BA00-0CA0", true),
            ("6ES7131-6BF00-0BA0", false),
            ("6ES7138-4FB04-0AB0", true),
            ("6ES7", false),
            ("", false),
            ("1SK01", false),
        ] {
            assert_eq!(by_order(order), expected, "{order}");
        }
    }

    #[test]
    fn fail_safe_controllers_are_known_by_their_name() {
        for (name, expected) in [
            ("SIMATIC S7-1516F", true),
            ("1512SP F-1 PN", true),
            ("CPU 315F-2 PN/DP", true),
            ("S7-1214FC", true),
            ("S7-1515-2", false),
            ("FESTO 1512", false),
            ("G120", false),
            ("1516TF-3", true),
        ] {
            assert_eq!(by_name(name), expected, "{name}");
        }
    }
}
