//! Acts on tenants.

mod enter;
mod life;
mod read;
mod set_up;

pub use self::{
    enter::{Door, Entered, enter, enter_each, enter_named, enter_to_write, platform_tenant},
    life::{close, resume, suspend, update},
    read::{entitlements, list, on_trial},
    set_up::{create, establish, install},
};
pub(crate) use self::{
    life::{blank, lock},
    set_up::open,
};
