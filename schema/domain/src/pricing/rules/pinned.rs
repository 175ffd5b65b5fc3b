//! Which version a customer is on.
//!
//! Versions are compared by their numbers alone. A version takes effect only after every live one, so among live ones the order of the
//! numbers is the order in which they take effect; and a number needs nobody to look up the version a customer is pinned to, which may
//! be missing here: nothing that came before it matters any more, so a caller may leave all of that out.

use crate::{clock::Instant, pricing::model::Policy};

/// A live version, as far as it matters for who is on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Its number.
    pub number: i32,
    /// From when it is in force.
    pub effective_from: Instant,
    /// Whom it reaches of those who are customers already.
    pub policy: Policy,
    /// Whether it has the customer's plan.
    pub has_plan: bool,
}

/// The version a customer is on at `now`, who was pinned to `pinned` when their period began: the newest version for all customers that
/// has taken effect by now, is later than the pinned one and still has their plan; else the pinned one.
#[must_use]
pub fn in_force(pinned: i32, live: &[Candidate], now: Instant) -> i32 {
    newest(pinned, live, now, &[Policy::AllCustomers])
}

/// The version a customer is pinned to when a period begins at `boundary`: the newest that has taken effect by then, reaches customers
/// at renewal, is later than the pinned one and still has their plan; else the pinned one. Whose plan was dropped stays with the last
/// version they can have it at.
#[must_use]
pub fn at_renewal(pinned: i32, live: &[Candidate], boundary: Instant) -> i32 {
    newest(pinned, live, boundary, &[Policy::AtRenewal, Policy::AllCustomers])
}

fn newest(pinned: i32, live: &[Candidate], at: Instant, policies: &[Policy]) -> i32 {
    let reaches = |version: &&Candidate| version.effective_from <= at && version.has_plan && policies.contains(&version.policy);
    live.iter().filter(reaches).map(|version| version.number).fold(pinned, i32::max)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(micros: i64) -> Instant {
        Instant::from_micros(micros)
    }

    fn candidate(number: i32, effective_from: i64, policy: Policy, has_plan: bool) -> Candidate {
        Candidate { number, effective_from: at(effective_from), policy, has_plan }
    }

    /// Live versions as they can be published: later numbers take effect later.
    fn live() -> impl Strategy<Value = Vec<Candidate>> {
        let version = (1_i32..4, 1_i64..50, 0_usize..3, any::<bool>());
        prop::collection::vec(version, 0..8).prop_map(|steps| {
            let (mut number, mut effective_from, mut live) = (0_i32, 0_i64, Vec::new());
            for (gap, later, policy, has_plan) in steps {
                number = number.saturating_add(gap);
                effective_from = effective_from.saturating_add(later);
                live.push(candidate(number, effective_from, Policy::ALL[policy], has_plan));
            }
            live
        })
    }

    /// Somebody who lives through the versions one after the other.
    fn lived(pinned: i32, live: &[Candidate], now: Instant, moves: fn(Policy) -> bool) -> i32 {
        let mut on = pinned;
        for version in live {
            if version.number > pinned && version.effective_from <= now && moves(version.policy) && version.has_plan {
                on = version.number;
            }
        }
        on
    }

    #[test]
    fn whom_a_version_reaches_and_when() {
        use Policy::{AllCustomers, AtRenewal, NewCustomers};
        let live = [
            candidate(1, 0, AllCustomers, true),
            candidate(2, 10, NewCustomers, true),
            candidate(3, 20, AtRenewal, true),
            candidate(4, 30, AllCustomers, true),
            candidate(5, 40, AllCustomers, false),
        ];
        assert_eq!((in_force(1, &live, at(15)), at_renewal(1, &live, at(15))), (1, 1), "new customers only");
        assert_eq!((in_force(1, &live, at(25)), at_renewal(1, &live, at(25))), (1, 3), "not before the period ends");
        assert_eq!((in_force(1, &live, at(29)), in_force(1, &live, at(30))), (1, 4), "from the very instant");
        assert_eq!((in_force(1, &live, at(50)), at_renewal(1, &live, at(50))), (4, 4), "their plan was dropped");
        assert_eq!((in_force(4, &live[4..], at(50)), in_force(9, &live, at(50))), (4, 9), "the pinned one need not be there");
    }

    proptest! {
        #[test]
        fn who_lives_through_the_versions_is_where_they_should_be(live in live(), pinned in 1_i32..20, now in 0_i64..300) {
            prop_assert_eq!(in_force(pinned, &live, at(now)), lived(pinned, &live, at(now), |policy| policy == Policy::AllCustomers));
            prop_assert_eq!(at_renewal(pinned, &live, at(now)), lived(pinned, &live, at(now), |policy| policy != Policy::NewCustomers));
        }

        #[test]
        fn nobody_goes_back_and_a_new_period_is_never_behind(live in live(), pinned in 1_i32..20, now in 0_i64..300, later in 0_i64..100) {
            let (now, then) = (at(now), at(now.saturating_add(later)));
            prop_assert!(pinned <= in_force(pinned, &live, now));
            prop_assert!(in_force(pinned, &live, now) <= in_force(pinned, &live, then));
            prop_assert!(at_renewal(pinned, &live, now) <= at_renewal(pinned, &live, then));
            prop_assert!(in_force(pinned, &live, now) <= at_renewal(pinned, &live, now));
            // Whoever is pinned to what they were on anyway is on the same version after that.
            prop_assert_eq!(in_force(in_force(pinned, &live, now), &live, then), in_force(pinned, &live, then));
        }

        #[test]
        fn the_order_of_the_versions_does_not_matter(
            (live, shuffled) in live().prop_flat_map(|live| (Just(live.clone()), Just(live).prop_shuffle())), pinned in 1_i32..20, now in 0_i64..300,
        ) {
            prop_assert_eq!(in_force(pinned, &live, at(now)), in_force(pinned, &shuffled, at(now)));
            prop_assert_eq!(at_renewal(pinned, &live, at(now)), at_renewal(pinned, &shuffled, at(now)));
        }

        #[test]
        fn a_version_for_new_customers_moves_nobody(live in live(), pinned in 1_i32..20, now in 0_i64..300) {
            let others: Vec<Candidate> = live.iter().copied().filter(|version| version.policy != Policy::NewCustomers).collect();
            prop_assert_eq!(in_force(pinned, &live, at(now)), in_force(pinned, &others, at(now)));
            prop_assert_eq!(at_renewal(pinned, &live, at(now)), at_renewal(pinned, &others, at(now)));
        }
    }
}
