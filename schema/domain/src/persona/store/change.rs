//! Changing personas: each change is a new version that says who made it.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::read::{found, in_use, numbered};
use crate::{
    audit::{self, Action},
    clock::Instant,
    credit::{self, Entitled, Entitlement},
    db::{Conn, Undone},
    fault::Fault,
    id::{AuditEntryId, PersonaId, PersonaVersionId},
    identity::Permission,
    once::{self, Kept, Once, OnceKey},
    persona::{
        model::{Archived, Authorship, Change, NewVersion, Persona, PersonaVersion},
        rules,
    },
    revision::Changed,
    run,
    tables::{persona_versions, personas},
    tenancy::{self, Scope},
};

/// Gives a tenant its default persona, in its first version.
///
/// # Errors
/// If it has one already (`personas_one_default`), or the store fails.
pub async fn create_default(conn: &mut Conn, scope: &Scope, new: &NewVersion, now: Instant) -> Result<(), Fault> {
    scope.require(Permission::PersonaManage)?;
    conn.transaction("persona.create_default", async |tx| {
        insert(tx, scope, PersonaId::new(), true, new, None, now).await?;
        Ok(())
    })
    .await
}

/// Makes a persona, if the plan has room for it. Under the same key it is made once.
///
/// # Errors
/// If a rule about personas (`persona_versions_name_present`, …) would be broken, or the store fails.
pub async fn create(
    conn: &mut Conn,
    scope: &Scope,
    new: &NewVersion,
    note: Option<&str>,
    once: Option<&OnceKey>,
    now: Instant,
) -> Result<Kept<Persona>, Fault> {
    scope.require(Permission::PersonaManage)?;
    conn.undoable("persona.create", async |tx| {
        tenancy::lock(tx, scope.tenant()).await?;
        let id = PersonaId::new();
        match once::claim(tx, scope.tenant(), &scope.actor(), once, id.uuid(), now).await? {
            Once::Now => {}
            Once::Before(id) => return Ok(Kept::Before(one(tx, scope, id.into()).await?)),
            Once::Reused => return Ok(Kept::KeyReused),
        }
        if let Some(full) = full(tx, scope, now).await? {
            return Err(Undone::Outcome(Kept::Full(full)));
        }
        let persona = insert(tx, scope, id, false, new, note, now).await?;
        let fields = &["name", "description", "tone", "system_prompt", "grounding", "model", "temperature", "language"];
        record(tx, scope, Action::PersonaCreated, &persona, fields, now).await?;
        Ok(Kept::Now(persona))
    })
    .await
}

/// How the plan's personas stand, if there is no room for another one.
async fn full(tx: &mut Conn, scope: &Scope, now: Instant) -> Result<Option<Entitled>, Fault> {
    let used = in_use(tx, scope).await?;
    Ok(credit::entitled(tx, scope, Entitlement::Personas, used, now).await?.filter(Entitled::is_used_up))
}

async fn insert(
    tx: &mut Conn,
    scope: &Scope,
    id: PersonaId,
    is_default: bool,
    new: &NewVersion,
    note: Option<&str>,
    now: Instant,
) -> Result<Persona, Fault> {
    let tenant = scope.tenant();
    run!(tx, |c| {
        diesel::insert_into(personas::table)
            .values((
                personas::id.eq(id),
                personas::tenant_id.eq(tenant),
                personas::is_default.eq(is_default),
                personas::created_at.eq(now),
            ))
            .execute(c)
    })?;
    let version = add_version(tx, scope, id, 1, new, note, None, now).await?;
    Ok(Persona { id, is_default, archived_at: None, version })
}

#[expect(clippy::too_many_arguments, reason = "a version is made of these")]
async fn add_version(
    tx: &mut Conn,
    scope: &Scope,
    persona: PersonaId,
    number: i32,
    new: &NewVersion,
    note: Option<&str>,
    restored_from: Option<i32>,
    now: Instant,
) -> Result<PersonaVersion, Fault> {
    let (id, actor) = (PersonaVersionId::new(), scope.actor());
    let made = Authorship {
        author: actor.kind,
        author_id: actor.id.map(AuditEntryId::from),
        note: note.map(str::to_owned),
        restored_from: restored_from.map(i64::from),
    };
    run!(tx, |c| {
        diesel::insert_into(persona_versions::table)
            .values((
                (
                    persona_versions::id.eq(id),
                    persona_versions::tenant_id.eq(scope.tenant()),
                    persona_versions::persona_id.eq(persona),
                    persona_versions::number.eq(number),
                    persona_versions::name.eq(&new.name),
                    persona_versions::description.eq(&new.description),
                    persona_versions::tone.eq(&new.tone),
                    persona_versions::system_prompt.eq(&new.system_prompt),
                    persona_versions::created_at.eq(now),
                ),
                persona_versions::author.eq(made.author),
                persona_versions::author_id.eq(made.author_id),
                persona_versions::note.eq(&made.note),
                persona_versions::restored_from.eq(made.restored_from),
                persona_versions::grounding.eq(new.grounding),
                persona_versions::model.eq(&new.voice.model),
                persona_versions::temperature.eq(new.voice.temperature),
                persona_versions::language.eq(new.voice.language),
            ))
            .execute(c)
    })?;
    let NewVersion { name, description, tone, system_prompt, grounding, voice } = new.clone();
    Ok(PersonaVersion { id, number, name, description, tone, system_prompt, grounding, voice, created_at: now, made })
}

async fn one(tx: &mut Conn, scope: &Scope, id: PersonaId) -> Result<Persona, Fault> {
    found(tx, scope, &[id]).await?.pop().ok_or(Fault::Query(diesel::result::Error::NotFound))
}

