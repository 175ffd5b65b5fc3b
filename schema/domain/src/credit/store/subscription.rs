//! Changing what a tenant is on.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::{
    catch_up::{Granted, catch_up, grant, grant_allowance},
    ledger::{Ledger, Prices},
    segments::{self, Reason, Segments},
    standing::{Recorded, recorded},
    statement,
};
use crate::{
    audit::{Action, Change},
    clock::Instant,
    credit::{
        billing::{Subscription, Switch, SwitchPreview, SwitchRefusal, Switched, When},
        model::GrantKind,
        rules::{self, standing::is_way_up},
    },
    db::{Conn, Undone},
    fault::Fault,
    identity::Permission,
    money::{Credits, Money},
    once::{self, Once},
    pricing::{self, Bill, Line, Plan},
    run,
    tables::subscriptions,
    tenancy::Scope,
};

/// What the tenant is on at `now`; `None` if it has no subscription.
///
/// # Errors
/// If the caller may not read bills, or the store fails.
pub async fn subscription(conn: &mut Conn, scope: &Scope, now: Instant) -> Result<Option<Subscription>, Fault> {
    scope.require(Permission::BillingRead)?;
    current(conn, scope, now).await
}

async fn current(conn: &mut Conn, scope: &Scope, now: Instant) -> Result<Option<Subscription>, Fault> {
    recorded(conn, scope.tenant(), now).await?.map(|recorded| of(&recorded, now)).transpose()
}

fn of(recorded: &Recorded, now: Instant) -> Result<Subscription, Fault> {
    let standing = recorded.standing(now)?;
    let plan = standing.version.pricebook.plan(&standing.plan).ok_or(Fault::Amount { what: "the price of a plan" })?;
    Ok(Subscription {
        plan_name: plan.name.clone(),
        list_price: plan.list_price,
        pricebook_version: standing.version.number,
        trial: recorded.on.trial,
        anchor_day: recorded.on.anchor_day,
        started_at: recorded.started_at,
        ends_at: recorded.on.ends_at,
        is_over: standing.is_over,
        // With the period it was for, it has become the plan.
        next_plan: recorded.on.next_plan.clone().filter(|_| standing.period == recorded.on.period),
        period: standing.period,
        revision: recorded.revision,
        plan: standing.plan,
    })
}

/// Goes over to another plan, as it is offered now: at once, or when the next period begins. A plan that costs less waits for that.
///
/// # Errors
/// If the caller may not change the tenant, or the store fails.
pub async fn switch(conn: &mut Conn, scope: &Scope, switch: &Switch, now: Instant) -> Result<Switched, Fault> {
    scope.require(Permission::TenantManage)?;
    conn.undoable("credit.switch", async |tx| {
        // The key's row first: who comes second waits for the first, and is then told what that one did.
        match once::claim(tx, scope.tenant(), &scope.actor(), switch.once.as_ref(), scope.tenant().uuid(), now).await? {
            Once::Now => {}
            Once::Before(_) => {
                return Ok(current(tx, scope, now).await?.ok_or(SwitchRefusal::NoSubscription));
            }
            Once::Reused => return Ok(Err(SwitchRefusal::KeyReused)),
        }
        let done = apply(tx, scope, switch, now).await?;
        let Ok(subscription) = &done else {
            // The key stands for nothing then.
            return Err(Undone::Outcome(done));
        };
        let change = Change {
            revision: Some(subscription.revision),
            ..Change::of(Action::SubscriptionChanged, scope.tenant().uuid(), &["plan"])
        };
        scope.record(tx, change, now).await?;
        Ok(done)
    })
    .await
}

