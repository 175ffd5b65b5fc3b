//! `GET /api/audit/export`: who changed what, as CSV or as a JSON object a line, from the newest to the oldest.

use axum::{
    body::Body,
    extract::{Query, State, rejection::QueryRejection},
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use frontoffice_domain::{
    audit::{self, Entry, Filter},
    clock::Instant,
    fault::Fault,
    id::AuditEntryId,
    identity::SignedIn,
    page::{Page, Slice, Take},
    pricing::rules::hex,
    tenancy::{self, Platform, Scope},
};
use futures_util::stream;
use serde::{Deserialize, Serialize};

use super::chat::business_unknown;
use crate::{
    Api,
    caller::{self, Incoming},
    prices::csv::MEDIA_TYPE,
    problem::Problem,
};

/// So many lines are read at once.
const AT_ONCE: u16 = 500;

/// What is wanted.
#[derive(Deserialize)]
pub(crate) struct Asked {
    format: Option<String>,
    business_id: Option<String>,
    from: Option<String>,
    to: Option<String>,
}

#[derive(Clone, Copy)]
enum Format {
    Csv,
    JsonLines,
}

/// A line, as it is exported.
#[derive(Serialize)]
struct Line {
    id: String,
    at: String,
    tenant: Option<String>,
    actor: &'static str,
    actor_id: Option<String>,
    actor_name: Option<String>,
    address_hash: Option<String>,
    action: &'static str,
    subject: Option<String>,
    fields: String,
    revision: Option<i64>,
    reason: Option<String>,
    request_id: Option<String>,
}

impl From<Entry> for Line {
    fn from(entry: Entry) -> Self {
        Self {
            id: entry.id.to_string(),
            at: entry.at.to_string(),
            tenant: entry.tenant.map(|tenant| tenant.to_string()),
            actor: entry.actor.kind.as_str(),
            actor_id: entry.actor.id.map(|id| id.to_string()),
            actor_name: entry.actor_name,
            address_hash: entry.address.map(|hash| hex(&hash)),
            action: entry.action.as_str(),
            subject: entry.subject.map(|id| id.to_string()),
            fields: entry.fields.join(" "),
            revision: entry.revision,
            reason: entry.reason,
            request_id: entry.request.map(|request| request.to_string()),
        }
    }
}

/// Handles the route.
pub(crate) async fn export(
    State(api): State<Api>,
    asked: Result<Query<Asked>, QueryRejection>,
    incoming: Incoming,
) -> Result<Response, Problem> {
    let who = caller::signed_in(&incoming, &api, false).await?;
    let Query(asked) = asked.map_err(Problem::query)?;
    let format = match asked.format.as_deref() {
        None | Some("csv") => Format::Csv,
        Some("jsonl") => Format::JsonLines,
        Some(_) => return Err(Problem::field("format", "must be `csv` or `jsonl`")),
    };
    let instant = |path, text: Option<String>| {
        text.map(|text| {
            text.parse::<Instant>().map_err(|_| Problem::field(path, "must be an instant such as 2026-11-22T12:00:00Z"))
        })
        .transpose()
    };
    let filter = Filter { from: instant("from", asked.from)?, to: instant("to", asked.to)?, ..Filter::default() };
    let log = Log::open(&api, &who, asked.business_id, filter).await?;
    // What may not be read is told before anything is sent.
    let first = log.page(None).await?;
    Ok(answer(log, first, format))
}

/// Whose log.
#[derive(Clone)]
enum Whose {
    Tenant(Scope),
    Everybody(Platform),
}

/// A log to be read page by page.
#[derive(Clone)]
struct Log {
    api: Api,
    whose: Whose,
    filter: Filter,
}

impl Log {
    /// Who works for the platform reads everything, unless they name a tenant.
    async fn open(api: &Api, who: &SignedIn, business: Option<String>, filter: Filter) -> Result<Self, Problem> {
        let whose = match Platform::of(who) {
            Some(platform) if business.is_none() => Whose::Everybody(platform),
            _ => {
                let entered = tenancy::enter_named(&api.db, who, business, api.clock.now()).await?;
                Whose::Tenant(entered.map(|(_, scope)| scope).ok_or_else(business_unknown)?)
            }
        };
        Ok(Self { api: api.clone(), whose, filter })
    }

    async fn page(&self, after: Option<AuditEntryId>) -> Result<Slice<Entry>, Fault> {
        let (filter, page) = (self.filter.clone(), Page { take: Take::First(AT_ONCE), after, before: None });
        match self.whose.clone() {
            Whose::Tenant(scope) => {
                let reader = scope.clone();
                let read = async move |mut conn| audit::of_tenant(&mut conn, &reader, filter, page).await;
                self.api.db.read(&scope, read).await
            }
            Whose::Everybody(platform) => {
                let reader = platform.clone();
                let read = async move |mut conn| audit::everywhere(&mut conn, &reader, filter, page).await;
                self.api.db.platform_read(&platform, read).await
            }
        }
    }
}

fn answer(log: Log, first: Slice<Entry>, format: Format) -> Response {
    // A page in hand, and whether anything was sent yet; nothing once the last was sent.
    let pages = stream::try_unfold(Some((log, first, true)), move |state| async move {
        let Some((log, page, is_first)) = state else { return Ok(None) };
        let last = page.items.iter().map(|entry| entry.id).next_back();
        let next = match last.filter(|_| page.has_next) {
            Some(last) => {
                let next = log.page(Some(last)).await.map_err(std::io::Error::other)?;
                Some((log, next, false))
            }
            None => None,
        };
        let lines = page.items.into_iter().map(Line::from);
        let bytes = match format {
            Format::Csv => csv_of(lines, is_first)?,
            Format::JsonLines => json_of(lines)?,
        };
        Ok::<_, std::io::Error>(Some((bytes, next)))
    });
    let (media, name) = match format {
        Format::Csv => (MEDIA_TYPE, "attachment; filename=\"audit.csv\""),
        Format::JsonLines => ("application/jsonl; charset=utf-8", "attachment; filename=\"audit.jsonl\""),
    };
    let headers =
        [(header::CONTENT_TYPE, HeaderValue::from_static(media)), (header::CONTENT_DISPOSITION, HeaderValue::from_static(name))];
    (headers, Body::from_stream(pages)).into_response()
}

fn json_of(lines: impl Iterator<Item = Line>) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    for line in lines {
        serde_json::to_writer(&mut bytes, &line)?;
        bytes.push(b'\n');
    }
    Ok(bytes)
}

