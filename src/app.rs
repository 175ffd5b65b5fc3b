//! The program, running: store, workers and doors, all in one process or each in processes of its own. The commands start it, and so
//! do the tests.

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::Path,
    sync::Arc,
    time::Duration,
};

use anyhow::{Context as _, anyhow, bail};
use frontoffice_api::{Api, Origin, Sightings};
use frontoffice_domain::{
    bus::Bus,
    clock::Clock,
    credit::Budgets,
    db::{Db, OpenError, with_causes},
    identity::{Accounts, InstanceKey, Passwords},
    process::{self, Role},
    pulse::Pulse,
    rate::Rates,
};
use frontoffice_worker::{
    Context,
    model::Model,
    net::post::{Carrier, Post},
};
use tokio::{net::TcpListener, task::JoinHandle};
use tokio_util::sync::CancellationToken;

use crate::{
    Boxed, model,
    presence::Presence,
    private,
    settings::Settings,
    setup::{self, FirstPassword},
};

/// What may be put in place of the ordinary: tests bring a model that plays a script and a clock that moves by hand.
#[derive(Clone)]
pub struct Parts {
    /// Who answers; none: whom the settings name.
    pub model: Option<Arc<dyn Model>>,
    /// What an answer may take at most; none: what the settings say of that model.
    pub budgets: Option<Budgets>,
    /// The time.
    pub clock: Clock,
    /// What the process is for.
    pub role: Role,
    /// How often it says that it runs.
    pub beat: Duration,
    /// Whether somebody reads what is printed, so that a generated password may be shown there.
    pub terminal: bool,
}

impl Default for Parts {
    fn default() -> Self {
        Self {
            model: None,
            budgets: None,
            clock: Clock::system(),
            role: Role::Serve,
            beat: process::rules::BEAT,
            terminal: false,
        }
    }
}

/// A running front office.
pub struct App {
    /// Where it listens.
    pub address: SocketAddr,
    /// Where the outside reaches it.
    pub public_url: Origin,
    /// Its store.
    pub db: Db,
    /// Its bus.
    pub bus: Bus,
    /// What looks at passwords.
    pub passwords: Passwords,
    /// The owner's generated password, if this start was the one that made it.
    pub first_password: Option<FirstPassword>,
    /// What puts the widget of the platform's own tenant on a website; none where there are no doors, or before set-up.
    pub script_tag: Option<String>,
    stop: CancellationToken,
    doors: JoinHandle<()>,
    workers: Option<JoinHandle<()>>,
    clock_follower: JoinHandle<()>,
    presence: Presence,
    grace: Duration,
}

/// How long clients may take to read what they were promised once the process is to stop.
const DOORS_CLOSE: Duration = Duration::from_secs(5);
/// How long stopping may take in all, besides the grace that jobs have.
const LAST_MOMENTS: Duration = Duration::from_secs(8);

