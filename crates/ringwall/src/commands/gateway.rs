//! `gateway`: the command proxy, in the foreground.

use std::time::Duration;

use gateway::{Queue, RunError, Settings, Signals, Told, Turn, Watched};
use serde::Serialize;
use words::Language;

use crate::arguments::Gateway;
use crate::exit::{Exit, Failure};
use crate::journal::BlockedCommands;
use crate::output::Output;
use crate::show;

/// How long the last records may take: whoever does not take them must not keep the process.
const LAST_WORDS: Duration = Duration::from_secs(5);

/// What scripts read where the proxy says something about itself.
#[derive(Serialize)]
struct NoticeDocument {
    notice: String,
}

/// Runs the command.
pub fn run(arguments: &Gateway, output: &Output) -> Result<Exit, Failure> {
    let language = output.language();
    let failed = |error: RunError| failure(error, arguments, language);
    // Before any thread is started: they inherit what is blocked.
    let signals = Signals::take().map_err(failed)?;
    let mut blocked = BlockedCommands::new(&arguments.log, arguments.site.as_deref(), output)?;
    // Printing and writing wait for readers and disks; so they happen where waiting costs records and not traffic.
    let printed = output.again();
    let (queue, ended) = Queue::start(move |turn| {
        if let Turn::Told(told) = turn {
            print(told, &printed);
        }
        if let Some(blocked) = &mut blocked {
            blocked.turn(turn, &printed);
        }
        Ok(())
    })
    .map_err(|error| Failure::new(Exit::Lacking, error.to_string()))?;
    gateway::run(Settings::default(), Watched::new(&arguments.commands), &signals, Box::new(queue))
        .map_err(failed)?;
    if !ended.wait(LAST_WORDS) {
        output.message(language.pick(
            "the last records could not be written in time",
            "die letzten Aufzeichnungen konnten nicht rechtzeitig geschrieben werden",
        ));
    }
    Ok(Exit::Fine)
}

fn print(told: &Told, output: &Output) {
    let text = match told {
        _ if !output.json() => Ok(told.text(output.language())),
        Told::Record(record) => serde_json::to_string(&record.document()),
        Told::Notice(notice) => {
            serde_json::to_string(&NoticeDocument { notice: notice.text(output.language()) })
        }
    };
    // Strings and numbers only: there is nothing in it that could not be written.
    output.print(&(text.unwrap_or_default() + "\n"));
}

fn failure(error: RunError, arguments: &Gateway, language: Language) -> Failure {
    match error {
        RunError::File(error) => {
            let text = show::message(&error, language);
            Failure::new(Exit::BadInput, format!("{}: {text}", arguments.commands.display()))
        }
        RunError::Linux(linux::Error::Lacking(lacking)) => linux::Error::Lacking(lacking).into(),
        error @ (RunError::Linux(_) | RunError::Port { .. }) => {
            Failure::new(Exit::Lacking, show::message(&error, language))
        }
    }
}
