//! Bytes to a TOML tree: size, encoding, syntax.

use std::ops::Range;
use std::sync::Arc;

use toml::Spanned;
use toml::de::DeTable;
use toml_parser::parser::{RecursionGuard, ValidateWhitespace};
use toml_parser::{ParseError, Source as TomlSource};

use super::secret;
use super::{LARGEST, SourceFile};
use crate::diagnostic::Sink;
use crate::problem::Form;
use crate::span::{Lines, Source};

/// Nesting the TOML reader accepts; deeper brackets are refused before anything is built.
const DEEPEST: u32 = 80;

/// Syntax errors of one file that are reported; the rest are counted.
const MOST_ERRORS: usize = 200;

/// A file that could be read as text.
#[derive(Debug)]
pub(super) struct Parsed<'a> {
    pub(super) lines: Lines<'a>,
    /// Nothing where the syntax is broken.
    pub(super) root: Option<Spanned<DeTable<'a>>>,
    pub(super) decisions: bool,
    pub(super) length: usize,
}

/// Reads one file; what can be shown of it goes to `sources`.
pub(super) fn parse<'a>(
    file: &'a SourceFile,
    index: usize,
    sources: &mut Vec<Source>,
    sink: &mut Sink,
) -> Option<Parsed<'a>> {
    let name: Arc<str> = file.name.as_str().into();
    if file.text.len() > LARGEST {
        let bytes = u64::try_from(file.text.len()).unwrap_or(u64::MAX);
        let limit = u64::try_from(LARGEST).unwrap_or(u64::MAX);
        let place = Lines::new(Arc::clone(&name), index, "").place(0..0);
        sink.add(Some(place), Form::TooLarge { file: file.name.clone(), bytes, limit });
        sources.push(Source { name, text: String::new() });
        return None;
    }
    let text = match std::str::from_utf8(&file.text) {
        Ok(text) => text,
        Err(error) => {
            let good = file.text.get(..error.valid_up_to()).unwrap_or_default();
            let good = std::str::from_utf8(good).unwrap_or_default();
            let at = good.len();
            let place = Lines::new(Arc::clone(&name), index, good).place(at..at + 1);
            sink.add(Some(place), Form::NotUtf8 { file: file.name.clone() });
            let shown = String::from_utf8_lossy(&file.text).into_owned();
            let masked = secret::masked(&shown, &secret::find(&shown));
            sources.push(Source { name, text: masked });
            return None;
        }
    };
    let lines = Lines::new(Arc::clone(&name), index, text);
    let secrets = secret::find(text);
    for secret in &secrets {
        sink.add(Some(lines.place(secret.value.clone())), Form::Secret { word: secret.word.clone() });
    }
    sources.push(Source { name, text: secret::masked(text, &secrets) });
    let decisions = file.name.rsplit(['/', '\\']).next() == Some("decisions.toml");
    let root = tree(text, &lines, sink);
    Some(Parsed { lines, root, decisions, length: text.len() })
}

fn tree<'a>(text: &'a str, lines: &Lines<'a>, sink: &mut Sink) -> Option<Spanned<DeTable<'a>>> {
    match DeTable::parse(text) {
        Ok(root) => Some(root),
        Err(_) => with_errors(text, lines, sink),
    }
}

/// Reads again for all errors; the reader above stops counting at the first.
fn with_errors<'a>(text: &'a str, lines: &Lines<'a>, sink: &mut Sink) -> Option<Spanned<DeTable<'a>>> {
    // A first pass without a tree: a hostile file could hold an error at every other byte, and the tree's reader would
    // keep them all.
    let mut found = Vec::new();
    let mut count = 0_usize;
    let source = TomlSource::new(text);
    let tokens = source.lex().into_vec();
    let mut nothing = ();
    let mut guard = RecursionGuard::new(&mut nothing, DEEPEST);
    let mut receiver = ValidateWhitespace::new(&mut guard, source);
    toml_parser::parser::parse_document(&tokens, &mut receiver, &mut |error: ParseError| {
        count += 1;
        if found.len() < MOST_ERRORS {
            found.push(error);
        }
    });
    drop(tokens);
    if count > MOST_ERRORS {
        for error in found {
            let span = error.unexpected().map(|span| span.start()..span.end());
            report(error.description(), span, text, lines, sink);
        }
        let left = u64::try_from(count - MOST_ERRORS).unwrap_or(u64::MAX);
        sink.add(Some(lines.place(text.len()..text.len())), Form::MoreDiagnostics { count: left });
        return None;
    }
    let (root, errors) = DeTable::parse_recoverable(text);
    let mut usable = true;
    let mut left = 0;
    // Brackets past the depth that is read are not matched any more; what is said about them is noise.
    let deep = errors.iter().any(|error| error.message().contains(RECURSION));
    let errors = errors.iter().filter(|error| !deep || error.message().contains(RECURSION));
    for (index, error) in errors.enumerate() {
        // A duplicate key leaves the rest of the tree in order; after anything else, guesses would follow.
        usable &= error.message().starts_with(DUPLICATE);
        if index < MOST_ERRORS {
            report(error.message(), error.span(), text, lines, sink);
        } else {
            left += 1;
        }
    }
    if left > 0 {
        sink.add(Some(lines.place(text.len()..text.len())), Form::MoreDiagnostics { count: left });
    }
    usable.then_some(root)
}

const DUPLICATE: &str = "duplicate key";
const RECURSION: &str = "recurs";

fn report(message: &str, span: Option<Range<usize>>, text: &str, lines: &Lines<'_>, sink: &mut Sink) {
    let span = span.unwrap_or(0..0);
    let place = Some(lines.place(span.clone()));
    if message.starts_with(DUPLICATE) {
        let key = text.get(span).unwrap_or_default().trim_matches(['"', '\'']).to_owned();
        sink.add(place, Form::DuplicateKey { key });
    } else if message.contains(RECURSION) {
        sink.add(place, Form::TooDeep { limit: usize::try_from(DEEPEST).unwrap_or(usize::MAX) });
    } else {
        sink.add(place, Form::Toml { what: message.to_owned() });
    }
}
