//! `omotenashi init`: makes a workspace, its keys and the owner's set-up link.

use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::{Result, ensure};
use serde::Serialize;

/// Makes a workspace in a data folder that no server is using.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct InitArgs {
    /// The data folder; made when it is missing.
    #[arg(long)]
    pub(crate) data: PathBuf,
    /// The workspace's name.
    #[arg(long)]
    pub(crate) workspace: String,
    /// The e-mail address of whoever owns it.
    #[arg(long)]
    pub(crate) owner: String,
    /// Where customers reach the server: links in messages begin with it [default: http:// and LISTEN].
    #[arg(long)]
    pub(crate) public_url: Option<String>,
    /// Where the server will listen, for the set-up link.
    #[arg(long, default_value = "127.0.0.1:7700")]
    pub(crate) listen: SocketAddr,
    /// Prints JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

/// What was made. The secrets are shown this once.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Made {
    /// The workspace.
    pub(crate) workspace: String,
    /// Sends events.
    pub(crate) write_key: String,
    /// Uses the API.
    pub(crate) api_token: String,
    /// Makes the owner's account; works once, for a week.
    pub(crate) setup_link: String,
}

/// Makes the workspace.
pub(crate) fn make(args: &InitArgs) -> Result<Made> {
    ensure!(!args.workspace.trim().is_empty(), "a workspace needs a name. field=`--workspace`");
    let valid =
        args.owner.split_once('@').is_some_and(|(local, domain)| !local.is_empty() && domain.contains('.'));
    ensure!(
        valid,
        "the owner is an e-mail address, as in `a@example.com`. field=`--owner`, value=`{}`",
        args.owner
    );
    let public_url = args.public_url.clone().unwrap_or_else(|| format!("http://{}", args.listen));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let founded = runtime.block_on(server::found(&args.data, &args.workspace, &args.owner, &public_url))?;
    Ok(Made {
        workspace: founded.workspace.to_string(),
        write_key: founded.write_key,
        api_token: founded.api_token,
        setup_link: format!("{public_url}/setup?token={}", founded.setup_token),
    })
}

/// Makes the workspace and prints what was made.
#[expect(clippy::print_stdout, reason = "a command answers on standard output")]
pub(crate) fn run(args: &InitArgs) -> Result<()> {
    let made = make(args)?;
    if args.json {
        println!("{}", serde_json::to_string_pretty(&made)?);
    } else {
        println!(
            "workspace   {}\nwrite key   {}\nAPI token   {}\nset up      {}",
            made.workspace, made.write_key, made.api_token, made.setup_link
        );
        println!(
            "\nStart the server, then open the set-up link. It works once; the token is not shown again."
        );
    }
    Ok(())
}
