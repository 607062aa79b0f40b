//! Names of chains, sets and maps.
//!
//! Every name begins with its generation and its kind, so that none is a word of nft and two generations stand side by
//! side. Interface names may hold anything but `/` and white space; they are written so that no two become one.

use crate::elements::{End, Key, Shape};
use crate::way::Way;

/// Names of one generation.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Names {
    pub generation: u64,
}

impl Names {
    fn name(self, kind: &str, rest: &str) -> String {
        format!("g{}_{kind}_{rest}", self.generation)
    }

    /// A chain or map there is one of.
    pub(crate) fn only(self, kind: &str) -> String {
        format!("g{}_{kind}", self.generation)
    }

    fn way(self, [pass, into, out]: [&str; 3], way: &Way) -> String {
        match way {
            Way::Pass(from, to) => self.name(pass, &format!("{}_to_{}", leg(from), leg(to))),
            Way::In(from) => self.name(into, &leg(from)),
            Way::Out(to) => self.name(out, &leg(to)),
        }
    }

    /// The chain that decides a way.
    pub(crate) fn chain(self, way: &Way) -> String {
        self.way(["pass", "in", "out"], way)
    }

    /// The set of original tuples errors sent to a leg may be about.
    pub(crate) fn tuples(self, port: &str, end: End, v6: bool) -> String {
        let kind = match end {
            End::Opened => "openedfrom",
            End::Leads => "leadsto",
        };
        format!("{}_{}", self.name(kind, &leg(port)), family(v6))
    }

    /// The chain that looks at the sources arriving on a leg.
    pub(crate) fn source(self, port: &str) -> String {
        self.name("source", &leg(port))
    }

    /// The set of sources that may arrive on a leg.
    pub(crate) fn sources(self, port: &str, v6: bool) -> String {
        format!("{}_{}", self.source(port), family(v6))
    }

    /// The set of pairs between which announced connections pass.
    pub(crate) fn announced(self, v6: bool) -> String {
        format!("{}_{}", self.only("announced"), family(v6))
    }

    /// A set or map of translated addresses.
    pub(crate) fn translation(self, kind: &str, v6: bool) -> String {
        format!("{}_{}", self.only(kind), family(v6))
    }

    /// The set of a table.
    pub(crate) fn table(self, key: &Key) -> String {
        let suffix = match key.shape {
            Shape::Ports => "",
            Shape::Protocols => "_protocols",
            Shape::Echo => "_ping",
            Shape::Commands => "_commands",
            Shape::Control => "_control",
            Shape::Called => "_called",
        };
        format!("{}_{}{suffix}", self.chain(&key.way), family(key.v6))
    }
}

fn family(v6: bool) -> &'static str {
    if v6 { "v6" } else { "v4" }
}

/// An interface name in letters, digits and `_`: everything else, `_` among it, becomes `_` and two hexadecimal digits.
/// What follows a name is `_` and a letter that is none of those digits, so a name ends where it ends.
fn leg(port: &str) -> String {
    let mut text = String::new();
    for byte in port.bytes() {
        if byte.is_ascii_alphanumeric() {
            text.push(char::from(byte));
        } else {
            text.push_str(&format!("_{byte:02x}"));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn no_two_names_are_one() {
        let ports = [
            "a",
            "b",
            "a_to_b",
            "a.b",
            "a-b",
            "a_b",
            "_to_",
            "to",
            "v4",
            "v6",
            "a_v4",
            "in",
            "out",
            "to_x",
            "5fx",
            "_2e",
            "2e",
            "ö",
            "ping",
            "a_v4_ping",
            "in_a",
            "x",
            "z0",
            "errors",
            "A",
        ];
        let names = Names { generation: 7 };
        let mut seen: BTreeMap<String, String> = BTreeMap::new();
        let mut add = |name: String, what: String| {
            assert!(name.len() < 256);
            assert!(name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_'), "{name}");
            if let Some(other) = seen.insert(name.clone(), what.clone()) {
                assert_eq!(other, what, "{name}");
            }
        };
        for a in ports {
            let mut ways = vec![Way::In(a.to_owned()), Way::Out(a.to_owned())];
            ways.extend(ports.iter().map(|b| Way::Pass(a.to_owned(), (*b).to_owned())));
            add(names.source(a), format!("source {a}"));
            for v6 in [false, true] {
                for end in [End::Opened, End::Leads] {
                    add(names.tuples(a, end, v6), format!("tuples {a} {end:?} {v6}"));
                }
                add(names.sources(a, v6), format!("sources {a} {v6}"));
            }
            for way in ways {
                add(names.chain(&way), format!("chain {way:?}"));
                for v6 in [false, true] {
                    for shape in [
                        Shape::Ports,
                        Shape::Protocols,
                        Shape::Echo,
                        Shape::Commands,
                        Shape::Control,
                        Shape::Called,
                    ] {
                        let key = Key { way: way.clone(), v6, shape };
                        add(names.table(&key), format!("table {key:?}"));
                    }
                }
            }
        }
        for v6 in [false, true] {
            add(names.announced(v6), format!("announced {v6}"));
            for kind in ["insides", "called", "toinside", "tooutside"] {
                add(names.translation(kind, v6), format!("translation {kind} {v6}"));
            }
        }
        for kind in
            ["pass", "sources", "in", "out", "neighbours", "at_forward", "transfers", "refused_translation"]
        {
            add(names.only(kind), format!("only {kind}"));
        }
    }

    #[test]
    fn the_longest_name_fits() {
        let long = "ö".repeat(7) + ".";
        let key = Key { way: Way::Pass(long.clone(), long), v6: true, shape: Shape::Protocols };
        assert!(Names { generation: u64::MAX }.table(&key).len() < 256);
    }
}
