//! What is written down about processes.

use diesel::{prelude::*, upsert::excluded};
use diesel_async::RunQueryDsl;

use super::{Name, Process, rules};
use crate::{
    clock::Instant,
    db::{Conn, run},
    fault::Fault,
    identity::Permission,
    tables::processes,
    tenancy::Platform,
};

/// A process says how it is; those long gone are forgotten.
///
/// # Errors
/// If the store fails.
pub async fn beat(conn: &mut Conn, _platform: &Platform, process: &Process) -> Result<(), Fault> {
    run!(conn, |c| diesel::insert_into(processes::table)
        .values(process)
        .on_conflict(processes::name)
        .do_update()
        .set((processes::seen_at.eq(excluded(processes::seen_at)), processes::last_look_at.eq(excluded(processes::last_look_at))))
        .execute(c))?;
    let forgotten = process.seen_at.before(rules::REMEMBERED);
    run!(conn, |c| diesel::delete(processes::table.filter(processes::seen_at.lt(forgotten))).execute(c))?;
    Ok(())
}

/// A process says that it ends.
///
/// # Errors
/// If the store fails.
pub async fn leave(conn: &mut Conn, _platform: &Platform, name: &Name) -> Result<(), Fault> {
    run!(conn, |c| diesel::delete(processes::table.filter(processes::name.eq(name.as_str()))).execute(c))?;
    Ok(())
}

/// All processes that are remembered, by name.
///
/// # Errors
/// If the permission is missing, or the store fails.
pub async fn list(conn: &mut Conn, platform: &Platform) -> Result<Vec<Process>, Fault> {
    platform.require(Permission::JobManage)?;
    all(conn).await
}

/// Those that run now, by name: for this program's own care.
///
/// # Errors
/// If the store fails.
pub async fn running(conn: &mut Conn, _platform: &Platform, now: Instant) -> Result<Vec<Process>, Fault> {
    Ok(all(conn).await?.into_iter().filter(|process| rules::runs(process.seen_at, now)).collect())
}

/// When any process last looked at the queue; `None` if none has.
///
/// # Errors
/// If the store fails.
pub async fn last_look(conn: &mut Conn, _platform: &Platform) -> Result<Option<Instant>, Fault> {
    let last = run!(conn, |c| processes::table
        .filter(processes::last_look_at.is_not_null())
        .order(processes::last_look_at.desc())
        .select(processes::last_look_at)
        .first::<Option<Instant>>(c))
    .optional()?;
    Ok(last.flatten())
}

async fn all(conn: &mut Conn) -> Result<Vec<Process>, Fault> {
    Ok(run!(conn, |c| processes::table.select(Process::as_select()).order(processes::name).load(c))?)
}
