//! `load`: the policy into the running kernel, proved before it decides.

use std::collections::BTreeSet;

use linux::{address, netfilter, nft, sysctl};
use policy::Policy;
use serde::Serialize;
use words::Language;

use crate::arguments::Load;
use crate::asking;
use crate::document::ProofDocument;
use crate::exit::{Exit, Failure};
use crate::files::{self, Compiled};
use crate::journal::Journal;
use crate::kernel::{self, Running};
use crate::loading::{Steps, candidate, remove_others};
use crate::output::Output;
use crate::proof::{self, Hosts, Lateness, Proof, Verdict};

/// What scripts read.
#[derive(Serialize)]
struct LoadDocument {
    /// Number of the generation that was built.
    generation: u64,
    /// Whether it decides now.
    switched: bool,
    /// The proof: before the switch if it failed there, otherwise after it.
    proof: ProofDocument,
}

/// Runs the command.
pub fn run(arguments: &Load, output: &Output) -> Result<Exit, Failure> {
    let language = output.language();
    let compiled = files::compile(&arguments.situation, language)?;
    let Compiled { plant, policy, moment, .. } = &compiled;
    // What cannot be kept is not done: a machine in a plant has its log.
    let journal = Journal::open(&arguments.log, arguments.site.as_deref(), output)?;
    nft::present().map_err(linux::Error::from)?;
    sysctl::router()?;
    let job = Job { policy, hosts: proof::hosts(plant), moment: *moment, language };
    let steps = Steps::plan(&netfilter::read_ruleset()?, policy);
    let number = steps.generation.number;
    let chunks = steps.prepare.iter().chain(&steps.generation.build);
    let count = chunks.clone().count();
    for (done, text) in chunks.enumerate() {
        output.progress(&language.pick(
            format!("generation {number}: part {} of {count}", done + 1),
            format!("Generation {number}: Teil {} von {count}", done + 1),
        ));
        nft::load(text)?;
    }
    output.progress_done();
    let mut running = job.read()?;
    running.ruleset = candidate(&running.ruleset, &steps.generation);
    let (mut proof, mut switched) = (job.prove(&running), false);
    if proof.verdict == Verdict::Equal {
        // What may be asked first: a command nobody may ask any more is refused before its connection is cut.
        if let Some(file) = &arguments.commands {
            asking::write(&compiled, file, language)?;
        }
        answer_for_others(policy)?;
        nft::load(&steps.generation.switch)?;
        running = job.read()?;
        (proof, switched) = (job.prove(&running), true);
        for text in remove_others(&running.ruleset, number) {
            nft::load(&text)?;
        }
    }
    let verdict = proof.verdict;
    let proof = proof::document(proof, policy, &running.ruleset, &running.surrounding.links);
    let document = LoadDocument { generation: number, switched, proof };
    asking::remind(policy, arguments.commands.as_deref(), output);
    output.result(&document, || text(verdict, &document, language));
    if let Some(mut journal) = journal {
        journal.load(&compiled, number, switched, &document.proof, &running.surrounding)?;
        journal.close(output)?;
    }
    Ok(if verdict == Verdict::Equal { Exit::Fine } else { Exit::NotProved })
}

/// Gives the legs the addresses under which machines of other legs are known: nobody else answers for them.
fn answer_for_others(policy: &Policy) -> Result<(), linux::Error> {
    let present = address::list()?;
    for (leg, known) in
        policy.legs.values().flat_map(|leg| leg.translations.iter().map(move |each| (leg, each)))
    {
        if !present.iter().any(|own| own.address == known.outside) {
            address::add(&leg.port, known.outside, if known.outside.is_ipv4() { 32 } else { 128 })?;
        }
    }
    Ok(())
}

/// What every proof of this load needs.
struct Job<'a> {
    policy: &'a Policy,
    hosts: Hosts,
    moment: jiff::Timestamp,
    language: Language,
}

impl Job<'_> {
    fn read(&self) -> Result<Running, Failure> {
        let legs: BTreeSet<String> = self.policy.interfaces().into_iter().collect();
        kernel::running(&legs, self.language)
    }

    fn prove(&self, running: &Running) -> Proof {
        proof::prove(
            self.policy,
            &self.hosts,
            self.moment,
            &running.ruleset,
            &running.surrounding,
            Lateness::OneSecond,
            self.language,
        )
    }
}

fn text(verdict: Verdict, document: &LoadDocument, language: Language) -> String {
    let number = document.generation;
    let first = if document.switched {
        language.pick(
            format!("generation {number} decides now\n"),
            format!("Generation {number} entscheidet jetzt\n"),
        )
    } else {
        language.pick(
            format!("generation {number} is built and does not decide: what ran before still does\n"),
            format!("Generation {number} ist gebaut und entscheidet nicht: was vorher lief, gilt weiter\n"),
        )
    };
    first + &crate::proof_text::text(verdict, &document.proof, language)
}
