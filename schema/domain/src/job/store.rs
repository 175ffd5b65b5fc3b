//! Acts on jobs. Claiming and its kin are the queue's; what is done with one claimed job takes its lease.

mod queue;
mod read;

use std::time::Duration;

use diesel::{
    prelude::*,
    sql_types::{BigInt, SmallInt, Text},
};
use diesel_async::RunQueryDsl;

use self::queue::skip_locked;
pub use self::{
    queue::{Wanted, any_expired, claim, due, expire, prune, renew},
    read::{Tended, by_id, discard, list, retry},
};
use super::model::{Job, JobState, Lease, Progress};
use crate::{
    clock::Instant,
    db::{Conn, Prepare, sql},
    fault::Fault,
    id::JobId,
    run,
    tables::jobs,
    tenancy::Scope,
};

/// Calls for a job, in the transaction of the fact that calls for it. One with the same name and key is not made twice.
///
/// `span` is what the request that caused it is known by in the logs.
///
/// # Errors
/// If the store fails.
pub async fn enqueue<J: Job>(conn: &mut Conn, scope: &Scope, job: &J, span: Option<&str>, now: Instant) -> Result<(), Fault> {
    enqueue_at(conn, scope, job, span, now, now).await
}

/// The same, for a job that is to be done at an instant and not before.
///
/// # Errors
/// If the store fails.
pub(crate) async fn enqueue_at<J: Job>(
    conn: &mut Conn,
    scope: &Scope,
    job: &J,
    span: Option<&str>,
    at: Instant,
    now: Instant,
) -> Result<(), Fault> {
    let payload = serde_json::to_string(job).map_err(|source| Fault::Stored { what: "job payload", source })?;
    let tenant = scope.tenant();
    let key = job.key();
    run!(conn, |c| {
        diesel::insert_into(jobs::table)
            .values((
                jobs::id.eq(JobId::new()),
                jobs::tenant_id.eq(tenant),
                jobs::name.eq(J::NAME),
                jobs::unique_key.eq(&key),
                jobs::payload.eq(&payload),
                jobs::priority.eq(J::PRIORITY),
                jobs::state.eq(JobState::Queued),
                jobs::run_at.eq(at),
                jobs::attempt.eq(0),
                jobs::max_attempts.eq(J::MAX_ATTEMPTS),
                jobs::lease_token.eq(0_i64),
                jobs::span.eq(span),
                jobs::lane.eq(job.lane()),
                jobs::created_at.eq(now),
            ))
            .on_conflict((jobs::tenant_id, jobs::name, jobs::unique_key))
            .do_nothing()
            .prepared()
            .execute(c)
    })?;
    Ok(())
}

/// How long a dead job is left to those who may look at it before it is called for once more.
const LEFT: Duration = Duration::from_secs(3_600);

/// Calls for a job whose work is still to be done: makes it if there is none, queues one again that is done, or dead for an hour. Whether one was
/// queued again.
///
/// # Errors
/// If the store fails.
pub(crate) async fn call_again<J: Job>(conn: &mut Conn, scope: &Scope, job: &J, now: Instant) -> Result<bool, Fault> {
    let (tenant, key, long_ago) = (scope.tenant(), job.key(), now.before(LEFT));
    let changed = run!(conn, |c| {
        diesel::update(jobs::table)
            .filter(jobs::tenant_id.eq(tenant).and(jobs::name.eq(J::NAME)).and(jobs::unique_key.eq(&key)))
            .filter(jobs::state.eq(JobState::Done).or(jobs::state.eq(JobState::Dead).and(jobs::ended_at.lt(long_ago))))
            .set((
                jobs::state.eq(JobState::Queued),
                jobs::attempt.eq(0),
                jobs::run_at.eq(now),
                jobs::ended_at.eq(None::<Instant>),
                jobs::lease_until.eq(None::<Instant>),
            ))
            .execute(c)
    })?;
    if changed == 0 {
        enqueue(conn, scope, job, None, now).await?;
    }
    Ok(changed == 1)
}

