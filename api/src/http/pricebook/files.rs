//! `GET /api/pricebook/{draft|n}/export` and `POST /api/pricebook/draft/import`: prices as files, for who works on them in a spreadsheet.

use axum::{
    Json,
    body::Body,
    extract::{
        Path, Query, Request, State,
        rejection::{PathRejection, QueryRejection},
    },
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Response},
};
use frontoffice_domain::{
    db::Conn,
    identity::Permission,
    pricing::{
        DraftRefusal,
        rules::hex,
        sheet::{self, CellFlaw, Format, Marks},
    },
};
use serde::Deserialize;
use tokio::sync::Semaphore;

use super::{authority, draft_none, unknown, wanted};
use crate::{
    Api,
    caller::{self, Incoming},
    limits,
    prices::{self, Imported, Named, Of, csv},
    problem::{FieldError, Problem},
    revalidate::revalidated,
};

/// What the file is, or is to be.
#[derive(Deserialize)]
pub(crate) struct Asked {
    format: Option<String>,
    /// Whose way of writing numbers.
    locale: Option<String>,
    /// At which revision the draft was seen.
    expected_revision: Option<String>,
}

/// So many files are written or taken apart at once; each may take as much memory as the largest unpacked workbook.
static AT_ONCE: Semaphore = Semaphore::const_new(2);

impl Asked {
    /// The format and the marks, as far as either is said, or everything that is wrong with what was asked for.
    fn read(&self) -> Result<(Option<Format>, Option<Marks>), Problem> {
        let mut errors = Vec::new();
        let mut wrong = |path: &'static str, message: String| errors.push(FieldError { path: path.into(), message });
        let format = self.format.as_deref().map(|word| word.to_ascii_lowercase().parse::<Format>());
        if matches!(format, Some(Err(_))) {
            wrong("format", "must be `xlsx`, `csv`, `toml` or `json`".into());
        }
        let marks = self.locale.as_deref().map(Marks::of_locale);
        if marks == Some(None) {
            wrong("locale", format!("must be one of {LOCALES}"));
        }
        match format.transpose() {
            Ok(format) if errors.is_empty() => Ok((format, marks.flatten())),
            _ => Err(Problem::fields(errors)),
        }
    }
}

/// What is said where a language is not known.
const LOCALES: &str =
    "`en`, `de`, `es`, `fr`, `it`, `ja`, `nl`, `pl`, `pt`, with a country where that writes numbers otherwise, such as `de-CH`";

/// `GET /api/pricebook/{draft|n}/export`.
pub(crate) async fn export(
    State(api): State<Api>,
    which: Result<Path<String>, PathRejection>,
    asked: Result<Query<Asked>, QueryRejection>,
    incoming: Incoming,
) -> Result<Response, Problem> {
    let who = caller::signed_in(&incoming, &api, false).await?;
    let platform = authority(&who, Permission::PricebookRead)?;
    let Query(asked) = asked.map_err(Problem::query)?;
    let (format, marks) = asked.read()?;
    let (format, marks) = (format.unwrap_or(Format::Xlsx), marks.unwrap_or(Marks::Point));
    let (of, reader, now) = (wanted(which)?, platform.clone(), api.clock.now());
    let read = async move |mut conn: Conn| prices::named(&mut conn, &reader, of, now).await;
    let found = api.db.platform_read(&platform, read).await?;
    let Named { name, pricebook, hash } = found.ok_or_else(|| if of == Of::Draft { draft_none() } else { unknown() })?;
    // Nobody closes this.
    let turn = AT_ONCE.acquire().await;
    let written = tokio::task::spawn_blocking(move || sheet::write(&pricebook, format, marks)).await;
    drop(turn);
    let bytes = written.map_err(|_| ours())?.map_err(|fault| {
        // A draft may say what not every format can hold.
        Problem::field("format", format!("cannot be `{format}` for what this says ({fault}); `json` may do"))
    })?;
    let tag = format!("{}-{format}-{}", hex(&hash), marks.as_str());
    let disposition = format!("attachment; filename=\"{name}.{}\"", format.extension());
    Ok(revalidated(&incoming.headers, &tag, || {
        let mut response = ([(header::CONTENT_TYPE, HeaderValue::from_static(media_type(format)))], bytes).into_response();
        if let Ok(value) = HeaderValue::from_str(&disposition) {
            response.headers_mut().insert(header::CONTENT_DISPOSITION, value);
        }
        response.headers_mut().insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        response
    }))
}

