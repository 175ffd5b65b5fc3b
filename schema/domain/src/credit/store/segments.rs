//! What a tenant was on, from when: written once, and what its periods are billed by.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::ledger::{Prices, of_version};
use crate::{
    clock::Instant,
    db::Conn,
    fault::Fault,
    id::TenantId,
    pricing::{self, Plan, Segment},
    run,
    tables::{pricebook_versions, subscription_segments, subscriptions},
    tenancy::Scope,
    text_enum::text_enum,
};

text_enum! {
    /// Why a segment began.
    Reason {
        /// The tenant subscribed.
        Started = "started",
        /// It went over to another plan in the middle of a period.
        Changed = "changed",
        /// A period began with another plan, or at the prices of a later version.
        Renewed = "renewed",
        /// Nothing is subscribed any more.
        Ended = "ended",
    }
}

/// A segment that begins.
pub(super) struct New {
    plan: String,
    version: i32,
    hash: Vec<u8>,
    from: Instant,
    trial: bool,
    reason: Reason,
}

impl New {
    pub(super) fn of(reason: Reason, plan: &str, prices: &Prices, from: Instant) -> Self {
        Self { plan: plan.to_owned(), version: prices.number, hash: prices.hash.to_vec(), from, trial: false, reason }
    }

    /// The same, only tried.
    pub(super) fn tried(self, trial: bool) -> Self {
        Self { trial, ..self }
    }
}

/// All segments of one tenant, the earliest first.
#[derive(Clone, Debug)]
pub(super) struct Segments(Vec<Stored>);

#[derive(Clone, Debug)]
struct Stored {
    number: i32,
    plan: String,
    version: i32,
    hash: Vec<u8>,
    trial: bool,
    ends: bool,
    from: Instant,
}

impl Segments {
    /// Of a tenant that was on nothing yet.
    pub(super) fn none() -> Self {
        Self(Vec::new())
    }

    /// As they are written down; where nothing is, the subscription itself is the only one there was.
    pub(super) async fn of(conn: &mut Conn, tenant: TenantId) -> Result<Self, Fault> {
        type Row = (i32, String, i32, bool, bool, Instant, Vec<u8>);
        let rows: Vec<Row> = run!(conn, |c| {
            subscription_segments::table
                .inner_join(pricebook_versions::table.on(pricebook_versions::number.eq(subscription_segments::pricebook_version)))
                .filter(subscription_segments::tenant_id.eq(tenant))
                .order(subscription_segments::number)
                .select((
                    subscription_segments::number,
                    subscription_segments::plan,
                    subscription_segments::pricebook_version,
                    subscription_segments::trial,
                    subscription_segments::ends,
                    subscription_segments::effective_from,
                    pricebook_versions::content_hash,
                ))
                .load(c)
        })?;
        let stored =
            |(number, plan, version, trial, ends, from, hash): Row| Stored { number, plan, version, hash, trial, ends, from };
        if !rows.is_empty() {
            return Ok(Self(rows.into_iter().map(stored).collect()));
        }
        let only: Option<(String, i32, bool, Instant, Vec<u8>)> = run!(conn, |c| {
            subscriptions::table
                .inner_join(pricebook_versions::table)
                .filter(subscriptions::tenant_id.eq(tenant))
                .select((
                    subscriptions::plan,
                    subscriptions::pricebook_version,
                    subscriptions::trial,
                    subscriptions::started_at,
                    pricebook_versions::content_hash,
                ))
                .first(c)
        })
        .optional()?;
        let only =
            only.map(|(plan, version, trial, from, hash)| Stored { number: 0, plan, version, hash, trial, ends: false, from });
        Ok(Self(only.into_iter().collect()))
    }

    /// The same for who is about to add to them: a process of the version before may have subscribed the tenant without writing one down.
    pub(super) async fn to_write(tx: &mut Conn, scope: &Scope) -> Result<Self, Fault> {
        let mut all = Self::of(tx, scope.tenant()).await?;
        if let Some(first) = all.0.first_mut().filter(|first| first.number == 0) {
            first.number = 1;
            let first = first.clone();
            insert(tx, scope, &first, Reason::Started, first.from).await?;
        }
        Ok(all)
    }

    /// Whether nothing is subscribed any more.
    pub(super) fn are_over(&self) -> bool {
        self.0.last().is_some_and(|last| last.ends)
    }

    /// Whether the last one is of this plan and version.
    pub(super) fn end_on(&self, plan: &str, version: i32) -> bool {
        self.0.last().is_some_and(|last| last.plan == plan && last.version == version && !last.trial && !last.ends)
    }

    /// What the last one is of, as it was agreed when it began: what its periods are billed by, whatever was published since.
    pub(super) async fn agreed(&self, conn: &mut Conn) -> Result<Option<(Prices, Plan)>, Fault> {
        let Some(last) = self.0.last() else { return Ok(None) };
        let prices = of_version(conn, last.version, &last.hash).await?;
        let plan = prices.pricebook.plan(&last.plan).cloned();
        Ok(plan.map(|plan| (prices, plan)))
    }

    /// Since when what the last one says is so.
    pub(super) fn last_from(&self) -> Option<Instant> {
        self.0.last().map(|last| last.from)
    }

    /// Whether the last one is only tried.
    pub(super) fn is_trial(&self) -> bool {
        self.0.last().is_some_and(|last| last.trial)
    }

    /// Adds one.
    pub(super) async fn append(&mut self, tx: &mut Conn, scope: &Scope, new: &New, now: Instant) -> Result<(), Fault> {
        let number = self.0.last().map_or(0, |last| last.number).saturating_add(1);
        let New { plan, version, hash, from, trial, reason } = new;
        let stored = Stored {
            number,
            plan: plan.clone(),
            version: *version,
            hash: hash.clone(),
            trial: *trial,
            ends: *reason == Reason::Ended,
            from: *from,
        };
        insert(tx, scope, &stored, *reason, now).await?;
        self.0.push(stored);
        Ok(())
    }

    /// With what each cost when it began, as bills are made of.
    pub(super) async fn priced(&self, conn: &mut Conn) -> Result<Vec<Segment>, Fault> {
        let mut priced = Vec::with_capacity(self.0.len());
        for stored in &self.0 {
            let (book, _) = pricing::content(conn, stored.version, &stored.hash).await?;
            let plan = book.plan(&stored.plan).ok_or(Fault::Amount { what: "the price of a plan" })?;
            priced.push(Segment {
                from: stored.from,
                plan: plan.key.clone(),
                name: plan.name.clone(),
                version: stored.version,
                list_price: plan.list_price,
                trial: stored.trial,
                ends: stored.ends,
            });
        }
        Ok(priced)
    }
}

async fn insert(tx: &mut Conn, scope: &Scope, stored: &Stored, reason: Reason, now: Instant) -> Result<(), Fault> {
    run!(tx, |c| {
        diesel::insert_into(subscription_segments::table)
            .values((
                subscription_segments::tenant_id.eq(scope.tenant()),
                subscription_segments::number.eq(stored.number),
                subscription_segments::plan.eq(&stored.plan),
                subscription_segments::pricebook_version.eq(stored.version),
                subscription_segments::trial.eq(stored.trial),
                subscription_segments::ends.eq(stored.ends),
                subscription_segments::effective_from.eq(stored.from),
                subscription_segments::reason.eq(reason),
                subscription_segments::created_at.eq(now),
            ))
            .execute(c)
    })?;
    Ok(())
}
