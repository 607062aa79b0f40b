//! Questions a packet leaves open, answered one way after the other.

use std::collections::BTreeMap;

/// The answers of one run, and the order in which all combinations are tried.
#[derive(Debug, Default)]
pub(super) struct Choices {
    script: Vec<bool>,
    used: usize,
    asked: Vec<String>,
    known: BTreeMap<String, bool>,
}

impl Choices {
    /// The answer to a question. Two questions with the same key have the same answer within a run.
    pub(super) fn ask(&mut self, key: Option<String>, what: String) -> bool {
        if let Some(&answer) = key.as_ref().and_then(|key| self.known.get(key)) {
            return answer;
        }
        let answer = match self.script.get(self.used) {
            Some(&answer) => answer,
            None => {
                self.script.push(false);
                false
            }
        };
        self.used += 1;
        self.asked.push(what);
        if let Some(key) = key {
            self.known.insert(key, answer);
        }
        answer
    }

    /// Turns to the next combination; `false` when all were tried.
    pub(super) fn turn(&mut self) -> bool {
        self.script.truncate(self.used);
        while self.script.last() == Some(&true) {
            self.script.pop();
        }
        let more = match self.script.last_mut() {
            Some(last) => {
                *last = true;
                true
            }
            None => false,
        };
        self.used = 0;
        self.asked.clear();
        self.known.clear();
        more
    }

    /// The questions of the run so far, for people.
    pub(super) fn questions(&self) -> String {
        let mut seen: Vec<&str> = Vec::new();
        for question in &self.asked {
            if !seen.contains(&question.as_str()) && seen.len() < 4 {
                seen.push(question);
            }
        }
        seen.join("; ")
    }
}