/// What going over to a plan would come to: it is done, looked at, and undone.
///
/// # Errors
/// If the caller may not read bills, or the store fails.
pub async fn preview_switch(
    conn: &mut Conn,
    scope: &Scope,
    plan: &str,
    when: When,
    now: Instant,
) -> Result<Result<SwitchPreview, SwitchRefusal>, Fault> {
    scope.require(Permission::BillingRead)?;
    let switch = Switch { plan: plan.to_owned(), when, expected: None, seen: None, once: None };
    conn.undoable("credit.preview_switch", async |tx| {
        // What is due by now happens first: the bill of a period that has begun is made of what that wrote down.
        let granted = granted(tx, scope, now).await?;
        let before = current(tx, scope, now).await?;
        let bill = match &before {
            Some(before) if !before.is_over => running_bill(tx, scope, before.period).await?,
            _ => None,
        };
        let after = match apply(tx, scope, &switch, now).await? {
            Ok(after) => after,
            Err(refusal) => return Err(Undone::Outcome(Err(refusal))),
        };
        let offer = offered(tx, &switch.plan, now).await?.map(|(prices, plan)| (plan.list_price, prices.number));
        let (offered, pricebook_version) = offer.unwrap_or((after.list_price, after.pricebook_version));
        let effective_from = match when {
            When::Now => now,
            When::AtRenewal => after.period.1,
        };
        let billed = running_bill(tx, scope, after.period).await?;
        let same = before.is_some_and(|before| before.period == after.period);
        let known: Vec<Line> = bill.filter(|_| same).map(|bill| bill.lines).unwrap_or_default();
        let lines: Vec<Line> = billed.map(|bill| bill.lines).unwrap_or_default();
        let lines: Vec<Line> = lines.into_iter().filter(|line| !known.contains(line)).collect();
        let zero = Money { minor: 0, currency: after.list_price.currency };
        let due = lines.iter().try_fold(zero, |sum, line| sum.plus(line.amount)).ok_or(Fault::Amount { what: "what is due" })?;
        let credits = self::granted(tx, scope, now).await?.minus(granted).ok_or(Fault::Amount { what: "what is granted" })?;
        Err::<Result<SwitchPreview, SwitchRefusal>, _>(Undone::Outcome(Ok(SwitchPreview {
            effective_from,
            list_price: offered,
            pricebook_version,
            lines,
            due,
            credits,
        })))
    })
    .await
}

async fn running_bill(tx: &mut Conn, scope: &Scope, period: (Instant, Instant)) -> Result<Option<Bill>, Fault> {
    let segments = Segments::of(tx, scope.tenant()).await?;
    statement::add_up(tx, scope, &segments, period).await
}

/// The account's balance, once all that is due has happened.
async fn granted(tx: &mut Conn, scope: &Scope, now: Instant) -> Result<Credits, Fault> {
    let Some(mut ledger) = Ledger::take(tx, scope, now).await? else { return Ok(Credits::ZERO) };
    catch_up(tx, scope, &mut ledger, now).await?;
    let balance = ledger.account.balance;
    ledger.close(tx).await?;
    Ok(balance)
}

/// The version in force, and its plan of that key.
async fn offered(tx: &mut Conn, key: &str, now: Instant) -> Result<Option<(Prices, Plan)>, Fault> {
    let Some(version) = pricing::resolve(tx, now).await? else { return Ok(None) };
    let prices = super::ledger::of_version(tx, version.number, &version.content_hash).await?;
    let plan = prices.pricebook.plan(key).cloned();
    Ok(plan.map(|plan| (prices, plan)))
}

