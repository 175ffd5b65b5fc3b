//! How tenants' own websites tell who their visitors are.

use std::time::Duration;

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::{
    audit::{self, Action},
    chat,
    clock::Instant,
    db::{Conn, Db},
    fault::Fault,
    id::TenantId,
    identity::{InstanceKey, Permission, Token, WidgetVisitor},
    run,
    tables::{tenants, widget_identities},
    tenancy::{self, Platform, Scope},
    widget::{
        model::{Admitted, Identity, Required, SecretMade, Vouching},
        rules::vouch,
    },
};

/// The scannable beginning of a secret that websites sign with.
const PREFIX: &str = "fo_ids_";

/// For how long the secret before is good, so that websites can be given the new one.
const OVERLAP: Duration = Duration::from_secs(24 * 3_600);

/// What such a secret is encrypted for.
const SEALED_FOR: &str = "widget identity secret";

#[derive(Default, Queryable, Selectable)]
#[diesel(table_name = widget_identities, check_for_backend(diesel::pg::Pg, diesel::sqlite::Sqlite))]
struct Row {
    required: bool,
    secret: Option<Vec<u8>>,
    secret_made_at: Option<Instant>,
    former_secret: Option<Vec<u8>>,
    former_made_at: Option<Instant>,
    former_until: Option<Instant>,
    revision: i64,
}

impl Row {
    /// What may be known of it.
    fn told(&self) -> Identity {
        Identity {
            required: self.required,
            secret_made_at: self.secret_made_at,
            former_until: self.former_until,
            revision: self.revision,
        }
    }

    /// When the secrets were made that are good now, with what is kept of them; the newest first.
    fn good(&self, now: Instant) -> Vec<(Instant, &[u8])> {
        let newest = self.secret_made_at.zip(self.secret.as_deref());
        let is_good = self.former_until.is_some_and(|until| until > now);
        let former = self.former_made_at.zip(self.former_secret.as_deref()).filter(|_| is_good);
        newest.into_iter().chain(former).collect()
    }
}

async fn read(conn: &mut Conn, tenant: TenantId) -> Result<Row, Fault> {
    let row = run!(conn, |c| widget_identities::table.find(tenant).select(Row::as_select()).first(c)).optional()?;
    Ok(row.unwrap_or_default())
}

/// How the tenant's websites tell who their visitors are.
///
/// # Errors
/// If the store fails.
pub async fn identity(conn: &mut Conn, scope: &Scope) -> Result<Identity, Fault> {
    scope.require(Permission::WidgetManage)?;
    Ok(read(conn, scope.tenant()).await?.told())
}

/// Lets only those visitors write whose website says who they are, or everybody.
///
/// # Errors
/// If the store fails.
pub async fn require_identity(
    conn: &mut Conn,
    scope: &Scope,
    required: bool,
    expected: Option<i64>,
    now: Instant,
) -> Result<Required, Fault> {
    scope.require(Permission::WidgetManage)?;
    let tenant = scope.tenant();
    conn.transaction("widget.require_identity", async |tx| {
        tenancy::lock(tx, tenant).await?;
        let before = read(tx, tenant).await?;
        if expected.is_some_and(|expected| expected != before.revision) {
            return Ok(Required::Stale(before.told()));
        }
        if before.required == required {
            return Ok(Required::Done(before.told()));
        }
        if required && before.secret.is_none() {
            return Ok(Required::NoSecret);
        }
        let revision = before.revision.saturating_add(1);
        // Whoever has a secret, or had to be known, has a row.
        let values = (widget_identities::required.eq(required), widget_identities::revision.eq(revision));
        run!(tx, |c| diesel::update(widget_identities::table.find(tenant)).set(values).execute(c))?;
        note(tx, scope, Action::WidgetIdentityUpdated, "required", revision, now).await?;
        Ok(Required::Done(Identity { required, revision, ..before.told() }))
    })
    .await
}

