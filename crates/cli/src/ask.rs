//! `omotenashi ask`: a question, answered by the server.

mod print;

use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};

use crate::remote::{Remote, RemoteArgs};

/// What stands below `ask --help`: one file of parameters for each question, to begin from.
const EXAMPLES: &str = concat!(
    "The file of `--params` is a JSON object. A question without it takes what the workspace has for each field.\n\n",
    "  rfm        event, amount_property, where, and a range: from and to, or last\n",
    include_str!("../../../docs/examples/rfm.json"),
    "\n  trend      event or events, where, measure, property, bucket, breakdown, compare, and a range\n",
    include_str!("../../../docs/examples/trend.json"),
    "\n  funnel     steps, within, order, breakdown, and a range\n",
    include_str!("../../../docs/examples/funnel.json"),
    "\n  retention  start, back, period, counting, breakdown, and a range\n",
    include_str!("../../../docs/examples/retention.json"),
    "\n  paths      anchor, direction, steps, within, events, and a range\n",
    include_str!("../../../docs/examples/paths.json"),
    "\nThese files lie in docs/examples; docs/questions.md says what each field means.",
);

/// Asks a question: a condition (`'did "purchase" at least 2 times in last 30 days'`), or one of the others with parameters.
#[derive(Debug, Clone, clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct AskArgs {
    /// A condition in the text form, or `trend`, `funnel`, `retention`, `paths`, `rfm`.
    pub(crate) question: String,
    /// As of when, RFC 3339 [default: now].
    #[arg(long)]
    pub(crate) as_of: Option<String>,
    /// The question's parameters: a file with a JSON object, as the API takes it; `--help` shows one for each question.
    #[arg(long, value_name = "FILE")]
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_examples_below_the_help_are_questions_that_the_api_takes() {
        for (word, text) in [
            ("trend", include_str!("../../../docs/examples/trend.json")),
            ("funnel", include_str!("../../../docs/examples/funnel.json")),
            ("retention", include_str!("../../../docs/examples/retention.json")),
            ("paths", include_str!("../../../docs/examples/paths.json")),
            ("rfm", include_str!("../../../docs/examples/rfm.json")),
        ] {
            let mut question: Value = serde_json::from_str(text).expect("an example is JSON");
            question["type"] = json!(word);
            serde_json::from_value::<api::ask::Question>(question).expect(word);
            assert!(EXAMPLES.contains(text), "{word} is not in the help");
        }
    }
}
