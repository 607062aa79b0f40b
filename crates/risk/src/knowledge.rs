//! What the assessment knows beside the catalogue: kinds, words, factors, tables. Data, replaceable as a whole.

use std::collections::BTreeMap;
use std::fmt;
use std::fmt::Write as _;
use std::sync::OnceLock;

use serde::Deserialize;
use sha2::{Digest, Sha256};
use words::Language;

use crate::both::Both;
use crate::effect::EffectKind;

const SHIPPED: &str = include_str!("../data/knowledge.json");

/// Longest knowledge file that is read.
pub const LARGEST: usize = 4 * 1024 * 1024;

/// What a device is, as far as risk cares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Class {
    /// Decides about a protective function.
    SafetyLogic,
    /// Takes part in a protective function and falls into its safe state when in doubt.
    SafetyDevice,
    /// Runs the control program.
    Controller,
    /// Moves, heats, presses.
    Machine,
    /// People operate with it.
    Panel,
    /// Programs are made on it.
    Engineering,
    /// A computer.
    Host,
    /// Keeps orders, recipes, records.
    Data,
    /// Serves time, logs, updates.
    Service,
    /// Joins networks.
    Network,
    /// A socket for visitors.
    Socket,
    /// A port for sticks and cards.
    Media,
    /// Measures, reads, looks.
    Field,
    /// Prints.
    Printer,
    /// Nobody says.
    Other,
}

/// The types of components the requirements for components know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Component {
    /// Embedded device.
    Embedded,
    /// Host device.
    Host,
    /// Network device.
    Network,
}

impl Component {
    /// The word of the catalogue.
    pub fn word(self) -> &'static str {
        match self {
            Self::Embedded => "embedded",
            Self::Host => "host",
            Self::Network => "network",
        }
    }
}

/// The four accountable roles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Runs the plant, carries the risk.
    AssetOwner,
    /// Builds the solution.
    IntegrationProvider,
    /// Services it.
    MaintenanceProvider,
    /// Makes the component.
    ProductSupplier,
}

impl Role {
    /// All four.
    pub const ALL: [Self; 4] =
        [Self::AssetOwner, Self::IntegrationProvider, Self::MaintenanceProvider, Self::ProductSupplier];

    /// The word of the catalogue.
    pub fn word(self) -> &'static str {
        match self {
            Self::AssetOwner => "asset-owner",
            Self::IntegrationProvider => "integration-provider",
            Self::MaintenanceProvider => "maintenance-provider",
            Self::ProductSupplier => "product-supplier",
        }
    }

    /// The word people use.
    pub fn title(self, language: Language) -> &'static str {
        let (en, de) = match self {
            Self::AssetOwner => ("asset owner", "Betreiber"),
            Self::IntegrationProvider => ("integrator", "Integrator"),
            Self::MaintenanceProvider => ("maintenance provider", "Instandhaltungsdienstleister"),
            Self::ProductSupplier => ("product supplier", "Hersteller"),
        };
        language.pick(en, de)
    }
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct KindRow {
    class: Class,
    component: Component,
    kinds: Vec<String>,
}

/// Words of `function.worst` and what they mean.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Worst {
    pub(crate) effect: EffectKind,
    pub(crate) severity: u8,
    words: Vec<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Performance {
    severity: u8,
    words: Vec<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Downtime {
    minutes: u64,
    severity: u8,
}

/// A factor of a likelihood: what it is, how much it counts, where that is from.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FactorRow {
    /// Id.
    pub id: String,
    /// What the likelihood is multiplied with, in thousandths.
    pub permille: u32,
    /// What it is about.
    en: String,
    de: String,
    /// Where the value is from.
    pub source: String,
}

