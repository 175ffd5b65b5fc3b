//! The queue: which jobs are to be done, who has them and until when. It takes the platform's authority.

use diesel::sql_types::{BigInt, Text};
use diesel_async::RunQueryDsl;

use crate::{
    clock::Instant,
    db::{Conn, Prepare, literal, now_sql, sql},
    fault::Fault,
    id::{Id, JobId, TenantId},
    job::model::{Due, Lease, LeaseLength},
    run,
    tenancy::Platform,
};

/// Which jobs to look for.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// The kinds this worker knows.
    pub names: Vec<&'static str>,
    /// The tenant that was served last: the round begins after it.
    pub cursor: TenantId,
    /// Tenants that hold their share of the slots already.
    pub without: Vec<TenantId>,
    /// From how many tenants at most.
    pub tenants: usize,
    /// How many of each.
    pub of_each: usize,
    /// Jobs that are to be done later than now are left alone.
    pub now: Instant,
}

/// Jobs that could be claimed now: so many from each of so many tenants, beginning with the tenant after the cursor and
/// going round, so that every tenant has its turn.
///
/// Walks the index from tenant to tenant instead of reading every due job, so that a backlog costs nothing. SQLite has no LATERAL
/// (for Postgres the same as an IN would read all jobs for each tenant), and would rather use the key's index, which holds also
/// every job that is done.
///
/// # Errors
/// If the store fails.
pub async fn due(conn: &mut Conn, _platform: &Platform, wanted: &Wanted) -> Result<Vec<Due>, Fault> {
    let names = wanted.names.iter().map(|name| format!("'{name}'")).collect::<Vec<_>>().join(", ");
    let open = format!("state = 'queued' AND name IN ({names}) AND run_at <= $1");
    let jobs = if conn.is_postgres() { "jobs" } else { "jobs INDEXED BY jobs_due" };
    let nil = literal(conn, TenantId::from(uuid::Uuid::nil()));
    let next =
        |after: &str| format!("SELECT tenant_id FROM {jobs} WHERE {open} AND tenant_id > {after} ORDER BY tenant_id LIMIT 1");
    let of_tenant = |what: &str| {
        format!("SELECT {what} FROM {jobs} WHERE {open} AND tenant_id = round.tenant_id ORDER BY priority, run_at, id LIMIT $5")
    };
    let join = if conn.is_postgres() {
        format!("JOIN LATERAL ({}) j ON true", of_tenant("id, lane, priority, run_at"))
    } else {
        format!("JOIN jobs j ON j.id IN ({})", of_tenant("id"))
    };
    // From the cursor to the last tenant, and then from the first to the cursor.
    let walk = |name: &str, from: &str, until: &str| {
        format!(
            "{name} (tenant_id) AS (SELECT * FROM ({first}) f UNION ALL SELECT ({more}) FROM {name} WHERE {name}.tenant_id IS NOT NULL{until})",
            first = next(from),
            more = next(&format!("{name}.tenant_id")),
        )
    };
    let text = format!(
        "WITH RECURSIVE {after}, {before}, \
         round AS (SELECT * FROM (SELECT tenant_id, 1 AS lap FROM after_cursor WHERE tenant_id IS NOT NULL AND NOT {full} \
         UNION ALL SELECT tenant_id, 2 FROM before_cursor WHERE tenant_id <= $2 AND NOT {full}) laps LIMIT $4) \
         SELECT j.id, round.tenant_id, j.lane FROM round {join} ORDER BY round.lap, round.tenant_id, j.priority, j.run_at, j.id",
        after = walk("after_cursor", "$2", ""),
        before = walk("before_cursor", &nil, " AND before_cursor.tenant_id <= $2"),
        // Stepped over, not filtered out: their backlog is not read either.
        full = is_one_of(conn, "tenant_id", "$3"),
    );
    let count = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    let without = listed(&wanted.without);
    Ok(run!(conn, |c| {
        diesel::sql_query(&text)
            .bind::<sql::Instant, _>(wanted.now)
            .bind::<sql::Id, _>(wanted.cursor)
            .bind::<Text, _>(&without)
            .bind::<BigInt, _>(count(wanted.tenants))
            .bind::<BigInt, _>(count(wanted.of_each))
            .prepared()
            .load(c)
    })?)
}

/// Ids as the text that [`is_one_of`] compares with; as a value, so that the query is the same text for all of them.
fn listed<K>(ids: &[Id<K>]) -> String {
    ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
}

/// Whether a column is one of the ids [`listed`] in a parameter. SQLite numbers parameters as they appear.
fn is_one_of(conn: &Conn, column: &str, parameter: &str) -> String {
    if conn.is_postgres() {
        format!("({column} = ANY (string_to_array({parameter}, ',')::uuid[]))")
    } else {
        // Ids hold nothing but hexadecimal digits and dashes.
        format!(
            "({column} IN (SELECT unhex(replace(value, '-', '')) FROM json_each('[\"' || replace({parameter}, ',', '\",\"') || '\"]')))"
        )
    }
}

