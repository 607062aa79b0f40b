//! Where everything on the map is. Whole numbers only, so that the same plant is the same drawing everywhere.

use std::collections::BTreeMap;

use crate::map::measure::width;
use crate::map::tier::{Tier, order};
use crate::model::Page;

/// A box.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Rect {
    /// Left.
    pub x: i32,
    /// Top.
    pub y: i32,
    /// Width.
    pub w: i32,
    /// Height.
    pub h: i32,
}

impl Rect {
    /// Right edge.
    pub fn right(&self) -> i32 {
        self.x + self.w
    }

    /// Lower edge.
    pub fn bottom(&self) -> i32 {
        self.y + self.h
    }

    /// Whether another box is wholly inside.
    pub fn holds(&self, other: &Rect) -> bool {
        self.x <= other.x
            && self.y <= other.y
            && other.right() <= self.right()
            && other.bottom() <= self.bottom()
    }

    /// Whether two boxes share any area.
    pub fn overlaps(&self, other: &Rect) -> bool {
        self.x < other.right() && other.x < self.right() && self.y < other.bottom() && other.y < self.bottom()
    }
}

/// For which surface the map is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Size {
    /// A screen on a desk.
    Wide,
    /// A4, upright.
    Paper,
    /// A phone.
    Narrow,
}

/// Measures of a size.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Measures {
    /// Width of the whole.
    pub(crate) width: i32,
    /// Narrowest card.
    pub(crate) card: i32,
    /// Height of a card.
    pub(crate) card_height: i32,
    /// Between cards.
    pub(crate) gap: i32,
    /// Room above the zones, for the names of the columns.
    pub(crate) top: i32,
    /// Head of a zone.
    pub(crate) head: i32,
    /// Between a zone and the gateway.
    pub(crate) wire: i32,
    /// Width of the gateway.
    pub(crate) spine: i32,
    /// Between zones.
    pub(crate) between: i32,
    /// Room for the upright line right of the cards.
    pub(crate) bus: i32,
}

impl Size {
    pub(crate) fn measures(self) -> Measures {
        match self {
            Self::Wide => Measures {
                width: 1120,
                card: 136,
                card_height: 52,
                gap: 14,
                top: 22,
                head: 38,
                wire: 66,
                spine: 76,
                between: 18,
                bus: 28,
            },
            Self::Paper => Measures {
                width: 720,
                card: 104,
                card_height: 52,
                gap: 12,
                top: 20,
                head: 36,
                wire: 48,
                spine: 44,
                between: 12,
                bus: 22,
            },
            Self::Narrow => Measures {
                width: 320,
                card: 84,
                card_height: 52,
                gap: 10,
                top: 0,
                head: 46,
                wire: 24,
                spine: 24,
                between: 12,
                bus: 15,
            },
        }
    }
}

/// A device on the map.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Card {
    /// Which asset of the zone.
    pub asset: usize,
    /// Where.
    pub rect: Rect,
}

/// A leg: the wire between a zone and the gateway.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leg {
    /// Name of the port.
    pub name: String,
    /// Height of the wire.
    pub y: i32,
}

/// A zone on the map.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ZoneBox {
    /// Which zone of the page.
    pub zone: usize,
    /// Its tier.
    pub tier: Tier,
    /// Where.
    pub rect: Rect,
    /// Its devices.
    pub cards: Vec<Card>,
    /// Its legs.
    pub legs: Vec<Leg>,
    /// Where the upright line right of the cards is.
    pub bus: i32,
}

/// A conduit: a line on the far side of the gateway.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arc {
    /// Which conduit of the page.
    pub conduit: usize,
    /// The boxes it joins, upper one first.
    pub boxes: [usize; 2],
    /// Heights at which it leaves the gateway, upper one first.
    pub ends: [i32; 2],
    /// Where its upright part is.
    pub x: i32,
    /// Where its name is.
    pub label: Rect,
    /// Whether the name runs along the line.
    pub upright: bool,
}

/// The whole map.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    /// Width.
    pub width: i32,
    /// Height.
    pub height: i32,
    /// Zones from the outside inwards.
    pub zones: Vec<ZoneBox>,
    /// The gateway.
    pub gateway: Rect,
    /// Conduits.
    pub arcs: Vec<Arc>,
}

