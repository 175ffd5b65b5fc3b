//! What is made once, however often it is asked for: a caller's own key stands for the thing that was made under it.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::{
    audit::Actor,
    clock::Instant,
    credit::Entitled,
    db::Conn,
    fault::Fault,
    id::{Id, TenantId},
    run,
    tables::mutation_keys,
};

/// A caller's own key for making something, and a hash over all that was sent under it.
#[derive(Clone, Debug)]
pub struct OnceKey {
    /// 1 to 128 printable characters.
    pub key: String,
    /// The hash.
    pub body: [u8; 32],
}

/// What became of making something of which a plan has so many, or of taking it into use again.
#[derive(Clone, Debug)]
pub enum Kept<T> {
    /// It is there.
    Now(T),
    /// It was made before, under the same key.
    Before(T),
    /// The plan has no room for it.
    Full(Entitled),
    /// The key came before with something else.
    KeyReused,
}

/// What a key stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Once {
    /// What is made now.
    Now,
    /// What was made before.
    Before(Uuid),
    /// Something else was sent under it.
    Reused,
}

/// Lets a key stand for what is about to be made, in the transaction that makes it; or says what it stands for. Who comes second waits
/// until the first is done.
pub(crate) async fn claim(
    tx: &mut Conn,
    tenant: TenantId,
    actor: &Actor,
    once: Option<&OnceKey>,
    subject: Uuid,
    now: Instant,
) -> Result<Once, Fault> {
    let Some(once) = once else { return Ok(Once::Now) };
    let caller = format!("{} {}", actor.kind, actor.id.unwrap_or_default());
    let claimed = run!(tx, |c| {
        diesel::insert_into(mutation_keys::table)
            .values((
                mutation_keys::tenant_id.eq(tenant),
                mutation_keys::caller.eq(&caller),
                mutation_keys::key.eq(&once.key),
                mutation_keys::body_hash.eq(once.body.as_slice()),
                mutation_keys::subject_id.eq(Id::<()>::from(subject)),
                mutation_keys::created_at.eq(now),
            ))
            .on_conflict((mutation_keys::tenant_id, mutation_keys::caller, mutation_keys::key))
            .do_nothing()
            .execute(c)
    })?;
    if claimed == 1 {
        return Ok(Once::Now);
    }
    let (body, subject): (Vec<u8>, Id<()>) = run!(tx, |c| {
        mutation_keys::table
            .find((tenant, &caller, &once.key))
            .select((mutation_keys::body_hash, mutation_keys::subject_id))
            .first(c)
    })?;
    Ok(if body == once.body { Once::Before(subject.uuid()) } else { Once::Reused })
}