async fn apply(tx: &mut Conn, scope: &Scope, switch: &Switch, now: Instant) -> Result<Switched, Fault> {
    let Some(mut ledger) = Ledger::take(tx, scope, now).await? else { return Ok(Err(SwitchRefusal::NoSubscription)) };
    catch_up(tx, scope, &mut ledger, now).await?;
    // What is read next has to see what was just caught up with.
    ledger.write(tx).await?;
    let Some(mut recorded) = recorded(tx, scope.tenant(), now).await? else { return Ok(Err(SwitchRefusal::NoSubscription)) };
    recorded.on.period = ledger.period;
    let before = of(&recorded, now)?;
    if switch.expected.is_some_and(|expected| expected != before.revision) {
        return Ok(Err(SwitchRefusal::Stale(Box::new(before))));
    }
    let Some((prices, plan)) = offered(tx, &switch.plan, now).await? else {
        let keys = pricing::resolve(tx, now).await?.map(|version| version.pricebook.plans).unwrap_or_default();
        return Ok(Err(SwitchRefusal::NoSuchPlan(keys.into_iter().map(|plan| plan.key).collect())));
    };
    if switch.seen.is_some_and(|seen| seen != prices.number) {
        return Ok(Err(SwitchRefusal::OtherPrices(prices.number)));
    }
    let refusal = match (before.trial || before.is_over, switch.when) {
        (true, When::AtRenewal) => Some(SwitchRefusal::OnlyNow),
        (false, When::AtRenewal) if before.ends_at.is_some() => Some(SwitchRefusal::Cancelled),
        (false, When::Now) if before.ends_at.is_some() => Some(SwitchRefusal::Cancelled),
        (false, When::Now) if before.plan == plan.key => Some(SwitchRefusal::OnItAlready),
        _ => None,
    };
    if let Some(refusal) = refusal {
        return Ok(Err(refusal));
    }
    // Who waited for the account may come from before what others have done meanwhile: time does not run backwards here.
    let now = now.max(ledger.period.0).max(Segments::of(tx, scope.tenant()).await?.last_from().unwrap_or(now));
    match (before.trial || before.is_over, switch.when) {
        (true, _) => start(tx, scope, &mut ledger, &before, (&prices, &plan), now).await?,
        (false, When::AtRenewal) => {
            let next = (before.plan != plan.key).then_some(plan.key.as_str());
            run!(tx, |c| {
                diesel::update(subscriptions::table.find(scope.tenant()))
                    .set((subscriptions::next_plan.eq(next), subscriptions::revision.eq(before.revision.saturating_add(1))))
                    .execute(c)
            })?;
        }
        (false, When::Now) => {
            let segments = Segments::to_write(tx, scope).await?;
            // What this period is billed by and its credits were granted by, though a later version may hold for its rates.
            let (_, had) = segments.agreed(tx).await?.ok_or(Fault::Amount { what: "the price of a plan" })?;
            if !is_way_up(&had, &plan) {
                return Ok(Err(SwitchRefusal::OnlyAtRenewal));
            }
            go_up(tx, scope, &mut ledger, segments, &had, (&prices, &plan), &before, now).await?;
        }
    }
    let period = ledger.period;
    ledger.close(tx).await?;
    // What cannot be added up must not be agreed on: nobody could ever mend it.
    let segments = Segments::of(tx, scope.tenant()).await?;
    statement::add_up(tx, scope, &segments, period).await?;
    Ok(current(tx, scope, now).await?.ok_or(SwitchRefusal::NoSubscription))
}

/// A trial, or what has ended, becomes a subscription whose first period begins now.
async fn start(
    tx: &mut Conn,
    scope: &Scope,
    ledger: &mut Ledger,
    before: &Subscription,
    (prices, plan): (&Prices, &Plan),
    now: Instant,
) -> Result<(), Fault> {
    let anchor_day = rules::anchor_day(now);
    let to = rules::next_period(anchor_day, now).ok_or(Fault::Amount { what: "the end of a period" })?;
    let mut segments = Segments::to_write(tx, scope).await?;
    if !segments.are_over() && ledger.period.0 < now {
        statement::write(tx, scope, &segments, (ledger.period.0, now), now).await?;
    }
    run!(tx, |c| {
        diesel::update(subscriptions::table.find(scope.tenant()))
            .set((
                subscriptions::plan.eq(&plan.key),
                subscriptions::next_plan.eq(None::<String>),
                subscriptions::pricebook_version.eq(prices.number),
                subscriptions::trial.eq(false),
                subscriptions::anchor_day.eq(anchor_day),
                subscriptions::ends_at.eq(None::<Instant>),
                subscriptions::revision.eq(before.revision.saturating_add(1)),
            ))
            .execute(c)
    })?;
    let new = segments::New::of(Reason::Started, &plan.key, prices, now);
    segments.append(tx, scope, &new, now).await?;
    ledger.period = (now, to);
    grant_allowance(tx, scope, ledger, &plan.key, prices).await?;
    ledger.expects(Some(to));
    Ok(())
}

