//! A front office of a test's own, in this process.

use std::{num::NonZeroU32, sync::Arc, time::Duration};

use frontoffice::{
    app::{App, Parts},
    settings::{ModelChoice, ModelEndpoint, Settings, VisitorLimits},
};
use frontoffice_domain::{
    clock::{Clock, Instant},
    credit::{self, Budgets, Terms},
    db::{Conn, Db},
    identity::{InstanceKey, Password},
    invariants,
    knowledge::{self, NewEntry},
    locale::Locale,
    money::Credits,
    persona::{self, Grounding, NewVersion},
    process::Role,
    rate::{Quota, Quotas},
    tenancy::{self, NewTenant, Platform, Tenant},
    widget,
};
use frontoffice_worker::model::{Model, Scripted, scripted::Step, written::Provider};
use serde_json::json;
use tempfile::TempDir;

use super::{
    actors::{Account, MEMBER_PASSWORD, OWNER_PASSWORD, Visitor},
    eventually,
    post::{self, Letter},
    store::{Database, Store},
    upstream::{self, Upstream},
};

/// 2026-11-22T12:00:00Z
pub(crate) const NOON: Instant = Instant::from_micros(1_795_348_800_000_000);

pub(crate) struct TestApp {
    pub database: Database,
    pub clock: Clock,
    pub app: Option<App>,
    folder: TempDir,
    finished: bool,
}

/// Limits that nobody reaches: all of a test's visitors write from one address.
pub(crate) fn plenty() -> VisitorLimits {
    let quota = Quota::per_minute(NonZeroU32::new(1_000_000).unwrap());
    VisitorLimits {
        quotas: Quotas { visitor: quota, address: quota, member: quota, api_key: quota, widget_key: quota },
        visitor_credits: Credits::whole(1_000_000).unwrap(),
    }
}

/// How a front office is started; `Office::new(store).start()` is the ordinary one.
pub(crate) struct Office {
    store: Store,
    parts: Parts,
    database: Option<Database>,
    change: Box<dyn FnOnce(&mut Settings)>,
}

impl Office {
    pub(crate) fn new(store: Store) -> Self {
        let parts = Parts { clock: Clock::manual(NOON), beat: Duration::from_secs(3_600), ..Parts::default() };
        Self { store, parts, database: None, change: Box::new(|_| {}) }
    }

    /// Starts at another time than noon, so that nothing is done before the time is right.
    pub(crate) fn at(mut self, now: Instant) -> Self {
        self.parts.clock = Clock::manual(now);
        self
    }

    /// Answers by a script.
    pub(crate) fn scripted(mut self, scripts: impl IntoIterator<Item = Vec<Step>>) -> (Self, Scripted) {
        let model = Scripted::new(scripts);
        self.parts.model = Some(Arc::new(model.clone()));
        (self, model)
    }

    /// Sets aside as much as a language model may take that reads and writes so many tokens.
    pub(crate) fn budget(mut self, tokens: u32) -> Self {
        self.parts.budgets = Some(Budgets { usual: Some("scripted".into()), others: Vec::new(), fallback: None, tokens });
        self
    }

    /// Answers by a model of the test's own.
    pub(crate) fn model(mut self, model: impl Model) -> Self {
        self.parts.model = Some(Arc::new(model));
        self
    }

    /// Answers by the model behind an endpoint, which it shows a key.
    pub(crate) fn asking(self, upstream: &Upstream) -> Self {
        let base_url = upstream.url.parse().unwrap();
        self.settings(move |settings| {
            settings.model = ModelChoice::Written { provider: Provider::OpenAi, name: "test-model".into() };
            settings.model_endpoints.openai = ModelEndpoint { base_url, key: Some(upstream::KEY.parse().unwrap()) };
        })
    }

    /// This endpoint, which speaks as Anthropic's does, is asked; the other one only where it fails.
    pub(crate) fn asking_anthropic(self, upstream: &Upstream) -> Self {
        let base_url = upstream.root.parse().unwrap();
        self.settings(move |settings| {
            settings.fallback_model = Some(settings.model.clone()).filter(|model| *model != ModelChoice::Extractive);
            settings.model = ModelChoice::Written { provider: Provider::Anthropic, name: "test-messages".into() };
            settings.model_endpoints.anthropic = ModelEndpoint { base_url, key: Some(upstream::KEY.parse().unwrap()) };
        })
    }

