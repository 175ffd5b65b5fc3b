//! A private Postgres for this test process, started from the installed binaries and stopped with the process, however it ends.

use std::{
    io::{BufRead, BufReader, Write},
    net::TcpListener,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, Stdio},
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
};

use diesel_async::{AsyncConnection, AsyncPgConnection, SimpleAsyncConnection};

/// A server of our own, that ends with us.
pub(crate) struct Server {
    pub port: u16,
    /// Its standard input is a pipe from us: when we are gone it ends, and the watchdog stops the server.
    watchdog: Child,
    said: BufReader<ChildStdout>,
}

/// A new, empty database; its URL.
pub(crate) async fn database() -> String {
    database_that(false).await
}

/// A new, empty database; its URL. One that `lasts` survives a power cut; a process has only the one kind or the other.
pub(crate) async fn database_that(lasts: bool) -> String {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let server = tokio::task::spawn_blocking(move || server(lasts)).await.unwrap();
    let name = format!("test_{}", NUMBER.fetch_add(1, Ordering::SeqCst));
    let mut admin = AsyncPgConnection::establish(&server.url("postgres")).await.unwrap();
    admin.batch_execute(&format!("CREATE DATABASE {name}")).await.unwrap();
    server.url(&name)
}

fn server(lasts: bool) -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    SERVER.get_or_init(|| Server::start(lasts))
}

/// What tests need not wait for.
const FORGETFUL: &str = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off";

/// Everything the watchdog does: make the cluster, run the server, run it anew after each signal it is told to send it, stop it and
/// remove everything when standard input ends.
const WATCHDOG: &str = r#"
set -e
bin=$1; folder=$2; port=$3; shift 3
"$@" "$bin/initdb" -D "$folder/data" -U postgres --auth=trust --encoding=UTF8 --locale=C.UTF-8 --no-sync >"$folder/log" 2>&1
trap 'kill -INT $server 2>/dev/null; wait $server 2>/dev/null; rm -rf "$folder"' EXIT
run() {
    "$@" "$bin/postgres" -D "$folder/data" -p "$port" -c listen_addresses=127.0.0.1 -c unix_socket_directories= \
        $DURABILITY -c max_connections=400 -c shared_buffers=128MB >>"$folder/log" 2>&1 </dev/null &
    server=$!
    until "$bin/pg_isready" -q -h 127.0.0.1 -p "$port"; do kill -0 $server; sleep 0.05; done
    echo ready
}
run "$@"
while read -r signal; do
    kill -"$signal" $server
    wait $server || true
    run "$@"
done
"#;

impl Server {
    /// A new server; one that does not `lasts` forgets in a power cut, and when it crashes.
    pub(crate) fn start(lasts: bool) -> Self {
        let bin = binaries();
        let folder = tempfile::Builder::new().prefix("frontoffice-postgres-").tempdir().unwrap().keep();
        // The server refuses to run as root, so root lends it the user that the package brings.
        let is_root = std::fs::metadata("/proc/self").is_ok_and(|me| std::os::unix::fs::MetadataExt::uid(&me) == 0);
        std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o777)).unwrap();
        let port = free_port();
        let lend: &[&str] = if is_root { &["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] } else { &[] };
        let mut watchdog = Command::new("sh")
            .args(["-c", WATCHDOG, "watchdog"])
            .args([bin.as_path(), folder.as_path()])
            .arg(port.to_string())
            .args(lend)
            .env("DURABILITY", if lasts { "" } else { FORGETFUL })
            .current_dir("/tmp")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("sh (and, as root, setpriv) must be there");
        let said = BufReader::new(watchdog.stdout.take().unwrap());
        let mut server = Self { port, watchdog, said };
        let line = server.line();
        let log = || std::fs::read_to_string(folder.join("log")).unwrap_or_default();
        assert_eq!(line, "ready\n", "Postgres did not start: {}", log());
        server
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.said.read_line(&mut line).unwrap();
        line
    }

    /// Stops it with a signal (`INT`: at once, `QUIT`: as if it had crashed) and runs it anew.
    pub(crate) fn restart(&mut self, signal: &str) {
        writeln!(self.watchdog.stdin.as_mut().unwrap(), "{signal}").unwrap();
        assert_eq!(self.line(), "ready\n", "Postgres did not start again");
    }

    pub(crate) fn url(&self, database: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{database}", self.port)
    }
}

/// The folder of its programs.
pub(crate) fn binaries() -> PathBuf {
    let installed =
        std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten().map(|entry| entry.path().join("bin"));
    installed
        .chain(std::env::var("PATH").unwrap_or_default().split(':').map(PathBuf::from))
        .find(|folder| ["initdb", "postgres", "pg_isready"].iter().all(|program| Path::new(folder).join(program).exists()))
        .expect("Postgres must be installed; ./tests/run does that")
}

/// A port that nobody uses now.
pub(crate) fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
