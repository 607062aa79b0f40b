//! `explain`: what a code means.

use serde::Serialize;
use words::Language;

use crate::arguments::Explain;
use crate::exit::{Exit, Failure};
use crate::output::Output;

#[derive(Serialize)]
struct Page {
    code: String,
    page: String,
}

/// Every code that is printed, by code.
pub fn codes() -> Vec<&'static str> {
    let mut codes: Vec<_> = plant::codes().into_iter().map(|(code, ..)| code).collect();
    #[cfg(target_os = "linux")]
    codes.extend(linux::codes());
    #[cfg(target_os = "linux")]
    codes.extend(gateway::codes());
    codes.extend(policy::codes());
    codes.extend(ledger::codes());
    codes.extend(evidence::codes());
    codes.extend(risk::codes());
    // A family of codes may have pages in more than one crate.
    codes.sort_unstable();
    codes
}

/// The page of a code, from the crate that has it.
pub fn page(code: &str, language: Language) -> Option<String> {
    let page = plant::explain(code, language)
        .or_else(|| policy::explain(code, language))
        .or_else(|| ledger::explain(code, language))
        .or_else(|| evidence::explain(code, language))
        .or_else(|| risk::explain(code, language));
    #[cfg(target_os = "linux")]
    let page = page.or_else(|| linux::explain(code, language)).or_else(|| gateway::explain(code, language));
    page
}

/// Runs the command.
pub fn run(arguments: &Explain, output: &Output) -> Result<Exit, Failure> {
    let language = output.language();
    let wanted: Vec<String> = match &arguments.code {
        Some(code) => vec![code.to_uppercase()],
        None => codes().into_iter().map(ToOwned::to_owned).collect(),
    };
    let mut pages = Vec::new();
    for code in wanted {
        let Some(page) = page(&code, language) else {
            let sentence = language.pick(
                format!("{code}: there is no such code; `ringwall explain` lists all"),
                format!("{code}: diesen Code gibt es nicht; `ringwall explain` nennt alle"),
            );
            return Err(Failure::new(Exit::BadInput, sentence));
        };
        pages.push(Page { code, page });
    }
    if arguments.code.is_some() {
        output.result(&pages, || pages.iter().map(|page| format!("{}\n", page.page.trim_end())).collect());
    } else {
        let first = |page: &Page| {
            page.page.lines().find(|line| !line.trim().is_empty()).unwrap_or_default().to_owned()
        };
        output.result(&pages, || pages.iter().map(|page| format!("{}\n", first(page))).collect());
    }
    Ok(Exit::Fine)
}
