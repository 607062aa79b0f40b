//! States, roles and people.

use super::Builder;
use super::section::Section;
use crate::ids::{RoleId, StateId};
use crate::model::{Condition, Person, Role, State};
use crate::problem::{Flowing, Kind, Naming, Thing};

impl Builder<'_> {
    pub(super) fn states(&mut self, sections: &[Section<'_, '_>]) {
        for section in sections {
            let id = StateId::new(section.who.id.clone());
            let mut values: Vec<String> = Vec::new();
            for value in section.texts("values", self.sink) {
                if values.iter().any(|known| known == value.text) {
                    let problem = Naming::DuplicateId {
                        who: Thing::new(Kind::State, value.text),
                        line: section.place().line,
                        file: section.place().file.to_string(),
                    };
                    self.add(section.at(&value.span), problem);
                } else if crate::ids::is_id(value.text) {
                    values.push(value.text.to_owned());
                } else {
                    let problem = Naming::BadId { kind: Kind::State, text: value.text.to_owned() };
                    self.add(section.at(&value.span), problem);
                }
            }
            let source = section.text("source", self.sink);
            if let Some(source) = &source
                && source.text.split_whitespace().next() != Some("gpio")
            {
                let problem =
                    Flowing::StateSource { who: section.who.clone(), source: source.text.to_owned() };
                self.add(section.at(&source.span), problem);
            }
            let source = source.map(|source| source.text.to_owned()).unwrap_or_default();
            section.string("title", self.sink);
            section.finish(self.sink);
            self.plant.states.insert(id.clone(), State { id, values, source, place: section.place() });
        }
    }

    pub(super) fn roles(&mut self, sections: &[Section<'_, '_>]) {
        for section in sections {
            let id = RoleId::new(section.who.id.clone());
            let title = section.string("title", self.sink).unwrap_or_else(|| id.to_string());
            let may = section.texts("may", self.sink).iter().map(|text| text.text.to_owned()).collect();
            section.finish(self.sink);
            self.plant.roles.insert(id.clone(), Role { id, title, may });
        }
    }

    pub(super) fn people(&mut self, sections: &[Section<'_, '_>]) {
        for section in sections {
            let name = section.string("name", self.sink).unwrap_or_else(|| section.who.id.clone());
            let roles = self.role_list(section, "role");
            section.finish(self.sink);
            self.plant.people.insert(section.who.id.clone(), Person { name, roles });
        }
    }

    /// Roles a key names, each known.
    pub(super) fn role_list(&mut self, section: &Section<'_, '_>, key: &str) -> Vec<RoleId> {
        let mut roles = Vec::new();
        for role in section.texts(key, self.sink) {
            if self.known(section, Kind::Role, &role) {
                roles.push(RoleId::new(role.text));
            }
        }
        roles
    }

    /// `key >= ONLINE`, `key = REMOTE`.
    pub(super) fn condition(&mut self, section: &Section<'_, '_>, key: &str) -> Option<Condition> {
        let text = section.text(key, self.sink)?;
        let split = match text.text.split_once(">=") {
            Some((state, value)) => Some((state, value, true)),
            None => text.text.split_once('=').map(|(state, value)| (state, value, false)),
        };
        let condition = split.and_then(|(state, value, at_least)| {
            let (state, value) = (state.trim(), value.trim());
            let known = self.plant.states.get(state)?.values.iter().any(|known| known == value);
            known.then(|| Condition { state: StateId::new(state), at_least, value: value.to_owned() })
        });
        if condition.is_none() {
            let problem = Flowing::Condition { who: section.who.clone(), text: text.text.to_owned() };
            self.add(section.at(&text.span), problem);
        }
        condition
    }
}