    /// Takes messages in but works on nothing.
    pub(crate) fn idle(mut self) -> Self {
        self.parts.role = Role::Api;
        self
    }

    /// One half of a front office, or all of it.
    pub(crate) fn role(mut self, role: Role) -> Self {
        self.parts.role = role;
        self
    }

    /// Shares a store with another front office.
    pub(crate) fn on(mut self, database: &Database) -> Self {
        self.database = Some(database.clone());
        self
    }

    /// Changes settings, after what was changed before.
    pub(crate) fn settings(mut self, change: impl FnOnce(&mut Settings) + 'static) -> Self {
        let before = self.change;
        self.change = Box::new(|settings| {
            before(settings);
            change(settings);
        });
        self
    }

    pub(crate) async fn start(self) -> TestApp {
        // `TEST_LOG=debug cargo test … -- --nocapture` shows what the office logs.
        if let Ok(level) = std::env::var("TEST_LOG") {
            let shown = Settings { log: level, ..Settings::defaults().unwrap() };
            frontoffice::telemetry::start(&shown);
        }
        let folder = tempfile::tempdir().unwrap();
        let database = match self.database {
            Some(database) => database,
            None => Database::fresh(self.store, folder.path()).await,
        };
        let mut settings = Settings::defaults().unwrap();
        settings.listen = "127.0.0.1:0".parse().unwrap();
        settings.data_dir = folder.path().to_owned();
        settings.store = database.location.clone();
        settings.memory = database.memory.clone();
        settings.secret_key = Some(InstanceKey::from_base64("BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=").unwrap());
        settings.owner.password = Some(Password::choose(OWNER_PASSWORD.into(), &settings.owner.email).unwrap());
        settings.worker.grace = Duration::from_secs(2);
        settings.connections = 8;
        settings.limits = plenty();
        (self.change)(&mut settings);
        if self.parts.role != Role::Serve {
            Db::migrate(&settings.store).await.unwrap();
        }
        let clock = self.parts.clock.clone();
        let app = App::start(&settings, self.parts).await.unwrap();
        TestApp { database, clock, app: Some(app), folder, finished: false }
    }
}

impl TestApp {
    pub(crate) fn app(&self) -> &App {
        self.app.as_ref().unwrap()
    }

    pub(crate) fn visitor(&self) -> Visitor {
        Visitor::at(format!("http://{}", self.app().address))
    }

    /// The platform's owner, signed in.
    pub(crate) async fn owner(&self) -> Account {
        Account::sign_in(self.visitor().without_cookies(), "owner@localhost", OWNER_PASSWORD).await
    }

    /// Moves the clock and lets the workers see it.
    pub(crate) fn advance(&self, span: Duration) {
        self.clock.advance(span);
        self.app().bus.ring();
    }

    /// The newest letter to somebody.
    pub(crate) async fn letter_to(&self, email: &str) -> Letter {
        eventually(&format!("a letter to {email}"), async || self.letters().into_iter().rfind(|letter| letter.to == email)).await
    }

    /// Every letter that was sent, the oldest first.
    pub(crate) fn letters(&self) -> Vec<Letter> {
        post::letters(&self.folder.path().join("mail"))
    }

    /// Somebody on a tenant's team, who was asked to join, did, and is signed in.
    pub(crate) async fn member(&self, tenant: &Tenant, email: &str, role: &str) -> Account {
        self.asked(tenant, email, role).await;
        self.joined(email).await;
        Account::sign_in_to(self.visitor().without_cookies(), &tenant.slug, email, MEMBER_PASSWORD).await
    }

    /// Asks somebody to join a tenant's team, as the platform's owner.
    pub(crate) async fn asked(&self, tenant: &Tenant, email: &str, role: &str) {
        let query = "query($slug: String!) { tenant(slug: $slug) { id } }";
        let owner = self.owner().await;
        let id = owner.data(query, json!({"slug": tenant.slug})).await["tenant"]["id"].clone();
        owner.change("memberInvite", "invitation { id }", json!({"tenant": id, "email": email, "role": role})).await;
        self.settled().await;
    }

