//! A run: build, then for each setting load, prove and send.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::time::Instant;

use gateway::Table;
use jiff::tz::TimeZone;
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use plant::{Expect, Plant, Verdict};
use protocols::Command;

use crate::asking::{self, Answer, Asking};
use crate::batch::{self, Exchange, Outcome};
use crate::case::{self, Case, Dialog};
use crate::cut::{self, Received, Transfer};
use crate::derive;
use crate::keeper::Keeper;
use crate::modbus;
use crate::moment::{Setting, time_zone};
use crate::oracle::Oracle;
use crate::placing::place;
use crate::remark::{Fate, Remark};
use crate::report::{CaseResult, LabError, LabOptions, LabReport, Progress, Proof, Prove, Seen, State};
use crate::transfer::{self, Transferred};
use crate::twin::{Spot, Twin};
use crate::wire::Wire;

/// Most exchanges under way at once: what one process may hold open, and what two cores answer in time.
const AT_ONCE: usize = 160;
const FIRST_TAG: u16 = 20_000;
const LAST_TAG: u16 = 32_000;
/// A port no service has: open only where every port is.
const UNNAMED: u16 = 54_323;

/// Builds the twin of a plant and sends every case through it. Call it inside a sandbox.
pub fn run(
    plant: &Plant,
    options: &LabOptions,
    prove: &Prove<'_>,
    progress: &mut dyn FnMut(Progress),
) -> Result<LabReport, LabError> {
    let start = Instant::now();
    allow_many_descriptors();
    let zone = time_zone(plant)?;
    let prepared = Prepared::of(plant, &zone, options);
    let twin = Twin::build(plant, &prepared.addresses())?;
    progress(Progress::Built {
        hosts: twin.hosts(),
        legs: twin.legs.len(),
        cases: prepared.all().count(),
        groups: prepared.groups.len(),
    });
    let mut keeper = None;
    let asks = |case: &Case| matches!(case.dialog, Dialog::Command { .. });
    if !options.flushed && prepared.all().any(asks) {
        keeper = Some(Keeper::start(twin.gateway())?);
    }
    let mut run = Run { plant, options, prove, twin: &twin, keeper, proof: Proof::default(), tag: FIRST_TAG };
    let mut results: Vec<(usize, CaseResult)> = Vec::new();
    let of = prepared.all().count();
    for (number, (setting, cases)) in prepared.groups.iter().enumerate() {
        let cases: Vec<(usize, &Case)> =
            cases.iter().filter_map(|place| Some((*place, prepared.sent(*place)?))).collect();
        run.load(setting, number + 1, progress)?;
        let group = if setting.cut { run.cut(&cases, setting)? } else { run.send(&cases)? };
        results.extend(group);
        progress(Progress::Sent { done: results.len(), of });
    }
    let proof = run.proof;
    let refused = run.keeper.map(Keeper::end).unwrap_or_default();
    Ok(LabReport {
        refused,
        cases: prepared.ordered(results),
        proof,
        assumptions: assumptions(plant),
        took: start.elapsed(),
    })
}

/// All cases, in their order, and the groups that share a setting.
struct Prepared {
    cases: Vec<Result<Case, Box<CaseResult>>>,
    groups: Vec<(Setting, Vec<usize>)>,
}

impl Prepared {
    fn of(plant: &Plant, zone: &TimeZone, options: &LabOptions) -> Self {
        let prepare = |expect: &Expect| case::prepare(plant, zone, options, expect);
        let mut cases: Vec<Result<Case, Box<CaseResult>>> = plant.expects.iter().map(prepare).collect();
        if options.derive {
            let known: Vec<Setting> = cases.iter().flatten().map(|case| case.setting.clone()).collect();
            cases.extend(derive::cases(plant, zone, options, &known).into_iter().map(Ok));
        }
        let mut groups: Vec<(Setting, Vec<usize>)> = Vec::new();
        for (number, case) in cases.iter().enumerate() {
            let Ok(case) = case else { continue };
            match groups.iter_mut().find(|(setting, _)| *setting == case.setting) {
                Some((_, numbers)) => numbers.push(number),
                None => groups.push((case.setting.clone(), vec![number])),
            }
        }
        Self { cases, groups }
    }

    fn all(&self) -> impl Iterator<Item = &Case> {
        self.cases.iter().flatten()
    }

    fn sent(&self, number: usize) -> Option<&Case> {
        self.cases.get(number)?.as_ref().ok()
    }

