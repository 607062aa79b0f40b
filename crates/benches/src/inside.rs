//! A bench runs itself again for every size: in namespaces of its own, and each measurement in a process of its own.

use std::iter;
use std::process::{Child, Command, Stdio};

use linux::Sandbox;

use crate::Outcome;

const STAGE: &str = "RINGWALL_BENCH_STAGE";

/// Which process of a bench this is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stage {
    /// The one the person started.
    First,
    /// A further one, with the words it was started with.
    Further(Vec<String>),
}

/// Which process of a bench this is.
pub fn stage() -> Stage {
    match std::env::var(STAGE) {
        Ok(words) => Stage::Further(words.split(' ').map(str::to_owned).collect()),
        Err(_) => Stage::First,
    }
}

impl Stage {
    /// Runs this program again inside new namespaces with an empty network.
    pub fn in_namespaces(words: &[&str]) -> Outcome {
        let code = Sandbox::this_program(iter::empty::<&str>()).env(STAGE, words.join(" ")).run()?;
        if code == 0 { Ok(()) } else { Err(format!("{} ended with {code}", words.join(" ")).into()) }
    }

    /// Starts this program again where it is, with pipes to its standard input and output: it should end with the
    /// former.
    pub fn beside(words: &[&str]) -> Outcome<Child> {
        let mut command = Command::new("/proc/self/exe");
        command.env(STAGE, words.join(" ")).stdin(Stdio::piped()).stdout(Stdio::piped());
        Ok(command.spawn()?)
    }

    /// Runs this program again where it is.
    pub fn here(words: &[&str]) -> Outcome {
        let status = Command::new("/proc/self/exe").env(STAGE, words.join(" ")).status()?;
        if status.success() { Ok(()) } else { Err(format!("{} ended with {status}", words.join(" ")).into()) }
    }
}
