//! Shapes of alerts.

use serde::{Deserialize, Serialize};

use crate::{clock::Instant, id::AlertId, job::Job, mail, text_enum::text_enum};

text_enum! {
    /// What an alert is about.
    AlertKind {
        /// So much of a period's own credits is used up.
        CreditsThreshold = "credits_threshold",
        /// A visitor was sent away because there were no credits for an answer.
        CreditsExhausted = "credits_exhausted",
        /// What the tenant was on has ended.
        PlanEnded = "plan_ended",
        /// The prices of another version hold.
        PricesChanged = "prices_changed",
        /// Charges that were reckoned once more came out differently.
        ChargesDiffer = "charges_differ",
    }
}

/// Something that somebody has to know of a tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alert {
    /// Which one.
    pub id: AlertId,
    /// What it is about.
    pub kind: AlertKind,
    /// How much is used up, in percent.
    pub percent: Option<i32>,
    /// The version whose prices hold.
    pub pricebook_version: Option<i32>,
    /// When it happened.
    pub occurred_at: Instant,
    /// When it was written down.
    pub created_at: Instant,
}

/// What an alert is about, and what makes it the only one of its kind.
#[derive(Clone, Copy, Debug)]
pub(crate) enum About {
    /// So many percent of the credits of the period that began then.
    Threshold { percent: i32, period_from: Instant },
    /// The period that began then.
    Exhausted { period_from: Instant },
    /// What ended then.
    PlanEnded { at: Instant },
    /// The version.
    Prices { number: i32 },
    /// The day.
    Charges { day: Instant },
}

impl About {
    pub(super) fn kind(self) -> AlertKind {
        match self {
            Self::Threshold { .. } => AlertKind::CreditsThreshold,
            Self::Exhausted { .. } => AlertKind::CreditsExhausted,
            Self::PlanEnded { .. } => AlertKind::PlanEnded,
            Self::Prices { .. } => AlertKind::PricesChanged,
            Self::Charges { .. } => AlertKind::ChargesDiffer,
        }
    }

    /// What it is the only one of its kind for.
    pub(super) fn key(self) -> String {
        match self {
            Self::Threshold { percent, period_from } => format!("{percent} {}", period_from.as_micros()),
            Self::Exhausted { period_from: at } | Self::PlanEnded { at } | Self::Charges { day: at } => {
                at.as_micros().to_string()
            }
            Self::Prices { number } => number.to_string(),
        }
    }

    pub(super) fn percent(self) -> Option<i32> {
        if let Self::Threshold { percent, .. } = self { Some(percent) } else { None }
    }

    pub(super) fn version(self) -> Option<i32> {
        if let Self::Prices { number } = self { Some(number) } else { None }
    }
}

impl Alert {
    /// The letter that tells of it, if one does.
    #[must_use]
    pub fn letter(&self) -> Option<mail::Kind> {
        match (self.kind, self.percent) {
            (AlertKind::CreditsThreshold, Some(100)) => Some(mail::Kind::Credits100),
            (AlertKind::CreditsThreshold, Some(80)) => Some(mail::Kind::Credits80),
            (AlertKind::CreditsThreshold, _) => Some(mail::Kind::Credits50),
            (AlertKind::CreditsExhausted, _) => Some(mail::Kind::CreditsExhausted),
            (AlertKind::PlanEnded, _) => Some(mail::Kind::PlanEnded),
            (AlertKind::ChargesDiffer, _) => Some(mail::Kind::ChargesDiffer),
            (AlertKind::PricesChanged, _) => None,
        }
    }
}

/// Writes the letters that tell of an alert.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TellOfAlert {
    /// Which.
    pub alert_id: AlertId,
}

impl Job for TellOfAlert {
    const NAME: &'static str = "tell_of_alert";
    const MAX_ATTEMPTS: i32 = 25;

    fn key(&self) -> String {
        self.alert_id.to_string()
    }
}
