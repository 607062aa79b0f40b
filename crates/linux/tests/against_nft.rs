//! The kernel's expressions as this workspace reads them, compared line by line with what nft prints of them.
//!
//! Each file of `crates/nftables/tests/rulesets` is loaded in a network namespace of its own. What a file says
//! `refused here` about is what the nft or the kernel it was written on does not take.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test stops at the first surprise"
)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

const LOADED: &str = "RINGWALL_TEST_RULESET";

fn rulesets() -> Vec<PathBuf> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../nftables/tests/rulesets");
    let mut files: Vec<PathBuf> = std::fs::read_dir(directory)
        .expect("the rulesets to compare are in crates/nftables/tests/rulesets")
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "nft"))
        .collect();
    files.sort();
    files
}

/// Runs this test binary again, in a fresh network namespace, to load one file and print what it reads.
fn read_in_namespace(file: &Path) -> (String, String) {
    let itself = std::env::current_exe().unwrap();
    let script = r#"nft -f "$1" && nft --debug=netlink list ruleset && echo "=====" && "$2" --exact child --ignored --nocapture"#;
    let output = Command::new("unshare")
        .args(["-Urn", "sh", "-c", script, "sh"])
        .args([file, &itself])
        .env(LOADED, file)
        .output()
        .expect("`unshare` runs (Debian: apt-get install util-linux)");
    let text = String::from_utf8(output.stdout).unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "{}: {error}\nThis test needs `nft` (Debian: apt-get install nftables) and unprivileged user namespaces \
         (sysctl kernel.unprivileged_userns_clone=1, kernel.apparmor_restrict_unprivileged_userns=0)",
        file.display()
    );
    let (nft, ours) = text.split_once("=====\n").expect("both halves");
    let ours = ours.split_once("-----\n").expect("the child prints a line before the ruleset").1;
    let ours = ours.split_once("-----\n").expect("and one after it").0;
    (nft.to_owned(), ours.to_owned())
}

/// The half of the comparison that runs inside the namespace; by itself it does nothing.
#[test]
#[ignore = "runs inside the namespace that `every_rule_reads_as_nft_reads_it` makes"]
fn child() {
    let Ok(file) = std::env::var(LOADED) else { return };
    let dump = linux::netfilter::read_dump().unwrap();
    let ruleset = nftables::decode(&dump);
    println!("\n-----\n{}-----", nftables::debug_text(&ruleset));
    if let Ok(directory) = std::env::var("RINGWALL_RECORD_DUMPS") {
        let name = Path::new(&file).file_stem().unwrap().to_str().unwrap().to_owned();
        std::fs::write(Path::new(&directory).join(format!("{name}.bin")), dump.to_bytes()).unwrap();
    }
}

/// Lines below each heading. The order of rules in a chain is the order of handles here, and is compared too.
fn blocks(text: &str, normal: impl Fn(&str) -> Option<String>) -> BTreeMap<String, Vec<String>> {
    let mut blocks: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut last = String::new();
    for line in text.lines() {
        if line.starts_with("table ") {
            break; // the listing of the text begins
        }
        if line.starts_with("\telement") || line.starts_with("  ") {
            blocks.get_mut(&last).expect("a heading comes first").extend(normal(line));
        } else if !line.trim().is_empty() {
            last = heading(line);
            blocks.entry(last.clone()).or_default();
        }
    }
    for (heading, lines) in &mut blocks {
        if heading.contains('@') {
            lines.sort(); // the order of elements in a hash table means nothing
        }
    }
    blocks
}

/// nft adds the handle of the rule before; the order says the same.
fn heading(line: &str) -> String {
    line.split(' ').take(4).collect::<Vec<_>>().join(" ")
}

