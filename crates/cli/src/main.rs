//! The binary `omotenashi`.

mod ask;
mod demo;
mod doctor;
mod export;
mod import;
mod init;
mod memory;
mod remote;
mod serve;
mod why;

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
    /// Makes a workspace in a data folder: its keys, and the owner's set-up link.
    Init(init::InitArgs),
    /// Serves a data folder.
    Serve(serve::ServeArgs),
    /// Starts a living shop to look at.
    Demo(demo::DemoArgs),
    /// Brings in what happened elsewhere.
    #[command(subcommand)]
    Import(Import),
    /// Writes events, customers or the ledger of a running server into files.
    Export(export::ExportArgs),
    /// Asks a question: a condition, `trend`, `funnel`, `retention`, `paths` or `rfm`.
    Ask(ask::AskArgs),
    /// Says why somebody did or did not get a message.
    Why(why::WhyArgs),
    /// Reads a data folder from end to end and says what it found.
    Doctor(doctor::DoctorArgs),
}

#[derive(Subcommand)]
enum Import {
    /// Imports the events of a file; running it twice adds nothing, and nobody is messaged.
    Events(import::ImportArgs),
}

fn main() -> ExitCode {
    memory::keep();
    let outcome = match Arguments::parse().command {
        Command::Init(args) => init::run(&args),
        Command::Serve(args) => serve::run(&args),
        Command::Demo(args) => demo::run(&args),
        Command::Import(Import::Events(args)) => import::run(args),
        Command::Export(args) => export::run(&args),
        Command::Ask(args) => ask::run(&args),
        Command::Why(args) => why::run(&args),
        Command::Doctor(args) => doctor::run(&args),
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
