//! Where things are on the map, for any plant.
#![allow(clippy::indexing_slicing, clippy::panic, clippy::expect_used, reason = "a test may fail")]

mod common;

use pages::map::{Layout, Rect, Size, layout};
use pages::model::Page;
use proptest::prelude::*;

fn inside(layout: &Layout, rect: &Rect) -> bool {
    Rect { x: 0, y: 0, w: layout.width, h: layout.height }.holds(rect)
}

fn check(page: &Page, size: Size) {
    let layout = layout(page, size);
    assert_eq!(layout.zones.len(), page.zones.len(), "every zone is there once");
    for (at, zone) in layout.zones.iter().enumerate() {
        assert!(inside(&layout, &zone.rect), "zone {at} on the map");
        assert_eq!(zone.cards.len(), page.zones[zone.zone].assets.len(), "every device is there");
        for (number, card) in zone.cards.iter().enumerate() {
            assert!(
                zone.rect.holds(&card.rect),
                "device {number} inside zone {at}: {:?} {:?}",
                card.rect,
                zone.rect
            );
            assert!(card.rect.right() < zone.bus, "the line to the gateway is free");
            for other in &zone.cards[..number] {
                assert!(!card.rect.overlaps(&other.rect), "devices {number} and another in zone {at}");
            }
        }
        for other in &layout.zones[..at] {
            assert!(!zone.rect.overlaps(&other.rect), "zones {at} and another");
            assert!(other.tier <= zone.tier, "the outside on top");
        }
        assert!(!zone.rect.overlaps(&layout.gateway), "zone {at} and the gateway");
        for leg in &zone.legs {
            assert!(zone.rect.y < leg.y && leg.y < zone.rect.bottom(), "leg at its zone");
        }
        let mut heights: Vec<i32> = zone.legs.iter().map(|leg| leg.y).collect();
        heights.dedup();
        assert_eq!(heights.len(), zone.legs.len(), "legs apart");
    }
    assert_eq!(layout.arcs.len(), page.conduits.len(), "every conduit is there");
    let mut ends = std::collections::BTreeSet::new();
    for (at, arc) in layout.arcs.iter().enumerate() {
        assert!(inside(&layout, &arc.label), "name of conduit {at} on the map: {:?}", arc.label);
        assert!(arc.x > layout.gateway.right() && arc.ends[0] < arc.ends[1]);
        let names: std::collections::BTreeSet<&str> =
            arc.boxes.iter().map(|row| page.zones[layout.zones[*row].zone].id.as_str()).collect();
        let between = &page.conduits[arc.conduit].between;
        assert_eq!(names, between.iter().map(String::as_str).collect(), "it joins its zones");
        for (row, y) in arc.boxes.iter().zip(arc.ends) {
            let zone = layout.zones[*row].rect;
            assert!(zone.y < y && y < zone.bottom(), "conduit {at} leaves beside its zone");
            assert!(ends.insert(y), "no two conduits leave at one place");
        }
        for other in &layout.arcs[..at] {
            assert!(
                !arc.label.overlaps(&other.label),
                "names of two conduits: {:?} {:?}",
                arc.label,
                other.label
            );
            let apart = arc.x != other.x || arc.ends[1] < other.ends[0] || other.ends[1] < arc.ends[0];
            assert!(apart, "two conduits on one line");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn every_device_stands_inside_its_zone_and_nothing_overlaps(
        zones in 1_usize..16,
        assets in 0_usize..=200,
        conduits in 0_usize..40,
        seed: u64,
    ) {
        let page = common::page(zones, assets, conduits, seed);
        for size in [Size::Wide, Size::Paper, Size::Narrow] {
            check(&page, size);
        }
    }
}

#[test]
fn a_plant_of_nothing_has_a_map_too() {
    check(&Page::default(), Size::Wide);
}

#[test]
fn a_line_that_encloses_another_does_not_cross_it() {
    let mut page = common::page(4, 8, 0, 1);
    page.zones.iter_mut().for_each(|zone| (zone.outside, zone.untrusted) = (false, false));
    for (number, (a, b)) in [(0, 1), (1, 2), (2, 3), (0, 3), (0, 2)].into_iter().enumerate() {
        page.conduits.push(pages::model::Conduit {
            id: format!("c{number}"),
            between: [format!("z{a}"), format!("z{b}")],
            ..Default::default()
        });
    }
    let layout = layout(&page, Size::Wide);
    for outer in &layout.arcs {
        for inner in &layout.arcs {
            let encloses = outer.ends[0] < inner.ends[0] && inner.ends[1] < outer.ends[1];
            assert!(!encloses || inner.x < outer.x, "the inner line is nearer to the gateway");
        }
    }
}
