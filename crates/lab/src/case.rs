//! The plant's own cases: what they put on the wire, and which of them layers 3 and 4 decide.

use std::net::IpAddr;

use jiff::tz::TimeZone;
use plant::{Attempt, Expect, Flow, Plant, Verdict};
use protocols::{Command, Service, Transport};

use crate::moment::{self, Setting};
use crate::oracle::Oracle;
use crate::placing::{Place, place};
use crate::remark::Remark;
use crate::report::{CaseResult, LabOptions, State};
use crate::wire::Wire;

/// A port nobody listens on by habit, tried where a case says `any`.
const HIGH_PORT: u16 = 54_321;

/// A case ready to be sent.
#[derive(Debug, Clone)]
pub(crate) struct Case {
    pub(crate) id: String,
    pub(crate) say: String,
    pub(crate) from: IpAddr,
    pub(crate) to: IpAddr,
    /// Everything it sends; an allow needs all of it through, a deny none.
    pub(crate) wires: Vec<Wire>,
    pub(crate) fragmented: bool,
    pub(crate) dialog: Dialog,
    pub(crate) expected: Verdict,
    pub(crate) setting: Setting,
    pub(crate) derived: bool,
}

/// How a case is played.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Dialog {
    /// Whatever its wires are, each for itself.
    Wires,
    /// A command that is asked of a device.
    Command { port: u16, unit: u8, command: Command },
    /// A file transfer with the connections it announces.
    Transfer { port: u16 },
}

impl Case {
    pub(crate) fn result(
        &self,
        state: State,
        verdict: Option<crate::Seen>,
        reason: Option<Remark>,
    ) -> CaseResult {
        CaseResult {
            id: self.id.clone(),
            say: self.say.clone(),
            expected: self.expected,
            verdict,
            state,
            reason,
            derived: self.derived,
        }
    }
}

/// A case of the plant: to be sent, or settled without.
pub(crate) fn prepare(
    plant: &Plant,
    zone: &TimeZone,
    options: &LabOptions,
    expect: &Expect,
) -> Result<Case, Box<CaseResult>> {
    let settled = |state, reason: Remark| {
        Box::new(CaseResult {
            id: expect.id.clone(),
            say: expect.say.clone(),
            expected: expect.verdict,
            verdict: None,
            state,
            reason: Some(reason),
            derived: false,
        })
    };
    if expect.from.is_ipv6() != expect.to.is_ipv6() {
        return Err(settled(State::Error, Remark::TwoFamilies));
    }
    let ends = place(plant, expect.from).zip(place(plant, expect.to));
    let Some((source, target)) = ends else {
        return Err(settled(State::Error, Remark::BehindNoLeg));
    };
    if let (Place::Behind(one), Place::Behind(other)) = (&source, &target)
        && one == other
    {
        let reason = Remark::SameLeg { leg: one.clone() };
        return Err(settled(State::NotInspected, reason));
    }
    if source.is_gateway() && target.is_gateway() {
        return Err(settled(State::Error, Remark::GatewayOnly));
    }
    let spoken = matches!(&expect.what, Attempt::Command(service, _) if service.inspector());
    match expect.verdict {
        Verdict::DenyByCommand if spoken => {}
        Verdict::DenyByCommand | Verdict::Blind | Verdict::Alarm => {
            return Err(settled(State::NotInspected, Remark::NeedsInspection));
        }
        _ if expect.alarm => {
            return Err(settled(State::NotInspected, Remark::NeedsObservation));
        }
        Verdict::Allow | Verdict::Deny | Verdict::Cut => {}
    }
    if spoken && expect.verdict == Verdict::Cut {
        return Err(settled(State::NotInspected, Remark::NoCutCommands));
    }
    let wires = wires(plant, expect);
    if wires.is_empty() {
        return Err(settled(State::NotInspected, Remark::BelowIp));
    }
    let oracle = Oracle { plant, zone };
    let flow = wires.iter().find_map(|wire| {
        oracle
            .naming(expect.from, expect.to, *wire)
            .find(|flow| flow_is_given(flow, expect) || flow.approve.is_empty())
    });
    let setting = moment::of_case(plant, zone, options, expect, flow)
        .map_err(|reason| settled(State::Error, Remark::System(reason)))?;
    let dialog = dialog(&oracle, expect, &wires);
    if let Attempt::Command(..) = expect.what
        && !spoken
        && let Some(flow) = limited(&oracle, &setting, expect, &wires)
    {
        let reason = Remark::LimitedCommands { flow: flow.id.to_string() };
        return Err(settled(State::NotInspected, reason));
    }
    if let Attempt::Command(service, _) = &expect.what
        && expect.verdict == Verdict::Allow
        && service.announces()
        && dialog == Dialog::Wires
    {
        let reason = Remark::SecondConnection { protocol: service.protocol.word.to_owned() };
        return Err(settled(State::NotInspected, reason));
    }
    if expect.verdict == Verdict::Cut && !wires.iter().any(|wire| matches!(wire, Wire::Tcp(_))) {
        return Err(settled(State::Error, Remark::OnlyTcpIsCut));
    }
    Ok(Case {
        id: expect.id.clone(),
        say: expect.say.clone(),
        from: expect.from,
        to: expect.to,
        wires,
        fragmented: expect.fragmented,
        dialog,
        expected: expect.verdict,
        setting,
        derived: false,
    })
}

