//! Random rulesets that nft takes: chains, jumps, sets, maps, marks, priorities, connection lookups.

use std::fmt::Write;

use super::packets_of::Dice;

/// The text of a random ruleset.
pub fn ruleset(seed: u64) -> String {
    let mut dice = Dice::new(seed.wrapping_add(1000));
    let mut text = String::new();
    let count = 1 + dice.below(3);
    for number in 0..count {
        let family = *dice.pick(&["inet", "inet", "inet", "ip", "ip6"]);
        table(&mut text, family, number, &mut dice);
    }
    text
}

fn table(text: &mut String, family: &str, number: usize, dice: &mut Dice) {
    writeln!(text, "table {family} t{number} {{").unwrap();
    if dice.one_in(12) {
        writeln!(text, "\tflags dormant").unwrap();
    }
    let mut writer = Writer { dice, v4: family != "ip6", v6: family != "ip", network: None, transport: None };
    writer.sets(text);
    let chains = 1 + writer.dice.below(4);
    for chain in 0..chains {
        writeln!(text, "\tchain c{chain} {{").unwrap();
        // Chains only lead to chains before them: no loops.
        let targets: Vec<String> = (0..chain).map(|target| format!("c{target}")).collect();
        for _ in 0..writer.dice.below(6) {
            let rule = writer.rule(&targets, None);
            writeln!(text, "\t\t{rule}").unwrap();
        }
        writeln!(text, "\t}}").unwrap();
    }
    let targets: Vec<String> = (0..chains).map(|target| format!("c{target}")).collect();
    let hooks = ["forward", "forward", "prerouting", "input", "output", "postrouting"];
    for base in 0..1 + writer.dice.below(4) {
        let hook = if base == 0 { "forward" } else { *writer.dice.pick(&hooks) };
        let priority = *writer.dice.pick(&[-300, -150, -10, 0, 0, 5, 50, 300]);
        // A unique priority within the hook: the order of equals is not told by the kernel.
        let priority = priority + (number * 10 + base) as i32;
        let policy = *writer.dice.pick(&["accept", "drop"]);
        let policy = if hook == "forward" { policy } else { "accept" };
        writeln!(
            text,
            "\tchain b{base} {{\n\t\ttype filter hook {hook} priority {priority}; policy {policy};"
        )
        .unwrap();
        for _ in 0..1 + writer.dice.below(7) {
            let rule = writer.rule(&targets, Some(hook));
            writeln!(text, "\t\t{rule}").unwrap();
        }
        writeln!(text, "\t}}").unwrap();
    }
    writeln!(text, "}}").unwrap();
}

struct Writer<'a> {
    dice: &'a mut Dice,
    v4: bool,
    v6: bool,
    /// Network and transport protocol the rule so far speaks of: nft refuses a second one.
    network: Option<&'static str>,
    transport: Option<&'static str>,
}