/// RFC 4180. A name or a reason that a spreadsheet would take for a formula is kept from being one.
fn csv_of(lines: impl Iterator<Item = Line>, with_header: bool) -> std::io::Result<Vec<u8>> {
    let mut writer = csv::WriterBuilder::new().has_headers(with_header).terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    let mut any = false;
    for mut line in lines {
        line.actor_name = line.actor_name.map(harmless);
        line.reason = line.reason.map(harmless);
        writer.serialize(line).map_err(std::io::Error::other)?;
        any = true;
    }
    if with_header && !any {
        writer.write_record(COLUMNS).map_err(std::io::Error::other)?;
    }
    writer.into_inner().map_err(|error| std::io::Error::other(error.to_string()))
}

/// The columns, for a log without a line.
const COLUMNS: [&str; 13] = [
    "id",
    "at",
    "tenant",
    "actor",
    "actor_id",
    "actor_name",
    "address_hash",
    "action",
    "subject",
    "fields",
    "revision",
    "reason",
    "request_id",
];

fn harmless(text: String) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(reason: &str) -> Line {
        Line {
            id: "1".into(),
            at: "2".into(),
            tenant: None,
            actor: "staff",
            actor_id: None,
            actor_name: Some("Ann, \"the\" owner".into()),
            address_hash: None,
            action: "tenant.entered",
            subject: None,
            fields: String::new(),
            revision: None,
            reason: Some(reason.into()),
            request_id: None,
        }
    }

    #[test]
    fn a_line_of_csv_is_a_line_and_no_formula() {
        let text = String::from_utf8(csv_of([line("=HYPERLINK(\"http://x\")")].into_iter(), true).unwrap()).unwrap();
        let (head, row) = text.split_once("\r\n").unwrap();
        assert_eq!(head, COLUMNS.join(","));
        assert_eq!(row, "1,2,,staff,,\"Ann, \"\"the\"\" owner\",,tenant.entered,,,,\"'=HYPERLINK(\"\"http://x\"\")\",\r\n");
        assert_eq!(String::from_utf8(csv_of([].into_iter(), true).unwrap()).unwrap(), format!("{}\r\n", COLUMNS.join(",")));
    }
}
