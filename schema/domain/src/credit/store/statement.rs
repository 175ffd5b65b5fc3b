//! What periods cost: written when they are over, and never changed; the running one is added up anew for whoever asks.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::{beyond, catch_up::bring_up, segments::Segments, standing::recorded};
use crate::{
    clock::Instant,
    credit::billing::Statement,
    db::Conn,
    fault::Fault,
    identity::Permission,
    money::{Credits, Currency, Money},
    page::{Page, Slice},
    pricing::{Bill, BillFault, Line, LineKind, rules::bill},
    run,
    tables::{statement_lines, statements},
    tenancy::Scope,
};

/// Adds up what a period costs; `None` if nothing was ever subscribed.
pub(super) async fn add_up(
    conn: &mut Conn,
    scope: &Scope,
    segments: &Segments,
    (from, to): (Instant, Instant),
) -> Result<Option<Bill>, Fault> {
    // What an answer that was held for takes after a subscription's end is billed when there is something to bill again.
    let since = billed_until(conn, scope, from).await?.unwrap_or(from);
    let mut extras = beyond::extras(conn, scope.tenant(), (since, to)).await?;
    for extra in &mut extras {
        extra.at = extra.at.max(from);
    }
    let priced = segments.priced(conn).await?;
    if let Ok(plain) = bill(&priced, &[], from, to) {
        let currency = plain.total.currency;
        let before = extras.len();
        // What is taken late of a period in another currency fits on no bill, and must not keep this one from being written.
        extras.retain(|extra| extra.kind != LineKind::Overage || extra.amount.currency == currency);
        if extras.len() < before {
            tracing::warn!(tenant = %scope.tenant(), "overage of a period in another currency was taken late and is not billed");
        }
    }
    match bill(&priced, &extras, from, to) {
        Ok(bill) => Ok(Some(bill)),
        Err(BillFault::Nothing) => Ok(None),
        Err(BillFault::MixedCurrencies | BillFault::Amount | BillFault::NoPeriod) => Err(Fault::Amount { what: "a bill" }),
    }
}

/// Until when everything is billed, of what was before an instant.
async fn billed_until(conn: &mut Conn, scope: &Scope, before: Instant) -> Result<Option<Instant>, Fault> {
    Ok(run!(conn, |c| {
        statements::table
            .filter(statements::tenant_id.eq(scope.tenant()).and(statements::period_to.le(before)))
            .order(statements::period_from.desc())
            .select(statements::period_to)
            .first(c)
    })
    .optional()?)
}

/// Writes down what a period cost, once.
pub(super) async fn write(
    tx: &mut Conn,
    scope: &Scope,
    segments: &Segments,
    period: (Instant, Instant),
    now: Instant,
) -> Result<(), Fault> {
    let Some(bill) = add_up(tx, scope, segments, period).await? else { return Ok(()) };
    let (tenant, (from, to)) = (scope.tenant(), period);
    run!(tx, |c| {
        diesel::insert_into(statements::table)
            .values((
                statements::tenant_id.eq(tenant),
                statements::period_from.eq(from),
                statements::period_to.eq(to),
                statements::currency.eq(bill.total.currency.code()),
                statements::total.eq(bill.total.minor),
                statements::created_at.eq(now),
            ))
            .execute(c)
    })?;
    for (number, line) in (1_i32..).zip(&bill.lines) {
        run!(tx, |c| {
            diesel::insert_into(statement_lines::table)
                .values((
                    statement_lines::tenant_id.eq(tenant),
                    statement_lines::period_from.eq(from),
                    statement_lines::number.eq(number),
                    statement_lines::kind.eq(line.kind),
                    statement_lines::plan.eq(&line.plan),
                    statement_lines::pricebook_version.eq(line.version),
                    statement_lines::line_from.eq(line.from),
                    statement_lines::line_to.eq(line.to),
                    statement_lines::amount.eq(line.amount.minor),
                    statement_lines::quantity.eq(line.quantity.map(Credits::micro)),
                ))
                .execute(c)
        })?;
    }
    Ok(())
}

