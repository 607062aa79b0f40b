//! The line of a flow over the map: from the device through its zone's leg, the gateway and the conduit.

use std::collections::{BTreeMap, BTreeSet};

use crate::map::layout::{Arc, Layout, Rect, ZoneBox};
use crate::model::{Flow, Hop, Page, Spot};

/// What is found on the map by name.
pub(crate) struct Places<'a> {
    layout: &'a Layout,
    page: &'a Page,
    boxes: BTreeMap<&'a str, usize>,
    cards: BTreeMap<&'a str, (usize, Rect)>,
}

/// A flow's line, and the places where it starts and ends.
#[derive(Default)]
pub(crate) struct Line {
    pieces: BTreeSet<String>,
    heads: BTreeSet<(i32, i32)>,
    tails: BTreeSet<(i32, i32)>,
}

impl Line {
    /// The line as a path.
    pub(crate) fn path(&self) -> String {
        self.pieces.iter().cloned().collect::<Vec<_>>().join(" ")
    }

    /// Where it leads: triangles.
    pub(crate) fn head_path(&self) -> String {
        let mut path: Vec<String> = Vec::new();
        for (x, y) in &self.heads {
            path.push(format!("M{} {} L{} {} L{x} {y} Z", x - 6, y + 8, x + 6, y + 8));
        }
        path.join(" ")
    }

    /// Where it starts: dots.
    pub(crate) fn tails(&self) -> impl Iterator<Item = (i32, i32)> {
        self.tails.iter().copied()
    }
}

impl<'a> Places<'a> {
    pub(crate) fn new(page: &'a Page, layout: &'a Layout) -> Self {
        let mut boxes = BTreeMap::new();
        let mut cards = BTreeMap::new();
        for (at, boxed) in layout.zones.iter().enumerate() {
            let Some(zone) = page.zones.get(boxed.zone) else { continue };
            boxes.insert(zone.id.as_str(), at);
            for card in &boxed.cards {
                if let Some(asset) = zone.assets.get(card.asset) {
                    cards.insert(asset.id.as_str(), (at, card.rect));
                }
            }
        }
        Self { layout, page, boxes, cards }
    }

    /// The line of a flow.
    pub(crate) fn line(&self, flow: &Flow) -> Line {
        let mut line = Line::default();
        for hop in &flow.hops {
            self.hop(hop, &mut line);
        }
        line
    }

    fn hop(&self, hop: &Hop, line: &mut Line) {
        let (Some(from), Some(to)) = (self.boxed(&hop.from), self.boxed(&hop.to)) else { return };
        self.mark(&hop.from, false, line);
        self.mark(&hop.to, true, line);
        let inside = hop.from.asset.is_some() && hop.to.asset.is_some();
        if inside && from == to && hop.from.leg == hop.to.leg {
            for spot in [&hop.from, &hop.to] {
                if let Some((bus, y)) = self.stub(spot, line) {
                    let other = if spot == &hop.from { &hop.to } else { &hop.from };
                    let end = self.card(other).map_or(y, |(_, card)| below(&card));
                    line.pieces.insert(format!("M{bus} {} V{}", y.min(end), y.max(end)));
                }
            }
            return;
        }
        let (Some(start), Some(end)) = (self.to_gateway(&hop.from, line), self.to_gateway(&hop.to, line))
        else {
            return;
        };
        let gateway = self.layout.gateway;
        let (left, right) = (gateway.x, gateway.right());
        if !inside {
            return;
        }
        match self.arc(from, to) {
            Some(arc) => {
                let [upper, lower] = arc.ends;
                let (at_start, at_end) =
                    if arc.boxes.first() == Some(&from) { (upper, lower) } else { (lower, upper) };
                line.pieces.insert(curve(left, start, right, at_start));
                line.pieces.insert(curve(left, end, right, at_end));
                line.pieces.insert(arc_path(arc, right));
            }
            None => {
                let deep = left + gateway.w * 3 / 4;
                let (a, b) = (start.min(end), start.max(end));
                line.pieces.insert(format!("M{left} {a} C{deep} {a} {deep} {b} {left} {b}"));
            }
        }
    }

    fn boxed(&self, spot: &Spot) -> Option<usize> {
        self.boxes.get(spot.zone.as_str()).copied()
    }

    fn card(&self, spot: &Spot) -> Option<(usize, Rect)> {
        spot.asset.as_deref().and_then(|asset| self.cards.get(asset)).copied()
    }

    fn zone(&self, at: usize) -> Option<&ZoneBox> {
        self.layout.zones.get(at)
    }

    fn arc(&self, a: usize, b: usize) -> Option<&Arc> {
        let pair = [a.min(b), a.max(b)];
        self.layout.arcs.iter().find(|arc| arc.boxes == pair && self.page.conduits.get(arc.conduit).is_some())
    }

    fn leg(&self, spot: &Spot) -> Option<i32> {
        let boxed = self.zone(self.boxed(spot)?)?;
        let leg = boxed.legs.iter().find(|leg| leg.name == spot.leg).or(boxed.legs.first())?;
        Some(leg.y)
    }

    fn mark(&self, spot: &Spot, target: bool, line: &mut Line) {
        match (self.card(spot), target) {
            (Some((_, card)), true) => {
                line.heads.insert((card.x + card.w / 2, card.bottom()));
            }
            (Some((_, card)), false) => {
                line.tails.insert((card.x + card.w / 2, card.bottom()));
            }
            (None, _) => {
                if let Some(y) = self.leg(spot) {
                    line.tails.insert((self.layout.gateway.x + self.layout.gateway.w / 2, y));
                }
            }
        }
    }

    /// From the device down and over to the upright line of its zone; gives the place reached.
    fn stub(&self, spot: &Spot, line: &mut Line) -> Option<(i32, i32)> {
        let (at, card) = self.card(spot)?;
        let bus = self.zone(at)?.bus;
        let y = below(&card);
        line.pieces.insert(format!("M{} {} V{y} H{bus}", card.x + card.w / 2, card.bottom()));
        Some((bus, y))
    }

    /// The line up to the gateway; gives the height at which it arrives.
    fn to_gateway(&self, spot: &Spot, line: &mut Line) -> Option<i32> {
        let y = self.leg(spot)?;
        let gateway = self.layout.gateway;
        let Some((bus, from)) = self.stub(spot, line) else {
            line.pieces.insert(format!("M{} {y} H{}", gateway.x, gateway.x + gateway.w / 2));
            return Some(y);
        };
        let home = self.card(spot).map(|(at, _)| at) == self.boxed(spot);
        // A second interface of a device leads to a leg of another zone: over the free strip before the gateway.
        let turn = if home { bus } else { gateway.x - 10 };
        line.pieces.insert(format!("M{bus} {from} H{turn} V{y} H{}", gateway.x));
        Some(y)
    }
}

/// The height of the strip below a card.
fn below(card: &Rect) -> i32 {
    card.bottom() + 8
}

fn curve(x1: i32, y1: i32, x2: i32, y2: i32) -> String {
    let middle = (x1 + x2) / 2;
    format!("M{x1} {y1} C{middle} {y1} {middle} {y2} {x2} {y2}")
}

/// The line of a conduit.
pub(crate) fn arc_path(arc: &Arc, right: i32) -> String {
    let [top, bottom] = arc.ends;
    let r = 8.min((bottom - top) / 2).max(0);
    let x = arc.x;
    format!(
        "M{right} {top} H{} Q{x} {top} {x} {} V{} Q{x} {bottom} {} {bottom} H{right}",
        x - r,
        top + r,
        bottom - r,
        x - r
    )
}
