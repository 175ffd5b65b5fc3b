//! The real program, by itself: how soon it is ready and how much memory it has while nobody talks to it.

use std::{
    io::{Read, Write},
    net::TcpStream,
    process::{Child, Stdio},
    time::{Duration, Instant},
};

use crate::harness::{postgres::free_port, program::command};

/// API, workers and SQLite in one process.
pub(crate) struct Program {
    child: Child,
    pub ready: Duration,
}

impl Program {
    /// Starts it in this folder and waits until it says that it is ready.
    pub(crate) fn start(folder: &std::path::Path) -> Self {
        let port = free_port();
        let listen = format!("127.0.0.1:{port}");
        let mut command = command(folder, &[("FRONTOFFICE_LISTEN", &listen), ("FRONTOFFICE_LOG", "warn")]);
        let began = Instant::now();
        let child = command.stdout(Stdio::null()).spawn().unwrap();
        while !is_ready(port) {
            assert!(began.elapsed() < Duration::from_secs(60), "it is not ready");
            std::thread::sleep(Duration::from_millis(2));
        }
        Self { child, ready: began.elapsed() }
    }

    /// What it holds in memory, in MiB.
    pub(crate) fn memory(&self) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        let kib: u32 = line.trim().trim_end_matches(" kB").parse().unwrap();
        f64::from(kib) / 1024.0
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

fn is_ready(port: u16) -> bool {
    let Ok(mut stream) = TcpStream::connect(("127.0.0.1", port)) else { return false };
    let mut answer = String::new();
    stream.write_all(b"GET /readyz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").unwrap();
    stream.read_to_string(&mut answer).is_ok() && answer.starts_with("HTTP/1.1 200")
}
