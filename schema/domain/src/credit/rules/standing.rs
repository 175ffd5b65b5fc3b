//! What a tenant is on at a moment, whether or not anything has been written down since: the plan, and the version whose prices hold.

use std::sync::Arc;

use super::next_period;
use crate::{
    clock::Instant,
    pricing::{
        Plan, Policy, Pricebook,
        rules::pinned::{Candidate, at_renewal, in_force},
    },
};

/// A subscription as it is written down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OnRecord {
    /// The plan's key.
    pub plan: String,
    /// The plan it goes on with from the next period.
    pub next_plan: Option<String>,
    /// Whether the plan is only tried.
    pub trial: bool,
    /// The day of the month on which periods begin.
    pub anchor_day: i16,
    /// When it ends.
    pub ends_at: Option<Instant>,
    /// The version it is pinned to.
    pub pinned: i32,
    /// The running period.
    pub period: (Instant, Instant),
}

/// A version whose prices may hold.
#[derive(Clone, Debug)]
pub struct Known {
    /// Its number.
    pub number: i32,
    /// The hash of what it says.
    pub hash: [u8; 32],
    /// From when it is in force.
    pub effective_from: Instant,
    /// Whom it reaches.
    pub policy: Policy,
    /// What it says.
    pub pricebook: Arc<Pricebook>,
}

/// Versions as far as they matter for who is on a plan.
#[must_use]
pub fn candidates(live: &[Known], plan: &str) -> Vec<Candidate> {
    let candidate = |known: &Known| Candidate {
        number: known.number,
        effective_from: known.effective_from,
        policy: known.policy,
        has_plan: known.pricebook.plan(plan).is_some(),
    };
    live.iter().map(candidate).collect()
}

/// What a tenant is on.
#[derive(Clone, Debug)]
pub struct Standing {
    /// The plan's key.
    pub plan: String,
    /// The version whose prices hold.
    pub version: Known,
    /// The running period; the last one, if it is over.
    pub period: (Instant, Instant),
    /// Whether it has ended.
    pub is_over: bool,
}

/// What a tenant is on at `now`, among the version it is pinned to and the live ones that took effect later, by `now`. A plan that it was to go on
/// with is taken as it is offered when the period begins; if it is not offered then, the tenant stays on what it has. `None` if the pinned
/// version is missing.
///
/// What is written down has to be of one moment: whoever writes another pinned version lets happen first what was due by then. Else a version
/// would count for periods that began before it was in force.
#[must_use]
pub fn standing(on: &OnRecord, live: &[Known], now: Instant) -> Option<Standing> {
    let is_over = on.ends_at.is_some_and(|end| end <= now);
    let (mut plan, mut pinned, mut period) = (&on.plan, on.pinned, on.period);
    if !is_over && now >= on.period.1 {
        // The one version that new customers get then, whatever this one is pinned to.
        let offered = live.iter().filter(|known| known.effective_from <= on.period.1).max_by_key(|known| known.effective_from);
        let goes_on = on.next_plan.as_ref().zip(offered).filter(|(next, offered)| offered.pricebook.plan(next).is_some());
        if let Some((next, offered)) = goes_on {
            (plan, pinned) = (next, offered.number);
        } else {
            pinned = at_renewal(pinned, &candidates(live, plan), on.period.1);
        }
        // Several periods may have begun since.
        let mut begins = on.period.1;
        loop {
            let ends = next_period(on.anchor_day, begins)?;
            period = (begins, ends);
            if now < ends {
                break;
            }
            begins = ends;
        }
        pinned = at_renewal(pinned, &candidates(live, plan), begins);
    }
    // What has ended is what it was at its end.
    let until = on.ends_at.map_or(now, |end| now.min(end));
    let number = in_force(pinned, &candidates(live, plan), until);
    let version = live.iter().find(|known| known.number == number)?.clone();
    Some(Standing { plan: plan.clone(), version, period, is_over })
}

/// Whether a plan may be gone over to in the middle of a period: it costs no less and gives no less. Others have to wait for the next one, or
/// credits could be had for a day's price.
#[must_use]
pub fn is_way_up(from: &Plan, to: &Plan) -> bool {
    from.list_price.currency == to.list_price.currency
        && to.list_price.minor >= from.list_price.minor
        && to.credits >= from.credits
}