impl Writer<'_> {
    fn sets(&mut self, text: &mut String) {
        let ports = self.port_ranges();
        writeln!(text, "\tset ports {{ type inet_service; flags interval; elements = {{ {ports} }} }}")
            .unwrap();
        if self.v4 {
            let hosts = self.some_hosts();
            writeln!(text, "\tset hosts {{ type ipv4_addr; elements = {{ {hosts} }} }}").unwrap();
            let nets = self.some_networks();
            writeln!(text, "\tset nets {{ type ipv4_addr; flags interval; elements = {{ {nets} }} }}")
                .unwrap();
            let flows: Vec<String> = (0..1 + self.dice.below(4))
                .map(|i| {
                    let (a, b, p) = (self.dice.below(8), self.dice.below(8), self.port_range());
                    let protocol = *self.dice.pick(&["tcp", "udp"]);
                    format!(
                        "10.0.{i}.{a}-10.0.{i}.{} . 10.0.{b}.0/28 . {protocol} . {p}",
                        a + self.dice.below(8)
                    )
                })
                .collect();
            let flows = flows.join(", ");
            writeln!(
                text,
                "\tset flows {{ type ipv4_addr . ipv4_addr . inet_proto . inet_service; flags interval; elements = {{ {flows} }} }}"
            )
            .unwrap();
            writeln!(
                text,
                "\tmap marks {{ type ipv4_addr : mark; flags interval; elements = {{ 10.0.0.0/29 : 1, 10.0.1.0/28 : 2, 10.0.2.3 : 3 }} }}"
            )
            .unwrap();
        }
    }

    fn host(&mut self) -> String {
        format!("10.0.{}.{}", self.dice.below(4), self.dice.below(16))
    }

    fn some_hosts(&mut self) -> String {
        let mut hosts: Vec<String> = (0..1 + self.dice.below(6)).map(|_| self.host()).collect();
        hosts.sort();
        hosts.dedup();
        hosts.join(", ")
    }

    fn some_networks(&mut self) -> String {
        let networks: Vec<String> = (0..4)
            .filter_map(|net| {
                let low = self.dice.below(10);
                match self.dice.below(4) {
                    0 => Some(format!("10.0.{net}.0/{}", 24 + self.dice.below(8))),
                    1 => Some(format!("10.0.{net}.{low}-10.0.{net}.{}", low + 1 + self.dice.below(200))),
                    2 => Some(format!("10.0.{net}.{low}")),
                    _ => None,
                }
            })
            .collect();
        if networks.is_empty() { "10.0.0.0/24".to_owned() } else { networks.join(", ") }
    }

    fn address(&mut self) -> String {
        let net = self.dice.below(4);
        match self.dice.below(6) {
            0 => format!("10.0.{net}.0/{}", 23 + self.dice.below(8))
                .replace(".1.0/23", ".0.0/23")
                .replace(".3.0/23", ".2.0/23"),
            1 => format!("10.0.{net}.2-10.0.{net}.{}", 3 + self.dice.below(20)),
            2 => format!("!= {}", self.host()),
            3 => format!("{{ {} }}", self.some_hosts()),
            4 => format!("!= {{ {} }}", self.some_networks()),
            _ => self.host(),
        }
    }

    fn long_address(&mut self) -> String {
        let net = self.dice.below(3);
        match self.dice.below(4) {
            0 => format!("fd00:0:0:{net}::/64"),
            1 => format!("fd00::{}-fd00::{}", self.dice.below(5), 5 + self.dice.below(9)),
            2 => format!("!= fd00:0:0:{net}::{}", self.dice.below(4)),
            _ => format!("fd00:0:0:{net}::{}", self.dice.below(4)),
        }
    }

    fn port_number(&mut self) -> usize {
        *self.dice.pick(&[1, 2, 3, 5, 10, 22, 53, 80, 102, 502, 1024, 65_535])
    }

    fn port_range(&mut self) -> String {
        let low = self.port_number();
        if self.dice.one_in(3) {
            return low.to_string();
        }
        let high = (low + 1 + self.dice.below(100)).min(65_535);
        if low < high { format!("{low}-{high}") } else { low.to_string() }
    }

    fn port_ranges(&mut self) -> String {
        let mut low = self.dice.below(10);
        let mut ranges = Vec::new();
        for _ in 0..1 + self.dice.below(4) {
            let high = low + self.dice.below(30);
            ranges.push(if high > low { format!("{low}-{high}") } else { low.to_string() });
            low = high + 1 + self.dice.below(3);
        }
        ranges.join(", ")
    }

    fn ports(&mut self) -> String {
        match self.dice.below(6) {
            0 => format!("!= {}", self.port_number()),
            1 => format!("{{ {} }}", self.port_ranges()),
            2 => "@ports".to_owned(),
            3 => "!= @ports".to_owned(),
            4 => format!("{} {}", self.dice.pick(&["<", "<=", ">", ">="]), 2 + self.dice.below(600)),
            _ => self.port_range(),
        }
    }

    fn interface(&mut self) -> String {
        let names = [
            "\"z0\"",
            "\"z1\"",
            "\"z2\"",
            "!= \"z0\"",
            "\"z*\"",
            "{ \"z0\", \"z1\" }",
            "!= { \"z1\", \"eth0\" }",
        ];
        (*self.dice.pick(&names)).to_owned()
    }

    /// Says that a match speaks of these protocols; `false` if the rule already speaks of others.
    fn speaks(&mut self, network: Option<&'static str>, transport: Option<&'static str>) -> bool {
        let clash =
            |known: Option<&str>, new: Option<&str>| matches!((known, new), (Some(a), Some(b)) if a != b);
        if clash(self.network, network) || clash(self.transport, transport) {
            return false;
        }
        self.network = self.network.or(network);
        self.transport = self.transport.or(transport);
        true
    }

    fn matching(&mut self) -> String {
        loop {
            let kind = self.dice.below(24);
            let v4 = self.v4;
            let (network, transport) = match kind {
                0..=8 => (Some("ip"), if matches!(kind, 5..=7) { Some("any") } else { None }),
                9 | 10 => (Some("ip6"), None),
                11 | 12 | 22 => (None, Some("tcp")),
                13 => (None, Some("udp")),
                14 | 20 => (None, Some("any")),
                21 => (Some("ip"), Some("icmp")),
                _ => (None, None),
            };
            if !self.speaks(network, transport) {
                continue;
            }
            return match kind {
                0 | 1 if v4 => format!("ip saddr {}", self.address()),
                2 | 3 if v4 => format!("ip daddr {}", self.address()),
                4 if v4 => format!(
                    "ip {} @{}",
                    self.dice.pick(&["saddr", "daddr"]),
                    self.dice.pick(&["hosts", "nets"])
                ),
                5 if v4 => "ip saddr . ip daddr . meta l4proto . th dport @flows".to_owned(),
                6 if v4 => {
                    "ct direction original ip saddr . ip daddr . meta l4proto . th dport @flows".to_owned()
                }
                7 if v4 => {
                    "ct direction reply ip daddr . ip saddr . meta l4proto . th sport @flows".to_owned()
                }
                8 if v4 => format!(
                    "ct {} ip {} {}",
                    self.dice.pick(&["original", "reply"]),
                    self.dice.pick(&["saddr", "daddr"]),
                    self.host()
                ),
                9 if self.v6 => format!("ip6 saddr {}", self.long_address()),
                10 if self.v6 => format!("ip6 daddr {}", self.long_address()),
                11 | 12 => format!("tcp dport {}", self.ports()),
                13 => format!("udp dport {}", self.ports()),
                14 => format!(
                    "meta l4proto {{ tcp, udp }} th {} {}",
                    self.dice.pick(&["sport", "dport"]),
                    self.ports()
                ),
                15 => format!("iifname {}", self.interface()),
                16 => format!("oifname {}", self.interface()),
                17 => format!(
                    "ct state {}",
                    self.dice.pick(&[
                        "new",
                        "established,related",
                        "invalid",
                        "!= new",
                        "{ new, untracked }",
                        "untracked"
                    ])
                ),
                18 => format!("ct direction {}", self.dice.pick(&["original", "reply"])),
                19 => format!("meta mark {}", self.dice.pick(&["1", "2", "!= 1", "and 3 == 2", "0"])),
                20 => format!(
                    "meta l4proto {}",
                    self.dice.pick(&["tcp", "udp", "!= tcp", "{ icmp, icmpv6 }", "58"])
                ),
                21 if v4 => format!("icmp type {}", self.dice.pick(&["8", "{ 0, 3, 11 }", "!= 5", "3-12"])),
                22 => format!("tcp flags {}", self.dice.pick(&["syn", "& (syn|ack) == syn", "! fin,rst"])),
                23 => "iifname . oifname { \"z0\" . \"z1\", \"z1\" . \"z2\" }".to_owned(),
                _ => continue,
            };
        }
    }

    fn verdict(&mut self, targets: &[String]) -> String {
        if !targets.is_empty() && self.dice.one_in(3) {
            return format!("{} {}", self.dice.pick(&["jump", "jump", "goto"]), self.dice.pick(targets));
        }
        (*self.dice.pick(&["accept", "accept", "accept", "drop", "drop", "return", "continue", "reject"]))
            .to_owned()
    }

    fn rule(&mut self, targets: &[String], hook: Option<&str>) -> String {
        (self.network, self.transport) = (None, None);
        let mut words: Vec<String> = (0..self.dice.below(3)).map(|_| self.matching()).collect();
        // `reject` and `notrack` are not allowed everywhere.
        let safe = |verdict: String| {
            if verdict == "reject" && hook != Some("forward") { "drop".to_owned() } else { verdict }
        };
        match self.dice.below(10) {
            0 => {
                let (a, b, c) = (self.verdict(targets), self.verdict(targets), self.verdict(targets));
                let [a, b, c] =
                    [a, b, c].map(|verdict| if verdict == "reject" { "drop".to_owned() } else { verdict });
                words.push(match self.dice.below(4) {
                    0 => format!("iifname . oifname vmap {{ \"z0\" . \"z1\" : {a}, \"z1\" . \"z0\" : {b}, \"z2\" . \"z1\" : {c} }}"),
                    1 if self.speaks(None, Some("tcp")) => format!("tcp dport vmap {{ 1-9 : {a}, 22 : {b}, 80-600 : {c} }}"),
                    2 if self.v4 && self.speaks(Some("ip"), Some("tcp")) => format!("ip saddr . tcp dport vmap {{ 10.0.0.0/28 . 1-100 : {a}, 10.0.1.0-10.0.1.9 . 22 : {b}, 10.0.2.1 . 502 : {c} }}"),
                    _ => format!("ct state vmap {{ new : {a}, established : {b}, related : {c} }}"),
                });
            }
            1 => words.push(format!("meta mark set {}", 1 + self.dice.below(3))),
            2 if self.v4 && self.speaks(Some("ip"), None) => {
                words.push("meta mark set ip saddr map @marks".to_owned())
            }
            3 if matches!(hook, Some("prerouting" | "output")) => words.push("notrack".to_owned()),
            4 => {
                words.insert(0, "counter".to_owned());
                let verdict = safe(self.verdict(targets));
                words.push(verdict);
            }
            _ => {
                let verdict = safe(self.verdict(targets));
                words.push(verdict);
            }
        }
        if words.len() == 1 && words[0] == "continue" {
            words[0] = "counter".to_owned();
        }
        words.join(" ")
    }
}
