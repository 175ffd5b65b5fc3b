//! Counting what somebody tries, under keyed hashes of what they try with.

use std::time::Duration;

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::{
    clock::Instant,
    db::Conn,
    fault::Fault,
    identity::{
        key::InstanceKey,
        throttle::{Allowance, Tally},
    },
    run,
    tables::login_attempts,
};

/// What was counted is forgotten after this: by then nothing of it holds anybody up.
const FORGOTTEN: Duration = Duration::from_secs(2 * 86_400);

/// Something that is counted by.
pub(in crate::identity) struct Counter {
    key: [u8; 32],
    allowance: &'static Allowance,
    /// Whether a success ends the counting. Under one that others share it only takes its own try back.
    own: bool,
}

impl Counter {
    /// One that a success ends.
    pub(in crate::identity) fn own(key: &InstanceKey, kind: &str, text: &str, allowance: &'static Allowance) -> Self {
        Self { key: key.counter(kind, text), allowance, own: true }
    }

    /// One that others count by too.
    pub(in crate::identity) fn shared(key: &InstanceKey, kind: &str, text: &str, allowance: &'static Allowance) -> Self {
        Self { key: key.counter(kind, text), allowance, own: false }
    }
}

/// Counts one under each, in their order; or under none, and says how long the next has to wait. Everybody who counts by the same key
/// waits here for each other, on every process.
pub(in crate::identity) async fn count(tx: &mut Conn, counters: &[Counter], now: Instant) -> Result<Option<Duration>, Fault> {
    let mut tallies = Vec::new();
    for counter in counters {
        let tally = take(tx, &counter.key, now).await?;
        if let Some(wait) = tally.wait(now) {
            return Ok(Some(wait));
        }
        tallies.push(tally);
    }
    for (counter, tally) in counters.iter().zip(tallies) {
        put(tx, &counter.key, tally.counted(counter.allowance, now)).await?;
    }
    Ok(None)
}

/// It was no guess after all.
pub(in crate::identity) async fn succeeded(tx: &mut Conn, counters: &[Counter], now: Instant) -> Result<(), Fault> {
    for counter in counters {
        let tally = take(tx, &counter.key, now).await?;
        let after = if counter.own { Tally::none(now) } else { tally.refunded(counter.allowance, now) };
        put(tx, &counter.key, after).await?;
    }
    Ok(())
}

/// It was not looked at, so it was no guess either: of each only this one is taken back.
pub(in crate::identity) async fn refund(tx: &mut Conn, counters: &[Counter], now: Instant) -> Result<(), Fault> {
    for counter in counters {
        let tally = take(tx, &counter.key, now).await?;
        put(tx, &counter.key, tally.refunded(counter.allowance, now)).await?;
    }
    Ok(())
}

/// Forgets what nobody has tried for long.
pub(in crate::identity) async fn forget(conn: &mut Conn, now: Instant) -> Result<(), Fault> {
    let long_ago = now.before(FORGOTTEN);
    run!(conn, |c| diesel::delete(login_attempts::table.filter(login_attempts::tried_at.lt(long_ago))).execute(c))?;
    Ok(())
}

/// The tally under a key. Its row is written to even if nothing changes, which keeps others from it until this transaction ends.
async fn take(tx: &mut Conn, key: &[u8; 32], now: Instant) -> Result<Tally, Fault> {
    let none = Tally::none(now);
    let (count, counted_at, open_at) = run!(tx, |c| {
        diesel::insert_into(login_attempts::table)
            .values((
                login_attempts::key.eq(key.as_slice()),
                login_attempts::count.eq(none.count),
                login_attempts::counted_at.eq(none.counted_at),
                login_attempts::open_at.eq(none.open_at),
                login_attempts::tried_at.eq(now),
            ))
            .on_conflict(login_attempts::key)
            .do_update()
            .set(login_attempts::tried_at.eq(now))
            .returning((login_attempts::count, login_attempts::counted_at, login_attempts::open_at))
            .get_result(c)
    })?;
    Ok(Tally { count, counted_at, open_at })
}

async fn put(tx: &mut Conn, key: &[u8; 32], tally: Tally) -> Result<(), Fault> {
    run!(tx, |c| {
        diesel::update(login_attempts::table.find(key.as_slice()))
            .set((
                login_attempts::count.eq(tally.count),
                login_attempts::counted_at.eq(tally.counted_at),
                login_attempts::open_at.eq(tally.open_at),
            ))
            .execute(c)
    })?;
    Ok(())
}
