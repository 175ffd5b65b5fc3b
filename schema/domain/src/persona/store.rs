//! Acts on personas.

use diesel::dsl::{exists, not};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::model::{NewVersion, Persona, PersonaVersion};
use crate::{
    clock::Instant,
    db::Conn,
    fault::Fault,
    id::{PersonaId, PersonaVersionId, TenantId},
    identity::Permission,
    page::{Page, Slice},
    run,
    tables::{persona_versions, personas},
    tenancy::Scope,
};

/// Gives a tenant its default persona, in its first version.
///
/// # Errors
/// If it has one already (`personas_one_default`), or the store fails.
pub async fn create_default(conn: &mut Conn, scope: &Scope, new: &NewVersion, now: Instant) -> Result<(), Fault> {
    scope.require(Permission::PersonaManage)?;
    let (persona, tenant) = (PersonaId::new(), scope.tenant());
    conn.transaction("persona.create_default", async |tx| {
        run!(tx, |c| {
            diesel::insert_into(personas::table)
                .values((
                    personas::id.eq(persona),
                    personas::tenant_id.eq(tenant),
                    personas::is_default.eq(true),
                    personas::created_at.eq(now),
                ))
                .execute(c)
        })?;
        run!(tx, |c| {
            diesel::insert_into(persona_versions::table)
                .values((
                    persona_versions::id.eq(PersonaVersionId::new()),
                    persona_versions::tenant_id.eq(tenant),
                    persona_versions::persona_id.eq(persona),
                    persona_versions::number.eq(1),
                    persona_versions::name.eq(&new.name),
                    persona_versions::description.eq(&new.description),
                    persona_versions::tone.eq(&new.tone),
                    persona_versions::system_prompt.eq(&new.system_prompt),
                    persona_versions::created_at.eq(now),
                ))
                .execute(c)
        })?;
        Ok(())
    })
    .await
}

/// The newest version of the tenant's default persona.
///
/// # Errors
/// If the store fails, or the tenant has none, which set-up excludes.
pub async fn current(conn: &mut Conn, scope: &Scope) -> Result<PersonaVersion, Fault> {
    scope.require(Permission::ChatAnswer)?;
    in_force(conn, scope).await
}

/// What the tenant's default persona calls itself, for those who are about to talk to it.
///
/// # Errors
/// If the store fails, or the tenant has none, which set-up excludes.
pub async fn name(conn: &mut Conn, scope: &Scope) -> Result<String, Fault> {
    scope.require(Permission::ChatVisit)?;
    Ok(in_force(conn, scope).await?.name)
}

/// The newest version of the tenant's default persona, as part of another act.
pub(crate) async fn in_force(conn: &mut Conn, scope: &Scope) -> Result<PersonaVersion, Fault> {
    let tenant = scope.tenant();
    Ok(run!(conn, |c| {
        persona_versions::table
            .inner_join(personas::table)
            .filter(personas::tenant_id.eq(tenant).and(personas::is_default))
            .order(persona_versions::number.desc())
            .select(PersonaVersion::as_select())
            .first(c)
    })?)
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
type Row = (PersonaId, bool, PersonaVersion);

fn persona((id, is_default, version): Row) -> Persona {
    Persona { id, is_default, version }
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

/// A page of the tenant's personas, the oldest first.
///
/// # Errors
/// If the store fails.
pub async fn list(conn: &mut Conn, scope: &Scope, page: Page<PersonaId>) -> Result<Slice<Persona>, Fault> {
    scope.require(Permission::ChatRead)?;
    let tenant = scope.tenant();
    let rows: Vec<Row> = run!(conn, |c| {
        let mut query = newest_of(tenant).select((personas::id, personas::is_default, PersonaVersion::as_select())).into_boxed();
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
            .select((personas::id, personas::is_default, PersonaVersion::as_select()))
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
    let tenant = scope.tenant();
    let rows: Vec<Row> = run!(conn, |c| {
        newest_of(tenant)
            .filter(personas::id.eq_any(ids))
            .select((personas::id, personas::is_default, PersonaVersion::as_select()))
            .load(c)
    })?;
    Ok(rows.into_iter().map(persona).collect())
}

/// Those of the versions that are of the tenant's personas.
///
/// # Errors
/// If the store fails.
pub async fn versions(conn: &mut Conn, scope: &Scope, ids: &[PersonaVersionId]) -> Result<Vec<PersonaVersion>, Fault> {
    scope.require(Permission::ChatRead)?;
    let tenant = scope.tenant();
    Ok(run!(conn, |c| {
        persona_versions::table
            .filter(persona_versions::tenant_id.eq(tenant).and(persona_versions::id.eq_any(ids)))
            .select(PersonaVersion::as_select())
            .load(c)
    })?)
}
