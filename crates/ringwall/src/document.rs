//! The documents scripts read. Their shape is a contract; core types are not serialised.

use packets::{ConnectionState, Found, LIST_LIMIT, Packet};
use serde::Serialize;

/// A packet, with the rules that decided about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PacketDocument {
    /// `forward`, `input` or `output`.
    pub hook: &'static str,
    /// `ip` or `ip6`.
    pub family: &'static str,
    /// Incoming interface.
    pub iif: Option<String>,
    /// Outgoing interface.
    pub oif: Option<String>,
    /// Source address.
    pub src: String,
    /// Destination address.
    pub dst: String,
    /// Transport protocol: a name where it has a common one, otherwise the number.
    pub proto: String,
    /// Source port.
    pub sport: Option<u16>,
    /// Destination port.
    pub dport: Option<u16>,
    /// Type and code of ICMP.
    pub icmp: Option<Icmp>,
    /// Connection state.
    pub ct: &'static str,
    /// How it gets to its target.
    pub via: &'static str,
    /// Destination before address translation.
    pub original_dst: Option<String>,
    /// Source after address translation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub translated_src: Option<String>,
    /// The rules that decided, in order.
    pub path: Vec<StepDocument>,
}

/// Type and code of ICMP.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Icmp {
    /// Type.
    #[serde(rename = "type")]
    pub kind: u8,
    /// Code.
    pub code: u8,
}

/// One rule on a packet's path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StepDocument {
    /// Family and name of the table.
    pub table: String,
    /// Chain.
    pub chain: String,
    /// The kernel's handle; absent for a chain's policy.
    pub handle: Option<u64>,
    /// The rule in words.
    pub rule: String,
}

/// Something that was not understood.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NotUnderstoodDocument {
    /// Where.
    pub place: String,
    /// What.
    pub what: String,
}

/// The answer of `prove`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ProofDocument {
    /// `equal`, `differs` or `unknown`.
    pub verdict: &'static str,
    /// Packets the kernel lets through and the plant does not name.
    pub extra: Vec<PacketDocument>,
    /// Packets the plant names and the kernel stops.
    pub missing: Vec<PacketDocument>,
    /// What was not understood.
    pub not_understood: Vec<NotUnderstoodDocument>,
    /// Flows open by peer and port although their commands are limited.
    pub uninspected: Vec<String>,
    /// Flows that reach their target only through the command proxy: no packet of theirs is forwarded, and nothing
    /// but the proxy speaks to the target in the client's name. Empty unless the verdict is `equal`.
    pub through_proxy: Vec<String>,
    /// What the proof rests on besides.
    pub assumptions: Vec<String>,
    /// Rules the kernel runs.
    pub rules: usize,
    /// SHA-256 of the ruleset as decoded, handles and counters left out.
    pub ruleset_hash: String,
    /// SHA-256 of the policy.
    pub policy_hash: String,
    /// Set when a list holds only the first 20.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub more: bool,
}

/// The answer of `compare`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CompareDocument {
    /// Whether both let the same packets through, with nothing left open.
    pub equal: bool,
    /// Packets only the first lets through.
    pub only_a: Vec<PacketDocument>,
    /// Packets only the second lets through.
    pub only_b: Vec<PacketDocument>,
    /// What was not understood.
    pub not_understood: Vec<NotUnderstoodDocument>,
    /// Set when a list holds only the first 20.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub more: bool,
}

/// The answer of `check`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CheckDocument {
    /// All diagnostics, in the order of the text.
    pub diagnostics: Vec<DiagnosticDocument>,
}

/// One diagnostic.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DiagnosticDocument {
    /// Code.
    pub code: &'static str,
    /// `error`, `warning` or `note`.
    pub severity: &'static str,
    /// The sentence.
    pub message: String,
    /// The remedy.
    pub help: String,
    /// File.
    pub file: Option<String>,
    /// Line, from 1.
    pub line: Option<usize>,
    /// Column in characters, from 1.
    pub column: Option<usize>,
}

