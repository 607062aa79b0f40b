//! What can pass around the rules: judged from what the machine shows.

use std::collections::BTreeSet;

use linux::around::{Reading, Surroundings};
use prover::{Link, NotUnderstood};
use words::Language;

use crate::proof::Surrounding;

/// Tunnels every new network namespace may be born with; switched off they carry nothing.
const FALLBACK: [&str; 9] =
    ["tunl0", "gre0", "gretap0", "erspan0", "ip_vti0", "ip6_vti0", "sit0", "ip6tnl0", "ip6gre0"];

/// Kernel functions at netfilter hooks that only track connections, put fragments together, or run nf_tables.
const HARMLESS: [&str; 5] = ["nf_conntrack", "conntrack_defrag", "nf_confirm", "nft_do_chain", "ipv6_defrag"];

/// Judges the surroundings of a gateway with these legs.
pub fn judge(seen: &Surroundings, legs: &BTreeSet<String>, language: Language) -> Surrounding {
    let mut judge = Judge { language, notes: Vec::new(), assumptions: Vec::new() };
    judge.links(seen, legs);
    judge.programs(seen);
    judge.legacy(seen);
    judge.settings(seen, legs);
    let links = seen.links.value().into_iter().flatten();
    Surrounding {
        links: links.map(|link| Link { index: link.index, name: link.name.clone() }).collect(),
        not_understood: judge.notes,
        forwards_v4: on(&seen.settings.ip_forward),
        forwards_v6: on(&seen.settings.ipv6_forwarding),
        // Not readable means nobody switched it off.
        tcp_loose: seen.settings.tcp_loose.value().is_none_or(|value| value.trim() != "0"),
        assumptions: judge.assumptions,
        bridged: bridged(seen, legs),
    }
}

/// The pairs of legs that have one master: frames go from one to the other past every rule.
fn bridged(seen: &Surroundings, legs: &BTreeSet<String>) -> Vec<[String; 2]> {
    let links = seen.links.value().map(Vec::as_slice).unwrap_or_default();
    let master = |leg: &String| links.iter().find(|link| link.name == *leg).and_then(|link| link.master);
    let pairs = legs.iter().flat_map(|one| legs.iter().map(move |other| (one, other)));
    let joined =
        pairs.filter(|(one, other)| one < other && master(one).is_some() && master(one) == master(other));
    joined.map(|(one, other)| [one.clone(), other.clone()]).collect()
}

fn on(reading: &Reading<String>) -> bool {
    reading.value().is_some_and(|value| value.trim() == "1")
}

struct Judge {
    language: Language,
    notes: Vec<NotUnderstood>,
    assumptions: Vec<String>,
}

impl Judge {
    fn note(&mut self, place: impl Into<String>, english: impl Into<String>, german: impl Into<String>) {
        let what = self.language.pick(english.into(), german.into());
        self.notes.push(NotUnderstood { place: place.into(), what, blocking: true, predicate: None });
    }

    /// Something that must be known and could not be read.
    fn unread<T>(&mut self, place: &str, reading: &Reading<T>) {
        if let Reading::Unreadable(why) = reading {
            self.note(place, format!("could not be read: {why}"), format!("war nicht lesbar: {why}"));
        }
    }

    fn links(&mut self, seen: &Surroundings, legs: &BTreeSet<String>) {
        self.unread("interfaces", &seen.links);
        let links = seen.links.value().map(Vec::as_slice).unwrap_or_default();
        for link in links {
            let place = format!("interface {}", link.name);
            let idle = !link.up && FALLBACK.contains(&link.name.as_str());
            if link.name != "lo" && !legs.contains(&link.name) && !idle {
                self.note(
                    &place,
                    "the plant does not name this interface",
                    "die Anlage nennt diese Schnittstelle nicht",
                );
            }
            if link.master.is_some() {
                let master = links.iter().find(|other| Some(other.index) == link.master);
                let master = master.map_or("?", |master| master.name.as_str());
                self.note(
                    &place,
                    format!("port of {master}: frames between its ports do not pass the rules"),
                    format!("Port von {master}: Rahmen zwischen dessen Ports laufen nicht durch die Regeln"),
                );
            }
            if link.xdp {
                self.note(
                    &place,
                    "an XDP program sees packets before the rules and can send them elsewhere",
                    "ein XDP-Programm sieht Pakete vor den Regeln und kann sie anderswohin schicken",
                );
            }
        }
    }

