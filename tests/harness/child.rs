//! A front office in a process of its own, with a scripted model, for tests that kill or pause it.

use std::{
    io::Write,
    process::{Child, Command, Stdio},
    sync::Arc,
    time::Duration,
};

use frontoffice::{
    app::{App, Parts},
    settings::Settings,
};
use frontoffice_domain::{
    clock::{Clock, Instant},
    identity::InstanceKey,
};
use frontoffice_worker::model::{Scripted, scripted::Step};
use tokio::io::{AsyncBufReadExt, BufReader};

use super::{app::NOON, store::Database};

const READY: &str = "the other process is ready";

/// The other process. It is killed when this is dropped.
pub(crate) struct ChildOffice {
    child: Child,
}

impl ChildOffice {
    /// A process on this store whose model sleeps for so long, then answers `answer`.
    pub(crate) async fn start(database: &Database, sleep: Duration, answer: &str) -> Self {
        Self::start_at(database, sleep, answer, NOON).await
    }

    /// The same at another time of day.
    pub(crate) async fn start_at(database: &Database, sleep: Duration, answer: &str, now: Instant) -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command
            .args(["--exact", "harness::child::body_of_the_other_process", "--ignored", "--nocapture", "--quiet"])
            .env("TEST_CHILD_STORE", database.url())
            .env("TEST_CHILD_SLEEP_MS", sleep.as_millis().to_string())
            .env("TEST_CHILD_ANSWER", answer)
            .env("TEST_CHILD_NOW", now.as_micros().to_string())
            .stdin(Stdio::null())
            .stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let stdout = tokio::process::ChildStdout::from_std(child.stdout.take().unwrap()).unwrap();
        let mut lines = BufReader::new(stdout).lines();
        loop {
            let line = tokio::time::timeout(Duration::from_secs(30), lines.next_line()).await.unwrap().unwrap();
            if line.expect("the other process did not start") == READY {
                break;
            }
        }
        // Somebody must read what it prints, or it would stop printing.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        Self { child }
    }

    pub(crate) fn signal(&self, name: &str) {
        assert!(Command::new("kill").args([&format!("-{name}"), &self.child.id().to_string()]).status().unwrap().success());
    }
}

impl Drop for ChildOffice {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[ignore = "runs only as the other process of a test"]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn body_of_the_other_process() {
    let variable = |name| std::env::var(name);
    let Ok(store) = variable("TEST_CHILD_STORE") else { return };
    let sleep = Duration::from_millis(variable("TEST_CHILD_SLEEP_MS").unwrap().parse().unwrap());
    let answer = variable("TEST_CHILD_ANSWER").unwrap();
    let now = Instant::from_micros(variable("TEST_CHILD_NOW").unwrap().parse().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let mut settings = Settings::defaults().unwrap();
    settings.listen = "127.0.0.1:0".parse().unwrap();
    settings.data_dir = folder.path().to_owned();
    settings.store = store.parse().unwrap();
    settings.secret_key = Some(InstanceKey::from_base64("BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=").unwrap());
    settings.worker.lease = Duration::from_secs(1);
    settings.connections = 6;
    let script = vec![Step::Sleep(sleep), Step::Say(answer), Step::Answer];
    let parts = Parts { model: Some(Arc::new(Scripted::new([script]))), clock: Clock::manual(now), ..Parts::default() };
    let _app = App::start(&settings, parts).await.unwrap();
    println!("\n{READY}");
    std::io::stdout().flush().unwrap();
    std::future::pending::<()>().await;
}
