//! Rules in a kernel: the running ones, or a file's in a throwaway network namespace.

use std::collections::BTreeSet;

use linux::link::End;
use linux::{NetNs, Sandbox, link, netfilter, nft, read_surroundings, sysctl};
use nftables::{Dump, Ruleset};
use prover::Link;
use words::Language;

use crate::around::judge;
use crate::exit::{Exit, Failure};
use crate::proof::Surrounding;

/// Set for the child that runs inside the namespaces.
const INSIDE: &str = "RINGWALL_INSIDE";

/// Every namespace is born with it.
const LOOPBACK: &str = "lo";

/// Interfaces made at the most for a file that names them by index.
const INTERFACES: usize = 256;

/// Runs this very command again inside new namespaces; `None` when this already is the inside.
pub fn sandboxed() -> Result<Option<Exit>, Failure> {
    if std::env::var_os(INSIDE).is_some() {
        return Ok(None);
    }
    nft::present().map_err(linux::Error::from)?;
    let arguments = std::env::args_os().skip(1);
    let code = Sandbox::this_program(arguments).as_root_if_possible().env(INSIDE, "1").run()?;
    Ok(Some(match code {
        0 => Exit::Fine,
        1 => Exit::Findings,
        2 => Exit::BadInput,
        3 => Exit::StaleDecision,
        4 => Exit::NotProved,
        5 => Exit::Lacking,
        // Killed, by Ctrl-C for example: whatever was asked has not been shown.
        _ => Exit::NotProved,
    }))
}

/// A ruleset with what surrounds it.
pub struct Running {
    /// The rules.
    pub ruleset: Ruleset,
    /// What else decides.
    pub surrounding: Surrounding,
}

/// Reads the rules and the surroundings of the current network namespace.
pub fn running(legs: &BTreeSet<String>, language: Language) -> Result<Running, Failure> {
    running_with_dump(legs, language).map(|(running, _)| running)
}

/// The same, with the kernel's own words.
pub fn running_with_dump(legs: &BTreeSet<String>, language: Language) -> Result<(Running, Dump), Failure> {
    let dump = netfilter::read_dump()?;
    let ruleset = nftables::decode(&dump);
    let surrounding = judge(&read_surroundings(), legs, language);
    Ok((Running { ruleset, surrounding }, dump))
}

/// Names of the namespaces a kernel begins with: the same on every machine, the second since Linux 6.18.
const FIRST_USER: &str = "user:[4026531837]";
const FIRST_NET: &str = "net:[4026531833]";

/// Whether this is a machine itself, and no namespace somebody made on it: there anything can be staged.
pub fn is_machine() -> bool {
    let name = |path: &str| std::fs::read_link(path).ok().map(|name| name.display().to_string());
    let first_net = match (name("/proc/self/ns/net"), name("/proc/1/ns/net")) {
        (Some(own), Some(of_init)) => own == of_init,
        // Where the first process cannot be asked.
        (own, None) => own.as_deref() == Some(FIRST_NET),
        (None, _) => false,
    };
    std::env::var_os(INSIDE).is_none()
        && first_net
        && name("/proc/self/ns/user").as_deref() == Some(FIRST_USER)
}

/// Loads nft text into a namespace of its own, set up as the gateway with these legs would be, and reads it back.
pub fn throwaway(text: &str, legs: &BTreeSet<String>, language: Language) -> Result<Running, Failure> {
    in_gateway(legs, || {
        nft::load(text)?;
        running(legs, language)
    })?
}

/// Works inside a namespace set up as the gateway with these legs would be; their far ends lead nowhere.
pub fn in_gateway<T: Send>(legs: &BTreeSet<String>, work: impl FnOnce() -> T + Send) -> Result<T, Failure> {
    let (namespace, far) = (NetNs::new()?, NetNs::new()?);
    namespace.run(|| {
        link::set_up(LOOPBACK)?;
        let legs_to_make = legs.iter().filter(|leg| leg.as_str() != LOOPBACK);
        legs_to_make.enumerate().try_for_each(|(number, leg)| leg_in_place(leg, number, &namespace, &far))?;
        sysctl::router()?;
        Ok(work())
    })?
}

/// A leg that leads nowhere: one end of a veth pair, whose other end lies in the `far` namespace. (A dummy
/// interface would do as well, but not every kernel has them.)
fn leg_in_place(name: &str, number: usize, near: &NetNs, far: &NetNs) -> Result<(), linux::Error> {
    let [high, low] = (number as u16).to_be_bytes();
    let peer = format!("far{number}");
    let end = End { name, mac: [2, 0, 0, 0, high, low], namespace: near };
    let other = End { name: &peer, mac: [2, 0, 0, 1, high, low], namespace: far };
    link::add_veth(end, other)?;
    link::set_up(name)
}

/// Loads nft text of unknown origin into a namespace of its own and reads it back. Interfaces it names by index
/// are made as they are missed, so that the text loads anywhere.
pub fn foreign(text: &str, language: Language) -> Result<(Ruleset, Vec<Link>), Failure> {
    let (namespace, far) = (NetNs::new()?, NetNs::new()?);
    namespace
        .run(|| {
            link::set_up(LOOPBACK)?;
            let mut made = 0;
            loop {
                match nft::load(text) {
                    Ok(()) => break,
                    Err(nft::NftError::Refused { text: said, line, column }) => {
                        let missed =
                            said.contains("Interface does not exist").then(|| word_at(text, line, column));
                        match missed.flatten() {
                            Some(name) if made < INTERFACES && link::index_of(name).is_err() => {
                                leg_in_place(name, made, &namespace, &far)?;
                                made += 1;
                            }
                            _ => return Err(nft::NftError::Refused { text: said, line, column }.into()),
                        }
                    }
                    Err(error) => return Err(error.into()),
                }
            }
            let ruleset = netfilter::read_ruleset()?;
            let links = link::list()?;
            Ok((ruleset, links.into_iter().map(|link| Link { index: link.index, name: link.name }).collect()))
        })?
        .map_err(|failure: Failure| match failure.exit {
            Exit::BadInput => Failure::new(
                Exit::BadInput,
                language
                    .pick(failure.message.clone(), format!("nft lehnt die Regeln ab: {}", failure.message)),
            ),
            _ => failure,
        })
}

/// The word that begins at a line and column (from 1) of a text, quotes left out.
fn word_at(text: &str, line: Option<usize>, column: Option<usize>) -> Option<&str> {
    let line = text.lines().nth(line?.checked_sub(1)?)?;
    let rest = line.get(column?.checked_sub(1)?..)?.trim_start_matches('"');
    let end = rest
        .find(|c: char| c.is_whitespace() || matches!(c, '"' | ',' | ';' | '}' | '.'))
        .unwrap_or(rest.len());
    rest.get(..end).filter(|word| !word.is_empty() && word.len() <= 15)
}