    /// Follows the link of the newest letter to somebody and joins.
    pub(crate) async fn joined(&self, email: &str) {
        self.settled().await;
        let token = self.letter_to(email).await.token();
        let input = json!({"token": token, "password": MEMBER_PASSWORD, "name": "Somebody"});
        let stranger = Account::with(self.visitor().without_cookies(), "");
        stranger.strange("invitationAccept", "accepted", input).await;
    }

    /// Somebody who works for the platform, who was asked to join, did, and is signed in.
    pub(crate) async fn colleague(&self, email: &str, role: &str) -> Account {
        let owner = self.owner().await;
        owner.change("staffInvite", "invitation { id }", json!({"email": email, "role": role})).await;
        self.joined(email).await;
        Account::sign_in(self.visitor().without_cookies(), email, MEMBER_PASSWORD).await
    }

    /// Another tenant, made as the platform's owner would; there is no door for it yet.
    pub(crate) async fn db_tenant(&self, slug: &str, public_chat: bool, entries: &[(&str, &str)]) -> Tenant {
        let platform = Platform::of_this_process();
        let new = NewTenant { slug: slug.into(), name: slug.into(), default_locale: Locale::En, public_chat };
        let entries: Vec<NewEntry> = entries
            .iter()
            .map(|(title, text)| NewEntry {
                title: (*title).into(),
                text: (*text).into(),
                source_url: Some(format!("https://{slug}.example/{}", title.len())),
                locale: Locale::En,
            })
            .collect();
        let (this, now) = (platform.clone(), self.clock.now());
        self.app()
            .db
            .platform(&platform, async move |mut conn: Conn| {
                let tenant = tenancy::create(&mut conn, &this, &new, now).await?;
                let scope = this.within(&tenant);
                let version = NewVersion {
                    grounding: Grounding::Strict,
                    voice: persona::Voice::default(),
                    name: "Ada".into(),
                    description: String::new(),
                    tone: String::new(),
                    system_prompt: String::new(),
                };
                persona::create_default(&mut conn, &scope, &version, now).await?;
                widget::create_first(&mut conn, &scope, now).await?;
                credit::subscribe(&mut conn, &scope, &Terms::Trial, now).await?;
                for entry in &entries {
                    let id = knowledge::draft(&mut conn, &scope, entry, now).await?;
                    knowledge::approve(&mut conn, &scope, id, None, now).await?;
                }
                Ok(tenant)
            })
            .await
            .unwrap()
    }

    /// Everything that must never be found and is.
    pub(crate) async fn violations(&self) -> Vec<invariants::Violation> {
        let platform = Platform::of_this_process();
        let (this, now) = (platform.clone(), self.clock.now());
        self.app()
            .db
            .platform_read(&platform, async move |mut conn: Conn| invariants::check(&mut conn, &this, now).await)
            .await
            .unwrap()
    }

    /// Stops the front office and leaves its store.
    pub(crate) async fn stop(&mut self) {
        if let Some(app) = self.app.take() {
            app.stop().await;
        }
        self.finished = true;
    }

    /// Waits until there is nothing left to do: every answer given, every turn metered.
    pub(crate) async fn settled(&self) {
        let now = self.clock.now().as_micros();
        let due = match self.database.store {
            Store::Sqlite => format!("state IN ('queued', 'leased') AND run_at <= {now}"),
            Store::Postgres => format!("state IN ('queued', 'leased') AND run_at <= to_timestamp({now} / 1000000.0)"),
        };
        eventually("an empty queue", async || (self.database.db_count("jobs", &due).await == 0).then_some(())).await;
    }

    /// Every test ends so: with nothing left to do and nothing that must not be.
    pub(crate) async fn finish(mut self) {
        self.settled().await;
        assert_eq!(self.violations().await, []);
        self.stop().await;
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        assert!(
            self.finished || std::thread::panicking(),
            "a test must end with `finish` or `stop` ({})",
            self.folder.path().display()
        );
    }
}
