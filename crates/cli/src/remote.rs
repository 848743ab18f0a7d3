//! The server, as short commands see it: one request, one answer, errors as the server tells them.

use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use api::Problem;
use serde::Serialize;
use serde::de::DeserializeOwned;
use ureq::http::{HeaderMap, Response};
use ureq::{Agent, Body, BodyReader};

/// How long one answer may take.
const TIMEOUT: Duration = Duration::from_secs(120);

/// Where the server is and who asks.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct RemoteArgs {
    /// Where the server is.
    #[arg(long, env = "OMOTENASHI_URL", default_value = "http://127.0.0.1:7700")]
    pub(crate) url: String,
    /// An API token.
    #[arg(long, env = "OMOTENASHI_TOKEN", hide_env_values = true)]
    pub(crate) token: String,
}

/// Lines of an export, as they come.
pub(crate) struct Lines {
    headers: HeaderMap,
    /// The lines.
    pub(crate) reader: BodyReader<'static>,
}

impl Lines {
    /// A number that the server says about them.
    pub(crate) fn header(&self, name: &str) -> Option<u64> {
        self.headers.get(name)?.to_str().ok()?.parse().ok()
    }
}

/// A server.
pub(crate) struct Remote {
    agent: Agent,
    url: String,
    authorization: String,
}

impl Remote {
    /// The server that the arguments name.
    pub(crate) fn new(args: &RemoteArgs) -> Self {
        let agent = Agent::config_builder().timeout_global(Some(TIMEOUT)).http_status_as_error(false).build();
        Self {
            agent: agent.into(),
            url: args.url.trim_end_matches('/').to_owned(),
            authorization: format!("Bearer {}", args.token),
        }
    }

    /// Asks with `GET`.
    pub(crate) fn get<A: DeserializeOwned>(&self, path: &str, query: &[(&str, &str)]) -> Result<A> {
        let request =
            self.agent.get(format!("{}{path}", self.url)).header("authorization", &self.authorization);
        let request = query.iter().fold(request, |request, (name, value)| request.query(*name, *value));
        answer(request.call().with_context(|| self.unreachable())?)
    }

    /// Asks with `POST`.
    pub(crate) fn post<A: DeserializeOwned>(&self, path: &str, body: &impl Serialize) -> Result<A> {
        let request =
            self.agent.post(format!("{}{path}", self.url)).header("authorization", &self.authorization);
        let request = request.header("content-type", "application/json");
        answer(request.send(serde_json::to_string(body)?).with_context(|| self.unreachable())?)
    }

    /// Reads an export; however long it takes, as long as something comes.
    pub(crate) fn lines(&self, path: &str, query: &[(&str, &str)]) -> Result<Lines> {
        let config =
            Agent::config_builder().timeout_recv_response(Some(TIMEOUT)).timeout_per_read(Some(TIMEOUT));
        let agent: Agent = config.http_status_as_error(false).build().into();
        let request = agent.get(format!("{}{path}", self.url)).header("authorization", &self.authorization);
        let request = query.iter().fold(request, |request, (name, value)| request.query(*name, *value));
        let response = request.call().with_context(|| self.unreachable())?;
        if !response.status().is_success() {
            answer::<serde_json::Value>(response)?;
            bail!("the server did not export anything");
        }
        let (parts, body) = response.into_parts();
        Ok(Lines { headers: parts.headers, reader: body.into_reader() })
    }

    fn unreachable(&self) -> String {
        format!("the server does not answer; is it running? url=`{}`", self.url)
    }
}

fn answer<A: DeserializeOwned>(mut response: Response<Body>) -> Result<A> {
    let text = response.body_mut().read_to_string().context("the answer was cut short")?;
    if response.status().is_success() {
        return serde_json::from_str(&text)
            .context("the answer is not understood; is the server of another version?");
    }
    match serde_json::from_str::<Problem>(&text) {
        Ok(problem) => {
            let field = problem.field.map_or_else(String::new, |field| format!(", field=`{field}`"));
            let value = problem.value.map_or_else(String::new, |value| format!(", value=`{value}`"));
            let fix = problem.fix.map_or_else(String::new, |fix| format!("\n{fix}"));
            bail!("{}{field}{value}{fix}", problem.detail)
        }
        Err(_) => bail!("the server answered {}", response.status()),
    }
}
