//! Shapes of tenants.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{clock::Instant, credit::Entitled, id::TenantId, locale::Locale, tables::tenants, text_enum::text_enum};

/// A business.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = tenants, check_for_backend(diesel::pg::Pg, diesel::sqlite::Sqlite))]
pub struct Tenant {
    /// Its row.
    pub id: TenantId,
    /// The UUID it is known by outside; it stands in its script tag.
    pub public_id: TenantId,
    /// Its short name in addresses.
    pub slug: String,
    /// Its name for people.
    pub name: String,
    /// The language when a visitor's cannot be told.
    pub default_locale: Locale,
    /// Whether strangers may chat with it on this host's own pages.
    pub public_chat: bool,
    /// When it was made.
    pub created_at: Instant,
    /// What it says of itself, as a [`Profile`] is stored.
    pub profile: Option<String>,
    /// What visitors are told when nobody can answer; the built-in words if it has none of its own.
    pub away_text: Option<String>,
    /// When people are there, as [`OfficeHours`](super::OfficeHours) are stored.
    pub office_hours: Option<String>,
    /// Since when nothing is answered and nothing charged.
    pub suspended_at: Option<Instant>,
    /// Since when it is over.
    pub closed_at: Option<Instant>,
    /// One more at each change.
    pub revision: i64,
    /// How long visitors may wait for a person before they are told so and the conversation is flagged.
    pub wait_seconds: i32,
    /// How it tells visitors that they talk to an AI; the built-in words if it has none of its own.
    pub ai_notice: Option<String>,
    /// Whether models are told what visitors write without e-mails and the numbers of phones, cards and accounts.
    pub mask_prompts: bool,
}

impl Tenant {
    /// What it is, given whether its plan is only tried.
    #[must_use]
    pub fn status(&self, trial: bool) -> Status {
        match (self.closed_at, self.suspended_at, trial) {
            (Some(_), _, _) => Status::Closed,
            (None, Some(_), _) => Status::Suspended,
            (None, None, true) => Status::Trial,
            (None, None, false) => Status::Active,
        }
    }
}

text_enum! {
    /// What a tenant is. Computed, never stored.
    Status {
        /// It tries a plan.
        Trial = "trial",
        /// It is on a plan.
        Active = "active",
        /// Nothing is answered and nothing charged.
        Suspended = "suspended",
        /// It is over.
        Closed = "closed",
    }
}

/// What a business says of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Profile {
    /// What it does, at most 2,000 characters.
    pub about: Option<String>,
    /// Its website: `http` or `https`, at most 500 characters.
    pub website: Option<String>,
    /// Where people write to.
    pub contact_email: Option<String>,
    /// Where people call, at most 50 characters.
    pub phone: Option<String>,
    /// Where it is, at most 500 characters on several lines.
    pub postal_address: Option<String>,
}

impl Profile {
    /// As it is stored; nothing if it says nothing.
    #[must_use]
    pub fn written(&self) -> Option<String> {
        (*self != Self::default()).then(|| serde_json::json!(self).to_string())
    }

    /// From how it is stored.
    ///
    /// # Errors
    /// If it was never written by this.
    pub fn read(text: Option<&str>) -> Result<Self, serde_json::Error> {
        text.map_or_else(|| Ok(Self::default()), serde_json::from_str)
    }
}

/// What is to be different. What is `None` stays; what is `Some(None)` is taken away.
#[derive(Clone, Debug, Default)]
pub struct Change {
    /// The name for people.
    pub name: Option<String>,
    /// The language when a visitor's cannot be told.
    pub default_locale: Option<Locale>,
    /// Whether strangers may chat with it on this host's own pages.
    pub public_chat: Option<bool>,
    /// What it does.
    pub about: Option<Option<String>>,
    /// Its website.
    pub website: Option<Option<String>>,
    /// Where people write to.
    pub contact_email: Option<Option<String>>,
    /// Where people call.
    pub phone: Option<Option<String>>,
    /// Where it is.
    pub postal_address: Option<Option<String>>,
    /// What visitors are told when nobody can answer.
    pub away_text: Option<Option<String>>,
    /// When people are there, as they are stored.
    pub office_hours: Option<Option<String>>,
    /// How long visitors may wait for a person, in seconds, from 30 to 86,400.
    pub wait_seconds: Option<i32>,
    /// How it tells visitors that they talk to an AI.
    pub ai_notice: Option<Option<String>>,
    /// Whether models are told what visitors write without e-mails and the numbers of phones, cards and accounts.
    pub mask_prompts: Option<bool>,
}

/// A business to be set up.
#[derive(Clone, Debug)]
pub struct NewBusiness {
    /// Its name for people.
    pub name: String,
    /// Its short name in addresses; made of the name if nothing is said.
    pub slug: Option<String>,
    /// Its language.
    pub locale: Locale,
    /// Whether strangers may chat with it on this host's own pages.
    pub public_chat: bool,
    /// The plan it is on, by its key; on trial if nothing is said.
    pub plan: Option<String>,
}

/// What became of setting a business up.
#[derive(Clone, Debug)]
pub enum Opened {
    /// It is there.
    Now(Tenant),
    /// It was set up before, under the same key.
    Before(Tenant),
    /// The slug is another's.
    SlugTaken,
    /// The prices in force have no such plan.
    NoSuchPlan,
    /// The key came before with something else.
    KeyReused,
}

/// What became of closing a tenant.
#[derive(Clone, Debug)]
pub enum Closing {
    /// It is closed.
    Done(Box<Tenant>),
    /// Only an owner of it, or who works for the platform, closes a tenant.
    OwnersOnly,
    /// The platform's own tenant is never closed, or suspended.
    Platforms,
}

/// How a tenant's entitlements stand.
pub type Entitlements = Vec<Entitled>;

/// Which tenants are wanted; what is `None` does not matter.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// What they are.
    pub status: Option<Status>,
    /// What their name or slug has in it, in whatever case.
    pub text: Option<String>,
}

/// What a new tenant is made of.
#[derive(Clone, Debug)]
pub struct NewTenant {
    /// 2 to 63 of `a-z`, `0-9` and inner hyphens, unique.
    pub slug: String,
    /// 1 to 200 characters.
    pub name: String,
    /// The language when a visitor's cannot be told.
    pub default_locale: Locale,
    /// Whether strangers may chat with it on this host's own pages.
    pub public_chat: bool,
}

#[derive(Insertable)]
#[diesel(table_name = tenants)]
pub(super) struct NewRow<'a> {
    pub(super) id: TenantId,
    pub(super) public_id: TenantId,
    pub(super) slug: &'a str,
    pub(super) name: &'a str,
    pub(super) default_locale: Locale,
    pub(super) public_chat: bool,
    pub(super) created_at: Instant,
}
