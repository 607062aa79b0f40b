//! The tables of all files by kind, with ids checked.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use toml::de::DeTable;

use super::section::Section;
use super::text::Parsed;
use crate::diagnostic::Sink;
use crate::ids::is_id;
use crate::judgement::JudgementKind;
use crate::keys::{DECISIONS_FILE, PLANT_FILE, Shape};
use crate::problem::{Form, Kind, Naming, Thing};
use crate::span::{Lines, Place};

/// All tables of a plant.
#[derive(Default)]
pub(super) struct Gathered<'s, 'a> {
    pub(super) plants: Vec<Section<'s, 'a>>,
    pub(super) context: BTreeMap<String, String>,
    pub(super) zones: Vec<Section<'s, 'a>>,
    pub(super) assets: Vec<Section<'s, 'a>>,
    pub(super) conduits: Vec<Section<'s, 'a>>,
    pub(super) flows: Vec<Section<'s, 'a>>,
    pub(super) remotes: Vec<Section<'s, 'a>>,
    pub(super) states: Vec<Section<'s, 'a>>,
    pub(super) roles: Vec<Section<'s, 'a>>,
    pub(super) people: Vec<Section<'s, 'a>>,
    pub(super) translations: Vec<Section<'s, 'a>>,
    pub(super) cases: Vec<Section<'s, 'a>>,
    pub(super) port_only: Vec<Section<'s, 'a>>,
    pub(super) proxy_loss: Vec<Section<'s, 'a>>,
    pub(super) attested: Vec<Section<'s, 'a>>,
    pub(super) judged: Vec<(JudgementKind, Section<'s, 'a>)>,
    pub(super) methods: Vec<Section<'s, 'a>>,
    pub(super) tolerances: Vec<Section<'s, 'a>>,
    pub(super) ids: BTreeSet<(Kind, String)>,
    /// Where a plant table would stand, for saying that it is missing.
    pub(super) start: Option<Place>,
}

struct Gatherer<'k> {
    sink: &'k mut Sink,
    seen: BTreeMap<(Kind, String), Place>,
}

pub(super) fn gather<'s, 'a>(files: &'s [Parsed<'a>], sink: &mut Sink) -> Gathered<'s, 'a> {
    let mut all = Gathered::default();
    let mut gatherer = Gatherer { sink, seen: BTreeMap::new() };
    for file in files {
        let Some(root) = &file.root else { continue };
        let shape = if file.decisions { &DECISIONS_FILE } else { &PLANT_FILE };
        let who = Thing::new(if file.decisions { Kind::Decision } else { Kind::Plant }, "");
        let section = Section::new(who, root.get_ref(), 0..0, shape, &file.lines);
        gatherer.version(&section);
        if file.decisions {
            all.port_only.extend(gatherer.list(&section, "port-only", Kind::Decision, "flow"));
            all.proxy_loss.extend(gatherer.list(&section, "proxy-loss", Kind::ProxyLoss, "flow"));
            all.attested.extend(gatherer.named_by(&section, "attest", Kind::Attestation, "requirement"));
            for kind in JudgementKind::ALL {
                let found = gatherer.named_by(&section, kind.word(), Kind::Decision, kind.about());
                all.judged.extend(found.into_iter().map(|section| (kind, section)));
            }
        } else {
            all.start.get_or_insert_with(|| section.place());
            all.plants.extend(section.table("plant", gatherer.sink));
            all.methods.extend(section.table("method", gatherer.sink));
            all.tolerances.extend(section.table("tolerance", gatherer.sink));
            for (word, text, _) in section.words("context", gatherer.sink) {
                all.context.insert(word, text);
            }
            all.zones.extend(gatherer.map(&section, "zones", Kind::Zone));
            all.assets.extend(gatherer.map(&section, "assets", Kind::Asset));
            all.conduits.extend(gatherer.map(&section, "conduits", Kind::Conduit));
            all.states.extend(gatherer.map(&section, "states", Kind::State));
            all.roles.extend(gatherer.map(&section, "roles", Kind::Role));
            all.people.extend(gatherer.map(&section, "people", Kind::Person));
            all.flows.extend(gatherer.list(&section, "flows", Kind::Flow, "id"));
            all.remotes.extend(gatherer.list(&section, "remote", Kind::Flow, "id"));
            all.translations.extend(gatherer.list(&section, "nat", Kind::Nat, "inside"));
            all.cases.extend(gatherer.list(&section, "expect", Kind::Case, "id"));
        }
        section.finish(gatherer.sink);
    }
    all.ids = gatherer.seen.into_keys().collect();
    all
}

