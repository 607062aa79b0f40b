//! Files that are there whole or not at all, whenever the power fails.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

/// Writes a file in the place of another, at once and durably.
pub fn write_durably(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let fresh = Fresh::write(path, bytes, false)?;
    fs::rename(&fresh.path, path)?;
    sync_folder(path)
}

/// Makes a file nobody else may read, where there is none yet; [`ErrorKind::AlreadyExists`] where there is.
pub(crate) fn create_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let fresh = Fresh::write(path, bytes, true)?;
    // Unlike renaming, a second name never takes the place of a file that came in between.
    fs::hard_link(&fresh.path, path)?;
    drop(fresh);
    sync_folder(path)
}

/// A file beside its place, which is removed again if it does not get there.
struct Fresh {
    path: PathBuf,
}

impl Fresh {
    fn write(place: &Path, bytes: &[u8], private: bool) -> io::Result<Self> {
        let name = place.file_name().ok_or(ErrorKind::InvalidInput)?.to_string_lossy().into_owned();
        let path = place.with_file_name(format!(".{name}.{}", std::process::id()));
        // What an earlier process of this number left behind when it was killed.
        match fs::remove_file(&path) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        if private {
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        }
        #[cfg(not(unix))]
        let _ = private;
        let mut file = options.open(&path)?;
        let fresh = Self { path };
        file.write_all(bytes)?;
        file.sync_all()?;
        Ok(fresh)
    }
}

impl Drop for Fresh {
    fn drop(&mut self) {
        // After a rename it is gone already.
        let _ = fs::remove_file(&self.path);
    }
}

/// Makes the names in the folder of a file durable.
fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    // Windows opens no folders; its renames are journalled.
    if cfg!(unix) { File::open(folder.unwrap_or(Path::new(".")))?.sync_all() } else { Ok(()) }
}