impl FactorRow {
    /// What it is about.
    pub fn text(&self) -> Both {
        Both::new(self.en.clone(), self.de.clone())
    }
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Reduction {
    steps: u8,
    level: u8,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct TechniqueRow {
    r#for: String,
    ids: Vec<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct RoleRow {
    role: Role,
    ids: Vec<String>,
}

/// A measure the assessment can propose.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct MeasureRow {
    pub(crate) id: String,
    pub(crate) role: Role,
    pub(crate) effort: String,
    pub(crate) closes: Vec<String>,
    /// By entry: the part of its risk that stays, in thousandths.
    #[serde(default)]
    pub(crate) lowers: BTreeMap<String, u32>,
    pub(crate) en: String,
    pub(crate) de: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Text {
    version: String,
    #[serde(rename = "about")]
    _about: String,
    kinds: Vec<KindRow>,
    worst: Vec<Worst>,
    performance: Vec<Performance>,
    downtime: Vec<Downtime>,
    likelihood_classes: [u32; 4],
    factors: Vec<FactorRow>,
    reduction: Vec<Reduction>,
    techniques: Vec<TechniqueRow>,
    roles: Vec<RoleRow>,
    measures: Vec<MeasureRow>,
}

/// Everything the assessment knows beside the catalogue.
#[derive(Debug, Clone)]
pub struct Knowledge {
    version: String,
    sha256: String,
    kinds: BTreeMap<String, (Class, Component)>,
    /// Phrases with more words first, so that `irreversible injury` is not read as `injury`.
    worst: Vec<(Vec<String>, EffectKind, u8)>,
    text: Text,
    factors: BTreeMap<String, FactorRow>,
}

/// Why a knowledge file cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KnowledgeError {
    /// Longer than any such file is.
    TooLarge {
        /// Its bytes.
        bytes: usize,
    },
    /// It cannot be read.
    Form {
        /// Line.
        line: usize,
        /// What the reader of JSON says.
        why: String,
    },
    /// It is read, and says something impossible.
    Value {
        /// Where.
        at: String,
    },
}

impl fmt::Display for KnowledgeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge { bytes } => write!(f, "{bytes} bytes are more than any knowledge file has"),
            Self::Form { line, why } => write!(f, "line {line}: {why}"),
            Self::Value { at } => write!(f, "`{at}` has an impossible value"),
        }
    }
}

/// The ids of factors the assessment asks for; each must be there.
const NEEDED: [&str; 37] = [
    "entry.outside",
    "entry.remote",
    "entry.media",
    "entry.mistake",
    "entry.insider",
    "entry.port",
    "entry.socket",
    "entry.radio",
    "entry.supplier",
    "skill.safety",
    "skill.control",
    "skill.product",
    "skill.none",
    "skill.data",
    "guarded",
    "hop",
    "open.none",
    "open.some",
    "open.all",
    "pass.open",
    "pass.inspected",
    "pass.inspected-write",
    "pass.inspected-any",
    "pass.server",
    "pass.server-write",
    "pass.port-only",
    "pass.layer2",
    "with.approval",
    "with.two",
    "with.factor",
    "with.record",
    "with.end",
    "with.window",
    "with.state",
    "with.via",
    "beside",
    "bypass",
];

