//! Target levels from unmitigated risk, each with what forced it.
//!
//! The method is the attacker class each group of requirements has to stand against: what a zone can do to people and
//! production decides who would take the trouble. The reduction needed, read from the scenarios and the matrix, is the
//! cross-check. Neither looks at filters, approvals, factors, windows or monitoring.

use std::collections::BTreeMap;

use plant::JudgementKind;
use plant::ids::{ConduitId, ZoneId};
use standard::Fr;

use crate::both::Both;
use crate::effect::EffectKind;
use crate::knowledge::Class;
use crate::scenario::Scenario;
use crate::tolerance::Tolerance;
use crate::view::View;

/// Levels of a zone or a conduit; none where they are for somebody else to give.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Target {
    /// Why there are no levels.
    pub none: Option<Both>,
    /// One reason for each group of requirements, in the order of a vector; empty without levels.
    pub reasons: Vec<LevelReason>,
}

impl Target {
    /// The vector.
    pub fn levels(&self) -> Option<[u8; 7]> {
        let mut levels = [0; 7];
        for (level, reason) in levels.iter_mut().zip(&self.reasons) {
            *level = reason.level;
        }
        (self.reasons.len() == levels.len()).then_some(levels)
    }
}

/// A level and what forced it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LevelReason {
    /// Group of requirements.
    pub fr: Fr,
    /// Level.
    pub level: u8,
    /// Why.
    pub why: Both,
    /// The scenario that forced it.
    pub scenario: Option<String>,
    /// The level the reduction needed asks for; where it differs, somebody has to decide.
    pub cross_check: u8,
}

