//! The drawing of the map.

use std::collections::{BTreeMap, BTreeSet};

use words::Language;

use crate::map::icons::{Icon, kind_words};
use crate::map::layout::{Arc, Card, LABEL, Layout, Rect, Size, ZoneBox, layout};
use crate::map::measure::{fit, two_lines, width};
use crate::map::routes::{Places, arc_path};
use crate::markup::Markup;
use crate::model::{Guard, Page, Zone};

/// Flows by the assets and conduits they touch.
struct Touched<'a> {
    assets: BTreeMap<&'a str, BTreeSet<&'a str>>,
    pairs: BTreeMap<[&'a str; 2], BTreeSet<&'a str>>,
}

impl<'a> Touched<'a> {
    fn of(page: &'a Page) -> Self {
        let mut touched = Self { assets: BTreeMap::new(), pairs: BTreeMap::new() };
        for flow in &page.flows {
            for hop in &flow.hops {
                for spot in [&hop.from, &hop.to] {
                    if let Some(asset) = &spot.asset {
                        touched.assets.entry(asset).or_default().insert(&flow.id);
                    }
                }
                let (a, b) = (hop.from.zone.as_str(), hop.to.zone.as_str());
                if a != b {
                    touched.pairs.entry([a.min(b), a.max(b)]).or_default().insert(&flow.id);
                }
            }
        }
        touched
    }

    fn asset(&self, id: &str) -> String {
        joined(self.assets.get(id))
    }

    fn pair<'b>(&'b self, between: &'b [String; 2]) -> Option<&'b BTreeSet<&'a str>> {
        let [a, b] = between;
        self.pairs.get::<[&str; 2]>(&[a.min(b).as_str(), a.max(b).as_str()])
    }
}

fn joined(flows: Option<&BTreeSet<&str>>) -> String {
    flows.map(|flows| flows.iter().copied().collect::<Vec<_>>().join(" ")).unwrap_or_default()
}

/// Heights of the map that fit on one sheet of paper.
const SHEET: i32 = 920;

/// Draws the map. On paper no flow is drawn: they are listed there; and what is too high for one sheet goes on several.
pub(crate) fn draw(m: &mut Markup, page: &Page, size: Size, language: Language) {
    let layout = layout(page, size);
    let touched = Touched::of(page);
    let sheets = if size == Size::Paper { sheets(&layout) } else { vec![(0, layout.height)] };
    for sheet in sheets {
        drawing(m, page, &layout, sheet, &touched, size, language);
    }
}

/// Cuts between zones, so that as many as fit are on each sheet.
fn sheets(layout: &Layout) -> Vec<(i32, i32)> {
    let mut sheets = Vec::new();
    let mut top = 0;
    let mut bottom = 0;
    for boxed in &layout.zones {
        if bottom > top && boxed.rect.bottom() - top > SHEET {
            sheets.push((top, bottom));
            top = bottom;
        }
        bottom = boxed.rect.bottom() + 5;
    }
    sheets.push((top, layout.height));
    sheets
}

fn drawing(
    m: &mut Markup,
    page: &Page,
    layout: &Layout,
    (top, bottom): (i32, i32),
    touched: &Touched<'_>,
    size: Size,
    language: Language,
) {
    let class = match size {
        Size::Wide => "map wide",
        Size::Paper => "map paper",
        Size::Narrow => "map narrow",
    };
    let viewbox = format!("0 {top} {} {}", layout.width, bottom - top);
    let (w, h) = (layout.width.to_string(), (bottom - top).to_string());
    let name = language.pick(
        "Map of the zones: the outside on top, safety at the bottom, the gateway between them",
        "Zonenkarte: oben das Außen, unten die Sicherheit, dazwischen das Gateway",
    );
    let attributes = [
        ("class", class),
        ("viewBox", viewbox.as_str()),
        ("width", w.as_str()),
        ("height", h.as_str()),
        ("role", "group"),
        ("aria-label", name),
    ];
    m.with("svg", &attributes, |m| {
        if size != Size::Narrow {
            columns(m, layout, language);
        }
        gateway(m, layout, size, language);
        for boxed in layout.zones.iter().filter(|boxed| boxed.rect.y < bottom && top < boxed.rect.bottom()) {
            if let Some(zone) = page.zones.get(boxed.zone) {
                zone_drawing(m, layout, boxed, zone, touched, size, language);
            }
        }
        let arcs: Vec<&Arc> =
            layout.arcs.iter().filter(|arc| arc.ends[0] < bottom && top < arc.ends[1]).collect();
        for arc in &arcs {
            conduit(m, page, layout, arc, touched, size, language);
        }
        if size != Size::Paper {
            m.with("g", &[("class", "flows"), ("aria-hidden", "true")], |m| flows(m, page, layout));
        }
        // Names stay readable where a flow's line runs over them.
        for arc in &arcs {
            conduit_name(m, page, arc, touched, size);
        }
    });
}

