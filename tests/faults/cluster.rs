//! The front office under test: the real program in processes of its own, a Postgres and a Redis of its own, and a wire between them that
//! can be cut.

use std::{
    path::PathBuf,
    process::Stdio,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
};

use crate::{
    harness::{postgres::Server, program, redis::Redis},
    wire::Wire,
};

/// Where clients find the doors, at this moment.
pub(crate) type Doors = Arc<Mutex<Vec<String>>>;

/// One process of ours.
pub(crate) struct Process {
    role: &'static str,
    /// Where it is reached.
    pub base: String,
    child: Child,
}

pub(crate) struct Cluster {
    pub postgres: Server,
    pub redis: Redis,
    pub wire: Wire,
    pub doors: Doors,
    apis: Vec<Process>,
    workers: Vec<Process>,
    folder: TempDir,
    started: usize,
    lease: &'static str,
    /// Where the language model is that answers; none: approved knowledge is quoted.
    model: Option<String>,
}

/// How long a process may take to stop.
pub(crate) const STOP: Duration = Duration::from_secs(30);

impl Cluster {
    /// Two of each, ready. At small size leases are short, for they are what is waited for.
    pub(crate) async fn start(full: bool) -> Self {
        let (postgres, redis) = tokio::task::spawn_blocking(|| (Server::start(true), Redis::start())).await.unwrap();
        let wire = Wire::to(postgres.port).await;
        let mut cluster = Self {
            postgres,
            redis,
            wire,
            doors: Arc::default(),
            apis: Vec::new(),
            workers: Vec::new(),
            folder: tempfile::tempdir().unwrap(),
            started: 0,
            lease: if full { "15" } else { "3" },
            model: None,
        };
        let migrated = Command::from(cluster.command("migrate")).output().await.unwrap();
        assert!(migrated.status.success(), "{migrated:?}");
        for _ in 0..2 {
            cluster.add_api().await;
            cluster.add_worker().await;
        }
        cluster
    }

    /// Where the store is, past the wire.
    pub(crate) fn store(&self) -> String {
        self.postgres.url("postgres")
    }

    fn command(&self, role: &str) -> std::process::Command {
        let (store, redis) = (format!("postgres://postgres@127.0.0.1:{}/postgres", self.wire.port), self.redis.url());
        let variables = [
            ("DATABASE_URL", store.as_str()),
            ("REDIS_URL", redis.as_str()),
            ("FRONTOFFICE_LISTEN", "127.0.0.1:0"),
            ("FRONTOFFICE_SECRET_KEY", "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc="),
            ("FRONTOFFICE_OWNER_PASSWORD", "an owner's own words"),
            // All clients share one address.
            ("FRONTOFFICE_LIMITS__VISITOR_MESSAGES_PER_MINUTE", "1000000"),
            ("FRONTOFFICE_LIMITS__ADDRESS_MESSAGES_PER_MINUTE", "1000000"),
            ("FRONTOFFICE_WORKER__LEASE_SECONDS", self.lease),
            ("FRONTOFFICE_LOG", "warn"),
        ];
        let mut command = program::command(self.folder.path(), &variables);
        if let Some(url) = &self.model {
            command.env("FRONTOFFICE_MODEL", "test-model").env("OPENAI_BASE_URL", url);
        }
        command.arg(role);
        command
    }

    async fn spawn(&mut self, role: &'static str) -> Process {
        self.started += 1;
        let log = self.folder.path().join(format!("{role}-{}.log", self.started));
        let mut command = self.command(role);
        command.stdout(Stdio::piped()).stderr(std::fs::File::create(&log).unwrap());
        let mut child = Command::from(command).kill_on_drop(true).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut base = String::new();
        loop {
            let line = tokio::time::timeout(Duration::from_secs(60), lines.next_line()).await.expect("it must start").unwrap();
            let Some(line) = line else {
                panic!("{role} did not start: {}", std::fs::read_to_string(&log).unwrap());
            };
            if let Some((_, rest)) = line.split_once("http://")
                && base.is_empty()
            {
                base = format!("http://{}", rest.split('/').next().unwrap());
            }
            if line.contains("Stop it") {
                return Process { role, base, child };
            }
        }
    }

    /// A new API; clients find it.
    pub(crate) async fn add_api(&mut self) {
        let process = self.spawn("api").await;
        self.doors.lock().unwrap().push(process.base.clone());
        self.apis.push(process);
    }

    pub(crate) async fn add_worker(&mut self) {
        let process = self.spawn("worker").await;
        self.workers.push(process);
    }

    /// Kills the oldest API without a word, and starts another.
    pub(crate) async fn kill_api(&mut self) {
        let process = self.apis.remove(0);
        let base = process.base.clone();
        process.kill().await;
        self.forget(&base);
        self.add_api().await;
    }

    /// Kills the oldest worker without a word, and starts another.
    pub(crate) async fn kill_worker(&mut self) {
        self.workers.remove(0).kill().await;
        self.add_worker().await;
    }

    /// Clients are not told of it before: a proxy notices when nobody answers.
    fn forget(&self, base: &str) {
        self.doors.lock().unwrap().retain(|door| door != base);
    }

    /// Stops all workers as an operator would.
    pub(crate) async fn stop_workers(&mut self) {
        for process in std::mem::take(&mut self.workers) {
            process.stop().await;
        }
    }

    /// Replaces every process by a new one, as a careful operator would; how long the slowest took to stop.
    pub(crate) async fn roll(&mut self) -> Duration {
        let mut slowest = Duration::ZERO;
        for _ in 0..self.apis.len() {
            self.add_api().await;
            let old = self.apis.remove(0);
            let base = old.base.clone();
            let stopped = old.stop().await;
            self.forget(&base);
            slowest = slowest.max(stopped);
        }
        for _ in 0..self.workers.len() {
            self.add_worker().await;
            slowest = slowest.max(self.workers.remove(0).stop().await);
        }
        slowest
    }

    /// Has this language model answer from now on, or none.
    pub(crate) async fn answer_by(&mut self, model: Option<String>) {
        self.model = model;
        self.roll().await;
    }

    /// The health of every process.
    pub(crate) fn bases(&self) -> Vec<String> {
        self.apis.iter().chain(&self.workers).map(|process| process.base.clone()).collect()
    }

    /// What the processes logged, the newest lines last.
    pub(crate) fn logs(&self) -> Vec<PathBuf> {
        std::fs::read_dir(self.folder.path()).unwrap().map(|entry| entry.unwrap().path()).collect()
    }

    /// Ends everything as an operator would.
    pub(crate) async fn end(mut self) {
        for process in self.apis.drain(..).chain(self.workers.drain(..)) {
            process.stop().await;
        }
    }
}

impl Process {
    fn signal(&self, name: &str) {
        let id = self.child.id().expect("it runs").to_string();
        assert!(std::process::Command::new("kill").args([&format!("-{name}"), &id]).status().unwrap().success());
    }

    async fn kill(mut self) {
        self.child.kill().await.unwrap();
    }

    async fn stop(mut self) -> Duration {
        let began = Instant::now();
        self.signal("TERM");
        let ended = tokio::time::timeout(STOP, self.child.wait()).await;
        let status = ended.unwrap_or_else(|_| panic!("a {} did not stop within {STOP:?}", self.role)).unwrap();
        assert!(status.success(), "a {} did not finish what it had to: {status}", self.role);
        began.elapsed()
    }
}
