//! `compare`: the packets that only one of two nft files lets through.

use words::Language;

use crate::arguments::Compare;
use crate::document::CompareDocument;
use crate::exit::{Exit, Failure};
use crate::output::Output;
use crate::proof::{Verdict, compare_rulesets};
use crate::{files, kernel, show};

/// Runs the command.
pub fn run(arguments: &Compare, output: &Output) -> Result<Exit, Failure> {
    let language = output.language();
    let texts = [&arguments.a, &arguments.b].map(|path| files::text(path, language).map(|text| (path, text)));
    let [a, b] = texts;
    let (a, b) = (a?, b?);
    if let Some(exit) = kernel::sandboxed()? {
        return Ok(exit);
    }
    let load = |(path, text): &(&std::path::PathBuf, String)| {
        kernel::foreign(text, language)
            .map_err(|failure| Failure::new(failure.exit, format!("{}: {}", path.display(), failure.message)))
    };
    let (a_rules, a_links) = load(&a)?;
    let (b_rules, b_links) = load(&b)?;
    let (verdict, document) = compare_rulesets([(&a_rules, &a_links), (&b_rules, &b_links)], language);
    output.result(&document, || text(verdict, &document, arguments, language));
    Ok(match verdict {
        Verdict::Equal => Exit::Fine,
        Verdict::Differs => Exit::Findings,
        Verdict::Unknown => Exit::NotProved,
    })
}

fn text(verdict: Verdict, document: &CompareDocument, arguments: &Compare, language: Language) -> String {
    let (a, b) = (arguments.a.display(), arguments.b.display());
    let mut text = match verdict {
        Verdict::Equal => language.pick(
            format!("equal: {a} and {b} let the same packets through\n"),
            format!("gleich: {a} und {b} lassen dieselben Pakete durch\n"),
        ),
        Verdict::Differs => language.pick(
            format!("different: {a} and {b} do not let the same packets through\n"),
            format!("verschieden: {a} und {b} lassen nicht dieselben Pakete durch\n"),
        ),
        Verdict::Unknown => language.pick(
            format!("unknown: nobody can tell whether {a} and {b} let the same packets through\n"),
            format!("unbekannt: ob {a} und {b} dieselben Pakete durchlassen, lässt sich nicht sagen\n"),
        ),
    };
    for (file, list) in [(&a, &document.only_a), (&b, &document.only_b)] {
        if list.is_empty() {
            continue;
        }
        text.push_str(
            &language.pick(format!("\nonly {file} lets through:\n"), format!("\nnur {file} lässt durch:\n")),
        );
        for packet in list {
            text.push_str("  ");
            text.push_str(&show::packet(packet, language));
        }
    }
    if document.more {
        text.push_str(language.pick("  ... and more\n", "  ... und weitere\n"));
    }
    if !document.not_understood.is_empty() {
        text.push_str(language.pick("\nnot understood:\n", "\nnicht verstanden:\n"));
        for note in &document.not_understood {
            text.push_str(&format!("  {}: {}\n", note.place, note.what));
        }
    }
    text
}