/// Which dialog shows what a case says.
fn dialog(oracle: &Oracle<'_>, expect: &Expect, wires: &[Wire]) -> Dialog {
    let Attempt::Command(service, command) = &expect.what else { return Dialog::Wires };
    let port = wires.iter().find_map(|wire| if let Wire::Tcp(port) = wire { Some(*port) } else { None });
    let Some(port) = port else { return Dialog::Wires };
    if service.inspector() {
        // The unit of the case, else the one its flow names.
        let units = wires
            .iter()
            .flat_map(|wire| oracle.naming(expect.from, expect.to, *wire))
            .flat_map(|flow| &flow.services)
            .filter_map(|service| service.unit);
        let unit = service.unit.or_else(|| units.into_iter().next()).unwrap_or(1);
        return Dialog::Command { port, unit, command: command.clone() };
    }
    let v4 = expect.from.is_ipv4() && expect.to.is_ipv4();
    // What a transfer announces does not pass where an end of it is known under another address.
    let plain = oracle.plant.translated(expect.to).is_none();
    if service.announces() && expect.verdict == Verdict::Allow && v4 && plain {
        return Dialog::Transfer { port };
    }
    Dialog::Wires
}

fn flow_is_given(flow: &Flow, expect: &Expect) -> bool {
    expect
        .given
        .iter()
        .any(|fact| matches!(fact, plant::Given::Approved { flow: approved, .. } if *approved == flow.id))
}

/// The flow whose limits decide about a command, unless another flow lets every command through.
fn limited<'a>(oracle: &Oracle<'a>, setting: &Setting, expect: &Expect, wires: &[Wire]) -> Option<&'a Flow> {
    let named: Vec<&Flow> = wires
        .iter()
        .flat_map(|wire| oracle.naming(expect.from, expect.to, *wire))
        .filter(|flow| oracle.now(setting, flow))
        .collect();
    if named.iter().any(|flow| !flow.limited()) {
        return None;
    }
    named.first().copied()
}

/// What a case sends.
fn wires(plant: &Plant, expect: &Expect) -> Vec<Wire> {
    match &expect.what {
        Attempt::Service(service) | Attempt::Command(service, _) => of_service(service, expect.to.is_ipv6()),
        Attempt::Any => {
            // The device that is meant.
            let to = plant.translated(expect.to).map_or(expect.to, |known| known.address);
            let mut wires = vec![Wire::Tcp(HIGH_PORT), Wire::Udp(HIGH_PORT), Wire::Echo];
            let offered = plant
                .assets
                .values()
                .filter(|asset| asset.interfaces.iter().any(|interface| interface.addresses.contains(&to)))
                .flat_map(|asset| &asset.services);
            let named = plant
                .flows
                .values()
                .filter(|flow| plant.routes(flow).iter().any(|route| route.to.addresses.contains(&to)))
                .flat_map(|flow| &flow.services);
            for service in offered.chain(named) {
                for wire in of_service(service, expect.to.is_ipv6()) {
                    if !wires.contains(&wire) {
                        wires.push(wire);
                    }
                }
            }
            wires
        }
    }
}

/// One packet for each transport of a service: the first port of a range.
pub(crate) fn of_service(service: &Service, v6: bool) -> Vec<Wire> {
    let mut wires = Vec::new();
    for transport in &service.transports {
        let wire = match transport {
            Transport::Tcp(ports) => Wire::Tcp(ports.first),
            Transport::Udp(ports) => Wire::Udp(ports.first),
            Transport::Icmp { kind: 8 } if !v6 => Wire::Echo,
            Transport::Icmp6 { kind: 128 } if v6 => Wire::Echo,
            Transport::Ip(number) => match *number {
                crate::wire::TCP => Wire::Tcp(HIGH_PORT),
                crate::wire::UDP => Wire::Udp(HIGH_PORT),
                crate::wire::ICMP if !v6 => Wire::Echo,
                crate::wire::ICMP6 if v6 => Wire::Echo,
                number => Wire::Ip(number),
            },
            Transport::Any => Wire::Tcp(HIGH_PORT),
            Transport::Icmp { .. } | Transport::Icmp6 { .. } | Transport::Layer2 => continue,
        };
        if !wires.contains(&wire) {
            wires.push(wire);
        }
    }
    wires
}
