//! Shapes of the widget.

use super::rules::AllowedOrigin;
use crate::{
    clock::Instant,
    id::{TenantId, WidgetKeyId},
};

/// What pages of a tenant's websites show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WidgetKey {
    /// Its row.
    pub id: WidgetKeyId,
    /// What the tenant calls it.
    pub name: String,
    /// The key. Every visitor's browser has it, so it is no secret.
    pub key: String,
    /// Where it may be shown, in alphabetical order.
    pub origins: Vec<AllowedOrigin>,
    /// One more at each change.
    pub revision: i64,
    /// When it was made.
    pub created_at: Instant,
    /// Since when it is not good.
    pub disabled_at: Option<Instant>,
}

/// What is to be different. What is `None` stays.
#[derive(Clone, Debug, Default)]
pub struct Change {
    /// What the tenant calls it.
    pub name: Option<String>,
    /// Where it may be shown.
    pub origins: Option<Vec<AllowedOrigin>>,
    /// Whether it is good.
    pub enabled: Option<bool>,
}

/// A page that shows a good key of a tenant, from where that key may be shown.
#[derive(Clone, Debug)]
pub struct Admitted {
    pub(super) tenant: TenantId,
    pub(super) key: String,
    pub(super) origin: String,
}

impl Admitted {
    /// Whose key it is.
    pub(crate) fn tenant(&self) -> TenantId {
        self.tenant
    }

    /// The key.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The page's origin, as its browser writes it.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }
}

/// Whether a page may speak for a tenant's website.
#[derive(Clone, Debug)]
pub enum Admission {
    /// It may.
    In(Admitted),
    /// There is no such key, or it is disabled, or its tenant is gone.
    KeyInvalid,
    /// The key is good, but not there.
    NotThere {
        /// Whether there is any origin where it is.
        anywhere: bool,
    },
}
