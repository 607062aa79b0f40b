//! The messages of a dump to a [`Ruleset`]: puts each object in its place, and says what did not come.

mod element;
mod object;

use std::collections::BTreeMap;

use crate::dump::{self, Dump, step};
use crate::number::{self, msg};
use crate::wire::{self, Attributes, Flaw, Message};
use crate::{Chain, Ruleset, Set, Table, Undecoded};

/// Decodes a dump. Total: whatever the bytes are, what is not understood or not there is named in
/// [`Ruleset::undecoded`].
pub fn decode(dump: &Dump) -> Ruleset {
    let mut decoder = Decoder::default();
    for datagram in &dump.datagrams {
        for message in wire::messages(datagram) {
            match message {
                Ok(message) => decoder.message(&message),
                Err(flaw) => decoder.flaw("dump".to_owned(), &flaw),
            }
        }
    }
    decoder.finish()
}

/// Family number and name of a table.
type TableKey = (u8, String);

#[derive(Default)]
struct Decoder {
    ruleset: Ruleset,
    places: BTreeMap<TableKey, Places>,
    /// Table and set of each element request, in the order of the requests; `None` for a set that has no name.
    requests: Vec<Option<(TableKey, String)>>,
    first: Option<u32>,
    step: u32,
    complete: bool,
}

/// Where the objects of one table are.
#[derive(Default)]
struct Places {
    table: usize,
    chains: BTreeMap<String, usize>,
    sets: BTreeMap<String, usize>,
}

impl Decoder {
    fn undecoded(&mut self, place: String, what: String) {
        self.ruleset.undecoded.push(Undecoded { place, what });
    }

    fn flaw(&mut self, place: String, flaw: &Flaw) {
        self.undecoded(place, flaw.to_string());
    }

    /// One message, in the order of the conversation (see [`crate::dump`]).
    fn message(&mut self, message: &Message<'_>) {
        let first = *self.first.get_or_insert(message.seq);
        let step = message.seq.wrapping_sub(first);
        if step != self.step || self.complete {
            let what = format!("answer {step} came where answer {} was due", self.step);
            self.undecoded("dump".to_owned(), what);
            return;
        }
        if message.flags & number::F_DUMP_INTR != 0 {
            self.undecoded("dump".to_owned(), "the ruleset changed while it was read".to_owned());
        }
        match message.kind {
            number::DONE => {
                let code = dump::done_code(message.body);
                if code != 0 || message.body.len() < 4 {
                    self.undecoded("dump".to_owned(), format!("answer {step} ended with error {code}"));
                }
                self.step += 1;
            }
            number::ERROR | number::OVERRUN => {
                let code = dump::done_code(message.body);
                self.undecoded("dump".to_owned(), format!("answer {step} is error {code}"));
            }
            kind => {
                if let Err(flaw) = self.object(kind, step, message.body) {
                    self.flaw(format!("dump, answer {step}"), &flaw);
                }
            }
        }
    }

    /// A message that carries an object. Errors are those for which no better place is known.
    fn object(&mut self, kind: u16, step: u32, body: &[u8]) -> Result<(), Flaw> {
        let due = match step {
            step::GENERATION => msg::NEW_GENERATION,
            step::TABLES => msg::NEW_TABLE,
            step::CHAINS => msg::NEW_CHAIN,
            step::RULES => msg::NEW_RULE,
            step::SETS => msg::NEW_SET,
            step::OBJECTS => msg::NEW_OBJECT,
            step::FLOWTABLES => msg::NEW_FLOWTABLE,
            _ if self.request().is_some() => msg::NEW_ELEMENT,
            _ => msg::NEW_GENERATION,
        };
        if kind != dump::reply(due) {
            return Err(Flaw::Message(kind));
        }
        let (Some(family), Some(attributes)) = (body.first(), body.get(4..)) else {
            return Err(Flaw::Cut { at: 0 });
        };
        if due == msg::NEW_SET {
            // Counted whatever else is in it: the requests for elements follow this order.
            self.requests.extend(dump::set_name(body).map(|name| name.decode()));
        }
        let mut from = Attributes::read(attributes)?;
        match due {
            msg::NEW_TABLE => self.table(*family, &mut from),
            msg::NEW_CHAIN => self.chain(*family, &mut from),
            msg::NEW_RULE => self.rule(*family, &mut from),
            msg::NEW_SET => self.set(*family, &mut from),
            msg::NEW_OBJECT => self.stateful(*family, &mut from),
            msg::NEW_FLOWTABLE => self.flowtable(*family, &mut from),
            msg::NEW_ELEMENT => self.elements(*family, &mut from),
            _ => self.generation(step, &mut from),
        }
    }

