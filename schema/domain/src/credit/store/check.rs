//! Reckoning a day's charges once more, and saying so if one comes out differently.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use serde::{Deserialize, Serialize};

use super::explain::explained;
use crate::{
    alert::{self, About},
    clock::Instant,
    credit::rules::{DAY, day_of},
    db::{Conn, Db, Undone},
    fault::Fault,
    id::{TenantId, TurnId},
    identity::Permission,
    job::{self, Job, Lease},
    run,
    tables::{charge_checks, credit_charges, tenants},
    tenancy::{self, Platform, Tenant},
};

/// So many charges are reckoned in one step.
const STEP: i64 = 100;

/// Reckons the charges of a day once more, and how far that is.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CheckCharges {
    /// When the day began, in microseconds since 1970.
    pub day: i64,
    /// The charge that was reckoned last: when it was made, whose it is, and for which turn.
    pub after: Option<(i64, TenantId, TurnId)>,
    /// How many were reckoned.
    pub checked: i64,
    /// How many of them came out differently.
    pub differing: i64,
}

impl Job for CheckCharges {
    const NAME: &'static str = "check_charges";
    /// After everything that somebody waits for.
    const PRIORITY: i16 = 10;
    const MAX_ATTEMPTS: i32 = 25;

    fn key(&self) -> String {
        self.day.to_string()
    }
}

impl CheckCharges {
    /// When the day began.
    #[must_use]
    pub fn began(&self) -> Instant {
        Instant::from_micros(self.day)
    }
}

/// What became of a step.
#[derive(Clone, Debug)]
pub enum Checked {
    /// There is more to do.
    More(CheckCharges),
    /// It is done.
    Done(CheckCharges),
    /// Another worker has the job; nothing was changed.
    Late,
}

/// Calls for yesterday's job, unless that was done or nothing was charged. Any number of processes may do this, however often.
///
/// # Errors
/// If the store fails; then it is to be done again.
pub async fn check_yesterday(db: &Db, now: Instant) -> Result<(), Fault> {
    let (platform, day) = (Platform::of_this_process(), day_of(now.before(DAY)));
    let this = platform.clone();
    let call = async move |mut conn: Conn| {
        conn.transaction("credit.check_yesterday", async |tx| {
            let done: i64 = run!(tx, |c| charge_checks::table.filter(charge_checks::day.eq(day)).count().get_result(c))?;
            let charged = credit_charges::table
                .filter(credit_charges::created_at.ge(day).and(credit_charges::created_at.lt(day.after(DAY))))
                .select(credit_charges::turn_id)
                .limit(1);
            let charged: Vec<TurnId> = run!(tx, |c| charged.load(c))?;
            let is_due = done == 0 && !charged.is_empty();
            let Some(home) = tenancy::platform_tenant(tx).await?.filter(|_| is_due) else { return Ok(()) };
            let job = CheckCharges { day: day.as_micros(), after: None, checked: 0, differing: 0 };
            job::enqueue(tx, &this.within(&home), &job, None, now).await
        })
        .await
    };
    db.platform(&platform, call).await
}

/// Reckons the next charges of a day once more: what they cost by the version they were rated by, out of what was written down. With the last
/// the job is done, and if any came out differently the platform's owners are told. Nothing is put right by it.
///
/// # Errors
/// If the store fails.
pub async fn check(
    conn: &mut Conn,
    platform: &Platform,
    lease: &Lease,
    job: &CheckCharges,
    now: Instant,
) -> Result<Checked, Fault> {
    platform.require(Permission::UsageRead)?;
    conn.undoable("credit.check", async |tx| {
        if !job::hold(tx, lease).await? {
            return Err(Undone::Outcome(Checked::Late));
        }
        let mut job = job.clone();
        let charges = next(tx, &job).await?;
        let is_last = charges.len() < usize::try_from(STEP).unwrap_or(usize::MAX);
        for (tenant, turn, at) in charges {
            let scope = platform.within(&tenant);
            let matches = explained(tx, &scope, turn).await?.is_some_and(|explanation| explanation.matches());
            if !matches {
                tracing::error!(tenant = %tenant.id, turn = %turn, "a charge that is reckoned once more comes out differently");
                job.differing = job.differing.saturating_add(1);
            }
            job.checked = job.checked.saturating_add(1);
            job.after = Some((at.as_micros(), tenant.id, turn));
        }
        if !is_last {
            return if job::go_on(tx, lease, &job).await? { Ok(Checked::More(job)) } else { Err(Undone::Outcome(Checked::Late)) };
        }
        run!(tx, |c| {
            diesel::insert_into(charge_checks::table)
                .values((
                    charge_checks::day.eq(job.began()),
                    charge_checks::checked.eq(job.checked),
                    charge_checks::differing.eq(job.differing),
                    charge_checks::finished_at.eq(now),
                ))
                .on_conflict(charge_checks::day)
                .do_nothing()
                .execute(c)
        })?;
        if job.differing > 0 {
            let home = tenancy::platform_tenant(tx).await?.ok_or(Fault::NotSetUp)?;
            alert::raise(tx, &platform.within(&home), About::Charges { day: job.began() }, true, now, now).await?;
        }
        if !job::complete(tx, lease, now).await? {
            return Err(Undone::Outcome(Checked::Late));
        }
        Ok(Checked::Done(job))
    })
    .await
}

/// The next charges of the day, the earliest first.
async fn next(tx: &mut Conn, job: &CheckCharges) -> Result<Vec<(Tenant, TurnId, Instant)>, Fault> {
    let (begin, end) = (job.began(), job.began().after(DAY));
    Ok(run!(tx, |c| {
        let mut query = credit_charges::table
            .inner_join(tenants::table.on(tenants::id.eq(credit_charges::tenant_id)))
            .filter(credit_charges::created_at.ge(begin).and(credit_charges::created_at.lt(end)))
            .order((credit_charges::created_at, credit_charges::tenant_id, credit_charges::turn_id))
            .limit(STEP)
            .select((Tenant::as_select(), credit_charges::turn_id, credit_charges::created_at))
            .into_boxed();
        if let Some((at, tenant, turn)) = job.after {
            let at = Instant::from_micros(at);
            query = query.filter(
                credit_charges::created_at.gt(at).or(credit_charges::created_at.eq(at).and(
                    credit_charges::tenant_id
                        .gt(tenant)
                        .or(credit_charges::tenant_id.eq(tenant).and(credit_charges::turn_id.gt(turn))),
                )),
            );
        }
        query.load(c)
    })?)
}
