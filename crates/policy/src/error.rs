//! Why no policy could be made, in both languages.

use std::fmt;

use plant::ids::{FlowId, StateId};
use plant::{Stale, StaleReason};
use words::{Language, Message, or_list};

/// Why a plant, a moment and what is given make no policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CompileError {
    /// An approval names a flow the plant does not have.
    UnknownFlow {
        /// As given.
        flow: FlowId,
    },
    /// An approval for a flow that needs none.
    NeedsNoApproval {
        /// Flow.
        flow: FlowId,
    },
    /// A state the plant does not have.
    UnknownState {
        /// As given.
        state: StateId,
    },
    /// A value the state does not have.
    UnknownValue {
        /// State.
        state: StateId,
        /// As given.
        value: String,
        /// Its values, lowest first.
        values: Vec<String>,
    },
    /// Two values for one state.
    TwoValues {
        /// State.
        state: StateId,
    },
    /// Decisions that no longer hold.
    Stale {
        /// Which, and why.
        decisions: Vec<Stale>,
    },
    /// A time zone nobody knows.
    TimeZone {
        /// As written; empty where the plant names none and needs one.
        name: String,
    },
    /// An interface name no kernel has.
    Port {
        /// As written.
        port: String,
    },
}

impl Message for CompileError {
    fn code(&self) -> &'static str {
        match self {
            Self::UnknownFlow { .. } => "RW1101",
            Self::NeedsNoApproval { .. } => "RW1102",
            Self::UnknownState { .. } => "RW1103",
            Self::UnknownValue { .. } => "RW1104",
            Self::TwoValues { .. } => "RW1105",
            Self::Stale { .. } => "RW1106",
            Self::TimeZone { .. } => "RW1107",
            Self::Port { .. } => "RW1108",
        }
    }

    fn text(&self, language: Language) -> String {
        match self {
            Self::UnknownFlow { flow } => language.pick(
                format!("`{flow}` is approved, but the plant has no such flow"),
                format!("`{flow}` ist freigegeben, aber die Anlage hat keinen solchen Fluss"),
            ),
            Self::NeedsNoApproval { flow } => language.pick(
                format!("`{flow}` is approved, but needs no approval"),
                format!("`{flow}` ist freigegeben, braucht aber keine Freigabe"),
            ),
            Self::UnknownState { state } => language.pick(
                format!("`{state}` is given, but the plant has no such state"),
                format!("`{state}` ist angegeben, aber die Anlage hat keinen solchen Zustand"),
            ),
            Self::UnknownValue { state, value, values } => language.pick(
                format!("`{state}` cannot be `{value}`, only {}", or_list(values, language)),
                format!("`{state}` kann nicht `{value}` sein, nur {}", or_list(values, language)),
            ),
            Self::TwoValues { state } => language.pick(
                format!("`{state}` is given two values"),
                format!("`{state}` ist mit zwei Werten angegeben"),
            ),
            Self::Stale { decisions } => {
                let sentences: Vec<String> =
                    decisions.iter().map(|stale| stale_text(stale, language)).collect();
                sentences.join("; ")
            }
            Self::TimeZone { name } if name.is_empty() => language.pick(
                "the plant has a flow with `when` and names no time zone".to_owned(),
                "die Anlage hat einen Fluss mit `when` und nennt keine Zeitzone".to_owned(),
            ),
            Self::TimeZone { name } => {
                language.pick(format!("`{name}` is no time zone"), format!("`{name}` ist keine Zeitzone"))
            }
            Self::Port { port } => language.pick(
                format!("`{}` cannot be the name of an interface", port.escape_debug()),
                format!("`{}` kann kein Name einer Schnittstelle sein", port.escape_debug()),
            ),
        }
    }

    fn help(&self, language: Language) -> String {
        match self {
            Self::UnknownFlow { .. } => language.pick(
                "name a flow or remote entry that has `approve`",
                "einen Fluss oder Fernzugriff nennen, der `approve` hat",
            ),
            Self::NeedsNoApproval { .. } => language.pick(
                "leave the approval out, or give the flow `approve`",
                "die Freigabe weglassen oder dem Fluss `approve` geben",
            ),
            Self::UnknownState { .. } => language.pick(
                "name a state of `[states]`",
                "einen Zustand aus `[states]` nennen",
            ),
            Self::UnknownValue { .. } | Self::TwoValues { .. } => language.pick(
                "give the state one of its values",
                "dem Zustand einen seiner Werte geben",
            ),
            Self::Stale { .. } => language.pick(
                "decide again in `decisions.toml`, or take the decision out: the flow is closed then",
                "in `decisions.toml` neu entscheiden oder die Entscheidung streichen: dann ist der Fluss zu",
            ),
            Self::TimeZone { .. } => language.pick(
                "write an IANA name, for example `timezone = \"Europe/Berlin\"`",
                "einen IANA-Namen schreiben, zum Beispiel `timezone = \"Europe/Berlin\"`",
            ),
            Self::Port { .. } => language.pick(
                "write a name of at most 15 bytes without white space, `/`, `*`, quotes and backslash, other than `lo`",
                "einen Namen von höchstens 15 Byte ohne Leerraum, `/`, `*`, Anführungszeichen und \
                 umgekehrten Schrägstrich schreiben, nicht `lo`",
            ),
        }
        .to_owned()
    }
}

fn stale_text(stale: &Stale, language: Language) -> String {
    let flow = &stale.flow;
    match &stale.reason {
        StaleReason::Expired { until } => language.pick(
            format!("`{flow}`: the decision `port-only` held until {until}"),
            format!("`{flow}`: die Entscheidung `port-only` galt bis {until}"),
        ),
        StaleReason::Changed { fact, decided, now } => language.pick(
            format!(
                "`{flow}`: the decision `port-only` rests on `{fact}` = `{decided}`, which is now `{now}`"
            ),
            format!(
                "`{flow}`: die Entscheidung `port-only` beruht auf `{fact}` = `{decided}`, jetzt `{now}`"
            ),
        ),
    }
}

impl fmt::Display for CompileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text(Language::English))
    }
}

impl std::error::Error for CompileError {}