    fn programs(&mut self, seen: &Surroundings) {
        self.unread("traffic control", &seen.qdiscs);
        self.unread("traffic control filters", &seen.filters);
        for qdisc in seen.qdiscs.value().into_iter().flatten() {
            if matches!(qdisc.kind.as_str(), "clsact" | "ingress") {
                self.note(
                    format!("interface {}", qdisc.link),
                    format!(
                        "a tc hook ({}) sees packets before the rules and can send them elsewhere",
                        qdisc.kind
                    ),
                    format!(
                        "ein tc-Haken ({}) sieht Pakete vor den Regeln und kann sie anderswohin schicken",
                        qdisc.kind
                    ),
                );
            }
        }
        for filter in seen.filters.value().into_iter().flatten() {
            self.note(
                format!("interface {}", filter.link),
                format!("a tc filter ({} at {}) can move or change packets", filter.kind, filter.point),
                format!(
                    "ein tc-Filter ({} an {}) kann Pakete verschieben oder ändern",
                    filter.kind, filter.point
                ),
            );
        }
        let mut unread = None;
        for programs in &seen.bpf {
            match &programs.programs {
                Reading::Read(ids) if !ids.is_empty() => self.note(
                    format!("interface {}", programs.link),
                    format!("{} BPF programs see packets before the rules", ids.len()),
                    format!("{} BPF-Programme sehen Pakete vor den Regeln", ids.len()),
                ),
                Reading::Unreadable(why) => unread = Some(why.clone()),
                _ => {}
            }
        }
        if let Some(why) = unread {
            self.assumptions.push(self.language.pick(
                format!("no BPF program is attached through tcx or netkit; whether one is could not be read ({why})"),
                format!("kein BPF-Programm hängt über tcx oder netkit am Netz; nachlesen ließ es sich nicht ({why})"),
            ));
        }
        for hook in seen.hooks.value().into_iter().flatten() {
            let harmless = hook.chain.is_some() || HARMLESS.iter().any(|name| hook.function.contains(name));
            if !harmless {
                self.note(
                    format!("netfilter {} {}", hook.family, hook.hook),
                    format!(
                        "kernel function {} at priority {} is not modelled",
                        hook.function, hook.priority
                    ),
                    format!(
                        "Kernelfunktion {} mit Priorität {} ist nicht nachgebildet",
                        hook.function, hook.priority
                    ),
                );
            }
        }
    }

    fn legacy(&mut self, seen: &Surroundings) {
        for (family, names) in &seen.xtables {
            self.unread(&format!("xtables {family}"), names);
            for name in names.value().into_iter().flatten() {
                self.note(
                    format!("xtables {family} table {name}"),
                    "legacy xtables rules are in force beside nf_tables",
                    "neben nf_tables gelten alte xtables-Regeln",
                );
            }
        }
        let bridged = seen.bridges.value().is_some_and(|bridges| !bridges.is_empty());
        if bridged && seen.ebtables.value().is_some_and(|modules| !modules.is_empty()) {
            self.note("ebtables", "legacy ebtables may be in force", "alte ebtables-Regeln können gelten");
        }
        self.unread("IPsec policies", &seen.xfrm_policies);
        if seen.xfrm_policies.value().is_some_and(|&count| count > 0) {
            self.note(
                "IPsec",
                "IPsec policies may wrap and redirect packets",
                "IPsec-Richtlinien können Pakete einpacken und umlenken",
            );
        }
        if seen.ipvs_services.value().is_some_and(|&count| count > 0) {
            self.note("IPVS", "IPVS services redirect packets", "IPVS-Dienste lenken Pakete um");
        }
    }

