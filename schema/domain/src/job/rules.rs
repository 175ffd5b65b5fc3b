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

/// The lane of work that nobody waits for and that may be much at once.
pub const HOUSEKEEPING: &str = "housekeeping";

/// How many of a worker's `slots` may wait for one thing: more than one tenant may hold, so that what waits for the same as a slow tenant
/// has its turn, and, of eight or more, not all of them. Housekeeping gets an eighth.
#[must_use]
pub fn lane_share(slots: usize, lane: &str) -> usize {
    let eighth = slots.checked_div(8).unwrap_or(0);
    if lane == HOUSEKEEPING { eighth.max(1) } else { slots.saturating_sub(eighth).max(1) }
}

/// Who holds how many of a worker's slots.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Busy {
    /// Each tenant.
    pub tenants: HashMap<TenantId, usize>,
    /// What is waited for.
    pub lanes: HashMap<String, usize>,
}

impl Busy {
    /// Counts one more job.
    pub fn add(&mut self, tenant: TenantId, lane: Option<&str>) {
        let more = |count: &mut usize| *count = count.saturating_add(1);
        more(self.tenants.entry(tenant).or_default());
        if let Some(lane) = lane {
            more(self.lanes.entry(lane.to_owned()).or_default());
        }
    }

    /// The tenants that hold their share of all `slots`.
    #[must_use]
    pub fn full_tenants(&self, slots: usize) -> Vec<TenantId> {
        let share = tenant_share(slots);
        self.tenants.iter().filter(|(_, held)| **held >= share).map(|(tenant, _)| *tenant).collect()
    }

    /// Whether as many of all `slots` wait for something as may.
    #[must_use]
    pub fn has_full_lane(&self, slots: usize) -> bool {
        self.lanes.iter().any(|(lane, held)| *held >= lane_share(slots, lane))
    }

    /// Whether a job fits in.
    fn has_room(&self, tenant: TenantId, lane: Option<&str>, slots: usize) -> bool {
        let fits = |held: Option<&usize>, share: usize| held.is_none_or(|held| *held < share);
        fits(self.tenants.get(&tenant), tenant_share(slots))
            && lane.is_none_or(|lane| fits(self.lanes.get(lane), lane_share(slots, lane)))
    }
}

/// Which of the `due` jobs to take into `free` slots: in turn from each tenant, in the order the tenants stand in, none beyond its
/// share of all `slots`, of which `busy` says who holds how many. What is waited for that may be slow has a share too, so that a model
/// which hangs leaves room for other models, and for what waits for none.
#[must_use]
pub fn share_out(due: &[Due], free: usize, slots: usize, busy: &Busy) -> Vec<JobId> {
    let mut tenants: Vec<(TenantId, VecDeque<&Due>)> = Vec::new();
    for job in due {
        match tenants.iter_mut().find(|(tenant, _)| *tenant == job.tenant_id) {
            Some((_, jobs)) => jobs.push_back(job),
            None => tenants.push((job.tenant_id, VecDeque::from([job]))),
        }
    }
    let mut held = busy.clone();
    let mut taken = Vec::new();
    let mut progress = true;
    while progress && taken.len() < free {
        progress = false;
        for (tenant, jobs) in &mut tenants {
            if taken.len() >= free {
                break;
            }
            // Those whose lane is full are passed over; the next may wait for something else.
            while let Some(job) = jobs.pop_front() {
                if held.has_room(*tenant, job.lane.as_deref(), slots) {
                    held.add(*tenant, job.lane.as_deref());
                    taken.push(job.id);
                    progress = true;
                    break;
                }
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
        (0..count).map(|_| Due { id: JobId::new(), tenant_id: tenant, lane: None }).collect()
    }

    #[test]
    fn what_waits_for_one_thing_leaves_room_for_what_waits_for_another() {
        let in_lane = |lane: &str, count| -> Vec<Due> {
            let job = |_| Due { id: JobId::new(), tenant_id: TenantId::new(), lane: Some(lane.to_owned()) };
            (0..count).map(job).collect()
        };
        let (slow, quick, other) = (in_lane("slow", 40), in_lane("quick", 1), jobs(TenantId::new(), 1));
        let due: Vec<Due> = slow.iter().chain(&quick).chain(&other).cloned().collect();
        let taken = share_out(&due, 16, 16, &Busy::default());
        assert_eq!(taken.iter().filter(|id| slow.iter().any(|job| job.id == **id)).count(), 14);
        assert!(taken.contains(&quick[0].id) && taken.contains(&other[0].id));
        let mut busy = Busy::default();
        (0..14).for_each(|_| busy.add(TenantId::new(), Some("slow")));
        assert_eq!(share_out(&due, 4, 16, &busy), [quick[0].id, other[0].id]);
        // Of one tenant too: what it has behind is not held up.
        let one = TenantId::new();
        let due: Vec<Due> = [("slow", 3), ("quick", 1)]
            .into_iter()
            .flat_map(|(lane, count)| in_lane(lane, count))
            .map(|job| Due { tenant_id: one, ..job })
            .collect();
        assert_eq!(share_out(&due, 4, 16, &busy), [due[3].id]);
    }

    #[test]
    fn a_backlog_does_not_push_others_aside() {
        let (loud, quiet) = (TenantId::new(), TenantId::new());
        let mut due = jobs(loud, 50);
        let own = jobs(quiet, 1);
        due.extend(own.iter().cloned());
        let taken = share_out(&due, 8, 16, &Busy::default());
        assert_eq!(taken.len(), 8);
        assert_eq!(taken[1], own[0].id);
    }

    #[test]
    fn one_tenant_never_holds_every_slot() {
        let loud = TenantId::new();
        assert_eq!(share_out(&jobs(loud, 50), 16, 16, &Busy::default()).len(), 12);
        assert_eq!(share_out(&jobs(loud, 50), 4, 16, &Busy { tenants: HashMap::from([(loud, 12)]), ..Busy::default() }).len(), 0);
        assert_eq!(share_out(&jobs(loud, 5), 1, 1, &Busy::default()).len(), 1);
    }

    proptest! {
        #[test]
        fn what_is_taken_is_due_once_and_within_bounds(counts in prop::collection::vec(0_usize..9, 0..7), free in 0_usize..12, slots in 1_usize..20) {
            let free = free.min(slots);
            let due: Vec<Due> = counts.iter().flat_map(|&count| jobs(TenantId::new(), count)).collect();
            let taken = share_out(&due, free, slots, &Busy::default());
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
