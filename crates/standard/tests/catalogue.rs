//! The catalogue holds together: counts, ids, references, sources.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use std::collections::{BTreeMap, BTreeSet};

use standard::{
    Fr, Kind, SlVector, agency_measures, applicable, attack_notice, component, component_differs, components,
    legal_dates, legal_duties, level_meanings, lifecycle, mitigations, owner_program, practices,
    protocol_facts, provider_program, roles, source, sources, system, systems, tactics, techniques, threats,
    zone_requirements,
};

fn all(level: u8) -> SlVector {
    SlVector::new([level; 7]).unwrap()
}

#[test]
fn each_file_has_its_records() {
    let counts = [
        ("fr-sr", systems().len(), 100),
        ("cr", components().len(), 141),
        ("sl", level_meanings().len(), 5),
        ("sdl", lifecycle().len(), 47),
        ("zcr", zone_requirements().len(), 32),
        ("sp24", provider_program().len(), 123),
        ("spe21", owner_program().len(), 87),
        ("roles", roles().len(), 5),
        ("regulation-map", legal_duties().len(), 40),
        ("attack-ics", techniques().len(), 83),
        ("threats", threats().len(), 48),
        ("protocols", protocol_facts().len(), 89),
        ("crosswalk-anssi", agency_measures().len(), 142),
        ("sources", sources().len(), 63),
        ("mitigations", mitigations().len(), 52),
        ("differing levels", component_differs().len(), 18),
        ("practices", practices().len(), 8),
    ];
    for (name, found, expected) in counts {
        assert_eq!(found, expected, "{name}");
    }
    assert!(tactics().len() > 10 && !legal_dates().is_empty());
    assert!(attack_notice().contains("(c) 2025 The MITRE Corporation"));
}

#[test]
fn each_level_needs_as_many_requirements_as_the_standard_has() {
    let cumulative: Vec<usize> = (0..=4).map(|level| applicable(all(level)).count()).collect();
    assert_eq!(cumulative, [0, 37, 60, 90, 100]);
    // SR, RE, then SL 1 to 4.
    let rows: [(Fr, [usize; 6]); 7] = [
        (Fr::Iac, [13, 11, 10, 16, 22, 24]),
        (Fr::Uc, [12, 12, 8, 12, 21, 24]),
        (Fr::Si, [9, 10, 5, 10, 16, 19]),
        (Fr::Dc, [3, 3, 2, 4, 5, 6]),
        (Fr::Rdf, [4, 7, 4, 6, 10, 11]),
        (Fr::Tre, [2, 1, 1, 2, 3, 3]),
        (Fr::Ra, [8, 5, 7, 10, 13, 13]),
    ];
    for (fr, expected) in rows {
        let of = |kind| systems().iter().filter(|found| found.fr == fr && found.kind == kind).count();
        let at = |level| applicable(all(level)).filter(|found| found.fr == fr).count();
        assert_eq!(
            [of(Kind::Base), of(Kind::Enhancement), at(1), at(2), at(3), at(4)],
            expected,
            "{}",
            fr.abbr()
        );
    }
}

#[test]
fn a_vector_takes_the_level_of_each_group() {
    let vector = SlVector::new([0, 0, 0, 0, 2, 0, 0]).unwrap();
    let ids: Vec<&str> = applicable(vector).map(|found| found.id.as_str()).collect();
    assert_eq!(ids, ["SR 5.1", "SR 5.1 RE 1", "SR 5.2", "SR 5.2 RE 1", "SR 5.3", "SR 5.4"]);
}

#[test]
fn components_are_counted_by_kind_and_level() {
    let rows = [
        ("software", [34, 53, 67, 73]),
        ("embedded", [36, 61, 77, 83]),
        ("host", [36, 62, 78, 84]),
        ("network", [40, 67, 86, 92]),
    ];
    for (kind, expected) in rows {
        let counts = [1, 2, 3, 4].map(|level: u8| {
            components()
                .iter()
                // The common constraints hold at any level.
                .filter(|found| found.kind != "CCSC")
                .filter(|found| found.component == "all" || found.component == kind)
                .filter(|found| found.sl.contains(&level))
                .count()
        });
        assert_eq!(counts, expected, "{kind}");
    }
}

/// Every requirement of every file.
fn requirement_ids() -> Vec<&'static str> {
    let mut ids: Vec<&str> = systems().iter().map(|found| found.id.as_str()).collect();
    ids.extend(components().iter().map(|found| found.id.as_str()));
    ids.extend(lifecycle().iter().map(|found| found.id.as_str()));
    ids.extend(zone_requirements().iter().map(|found| found.id.as_str()));
    ids.extend(provider_program().iter().map(|found| found.id.as_str()));
    ids.extend(owner_program().iter().map(|found| found.id.as_str()));
    ids
}