    fn addresses(&self) -> Vec<IpAddr> {
        self.all().flat_map(|case| [case.from, case.to]).collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// Results in the order of the cases, settled ones among them.
    fn ordered(self, mut results: Vec<(usize, CaseResult)>) -> Vec<CaseResult> {
        results.extend(
            self.cases.into_iter().enumerate().filter_map(|(number, case)| Some((number, *case.err()?))),
        );
        results.sort_by_key(|(number, _)| *number);
        results.into_iter().map(|(_, result)| result).collect()
    }
}

struct Run<'a> {
    plant: &'a Plant,
    options: &'a LabOptions,
    prove: &'a Prove<'a>,
    twin: &'a Twin,
    /// The command proxy, where some case needs it.
    keeper: Option<Keeper>,
    proof: Proof,
    tag: u16,
}

impl Run<'_> {
    /// Loads the policy of a setting and has it proved.
    fn load(
        &mut self,
        setting: &Setting,
        group: usize,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<(), LabError> {
        let policy = policy::compile(self.plant, setting.moment, &setting.given)?;
        self.twin.load(&policy.text())?;
        if let Some(keeper) = &mut self.keeper {
            keeper.give(Table::of(&policy))?;
        }
        if let Some(text) = &self.options.after_load {
            self.twin.load_besides(text)?;
        }
        if self.options.flushed {
            self.twin.flush()?;
        }
        if let (1, Some((one, other))) = (group, &self.options.joined) {
            self.twin.join(one, other)?;
        }
        progress(Progress::Loaded { group, moment: setting.moment });
        let proof = self.twin.gateway().run(|| (self.prove)(&policy))?;
        self.proof = self.proof.clone().max(proof.clone());
        progress(Progress::Proved { group, proof });
        Ok(())
    }

    /// Sends the cases of a group, as many at once as may be.
    fn send(&mut self, cases: &[(usize, &Case)]) -> Result<Vec<(usize, CaseResult)>, LabError> {
        let dead = self.twin.dead()?;
        let mut results = Vec::new();
        let mut wires: Vec<(usize, &Case)> = Vec::new();
        for (number, case) in cases {
            match &case.dialog {
                Dialog::Wires => wires.push((*number, *case)),
                Dialog::Command { port, unit, command } => {
                    results.push((*number, self.ask(case, (*port, *unit), command, &dead)?));
                }
                Dialog::Transfer { port } => results.push((*number, self.transfer(case, *port)?)),
            }
        }
        let mut rest = wires.as_slice();
        while !rest.is_empty() {
            let mut exchanges = Vec::new();
            let mut taken = 0;
            let mut spans = Vec::new();
            for (_, case) in rest {
                if taken > 0 && exchanges.len() + case.wires.len() > AT_ONCE {
                    break;
                }
                let first = exchanges.len();
                exchanges.extend(case.wires.iter().filter_map(|wire| self.exchange(case, *wire)));
                spans.push(first..exchanges.len());
                taken += 1;
            }
            let (now, later) = rest.split_at(taken);
            rest = later;
            let outcomes = batch::run(self.twin, &exchanges)?;
            for ((number, case), span) in now.iter().zip(spans) {
                let seen: Vec<(&Exchange, &Outcome)> = exchanges
                    .get(span.clone())
                    .unwrap_or_default()
                    .iter()
                    .zip(outcomes.get(span).unwrap_or_default())
                    .collect();
                results.push((*number, self.judge(case, &seen, &dead)));
            }
        }
        Ok(results)
    }

    /// Asks for a command, and tells from both ends what became of it.
    fn ask(
        &mut self,
        case: &Case,
        (port, unit): (u16, u8),
        command: &Command,
        dead: &[usize],
    ) -> Result<CaseResult, LabError> {
        let tag = self.next_tag();
        let error = |reason: Remark| case.result(State::Error, None, Some(reason));
        let Some((source, target)) = self.twin.spot(case.from).zip(self.twin.spot(case.to)) else {
            return Ok(error(Remark::NoHost));
        };
        let Some(request) = modbus::request(command, unit, tag) else { return Ok(error(Remark::NoRequest)) };
        let asking = Asking {
            tag,
            from: case.from,
            to: case.to,
            device: self.twin.there(case.from, case.to).1,
            port,
            source,
            target,
            request,
            fragmented: case.fragmented,
            wanted: case.expected == Verdict::Allow,
        };
        let asked = asking::run(self.twin, &asking)?;
        let exception = match asked.answer {
            Some(Answer::Exception(code)) => Some(code),
            _ => None,
        };
        let data = asked.answer == Some(Answer::Data);
        let remark = Remark::Asked { reached: asked.reached, other: asked.other, exception, data };
        let seen = match (asked.reached || asked.other, data, exception) {
            (true, true, _) if !asked.other => Seen::Allow,
            (true, ..) => Seen::OneWay,
            (false, _, Some(_)) if case.expected == Verdict::DenyByCommand => Seen::DenyByCommand,
            (false, ..) => Seen::Deny,
        };
        if !seen.is(case.expected) {
            return Ok(case.result(State::Fail, Some(seen), Some(remark)));
        }
        if matches!(seen, Seen::Deny | Seen::DenyByCommand) {
            let leg = place(self.plant, case.from).map_or_else(String::new, |place| place.leg().to_owned());
            let sent = Wire::Tcp(port);
            if let Some(reason) = self.untrusted([source, target], (sent, &leg, asked.entered), dead) {
                return Ok(error(reason));
            }
        }
        Ok(case.result(State::Pass, Some(seen), Some(remark)))
    }

    /// Transfers a file both ways of agreeing, and tries a port nobody agreed on.
    fn transfer(&mut self, case: &Case, port: u16) -> Result<CaseResult, LabError> {
        let tag = self.next_tag();
        let ends = self.twin.spot(case.from).zip(self.twin.spot(case.to));
        let (Some((source, target)), IpAddr::V4(from), IpAddr::V4(to)) = (ends, case.from, case.to) else {
            return Ok(case.result(State::Error, None, Some(Remark::NoHost)));
        };
        let seen = transfer::run(self.twin, &transfer::Transfer { tag, from, to, port, source, target })?;
        let Transferred { control, passive, active, unnamed } = seen;
        let remark = Remark::Transferred { control, passive, active, unnamed };
        // Where another flow opens every port between the two, one that nobody named is open as well.
        let zone = time_zone(self.plant)?;
        let oracle = Oracle { plant: self.plant, zone: &zone };
        let open = oracle.allows(&case.setting, case.from, case.to, Wire::Tcp(UNNAMED));
        let verdict = match (control, passive && active, unnamed && !open) {
            (true, true, false) => Seen::Allow,
            (false, ..) => Seen::Deny,
            _ => Seen::OneWay,
        };
        let state = if verdict.is(case.expected) { State::Pass } else { State::Fail };
        Ok(case.result(state, Some(verdict), Some(remark)))
    }

    fn exchange(&mut self, case: &Case, wire: Wire) -> Option<Exchange> {
        Some(Exchange {
            tag: self.next_tag(),
            from: case.from,
            to: case.to,
            there: self.twin.there(case.from, case.to),
            source: self.twin.spot(case.from)?,
            target: self.twin.spot(case.to)?,
            leg: place(self.plant, case.from)?.leg().to_owned(),
            wire,
            fragmented: case.fragmented,
            wanted: case.expected == Verdict::Allow,
        })
    }

    /// Below the ports the kernel takes of itself, so that nothing else has it.
    fn next_tag(&mut self) -> u16 {
        self.tag = if self.tag >= LAST_TAG { FIRST_TAG } else { self.tag + 1 };
        self.tag
    }

    /// The verdict of a case from what its receiving end counted.
    fn judge(&self, case: &Case, seen: &[(&Exchange, &Outcome)], dead: &[usize]) -> CaseResult {
        let error = |reason: Remark| case.result(State::Error, None, Some(reason));
        if seen.is_empty() {
            return error(Remark::NoHost);
        }
        if let Some(reason) =
            seen.iter().find_map(|(_, outcome)| outcome.unsent.as_ref().or(outcome.unheard.as_ref()))
        {
            return error(Remark::System(reason.clone()));
        }
        let all_through = seen.iter().all(|(exchange, outcome)| through(exchange, outcome));
        let reached = seen.iter().any(|(exchange, outcome)| reached(exchange, outcome));
        let answered = seen.iter().any(|(exchange, outcome)| through(exchange, outcome));
        let verdict = match (case.expected, all_through, reached, answered) {
            (Verdict::Allow, true, ..) => Seen::Allow,
            (Verdict::Allow, false, true, _) => Seen::OneWay,
            (_, _, _, true) => Seen::Allow,
            (_, _, true, false) => Seen::OneWay,
            (_, _, false, false) => Seen::Deny,
        };
        if verdict.is(case.expected) {
            if verdict == Seen::Deny
                && let Some(reason) = seen.iter().find_map(|(exchange, outcome)| {
                    let ends = [exchange.source, exchange.target];
                    self.untrusted(ends, (exchange.wire, &exchange.leg, outcome.entered), dead)
                })
            {
                return error(reason);
            }
            return case.result(State::Pass, Some(verdict), None);
        }
        case.result(State::Fail, Some(verdict), Some(told(seen)))
    }

    /// Why silence proves nothing: an end is dead, or the gateway never saw the packet.
    fn untrusted(
        &self,
        [source, target]: [Spot; 2],
        (sent, leg, entered): (Wire, &str, bool),
        dead: &[usize],
    ) -> Option<Remark> {
        for spot in [source, target] {
            if let Spot::Host(number) = spot
                && dead.contains(&number)
            {
                let host = self.twin.hosts.get(number).map_or_else(String::new, |host| host.name.clone());
                return Some(Remark::Deaf { host });
            }
        }
        (source != Spot::Gateway && !entered)
            .then(|| Remark::NeverCameIn { sent: sent.text(), leg: leg.to_owned() })
    }

    /// Runs the transfers of a group whose flows end. The policy is loaded afresh: proving it took of its time.
    fn cut(
        &mut self,
        cases: &[(usize, &Case)],
        setting: &Setting,
    ) -> Result<Vec<(usize, CaseResult)>, LabError> {
        let mut transfers = Vec::new();
        let mut results = Vec::new();
        let mut placed = Vec::new();
        for (number, case) in cases {
            let port = case.wires.iter().find_map(|wire| match wire {
                Wire::Tcp(port) => Some(*port),
                _ => None,
            });
            let ends = self.twin.spot(case.from).zip(self.twin.spot(case.to)).zip(port);
            let Some(((source, target), port)) = ends else {
                let reason = Some(Remark::NoHost);
                results.push((*number, case.result(State::Error, None, reason)));
                continue;
            };
            transfers.push(Transfer {
                tag: self.next_tag(),
                from: case.from,
                to: case.to,
                there: self.twin.there(case.from, case.to),
                port,
                source,
                target,
            });
            placed.push((*number, *case));
        }
        if !self.options.flushed {
            let policy = policy::compile(self.plant, setting.moment, &setting.given)?;
            self.twin.load(&policy.text())?;
            if let Some(text) = &self.options.after_load {
                self.twin.load_besides(text)?;
            }
        }
        let received = cut::run(self.twin, &transfers, Instant::now())?;
        results.extend(
            placed
                .iter()
                .zip(&received)
                .map(|((number, case), received)| (*number, judge_cut(case, received))),
        );
        Ok(results)
    }
}