impl Knowledge {
    /// What this program ships.
    pub fn shipped() -> &'static Self {
        static KNOWLEDGE: OnceLock<Knowledge> = OnceLock::new();
        // A test reads the shipped file; a file that could not be read would fail every assertion about line3.
        KNOWLEDGE.get_or_init(|| Self::read(SHIPPED.as_bytes()).unwrap_or_else(|_| Self::empty()))
    }

    fn empty() -> Self {
        Self {
            version: String::new(),
            sha256: String::new(),
            kinds: BTreeMap::new(),
            worst: Vec::new(),
            text: Text {
                version: String::new(),
                _about: String::new(),
                kinds: Vec::new(),
                worst: Vec::new(),
                performance: Vec::new(),
                downtime: Vec::new(),
                likelihood_classes: [0; 4],
                factors: Vec::new(),
                reduction: Vec::new(),
                techniques: Vec::new(),
                roles: Vec::new(),
                measures: Vec::new(),
            },
            factors: BTreeMap::new(),
        }
    }

    /// Reads another file of the same form.
    pub fn read(bytes: &[u8]) -> Result<Self, KnowledgeError> {
        if bytes.len() > LARGEST {
            return Err(KnowledgeError::TooLarge { bytes: bytes.len() });
        }
        let text: Text = serde_json::from_slice(bytes)
            .map_err(|error| KnowledgeError::Form { line: error.line(), why: error.to_string() })?;
        let impossible = |at: &str| KnowledgeError::Value { at: at.to_owned() };
        let mut factors = BTreeMap::new();
        for factor in &text.factors {
            if factor.permille > 1000 || factors.insert(factor.id.clone(), factor.clone()).is_some() {
                return Err(impossible(&factor.id));
            }
        }
        if let Some(missing) = NEEDED.iter().find(|id| !factors.contains_key(**id)) {
            return Err(impossible(missing));
        }
        let severity = |severity: u8| (1..=5).contains(&severity);
        if !text.worst.iter().all(|row| severity(row.severity))
            || !text.performance.iter().all(|row| severity(row.severity))
            || !text.downtime.iter().all(|row| severity(row.severity))
        {
            return Err(impossible("severity"));
        }
        if !text.reduction.iter().all(|row| row.level <= 4) || text.reduction.is_empty() {
            return Err(impossible("reduction"));
        }
        let mut lowers = text.measures.iter().flat_map(|row| &row.lowers);
        if let Some((id, _)) = lowers.find(|(id, stays)| **stays > 1000 || !factors.contains_key(*id)) {
            return Err(impossible(id));
        }
        if !text.likelihood_classes.is_sorted() {
            return Err(impossible("likelihood_classes"));
        }
        let kinds = text
            .kinds
            .iter()
            .flat_map(|row| row.kinds.iter().map(|kind| (kind.clone(), (row.class, row.component))))
            .collect();
        let mut worst: Vec<_> = text
            .worst
            .iter()
            .flat_map(|row| row.words.iter().map(|words| (split(words), row.effect, row.severity)))
            .collect();
        worst.sort_by(|a, b| b.0.len().cmp(&a.0.len()).then(b.2.cmp(&a.2)).then(a.0.cmp(&b.0)));
        let mut sha256 = String::with_capacity(64);
        for byte in Sha256::digest(bytes) {
            // Writing to a string cannot fail.
            let _ = write!(sha256, "{byte:02x}");
        }
        Ok(Self { version: text.version.clone(), sha256, kinds, worst, factors, text })
    }

    /// Its version and its hash.
    pub fn version(&self) -> (&str, &str) {
        (&self.version, &self.sha256)
    }

    /// What a kind of device is.
    pub fn kind(&self, kind: &str) -> (Class, Component) {
        if let Some(found) = self.kinds.get(kind) {
            return *found;
        }
        if kind.starts_with("safety-") {
            return (Class::SafetyDevice, Component::Embedded);
        }
        // `line-plc`, `main-switch`: the last word is what it is.
        let last = kind.rsplit('-').next().unwrap_or_default();
        self.kinds.get(last).copied().unwrap_or((Class::Other, Component::Embedded))
    }

    /// What the words of a worst case mean: every effect they name, the severest of each.
    pub(crate) fn worst(&self, text: &str) -> BTreeMap<EffectKind, u8> {
        let mut said = split(text);
        let mut found: BTreeMap<EffectKind, u8> = BTreeMap::new();
        for (phrase, effect, severity) in &self.worst {
            let length = phrase.len();
            if length == 0 {
                continue;
            }
            while let Some(at) = said.windows(length).position(|window| window == phrase.as_slice()) {
                said.splice(at..at + length, [String::new()]);
                let known = found.entry(*effect).or_default();
                *known = (*known).max(*severity);
            }
        }
        found
    }

    /// How severe the loss of a protective function of this performance is when nothing else is said.
    pub(crate) fn performance(&self, text: &str) -> Option<u8> {
        let said = split(text);
        let has = |words: &String| {
            let words = split(words);
            said.windows(words.len().max(1)).any(|window| window == words.as_slice())
        };
        self.text.performance.iter().filter(|row| row.words.iter().any(has)).map(|row| row.severity).max()
    }

    /// How severe a standstill of these minutes is.
    pub(crate) fn downtime(&self, minutes: u64) -> u8 {
        let reached = self.text.downtime.iter().filter(|row| row.minutes <= minutes);
        reached.map(|row| row.severity).max().unwrap_or(1)
    }

    /// The class of a likelihood given in millionths, 1 to 5.
    pub(crate) fn class(&self, ppm: u64) -> u8 {
        let above = self.text.likelihood_classes.iter().filter(|bound| u64::from(**bound) * 1000 <= ppm);
        1 + u8::try_from(above.count()).unwrap_or(4)
    }

    /// A factor by its id.
    pub(crate) fn factor(&self, id: &str) -> Option<&FactorRow> {
        self.factors.get(id)
    }

    /// Its value in thousandths; one that is missing counts fully.
    pub(crate) fn permille(&self, id: &str) -> u64 {
        self.factors.get(id).map_or(1000, |factor| u64::from(factor.permille))
    }

    /// The level that so many steps of reduction ask for.
    pub(crate) fn reduction(&self, steps: u8) -> u8 {
        let reached = self.text.reduction.iter().filter(|row| row.steps <= steps);
        reached.map(|row| row.level).max().unwrap_or(1)
    }

    /// Techniques of an entry or an effect.
    pub(crate) fn techniques(&self, of: &str) -> &[String] {
        self.text.techniques.iter().find(|row| row.r#for == of).map_or(&[], |row| row.ids.as_slice())
    }

    /// Every technique the tables name.
    pub fn all_techniques(&self) -> impl Iterator<Item = &str> {
        self.text.techniques.iter().flat_map(|row| row.ids.iter().map(String::as_str))
    }

    /// Every requirement the tables name.
    pub fn all_requirements(&self) -> impl Iterator<Item = &str> {
        self.text.measures.iter().flat_map(|row| row.closes.iter().map(String::as_str))
    }

    /// Who answers for a requirement: the row that names it, else that of its base, else that of its kind.
    pub(crate) fn role(&self, id: &str) -> Role {
        let base = id.split(" RE ").next().unwrap_or(id);
        let kind = id.split(' ').next().unwrap_or(id);
        [id, base, kind]
            .into_iter()
            .find_map(|wanted| self.text.roles.iter().find(|row| row.ids.iter().any(|id| id == wanted)))
            .map_or(Role::IntegrationProvider, |row| row.role)
    }

    pub(crate) fn measures(&self) -> &[MeasureRow] {
        &self.text.measures
    }
}

