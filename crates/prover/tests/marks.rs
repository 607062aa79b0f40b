//! What a called chain sets holds for the rules after the call.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use nftables::{
    Base, Chain, Comparison, Expression, Family, Hook, Immediate, MetaKey, Register, Rule, Ruleset, Table,
    Verdict,
};
use packets::{FALSE, Interfaces, Space, TRUE};
use prover::{Options, Unknowns, interpret};

const MARK: [u8; 4] = [1, 0, 0, 0];

fn verdict(verdict: Verdict) -> Expression {
    Expression::Immediate(Immediate::Verdict(verdict))
}

fn chain(name: &str, base: Option<Base>, rules: Vec<Vec<Expression>>) -> Chain {
    let rule = |(handle, expressions)| Rule { handle, expressions, comment: None };
    Chain { name: name.to_owned(), handle: 0, flags: 0, base, rules: (1..).zip(rules).map(rule).collect() }
}

/// `jump marking`, then accept what carries the mark, else drop; `marking` does what it is given.
fn ruleset(marking: Vec<Vec<Expression>>) -> Ruleset {
    let base = Base {
        hook: Hook::Input,
        priority: 0,
        policy: Verdict::Drop,
        kind: "filter".to_owned(),
        devices: Vec::new(),
    };
    let marked = vec![
        Expression::Meta { key: MetaKey::Mark, dreg: Register(0) },
        Expression::Cmp { sreg: Register(0), op: Comparison::Eq, data: MARK.to_vec() },
        verdict(Verdict::Accept),
    ];
    let rules = vec![vec![verdict(Verdict::Jump("marking".to_owned()))], marked];
    let chains = vec![chain("marking", None, marking), chain("input", Some(base), rules)];
    let (sets, objects, flowtables) = (Vec::new(), Vec::new(), Vec::new());
    let (family, name) = (Family::Inet, "t".to_owned());
    let table = Table { family, name, handle: 1, flags: 0, chains, sets, objects, flowtables };
    Ruleset { generation: None, tables: vec![table], undecoded: Vec::new() }
}

#[test]
fn a_mark_set_in_a_called_chain_is_seen_after_it() {
    let set = vec![
        Expression::Immediate(Immediate::Value { dreg: Register(0), data: MARK.to_vec() }),
        Expression::MetaSet { key: MetaKey::Mark, sreg: Register(0) },
    ];
    for (name, marking, expected) in [
        ("sets the mark", vec![set.clone()], TRUE),
        ("sets the mark and returns", vec![[set, vec![verdict(Verdict::Return)]].concat()], TRUE),
        ("sets nothing", vec![vec![Expression::Counter]], FALSE),
    ] {
        let mut space = Space::default();
        let interfaces = Interfaces::new(["z0"]);
        let found = interpret(
            &mut space,
            &interfaces,
            &mut Unknowns::default(),
            &ruleset(marking),
            &Options::default(),
        );
        let unmarked = space.assign(found.input, packets::Field::Mark, 0);
        assert_eq!(unmarked, expected, "{name}");
        assert!(found.not_understood.is_empty(), "{name}");
    }
}
