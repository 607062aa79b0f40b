//! Decisions about risk, the method and the matrix.

use std::collections::BTreeMap;

use super::Builder;
use super::section::Section;
use crate::judgement::{Judgement, JudgementKind, Method, RISKS, ToleranceTable};
use crate::keys::GROUPS;
use crate::problem::{Judging, Kind};

impl Builder<'_> {
    pub(super) fn judgements(&mut self, sections: &[(JudgementKind, Section<'_, '_>)]) {
        for (kind, section) in sections {
            let about = self.about(*kind, section);
            let places =
                if *kind == JudgementKind::Accept { Vec::new() } else { self.judged_places(section) };
            let level = match kind {
                JudgementKind::Override => section.whole("level", self.sink).and_then(|(level, span)| {
                    let found = u8::try_from(level).ok().filter(|level| *level <= 4);
                    if found.is_none() {
                        let problem = Judging::Level { who: section.who.clone(), text: level.to_string() };
                        self.sink.add(section.at(&span), problem);
                    }
                    found
                }),
                _ => None,
            };
            let mut further = |key: &str, wanted: JudgementKind| {
                (*kind == wanted).then(|| section.string(key, self.sink)).flatten()
            };
            let by = further("by", JudgementKind::Compensate);
            let test = further("test", JudgementKind::Compensate);
            let residual = further("residual", JudgementKind::Compensate);
            let who = section.string("who", self.sink);
            let role = section.text("role", self.sink);
            let date = self.day(section, "date");
            let until = self.day(section, "until");
            let why = section.string("why", self.sink);
            let facts: BTreeMap<String, String> =
                section.words("facts", self.sink).into_iter().map(|(fact, text, _)| (fact, text)).collect();
            section.finish(self.sink);
            let (Some(role), Some(date), Some(until)) = (role, date, until) else { continue };
            self.in_order(section, date, until);
            self.allowed(section, &role, &places);
            let other = self.plant.decisions.judged.iter().find(|other| {
                *kind == JudgementKind::Override
                    && other.kind == *kind
                    && other.level != level
                    && other.about.iter().any(|group| about.contains(group))
                    && other.places.iter().any(|place| places.contains(place))
            });
            if let Some(other) = other {
                let place = places.first().cloned().unwrap_or_default();
                let problem =
                    Judging::Contradicts { who: section.who.clone(), place, line: other.place.line };
                self.add(Some(section.place()), problem);
                continue;
            }
            self.plant.decisions.judged.push(Judgement {
                kind: *kind,
                about,
                places,
                level,
                by,
                test,
                residual,
                who: who.unwrap_or_default(),
                role: role.text.to_owned(),
                date,
                until,
                why: why.unwrap_or_default(),
                facts,
                place: section.place(),
            });
        }
    }

    fn about(&mut self, kind: JudgementKind, section: &Section<'_, '_>) -> Vec<String> {
        let mut about = Vec::new();
        for text in section.texts(kind.about(), self.sink) {
            let known = match kind {
                // Which scenarios there are is for the assessment to say.
                JudgementKind::Accept => true,
                JudgementKind::Override => GROUPS.contains(&text.text),
                JudgementKind::Compensate | JudgementKind::NotApplicable => {
                    GROUPS.contains(&text.text)
                        || standard::system(text.text).is_some()
                        || standard::component(text.text).is_some()
                }
            };
            if known {
                about.push(text.text.to_owned());
            } else {
                let problem = Judging::Unknown { who: section.who.clone(), id: text.text.to_owned() };
                self.add(section.at(&text.span), problem);
            }
        }
        about
    }

    fn judged_places(&mut self, section: &Section<'_, '_>) -> Vec<String> {
        let mut places = Vec::new();
        for text in section.texts("where", self.sink) {
            let known =
                [Kind::Zone, Kind::Conduit, Kind::Asset].iter().any(|kind| self.declared(*kind, text.text));
            if known {
                places.push(text.text.to_owned());
            } else {
                let problem = Judging::Nowhere { who: section.who.clone(), id: text.text.to_owned() };
                self.add(section.at(&text.span), problem);
            }
        }
        places
    }

    /// Who may accept what is a rule of the plant.
    fn allowed(&mut self, section: &Section<'_, '_>, role: &super::section::Text<'_>, places: &[String]) {
        let mut zones: Vec<String> = Vec::new();
        for place in places {
            if let Some(asset) = self.plant.assets.get(place.as_str()) {
                zones.push(asset.zone.to_string());
            } else if let Some(conduit) = self.plant.conduits.get(place.as_str()) {
                zones.extend(conduit.between.iter().map(ToString::to_string));
            } else {
                zones.push(place.clone());
            }
        }
        if zones.is_empty() {
            // A scenario may end anywhere: only a role that may accept for the whole plant can accept it.
            zones.push(String::new());
        }
        if let Some(zone) = zones.into_iter().find(|zone| !self.plant.may_judge(role.text, zone)) {
            let zone = if zone.is_empty() { "plant".to_owned() } else { zone };
            let problem = Judging::WrongRole { who: section.who.clone(), role: role.text.to_owned(), zone };
            self.add(section.at(&role.span), problem);
        }
    }

    pub(super) fn method(&mut self, sections: &[Section<'_, '_>]) {
        for section in sections {
            let levels = section.text("levels", self.sink);
            let subject = section.text("subject", self.sink);
            section.finish(self.sink);
            self.plant.method = Method {
                by_reduction: levels.is_some_and(|text| text.text == "reduction"),
                product: subject.is_some_and(|text| text.text == "product"),
            };
        }
    }

    pub(super) fn tolerance(&mut self, sections: &[Section<'_, '_>]) {
        for section in sections {
            let risk =
                |text: &str| RISKS.iter().position(|word| *word == text).and_then(|at| u8::try_from(at).ok());
            let tolerable = section.text("tolerable", self.sink).and_then(|text| risk(text.text));
            let people = section.text("tolerable-people", self.sink).and_then(|text| risk(text.text));
            let rows = section.texts("matrix", self.sink);
            let place = rows.first().map(|row| row.span.clone());
            let mut matrix = [[0; 5]; 5];
            let mut whole = rows.len() == matrix.len();
            for (row, text) in matrix.iter_mut().zip(&rows) {
                let words: Vec<&str> = text.text.split(',').map(str::trim).collect();
                whole &= words.len() == row.len();
                for (cell, word) in row.iter_mut().zip(words) {
                    match risk(word) {
                        Some(found) => *cell = found,
                        None => whole = false,
                    }
                }
            }
            // A graver or likelier case is never a smaller risk.
            let rises = matrix.iter().all(|row| row.is_sorted())
                && matrix
                    .windows(2)
                    .all(|pair| matches!(pair, [one, two] if one.iter().zip(two).all(|(a, b)| a <= b)));
            section.finish(self.sink);
            if rows.is_empty() {
                continue;
            }
            if !whole || !rises {
                let at = place.as_ref().and_then(|span| section.at(span));
                self.add(at, Judging::Matrix { who: section.who.clone() });
                continue;
            }
            if let (Some(tolerable), Some(tolerable_people)) = (tolerable, people) {
                self.plant.tolerance = Some(ToleranceTable { matrix, tolerable, tolerable_people });
            }
        }
    }
}
