//! Expressions the recorded dumps do not hold, and those a newer kernel might send.

use super::read;
use crate::wire::put;
use crate::{Comparison, Expression, Immediate, Register, Verdict};

/// Attributes of an expression under construction.
#[derive(Clone, Default)]
struct Build(Vec<u8>);

impl Build {
    fn bytes(mut self, kind: u16, payload: &[u8]) -> Build {
        put(&mut self.0, kind, payload);
        self
    }

    fn number(self, kind: u16, value: u32) -> Build {
        self.bytes(kind, &value.to_be_bytes())
    }

    fn text(self, kind: u16, text: &str) -> Build {
        self.bytes(kind, format!("{text}\0").as_bytes())
    }

    fn value(self, kind: u16, value: &[u8]) -> Build {
        let inside = Build::default().bytes(1, value);
        self.bytes(kind, &inside.0)
    }

    fn verdict(self, kind: u16, code: i32, chain: Option<&str>) -> Build {
        let mut verdict = Build::default().bytes(1, &code.to_be_bytes());
        if let Some(chain) = chain {
            verdict = verdict.text(2, chain);
        }
        let inside = Build::default().bytes(2, &verdict.0);
        self.bytes(kind, &inside.0)
    }

    fn named(self, name: &str) -> Vec<u8> {
        Build::default().text(1, name).bytes(2, &self.0).0
    }
}

fn build() -> Build {
    Build::default()
}

/// The expression, which must be without flaw.
fn exact(name: &str, attributes: Build) -> Expression {
    let (expression, flaw) = read(&attributes.named(name));
    assert_eq!(flaw, None, "{expression:?}");
    expression
}

/// The flaw of an expression that must come out as unknown.
fn refused(name: &str, attributes: Build) -> String {
    let raw = attributes.0.clone();
    let (expression, flaw) = read(&attributes.named(name));
    assert_eq!(expression, Expression::Unknown { name: name.to_owned(), raw });
    flaw.expect("a flaw").to_string()
}

fn statement(name: &str) -> Expression {
    Expression::Statement { name: name.to_owned() }
}

#[test]
fn registers_of_both_sizes_share_their_bytes() {
    for (number, offset) in [(1, 0), (2, 16), (4, 48), (8, 0), (9, 4), (12, 16), (23, 60)] {
        let cmp = build().number(1, number).number(2, 0).value(3, &[7]);
        let expected = Expression::Cmp { sreg: Register(offset), op: Comparison::Eq, data: vec![7] };
        assert_eq!(exact("cmp", cmp), expected, "register {number}");
    }
}

#[test]
fn registers_that_do_not_exist_or_do_not_hold_the_value_are_refused() {
    for number in [0, 5, 7, 24, u32::MAX] {
        let cmp = build().number(1, number).number(2, 0).value(3, &[7]);
        assert_eq!(refused("cmp", cmp), format!("`cmp`: attribute 1 has the unknown value {number:#x}"));
    }
    let past_the_end = build().number(1, 23).number(2, 0).value(3, &[7; 5]);
    assert_eq!(refused("cmp", past_the_end), "`cmp`: attribute 1 has the unknown value 0x17");
    let too_long = build().number(1, 1).number(2, 0).value(3, &[7; 65]);
    assert_eq!(refused("cmp", too_long), "`cmp`: attribute 3: attribute 1 has a wrong length");
    let huge = build().number(1, 1).number(2, 1).number(3, 0).number(4, u32::MAX);
    assert_eq!(refused("payload", huge), "`payload`: attribute 1 has the unknown value 0x1");
}

/// A newer kernel may put a condition in an attribute of its own.
#[test]
fn a_new_attribute_makes_a_known_expression_unknown() {
    let lookup = build().text(1, "s").number(2, 1);
    assert!(matches!(exact("lookup", lookup.clone()), Expression::Lookup { .. }));
    assert_eq!(refused("lookup", lookup.number(6, 1)), "`lookup`: attribute 6 is not known");
    let cmp = build().number(1, 1).number(2, 0).value(3, &[7]);
    assert_eq!(refused("cmp", cmp.number(77, 1)), "`cmp`: attribute 77 is not known");
    let counter = build().number(9, 0);
    assert_eq!(refused("counter", counter), "`counter`: attribute 9 is not known");
}