fn media_type(format: Format) -> &'static str {
    match format {
        Format::Csv => csv::MEDIA_TYPE,
        Format::Xlsx | Format::Toml | Format::Json => format.media_type(),
    }
}

/// `POST /api/pricebook/draft/import`.
pub(crate) async fn import(
    State(api): State<Api>,
    asked: Result<Query<Asked>, QueryRejection>,
    incoming: Incoming,
    request: Request<Body>,
) -> Result<Json<Imported>, Problem> {
    let who = caller::signed_in(&incoming, &api, true).await?;
    let platform = authority(&who, Permission::PricebookDraft)?;
    let Query(asked) = asked.map_err(Problem::query)?;
    let (format, marks) = asked.read()?;
    let expected = asked.expected_revision.as_deref().and_then(|text| text.parse::<i64>().ok());
    let expected = expected.ok_or_else(|| {
        Problem::field(
            "expected_revision",
            "must be the revision of the draft that you have seen: with it nobody overwrites what others wrote",
        )
    })?;
    let format = match format {
        Some(format) => format,
        None => format_of(request.headers())?,
    };
    let bytes = limits::sheet(request.into_body()).await?;
    // Nobody closes this.
    let turn = AT_ONCE.acquire().await;
    let read = tokio::task::spawn_blocking(move || sheet::read(&bytes, format, marks)).await;
    drop(turn);
    let pricebook = read.map_err(|_| ours())?.map_err(flawed)?;
    let (writer, now) = (platform.clone(), api.clock.now());
    let write = async move |mut conn: Conn| prices::import(&mut conn, &writer, pricebook, expected, now).await;
    match api.db.platform(&platform, write).await? {
        Ok(imported) => Ok(Json(imported)),
        Err(refusal) => Err(refused(refusal)),
    }
}

fn ours() -> Problem {
    Problem::new("internal", "The file could not be handled for a reason that lies with us.")
}

/// What the body is, by its content type.
fn format_of(headers: &HeaderMap) -> Result<Format, Problem> {
    let unsupported = || {
        let known = Format::ALL.iter().map(|format| format!("`{}`", format.media_type())).collect::<Vec<_>>().join(", ");
        Problem::new(
            "content_type_unsupported",
            format!("The content type must be one of {known}, and text UTF-8; or `format` must say what the file is."),
        )
    };
    let value = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).ok_or_else(unsupported)?;
    let format = Format::of_media_type(value).ok_or_else(unsupported)?;
    let charset =
        value.split(';').map(str::trim).find_map(|part| part.to_ascii_lowercase().strip_prefix("charset=").map(str::to_owned));
    match charset.as_deref() {
        None | Some("utf-8" | "\"utf-8\"" | "utf8") => Ok(format),
        Some(_) => Err(unsupported()),
    }
}

/// What of a file cannot be read, each at its place.
fn flawed(flaws: Vec<CellFlaw>) -> Problem {
    let error = |flaw: CellFlaw| {
        let CellFlaw { path, found, allowed, fix } = flaw;
        FieldError { path: path.into(), message: format!("found {found}; allowed: {allowed}; {fix}") }
    };
    Problem::fields(flaws.into_iter().map(error).collect())
}

/// Why a draft was not changed.
fn refused(refusal: DraftRefusal) -> Problem {
    match refusal {
        DraftRefusal::NoDraft => draft_none(),
        DraftRefusal::Stale(draft) => {
            let revision = draft.revision;
            let detail = format!("Somebody changed the draft meanwhile: it is at revision {revision} now. Nothing was changed.");
            Problem::new("revision_conflict", detail).revision(revision)
        }
        DraftRefusal::Frozen(draft) => {
            let detail = "The draft was submitted and is frozen. Reopen it first, which voids an approval. Nothing was changed.";
            Problem::new("pricebook_frozen", detail).revision(draft.revision)
        }
        // None of these comes of changing a draft.
        DraftRefusal::Exists(_)
        | DraftRefusal::NoSuchVersion
        | DraftRefusal::NotSubmitted(_)
        | DraftRefusal::NotApproved(_)
        | DraftRefusal::Flawed(_)
        | DraftRefusal::Unchanged
        | DraftRefusal::OwnWork
        | DraftRefusal::OtherContent(_)
        | DraftRefusal::OtherPolicy(_)
        | DraftRefusal::TooEarly(_)
        | DraftRefusal::Unacknowledged(_) => {
            tracing::error!(?refusal, "a change of a draft was refused for no reason of its own");
            ours()
        }
    }
}
