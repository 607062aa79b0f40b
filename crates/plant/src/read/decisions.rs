//! Decisions that concern enforcement, and what people vouch for.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use super::Builder;
use super::section::Section;
use crate::ids::{ConduitId, FlowId, ZoneId};
use crate::model::{Attestation, PortOnly, ProxyLoss};
use crate::problem::{Deciding, Kind, Near, Timing};

/// What a decision about a flow may rest on.
const FACTS: [&str; 5] = ["from", "to", "service", "allow", "when"];

/// What every decision and attestation carries.
struct Said {
    who: String,
    role: String,
    /// First and last day; none where one of them is missing or is no day.
    days: Option<(Date, Date)>,
    why: String,
}

impl Builder<'_> {
    pub(super) fn port_only(&mut self, sections: &[Section<'_, '_>]) {
        for section in sections {
            let flow = section.text("flow", self.sink);
            let known = flow.as_ref().is_some_and(|flow| self.known(section, Kind::Flow, flow));
            let said = self.said(section);
            let mut facts = BTreeMap::new();
            for (fact, text, span) in section.words("facts", self.sink) {
                if FACTS.contains(&fact.as_str()) {
                    facts.insert(fact, text);
                } else {
                    let problem = Deciding::UnknownFact { who: section.who.clone(), fact };
                    self.add(section.at(&span), problem);
                }
            }
            section.finish(self.sink);
            let (Some(flow), Some((date, until))) = (flow, said.days) else { continue };
            self.in_order(section, date, until);
            if !known {
                continue;
            }
            let flow = FlowId::new(flow.text);
            let decision = PortOnly {
                flow: flow.clone(),
                who: said.who,
                role: said.role,
                date,
                until,
                why: said.why,
                facts,
                place: section.place(),
            };
            self.plant.decisions.port_only.insert(flow, decision);
        }
    }

    pub(super) fn proxy_loss(&mut self, sections: &[Section<'_, '_>]) {
        for section in sections {
            let flow = section.text("flow", self.sink);
            let known = flow.as_ref().is_some_and(|flow| self.known(section, Kind::Flow, flow));
            let then = section.text("then", self.sink);
            let said = self.said(section);
            section.finish(self.sink);
            if let Some(then) = then.filter(|then| then.text != "closed") {
                let problem = Deciding::Then { who: section.who.clone(), text: then.text.to_owned() };
                self.add(section.at(&then.span), problem);
                continue;
            }
            let (Some(flow), Some((date, until))) = (flow, said.days) else { continue };
            self.in_order(section, date, until);
            if !known {
                continue;
            }
            let flow = FlowId::new(flow.text);
            let decision = ProxyLoss {
                flow: flow.clone(),
                who: said.who,
                role: said.role,
                date,
                until,
                why: said.why,
                place: section.place(),
            };
            self.plant.decisions.proxy_loss.insert(flow, decision);
        }
    }

    pub(super) fn attested(&mut self, sections: &[Section<'_, '_>]) {
        for section in sections {
            let requirements = self.requirements(section);
            let (zones, conduits) = self.places(section);
            let said = self.said(section);
            let evidence = section.string("evidence", self.sink);
            section.finish(self.sink);
            let Some((date, until)) = said.days else { continue };
            self.in_order(section, date, until);
            self.plant.decisions.attested.push(Attestation {
                requirements,
                zones,
                conduits,
                who: said.who,
                role: said.role,
                date,
                until,
                why: said.why,
                evidence,
                place: section.place(),
            });
        }
    }

    /// Who said it, when, until when and why.
    fn said(&mut self, section: &Section<'_, '_>) -> Said {
        let who = section.string("who", self.sink).unwrap_or_default();
        let role = section.string("role", self.sink).unwrap_or_default();
        let days = (self.day(section, "date"), self.day(section, "until"));
        let why = section.string("why", self.sink).unwrap_or_default();
        Said { who, role, days: days.0.zip(days.1), why }
    }

    fn requirements(&mut self, section: &Section<'_, '_>) -> Vec<String> {
        let mut requirements = Vec::new();
        for text in section.texts("requirement", self.sink) {
            if standard::system(text.text).is_some() {
                requirements.push(text.text.to_owned());
            } else {
                let ids = standard::systems().iter().map(|requirement| requirement.id.as_str());
                let near = Near(words::nearest(text.text, ids).map(str::to_owned));
                let problem =
                    Deciding::UnknownRequirement { who: section.who.clone(), id: text.text.to_owned(), near };
                self.add(section.at(&text.span), problem);
            }
        }
        requirements
    }

    /// The zones and conduits an attestation is about. An id may belong to one of each; then both are meant.
    fn places(&mut self, section: &Section<'_, '_>) -> (BTreeSet<ZoneId>, BTreeSet<ConduitId>) {
        let (mut zones, mut conduits) = (BTreeSet::new(), BTreeSet::new());
        for text in section.texts("where", self.sink) {
            if text.text == "all" {
                let assessed = self.plant.zones.values().filter(|zone| !zone.outside);
                zones.extend(assessed.map(|zone| zone.id.clone()));
                conduits.extend(self.plant.conduits.keys().cloned());
                continue;
            }
            let (zone, conduit) =
                (self.declared(Kind::Zone, text.text), self.declared(Kind::Conduit, text.text));
            if self.plant.zones.get(text.text).is_some_and(|zone| zone.outside) {
                let problem = Deciding::OutsidePlace { who: section.who.clone(), id: text.text.to_owned() };
                self.add(section.at(&text.span), problem);
            } else if zone {
                zones.insert(ZoneId::new(text.text));
            }
            if conduit {
                conduits.insert(ConduitId::new(text.text));
            }
            if !zone && !conduit {
                // A plant with thousands of ids and thousands of slips: looking at every pair would take too long.
                const MOST: usize = 2_000;
                let known = self.ids.iter().filter(|(kind, _)| matches!(kind, Kind::Zone | Kind::Conduit));
                let near = words::nearest(text.text, known.take(MOST).map(|(_, id)| id.as_str()));
                let near = Near(near.map(str::to_owned));
                let problem =
                    Deciding::UnknownPlace { who: section.who.clone(), id: text.text.to_owned(), near };
                self.add(section.at(&text.span), problem);
            }
        }
        (zones, conduits)
    }

    /// A decision begins before it ends.
    pub(super) fn in_order(&mut self, section: &Section<'_, '_>, date: Date, until: Date) {
        if until < date {
            let problem = Deciding::Backwards {
                who: section.who.clone(),
                date: date.to_string(),
                until: until.to_string(),
            };
            self.add(section.place_of("until"), problem);
        }
    }

    pub(super) fn day(&mut self, section: &Section<'_, '_>, key: &str) -> Option<Date> {
        let (text, span) = section.day(key, self.sink)?;
        // `parse` takes a time behind the day too; the language does not.
        let day = text.parse::<Date>().ok().filter(|day| day.to_string() == text);
        if day.is_none() {
            let problem = Timing::Date { who: section.who.clone(), key: key.to_owned(), text };
            self.add(section.at(&span), problem);
        }
        day
    }
}
