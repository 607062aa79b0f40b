//! Chains: rules from the last to the first, each with what follows it.

use nftables::{Expression, Table, Verdict};
use packets::{FALSE, MISS, Node};

use crate::interpret::{Context, Engine};
use crate::rule::{After, Path};

/// Where the undecided packets of a called chain go: the first terminal the diagrams leave to their users.
const RETURNED: Node = Node::terminal(3);

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
            let place = RulePlace { t, table, chain: &chain.name, handle: rule.handle };
            function = if self.may_change_packet(&rule.expressions) {
                // What the rule sets holds for what follows, so that has to be at hand.
                let after = After { accept, next: function, end };
                self.expressions(context, &place, &rule.expressions, Path::start(context), after)
            } else {
                // The rule by itself is small; what follows is merged in once, not once per expression.
                let after = After { accept, next: MISS, end };
                let rule = self.expressions(context, &place, &rule.expressions, Path::start(context), after);
                self.space.over(rule, function)
            };
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
                let Some(c) = self.names.chain(place.t, name) else {
                    self.block(place.text(), format!("a jump to chain {name}, which is not there"));
                    return self.undecided();
                };
                let chain = (place.t, c);
                match verdict {
                    Verdict::Goto(_) => self.chain(context, chain, after.accept, after.end),
                    // Inside the chain, "not decided" means its own next rule; what comes back gets a mark of its own.
                    _ if after.next == MISS => {
                        let function = self.chain(context, chain, after.accept, RETURNED);
                        self.come_back(function)
                    }
                    _ => self.chain(context, chain, after.accept, after.next),
                }
            }
            Verdict::Other(code) => {
                self.block(place.text(), format!("verdict code {code}"));
                self.undecided()
            }
        }
    }
}

impl Engine<'_> {
    /// Whether a rule, or a chain it calls and comes back from, may set something that what follows looks at.
    fn may_change_packet(&self, expressions: &[Expression]) -> bool {
        let calls = |expression: &Expression| {
            matches!(
                expression,
                Expression::Immediate(nftables::Immediate::Verdict(Verdict::Jump(_)))
                    | Expression::Lookup { dreg: Some(nftables::Target::Verdict), .. }
            )
        };
        changes_packet(expressions) || (self.changed.packet && expressions.iter().any(calls))
    }

    /// Packets that came back from a chain are not decided yet.
    fn come_back(&mut self, function: Node) -> Node {
        if let Some(&known) = self.came_back.get(&function) {
            return known;
        }
        let undecided =
            |number| if Node::terminal(number) == RETURNED { MISS } else { Node::terminal(number) };
        let result = self.space.map_terminals(function, &undecided);
        self.came_back.insert(function, result);
        result
    }
}

/// Whether a rule itself sets something that what follows may look at.
pub(crate) fn changes_packet(expressions: &[Expression]) -> bool {
    expressions.iter().any(|expression| {
        matches!(
            expression,
            Expression::MetaSet { .. }
                | Expression::CtSet { .. }
                | Expression::Notrack
                | Expression::Tproxy { .. }
        )
    })
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