#[test]
fn a_new_value_or_a_missing_attribute_makes_a_known_expression_unknown() {
    let cmp = build().number(1, 1).number(2, 6).value(3, &[7]);
    assert_eq!(refused("cmp", cmp), "`cmp`: attribute 2 has the unknown value 0x6");
    assert_eq!(refused("cmp", build().number(1, 1).number(2, 0)), "`cmp`: attribute 3 is missing");
    let flags = build().text(1, "s").number(2, 1).number(5, 2);
    assert_eq!(refused("lookup", flags), "`lookup`: attribute 5 has the unknown value 0x2");
    let twice = build().number(1, 1).number(1, 1);
    assert_eq!(refused("meta", twice), "`meta`: attribute 1 comes twice");
    let short = build().bytes(1, &[0, 0, 1]).number(2, 0).value(3, &[7]);
    assert_eq!(refused("cmp", short), "`cmp`: attribute 1 has a wrong length");
}

/// A name nobody knows is whole, and says so by itself: no flaw, so that a rule that cannot matter does not
/// spoil the rest.
#[test]
fn an_unknown_name_keeps_its_bytes() {
    let attributes = build().number(1, 1);
    let expected = Expression::Unknown { name: "quantum".to_owned(), raw: attributes.0.clone() };
    assert_eq!(exact("quantum", attributes), expected);
}

#[test]
fn an_expression_without_a_name_is_unknown() {
    let (expression, flaw) = read(&build().number(2, 0).0);
    assert!(matches!(expression, Expression::Unknown { .. }));
    assert_eq!(flaw.unwrap().to_string(), "attribute 1 is missing");
    let (_, flaw) = read(&[9, 0, 1, 0, b'c']);
    assert_eq!(flaw.unwrap().to_string(), "cut short at byte 0");
}

#[test]
fn verdicts() {
    let cases = [
        (0, None, Verdict::Drop),
        (1, None, Verdict::Accept),
        (-1, None, Verdict::Continue),
        (-2, None, Verdict::Break),
        (-3, Some("c"), Verdict::Jump("c".to_owned())),
        (-4, Some("c"), Verdict::Goto("c".to_owned())),
        (-5, None, Verdict::Return),
        (3, None, Verdict::Other(3)),
    ];
    for (code, chain, verdict) in cases {
        let immediate = build().number(1, 0).verdict(2, code, chain);
        assert_eq!(
            exact("immediate", immediate),
            Expression::Immediate(Immediate::Verdict(verdict)),
            "code {code}"
        );
    }
    let nowhere = build().number(1, 0).verdict(2, -3, None);
    assert!(refused("immediate", nowhere).contains("attribute 2 is missing"));
    let in_data = build().number(1, 1).verdict(2, 1, None);
    assert_eq!(refused("immediate", in_data), "`immediate`: attribute 2 has a wrong length");
    let value = build().number(1, 0).value(2, &[1]);
    assert_eq!(refused("immediate", value), "`immediate`: attribute 2 has a wrong length");
}

#[test]
fn statements_that_leave_the_rules() {
    assert_eq!(
        exact("queue", build().bytes(1, &[0, 3]).bytes(2, &[0, 1]).bytes(3, &[0, 1])),
        Expression::Queue
    );
    for name in ["dup", "fwd", "flow_offload", "synproxy"] {
        assert_eq!(exact(name, build().text(1, "anything")), statement(name));
    }
    let write = build().number(2, 1).number(3, 8).number(4, 1).number(5, 1).number(6, 1).number(7, 10);
    assert_eq!(exact("payload", write), statement("payload write"));
}

#[test]
fn translation_to_more_than_one_address_is_not_translation_to_one() {
    let one = build().number(1, 1).number(2, 2).number(3, 1).number(4, 1).number(7, 1);
    assert!(matches!(exact("nat", one), Expression::Nat { .. }));
    let range = build().number(1, 1).number(2, 2).number(3, 1).number(4, 2).number(7, 1);
    assert_eq!(exact("nat", range), statement("nat to a range"));
    let prefix = build().number(1, 1).number(2, 2).number(3, 1).number(4, 1).number(7, 0x41);
    assert_eq!(exact("nat", prefix), statement("nat to a range"));
    let ports = build().number(1, 1).number(2, 2);
    assert_eq!(exact("redir", ports), statement("redirect to a range"));
}

