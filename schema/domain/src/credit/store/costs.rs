//! What providers of language models take, and what is left of what their answers bring in.

use std::collections::{BTreeMap, HashMap};

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Integer, Nullable, Text};
use diesel_async::RunQueryDsl;

use super::ledger::of_version;
use crate::{
    audit::{Action, Change},
    clock::Instant,
    credit::{
        rules::margin::{Mix, cost, worth},
        spending::{Margin, NewProviderCost, ProviderCost},
    },
    db::{Conn, Prepare, sql},
    fault::Fault,
    id::{AuditEntryId, ProviderCostId, TenantId},
    identity::Permission,
    money::{Credits, Currency, MicroMoney},
    run,
    tables::{pricebook_versions, provider_costs, tenants},
    tenancy::Platform,
};

/// Writes down what a provider takes for a model's tokens from a moment on. What was written before stays: of two for one moment the later holds.
///
/// # Errors
/// If the caller may not work on prices, or the store fails.
pub async fn set_cost(conn: &mut Conn, platform: &Platform, new: &NewProviderCost, now: Instant) -> Result<ProviderCost, Fault> {
    platform.require(Permission::PricebookDraft)?;
    conn.transaction("credit.set_cost", async |tx| {
        let (id, actor) = (ProviderCostId::new(), platform.actor());
        run!(tx, |c| {
            diesel::insert_into(provider_costs::table)
                .values((
                    provider_costs::id.eq(id),
                    provider_costs::model.eq(&new.model),
                    provider_costs::currency.eq(new.currency.code()),
                    provider_costs::prompt_micro.eq(new.prompt_micro),
                    provider_costs::completion_micro.eq(new.completion_micro),
                    provider_costs::effective_from.eq(new.effective_from),
                    provider_costs::actor.eq(actor.kind),
                    provider_costs::actor_id.eq(actor.id.map(AuditEntryId::from)),
                    provider_costs::created_at.eq(now),
                ))
                .execute(c)
        })?;
        platform.record(tx, Change::of(Action::ProviderCostSet, id.uuid(), &["cost"]), now).await?;
        Ok(ProviderCost { id, cost: new.clone(), created_at: now })
    })
    .await
}

/// A cost as it is read.
type Row = (ProviderCostId, String, String, i64, i64, Instant, Instant);

/// What providers take and took: by model, of each the newest moment first and for one moment the one that holds first.
///
/// # Errors
/// If the caller may not read what is not published, or the store fails.
pub async fn costs(conn: &mut Conn, platform: &Platform) -> Result<Vec<ProviderCost>, Fault> {
    platform.require(Permission::PricebookRead)?;
    all(conn).await
}

async fn all(conn: &mut Conn) -> Result<Vec<ProviderCost>, Fault> {
    let rows: Vec<Row> = run!(conn, |c| {
        provider_costs::table
            .order((
                provider_costs::model.asc(),
                provider_costs::effective_from.desc(),
                provider_costs::created_at.desc(),
                provider_costs::id.desc(),
            ))
            .select((
                provider_costs::id,
                provider_costs::model,
                provider_costs::currency,
                provider_costs::prompt_micro,
                provider_costs::completion_micro,
                provider_costs::effective_from,
                provider_costs::created_at,
            ))
            .load(c)
    })?;
    let cost = |(id, model, currency, prompt_micro, completion_micro, effective_from, created_at): Row| {
        let currency = Currency::try_from(currency).map_err(|_| Fault::Amount { what: "a provider's currency" })?;
        Ok(ProviderCost {
            id,
            cost: NewProviderCost { model, currency, prompt_micro, completion_micro, effective_from },
            created_at,
        })
    };
    rows.into_iter().map(cost).collect()
}