fn rect(m: &mut Markup, class: &str, r: &Rect, round: i32) {
    let [x, y, w, h, round] = [r.x, r.y, r.w, r.h, round].map(|number| number.to_string());
    m.empty("rect", &[("class", class), ("x", &x), ("y", &y), ("width", &w), ("height", &h), ("rx", &round)]);
}

fn text(m: &mut Markup, class: &str, x: i32, y: i32, words: &str) {
    let (x, y) = (x.to_string(), y.to_string());
    m.leaf("text", &[("class", class), ("x", &x), ("y", &y)], words);
}

/// What stands left and right of the gateway.
fn columns(m: &mut Markup, layout: &Layout, language: Language) {
    let y = layout.gateway.y - 8;
    let zones = layout.zones.first().map_or(layout.gateway.x, |zone| zone.rect.right());
    let wires = layout.gateway.x - zones;
    let conduits = layout.width - layout.gateway.right();
    text(m, "column", 4, y, language.pick("zones and their devices", "Zonen und ihre Geräte"));
    let legs = fit(language.pick("legs", "Anschlüsse"), 11, wires + 10);
    text(m, "column middle", zones + wires / 2, y, &legs);
    if !layout.arcs.is_empty() {
        let name = fit("Conduits", 11, conduits);
        text(m, "column", layout.gateway.right() + 8, y, &name);
    }
}

fn gateway(m: &mut Markup, layout: &Layout, size: Size, language: Language) {
    let r = &layout.gateway;
    m.with("g", &[("class", "gateway")], |m| {
        m.leaf(
            "title",
            &[],
            language.pick(
                "The gateway: everything between two zones passes here, or nowhere",
                "Das Gateway: was zwischen zwei Zonen läuft, läuft hier durch oder gar nicht",
            ),
        );
        rect(m, "gateway-box", r, 6);
        let x = r.x + r.w / 2;
        let turn = |y: i32| format!("rotate(-90 {x} {y}) translate({x} {y})");
        // A long gateway says its name again, so that it is named wherever the reader is.
        let every = 620;
        let times = (r.h / every).max(1);
        for at in 0..times {
            let y = r.y + r.h * (2 * at + 1) / (2 * times);
            let label = if size == Size::Narrow { "Gateway" } else { "G A T E W A Y" };
            m.leaf("text", &[("class", "gateway-name"), ("dy", "0.35em"), ("transform", &turn(y))], label);
        }
    });
}

fn zone_drawing(
    m: &mut Markup,
    layout: &Layout,
    boxed: &ZoneBox,
    zone: &Zone,
    touched: &Touched<'_>,
    size: Size,
    language: Language,
) {
    let tier = format!("zone tier-{:?}", boxed.tier).to_lowercase();
    let r = &boxed.rect;
    m.with("g", &[("class", &tier)], |m| {
        m.with("title", &[], |m| m.text(&format!("{} · {}", zone.title, boxed.tier.text(language))));
        rect(m, "zone-box", r, 8);
        let tier = boxed.tier.text(language);
        let left = r.x + 14;
        let right = r.right() - 12;
        if size == Size::Narrow {
            text(m, "zone-title", left - 4, r.y + 18, &fit(&zone.title, 13, r.w - 20));
            text(m, "zone-tier", left - 4, r.y + 34, &fit(tier, 11, r.w - 20));
        } else {
            let room = r.w - width(tier, 12) - 50;
            text(m, "zone-title", left, r.y + 24, &fit(&zone.title, 14, room));
            text(m, "zone-tier end", right, r.y + 24, tier);
        }
        for leg in &boxed.legs {
            let line = format!("M{} {} H{}", r.right(), leg.y, layout.gateway.x);
            m.empty("path", &[("class", "wire"), ("d", &line)]);
            let room = layout.gateway.x - r.right();
            let letters = if size == Size::Narrow { 9 } else { 11 };
            let name = fit(&leg.name, letters, room - 2);
            text(m, "leg middle", r.right() + room / 2, leg.y - 5, &name);
            for x in [r.right(), layout.gateway.x] {
                let (x, y) = (x.to_string(), leg.y.to_string());
                m.empty("circle", &[("class", "socket"), ("cx", &x), ("cy", &y), ("r", "3.5")]);
            }
        }
        for card in &boxed.cards {
            asset(m, card, zone, touched, size, language);
        }
        if zone.assets.is_empty() {
            let words = language.pick("no device is written down here", "hier ist kein Gerät eingetragen");
            text(
                m,
                "kind",
                left - 2,
                r.y + if size == Size::Narrow { 52 } else { 42 },
                &fit(words, 11, r.w - 24),
            );
        }
    });
}

