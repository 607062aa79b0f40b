//! Pages made up for the tests.
#![allow(
    clippy::indexing_slicing,
    dead_code,
    unreachable_pub,
    reason = "each test file uses its own part, and a test may fail"
)]

use pages::model::{
    Asset, Basis, Blocked, Case, CaseResult, Conduit, Counts, Flow, Guard, Hop, Levels, Log, Outcome, Page,
    Proof, Requirement, Spot, Standing, Tried, Verdict, Zone,
};

/// Kinds that lead to every tier and most shapes.
const KINDS: [&str; 8] =
    ["plc", "server", "safety-plc", "hmi", "switch", "robot", "address", "what-nobody-knows"];

/// A page with so many zones, assets and conduits; the seed decides who stands where and what the names are.
pub fn page(zones: usize, assets: usize, conduits: usize, mut seed: u64) -> Page {
    let mut next = |below: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((seed >> 33) as usize) % below.max(1)
    };
    let mut page = Page { name: "made up".to_owned(), ..Page::default() };
    for zone in 0..zones {
        page.zones.push(Zone {
            id: format!("z{zone}"),
            title: "zone ".repeat(1 + next(12)),
            outside: next(5) == 0,
            untrusted: next(5) == 0,
            declared: (next(2) == 0).then(|| [(next(5)) as u8; 7]),
            legs: (0..next(4)).map(|leg| format!("leg{zone}-{leg}")).collect(),
            assets: Vec::new(),
        });
    }
    for asset in 0..assets {
        let zone = next(zones);
        page.zones[zone].assets.push(Asset {
            id: format!("a{asset}"),
            title: ["W", "name_", "ein langer Name ", "漢"][next(4)].repeat(1 + next(15)),
            kind: KINDS[next(KINDS.len())].to_owned(),
            address: format!("10.0.{}.{}", asset / 250, asset % 250),
        });
    }
    let mut pairs = std::collections::BTreeSet::new();
    for conduit in 0..conduits {
        let (a, b) = (next(zones), next(zones));
        if a != b && pairs.insert((a.min(b), a.max(b))) {
            page.conduits.push(Conduit {
                id: "c".repeat(1 + next(3) * next(10)) + &conduit.to_string(),
                title: format!("conduit {conduit}"),
                between: [format!("z{a}"), format!("z{b}")],
                on_loss: String::new(),
            });
        }
    }
    for (number, (a, b)) in pairs.iter().enumerate() {
        let spot = |zone: usize| {
            let zone = &page.zones[zone];
            Some(Spot {
                zone: zone.id.clone(),
                leg: zone.legs.first().cloned().unwrap_or_default(),
                asset: Some(zone.assets.first()?.id.clone()),
            })
        };
        if let (Some(from), Some(to)) = (spot(*a), spot(*b)) {
            page.flows.push(Flow {
                id: format!("F{number}"),
                services: vec!["https".to_owned()],
                hops: vec![Hop { from, to }],
                ..Flow::default()
            });
        }
    }
    page
}

/// A page with something in every place a text can be, each of them the given one.
pub fn everywhere(text: &str) -> Page {
    let t = || text.to_owned();
    let o = || Some(text.to_owned());
    let asset =
        |id: &str, kind: &str| Asset { id: id.to_owned(), title: t(), kind: kind.to_owned(), address: t() };
    let zone = |id: &str, outside: bool, kind: &str| Zone {
        id: id.to_owned(),
        title: t(),
        outside,
        untrusted: false,
        declared: Some([1, 2, 3, 4, 0, 1, 2]),
        legs: vec![t()],
        assets: vec![asset(&format!("{id}-1"), kind), asset(&format!("{id}-2"), text)],
    };
    let spot = |zone: &str| Spot { zone: zone.to_owned(), leg: t(), asset: Some(format!("{zone}-1")) };
    let flow = |id: &str, guard: Guard| Flow {
        id: id.to_owned(),
        from: vec![t(), t()],
        to: vec![t()],
        via: o(),
        services: vec![t()],
        allowed: vec![t()],
        when: vec![t()],
        approval: true,
        closed: o(),
        guard,
        reason: t(),
        why: o(),
        essential: true,
        stops: vec![t()],
        hops: vec![Hop { from: spot("in"), to: spot("out") }, Hop { from: spot("out"), to: spot("in") }],
    };
    let case = |result: Option<Outcome>| Case {
        id: t(),
        say: t(),
        circumstances: vec![t()],
        expected: t(),
        result: result.map(|outcome| CaseResult { seen: o(), outcome, reason: o() }),
    };
    let requirement = |family: u8, standing: Standing| Requirement {
        id: t(),
        family,
        title: t(),
        plain: o(),
        standing,
        part: o(),
        limits: o(),
        basis: o(),
        evidence: o(),
        until: o(),
        reason: o(),
    };
    let levels = |conduit: bool| Levels {
        id: t(),
        title: format!("{text} "),
        conduit,
        declared: Some([0, 1, 2, 3, 4, 3, 2]),
        design: [Some(1), None, Some(0), Some(4), None, None, Some(2)],
        site: [None; 7],
        design_rows: [(1, 2); 7],
        counts: Counts { proved: 1, observed: 1, attested: 1, not_assessed: 1, unmet: 1 },
        requirements: vec![
            requirement(1, Standing::Proved),
            requirement(5, Standing::Observed),
            requirement(5, Standing::Attested),
            requirement(6, Standing::NotAssessed),
            requirement(7, Standing::Unmet),
        ],
    };
    Page {
        name: t(),
        owner: o(),
        made: t(),
        moment: t(),
        given: vec![t()],
        hash: t(),
        files: vec![t()],
        program: t(),
        zones: vec![zone("out", true, "server"), zone("in", false, "safety-plc")],
        conduits: vec![Conduit {
            id: t(),
            title: t(),
            between: ["out".to_owned(), "in".to_owned()],
            on_loss: t(),
        }],
        flows: vec![flow("F1", Guard::Enforced), flow("F2", Guard::Observed), flow("F3", Guard::Blind)],
        cases: vec![
            case(None),
            case(Some(Outcome::Pass)),
            case(Some(Outcome::Fail)),
            case(Some(Outcome::NotInspected)),
            case(Some(Outcome::Error)),
        ],
        tried: Some(Tried { when: t(), of_this_text: false }),
        derived: Some((3, 4)),
        log: Some(Log { records: 7, fault: o(), refused: vec![t()] }),
        proof: Some(Proof {
            verdict: Verdict::Unknown,
            when: t(),
            basis: Basis::Site(t()),
            record: Some(3),
            of_this_text: false,
            assumptions: vec![t()],
            not_understood: vec![t()],
            uninspected: vec!["F1".to_owned(), t()],
        }),
        blocked: vec![Blocked {
            when: t(),
            client: t(),
            server: t(),
            command: t(),
            flow: t(),
            reason: t(),
            times: 3,
        }],
        levels: vec![levels(false), levels(true)],
    }
}
