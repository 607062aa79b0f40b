//! The command `nft`, which turns readable rules into what the kernel runs.

use std::ffi::OsStr;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::{env, thread};

use crate::{Error, Lacking, Need, Remedy};

/// Why a ruleset was not loaded.
#[derive(Debug, thiserror::Error)]
pub enum NftError {
    /// `nft` refused the text, or the kernel did; nothing of it was loaded.
    #[error("nft refuses the ruleset: {text}")]
    Refused {
        /// What nft wrote.
        text: String,
        /// Line of the first error, counted from 1.
        line: Option<usize>,
        /// Column of the first error, counted from 1.
        column: Option<usize>,
    },
    /// `nft` could not be run.
    #[error(transparent)]
    Linux(#[from] Error),
}

/// Where `nft` is, or that it is lacking.
pub fn present() -> Result<PathBuf, Lacking> {
    let path = env::var_os("PATH").unwrap_or_default();
    // Debian keeps it where the path of an ordinary user does not lead.
    let more = ["/usr/sbin", "/sbin", "/usr/local/sbin"].map(PathBuf::from);
    env::split_paths(&path)
        .chain(more)
        .map(|folder| folder.join("nft"))
        .find(|file| file.is_file())
        .ok_or_else(|| {
            Lacking::new(
                Need::Nft,
                "not in PATH, /usr/sbin or /sbin",
                Remedy::Install { package: "nftables" },
            )
        })
}

/// Loads a text in one transaction into the calling thread's network namespace.
pub fn load(text: &str) -> Result<(), NftError> {
    run(["-f", "-"], text).map(drop)
}

/// Loads a text as the whole ruleset: whatever was there is gone in the same transaction.
pub fn replace(text: &str) -> Result<(), NftError> {
    // On one line with what follows, so that the lines nft names are the text's own.
    load(&format!("flush ruleset; {text}"))
}

/// Asks nft and the kernel whether they would take a text, and changes nothing.
pub fn check(text: &str) -> Result<(), NftError> {
    run(["-c", "-f", "-"], text).map(drop)
}

/// Removes every table.
pub fn flush() -> Result<(), NftError> {
    load("flush ruleset\n")
}

/// The ruleset as nft prints it, for people.
pub fn list() -> Result<String, NftError> {
    run(["list", "ruleset"], "")
}

/// Runs nft with a text on its standard input and returns what it prints.
fn run<const N: usize>(arguments: [&str; N], input: &str) -> Result<String, NftError> {
    let program = present().map_err(Error::from)?;
    let system = |error| Error::system("run nft", error);
    let mut child = Command::new(program)
        .args(arguments.map(OsStr::new))
        // Windows in a ruleset mean the same on every machine.
        .env("TZ", "UTC")
        .env("LC_ALL", "C")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(system)?;
    let stdin = child.stdin.take();
    let output = thread::scope(|scope| {
        scope.spawn(move || {
            if let Some(mut stdin) = stdin {
                // nft that stops reading says why on its standard error.
                let _ = stdin.write_all(input.as_bytes());
            }
        });
        child.wait_with_output()
    })
    .map_err(system)?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let text = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    let (line, column) = place(&text);
    Err(NftError::Refused { text, line, column })
}

/// Line and column of the first `/dev/stdin:LINE:COLUMN-COLUMN: Error:`.
fn place(text: &str) -> (Option<usize>, Option<usize>) {
    let Some(line) = text.lines().find(|line| line.contains(": Error:")) else { return (None, None) };
    let mut parts = line.split(':').skip(1);
    let number = parts.next().and_then(|part| part.parse().ok());
    let column = parts.next().and_then(|part| part.split('-').next()?.parse().ok());
    (number, column)
}

#[cfg(test)]
mod tests {
    use super::place;

    #[test]
    fn the_place_of_an_error_is_found() {
        let text = "/dev/stdin:2:18-21: Error: syntax error, unexpected '}'\n chain y { bogus }\n";
        assert_eq!(place(text), (Some(2), Some(18)));
        assert_eq!(place("netlink: Error: cache initialization failed"), (None, None));
        assert_eq!(place(""), (None, None));
    }
}
