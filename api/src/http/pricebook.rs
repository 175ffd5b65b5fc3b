//! The pricebook: for anyone what is in force, what was, and the publication log; for those who work on it, files and notes.

pub(crate) mod files;
pub(crate) mod impact;

use std::str::FromStr;

use axum::{
    extract::{
        Path, Query, State,
        rejection::{PathRejection, QueryRejection},
    },
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Response},
};
use frontoffice_domain::{
    clock::Instant,
    db::Conn,
    fault::Fault,
    identity::{self, Permission, SignedIn},
    money::{Credits, Money},
    pricing::{self, Action, Overage, Plan, Rate, RefundReason, RefundRule, Rollover, Sight, TopUp, Trial, Version, rules::hex},
    tenancy::Platform,
};
use serde::{Deserialize, Serialize};

use crate::{Api, prices::Of, problem::Problem, revalidate::revalidated};

/// A version as everybody may see it.
#[derive(Serialize)]
struct PublicVersion {
    version: i32,
    status: &'static str,
    content_hash: String,
    effective_from: String,
    effective_to: Option<String>,
    plans: Vec<PublicPlan>,
    rates: Vec<PublicRate>,
    trial: PublicTrial,
    overage: Vec<PublicOverage>,
    rollover: Vec<PublicRollover>,
    top_ups: Vec<PublicTopUp>,
    refunds: Vec<PublicRefund>,
}

/// What a plan sells beyond its credits: for each block of credits begun its price, up to a limit in each period.
#[derive(Serialize)]
struct PublicOverage {
    plan: String,
    price: PublicMoney,
    credits: String,
    limit: String,
}

#[derive(Serialize)]
struct PublicRollover {
    plan: String,
    maximum: String,
    minimum: String,
}

/// `days` of `null` is without end.
#[derive(Serialize)]
struct PublicTopUp {
    key: String,
    name: String,
    price: PublicMoney,
    credits: String,
    days: Option<u32>,
}

/// `days` of `null` is at once.
#[derive(Serialize)]
struct PublicRefund {
    reason: RefundReason,
    percent: u32,
    days: Option<u32>,
}

impl From<Overage> for PublicOverage {
    fn from(Overage { plan, price, credits, limit }: Overage) -> Self {
        Self { plan, price: price.into(), credits: credits.decimal(), limit: limit.decimal() }
    }
}

impl From<Rollover> for PublicRollover {
    fn from(Rollover { plan, maximum, minimum }: Rollover) -> Self {
        Self { plan, maximum: maximum.decimal(), minimum: minimum.decimal() }
    }
}

impl From<TopUp> for PublicTopUp {
    fn from(TopUp { key, name, price, credits, days }: TopUp) -> Self {
        Self { key, name, price: price.into(), credits: credits.decimal(), days }
    }
}

impl From<RefundRule> for PublicRefund {
    fn from(RefundRule { reason, percent, days }: RefundRule) -> Self {
        Self { reason, percent, days }
    }
}

#[derive(Serialize)]
struct PublicMoney {
    amount: String,
    currency: String,
    minor: i64,
}

/// `null` is unlimited.
#[derive(Serialize)]
struct PublicPlan {
    key: String,
    name: String,
    list_price: PublicMoney,
    credits: String,
    seats: Option<u32>,
    standard_integrations: Option<u32>,
    support: String,
    personas: Option<u32>,
    knowledge_items: Option<u32>,
    retention_days: Option<u32>,
}

#[derive(Serialize)]
struct PublicRate {
    action: Action,
    #[serde(skip_serializing_if = "Option::is_none")]
    model: Option<String>,
    credits: String,
    per_tokens: Option<u32>,
    minimum: String,
}

#[derive(Serialize)]
struct PublicTrial {
    plan: String,
    days: u32,
    credits: String,
}

impl From<Money> for PublicMoney {
    fn from(money: Money) -> Self {
        Self { amount: money.decimal(), currency: money.currency.code(), minor: money.minor }
    }
}

impl From<Plan> for PublicPlan {
    fn from(plan: Plan) -> Self {
        Self {
            key: plan.key,
            name: plan.name,
            list_price: plan.list_price.into(),
            credits: plan.credits.decimal(),
            seats: plan.seats,
            standard_integrations: plan.standard_integrations,
            support: plan.support,
            personas: plan.personas,
            knowledge_items: plan.knowledge_items,
            retention_days: plan.retention_days,
        }
    }
}

impl From<Version> for PublicVersion {
    fn from(version: Version) -> Self {
        let rate = |rate: Rate| PublicRate {
            action: rate.action,
            model: rate.model,
            credits: rate.credits.decimal(),
            per_tokens: rate.per_tokens,
            minimum: rate.minimum.decimal(),
        };
        let trial = |Trial { plan, days, credits }: Trial| PublicTrial { plan, days, credits: Credits::decimal(credits) };
        Self {
            version: version.number,
            status: version.status.as_str(),
            content_hash: hex(&version.content_hash),
            effective_from: version.effective_from.to_string(),
            effective_to: version.effective_to.map(|at| at.to_string()),
            plans: version.pricebook.plans.into_iter().map(Into::into).collect(),
            rates: version.pricebook.rates.into_iter().map(rate).collect(),
            trial: trial(version.pricebook.trial),
            overage: version.pricebook.overage.into_iter().map(Into::into).collect(),
            rollover: version.pricebook.rollover.into_iter().map(Into::into).collect(),
            top_ups: version.pricebook.top_ups.into_iter().map(Into::into).collect(),
            refunds: version.pricebook.refunds.into_iter().map(Into::into).collect(),
        }
    }
}

