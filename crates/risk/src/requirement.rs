//! Requirements per zone, conduit and kind of component: state, and the one role that answers for each.

use std::collections::{BTreeMap, BTreeSet};

use plant::{Judgement, JudgementKind};
use standard::{ComponentRequirement, Fr, SlVector};
use words::Language;

use crate::both::Both;
use crate::capability::of_device;
use crate::finding::Finding;
use crate::input::ShownAt;
use crate::knowledge::{Component, Role};
use crate::view::View;

/// How a requirement stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// Known not to be met.
    Open,
    /// Nobody has looked.
    NotAssessed,
    /// Something else holds for it until a day.
    Compensated,
    /// There is nothing it could be about.
    NotApplicable,
    /// A person vouches for it.
    Attested,
    /// Seen to be met.
    Observed,
    /// Proved.
    Proved,
}

impl State {
    /// The word for scripts.
    pub fn word(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::NotAssessed => "not assessed",
            Self::Compensated => "compensated",
            Self::NotApplicable => "not applicable",
            Self::Attested => "met (attested)",
            Self::Observed => "met (observed)",
            Self::Proved => "met (proved)",
        }
    }

    /// The words for people.
    pub fn text(self, language: Language) -> &'static str {
        let german = match self {
            Self::Open => "offen",
            Self::NotAssessed => "nicht beurteilt",
            Self::Compensated => "kompensiert",
            Self::NotApplicable => "nicht anwendbar",
            Self::Attested => "erfüllt (bestätigt)",
            Self::Observed => "erfüllt (beobachtet)",
            Self::Proved => "erfüllt (bewiesen)",
        };
        language.pick(self.word(), german)
    }

    /// Whether something is left to do.
    pub fn left(self) -> bool {
        matches!(self, Self::Open | Self::NotAssessed)
    }
}

/// A requirement somewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Requirement {
    /// `SR 5.2`, `CR 1.1`.
    pub id: &'static str,
    /// Zone, conduit, or the devices it is about.
    pub subjects: Vec<String>,
    /// `zone`, `conduit` or `component`.
    pub of: &'static str,
    /// Group it belongs to.
    pub fr: Fr,
    /// State.
    pub state: State,
    /// Why, where there is something to say.
    pub why: Option<Both>,
    /// Last day the state holds, where it ends.
    pub until: Option<String>,
    /// Who answers for it.
    pub role: Role,
}

/// A zone or a conduit with the levels it needs.
pub(crate) struct Place {
    pub(crate) id: String,
    pub(crate) of: &'static str,
    pub(crate) levels: [u8; 7],
    /// The zones it is or joins, as indices.
    pub(crate) zones: Vec<usize>,
}

/// All rows, by place.
pub(crate) fn requirements(view: &View<'_>, places: &[Place], findings: &[Finding]) -> Vec<Requirement> {
    let open = open(view, findings);
    let roles: BTreeMap<&str, Role> = standard::systems()
        .iter()
        .map(|row| row.id.as_str())
        .chain(standard::components().iter().map(|row| row.id.as_str()))
        .map(|id| (id, view.knowledge.role(id)))
        .collect();
    let role = |id: &str| roles.get(id).copied().unwrap_or(Role::IntegrationProvider);
    let mut rows = Vec::new();
    for place in places {
        let Some(vector) = SlVector::new(place.levels) else { continue };
        for requirement in standard::applicable(vector) {
            let stands = state(view, place, &requirement.id, &open);
            let judged = Judged { view, places: &[&place.id], id: &requirement.id, fr: requirement.fr };
            let (state, why, until) = judged.over(stands);
            rows.push(Requirement {
                id: &requirement.id,
                subjects: vec![place.id.clone()],
                of: place.of,
                fr: requirement.fr,
                state,
                why,
                until,
                role: role(&requirement.id),
            });
        }
    }
    components(view, places, &role, &mut rows);
    rows
}

/// How a row stands: state, why, last day.
type Stand = (State, Option<Both>, Option<String>);

/// A row and who may have decided about it.
struct Judged<'j, 'v, 'a> {
    view: &'v View<'a>,
    /// Ids a decision may name to mean the row.
    places: &'j [&'j str],
    id: &'j str,
    fr: Fr,
}

