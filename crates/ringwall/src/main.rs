//! The command line of Ringwall: one file per command; everything else is in the crates below.
//!
//! This crate prints, reads files and the clock, and picks the language. It does not know how anything is computed.
#![allow(unreachable_pub, reason = "a program has no outside")]

mod arguments;
#[cfg(target_os = "linux")]
mod around;
mod asking;
mod believed;
mod commands;
mod document;
mod exit;
mod files;
mod journal;
#[cfg(target_os = "linux")]
mod kernel;
#[cfg(target_os = "linux")]
mod loading;
mod output;
mod packed;
mod page;
mod proof;
mod proof_text;
#[cfg(test)]
mod reference;
mod show;

use std::process::ExitCode;

use clap::Parser;
use clap::error::ErrorKind;

use crate::arguments::{Arguments, Command};
use crate::exit::Exit;
use crate::output::Output;

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // A terminal that is gone is no reason to fail differently.
            let _ = error.print();
            let asked = matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
            return if asked { Exit::Fine } else { Exit::BadInput }.into();
        }
    };
    let output = Output::new(arguments.format, arguments.language);
    let result = match arguments.command {
        Command::Assess(arguments) => commands::assess::run(&arguments, &output),
        Command::Check(arguments) => commands::check::run(&arguments, &output),
        Command::Compile(arguments) => commands::compile::run(&arguments, &output),
        Command::Diff(arguments) => commands::diff::run(&arguments, &output),
        Command::Explain(arguments) => commands::explain::run(&arguments, &output),
        Command::Assure(arguments) => commands::assure::run(&arguments, &output),
        Command::Show(arguments) => commands::show::run(&arguments, &output),
        Command::Verify(arguments) => commands::verify::run(&arguments, &output),
        Command::Log(command) => commands::log::run(&command, &output),
        #[cfg(target_os = "linux")]
        Command::Bundle(arguments) => commands::bundle::run(&arguments, &output),
        #[cfg(target_os = "linux")]
        Command::Prove(arguments) => commands::prove::run(&arguments, &output),
        #[cfg(target_os = "linux")]
        Command::Compare(arguments) => commands::compare::run(&arguments, &output),
        #[cfg(target_os = "linux")]
        Command::Load(arguments) => commands::load::run(&arguments, &output),
        #[cfg(target_os = "linux")]
        Command::Lab(arguments) => commands::lab::run(&arguments, &output),
        #[cfg(target_os = "linux")]
        Command::Gateway(arguments) => commands::gateway::run(&arguments, &output),
        #[cfg(target_os = "linux")]
        Command::Demo(arguments) => commands::demo::run(&arguments, &output),
        #[cfg(not(target_os = "linux"))]
        _ => Err(exit::Failure::new(
            Exit::Lacking,
            output.language().pick("this command needs Linux", "dieser Befehl braucht Linux"),
        )),
    };
    match result {
        Ok(exit) => exit.into(),
        Err(failure) => {
            output.message(&failure.text(output.language()));
            failure.exit.into()
        }
    }
}
