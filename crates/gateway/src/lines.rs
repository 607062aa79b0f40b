//! Records as lines of JSON in a folder, of bounded size.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use crate::record::Told;

/// The file that is written.
const NAME: &str = "commands.jsonl";
/// The one before it.
const BEFORE: &str = "commands.1.jsonl";
/// Most bytes of one file: whoever has commands refused all day fills no disk.
const MOST: u64 = 64 * 1024 * 1024;

/// A folder of records: `commands.jsonl`, and `commands.1.jsonl` once that was full.
#[derive(Debug)]
pub struct Lines {
    folder: PathBuf,
    file: File,
    /// Length of the whole lines.
    length: u64,
    most: u64,
}

impl Lines {
    /// Opens or makes the file in this folder.
    pub fn open(folder: &Path) -> io::Result<Self> {
        Self::bounded(folder, MOST)
    }

    fn bounded(folder: &Path, most: u64) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        let (file, length) = opened(folder)?;
        Ok(Self { folder: folder.to_owned(), file, length, most })
    }

    /// Writes one record; notices are none. Nothing of a line stays that could not be written whole.
    pub fn write(&mut self, told: &Told) -> io::Result<()> {
        let Told::Record(record) = told else { return Ok(()) };
        let mut line = serde_json::to_vec(&record.document()).map_err(io::Error::from)?;
        line.push(b'\n');
        let length = line.len() as u64;
        if self.length > 0 && self.length + length > self.most {
            fs::rename(self.folder.join(NAME), self.folder.join(BEFORE))?;
            (self.file, self.length) = opened(&self.folder)?;
        }
        match self.file.write_all(&line) {
            Ok(()) => {
                self.length += length;
                Ok(())
            }
            Err(error) => {
                self.file.set_len(self.length)?;
                Err(error)
            }
        }
    }

    /// Makes durable what was written.
    pub fn sync(&self) -> io::Result<()> {
        self.file.sync_data()
    }
}

/// The file, without a line that a crash left unfinished.
fn opened(folder: &Path) -> io::Result<(File, u64)> {
    /// Longer than any line.
    const TAIL: u64 = 64 * 1024;
    let mut file = OpenOptions::new().read(true).append(true).create(true).open(folder.join(NAME))?;
    let from = file.metadata()?.len().saturating_sub(TAIL);
    let mut tail = Vec::new();
    file.seek(SeekFrom::Start(from))?;
    file.read_to_end(&mut tail)?;
    let whole = tail.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| from + at as u64 + 1);
    file.set_len(whole)?;
    Ok((file, whole))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{Record, What};

    fn record(times: u64) -> Told {
        Told::Record(Record {
            at: jiff::Timestamp::UNIX_EPOCH,
            client: "10.62.2.20".parse().unwrap(),
            server: "10.62.1.70:502".parse().unwrap(),
            what: What::Refused {
                unit: 1,
                function: 6,
                command: "write holding 10 = 139".to_owned(),
                exception: 3,
                reason: inspect::Reason::Value,
                flow: Some("G02".to_owned()),
            },
            times,
            lost: 0,
        })
    }

    #[test]
    fn a_line_says_everything_and_a_torn_one_is_cut_off() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(NAME);
        let line = "{\"at\":\"1970-01-01T00:00:00Z\",\"client\":\"10.62.2.20\",\"server\":\"10.62.1.70:502\",\
                    \"what\":\"refused\",\"flow\":\"G02\",\"unit\":1,\"function\":6,\"command\":\"write holding 10 = \
                    139\",\"exception\":3,\"reason\":\"value\",\"detail\":null,\"times\":7,\"lost\":0}\n";
        Lines::open(folder.path()).unwrap().write(&record(7)).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), line);
        fs::write(&path, format!("{line}{{\"at\":")).unwrap();
        Lines::open(folder.path()).unwrap().write(&record(7)).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), line.repeat(2));
    }

    #[test]
    fn the_folder_does_not_grow_for_ever() {
        let folder = tempfile::tempdir().unwrap();
        let mut lines = Lines::bounded(folder.path(), 1_000).unwrap();
        (0..100).for_each(|times| lines.write(&record(times)).unwrap());
        let sizes = [NAME, BEFORE].map(|name| fs::read(folder.path().join(name)).unwrap().len());
        assert!(sizes.iter().all(|size| (1..=1_000).contains(size)), "{sizes:?}");
        assert!(fs::read_to_string(folder.path().join(NAME)).unwrap().contains("\"times\":99,"));
    }

    #[test]
    fn what_cannot_be_written_whole_is_an_error_and_leaves_no_half_line() {
        let folder = tempfile::tempdir().unwrap();
        let mut lines = Lines::open(folder.path()).unwrap();
        lines.write(&record(1)).unwrap();
        let whole = fs::read(folder.path().join(NAME)).unwrap();
        let good =
            std::mem::replace(&mut lines.file, OpenOptions::new().write(true).open("/dev/full").unwrap());
        assert!(lines.write(&record(2)).is_err());
        lines.file = good;
        assert_eq!(fs::read(folder.path().join(NAME)).unwrap(), whole);
        lines.write(&record(3)).unwrap();
        assert_eq!(fs::read(folder.path().join(NAME)).unwrap().len(), 2 * whole.len());
    }
}