/// Height between two conduits at the gateway.
const STEP: i32 = 16;
/// Height between two legs.
const LEG_STEP: i32 = 20;
/// Size of the letters on a conduit.
pub(crate) const LABEL: i32 = 11;
/// Left and right of everything.
const EDGE: i32 = 2;

/// A conduit before it has a place.
struct Span {
    conduit: usize,
    upper: usize,
    lower: usize,
    lane: usize,
}

/// Finds a place for everything.
pub fn layout(page: &Page, size: Size) -> Layout {
    let m = size.measures();
    let order = order(&page.zones);
    let (spans, lanes) = spans(page, &order);
    let (lane, upright) = lane_width(page, &spans, lanes, size);
    let arcs_width = i32::try_from(lanes).unwrap_or(0) * lane + lane / 2 + 4;
    let gateway_x = (m.width - arcs_width - m.spine - EDGE).max(m.wire + m.card + m.bus + 2 * m.gap);
    let zone_width = gateway_x - m.wire - EDGE;
    let mut zones = Vec::with_capacity(order.len());
    let mut y = EDGE + m.top;
    for (row, zone) in order.iter().enumerate() {
        let ends = spans.iter().filter(|span| span.upper == row || span.lower == row).count();
        let Some(boxed) = zone_box(page, *zone, y, zone_width, ends, m) else { continue };
        y = boxed.rect.bottom() + m.between;
        zones.push(boxed);
    }
    let height = (y - m.between).max(60) + EDGE;
    let top = EDGE + m.top;
    let gateway = Rect { x: gateway_x, y: top, w: m.spine, h: height - top - EDGE };
    let arcs = arcs(page, &zones, &spans, gateway.right(), lane, upright);
    let width = m.width.max(gateway.right() + arcs_width);
    Layout { width, height, zones, gateway, arcs }
}

/// The conduits as spans between rows, each in the innermost free lane: short ones inside, so that none crosses what it
/// encloses.
fn spans(page: &Page, order: &[usize]) -> (Vec<Span>, usize) {
    let rows: BTreeMap<&str, usize> = order
        .iter()
        .enumerate()
        .filter_map(|(row, zone)| page.zones.get(*zone).map(|zone| (zone.id.as_str(), row)))
        .collect();
    let mut spans: Vec<Span> = Vec::new();
    for (conduit, entry) in page.conduits.iter().enumerate() {
        let [a, b] = &entry.between;
        if let (Some(a), Some(b)) = (rows.get(a.as_str()), rows.get(b.as_str()))
            && a != b
        {
            spans.push(Span { conduit, upper: *a.min(b), lower: *a.max(b), lane: 0 });
        }
    }
    spans.sort_by_key(|span| (span.lower - span.upper, span.upper, span.conduit));
    let mut taken: Vec<Vec<(usize, usize)>> = Vec::new();
    for span in &mut spans {
        let free = |lane: &Vec<(usize, usize)>| {
            lane.iter().all(|(upper, lower)| span.lower <= *upper || *lower <= span.upper)
        };
        let lane = taken.iter().position(free).unwrap_or(taken.len());
        if lane == taken.len() {
            taken.push(Vec::new());
        }
        if let Some(lane) = taken.get_mut(lane) {
            lane.push((span.upper, span.lower));
        }
        span.lane = lane;
    }
    (spans, taken.len())
}

/// How far apart the lanes are, and whether names run along them.
fn lane_width(page: &Page, spans: &[Span], lanes: usize, size: Size) -> (i32, bool) {
    let widest = spans
        .iter()
        .filter_map(|span| page.conduits.get(span.conduit))
        .map(|conduit| width(&conduit.id, LABEL) + 18)
        .max()
        .unwrap_or(0);
    let most = match size {
        Size::Wide => 5,
        Size::Paper => 3,
        Size::Narrow => 0,
    };
    if lanes <= most && widest <= 56 { (widest.max(44) + 4, false) } else { (20, true) }
}

