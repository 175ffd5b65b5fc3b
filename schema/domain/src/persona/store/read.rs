//! Reading personas.

use diesel::dsl::{exists, not};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::{
    clock::Instant,
    db::{Conn, Prepare, load},
    fault::Fault,
    id::{PersonaId, PersonaVersionId, TenantId},
    identity::Permission,
    page::{Page, Slice},
    persona::model::{Persona, PersonaVersion, Stretch},
    run,
    tables::{persona_versions, personas},
    tenancy::Scope,
};

/// The versions of the persona that answers, the newest first: the one that was chosen if it is in use, else the tenant's default.
#[diesel::dsl::auto_type]
fn versions_of_answering(tenant: TenantId, chosen: PersonaId) -> _ {
    let may_answer = personas::is_default.or(personas::id.eq(chosen).and(personas::archived_at.is_null()));
    persona_versions::table
        .inner_join(personas::table)
        .filter(personas::tenant_id.eq(tenant))
        .filter(may_answer)
        .order((personas::id.eq(chosen).desc(), persona_versions::number.desc()))
}

/// Nobody in particular.
fn nobody() -> PersonaId {
    uuid::Uuid::nil().into()
}

/// The newest version of the persona that answers, as part of another act: the one that was chosen if it is in use, else the tenant's
/// default.
pub(crate) async fn answering(conn: &mut Conn, scope: &Scope, chosen: Option<PersonaId>) -> Result<PersonaVersion, Fault> {
    let all = versions_of_answering(scope.tenant(), chosen.unwrap_or_else(nobody));
    Ok(run!(conn, |c| all.select(PersonaVersion::as_select()).first(c))?)
}

/// The model that the persona which answers names; `None` for the usual one.
pub(crate) async fn model(conn: &mut Conn, scope: &Scope, chosen: Option<PersonaId>) -> Result<Option<String>, Fault> {
    let all = versions_of_answering(scope.tenant(), chosen.unwrap_or_else(nobody));
    let named: Option<Option<String>> = run!(conn, |c| all.select(persona_versions::model).first(c)).optional()?;
    Ok(named.flatten())
}

/// The version an answer was given by.
///
/// # Errors
/// If the store fails, or there is no such version in the tenant.
pub async fn version(conn: &mut Conn, scope: &Scope, id: PersonaVersionId) -> Result<PersonaVersion, Fault> {
    scope.require(Permission::ChatVisit)?;
    let tenant = scope.tenant();
    Ok(run!(conn, |c| {
        persona_versions::table
            .filter(persona_versions::tenant_id.eq(tenant).and(persona_versions::id.eq(id)))
            .select(PersonaVersion::as_select())
            .first(c)
    })?)
}

/// A persona's row beside its newest version's.
type Row = (PersonaId, bool, Option<Instant>, PersonaVersion);

fn persona((id, is_default, archived_at, version): Row) -> Persona {
    Persona { id, is_default, archived_at, version }
}

mod other {
    use crate::tables::persona_versions;

    diesel::alias!(persona_versions as newer: Newer);
}

/// Every persona of a tenant with its newest version: the one that no other of the same persona is newer than.
#[diesel::dsl::auto_type]
fn newest_of(tenant: TenantId) -> _ {
    let later = other::newer
        .filter(other::newer.field(persona_versions::persona_id).eq(persona_versions::persona_id))
        .filter(other::newer.field(persona_versions::number).gt(persona_versions::number));
    persona_versions::table.inner_join(personas::table).filter(personas::tenant_id.eq(tenant)).filter(not(exists(later)))
}

/// A page of the tenant's personas that are in use, or with those that are `archived`, the oldest first.
///
/// # Errors
/// If the store fails.
pub async fn list(conn: &mut Conn, scope: &Scope, archived: bool, page: Page<PersonaId>) -> Result<Slice<Persona>, Fault> {
    scope.require(Permission::ChatRead)?;
    let tenant = scope.tenant();
    let rows: Vec<Row> = run!(conn, |c| {
        let mut query = newest_of(tenant)
            .select((personas::id, personas::is_default, personas::archived_at, PersonaVersion::as_select()))
            .into_boxed();
        if !archived {
            query = query.filter(personas::archived_at.is_null());
        }
        if let Some(after) = page.after {
            query = query.filter(personas::id.gt(after));
        }
        if let Some(before) = page.before {
            query = query.filter(personas::id.lt(before));
        }
        if page.backwards() {
            query = query.order(personas::id.desc());
        } else {
            query = query.order(personas::id.asc());
        }
        query.limit(page.limit()).load(c)
    })?;
    Ok(page.slice(rows.into_iter().map(persona).collect()))
}

