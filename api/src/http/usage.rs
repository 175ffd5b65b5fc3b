//! `GET /api/customers/usage/{business_id}`: what a business' credits were used for, as a table to work with.

use axum::{
    extract::{
        Path, Query, State,
        rejection::{PathRejection, QueryRejection},
    },
    response::Response,
};
use frontoffice_domain::{
    clock::Instant,
    credit::{self, UsageBy},
    db::Conn,
    tenancy,
};
use serde::Deserialize;

use super::chat::business_unknown;
use crate::{
    Api,
    caller::{self, Incoming},
    pages::document::attached,
    prices::csv::{self, Cell, Table},
    problem::Problem,
};

/// What of it, and of which time.
#[derive(Deserialize)]
pub(crate) struct Asked {
    by: Option<String>,
    from: Option<String>,
    to: Option<String>,
}

/// How long before now it begins, if nothing is said.
const LATELY: std::time::Duration = std::time::Duration::from_secs(30 * 86_400);

/// Handles the route.
pub(crate) async fn show(
    State(api): State<Api>,
    business: Result<Path<String>, PathRejection>,
    asked: Result<Query<Asked>, QueryRejection>,
    incoming: Incoming,
) -> Result<Response, Problem> {
    let who = caller::signed_in(&incoming, &api, false).await?;
    let Query(asked) = asked.map_err(Problem::query)?;
    let Path(business) = business.map_err(|_| business_unknown())?;
    let by: UsageBy = asked
        .by
        .as_deref()
        .unwrap_or("day")
        .parse()
        .map_err(|_| Problem::field("by", "must be `day`, `persona`, `model`, `channel` or `visitor`"))?;
    let now = api.clock.now();
    let instant = |name: &'static str, text: Option<&str>, otherwise: Instant| match text {
        None => Ok(otherwise),
        Some(text) => {
            text.parse::<Instant>().map_err(|_| Problem::field(name, "must be an RFC 3339 instant, such as 2026-12-01T00:00:00Z"))
        }
    };
    let to = instant("to", asked.to.as_deref(), now)?;
    let from = instant("from", asked.from.as_deref(), to.before(LATELY))?;
    if from >= to || to.since(from) > credit::LONGEST_USAGE {
        return Err(Problem::field("from", "must be earlier than `to`, by 400 days at most"));
    }
    let entered = tenancy::enter_named(&api.db, &who, Some(business), now).await?;
    let (tenant, scope) = entered.ok_or_else(business_unknown)?;
    let reader = scope.clone();
    let usage = api.db.read(&scope, async move |mut conn: Conn| credit::usage(&mut conn, &reader, by, (from, to)).await).await?;
    let written = table(by, &usage).map_err(|_| Problem::new("internal", "The usage cannot be written down."))?;
    Ok(attached(csv::MEDIA_TYPE, &format!("usage-{}-by-{by}.csv", tenant.slug), written))
}

fn table(by: UsageBy, usage: &[credit::Usage]) -> std::io::Result<Vec<u8>> {
    let mut table = Table::new(&[by.as_str(), "name", "charges", "credits", "refunded", "prompt_tokens", "completion_tokens"])?;
    for its in usage {
        table.row([
            Cell::Text(its.key.clone().unwrap_or_default()),
            Cell::Text(its.label.clone().unwrap_or_default()),
            Cell::Own(its.charges.to_string()),
            Cell::Own(its.credits.decimal()),
            Cell::Own(its.refunded.decimal()),
            Cell::Own(its.prompt_tokens.to_string()),
            Cell::Own(its.completion_tokens.to_string()),
        ])?;
    }
    table.bytes()
}
