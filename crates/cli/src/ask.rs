//! `omotenashi ask`: a question, answered by the server.

use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};

use crate::remote::{Remote, RemoteArgs};

/// Asks a question: a condition (`'did "purchase" at least 2 times in last 30 days'`), or `rfm` or `trend` with parameters.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct AskArgs {
    /// A condition in the text form, or `rfm`, or `trend`.
    pub(crate) question: String,
    /// As of when, RFC 3339 [default: now].
    #[arg(long)]
    pub(crate) as_of: Option<String>,
    /// The question's parameters (JSON), for `rfm` and `trend`.
    #[arg(long)]
    pub(crate) params: Option<PathBuf>,
    /// Prints the whole answer as JSON.
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) remote: RemoteArgs,
}

/// Asks and prints the answer.
#[expect(clippy::print_stdout, reason = "a command answers on standard output")]
pub(crate) fn run(args: &AskArgs) -> Result<()> {
    let remote = Remote::new(&args.remote);
    let answer: Value = match args.question.as_str() {
        question @ ("rfm" | "trend") => {
            remote.post(&format!("/api/v1/ask/{question}"), &parameters(args)?)?
        }
        condition => {
            if args.params.is_some() {
                bail!("`--params` goes with `rfm` or `trend`. field=`--params`");
            }
            remote.post(
                "/api/v1/ask/count",
                &json!({ "condition": { "text": condition }, "as_of": args.as_of }),
            )?
        }
    };
    if args.json {
        println!("{}", serde_json::to_string_pretty(&answer)?);
    } else {
        print(&args.question, &answer);
    }
    Ok(())
}

fn parameters(args: &AskArgs) -> Result<Value> {
    let Some(path) = &args.params else { return Ok(json!({})) };
    let text = std::fs::read_to_string(path).with_context(|| {
        format!("cannot read the parameters. field=`--params`, value=`{}`", path.display())
    })?;
    serde_json::from_str(&text)
        .with_context(|| format!("the parameters are not JSON. field=`--params`, value=`{}`", path.display()))
}

#[expect(clippy::print_stdout, reason = "a command answers on standard output")]
fn print(question: &str, answer: &Value) {
    println!("{} customers", answer["customers"]);
    if question == "rfm" {
        for group in answer["groups"].as_array().into_iter().flatten() {
            let numbers = &group["numbers"];
            println!(
                "  {:<20} {:>8}  {:>6.1}% of revenue",
                group["group"].as_str().unwrap_or_default(),
                numbers["customers"],
                numbers["revenue_share"].as_f64().unwrap_or_default() * 100.0
            );
        }
    }
    for warning in answer["warnings"].as_array().into_iter().flatten() {
        println!("warning: {}", warning["message"].as_str().unwrap_or_default());
    }
    println!("answered in {} ms", answer["took_ms"]);
}
