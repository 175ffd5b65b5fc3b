//! What callers are told of how often they may call: the fields `RateLimit` and `RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers),
//! and 429 with `Retry-After` for whoever calls too often.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::{
    http::{HeaderName, HeaderValue, header},
    response::Response,
};
use frontoffice_domain::{
    clock::Instant,
    identity::{self, Principal},
    money::Credits,
    rate::{Kind, Taken},
};

use crate::{Api, caller::Incoming, problem::Problem};

const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// How the quotas of a request's caller stand, for the headers of its answer.
#[derive(Clone, Debug, Default)]
pub(crate) struct Standings(Arc<Mutex<Option<Taken>>>);

impl Standings {
    /// The headers, if anything was counted.
    pub(crate) fn headers(&self) -> Vec<(HeaderName, HeaderValue)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).as_ref().map(headers).unwrap_or_default()
    }
}

/// Counts a request of somebody who is signed in. Who works for the platform is not counted.
pub(crate) async fn count(incoming: &Incoming, api: &Api, principal: &Principal) -> Result<(), Problem> {
    let asked = match principal {
        Principal::Staff(_) => return Ok(()),
        Principal::Member(member) => (Kind::Member, identity::hash(&[&member.user().to_string(), &member.tenant().to_string()])),
        Principal::Key(key) => (Kind::ApiKey, identity::hash(&[&key.key().to_string()])),
    };
    let taken = api.rates.take(&[asked]).await;
    if let Some(problem) = refused(&taken) {
        return Err(problem);
    }
    *incoming.standings.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(taken);
    Ok(())
}

/// The problem, if a quota is used up.
pub(crate) fn refused(taken: &Taken) -> Option<Problem> {
    let (kind, wait) = taken.refused?;
    let quota = taken.standings.iter().find(|standing| standing.kind == kind).map(|standing| standing.quota)?;
    let wait = seconds(wait).max(1);
    let detail = format!(
        "Too many {}: at most {} in {} seconds for each {}. Please wait {wait} seconds.",
        if matches!(kind, Kind::Visitor | Kind::Address | Kind::WidgetKey) { "messages" } else { "requests" },
        quota.most,
        quota.window.as_secs(),
        match kind {
            Kind::ApiKey => "API key",
            Kind::WidgetKey => "widget key",
            Kind::Visitor | Kind::Address | Kind::Member => kind.as_str(),
        },
    );
    let problem = Problem::new("rate_limited", detail).header(header::RETRY_AFTER, HeaderValue::from(wait));
    Some(headers(taken).into_iter().fold(problem, |problem, (name, value)| problem.header(name, value)))
}

/// The problem of a visitor whose answers took as much in a day as they may.
pub(crate) fn spent(daily: Credits, until: Instant, now: Instant) -> Problem {
    let detail = format!(
        "Answers here may take {} credits a day (UTC), and these are used up. Please come back tomorrow.",
        daily.decimal()
    );
    Problem::new("visitor_credits_spent", detail).header(header::RETRY_AFTER, HeaderValue::from(seconds(until.since(now)).max(1)))
}

/// The response, with how the quotas stand.
pub(crate) fn told(mut response: Response, taken: &Taken) -> Response {
    response.headers_mut().extend(headers(taken));
    response
}

fn headers(taken: &Taken) -> Vec<(HeaderName, HeaderValue)> {
    let list = |item: &dyn Fn(&frontoffice_domain::rate::Standing) -> String| {
        HeaderValue::from_str(&taken.standings.iter().map(item).collect::<Vec<_>>().join(", ")).ok()
    };
    let policy = list(&|standing| {
        format!("\"{}\";q={};w={}", standing.kind.as_str(), standing.quota.most, standing.quota.window.as_secs())
    });
    let limit = list(&|standing| format!("\"{}\";r={};t={}", standing.kind.as_str(), standing.left, seconds(standing.full_in)));
    policy.map(|value| (RATE_LIMIT_POLICY, value)).into_iter().chain(limit.map(|value| (RATE_LIMIT, value))).collect()
}

/// Whole seconds, rather one too many.
fn seconds(span: Duration) -> u64 {
    span.as_secs().saturating_add(u64::from(span.subsec_nanos() > 0))
}