impl App {
    /// Starts everything, or says in one sentence why not.
    ///
    /// # Errors
    /// If the data folder, the store or the port cannot be used.
    pub fn start(settings: &Settings, parts: Parts) -> Boxed<'_, anyhow::Result<Self>> {
        Box::pin(Self::begin(settings, parts))
    }

    async fn begin(settings: &Settings, parts: Parts) -> anyhow::Result<Self> {
        let role = parts.role;
        if role == Role::Serve {
            let folder = &settings.data_dir;
            std::fs::create_dir_all(folder)
                .map_err(|error| anyhow!("the data folder {} cannot be used: {error} (setting `data_dir`)", folder.display()))?;
        }
        // The port first: two starts by mistake must not both touch the store.
        let listener = listen(settings).await?;
        let address = listener.local_addr().context("the listening address cannot be read")?;
        let model = match parts.model {
            Some(model) => model,
            None => model::build(settings)?,
        };
        let key = instance_key(settings)?;
        let db = open(settings, role, &parts.clock).await?;
        let passwords = Passwords::new(settings.hashes_at_once).context("passwords cannot be hashed")?;
        let first_password = match role.opens() {
            true => {
                setup::run(&db, &settings.platform, parts.clock.now()).await?;
                let kept = frontoffice_api::keep_widget_script(&db, parts.clock.now()).await;
                kept.context("the widget's script cannot be kept in the store")?;
                setup::owner(&db, settings, &passwords, parts.terminal, parts.clock.now()).await?
            }
            false => None,
        };

        let bus = settings.memory.clone().map_or_else(Bus::new, Bus::over);
        let (stop, pulse) = (CancellationToken::new(), Pulse::default());
        let public_url = public_url(settings, address)?;
        let post = post(settings, role, &public_url)?;
        let script_tag = match role.opens() {
            true => setup::script_tag(&db, &public_url).await?,
            false => None,
        };
        let workers = role.works().then(|| {
            let context = Context {
                db: db.clone(),
                bus: bus.clone(),
                clock: parts.clock.clone(),
                model: Arc::clone(&model),
                key: key.clone(),
                post,
                host: public_url.to_string(),
                private_hosts: settings.widget.private_hosts.clone(),
            };
            tokio::spawn(frontoffice_worker::run(context, settings.worker.clone(), pulse.clone(), stop.clone()))
        });
        let config = frontoffice_api::Config {
            public_url: public_url.clone(),
            trusted_proxies: settings.trusted_proxies.clone(),
            wait: settings.chat_wait.0,
            longest_wait: settings.chat_wait.1,
            demo: settings.demo.is_on(&public_url),
            budgets: parts.budgets.unwrap_or_else(|| model::budgets(settings)),
            models: model::names(settings),
            visitor_credits: settings.limits.visitor_credits,
            sessions: settings.sessions,
            portal_origins: settings.portal_origins.clone(),
            open_sign_up: settings.open_sign_up,
            model: model.name().to_owned(),
            graphiql: settings.graphiql.is_on(&public_url),
            key_overlap: settings.widget.key_overlap,
            own_pages: own_pages(settings, &public_url),
        };
        let api = Api {
            db: db.clone(),
            bus: bus.clone(),
            clock: parts.clock.clone(),
            sightings: Sightings::default(),
            rates: Rates::new(settings.limits.quotas, parts.clock.clone(), settings.memory.clone()),
            key: key.clone(),
            accounts: Accounts { db: db.clone(), key, passwords: passwords.clone(), lengths: settings.mail.lengths },
            pulse: role.works().then(|| pulse.clone()),
            config: Arc::new(config),
            stop: stop.clone(),
        };
        let router = if role.opens() { frontoffice_api::router(api) } else { frontoffice_api::router_of_workers(api) };
        let doors = tokio::spawn(frontoffice_api::serve(listener, router, stop.clone()));
        let presence = Presence::start(db.clone(), parts.clock.clone(), role, pulse, parts.beat);
        let clock_follower = tokio::spawn(follow_store_clock(db.clone(), parts.clock));
        let grace = settings.worker.grace;
        Ok(Self {
            address,
            public_url,
            db,
            bus,
            passwords,
            first_password,
            script_tag,
            stop,
            doors,
            workers,
            clock_follower,
            presence,
            grace,
        })
    }

    /// Stops: no new work is taken, what is under way is finished or handed back. Says whether all of that could be done in time.
    pub async fn stop(self) -> bool {
        self.stop.cancel();
        let ended = tokio::time::timeout(self.grace.saturating_add(LAST_MOMENTS), async {
            let mut doors = self.doors;
            if tokio::time::timeout(DOORS_CLOSE, &mut doors).await.is_err() {
                tracing::warn!("some clients are still reading; their connections end with this process");
                doors.abort();
            }
            if let Some(workers) = self.workers
                && let Err(error) = workers.await
            {
                tracing::error!(%error, "the workers did not end well");
            }
            self.clock_follower.abort();
            self.bus.flush().await;
            self.presence.end().await;
            self.db.close().await;
        });
        ended.await.is_ok()
    }
}

async fn listen(settings: &Settings) -> anyhow::Result<TcpListener> {
    TcpListener::bind(settings.listen).await.map_err(|error| match error.kind() {
        std::io::ErrorKind::AddrInUse => anyhow!(
            "{} is in use by another program; stop that one, or set `listen` (FRONTOFFICE_LISTEN) to another port",
            settings.listen
        ),
        _ => anyhow!("cannot listen on {}: {error} (setting `listen`)", settings.listen),
    })
}

