//! The log, verified, and which of its records are believed.

use std::path::{Path, PathBuf};

use evidence::{Basis, Evidence, Keys, basis_of, read};
use ledger::{Checkpoint, StoreFile, Verifier, records, verify};
use words::{Language, Message};

use crate::exit::{Exit, Failure};
use crate::files;

/// What is believed of a log.
pub struct Believed {
    /// Records that count, in the order of the log.
    pub evidence: Vec<Evidence>,
    /// Records that do not.
    pub refused: Vec<Refused>,
    /// Records of the log.
    pub records: u64,
    /// What is wrong with the log, where something is: then no record counts.
    pub fault: Option<String>,
}

/// A record that does not count.
pub struct Refused {
    /// Its number in the log.
    pub number: u64,
    /// The code of the reason, where it has one.
    pub code: Option<&'static str>,
    /// Why.
    pub reason: String,
}

/// The keys of machines on site that the reader names.
pub fn keys(files: &[PathBuf], language: Language) -> Result<Vec<Verifier>, Failure> {
    files
        .iter()
        .map(|path| {
            let key = Verifier::parse(&files::text(path, language)?).ok();
            let key = key.filter(|key| basis_of(key.name()).is_some());
            key.ok_or_else(|| {
                let what = language.pick(
                    "not the public key of a machine or a lab",
                    "kein öffentlicher Schlüssel einer Maschine oder eines Labors",
                );
                bad(path, what)
            })
        })
        .collect()
}

impl Believed {
    /// Reads the log of a folder. Of a log that is damaged nothing counts: nobody knows what is missing from it.
    ///
    /// What was found on site counts only in a log that is sealed by a key the reader named. A record keeps its own
    /// signature wherever it is copied to; a log made of copies could leave out the newest, which said otherwise.
    pub fn read(folder: &Path, named: &[Verifier], language: Language) -> Result<Self, Failure> {
        let bytes = ledger_files::records(folder)
            .map_err(|error| bad(&folder.join(StoreFile::Records.name()), &error.to_string()))?;
        let note = |name: &str| ledger_files::there(ledger_files::note(&folder.join(name)));
        let beside = note(ledger_files::KEY)
            .map_err(|error| bad(&folder.join(ledger_files::KEY), &error.to_string()))?
            .and_then(|text| Verifier::parse(std::str::from_utf8(&text).ok()?).ok());
        let damaged = |records: u64, fault: String| Self {
            evidence: Vec::new(),
            refused: Vec::new(),
            records,
            fault: Some(fault),
        };
        let Some(seal) = beside else {
            let what = language.pick(
                "the log has no public key beside it, so nobody can tell whether it is whole",
                "neben dem Protokoll liegt kein öffentlicher Schlüssel; niemand kann sagen, ob es ganz ist",
            );
            return Ok(damaged(0, what.to_owned()));
        };
        let kept = note(StoreFile::Checkpoint.name())
            .map_err(|error| bad(&folder.join(StoreFile::Checkpoint.name()), &error.to_string()))?;
        let kept = match kept.map(|note| Checkpoint::verified(&note, &seal)).transpose() {
            Ok(kept) => kept,
            Err(_) => {
                let what = language.pick(
                    "the checkpoint beside the log is not one of its key",
                    "der Kontrollpunkt neben dem Protokoll stammt nicht von dessen Schlüssel",
                );
                return Ok(damaged(0, what.to_owned()));
            }
        };
        let report = verify(&bytes, Some(&seal), kept.as_slice()).map_err(|_| {
            bad(folder, language.pick("not a log of Ringwall", "kein Protokoll von Ringwall"))
        })?;
        if !report.intact() {
            let fault = report.findings.first().map(|finding| finding.text(language)).unwrap_or_default();
            return Ok(damaged(report.records, fault));
        }
        let mut trusted = Keys::new();
        trusted.beside(seal.clone());
        for key in named {
            // Keys of neither kind were refused when they were read.
            let _ = trusted.trust(key.clone());
        }
        let read = read(records(&bytes).map(|record| (record.index, record.content)), &trusted);
        let mut refused: Vec<Refused> = read
            .refused
            .into_iter()
            .map(|refused| Refused {
                number: refused.number,
                code: Some(refused.reason.code()),
                reason: refused.reason.text(language),
            })
            .collect();
        let sealed_by_named = named.contains(&seal);
        let mut evidence = Vec::new();
        for found in read.accepted {
            let why = if found.number >= report.sealed {
                Some(language.pick(
                    "no checkpoint stands over it yet".to_owned(),
                    "darüber steht noch kein Kontrollpunkt".to_owned(),
                ))
            } else if found.record.basis == Basis::Site && !sealed_by_named {
                let seal = seal.short();
                Some(language.pick(
                    format!("found on site, but in a log sealed by `{seal}`, a key that was not named"),
                    format!("vor Ort gefunden, aber in einem Protokoll, das `{seal}` besiegelt, ein nicht genannter Schlüssel"),
                ))
            } else {
                None
            };
            match why {
                Some(reason) => refused.push(Refused { number: found.number, code: None, reason }),
                None => evidence.push(found),
            }
        }
        refused.sort_by_key(|refused| refused.number);
        Ok(Self { evidence, refused, records: report.records, fault: None })
    }

    /// The same where a damaged log is of no use at all.
    pub fn whole(folder: &Path, named: &[Verifier], language: Language) -> Result<Self, Failure> {
        let believed = Self::read(folder, named, language)?;
        let Some(fault) = &believed.fault else { return Ok(believed) };
        let name = folder.display();
        let what = language.pick(
            format!("the log is damaged, so nothing in it counts: {fault}; `ringwall log verify {name}` says where"),
            format!("das Protokoll ist beschädigt, nichts darin zählt: {fault}; `ringwall log verify {name}` sagt, wo"),
        );
        Err(bad(folder, &what))
    }

    /// Records that count, of a plant.
    pub fn of<'a>(&'a self, plant: &'a str) -> impl DoubleEndedIterator<Item = &'a Evidence> {
        self.evidence.iter().filter(move |evidence| evidence.record.plant == plant)
    }
}

fn bad(path: &Path, what: &str) -> Failure {
    Failure::new(Exit::BadInput, format!("{}: {what}", path.display()))
}