#[cfg(test)]
#[expect(clippy::arithmetic_side_effects, reason = "in a test, a panic is the report")]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{
        credit::rules::anchor_day,
        money::{Credits, Currency, Money},
        pricing::Trial,
    };

    fn at(text: &str) -> Instant {
        Instant::from_micros(text.parse::<chrono::DateTime<chrono::Utc>>().unwrap().timestamp_micros())
    }

    fn version(number: i32, effective_from: Instant, policy: Policy, plans: &[&str]) -> Known {
        let plan = |key: &&str| Plan {
            key: (*key).into(),
            name: (*key).into(),
            list_price: Money { minor: i64::from(number), currency: Currency::try_from("USD".to_owned()).unwrap() },
            credits: Credits::ZERO,
            seats: None,
            standard_integrations: None,
            support: "Standard".into(),
            personas: None,
            knowledge_items: None,
            retention_days: None,
        };
        let trial = Trial { plan: "a".into(), days: 14, credits: Credits::ZERO };
        let pricebook = Pricebook {
            plans: plans.iter().map(plan).collect(),
            rates: Vec::new(),
            trial,
            overage: Vec::new(),
            rollover: Vec::new(),
            top_ups: Vec::new(),
            refunds: Vec::new(),
        };
        Known { number, hash: [0; 32], effective_from, policy, pricebook: Arc::new(pricebook) }
    }

    fn on(pinned: i32, from: &str, to: &str) -> OnRecord {
        OnRecord {
            plan: "a".into(),
            next_plan: None,
            trial: false,
            anchor_day: anchor_day(at(from)),
            ends_at: None,
            pinned,
            period: (at(from), at(to)),
        }
    }

    /// What is read for a subscription: the version it is pinned to, and the live ones that took effect later, by `now`.
    fn read(on: &OnRecord, live: &[Known], now: Instant) -> Vec<Known> {
        let pinned = live.iter().find(|known| known.number == on.pinned).unwrap().effective_from;
        live.iter().filter(|known| pinned <= known.effective_from && known.effective_from <= now).cloned().collect()
    }

    fn stands(on: &OnRecord, live: &[Known], now: &str) -> (String, i32) {
        let standing = standing(on, &read(on, live, at(now)), at(now)).unwrap();
        (standing.plan, standing.version.number)
    }

    #[test]
    fn a_version_reaches_customers_when_its_policy_says() {
        let on = on(1, "2027-01-10T00:00:00Z", "2027-02-10T00:00:00Z");
        let first = version(1, at("2027-01-01T00:00:00Z"), Policy::NewCustomers, &["a"]);
        for (policy, in_period, after) in [(Policy::NewCustomers, 1, 1), (Policy::AtRenewal, 1, 2), (Policy::AllCustomers, 2, 2)]
        {
            let live = [first.clone(), version(2, at("2027-01-20T00:00:00Z"), policy, &["a", "b"])];
            assert_eq!(stands(&on, &live, "2027-01-19T00:00:00Z").1, 1, "{policy}");
            assert_eq!(stands(&on, &live, "2027-01-20T00:00:00Z").1, in_period, "{policy}");
            assert_eq!(stands(&on, &live, "2027-02-10T00:00:00Z").1, after, "{policy}");
            assert_eq!(stands(&on, &live, "2029-02-10T00:00:00Z").1, after, "{policy}, and nobody looked for two years");
        }
    }

    #[test]
    fn a_plan_that_is_no_more_is_kept_at_the_version_that_had_it() {
        let on = on(1, "2027-01-10T00:00:00Z", "2027-02-10T00:00:00Z");
        let live = [
            version(1, at("2027-01-01T00:00:00Z"), Policy::NewCustomers, &["a"]),
            version(2, at("2027-01-20T00:00:00Z"), Policy::AllCustomers, &["b"]),
            version(3, at("2027-03-01T00:00:00Z"), Policy::AllCustomers, &["a", "b"]),
        ];
        assert_eq!(stands(&on, &live, "2027-02-15T00:00:00Z"), ("a".into(), 1));
        assert_eq!(stands(&on, &live, "2027-03-01T00:00:00Z"), ("a".into(), 3));
    }

    #[test]
    fn who_goes_over_to_another_plan_gets_it_as_it_is_offered_then() {
        let going = OnRecord { next_plan: Some("b".into()), ..on(1, "2027-01-10T00:00:00Z", "2027-02-10T00:00:00Z") };
        let live = [
            version(1, at("2027-01-01T00:00:00Z"), Policy::NewCustomers, &["a", "b"]),
            version(2, at("2027-01-20T00:00:00Z"), Policy::NewCustomers, &["a", "b"]),
            version(3, at("2027-02-11T00:00:00Z"), Policy::NewCustomers, &["a", "b"]),
        ];
        assert_eq!(stands(&going, &live, "2027-02-09T00:00:00Z"), ("a".into(), 1));
        assert_eq!(stands(&going, &live, "2027-02-10T00:00:00Z"), ("b".into(), 2));
        assert_eq!(stands(&going, &live, "2027-07-10T00:00:00Z"), ("b".into(), 2), "a later one is for new customers");
        let gone = OnRecord { next_plan: Some("c".into()), ..going.clone() };
        assert_eq!(stands(&gone, &live, "2027-02-10T00:00:00Z"), ("a".into(), 1));
        // One that is not offered any more when the period begins is none, though a version before had it, whoever looked before that.
        let dropped = [live[0].clone(), version(2, at("2027-01-20T00:00:00Z"), Policy::AllCustomers, &["a"])];
        assert_eq!(stands(&going, &dropped, "2027-02-10T00:00:00Z"), ("a".into(), 2));
        let moved = OnRecord { pinned: 2, ..going };
        assert_eq!(stands(&moved, &dropped, "2027-02-10T00:00:00Z"), ("a".into(), 2));
    }

    #[test]
    fn what_has_ended_stays_what_it_was() {
        let ended =
            OnRecord { ends_at: Some(at("2027-02-10T00:00:00Z")), ..on(1, "2027-01-10T00:00:00Z", "2027-02-10T00:00:00Z") };
        let live = [
            version(1, at("2027-01-01T00:00:00Z"), Policy::NewCustomers, &["a"]),
            version(2, at("2027-02-01T00:00:00Z"), Policy::AtRenewal, &["a"]),
        ];
        let standing = standing(&ended, &live, at("2027-06-01T00:00:00Z")).unwrap();
        assert_eq!((standing.version.number, standing.is_over, standing.period), (1, true, ended.period));
        // Not even what is for all customers reaches who is none any more.
        for (from, number) in [("2027-02-09T00:00:00Z", 2), ("2027-02-11T00:00:00Z", 1)] {
            let live = [live[0].clone(), version(2, at(from), Policy::AllCustomers, &["a"])];
            assert_eq!(stands(&ended, &live, "2027-06-01T00:00:00Z").1, number, "{from}");
        }
    }

    proptest! {
        /// Written down at every boundary, at some, or never: it is the same.
        #[test]
        fn it_does_not_matter_who_looked_before(
            versions in prop::collection::vec((1_i64..40, 0_usize..3, 0_usize..4), 0..8),
            looks in prop::collection::vec(0_i64..200, 0..6), now in 0_i64..220, switches in any::<bool>(),
        ) {
            let start = at("2027-01-31T00:00:00Z");
            let day = |days: i64| Instant::from_micros(start.as_micros() + days * 86_400_000_000);
            let (mut live, mut from) = (vec![version(1, start, Policy::NewCustomers, &["a", "b"])], 0);
            for (number, (later, policy, has)) in (2_i32..).zip(versions) {
                from += later;
                live.push(version(number, day(from), Policy::ALL[policy], [&["a", "b"][..], &["a", "b"], &["b"], &["a"]][has]));
            }
            let fresh = OnRecord {
                next_plan: switches.then(|| "b".into()),
                ..on(1, "2027-01-31T00:00:00Z", "2027-02-28T00:00:00Z")
            };
            let at_once = standing(&fresh, &read(&fresh, &live, day(now)), day(now)).unwrap();
            let mut written = fresh;
            let mut looks: Vec<i64> = looks.into_iter().filter(|look| *look <= now).collect();
            looks.sort_unstable();
            for look in looks {
                let seen = standing(&written, &read(&written, &live, day(look)), day(look)).unwrap();
                let moved = seen.period != written.period;
                written = OnRecord {
                    plan: seen.plan,
                    next_plan: written.next_plan.filter(|_| !moved),
                    pinned: seen.version.number,
                    period: seen.period,
                    ..written
                };
            }
            let after_looks = standing(&written, &read(&written, &live, day(now)), day(now)).unwrap();
            prop_assert_eq!((at_once.plan, at_once.version.number, at_once.period), (after_looks.plan, after_looks.version.number, after_looks.period));
        }
    }
}
