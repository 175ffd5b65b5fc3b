//! What is known of a business, and what it is on.

use async_graphql::{Result, SimpleObject};
use frontoffice_domain::{clock::Instant, credit, tenancy};

use crate::{
    error::internal,
    kind::{EntitlementKind, Weekday},
    scalar::Url,
};

/// What a business says of itself.
#[derive(SimpleObject)]
pub(crate) struct TenantProfile {
    /// What it does.
    about: Option<String>,
    /// Its website.
    website: Option<Url>,
    /// Where people write to.
    contact_email: Option<String>,
    /// Where people call.
    phone: Option<String>,
    /// Where it is, on several lines.
    postal_address: Option<String>,
}

impl From<tenancy::Profile> for TenantProfile {
    fn from(profile: tenancy::Profile) -> Self {
        let tenancy::Profile { about, website, contact_email, phone, postal_address } = profile;
        Self { about, website: website.map(Url), contact_email, phone, postal_address }
    }
}

/// When people are there to talk to visitors.
#[derive(SimpleObject)]
pub(crate) struct OfficeHours {
    /// The IANA time zone the hours are in.
    time_zone: String,
    /// The stretches of the week, in its order.
    week: Vec<OfficeStretch>,
    /// Whether people are there now.
    open: bool,
}

/// A stretch of a day on which people are there.
#[derive(SimpleObject)]
pub(crate) struct OfficeStretch {
    /// The day.
    day: Weekday,
    /// From when on: `09:00`.
    from: String,
    /// Until when: `17:30`; `24:00` is midnight.
    to: String,
}

impl OfficeHours {
    /// From how they are stored.
    pub(crate) fn of(stored: Option<&str>, now: Instant) -> Result<Option<Self>> {
        let Some(stored) = stored else { return Ok(None) };
        let hours = tenancy::OfficeHours::read(stored).map_err(|error| {
            tracing::error!(%error, "stored office hours cannot be read");
            internal()
        })?;
        let stretch = |stretch: &tenancy::Stretch| OfficeStretch {
            day: stretch.day.into(),
            from: tenancy::clock_time(stretch.from),
            to: tenancy::clock_time(stretch.to),
        };
        let open = hours.are_open(now);
        Ok(Some(Self { week: hours.week.iter().map(stretch).collect(), time_zone: hours.time_zone, open }))
    }
}

/// How something that a plan entitles to stands.
#[derive(SimpleObject)]
pub(crate) struct Entitlement {
    /// To what.
    kind: EntitlementKind,
    /// How many the plan has; null is unlimited.
    limit: Option<i32>,
    /// How many are used or promised; null where nothing is used up.
    used: Option<i64>,
    /// The plan's name for people.
    plan_name: String,
    /// The first plan offered today that has more, by its name; null if none has.
    more_in: Option<String>,
}

impl From<credit::Entitled> for Entitlement {
    fn from(its: credit::Entitled) -> Self {
        Self {
            kind: its.what.into(),
            limit: its.limit.map(|limit| i32::try_from(limit).unwrap_or(i32::MAX)),
            used: its.used,
            plan_name: its.plan,
            more_in: its.more_in.map(|(plan, _)| plan),
        }
    }
}