/// What the models that have a known cost take now, with the tokens they read and wrote since a moment: what prices are held against, as part of
/// another act.
pub(crate) async fn mixes(conn: &mut Conn, since: Instant, now: Instant) -> Result<Vec<(NewProviderCost, Mix)>, Fault> {
    let mut newest: BTreeMap<String, NewProviderCost> = BTreeMap::new();
    for its in all(conn).await?.into_iter().filter(|its| its.cost.effective_from <= now) {
        newest.entry(its.cost.model.clone()).or_insert(its.cost);
    }
    let text = "SELECT m.model AS model, CAST(COALESCE(SUM(c.prompt_tokens), 0) AS bigint) AS prompt_tokens, \
            CAST(COALESCE(SUM(c.completion_tokens), 0) AS bigint) AS completion_tokens \
         FROM credit_charges c JOIN turns t ON t.tenant_id = c.tenant_id AND t.id = c.turn_id \
         JOIN messages m ON m.tenant_id = t.tenant_id AND m.id = t.answer_id \
         WHERE c.created_at >= $1 GROUP BY 1";
    #[derive(QueryableByName)]
    #[diesel(check_for_backend(diesel::pg::Pg, diesel::sqlite::Sqlite))]
    struct Used {
        #[diesel(sql_type = Nullable<Text>)]
        model: Option<String>,
        #[diesel(sql_type = BigInt)]
        prompt_tokens: i64,
        #[diesel(sql_type = BigInt)]
        completion_tokens: i64,
    }
    if newest.is_empty() {
        return Ok(Vec::new());
    }
    let rows: Vec<Used> = run!(conn, |c| diesel::sql_query(text).bind::<sql::Instant, _>(since).prepared().load(c))?;
    let used: HashMap<String, Mix> = rows
        .into_iter()
        .filter_map(|row| row.model.map(|model| (model, Mix { prompt: row.prompt_tokens, completion: row.completion_tokens })))
        .collect();
    Ok(newest
        .into_values()
        .map(|cost| {
            let mix = used.get(&cost.model).copied().unwrap_or_default();
            (cost, mix)
        })
        .collect())
}

/// Charges that are alike in all that decides what they bring in and what they cost.
#[derive(QueryableByName)]
#[diesel(check_for_backend(diesel::pg::Pg, diesel::sqlite::Sqlite))]
struct Alike {
    #[diesel(sql_type = sql::Id)]
    tenant_id: TenantId,
    #[diesel(sql_type = Nullable<Text>)]
    model: Option<String>,
    #[diesel(sql_type = Integer)]
    version: i32,
    #[diesel(sql_type = Nullable<Text>)]
    plan: Option<String>,
    #[diesel(sql_type = Nullable<Bool>)]
    trial: Option<bool>,
    #[diesel(sql_type = Nullable<sql::Id>)]
    cost_id: Option<ProviderCostId>,
    #[diesel(sql_type = BigInt)]
    charges: i64,
    #[diesel(sql_type = BigInt)]
    credits: i64,
    #[diesel(sql_type = BigInt)]
    prompt_tokens: i64,
    #[diesel(sql_type = BigInt)]
    completion_tokens: i64,
}

