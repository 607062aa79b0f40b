//! The sections of the page, one file each.

pub(crate) mod blocked;
pub(crate) mod cases;
pub(crate) mod flows;
pub(crate) mod foot;
pub(crate) mod head;
pub(crate) mod levels;
pub(crate) mod map;
pub(crate) mod parts;
pub(crate) mod proof;
pub(crate) mod requirements;
pub(crate) mod tiles;
pub(crate) mod way;
