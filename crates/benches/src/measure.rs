//! CPU time, peak memory, and tables of them.

use std::io::{self, Write};
use std::time::{Duration, Instant};

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;

use crate::Outcome;

/// CPU time of this process so far, user and system together. Wall time on a shared machine says little.
pub fn cpu() -> Outcome<Duration> {
    let usage = getrusage(UsageWho::RUSAGE_SELF)?;
    let micros = usage.user_time().num_microseconds() + usage.system_time().num_microseconds();
    Ok(Duration::from_micros(u64::try_from(micros)?))
}

/// The most memory this process ever had, in MiB.
pub fn peak_memory() -> Outcome<f64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).ok_or("no VmHWM")?;
    let kib: f64 = line.trim().trim_end_matches(" kB").parse()?;
    Ok(kib / 1024.0)
}

/// CPU and wall time of the parts of one run.
#[derive(Debug, Default)]
pub struct Phases(Vec<(&'static str, Duration, Duration)>);

impl Phases {
    /// Runs one part and keeps what it took.
    pub fn run<T>(&mut self, name: &'static str, part: impl FnOnce() -> Outcome<T>) -> Outcome<T> {
        let (before, start) = (cpu()?, Instant::now());
        let result = part()?;
        self.0.push((name, cpu()?.saturating_sub(before), start.elapsed()));
        Ok(result)
    }

    /// CPU time of the parts with these names.
    pub fn cpu_of(&self, names: &[&str]) -> Duration {
        self.0.iter().filter(|(name, ..)| names.contains(name)).map(|(_, cpu, _)| *cpu).sum()
    }

    /// Wall time of the parts with these names.
    pub fn wall_of(&self, names: &[&str]) -> Duration {
        self.0.iter().filter(|(name, ..)| names.contains(name)).map(|(_, _, wall)| *wall).sum()
    }
}

/// The middle one of some numbers.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// A table in Markdown, printed row by row as the rows become known.
#[derive(Debug)]
pub struct Table;

impl Table {
    /// Prints the head.
    pub fn new(columns: &[&str]) -> io::Result<Table> {
        let rule = columns.iter().map(|_| "---:").collect::<Vec<_>>().join("|");
        let mut out = io::stdout().lock();
        writeln!(out, "| {} |\n|{rule}|", columns.join(" | "))?;
        Ok(Table)
    }

    /// Prints one row.
    pub fn row(&self, cells: &[String]) -> io::Result<()> {
        let mut out = io::stdout().lock();
        writeln!(out, "| {} |", cells.join(" | "))?;
        out.flush()
    }
}