fn zone_box(page: &Page, zone: usize, y: i32, w: i32, ends: usize, m: Measures) -> Option<ZoneBox> {
    let entry = page.zones.get(zone)?;
    let inner = w - m.gap - m.bus;
    let columns = ((inner + m.gap) / (m.card + m.gap)).max(1);
    let card_width = (inner - (columns - 1) * m.gap) / columns;
    let mut cards = Vec::with_capacity(entry.assets.len());
    for asset in 0..entry.assets.len() {
        let at = i32::try_from(asset).unwrap_or(i32::MAX);
        let rect = Rect {
            x: EDGE + m.gap + at % columns * (card_width + m.gap),
            y: y + m.head + at / columns * (m.card_height + m.gap),
            w: card_width,
            h: m.card_height,
        };
        cards.push(Card { asset, rect });
    }
    let bottom = cards.last().map_or(y + m.head + 8, |card| card.rect.bottom() + m.gap);
    let ends = i32::try_from(ends).unwrap_or(0);
    let legs = i32::try_from(entry.legs.len()).unwrap_or(0);
    let h = (bottom - y).max(ends * STEP + 20).max(legs * LEG_STEP + 20);
    let rect = Rect { x: EDGE, y, w, h };
    let legs = entry
        .legs
        .iter()
        .zip(spread(y + h / 2, entry.legs.len(), LEG_STEP))
        .map(|(name, y)| Leg { name: name.clone(), y })
        .collect();
    Some(ZoneBox { zone, tier: Tier::of(entry), rect, cards, legs, bus: rect.right() - m.bus / 2 })
}

/// Heights around a middle.
fn spread(middle: i32, count: usize, step: i32) -> impl Iterator<Item = i32> {
    let count = i32::try_from(count).unwrap_or(0);
    let first = middle - step * (count - 1) / 2;
    (0..count).map(move |at| first + at * step)
}

fn arcs(page: &Page, zones: &[ZoneBox], spans: &[Span], right: i32, lane: i32, upright: bool) -> Vec<Arc> {
    // At each zone: those that go up, inner lanes first, then those that go down, outer lanes first. So no line crosses
    // another one where it leaves the gateway.
    let mut heights: BTreeMap<(usize, usize), i32> = BTreeMap::new();
    for (row, zone) in zones.iter().enumerate() {
        let mut up: Vec<&Span> = spans.iter().filter(|span| span.lower == row).collect();
        up.sort_by_key(|span| span.lane);
        let mut down: Vec<&Span> = spans.iter().filter(|span| span.upper == row).collect();
        down.sort_by_key(|span| std::cmp::Reverse(span.lane));
        let ends: Vec<usize> = up.into_iter().chain(down).map(|span| span.conduit).collect();
        let middle = zone.rect.y + zone.rect.h / 2;
        for (conduit, y) in ends.iter().zip(spread(middle, ends.len(), STEP)) {
            heights.insert((row, *conduit), y);
        }
    }
    let end = |row: usize, conduit: usize| heights.get(&(row, conduit)).copied().unwrap_or_default();
    let mut arcs: Vec<Arc> = spans
        .iter()
        .map(|span| Arc {
            conduit: span.conduit,
            boxes: [span.upper, span.lower],
            ends: [end(span.upper, span.conduit), end(span.lower, span.conduit)],
            x: right + i32::try_from(span.lane).unwrap_or(0) * lane + lane / 2 + 8,
            label: Rect::default(),
            upright,
        })
        .collect();
    let lines: Vec<(i32, [i32; 2])> = arcs.iter().map(|arc| (arc.x, arc.ends)).collect();
    for arc in &mut arcs {
        let name = page.conduits.get(arc.conduit).map_or("", |conduit| conduit.id.as_str());
        arc.label = label(arc, &lines, name, upright);
    }
    arcs.sort_by_key(|arc| arc.conduit);
    arcs
}

/// The place of a conduit's name: in the widest part of its upright line that no other line crosses.
fn label(arc: &Arc, lines: &[(i32, [i32; 2])], name: &str, upright: bool) -> Rect {
    let [top, bottom] = arc.ends;
    let mut cuts: Vec<i32> = lines
        .iter()
        .filter(|(x, _)| *x > arc.x)
        .flat_map(|(_, ends)| *ends)
        .filter(|y| top < *y && *y < bottom)
        .collect();
    cuts.extend([top, bottom]);
    cuts.sort_unstable();
    let widest = cuts
        .windows(2)
        .filter_map(|pair| match pair {
            [a, b] => Some((b - a, *a)),
            _ => None,
        })
        .max_by_key(|(length, a)| (*length, -a));
    let (room, from) = widest.unwrap_or((bottom - top, top));
    let long = width(name, LABEL) + 14;
    let (w, h) = if upright { (16, long.min(room - 6).max(10)) } else { (long, 20.min(room - 2).max(10)) };
    Rect { x: arc.x - w / 2, y: from + (room - h) / 2, w, h }
}
