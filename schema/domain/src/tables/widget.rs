//! Tables of the chat window on websites.

use diesel::table;

table! {
    use diesel::sql_types::*;
    use crate::db::sql::Id;
    /// Through which widget keys turns were asked for.
    turn_widget_keys (tenant_id, turn_id) { tenant_id -> Id, turn_id -> Id, widget_key_id -> Id, }
}

table! {
    use diesel::sql_types::*;
    use crate::db::sql::{Id, Instant};
    /// What the widget on tenants' websites shows.
    widget_keys (id) {
        id -> Id, tenant_id -> Id, name -> Text, key -> Text, revision -> BigInt, created_at -> Instant,
        disabled_at -> Nullable<Instant>, last_used_at -> Nullable<Instant>,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::db::sql::Id;
    /// On which websites a key may be shown.
    widget_origins (widget_key_id, origin) {
        tenant_id -> Id, widget_key_id -> Id, origin -> Text,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::db::sql::{Id, Instant};
    /// What keys were before they were changed for others.
    widget_former_keys (key) {
        key -> Text, tenant_id -> Id, widget_key_id -> Id, good_until -> Instant,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::db::sql::Id;
    /// Which apps may show a key.
    widget_apps (widget_key_id, app) {
        tenant_id -> Id, widget_key_id -> Id, app -> Text,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::db::sql::{Id, Instant};
    /// Which websites showed a key and may not.
    widget_refused_origins (widget_key_id, origin) {
        tenant_id -> Id, widget_key_id -> Id, origin -> Text, times -> BigInt, first_at -> Instant, last_at -> Instant,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::db::sql::{Id, Instant};
    /// How the widget looks on tenants' websites.
    widget_looks (tenant_id) {
        tenant_id -> Id, color -> Text, position -> Text, launcher -> Text, label -> Nullable<Text>, greeting -> Nullable<Text>,
        avatar_url -> Nullable<Text>, offline_text -> Nullable<Text>, consent -> Text, revision -> BigInt, updated_at -> Instant,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::db::sql::{Id, Instant};
    /// How tenants' own websites tell who their visitors are.
    widget_identities (tenant_id) {
        tenant_id -> Id, required -> Bool, secret -> Nullable<Binary>, secret_made_at -> Nullable<Instant>,
        former_secret -> Nullable<Binary>, former_made_at -> Nullable<Instant>, former_until -> Nullable<Instant>,
        revision -> BigInt,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::db::sql::{Id, Instant};
    /// Pages that were looked at to see whether the widget can work there.
    widget_checks (id) {
        id -> Id, tenant_id -> Id, url -> Text, requested_at -> Instant, ended_at -> Nullable<Instant>, findings -> Nullable<Text>,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::db::sql::Instant;
    /// The widget's scripts that were ever served under an address of their own.
    widget_scripts (version) { version -> Text, script -> Text, created_at -> Instant, }
}