fn judge_cut(case: &Case, received: &Received) -> CaseResult {
    if let Some(reason) = &received.unsent {
        return case.result(State::Error, None, Some(Remark::System(reason.clone())));
    }
    let verdict = received.verdict();
    let state = if verdict.is(case.expected) { State::Pass } else { State::Fail };
    case.result(state, Some(verdict), received.reason())
}

/// Payload got there and its answer came back.
fn through(exchange: &Exchange, outcome: &Outcome) -> bool {
    let there = exchange.target == Spot::Gateway || outcome.arrived > 0;
    let back = outcome.answered || (exchange.fragmented && outcome.came_back);
    there && back
}

/// Anything of it got there. The gateway's own leg sees packets before any rule, so its sockets are asked instead.
fn reached(exchange: &Exchange, outcome: &Outcome) -> bool {
    outcome.received || outcome.answered || (exchange.target != Spot::Gateway && outcome.arrived > 0)
}

/// What happened, for a case that failed.
fn told(seen: &[(&Exchange, &Outcome)]) -> Remark {
    let parts = seen.iter().map(|(exchange, outcome)| {
        let fate = match (reached(exchange, outcome), through(exchange, outcome)) {
            (_, true) => Fate::Answered,
            (true, false) => Fate::Unanswered,
            (false, _) if outcome.entered || exchange.source == Spot::Gateway => Fate::Stopped,
            (false, _) => Fate::Lost,
        };
        (exchange.wire.text(), fate)
    });
    Remark::Told(parts.collect())
}

/// Where the twin is not the plant.
fn assumptions(plant: &Plant) -> Vec<Remark> {
    let mut list = vec![Remark::HostsAnswer, Remark::Cabling];
    for (_, leg) in plant.legs().filter(|(_, leg)| leg.port.starts_with("wg")) {
        list.push(Remark::TunnelIsCable { leg: leg.port.clone() });
    }
    for asset in plant.assets.values() {
        if asset.interfaces.len() > 1 {
            list.push(Remark::SeveralHosts { asset: asset.name() });
        }
        if asset.interfaces.iter().any(|interface| interface.leg.is_none()) {
            list.push(Remark::InterfaceNotInTwin { asset: asset.name() });
        }
    }
    list
}

/// Sockets of a few dozen hosts need more descriptors than a shell gives; where it may not have them, so be it.
fn allow_many_descriptors() {
    if let Ok((soft, hard)) = getrlimit(Resource::RLIMIT_NOFILE)
        && soft < hard
    {
        let _ = setrlimit(Resource::RLIMIT_NOFILE, hard.min(65_536), hard);
    }
}