    /// The set whose elements are due, if it is elements that are due.
    fn request(&self) -> Option<&Option<(TableKey, String)>> {
        self.requests.get(usize::try_from(self.step.checked_sub(step::ELEMENTS)?).ok()?)
    }

    fn generation(&mut self, step: u32, from: &mut Attributes<'_>) -> Result<(), Flaw> {
        const ID: u16 = 1;
        const WHO_CHANGED_IT: [u16; 2] = [2, 3];
        let id = from.need_u32(ID)?;
        from.harmless(&WHO_CHANGED_IT);
        from.finish()?;
        if step == step::GENERATION {
            self.ruleset.generation = Some(id);
            self.step += 1;
        } else {
            if self.ruleset.generation != Some(id) {
                self.undecoded("dump".to_owned(), "the ruleset changed while it was read".to_owned());
            }
            self.complete = true;
        }
        Ok(())
    }

    fn table(&mut self, family: u8, from: &mut Attributes<'_>) -> Result<(), Flaw> {
        let (table, flaw) = object::table(object::family(family), from)?;
        if let Some(flaw) = flaw {
            self.flaw(place(&table, ""), &flaw);
        }
        let places = Places { table: self.ruleset.tables.len(), ..Places::default() };
        if self.places.insert((family, table.name.clone()), places).is_some() {
            self.undecoded(place(&table, ""), "comes twice".to_owned());
        }
        self.ruleset.tables.push(table);
        Ok(())
    }

    fn chain(&mut self, family: u8, from: &mut Attributes<'_>) -> Result<(), Flaw> {
        let key = (family, from.need_text(1)?);
        let (chain, flaws) = object::chain(object::family(family), from)?;
        let Some((table, places)) = find(&mut self.ruleset.tables, &mut self.places, &key) else {
            self.undecoded(lost(&key, &chain.name), "chain of a table that did not come".to_owned());
            return Ok(());
        };
        let place = place(table, &chain.name);
        let twice = places.chains.insert(chain.name.clone(), table.chains.len()).is_some();
        table.chains.push(chain);
        if twice {
            self.undecoded(place.clone(), "comes twice".to_owned());
        }
        for flaw in flaws {
            self.flaw(place.clone(), &flaw);
        }
        Ok(())
    }

    fn rule(&mut self, family: u8, from: &mut Attributes<'_>) -> Result<(), Flaw> {
        let key = (family, from.need_text(1)?);
        let chain = from.need_text(2)?;
        let (rule, flaws) = object::rule(from)?;
        let place = format!("{} {} {} handle {}", object::family(family).word(), key.1, chain, rule.handle);
        match self.chain_of(&key, &chain) {
            Some(chain) => chain.rules.push(rule),
            None => self.undecoded(place.clone(), "rule of a chain that did not come".to_owned()),
        }
        for flaw in flaws {
            self.flaw(place.clone(), &flaw);
        }
        Ok(())
    }

    fn chain_of(&mut self, key: &TableKey, name: &str) -> Option<&mut Chain> {
        let (table, places) = find(&mut self.ruleset.tables, &mut self.places, key)?;
        table.chains.get_mut(*places.chains.get(name)?)
    }

