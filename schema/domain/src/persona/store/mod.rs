//! Acts on personas.

mod change;
mod read;

pub(crate) use self::read::{in_force, in_use};
pub use self::{
    change::{archive, change, create, create_default, restore, set_default},
    read::{by_id, current, default, list, name, version, version_of, versions, versions_of},
};
