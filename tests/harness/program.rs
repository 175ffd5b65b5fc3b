//! The real program, as its user starts it.

use std::{
    path::Path,
    process::{Command, Output, Stdio},
    time::Duration,
};

use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};

/// `frontoffice` in a folder, with nothing but these variables of ours in its environment.
pub(crate) fn command(folder: &Path, variables: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_frontoffice"));
    command.current_dir(folder).stdin(Stdio::null());
    for (name, _) in std::env::vars() {
        if name.starts_with("FRONTOFFICE_") || name.starts_with("OPENAI_") || name == "DATABASE_URL" || name == "REDIS_URL" {
            command.env_remove(name);
        }
    }
    command.envs(variables.iter().copied());
    command
}

/// Runs it to its end, which must come by itself.
pub(crate) async fn run(folder: &Path, variables: &[(&str, &str)], arguments: &[&str]) -> Output {
    let mut command = command(folder, variables);
    command.args(arguments);
    let mut command = tokio::process::Command::from(command);
    command.kill_on_drop(true);
    tokio::time::timeout(Duration::from_secs(30), command.output()).await.expect("it must end by itself").unwrap()
}

/// A running program that has said it is ready.
pub(crate) struct Program {
    pub block: String,
    pub base: String,
    child: tokio::process::Child,
    /// What it logs, read all the time: a pipe that is full would stop it.
    log: tokio::task::JoinHandle<String>,
}

impl Program {
    pub(crate) async fn start(folder: &Path, variables: &[(&str, &str)]) -> Self {
        Self::start_as(folder, variables, &[]).await
    }

    pub(crate) async fn start_as(folder: &Path, variables: &[(&str, &str)], arguments: &[&str]) -> Self {
        let mut command = command(folder, variables);
        command.args(arguments);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = tokio::process::Command::from(command).kill_on_drop(true).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut stderr = child.stderr.take().unwrap();
        let log = tokio::spawn(async move {
            let mut log = String::new();
            stderr.read_to_string(&mut log).await.unwrap();
            log
        });
        let mut block = String::new();
        while !block.contains("Stop it") {
            match tokio::time::timeout(Duration::from_secs(30), lines.next_line()).await.unwrap().unwrap() {
                Some(line) => block = format!("{block}{line}\n"),
                None => panic!("it did not start: {block}{}", log.await.unwrap()),
            }
        }
        // `…POST http://…/api/chat`, and of workers `…Health http://…/readyz`.
        let base = block.split_once("http://").unwrap().1.split('/').next().unwrap();
        let base = format!("http://{base}");
        Self { block, base, child, log }
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id().unwrap()
    }

    pub(crate) fn signal(&self, name: &str) {
        let id = self.child.id().unwrap().to_string();
        assert!(Command::new("kill").args([&format!("-{name}"), &id]).status().unwrap().success());
    }

    /// Its end, and everything it logged.
    pub(crate) async fn end(mut self) -> (std::process::ExitStatus, String) {
        let log = tokio::time::timeout(Duration::from_secs(40), self.log).await.expect("it must end").unwrap();
        (self.child.wait().await.unwrap(), log)
    }
}
