//! The plant as read: zones, conduits, assets, flows, people, decisions and the plant's own tests.
//!
//! Core types, not serialised: the text format is `toml_edit`'s business in the reader, the JSON Schema is made
//! from the text types.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::time::Duration;

use ipnet::IpNet;
use protocols::{Command, Permission, Service};

use crate::ids::{AssetId, ConduitId, FlowId, RoleId, StateId, ZoneId};
use crate::judgement::{Judgement, Method, ToleranceTable};
use crate::span::Place;
use crate::when::{Moment, Window};

/// A plant, fully resolved: every reference points at something that exists.
#[derive(Debug, Clone, Default)]
pub struct Plant {
    /// Id of the plant.
    pub id: String,
    /// Name people use.
    pub name: String,
    /// Asset owner.
    pub owner: Option<String>,
    /// Machine builder.
    pub builder: Option<String>,
    /// Integrator.
    pub integrator: Option<String>,
    /// Maintenance provider.
    pub maintainer: Option<String>,
    /// IANA name of the plant's time zone.
    pub timezone: Option<String>,
    /// Surroundings that are taken for granted, as written; nothing is worked out from them.
    pub context: BTreeMap<String, String>,
    /// Zones by id.
    pub zones: BTreeMap<ZoneId, Zone>,
    /// Assets by id; the gateway is not one of them.
    pub assets: BTreeMap<AssetId, Asset>,
    /// Conduits by id.
    pub conduits: BTreeMap<ConduitId, Conduit>,
    /// Devices known under another address behind a leg, in the order of the text.
    pub translations: Vec<Translation>,
    /// Flows by id, remote sessions among them (see [`Flow::remote`]).
    pub flows: BTreeMap<FlowId, Flow>,
    /// States of the plant (key switch ...), values in order.
    pub states: BTreeMap<StateId, State>,
    /// Roles and what they may do.
    pub roles: BTreeMap<RoleId, Role>,
    /// People by id.
    pub people: BTreeMap<String, Person>,
    /// The plant's own tests, in the order of the text.
    pub expects: Vec<Expect>,
    /// Decisions of people beside the plant.
    pub decisions: Decisions,
    /// Method of the assessment.
    pub method: Method,
    /// The plant's own risk matrix.
    pub tolerance: Option<ToleranceTable>,
}

/// A zone.
#[derive(Debug, Clone)]
pub struct Zone {
    /// Id.
    pub id: ZoneId,
    /// Title, or the id where none is given.
    pub title: String,
    /// Legs of the gateway into the zone.
    pub legs: Vec<Leg>,
    /// Level somebody wants.
    pub declared: Option<Levels>,
    /// Who may decide about this zone.
    pub owner: Option<String>,
    /// Exposed.
    pub untrusted: bool,
    /// Not under consideration: a source of threats, a peer of flows.
    pub outside: bool,
    /// Where it is written.
    pub place: Place,
}

/// One interface of the gateway, with the networks behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leg {
    /// Interface name.
    pub port: String,
    /// Networks directly behind it.
    pub networks: Vec<IpNet>,
    /// The gateway's own addresses on it.
    pub gateways: Vec<IpAddr>,
    /// Whether every address outside all networks of the plant lies behind it.
    pub default_route: bool,
}

/// A device known under another address behind a leg, both ways.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Translation {
    /// Leg (port name) behind which others call it so.
    pub leg: String,
    /// The address they use.
    pub outside: IpAddr,
    /// The device.
    pub inside: AssetId,
    /// Its own address.
    pub address: IpAddr,
    /// Leg (port name) it is behind itself.
    pub behind: String,
    /// Where it is written.
    pub place: Place,
}

/// A level vector, order IAC UC SI DC RDF TRE RA, each 0 to 4.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Levels(pub [u8; 7]);

/// A device.
#[derive(Debug, Clone)]
pub struct Asset {
    /// Id.
    pub id: AssetId,
    /// Title, or the id where none is given.
    pub title: String,
    /// Zone it stands in.
    pub zone: ZoneId,
    /// Kind (`safety-plc`, `plc`, `hmi` ...).
    pub kind: String,
    /// Its interfaces; the first is the one `address` names.
    pub interfaces: Vec<Interface>,
    /// Product data.
    pub product: Product,
    /// What it is for, in machine words: keys as written (`safety`, `downtime`, `worst` ...).
    pub function: BTreeMap<String, String>,
    /// SL-C if the maker states it.
    pub capability: Option<Levels>,
    /// Services it offers, flow or not.
    pub services: Vec<Service>,
    /// Former ids.
    pub was: Vec<String>,
    /// `temporary`, `wireless`, `removable-media` and the like.
    pub marks: Vec<String>,
    /// Where it is written.
    pub place: Place,
}

