//! Ranges of addresses as numbers.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;

/// First and last value.
pub(crate) type Range = (u128, u128);

/// The number of an address.
pub(crate) fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => u32::from(address).into(),
        IpAddr::V6(address) => address.into(),
    }
}

/// The addresses of a network.
pub(crate) fn of(network: &IpNet) -> Range {
    (number(network.network()), number(network.broadcast()))
}

/// Every address of a family.
pub(crate) fn all(v6: bool) -> Range {
    (0, if v6 { u128::MAX } else { u32::MAX.into() })
}

/// What of `from` is in none of `taken`; ordered, disjoint, neighbours joined.
pub(crate) fn subtract(from: &[Range], taken: &[Range]) -> Vec<Range> {
    let taken = joined(taken);
    let mut left = Vec::new();
    for (low, high) in joined(from) {
        let mut next = Some(low);
        for &(first, last) in taken.iter().filter(|(first, last)| *first <= high && *last >= low) {
            let Some(from) = next else { break };
            if first > from {
                left.push((from, first - 1));
            }
            next = last.checked_add(1).filter(|next| *next <= high);
        }
        if let Some(from) = next {
            left.push((from, high));
        }
    }
    left
}

/// The union as ordered, disjoint ranges, neighbours joined.
pub(crate) fn joined(ranges: &[Range]) -> Vec<Range> {
    let mut sorted = ranges.to_vec();
    sorted.sort_unstable();
    let mut union: Vec<Range> = Vec::new();
    for (low, high) in sorted {
        match union.last_mut() {
            Some(last) if low <= last.1.saturating_add(1) => last.1 = last.1.max(high),
            _ => union.push((low, high)),
        }
    }
    union
}

/// A range the way nft writes it: address, network, or first and last address.
pub(crate) fn text((low, high): Range, v6: bool) -> String {
    let address = |number: u128| match u32::try_from(number) {
        Ok(number) if !v6 => Ipv4Addr::from(number).to_string(),
        _ => Ipv6Addr::from(number).to_string(),
    };
    let bits: u32 = if v6 { 128 } else { 32 };
    if low == high {
        return address(low);
    }
    let differing = 128 - (low ^ high).leading_zeros();
    let hosts = if differing >= 128 { u128::MAX } else { (1 << differing) - 1 };
    if low & hosts == 0 && high & hosts == hosts {
        format!("{}/{}", address(low), bits.saturating_sub(differing))
    } else {
        format!("{}-{}", address(low), address(high))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subtraction_leaves_what_was_not_taken() {
        for (from, taken, left) in [
            (vec![(0, 9)], vec![(3, 4)], vec![(0, 2), (5, 9)]),
            (vec![(0, 9)], vec![(0, 9)], vec![]),
            (vec![(0, 9)], vec![(0, 0), (9, 20)], vec![(1, 8)]),
            (vec![(0, 9), (10, 19)], vec![], vec![(0, 19)]),
            (vec![(0, u128::MAX)], vec![(5, u128::MAX)], vec![(0, 4)]),
            (vec![(0, u128::MAX)], vec![(0, 5)], vec![(6, u128::MAX)]),
            (vec![(5, 9), (20, 30)], vec![(7, 25)], vec![(5, 6), (26, 30)]),
        ] {
            assert_eq!(subtract(&from, &taken), left, "{from:?} - {taken:?}");
        }
    }

    #[test]
    fn ranges_are_written_as_networks_where_they_are_one() {
        for (network, written) in [
            ("10.0.0.0/8", "10.0.0.0/8"),
            ("0.0.0.0/0", "0.0.0.0/0"),
            ("10.0.0.1/32", "10.0.0.1"),
            ("::/0", "::/0"),
            ("fd00::/8", "fd00::/8"),
            ("::1/128", "::1"),
        ] {
            let network: IpNet = network.parse().expect(network);
            assert_eq!(text(of(&network), matches!(network, IpNet::V6(_))), written);
        }
        assert_eq!(text((0x0a00_0001, 0x0a00_0002), false), "10.0.0.1-10.0.0.2");
        assert_eq!(text((1, 2), true), "::1-::2");
    }
}