async fn record(
    tx: &mut Conn,
    scope: &Scope,
    action: Action,
    persona: &Persona,
    fields: &[&'static str],
    now: Instant,
) -> Result<(), Fault> {
    let revision = Some(i64::from(persona.version.number));
    scope.record(tx, audit::Change { revision, ..audit::Change::of(action, persona.id.uuid(), fields) }, now).await
}

/// Makes a persona's next version, if `expected` is the newest, or whatever the newest is. Nothing different is no new version.
///
/// # Errors
/// If a rule about personas (`persona_versions_name_present`, …) would be broken, or the store fails.
pub async fn change(
    conn: &mut Conn,
    scope: &Scope,
    id: PersonaId,
    change: &Change,
    expected: Option<i32>,
    note: Option<&str>,
    now: Instant,
) -> Result<Changed<Persona>, Fault> {
    scope.require(Permission::PersonaManage)?;
    conn.transaction("persona.change", async |tx| {
        tenancy::lock(tx, scope.tenant()).await?;
        let Some(before) = found(tx, scope, &[id]).await?.pop() else { return Ok(Changed::Unknown) };
        if expected.is_some_and(|expected| expected != before.version.number) {
            return Ok(Changed::Stale(before));
        }
        let (was, is) = (rules::content(&before.version), rules::changed(&before.version, change));
        if was == is {
            return Ok(Changed::Done(before));
        }
        let version = add_version(tx, scope, id, before.version.number.saturating_add(1), &is, note, None, now).await?;
        let after = Persona { version, ..before };
        record(tx, scope, Action::PersonaUpdated, &after, &rules::fields(&was, &is), now).await?;
        Ok(Changed::Done(after))
    })
    .await
}

/// Makes a persona what an earlier version of it was, as a new version that says so. One that is archived is in use again, if the plan has
/// room for it.
///
/// # Errors
/// If the store fails.
pub async fn restore(
    conn: &mut Conn,
    scope: &Scope,
    id: PersonaId,
    number: i32,
    expected: Option<i32>,
    note: Option<&str>,
    now: Instant,
) -> Result<Kept<Changed<Persona>>, Fault> {
    scope.require(Permission::PersonaManage)?;
    conn.transaction("persona.restore", async |tx| {
        tenancy::lock(tx, scope.tenant()).await?;
        let Some(before) = found(tx, scope, &[id]).await?.pop() else { return Ok(Kept::Now(Changed::Unknown)) };
        let Some(earlier) = numbered(tx, scope, id, number).await? else { return Ok(Kept::Now(Changed::Unknown)) };
        if expected.is_some_and(|expected| expected != before.version.number) {
            return Ok(Kept::Now(Changed::Stale(before)));
        }
        if before.archived_at.is_some() {
            if let Some(full) = full(tx, scope, now).await? {
                return Ok(Kept::Full(full));
            }
            run!(tx, |c| diesel::update(personas::table.find(id)).set(personas::archived_at.eq(None::<Instant>)).execute(c))?;
        }
        let (was, is) = (rules::content(&before.version), rules::content(&earlier));
        let mut after = Persona { archived_at: None, ..before };
        if earlier.number != after.version.number {
            let next = after.version.number.saturating_add(1);
            after.version = add_version(tx, scope, id, next, &is, note, Some(number), now).await?;
        }
        record(tx, scope, Action::PersonaRestored, &after, &rules::fields(&was, &is), now).await?;
        Ok(Kept::Now(Changed::Done(after)))
    })
    .await
}

/// Makes a persona the one that answers unless another is chosen. One that is archived is not there for this.
///
/// # Errors
/// If the store fails.
pub async fn set_default(conn: &mut Conn, scope: &Scope, id: PersonaId, now: Instant) -> Result<Option<Persona>, Fault> {
    scope.require(Permission::PersonaManage)?;
    let tenant = scope.tenant();
    conn.transaction("persona.set_default", async |tx| {
        tenancy::lock(tx, tenant).await?;
        let Some(before) = found(tx, scope, &[id]).await?.pop().filter(|persona| persona.archived_at.is_none()) else {
            return Ok(None);
        };
        if before.is_default {
            return Ok(Some(before));
        }
        let others = personas::table.filter(personas::tenant_id.eq(tenant).and(personas::is_default));
        run!(tx, |c| diesel::update(others).set(personas::is_default.eq(false)).execute(c))?;
        run!(tx, |c| diesel::update(personas::table.find(id)).set(personas::is_default.eq(true)).execute(c))?;
        let after = Persona { is_default: true, ..before };
        record(tx, scope, Action::PersonaDefaulted, &after, &["is_default"], now).await?;
        Ok(Some(after))
    })
    .await
}

/// Takes a persona out of use. What it answered stays as it was.
///
/// # Errors
/// If the store fails.
pub async fn archive(conn: &mut Conn, scope: &Scope, id: PersonaId, now: Instant) -> Result<Archived, Fault> {
    scope.require(Permission::PersonaManage)?;
    conn.transaction("persona.archive", async |tx| {
        tenancy::lock(tx, scope.tenant()).await?;
        let Some(before) = found(tx, scope, &[id]).await?.pop() else { return Ok(Archived::Unknown) };
        if before.is_default {
            return Ok(Archived::IsDefault);
        }
        if before.archived_at.is_some() {
            return Ok(Archived::Done(Box::new(before)));
        }
        let after = Persona { archived_at: Some(now), ..before };
        run!(tx, |c| diesel::update(personas::table.find(id)).set(personas::archived_at.eq(after.archived_at)).execute(c))?;
        record(tx, scope, Action::PersonaArchived, &after, &["archived_at"], now).await?;
        Ok(Archived::Done(Box::new(after)))
    })
    .await
}
