//! `compile`: the firewall of a plant as nft text.

use crate::arguments::Compile;
use crate::asking;
use crate::document::{ClosedDocument, CompileDocument};
use crate::exit::{Exit, Failure};
use crate::files::{self, Compiled};
use crate::journal::Journal;
use crate::output::Output;

/// Runs the command.
pub fn run(arguments: &Compile, output: &Output) -> Result<Exit, Failure> {
    let language = output.language();
    let compiled = files::compile(&arguments.situation, language)?;
    let journal = Journal::open(&arguments.log, None, output)?;
    let Compiled { policy, moment, .. } = &compiled;
    let document = CompileDocument {
        nft: policy.text(),
        at: moment.to_string(),
        policy_hash: policy.hash(),
        uninspected: policy.uninspected.iter().map(ToString::to_string).collect(),
        closed: policy
            .closed
            .iter()
            .map(|(flow, why)| ClosedDocument { flow: flow.to_string(), why: why.text(language).to_owned() })
            .collect(),
    };
    if !output.json() {
        for closed in &document.closed {
            output.message(&format!("{}: {}", closed.flow, closed.why));
        }
    }
    if let Some(file) = &arguments.commands {
        asking::write(&compiled, file, language)?;
    }
    asking::remind(policy, arguments.commands.as_deref(), output);
    output.result(&document, || document.nft.clone());
    if let Some(mut journal) = journal {
        journal.compile(&compiled)?;
        journal.close(output)?;
    }
    Ok(Exit::Fine)
}
