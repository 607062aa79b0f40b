//! Conduits.

use std::collections::BTreeMap;

use super::Builder;
use super::section::Section;
use crate::ids::{ConduitId, ZoneId};
use crate::model::{Conduit, OnGatewayLoss};
use crate::problem::{Flowing, Form, Kind, Own, Thing};

impl Builder<'_> {
    pub(super) fn conduits(&mut self, sections: &[Section<'_, '_>]) {
        let mut pairs: BTreeMap<[ZoneId; 2], Thing> = BTreeMap::new();
        for section in sections {
            let id = ConduitId::new(section.who.id.clone());
            let written = section.texts("between", self.sink);
            if section.has("between") && written.len() != 2 {
                let problem = Form::UnknownWord {
                    who: section.who.clone(),
                    key: "between".to_owned(),
                    text: written.iter().map(|zone| zone.text).collect::<Vec<_>>().join(", "),
                    allowed: Own("`[\"ZONE\", \"OTHER\"]`".to_owned()),
                };
                self.add(section.place_of("between"), problem);
            }
            let mut zones = Vec::new();
            for zone in &written {
                if self.known(section, Kind::Zone, zone) {
                    zones.push(ZoneId::new(zone.text));
                }
            }
            let title = section.string("title", self.sink).unwrap_or_else(|| id.to_string());
            let declared = self.levels(section, "declared");
            let on_gateway_loss = match section.text("on-gateway-loss", self.sink) {
                Some(text) if text.text == "stays" => OnGatewayLoss::Stays,
                _ => OnGatewayLoss::Closed,
            };
            self.former_ids(section, Kind::Conduit);
            section.finish(self.sink);
            let Ok([one, other]) = <[ZoneId; 2]>::try_from(zones) else { continue };
            if one == other {
                let problem = Flowing::SelfConduit { who: section.who.clone(), zone: one.to_string() };
                self.add(section.place_of("between"), problem);
                continue;
            }
            let mut pair = [one.clone(), other.clone()];
            pair.sort();
            if let Some(first) = pairs.get(&pair) {
                let problem = Flowing::SecondConduit { who: section.who.clone(), other: first.clone() };
                self.add(Some(section.place()), problem);
                continue;
            }
            pairs.insert(pair, section.who.clone());
            let conduit = Conduit {
                id: id.clone(),
                between: [one, other],
                title,
                declared,
                on_gateway_loss,
                place: section.place(),
            };
            self.plant.conduits.insert(id, conduit);
        }
    }
}
