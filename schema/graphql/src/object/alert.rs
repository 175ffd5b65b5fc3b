//! What somebody has to know of a tenant.

use async_graphql::SimpleObject;
use frontoffice_domain::alert;

use crate::{
    kind::AlertKind,
    scalar::{DateTime, Uuid},
};

/// Something that somebody has to know of a tenant. It is raised once for each period, version or day it is about, and never changes.
#[derive(SimpleObject)]
pub(crate) struct Alert {
    /// Which one.
    uuid: Uuid,
    /// What it is about.
    kind: AlertKind,
    /// How much of a period's own credits is used up, in percent; null where it is about something else.
    percent: Option<i32>,
    /// The version whose prices hold; null where it is about something else.
    pricebook_version: Option<i32>,
    /// When it happened.
    occurred_at: DateTime,
}

impl From<alert::Alert> for Alert {
    fn from(alert: alert::Alert) -> Self {
        let alert::Alert { id, kind, percent, pricebook_version, occurred_at, created_at: _ } = alert;
        Self { uuid: Uuid(id.uuid()), kind: kind.into(), percent, pricebook_version, occurred_at: DateTime(occurred_at) }
    }
}
