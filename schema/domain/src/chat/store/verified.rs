//! Visitors whose own website says who they are.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::{
    chat::model::Channel,
    clock::Instant,
    db::Conn,
    fault::Fault,
    id::{TenantId, VisitorId},
    identity::VisitorKey,
    run,
    tables::visitors,
    widget::Vouched,
};

/// Notes what a visitor's website calls them, as part of finding out that it may be believed; before they have written anything, too, so
/// that who answers them knows.
pub(crate) async fn know(
    conn: &mut Conn,
    tenant: TenantId,
    key: VisitorKey,
    vouched: &Vouched,
    now: Instant,
) -> Result<(), Fault> {
    let said =
        (visitors::verified_at.eq(now), visitors::name.eq(vouched.name.as_deref()), visitors::email.eq(vouched.email.as_deref()));
    run!(conn, |c| {
        diesel::insert_into(visitors::table)
            .values((
                visitors::id.eq(VisitorId::new()),
                visitors::tenant_id.eq(tenant),
                visitors::channel.eq(Channel::Widget),
                visitors::key.eq(key.as_bytes().as_slice()),
                visitors::created_at.eq(now),
                visitors::seen_at.eq(now),
                visitors::silent.eq(true),
                said,
            ))
            .on_conflict((visitors::tenant_id, visitors::channel, visitors::key))
            .do_update()
            .set(said)
            .execute(c)
    })?;
    Ok(())
}