/// The jobs of some kinds that are about one thing of a tenant, in the order they were called for, as part of another act.
///
/// # Errors
/// If the store fails.
pub(crate) async fn about(conn: &mut Conn, scope: &Scope, names: &[&str], key: &str) -> Result<Vec<Progress>, Fault> {
    let tenant = scope.tenant();
    type Row = (String, JobState, i32, i32, Instant, Instant, Option<Instant>);
    let rows: Vec<Row> = run!(conn, |c| {
        jobs::table
            .filter(jobs::tenant_id.eq(tenant).and(jobs::unique_key.eq(key)).and(jobs::name.eq_any(names)))
            .order(jobs::id)
            .select((jobs::name, jobs::state, jobs::attempt, jobs::max_attempts, jobs::created_at, jobs::run_at, jobs::ended_at))
            .load(c)
    })?;
    let progress = rows.into_iter().map(|(name, state, attempt, max_attempts, created_at, run_at, ended_at)| Progress {
        name,
        state,
        attempt,
        max_attempts,
        created_at,
        run_at,
        ended_at,
    });
    Ok(progress.collect())
}

/// The fence: the job is leased, and under this token.
#[diesel::dsl::auto_type]
fn held_under(id: JobId, token: i64) -> _ {
    let leased: JobState = JobState::Leased;
    jobs::id.eq(id).and(jobs::state.eq(leased)).and(jobs::lease_token.eq(token))
}

/// Whether a job is still this lease's, and makes it stay so until the transaction ends.
///
/// # Errors
/// If the store fails.
pub(crate) async fn hold(conn: &mut Conn, lease: &Lease) -> Result<bool, Fault> {
    let changed = run!(conn, |c| {
        diesel::update(jobs::table)
            .filter(held_under(lease.id, lease.lease_token))
            .set(jobs::lease_token.eq(jobs::lease_token))
            .prepared()
            .execute(c)
    })?;
    Ok(changed == 1)
}

/// Writes down how far a job is that takes several transactions, in its own payload, so that whoever goes on with it knows. As
/// [`hold`], it makes the job stay this lease's until the transaction ends, and says whether it is.
///
/// # Errors
/// If the store fails.
pub(crate) async fn go_on<J: Job>(conn: &mut Conn, lease: &Lease, job: &J) -> Result<bool, Fault> {
    let payload = serde_json::to_string(job).map_err(|source| Fault::Stored { what: "job payload", source })?;
    let changed = run!(conn, |c| {
        diesel::update(jobs::table)
            .filter(held_under(lease.id, lease.lease_token))
            .set(jobs::payload.eq(&payload))
            .prepared()
            .execute(c)
    })?;
    Ok(changed == 1)
}

/// Takes other jobs of the same kind and tenant along with a claimed one: they are done with this transaction, so it has to do what they are for.
/// The oldest first, as they would be claimed, and only those that were never attempted. One that somebody else works on is passed over, and while
/// another transaction takes along jobs of this tenant, none are: they would only wait for each other. What each is about.
///
/// # Errors
/// If the store fails.
pub(crate) async fn take_along<J: Job>(conn: &mut Conn, lease: &Lease, most: usize, now: Instant) -> Result<Vec<String>, Fault> {
    let alone = if conn.is_postgres() {
        "(SELECT pg_try_advisory_xact_lock(hashtext('take_along'), hashtext(CAST($2 AS text)))) AND "
    } else {
        ""
    };
    let text = format!(
        "UPDATE jobs SET state = 'done', attempt = attempt + 1, ended_at = $1 WHERE id IN (SELECT id FROM jobs \
         WHERE {alone}state = 'queued' AND attempt = 0 AND tenant_id = $2 AND priority = $3 AND run_at <= $1 AND name = $4 \
         ORDER BY run_at, id LIMIT $5{skip}) RETURNING id, unique_key",
        skip = skip_locked(conn),
    );
    let mut taken: Vec<Along> = run!(conn, |c| {
        diesel::sql_query(&text)
            .bind::<sql::Instant, _>(now)
            .bind::<sql::Id, _>(lease.tenant_id)
            .bind::<SmallInt, _>(J::PRIORITY)
            .bind::<Text, _>(J::NAME)
            .bind::<BigInt, _>(i64::try_from(most).unwrap_or(i64::MAX))
            .prepared()
            .load(c)
    })?;
    taken.sort_by_key(|job| job.id);
    Ok(taken.into_iter().map(|job| job.unique_key).collect())
}

