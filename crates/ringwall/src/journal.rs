//! The log a command writes to: which key signs, what each step leaves behind, and the checkpoint at the end.

#[cfg(target_os = "linux")]
mod blocked;
#[cfg(target_os = "linux")]
mod lab;
mod opening;
mod steps;

use std::io;
use std::path::{Path, PathBuf};

use evidence::{Basis, Hashes, Machine, Record, SignError, Step, plant_hashes};
use jiff::Timestamp;
use ledger::{Signer, StoreFile, Verifier, WriteError, Writer, hex};
use ledger_files::Folder;
use plant::SourceFile;
use words::Language;

use crate::arguments::LogTo;
use crate::exit::{Exit, Failure};
use crate::output::Output;

#[cfg(target_os = "linux")]
pub use blocked::BlockedCommands;
#[cfg(target_os = "linux")]
pub use lab::Held;
pub use opening::made_key;

/// A log that is written.
pub struct Journal {
    path: PathBuf,
    writer: Writer<Folder>,
    signer: Signer,
    machine: Option<Machine>,
    language: Language,
}

impl Journal {
    /// Opens the log a command was asked to keep; `None` where it was not. With a serial number the machine in the plant is
    /// meant, which needs its own key and no namespace around it.
    pub fn open(to: &LogTo, site: Option<&str>, output: &Output) -> Result<Option<Self>, Failure> {
        match &to.log {
            Some(log) => Self::at(log, to.sign_key.as_deref(), site, output).map(Some),
            None => Ok(None),
        }
    }

    /// The same for a log that must be there.
    pub fn at(log: &Path, key: Option<&Path>, site: Option<&str>, output: &Output) -> Result<Self, Failure> {
        let signer = opening::signer(key, site, output)?;
        let machine = site.map(|serial| Machine { serial: serial.to_owned(), host: opening::host() });
        let writer = opening::writer(log, &signer, output)?;
        Ok(Self { path: log.to_owned(), writer, signer, machine, language: output.language() })
    }

    /// A record of this log, with nothing but the plant in it yet.
    pub fn record(&self, plant: &str, hashes: Hashes, step: Step) -> Record {
        let record = Record::lab(Timestamp::now(), plant, hashes, step);
        match &self.machine {
            Some(machine) => Record { basis: Basis::Site, machine: Some(machine.clone()), ..record },
            None => record,
        }
    }

    /// Appends a record; it is kept once the log is closed.
    pub fn write(&mut self, record: &Record) -> Result<u64, Failure> {
        let bytes = record.sign(&self.signer).map_err(|error| self.unsigned(error))?;
        self.writer.append(&bytes).map_err(|error| self.unwritten(&error))
    }

    /// Seals what was appended and keeps the log open.
    pub fn seal(&mut self) -> Result<(), Failure> {
        self.writer.checkpoint().map_err(|error| unwritten(&self.path, &error, self.language))
    }

    /// Seals what was appended and says what to keep elsewhere.
    pub fn close(mut self, output: &Output) -> Result<(), Failure> {
        self.seal()?;
        let (records, root) = (self.writer.size(), hex(&self.writer.root()));
        let checkpoint = self.path.join(StoreFile::Checkpoint.name());
        let (log, checkpoint) = (self.path.display(), checkpoint.display());
        output.message(&self.language.pick(
            format!(
                "{log}: {records} records, root {root}\nkeep a copy of {checkpoint} elsewhere: it shows when the log is cut"
            ),
            format!(
                "{log}: {records} Datensätze, Wurzel {root}\neine Kopie von {checkpoint} anderswo aufheben: sie zeigt, wenn das Protokoll gekürzt wird"
            ),
        ));
        Ok(())
    }

    /// The key records are signed with.
    pub fn signer(&self) -> &Signer {
        &self.signer
    }

    /// Its public half.
    pub fn key(&self) -> &Verifier {
        self.signer.verifier()
    }

    /// The machine, where this is a log of one.
    pub fn machine(&self) -> Option<&Machine> {
        self.machine.as_ref()
    }

    fn unsigned(&self, error: SignError) -> Failure {
        let why = match error {
            SignError::TooLong => self.language.pick("the record is too long", "der Beleg ist zu lang"),
            SignError::Key | SignError::Unsound => {
                self.language.pick("the key may not sign this", "der Schlüssel darf das nicht unterschreiben")
            }
        };
        Failure::new(Exit::BadInput, format!("{}: {why}", self.path.display()))
    }

    fn unwritten(&self, error: &WriteError<io::Error>) -> Failure {
        unwritten(&self.path, error, self.language)
    }
}

/// The hashes of a plant's files.
pub fn hashes(sources: &[SourceFile]) -> Hashes {
    plant_hashes(sources.iter().map(|file| (file.name.as_str(), file.text.as_ref())))
}

fn unwritten(path: &Path, error: &WriteError<io::Error>, language: Language) -> Failure {
    let path = path.display();
    Failure::new(
        Exit::Lacking,
        language.pick(
            format!("{path}: the log could not be written, so nothing of this run is kept: {error}"),
            format!("{path}: das Protokoll ließ sich nicht schreiben, von diesem Lauf ist also nichts aufgehoben: {error}"),
        ),
    )
}
