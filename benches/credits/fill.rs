//! Businesses with turns, as the program leaves them: charged long ago, or ended and still to be metered.

use crate::{
    harness::store::{Database, Store},
    rows::{id, series},
};

/// What is set aside for each turn that is still to be metered.
pub(crate) const HELD: i64 = 4_000_000;
/// Turns are told apart by their number within their business.
const MOST_TURNS: &str = "16777216";

/// Fills a store in which there is a business `other`.
pub(crate) struct Fill<'a> {
    pub database: &'a Database,
    /// The businesses' numbers, the first and the last.
    pub businesses: (u32, u32),
    /// The turns of each, the first and the last.
    pub turns: (u32, u32),
}

impl Fill<'_> {
    fn store(&self) -> Store {
        self.database.store
    }

    fn id(&self, kind: &str, number: &str) -> String {
        id(self.store(), kind, number)
    }

    /// An id of a row that there is for each turn.
    fn of_turn(&self, kind: &str) -> String {
        self.id(kind, &format!("(CAST(t.t AS bigint) * {MOST_TURNS} + j.j)"))
    }

    async fn insert(&self, what: &str) {
        self.database.db_do(what).await;
    }

    /// Every turn of every business.
    fn every(&self) -> String {
        let (t, j) = (
            series(self.store(), "t", self.businesses.0, self.businesses.1),
            series(self.store(), "j", self.turns.0, self.turns.1),
        );
        format!("(SELECT * FROM tenants WHERE slug = 'other') o, {t}, {j} ORDER BY t.t, j.j")
    }

    /// Businesses that are as the other one is: on the same plan, with a persona and a visitor, and an account with nothing in it.
    pub(crate) async fn businesses(&self) {
        let t = series(self.store(), "t", self.businesses.0, self.businesses.1);
        let (tenant, public) = (self.id("7000", "t.t"), self.id("7009", "t.t"));
        let (visitor, conversation) = (self.id("7001", "t.t"), self.id("7002", "t.t"));
        let (persona, version) = (self.id("7003", "t.t"), self.id("7004", "t.t"));
        let key = match self.store() {
            Store::Postgres => "decode(lpad(to_hex(t.t), 64, '0'), 'hex')",
            Store::Sqlite => "unhex(printf('%064x', t.t))",
        };
        let yes = if self.store() == Store::Postgres { "true" } else { "1" };
        self.insert(&format!(
            "INSERT INTO tenants (id, public_id, slug, name, default_locale, public_chat, created_at, revision, wait_seconds, mask_prompts) \
             SELECT {tenant}, {public}, 'many-' || t.t, name, default_locale, public_chat, created_at, revision, wait_seconds, mask_prompts \
             FROM tenants o, {t} WHERE o.slug = 'other'; \
             INSERT INTO subscriptions (tenant_id, plan, pricebook_version, trial, anchor_day, started_at, ends_at) \
             SELECT {tenant}, s.plan, s.pricebook_version, s.trial, s.anchor_day, s.started_at, s.ends_at \
             FROM subscriptions s JOIN tenants o ON o.id = s.tenant_id, {t} WHERE o.slug = 'other'; \
             INSERT INTO credit_accounts (tenant_id, balance, held, last_entry, period_from, period_to) \
             SELECT {tenant}, 0, 0, 0, a.period_from, a.period_to FROM credit_accounts a JOIN tenants o ON o.id = a.tenant_id, {t} WHERE o.slug = 'other'; \
             INSERT INTO personas (id, tenant_id, is_default, created_at) SELECT {persona}, {tenant}, {yes}, o.created_at FROM tenants o, {t} WHERE o.slug = 'other'; \
             INSERT INTO persona_versions (id, tenant_id, persona_id, number, name, description, tone, system_prompt, grounding, created_at) \
             SELECT {version}, {tenant}, {persona}, 1, 'Ada', '', '', '', 'STRICT', o.created_at FROM tenants o, {t} WHERE o.slug = 'other'; \
             INSERT INTO visitors (id, tenant_id, channel, key, created_at, seen_at) \
             SELECT {visitor}, {tenant}, 'public', {key}, o.created_at, o.created_at FROM tenants o, {t} WHERE o.slug = 'other'; \
             INSERT INTO conversations (id, tenant_id, visitor_id, channel, session_id, locale, state, last_sequence, created_at, last_message_at) \
             SELECT {conversation}, {tenant}, {visitor}, 'public', 's', 'en', 'AI', 0, o.created_at, o.created_at FROM tenants o, {t} WHERE o.slug = 'other'"
        ))
        .await;
    }

    /// Turns that were answered by a language model, each with the tokens it took, and what was set aside for it.
    async fn answered(&self, is_settled: bool) {
        let every = self.every();
        let (tenant, conversation, version) = (self.id("7000", "t.t"), self.id("7002", "t.t"), self.id("7004", "t.t"));
        let (turn, question, answer, hold) =
            (self.of_turn("7005"), self.of_turn("7006"), self.of_turn("7007"), self.of_turn("7008"));
        let (empty, no) = match self.store() {
            Store::Postgres => ("'[]'::jsonb", "false"),
            Store::Sqlite => ("jsonb('[]')", "0"),
        };
        let settled = if is_settled { "o.created_at" } else { "NULL" };
        for (message, sequence, columns) in [
            (
                &question,
                "j.j * 2 - 1",
                format!("'visitor', 'When does the shop open?', 'received', NULL, NULL, {empty}, NULL, NULL, NULL"),
            ),
            (
                &answer,
                "j.j * 2",
                format!("'assistant', 'At nine.', 'answered', {version}, 'bench', {empty}, 150 + j.j * 37 % 2800, 50, {no}"),
            ),
        ] {
            self.insert(&format!(
                "INSERT INTO messages (id, tenant_id, conversation_id, sequence, role, text, status, persona_version_id, model, sources, prompt_tokens, \
                 completion_tokens, tokens_estimated, created_at) SELECT {message}, {tenant}, {conversation}, {sequence}, {columns}, o.created_at FROM {every}"
            ))
            .await;
        }
        self.insert(&format!(
            "INSERT INTO turns (id, tenant_id, conversation_id, question_id, first_sequence, last_sequence, locale, state, restarts, answer_id, created_at, ended_at) \
             SELECT {turn}, {tenant}, {conversation}, {question}, j.j * 2 - 1, j.j * 2 - 1, 'en', 'answered', 0, {answer}, o.created_at, o.created_at FROM {every}"
        ))
        .await;
        self.insert(&format!(
            "INSERT INTO credit_holds (id, tenant_id, turn_id, amount, pricebook_version, created_at, settled_at) \
             SELECT {hold}, {tenant}, {turn}, {HELD}, 1, o.created_at, {settled} FROM {every}"
        ))
        .await;
        self.insert(&format!("UPDATE conversations SET last_sequence = {} WHERE session_id = 's'", self.turns.1 * 2)).await;
    }

    /// As text, which keys and payloads have.
    fn turn_text(&self) -> String {
        match self.store() {
            Store::Postgres => format!("CAST({} AS text)", self.of_turn("7005")),
            Store::Sqlite => format!("printf('01900000-0000-7005-8000-%012x', t.t * {MOST_TURNS} + j.j)"),
        }
    }

    /// Turns that were charged.
    pub(crate) async fn charged(&self) {
        self.answered(true).await;
        let (tenant, turn, hold) = (self.id("7000", "t.t"), self.of_turn("7005"), self.of_turn("7008"));
        let no = if self.store() == Store::Postgres { "false" } else { "0" };
        let credits = "((150 + j.j * 37 % 2800 + 50 + 999) / 1000) * 1000000";
        self.insert(&format!(
            "INSERT INTO credit_charges (tenant_id, usage_key, turn_id, hold_id, action, prompt_tokens, completion_tokens, estimated, rated, captured, overage, \
             absorbed, pricebook_version, content_hash, created_at) SELECT {tenant}, {key}, {turn}, {hold}, 'answer_written', 150 + j.j * 37 % 2800, 50, {no}, \
             {credits}, {credits}, 0, 0, 1, (SELECT content_hash FROM pricebook_versions WHERE number = 1), o.created_at FROM {every}",
            key = self.turn_text(),
            every = self.every(),
        ))
        .await;
        self.insert("ANALYZE").await;
    }

    /// Turns that have ended and are still to be metered: with what is held for them in the ledger, and a job each.
    pub(crate) async fn to_be_metered(&self) {
        self.answered(false).await;
        let t = series(self.store(), "t", self.businesses.0, self.businesses.1);
        let (tenant, grant) = (self.id("7000", "t.t"), self.id("7010", "t.t"));
        let (turn, hold, job) = (self.of_turn("7005"), self.of_turn("7008"), self.of_turn("7011"));
        let turns = self.turns.1;
        let (held, has) = (i64::from(turns) * HELD, i64::from(turns) * HELD * 2);
        let hash = "(SELECT content_hash FROM pricebook_versions WHERE number = 1)";
        self.insert(&format!("UPDATE credit_accounts SET balance = {has}, held = {held}, last_entry = {turns} + 1 WHERE tenant_id IN (SELECT id FROM tenants WHERE slug LIKE 'many-%')")).await;
        self.insert(&format!(
            "INSERT INTO credit_grants (id, tenant_id, kind, amount, remaining, held, priority, effective_from, pricebook_version, created_at) \
             SELECT {grant}, {tenant}, 'promotion', {has}, {has}, {held}, 0, o.created_at, 1, o.created_at FROM tenants o, {t} WHERE o.slug = 'other'"
        ))
        .await;
        let entries = "INSERT INTO credit_entries (tenant_id, number, kind, amount, balance_before, balance_after, held_before, held_after, grant_id, hold_id, turn_id, \
             pricebook_version, content_hash, occurred_at, created_at)";
        self.insert(&format!(
            "{entries} SELECT {tenant}, 1, 'grant', {has}, 0, {has}, 0, 0, {grant}, NULL, NULL, 1, {hash}, o.created_at, o.created_at FROM tenants o, {t} WHERE o.slug = 'other'"
        ))
        .await;
        let every = self.every();
        self.insert(&format!(
            "{entries} SELECT {tenant}, j.j + 1, 'hold', {HELD}, {has}, {has}, (j.j - 1) * {HELD}, j.j * {HELD}, {grant}, {hold}, {turn}, 1, {hash}, o.created_at, o.created_at FROM {every}"
        ))
        .await;
        let key = self.turn_text();
        self.insert(&format!(
            "INSERT INTO jobs (id, tenant_id, name, unique_key, payload, priority, state, run_at, attempt, max_attempts, lease_token, created_at) \
             SELECT {job}, {tenant}, 'meter_usage', {key}, '{{\"turn_id\":\"' || {key} || '\"}}', -1, 'queued', o.created_at, 0, 25, 0, o.created_at FROM {every}"
        ))
        .await;
        self.insert("ANALYZE").await;
    }
}
