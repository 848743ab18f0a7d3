//! The server, as the shop sees it.

use std::time::Duration;

use serde_json::{Value, json};
use ureq::Agent;

/// A server.
#[derive(Debug, Clone)]
pub struct Client {
    agent: Agent,
    url: String,
    write_key: String,
    token: String,
}

/// Why the server did not do it.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// No answer.
    #[error("the server does not answer. path=`{path}`")]
    NoAnswer {
        /// What was asked.
        path: String,
        /// What the client said.
        source: Box<ureq::Error>,
    },
    /// It said no.
    #[error("the server said no. path=`{path}`, status=`{status}`, answer=`{answer}`")]
    Refused {
        /// What was asked.
        path: String,
        /// The status.
        status: u16,
        /// What it said.
        answer: String,
    },
}

/// How long one answer may take.
const TIMEOUT: Duration = Duration::from_secs(60);
/// How often a busy server is asked again.
const TRIES_MAX: usize = 20;

impl Client {
    /// A server at `url`.
    pub fn new(url: &str, write_key: &str, token: &str) -> Self {
        let config = Agent::config_builder()
            .timeout_global(Some(TIMEOUT))
            .http_status_as_error(false)
            .max_redirects(0);
        Self {
            agent: config.build().into(),
            url: url.trim_end_matches('/').to_owned(),
            write_key: write_key.to_owned(),
            token: token.to_owned(),
        }
    }

    /// Tells events that happened before: nobody is messaged because of them.
    pub(crate) fn import(&self, events: &[Value]) -> Result<(), Fault> {
        self.tell("/v1/import", events)
    }

    /// Tells events that happen now.
    pub(crate) fn batch(&self, events: &[Value]) -> Result<(), Fault> {
        self.tell("/v1/batch", events)
    }

    fn tell(&self, path: &str, events: &[Value]) -> Result<(), Fault> {
        // A body is at most 500 KB: 1,000 of our events are about 300.
        for events in events.chunks(1_000) {
            let body = json!({ "writeKey": self.write_key, "batch": events }).to_string();
            for attempt in 1.. {
                let sent = self
                    .agent
                    .post(format!("{}{path}", self.url))
                    .header("content-type", "application/json")
                    .send(&body);
                match checked(path, sent) {
                    Ok(_) => break,
                    Err(Fault::Refused { status: 429 | 503, .. }) if attempt < TRIES_MAX => {
                        pause(Duration::from_millis(250));
                    }
                    Err(fault) => return Err(fault),
                }
            }
        }
        Ok(())
    }

    /// Asks the API with `GET`.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn get(&self, path: &str) -> Result<Value, Fault> {
        let request = self
            .agent
            .get(format!("{}{path}", self.url))
            .header("authorization", format!("Bearer {}", self.token));
        checked(path, request.call())
    }

    /// Asks the API with `POST`.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn post(&self, path: &str, body: &Value) -> Result<Value, Fault> {
        let request = self
            .agent
            .post(format!("{}{path}", self.url))
            .header("authorization", format!("Bearer {}", self.token));
        checked(path, request.header("content-type", "application/json").send(body.to_string()))
    }

    /// Asks the API with `PUT`.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn put(&self, path: &str, body: &Value) -> Result<Value, Fault> {
        let request = self
            .agent
            .put(format!("{}{path}", self.url))
            .header("authorization", format!("Bearer {}", self.token));
        checked(path, request.header("content-type", "application/json").send(body.to_string()))
    }

    /// Follows a link of a mail, as a reader's browser would.
    pub(crate) fn follow(&self, link: &str) -> Result<(), Fault> {
        checked(link, self.agent.get(link).call()).map(drop)
    }

    /// Presses the one-click button that mail programs show.
    pub(crate) fn one_click(&self, link: &str) -> Result<(), Fault> {
        let request = self.agent.post(link).header("content-type", "application/x-www-form-urlencoded");
        checked(link, request.send("List-Unsubscribe=One-Click")).map(drop)
    }
}

fn checked(path: &str, sent: Result<ureq::http::Response<ureq::Body>, ureq::Error>) -> Result<Value, Fault> {
    let mut response =
        sent.map_err(|source| Fault::NoAnswer { path: path.to_owned(), source: Box::new(source) })?;
    let status = response.status().as_u16();
    let answer = response.body_mut().read_to_string().unwrap_or_default();
    if status >= 400 {
        return Err(Fault::Refused {
            path: path.to_owned(),
            status,
            answer: answer.chars().take(500).collect(),
        });
    }
    Ok(serde_json::from_str(&answer).unwrap_or(Value::Null))
}

/// Waits, in real time: the shop stands outside of the house.
#[expect(clippy::disallowed_methods, reason = "the shop is a client and lives in real time")]
pub(crate) fn pause(time: Duration) {
    std::thread::sleep(time);
}
