//! Erasing what a closed tenant's widget had of its own.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::{
    db::Conn,
    fault::Fault,
    run,
    tables::{widget_checks, widget_identities, widget_looks, widget_refused_origins},
    tenancy::Scope,
};

/// Takes away the tenant's words and pictures, the secrets of its websites, which pages were looked at and who showed its keys, as part of
/// the act that erases what was a closed tenant's own. Its keys stay: nobody is let in by them any more, and the audit log names them.
/// Whether there was anything to take away.
pub(crate) async fn erase(tx: &mut Conn, scope: &Scope) -> Result<bool, Fault> {
    let tenant = scope.tenant();
    let looks = run!(tx, |c| diesel::delete(widget_looks::table.find(tenant)).execute(c))?;
    let identities = run!(tx, |c| diesel::delete(widget_identities::table.find(tenant)).execute(c))?;
    let checks = widget_checks::table.filter(widget_checks::tenant_id.eq(tenant));
    let checks = run!(tx, |c| diesel::delete(checks).execute(c))?;
    let refused = widget_refused_origins::table.filter(widget_refused_origins::tenant_id.eq(tenant));
    let refused = run!(tx, |c| diesel::delete(refused).execute(c))?;
    Ok([looks, identities, checks, refused].into_iter().any(|count| count > 0))
}
