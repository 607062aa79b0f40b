//! Finding the key, and opening the log with it.

use std::io;
use std::path::{Path, PathBuf};

use evidence::{Basis, LAB, basis_of, serial_of, site_name};
use ledger::{OpenError, Signer, Verifier, Writer};
use ledger_files::{Folder, KeyFileError};
use words::Language;

use crate::exit::{Exit, Failure};
use crate::output::Output;
use crate::show;

/// The key to sign with: the file named, or the lab's own. For a site it must be the key of that very machine, and this
/// must be the machine.
pub fn signer(key: Option<&Path>, site: Option<&str>, output: &Output) -> Result<Signer, Failure> {
    let language = output.language();
    if let Some(serial) = site {
        site_is_here(serial, language)?;
    }
    let Some(path) = key else { return lab_key(output) };
    let signer = ledger_files::read_key(path).map_err(|error| key_failure(path, &error, language))?;
    let name = signer.verifier().name();
    let fits = match site {
        Some(serial) => serial_of(name) == Some(serial),
        None => basis_of(name).is_some(),
    };
    if fits {
        return Ok(signer);
    }
    let wanted = site.and_then(site_name).unwrap_or_else(|| format!("{LAB}` / `site/..."));
    let path = path.display();
    Err(bad(language.pick(
        format!("{path}: the name of this key is `{name}`, and it has to be `{wanted}` to sign this"),
        format!(
            "{path}: dieser Schlüssel heißt `{name}`; um das zu unterschreiben, muss er `{wanted}` heißen"
        ),
    )))
}

/// A record of the site comes from the machine in the plant: no sandbox, no container, no namespace made by hand.
fn site_is_here(serial: &str, language: Language) -> Result<(), Failure> {
    if site_name(serial).is_none() {
        return Err(bad(language.pick(
            format!("--site `{serial}`: a serial number is letters, digits, `-`, `_` and `.`"),
            format!("--site `{serial}`: eine Seriennummer besteht aus Buchstaben, Ziffern, `-`, `_` und `.`"),
        )));
    }
    #[cfg(target_os = "linux")]
    if crate::kernel::is_machine() {
        return Ok(());
    }
    Err(bad(language.pick(
        format!("--site {serial}: this is a namespace somebody made, not the machine; what is found here is evidence of the lab"),
        format!("--site {serial}: das hier ist ein Namensraum, den jemand angelegt hat, nicht die Maschine; was hier gefunden wird, ist ein Beleg des Labors"),
    )))
}

/// The key of this user's lab, made when it is first needed.
fn lab_key(output: &Output) -> Result<Signer, Failure> {
    let language = output.language();
    let Some(path) = home() else {
        return Err(bad(language.pick(
            "neither XDG_STATE_HOME nor HOME is set: name a key with --sign-key FILE",
            "weder XDG_STATE_HOME noch HOME ist gesetzt: mit --sign-key DATEI einen Schlüssel nennen",
        )));
    };
    match ledger_files::create_key(&path, LAB) {
        Ok(signer) => {
            let (path, public) = (path.display(), signer.verifier());
            output.message(&language.pick(
                format!("made a key for the lab: {path}\nits public half: {public}"),
                format!("Schlüssel für das Labor angelegt: {path}\nseine öffentliche Hälfte: {public}"),
            ));
            Ok(signer)
        }
        Err(KeyFileError::Exists) => {
            let read = ledger_files::read_key(&path).map_err(|error| key_failure(&path, &error, language))?;
            match basis_of(read.verifier().name()) {
                Some(Basis::Lab) => Ok(read),
                _ => Err(bad(language.pick(
                    format!("{}: not a key of the lab; keep it elsewhere", path.display()),
                    format!("{}: kein Schlüssel des Labors; er gehört anderswohin", path.display()),
                ))),
            }
        }
        Err(error) => Err(key_failure(&path, &error, language)),
    }
}

/// Where the lab's key lies, after the XDG base directories.
fn home() -> Option<PathBuf> {
    let absolute = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let state = absolute("XDG_STATE_HOME").or_else(|| Some(absolute("HOME")?.join(".local/state")))?;
    Some(state.join("ringwall/lab.key"))
}

/// Makes the key of a machine.
pub fn made_key(path: &Path, serial: &str, language: Language) -> Result<Signer, Failure> {
    let name = site_name(serial).ok_or_else(|| {
        bad(language.pick(
            format!("--site `{serial}`: a serial number is letters, digits, `-`, `_` and `.`"),
            format!("--site `{serial}`: eine Seriennummer besteht aus Buchstaben, Ziffern, `-`, `_` und `.`"),
        ))
    })?;
    ledger_files::create_key(path, &name).map_err(|error| key_failure(path, &error, language))
}

