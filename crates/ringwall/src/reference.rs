//! The reference pages in `docs`, made from the declarations themselves; a page that is stale fails its test.
//! `RINGWALL_BLESS=1 cargo test -p ringwall reference` writes them anew.

use std::fmt::Write;
use std::path::PathBuf;

use clap::{Arg, ArgAction, Command, CommandFactory};
use words::Language;

use crate::arguments::Arguments;
use crate::commands::explain;

#[test]
fn the_command_line_is_documented() {
    let mut text = String::from(
        "# Command line\n\nMade from the declarations of the commands: do not edit. `ringwall help COMMAND` says the \
         same.\n",
    );
    let mut root = Arguments::command();
    root.build();
    command(&mut text, &root, "ringwall");
    text.push_str(EXIT_CODES);
    fresh("cli.md", &text);
}

#[test]
fn the_codes_are_documented() {
    // The page holds the codes of Linux too, which other systems do not have.
    if !cfg!(target_os = "linux") {
        return;
    }
    let mut text = String::from(
        "# Codes\n\nEvery diagnostic has a code. Made from the pages that `ringwall explain CODE` shows: do not edit. \
         English first, then German.\n\n",
    );
    for code in explain::codes() {
        writeln!(text, "- [{code}](#{})", code.to_lowercase()).unwrap();
    }
    for code in explain::codes() {
        for language in Language::ALL {
            let page = explain::page(code, language).unwrap_or_else(|| panic!("{code} has a page"));
            // The code is the heading of both; everything else lies below it.
            let body = page.trim().trim_start_matches(&format!("# {code}")).trim();
            let heading = language.pick(format!("\n## {code}\n\n"), format!("\n*{code} auf Deutsch.* "));
            writeln!(text, "{heading}{}", body.replace("\n## ", "\n### ")).unwrap();
        }
    }
    fresh("codes.md", &text);
}

fn command(text: &mut String, command: &Command, path: &str) {
    let about = command.get_long_about().or(command.get_about()).map(ToString::to_string).unwrap_or_default();
    writeln!(text, "\n## `{path}`\n\n{about}\n").unwrap();
    let subcommands: Vec<&Command> =
        command.get_subcommands().filter(|command| command.get_name() != "help").collect();
    if subcommands.is_empty() {
        let usage = command.clone().render_usage().to_string();
        writeln!(text, "```text\n{}\n```\n", usage.trim_start_matches("Usage: ")).unwrap();
    }
    // Global ones are shown once, with the program itself.
    let top = path == "ringwall";
    for arg in command.get_arguments().filter(|arg| top || !arg.is_global_set()) {
        if matches!(
            arg.get_action(),
            ArgAction::Help | ArgAction::HelpShort | ArgAction::HelpLong | ArgAction::Version
        ) {
            continue;
        }
        let help = arg.get_long_help().or(arg.get_help()).map(ToString::to_string).unwrap_or_default();
        writeln!(text, "- {}: {}", name(arg), help.replace('\n', " ")).unwrap();
        let values = arg.get_possible_values();
        if !values.is_empty() && arg.get_action().takes_values() {
            let values: Vec<String> = values.iter().map(|value| format!("`{}`", value.get_name())).collect();
            writeln!(text, "  One of {}.", values.join(", ")).unwrap();
        }
    }
    for sub in subcommands {
        self::command(text, sub, &format!("{path} {}", sub.get_name()));
    }
}

fn name(arg: &Arg) -> String {
    let value =
        arg.get_value_names().and_then(|names| names.first()).map(ToString::to_string).unwrap_or_default();
    match arg.get_long() {
        Some(long) if arg.get_action().takes_values() => format!("`--{long} {value}`"),
        Some(long) => format!("`--{long}`"),
        None => format!("`{value}`"),
    }
}

const EXIT_CODES: &str = "
## Exit codes

| code | meaning |
|---:|---|
| 0 | as it should be |
| 1 | findings: `check` has warnings, `compare` found a difference, a case of `lab` failed, `log verify` found something, `assure` misses a declared level on site |
| 2 | the input cannot be used: plant, arguments, or a file that nft refuses |
| 3 | a decision in `decisions.toml` is stale; for `check` also an attestation |
| 4 | the proof says `differs` or `unknown` (also the proof within `lab`) |
| 5 | this machine lacks something: nft, user namespaces, a kernel feature |
";

/// Holds a page against what it should say; with `RINGWALL_BLESS` set, writes it.
fn fresh(page: &str, text: &str) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs").join(page);
    if std::env::var_os("RINGWALL_BLESS").is_some() {
        std::fs::write(&path, text).unwrap();
    }
    let there = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        there == text,
        "docs/{page} is stale: run `RINGWALL_BLESS=1 cargo test -p ringwall reference` and look at the difference"
    );
}
