//! `GET /api/customers/statements/{business_id}`: what a period cost a tenant, to be printed or handed on.

use axum::{
    extract::{
        Path, Query, State,
        rejection::{PathRejection, QueryRejection},
    },
    response::Response,
};
use frontoffice_domain::{clock::Instant, credit, db::Conn, pricing, tenancy};
use serde::Deserialize;

use super::chat::business_unknown;
use crate::{
    Api,
    caller::{self, Incoming},
    pages::{
        document::{attached, shown},
        statement,
    },
    prices::csv,
    problem::Problem,
};

/// Which one, and as what.
#[derive(Deserialize)]
pub(crate) struct Asked {
    /// When its period began; without it, the running one.
    period: Option<String>,
    format: Option<String>,
}

enum Format {
    Html,
    Csv,
}

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
    let format = match asked.format.as_deref() {
        None | Some("html") => Format::Html,
        Some("csv") => Format::Csv,
        Some(_) => return Err(Problem::field("format", "must be `html` or `csv`")),
    };
    let period = asked.period.as_deref().map(str::parse::<Instant>).transpose();
    let period = period
        .map_err(|_| Problem::field("period", "must be the RFC 3339 instant the period began, such as 2026-11-22T12:00:00Z"))?;
    let now = api.clock.now();
    let entered = tenancy::enter_named(&api.db, &who, Some(business), now).await?;
    let (tenant, scope) = entered.ok_or_else(business_unknown)?;
    let reader = scope.clone();
    let read = async move |mut conn: Conn| {
        let found = match period {
            Some(from) => credit::statement(&mut conn, &reader, from, now).await?,
            None => credit::running(&mut conn, &reader, now).await?,
        };
        Ok(match found {
            Some(statement) => Some((pricing::plan_names(&mut conn, &statement.lines).await?, statement)),
            None => None,
        })
    };
    // What is due by now happens first, so this may write.
    let found = api.db.write(&scope, read).await?;
    let (names, statement) = found.ok_or_else(|| {
        Problem::new("statement_none", "There is no statement of a period that began then; without `period` it is the running one, if anything is subscribed.")
    })?;
    let name = format!("statement-{}-{}", tenant.slug, statement::day(statement.from));
    Ok(match format {
        Format::Html => shown(statement::html(&tenant.name, &statement, &names, incoming.locale()), &format!("{name}.html")),
        Format::Csv => {
            let bytes = statement::csv(&statement, &names)
                .map_err(|_| Problem::new("internal", "The statement cannot be written down."))?;
            attached(csv::MEDIA_TYPE, &format!("{name}.csv"), bytes)
        }
    })
}
