//! `GET /api/pricebook/{draft|n}/impact`: the change note, for who is to approve prices.

use axum::{
    Json,
    extract::{
        Path, Query, State,
        rejection::{PathRejection, QueryRejection},
    },
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use frontoffice_domain::{db::Conn, identity::Permission};
use serde::Deserialize;

use super::{authority, draft_none, unknown, wanted};
use crate::{
    Api,
    caller::{self, Incoming},
    pages::document::{attached, shown},
    prices::{Of, change_note, csv},
    problem::Problem,
};

/// As what.
#[derive(Deserialize)]
pub(crate) struct Asked {
    format: Option<String>,
}

enum Format {
    Html,
    Csv,
    Json,
}

/// Handles the route.
pub(crate) async fn show(
    State(api): State<Api>,
    which: Result<Path<String>, PathRejection>,
    asked: Result<Query<Asked>, QueryRejection>,
    incoming: Incoming,
) -> Result<Response, Problem> {
    let who = caller::signed_in(&incoming, &api, false).await?;
    let platform = authority(&who, Permission::PricebookRead)?;
    let Query(asked) = asked.map_err(Problem::query)?;
    let format = match asked.format.as_deref() {
        None | Some("html") => Format::Html,
        Some("csv") => Format::Csv,
        Some("json") => Format::Json,
        Some(_) => return Err(Problem::field("format", "must be `html`, `csv` or `json`")),
    };
    let of = wanted(which)?;
    let (reader, now) = (platform.clone(), api.clock.now());
    let read = async move |mut conn: Conn| change_note(&mut conn, &reader, of, now).await;
    let note = api.db.platform_read(&platform, read).await?;
    let note = note.ok_or_else(|| if of == Of::Draft { draft_none() } else { unknown() })?;
    let name = note.file_name();
    Ok(match format {
        Format::Html => shown(note.html(), &format!("{name}.html")),
        Format::Csv => {
            let bytes = note.csv().map_err(|_| Problem::new("internal", "The change note cannot be written down."))?;
            attached(csv::MEDIA_TYPE, &format!("{name}.csv"), bytes)
        }
        Format::Json => ([(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))], Json(note)).into_response(),
    })
}
