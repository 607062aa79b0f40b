//! What verification can find, and its sentences in both languages.

use words::{Language, Message};

/// What is the matter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum What {
    /// The fixed start of the file is damaged.
    Start,
    /// A record does not have its hash.
    Record,
    /// The head of a frame is damaged.
    Head,
    /// Records are missing at a place.
    Missing,
    /// A record with a number that was there before.
    Added,
    /// A record stands at another place than its number says.
    Order,
    /// The records before a checkpoint are not those it was signed for.
    Root,
    /// A checkpoint is damaged or at a wrong place.
    Checkpoint,
    /// A checkpoint is not signed by the key.
    Signature,
    /// The file ends within a frame.
    Torn,
    /// Records after the last checkpoint.
    Unsealed,
    /// The log ends before a kept checkpoint.
    Cut,
    /// The log is another than that of a kept checkpoint.
    Kept,
    /// A kept checkpoint is not signed by the key.
    KeptSignature,
}

impl What {
    /// Everything that can be found, by code.
    pub const ALL: [Self; 14] = [
        Self::Start,
        Self::Record,
        Self::Head,
        Self::Missing,
        Self::Added,
        Self::Order,
        Self::Root,
        Self::Checkpoint,
        Self::Signature,
        Self::Torn,
        Self::Unsealed,
        Self::Cut,
        Self::Kept,
        Self::KeptSignature,
    ];

    /// The word scripts see.
    pub fn word(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Record => "record",
            Self::Head => "head",
            Self::Missing => "missing",
            Self::Added => "added",
            Self::Order => "order",
            Self::Root => "root",
            Self::Checkpoint => "checkpoint",
            Self::Signature => "signature",
            Self::Torn => "torn",
            Self::Unsealed => "unsealed",
            Self::Cut => "cut",
            Self::Kept => "kept",
            Self::KeptSignature => "kept-signature",
        }
    }
}

/// Something found, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What.
    pub what: What,
    /// The first record it is about; for a checkpoint the last one before it. None where it is about no record.
    pub record: Option<u64>,
    /// The byte where it begins.
    pub offset: u64,
    /// How many records it may be about.
    pub records: u64,
}

impl Finding {
    fn range(&self, language: Language) -> String {
        let first = self.record.unwrap_or_default();
        if self.records <= 1 {
            return language.pick(format!("record {first}"), format!("Datensatz {first}"));
        }
        let last = first.saturating_add(self.records - 1);
        language.pick(format!("records {first} to {last}"), format!("Datensätze {first} bis {last}"))
    }
}

