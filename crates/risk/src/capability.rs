//! What devices and zones can do as they are built (SL-C), as far as the text says.

use std::collections::BTreeMap;

use plant::JudgementKind;
use plant::ids::ZoneId;
use standard::Fr;

use crate::both::Both;
use crate::finding::{Weak, weak};
use crate::view::{Device, View};

/// Capability of a zone.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Capability {
    /// What the builder promises; only where the plant is a product.
    pub promised: Option<[u8; 7]>,
    /// What the weakest device allows, by group of requirements; none where nobody has said.
    pub as_built: [Option<u8>; 7],
    /// Groups somebody has compensated, with the last day.
    pub compensated: BTreeMap<&'static str, String>,
    /// What holds the levels down.
    pub reasons: Vec<Both>,
}

/// What a device can do: what its maker states, but no authentication where a service of it has none.
pub(crate) fn of_device(device: &Device<'_>) -> [Option<u8>; 7] {
    let mut levels = [None; 7];
    if let Some(stated) = device.asset.capability {
        levels = stated.0.map(Some);
    }
    if matches!(weak(device), Some(Weak::Stated | Weak::Service(_)))
        && let Some(first) = levels.first_mut()
    {
        *first = Some(0);
    }
    levels
}

/// What a zone can do.
pub(crate) fn of_zone(view: &View<'_>, zone: &ZoneId, promised: Option<[u8; 7]>) -> Capability {
    let mut lowest = [Some(4); 7];
    let mut known = [true; 7];
    let mut reasons = Vec::new();
    let devices = view.area_of.get(zone).and_then(|at| view.area(*at)).map_or(&[][..], |area| &area.devices);
    for device in devices.iter().filter_map(|at| view.device(*at)) {
        let levels = of_device(device);
        for ((lowest, known), level) in lowest.iter_mut().zip(&mut known).zip(levels) {
            match level {
                Some(level) => *lowest = (*lowest).min(Some(level)),
                None => *known = false,
            }
        }
        if levels.first() == Some(&Some(0)) {
            let name = device.asset.name();
            reasons.push(Both::new(
                format!("{name} holds IAC at 0: it cannot authenticate"),
                format!("{name} hält IAC auf 0: es kann nicht authentifizieren"),
            ));
        }
    }
    // A level that is 0 cannot get lower, whatever the others turn out to be.
    for (lowest, known) in lowest.iter_mut().zip(known) {
        if devices.is_empty() || (!known && *lowest != Some(0)) {
            *lowest = None;
        }
    }
    let mut compensated: BTreeMap<&'static str, String> = BTreeMap::new();
    for judgement in view.holding(JudgementKind::Compensate) {
        let here = judgement.places.iter().any(|place| {
            place == zone.as_str()
                || view.plant.assets.get(place.as_str()).is_some_and(|asset| asset.zone == *zone)
        });
        for about in judgement.about.iter().filter(|_| here) {
            let fr = Fr::ALL.into_iter().find(|fr| fr.abbr() == about);
            let fr = fr.or_else(|| standard::system(about).map(|row| row.fr));
            if let Some(fr) = fr.or_else(|| standard::component(about).and_then(|row| row.fr)) {
                let until = judgement.until.to_string();
                let known = compensated.entry(fr.abbr()).or_insert_with(|| until.clone());
                *known = until.min(known.clone());
            }
        }
    }
    Capability { promised, as_built: lowest, compensated, reasons }
}
