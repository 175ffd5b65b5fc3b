//! What a tenant's credits were used for, and how long they will last.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text};
use diesel_async::RunQueryDsl;

use super::read::summary;
use crate::{
    clock::Instant,
    credit::{
        rules::{
            DAY, day_of,
            projection::{DAYS, Projection, project},
        },
        spending::{Usage, UsageBy},
    },
    db::{Conn, Prepare, sql},
    fault::Fault,
    id::TenantId,
    identity::Permission,
    money::Credits,
    run,
    tables::subscriptions,
    tenancy::Scope,
};

/// The longest stretch of time that is asked for at once.
pub const LONGEST: std::time::Duration = std::time::Duration::from_secs(400 * 86_400);
/// At most so many groups are told of.
const MOST: i64 = 401;

#[derive(QueryableByName)]
#[diesel(check_for_backend(diesel::pg::Pg, diesel::sqlite::Sqlite))]
struct Row {
    #[diesel(sql_type = Nullable<Text>)]
    key: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    label: Option<String>,
    #[diesel(sql_type = BigInt)]
    charges: i64,
    #[diesel(sql_type = BigInt)]
    credits: i64,
    #[diesel(sql_type = BigInt)]
    refunded: i64,
    #[diesel(sql_type = BigInt)]
    prompt_tokens: i64,
    #[diesel(sql_type = BigInt)]
    completion_tokens: i64,
}

/// What a tenant was charged in `[from, to)`, grouped: by days (UTC) in their order, by anything else those that took most first, 400 groups at
/// most. Visitors are named by their row alone.
///
/// # Errors
/// If the caller may not read usage, or the store fails.
pub async fn usage(conn: &mut Conn, scope: &Scope, by: UsageBy, (from, to): (Instant, Instant)) -> Result<Vec<Usage>, Fault> {
    scope.require(Permission::UsageRead)?;
    let postgres = conn.is_postgres();
    let (key, label) = match by {
        UsageBy::Day if postgres => ("to_char(c.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD')", "NULL"),
        UsageBy::Day => ("date(c.created_at / 1000000, 'unixepoch')", "NULL"),
        UsageBy::Persona if postgres => ("CAST(p.id AS text)", "max(w.name)"),
        UsageBy::Persona => ("lower(hex(p.id))", "max(w.name)"),
        UsageBy::Model => ("m.model", "NULL"),
        UsageBy::Channel => ("v.channel", "NULL"),
        UsageBy::Visitor if postgres => ("CAST(v.visitor_id AS text)", "NULL"),
        UsageBy::Visitor => ("lower(hex(v.visitor_id))", "NULL"),
    };
    let order = if by == UsageBy::Day { "1" } else { "4 DESC, 1" };
    // A persona is called what its newest version calls it.
    let text = format!(
        "SELECT {key} AS key, CAST({label} AS text) AS label, count(*) AS charges, \
            CAST(SUM(c.captured + c.overage) AS bigint) AS credits, CAST(COALESCE(SUM(r.amount), 0) AS bigint) AS refunded, \
            CAST(COALESCE(SUM(c.prompt_tokens), 0) AS bigint) AS prompt_tokens, \
            CAST(COALESCE(SUM(c.completion_tokens), 0) AS bigint) AS completion_tokens \
         FROM credit_charges c JOIN turns t ON t.tenant_id = c.tenant_id AND t.id = c.turn_id \
         JOIN conversations v ON v.tenant_id = t.tenant_id AND v.id = t.conversation_id \
         LEFT JOIN messages m ON m.tenant_id = t.tenant_id AND m.id = t.answer_id \
         LEFT JOIN persona_versions u ON u.tenant_id = m.tenant_id AND u.id = m.persona_version_id \
         LEFT JOIN personas p ON p.tenant_id = u.tenant_id AND p.id = u.persona_id \
         LEFT JOIN persona_versions w ON w.tenant_id = p.tenant_id AND w.persona_id = p.id AND w.number = \
            (SELECT max(x.number) FROM persona_versions x WHERE x.persona_id = p.id) \
         LEFT JOIN credit_refunds r ON r.tenant_id = c.tenant_id AND r.turn_id = c.turn_id \
         WHERE c.tenant_id = $1 AND c.created_at >= $2 AND c.created_at < $3 GROUP BY 1 ORDER BY {order} LIMIT {MOST}"
    );
    let rows: Vec<Row> = run!(conn, |c| {
        diesel::sql_query(&text)
            .bind::<sql::Id, _>(scope.tenant())
            .bind::<sql::Instant, _>(from)
            .bind::<sql::Instant, _>(to)
            .prepared()
            .load(c)
    })?;
    rows.into_iter().map(|row| of_row(by, row)).collect()
}

fn of_row(by: UsageBy, row: Row) -> Result<Usage, Fault> {
    let is_id = matches!(by, UsageBy::Persona | UsageBy::Visitor);
    let as_written = |key: String| {
        if is_id { uuid::Uuid::try_parse(&key).map_or(key, |id| id.to_string()) } else { key }
    };
    let net = row.credits.checked_sub(row.refunded).ok_or(Fault::Amount { what: "what was used" })?;
    Ok(Usage {
        key: row.key.map(as_written),
        label: row.label,
        charges: row.charges,
        credits: Credits::from_micro(net),
        refunded: Credits::from_micro(row.refunded),
        prompt_tokens: row.prompt_tokens,
        completion_tokens: row.completion_tokens,
    })
}

/// When a tenant's credits run out at the pace of the last fortnight's whole days; `None` if it has no subscription, or there is not one whole
/// day to judge by. What is due by now happens first, so this needs a connection that may write.
///
/// # Errors
/// If the caller may not read usage, or the store fails.
pub async fn projection(conn: &mut Conn, scope: &Scope, now: Instant) -> Result<Option<Projection>, Fault> {
    scope.require(Permission::UsageRead)?;
    let Some(summary) = summary(conn, scope, now).await? else { return Ok(None) };
    let today = day_of(now);
    let began = day_of(began(conn, scope.tenant()).await?);
    let mut used = Vec::new();
    for back in (1..=u32::try_from(DAYS).unwrap_or(0)).rev() {
        let day = today.before(DAY.saturating_mul(back));
        // The day somebody began on is no whole day.
        if day > began {
            used.push((day, Credits::ZERO));
        }
    }
    let Some((first, _)) = used.as_slice().first() else { return Ok(None) };
    for of_day in usage(conn, scope, UsageBy::Day, (*first, today)).await? {
        let day = of_day.key.and_then(|day| format!("{day}T00:00:00Z").parse::<Instant>().ok());
        if let Some((_, sum)) = used.iter_mut().find(|(known, _)| Some(*known) == day) {
            *sum = of_day.credits;
        }
    }
    let used: Vec<Credits> = used.into_iter().map(|(_, credits)| credits).collect();
    Ok(project(&used, summary.available, summary.period_to, now))
}

/// When a tenant began.
async fn began(conn: &mut Conn, tenant: TenantId) -> Result<Instant, Fault> {
    Ok(run!(conn, |c| subscriptions::table.find(tenant).select(subscriptions::started_at).first(c))?)
}