fn asset(m: &mut Markup, card: &Card, zone: &Zone, touched: &Touched<'_>, size: Size, language: Language) {
    let Some(asset) = zone.assets.get(card.asset) else { return };
    let icon = Icon::of(&asset.kind);
    // Of an address there is nothing to say but itself.
    let kind = if icon == Icon::Address { asset.address.clone() } else { kind_words(&asset.kind, language) };
    let flows = touched.asset(&asset.id);
    let mut class = "card".to_owned();
    match icon {
        Icon::Safety => class.push_str(" safety"),
        Icon::Address => class.push_str(" address"),
        _ => {}
    }
    let mut full = asset.title.clone();
    for part in [&kind, &asset.address] {
        if !part.is_empty() && !full.contains(part.as_str()) {
            full.push_str(&format!(", {part}"));
        }
    }
    let mut attributes = vec![("class", class.as_str())];
    if size != Size::Paper {
        attributes.extend(pointed_at(&flows, &full));
    }
    m.with("g", &attributes, |m| {
        m.leaf("title", &[], &full);
        rect(m, "card-box", &card.rect, 5);
        let r = &card.rect;
        let narrow = size == Size::Narrow;
        let (side, left) = if narrow { (16, 4) } else { (20, 8) };
        icon.draw(m, r.x + left, r.y + (r.h - side) / 2, narrow);
        let x = r.x + left + side + if narrow { 4 } else { 7 };
        let room = r.right() - 4 - x;
        let letters = if narrow { 11 } else { 12 };
        let title = two_lines(&asset.title, letters, room);
        let small = letters - 1;
        let kind =
            if title.len() > 1 { vec![fit(&kind, small, room)] } else { two_lines(&kind, small, room) };
        let mut y = r.y + if title.len() + kind.len() > 2 { 16 } else { 23 };
        for line in &title {
            text(m, "card-title", x, y, line);
            y += 14;
        }
        for line in &kind {
            text(m, "kind", x, y + 1, line);
            y += 13;
        }
    });
}

fn conduit(
    m: &mut Markup,
    page: &Page,
    layout: &Layout,
    arc: &Arc,
    touched: &Touched<'_>,
    size: Size,
    language: Language,
) {
    let Some(conduit) = page.conduits.get(arc.conduit) else { return };
    let flows = touched.pair(&conduit.between);
    let count = flows.map_or(0, BTreeSet::len);
    let class = if count == 0 { "conduit none" } else { "conduit" };
    let full = format!(
        "{}: {} · {}",
        conduit.id,
        conduit.title,
        words::plural(
            count as u64,
            language.pick("flow", "Fluss"),
            language.pick("flows", "Flüsse"),
            language
        )
    );
    let flows = joined(flows);
    let mut attributes = vec![("class", class)];
    if size != Size::Paper {
        attributes.extend([("data-flows", flows.as_str()), ("data-say", full.as_str())]);
    }
    m.with("g", &attributes, |m| {
        m.leaf("title", &[], &full);
        m.empty("path", &[("d", &arc_path(arc, layout.gateway.right()))]);
    });
}

/// What something that can be pointed at needs: its flows and what to say about it.
fn pointed_at<'a>(flows: &'a str, full: &'a str) -> [(&'a str, &'a str); 5] {
    [("data-flows", flows), ("data-say", full), ("tabindex", "0"), ("role", "img"), ("aria-label", full)]
}

fn conduit_name(m: &mut Markup, page: &Page, arc: &Arc, touched: &Touched<'_>, size: Size) {
    let Some(conduit) = page.conduits.get(arc.conduit) else { return };
    let full = format!("{}: {}", conduit.id, conduit.title);
    let flows = joined(touched.pair(&conduit.between));
    let mut attributes = vec![("class", "pill")];
    if size != Size::Paper {
        attributes.extend(pointed_at(&flows, &full));
    }
    m.with("g", &attributes, |m| {
        m.leaf("title", &[], &full);
        rect(m, "pill-box", &arc.label, 8);
        let r = &arc.label;
        let (x, y) = (r.x + r.w / 2, r.y + r.h / 2);
        let room = if arc.upright { r.h } else { r.w } - 8;
        let name = fit(&conduit.id, LABEL, room);
        let place = if arc.upright {
            format!("translate({x} {y}) rotate(-90)")
        } else {
            format!("translate({x} {y})")
        };
        m.leaf("text", &[("class", "pill-text"), ("dy", "0.36em"), ("transform", &place)], &name);
    });
}

fn flows(m: &mut Markup, page: &Page, layout: &Layout) {
    let places = Places::new(page, layout);
    for flow in &page.flows {
        let line = places.line(flow);
        let path = line.path();
        if path.is_empty() {
            continue;
        }
        let class = if flow.guard == Guard::Enforced { "flow" } else { "flow dashed" };
        m.with("g", &[("class", class), ("data-flow", &flow.id)], |m| {
            m.empty("path", &[("class", "line"), ("d", &path)]);
            m.empty("path", &[("class", "head"), ("d", &line.head_path())]);
            for (x, y) in line.tails() {
                let (x, y) = (x.to_string(), y.to_string());
                m.empty("circle", &[("class", "tail"), ("cx", &x), ("cy", &y), ("r", "4")]);
            }
        });
    }
}