#[test]
fn ids_are_unique() {
    let mut seen = BTreeSet::new();
    for id in requirement_ids() {
        assert!(seen.insert(id), "{id} twice");
    }
    let others: [Vec<&str>; 5] = [
        techniques().iter().map(|found| found.id.as_str()).collect(),
        threats().iter().map(|found| found.id.as_str()).collect(),
        protocol_facts().iter().map(|found| found.id.as_str()).collect(),
        sources().iter().map(|found| found.id.as_str()).collect(),
        agency_measures().iter().map(|found| found.id.as_str()).collect(),
    ];
    for ids in others {
        assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "{ids:?}");
    }
}

#[test]
fn an_enhancement_has_a_base_that_is_needed_no_later() {
    for requirement in systems() {
        let levels: Vec<u8> = (requirement.sl_from..=4).collect();
        assert_eq!(requirement.sl, levels, "{}: levels without a gap", requirement.id);
        assert_eq!(requirement.parent.is_some(), requirement.kind == Kind::Enhancement, "{}", requirement.id);
        let Some(parent) = &requirement.parent else { continue };
        let base = system(parent).unwrap();
        assert!(requirement.id.starts_with(&format!("{parent} RE ")), "{}", requirement.id);
        assert!(base.sl_from <= requirement.sl_from && base.fr == requirement.fr, "{}", requirement.id);
    }
    for requirement in components().iter().filter(|found| found.kind == "RE") {
        let base = component(requirement.parent.as_deref().unwrap()).unwrap();
        assert!(base.sl_from <= requirement.sl_from, "{}", requirement.id);
    }
}

#[test]
fn references_between_the_files_resolve() {
    let ids: BTreeSet<&str> = requirement_ids().into_iter().collect();
    let technique_ids: BTreeSet<&str> = techniques().iter().map(|found| found.id.as_str()).collect();
    let role_ids: BTreeSet<&str> = roles().iter().map(|found| found.id.as_str()).collect();
    let mut references: Vec<(&str, &str)> = Vec::new();
    for found in components() {
        references.extend(found.sr.iter().chain(&found.see).map(|id| (found.id.as_str(), id.as_str())));
    }
    for found in threats() {
        references.extend(found.requirements.iter().map(|id| (found.id.as_str(), id.as_str())));
        assert!(found.techniques.iter().all(|id| technique_ids.contains(id.as_str())), "{}", found.id);
    }
    for found in techniques() {
        references.extend(found.requirements.iter().map(|link| (found.id.as_str(), link.id.as_str())));
        let known = |id: &String| mitigations().iter().any(|mitigation| mitigation.id == *id);
        assert!(found.mitigations.iter().all(known), "{}", found.id);
        assert!(
            found.tactics.iter().all(|id| tactics().iter().any(|tactic| tactic.id == *id)),
            "{}",
            found.id
        );
    }
    for found in mitigations() {
        let all = found.iec62443_by_mitre.iter().chain(&found.iec62443_own);
        references.extend(all.map(|id| (found.id.as_str(), id.as_str())));
    }
    for found in legal_duties() {
        references.extend(found.maps_to.iter().map(|id| (found.id.as_str(), id.as_str())));
    }
    for found in agency_measures() {
        references.extend(found.maps_to.iter().map(|id| (found.id.as_str(), id.as_str())));
    }
    for found in component_differs() {
        let component = component(&found.component).unwrap();
        assert_eq!(component.sl_from, Some(found.component_sl), "{}", found.component);
        assert_eq!(system(&found.system).map(|twin| twin.sl_from), Some(found.system_sl), "{}", found.system);
    }
    for (from, to) in references {
        assert!(ids.contains(to), "{from} names {to}");
    }
    for role in roles() {
        let known = |id: &str| role_ids.contains(id) || id == "all";
        assert!(role.needs_from.keys().all(|id| known(id)), "{}", role.id);
    }
}

#[test]
fn sources_are_named_and_certainty_is_kept() {
    let mut named: BTreeMap<&str, Vec<&String>> = BTreeMap::new();
    for found in systems() {
        named.entry(&found.id).or_default().extend(found.sources.iter().chain(found.disagree.keys()));
        assert!(found.verified <= 2, "{}", found.id);
    }
    for found in components() {
        named.entry(&found.id).or_default().extend(found.sources.iter().chain(found.disagree.keys()));
        assert!(found.verified <= 2, "{}", found.id);
    }
    for (id, short, verified) in [("SR 5.2", "dsl", 2), ("SR 3.4", "dsl", 2)] {
        let found = system(id).unwrap();
        assert!(found.sources.iter().any(|source| source == short) && found.verified == verified, "{id}");
    }
    for found in lifecycle() {
        named.entry(&found.id).or_default().extend(&found.sources);
    }
    for found in zone_requirements() {
        named.entry(&found.id).or_default().extend(&found.sources);
    }
    for found in protocol_facts() {
        named.entry(&found.id).or_default().extend(&found.sources);
    }
    for (id, shorts) in named {
        for short in shorts {
            assert!(source(short).is_some(), "{id} names the source {short}");
        }
    }
}
