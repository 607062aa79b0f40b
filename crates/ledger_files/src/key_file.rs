//! Private keys in files: made once, read only where nobody else can.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Read};
use std::path::Path;

use ledger::{KeyError, Signer};

use crate::durable::create_private;

/// Longer files are no keys.
const LONGEST: u64 = 1024;

/// Why there is no key to sign with.
#[derive(Debug)]
pub enum KeyFileError {
    /// The file cannot be read or written.
    Io(io::Error),
    /// There is one already; it is not overwritten, because what it signed could not be told from forgeries any more.
    Exists,
    /// Others may read it: who signed with it is anybody's guess. The mode is that of the file.
    Open {
        /// Permissions.
        mode: u32,
    },
    /// It holds no private key.
    Key(KeyError),
}

impl fmt::Display for KeyFileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) => error.fmt(f),
            Self::Exists => f.write_str("there is a file already"),
            Self::Open { mode } => write!(f, "others may read the file (mode {mode:o})"),
            Self::Key(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for KeyFileError {}

/// Makes a key of this name in a file only its owner may read. The folder is made if it is not there.
pub fn create_key(path: &Path, name: &str) -> Result<Signer, KeyFileError> {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).map_err(|error| KeyFileError::Io(error.into()))?;
    let signer = Signer::new(name, &seed).map_err(KeyFileError::Key)?;
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        fs::create_dir_all(folder).map_err(KeyFileError::Io)?;
    }
    match create_private(path, format!("{}\n", signer.secret()).as_bytes()) {
        Ok(()) => Ok(signer),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Err(KeyFileError::Exists),
        Err(error) => Err(KeyFileError::Io(error)),
    }
}

/// Reads a key from a file only its owner may read.
pub fn read_key(path: &Path) -> Result<Signer, KeyFileError> {
    let file = File::open(path).map_err(KeyFileError::Io)?;
    #[cfg(unix)]
    {
        let mode = std::os::unix::fs::PermissionsExt::mode(
            &file.metadata().map_err(KeyFileError::Io)?.permissions(),
        );
        if mode & 0o077 != 0 {
            return Err(KeyFileError::Open { mode: mode & 0o777 });
        }
    }
    let mut text = String::new();
    match file.take(LONGEST).read_to_string(&mut text) {
        Ok(_) => Signer::parse(&text).map_err(KeyFileError::Key),
        Err(error) if error.kind() == ErrorKind::InvalidData => Err(KeyFileError::Key(KeyError::Form)),
        Err(error) => Err(KeyFileError::Io(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_made_once_and_read_by_its_owner_only() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state/ringwall/lab.key");
        let made = create_key(&path, "lab").unwrap();
        assert_eq!(read_key(&path).unwrap().secret(), made.secret());
        assert!(matches!(create_key(&path, "lab"), Err(KeyFileError::Exists)));
        assert_eq!(read_key(&path).unwrap().secret(), made.secret(), "the second one changed nothing");
        let beside: Vec<_> = fs::read_dir(path.parent().unwrap()).unwrap().collect();
        assert_eq!(beside.len(), 1, "nothing is left beside it");
        let other = create_key(&folder.path().join("other.key"), "lab").unwrap();
        assert_ne!(other.secret(), made.secret());
        assert!(matches!(
            create_key(&folder.path().join("x"), "a b"),
            Err(KeyFileError::Key(KeyError::Name))
        ));
    }

    #[cfg(unix)]
    #[test]
    fn a_key_others_may_read_is_refused() {
        use std::os::unix::fs::PermissionsExt;

        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lab.key");
        create_key(&path, "lab").unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        for mode in [0o640, 0o604, 0o644, 0o660, 0o610] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            assert!(
                matches!(read_key(&path), Err(KeyFileError::Open { mode: told }) if told == mode),
                "{mode:o}"
            );
        }
        fs::set_permissions(&path, fs::Permissions::from_mode(0o400)).unwrap();
        assert!(read_key(&path).is_ok());
    }

    #[test]
    fn a_file_that_holds_no_key_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        for content in [&b""[..], b"\xff\xff", b"lab+00000000+AAAA", &[b'P'; 4096]] {
            let _ = fs::remove_file(&path);
            create_private(&path, content).unwrap();
            assert!(matches!(read_key(&path), Err(KeyFileError::Key(_))));
        }
        assert!(matches!(read_key(folder.path()), Err(KeyFileError::Io(_) | KeyFileError::Open { .. })));
        assert!(matches!(read_key(&folder.path().join("none")), Err(KeyFileError::Io(_))));
    }
}
