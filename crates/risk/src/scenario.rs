//! Scenarios: from an entry over zones to an effect, with printed factors.

use std::collections::{BTreeMap, BTreeSet, BinaryHeap};

use plant::ids::{AssetId, FlowId, ZoneId};

use crate::both::Both;
use crate::effect::EffectKind;
use crate::entry::{Entry, Reach, entries};
use crate::knowledge::Knowledge;
use crate::tolerance::Tolerance;
use crate::view::View;

/// Scenarios of a plant of ordinary size.
const MOST: usize = 25;

/// A way from an entry to an effect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scenario {
    /// Stays the same when other things change.
    pub id: String,
    /// Where it begins, in words.
    pub entry: Both,
    /// The kind of the entry (`entry.remote` ...).
    pub kind: String,
    /// The zone the entry is in.
    pub from: ZoneId,
    /// Entry, zones and device, in order.
    pub path: Vec<String>,
    /// The zones among them.
    pub zones: Vec<ZoneId>,
    /// The device whose function is hit.
    pub target: AssetId,
    /// What happens.
    pub effect: EffectKind,
    /// Which words of the plant say how grave it is.
    pub why: Both,
    /// Flows on the way.
    pub flows: Vec<FlowId>,
    /// Techniques of ATT&CK for ICS.
    pub techniques: Vec<String>,
    /// Factors of the likelihood without any measure.
    pub factors: Vec<Factor>,
    /// What the measures of the plant let through, boundary by boundary.
    pub boundaries: Vec<Boundary>,
    /// 1 to 5.
    pub consequence: u8,
    /// In millionths, without any measure.
    pub likelihood: u64,
    /// In millionths, with the measures of the plant.
    pub likelihood_left: u64,
    /// Class of the likelihood, 1 to 5, without and with measures.
    pub class: [u8; 2],
    /// Risk after the matrix, 0 to 3, without and with measures.
    pub risk: [u8; 2],
    /// Who accepts what is left, until when.
    pub accepted: Option<String>,
    /// Whether no permitted flow and no card leads there.
    pub cut: bool,
    /// Whether that is attested or observed on every boundary of the way.
    pub cut_shown: bool,
}

impl Scenario {
    /// Likelihood times consequence in millionths, without measures.
    pub fn score(&self) -> u64 {
        self.likelihood * u64::from(self.consequence)
    }

    /// Likelihood times consequence in millionths, with the measures of the plant.
    pub fn residual(&self) -> u64 {
        self.likelihood_left * u64::from(self.consequence)
    }
}

/// A printed factor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Factor {
    /// Id in the knowledge.
    pub id: String,
    /// What it is about.
    pub text: Both,
    /// Thousandths it is worth.
    pub permille: u32,
    /// How often it counts.
    pub times: u32,
    /// Where its value is from.
    pub source: String,
}

/// What gets over one boundary in spite of the measures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Boundary {
    /// From.
    pub from: ZoneId,
    /// Into.
    pub to: ZoneId,
    /// In millionths.
    pub chance: u64,
    /// Flows that may carry it, each with the factors it is held by.
    pub flows: Vec<(FlowId, Vec<Factor>)>,
    /// Devices that stand in both zones.
    pub bridges: Vec<AssetId>,
    /// Whether the separation is attested or observed.
    pub apart: bool,
}

/// Where an entry gets to.
struct Ground {
    /// Steps without measures.
    steps: Vec<Option<u32>>,
    /// The zone before on a shortest way.
    before: Vec<Option<usize>>,
    /// Chance with measures, in millionths.
    chance: Vec<u64>,
    /// Whether permitted flows or cards lead there.
    routed: Vec<bool>,
}

/// All scenarios, the gravest first.
pub(crate) fn scenarios(view: &View<'_>, tolerance: &Tolerance) -> Vec<Scenario> {
    let mut found = Vec::new();
    let mut grounds: BTreeMap<(usize, Option<Vec<usize>>, bool), Ground> = BTreeMap::new();
    let chances = chances(view);
    for entry in entries(view) {
        let further = entry.reach == Reach::Further;
        let key = (entry.zone, entry.only.clone(), further);
        let ground = grounds.entry(key.clone()).or_insert_with(|| {
            if further {
                ground(view, &chances, entry.zone, entry.only.as_deref())
            } else {
                here(view, entry.zone)
            }
        });
        of_entry(view, &entry, ground, tolerance, &mut found);
        if entry.only.is_some() {
            // Used once.
            grounds.remove(&key);
        }
    }
    gateway(view, tolerance, &mut found);
    found.sort_by(|a: &Scenario, b: &Scenario| b.score().cmp(&a.score()).then_with(|| a.id.cmp(&b.id)));
    let inside = view.areas.iter().filter(|area| !area.zone.outside).count();
    found.truncate(MOST.max(3 * inside));
    found
}

