//! What a shell brings: three files, and steps on them that a crash may come between.

/// The files of a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum StoreFile {
    /// Records and checkpoints, append-only.
    Records,
    /// The last checkpoint alone, to be kept elsewhere.
    Checkpoint,
    /// What becomes one of the others once it is complete.
    Fresh,
}

impl StoreFile {
    /// The name of the file.
    pub fn name(self) -> &'static str {
        match self {
            Self::Records => "records",
            Self::Checkpoint => "checkpoint",
            Self::Fresh => "fresh",
        }
    }
}

/// Where a log is written. A step that fails may have been done in part.
pub trait Store {
    /// What can go wrong.
    type Error;
    /// Appends bytes at the end of a file.
    fn append(&mut self, file: StoreFile, bytes: &[u8]) -> Result<(), Self::Error>;
    /// Returns once the file is durable.
    fn sync(&mut self, file: StoreFile) -> Result<(), Self::Error>;
    /// Cuts a file to a length, and makes one that is not there.
    fn cut(&mut self, file: StoreFile, length: u64) -> Result<(), Self::Error>;
    /// Puts one file in the place of another, at once and durably.
    fn rename(&mut self, from: StoreFile, to: StoreFile) -> Result<(), Self::Error>;
}

impl<S: Store> Store for &mut S {
    type Error = S::Error;

    fn append(&mut self, file: StoreFile, bytes: &[u8]) -> Result<(), S::Error> {
        (**self).append(file, bytes)
    }

    fn sync(&mut self, file: StoreFile) -> Result<(), S::Error> {
        (**self).sync(file)
    }

    fn cut(&mut self, file: StoreFile, length: u64) -> Result<(), S::Error> {
        (**self).cut(file, length)
    }

    fn rename(&mut self, from: StoreFile, to: StoreFile) -> Result<(), S::Error> {
        (**self).rename(from, to)
    }
}
