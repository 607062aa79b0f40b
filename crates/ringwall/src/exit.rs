//! Exit codes, and failures on their way to one.

use std::process::ExitCode;

use words::Language;

/// How a command ends. The numbers are a contract with scripts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Exit {
    /// As it should be.
    Fine = 0,
    /// Something to look at: warnings, a difference, a failed case.
    Findings = 1,
    /// The input cannot be used.
    BadInput = 2,
    /// A decision no longer holds.
    StaleDecision = 3,
    /// The kernel does not do what the plant says, or nobody can tell.
    NotProved = 4,
    /// This machine lacks something.
    Lacking = 5,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit as u8)
    }
}

/// A command that cannot go on: how it ends and the sentence for the reader.
#[derive(Debug)]
pub struct Failure {
    /// How the program ends.
    pub exit: Exit,
    /// What to tell, already in the reader's language.
    pub message: String,
    /// What this machine lacks, where that is the reason; it is told instead, in the reader's language.
    #[cfg(target_os = "linux")]
    pub lacking: Option<Box<linux::Lacking>>,
}

impl Failure {
    /// A failure with this end and sentence.
    pub fn new(exit: Exit, message: impl Into<String>) -> Self {
        Failure {
            exit,
            message: message.into(),
            #[cfg(target_os = "linux")]
            lacking: None,
        }
    }

    /// The sentence for the reader.
    pub fn text(&self, language: Language) -> String {
        #[cfg(target_os = "linux")]
        if let Some(lacking) = &self.lacking {
            return crate::show::message(lacking.as_ref(), language);
        }
        let _ = language;
        self.message.clone()
    }
}

#[cfg(target_os = "linux")]
impl From<linux::Error> for Failure {
    fn from(error: linux::Error) -> Self {
        // What is no lack by name is something the kernel refused that every Linux with namespaces grants.
        let mut failure = Failure::new(Exit::Lacking, error.to_string());
        if let linux::Error::Lacking(lacking) = error {
            failure.lacking = Some(Box::new(lacking));
        }
        failure
    }
}

#[cfg(target_os = "linux")]
impl From<linux::nft::NftError> for Failure {
    fn from(error: linux::nft::NftError) -> Self {
        match error {
            linux::nft::NftError::Refused { ref text, .. } if text.contains("Message too long") => {
                Failure::new(
                    Exit::Lacking,
                    format!(
                        "{error}\nthe rules are too many for one transaction without root: run this as root"
                    ),
                )
            }
            linux::nft::NftError::Refused { .. } => Failure::new(Exit::BadInput, error.to_string()),
            linux::nft::NftError::Linux(error) => error.into(),
        }
    }
}

#[cfg(target_os = "linux")]
impl From<linux::netfilter::ReadError> for Failure {
    fn from(error: linux::netfilter::ReadError) -> Self {
        Failure::new(Exit::Lacking, error.to_string())
    }
}
