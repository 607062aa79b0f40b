//! Everything that can be said about a plant text: code, weight, sentence and remedy in both languages.
//!
//! One file per family, one entry per code. The pages behind the codes are in `explain`.

mod deciding;
mod expecting;
mod finding;
mod flowing;
mod form;
mod judging;
mod naming;
mod network;
mod say;
mod timing;

use protocols::{CommandError, PermissionError, ServiceError};
use words::{Language, Message};

pub use deciding::Deciding;
pub use expecting::Expecting;
pub use finding::Finding;
pub use flowing::Flowing;
pub use flowing::Reason;
pub use form::Form;
pub use judging::Judging;
pub use naming::Naming;
pub use network::Network;
pub use say::{Kind, Near, Own, Thing, Type};
pub use timing::{How, Timing};

use crate::diagnostic::Severity;

/// What a diagnostic says.
#[derive(Debug, Clone, PartialEq)]
pub enum Problem {
    /// Form of the text.
    Form(Form),
    /// Ids and references.
    Naming(Naming),
    /// Legs, networks and addresses.
    Network(Network),
    /// Flows, conduits and levels.
    Flowing(Flowing),
    /// Time.
    Timing(Timing),
    /// Decisions.
    Deciding(Deciding),
    /// Decisions about risk.
    Judging(Judging),
    /// The plant's own tests.
    Expecting(Expecting),
    /// What a careful reader would point out.
    Finding(Finding),
    /// A service cannot be read.
    Service(Thing, ServiceError),
    /// A permission cannot be read.
    Permission(Thing, PermissionError),
    /// A command cannot be read.
    Command(Thing, CommandError),
}

impl Problem {
    /// How much it weighs.
    pub fn severity(&self) -> Severity {
        match self {
            Self::Form(problem) => problem.severity(),
            Self::Naming(problem) => problem.severity(),
            Self::Network(problem) => problem.severity(),
            Self::Flowing(problem) => problem.severity(),
            Self::Timing(problem) => problem.severity(),
            Self::Deciding(problem) => problem.severity(),
            Self::Judging(problem) => problem.severity(),
            Self::Expecting(problem) => problem.severity(),
            Self::Finding(problem) => problem.severity(),
            Self::Service(..) | Self::Permission(..) | Self::Command(..) => Severity::Error,
        }
    }

    fn message(&self) -> &dyn Message {
        match self {
            Self::Form(problem) => problem,
            Self::Naming(problem) => problem,
            Self::Network(problem) => problem,
            Self::Flowing(problem) => problem,
            Self::Timing(problem) => problem,
            Self::Deciding(problem) => problem,
            Self::Judging(problem) => problem,
            Self::Expecting(problem) => problem,
            Self::Finding(problem) => problem,
            Self::Service(_, error) => error,
            Self::Permission(_, error) => error,
            Self::Command(_, error) => error,
        }
    }
}

impl Message for Problem {
    fn code(&self) -> &'static str {
        self.message().code()
    }

    fn text(&self, language: Language) -> String {
        let text = self.message().text(language);
        match self {
            Self::Service(who, _) | Self::Permission(who, _) | Self::Command(who, _) => {
                format!("{}: {text}", say::Say::say(who, language))
            }
            _ => text,
        }
    }

    fn help(&self, language: Language) -> String {
        self.message().help(language)
    }
}

/// Declares a family: an enum whose entries carry code, weight and both languages, and nothing else.
macro_rules! problems {
    (
        $(#[$doc:meta])*
        $name:ident {$(
            $(#[$entry_doc:meta])*
            $entry:ident { $($field:ident: $type:ty),* $(,)? } $code:literal $severity:ident
            $en:literal => $en_help:literal
            $de:literal => $de_help:literal
        )*}
    ) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq)]
        #[allow(missing_docs, reason = "the fields are the words of the sentence")]
        pub enum $name {$(
            $(#[$entry_doc])*
            $entry { $($field: $type),* },
        )*}

        impl $name {
            /// Code and weight of every entry.
            pub const CODES: &[(&'static str, $crate::diagnostic::Severity)] =
                &[$(($code, $crate::diagnostic::Severity::$severity)),*];

            /// How much it weighs.
            pub fn severity(&self) -> $crate::diagnostic::Severity {
                match self {$(
                    Self::$entry { .. } => $crate::diagnostic::Severity::$severity,
                )*}
            }
        }

        impl words::Message for $name {
            fn code(&self) -> &'static str {
                match self {$(
                    Self::$entry { .. } => $code,
                )*}
            }

            #[allow(unused_variables, reason = "not every sentence names every field")]
            fn text(&self, language: words::Language) -> String {
                match self {$(
                    Self::$entry { $($field),* } => {
                        $(let $field = $crate::problem::say::Say::say($field, language);)*
                        match language {
                            words::Language::English => format!($en),
                            words::Language::German => format!($de),
                        }
                    }
                )*}
            }

            #[allow(unused_variables, reason = "not every remedy names every field")]
            fn help(&self, language: words::Language) -> String {
                match self {$(
                    Self::$entry { $($field),* } => {
                        $(let $field = $crate::problem::say::Say::say($field, language);)*
                        match language {
                            words::Language::English => format!($en_help),
                            words::Language::German => format!($de_help),
                        }
                    }
                )*}
            }
        }

        impl From<$name> for $crate::problem::Problem {
            fn from(problem: $name) -> Self {
                Self::$name(problem)
            }
        }
    };
}

use problems;

/// Code and weight of every problem, by code.
pub fn codes() -> Vec<(&'static str, Severity)> {
    let mut codes: Vec<_> = [
        Form::CODES,
        Naming::CODES,
        Network::CODES,
        Flowing::CODES,
        Timing::CODES,
        Deciding::CODES,
        Judging::CODES,
        Expecting::CODES,
        Finding::CODES,
    ]
    .concat();
    codes.extend(PROTOCOL_CODES.map(|code| (code, Severity::Error)));
    codes.sort_unstable();
    codes
}

/// The codes of `protocols`, which plant texts meet too.
const PROTOCOL_CODES: [&str; 12] = [
    "RW0901", "RW0902", "RW0903", "RW0904", "RW0905", "RW0906", "RW0907", "RW0908", "RW0909", "RW0910",
    "RW0911", "RW0912",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique() {
        let codes = codes();
        for pair in codes.windows(2) {
            assert_ne!(pair[0].0, pair[1].0);
        }
    }
}
