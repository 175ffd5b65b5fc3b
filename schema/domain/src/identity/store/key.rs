//! API keys: what tenants' servers show.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::{
    audit::{Action, Change},
    clock::Instant,
    db::Conn,
    fault::Fault,
    id::{ApiKeyId, TenantId},
    identity::{
        model::{ApiKey, KeyHolder, NewApiKey, Permission},
        rules,
        secret::{self, Token},
    },
    page::{Page, Slice},
    run,
    tables::api_keys,
    tenancy::Scope,
};

#[derive(Queryable, Selectable)]
#[diesel(table_name = api_keys, check_for_backend(diesel::pg::Pg, diesel::sqlite::Sqlite))]
struct Row {
    id: ApiKeyId,
    name: String,
    hint: String,
    permissions: String,
    created_at: Instant,
    expires_at: Option<Instant>,
    used_at: Option<Instant>,
    revoked_at: Option<Instant>,
}

fn api_key(row: Row) -> ApiKey {
    let Row { id, name, hint, permissions, created_at, expires_at, used_at, revoked_at } = row;
    ApiKey { id, name, hint, permissions: words(&permissions), created_at, expires_at, used_at, revoked_at }
}

/// A word that no program of this version knows gives nothing.
fn words(permissions: &str) -> Vec<Permission> {
    permissions.split(' ').filter_map(|word| word.parse().ok()).collect()
}

/// What became of making a key.
#[derive(Debug)]
pub enum KeyMade {
    /// It is there; this is the only time it is shown.
    Made(ApiKey, Token),
    /// The caller may not hand these on.
    TooMuch(Vec<Permission>),
    /// It would outlive the key that makes it, which ends then.
    TooLong(Instant),
}

/// Makes a key. Whoever makes it can give it no more than they may themselves.
///
/// # Errors
/// If a rule about keys (`api_keys_name_present`, …) would be broken, or the store fails.
pub async fn create_key(conn: &mut Conn, scope: &Scope, new: &NewApiKey, now: Instant) -> Result<KeyMade, Fault> {
    scope.require(Permission::ApiKeyManage)?;
    let too_much = rules::not_to_be_given(scope.caller(), &new.permissions);
    if !too_much.is_empty() {
        return Ok(KeyMade::TooMuch(too_much));
    }
    if let Some(end) = rules::must_end_by(scope.caller(), new.expires_at) {
        return Ok(KeyMade::TooLong(end));
    }
    // In the order of the table of permissions, each once.
    let chosen: Vec<Permission> = Permission::ALL.iter().copied().filter(|known| new.permissions.contains(known)).collect();
    let text = chosen.iter().map(|permission| permission.as_str()).collect::<Vec<_>>().join(" ");
    let (token, id, tenant) = (Token::issue(secret::API_KEY), ApiKeyId::new(), scope.tenant());
    let (hash, hint) = (token.hash(), token.hint());
    conn.transaction("identity.create_key", async |tx| {
        run!(tx, |c| {
            diesel::insert_into(api_keys::table)
                .values((
                    api_keys::id.eq(id),
                    api_keys::tenant_id.eq(tenant),
                    api_keys::name.eq(&new.name),
                    api_keys::token_hash.eq(hash.as_slice()),
                    api_keys::hint.eq(&hint),
                    api_keys::permissions.eq(&text),
                    api_keys::created_at.eq(now),
                    api_keys::expires_at.eq(new.expires_at),
                ))
                .execute(c)
        })?;
        let fields = &["name", "permissions", "expires_at"];
        scope.record(tx, Change::of(Action::ApiKeyCreated, id.uuid(), fields), now).await
    })
    .await?;
    let key = ApiKey {
        id,
        name: new.name.clone(),
        hint,
        permissions: chosen,
        created_at: now,
        expires_at: new.expires_at,
        used_at: None,
        revoked_at: None,
    };
    Ok(KeyMade::Made(key, token))
}