/// Opens the log for writing, and says what a crash had left of it.
pub fn writer(log: &Path, signer: &Signer, output: &Output) -> Result<Writer<Folder>, Failure> {
    let language = output.language();
    let own = ledger_files::note(&log.join(ledger_files::KEY)).ok();
    let own = own.and_then(|text| Verifier::parse(std::str::from_utf8(&text).ok()?).ok());
    if let Some(own) = own.filter(|own| own != signer.verifier()) {
        let (log, own, key) = (log.display(), own.short(), signer.verifier().short());
        return Err(bad(language.pick(
            format!("{log}: this log is written with the key `{own}`, not with `{key}`: name its private key with --sign-key FILE, or another folder"),
            format!("{log}: dieses Protokoll wird mit dem Schlüssel `{own}` geschrieben, nicht mit `{key}`: seinen privaten Schlüssel mit --sign-key DATEI nennen, oder einen anderen Ordner"),
        )));
    }
    let (writer, recovery) =
        ledger_files::open(log, signer.clone()).map_err(|error| open_failure(log, &error, language))?;
    let log = log.display();
    if recovery.cut > 0 {
        let bytes = recovery.cut;
        output.message(&language.pick(
            format!("{log}: {bytes} bytes of a record that was never finished were cut off"),
            format!("{log}: {bytes} Bytes eines nie vollendeten Datensatzes wurden abgeschnitten"),
        ));
    }
    if let Some((first, end)) = recovery.adopted {
        let last = end.saturating_sub(1);
        output.message(&language.pick(
            format!("{log}: records {first} to {last} had no signature after a crash; the log says so from now on"),
            format!("{log}: die Datensätze {first} bis {last} waren nach einem Absturz ohne Unterschrift; das Protokoll sagt es von nun an"),
        ));
    }
    Ok(writer)
}

fn open_failure(log: &Path, error: &OpenError<io::Error>, language: Language) -> Failure {
    let folder = log.display();
    if let Some(process) = ledger_files::is_locked(error) {
        return bad(language.pick(
            format!("{folder}: process {process} writes this log: wait for it, or name another folder"),
            format!("{folder}: Prozess {process} schreibt dieses Protokoll: warten, oder einen anderen Ordner nennen"),
        ));
    }
    match error {
        OpenError::Damaged(report) => {
            let first = report.findings.first().map(|finding| show::message(finding, language));
            let first = first.unwrap_or_default();
            Failure::new(
                Exit::NotProved,
                language.pick(
                    format!("{folder}: the log is damaged and is not written on\n{first}"),
                    format!("{folder}: das Protokoll ist beschädigt und wird nicht fortgeschrieben\n{first}"),
                ),
            )
        }
        OpenError::NotALog(_) => bad(language.pick(
            format!("{folder}: what lies there is not a log of Ringwall"),
            format!("{folder}: was dort liegt, ist kein Protokoll von Ringwall"),
        )),
        OpenError::Store(error) => super::unwritten(log, error, language),
    }
}

fn key_failure(path: &Path, error: &KeyFileError, language: Language) -> Failure {
    let place = path.display();
    bad(match error {
        KeyFileError::Exists => language.pick(
            format!("{place}: there is a file already, and a key is never overwritten: name another one"),
            format!("{place}: die Datei gibt es schon, und ein Schlüssel wird nie überschrieben: eine andere nennen"),
        ),
        KeyFileError::Open { mode } => language.pick(
            format!("{place}: others may read this private key (mode {mode:o}): chmod 600 {place}, and think about a new one"),
            format!("{place}: andere dürfen diesen privaten Schlüssel lesen (Modus {mode:o}): chmod 600 {place}, und über einen neuen nachdenken"),
        ),
        KeyFileError::Key(_) => language.pick(
            format!("{place}: not a private key of Ringwall"),
            format!("{place}: kein privater Schlüssel von Ringwall"),
        ),
        KeyFileError::Io(error) => format!("{place}: {error}"),
    })
}

/// The name of this machine.
pub fn host() -> String {
    let read = std::fs::read_to_string("/proc/sys/kernel/hostname");
    read.map(|name| name.trim().to_owned()).unwrap_or_default()
}

fn bad(message: impl Into<String>) -> Failure {
    Failure::new(Exit::BadInput, message)
}
