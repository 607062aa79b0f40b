//! `prove`: the kernel does what the plant says, or the packet that shows it does not.

use std::collections::BTreeSet;

use crate::arguments::Prove;
use crate::exit::{Exit, Failure};
use crate::files::{self, Compiled};
use crate::journal::Journal;
use crate::kernel;
use crate::output::Output;
use crate::proof::{self, Lateness, Verdict};
use crate::proof_text::text;

/// Runs the command.
pub fn run(arguments: &Prove, output: &Output) -> Result<Exit, Failure> {
    let language = output.language();
    let ruleset = arguments.ruleset.as_ref().map(|path| files::text(path, language)).transpose()?;
    let compiled = files::compile(&arguments.situation, language)?;
    let Compiled { plant, policy, moment, .. } = &compiled;
    let legs: BTreeSet<String> = policy.interfaces().into_iter().collect();
    if ruleset.is_some()
        && let Some(exit) = kernel::sandboxed()?
    {
        return Ok(exit);
    }
    let journal = Journal::open(&arguments.log, arguments.site.as_deref(), output)?;
    let (running, lateness) = match ruleset {
        Some(text) => (kernel::throwaway(&text, &legs, language)?, Lateness::None),
        None => (kernel::running(&legs, language)?, Lateness::OneSecond),
    };
    let hosts = proof::hosts(plant);
    let proof =
        proof::prove(policy, &hosts, *moment, &running.ruleset, &running.surrounding, lateness, language);
    let verdict = proof.verdict;
    let document = proof::document(proof, policy, &running.ruleset, &running.surrounding.links);
    output.result(&document, || text(verdict, &document, language));
    if let Some(mut journal) = journal {
        journal.proof(&compiled, &document, &running.surrounding)?;
        journal.close(output)?;
    }
    Ok(if verdict == Verdict::Equal { Exit::Fine } else { Exit::NotProved })
}