/// Where the outside reaches this process: what is set, or where it listens.
fn public_url(settings: &Settings, address: SocketAddr) -> anyhow::Result<Origin> {
    if let Some(url) = &settings.public_url {
        return Ok(url.clone());
    }
    // "Everywhere" is no place a browser could come from.
    let near = if address.ip().is_unspecified() { (Ipv4Addr::LOCALHOST, address.port()).into() } else { address };
    format!("http://{near}").parse().map_err(|allowed| anyhow!("no public URL can be made of {near}: {allowed}"))
}

/// The origins of the pages that show the widget on this machine, under both its names: for browsers these are two websites.
fn own_pages(settings: &Settings, public_url: &Origin) -> Vec<String> {
    let names = public_url.on_this_machine().filter(|_| settings.demo.is_on(public_url) && !public_url.is_https());
    names.into_iter().flatten().map(|name| name.to_string()).collect()
}

/// Who sends letters, and where the links in them lead to.
fn post(settings: &Settings, role: Role, public_url: &Origin) -> anyhow::Result<Post> {
    let mail = &settings.mail;
    if role == Role::Worker && settings.public_url.is_none() && mail.account_url.is_none() {
        tracing::warn!(%public_url, "links in letters lead to this worker, which has no pages; set `public_url` as for the API");
    }
    let account = mail.account_url.clone().unwrap_or_else(|| format!("{public_url}/account"));
    let carrier = mail.server.clone().map_or_else(|| Carrier::Folder(settings.data_dir.join("mail")), Carrier::Smtp);
    Post::new(carrier, mail.from.clone(), &account).context("letters cannot be sent (setting `mail.smtp_url`)")
}

/// Opens the store. A process among many takes it as it is: one program brings it up to date, before they start.
async fn open(settings: &Settings, role: Role, clock: &Clock) -> anyhow::Result<Db> {
    let cannot = |error: OpenError| anyhow!("the store cannot be opened ({}): {}", settings.store, with_causes(&error));
    if role == Role::Serve {
        return Db::open(&settings.store, settings.connections, clock).await.map_err(cannot);
    }
    let db = Db::connect(&settings.store, settings.connections, clock).await.map_err(cannot)?;
    let missing = Db::missing_steps(&settings.store).await.map_err(cannot)?;
    if let Some(first) = missing.first() {
        let count = missing.len();
        bail!("the store ({}) lacks {count} steps, the first is {first}; run `frontoffice migrate` first", settings.store);
    }
    Ok(db)
}

/// Clocks drift, so the store's is asked again now and then.
async fn follow_store_clock(db: Db, clock: Clock) {
    loop {
        tokio::time::sleep(Duration::from_secs(60)).await;
        if let Err(fault) = db.follow(&clock).await {
            tracing::warn!(error = %with_causes(&fault), "the store's clock could not be read");
        }
    }
}

/// The instance key: the one that is set, or the one in the data folder.
pub(crate) fn instance_key(settings: &Settings) -> anyhow::Result<InstanceKey> {
    match &settings.secret_key {
        Some(key) => Ok(key.clone()),
        None => kept_key(&settings.key_file()),
    }
}

/// The instance key kept in the data folder; made there, readable by its owner only, if there is none.
fn kept_key(path: &Path) -> anyhow::Result<InstanceKey> {
    if !path.exists() {
        let fresh = path.with_extension(format!("{}.new", std::process::id()));
        private::write(&fresh, &InstanceKey::generate().to_base64())
            .with_context(|| format!("the instance key cannot be written to {}", fresh.display()))?;
        // A hard link appears whole or not at all, and never replaces a key another start has just made.
        let linked = std::fs::hard_link(&fresh, path);
        std::fs::remove_file(&fresh).with_context(|| format!("{} cannot be removed", fresh.display()))?;
        match linked {
            Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => {
                bail!("the instance key cannot be written to {}: {error}", path.display())
            }
            _ => {}
        }
    }
    let text = std::fs::read_to_string(path).with_context(|| format!("the instance key in {} cannot be read", path.display()))?;
    InstanceKey::from_base64(&text).map_err(|error| anyhow!("the instance key in {} is wrong: {error}", path.display()))
}
