//! `omotenashi ask`: a question, answered by the server.

mod print;

use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};

use crate::remote::{Remote, RemoteArgs};

/// Asks a question: a condition (`'did "purchase" at least 2 times in last 30 days'`), or one of the others with parameters.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct AskArgs {
    /// A condition in the text form, or `trend`, `funnel`, `retention`, `paths`, `rfm`.
    pub(crate) question: String,
    /// As of when, RFC 3339 [default: now].
    #[arg(long)]
    pub(crate) as_of: Option<String>,
    /// The question's parameters: a file with JSON, as the API takes it.
    #[arg(long)]
    pub(crate) params: Option<PathBuf>,
    /// Prints the whole answer as JSON.
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) remote: RemoteArgs,
}

/// Lays an answer out as text.
type Print = fn(Value) -> Result<String>;

/// Questions with parameters: the word, and what prints their answers.
const QUESTIONS: &[(&str, Print)] = &[
    ("trend", print::trend),
    ("funnel", print::funnel),
    ("retention", print::retention),
    ("paths", print::paths),
    ("rfm", print::rfm),
];

/// Asks and prints the answer.
#[expect(clippy::print_stdout, reason = "a command answers on standard output")]
pub(crate) fn run(args: &AskArgs) -> Result<()> {
    let remote = Remote::new(&args.remote);
    let known = QUESTIONS.iter().find(|(word, _)| *word == args.question);
    let (answer, told): (Value, Print) = match known {
        Some((word, told)) => (remote.post(&format!("/api/v1/ask/{word}"), &parameters(args)?)?, *told),
        None => (remote.post("/api/v1/ask/count", &count(args)?)?, print::count),
    };
    if args.json {
        println!("{}", serde_json::to_string_pretty(&answer)?);
    } else {
        print!("{}", told(answer)?);
    }
    Ok(())
}

fn count(args: &AskArgs) -> Result<Value> {
    if args.params.is_some() {
        let words: Vec<&str> = QUESTIONS.iter().map(|(word, _)| *word).collect();
        bail!("`--params` goes with one of {}. question=`{}`", words.join(", "), args.question);
    }
    Ok(json!({ "condition": { "text": args.question }, "as_of": args.as_of }))
}

fn parameters(args: &AskArgs) -> Result<Value> {
    let mut parameters = match &args.params {
        None => json!({}),
        Some(path) => {
            let text = std::fs::read_to_string(path).with_context(|| {
                format!("cannot read the parameters. field=`--params`, value=`{}`", path.display())
            })?;
            serde_json::from_str(&text).with_context(|| {
                format!("the parameters are not JSON. field=`--params`, value=`{}`", path.display())
            })?
        }
    };
    if let (Some(as_of), Some(fields)) = (&args.as_of, parameters.as_object_mut()) {
        // Of a question over a range, the instant of the question is the end of the range.
        fields.entry("to").or_insert_with(|| json!(as_of));
    }
    Ok(parameters)
}
