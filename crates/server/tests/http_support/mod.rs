//! A server on a loopback port with a data folder of its own.

#![allow(dead_code, reason = "each test file uses its part")]

use std::time::Duration;

use expect_test::Expect;
use serde_json::Value;
use server::{Founded, Settings};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// A running server.
pub(crate) struct Shop {
    /// What `init` made.
    pub(crate) founded: Founded,
    client: Client,
    stop: tokio::sync::oneshot::Sender<()>,
    task: tokio::task::JoinHandle<Result<(), server::serve::Fault>>,
    _dir: tempfile::TempDir,
}

/// Somebody who asks.
#[derive(Clone)]
pub(crate) struct Client {
    address: std::net::SocketAddr,
    token: String,
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The body as JSON; null when it is none.
    pub body: Value,
    /// The body.
    pub text: String,
    /// The session cookie it sets.
    pub cookie: Option<String>,
    headers: Vec<(String, String)>,
}

impl Answer {
    /// A header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(each, _)| each == name).map(|(_, value)| value.as_str())
    }
}

impl Shop {
    /// Founds a workspace and serves it.
    pub(crate) async fn open() -> Self {
        let dir = tempfile::tempdir().expect("a folder can be made");
        let founded =
            server::found(dir.path(), "shop", "a@example.com", "http://127.0.0.1").await.expect("founded");
        Self::serve(dir, founded).await
    }

    /// Ends the server and starts it again.
    pub(crate) async fn reopen(self) -> Self {
        let Self { founded, stop, task, _dir: dir, .. } = self;
        drop(stop);
        task.await.expect("the server does not panic").expect("the server ends well");
        Self::serve(dir, founded).await
    }

    async fn serve(dir: tempfile::TempDir, founded: Founded) -> Self {
        let settings = Settings::new(dir.path().to_owned(), "127.0.0.1:0".parse().expect("an address"));
        let (ready, address) = tokio::sync::oneshot::channel();
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let ready = move |address| ready.send(address).expect("the test waits for it");
        let task = tokio::spawn(server::serve(settings, ready, async move { drop(stopped.await) }));
        let address = address.await.expect("the server starts");
        let client = Client { address, token: founded.api_token.clone() };
        Self { founded, client, stop, task, _dir: dir }
    }

    /// The same server, asked with another token.
    pub(crate) fn with_token(&self, token: &str) -> Client {
        Client { token: token.to_owned(), ..self.client }
    }

    /// Ends the server and its engine.
    pub(crate) async fn close(self) {
        let Self { stop, task, _dir, .. } = self;
        drop(stop);
        task.await.expect("the server does not panic").expect("the server ends well");
    }

    /// Sends an event with the write key.
    pub(crate) async fn ingest(&self, path: &str, body: &Value) -> Answer {
        self.with_token(&self.founded.write_key).post(path, body).await
    }

    /// Asks until the answer is as wanted.
    pub(crate) async fn until(&self, path: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let mut body = Value::Null;
        for _ in 0..200 {
            body = self.get(path).await.body;
            if wanted(&body) {
                return body;
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        panic!("{path} never answered as wanted: {body}");
    }
}

impl std::ops::Deref for Shop {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}

impl Client {
    /// Reads.
    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.request("GET", path, None).await
    }

    /// Makes or does.
    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.request("POST", path, Some(body)).await
    }

    /// Any request with the token.
    pub(crate) async fn request(&self, method: &str, path: &str, body: Option<&Value>) -> Answer {
        let text = body.map(Value::to_string).unwrap_or_default();
        self.raw(method, path, &text).await
    }

    /// Any request with the token and these bytes.
    pub(crate) async fn raw(&self, method: &str, path: &str, body: impl AsRef<[u8]>) -> Answer {
        let authorization = format!("Bearer {}", self.token);
        self.send(method, path, (&[("authorization", &authorization)], body)).await
    }

    /// A request with a session cookie instead of a token.
    pub(crate) async fn with_session(
        &self,
        method: &str,
        path: &str,
        (cookie, csrf): (&str, Option<&str>),
    ) -> Answer {
        let mut headers = vec![("cookie", cookie)];
        headers.extend(csrf.map(|csrf| ("x-csrf-token", csrf)));
        self.send(method, path, (&headers, "")).await
    }

    /// One request on a connection of its own: what goes over the wire is what stands here.
    pub(crate) async fn send(
        &self,
        method: &str,
        path: &str,
        (headers, body): (&[(&str, &str)], impl AsRef<[u8]>),
    ) -> Answer {
        let body = body.as_ref();
        let mut request = format!("{method} {path} HTTP/1.1\r\nhost: shop\r\nconnection: close\r\n");
        request.push_str("content-type: application/json\r\n");
        headers.iter().for_each(|(name, value)| request.push_str(&format!("{name}: {value}\r\n")));
        request.push_str(&format!("content-length: {}\r\n\r\n", body.len()));
        let mut line = tokio::net::TcpStream::connect(self.address).await.expect("the server listens");
        line.write_all(&[request.as_bytes(), body].concat()).await.expect("the server reads");
        let mut bytes = Vec::new();
        line.read_to_end(&mut bytes).await.expect("the server answers");
        answer(&bytes)
    }
}

fn answer(bytes: &[u8]) -> Answer {
    let text = String::from_utf8_lossy(bytes);
    let (head, text) = text.split_once("\r\n\r\n").expect("an answer has a head");
    let mut lines = head.lines();
    let status = lines.next().and_then(|line| line.split(' ').nth(1)?.parse().ok()).expect("a status");
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_lowercase(), value.trim().to_owned()))
        .collect();
    let cookie = headers.iter().find(|(name, _)| name == "set-cookie");
    let cookie = cookie.and_then(|(_, value)| value.split(';').next()).map(ToOwned::to_owned);
    let body = serde_json::from_str(text).unwrap_or(Value::Null);
    Answer { status, body, text: text.to_owned(), cookie, headers }
}

/// The answer has this status, and says this at this place.
pub(crate) fn check(answer: &Answer, status: u16, pointer: &str, value: &str) {
    let found = answer.body.pointer(pointer).and_then(Value::as_str);
    assert_eq!((answer.status, found), (status, Some(value)), "{}", answer.text);
}

/// The answer is this problem, in one line: status, type, field and value, what, and what to do.
pub(crate) fn check_problem(answer: &Answer, expected: Expect) {
    assert_eq!(answer.header("content-type"), Some("application/problem+json"), "{}", answer.text);
    let text = |name: &str| answer.body[name].as_str().unwrap_or_default();
    let field = answer.body["field"].as_str().map(|field| format!(" {field}")).unwrap_or_default();
    let value = answer.body["value"].as_str().map(|value| format!("={value}")).unwrap_or_default();
    let fix = answer.body["fix"].as_str().map(|fix| format!(" -> {fix}")).unwrap_or_default();
    expected.assert_eq(&format!("{} {}{field}{value}: {}{fix}", answer.status, text("type"), text("detail")));
    assert!(answer.body["request_id"].is_string() && answer.header("x-request-id").is_some());
}