/// The answer of `compile`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CompileDocument {
    /// nft text.
    pub nft: String,
    /// The moment it was compiled for.
    pub at: String,
    /// SHA-256 of the policy.
    pub policy_hash: String,
    /// Flows open by peer and port although their commands are limited.
    pub uninspected: Vec<String>,
    /// Flows that are closed now.
    pub closed: Vec<ClosedDocument>,
}

/// A flow that is closed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ClosedDocument {
    /// Flow.
    pub flow: String,
    /// Why.
    pub why: String,
}

/// The answer of `lab`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LabDocument {
    /// All cases.
    pub cases: Vec<CaseDocument>,
    /// `equal`, `differs` or `unknown`.
    pub proof: &'static str,
}

/// One case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CaseDocument {
    /// Id.
    pub id: String,
    /// The sentence.
    pub say: String,
    /// Verdict expected.
    pub expected: String,
    /// Verdict found.
    pub verdict: Option<String>,
    /// `pass`, `fail`, `not inspected` or `error`.
    pub state: &'static str,
    /// Why, where there is something to say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// One document on standard output.
pub fn json(document: &impl Serialize) -> String {
    let mut text =
        serde_json::to_string_pretty(document).unwrap_or_else(|error| format!("{{\"error\": \"{error}\"}}"));
    text.push('\n');
    text
}

/// The common name of a protocol.
pub fn protocol(number: u8) -> String {
    let name = match number {
        1 => "icmp",
        2 => "igmp",
        6 => "tcp",
        17 => "udp",
        47 => "gre",
        50 => "esp",
        51 => "ah",
        58 => "icmpv6",
        132 => "sctp",
        number => return number.to_string(),
    };
    name.to_owned()
}

/// How a packet gets to its target: forwarded, to or from this machine, or to or from its command proxy.
fn via(found: &Found) -> &'static str {
    let packet = &found.packet;
    let proxied = match found.hook {
        packets::Hook::Forward => return "forward",
        packets::Hook::Input => packet.socket == 1 || packet.proxy == policy::path::PROXY_PORT,
        packets::Hook::Output => packet.mark == policy::path::MARK_PROXY,
    };
    if proxied { "proxy" } else { "local" }
}

/// The word for a connection state.
pub fn state(state: ConnectionState) -> &'static str {
    match state {
        ConnectionState::New => "new",
        ConnectionState::Original => "original",
        ConnectionState::Reply => "reply",
        ConnectionState::Related { .. } => "related",
        ConnectionState::Untracked => "untracked",
        ConnectionState::Invalid => "invalid",
    }
}

impl PacketDocument {
    /// A packet found, with the path it takes.
    pub fn new(found: &Found, path: Vec<StepDocument>) -> Self {
        let Packet { source, destination, .. } = found.packet;
        let packet = &found.packet;
        let ports = packet.has_ports();
        PacketDocument {
            hook: found.hook.word(),
            family: if destination.is_ipv6() { "ip6" } else { "ip" },
            iif: packet.iif.clone(),
            oif: packet.oif.clone(),
            src: source.to_string(),
            dst: destination.to_string(),
            proto: protocol(packet.protocol),
            sport: ports.then_some(packet.source_port),
            dport: ports.then_some(packet.destination_port),
            icmp: packet.icmp().map(|(kind, code)| Icmp { kind, code }),
            ct: state(packet.state),
            via: via(found),
            original_dst: packet.outside.destination.map(|address| address.to_string()),
            translated_src: packet.outside.source.map(|address| address.to_string()),
            path,
        }
    }
}

/// The first packets of a list, and whether there are more.
pub fn shorten<T>(mut list: Vec<T>) -> (Vec<T>, bool) {
    let more = list.len() > LIST_LIMIT;
    list.truncate(LIST_LIMIT);
    (list, more)
}
