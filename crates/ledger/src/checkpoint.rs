//! Checkpoints (C2SP tlog-checkpoint): which log, how many records, and the root over them, as a signed note.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::key::{Signer, Verifier};
use crate::note::{self, NoteError, SignedNote};
use crate::tree::{Hash, Tree};

/// What a checkpoint says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// Which log.
    pub origin: String,
    /// How many records.
    pub size: u64,
    /// The root over them.
    pub root: Hash,
    /// Further lines.
    pub extensions: Vec<String>,
}

/// Why something is no checkpoint of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CheckpointError {
    /// The note or its signature.
    Note(NoteError),
    /// The text of the note is not that of a checkpoint.
    Form,
    /// It is of another log.
    Origin,
}

impl fmt::Display for CheckpointError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Note(error) => error.fmt(f),
            Self::Form => f.write_str("not the text of a checkpoint"),
            Self::Origin => f.write_str("a checkpoint of another log"),
        }
    }
}

impl std::error::Error for CheckpointError {}

impl From<NoteError> for CheckpointError {
    fn from(error: NoteError) -> Self {
        Self::Note(error)
    }
}

impl Checkpoint {
    /// The checkpoint of a tree; the log has the name of its key.
    pub(crate) fn of(tree: &Tree, signer: &Signer, extensions: Vec<String>) -> Self {
        Self { origin: signer.verifier().name().to_owned(), size: tree.size(), root: tree.root(), extensions }
    }

    /// Reads a signed checkpoint without asking who signed it.
    pub fn parse(note: &[u8]) -> Result<Self, CheckpointError> {
        Self::text(SignedNote::parse(note)?.text()).ok_or(CheckpointError::Form)
    }

    /// Reads a checkpoint that this key signed for the log of its name.
    pub fn verified(note: &[u8], verifier: &Verifier) -> Result<Self, CheckpointError> {
        let text = SignedNote::parse(note)?.verify(verifier)?;
        let checkpoint = Self::text(text).ok_or(CheckpointError::Form)?;
        if checkpoint.origin == verifier.name() { Ok(checkpoint) } else { Err(CheckpointError::Origin) }
    }

    fn text(text: &str) -> Option<Self> {
        let mut lines = text.strip_suffix('\n')?.split('\n');
        let (origin, number, root) = (lines.next()?, lines.next()?, lines.next()?);
        let size: u64 = number.parse().ok()?;
        // One way to write a number: no plus, no zeros in front.
        if origin.is_empty() || size.to_string() != number {
            return None;
        }
        let root = STANDARD.decode(root).ok()?.try_into().ok()?;
        let extensions: Vec<String> = lines.map(ToOwned::to_owned).collect();
        let empty = extensions.iter().any(String::is_empty);
        (!empty).then(|| Self { origin: origin.to_owned(), size, root, extensions })
    }

    /// The signed note.
    pub fn sign(&self, signer: &Signer) -> String {
        let mut text = format!("{}\n{}\n{}\n", self.origin, self.size, STANDARD.encode(self.root));
        for line in &self.extensions {
            text.push_str(line);
            text.push('\n');
        }
        note::sign(&text, signer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checkpoint_is_read_as_it_was_signed() {
        let signer = Signer::new("line3/evidence", &[3; 32]).unwrap();
        let checkpoint = Checkpoint::of(&Tree::of(&[[1; 32], [2; 32]]), &signer, vec!["more".to_owned()]);
        let note = checkpoint.sign(&signer);
        assert!(note.starts_with("line3/evidence\n2\n"), "{note}");
        assert_eq!(Checkpoint::verified(note.as_bytes(), signer.verifier()), Ok(checkpoint.clone()));
        assert_eq!(Checkpoint::parse(note.as_bytes()), Ok(checkpoint.clone()));

        let foreign = Checkpoint { origin: "line4".to_owned(), ..checkpoint }.sign(&signer);
        assert_eq!(Checkpoint::verified(foreign.as_bytes(), signer.verifier()), Err(CheckpointError::Origin));
    }

    #[test]
    fn a_text_that_is_no_checkpoint_is_refused() {
        let root = STANDARD.encode([1; 32]);
        let short = STANDARD.encode([1; 31]);
        for text in [
            String::new(),
            format!("log\n2\n{root}"),
            format!("\n2\n{root}\n"),
            format!("log\n02\n{root}\n"),
            format!("log\n+2\n{root}\n"),
            format!("log\n-2\n{root}\n"),
            format!("log\n99999999999999999999\n{root}\n"),
            format!("log\n2\n{short}\n"),
            format!("log\n2\n{root}\n\nmore\n"),
            "log\n2\n".to_owned(),
        ] {
            assert_eq!(Checkpoint::text(&text), None, "{text:?}");
        }
        assert!(Checkpoint::text(&format!("log\n2\n{root}\n")).is_some());
    }
}
