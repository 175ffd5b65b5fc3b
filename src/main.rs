//! The program's entry.

// What answers a GraphQL request is one future inside another, deeper than compilers follow by default.
#![recursion_limit = "256"]

use std::process::ExitCode;

use clap::Parser;

/// Answers are many small texts; the system's allocator spends a good part of what they cost.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

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
