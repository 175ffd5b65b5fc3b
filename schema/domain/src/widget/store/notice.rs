//! What is noted beside requests, and not in their transactions: that a key was used, and where it was refused. Losing one of these is
//! no loss, so nobody waits for the disk.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::{
    clock::Instant,
    db::{Conn, Db},
    fault::Fault,
    id::{TenantId, WidgetKeyId},
    run,
    tables::{widget_keys, widget_refused_origins},
    tenancy::Platform,
    widget::rules,
};

/// How many refused origins are kept of a key, the newest.
const REFUSED_KEPT: i64 = 50;

/// Notes that a key let somebody in.
///
/// # Errors
/// If the store fails.
pub async fn note_used(db: &Db, key: WidgetKeyId, at: Instant) -> Result<(), Fault> {
    let note = async move |conn: Conn| {
        let older = widget_keys::last_used_at.is_null().or(widget_keys::last_used_at.lt(at));
        run!(conn, |c| {
            diesel::update(widget_keys::table.find(key).filter(older)).set(widget_keys::last_used_at.eq(at)).execute(c)
        })?;
        Ok(())
    };
    db.repeatable().platform(&Platform::of_this_process(), note).await
}

/// Notes that a key was refused on an origin so many more times. Only what can be an origin is noted: of what else came, nothing is.
///
/// # Errors
/// If the store fails.
pub async fn note_refused(db: &Db, key: WidgetKeyId, origin: String, times: i64, at: Instant) -> Result<(), Fault> {
    if rules::letting_in(&origin).is_empty() {
        return Ok(());
    }
    let note = async move |mut conn: Conn| {
        conn.transaction("widget.note_refused", async |tx| noted(tx, key, &origin, times, at).await).await
    };
    db.repeatable().platform(&Platform::of_this_process(), note).await
}

#[expect(clippy::arithmetic_side_effects, reason = "the store counts, in SQL")]
async fn noted(tx: &mut Conn, key: WidgetKeyId, origin: &str, times: i64, at: Instant) -> Result<(), Fault> {
    // Ours until the end, so that no two of its lists are cut short at once.
    let tenant: Option<TenantId> = run!(tx, |c| {
        diesel::update(widget_keys::table.find(key))
            .set(widget_keys::name.eq(widget_keys::name))
            .returning(widget_keys::tenant_id)
            .get_result(c)
    })
    .optional()?;
    let Some(tenant) = tenant else { return Ok(()) };
    run!(tx, |c| {
        diesel::insert_into(widget_refused_origins::table)
            .values((
                widget_refused_origins::tenant_id.eq(tenant),
                widget_refused_origins::widget_key_id.eq(key),
                widget_refused_origins::origin.eq(origin),
                widget_refused_origins::times.eq(times),
                widget_refused_origins::first_at.eq(at),
                widget_refused_origins::last_at.eq(at),
            ))
            .on_conflict((widget_refused_origins::widget_key_id, widget_refused_origins::origin))
            .do_update()
            .set((
                widget_refused_origins::times.eq(widget_refused_origins::times + times),
                widget_refused_origins::last_at.eq(at),
            ))
            .execute(c)
    })?;
    let its = || widget_refused_origins::table.filter(widget_refused_origins::widget_key_id.eq(key));
    let old: Vec<String> = run!(tx, |c| {
        its()
            .order((widget_refused_origins::last_at.desc(), widget_refused_origins::origin))
            .offset(REFUSED_KEPT)
            .limit(REFUSED_KEPT)
            .select(widget_refused_origins::origin)
            .load(c)
    })?;
    if !old.is_empty() {
        run!(tx, |c| diesel::delete(its().filter(widget_refused_origins::origin.eq_any(&old))).execute(c))?;
    }
    Ok(())
}
