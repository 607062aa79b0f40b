//! What a generation is made of: sets and chains, in an order in which each only names what came before.

use crate::elements::tables;
use crate::names::Names;
use crate::policy::Policy;
use crate::render::nat::Translating;
use crate::render::{chains, nat, sets};

/// A set or a map with its elements.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Set {
    /// `set` or `map`.
    pub word: &'static str,
    pub name: String,
    pub declaration: String,
    pub elements: Vec<String>,
}

impl Set {
    /// The set with all its elements.
    pub(crate) fn text(&self) -> String {
        self.text_with(&self.elements)
    }

    /// The set with some of its elements.
    pub(crate) fn text_with(&self, elements: &[String]) -> String {
        let mut text = format!("  {} {} {{\n    {}\n", self.word, self.name, self.declaration);
        if !elements.is_empty() {
            text.push_str("    elements = {\n");
            for element in elements {
                text.push_str(&format!("      {element},\n"));
            }
            text.push_str("    }\n");
        }
        text.push_str("  }\n\n");
        text
    }
}

/// A chain without a hook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Chain {
    pub name: String,
    /// Comment for the reader.
    pub note: String,
    pub rules: Vec<String>,
}

impl Chain {
    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        if !self.note.is_empty() {
            text.push_str(&format!("  # {}\n", self.note));
        }
        text.push_str(&format!("  chain {} {{\n", self.name));
        for rule in &self.rules {
            text.push_str(&format!("    {rule}\n"));
        }
        text.push_str("  }\n\n");
        text
    }
}

/// One generation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pieces {
    /// Objects of connection tracking, each with its declaration.
    pub objects: Vec<Object>,
    /// Lookup sets, before the chains that use them.
    pub sets: Vec<Set>,
    pub chains: Vec<Chain>,
    /// Maps to the chains.
    pub maps: Vec<Set>,
    /// Rules that hand connections to the proxy.
    pub to_proxy: Vec<String>,
    /// Rules that let announced connections pass.
    pub announced: Vec<String>,
    /// Whether addresses are translated: then there are hooks more.
    pub translates: bool,
    /// Rules that translate addresses and hold them together.
    pub translating: Translating,
}

/// An object of connection tracking that rules name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Object {
    pub name: String,
    pub declaration: String,
}

impl Object {
    /// What comes before its name wherever it is named.
    pub(crate) const WORD: &'static str = "ct helper";

    pub(crate) fn text(&self) -> String {
        format!("  {} {} {{\n    {}\n  }}\n\n", Self::WORD, self.name, self.declaration)
    }
}

impl Pieces {
    pub(crate) fn of(policy: &Policy, generation: u64) -> Pieces {
        let names = Names { generation };
        let tables = tables(policy);
        let mut pieces = Pieces {
            objects: Vec::new(),
            sets: Vec::new(),
            chains: Vec::new(),
            maps: Vec::new(),
            to_proxy: chains::to_proxy(names, &tables),
            announced: chains::announced(policy, names),
            translates: policy.translates(),
            translating: Translating::default(),
        };
        if !policy.transfers.is_empty() {
            pieces.objects.push(Object {
                name: names.only("transfers"),
                declaration: "type \"ftp\" protocol tcp".to_owned(),
            });
        }
        sets::add(&mut pieces, policy, names, &tables);
        nat::add(&mut pieces, policy, names);
        chains::add(&mut pieces, policy, names, &tables);
        pieces
    }
}
