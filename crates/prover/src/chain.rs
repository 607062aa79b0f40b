//! Chains: rules from the last to the first, each with what follows it.

use nftables::{Table, Verdict};
use packets::{FALSE, Node};

use crate::interpret::{Context, Engine};
use crate::rule::{After, Path};

/// Jumps deeper than this make the kernel drop the packet (`NFT_JUMP_STACK_SIZE`).
const DEPTH: u32 = 16;

impl Engine<'_> {
    /// The function of a chain. `accept` follows an accept verdict, `end` follows its end.
    pub(crate) fn chain(
        &mut self,
        context: Context,
        (t, c): (usize, usize),
        accept: Node,
        end: Node,
    ) -> Node {
        let key = (t, c, accept, end, context);
        if let Some(&known) = self.memo.get(&key) {
            return known;
        }
        let ruleset = self.ruleset;
        let Some((table, chain)) =
            ruleset.tables.get(t).and_then(|table| Some((table, table.chains.get(c)?)))
        else {
            return FALSE;
        };
        if self.depth >= DEPTH {
            return FALSE;
        }
        self.depth += 1;
        let mut function = end;
        for rule in chain.rules.iter().rev() {
            let after = After { accept, next: function, end };
            let place = RulePlace { t, table, chain: &chain.name, handle: rule.handle };
            function = self.expressions(context, &place, &rule.expressions, Path::start(context), after);
        }
        self.depth -= 1;
        self.memo.insert(key, function);
        function
    }

    /// What a verdict leads to.
    pub(crate) fn verdict(
        &mut self,
        context: Context,
        place: &RulePlace<'_>,
        verdict: &Verdict,
        after: After,
    ) -> Node {
        match verdict {
            Verdict::Accept => after.accept,
            Verdict::Drop => FALSE,
            Verdict::Continue | Verdict::Break => after.next,
            Verdict::Return => after.end,
            Verdict::Jump(name) | Verdict::Goto(name) => {
                let Some(c) = place.table.chains.iter().position(|chain| &chain.name == name) else {
                    self.block(place.text(), format!("a jump to chain {name}, which is not there"));
                    return self.undecided();
                };
                let end = if matches!(verdict, Verdict::Jump(_)) { after.next } else { after.end };
                self.chain(context, (place.t, c), after.accept, end)
            }
            Verdict::Other(code) => {
                self.block(place.text(), format!("verdict code {code}"));
                self.undecided()
            }
        }
    }
}

/// Where a rule stands.
pub(crate) struct RulePlace<'a> {
    pub(crate) t: usize,
    pub(crate) table: &'a Table,
    pub(crate) chain: &'a str,
    pub(crate) handle: u64,
}

impl RulePlace<'_> {
    pub(crate) fn text(&self) -> String {
        format!("{} {} {} handle {}", self.table.family.word(), self.table.name, self.chain, self.handle)
    }
}
