//! The connections there are, by number and by client.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, SocketAddr};

use crate::session::{Session, Side};

/// Bit of a token that tells connections from everything else.
const IS_SESSION: u64 = 1 << 63;

/// Connections in places that are used again; a token names the place, which use of it, and a leg.
#[derive(Default)]
pub(crate) struct Sessions {
    places: Vec<Place>,
    free: Vec<usize>,
    of_client: BTreeMap<IpAddr, usize>,
    /// Both ends of every leg to a client.
    legs: BTreeSet<(SocketAddr, SocketAddr)>,
}

#[derive(Default)]
struct Place {
    /// So that what the kernel still says about a connection that is gone does not reach its successor.
    uses: u32,
    session: Option<Session>,
}

impl Sessions {
    pub(crate) fn len(&self) -> usize {
        self.places.len() - self.free.len()
    }

    pub(crate) fn of(&self, client: IpAddr) -> usize {
        self.of_client.get(&client).copied().unwrap_or(0)
    }

    /// Whether the client has a connection to the server from this port.
    pub(crate) fn has_leg(&self, client: SocketAddr, server: SocketAddr) -> bool {
        self.legs.contains(&(client, server))
    }

    pub(crate) fn add(&mut self, session: Session) -> usize {
        *self.of_client.entry(session.from.ip()).or_default() += 1;
        self.legs.insert((session.from, session.to));
        let index = self.free.pop().unwrap_or_else(|| {
            self.places.push(Place::default());
            self.places.len() - 1
        });
        if let Some(place) = self.places.get_mut(index) {
            place.session = Some(session);
        }
        index
    }

    pub(crate) fn remove(&mut self, index: usize) -> Option<Session> {
        let place = self.places.get_mut(index)?;
        let session = place.session.take()?;
        place.uses = (place.uses + 1) & 0x3fff_ffff;
        self.free.push(index);
        self.legs.remove(&(session.from, session.to));
        if let Some(count) = self.of_client.get_mut(&session.from.ip()) {
            *count -= 1;
            if *count == 0 {
                self.of_client.remove(&session.from.ip());
            }
        }
        Some(session)
    }

    pub(crate) fn get(&mut self, index: usize) -> Option<&mut Session> {
        self.places.get_mut(index)?.session.as_mut()
    }

    /// Places that may hold a connection.
    pub(crate) fn places(&self) -> std::ops::Range<usize> {
        0..self.places.len()
    }

    pub(crate) fn token(&self, index: usize, side: Side) -> u64 {
        let uses = self.places.get(index).map_or(0, |place| place.uses);
        let side = u64::from(side == Side::Server);
        IS_SESSION | u64::from(uses) << 33 | (index as u64 & 0xffff_ffff) << 1 | side
    }

    /// The place and leg a token names, if that connection still is.
    pub(crate) fn named(&self, token: u64) -> Option<(usize, Side)> {
        let index = usize::try_from(token >> 1 & 0xffff_ffff).ok()?;
        let side = if token & 1 == 0 { Side::Client } else { Side::Server };
        let place = self.places.get(index)?;
        (place.session.is_some() && self.token(index, side) == token).then_some((index, side))
    }
}

/// Whether a token is one of a connection.
pub(crate) fn is_session(token: u64) -> bool {
    token & IS_SESSION != 0
}
