//! The program's entry.

use std::process::ExitCode;

use clap::Parser;

#[tokio::main]
async fn main() -> ExitCode {
    match frontoffice::run(frontoffice::Cli::parse()).await {
        Ok(code) => code,
        Err(error) => {
            eprintln!("frontoffice: {error:#}");
            ExitCode::FAILURE
        }
    }
}
