//! A table of the text, read by the keys the language declares and by nothing else.

use std::cell::Cell;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::diagnostic::Sink;
use crate::keys::{Form as Written, Key, Shape, Value};
use crate::problem::{Form, Near, Own, Thing, Type};
use crate::span::{Lines, Place};

/// A text with its place.
#[derive(Debug, Clone)]
pub(super) struct Text<'s> {
    pub(super) text: &'s str,
    pub(super) span: Range<usize>,
}

/// A table with its shape.
pub(super) struct Section<'s, 'a> {
    pub(super) who: Thing,
    pub(super) span: Range<usize>,
    pub(super) lines: &'s Lines<'a>,
    table: &'s DeTable<'a>,
    shape: &'static Shape,
    /// One bit per key of the shape.
    taken: Cell<u64>,
}

impl<'s, 'a> Section<'s, 'a> {
    pub(super) fn new(
        who: Thing,
        table: &'s DeTable<'a>,
        span: Range<usize>,
        shape: &'static Shape,
        lines: &'s Lines<'a>,
    ) -> Self {
        Self { who, span, lines, table, shape, taken: Cell::new(0) }
    }

    pub(super) fn place(&self) -> Place {
        self.lines.place(self.span.clone())
    }

    pub(super) fn at(&self, span: &Range<usize>) -> Option<Place> {
        Some(self.lines.place(span.clone()))
    }

    /// The place of a key's value, else of the table.
    pub(super) fn place_of(&self, key: &str) -> Option<Place> {
        let span = self.table.get(key).map_or_else(|| self.span.clone(), Spanned::span);
        Some(self.lines.place(span))
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    fn take(&self, name: &str, sink: &mut Sink) -> Option<(&'static Key, &'s Spanned<DeValue<'a>>)> {
        let index = self.shape.keys.iter().position(|key| key.name == name)?;
        let key = self.shape.keys.get(index)?;
        self.taken.set(self.taken.get() | (1 << index));
        let value = self.table.get(name);
        if value.is_none() && key.required {
            sink.add(
                Some(self.place()),
                Form::MissingKey {
                    who: self.who.clone(),
                    key: name.to_owned(),
                    example: Own(key.example.to_owned()),
                },
            );
        }
        Some((key, value?))
    }

    fn wrong(&self, name: &str, expected: Type, value: &Spanned<DeValue<'_>>, sink: &mut Sink) {
        let problem = Form::WrongType {
            who: self.who.clone(),
            key: name.to_owned(),
            expected,
            found: type_of(value.get_ref()),
        };
        sink.add(self.at(&value.span()), problem);
    }

    /// A text; one of the words where the key has a list of them.
    pub(super) fn text(&self, name: &str, sink: &mut Sink) -> Option<Text<'s>> {
        let (key, value) = self.take(name, sink)?;
        let DeValue::String(text) = value.get_ref() else {
            self.wrong(name, Type::Text, value, sink);
            return None;
        };
        let text = Text { text: text.as_ref(), span: value.span() };
        if text.text.trim().is_empty() {
            sink.add(self.at(&text.span), Form::Empty { who: self.who.clone(), key: name.to_owned() });
            return None;
        }
        if let Value::Text(Written::OneOf(words)) = key.value
            && !words.contains(&text.text)
        {
            let problem = Form::UnknownWord {
                who: self.who.clone(),
                key: name.to_owned(),
                text: text.text.to_owned(),
                allowed: quoted(words),
            };
            sink.add(self.at(&text.span), problem);
            return None;
        }
        Some(text)
    }

    pub(super) fn string(&self, name: &str, sink: &mut Sink) -> Option<String> {
        self.text(name, sink).map(|text| text.text.to_owned())
    }

