//! A log on disk: a folder with `records`, the last `checkpoint` and the public key in `key`.
//!
//! This is the shell around `ledger`: it writes, makes durable and renames. It does not know what a frame is, what a
//! record means, or where the private key is kept; whoever opens a log brings it. One program writes a log at a time:
//! it holds the lock of the folder, which the kernel takes back however the program ends.

mod durable;
mod key_file;
mod lock;

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use ledger::{OpenError, Recovery, Signer, Store, StoreFile, WriteError, Writer};

pub use durable::write_durably;
pub use key_file::{KeyFileError, create_key, read_key};
pub use lock::{LOCK, is_locked};

use lock::Lock;

/// The file with the public key.
pub const KEY: &str = "key";

/// Checkpoints and keys longer than this are not read to their end: nothing reads them anyway.
const LONGEST_NOTE: u64 = 64 * 1024 + 1;

/// The files of a log in a folder.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    records: Option<File>,
    /// Held for as long as there is somebody to write.
    _lock: Lock,
}

impl Folder {
    /// The log in this folder, which nobody else may write from now on.
    fn locked(path: &Path) -> io::Result<Self> {
        Ok(Self { path: path.to_owned(), records: None, _lock: Lock::take(path)? })
    }

    fn place(&self, file: StoreFile) -> PathBuf {
        self.path.join(file.name())
    }

    fn opened(&mut self, file: StoreFile) -> io::Result<File> {
        let open = |path: PathBuf| OpenOptions::new().append(true).create(true).open(path);
        if file != StoreFile::Records {
            return open(self.place(file));
        }
        // The records are written all the time: their file stays open.
        let records = match self.records.take() {
            Some(records) => records,
            None => open(self.place(file))?,
        };
        let again = records.try_clone()?;
        self.records = Some(records);
        Ok(again)
    }
}

impl Store for Folder {
    type Error = io::Error;

    fn append(&mut self, file: StoreFile, bytes: &[u8]) -> io::Result<()> {
        self.opened(file)?.write_all(bytes)
    }

    fn sync(&mut self, file: StoreFile) -> io::Result<()> {
        self.opened(file)?.sync_data()
    }

    fn cut(&mut self, file: StoreFile, length: u64) -> io::Result<()> {
        self.opened(file)?.set_len(length)
    }

    fn rename(&mut self, from: StoreFile, to: StoreFile) -> io::Result<()> {
        if to == StoreFile::Records {
            self.records = None;
        }
        fs::rename(self.place(from), self.place(to))?;
        File::open(&self.path)?.sync_all()
    }
}

/// Begins a log in a folder, or goes on with the one that is there. Refused while somebody else writes it, see
/// [`is_locked`].
pub fn open(path: &Path, signer: Signer) -> Result<(Writer<Folder>, Recovery), OpenError<io::Error>> {
    let failed = |error| OpenError::Store(WriteError::Store(error));
    let public = format!("{}\n", signer.verifier());
    fs::create_dir_all(path).map_err(failed)?;
    let folder = Folder::locked(path).map_err(failed)?;
    let (writer, recovery) = match there(records(path)).map_err(failed)? {
        None => (Writer::create(folder, signer).map_err(OpenError::Store)?, Recovery::default()),
        Some(bytes) => {
            let kept = there(note(&path.join(StoreFile::Checkpoint.name()))).map_err(failed)?;
            Writer::open(folder, signer, &bytes, kept.as_deref())?
        }
    };
    // The log is this key's, so whatever else lies there was torn by a crash or put there by somebody.
    let place = path.join(KEY);
    if there(note(&place)).map_err(failed)?.as_deref() != Some(public.as_bytes()) {
        write_durably(&place, public.as_bytes()).map_err(failed)?;
    }
    Ok((writer, recovery))
}

/// The records of the log in a folder.
pub fn records(path: &Path) -> io::Result<Vec<u8>> {
    fs::read(path.join(StoreFile::Records.name()))
}

/// A checkpoint or a key. Longer files are cut, which no reader accepts.
pub fn note(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(LONGEST_NOTE).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// A file, or none where there is none.
pub fn there(read: io::Result<Vec<u8>>) -> io::Result<Option<Vec<u8>>> {
    match read {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signer() -> Signer {
        Signer::new("line3/evidence", &[7; 32]).unwrap()
    }

    #[test]
    fn a_log_goes_on_where_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        let (mut writer, recovery) = open(&path, signer()).unwrap();
        assert_eq!(recovery, Recovery::default());
        writer.append(b"one").unwrap();
        writer.checkpoint().unwrap();
        drop(writer);
        let whole = fs::metadata(path.join("records")).unwrap().len();

        // A frame that was torn.
        let mut file = OpenOptions::new().append(true).open(path.join("records")).unwrap();
        file.write_all(b"r\0\0\0").unwrap();
        let (mut writer, recovery) = open(&path, signer()).unwrap();
        assert_eq!((recovery.cut, recovery.end, recovery.adopted), (4, whole, None));
        assert_eq!(writer.append(b"two").unwrap(), 1);
        writer.checkpoint().unwrap();

        let bytes = records(&path).unwrap();
        let read: Vec<&[u8]> = ledger::records(&bytes).map(|record| record.content).collect();
        assert_eq!(read, [b"one", b"two"]);
        let key = note(&path.join(KEY)).unwrap();
        let key = ledger::Verifier::parse(std::str::from_utf8(&key).unwrap()).unwrap();
        let kept = note(&path.join("checkpoint")).unwrap();
        let kept = ledger::Checkpoint::verified(&kept, &key).unwrap();
        assert_eq!(kept.size, 2);
        assert!(ledger::verify(&bytes, Some(&key), &[kept]).unwrap().intact());
    }

    #[test]
    fn a_log_of_another_key_is_refused_and_untouched() {
        let folder = tempfile::tempdir().unwrap();
        drop(open(folder.path(), signer()).unwrap());
        let before = records(folder.path()).unwrap();
        let other = Signer::new("line3/evidence", &[8; 32]).unwrap();
        assert!(matches!(open(folder.path(), other), Err(OpenError::Damaged(_))));
        assert_eq!(records(folder.path()).unwrap(), before);
    }
}
