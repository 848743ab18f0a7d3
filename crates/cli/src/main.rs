//! The binary `omotenashi`.

mod import;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Customer engagement that knows each customer, and knows when to be silent.
#[derive(Parser)]
#[command(name = "omotenashi", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Brings in what happened elsewhere.
    #[command(subcommand)]
    Import(Import),
}

#[derive(Subcommand)]
enum Import {
    /// Imports the events of a file; running it twice adds nothing, and nobody is messaged.
    Events(import::ImportArgs),
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Import(Import::Events(args)) => import::run(args),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&error);
            ExitCode::FAILURE
        }
    }
}

#[expect(clippy::print_stderr, reason = "this is where a command line says what went wrong")]
fn complain(error: &anyhow::Error) {
    eprintln!("error: {error:#}");
}