/// A job that is taken along.
#[derive(QueryableByName)]
#[diesel(check_for_backend(diesel::pg::Pg, diesel::sqlite::Sqlite))]
struct Along {
    #[diesel(sql_type = sql::Id)]
    id: JobId,
    #[diesel(sql_type = Text)]
    unique_key: String,
}

/// Marks the job done. Part of its effect's transaction; `false` means another worker has the job now and nothing may be changed.
///
/// # Errors
/// If the store fails.
pub async fn complete(conn: &mut Conn, lease: &Lease, now: Instant) -> Result<bool, Fault> {
    end(conn, lease, JobState::Done, None, now).await
}

/// What became of a failed job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failed {
    /// It will be tried again.
    Again,
    /// It is dead.
    Dead,
    /// Another worker has it; nothing was changed.
    Late,
}

/// Notes a failed attempt: the job is queued again for `again` from now, or, without it, dead.
///
/// # Errors
/// If the store fails.
pub async fn fail(conn: &mut Conn, lease: &Lease, error: &str, again: Option<Duration>, now: Instant) -> Result<Failed, Fault> {
    let error: String = error.chars().filter(|c| *c != '\0').take(500).collect();
    let Some(wait) = again else {
        let ended = end(conn, lease, JobState::Dead, Some(&error), now).await?;
        return Ok(if ended { Failed::Dead } else { Failed::Late });
    };
    let changed = run!(conn, |c| {
        diesel::update(jobs::table)
            .filter(held_under(lease.id, lease.lease_token))
            .set((
                jobs::state.eq(JobState::Queued),
                jobs::lease_until.eq(None::<Instant>),
                jobs::run_at.eq(now.after(wait)),
                jobs::last_error.eq(&error),
            ))
            .prepared()
            .execute(c)
    })?;
    Ok(if changed == 1 { Failed::Again } else { Failed::Late })
}

/// Gives a claimed job back unused (the process is shutting down): the attempt does not count.
///
/// # Errors
/// If the store fails.
#[expect(clippy::arithmetic_side_effects, reason = "the store counts, in SQL")]
pub async fn hand_back(conn: &mut Conn, lease: &Lease) -> Result<(), Fault> {
    run!(conn, |c| {
        diesel::update(jobs::table)
            .filter(held_under(lease.id, lease.lease_token))
            .set((jobs::state.eq(JobState::Queued), jobs::lease_until.eq(None::<Instant>), jobs::attempt.eq(jobs::attempt - 1)))
            .prepared()
            .execute(c)
    })?;
    Ok(())
}

async fn end(conn: &mut Conn, lease: &Lease, state: JobState, error: Option<&str>, now: Instant) -> Result<bool, Fault> {
    let changed = run!(conn, |c| {
        diesel::update(jobs::table)
            .filter(held_under(lease.id, lease.lease_token))
            .set((
                jobs::state.eq(state),
                jobs::lease_until.eq(None::<Instant>),
                jobs::ended_at.eq(now),
                error.map(|error| jobs::last_error.eq(error)),
            ))
            .prepared()
            .execute(c)
    })?;
    Ok(changed == 1)
}
