//! What a tenant lets answers take at most besides what it has: those to one visitor or of one widget key on a day, those of a persona in a month.
//!
//! What is at work when a cap is reached is still answered and charged, so a cap may be passed by what is held at that moment.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use diesel_async::RunQueryDsl;

use crate::{
    audit::{Action, Change},
    clock::Instant,
    credit::{
        caps::{Cap, CapKind, Capped, NewCap},
        rules::{day_of, month_of},
    },
    db::{Conn, Prepare, sql},
    fault::Fault,
    id::{CapSubjectId, PersonaId, WidgetKeyId},
    identity::Permission,
    money::Credits,
    run,
    tables::{credit_caps, credit_spending, personas, widget_keys},
    tenancy::Scope,
};

/// Says what answers may take at most, or that there is no such cap any more.
///
/// # Errors
/// If the caller may not manage the tenant, or the store fails.
pub async fn cap(conn: &mut Conn, scope: &Scope, new: &NewCap, now: Instant) -> Result<Capped, Fault> {
    scope.require(Permission::TenantManage)?;
    let (tenant, kind) = (scope.tenant(), new.kind());
    conn.transaction("credit.cap", async |tx| {
        let Some(subject) = subject(tx, scope, new).await? else { return Ok(Capped::Unknown) };
        let its = credit_caps::table
            .filter(credit_caps::tenant_id.eq(tenant).and(credit_caps::kind.eq(kind)).and(credit_caps::subject_id.eq(subject)));
        match new.credits() {
            None => {
                run!(tx, |c| diesel::delete(its).execute(c))?;
            }
            Some(credits) => {
                run!(tx, |c| {
                    diesel::insert_into(credit_caps::table)
                        .values((
                            credit_caps::tenant_id.eq(tenant),
                            credit_caps::kind.eq(kind),
                            credit_caps::subject_id.eq(subject),
                            credit_caps::credits.eq(credits.micro()),
                            credit_caps::created_at.eq(now),
                        ))
                        .on_conflict((credit_caps::tenant_id, credit_caps::kind, credit_caps::subject_id))
                        .do_update()
                        .set(credit_caps::credits.eq(credits.micro()))
                        .execute(c)
                })?;
            }
        }
        scope.record(tx, Change::of(Action::CreditCapSet, subject.uuid(), &["cap"]), now).await?;
        Ok(Capped::Done(capped(tx, scope, now).await?))
    })
    .await
}

/// What a cap is of, if the tenant has it.
async fn subject(tx: &mut Conn, scope: &Scope, new: &NewCap) -> Result<Option<CapSubjectId>, Fault> {
    let tenant = scope.tenant();
    let found: Option<uuid::Uuid> = match new {
        NewCap::VisitorDay(_) => Some(tenant.uuid()),
        NewCap::WidgetKeyDay(key, _) => {
            let its = widget_keys::table.filter(widget_keys::tenant_id.eq(tenant).and(widget_keys::id.eq(*key)));
            let found: Option<WidgetKeyId> = run!(tx, |c| its.select(widget_keys::id).first(c)).optional()?;
            found.map(|id| id.uuid())
        }
        NewCap::PersonaMonth(persona, _) => {
            let its = personas::table.filter(personas::tenant_id.eq(tenant).and(personas::id.eq(*persona)));
            let found: Option<PersonaId> = run!(tx, |c| its.select(personas::id).first(c)).optional()?;
            found.map(|id| id.uuid())
        }
    };
    Ok(found.map(CapSubjectId::from))
}

/// A tenant's caps, and what was taken of each; of those of visitors that is each one's own.
///
/// # Errors
/// If the caller may not read usage, or the store fails.
pub async fn caps(conn: &mut Conn, scope: &Scope, now: Instant) -> Result<Vec<Cap>, Fault> {
    scope.require(Permission::UsageRead)?;
    capped(conn, scope, now).await
}

/// A cap as it is read: what was taken, and since when that was counted.
type Row = (CapKind, CapSubjectId, i64, Option<i64>, Option<Instant>);

/// The same, as part of another act.
pub(crate) async fn capped(conn: &mut Conn, scope: &Scope, now: Instant) -> Result<Vec<Cap>, Fault> {
    let tenant = scope.tenant();
    let rows: Vec<Row> = run!(conn, |c| {
        credit_caps::table
            .left_join(
                credit_spending::table.on(credit_spending::tenant_id
                    .eq(credit_caps::tenant_id)
                    .and(credit_spending::kind.eq(credit_caps::kind))
                    .and(credit_spending::subject_id.eq(credit_caps::subject_id))),
            )
            .filter(credit_caps::tenant_id.eq(tenant))
            .order((credit_caps::kind, credit_caps::subject_id))
            .select((
                credit_caps::kind,
                credit_caps::subject_id,
                credit_caps::credits,
                credit_spending::spent.nullable(),
                credit_spending::began.nullable(),
            ))
            .prepared()
            .load(c)
    })?;
    let cap = |(kind, subject, credits, spent, began): Row| {
        let is_now = began == Some(window(kind, now));
        let used = spent.filter(|_| is_now).map_or(Credits::ZERO, Credits::from_micro);
        Cap { kind, subject, credits: Credits::from_micro(credits), used }
    };
    Ok(rows.into_iter().map(cap).collect())
}

/// When the day or the month of a cap began.
fn window(kind: CapKind, now: Instant) -> Instant {
    match kind {
        CapKind::VisitorDay | CapKind::WidgetKeyDay => day_of(now),
        CapKind::PersonaMonth => month_of(now),
    }
}

/// Counts what an answer took, as part of metering it.
pub(super) async fn count(
    tx: &mut Conn,
    scope: &Scope,
    (kind, subject): (CapKind, CapSubjectId),
    amount: Credits,
    now: Instant,
) -> Result<(), Fault> {
    let text = "INSERT INTO credit_spending (tenant_id, kind, subject_id, began, spent) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (tenant_id, kind, subject_id) DO UPDATE SET \
         spent = CASE WHEN credit_spending.began >= excluded.began THEN credit_spending.spent ELSE 0 END + excluded.spent, \
         began = CASE WHEN credit_spending.began >= excluded.began THEN credit_spending.began ELSE excluded.began END";
    run!(tx, |c| {
        diesel::sql_query(text)
            .bind::<sql::Id, _>(scope.tenant())
            .bind::<Text, _>(kind.as_str())
            .bind::<sql::Id, _>(subject)
            .bind::<sql::Instant, _>(window(kind, now))
            .bind::<BigInt, _>(amount.micro())
            .prepared()
            .execute(c)
    })?;
    Ok(())
}