/// Which instant is meant.
#[derive(Deserialize)]
pub(crate) struct When {
    at: Option<String>,
}

/// `GET /api/pricebook`: what is in force now, or was at `?at=`. Its `status` is the one it had then; `effective_to` is what is public now.
pub(crate) async fn current(
    State(api): State<Api>,
    when: Result<Query<When>, QueryRejection>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let Query(when) =
        when.map_err(|_| Problem::new("query_invalid", "The query string cannot be read, or `at` stands twice."))?;
    let now = api.clock.now();
    let at = match when.at.as_deref() {
        None => now,
        Some(text) => match Instant::from_str(text) {
            Ok(at) if at <= now => at,
            Ok(_) => return Err(Problem::field("at", "must not be in the future: what is not in force yet is not public")),
            Err(_) => return Err(Problem::field("at", "must be an RFC 3339 instant such as 2026-11-22T12:00:00Z")),
        },
    };
    let platform = Platform::of_this_process();
    let read = async move |mut conn: Conn| pricing::resolve_at(&mut conn, at, now).await;
    let found = api.db.platform_read(&platform, read).await?;
    let version = found.ok_or_else(|| Problem::new("pricebook_none", "No pricebook was in force at that instant."))?;
    cached(&headers, &PublicVersion::from(version))
}

/// `GET /api/pricebook/versions/{number}`: a version that is or was in force.
pub(crate) async fn version(
    State(api): State<Api>,
    number: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let unknown = || Problem::new("pricebook_none", "There is no such version that has taken effect.");
    let (number, now) = (number.map_err(|_| unknown())?.parse().map_err(|_| unknown())?, api.clock.now());
    let platform = Platform::of_this_process();
    let found = api
        .db
        .platform_read(&platform, async move |mut conn: Conn| pricing::version(&mut conn, &Sight::Public, number, now).await)
        .await?;
    cached(&headers, &PublicVersion::from(found.ok_or_else(unknown)?))
}

/// A line of the log; `hash` is SHA-256 over the hash of the line before, line number, kind, version, content hash and instant, each
/// followed by a line feed.
#[derive(Serialize)]
struct PublicLine {
    line: i32,
    kind: &'static str,
    version: i32,
    content_hash: String,
    effective_from: String,
    previous_hash: String,
    hash: String,
}

#[derive(Serialize)]
struct PublicLog {
    log: Vec<PublicLine>,
}

/// `GET /.well-known/pricebook.json`: the publication log.
pub(crate) async fn log(State(api): State<Api>, headers: HeaderMap) -> Result<Response, Problem> {
    let lines = api.db.platform_read(&Platform::of_this_process(), async |mut conn: Conn| pricing::log(&mut conn).await).await?;
    let log = lines
        .into_iter()
        .map(|line| PublicLine {
            line: line.line,
            kind: line.kind.as_str(),
            version: line.number,
            content_hash: hex(&line.content_hash),
            effective_from: line.effective_from.to_string(),
            previous_hash: hex(&line.previous_hash),
            hash: hex(&line.hash),
        })
        .collect();
    cached(&headers, &PublicLog { log })
}

/// Who works for the platform, and has the permission.
fn authority(who: &SignedIn, permission: Permission) -> Result<Platform, Problem> {
    let platform = Platform::of(who).ok_or(Fault::Denied(permission))?;
    platform.require(permission)?;
    Ok(platform)
}

/// Whose prices a path names: `draft`, or a version's number.
fn wanted(which: Result<Path<String>, PathRejection>) -> Result<Of, Problem> {
    let Path(which) = which.map_err(|_| unknown())?;
    if which == "draft" { Ok(Of::Draft) } else { which.parse().map(Of::Version).map_err(|_| unknown()) }
}

fn unknown() -> Problem {
    Problem::new("pricebook_none", "There is no such version of the pricebook; `draft` stands for the draft.")
}

fn draft_none() -> Problem {
    Problem::new("pricebook_draft_none", "Nobody is working on prices: there is no draft. Begin one first.")
}

/// The body, or 304 for who has it already.
fn cached(headers: &HeaderMap, body: &impl Serialize) -> Result<Response, Problem> {
    let Ok(body) = serde_json::to_string(body) else {
        return Err(Problem::new("internal", "The pricebook cannot be written down."));
    };
    let tag = hex(&identity::hash(&[&body]));
    Ok(revalidated(headers, &tag, || {
        ([(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], body).into_response()
    }))
}