/// Revokes a key: the next request with it is refused. `None` if the tenant has no such key; one that was revoked stays as it was.
///
/// # Errors
/// If the store fails.
pub async fn revoke_key(conn: &mut Conn, scope: &Scope, id: ApiKeyId, now: Instant) -> Result<Option<ApiKey>, Fault> {
    scope.require(Permission::ApiKeyManage)?;
    let tenant = scope.tenant();
    conn.transaction("identity.revoke_key", async |tx| {
        let its = api_keys::table.filter(api_keys::tenant_id.eq(tenant).and(api_keys::id.eq(id)));
        let open = its.filter(api_keys::revoked_at.is_null());
        let revoked = run!(tx, |c| diesel::update(open).set(api_keys::revoked_at.eq(now)).execute(c))?;
        if revoked == 1 {
            scope.record(tx, Change::of(Action::ApiKeyRevoked, id.uuid(), &["revoked_at"]), now).await?;
        }
        Ok(by_id(tx, scope, &[id]).await?.pop())
    })
    .await
}

/// A page of a tenant's keys, the newest first. The keys themselves are nowhere.
///
/// # Errors
/// If the store fails.
pub async fn keys(conn: &mut Conn, scope: &Scope, page: Page<ApiKeyId>) -> Result<Slice<ApiKey>, Fault> {
    scope.require(Permission::ApiKeyManage)?;
    let tenant = scope.tenant();
    let rows: Vec<Row> = run!(conn, |c| {
        let mut query = api_keys::table.filter(api_keys::tenant_id.eq(tenant)).select(Row::as_select()).into_boxed();
        if let Some(after) = page.after {
            query = query.filter(api_keys::id.lt(after));
        }
        if let Some(before) = page.before {
            query = query.filter(api_keys::id.gt(before));
        }
        if page.backwards() {
            query = query.order(api_keys::id.asc());
        } else {
            query = query.order(api_keys::id.desc());
        }
        query.limit(page.limit()).load(c)
    })?;
    Ok(page.slice(rows.into_iter().map(api_key).collect()))
}

/// Those of the keys that are the tenant's.
///
/// # Errors
/// If the store fails.
pub async fn keys_by_id(conn: &mut Conn, scope: &Scope, ids: &[ApiKeyId]) -> Result<Vec<ApiKey>, Fault> {
    scope.require(Permission::ApiKeyManage)?;
    by_id(conn, scope, ids).await
}

async fn by_id(conn: &mut Conn, scope: &Scope, ids: &[ApiKeyId]) -> Result<Vec<ApiKey>, Fault> {
    let tenant = scope.tenant();
    let rows: Vec<Row> = run!(conn, |c| {
        api_keys::table.filter(api_keys::tenant_id.eq(tenant).and(api_keys::id.eq_any(ids))).select(Row::as_select()).load(c)
    })?;
    Ok(rows.into_iter().map(api_key).collect())
}

/// Whose key this is and when its use was last noted, if it is good now. A key makes its own authority.
pub(in crate::identity) async fn key_holder(
    conn: &mut Conn,
    token: &Token,
    now: Instant,
) -> Result<Option<(KeyHolder, Option<Instant>)>, Fault> {
    let hash = token.hash();
    type Row = (ApiKeyId, String, TenantId, String, Option<Instant>, Option<Instant>);
    let row: Option<Row> = run!(conn, |c| {
        api_keys::table
            .filter(api_keys::token_hash.eq(hash.as_slice()).and(api_keys::revoked_at.is_null()))
            .filter(api_keys::expires_at.is_null().or(api_keys::expires_at.gt(now)))
            .select((
                api_keys::id,
                api_keys::name,
                api_keys::tenant_id,
                api_keys::permissions,
                api_keys::used_at,
                api_keys::expires_at,
            ))
            .first(c)
    })
    .optional()?;
    Ok(row.map(|(key, name, tenant, permissions, used_at, expires_at)| {
        (KeyHolder { key, name, tenant, permissions: words(&permissions), expires_at }, used_at)
    }))
}

/// Notes that a key is used.
pub(in crate::identity) async fn note_key_use(conn: &mut Conn, key: ApiKeyId, now: Instant) -> Result<(), Fault> {
    run!(conn, |c| diesel::update(api_keys::table.find(key)).set(api_keys::used_at.eq(now)).execute(c))?;
    Ok(())
}
