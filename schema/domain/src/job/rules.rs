//! When to try again, and which jobs to take.

use std::{
    collections::{HashMap, VecDeque},
    time::Duration,
};

use super::model::Due;
use crate::id::{JobId, TenantId};

/// The longest wait another side can ask for.
const LONGEST_ASKED: Duration = Duration::from_secs(3_600);

/// How long to wait before the attempt after `attempt`: doubling from one second up to five minutes, of which `random` (any number)
/// picks a point in the second half, so that what failed together does not come back together. What the other side asked for
/// (`Retry-After`) is not undercut, up to an hour: nobody can be made to wait for ever.
#[must_use]
pub fn backoff(attempt: i32, asked: Option<Duration>, random: u32) -> Duration {
    let doublings = u32::try_from(attempt.saturating_sub(1)).unwrap_or(0).min(16);
    let full = Duration::from_secs(2_u64.saturating_pow(doublings)).min(Duration::from_secs(300));
    let half = full.checked_div(2).unwrap_or(full);
    let micros = u64::try_from(half.as_micros()).unwrap_or(u64::MAX).saturating_add(1);
    let jitter = Duration::from_micros(u64::from(random).checked_rem(micros).unwrap_or(0));
    half.saturating_add(jitter).max(asked.unwrap_or_default().min(LONGEST_ASKED))
}

/// How many of a worker's `slots` one tenant may hold: a quarter is always left to others, so that slow work of one tenant never
/// makes everybody wait.
#[must_use]
pub fn tenant_share(slots: usize) -> usize {
    slots.saturating_sub(slots.checked_div(4).unwrap_or(0)).max(1)
}

/// Which of the `due` jobs to take into `free` slots: in turn from each tenant, in the order the tenants stand in, none beyond its
/// share of all `slots`, of which `busy` says who holds how many.
#[must_use]
pub fn share_out(due: &[Due], free: usize, slots: usize, busy: &HashMap<TenantId, usize>) -> Vec<JobId> {
    let mut tenants: Vec<(TenantId, VecDeque<JobId>)> = Vec::new();
    for job in due {
        match tenants.iter_mut().find(|(tenant, _)| *tenant == job.tenant_id) {
            Some((_, jobs)) => jobs.push_back(job.id),
            None => tenants.push((job.tenant_id, VecDeque::from([job.id]))),
        }
    }
    let share = tenant_share(slots);
    let mut held: HashMap<TenantId, usize> = busy.clone();
    let mut taken = Vec::new();
    let mut progress = true;
    while progress && taken.len() < free {
        progress = false;
        for (tenant, jobs) in &mut tenants {
            let holds = held.entry(*tenant).or_default();
            if taken.len() < free
                && *holds < share
                && let Some(job) = jobs.pop_front()
            {
                *holds = holds.saturating_add(1);
                taken.push(job);
                progress = true;
            }
        }
    }
    taken
}

#[cfg(test)]
#[expect(clippy::arithmetic_side_effects, reason = "an overflow in a test is a failure")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn jobs(tenant: TenantId, count: usize) -> Vec<Due> {
        (0..count).map(|_| Due { id: JobId::new(), tenant_id: tenant }).collect()
    }

    #[test]
    fn a_backlog_does_not_push_others_aside() {
        let (loud, quiet) = (TenantId::new(), TenantId::new());
        let mut due = jobs(loud, 50);
        let own = jobs(quiet, 1);
        due.extend(&own);
        let taken = share_out(&due, 8, 16, &HashMap::new());
        assert_eq!(taken.len(), 8);
        assert_eq!(taken[1], own[0].id);
    }

    #[test]
    fn one_tenant_never_holds_every_slot() {
        let loud = TenantId::new();
        assert_eq!(share_out(&jobs(loud, 50), 16, 16, &HashMap::new()).len(), 12);
        assert_eq!(share_out(&jobs(loud, 50), 4, 16, &HashMap::from([(loud, 12)])).len(), 0);
        assert_eq!(share_out(&jobs(loud, 5), 1, 1, &HashMap::new()).len(), 1);
    }

    proptest! {
        #[test]
        fn what_is_taken_is_due_once_and_within_bounds(counts in prop::collection::vec(0_usize..9, 0..7), free in 0_usize..12, slots in 1_usize..20) {
            let free = free.min(slots);
            let due: Vec<Due> = counts.iter().flat_map(|&count| jobs(TenantId::new(), count)).collect();
            let taken = share_out(&due, free, slots, &HashMap::new());
            prop_assert!(taken.len() <= free);
            let unique: std::collections::HashSet<_> = taken.iter().collect();
            prop_assert_eq!(unique.len(), taken.len());
            prop_assert!(taken.iter().all(|id| due.iter().any(|d| d.id == *id)));
            // Nothing is left over while a slot is free and its tenant has room.
            let possible: usize = counts.iter().map(|&count| count.min(tenant_share(slots))).sum();
            prop_assert_eq!(taken.len(), possible.min(free));
        }

        #[test]
        fn backoff_grows_is_jittered_and_honours_what_was_asked(attempt in 1_i32..40, random: u32, asked in 0_u64..10_000) {
            let wait = backoff(attempt, None, random);
            let doublings = u32::try_from(attempt - 1).unwrap().min(16);
            let full = Duration::from_secs(2_u64.pow(doublings).min(300));
            prop_assert!(wait >= full / 2 && wait <= full);
            let asked = Duration::from_secs(asked);
            let wait = backoff(attempt, Some(asked), random);
            prop_assert!(wait >= asked.min(LONGEST_ASKED) && wait <= LONGEST_ASKED.max(full));
        }
    }
}