/// A page of what a tenant's periods cost that are over by `now`, the newest first. What is due by now happens first, so this needs a
/// connection that may write.
///
/// # Errors
/// If the caller may not read bills, or the store fails.
pub async fn statements(conn: &mut Conn, scope: &Scope, page: Page<Instant>, now: Instant) -> Result<Slice<Statement>, Fault> {
    scope.require(Permission::BillingRead)?;
    bring_up(conn, scope, now).await?;
    list(conn, scope, page).await
}

/// What the period cost that began at an instant, if that is one of the tenant's and over by `now`. As [`statements()`], this may write.
///
/// # Errors
/// If the caller may not read bills, or the store fails.
pub async fn statement(conn: &mut Conn, scope: &Scope, from: Instant, now: Instant) -> Result<Option<Statement>, Fault> {
    scope.require(Permission::BillingRead)?;
    bring_up(conn, scope, now).await?;
    let just = |micros: i64| Instant::from_micros(from.as_micros().saturating_add(micros));
    let page = Page { after: Some(just(1)), before: Some(just(-1)), ..Page::first(1) };
    Ok(list(conn, scope, page).await?.items.pop())
}

/// What the running period costs so far; `None` if nothing is subscribed. As [`statements()`], this may write.
///
/// # Errors
/// If the caller may not read bills, or the store fails.
pub async fn running(conn: &mut Conn, scope: &Scope, now: Instant) -> Result<Option<Statement>, Fault> {
    scope.require(Permission::BillingRead)?;
    bring_up(conn, scope, now).await?;
    let tenant = scope.tenant();
    let Some(recorded) = recorded(conn, tenant, now).await? else { return Ok(None) };
    let segments = Segments::of(conn, tenant).await?;
    if segments.are_over() {
        return Ok(None);
    }
    let (from, to) = recorded.on.period;
    let bill = add_up(conn, scope, &segments, (from, to)).await?;
    Ok(bill.map(|bill| Statement { from, to, total: bill.total, lines: bill.lines, is_final: false }))
}

async fn list(conn: &mut Conn, scope: &Scope, page: Page<Instant>) -> Result<Slice<Statement>, Fault> {
    let tenant = scope.tenant();
    let rows: Vec<(Instant, Instant, String, i64)> = run!(conn, |c| {
        let mut query = statements::table
            .filter(statements::tenant_id.eq(tenant))
            .select((statements::period_from, statements::period_to, statements::currency, statements::total))
            .into_boxed();
        if let Some(after) = page.after {
            query = query.filter(statements::period_from.lt(after));
        }
        if let Some(before) = page.before {
            query = query.filter(statements::period_from.gt(before));
        }
        if page.backwards() {
            query = query.order(statements::period_from.asc());
        } else {
            query = query.order(statements::period_from.desc());
        }
        query.limit(page.limit()).load(c)
    })?;
    let slice = page.slice(rows);
    let of: Vec<Instant> = slice.items.iter().map(|(from, ..)| *from).collect();
    type Row = (Instant, LineKind, Option<String>, Option<i32>, Instant, Instant, i64, Option<i64>);
    let mut lines: Vec<Row> = if of.is_empty() {
        Vec::new()
    } else {
        run!(conn, |c| {
            statement_lines::table
                .filter(statement_lines::tenant_id.eq(tenant).and(statement_lines::period_from.eq_any(&of)))
                .order((statement_lines::period_from, statement_lines::number))
                .select((
                    statement_lines::period_from,
                    statement_lines::kind,
                    statement_lines::plan,
                    statement_lines::pricebook_version,
                    statement_lines::line_from,
                    statement_lines::line_to,
                    statement_lines::amount,
                    statement_lines::quantity,
                ))
                .load(c)
        })?
    };
    let Slice { items, has_previous, has_next } = slice;
    let mut made = Vec::with_capacity(items.len());
    for (from, to, code, total) in items {
        let currency = Currency::try_from(code).map_err(|_| Fault::Amount { what: "a statement's currency" })?;
        let of_this = lines.extract_if(.., |line| line.0 == from);
        let line = |(_, kind, plan, version, from, to, amount, quantity): Row| Line {
            kind,
            plan,
            version,
            from,
            to,
            amount: Money { minor: amount, currency },
            quantity: quantity.map(Credits::from_micro),
        };
        let lines = of_this.map(line).collect();
        made.push(Statement { from, to, total: Money { minor: total, currency }, lines, is_final: true });
    }
    Ok(Slice { items: made, has_previous, has_next })
}