#[test]
fn legacy_matches_keep_their_name() {
    let attributes = build().text(1, "conntrack").number(2, 3).bytes(3, &[1, 2, 3, 4]);
    let expected = Expression::Xtables {
        kind: "match".to_owned(),
        name: "conntrack".to_owned(),
        raw: attributes.0.clone(),
    };
    assert_eq!(exact("match", attributes), expected);
}

/// Raw bytes, register left out.
fn raw_of(expression: &Expression) -> (&[u8], bool, u32) {
    match expression {
        Expression::OpaqueLoad { raw, pure, len, .. } => (raw, *pure, *len),
        other => panic!("{other:?} is no opaque load"),
    }
}

#[test]
fn an_opaque_load_is_the_same_whatever_register_it_fills() {
    let fib = |register| exact("fib", build().number(1, register).number(2, 3).number(3, 2));
    assert_ne!(fib(1), fib(2));
    assert_eq!(raw_of(&fib(1)), raw_of(&fib(2)));
    let inner = |register, offset| {
        let load = build().number(1, register).number(2, 2).number(3, offset).number(4, 2).named("payload");
        exact("inner", build().number(1, 0).number(2, 1).number(3, 15).number(4, 8).bytes(5, &load))
    };
    assert_eq!(raw_of(&inner(1, 2)), raw_of(&inner(9, 2)));
    assert_ne!(raw_of(&inner(1, 2)), raw_of(&inner(1, 0)));
    assert_eq!(raw_of(&inner(1, 2)).2, 2);
}

/// Equal bytes must mean equal values: not so where a register or a hidden seed goes in.
#[test]
fn what_its_own_bytes_do_not_tell_is_not_pure() {
    let jhash = build().number(1, 2).number(2, 1).number(3, 4).number(4, 2).number(5, 7).number(7, 0);
    assert!(!raw_of(&exact("hash", jhash)).1);
    let symmetric = build().number(2, 1).number(4, 2).number(7, 1);
    assert!(raw_of(&exact("hash", symmetric)).1);
    let numgen = build().number(1, 1).number(2, 2).number(3, 0).number(4, 0);
    assert!(!raw_of(&exact("numgen", numgen)).1);
}

#[test]
fn an_inner_expression_is_a_load_and_nothing_else() {
    let nested = build().bytes(5, &build().number(1, 1).named("inner")).0;
    let deeper = Build(nested).named("inner");
    assert!(refused("inner", build().number(2, 1).bytes(5, &deeper)).ends_with("attribute 5 is not known"));
    let write = build().number(2, 3).number(3, 1).named("meta");
    assert!(refused("inner", build().number(2, 1).bytes(5, &write)).ends_with("attribute 5 is not known"));
}

#[test]
fn an_element_added_by_a_packet_may_only_count_and_limit() {
    let dynset =
        |inside: Vec<u8>| build().text(1, "seen").number(3, 0).number(4, 1).number(9, 2).bytes(7, &inside);
    let counted = dynset(build().named("counter"));
    assert_eq!(exact("dynset", counted), Expression::Dynset { set: "seen".to_owned(), invert: false });
    let verdict = dynset(build().number(1, 0).verdict(2, 1, None).named("immediate"));
    assert_eq!(refused("dynset", verdict), "`dynset`: attribute 7: `immediate` cannot be here");
}

#[test]
fn a_direction_is_kept_where_a_connection_is_read_and_refused_where_it_is_set() {
    let zone = build().number(2, 17).bytes(3, &[0]).number(4, 1);
    assert_eq!(exact("ct", zone), statement("ct set with a direction"));
    let other = build().number(1, 1).number(2, 8).bytes(3, &[2]);
    assert_eq!(refused("ct", other), "`ct`: attribute 3 has the unknown value 0x2");
}

#[test]
fn the_level_of_a_control_group_is_part_of_the_predicate() {
    let load = |level| exact("socket", build().number(1, 3).number(2, 1).number(3, level));
    assert_ne!(load(1), load(2));
    assert!(matches!(exact("socket", build().number(1, 0).number(2, 1)), Expression::Socket { key: 0, .. }));
}