/// What gets from one zone into the next with all flows together: chance, and whether a permitted way leads there.
type Chances = BTreeMap<(usize, usize), (u64, bool)>;

fn chances(view: &View<'_>) -> Chances {
    let pairs = view.ways.iter().enumerate().flat_map(|(from, ways)| ways.keys().map(move |to| (from, *to)));
    pairs
        .map(|(from, to)| {
            let passage = view.passes(from, to, None);
            ((from, to), (passage.chance, passage.routed || !passage.bridges.is_empty()))
        })
        .collect()
}

/// Where one is already.
fn here(view: &View<'_>, start: usize) -> Ground {
    let size = view.areas.len();
    let at_start = |zone: usize| zone == start;
    Ground {
        steps: (0..size).map(|zone| at_start(zone).then_some(0)).collect(),
        before: vec![None; size],
        chance: (0..size).map(|zone| if at_start(zone) { 1_000_000 } else { 0 }).collect(),
        routed: (0..size).map(at_start).collect(),
    }
}

/// Where one gets to from a zone, without and with measures.
fn ground(view: &View<'_>, chances: &Chances, start: usize, only: Option<&[usize]>) -> Ground {
    let passes = |from: usize, to: usize| match only.filter(|_| from == start) {
        Some(only) => {
            let passage = view.passes(from, to, Some(only));
            (passage.chance, passage.routed || !passage.bridges.is_empty())
        }
        None => chances.get(&(from, to)).copied().unwrap_or_default(),
    };
    let size = view.areas.len();
    let mut ground = Ground {
        steps: vec![None; size],
        before: vec![None; size],
        chance: vec![0; size],
        routed: vec![false; size],
    };
    let set = |list: &mut Vec<Option<u32>>, at: usize, value| {
        if let Some(place) = list.get_mut(at) {
            *place = Some(value);
        }
    };
    let first: Option<BTreeSet<usize>> = only.map(|only| {
        let flows = only.iter().filter_map(|at| view.flows.get(*at));
        let hops = flows.flat_map(|(flow, _)| view.hops(flow)).filter(|(from, _)| *from == start);
        hops.map(|(_, to)| *to).collect()
    });
    let next = |at: usize| {
        let limited = first.as_ref().filter(|_| at == start);
        view.ways
            .get(at)
            .into_iter()
            .flatten()
            .map(|(to, _)| *to)
            .filter(move |to| !view.outside(*to) && limited.is_none_or(|limited| limited.contains(to)))
    };
    set(&mut ground.steps, start, 0);
    let mut queue = std::collections::VecDeque::from([start]);
    while let Some(at) = queue.pop_front() {
        let steps = ground.steps.get(at).copied().flatten().unwrap_or(0);
        for to in next(at) {
            if ground.steps.get(to).copied().flatten().is_none() {
                set(&mut ground.steps, to, steps + 1);
                if let Some(place) = ground.before.get_mut(to) {
                    *place = Some(at);
                }
                queue.push_back(to);
            }
        }
    }
    let mut heap = BinaryHeap::from([(1_000_000_u64, start)]);
    if let Some(place) = ground.chance.get_mut(start) {
        *place = 1_000_000;
    }
    while let Some((chance, at)) = heap.pop() {
        if ground.chance.get(at).is_none_or(|known| *known > chance) {
            continue;
        }
        for to in next(at) {
            let reached = chance * passes(at, to).0 / 1_000_000;
            if let Some(place) = ground.chance.get_mut(to)
                && *place < reached
            {
                *place = reached;
                heap.push((reached, to));
            }
        }
    }
    let mut queue = std::collections::VecDeque::from([start]);
    if let Some(place) = ground.routed.get_mut(start) {
        *place = true;
    }
    while let Some(at) = queue.pop_front() {
        for to in next(at) {
            if passes(at, to).1
                && let Some(place) = ground.routed.get_mut(to)
                && !*place
            {
                *place = true;
                queue.push_back(to);
            }
        }
    }
    ground
}

/// Effects that are told apart: protective functions, harm, business.
const GROUPS: [(&str, &[EffectKind]); 3] = [
    ("safety", &[EffectKind::Safety]),
    ("harm", &[EffectKind::Injury, EffectKind::Environment, EffectKind::Damage]),
    ("business", &[EffectKind::Stop, EffectKind::Product, EffectKind::Data]),
];

