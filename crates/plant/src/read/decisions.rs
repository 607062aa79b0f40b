//! Decisions that concern enforcement.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::Builder;
use super::section::Section;
use crate::ids::FlowId;
use crate::model::PortOnly;
use crate::problem::{Deciding, Kind, Timing};

/// What a decision about a flow may rest on.
const FACTS: [&str; 5] = ["from", "to", "service", "allow", "when"];

impl Builder<'_> {
    pub(super) fn port_only(&mut self, sections: &[Section<'_, '_>]) {
        for section in sections {
            let flow = section.text("flow", self.sink);
            let known = flow.as_ref().is_some_and(|flow| self.known(section, Kind::Flow, flow));
            let who = section.string("who", self.sink);
            let role = section.string("role", self.sink);
            let date = self.day(section, "date");
            let until = self.day(section, "until");
            let why = section.string("why", self.sink);
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
            let (Some(flow), Some(date), Some(until)) = (flow, date, until) else { continue };
            if until < date {
                let problem = Deciding::Backwards {
                    who: section.who.clone(),
                    date: date.to_string(),
                    until: until.to_string(),
                };
                self.add(section.place_of("until"), problem);
            }
            if !known {
                continue;
            }
            let flow = FlowId::new(flow.text);
            let decision = PortOnly {
                flow: flow.clone(),
                who: who.unwrap_or_default(),
                role: role.unwrap_or_default(),
                date,
                until,
                why: why.unwrap_or_default(),
                facts,
                place: section.place(),
            };
            self.plant.decisions.port_only.insert(flow, decision);
        }
    }

    fn day(&mut self, section: &Section<'_, '_>, key: &str) -> Option<Date> {
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
