//! Acts on the pricebook. Whoever changes anything of it takes the book first; readers go on.

mod approve;
mod draft;
mod govern;
mod plan_names;
mod publication;
mod publish;
mod read;
mod step;
mod subject;
mod withdraw;

pub(crate) use self::read::{content, not_as_hashed};
pub use self::{
    approve::{approve, release, warnings},
    draft::{begin, discard, draft, edit, reopen, submit},
    govern::{four_eyes, set_four_eyes},
    plan_names::{PlanNames, plan_names},
    publication::{advance, publication, publications},
    publish::{Published, publish, publish_first},
    read::{latest, log, resolve, resolve_at, version, versions, versions_by_number},
    step::{history, steps_of, steps_of_each},
    subject::{foresee, subject},
    withdraw::withdraw,
};
use super::{model::Pricebook, rules};
use crate::{db::Conn, fault::Fault};

/// What a pricebook is written down as, and its hash.
fn written(pricebook: &Pricebook) -> Result<(String, [u8; 32]), Fault> {
    let content = rules::canonical(pricebook).map_err(|source| Fault::Stored { what: "pricebook", source })?;
    let hash = rules::content_hash(&content);
    Ok((content, hash))
}

/// One who changes prices at a time. SQLite has one writer anyway.
async fn lock(tx: &mut Conn) -> Result<(), Fault> {
    if tx.is_postgres() {
        tx.batch("LOCK TABLE pricebook_versions IN SHARE ROW EXCLUSIVE MODE").await?;
    }
    Ok(())
}

/// Thirty-two bytes, as the store's own rule promises; zeros, which match no hash, if it broke its promise.
fn bytes(stored: &[u8]) -> [u8; 32] {
    stored.try_into().unwrap_or([0; 32])
}