/// An effect within reach.
struct Candidate {
    zone: usize,
    kind: EffectKind,
    severity: u8,
    device: usize,
    steps: u32,
    likelihood: u64,
    left: u64,
}

fn of_entry(
    view: &View<'_>,
    entry: &Entry,
    ground: &Ground,
    tolerance: &Tolerance,
    found: &mut Vec<Scenario>,
) {
    let mut chosen = Vec::new();
    for (group, kinds) in GROUPS {
        let mut candidates: Vec<Candidate> = Vec::new();
        for kind in kinds.iter().filter(|kind| entry.kinds.is_empty() || entry.kinds.contains(kind)) {
            let zones = match entry.reach {
                Reach::Here => entry.zone..entry.zone + 1,
                Reach::Further => 0..view.areas.len(),
            };
            candidates.extend(zones.filter_map(|zone| candidate(view, entry, ground, zone, *kind)));
        }
        let left = candidates.iter().map(|found| found.left * u64::from(found.severity)).max();
        let best = candidates.iter().max_by_key(|found| {
            (found.likelihood * u64::from(found.severity), found.severity, u32::MAX - found.steps)
        });
        if let (Some(best), Some(left)) = (best, left) {
            chosen.push(best.zone);
            let left = left / u64::from(best.severity.max(1));
            found.push(scenario(view, entry, ground, best, left, tolerance, format!("{}.{group}", entry.id)));
        }
    }
    if entry.factor != "entry.outside" {
        return;
    }
    // Where a network outside comes in first, even if worse waits behind.
    let near: Vec<usize> = view.ways.get(entry.zone).into_iter().flatten().map(|(to, _)| *to).collect();
    for zone in near {
        if chosen.contains(&zone) {
            continue;
        }
        let best = [EffectKind::Stop, EffectKind::Product, EffectKind::Data]
            .into_iter()
            .filter_map(|kind| candidate(view, entry, ground, zone, kind))
            .max_by_key(|found| (found.likelihood * u64::from(found.severity), found.severity));
        if let (Some(best), Some(area)) = (best, view.area(zone)) {
            let id = format!("{}.{}", entry.id, area.zone.id);
            found.push(scenario(view, entry, ground, &best, best.left, tolerance, id));
        }
    }
}

fn candidate(
    view: &View<'_>,
    entry: &Entry,
    ground: &Ground,
    zone: usize,
    kind: EffectKind,
) -> Option<Candidate> {
    let area = view.area(zone).filter(|area| !area.zone.outside)?;
    let worst = area.worst.get(&kind)?;
    let steps = ground.steps.get(zone).copied().flatten()?;
    let knowledge = view.knowledge;
    let mut likelihood = 1_000_000_u64;
    let hops = std::iter::repeat_n("hop", usize::try_from(steps).unwrap_or(0).min(64));
    let guarded = guarded(view, kind).then_some("guarded");
    for id in [entry.factor, kind.skill(), area.open].into_iter().chain(guarded).chain(hops) {
        likelihood = likelihood * knowledge.permille(id) / 1000;
    }
    let chance = ground.chance.get(zone).copied().unwrap_or_default();
    Some(Candidate {
        zone,
        kind,
        severity: worst.severity,
        device: worst.device,
        steps,
        likelihood,
        left: likelihood * chance / 1_000_000,
    })
}

/// What moves hurts somebody only if the protective function fails as well.
fn guarded(view: &View<'_>, kind: EffectKind) -> bool {
    view.protected && matches!(kind, EffectKind::Injury | EffectKind::Environment)
}

