//! The plant's own tests.

use std::net::IpAddr;

use protocols::{Command, Service};

use super::Builder;
use super::section::{Section, Text};
use crate::model::{Attempt, Expect, Given, Verdict};
use crate::problem::{Expecting, Kind, Network, Problem, Thing, Timing};
use crate::when::Moment;

impl Builder<'_> {
    pub(super) fn cases(&mut self, sections: &[Section<'_, '_>]) {
        for section in sections {
            if section.has("id") {
                section.text("id", self.sink);
            }
            let say = section.text("say", self.sink);
            let sentence = say.as_ref().and_then(|say| self.say(section, say));
            let at = self.moment(section);
            let given = self.given(section);
            let after = self.duration(section, "after");
            let verdict = self.verdict(section);
            section.string("id", self.sink);
            section.string("why", self.sink);
            section.finish(self.sink);
            let (Some(say), Some(sentence), Some((verdict, alarm))) = (say, sentence, verdict) else {
                continue;
            };
            let case = Expect {
                id: section.who.id.clone(),
                say: say.text.to_owned(),
                from: sentence.from,
                to: sentence.to,
                what: sentence.what,
                fragmented: sentence.fragmented,
                at,
                given,
                after,
                verdict,
                alarm,
                place: section.place(),
            };
            self.makes_sense(section, &case);
            self.plant.expects.push(case);
        }
    }

    fn say(&mut self, section: &Section<'_, '_>, say: &Text<'_>) -> Option<Sentence> {
        let wrong = |text: &str| Expecting::Say { who: section.who.clone(), text: text.to_owned() };
        let Some((from, rest)) = say.text.split_once("->") else {
            self.add(section.at(&say.span), wrong(say.text));
            return None;
        };
        let rest = rest.trim();
        let (to, rest) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
        let from = self.end(section, say, from.trim())?;
        let named = to.parse::<IpAddr>().is_err();
        let to = self.end(section, say, to)?;
        let to = if named { self.called(from, to) } else { to };
        if from.is_ipv4() != to.is_ipv4() {
            self.add(section.at(&say.span), Expecting::Families { who: section.who.clone() });
            return None;
        }
        let rest = rest.trim();
        let (rest, fragmented) = match rest.strip_suffix("fragmented") {
            Some(rest) => (rest.trim_end(), true),
            None => (rest, false),
        };
        let (service, command) = match Service::take(rest) {
            Ok(taken) => taken,
            Err(error) => {
                self.add(section.at(&say.span), Problem::Service(section.who.clone(), error));
                return None;
            }
        };
        let what = if command.is_empty() {
            if service.protocol.word == "any" { Attempt::Any } else { Attempt::Service(service) }
        } else {
            match Command::parse(&service, command) {
                Ok(command) => Attempt::Command(service, command),
                Err(error) => {
                    self.add(section.at(&say.span), Problem::Command(section.who.clone(), error));
                    return None;
                }
            }
        };
        Some(Sentence { from, to, what, fragmented })
    }

    /// A device's address as the sender has to write it: behind some legs it is known under another one.
    fn called(&self, from: IpAddr, to: IpAddr) -> IpAddr {
        let leg = self.plant.leg_of(from).map(|(_, leg)| leg.port.as_str());
        let known =
            self.plant.translations.iter().find(|each| Some(each.leg.as_str()) == leg && each.address == to);
        known.map_or(to, |each| each.outside)
    }

    /// An address, or an asset by its first one.
    fn end(&mut self, section: &Section<'_, '_>, say: &Text<'_>, text: &str) -> Option<IpAddr> {
        let address = match text.parse::<IpAddr>() {
            Ok(address) => address,
            Err(_) => {
                let asset = self.plant.assets.get(text);
                let first = asset
                    .and_then(|asset| asset.interfaces.iter().find_map(|i| i.addresses.first().copied()));
                let Some(address) = first else {
                    // An asset whose address could not be read was reported there.
                    if !(self.declared(Kind::Asset, text) && self.sink.errors()) {
                        let problem = Expecting::Say { who: section.who.clone(), text: text.to_owned() };
                        self.add(section.at(&say.span), problem);
                    }
                    return None;
                };
                address
            }
        };
        let gateway = self.plant.legs().any(|(_, leg)| leg.gateways.contains(&address));
        if !gateway && self.plant.leg_of(address).is_none() {
            let problem = Network::Nowhere { who: section.who.clone(), address: text.to_owned() };
            self.add(section.at(&say.span), problem);
            return None;
        }
        Some(address)
    }

    fn moment(&mut self, section: &Section<'_, '_>) -> Option<Moment> {
        let text = section.text("at", self.sink)?;
        let moment = Moment::parse(text.text);
        match &moment {
            None => {
                let problem = Timing::Moment { who: section.who.clone(), text: text.text.to_owned() };
                self.add(section.at(&text.span), problem);
            }
            Some(Moment::Instant(_)) => {}
            Some(_) => self.needs_timezone(section, &text, section.who.clone()),
        }
        moment
    }

    fn given(&mut self, section: &Section<'_, '_>) -> Vec<Given> {
        let mut all = Vec::new();
        for text in section.texts("given", self.sink) {
            let Some(given) = Given::parse(text.text) else {
                let problem = Expecting::Given { who: section.who.clone(), text: text.text.to_owned() };
                self.add(section.at(&text.span), problem);
                continue;
            };
            match &given {
                Given::Approved { flow, .. } => {
                    let id = Text { text: flow.as_str(), span: text.span.clone() };
                    if self.known(section, Kind::Flow, &id)
                        && self.plant.flows.get(flow).is_some_and(|flow| flow.approve.is_empty())
                    {
                        let problem =
                            Expecting::NoApproval { who: section.who.clone(), flow: flow.to_string() };
                        self.add(section.at(&text.span), problem);
                    }
                }
                Given::State { state, value } => {
                    let known =
                        self.plant.states.get(state).is_some_and(|state| state.values.contains(value));
                    if !known {
                        let problem = crate::problem::Flowing::Condition {
                            who: section.who.clone(),
                            text: text.text.to_owned(),
                        };
                        self.add(section.at(&text.span), problem);
                    }
                }
            }
            all.push(given);
        }
        all
    }

    fn verdict(&mut self, section: &Section<'_, '_>) -> Option<(Verdict, bool)> {
        let text = section.text("verdict", self.sink)?;
        let written = text.text.split_whitespace().collect::<Vec<_>>().join(" ");
        let (word, alarm) = match written.strip_suffix("alarm") {
            Some("") => ("alarm", true),
            Some(word) if word.ends_with(' ') => (word.trim_end(), true),
            _ => (written.as_str(), false),
        };
        let verdict = match word {
            "allow" => Verdict::Allow,
            "deny" => Verdict::Deny,
            "deny by command" => Verdict::DenyByCommand,
            "cut" => Verdict::Cut,
            "blind" => Verdict::Blind,
            "alarm" => Verdict::Alarm,
            _ => {
                let problem = Expecting::Verdict { who: section.who.clone(), text: text.text.to_owned() };
                self.add(section.at(&text.span), problem);
                return None;
            }
        };
        Some((verdict, alarm))
    }

    fn makes_sense(&mut self, section: &Section<'_, '_>, case: &Expect) {
        let lacks = match case.verdict {
            Verdict::DenyByCommand if !matches!(case.what, Attempt::Command(..)) => "VERB",
            Verdict::Blind if !matches!(case.what, Attempt::Command(..)) => "VERB",
            Verdict::Cut if case.after.is_none() => "`after`",
            Verdict::Cut
                if !case.given.iter().any(|given| matches!(given, Given::Approved { .. }))
                    && case.at.is_none() =>
            {
                "`given`"
            }
            _ => return,
        };
        let problem = Expecting::Odd {
            who: Thing::new(Kind::Case, &section.who.id),
            verdict: verdict_word(case.verdict).to_owned(),
            lacks: lacks.to_owned(),
        };
        self.add(section.place_of("verdict"), problem);
    }
}

fn verdict_word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Allow => "allow",
        Verdict::Deny => "deny",
        Verdict::DenyByCommand => "deny by command",
        Verdict::Cut => "cut",
        Verdict::Blind => "blind",
        Verdict::Alarm => "alarm",
    }
}

/// What a case says, understood.
struct Sentence {
    from: IpAddr,
    to: IpAddr,
    what: Attempt,
    fragmented: bool,
}
