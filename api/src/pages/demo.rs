//! `/demo`: a page where a person chats and sees what is behind each answer: its sources, its charge and the jobs that did it.

use std::net::SocketAddr;

use axum::{
    Json,
    extract::{ConnectInfo, Path, State, rejection::PathRejection},
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Response},
};
use frontoffice_domain::{
    chat::{self, Behind},
    credit::Charge,
    id::TurnId,
    identity::Caller,
    job::Progress,
    locale::Locale,
    pricing::rules::hex,
    tenancy::Door,
};
use serde::Serialize;

use super::{Asset, escaped, page, websites};
use crate::{
    Api, caller,
    http::{chat::enter, widget::code::tag},
    problem::Problem,
};

const PAGE: &str = include_str!("../../assets/demo/demo.html");
const STYLE: Asset = Asset { media: "text/css; charset=utf-8", text: include_str!("../../assets/demo/demo.css") };
const SCRIPT: Asset = Asset { media: "text/javascript; charset=utf-8", text: include_str!("../../assets/demo/demo.js") };

/// Where the page is switched off, it does not exist.
pub(super) fn require_demo(api: &Api) -> Result<(), Problem> {
    if api.config.demo { Ok(()) } else { Err(Problem::new("not_found", "There is no such route.")) }
}

/// The page: it tells the visitor that this is an AI before anything is said.
pub(crate) async fn show(
    State(api): State<Api>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    require_demo(&api)?;
    let locale = caller::locale(&headers).unwrap_or(Locale::En);
    let address = caller::address(peer.ip(), &headers, &api.config.trusted_proxies);
    let visitor = caller::visitor(&headers, &api.key, address, None, None);
    let scope = enter(&api, Door::Public(None), Caller::PublicVisitor(visitor.key)).await?;
    let reader = scope.clone();
    let welcome = api.db.read(&scope, async move |mut conn| chat::welcome(&mut conn, &reader, locale).await).await?;
    let host = &api.config.public_url;
    let shop = websites::elsewhere(host).map_or_else(|| "/demo/shop".to_owned(), |other| format!("{other}/demo/shop"));
    let html = PAGE
        .replace("{tag}", &escaped(&tag(host, &websites::platform(&api).await?)))
        .replace("{shop}", &escaped(&shop))
        .replace("{lang}", locale.as_str())
        .replace("{notice}", &escaped(&welcome.notice))
        .replace("{persona}", &escaped(&welcome.persona))
        .replace("{model}", &escaped(&api.config.model));
    Ok(page(html))
}

/// The page's style.
pub(crate) async fn style(State(api): State<Api>, headers: HeaderMap) -> Result<Response, Problem> {
    require_demo(&api)?;
    Ok(STYLE.serve(&headers))
}

/// The page's script.
pub(crate) async fn script(State(api): State<Api>, headers: HeaderMap) -> Result<Response, Problem> {
    require_demo(&api)?;
    Ok(SCRIPT.serve(&headers))
}

/// What is behind an answer.
#[derive(Serialize)]
struct PublicBehind {
    turn_id: String,
    state: &'static str,
    restarts: i32,
    created_at: String,
    speaking_at: Option<String>,
    ended_at: Option<String>,
    jobs: Vec<PublicJob>,
    charge: Option<PublicCharge>,
}

#[derive(Serialize)]
struct PublicJob {
    name: String,
    state: &'static str,
    attempt: i32,
    max_attempts: i32,
    created_at: String,
    run_at: String,
    ended_at: Option<String>,
}

#[derive(Serialize)]
struct PublicCharge {
    action: &'static str,
    credits: String,
    rated: String,
    absorbed: String,
    prompt_tokens: Option<i32>,
    completion_tokens: Option<i32>,
    estimated: bool,
    pricebook_version: i32,
    content_hash: String,
}

impl From<Progress> for PublicJob {
    fn from(job: Progress) -> Self {
        Self {
            name: job.name,
            state: job.state.as_str(),
            attempt: job.attempt,
            max_attempts: job.max_attempts,
            created_at: job.created_at.to_string(),
            run_at: job.run_at.to_string(),
            ended_at: job.ended_at.map(|at| at.to_string()),
        }
    }
}

impl From<Charge> for PublicCharge {
    fn from(charge: Charge) -> Self {
        Self {
            action: charge.action.as_str(),
            credits: charge.captured.decimal(),
            rated: charge.rated.decimal(),
            absorbed: charge.absorbed.decimal(),
            prompt_tokens: charge.prompt_tokens,
            completion_tokens: charge.completion_tokens,
            estimated: charge.estimated,
            pricebook_version: charge.pricebook_version,
            content_hash: hex(&charge.content_hash),
        }
    }
}

/// What is behind one of the visitor's own turns.
pub(crate) async fn behind(
    State(api): State<Api>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    turn: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    require_demo(&api)?;
    caller::require_same_origin(&headers, &api.config)?;
    let unknown = || Problem::new("turn_unknown", "There is no such turn in a conversation of this visitor.");
    let turn: TurnId = turn.map_err(|_| unknown())?.parse().map_err(|_| unknown())?;
    let address = caller::address(peer.ip(), &headers, &api.config.trusted_proxies);
    let visitor = caller::visitor(&headers, &api.key, address, None, None);
    let scope = enter(&api, Door::Public(None), Caller::PublicVisitor(visitor.key)).await?;
    let reader = scope.clone();
    let found = api.db.read(&scope, async move |mut conn| chat::behind(&mut conn, &reader, turn).await).await?;
    let Behind { state, restarts, created_at, speaking_at, ended_at, jobs, charge } = found.ok_or_else(unknown)?;
    let body = PublicBehind {
        turn_id: turn.to_string(),
        state: state.as_str(),
        restarts,
        created_at: created_at.to_string(),
        speaking_at: speaking_at.map(|at| at.to_string()),
        ended_at: ended_at.map(|at| at.to_string()),
        jobs: jobs.into_iter().map(Into::into).collect(),
        charge: charge.map(Into::into),
    };
    Ok(([(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))], Json(body)).into_response())
}