impl Message for Finding {
    fn code(&self) -> &'static str {
        match self.what {
            What::Start => "RW1201",
            What::Record => "RW1202",
            What::Head => "RW1203",
            What::Missing => "RW1204",
            What::Added => "RW1205",
            What::Order => "RW1206",
            What::Root => "RW1207",
            What::Checkpoint => "RW1208",
            What::Signature => "RW1209",
            What::Torn => "RW1210",
            What::Unsealed => "RW1211",
            What::Cut => "RW1212",
            What::Kept => "RW1213",
            What::KeptSignature => "RW1214",
        }
    }

    fn text(&self, language: Language) -> String {
        let range = self.range(language);
        let at = language.pick(format!("byte {}", self.offset), format!("Byte {}", self.offset));
        match self.what {
            What::Start => language.pick(
                format!("{at}: the start of the file is damaged"),
                format!("{at}: der Anfang der Datei ist beschädigt"),
            ),
            What::Record => language.pick(
                format!("{range}, {at}: the content does not have the hash it was written with"),
                format!("{range}, {at}: der Inhalt hat nicht den Hash, mit dem er geschrieben wurde"),
            ),
            What::Head => language.pick(
                format!("{range}, {at}: the head of the frame is damaged"),
                format!("{range}, {at}: der Kopf des Rahmens ist beschädigt"),
            ),
            What::Missing => language
                .pick(format!("{range}, {at}: missing here"), format!("{range}, {at}: fehlt an dieser Stelle")),
            What::Added => language.pick(
                format!("{range}, {at}: this number was there before; one of the two was added"),
                format!("{range}, {at}: diese Nummer gab es schon; eines von beiden wurde hinzugefügt"),
            ),
            What::Order => language.pick(
                format!("{range}, {at}: stands here, out of order"),
                format!("{range}, {at}: steht hier, außerhalb der Reihenfolge"),
            ),
            What::Root => language.pick(
                format!("{range}, from {at}: not the records the next checkpoint was signed for"),
                format!("{range}, ab {at}: nicht die Datensätze, für die der nächste Prüfpunkt unterschrieben wurde"),
            ),
            What::Checkpoint => language.pick(
                format!("{at}: the checkpoint here is damaged or at the wrong place"),
                format!("{at}: der Prüfpunkt hier ist beschädigt oder steht am falschen Ort"),
            ),
            What::Signature => language.pick(
                format!("{at}: the checkpoint here is not signed by this key"),
                format!("{at}: der Prüfpunkt hier ist nicht mit diesem Schlüssel unterschrieben"),
            ),
            What::Torn => language.pick(
                format!("{range}, {at}: the file ends within a frame, which is missing"),
                format!("{range}, {at}: die Datei endet mitten in einem Rahmen, der fehlt"),
            ),
            What::Unsealed => language.pick(
                format!("{range}, from {at}: after the last checkpoint, no signature vouches for this"),
                format!("{range}, ab {at}: nach dem letzten Prüfpunkt, dafür bürgt keine Unterschrift"),
            ),
            What::Cut => language.pick(
                format!("{range}, {at}: the log ends here, but the kept checkpoint vouches for more"),
                format!("{range}, {at}: das Protokoll endet hier, aber der aufbewahrte Prüfpunkt bürgt für mehr"),
            ),
            What::Kept => language.pick(
                format!("{range}, from {at}: not the records the kept checkpoint was signed for"),
                format!("{range}, ab {at}: nicht die Datensätze, für die der aufbewahrte Prüfpunkt unterschrieben wurde"),
            ),
            What::KeptSignature => language.pick(
                "the kept checkpoint is not signed by this key".to_owned(),
                "der aufbewahrte Prüfpunkt ist nicht mit diesem Schlüssel unterschrieben".to_owned(),
            ),
        }
    }

    fn help(&self, language: Language) -> String {
        match self.what {
            What::Start | What::Record | What::Head | What::Checkpoint => language.pick(
                "compare with a copy of the log; without one, this place proves nothing any more",
                "mit einer Kopie des Protokolls vergleichen; ohne Kopie beweist diese Stelle nichts mehr",
            ),
            What::Missing | What::Added | What::Order | What::Root => language.pick(
                "somebody changed the file: keep it as it is, and compare with a copy of the log",
                "jemand hat die Datei geändert: unverändert aufheben und mit einer Kopie des Protokolls vergleichen",
            ),
            What::Signature | What::KeptSignature => language.pick(
                "give the public key of the machine that wrote the log, from where you keep it",
                "den öffentlichen Schlüssel der Maschine angeben, die das Protokoll schrieb, von wo er verwahrt wird",
            ),
            What::Torn => language.pick(
                "opened for writing, the log is cut back to its last complete record and says so",
                "zum Schreiben geöffnet wird das Protokoll auf den letzten vollständigen Datensatz gekürzt und sagt es",
            ),
            What::Unsealed => language.pick(
                "after a crash or while it is written: the next checkpoint seals it; otherwise find out who wrote it",
                "nach einem Absturz oder während geschrieben wird: der nächste Prüfpunkt versiegelt es; sonst klären, wer schrieb",
            ),
            What::Cut | What::Kept => language.pick(
                "the log was shortened or written anew: look for the rest in copies, and ask who could write there",
                "das Protokoll wurde gekürzt oder neu geschrieben: den Rest in Kopien suchen und fragen, wer dort schreiben kann",
            ),
        }
        .to_owned()
    }
}
