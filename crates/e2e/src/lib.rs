//! Black-box tests of the built binary: the harness.
//!
//! A [`House`] is a data folder and a running `omotenashi serve` on a free port.
//! Tests talk to it as the world does, over HTTP and the command line, and may
//! kill it at any moment. The binary is the one in the same target folder
//! (`make test` builds it first).

mod mail_server;
mod receiver;
mod shop;

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::Value;

pub use mail_server::MailServer;
pub use receiver::{Receiver, Request};

/// How long a test waits for something that must come.
const PATIENCE: Duration = Duration::from_secs(60);
/// How often it looks.
const LOOK_AGAIN: Duration = Duration::from_millis(25);

/// A data folder and the server that runs on it.
pub struct House {
    data: tempfile::TempDir,
    serve: Vec<String>,
    environment: Vec<(String, String)>,
    server: Child,
    /// Where it answers.
    pub url: String,
    /// Sends events.
    pub write_key: String,
    /// Uses the API.
    pub token: String,
    /// Makes the owner's account.
    pub setup_link: String,
}

/// What a request was answered.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The body, when it is JSON.
    pub body: Value,
}

impl House {
    /// Makes a workspace and starts its server.
    ///
    /// # Errors
    /// When the binary is missing or does not do what it should.
    pub fn found() -> Result<Self> {
        Self::found_with(&[])
    }

    /// Makes a workspace and starts its server with further arguments.
    ///
    /// # Errors
    /// When the binary is missing or does not do what it should.
    pub fn found_with(serve: &[&str]) -> Result<Self> {
        Self::found_in(&[], serve)
    }

    /// Makes a workspace and starts its server with further variables of the environment, and arguments.
    ///
    /// # Errors
    /// When the binary is missing or does not do what it should.
    pub fn found_in(environment: &[(&str, &str)], serve: &[&str]) -> Result<Self> {
        let data = tempfile::tempdir()?;
        let made = init(data.path(), "shop")?;
        Self::open(data, &made, (environment, serve))
    }

    /// Makes a workspace beside another one, and starts their server with further arguments.
    ///
    /// # Errors
    /// When the binary is missing or does not do what it should.
    pub fn found_beside_another(serve: &[&str]) -> Result<Self> {
        let data = tempfile::tempdir()?;
        init(data.path(), "another shop")?;
        let made = init(data.path(), "shop")?;
        Self::open(data, &made, (&[], serve))
    }

    fn open(
        data: tempfile::TempDir,
        made: &Value,
        (environment, serve): (&[(&str, &str)], &[&str]),
    ) -> Result<Self> {
        let text = |name: &str| {
            made[name].as_str().map(str::to_owned).with_context(|| format!("no {name} in {made}"))
        };
        let serve: Vec<String> = serve.iter().map(|argument| (*argument).to_owned()).collect();
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let environment: Vec<_> = environment.iter().map(owned).collect();
        let (server, url) = start(data.path(), &serve, &environment)?;
        Ok(Self {
            serve,
            environment,
            server,
            url,
            write_key: text("write_key")?,
            token: text("api_token")?,
            setup_link: text("setup_link")?,
            data,
        })
    }

    /// The data folder.
    pub fn data(&self) -> &Path {
        self.data.path()
    }

    /// The number of the server's process.
    pub fn process(&self) -> u32 {
        self.server.id()
    }

    /// Kills the server as a power cut would (SIGKILL), and starts it again.
    ///
    /// # Errors
    /// When it does not start again.
    pub fn kill_and_restart(&mut self) -> Result<()> {
        self.kill()?;
        (self.server, self.url) = start(self.data.path(), &self.serve, &self.environment)?;
        Ok(())
    }

    /// Kills the server as a power cut would (SIGKILL).
    ///
    /// # Errors
    /// When it cannot be killed.
    pub fn kill(&mut self) -> Result<()> {
        self.server.kill()?;
        self.server.wait()?;
        Ok(())
    }

    /// Asks it to stop (SIGTERM) and waits until it has.
    ///
    /// # Errors
    /// When it does not end well.
    pub fn stop(&mut self) -> Result<()> {
        let asked = Command::new("kill").args(["-TERM", &self.server.id().to_string()]).status()?;
        ensure!(asked.success(), "the server could not be asked to stop");
        let ended = self.server.wait()?;
        ensure!(ended.success(), "the server ended with {ended}");
        Ok(())
    }

    /// Starts it again after [`Self::kill`] or [`Self::stop`].
    ///
    /// # Errors
    /// When it does not start.
    pub fn start_again(&mut self) -> Result<()> {
        (self.server, self.url) = start(self.data.path(), &self.serve, &self.environment)?;
        Ok(())
    }

    /// Asks the API with `GET`.
    ///
    /// # Errors
    /// When no answer comes.
    pub fn get(&self, path: &str) -> Result<Answer> {
        let request = agent()
            .get(format!("{}{path}", self.url))
            .header("authorization", format!("Bearer {}", self.token));
        answer(request.call()?)
    }

    /// Asks the API with `POST`.
    ///
    /// # Errors
    /// When no answer comes.
    pub fn post(&self, path: &str, body: &Value) -> Result<Answer> {
        let request = agent()
            .post(format!("{}{path}", self.url))
            .header("authorization", format!("Bearer {}", self.token));
        answer(request.header("content-type", "application/json").send(body.to_string())?)
    }

