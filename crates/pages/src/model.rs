//! What the page shows: plain structs, filled by whoever knows the plant. Sentences are already in the reader's language.

/// The whole page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Page {
    /// Name of the plant.
    pub name: String,
    /// Who owns it, where the text says.
    pub owner: Option<String>,
    /// When the page was made, in words.
    pub made: String,
    /// The moment the rules are shown for, in words.
    pub moment: String,
    /// What was given at that moment (`F19 approved`).
    pub given: Vec<String>,
    /// SHA-256 of the plant text, in hexadecimal.
    pub hash: String,
    /// Files the text was read from.
    pub files: Vec<String>,
    /// Name and version of the program.
    pub program: String,
    /// Zones.
    pub zones: Vec<Zone>,
    /// Conduits.
    pub conduits: Vec<Conduit>,
    /// Flows.
    pub flows: Vec<Flow>,
    /// The plant's own cases, and further ones the lab derived that did not pass.
    pub cases: Vec<Case>,
    /// When the lab tried the cases, where it did.
    pub tried: Option<Tried>,
    /// Cases the lab derived from the flows: how many passed, of how many.
    pub derived: Option<(u64, u64)>,
    /// The evidence log, where one was given.
    pub log: Option<Log>,
    /// The newest proof, where the log has one.
    pub proof: Option<Proof>,
    /// Commands that were blocked, newest first.
    pub blocked: Vec<Blocked>,
    /// Levels per zone and conduit.
    pub levels: Vec<Levels>,
}

/// A zone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Zone {
    /// Id.
    pub id: String,
    /// Title.
    pub title: String,
    /// Not under consideration.
    pub outside: bool,
    /// Exposed.
    pub untrusted: bool,
    /// Declared level, where there is one.
    pub declared: Option<[u8; 7]>,
    /// Names of the gateway's legs into it.
    pub legs: Vec<String>,
    /// What stands in it.
    pub assets: Vec<Asset>,
}

/// A device, or an address a flow names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Asset {
    /// Id; unique in the plant.
    pub id: String,
    /// Title.
    pub title: String,
    /// Kind as written; `address` for an address a flow names.
    pub kind: String,
    /// Addresses, in words.
    pub address: String,
}

/// A conduit.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Conduit {
    /// Id.
    pub id: String,
    /// Title.
    pub title: String,
    /// The two zones.
    pub between: [String; 2],
    /// What happens when the gateway is lost.
    pub on_loss: String,
}

/// What the gateway can do about a flow.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Guard {
    /// It holds the flow to what the plant says.
    Enforced,
    /// It watches and reports.
    Observed,
    /// It cannot see, or not yet.
    #[default]
    Blind,
}

/// A place a flow starts from or leads to.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Spot {
    /// Zone.
    pub zone: String,
    /// Leg; empty where there is none.
    pub leg: String,
    /// Asset; none is the gateway itself.
    pub asset: Option<String>,
}

/// One way of a flow, from one place to another.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hop {
    /// Who opens the connection.
    pub from: Spot,
    /// Who is spoken to.
    pub to: Spot,
}

/// A flow.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Flow {
    /// Id.
    pub id: String,
    /// Who opens the connection, by name.
    pub from: Vec<String>,
    /// Who is spoken to, by name.
    pub to: Vec<String>,
    /// Jump host in between.
    pub via: Option<String>,
    /// Services.
    pub services: Vec<String>,
    /// What is allowed, one sentence each; empty is every command.
    pub allowed: Vec<String>,
    /// When: windows, approvals, states; empty is always.
    pub when: Vec<String>,
    /// Whether it needs an approval.
    pub approval: bool,
    /// Why it is closed at the page's moment.
    pub closed: Option<String>,
    /// What the gateway can do.
    pub guard: Guard,
    /// Why that and no more.
    pub reason: String,
    /// What it is needed for.
    pub why: Option<String>,
    /// Security must never block it.
    pub essential: bool,
    /// What stops without it, for an essential one.
    pub stops: Vec<String>,
    /// Its ways on the map.
    pub hops: Vec<Hop>,
}

/// What became of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// As expected.
    Pass,
    /// Not as expected.
    Fail,
    /// Could not be judged.
    NotInspected,
    /// Could not be tried.
    Error,
}