    fn set(&mut self, family: u8, from: &mut Attributes<'_>) -> Result<(), Flaw> {
        let key = (family, from.need_text(1)?);
        let (set, flaws) = object::set(from)?;
        let Some((table, places)) = find(&mut self.ruleset.tables, &mut self.places, &key) else {
            self.undecoded(lost(&key, &set.name), "set of a table that did not come".to_owned());
            return Ok(());
        };
        let place = place(table, &set.name);
        let twice = places.sets.insert(set.name.clone(), table.sets.len()).is_some();
        table.sets.push(set);
        if twice {
            self.undecoded(place.clone(), "comes twice".to_owned());
        }
        for flaw in flaws {
            self.flaw(place.clone(), &flaw);
        }
        Ok(())
    }

    fn set_of(&mut self, key: &TableKey, name: &str) -> Option<&mut Set> {
        let (table, places) = find(&mut self.ruleset.tables, &mut self.places, key)?;
        table.sets.get_mut(*places.sets.get(name)?)
    }

    fn elements(&mut self, family: u8, from: &mut Attributes<'_>) -> Result<(), Flaw> {
        const TABLE: u16 = 1;
        const SET: u16 = 2;
        const ELEMENTS: u16 = 3;
        let key = (family, from.need_text(TABLE)?);
        let name = from.need_text(SET)?;
        let place = lost(&key, &name);
        let asked = self.request().and_then(Option::as_ref);
        if asked.is_none_or(|(table, set)| *table != key || *set != name) {
            self.undecoded(place.clone(), "elements of a set that was not asked for".to_owned());
        }
        let list = from.take(ELEMENTS).unwrap_or_default();
        let mut flaws = Vec::new();
        if let Err(flaw) = from.finish() {
            flaws.push(flaw);
        }
        match self.set_of(&key, &name) {
            Some(set) => element::read_list(list, set, &mut flaws),
            None => self.undecoded(place.clone(), "elements of a set that did not come".to_owned()),
        }
        for flaw in flaws {
            self.flaw(place.clone(), &flaw);
        }
        Ok(())
    }

    fn stateful(&mut self, family: u8, from: &mut Attributes<'_>) -> Result<(), Flaw> {
        let key = (family, from.need_text(1)?);
        let (object, flaw) = object::stateful(from)?;
        let place = lost(&key, &object.name);
        match find(&mut self.ruleset.tables, &mut self.places, &key) {
            Some((table, _)) => table.objects.push(object),
            None => self.undecoded(place.clone(), "object of a table that did not come".to_owned()),
        }
        if let Some(flaw) = flaw {
            self.flaw(place, &flaw);
        }
        Ok(())
    }

    fn flowtable(&mut self, family: u8, from: &mut Attributes<'_>) -> Result<(), Flaw> {
        let key = (family, from.need_text(1)?);
        let (flowtable, flaws) = object::flowtable(from)?;
        let place = lost(&key, &flowtable.name);
        match find(&mut self.ruleset.tables, &mut self.places, &key) {
            Some((table, _)) => table.flowtables.push(flowtable),
            None => self.undecoded(place.clone(), "flow table of a table that did not come".to_owned()),
        }
        for flaw in flaws {
            self.flaw(place.clone(), &flaw);
        }
        Ok(())
    }

    fn finish(mut self) -> Ruleset {
        if !self.complete {
            let what = format!("ends before answer {} is complete", self.step);
            self.undecoded("dump".to_owned(), what);
        }
        self.ruleset
    }
}

fn find<'a>(
    tables: &'a mut [Table],
    places: &'a mut BTreeMap<TableKey, Places>,
    key: &TableKey,
) -> Option<(&'a mut Table, &'a mut Places)> {
    let places = places.get_mut(key)?;
    Some((tables.get_mut(places.table)?, places))
}

fn place(table: &Table, name: &str) -> String {
    format!("{} {} {}", table.family.word(), table.name, name).trim_end().to_owned()
}

fn lost(key: &TableKey, name: &str) -> String {
    format!("{} {} {}", object::family(key.0).word(), key.1, name)
}