    /// Asks the API with `PUT`.
    ///
    /// # Errors
    /// When no answer comes.
    pub fn put(&self, path: &str, body: &Value) -> Result<Answer> {
        let request = agent()
            .put(format!("{}{path}", self.url))
            .header("authorization", format!("Bearer {}", self.token));
        answer(request.header("content-type", "application/json").send(body.to_string())?)
    }

    /// Sends events with the write key, as a Segment client would.
    ///
    /// # Errors
    /// When no answer comes.
    pub fn track(&self, path: &str, body: &Value) -> Result<Answer> {
        let mut body = body.clone();
        body["writeKey"] = Value::from(self.write_key.as_str());
        let request = agent().post(format!("{}{path}", self.url)).header("content-type", "application/json");
        answer(request.send(body.to_string())?)
    }

    /// Presses the one-click button of a mail program.
    ///
    /// # Errors
    /// When no answer comes.
    pub fn one_click(&self, link: &str) -> Result<Answer> {
        // The link names the public address; the server under test listens elsewhere.
        let path = link.find("/u/").map_or(link, |at| &link[at..]);
        let request = agent()
            .post(format!("{}{path}", self.url))
            .header("content-type", "application/x-www-form-urlencoded");
        answer(request.send("List-Unsubscribe=One-Click")?)
    }

    /// Runs a command of the binary against this server.
    ///
    /// # Errors
    /// When it cannot be run.
    pub fn command(&self, args: &[&str]) -> Result<Output> {
        let mut command = Command::new(binary()?);
        command.args(args).env("OMOTENASHI_URL", &self.url).env("OMOTENASHI_TOKEN", &self.token);
        Ok(command.stdin(Stdio::null()).output()?)
    }

    /// Asks a question again until its answer is what is `wanted`: questions see what was told a moment later.
    ///
    /// # Errors
    /// When it is not within a minute.
    pub fn ask_until(&self, path: &str, question: &Value, wanted: impl Fn(&Value) -> bool) -> Result<Value> {
        let looks = PATIENCE.as_millis() / LOOK_AGAIN.as_millis();
        let mut last = Value::Null;
        for _ in 0..looks {
            last = self.post(path, question)?.body;
            if wanted(&last) {
                return Ok(last);
            }
            pause();
        }
        let shown: String = last.to_string().chars().take(500).collect();
        bail!("{path} was not answered as wanted: {shown}")
    }

    /// Asks again until `wanted` says yes.
    ///
    /// # Errors
    /// When it does not within a minute; the last answer is in the error.
    pub fn wait(&self, path: &str, wanted: impl Fn(&Value) -> bool) -> Result<Value> {
        let looks = PATIENCE.as_millis() / LOOK_AGAIN.as_millis();
        let mut last = Value::Null;
        for _ in 0..looks {
            last = self.get(path)?.body;
            if wanted(&last) {
                return Ok(last);
            }
            pause();
        }
        bail!("{path} did not become what was wanted: {last}")
    }
}

impl Drop for House {
    fn drop(&mut self) {
        // It may have been killed before; then there is nothing to do.
        drop(self.server.kill());
        drop(self.server.wait());
    }
}

#[expect(clippy::disallowed_methods, reason = "a black box is watched from outside, in real time")]
/// Waits a moment before looking again.
pub fn pause() {
    std::thread::sleep(LOOK_AGAIN);
}

/// Makes a workspace; what `init` shows once.
fn init(data: &Path, workspace: &str) -> Result<Value> {
    let args = ["init", "--workspace", workspace, "--owner", "a@example.com", "--json", "--data"];
    let output = Command::new(binary()?).args(args).arg(data).stdin(Stdio::null()).output()?;
    ensure!(output.status.success(), "init: {}", String::from_utf8_lossy(&output.stderr));
    Ok(serde_json::from_slice(&output.stdout)?)
}

fn start(data: &Path, serve: &[String], environment: &[(String, String)]) -> Result<(Child, String)> {
    let mut server = Command::new(binary()?)
        .args(["serve", "--listen", "127.0.0.1:0", "--data"])
        .arg(data)
        .args(serve)
        .envs(environment.iter().map(|(name, value)| (name, value)))
        .env("RUST_LOG", std::env::var("RUST_LOG").unwrap_or_else(|_| "warn".to_owned()))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()?;
    let stdout = server.stdout.take().context("the server's output is piped")?;
    let mut line = String::new();
    BufReader::new(stdout).read_line(&mut line)?;
    let url = line.split_whitespace().find(|word| word.starts_with("http://")).map(str::to_owned);
    url.map(|url| (server, url)).with_context(|| format!("the server did not say where it listens: {line:?}"))
}

/// The built binary: beside the tests, in the same target folder.
///
/// # Errors
/// When it was not built.
pub fn binary() -> Result<PathBuf> {
    let tests = std::env::current_exe()?;
    let folder = tests.ancestors().nth(2).context("tests run in the target folder")?;
    let binary = folder.join("omotenashi");
    ensure!(binary.exists(), "{} is missing; run `cargo build --package omotenashi` first", binary.display());
    Ok(binary)
}

fn agent() -> ureq::Agent {
    ureq::Agent::config_builder().timeout_global(Some(PATIENCE)).http_status_as_error(false).build().into()
}

fn answer(mut response: ureq::http::Response<ureq::Body>) -> Result<Answer> {
    let text = response.body_mut().with_config().limit(256 << 20).read_to_string()?;
    let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
    Ok(Answer { status: response.status().as_u16(), body })
}
