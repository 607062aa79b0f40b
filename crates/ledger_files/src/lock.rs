//! One program writes a log at a time.
//!
//! The lock is the kernel's, on a file that stays: when the program ends, by whatever cause, the kernel gives it back.
//! A file whose mere presence is the lock would block the log after a crash.

use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::Path;

use ledger::{OpenError, WriteError};

/// The file that is locked. In it stands the process that writes, for people; nothing depends on it.
pub const LOCK: &str = "lock";

/// The lock of a folder, until it is dropped.
#[derive(Debug)]
pub(crate) struct Lock {
    file: File,
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Closing is not enough: a child that another thread starts just then has the file open, too, until it runs its
        // program. If it fails, closing is what remains.
        unlock(&self.file);
    }
}

impl Lock {
    /// Takes the lock, or says who has it.
    pub(crate) fn take(folder: &Path) -> io::Result<Self> {
        let options = OpenOptions::new().read(true).write(true).create(true).truncate(false).clone();
        let mut file = options.open(folder.join(LOCK))?;
        if !try_lock(&file)? {
            let mut writer = String::new();
            // Whoever has the lock may be about to write its number.
            let _ = file.take(16).read_to_string(&mut writer);
            let writer = writer.trim();
            let process = if writer.is_empty() { "another process" } else { writer };
            return Err(io::Error::new(ErrorKind::WouldBlock, process.to_owned()));
        }
        // A disk that is full must not keep anybody from opening a log.
        let _ = file
            .set_len(0)
            .and_then(|()| file.seek(SeekFrom::Start(0)))
            .and_then(|_| writeln!(file, "{}", std::process::id()));
        Ok(Self { file })
    }
}

/// The process that writes the log now, where that is why it could not be opened.
pub fn is_locked(error: &OpenError<io::Error>) -> Option<String> {
    match error {
        OpenError::Store(WriteError::Store(error)) if error.kind() == ErrorKind::WouldBlock => {
            Some(error.to_string())
        }
        _ => None,
    }
}

#[cfg(unix)]
fn try_lock(file: &File) -> io::Result<bool> {
    use rustix::fs::{FlockOperation, flock};
    use rustix::io::Errno;

    loop {
        match flock(file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => return Ok(true),
            Err(Errno::WOULDBLOCK) => return Ok(false),
            Err(Errno::INTR) => {}
            Err(errno) => return Err(errno.into()),
        }
    }
}

#[cfg(unix)]
fn unlock(file: &File) {
    let _ = rustix::fs::flock(file, rustix::fs::FlockOperation::Unlock);
}

#[cfg(not(unix))]
fn unlock(_file: &File) {}

/// Gateways run Linux; elsewhere a log is read, and written by whoever tries the lab's text alone.
#[cfg(not(unix))]
#[allow(clippy::unnecessary_wraps, reason = "the same as on systems with locks")]
fn try_lock(_file: &File) -> io::Result<bool> {
    Ok(true)
}