impl Gatherer<'_> {
    fn version(&mut self, section: &Section<'_, '_>) {
        if let Some((number, span)) = section.whole("ringwall", self.sink)
            && number != 1
        {
            self.sink.add(section.at(&span), Form::Version { found: number.to_string() });
        }
    }

    fn map<'s, 'a>(&mut self, section: &Section<'s, 'a>, name: &str, kind: Kind) -> Vec<Section<'s, 'a>> {
        let mut sections = Vec::new();
        for (id, table, shape) in section.map(name, self.sink) {
            let title = if kind == Kind::Asset { title_of(table) } else { None };
            let who = Thing { kind, id: id.text.to_owned(), title };
            if self.id_is_fresh(&who, section.lines, &id.span) {
                sections.push(Section::new(who, table, id.span, shape, section.lines));
            }
        }
        sections
    }

    /// Entries whose id is one of their keys; where a case has none, its number counts.
    fn list<'s, 'a>(
        &mut self,
        section: &Section<'s, 'a>,
        name: &str,
        kind: Kind,
        key: &str,
    ) -> Vec<Section<'s, 'a>> {
        let mut sections = Vec::new();
        for (span, table, shape) in section.tables(name, self.sink) {
            match id_of(table, key) {
                Some((id, at)) => {
                    let who = Thing::new(kind, id);
                    let fresh = kind == Kind::Nat || self.id_is_fresh(&who, section.lines, &at);
                    if fresh {
                        sections.push(Section::new(who, table, at, shape, section.lines));
                    }
                }
                None if kind == Kind::Case && !table.contains_key(key) => {
                    let number = self.next_case();
                    sections.push(Section::new(Thing::new(kind, number), table, span, shape, section.lines));
                }
                // A missing or wrong id is reported when the entry is read.
                None => sections.push(unnamed(kind, table, span, shape, section.lines)),
            }
        }
        sections
    }

    /// Entries without an id: people know them by one of their texts, which may stand in several.
    fn named_by<'s, 'a>(
        &mut self,
        section: &Section<'s, 'a>,
        name: &str,
        kind: Kind,
        key: &str,
    ) -> Vec<Section<'s, 'a>> {
        let tables = section.tables(name, self.sink).into_iter();
        tables
            .map(|(span, table, shape)| {
                let named = id_of(table, key);
                let at = named.as_ref().map_or(span, |(_, at)| at.clone());
                let name = named.map(|(text, _)| text).unwrap_or_default();
                Section::new(Thing::new(kind, name), table, at, shape, section.lines)
            })
            .collect()
    }

    fn next_case(&mut self) -> String {
        let mut number = 1_usize;
        let first = (Kind::Case, String::new());
        number += self.seen.range(first..).take_while(|((kind, _), _)| *kind == Kind::Case).count();
        number.to_string()
    }

    fn id_is_fresh(&mut self, who: &Thing, lines: &Lines<'_>, span: &Range<usize>) -> bool {
        let place = lines.place(span.clone());
        if !is_id(&who.id) {
            self.sink.add(Some(place), Naming::BadId { kind: who.kind, text: who.id.clone() });
            return false;
        }
        if who.id == "gateway" && matches!(who.kind, Kind::Asset | Kind::Zone) {
            self.sink.add(Some(place), Naming::Reserved { kind: who.kind, id: who.id.clone() });
            return false;
        }
        let key = (who.kind, who.id.clone());
        if let Some(first) = self.seen.get(&key) {
            let problem =
                Naming::DuplicateId { who: who.clone(), line: first.line, file: first.file.to_string() };
            self.sink.add(Some(place), problem);
            return false;
        }
        self.seen.insert(key, place);
        true
    }
}

fn unnamed<'s, 'a>(
    kind: Kind,
    table: &'s DeTable<'a>,
    span: Range<usize>,
    shape: &'static Shape,
    lines: &'s Lines<'a>,
) -> Section<'s, 'a> {
    Section::new(Thing::new(kind, ""), table, span, shape, lines)
}

fn id_of<'s>(table: &'s DeTable<'_>, key: &str) -> Option<(&'s str, Range<usize>)> {
    let value = table.get(key)?;
    match value.get_ref() {
        toml::de::DeValue::String(id) => Some((id.as_ref(), value.span())),
        _ => None,
    }
}

fn title_of(table: &DeTable<'_>) -> Option<String> {
    id_of(table, "title").map(|(title, _)| title.to_owned())
}
