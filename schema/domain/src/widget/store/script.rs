//! The scripts that tags on websites name by their hash: kept when they are first served, so that they are there for as long as somebody
//! names them, whatever the program has become since, and whichever process is asked.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::{
    clock::Instant,
    db::{Conn, Db, run},
    fault::Fault,
    tables::widget_scripts,
    tenancy::Platform,
};

/// Keeps a script under its version: the first 16 hexadecimal digits of its SHA-256. One that is there already stays as it is.
///
/// # Errors
/// If a rule about scripts (`widget_scripts_version_length`, …) would be broken, or the store fails.
pub async fn keep_script(db: &Db, version: &'static str, script: &'static str, now: Instant) -> Result<(), Fault> {
    if kept_script(db, version.to_owned()).await?.is_some() {
        return Ok(());
    }
    let keep = async move |conn: Conn| {
        let values = (widget_scripts::version.eq(version), widget_scripts::script.eq(script), widget_scripts::created_at.eq(now));
        run!(conn, |c| diesel::insert_into(widget_scripts::table).values(values).on_conflict_do_nothing().execute(c))?;
        Ok(())
    };
    db.platform(&Platform::of_this_process(), keep).await
}

/// The script that is kept under a version.
///
/// # Errors
/// If the store fails.
pub async fn kept_script(db: &Db, version: String) -> Result<Option<String>, Fault> {
    let read = async move |conn: Conn| {
        let one = widget_scripts::table.find(version).select(widget_scripts::script);
        Ok(run!(conn, |c| one.first(c)).optional()?)
    };
    db.platform_read(&Platform::of_this_process(), read).await
}
