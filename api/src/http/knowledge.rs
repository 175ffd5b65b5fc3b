//! `POST /api/knowledge/import`: a Markdown or HTML file, or a zip of such files, becomes entries that wait for approval. All of them, or
//! none.

use std::borrow::Cow;

use axum::{
    Json,
    body::Body,
    extract::{Query, Request, State, rejection::QueryRejection},
    http::{HeaderMap, header},
};
use frontoffice_domain::{
    knowledge::{
        self, Imported,
        document::{self, Document, DocumentFault, Documents, Format, Skipped, Upload},
    },
    locale::Locale,
    tenancy,
};
use serde::{Deserialize, Serialize};
use tokio::sync::Semaphore;

use super::chat::business_unknown;
use crate::{
    Api,
    caller::{self, Incoming},
    limits,
    problem::{FieldError, Problem},
};

/// Where it is to go, and what it is.
#[derive(Deserialize)]
pub(crate) struct Asked {
    business_id: Option<String>,
    /// What the file is called.
    name: Option<String>,
    /// The language of all that is in it.
    locale: Option<String>,
}

/// What became of a file.
#[derive(Serialize)]
pub(crate) struct Answer {
    imported: Vec<Made>,
    unchanged: Vec<Known>,
    skipped: Vec<LeftOut>,
}

/// An entry that was made. `id` is its id in GraphQL.
#[derive(Serialize)]
struct Made {
    file: String,
    id: String,
    title: String,
    locale: &'static str,
}

/// An entry that is there already, word for word.
#[derive(Serialize)]
struct Known {
    file: String,
    title: String,
}

/// A file that is no knowledge.
#[derive(Serialize)]
struct LeftOut {
    file: String,
    reason: &'static str,
}

/// So many files are taken apart at once; each may take as much memory as the largest archive.
static READING: Semaphore = Semaphore::const_new(2);

/// Handles the route.
pub(crate) async fn import(
    State(api): State<Api>,
    asked: Result<Query<Asked>, QueryRejection>,
    incoming: Incoming,
    request: Request<Body>,
) -> Result<Json<Answer>, Problem> {
    let who = caller::signed_in(&incoming, &api, true).await?;
    let Query(asked) = asked.map_err(Problem::query)?;
    let locale = asked.locale.as_deref().map(language).transpose()?;
    let name = asked.name.unwrap_or_default();
    if name.chars().count() > 255 || name.chars().any(char::is_control) {
        return Err(Problem::field("name", "may have 255 printable characters"));
    }
    let format = format(request.headers())?;
    let now = api.clock.now();
    let (tenant, scope) = tenancy::enter_named(&api.db, &who, asked.business_id, now).await?.ok_or_else(business_unknown)?;
    // Before megabytes are read for nothing.
    scope.require(frontoffice_domain::identity::Permission::KnowledgeManage)?;
    let bytes = limits::file(request.into_body()).await?;
    let fallback = tenant.default_locale;
    // Nobody closes this.
    let turn = READING.acquire().await;
    let reading = move || document::read(&Upload { format, name: &name, bytes: &bytes, locale, fallback });
    let read = tokio::task::spawn_blocking(reading).await;
    drop(turn);
    let found = read.map_err(|_| Problem::new("internal", "The file could not be read for a reason that lies with us."))?;
    let Documents { documents, skipped } = found.map_err(|faults| faulty(&faults))?;
    let (files, entries): (Vec<String>, Vec<_>) = documents.into_iter().map(|Document { file, entry }| (file, entry)).unzip();
    let (titles, writer) = (entries.iter().map(|entry| entry.title.clone()).collect::<Vec<_>>(), scope.clone());
    let write = async move |mut conn| knowledge::import(&mut conn, &writer, &entries, now).await;
    let made = match api.db.write(&scope, write).await? {
        Imported::Done(made) => made,
        Imported::Full { entitled, more } => {
            let detail = format!("{} These would be {more} more.", entitled.sentence());
            return Err(Problem::new("limit_reached", detail));
        }
    };
    let skipped = skipped.into_iter().map(|Skipped { file, reason }| LeftOut { file, reason }).collect();
    let mut answer = Answer { imported: Vec::new(), unchanged: Vec::new(), skipped };
    for ((file, title), made) in files.into_iter().zip(titles).zip(made) {
        match made {
            None => answer.unchanged.push(Known { file, title }),
            Some(entry) => {
                let id = frontoffice_graphql::knowledge_entry_id(tenant.public_id.uuid(), entry.id.uuid());
                answer.imported.push(Made { file, id, title, locale: entry.locale.as_str() });
            }
        }
    }
    Ok(Json(answer))
}

fn language(tag: &str) -> Result<Locale, Problem> {
    tag.parse().map_err(|_| {
        let known = Locale::ALL.iter().map(|locale| locale.as_str()).collect::<Vec<_>>().join(", ");
        Problem::field("locale", format!("must be one of {known}"))
    })
}

/// What the body is, by its content type.
fn format(headers: &HeaderMap) -> Result<Format, Problem> {
    let unsupported = || {
        let known = "`text/markdown`, `text/plain`, `text/html` or `application/zip`";
        Problem::new("content_type_unsupported", format!("The content type must be {known}, and text UTF-8."))
    };
    let value = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).ok_or_else(unsupported)?;
    let mut parts = value.split(';').map(str::trim);
    let format = parts.next().and_then(Format::of_media_type).ok_or_else(unsupported)?;
    let charset = parts.find_map(|part| part.to_ascii_lowercase().strip_prefix("charset=").map(str::to_owned));
    match charset.as_deref() {
        None | Some("utf-8" | "\"utf-8\"" | "utf8") => Ok(format),
        Some(_) => Err(unsupported()),
    }
}

/// What is wrong with each file.
fn faulty(faults: &[DocumentFault]) -> Problem {
    let path = |file: &str| Cow::from(if file.is_empty() { "the file".to_owned() } else { file.to_owned() });
    let error = |fault: &DocumentFault| FieldError { path: path(&fault.file), message: fault.message.clone() };
    Problem::fields(faults.iter().map(error).collect())
}
