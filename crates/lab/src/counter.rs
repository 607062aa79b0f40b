//! What the counters of a batch have seen, attributed to its exchanges.

use std::collections::BTreeMap;

use crate::batch::{Exchange, Outcome};
use crate::report::LabError;
use crate::twin::{Spot, Twin};
use crate::wire::{Sighting, Wire, sight};

/// Finds the exchange a sighting belongs to.
pub(crate) struct Register {
    by_tag: BTreeMap<u16, usize>,
    /// Exchanges of protocols without ports.
    portless: Vec<usize>,
}

impl Register {
    pub(crate) fn of(exchanges: &[Exchange]) -> Self {
        Self {
            by_tag: exchanges.iter().enumerate().map(|(number, exchange)| (exchange.tag, number)).collect(),
            portless: exchanges
                .iter()
                .enumerate()
                .filter(|(_, exchange)| matches!(exchange.wire, Wire::Ip(_)))
                .map(|(number, _)| number)
                .collect(),
        }
    }

    pub(crate) fn tagged(&self, tag: u16) -> Option<usize> {
        self.by_tag.get(&tag).copied()
    }

    /// The exchange whose own packet this is.
    fn forth(&self, exchanges: &[Exchange], seen: &Sighting) -> Option<usize> {
        let fits = |number: &usize| {
            exchanges.get(*number).is_some_and(|exchange| {
                let ends = (seen.from, seen.to);
                let (source, target) = exchange.there;
                // As it was sent or as it has to arrive, either end.
                [exchange.from, source].contains(&ends.0)
                    && [exchange.to, target].contains(&ends.1)
                    && exchange.wire.number(seen.to.is_ipv6()) == seen.protocol
            })
        };
        let by_port = seen.ports.and_then(|(source, _)| self.tagged(source)).filter(fits);
        let by_fragment = || seen.fragment.and_then(|id| self.tagged(id)).filter(fits);
        let by_ends = || self.portless.iter().copied().find(fits);
        by_port.or_else(by_fragment).or_else(by_ends)
    }

    /// The exchange this is an answer to.
    fn back(&self, exchanges: &[Exchange], seen: &Sighting) -> Option<usize> {
        let number = seen.ports.and_then(|(_, destination)| self.tagged(destination))?;
        let exchange = exchanges.get(number)?;
        ((exchange.from, exchange.to) == (seen.to, seen.from)).then_some(number)
    }
}

/// Takes everything the counters hold and enters it.
pub(crate) fn collect(
    twin: &Twin,
    register: &Register,
    exchanges: &[Exchange],
    outcomes: &mut [Outcome],
) -> Result<(), LabError> {
    let mut buffer = [0_u8; 4096];
    for (name, leg) in &twin.legs {
        while let Some(length) =
            leg.counter.try_receive(&mut buffer).map_err(LabError::socket("read counter"))?
        {
            let Some(seen) = buffer.get(..length).and_then(sight) else { continue };
            if let Some(number) = register.forth(exchanges, &seen)
                && let Some((exchange, outcome)) = exchanges.get(number).zip(outcomes.get_mut(number))
                && exchange.leg == *name
            {
                outcome.entered = true;
            }
        }
    }
    for (number, host) in twin.hosts.iter().enumerate() {
        while let Some(length) =
            host.counter.try_receive(&mut buffer).map_err(LabError::socket("read counter"))?
        {
            let Some(seen) = buffer.get(..length).and_then(sight) else { continue };
            let here = Spot::Host(number);
            if let Some(number) = register.forth(exchanges, &seen)
                && let Some((exchange, outcome)) = exchanges.get(number).zip(outcomes.get_mut(number))
                && exchange.target == here
            {
                outcome.arrived += 1;
            }
            if let Some(number) = register.back(exchanges, &seen)
                && let Some((exchange, outcome)) = exchanges.get(number).zip(outcomes.get_mut(number))
                && exchange.source == here
            {
                outcome.came_back = true;
            }
        }
    }
    Ok(())
}
