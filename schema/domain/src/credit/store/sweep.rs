//! Looking after what nobody looks at: accounts in which something is due, and credits that are held for turns that are over.
//!
//! Nothing depends on it for being right: what is due happens for whoever looks. It sees to it that it happens, and is told, also where nobody does.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use serde::{Deserialize, Serialize};

use super::{catch_up::catch_up, ledger::Ledger};
use crate::{
    clock::Instant,
    credit::model::MeterUsage,
    db::{Conn, Db},
    fault::Fault,
    id::{TenantId, TurnId},
    identity::Permission,
    job::{self, Job, Lease},
    run,
    tables::{credit_accounts, credit_holds, tenants, turns},
    tenancy::{Platform, Scope, Tenant},
};

/// So many accounts, or holds, are looked at with one statement.
const PAGE: i64 = 200;
/// How long after its end a turn may be unmetered before the sweep asks for it again.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(60);

/// Lets what is due in an account happen.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct KeepAccount {
    /// When something was due, in microseconds since 1970.
    pub due: i64,
}

impl Job for KeepAccount {
    const NAME: &'static str = "keep_account";
    const MAX_ATTEMPTS: i32 = 25;

    fn key(&self) -> String {
        self.due.to_string()
    }
}

/// Calls for the job of every account in which something is due, and for the metering of every turn that ended a minute ago and still holds
/// credits. How many jobs there were to call for. Any number of processes may do this, however often: one job is made for one thing.
///
/// # Errors
/// If the store fails; then it is to be done again.
pub async fn sweep(db: &Db, now: Instant) -> Result<usize, Fault> {
    let platform = Platform::of_this_process();
    let (mut count, mut after) = (0_usize, None);
    loop {
        let due = db.platform_read(&platform, async move |mut conn: Conn| due(&mut conn, after, now).await).await?;
        let Some(last) = due.last().map(|(tenant, due)| (*due, tenant.id)) else { break };
        (count, after) = (count.saturating_add(due.len()), Some(last));
        let this = platform.clone();
        let call = async move |mut conn: Conn| {
            conn.transaction("credit.sweep", async |tx| {
                for (tenant, due) in &due {
                    // One that is done or dead does not help: what was due then is due again, or still.
                    job::call_again(tx, &this.within(tenant), &KeepAccount { due: due.as_micros() }, now).await?;
                }
                Ok(())
            })
            .await
        };
        db.platform(&platform, call).await?;
    }
    Ok(count.saturating_add(stale_holds(db, &platform, now).await?))
}

/// The next accounts in which something is due, the one that waits for longest first.
async fn due(conn: &mut Conn, after: Option<(Instant, TenantId)>, now: Instant) -> Result<Vec<(Tenant, Instant)>, Fault> {
    let (from, tenant) = after.unwrap_or((Instant::from_micros(0), TenantId::from(uuid::Uuid::nil())));
    let rows: Vec<(Tenant, Option<Instant>)> = run!(conn, |c| {
        credit_accounts::table
            .inner_join(tenants::table.on(tenants::id.eq(credit_accounts::tenant_id)))
            .filter(credit_accounts::next_event_at.is_not_null().and(credit_accounts::next_event_at.le(now)))
            .filter(
                credit_accounts::next_event_at
                    .gt(from)
                    .or(credit_accounts::next_event_at.eq(from).and(credit_accounts::tenant_id.gt(tenant))),
            )
            .order((credit_accounts::next_event_at.asc(), credit_accounts::tenant_id.asc()))
            .limit(PAGE)
            .select((Tenant::as_select(), credit_accounts::next_event_at))
            .load(c)
    })?;
    Ok(rows.into_iter().filter_map(|(tenant, due)| due.map(|due| (tenant, due))).collect())
}

/// Calls again for the metering of turns that are over and still hold credits. Never for one that can still finish.
async fn stale_holds(db: &Db, platform: &Platform, now: Instant) -> Result<usize, Fault> {
    let before = now.before(PATIENCE);
    let stale: Vec<(Tenant, TurnId)> = db
        .platform_read(platform, async move |conn: Conn| {
            Ok(run!(conn, |c| {
                credit_holds::table
                    .inner_join(
                        turns::table.on(turns::tenant_id.eq(credit_holds::tenant_id).and(turns::id.eq(credit_holds::turn_id))),
                    )
                    .inner_join(tenants::table.on(tenants::id.eq(credit_holds::tenant_id)))
                    .filter(credit_holds::settled_at.is_null().and(turns::ended_at.lt(before)))
                    .order(credit_holds::created_at)
                    .limit(PAGE)
                    .select((Tenant::as_select(), credit_holds::turn_id))
                    .load(c)
            })?)
        })
        .await?;
    if stale.is_empty() {
        return Ok(0);
    }
    let this = platform.clone();
    let again = async move |mut conn: Conn| {
        conn.transaction("credit.sweep_holds", async |tx| {
            let mut count = 0_usize;
            for (tenant, turn) in &stale {
                if job::call_again(tx, &this.within(tenant), &MeterUsage { turn_id: *turn }, now).await? {
                    count = count.saturating_add(1);
                }
            }
            Ok(count)
        })
        .await
    };
    db.platform(platform, again).await
}

/// Lets what is due in a tenant's account happen, and ends the job; whether the job was still ours.
///
/// # Errors
/// If the store fails.
pub async fn keep(conn: &mut Conn, scope: &Scope, lease: &Lease, now: Instant) -> Result<bool, Fault> {
    scope.require(Permission::UsageMeter)?;
    conn.transaction("credit.keep", async |tx| {
        if !job::complete(tx, lease, now).await? {
            return Ok(false);
        }
        let Some(mut ledger) = Ledger::take(tx, scope, now).await? else { return Ok(true) };
        catch_up(tx, scope, &mut ledger, now).await?;
        ledger.close(tx).await?;
        Ok(true)
    })
    .await
}
