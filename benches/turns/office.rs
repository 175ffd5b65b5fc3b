//! The front office that is measured: the program as it is started, in this process, with its real clock and its ordinary settings.

use std::{path::Path, time::Duration};

use frontoffice::{
    app::{App, Parts},
    settings::{ModelChoice, ModelEndpoint, Settings},
};
use frontoffice_domain::{
    clock::{Clock, Instant},
    credit::{self, Subscribed, Terms},
    db::{Conn, Location},
    fault::Fault,
    identity::InstanceKey,
    invariants,
    knowledge::{self, NewEntry},
    locale::Locale,
    persona::{self, Grounding, NewVersion},
    tenancy::{self, NewTenant, Platform},
};
use frontoffice_worker::model::written::Provider;

use crate::harness::{
    app,
    store::{Database, Store},
};

/// What every visitor asks; one of the approved entries answers it.
pub(crate) const QUESTION: &str = "Where is the data stored?";

/// A running front office with businesses in it.
pub(crate) struct Office {
    app: App,
    database: Database,
    clock: Clock,
    pub url: String,
    pub businesses: Vec<String>,
}

impl Office {
    pub(crate) async fn start(store: Store, location: &Location, folder: &Path, upstream: &str, businesses: usize) -> Self {
        let mut settings = Settings::defaults().unwrap();
        settings.listen = "127.0.0.1:0".parse().unwrap();
        settings.data_dir = folder.to_owned();
        settings.store = location.clone();
        settings.secret_key = Some(InstanceKey::generate());
        settings.model = ModelChoice::Written { provider: Provider::OpenAi, name: "bench".into() };
        settings.model_endpoints.openai = ModelEndpoint { base_url: upstream.parse().unwrap(), key: None };
        settings.limits = app::plenty();
        let clock = Clock::system();
        let app = App::start(&settings, Parts { clock: clock.clone(), ..Parts::default() }).await.unwrap();
        let url = format!("http://{}", app.address);
        let database = Database { store, location: location.clone(), memory: None };
        let mut office = Self { app, database, clock, url, businesses: Vec::new() };
        for number in 0..businesses {
            let slug = format!("business-{number}");
            office.open(slug.clone()).await;
            office.businesses.push(slug);
        }
        office
    }

    /// A business with the largest plan, which knows of itself what the platform's tenant knows in English.
    async fn open(&self, slug: String) {
        let (platform, now) = (Platform::of_this_process(), self.clock.now());
        let this = platform.clone();
        self.app.db.platform(&platform, async move |mut conn: Conn| open(&mut conn, &this, slug, now).await).await.unwrap();
    }

    /// Returns when nothing is left to do; nothing may be missing or wrong then.
    pub(crate) async fn settle(&self) {
        let deadline = std::time::Instant::now() + Duration::from_secs(120);
        while self.database.db_count("jobs", "state IN ('queued', 'leased')").await > 0 {
            assert!(std::time::Instant::now() < deadline, "the queue does not become empty");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// Everything that was ever charged.
    pub(crate) async fn charges(&self) -> usize {
        self.database.db_count("credit_charges", "action = 'answer_written'").await
    }

    /// Asserts that nothing is in the store that must never be.
    pub(crate) async fn check(&self) {
        let (platform, now) = (Platform::of_this_process(), self.clock.now());
        let this = platform.clone();
        let look = async move |mut conn: Conn| invariants::check(&mut conn, &this, now).await;
        assert_eq!(self.app.db.platform_read(&platform, look).await.unwrap(), []);
    }

    pub(crate) async fn stop(self) {
        self.app.stop().await;
    }
}

async fn open(conn: &mut Conn, platform: &Platform, slug: String, now: Instant) -> Result<(), Fault> {
    let new = NewTenant { name: slug.clone(), slug, default_locale: Locale::En, public_chat: true };
    let tenant = tenancy::create(conn, platform, &new, now).await?;
    let scope = platform.within(&tenant);
    let version = NewVersion {
        name: "Ada".into(),
        description: String::new(),
        tone: String::new(),
        system_prompt: String::new(),
        grounding: Grounding::Strict,
        voice: persona::Voice::default(),
    };
    persona::create_default(conn, &scope, &version, now).await?;
    for part in include_str!("../../src/seed/knowledge/en.md").split("\n# ") {
        let (title, text) = part.trim_start_matches("# ").split_once('\n').unwrap();
        let entry = NewEntry { title: title.trim().into(), text: text.trim().into(), source_url: None, locale: Locale::En };
        let id = knowledge::draft(conn, &scope, &entry, now).await?;
        knowledge::approve(conn, &scope, id, None, now).await?;
    }
    let subscribed = credit::subscribe(conn, &scope, &Terms::Plan("enterprise".into()), now).await?;
    assert_eq!(subscribed, Subscribed::Now);
    Ok(())
}
