//! The tables, as both engines have them. Kept by hand next to `migrations/`; a test compares them with the migrated stores.

mod credit;
mod widget;

use diesel::{allow_tables_to_appear_in_same_query, joinable, table};

pub(crate) use self::credit::{
    charge_checks, credit_accounts, credit_caps, credit_charges, credit_entries, credit_grants, credit_holds, credit_refunds,
    credit_spending, pricebook_drafts, pricebook_governance, pricebook_log, pricebook_publications, pricebook_steps,
    pricebook_versions, provider_costs, statement_lines, statements, subscription_segments, subscriptions,
};
pub(crate) use self::widget::{
    turn_widget_keys, widget_apps, widget_checks, widget_former_keys, widget_identities, widget_keys, widget_looks,
    widget_origins, widget_refused_origins, widget_scripts,
};

table! {
    use diesel::sql_types::*;
    use crate::db::sql::{Id, Instant};
    /// Businesses.
    tenants (id) {
        id -> Id, public_id -> Id, slug -> Text, name -> Text, default_locale -> Text, public_chat -> Bool, created_at -> Instant,
        profile -> Nullable<Text>, away_text -> Nullable<Text>, office_hours -> Nullable<Text>,
        suspended_at -> Nullable<Instant>, closed_at -> Nullable<Instant>, revision -> BigInt, wait_seconds -> Integer,
        ai_notice -> Nullable<Text>, mask_prompts -> Bool, erased_at -> Nullable<Instant>,
    }
}
table! {
    use diesel::sql_types::*;
    use crate::db::sql::{Id, Instant};
    /// Which thing a caller's own key for making it stands for.
    mutation_keys (tenant_id, caller, key) {
        tenant_id -> Id, caller -> Text, key -> Text, body_hash -> Binary, subject_id -> Id, created_at -> Instant,
    }
}
table! {
    use diesel::sql_types::*;
    use crate::db::sql::{Id, Instant};
    /// One row once set-up has happened.
    installation (id) { id -> SmallInt, platform_tenant_id -> Id, set_up_at -> Instant, }
}
table! {
    use diesel::sql_types::*;
    use crate::db::sql::{Id, Instant};
    /// Who answers for a tenant.
    personas (id) { id -> Id, tenant_id -> Id, is_default -> Bool, created_at -> Instant, archived_at -> Nullable<Instant>, }
}
table! {
    use diesel::sql_types::*;
    use crate::db::sql::{Id, Instant};
    /// What a persona was; immutable.
    persona_versions (id) {
        id -> Id, tenant_id -> Id, persona_id -> Id, number -> Integer, name -> Text, description -> Text, tone -> Text,
        system_prompt -> Text, created_at -> Instant, author -> Text, author_id -> Nullable<Id>, note -> Nullable<Text>,
        restored_from -> Nullable<BigInt>, grounding -> Text,
        model -> Nullable<Text>, temperature -> Nullable<Integer>, language -> Nullable<Text>,
    }
}
table! {
    use diesel::sql_types::*;
    use crate::db::sql::{Id, Instant};
    /// What a tenant has written down.
    knowledge_entries (id) {
        id -> Id, tenant_id -> Id, title -> Text, text -> Text, source_url -> Nullable<Text>, locale -> Text, state -> Text,
        created_at -> Instant, approved_at -> Nullable<Instant>, revision -> BigInt, updated_at -> Nullable<Instant>,
    }
}
table! {
    use diesel::sql_types::*;
    use crate::db::sql::Id;
    /// Approved entries in the pieces that are searched and quoted.
    passages (number) { number -> BigInt, tenant_id -> Id, entry_id -> Id, ordinal -> Integer, text -> Text, terms -> Text, }
}
table! {
    use diesel::sql_types::*;
    use crate::db::sql::{Id, Instant};
    /// Work to be done.
    jobs (id) {
        id -> Id, tenant_id -> Id, name -> Text, unique_key -> Text, payload -> Text, priority -> SmallInt, state -> Text,
        run_at -> Instant, attempt -> Integer, max_attempts -> Integer, lease_token -> BigInt, lease_until -> Nullable<Instant>,
        last_error -> Nullable<Text>, span -> Nullable<Text>, created_at -> Instant, ended_at -> Nullable<Instant>,
        lane -> Nullable<Text>,
    }
}
table! {
    use diesel::sql_types::*;
    use crate::db::sql::Instant;
    /// The processes that run now.
    processes (name) {
        name -> Text, role -> Text, version -> Text, started_at -> Instant, seen_at -> Instant, last_look_at -> Nullable<Instant>,
    }
}
table! {
    use diesel::sql_types::*;
    use crate::db::sql::{Id, Instant};
    /// Who talks to a tenant's assistant.
    visitors (id) {
        id -> Id, tenant_id -> Id, channel -> Text, key -> Binary, created_at -> Instant, seen_at -> Instant,
        spent_on -> Nullable<Instant>, spent -> BigInt, erased_at -> Nullable<Instant>, verified_at -> Nullable<Instant>,
        name -> Nullable<Text>, email -> Nullable<Text>, silent -> Bool,
    }
}
table! {
    use diesel::sql_types::*;
    use crate::db::sql::{Id, Instant};
    /// Conversations.
    conversations (id) {
        id -> Id, tenant_id -> Id, visitor_id -> Id, channel -> Text, session_id -> Text, locale -> Text, state -> Text, last_sequence -> BigInt,
        created_at -> Instant, assignee_id -> Nullable<Id>, last_message_at -> Instant, persona_id -> Nullable<Id>, draft -> Nullable<Text>,
        waiting_since -> Nullable<Instant>, overdue_at -> Nullable<Instant>, title -> Nullable<Text>, contact_email -> Nullable<Text>,
        rating -> Nullable<Text>, rating_comment -> Nullable<Text>, erased_at -> Nullable<Instant>,
    }
}
table! {
    use diesel::sql_types::*;
    use crate::db::sql::{Id, Instant};
    /// What the team writes beside conversations.
    conversation_notes (id) {
        id -> Id, tenant_id -> Id, conversation_id -> Id, author -> Text, author_id -> Nullable<Id>, text -> Text, created_at -> Instant,
    }
}
table! {
    use diesel::sql_types::*;
    use crate::db::sql::{Id, Instant};
    /// What was said.
    messages (id) {
        id -> Id, tenant_id -> Id, conversation_id -> Id, sequence -> BigInt, role -> Text, text -> Text, status -> Text,
        persona_version_id -> Nullable<Id>, model -> Nullable<Text>, sources -> Jsonb, created_at -> Instant,
        prompt_tokens -> Nullable<Integer>, completion_tokens -> Nullable<Integer>, tokens_estimated -> Nullable<Bool>,
        author -> Nullable<Text>, author_id -> Nullable<Id>, rating -> Nullable<Text>, verdict -> Nullable<Jsonb>,
    }
}
table! {
    use diesel::sql_types::*;
    use crate::db::sql::{Id, Instant};
    /// Attempts to answer.
    turns (id) {
        id -> Id, tenant_id -> Id, conversation_id -> Id, question_id -> Id, first_sequence -> BigInt, last_sequence -> BigInt,
        locale -> Text, state -> Text, restarts -> Integer, answer_id -> Nullable<Id>, created_at -> Instant,
        speaking_at -> Nullable<Instant>, ended_at -> Nullable<Instant>, stopped_at -> Nullable<Instant>,
        model -> Nullable<Text>,
    }
}
table! {
    use diesel::sql_types::*;
    use crate::db::sql::{Id, Instant};
    /// Which message a visitor's own key stands for.
    idempotency_keys (tenant_id, visitor_id, key) {
        tenant_id -> Id, visitor_id -> Id, key -> Text, body_hash -> Binary, message_id -> Id, created_at -> Instant,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::db::sql::{Id, Instant};
    /// People.
    users (id) {
        id -> Id, email -> Text, name -> Text, password_hash -> Text, created_at -> Instant, password_changed_at -> Instant,
    }
}
table! {
    use diesel::sql_types::*;
    use crate::db::sql::Id;
    /// Who of them works for the platform.
    staff (user_id) { user_id -> Id, role -> Text, }
}
table! {
    use diesel::sql_types::*;
    use crate::db::sql::{Id, Instant};
    /// Who is signed in.
    sessions (id) {
        id -> Id, token_hash -> Binary, user_id -> Id, audience -> Text, kind -> Text, created_at -> Instant, seen_at -> Instant,
        expires_at -> Instant, revoked_at -> Nullable<Instant>, tenant_id -> Nullable<Id>,
    }
}
table! {
    use diesel::sql_types::*;
    use crate::db::sql::{Id, Instant};
    /// Who is on a tenant's team.
    memberships (tenant_id, user_id) { tenant_id -> Id, user_id -> Id, role -> Text, created_at -> Instant, }
}
table! {
    use diesel::sql_types::*;
    use crate::db::sql::{Id, Instant};
    /// Who is asked to join.
    invitations (id) {
        id -> Id, tenant_id -> Id, audience -> Text, email -> Text, role -> Text, created_at -> Instant, expires_at -> Instant,
        accepted_at -> Nullable<Instant>, revoked_at -> Nullable<Instant>,
    }
}
table! {
    use diesel::sql_types::*;
    use crate::db::sql::{Id, Instant};
    /// Letters, and the links in them.
    mails (id) {
        id -> Id, tenant_id -> Id, kind -> Text, email -> Text, locale -> Text, business -> Text, user_id -> Nullable<Id>,
        invitation_id -> Nullable<Id>, nonce -> Binary, token_hash -> Binary, created_at -> Instant, expires_at -> Instant,
        sent_at -> Nullable<Instant>, used_at -> Nullable<Instant>,
    }
}
table! {
    use diesel::sql_types::*;
    use crate::db::sql::{Id, Instant};
    /// What tenants' servers show.
    api_keys (id) {
        id -> Id, tenant_id -> Id, name -> Text, token_hash -> Binary, hint -> Text, permissions -> Text, created_at -> Instant,
        expires_at -> Nullable<Instant>, used_at -> Nullable<Instant>, revoked_at -> Nullable<Instant>,
    }
}
table! {
    use diesel::sql_types::*;
    use crate::db::sql::{Id, Instant};
    /// Who changed what; append-only.
    audit_entries (id) {
        id -> Id, tenant_id -> Nullable<Id>, actor -> Text, actor_id -> Nullable<Id>, address_hash -> Nullable<Binary>, action -> Text,
        subject_id -> Nullable<Id>, fields -> Text, revision -> Nullable<BigInt>, reason -> Nullable<Text>,
        request_id -> Nullable<Id>, occurred_at -> Instant,
    }
}
table! {
    use diesel::sql_types::*;
    use crate::db::sql::{Id, Instant};
    /// What somebody has signed in from.
    devices (id) { id -> Id, token_hash -> Binary, user_id -> Id, created_at -> Instant, seen_at -> Instant, }
}
table! {
    use diesel::sql_types::*;
    use crate::db::sql::Instant;
    /// How often somebody tried to sign in.
    login_attempts (key) { key -> Binary, count -> Integer, counted_at -> Instant, open_at -> Instant, tried_at -> Instant, }
}

table! {
    use diesel::sql_types::*;
    use crate::db::sql::{Id, Instant};
    /// What somebody has to know of a tenant; append-only.
    alerts (id) {
        id -> Id, tenant_id -> Id, kind -> Text, unique_key -> Text, percent -> Nullable<Integer>, pricebook_version -> Nullable<Integer>,
        occurred_at -> Instant, created_at -> Instant,
    }
}
table! {
    use diesel::sql_types::*;
    use crate::db::sql::{Id, Instant};
    /// What became of what visitors said; append-only.
    privacy_receipts (id) {
        id -> Id, tenant_id -> Id, kind -> Text, visitor_id -> Nullable<Id>, conversations -> BigInt, messages -> BigInt,
        reason -> Nullable<Text>, author -> Text, author_id -> Nullable<Id>, created_at -> Instant,
    }
}

joinable!(credit_holds -> pricebook_versions (pricebook_version));
joinable!(subscriptions -> pricebook_versions (pricebook_version));
joinable!(pricebook_publications -> pricebook_versions (number));
joinable!(jobs -> tenants (tenant_id));
joinable!(installation -> tenants (platform_tenant_id));
joinable!(persona_versions -> personas (persona_id));
joinable!(passages -> knowledge_entries (entry_id));
joinable!(turns -> conversations (conversation_id));
joinable!(staff -> users (user_id));
joinable!(sessions -> users (user_id));
joinable!(devices -> users (user_id));
joinable!(memberships -> tenants (tenant_id));
joinable!(memberships -> users (user_id));
joinable!(api_keys -> tenants (tenant_id));
joinable!(widget_keys -> tenants (tenant_id));
joinable!(widget_origins -> widget_keys (widget_key_id));
joinable!(widget_apps -> widget_keys (widget_key_id));
joinable!(widget_former_keys -> widget_keys (widget_key_id));
allow_tables_to_appear_in_same_query!(
    alerts,
    api_keys,
    audit_entries,
    charge_checks,
    conversation_notes,
    conversations,
    credit_accounts,
    credit_caps,
    credit_charges,
    credit_entries,
    credit_grants,
    credit_holds,
    credit_spending,
    devices,
    idempotency_keys,
    installation,
    invitations,
    jobs,
    knowledge_entries,
    mails,
    memberships,
    messages,
    mutation_keys,
    passages,
    persona_versions,
    personas,
    pricebook_publications,
    pricebook_steps,
    pricebook_versions,
    privacy_receipts,
    provider_costs,
    sessions,
    staff,
    subscription_segments,
    subscriptions,
    tenants,
    turn_widget_keys,
    turns,
    users,
    visitors,
    widget_apps,
    widget_checks,
    widget_former_keys,
    widget_identities,
    widget_keys,
    widget_looks,
    widget_origins,
    widget_refused_origins,
    widget_scripts,
);
