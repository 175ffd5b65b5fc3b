//! Private Redis servers: one that all tests of a process share, and one for each test that pauses, empties or kills it.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
};

use frontoffice_domain::memory::Memory;

use super::postgres::free_port;

/// A server of our own. It ends with this, or with us.
#[derive(Debug)]
pub(crate) struct Redis {
    pub port: u16,
    watchdog: Child,
    /// The server's process.
    id: String,
}

/// Runs the server, and ends it when standard input ends.
const WATCHDOG: &str = r#"
redis-server --port "$1" --bind 127.0.0.1 --save '' --appendonly no --maxclients 20000 --dir /tmp >/dev/null 2>&1 </dev/null &
server=$!
trap 'kill -CONT $server 2>/dev/null; kill -KILL $server 2>/dev/null; wait $server 2>/dev/null' EXIT
until redis-cli -p "$1" ping >/dev/null 2>&1; do kill -0 $server || exit 1; sleep 0.02; done
echo "ready $server"
cat >/dev/null
"#;

impl Redis {
    /// A new, empty server.
    pub(crate) fn start() -> Self {
        Self::at(free_port())
    }

    /// A new, empty server at the port of one that was killed.
    pub(crate) fn at(port: u16) -> Self {
        let mut watchdog = Command::new("sh")
            .args(["-c", WATCHDOG, "watchdog", &port.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("sh must be there");
        let mut line = String::new();
        BufReader::new(watchdog.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let id = line.trim().strip_prefix("ready ").expect("Redis must be installed; ./tests/run does that").to_owned();
        Self { port, watchdog, id }
    }

    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// What front offices remember together that use this prefix.
    pub(crate) fn memory(&self, prefix: &str) -> Memory {
        Memory::at(&self.url(), prefix).unwrap()
    }

    /// Sends the server a signal: `STOP`, `CONT`, `KILL`.
    pub(crate) fn signal(&self, name: &str) {
        assert!(Command::new("kill").args([&format!("-{name}"), &self.id]).status().unwrap().success());
    }

    /// Makes it forget everything.
    pub(crate) fn flush(&self) {
        let done = Command::new("redis-cli").args(["-p", &self.port.to_string(), "FLUSHALL"]).output().unwrap();
        assert!(done.status.success(), "{done:?}");
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        drop(self.watchdog.stdin.take());
        let _ = self.watchdog.wait();
    }
}

/// A memory of its own in the server that all share.
pub(crate) fn memory() -> Memory {
    static SERVER: OnceLock<Redis> = OnceLock::new();
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    SERVER.get_or_init(Redis::start).memory(&format!("test-{}", NUMBER.fetch_add(1, Ordering::SeqCst)))
}
