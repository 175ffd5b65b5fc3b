//! Shapes of tenants.

use diesel::prelude::*;

use crate::{clock::Instant, id::TenantId, locale::Locale, tables::tenants};

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