/// A plan that costs and gives more, from now on: of what it gives more a share is granted for the rest of the period.
#[expect(clippy::too_many_arguments, reason = "a way up is from a plan to a plan, of an account and its segments, at a moment")]
async fn go_up(
    tx: &mut Conn,
    scope: &Scope,
    ledger: &mut Ledger,
    mut segments: Segments,
    had: &Plan,
    (prices, plan): (&Prices, &Plan),
    before: &Subscription,
    now: Instant,
) -> Result<(), Fault> {
    let (from, to) = ledger.period;
    let share = rules::share(had.credits, plan.credits, (from, to), now).ok_or(Fault::Amount { what: "a share of a plan" })?;
    run!(tx, |c| {
        diesel::update(subscriptions::table.find(scope.tenant()))
            .set((
                subscriptions::plan.eq(&plan.key),
                subscriptions::next_plan.eq(None::<String>),
                subscriptions::pricebook_version.eq(prices.number),
                subscriptions::revision.eq(before.revision.saturating_add(1)),
            ))
            .execute(c)
    })?;
    let new = segments::New::of(Reason::Changed, &plan.key, prices, now);
    segments.append(tx, scope, &new, now).await?;
    if share > Credits::ZERO {
        let granted = Granted::new(GrantKind::Allowance, share, now, Some(to));
        grant(tx, scope, ledger, &granted, prices).await?;
    }
    Ok(())
}

/// Ends a subscription with its running period. Asked again, nothing changes.
///
/// # Errors
/// If the caller may not change the tenant, or the store fails.
pub async fn cancel(conn: &mut Conn, scope: &Scope, expected: Option<i64>, now: Instant) -> Result<Switched, Fault> {
    scope.require(Permission::TenantManage)?;
    set_end(conn, scope, expected, true, now).await
}

/// Takes that back, as long as the period runs.
///
/// # Errors
/// If the caller may not change the tenant, or the store fails.
pub async fn resume_plan(conn: &mut Conn, scope: &Scope, expected: Option<i64>, now: Instant) -> Result<Switched, Fault> {
    scope.require(Permission::TenantManage)?;
    set_end(conn, scope, expected, false, now).await
}

async fn set_end(conn: &mut Conn, scope: &Scope, expected: Option<i64>, ends: bool, now: Instant) -> Result<Switched, Fault> {
    conn.transaction("credit.set_end", async |tx| {
        let Some(mut ledger) = Ledger::take(tx, scope, now).await? else { return Ok(Err(SwitchRefusal::NoSubscription)) };
        catch_up(tx, scope, &mut ledger, now).await?;
        let period = ledger.period;
        ledger.close(tx).await?;
        let Some(recorded) = recorded(tx, scope.tenant(), now).await? else { return Ok(Err(SwitchRefusal::NoSubscription)) };
        let before = of(&recorded, now)?;
        if expected.is_some_and(|expected| expected != before.revision) {
            return Ok(Err(SwitchRefusal::Stale(Box::new(before))));
        }
        // Who waited for the account may come from before the end that others have seen meanwhile.
        if before.trial || before.is_over || Segments::of(tx, scope.tenant()).await?.are_over() {
            return Ok(Err(if ends { SwitchRefusal::EndsAnyway } else { SwitchRefusal::NotCancelled }));
        }
        match (before.ends_at, ends) {
            (Some(_), true) => return Ok(Ok(before)),
            (None, false) => return Ok(Err(SwitchRefusal::NotCancelled)),
            _ => {}
        }
        let revision = before.revision.saturating_add(1);
        run!(tx, |c| {
            diesel::update(subscriptions::table.find(scope.tenant()))
                .set((
                    subscriptions::ends_at.eq(ends.then_some(period.1)),
                    subscriptions::next_plan.eq(None::<String>),
                    subscriptions::revision.eq(revision),
                ))
                .execute(c)
        })?;
        let action = if ends { Action::SubscriptionCancelled } else { Action::SubscriptionResumed };
        let change = Change { revision: Some(revision), ..Change::of(action, scope.tenant().uuid(), &["ends_at"]) };
        scope.record(tx, change, now).await?;
        Ok(current(tx, scope, now).await?.ok_or(SwitchRefusal::NoSubscription))
    })
    .await
}