impl Judged<'_, '_, '_> {
    fn find(&self, kind: JudgementKind) -> Option<&Judgement> {
        self.view.holding(kind).find(|judgement| {
            judgement.about.iter().any(|about| about == self.id || about == self.fr.abbr())
                && judgement.places.iter().any(|place| self.places.contains(&place.as_str()))
        })
    }

    /// A row that is not met may be compensated, and one that has nothing to be about is not applicable.
    fn over(&self, stand: Stand) -> Stand {
        if !stand.0.left() {
            return stand;
        }
        if let Some(judgement) = self.find(JudgementKind::NotApplicable) {
            let why = Both::same(format!("{} ({}): {}", judgement.who, judgement.role, judgement.why));
            return (State::NotApplicable, Some(why), Some(judgement.until.to_string()));
        }
        if let Some(judgement) = self.find(JudgementKind::Compensate) {
            let of = |text: &Option<String>| text.clone().unwrap_or_default();
            let (by, test, residual) = (of(&judgement.by), of(&judgement.test), of(&judgement.residual));
            let (who, role) = (&judgement.who, &judgement.role);
            let why = Both::new(
                format!("{by}; tested by {test}; left: {residual}; {who} ({role})"),
                format!("{by}; geprüft durch {test}; bleibt: {residual}; {who} ({role})"),
            );
            return (State::Compensated, Some(why), Some(judgement.until.to_string()));
        }
        stand
    }
}

/// What findings say is open: requirement by place.
fn open(view: &View<'_>, findings: &[Finding]) -> BTreeMap<(String, String), Both> {
    let mut open = BTreeMap::new();
    for finding in findings {
        // What is open is what a finding shows, not what it merely touches.
        if !matches!(finding.code, "RW1407" | "RW1411" | "RW1415" | "RW1416") {
            continue;
        }
        for subject in &finding.subjects {
            let mut places: BTreeSet<String> = BTreeSet::new();
            if let Some(asset) = view.plant.assets.get(subject.as_str()) {
                places.insert(asset.zone.to_string());
            }
            if let Some(flow) = view.plant.flows.get(subject.as_str()) {
                let hops = view.hops(flow).iter();
                places
                    .extend(hops.filter_map(|(from, to)| view.conduit(*from, *to)).map(ToString::to_string));
            }
            for place in places {
                for requirement in &finding.requirements {
                    open.entry((place.clone(), requirement.clone())).or_insert_with(|| finding.text.clone());
                }
            }
        }
    }
    open
}

fn state(view: &View<'_>, place: &Place, id: &str, open: &BTreeMap<(String, String), Both>) -> Stand {
    if !open.is_empty()
        && let Some(why) = open.get(&(place.id.clone(), id.to_owned()))
    {
        return (State::Open, Some(why.clone()), None);
    }
    let here = |shown: &&crate::input::Shown| {
        shown.requirement == id
            && match &shown.place {
                ShownAt::Zone(zone) => place.of == "zone" && zone.as_str() == place.id,
                ShownAt::Conduit(conduit) => place.of == "conduit" && conduit.as_str() == place.id,
            }
    };
    if let Some(shown) = view.input.observations.evidence.iter().filter(here).max_by_key(|shown| shown.proved)
    {
        let state = if shown.proved { State::Proved } else { State::Observed };
        return (state, Some(Both::same(shown.record.clone())), None);
    }
    let attested = view.plant.decisions.attested.iter().find(|attested| {
        let there = match place.of {
            "zone" => attested.zones.contains(place.id.as_str()),
            _ => attested.conduits.contains(place.id.as_str()),
        };
        there && attested.until >= view.input.today && attested.requirements.iter().any(|known| known == id)
    });
    if let Some(attested) = attested {
        let why = Both::same(format!("{} ({}): {}", attested.who, attested.role, attested.why));
        return (State::Attested, Some(why), Some(attested.until.to_string()));
    }
    if let Some(why) = not_applicable(view, place, id) {
        return (State::NotApplicable, Some(why), None);
    }
    (State::NotAssessed, None, None)
}