/// What answers brought in and cost in `[from, to)`, by tenant and model, in the order of the tenants' names. What credits bring in is their
/// share of the list price of the plan they were used on, at the version they were charged by; those of a trial bring in nothing. What was given
/// back is left out.
///
/// # Errors
/// If the caller may not read what is not published, or the store fails.
pub async fn margins(conn: &mut Conn, platform: &Platform, (from, to): (Instant, Instant)) -> Result<Vec<Margin>, Fault> {
    platform.require(Permission::PricebookRead)?;
    let costs: HashMap<ProviderCostId, NewProviderCost> = all(conn).await?.into_iter().map(|its| (its.id, its.cost)).collect();
    let mut sums: BTreeMap<(TenantId, Option<String>), Margin> = BTreeMap::new();
    for row in alike(conn, from, to).await? {
        let hash: Vec<u8> =
            run!(conn, |c| { pricebook_versions::table.find(row.version).select(pricebook_versions::content_hash).first(c) })?;
        let prices = of_version(conn, row.version, &hash).await?;
        let plan = row.plan.as_deref().and_then(|key| prices.pricebook.plan(key)).filter(|_| row.trial != Some(true));
        let mix = Mix { prompt: row.prompt_tokens, completion: row.completion_tokens };
        let brought = plan.and_then(|plan| worth(plan, Credits::from_micro(row.credits)));
        let took = row.cost_id.and_then(|id| costs.get(&id)).and_then(|its| cost(its, mix));
        let sum =
            sums.entry((row.tenant_id, row.model.clone())).or_insert_with(|| Margin::none(row.tenant_id, row.model.clone()));
        sum.charges = sum.charges.saturating_add(row.charges);
        sum.credits = sum.credits.plus(Credits::from_micro(row.credits)).ok_or(Fault::Amount { what: "a margin" })?;
        sum.mix.prompt = sum.mix.prompt.saturating_add(mix.prompt);
        sum.mix.completion = sum.mix.completion.saturating_add(mix.completion);
        add(&mut sum.revenue, brought);
        let is_model_asked = mix.prompt > 0 || mix.completion > 0;
        sum.is_cost_known &= took.is_some() || !is_model_asked;
        add(&mut sum.cost, took);
    }
    let mut margins: Vec<Margin> = sums.into_values().collect();
    let ids: Vec<TenantId> = margins.iter().map(|margin| margin.tenant).collect();
    let named: Vec<(TenantId, TenantId, String)> = run!(conn, |c| {
        tenants::table.filter(tenants::id.eq_any(&ids)).select((tenants::id, tenants::public_id, tenants::name)).load(c)
    })?;
    let named: HashMap<TenantId, (TenantId, String)> = named.into_iter().map(|(id, public, name)| (id, (public, name))).collect();
    for margin in &mut margins {
        if let Some((public, name)) = named.get(&margin.tenant) {
            (margin.tenant, margin.name) = (*public, name.clone());
        }
    }
    margins.sort_by(|a, b| (&a.name, a.tenant, &a.model).cmp(&(&b.name, b.tenant, &b.model)));
    Ok(margins)
}

/// Adds an amount to the one of its currency.
fn add(sums: &mut Vec<MicroMoney>, more: Option<MicroMoney>) {
    let Some(more) = more else { return };
    match sums.iter_mut().find(|sum| sum.currency == more.currency) {
        Some(sum) => sum.micro = sum.micro.saturating_add(more.micro),
        None => sums.push(more),
    }
}

async fn alike(conn: &mut Conn, from: Instant, to: Instant) -> Result<Vec<Alike>, Fault> {
    let text = "SELECT x.tenant_id, x.model, x.version, s.plan, s.trial, x.cost_id, count(*) AS charges, CAST(SUM(x.credits) AS bigint) AS credits, \
            CAST(SUM(x.prompt_tokens) AS bigint) AS prompt_tokens, CAST(SUM(x.completion_tokens) AS bigint) AS completion_tokens \
         FROM (SELECT c.tenant_id, m.model, c.pricebook_version AS version, c.captured + c.overage - COALESCE(r.amount, 0) AS credits, \
               COALESCE(c.prompt_tokens, 0) AS prompt_tokens, COALESCE(c.completion_tokens, 0) AS completion_tokens, \
               (SELECT max(g.number) FROM subscription_segments g WHERE g.tenant_id = c.tenant_id AND g.effective_from <= c.created_at) AS segment, \
               (SELECT p.id FROM provider_costs p WHERE p.model = m.model AND p.effective_from <= c.created_at \
                ORDER BY p.effective_from DESC, p.created_at DESC, p.id DESC LIMIT 1) AS cost_id \
            FROM credit_charges c JOIN turns t ON t.tenant_id = c.tenant_id AND t.id = c.turn_id \
            LEFT JOIN messages m ON m.tenant_id = t.tenant_id AND m.id = t.answer_id \
            LEFT JOIN credit_refunds r ON r.tenant_id = c.tenant_id AND r.turn_id = c.turn_id \
            WHERE c.created_at >= $1 AND c.created_at < $2) x \
         LEFT JOIN subscription_segments s ON s.tenant_id = x.tenant_id AND s.number = x.segment \
         GROUP BY 1, 2, 3, 4, 5, 6";
    Ok(run!(conn, |c| { diesel::sql_query(text).bind::<sql::Instant, _>(from).bind::<sql::Instant, _>(to).prepared().load(c) })?)
}