/// A case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    /// Id.
    pub id: String,
    /// The sentence as written.
    pub say: String,
    /// When and given what.
    pub circumstances: Vec<String>,
    /// What must happen, in words.
    pub expected: String,
    /// What happened, where it was tried.
    pub result: Option<CaseResult>,
}

/// What the lab found of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseResult {
    /// What was seen, in words.
    pub seen: Option<String>,
    /// What became of it.
    pub outcome: Outcome,
    /// Why, where there is something to say.
    pub reason: Option<String>,
}

/// The evidence log.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Log {
    /// Number of records.
    pub records: u64,
    /// What is wrong with it; none where it verifies.
    pub fault: Option<String>,
    /// Records that do not count, and why.
    pub refused: Vec<String>,
}

/// A run of the lab.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tried {
    /// When, in words.
    pub when: String,
    /// Whether it was about this text of the plant.
    pub of_this_text: bool,
}

/// What a proof came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The kernel does what the plant says.
    Equal,
    /// It does not.
    Differs,
    /// Nobody can tell.
    Unknown,
}

/// Where evidence comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Basis {
    /// The twin in namespaces.
    Lab,
    /// A gateway in the plant, named.
    Site(String),
}

/// A proof.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// What it came to.
    pub verdict: Verdict,
    /// When, in words.
    pub when: String,
    /// Where.
    pub basis: Basis,
    /// Number of its record in the log; none where it was just made and is not kept.
    pub record: Option<u64>,
    /// Whether it is about this text of the plant.
    pub of_this_text: bool,
    /// What it rests on.
    pub assumptions: Vec<String>,
    /// What was not understood.
    pub not_understood: Vec<String>,
    /// Flows open by peer and port although their commands are limited.
    pub uninspected: Vec<String>,
}

/// A command that was blocked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Blocked {
    /// When, in words.
    pub when: String,
    /// Who asked, by name.
    pub client: String,
    /// Whom, by name.
    pub server: String,
    /// For what.
    pub command: String,
    /// The flow that forbade it.
    pub flow: String,
    /// Why, and what was answered.
    pub reason: String,
    /// How often.
    pub times: u64,
}

/// How many requirements are in which state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Proved.
    pub proved: u64,
    /// Observed.
    pub observed: u64,
    /// Attested by a person.
    pub attested: u64,
    /// Not assessed.
    pub not_assessed: u64,
    /// Known to be not met.
    pub unmet: u64,
}

/// State of a requirement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Proved.
    Proved,
    /// Observed.
    Observed,
    /// Attested by a person.
    Attested,
    /// Not assessed.
    NotAssessed,
    /// Known to be not met.
    Unmet,
}

/// A requirement of the standard, by id and short title in own words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Requirement {
    /// Id, `SR 5.2 RE 1`.
    pub id: String,
    /// Foundational requirement it belongs to, 1 to 7.
    pub family: u8,
    /// Short title in own words.
    pub title: String,
    /// What it asks, in one sentence in own words.
    pub plain: Option<String>,
    /// State.
    pub standing: Standing,
    /// Which part is shown, where it is not the whole.
    pub part: Option<String>,
    /// What is not said by that, even of its part.
    pub limits: Option<String>,
    /// Lab, site or a person.
    pub basis: Option<String>,
    /// Evidence: record of the log, decision.
    pub evidence: Option<String>,
    /// Until when it holds.
    pub until: Option<String>,
    /// Why it does not count, or what is missing.
    pub reason: Option<String>,
}

/// Levels of a zone or conduit.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Levels {
    /// Id.
    pub id: String,
    /// Title.
    pub title: String,
    /// Whether it is a conduit.
    pub conduit: bool,
    /// Level somebody wants.
    pub declared: Option<[u8; 7]>,
    /// What the level would be if the lab's evidence were the site's.
    pub design: [Option<u8>; 7],
    /// Level shown on site.
    pub site: [Option<u8>; 7],
    /// How many requirements of each family a design could decide, of how many.
    pub design_rows: [(u64, u64); 7],
    /// How many requirements are in which state.
    pub counts: Counts,
    /// The requirements that apply.
    pub requirements: Vec<Requirement>,
}