    fn settings(&mut self, seen: &Surroundings, legs: &BTreeSet<String>) {
        self.unread("net.ipv4.ip_forward", &seen.settings.ip_forward);
        self.unread("net.ipv6.conf.all.forwarding", &seen.settings.ipv6_forwarding);
        for (link, settings) in &seen.link_settings {
            let off = |reading: &Reading<String>| reading.value().is_some_and(|value| value.trim() == "0");
            if legs.contains(link) && on(&seen.settings.ip_forward) && off(&settings.forwarding_v4) {
                self.note(
                    format!("net.ipv4.conf.{link}.forwarding"),
                    "this leg does not forward although the machine does",
                    "dieser Anschluss leitet nicht weiter, obwohl die Maschine es tut",
                );
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use linux::around::{BpfPoint, BpfPrograms, Bridge, Filter, Hook, Qdisc, Settings};
    use linux::link;

    use super::*;

    fn set(value: &str) -> Reading<String> {
        Reading::Read(value.to_owned())
    }

    fn absent<T>() -> Reading<T> {
        Reading::Absent("not built in".to_owned())
    }

    fn leg(index: u32, name: &str) -> link::Link {
        let (name, kind) = (name.to_owned(), Some("veth".to_owned()));
        link::Link { index, name, kind, master: None, up: true, mtu: 1500, mac: None, xdp: false }
    }

    /// A gateway with two legs and nothing around the rules.
    fn clean() -> Surroundings {
        Surroundings {
            links: Reading::Read(vec![leg(2, "z0"), leg(3, "z1")]),
            bridges: Reading::Read(Vec::new()),
            qdiscs: Reading::Read(vec![Qdisc { link: "z0".to_owned(), kind: "noqueue".to_owned() }]),
            filters: Reading::Read(Vec::new()),
            bpf: Vec::new(),
            xtables: BTreeMap::from([("ip", Reading::Read(Vec::new()))]),
            ebtables: absent(),
            hooks: absent(),
            xfrm_policies: Reading::Read(0),
            ipvs_services: absent(),
            settings: Settings {
                ip_forward: set("1"),
                ipv6_forwarding: set("1"),
                rp_filter: set("0"),
                accept_source_route: set("0"),
                tcp_loose: set("0"),
                tcp_be_liberal: set("0"),
                conntrack_helper: absent(),
                bridge_nf_call_iptables: absent(),
                bridge_nf_call_ip6tables: absent(),
                bridge_nf_call_arptables: absent(),
            },
            link_settings: BTreeMap::new(),
        }
    }

    /// One thing around the rules, and the place that must be named for it.
    type Row = (&'static str, fn(&mut Surroundings), &'static str);

    const ROWS: &[Row] = &[
        ("a foreign leg", |s| s.links = Reading::Read(vec![leg(2, "z0"), leg(9, "eth9")]), "interface eth9"),
        (
            "a foreign leg that is switched off",
            |s| s.links = Reading::Read(vec![link::Link { up: false, ..leg(9, "eth9") }]),
            "interface eth9",
        ),
        (
            "a leg that is a port",
            |s| {
                let port = link::Link { master: Some(4), ..leg(2, "z0") };
                s.links = Reading::Read(vec![port, leg(4, "br0")]);
                s.bridges =
                    Reading::Read(vec![Bridge { name: "br0".to_owned(), ports: vec!["z0".to_owned()] }]);
            },
            "interface z0",
        ),
        ("XDP", |s| s.links = Reading::Read(vec![link::Link { xdp: true, ..leg(2, "z0") }]), "interface z0"),
        (
            "a tc hook",
            |s| s.qdiscs = Reading::Read(vec![Qdisc { link: "z1".to_owned(), kind: "clsact".to_owned() }]),
            "interface z1",
        ),
        (
            "a tc redirect",
            |s| {
                let (link, point, kind) = ("z1".to_owned(), "ingress".to_owned(), "matchall".to_owned());
                s.filters = Reading::Read(vec![Filter { link, point, kind, options: true }]);
            },
            "interface z1",
        ),
        (
            "a BPF program",
            |s| {
                let programs = Reading::Read(vec![7]);
                s.bpf = vec![BpfPrograms { link: "z0".to_owned(), point: BpfPoint::TcxIngress, programs }];
            },
            "interface z0",
        ),
        (
            "legacy xtables",
            |s| s.xtables = BTreeMap::from([("ip", Reading::Read(vec!["filter".to_owned()]))]),
            "xtables ip table filter",
        ),
        (
            "a foreign netfilter hook",
            |s| {
                let function = "ip_vs_in".to_owned();
                let (family, hook, link, module, chain) = ("ip", "input", None, None, None);
                s.hooks =
                    Reading::Read(vec![Hook { family, hook, link, priority: -2, function, module, chain }]);
            },
            "netfilter ip input",
        ),
        ("IPsec", |s| s.xfrm_policies = Reading::Read(1), "IPsec"),
        ("IPVS", |s| s.ipvs_services = Reading::Read(1), "IPVS"),
        ("links that cannot be read", |s| s.links = Reading::Unreadable("no".to_owned()), "interfaces"),
        (
            "filters that cannot be read",
            |s| s.filters = Reading::Unreadable("no".to_owned()),
            "traffic control filters",
        ),
        (
            "legacy tables that cannot be read",
            |s| s.xtables = BTreeMap::from([("ip6", Reading::Unreadable("no".to_owned()))]),
            "xtables ip6",
        ),
    ];

    fn judged(change: impl FnOnce(&mut Surroundings), language: Language) -> Surrounding {
        let mut seen = clean();
        change(&mut seen);
        let legs = ["z0", "z1"].map(str::to_owned).into();
        judge(&seen, &legs, language)
    }

    #[test]
    fn nothing_around_is_nothing_to_say() {
        let judged = judged(|_| {}, Language::English);
        assert_eq!(judged.not_understood, []);
        assert!(judged.forwards_v4 && judged.forwards_v6 && !judged.tcp_loose);
    }

    #[test]
    fn everything_around_blocks_with_its_place() {
        for language in Language::ALL {
            for (name, change, place) in ROWS {
                let judged = judged(change, language);
                let named = judged.not_understood.iter().any(|note| note.blocking && note.place == *place);
                assert!(named, "{name}: {:?}", judged.not_understood);
            }
        }
    }

    #[test]
    fn a_tunnel_every_namespace_is_born_with_says_nothing_while_it_is_off() {
        let tunnel = |up| {
            judged(|s| s.links = Reading::Read(vec![link::Link { up, ..leg(2, "tunl0") }]), Language::English)
        };
        assert_eq!(tunnel(false).not_understood, []);
        assert_ne!(tunnel(true).not_understood, []);
    }

    #[test]
    fn settings_that_decide_are_taken_over() {
        let changed = judged(
            |s| {
                s.settings.ip_forward = set("0");
                s.settings.tcp_loose = absent();
            },
            Language::English,
        );
        assert!(!changed.forwards_v4 && changed.forwards_v6 && changed.tcp_loose);
    }
}