/// Claims those of the jobs that are still to be done now. Each claim counts an attempt and gives a new fencing token. Repeatable: a claim
/// that the store forgets in a crash was none, and its token is not given again.
///
/// # Errors
/// If the store fails.
pub async fn claim(
    conn: &mut Conn,
    _platform: &Platform,
    picked: &[JobId],
    length: LeaseLength,
    now: Instant,
) -> Result<Vec<Lease>, Fault> {
    if picked.is_empty() {
        return Ok(Vec::new());
    }
    // Another worker may have had one of them meanwhile and put it back for later.
    let text = format!(
        "UPDATE jobs SET state = 'leased', attempt = attempt + 1, lease_token = {token}, lease_until = {until} \
         WHERE id IN (SELECT id FROM jobs WHERE state = 'queued' AND run_at <= $1 AND {picked}{skip}) \
         RETURNING id, tenant_id, name, unique_key, payload, attempt, max_attempts, lease_token, span, lane",
        token = next_token(conn),
        until = lease_end(conn, length),
        picked = is_one_of(conn, "id", "$2"),
        skip = skip_locked(conn),
    );
    let ids = listed(picked);
    conn.transaction("job.claim", async |tx| {
        Ok(run!(tx, |c| { diesel::sql_query(&text).bind::<sql::Instant, _>(now).bind::<Text, _>(&ids).prepared().load(c) })?)
    })
    .await
}

/// Prolongs leases; says which of them are lost. One whose row somebody works on at this moment is left for the next time: to
/// wait for it would let all the others run out.
///
/// # Errors
/// If the store fails.
pub async fn renew(
    conn: &mut Conn,
    _platform: &Platform,
    held: &[(JobId, i64)],
    length: LeaseLength,
) -> Result<Vec<JobId>, Fault> {
    if held.is_empty() {
        return Ok(Vec::new());
    }
    let ids = held.iter().map(|(id, _)| literal(conn, *id)).collect::<Vec<_>>().join(", ");
    let mine = held
        .iter()
        .map(|(id, token)| format!("(id = {} AND lease_token = {token})", literal(conn, *id)))
        .collect::<Vec<_>>()
        .join(" OR ");
    let text = format!(
        "UPDATE jobs SET lease_until = {until} WHERE id IN (SELECT id FROM jobs WHERE state = 'leased' AND ({mine}){skip})",
        until = lease_end(conn, length),
        skip = skip_locked(conn),
    );
    run!(conn, |c| diesel::sql_query(&text).execute(c))?;
    let text = format!("SELECT id, tenant_id, lane FROM jobs WHERE id IN ({ids}) AND state = 'leased' AND ({mine})");
    let kept: Vec<Due> = run!(conn, |c| diesel::sql_query(&text).load(c))?;
    Ok(held.iter().map(|(id, _)| *id).filter(|id| !kept.iter().any(|kept| kept.id == *id)).collect())
}

/// Puts jobs whose lease has ended back in the queue; their next claim counts as a further attempt. Says how many.
///
/// # Errors
/// If the store fails.
pub async fn expire(conn: &mut Conn, _platform: &Platform) -> Result<usize, Fault> {
    let text = format!(
        "UPDATE jobs SET state = 'queued', lease_until = NULL, last_error = 'the worker that had it stopped renewing its lease' \
         WHERE id IN (SELECT id FROM jobs WHERE state = 'leased' AND lease_until < {now}{skip})",
        now = now_sql(conn),
        skip = skip_locked(conn),
    );
    Ok(run!(conn, |c| diesel::sql_query(&text).execute(c))?)
}

/// Whether any lease has ended; a look before [`expire`] writes.
///
/// # Errors
/// If the store fails.
pub async fn any_expired(conn: &mut Conn, _platform: &Platform) -> Result<bool, Fault> {
    let text = format!(
        "SELECT id, tenant_id, lane FROM jobs WHERE state = 'leased' AND lease_until < {now} LIMIT 1",
        now = now_sql(conn)
    );
    let rows: Vec<Due> = run!(conn, |c| diesel::sql_query(&text).prepared().load(c))?;
    Ok(!rows.is_empty())
}

/// Removes jobs that were done before `before`, a thousand at most, and says how many. Dead ones stay until somebody has looked at them.
///
/// # Errors
/// If the store fails.
pub async fn prune(conn: &mut Conn, _platform: &Platform, before: Instant) -> Result<usize, Fault> {
    let text = "DELETE FROM jobs WHERE id IN (SELECT id FROM jobs WHERE state = 'done' AND ended_at < $1 LIMIT 1000)";
    Ok(run!(conn, |c| diesel::sql_query(text).bind::<sql::Instant, _>(before).execute(c))?)
}

/// Rows that another transaction works on are passed over; SQLite has one writer, so there are none.
pub(super) fn skip_locked(conn: &Conn) -> &'static str {
    if conn.is_postgres() { " FOR UPDATE SKIP LOCKED" } else { "" }
}

/// A fencing token that was never given before for this job, not even by a claim that the store has forgotten while its worker lives on.
fn next_token(conn: &Conn) -> String {
    let now = now_sql(conn);
    if conn.is_postgres() {
        format!("GREATEST(lease_token + 1, CAST(extract(epoch FROM {now}) * 1000000 AS bigint))")
    } else {
        format!("max(lease_token + 1, {now})")
    }
}

/// When a lease of this length, given now, ends, by the store's own clock.
fn lease_end(conn: &Conn, length: LeaseLength) -> String {
    let now = now_sql(conn);
    if conn.is_postgres() {
        format!("{now} + interval '{} microseconds'", length.as_micros())
    } else {
        format!("{now} + {}", length.as_micros())
    }
}
