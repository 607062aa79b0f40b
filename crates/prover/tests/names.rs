//! An interface name in a set is all its sixteen bytes.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod common;

use common::{Both, inside, links, load};
use packets::Field;

const RULES: &str = "table inet t {
    set legs { type ifname; elements = { \"z0\" } }
    chain forward { type filter hook forward priority 0; policy drop; iifname @legs accept; }
}";

#[test]
fn what_stands_behind_the_end_of_a_name_counts() {
    inside("what_stands_behind_the_end_of_a_name_counts", || {
        for (last, passes) in [(0, true), (1, false)] {
            let mut ruleset = load(RULES);
            let element = ruleset.tables[0].sets[0].elements.first_mut().unwrap();
            *element.key.last_mut().unwrap() = last;
            let mut both = Both::with_names(ruleset, links(), ["z0".to_owned()].into());
            let z0 = both.interfaces.value("z0").unwrap();
            let relation = both.interpreted.forward;
            let found = both.space.assign(relation, Field::Iif, z0) != packets::FALSE;
            assert_eq!(found, passes, "last byte {last}");
        }
    });
}