/// The tenant's default persona; `None` if it has none, which set-up excludes.
///
/// # Errors
/// If the store fails.
pub async fn default(conn: &mut Conn, scope: &Scope) -> Result<Option<Persona>, Fault> {
    scope.require(Permission::ChatRead)?;
    let tenant = scope.tenant();
    let row: Option<Row> = run!(conn, |c| {
        newest_of(tenant)
            .filter(personas::is_default)
            .select((personas::id, personas::is_default, personas::archived_at, PersonaVersion::as_select()))
            .first(c)
    })
    .optional()?;
    Ok(row.map(persona))
}

/// Those of the personas that are the tenant's.
///
/// # Errors
/// If the store fails.
pub async fn by_id(conn: &mut Conn, scope: &Scope, ids: &[PersonaId]) -> Result<Vec<Persona>, Fault> {
    scope.require(Permission::ChatRead)?;
    found(conn, scope, ids).await
}

/// The same, as part of another act.
pub(super) async fn found(conn: &mut Conn, scope: &Scope, ids: &[PersonaId]) -> Result<Vec<Persona>, Fault> {
    let tenant = scope.tenant();
    let rows: Vec<Row> = run!(conn, |c| {
        newest_of(tenant)
            .filter(personas::id.eq_any(ids))
            .select((personas::id, personas::is_default, personas::archived_at, PersonaVersion::as_select()))
            .prepared()
            .load(c)
    })?;
    Ok(rows.into_iter().map(persona).collect())
}

/// A persona of the tenant's that is in use, as part of another act.
pub(crate) async fn usable(conn: &mut Conn, scope: &Scope, id: PersonaId) -> Result<Option<Persona>, Fault> {
    Ok(found(conn, scope, &[id]).await?.pop().filter(|persona| persona.archived_at.is_none()))
}

/// Those of the versions that are of the tenant's personas.
///
/// # Errors
/// If the store fails.
pub async fn versions(conn: &mut Conn, scope: &Scope, ids: &[PersonaVersionId]) -> Result<Vec<PersonaVersion>, Fault> {
    scope.require(Permission::ChatRead)?;
    let ours = persona_versions::table.filter(persona_versions::tenant_id.eq(scope.tenant()));
    // Of one, the text is always the same, so it need not be made to be known.
    if let [id] = *ids {
        return Ok(load!(conn, ours.filter(persona_versions::id.eq(id)).select(PersonaVersion::as_select()))?);
    }
    let ids = ids.to_vec();
    Ok(load!(conn, ours.filter(persona_versions::id.eq_any(ids)).select(PersonaVersion::as_select()).prepared())?)
}

/// How many personas are in use.
pub(crate) async fn in_use(conn: &mut Conn, scope: &Scope) -> Result<i64, Fault> {
    let tenant = scope.tenant();
    Ok(run!(conn, |c| {
        personas::table.filter(personas::tenant_id.eq(tenant).and(personas::archived_at.is_null())).count().get_result(c)
    })?)
}

/// Of one persona the version of a number, as part of another act.
pub(super) async fn numbered(
    conn: &mut Conn,
    scope: &Scope,
    persona: PersonaId,
    number: i32,
) -> Result<Option<PersonaVersion>, Fault> {
    let tenant = scope.tenant();
    Ok(run!(conn, |c| {
        persona_versions::table
            .filter(persona_versions::tenant_id.eq(tenant).and(persona_versions::persona_id.eq(persona)))
            .filter(persona_versions::number.eq(number))
            .select(PersonaVersion::as_select())
            .first(c)
    })
    .optional()?)
}

/// Of one persona the version of a number; `None` if it has none.
///
/// # Errors
/// If the store fails.
pub async fn version_of(
    conn: &mut Conn,
    scope: &Scope,
    persona: PersonaId,
    number: i32,
) -> Result<Option<PersonaVersion>, Fault> {
    scope.require(Permission::ChatRead)?;
    numbered(conn, scope, persona, number).await
}

/// The versions in stretches of personas, the newest first: one statement for all of them.
///
/// # Errors
/// If the store fails.
pub async fn versions_of(
    conn: &mut Conn,
    scope: &Scope,
    stretches: &[Stretch],
) -> Result<Vec<(PersonaId, PersonaVersion)>, Fault> {
    scope.require(Permission::ChatRead)?;
    let tenant = scope.tenant();
    let stretches: Vec<_> = stretches.iter().filter(|stretch| stretch.from <= stretch.to).collect();
    if stretches.is_empty() {
        return Ok(Vec::new());
    }
    Ok(run!(conn, |c| {
        let mut query = persona_versions::table
            .select((persona_versions::persona_id, PersonaVersion::as_select()))
            .order((persona_versions::persona_id, persona_versions::number.desc()))
            .into_boxed();
        for stretch in &stretches {
            let within = persona_versions::persona_id
                .eq(stretch.persona_id)
                .and(persona_versions::number.between(stretch.from, stretch.to));
            query = query.or_filter(persona_versions::tenant_id.eq(tenant).and(within));
        }
        query.load(c)
    })?)
}
