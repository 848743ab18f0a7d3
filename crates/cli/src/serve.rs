//! `omotenashi serve`: the server, until it is told to stop.

use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::Result;
use server::Settings;
use tokio::signal::unix::{SignalKind, signal};

/// Serves a data folder.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct ServeArgs {
    /// The data folder: everything the server keeps is in it.
    #[arg(long, env = "OMOTENASHI_DATA")]
    pub(crate) data: PathBuf,
    /// Where to listen.
    #[arg(long, env = "OMOTENASHI_LISTEN", default_value = "127.0.0.1:7700")]
    pub(crate) listen: SocketAddr,
    /// Where the mail system hands over bounces by LMTP, as in 127.0.0.1:7725.
    #[arg(long, env = "OMOTENASHI_BOUNCES")]
    pub(crate) bounces: Option<SocketAddr>,
    /// For how many hours a message id told twice is recognised, 24 to 168.
    #[arg(long, env = "OMOTENASHI_DEDUPLICATION_HOURS", default_value_t = server::settings::DEDUPLICATION_HOURS_MIN)]
    pub(crate) deduplication_hours: u16,
    /// Keeps events of calendar months that ended so many days ago as Parquet; without it everything stays hot.
    #[arg(long, env = "OMOTENASHI_COLD_AFTER_DAYS")]
    pub(crate) cold_after_days: Option<u32>,
    /// Where old events are kept: a folder, or `s3://BUCKET/PREFIX` (see the `AWS_…` variables); else in the data folder.
    #[arg(long, env = "OMOTENASHI_COLD_STORE")]
    pub(crate) cold_store: Option<String>,
    /// Logs JSON.
    #[arg(long)]
    pub(crate) log_json: bool,
}

/// Serves until SIGINT or SIGTERM.
#[expect(clippy::print_stdout, reason = "whoever started it waits for the address")]
pub(crate) fn run(args: &ServeArgs) -> Result<()> {
    log(args.log_json);
    let mut settings = Settings::new(args.data.clone(), args.listen);
    settings.bounces = args.bounces;
    settings.deduplication_hours = args.deduplication_hours;
    settings.cold_after_days = args.cold_after_days;
    settings.cold_store = args.cold_store.clone();
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(async {
        let stop = stop()?;
        tokio::spawn(crate::memory::give_back());
        server::serve(settings, |address| println!("omotenashi listens on http://{address}"), stop).await?;
        Ok(())
    })
}

/// Resolves when the process is asked to end.
pub(crate) fn stop() -> std::io::Result<impl Future<Output = ()> + Send + 'static> {
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// Logs to standard error; `RUST_LOG` chooses what.
pub(crate) fn log(json: bool) {
    let filter =
        tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| "info,sqlx=warn".into());
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    if json { builder.json().init() } else { builder.init() }
}
