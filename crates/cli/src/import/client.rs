//! The server, as an import sees it: begin, send rows, finish.
//!
//! Every request may be repeated: rows are told twice and counted once. So what
//! fails for a passing reason is tried again, a little later each time.

use std::borrow::Cow;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use api::data::{Import, ImportAccepted, ImportCreate, ImportFinish};
use ingest::import::ImportKey;
use serde::de::DeserializeOwned;
use ureq::http::{Response, StatusCode};
use ureq::{Agent, Body};

use super::Totals;
use super::source::Source;

/// How often a request is tried.
const ATTEMPTS_MAX: u32 = 6;
/// The first pause between two attempts; each is twice as long as the one before.
const PAUSE_MS: u64 = 250;
/// The longest pause that a server may ask for.
const PAUSE_S_MAX: u64 = 60;
/// How long one request may take.
const TIMEOUT: Duration = Duration::from_secs(120);

pub(super) struct Client {
    agent: Agent,
    url: String,
    authorization: String,
    key: ImportKey,
    settled: u64,
}

impl Client {
    /// Begins the import, or finds the one that was begun with the same file and mapping.
    pub(super) fn begin(url: &str, token: &str, source: &Source) -> Result<Self> {
        let agent = Agent::config_builder().timeout_global(Some(TIMEOUT)).http_status_as_error(false).build();
        let url = format!("{}/api/v1/data/imports", url.trim_end_matches('/'));
        let authorization = format!("Bearer {token}");
        let mut client = Self { agent: agent.into(), url, authorization, key: source.key, settled: 0 };
        let create = ImportCreate { key: source.key.to_string(), file: source.name(), rows: None };
        let import: Import = client.post("", Payload::json(&create)?)?;
        client.settled = import.position;
        Ok(client)
    }

    /// The last line that is settled already.
    pub(super) fn settled(&self) -> u64 {
        self.settled
    }

    /// Sends rows: an encoded chunk. Everything up to the line `settled` was answered before.
    pub(super) fn send(&self, encoded: &[u8], settled: u64) -> Result<ImportAccepted> {
        let payload = Payload { media: "application/octet-stream", bytes: Cow::Borrowed(encoded) };
        self.post(&format!("/{}/rows?settled={settled}", self.key), payload)
    }

    /// Says that all rows were read, up to this line.
    pub(super) fn finish(&self, totals: &Totals, last_line: u64) -> Result<Import> {
        let finish = ImportFinish { rows: totals.rows, rejected: totals.rejected, position: Some(last_line) };
        self.post(&format!("/{}/finish", self.key), Payload::json(&finish)?)
    }

    fn post<T: DeserializeOwned>(&self, path: &str, payload: Payload<'_>) -> Result<T> {
        let url = format!("{}{path}", self.url);
        let mut pause = Duration::from_millis(PAUSE_MS);
        for attempt in 1..=ATTEMPTS_MAX {
            let last = attempt == ATTEMPTS_MAX;
            let sent = self
                .agent
                .post(&url)
                .header("authorization", &self.authorization)
                .header("content-type", payload.media)
                .send(&payload.bytes[..]);
            match sent {
                Ok(response) if response.status().is_success() => return read(response),
                Ok(response) if last || !passes(response.status()) => return refused(response),
                Ok(response) => pause = retry_after(&response).unwrap_or(pause),
                Err(error) if last => {
                    return Err(error).with_context(|| format!("the server cannot be reached. url=`{url}`"));
                }
                Err(_) => {}
            }
            wait(pause);
            pause *= 2;
        }
        bail!("the server cannot be reached. url=`{url}`")
    }
}

/// The body of a request.
struct Payload<'p> {
    media: &'static str,
    bytes: Cow<'p, [u8]>,
}

impl Payload<'_> {
    fn json<T: serde::Serialize>(value: &T) -> Result<Self> {
        Ok(Self { media: "application/json", bytes: serde_json::to_vec(value)?.into() })
    }
}

/// Whether the same request may succeed later.
fn passes(status: StatusCode) -> bool {
    status == StatusCode::TOO_MANY_REQUESTS || status.is_server_error()
}

fn retry_after(response: &Response<Body>) -> Option<Duration> {
    let seconds: u64 = response.headers().get("retry-after")?.to_str().ok()?.parse().ok()?;
    Some(Duration::from_secs(seconds.clamp(1, PAUSE_S_MAX)))
}

fn read<T: DeserializeOwned>(mut response: Response<Body>) -> Result<T> {
    let bytes = response.body_mut().read_to_vec().context("the answer of the server broke off")?;
    serde_json::from_slice(&bytes)
        .context("the answer of the server is not understood: is it of the same version")
}

fn refused<T>(mut response: Response<Body>) -> Result<T> {
    let status = response.status();
    let text = response.body_mut().read_to_string().unwrap_or_default();
    bail!("the server refused: {}. status=`{}`", text.trim(), status.as_u16())
}

#[expect(
    clippy::disallowed_methods,
    reason = "a command line has nothing else to do while the server recovers"
)]
fn wait(pause: Duration) {
    std::thread::sleep(pause);
}