/// What a zone can do, as far as levels care.
struct Need {
    levels: [(u8, Both); 7],
    /// The effect behind the level.
    kinds: [&'static [EffectKind]; 7],
}

const HARM: &[EffectKind] = &[EffectKind::Safety, EffectKind::Injury, EffectKind::Environment];
const BUSINESS: &[EffectKind] =
    &[EffectKind::Stop, EffectKind::Product, EffectKind::Damage, EffectKind::Data];
const STOP: &[EffectKind] = &[EffectKind::Stop];
const DATA: &[EffectKind] = &[EffectKind::Data, EffectKind::Product];

/// The levels of every zone and conduit.
pub(crate) fn targets(
    view: &View<'_>,
    scenarios: &[Scenario],
    tolerance: &Tolerance,
) -> (BTreeMap<ZoneId, Target>, BTreeMap<ConduitId, Target>) {
    let needs: Vec<Option<Need>> = (0..view.areas.len()).map(|zone| need(view, zone)).collect();
    // Each scenario is looked up by the zones on its way, so that many zones do not cost many walks.
    let mut through: BTreeMap<&ZoneId, Vec<&Scenario>> = BTreeMap::new();
    for scenario in scenarios {
        for zone in &scenario.zones {
            through.entry(zone).or_default().push(scenario);
        }
    }
    let none = Vec::new();
    let mut zones: BTreeMap<ZoneId, Target> = BTreeMap::new();
    for (area, need) in view.areas.iter().zip(&needs) {
        let id = &area.zone.id;
        let near = through.get(id).unwrap_or(&none);
        let target = match need {
            None => given(area.zone),
            Some(need) => {
                let ends: Vec<&Scenario> =
                    near.iter().copied().filter(|scenario| scenario.zones.last() == Some(id)).collect();
                reasons(need, &ends, near, tolerance, view)
            }
        };
        zones.insert(id.clone(), target);
    }
    for (id, target) in &mut zones {
        decided(view, id.as_str(), target);
    }
    let mut conduits = BTreeMap::new();
    for conduit in view.plant.conduits.values() {
        let [one, other] = &conduit.between;
        let sides = [one, other].map(|zone| view.area_of.get(zone).copied());
        let [Some(one_at), Some(other_at)] = sides else { continue };
        let crossing: Vec<&Scenario> = through
            .get(one)
            .unwrap_or(&none)
            .iter()
            .copied()
            .filter(|scenario| {
                scenario
                    .zones
                    .windows(2)
                    .any(|pair| pair == [one.clone(), other.clone()] || pair == [other.clone(), one.clone()])
            })
            .collect();
        let need = between(view, [one_at, other_at], [needs.get(one_at), needs.get(other_at)]);
        let target = match need {
            Some(need) => reasons(&need, &crossing, &crossing, tolerance, view),
            None => Target { none: Some(others(None)), reasons: Vec::new() },
        };
        let mut target = target;
        decided(view, conduit.id.as_str(), &mut target);
        conduits.insert(conduit.id.clone(), target);
    }
    (zones, conduits)
}

/// The plant's method, and levels somebody has set instead of the derived ones.
fn decided(view: &View<'_>, id: &str, target: &mut Target) {
    for reason in &mut target.reasons {
        if view.plant.method.by_reduction && reason.cross_check != reason.level {
            let derived = std::mem::replace(&mut reason.level, reason.cross_check);
            reason.cross_check = derived;
            reason.why = Both::new(
                format!(
                    "the reduction needed asks for {} (the class of attacker for {derived})",
                    reason.level
                ),
                format!(
                    "die nötige Minderung verlangt {} (die Klasse des Angreifers {derived})",
                    reason.level
                ),
            );
        }
        let holding = view.holding(JudgementKind::Override).find(|judgement| {
            judgement.places.iter().any(|place| place == id)
                && judgement.about.iter().any(|group| group == reason.fr.abbr())
        });
        if let Some((judgement, level)) = holding.and_then(|judgement| Some((judgement, judgement.level?))) {
            let derived = std::mem::replace(&mut reason.level, level);
            let (who, role, until, why) = (&judgement.who, &judgement.role, judgement.until, &judgement.why);
            reason.why = Both::new(
                format!("set by {who} ({role}) until {until} instead of {derived}: {why}"),
                format!("von {who} ({role}) bis {until} statt {derived} gesetzt: {why}"),
            );
        }
    }
}

/// A zone that is not under consideration has the levels its owner gives it, and no others.
fn given(zone: &plant::Zone) -> Target {
    let Some(levels) = zone.declared else {
        return Target { none: Some(others(zone.owner.as_deref())), reasons: Vec::new() };
    };
    let why = Both::new("given by the owner of the zone", "vom Eigentümer der Zone vorgegeben");
    let reasons = Fr::ALL
        .into_iter()
        .zip(levels.0)
        .map(|(fr, level)| LevelReason { fr, level, why: why.clone(), scenario: None, cross_check: level })
        .collect();
    Target { none: None, reasons }
}

fn others(owner: Option<&str>) -> Both {
    match owner {
        Some(owner) => Both::new(
            format!("not under consideration: its owner ({owner}) gives its levels"),
            format!("nicht in der Betrachtung: ihr Eigentümer ({owner}) gibt ihre Level vor"),
        ),
        None => Both::new(
            "not under consideration: its owner gives its levels",
            "nicht in der Betrachtung: ihr Eigentümer gibt ihre Level vor",
        ),
    }
}

/// What a zone has to stand against.
fn need(view: &View<'_>, zone: usize) -> Option<Need> {
    let area = view.area(zone).filter(|area| !area.zone.outside)?;
    let name = |kind: EffectKind| {
        let worst = area.worst.get(&kind)?;
        let device = view.device(worst.device)?;
        let effect = device.effects.get(&kind)?;
        let name = device.asset.name();
        Some((
            worst.severity,
            Both::new(format!("{name}: {}", effect.why.english), format!("{name}: {}", effect.why.german)),
        ))
    };
    let guard = name(EffectKind::Safety).filter(|(severity, _)| *severity >= 4);
    // Somebody gets hurt only if the protective function fails as well; without any, the machine's own control is it.
    let bare = [EffectKind::Injury, EffectKind::Environment]
        .into_iter()
        .filter_map(name)
        .find(|(severity, _)| *severity >= 4)
        .filter(|_| !view.protected);
    let grave = guard.or(bare).map(|(_, why)| why);
    let core = if grave.is_some() { 3 } else { 2 };
    let attacked = match &grave {
        Some(why) => Both::new(
            format!("{}: somebody who knows such systems would take the trouble", why.english),
            format!("{}: dafür nähme jemand, der solche Systeme kennt, die Mühe auf sich", why.german),
        ),
        None => Both::new(
            "intended, with simple means and common skills: business suffers, nobody is hurt by this zone alone",
            "Absicht mit einfachen Mitteln und üblichem Können: das Geschäft leidet, durch diese Zone allein wird niemand verletzt",
        ),
    };
    let own = area.worst.iter().any(|(kind, worst)| worst.severity >= 2 && !matches!(kind, EffectKind::Data));
    let integrity = if own {
        (core, attacked.clone())
    } else {
        let why = Both::new(
            "nothing here has a function of its own that could go wrong",
            "nichts hier hat eine eigene Funktion, die falsch werden könnte",
        );
        (1, why)
    };
    let holds =
        area.devices.iter().filter_map(|at| view.device(*at)).find(|device| device.class == Class::Data);
    let secret = match holds {
        Some(device) => {
            let name = device.asset.name();
            let why = Both::new(
                format!("{name} keeps orders, recipes or names of people"),
                format!("{name} hält Aufträge, Rezepte oder Namen von Personen"),
            );
            (2, why)
        }
        None if area.zone.untrusted => {
            let why = Both::new(
                "passwords and sessions pass an untrusted network",
                "Passwörter und Sitzungen laufen durch ein nicht vertrauenswürdiges Netz",
            );
            (2, why)
        }
        None => (1, Both::new("nothing secret is kept here", "hier wird nichts Geheimes aufbewahrt")),
    };
    let response = Both::new(
        "an intended change must be found before it does harm, not within seconds",
        "eine absichtliche Änderung muss gefunden werden, bevor sie schadet, nicht in Sekunden",
    );
    let stop = name(EffectKind::Stop);
    let available = if area.worst.get(&EffectKind::Safety).is_some_and(|worst| worst.severity >= 4) {
        let why = Both::new(
            "without the protective function the line stands, and a restart under pressure invites a bypass",
            "ohne Schutzfunktion steht die Linie, und ein Neustart unter Druck verleitet zum Überbrücken",
        );
        (3, why)
    } else {
        match stop {
            Some((severity, why)) if severity >= 3 => (2, why),
            Some((_, why)) => (1, why),
            None => (1, Both::new("nothing stands when it stands", "nichts steht, wenn es steht")),
        }
    };
    let reachable =
        !area.zone.legs.is_empty()
            || area.devices.iter().filter_map(|at| view.device(*at)).any(|device| {
                device.asset.interfaces.iter().any(|interface| !interface.addresses.is_empty())
            });
    let harm: &'static [EffectKind] = if grave.is_some() { HARM } else { BUSINESS };
    if !reachable {
        let through = Both::new(
            "nobody speaks to it directly, it is reached through another zone, which carries the higher level",
            "niemand spricht direkt mit ihr, sie wird über eine andere Zone erreicht, die das höhere Level trägt",
        );
        let through = |level: u8| (level.min(core), through.clone());
        let levels = [through(2), through(2), integrity, through(0), through(2), through(1), available];
        return Some(Need { levels, kinds: [harm, harm, harm, DATA, harm, harm, STOP] });
    }
    Some(Need {
        levels: [
            (core, attacked.clone()),
            (core, attacked.clone()),
            integrity,
            secret,
            (core, attacked),
            (2, response),
            available,
        ],
        kinds: [harm, harm, harm, DATA, harm, harm, STOP],
    })
}

/// What a conduit has to stand against: the stricter side, but for two groups. How people from an untrusted side prove
/// who they are depends on whom they can hurt; and a way that only visitors use may fail.
fn between(view: &View<'_>, sides: [usize; 2], needs: [Option<&Option<Need>>; 2]) -> Option<Need> {
    let [one, other] = needs.map(|need| need.and_then(Option::as_ref));
    let both = || one.into_iter().chain(other);
    let kept = both().next()?;
    let mut levels = kept.levels.clone();
    let mut kinds = kept.kinds;
    for need in both() {
        for ((level, kind), (other, other_kind)) in
            levels.iter_mut().zip(&mut kinds).zip(need.levels.iter().zip(&need.kinds))
        {
            if other.0 > level.0 {
                level.clone_from(other);
                *kind = other_kind;
            }
        }
    }
    let [a, b] = sides;
    let strange = |zone: usize| view.untrusted(zone) && !view.outside(zone);
    for (from, to) in [(a, b), (b, a)] {
        if !strange(from) || strange(to) {
            continue;
        }
        let hurt = HARM
            .iter()
            .filter_map(|kind| view.area(to)?.worst.get(kind).map(|worst| (*kind, worst)))
            .find(|(_, worst)| worst.severity >= 4);
        let comes =
            view.ways.get(from).and_then(|ways| ways.get(&to)).is_some_and(|way| !way.flows.is_empty());
        if let (Some((kind, worst)), true, [identity, ..], [first, ..]) =
            (hurt, comes, &mut levels, &mut kinds)
            && identity.0 < 3
            && let Some(device) = view.device(worst.device)
        {
            let name = device.asset.name();
            *identity = (
                3,
                Both::new(
                    format!(
                        "whoever comes from the untrusted side reaches {name} and can hurt somebody: a stolen account must not be enough"
                    ),
                    format!(
                        "wer von der nicht vertrauenswürdigen Seite kommt, erreicht {name} und kann jemanden verletzen: ein gestohlenes Konto darf nicht genügen"
                    ),
                ),
            );
            *first = if kind == EffectKind::Safety {
                &[EffectKind::Safety]
            } else {
                &[EffectKind::Injury, EffectKind::Environment]
            };
        }
    }
    // What runs from a trusted side is what production relies on.
    let relied = [(a, b), (b, a)].into_iter().any(|(from, to)| {
        !strange(from)
            && view.ways.get(from).and_then(|ways| ways.get(&to)).is_some_and(|way| !way.flows.is_empty())
    });
    let essential = [(a, b), (b, a)].into_iter().any(|(from, to)| {
        view.ways.get(from).and_then(|ways| ways.get(&to)).is_some_and(|way| {
            way.flows.iter().filter_map(|(flow, _)| view.flows.get(*flow)).any(|(flow, _)| flow.essential)
        })
    });
    if !relied
        && !essential
        && let Some(last) = levels.last_mut()
    {
        *last = (
            1,
            Both::new(
                "only visitors use this way; nothing stands without it",
                "nur Besucher nutzen diesen Weg; ohne ihn steht nichts",
            ),
        );
    }
    Some(Need { levels, kinds })
}

fn reasons(
    need: &Need,
    ends: &[&Scenario],
    near: &[&Scenario],
    tolerance: &Tolerance,
    view: &View<'_>,
) -> Target {
    let reasons = Fr::ALL
        .into_iter()
        .zip(&need.levels)
        .zip(need.kinds)
        .map(|((fr, (level, why)), kinds)| {
            let wanted = |scenario: &&&Scenario| kinds.contains(&scenario.effect);
            // A slip explains no level against somebody who means it.
            let meant = |scenario: &&&Scenario| level < &2 || scenario.kind != "entry.mistake";
            let gravest = |list: &[&Scenario]| {
                list.iter()
                    .filter(wanted)
                    .filter(meant)
                    .max_by_key(|scenario| (scenario.score(), std::cmp::Reverse(scenario.id.clone())))
                    .map(|scenario| scenario.id.clone())
            };
            let scenario = gravest(ends)
                .or_else(|| gravest(near))
                .or_else(|| near.first().map(|scenario| scenario.id.clone()));
            let steps = ends
                .iter()
                .filter(wanted)
                .map(|scenario| {
                    tolerance
                        .steps(scenario.risk.first().copied().unwrap_or_default(), scenario.effect.harms())
                })
                .max()
                .unwrap_or_default();
            LevelReason {
                fr,
                level: *level,
                why: why.clone(),
                scenario,
                cross_check: view.knowledge.reduction(steps),
            }
        })
        .collect();
    Target { none: None, reasons }
}
