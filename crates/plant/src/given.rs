//! What is given for a moment: `F19 approved for 3s`, `key = ONLINE`.

use std::fmt;

use crate::ids::{FlowId, StateId, is_id};
use crate::model::Given;

impl Given {
    /// Reads `F19 approved`, `F19 approved for 3s`, `key = ONLINE`.
    pub fn parse(text: &str) -> Option<Self> {
        if let Some((state, value)) = text.split_once('=') {
            let (state, value) = (state.trim(), value.trim());
            return (is_id(state) && is_id(value))
                .then(|| Self::State { state: StateId::new(state), value: value.to_owned() });
        }
        let mut words = text.split_whitespace();
        let flow = words.next().filter(|flow| is_id(flow))?;
        if words.next()? != "approved" {
            return None;
        }
        let lasting = match words.next() {
            None => None,
            Some("for") => Some(words::duration::parse(&words.collect::<Vec<_>>().join(" "))?),
            Some(_) => return None,
        };
        Some(Self::Approved { flow: FlowId::new(flow), lasting })
    }
}

impl fmt::Display for Given {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Approved { flow, lasting: None } => write!(f, "{flow} approved"),
            Self::Approved { flow, lasting: Some(lasting) } => {
                write!(f, "{flow} approved for {}", words::duration::text(*lasting))
            }
            Self::State { state, value } => write!(f, "{state} = {value}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_is_read_and_written() {
        for (text, canonical) in [
            ("F19 approved", "F19 approved"),
            ("F19 approved for 3s", "F19 approved for 3s"),
            ("F19 approved for 90 min", "F19 approved for 1h30min"),
            ("key=ONLINE", "key = ONLINE"),
        ] {
            assert_eq!(Given::parse(text).expect(text).to_string(), canonical);
        }
        for text in
            ["", "F19", "F19 denied", "F19 approved for", "F19 approved now", "= ONLINE", "key =", "a b = c"]
        {
            assert_eq!(Given::parse(text), None, "{text}");
        }
    }
}