fn scenario(
    view: &View<'_>,
    entry: &Entry,
    ground: &Ground,
    best: &Candidate,
    left: u64,
    tolerance: &Tolerance,
    id: String,
) -> Scenario {
    let knowledge = view.knowledge;
    let mut zones = vec![best.zone];
    while let Some(Some(before)) = zones.last().and_then(|last| ground.before.get(*last)) {
        zones.push(*before);
    }
    zones.reverse();
    let name = |zone: &usize| view.area(*zone).map(|area| area.zone.id.clone());
    let mut factors: Vec<Factor> = [entry.factor, best.kind.skill()]
        .into_iter()
        .chain(view.area(best.zone).map(|area| area.open))
        .chain(guarded(view, best.kind).then_some("guarded"))
        .filter_map(|id| factor(knowledge, id, 1))
        .collect();
    if best.steps > 0 {
        factors.extend(factor(knowledge, "hop", best.steps));
    }
    let target = view.device(best.device);
    let mut flows: Vec<FlowId> = Vec::new();
    let mut boundaries = Vec::new();
    let mut shown = true;
    for (at, pair) in zones.windows(2).enumerate() {
        let [from, to] = *pair else { continue };
        let passage = view.passes(from, to, entry.only.as_deref().filter(|_| at == 0));
        shown &= passage.apart;
        let mut carried = Vec::new();
        for (flow, treatment) in passage.flows.iter().filter_map(|flow| view.flows.get(*flow)) {
            let held = view.pass(flow, *treatment).1;
            carried.push((flow.id.clone(), held.iter().filter_map(|id| factor(knowledge, id, 1)).collect()));
            flows.push(flow.id.clone());
        }
        let (Some(from), Some(to)) = (name(&from), name(&to)) else { continue };
        boundaries.push(Boundary {
            from,
            to,
            chance: passage.chance,
            flows: carried,
            bridges: passage
                .bridges
                .iter()
                .filter_map(|at| view.device(*at).map(|device| device.asset.id.clone()))
                .collect(),
            apart: passage.apart,
        });
    }
    flows.sort();
    flows.dedup();
    let zone_ids: Vec<ZoneId> = zones.iter().filter_map(name).collect();
    let mut path = vec![entry.node.clone()];
    path.extend(zone_ids.iter().map(ToString::to_string).filter(|zone| *zone != entry.node));
    let target_id = target.map_or_else(|| AssetId::new(""), |device| device.asset.id.clone());
    if path.last().map(String::as_str) != Some(target_id.as_str()) {
        path.push(target_id.to_string());
    }
    let mut techniques: Vec<String> = knowledge.techniques(entry.factor).to_vec();
    techniques.extend_from_slice(knowledge.techniques(&format!("effect.{}", best.kind.word())));
    techniques.sort();
    techniques.dedup();
    let why = target
        .and_then(|device| {
            let effect = device.effects.get(&best.kind)?;
            let name = device.asset.name();
            Some(Both::new(
                format!("{name}: {}", effect.why.english),
                format!("{name}: {}", effect.why.german),
            ))
        })
        .unwrap_or_default();
    let class = [knowledge.class(best.likelihood), knowledge.class(left)];
    Scenario {
        id,
        entry: entry.title.clone(),
        kind: entry.factor.to_owned(),
        from: zone_ids.first().cloned().unwrap_or_else(|| ZoneId::new("")),
        path,
        zones: zone_ids,
        target: target_id,
        effect: best.kind,
        why,
        flows,
        techniques,
        factors,
        accepted: None,
        cut: !ground.routed.get(best.zone).copied().unwrap_or_default(),
        cut_shown: shown && !boundaries.is_empty(),
        boundaries,
        consequence: best.severity,
        likelihood: best.likelihood,
        likelihood_left: left,
        risk: class.map(|class| tolerance.risk(best.severity, class)),
        class,
    }
}

/// Whoever owns the gateway or what updates it owns every boundary: the worst there is.
fn gateway(view: &View<'_>, tolerance: &Tolerance, found: &mut Vec<Scenario>) {
    if view.plant.conduits.is_empty() {
        return;
    }
    let best = view
        .areas
        .iter()
        .enumerate()
        .filter(|(_, area)| !area.zone.outside)
        .flat_map(|(zone, area)| area.worst.iter().map(move |(kind, worst)| (zone, *kind, worst.severity)))
        .max_by_key(|(zone, kind, severity)| {
            let of = |id: &str| view.knowledge.permille(id);
            let open = view.area(*zone).map_or(1000, |area| of(area.open));
            (*severity, of(kind.skill()) * open)
        });
    let Some((zone, kind, _)) = best else { return };
    let entry = Entry {
        id: "supplier-gateway".to_owned(),
        factor: "entry.supplier",
        title: Both::new(
            "tampered update of the gateway or a switch",
            "manipuliertes Update von Gateway oder Switch",
        ),
        node: "gateway".to_owned(),
        zone,
        only: None,
        reach: Reach::Here,
        kinds: &[],
    };
    let ground = here(view, zone);
    if let Some(best) = candidate(view, &entry, &ground, zone, kind) {
        let left = best.left;
        found.push(scenario(view, &entry, &ground, &best, left, tolerance, "supplier-gateway".to_owned()));
    }
}

fn factor(knowledge: &Knowledge, id: &str, times: u32) -> Option<Factor> {
    knowledge.factor(id).map(|row| Factor {
        id: row.id.clone(),
        text: row.text(),
        permille: row.permille,
        times,
        source: row.source.clone(),
    })
}