    /// A text or a list of texts; empty where there is none.
    pub(super) fn texts(&self, name: &str, sink: &mut Sink) -> Vec<Text<'s>> {
        let Some((_, value)) = self.take(name, sink) else { return Vec::new() };
        let items: &[Spanned<DeValue<'a>>] = match value.get_ref() {
            DeValue::String(_) => std::slice::from_ref(value),
            DeValue::Array(items) => items,
            _ => {
                self.wrong(name, Type::TextOrList, value, sink);
                return Vec::new();
            }
        };
        let mut texts = Vec::new();
        for item in items {
            match item.get_ref() {
                DeValue::String(text) if !text.trim().is_empty() => {
                    texts.push(Text { text: text.as_ref(), span: item.span() });
                }
                DeValue::String(_) => {
                    sink.add(
                        self.at(&item.span()),
                        Form::Empty { who: self.who.clone(), key: name.to_owned() },
                    );
                }
                _ => self.wrong(name, Type::Text, item, sink),
            }
        }
        if items.is_empty() {
            sink.add(self.at(&value.span()), Form::Empty { who: self.who.clone(), key: name.to_owned() });
        }
        texts
    }

    pub(super) fn flag(&self, name: &str, sink: &mut Sink) -> bool {
        let Some((_, value)) = self.take(name, sink) else { return false };
        match value.get_ref() {
            DeValue::Boolean(flag) => *flag,
            _ => {
                self.wrong(name, Type::Flag, value, sink);
                false
            }
        }
    }

    /// A whole number as written, with its place; its bounds are the caller's.
    pub(super) fn whole(&self, name: &str, sink: &mut Sink) -> Option<(i64, Range<usize>)> {
        let (_, value) = self.take(name, sink)?;
        let DeValue::Integer(number) = value.get_ref() else {
            self.wrong(name, Type::Whole, value, sink);
            return None;
        };
        // Past 64 bits the number is out of every bound the language has.
        let number = i64::from_str_radix(number.as_str(), number.radix()).unwrap_or(i64::MAX);
        Some((number, value.span()))
    }

    /// A day, as a TOML date or as text.
    pub(super) fn day(&self, name: &str, sink: &mut Sink) -> Option<(String, Range<usize>)> {
        let (_, value) = self.take(name, sink)?;
        match value.get_ref() {
            DeValue::String(text) => Some((text.as_ref().to_owned(), value.span())),
            DeValue::Datetime(day) => Some((day.to_string(), value.span())),
            _ => {
                self.wrong(name, Type::Moment, value, sink);
                None
            }
        }
    }

    /// A table below this one.
    pub(super) fn table(&self, name: &str, sink: &mut Sink) -> Option<Section<'s, 'a>> {
        let (key, value) = self.take(name, sink)?;
        let (Value::Table(shape) | Value::TextOrTable(_, shape)) = key.value else { return None };
        match value.get_ref() {
            DeValue::Table(table) => {
                Some(Section::new(self.who.clone(), table, value.span(), shape, self.lines))
            }
            DeValue::String(_) if matches!(key.value, Value::TextOrTable(..)) => None,
            _ => {
                let expected =
                    if matches!(key.value, Value::Table(_)) { Type::Table } else { Type::TextOrTable };
                self.wrong(name, expected, value, sink);
                None
            }
        }
    }

    /// The text of a key that may hold a table instead.
    pub(super) fn text_if_text(&self, name: &str) -> Option<Text<'s>> {
        let value = self.table.get(name)?;
        match value.get_ref() {
            DeValue::String(text) => Some(Text { text: text.as_ref(), span: value.span() }),
            _ => None,
        }
    }

    /// A table of texts with free keys; numbers and flags are taken as written.
    pub(super) fn words(&self, name: &str, sink: &mut Sink) -> Vec<(String, String, Range<usize>)> {
        let Some((_, value)) = self.take(name, sink) else { return Vec::new() };
        let DeValue::Table(table) = value.get_ref() else {
            self.wrong(name, Type::Table, value, sink);
            return Vec::new();
        };
        let mut words = Vec::new();
        for (key, value) in table {
            let text = match value.get_ref() {
                DeValue::String(text) => text.as_ref().to_owned(),
                DeValue::Boolean(flag) => flag.to_string(),
                DeValue::Integer(number) => number.as_str().to_owned(),
                DeValue::Array(items)
                    if !items.is_empty()
                        && items.iter().all(|item| matches!(item.get_ref(), DeValue::String(_))) =>
                {
                    let texts: Vec<&str> = items
                        .iter()
                        .filter_map(|item| match item.get_ref() {
                            DeValue::String(text) => Some(text.as_ref()),
                            _ => None,
                        })
                        .collect();
                    texts.join(", ")
                }
                _ => {
                    self.wrong(key.get_ref(), Type::Text, value, sink);
                    continue;
                }
            };
            words.push((key.get_ref().as_ref().to_owned(), text, key.span()));
        }
        words
    }

    /// Tables by id, in the order of the text.
    pub(super) fn map(
        &self,
        name: &str,
        sink: &mut Sink,
    ) -> Vec<(Text<'s>, &'s DeTable<'a>, &'static Shape)> {
        let Some((key, value)) = self.take(name, sink) else { return Vec::new() };
        let Value::Map(shape) = key.value else { return Vec::new() };
        let DeValue::Table(table) = value.get_ref() else {
            self.wrong(name, Type::Table, value, sink);
            return Vec::new();
        };
        let mut entries = Vec::new();
        for (key, value) in table {
            match value.get_ref() {
                DeValue::Table(table) => {
                    entries.push((Text { text: key.get_ref().as_ref(), span: key.span() }, table, shape));
                }
                _ => self.wrong(key.get_ref(), Type::Table, value, sink),
            }
        }
        entries.sort_by_key(|(key, ..)| key.span.start);
        entries
    }

    /// A list of tables.
    pub(super) fn tables(
        &self,
        name: &str,
        sink: &mut Sink,
    ) -> Vec<(Range<usize>, &'s DeTable<'a>, &'static Shape)> {
        let Some((key, value)) = self.take(name, sink) else { return Vec::new() };
        let Value::Tables(shape) = key.value else { return Vec::new() };
        let DeValue::Array(items) = value.get_ref() else {
            self.wrong(name, Type::Tables, value, sink);
            return Vec::new();
        };
        let mut tables = Vec::new();
        for item in items {
            match item.get_ref() {
                DeValue::Table(table) => tables.push((item.span(), table, shape)),
                _ => self.wrong(name, Type::Table, item, sink),
            }
        }
        tables
    }

    /// Reports the keys that were not read.
    pub(super) fn finish(&self, sink: &mut Sink) {
        for key in self.table.keys() {
            let name = key.get_ref().as_ref();
            let index = self.shape.keys.iter().position(|key| key.name == name);
            if index.is_some_and(|index| self.taken.get() & (1 << index) != 0) {
                continue;
            }
            let known: Vec<_> = self.shape.keys.iter().map(|key| key.name).collect();
            let near = words::nearest(name, known.iter().copied()).map(str::to_owned);
            let problem = Form::UnknownKey {
                who: self.who.clone(),
                key: name.to_owned(),
                near: Near(near),
                known: quoted(&known),
            };
            sink.add(self.at(&key.span()), problem);
        }
    }
}

fn quoted(words: &[&str]) -> Own {
    Own(words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", "))
}

fn type_of(value: &DeValue<'_>) -> Type {
    match value {
        DeValue::String(_) => Type::Text,
        DeValue::Integer(_) => Type::Whole,
        DeValue::Float(_) => Type::Number,
        DeValue::Boolean(_) => Type::Flag,
        DeValue::Datetime(_) => Type::Moment,
        DeValue::Array(_) => Type::List,
        DeValue::Table(_) => Type::Table,
    }
}