/// What nft prints otherwise, or prints and `Expression` does not keep.
fn normal(line: &str) -> Option<String> {
    let line = line.trim_end();
    if line.starts_with("\telement") {
        // Records of other kinds than comments are notes of nft to itself on how to print the set.
        let (element, record) = line.split_once("  userdata = { ").unwrap_or((line, ""));
        return Some(match record.starts_with(r"\x00") {
            true => line.to_owned(),
            false => element.to_owned(),
        });
    }
    let Some(text) = line.strip_prefix("  [ ").and_then(|line| line.strip_suffix(" ]")) else {
        return Some(line.to_owned());
    };
    let text = text.trim_end();
    let words: Vec<&str> = text.split_whitespace().collect();
    let after = |name: &str| words.iter().position(|word| *word == name).and_then(|at| words.get(at + 1..));
    let register =
        |name: &str| after(name).map(|rest| format!(" {name} reg {}", rest[1])).unwrap_or_default();
    let number = |name: &str| {
        let digits = after(name).map_or("0", |rest| rest[0]).trim_start_matches("0x");
        u32::from_str_radix(digits, 16).unwrap()
    };
    // A range of addresses or ports, or a prefix: one refused statement.
    let range = |low: &str, high: &str| {
        after(low).is_some_and(|low| after(high).is_some_and(|high| low[1] != high[1]))
    };
    let prefix = number("flags") & !0x1f != 0;
    let normal = match words[0] {
        // State and settings that cannot change which packets match more than "sometimes".
        "counter" | "quota" | "connlimit" | "last" | "log" | "reject" | "queue" | "masq" | "synproxy" => {
            words[0].to_owned()
        }
        "limit" => format!("limit flags 0x{:x}", number("flags")),
        // Refused as a whole, so their operands are not kept.
        "dup" | "fwd" => words[0].to_owned(),
        "payload" | "exthdr" if matches!(words[1], "write" | "reset") => format!("{} {}", words[0], words[1]),
        "ct" if words[1] == "set" && after("dir").is_some() => "ct set with a direction".to_owned(),
        "nat" if range("addr_min", "addr_max") || range("proto_min", "proto_max") || prefix => {
            "nat to a range".to_owned()
        }
        "redir" if range("proto_min", "proto_max") || prefix => "redirect to a range".to_owned(),
        // The highest register equals the lowest, and flags say how a port is picked.
        "nat" => {
            let family = words[2];
            format!("nat {} {family}{}{}", words[1], register("addr_min"), register("proto_min"))
        }
        "redir" => format!("redir{}", register("proto_min")),
        // To and from network order are the same swap.
        "byteorder" => text.replace("hton", "swap").replace("ntoh", "swap"),
        // Key, data and expressions of elements to come: the match is stateful whatever they are.
        "dynset" => format!("dynset set {}", after("set").unwrap()[0]),
        "objref" if after("set").is_some() => format!("objref set {}", after("set").unwrap()[0]),
        // libnftnl 1.2.4 has no words for these.
        "ct" => text.replace("load unknown", "load ct_id"),
        "exthdr" if words[3] == "@" => text.replace("load ", "load sctp "),
        _ => text.to_owned(),
    };
    Some(format!("  [ {normal} ]"))
}

/// Lines side by side, the shorter list filled up.
fn pairs<'a>(nft: &'a [String], ours: &'a [String]) -> impl Iterator<Item = (&'a str, &'a str)> {
    let line = |lines: &'a [String], at: usize| lines.get(at).map_or("(no line)", String::as_str);
    (0..nft.len().max(ours.len())).map(move |at| (line(nft, at), line(ours, at)))
}

#[test]
fn every_rule_reads_as_nft_reads_it() {
    let (mut rules, mut elements, mut differences) = (0, 0, Vec::new());
    for file in rulesets() {
        let (nft, ours) = read_in_namespace(&file);
        let nft = blocks(&nft, normal);
        let ours = blocks(&ours, |line| Some(line.trim_end().to_owned()));
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        for (heading, lines) in &nft {
            let ours = ours.get(heading).cloned().unwrap_or_default();
            for (nft, ours) in pairs(lines, &ours) {
                if nft != ours {
                    differences.push(format!("{name}: {heading}\n    nft:  {nft}\n    here: {ours}"));
                }
            }
            if heading.contains('@') { elements += lines.len() } else { rules += 1 }
        }
        let unknown = ours.keys().filter(|heading| !nft.contains_key(*heading));
        differences.extend(unknown.map(|heading| format!("{name}: nft does not print `{heading}`")));
    }
    assert!(differences.is_empty(), "{} differences:\n{}", differences.len(), differences.join("\n"));
    assert!(rules > 400 && elements > 200, "only {rules} rules and {elements} elements were compared");
}
