//! How often somebody may do something: each time takes one out of a quota that fills up again evenly (the generic cell rate
//! algorithm). In this process alone, or counted by all processes together in Redis; while that is away, by each for itself.

mod local;
mod shared;

use std::{
    num::NonZeroU32,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

use self::local::Local;
use crate::{clock::Clock, memory::Memory};

/// So many times in so long, all at once or spread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    /// How many times.
    pub most: NonZeroU32,
    /// In how long.
    pub window: Duration,
}

impl Quota {
    /// So many times a minute.
    #[must_use]
    pub const fn per_minute(most: NonZeroU32) -> Self {
        Self { most, window: Duration::from_secs(60) }
    }

    /// How long it takes until there is one more, in microseconds.
    fn every(self) -> u64 {
        let window = u64::try_from(self.window.as_micros()).unwrap_or(u64::MAX);
        window.checked_div(u64::from(self.most.get())).unwrap_or(window).max(1)
    }
}

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A visitor's messages.
    Visitor,
    /// The messages from an address.
    Address,
    /// The requests of a member of a tenant.
    Member,
    /// The requests with an API key.
    ApiKey,
    /// What visitors send with a widget key.
    WidgetKey,
}

impl Kind {
    /// The word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Visitor => "visitor",
            Self::Address => "address",
            Self::Member => "member",
            Self::ApiKey => "api_key",
            Self::WidgetKey => "widget_key",
        }
    }
}

/// The quotas there are.
#[derive(Clone, Copy, Debug)]
pub struct Quotas {
    /// A visitor's messages.
    pub visitor: Quota,
    /// The messages from an address.
    pub address: Quota,
    /// The requests of a member of a tenant.
    pub member: Quota,
    /// The requests with an API key.
    pub api_key: Quota,
    /// What visitors send with a widget key.
    pub widget_key: Quota,
}

impl Quotas {
    /// The quota of a kind.
    #[must_use]
    pub const fn of(&self, kind: Kind) -> Quota {
        match kind {
            Kind::Visitor => self.visitor,
            Kind::Address => self.address,
            Kind::Member => self.member,
            Kind::ApiKey => self.api_key,
            Kind::WidgetKey => self.widget_key,
        }
    }
}

/// Whose quota: a hash, so that nobody's address is kept.
pub type Key = [u8; 32];

/// How a quota stands after it was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// What is counted.
    pub kind: Kind,
    /// The quota.
    pub quota: Quota,
    /// How many times are left.
    pub left: u32,
    /// How long until all of it is there again.
    pub full_in: Duration,
}

impl Standing {
    /// From what is owed: how long it takes, in microseconds, until all is there again.
    fn owing(kind: Kind, quota: Quota, debt: u64) -> Self {
        let gone = debt.div_ceil(quota.every());
        let left = u64::from(quota.most.get()).saturating_sub(gone);
        Self { kind, quota, left: u32::try_from(left).unwrap_or(0), full_in: Duration::from_micros(debt) }
    }
}

/// What came of asking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    /// How long to wait, and for which quota; `None`: it was allowed.
    pub refused: Option<(Kind, Duration)>,
    /// How the quotas stand now.
    pub standings: Vec<Standing>,
}

/// Counts. Clones count together.
#[derive(Clone)]
pub struct Rates(Arc<Inner>);

struct Inner {
    quotas: Quotas,
    clock: Clock,
    local: Local,
    memory: Option<Memory>,
    /// When the memory last did not answer.
    absent_at: Mutex<Option<Instant>>,
}

/// Whoever asks so soon after the memory did not answer need not wait for it again.
const LATELY: Duration = Duration::from_secs(1);

impl Rates {
    /// With these quotas; `memory` is where all processes count together.
    #[must_use]
    pub fn new(quotas: Quotas, clock: Clock, memory: Option<Memory>) -> Self {
        let local = Local::new(quotas, &clock);
        Self(Arc::new(Inner { quotas, clock, local, memory, absent_at: Mutex::default() }))
    }

    /// Takes one out of each of these quotas, if it is in all of them.
    pub async fn take(&self, asked: &[(Kind, Key)]) -> Taken {
        let Inner { quotas, clock, local, memory, absent_at } = &*self.0;
        let absent_at = || absent_at.lock().unwrap_or_else(PoisonError::into_inner);
        let is_absent = absent_at().is_some_and(|at| at.elapsed() < LATELY);
        if let Some(memory) = memory.as_ref().filter(|_| !is_absent) {
            match shared::take(memory, quotas, asked, clock.now()).await {
                Ok(taken) => return taken,
                Err(absent) => {
                    tracing::debug!(error = %absent, "rates are counted by this process alone");
                    *absent_at() = Some(Instant::now());
                }
            }
        }
        local.take(asked)
    }
}
