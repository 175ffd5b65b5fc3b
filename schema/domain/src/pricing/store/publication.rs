//! What follows from a publication: customers are written down to be on the version, batch by batch. What anybody pays at a moment is decided
//! by the moment ([`rules::pinned`](crate::pricing::rules::pinned)), so this may be late, be done twice, or die half-way.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::{
    clock::Instant,
    credit,
    db::{Conn, Undone},
    fault::Fault,
    id::TenantId,
    identity::Permission,
    job::{self, Lease},
    pricing::{
        model::Policy,
        publishing::{Advanced, Publication, PublicationState, PublishPricebook},
    },
    run,
    tables::{pricebook_publications, pricebook_versions},
    tenancy::{Platform, platform_tenant},
};

/// So many subscriptions are looked at in one step, so that nobody waits long for their rows.
const STEP: i64 = 100;

/// Calls for the job that does it, in the transaction that publishes; not before there is anybody it could reach.
pub(super) async fn call(
    tx: &mut Conn,
    platform: &Platform,
    number: i32,
    effective_from: Instant,
    now: Instant,
) -> Result<(), Fault> {
    let Some(house) = platform_tenant(tx).await? else { return Ok(()) };
    run!(tx, |c| {
        diesel::insert_into(pricebook_publications::table)
            .values((
                pricebook_publications::number.eq(number),
                pricebook_publications::seen.eq(0_i64),
                pricebook_publications::moved.eq(0_i64),
                pricebook_publications::created_at.eq(now),
            ))
            .execute(c)
    })?;
    let span = platform.span();
    job::enqueue_at(tx, &platform.within(&house), &PublishPricebook { number }, span.as_deref(), effective_from, now).await
}

/// How far a publication is; `None` if there is no such version, or nobody was there whom it could have reached.
///
/// # Errors
/// If the caller may not read drafts, or the store fails.
pub async fn publication(conn: &mut Conn, platform: &Platform, number: i32, now: Instant) -> Result<Option<Publication>, Fault> {
    platform.require(Permission::PricebookRead)?;
    Ok(read(conn, &[number], now).await?.pop().map(|(publication, _)| publication))
}

/// How far each of some publications is; nothing of those that there are none of.
///
/// # Errors
/// If the caller may not read drafts, or the store fails.
pub async fn publications(
    conn: &mut Conn,
    platform: &Platform,
    numbers: &[i32],
    now: Instant,
) -> Result<Vec<Publication>, Fault> {
    platform.require(Permission::PricebookRead)?;
    Ok(read(conn, numbers, now).await?.into_iter().map(|(publication, _)| publication).collect())
}

/// A publication as it is read, and the tenant that was looked at last.
type Row = (i32, Policy, Instant, Option<Instant>, Option<i64>, i64, i64, Option<TenantId>, Option<Instant>);

async fn read(conn: &mut Conn, numbers: &[i32], now: Instant) -> Result<Vec<(Publication, Option<TenantId>)>, Fault> {
    let rows: Vec<Row> = run!(conn, |c| {
        pricebook_publications::table
            .inner_join(pricebook_versions::table)
            .filter(pricebook_publications::number.eq_any(numbers))
            .select((
                pricebook_publications::number,
                pricebook_versions::policy,
                pricebook_versions::effective_from,
                pricebook_versions::withdrawn_at,
                pricebook_publications::total,
                pricebook_publications::seen,
                pricebook_publications::moved,
                pricebook_publications::last_tenant,
                pricebook_publications::finished_at,
            ))
            .load(c)
    })?;
    let publication = |(number, policy, effective_from, withdrawn_at, total, seen, moved, last, finished_at): Row| {
        let state = match (withdrawn_at, finished_at) {
            (Some(_), _) => PublicationState::Withdrawn,
            (None, Some(_)) => PublicationState::Finished,
            (None, None) if now < effective_from => PublicationState::Waiting,
            (None, None) => PublicationState::Running,
        };
        (Publication { number, policy, effective_from, state, total, seen, moved, finished_at }, last)
    };
    Ok(rows.into_iter().map(publication).collect())
}

/// Does the next step; with the last one the job is done. All of a step or nothing.
///
/// # Errors
/// If the store fails.
pub async fn advance(
    conn: &mut Conn,
    platform: &Platform,
    lease: &Lease,
    job: &PublishPricebook,
    now: Instant,
) -> Result<Advanced, Fault> {
    platform.require_process()?;
    let number = job.number;
    conn.undoable("pricing.advance", async |tx| {
        if !job::hold(tx, lease).await? {
            return Err(Undone::Outcome(Advanced::Late));
        }
        let Some((mut publication, last)) = read(tx, &[number], now).await?.pop() else {
            return Err(Undone::Fault(Fault::Query(diesel::result::Error::NotFound)));
        };
        let reaches = publication.policy == Policy::AllCustomers && publication.state != PublicationState::Withdrawn;
        if publication.finished_at.is_none() {
            let total = match publication.total {
                Some(total) => total,
                None if reaches => credit::subscribed(tx, platform).await?,
                None => 0,
            };
            let step = if reaches { credit::move_on(tx, platform, last, STEP, now).await? } else { credit::Moved::default() };
            publication.total = Some(total);
            publication.seen = publication.seen.saturating_add(step.seen);
            publication.moved = publication.moved.saturating_add(step.moved);
            publication.finished_at = (step.seen < STEP).then_some(now);
            run!(tx, |c| {
                diesel::update(pricebook_publications::table.find(number))
                    .set((
                        pricebook_publications::total.eq(publication.total),
                        pricebook_publications::seen.eq(publication.seen),
                        pricebook_publications::moved.eq(publication.moved),
                        pricebook_publications::last_tenant.eq(step.last.or(last)),
                        pricebook_publications::finished_at.eq(publication.finished_at),
                    ))
                    .execute(c)
            })?;
        }
        if publication.finished_at.is_none() {
            return Ok(Advanced::More(publication));
        }
        if !job::complete(tx, lease, now).await? {
            return Err(Undone::Outcome(Advanced::Late));
        }
        if publication.state == PublicationState::Running {
            publication.state = PublicationState::Finished;
        }
        Ok(Advanced::Done(publication))
    })
    .await
}