/// Words in small letters.
fn split(text: &str) -> Vec<String> {
    text.chars()
        .take(400)
        .collect::<String>()
        .split(|c: char| !c.is_alphanumeric() && c != '-')
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shipped() -> Knowledge {
        Knowledge::read(SHIPPED.as_bytes()).unwrap()
    }

    #[test]
    fn every_reference_resolves() {
        let knowledge = shipped();
        for id in knowledge.all_techniques() {
            assert!(standard::techniques().iter().any(|technique| technique.id == id), "{id}");
        }
        for id in knowledge.all_requirements() {
            assert!(standard::system(id).is_some(), "{id}");
        }
        for id in knowledge.text.roles.iter().flat_map(|row| &row.ids).filter(|id| id.contains(' ')) {
            assert!(standard::system(id).is_some(), "{id}");
        }
    }

    #[test]
    fn words_of_a_worst_case_are_understood() {
        let knowledge = shipped();
        for (text, effect, severity) in [
            ("irreversible injury", EffectKind::Injury, 4),
            ("reversible injury", EffectKind::Injury, 3),
            ("Tod", EffectKind::Injury, 5),
            ("death", EffectKind::Injury, 5),
            ("Schwere Verletzung", EffectKind::Injury, 4),
            ("line stands", EffectKind::Stop, 2),
            ("infeed stands", EffectKind::Stop, 2),
            ("orders stop", EffectKind::Stop, 2),
            ("scrap", EffectKind::Product, 2),
            ("Ausschuss", EffectKind::Product, 2),
        ] {
            assert_eq!(knowledge.worst(text).get(&effect), Some(&severity), "{text}");
        }
        assert_eq!(knowledge.worst("blue moon"), BTreeMap::new());
        assert_eq!(knowledge.worst("irreversible injury").len(), 1);
    }

    #[test]
    fn damaged_files_are_refused_with_the_place() {
        assert!(matches!(Knowledge::read(b"{"), Err(KnowledgeError::Form { line: 1, .. })));
        let wrong = SHIPPED
            .replace("\"permille\": 700, \"en\": \"an office", "\"permille\": 7000, \"en\": \"an office");
        assert_eq!(
            Knowledge::read(wrong.as_bytes()).unwrap_err(),
            KnowledgeError::Value { at: "entry.outside".to_owned() }
        );
        let wrong = SHIPPED.replace("\"id\": \"hop\"", "\"id\": \"hops\"");
        assert_eq!(
            Knowledge::read(wrong.as_bytes()).unwrap_err(),
            KnowledgeError::Value { at: "hop".to_owned() }
        );
        assert!(matches!(Knowledge::read(&vec![b' '; LARGEST + 1]), Err(KnowledgeError::TooLarge { .. })));
    }

    #[test]
    fn the_most_special_role_answers() {
        let knowledge = shipped();
        for (id, role) in [
            ("SR 1.13 RE 1", Role::AssetOwner),
            ("SR 1.13", Role::MaintenanceProvider),
            ("SR 5.2", Role::IntegrationProvider),
            ("SR 7.3 RE 1", Role::MaintenanceProvider),
            ("CR 1.1", Role::ProductSupplier),
            ("NDR 5.2 RE 1", Role::ProductSupplier),
        ] {
            assert_eq!(knowledge.role(id), role, "{id}");
        }
    }

    #[test]
    fn kinds_are_known_by_their_last_word_too() {
        let knowledge = shipped();
        for (kind, class) in [
            ("plc", Class::Controller),
            ("infeed-plc", Class::Controller),
            ("safety-plc", Class::SafetyLogic),
            ("safety-mat", Class::SafetyDevice),
            ("flux-capacitor", Class::Other),
        ] {
            assert_eq!(knowledge.kind(kind).0, class, "{kind}");
        }
    }
}
