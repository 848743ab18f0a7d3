//! `omotenashi why`: why somebody did or did not get a message.

use anyhow::{Result, bail};
use api::why::{GateResult, Why};

use crate::remote::{Remote, RemoteArgs};

/// Says why a message was sent, held or suppressed.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct WhyArgs {
    /// The message, as in `m1-c2a1-0`.
    #[arg(long, conflicts_with_all = ["customer", "campaign"])]
    pub(crate) message: Option<String>,
    /// The customer, as in `user_id:42` or `c2a1`.
    #[arg(long, requires = "campaign")]
    pub(crate) customer: Option<String>,
    /// The campaign's name.
    #[arg(long, requires = "customer")]
    pub(crate) campaign: Option<String>,
    /// Prints the whole record as JSON.
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) remote: RemoteArgs,
}

/// Asks and prints the reasons.
#[expect(clippy::print_stdout, reason = "a command answers on standard output")]
pub(crate) fn run(args: &WhyArgs) -> Result<()> {
    let remote = Remote::new(&args.remote);
    let why: Why = match (&args.message, &args.customer, &args.campaign) {
        (Some(message), ..) => remote.get(&format!("/api/v1/messages/{message}/why"), &[])?,
        (None, Some(customer), Some(campaign)) => {
            remote.get("/api/v1/why", &[("customer", customer), ("campaign", campaign)])?
        }
        _ => bail!("say which: `--message ID`, or `--customer user_id:42 --campaign NAME`"),
    };
    if args.json {
        println!("{}", serde_json::to_string_pretty(&why)?);
        return Ok(());
    }
    println!("{}: {}", why.message.campaign_name, why.sentence);
    for gate in &why.gates {
        let sign = match gate.result {
            GateResult::Passed | GateResult::Exempt => "  ",
            GateResult::Held => "~ ",
            GateResult::Suppressed => "x ",
        };
        println!("  {sign}{:<10} {}", gate.gate, gate.sentence);
    }
    for moment in &why.life {
        println!("  {} {} {}", moment.at.0, moment.what, moment.detail.as_deref().unwrap_or_default());
    }
    Ok(())
}
