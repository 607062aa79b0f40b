//! The page in `docs` about the closed table is what the crate makes. `RINGWALL_BLESS=1` writes it.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use std::fmt::Write;
use std::path::Path;

use standard::{NEVER_PROVED, Provable, ResultKind, never_proved, proving, result_days, result_says, system};
use words::Language;

const HEAD: &str = "# What may show what

Made from `crates/standard/data/proves.json`: do not edit. English first, then German.

`ringwall assure` says for every zone and conduit, and every requirement of IEC 62443-3-3 its declared level needs, whether
it is proved, observed, attested, not assessed or unmet. What may be called proved or observed, and which part of the
requirement that is, stands in the closed table below; everything else is attested by a person in `decisions.toml` or not
assessed. A part that is shown does not make a requirement met: the rest needs a person. What makes up for a requirement
does not meet it either.

- **on site** (`sl_a`): the highest level all of whose requirements are met by evidence of the site or by a person, and
  have not expired. Null while a requirement of level 1 is not assessed, 0 where one is known to be unmet. The lab never
  counts here. A record of the site counts only with the signature of a key the reader named, in a log that key sealed.
- **design**: the same if the lab's evidence were the site's, over the requirements a design can decide: those the table
  has a result for at that place, and those a person vouches for. Of these the part that is shown decides. A level that
  has no requirement of its own among them is not reached by design; where there are none at all, it is null.
  `design_rows` says how many were decided, of all that were looked at. People count in both, since they speak of the plant itself.
- Nothing above the declared level is looked at, and at least level 1.
- Two zones that are one network, or something the lab saw get through that must not, make SR 5.1, SR 5.2 and SR 5.2 RE 1
  unmet, whoever vouches for them.
- Evidence about another text of the plant, about another policy, from a day that has not come or from too long ago
  does not count, and is listed with the reason.
";

#[test]
fn the_page_in_the_tree_is_fresh() {
    let mut text = HEAD.to_owned();
    text.push_str(
        "\n## Results, and how long they count\n\n| result | says | Ergebnis | days |\n|---|---|---|---:|\n",
    );
    for kind in ResultKind::ALL {
        let [english, german] = Language::ALL.map(|language| result_says(kind, language));
        writeln!(text, "| {} | {english} | {german} | {} |", kind.word(), result_days(kind)).unwrap();
    }
    text.push_str("\n## The table\n");
    for row in proving() {
        let requirement = system(&row.requirement).unwrap();
        let state = match row.state {
            Provable::Proved => "proved",
            Provable::Observed => "observed",
        };
        let kinds: Vec<&str> = row.results.iter().map(|kind| kind.word()).collect();
        writeln!(text, "\n### {} {}\n", requirement.id, requirement.title(Language::English)).unwrap();
        writeln!(
            text,
            "{state} by {}{}\n",
            kinds.join(" or "),
            if row.whole { ": the whole" } else { ": a part" }
        )
        .unwrap();
        for language in Language::ALL {
            let word = |en: &'static str, de: &'static str| language.pick(en, de);
            writeln!(text, "- {}: {}", word("shown", "gezeigt"), row.part.text(language)).unwrap();
            if let Some(rest) = &row.rest {
                writeln!(
                    text,
                    "- {}: {}",
                    word("left to a person", "bleibt einem Menschen"),
                    rest.text(language)
                )
                .unwrap();
            }
            writeln!(text, "- {}: {}", word("limits", "Grenzen"), row.limits.text(language)).unwrap();
        }
    }
    text.push_str("\n## Never proved\n\n");
    for id in NEVER_PROVED {
        let [english, german] = Language::ALL.map(|language| never_proved(id, language).unwrap());
        writeln!(text, "- {id}: {english}; {german}").unwrap();
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/assurance.md");
    if std::env::var_os("RINGWALL_BLESS").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    let there = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(there == text, "docs/assurance.md is stale: run the tests of `standard` with RINGWALL_BLESS=1");
}