/// An interface of an asset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interface {
    /// Leg it hangs on; `None` where it has no address in any leg's network.
    pub leg: Option<String>,
    /// Addresses.
    pub addresses: Vec<IpAddr>,
    /// MAC address as written.
    pub mac: Option<String>,
    /// Medium as written (`ethernet`, `wifi` ...).
    pub medium: Option<String>,
}

/// Product data of an asset.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Product {
    /// Maker.
    pub vendor: Option<String>,
    /// Name.
    pub name: Option<String>,
    /// Order number.
    pub order: Option<String>,
    /// Firmware or software version.
    pub version: Option<String>,
}

/// A conduit between two zones.
#[derive(Debug, Clone)]
pub struct Conduit {
    /// Id.
    pub id: ConduitId,
    /// The two zones, in the order written.
    pub between: [ZoneId; 2],
    /// Title, or the id where none is given.
    pub title: String,
    /// Level somebody wants.
    pub declared: Option<Levels>,
    /// What happens when the gateway is lost.
    pub on_gateway_loss: OnGatewayLoss,
    /// Where it is written.
    pub place: Place,
}

/// What a conduit does when the gateway is lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OnGatewayLoss {
    /// Nothing passes.
    #[default]
    Closed,
    /// Stays as it is (only where hardware can).
    Stays,
}

/// A flow, permanent or on approval.
#[derive(Debug, Clone)]
pub struct Flow {
    /// Id.
    pub id: FlowId,
    /// Who opens the connection.
    pub from: Vec<Peer>,
    /// Who is spoken to.
    pub to: Vec<Peer>,
    /// Services, at least one.
    pub services: Vec<Service>,
    /// Permitted commands; empty means any.
    pub allow: Vec<Permission>,
    /// Why it is needed.
    pub why: Option<String>,
    /// Security must never block it.
    pub essential: bool,
    /// Who enforces `allow`.
    pub enforced_by: EnforcedBy,
    /// Open only then.
    pub when: Option<Window>,
    /// Roles that must approve, each by a different person; empty where no approval is needed.
    pub approve: Vec<RoleId>,
    /// Longest life of one approval.
    pub longest: Option<Duration>,
    /// Open only while a state of the plant has at least / exactly a value.
    pub condition: Option<Condition>,
    /// Set for a `[[remote]]` entry.
    pub remote: Option<Remote>,
    /// Former ids.
    pub was: Vec<String>,
    /// Where it is written.
    pub place: Place,
}

/// What only a remote session has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remote {
    /// Company or role whose named people may ask.
    pub who: String,
    /// Jump host in between.
    pub via: Option<AssetId>,
    /// Whether a second factor is asked for.
    pub second_factor: bool,
    /// Whether the session is recorded.
    pub record: bool,
}

/// Who enforces the commands of a flow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum EnforcedBy {
    /// The gateway, by inspection.
    #[default]
    Gateway,
    /// The server: the channel is encrypted, the gateway enforces peer and port only.
    Server,
}

/// One end of a flow.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Peer {
    /// An asset, on all its addresses.
    Asset(AssetId),
    /// The gateway itself, on the address of the leg the other end is behind.
    Gateway,
    /// An address or network as written (a tunnel address, a host outside).
    Address(IpNet),
}

/// One end of a flow, placed: which leg, which addresses.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Endpoint {
    /// Zone it is in.
    pub zone: ZoneId,
    /// Leg (port name) it is behind.
    pub leg: String,
    /// Addresses.
    pub addresses: IpNet,
    /// Whether it is the gateway's own address on that leg.
    pub gateway: bool,
}

/// An ordered state of the plant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {
    /// Id.
    pub id: StateId,
    /// Values, lowest first.
    pub values: Vec<String>,
    /// Where the value comes from, as written.
    pub source: String,
    /// Where it is written.
    pub place: Place,
}

/// A condition on a state: `key >= ONLINE`, `key = REMOTE`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// State.
    pub state: StateId,
    /// `true`: this value or a higher one; `false`: exactly this value.
    pub at_least: bool,
    /// Value.
    pub value: String,
}

/// A role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Role {
    /// Id.
    pub id: RoleId,
    /// Title, or the id where none is given.
    pub title: String,
    /// What it may do, as written.
    pub may: Vec<String>,
}

