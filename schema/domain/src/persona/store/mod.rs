//! Acts on personas.

mod change;
mod read;

pub(crate) use self::read::{answering, in_use, model, usable};
pub use self::{
    change::{archive, change, create, create_default, restore, set_default},
    read::{by_id, default, list, version, version_of, versions, versions_of},
};
