//! Tables of prices, subscriptions and credits.

use diesel::table;

table! {
    use diesel::sql_types::*;
    use crate::db::sql::{Id, Instant};
    /// What everything costs, in versions; immutable.
    pricebook_versions (number) {
        number -> Integer, content -> Text, content_hash -> Binary, note -> Text, effective_from -> Instant, published_at -> Instant,
        withdrawn_at -> Nullable<Instant>, policy -> Text, restored_from -> Nullable<Integer>, draft_id -> Nullable<Id>,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::db::sql::{Id, Instant};
    /// The prices somebody is working on; one at most.
    pricebook_drafts (slot) {
        slot -> SmallInt, id -> Id, revision -> BigInt, content -> Text, content_hash -> Binary, note -> Text, policy -> Text,
        based_on -> Integer, restored_from -> Nullable<Integer>, created_at -> Instant, changed_at -> Instant,
        submitted_at -> Nullable<Instant>, approved_at -> Nullable<Instant>, approved_hash -> Nullable<Binary>,
        approved_for -> Nullable<Instant>,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::db::sql::{Id, Instant};
    /// Who did what on the way of prices; append-only.
    pricebook_steps (id) {
        id -> Id, draft_id -> Nullable<Id>, number -> Nullable<Integer>, kind -> Text, actor -> Text, actor_id -> Nullable<Id>,
        revision -> Nullable<BigInt>, content_hash -> Binary, effective_from -> Nullable<Instant>, four_eyes -> Nullable<Bool>,
        acknowledged -> Nullable<Text>, comment -> Nullable<Text>, created_at -> Instant,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::db::sql::Instant;
    /// Whether approving prices takes somebody else.
    pricebook_governance (slot) {
        slot -> SmallInt, four_eyes -> Bool, changed_at -> Instant,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::db::sql::{Id, Instant};
    /// How far it is that customers are on a version.
    pricebook_publications (number) {
        number -> Integer, total -> Nullable<BigInt>, seen -> BigInt, moved -> BigInt, last_tenant -> Nullable<Id>, created_at -> Instant,
        finished_at -> Nullable<Instant>,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::db::sql::Instant;
    /// Every publication and withdrawal; append-only.
    pricebook_log (line) {
        line -> Integer, kind -> Text, number -> Integer, content_hash -> Binary, effective_from -> Instant, previous_hash -> Binary,
        hash -> Binary,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::db::sql::{Id, Instant};
    /// What tenants are on.
    subscriptions (tenant_id) {
        tenant_id -> Id, plan -> Text, pricebook_version -> Integer, trial -> Bool, anchor_day -> SmallInt, started_at -> Instant,
        ends_at -> Nullable<Instant>, next_plan -> Nullable<Text>, revision -> BigInt,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::db::sql::{Id, Instant};
    /// What tenants were on, from when; append-only.
    subscription_segments (tenant_id, number) {
        tenant_id -> Id, number -> Integer, plan -> Text, pricebook_version -> Integer, trial -> Bool, ends -> Bool,
        effective_from -> Instant, reason -> Text, created_at -> Instant,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::db::sql::{Id, Instant};
    /// What periods cost; append-only.
    statements (tenant_id, period_from) {
        tenant_id -> Id, period_from -> Instant, period_to -> Instant, currency -> Text, total -> BigInt, created_at -> Instant,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::db::sql::{Id, Instant};
    /// What for; append-only.
    statement_lines (tenant_id, period_from, number) {
        tenant_id -> Id, period_from -> Instant, number -> Integer, kind -> Text, plan -> Nullable<Text>,
        pricebook_version -> Nullable<Integer>, line_from -> Instant, line_to -> Instant, amount -> BigInt, quantity -> Nullable<BigInt>,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::db::sql::{Id, Instant};
    /// What tenants have.
    credit_accounts (tenant_id) {
        tenant_id -> Id, balance -> BigInt, held -> BigInt, last_entry -> BigInt, period_from -> Instant, period_to -> Instant,
        next_event_at -> Nullable<Instant>,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::db::sql::{Id, Instant};
    /// What providers of language models take; append-only.
    provider_costs (id) {
        id -> Id, model -> Text, currency -> Text, prompt_micro -> BigInt, completion_micro -> BigInt, effective_from -> Instant,
        actor -> Text, actor_id -> Nullable<Id>, created_at -> Instant,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::db::sql::Instant;
    /// What became of reckoning a day's charges once more; append-only.
    charge_checks (day) { day -> Instant, checked -> BigInt, differing -> BigInt, finished_at -> Instant, }
}

table! {
    use diesel::sql_types::*;
    use crate::db::sql::{Id, Instant};
    /// What answers may take at most.
    credit_caps (tenant_id, kind, subject_id) {
        tenant_id -> Id, kind -> Text, subject_id -> Id, credits -> BigInt, created_at -> Instant,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::db::sql::{Id, Instant};
    /// What they took since a day or a month began.
    credit_spending (tenant_id, kind, subject_id) {
        tenant_id -> Id, kind -> Text, subject_id -> Id, began -> Instant, spent -> BigInt,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::db::sql::{Id, Instant};
    /// Blocks of credits.
    credit_grants (id) {
        id -> Id, tenant_id -> Id, kind -> Text, amount -> BigInt, remaining -> BigInt, held -> BigInt, priority -> SmallInt,
        effective_from -> Instant, expires_at -> Nullable<Instant>, pricebook_version -> Nullable<Integer>,
        period_from -> Nullable<Instant>, created_at -> Instant, product -> Nullable<Text>,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::db::sql::{Id, Instant};
    /// What is set aside for turns.
    credit_holds (id) {
        id -> Id, tenant_id -> Id, turn_id -> Id, amount -> BigInt, pricebook_version -> Integer, created_at -> Instant,
        settled_at -> Nullable<Instant>,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::db::sql::{Id, Instant};
    /// What turns took and how it was rated; append-only.
    credit_charges (tenant_id, usage_key) {
        tenant_id -> Id, usage_key -> Text, turn_id -> Id, hold_id -> Id, action -> Text, prompt_tokens -> Nullable<Integer>,
        completion_tokens -> Nullable<Integer>, estimated -> Bool, rated -> BigInt, captured -> BigInt, absorbed -> BigInt,
        pricebook_version -> Integer, content_hash -> Binary, created_at -> Instant, overage -> BigInt,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::db::sql::{Id, Instant};
    /// What was given back of charges; append-only.
    credit_refunds (tenant_id, turn_id) {
        tenant_id -> Id, turn_id -> Id, reason -> Text, percent -> Integer, amount -> BigInt, pricebook_version -> Integer,
        actor -> Text, actor_id -> Nullable<Id>, created_at -> Instant,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::db::sql::{Id, Instant};
    /// The ledger; append-only.
    credit_entries (tenant_id, number) {
        tenant_id -> Id, number -> BigInt, kind -> Text, amount -> BigInt, balance_before -> BigInt, balance_after -> BigInt,
        held_before -> BigInt, held_after -> BigInt, grant_id -> Id, hold_id -> Nullable<Id>, turn_id -> Nullable<Id>,
        pricebook_version -> Nullable<Integer>, content_hash -> Nullable<Binary>, occurred_at -> Instant, created_at -> Instant,
        actor -> Nullable<Text>, actor_id -> Nullable<Id>, reason -> Nullable<Text>,
    }
}
