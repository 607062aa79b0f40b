//! Which requirement of IEC 62443-3-3 is met where, by what, and the level that follows from it.
//!
//! For every zone and conduit and every requirement its declared level needs: `proved`, `observed`, `attested`,
//! `not assessed` or `unmet`, with the evidence, the part it shows, and until when it counts. From these the level of
//! each foundational requirement, twice:
//!
//! - `sl_a`, on site: the highest level all of whose rows are met by evidence of the site or by a person, and have not
//!   expired. None while a row that level 1 needs is not assessed; 0 where such a row is known to be unmet. The lab
//!   never counts here.
//! - `design`: the same if the evidence of the lab were the site's, over the rows a design can decide: those the table
//!   of [`standard::proving`] has a result for at this place, and those a person vouches for. Of a design the part a
//!   result shows is all that can be asked, so it decides the row. A level that has no row of its own a design can
//!   decide is not reached by design. How many rows were decided stands beside it.
//!
//! Nothing above the declared level is looked at: nobody asked for it. A part that is proved does not make a row met;
//! the rest needs a person. Nor does anything that only makes up for a row: it leaves the row as it is. Evidence about
//! another text of the plant, another policy, or from too long ago does not count, and is listed with the reason. What
//! is known to be wrong outweighs whoever vouches for it.
//!
//! This crate deliberately does not know how evidence was obtained, who signed it or where it is kept; it reads no
//! clock and no file.

mod assess;
mod current;
mod facts;
mod level;
mod reason;
mod results;
mod standing;

pub use assess::{Assurance, Counts, Input, Levels, Row, assess};
pub use current::PassedOver;
pub use level::{DesignRows, gaps};
pub use reason::{Reason, Stale};
pub use standing::{Attested, Shown, Standing, State};