/// Makes a new secret. The one before stays good for a day.
///
/// # Errors
/// If the secret cannot be encrypted, or the store fails.
pub async fn rotate_secret(conn: &mut Conn, scope: &Scope, key: &InstanceKey, now: Instant) -> Result<SecretMade, Fault> {
    scope.require(Permission::WidgetManage)?;
    let (tenant, secret) = (scope.tenant(), Token::of(PREFIX, rand::random()));
    let sealed = key.seal(SEALED_FOR, tenant.uuid(), secret.reveal().as_bytes()).map_err(|_| Fault::Sealing)?;
    conn.transaction("widget.rotate_secret", async |tx| {
        tenancy::lock(tx, tenant).await?;
        let before = read(tx, tenant).await?;
        let revision = before.revision.saturating_add(1);
        let former_until = before.secret.is_some().then(|| now.after(OVERLAP));
        let values = (
            widget_identities::required.eq(before.required),
            widget_identities::secret.eq(sealed.as_slice()),
            widget_identities::secret_made_at.eq(now),
            widget_identities::former_secret.eq(before.secret.as_deref()),
            widget_identities::former_made_at.eq(before.secret_made_at),
            widget_identities::former_until.eq(former_until),
            widget_identities::revision.eq(revision),
        );
        run!(tx, |c| {
            diesel::insert_into(widget_identities::table)
                .values((widget_identities::tenant_id.eq(tenant), values))
                .on_conflict(widget_identities::tenant_id)
                .do_update()
                .set(values)
                .execute(c)
        })?;
        note(tx, scope, Action::WidgetIdentityRotated, "secret", revision, now).await?;
        let identity = Identity { required: before.required, secret_made_at: Some(now), former_until, revision };
        Ok(SecretMade { secret: secret.clone(), identity })
    })
    .await
}

async fn note(
    tx: &mut Conn,
    scope: &Scope,
    action: Action,
    field: &'static str,
    revision: i64,
    now: Instant,
) -> Result<(), Fault> {
    let change = audit::Change { action, subject: None, fields: &[field], revision: Some(revision) };
    scope.record(tx, change, now).await
}

/// Whom a website says its visitor is, if it can be believed: the same visitor in whichever browser, with what it calls them noted. Their
/// token is to be good until then.
///
/// # Errors
/// If the store fails.
pub async fn vouch(
    db: &Db,
    key: &InstanceKey,
    admitted: &Admitted,
    token: &str,
    until: Instant,
    now: Instant,
) -> Result<Vouching, Fault> {
    let (platform, tenant) = (Platform::of_this_process(), admitted.tenant());
    let look = async move |mut conn: Conn| {
        let row = read(&mut conn, tenant).await?;
        let public: TenantId = run!(conn, |c| tenants::table.find(tenant).select(tenants::public_id).first(c))?;
        Ok((row, public))
    };
    let (row, public) = db.platform_read(&platform, look).await?;
    let opened = row.good(now).into_iter().map(|(made, sealed)| (made, key.open(SEALED_FOR, tenant.uuid(), sealed)));
    // One that cannot be opened was encrypted under another instance key: it is of no use any more, and a new one has to be made.
    let secrets: Vec<(Instant, Vec<u8>)> = opened.filter_map(|(made, secret)| Some((made, secret.ok()?))).collect();
    let all: Vec<&[u8]> = secrets.iter().map(|(_, secret)| secret.as_slice()).collect();
    let (which, vouched) = match vouch::believed(token, &all, &public.to_string(), now) {
        Ok(believed) => believed,
        Err(why) => return Ok(Vouching::Bad(why)),
    };
    let Some((made, _)) = secrets.get(which) else { return Ok(Vouching::Bad("Its signature is by no secret.")) };
    let visitor = key.vouched_visitor(tenant, &vouched.subject, *made, until);
    let known = visitor.key();
    db.platform(&platform, async move |mut conn: Conn| chat::know(&mut conn, tenant, known, &vouched, now).await).await?;
    Ok(Vouching::Good(visitor))
}

/// Whether the secret is good still by which a visitor's website said who they are.
///
/// # Errors
/// If the store fails.
pub async fn is_vouched_still(db: &Db, admitted: &Admitted, visitor: WidgetVisitor, now: Instant) -> Result<bool, Fault> {
    let Some(by) = visitor.vouched_by() else { return Ok(false) };
    let tenant = admitted.tenant();
    let look = async move |mut conn: Conn| Ok(read(&mut conn, tenant).await?.good(now).iter().any(|(made, _)| *made == by));
    db.platform_read(&Platform::of_this_process(), look).await
}