/// What the text has nothing of. Only where the text would name it: radio and untrusted networks.
fn not_applicable(view: &View<'_>, place: &Place, id: &str) -> Option<Both> {
    let base = id.split(" RE ").next().unwrap_or(id);
    match base {
        "SR 1.6" | "SR 2.2" => {
            let radio = place.zones.iter().filter_map(|zone| view.area(*zone)).any(|area| {
                area.devices.iter().filter_map(|at| view.device(*at)).any(|device| {
                    device.asset.marks.iter().any(|mark| mark == "wireless")
                        || device.asset.interfaces.iter().any(|interface| interface.medium.is_some())
                })
            });
            (!radio).then(|| {
                Both::new("the plant text names no radio here", "der Anlagentext nennt hier keinen Funk")
            })
        }
        "SR 1.13" | "SR 2.6" => {
            let strange = place.zones.iter().any(|zone| {
                view.untrusted(*zone)
                    || view
                        .ways
                        .get(*zone)
                        .into_iter()
                        .flatten()
                        .any(|(to, _)| view.untrusted(*to) || view.outside(*to))
            });
            (!strange).then(|| {
                Both::new(
                    "no untrusted network leads here",
                    "kein nicht vertrauenswürdiges Netz führt hierher",
                )
            })
        }
        _ => None,
    }
}

/// What makes devices alike: kind, capability, and a decision about one of them.
type Alike<'a> = (Component, [Option<u8>; 7], Option<&'a str>);

/// Component requirements, one row for all devices of a zone of which the same is true.
fn components(view: &View<'_>, places: &[Place], role: &dyn Fn(&str) -> Role, rows: &mut Vec<Requirement>) {
    let catalogue: BTreeMap<Component, Vec<&'static ComponentRequirement>> =
        [Component::Embedded, Component::Host, Component::Network]
            .into_iter()
            .map(|component| {
                let list = standard::components()
                    .iter()
                    .filter(|requirement| {
                        requirement.sl_from.is_some()
                            && (requirement.component == "all" || requirement.component == component.word())
                    })
                    .collect();
                (component, list)
            })
            .collect();
    for place in places.iter().filter(|place| place.of == "zone") {
        // Devices somebody has decided about have rows of their own.
        let named: BTreeSet<&str> = view
            .plant
            .decisions
            .judged
            .iter()
            .flat_map(|judged| &judged.places)
            .map(String::as_str)
            .collect();
        let mut alike: BTreeMap<Alike<'_>, Vec<String>> = BTreeMap::new();
        for area in place.zones.iter().filter_map(|zone| view.area(*zone)) {
            for device in area.devices.iter().filter_map(|at| view.device(*at)) {
                alike
                    .entry((
                        device.component,
                        of_device(device),
                        named.get(device.asset.id.as_str()).copied(),
                    ))
                    .or_default()
                    .push(device.asset.id.to_string());
            }
        }
        for ((component, capability, device), subjects) in alike {
            let meant: Vec<&str> = device.into_iter().chain([place.id.as_str()]).collect();
            for requirement in catalogue.get(&component).into_iter().flatten() {
                let Some(fr) = requirement.fr else { continue };
                let wanted = place.levels.get(fr.index()).copied().unwrap_or_default();
                if !requirement.sl.contains(&wanted) {
                    continue;
                }
                let can = capability.get(fr.index()).copied().flatten();
                let from = requirement.sl_from.unwrap_or_default();
                let stands = match can {
                    Some(level) if level < from => (
                        State::Open,
                        Some(Both::new(
                            format!("can do {} {level}, this needs {from}", fr.abbr()),
                            format!("kann {} {level}, hierfür braucht es {from}", fr.abbr()),
                        )),
                        None,
                    ),
                    _ => (State::NotAssessed, None, None),
                };
                let judged = Judged { view, places: &meant, id: &requirement.id, fr };
                let (state, why, until) = judged.over(stands);
                rows.push(Requirement {
                    id: &requirement.id,
                    subjects: subjects.clone(),
                    of: "component",
                    fr,
                    state,
                    why,
                    until,
                    role: role(&requirement.id),
                });
            }
        }
    }
}