/// A person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Name.
    pub name: String,
    /// Roles held.
    pub roles: Vec<RoleId>,
}

/// One test the plant carries.
#[derive(Debug, Clone)]
pub struct Expect {
    /// Id, as written (`id = "17b"`) or the number in the text counted from 1.
    pub id: String,
    /// The sentence as written.
    pub say: String,
    /// Source address.
    pub from: IpAddr,
    /// Destination address.
    pub to: IpAddr,
    /// What is sent.
    pub what: Attempt,
    /// Sent in IP fragments.
    pub fragmented: bool,
    /// Moment, where the case names one.
    pub at: Option<Moment>,
    /// What is given: approvals and states.
    pub given: Vec<Given>,
    /// Time into a session under way.
    pub after: Option<Duration>,
    /// What must happen.
    pub verdict: Verdict,
    /// Seen besides (`alarm`).
    pub alarm: bool,
    /// Where it is written.
    pub place: Place,
}

/// What a case sends.
#[derive(Debug, Clone, PartialEq)]
pub enum Attempt {
    /// A connection or datagram to a service, without a command.
    Service(Service),
    /// A command of a protocol.
    Command(Service, Command),
    /// Anything at all.
    Any,
}

/// What a case expects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Arrives, and the answer comes back.
    Allow,
    /// Does not arrive, whatever stopped it.
    Deny,
    /// The connection stood and the command got the protocol's own refusal.
    DenyByCommand,
    /// Was open, is closed.
    Cut,
    /// Passes, and the gateway cannot see it.
    Blind,
    /// Only the alarm is asked for: the gateway cannot stop it.
    Alarm,
}

/// Something given for a moment: an approval, or the value of a state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Given {
    /// `F19 approved`, optionally `F19 approved for 3s` (shorter than `longest`).
    Approved {
        /// Flow.
        flow: FlowId,
        /// Life of the approval where it is shorter than the flow's `longest`.
        lasting: Option<Duration>,
    },
    /// `key = ONLINE`.
    State {
        /// State.
        state: StateId,
        /// Its value.
        value: String,
    },
}

/// Decisions that concern enforcement.
#[derive(Debug, Clone, Default)]
pub struct Decisions {
    /// Flows opened by peer and port although their commands are limited.
    pub port_only: BTreeMap<FlowId, PortOnly>,
    /// What happens to essential flows when the command proxy does not run.
    pub proxy_loss: BTreeMap<FlowId, ProxyLoss>,
    /// What people vouch for, in the order of the text.
    pub attested: Vec<Attestation>,
    /// What people decide about risk, in the order of the text.
    pub judged: Vec<Judgement>,
}

/// A dated decision that an essential flow is closed while the command proxy does not run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProxyLoss {
    /// Flow.
    pub flow: FlowId,
    /// Who decided.
    pub who: String,
    /// In which role.
    pub role: String,
    /// When.
    pub date: jiff::civil::Date,
    /// Last day it holds.
    pub until: jiff::civil::Date,
    /// Why.
    pub why: String,
    /// Where the decision is written.
    pub place: Place,
}

/// A person vouches that requirements are met somewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attestation {
    /// Ids of system requirements.
    pub requirements: Vec<String>,
    /// The zones it is about; none of those outside.
    pub zones: BTreeSet<ZoneId>,
    /// The conduits it is about.
    pub conduits: BTreeSet<ConduitId>,
    /// Who vouches.
    pub who: String,
    /// In which role.
    pub role: String,
    /// When.
    pub date: jiff::civil::Date,
    /// Last day it holds.
    pub until: jiff::civil::Date,
    /// What was found.
    pub why: String,
    /// Where it is written.
    pub evidence: Option<String>,
    /// Where the attestation is written.
    pub place: Place,
}

/// A dated decision to open a flow by peer and port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PortOnly {
    /// Flow.
    pub flow: FlowId,
    /// Who decided.
    pub who: String,
    /// In which role.
    pub role: String,
    /// When, `YYYY-MM-DD`.
    pub date: jiff::civil::Date,
    /// Last day it holds, `YYYY-MM-DD`.
    pub until: jiff::civil::Date,
    /// Why.
    pub why: String,
    /// Facts it rested on as written (`service`, `allow` ...), compared with the flow's: a difference makes it stale.
    pub facts: BTreeMap<String, String>,
    /// Where it is written.
    pub place: Place,
}
