//! Counting in this process alone.

use std::{
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use governor::{RateLimiter, clock::Clock as _, middleware::StateInformationMiddleware, state::keyed::DashMapStateStore};

use super::{Key, Kind, Quota, Quotas, Standing, Taken};
use crate::clock::Clock;

/// Our clock, as the limiter asks it.
#[derive(Clone)]
struct Ours(Clock);

impl governor::clock::Clock for Ours {
    type Instant = Duration;

    fn now(&self) -> Duration {
        Duration::from_micros(u64::try_from(self.0.now().as_micros()).unwrap_or(0))
    }
}

type Limiter = RateLimiter<Key, DashMapStateStore<Key>, Ours, StateInformationMiddleware>;

pub(super) struct Local {
    visitor: (Quota, Limiter),
    address: (Quota, Limiter),
    member: (Quota, Limiter),
    api_key: (Quota, Limiter),
    widget_key: (Quota, Limiter),
    clock: Ours,
    asked: AtomicU32,
}

/// After so many questions, whoever has not asked for long is forgotten.
const TIDY: u32 = 10_000;

impl Local {
    pub(super) fn new(quotas: Quotas, clock: &Clock) -> Self {
        let limiter = |quota: Quota| {
            let every = Duration::from_micros(quota.every());
            // Never none: the time between two is at least a microsecond.
            let rate = governor::Quota::with_period(every).unwrap_or(governor::Quota::per_minute(quota.most));
            (quota, Limiter::new(rate.allow_burst(quota.most), DashMapStateStore::default(), Ours(clock.clone())))
        };
        Self {
            visitor: limiter(quotas.visitor),
            address: limiter(quotas.address),
            member: limiter(quotas.member),
            api_key: limiter(quotas.api_key),
            widget_key: limiter(quotas.widget_key),
            clock: Ours(clock.clone()),
            asked: AtomicU32::new(0),
        }
    }

    pub(super) fn take(&self, asked: &[(Kind, Key)]) -> Taken {
        if self.asked.fetch_add(1, Ordering::Relaxed) % TIDY == TIDY.saturating_sub(1) {
            for (_, limiter) in [&self.visitor, &self.address, &self.member, &self.api_key, &self.widget_key] {
                limiter.retain_recent();
            }
        }
        let mut taken = Taken { refused: None, standings: Vec::new() };
        for (kind, key) in asked {
            let (quota, limiter) = match kind {
                Kind::Visitor => &self.visitor,
                Kind::Address => &self.address,
                Kind::Member => &self.member,
                Kind::ApiKey => &self.api_key,
                Kind::WidgetKey => &self.widget_key,
            };
            let left = match limiter.check_key(key) {
                Ok(state) => state.remaining_burst_capacity(),
                Err(not_until) => {
                    taken.refused = Some((*kind, not_until.wait_time_from(self.clock.now())));
                    0
                }
            };
            let gone = u64::from(quota.most.get().saturating_sub(left));
            taken.standings.push(Standing::owing(*kind, *quota, gone.saturating_mul(quota.every())));
            if taken.refused.is_some() {
                break;
            }
        }
        taken
    }
}
