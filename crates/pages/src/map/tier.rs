//! How far inside a zone is, worked out from what the plant says of it.

use words::Language;

use crate::map::icons::Icon;
use crate::model::Zone;

/// Where a zone stands between the outside and safety.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tier {
    /// Not part of the plant.
    Outside,
    /// Marked as exposed.
    Exposed,
    /// No controller in it.
    Data,
    /// Controllers, panels, drives, robots.
    Control,
    /// Safety devices.
    Safety,
}

impl Tier {
    /// The tier of a zone.
    pub fn of(zone: &Zone) -> Self {
        let has = |wanted: &[Icon]| zone.assets.iter().any(|asset| wanted.contains(&Icon::of(&asset.kind)));
        if zone.outside {
            Self::Outside
        } else if zone.untrusted {
            Self::Exposed
        } else if has(&[Icon::Safety]) {
            Self::Safety
        } else if has(&[Icon::Plc, Icon::Panel, Icon::Robot, Icon::Drive]) {
            Self::Control
        } else {
            Self::Data
        }
    }

    /// The name of the tier.
    pub fn text(self, language: Language) -> &'static str {
        match self {
            Self::Outside => language.pick("outside the plant", "außerhalb der Anlage"),
            Self::Exposed => language.pick("exposed", "exponiert"),
            Self::Data => language.pick("data and services", "Daten und Dienste"),
            Self::Control => language.pick("control", "Steuerung"),
            Self::Safety => language.pick("safety", "Sicherheit (Safety)"),
        }
    }
}

/// The zones from the outside inwards: by tier, then by declared level, lowest first, then by id.
pub fn order(zones: &[Zone]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..zones.len()).collect();
    order.sort_by_key(|at| {
        let zone = zones.get(*at);
        let levels = zone.and_then(|zone| zone.declared).unwrap_or_default();
        let sum: u32 = levels.iter().map(|level| u32::from(*level)).sum();
        (zone.map(Tier::of), levels.iter().max().copied(), sum, zone.map(|zone| zone.id.clone()))
    });
    order
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Asset;

    fn zone(id: &str, kind: &str, declared: u8) -> Zone {
        let asset = Asset { id: format!("{id}-1"), kind: kind.to_owned(), ..Asset::default() };
        Zone { id: id.to_owned(), declared: Some([declared; 7]), assets: vec![asset], ..Zone::default() }
    }

    #[test]
    fn zones_stand_from_the_outside_inwards() {
        let zones = [
            zone("safety", "safety-plc", 3),
            zone("hall-b", "plc", 2),
            zone("hall-a", "hmi", 1),
            Zone { untrusted: true, ..zone("remote", "jump-host", 2) },
            zone("mes", "server", 4),
            Zone { outside: true, ..zone("office", "safety-plc", 4) },
        ];
        let names: Vec<_> = order(&zones).into_iter().map(|at| zones[at].id.as_str()).collect();
        assert_eq!(names, ["office", "remote", "mes", "hall-a", "hall-b", "safety"]);
    }
}
