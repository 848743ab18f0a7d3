//! A server on a loopback port with a data folder of its own.

use std::sync::Arc;
use std::time::Duration;

use expect_test::Expect;
use serde_json::Value;
use server::http::App;
use server::{Founded, House, Running, Settings};

/// A running server.
pub(crate) struct Shop {
    /// What `init` made.
    pub founded: Founded,
    client: Client,
    stop: Option<tokio::sync::oneshot::Sender<()>>,
    task: Option<tokio::task::JoinHandle<std::io::Result<()>>>,
    running: Option<Running>,
    _dir: tempfile::TempDir,
}

/// Somebody who asks.
#[derive(Clone)]
pub(crate) struct Client {
    base: String,
    token: String,
    http: reqwest::Client,
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
    headers: reqwest::header::HeaderMap,
}

impl Answer {
    /// A header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}

impl Shop {
    /// Founds a workspace and serves it.
    pub(crate) async fn open() -> Self {
        let dir = tempfile::tempdir().expect("a folder can be made");
        let founded =
            server::found(dir.path(), "shop", "a@example.com", "http://127.0.0.1").await.expect("founded");
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let (house, running) = House::open(Settings::new(dir.path().to_owned(), address), Arc::default())
            .await
            .expect("the house opens");
        let app = App::open(house).await.expect("the app opens");
        let (stop, stopped) = tokio::sync::oneshot::channel();
        let served = Arc::clone(&app);
        let task = tokio::spawn(async move {
            server::http::serve(listener, &served, async move { drop(stopped.await) }).await
        });
        let client = Client {
            base: format!("http://{address}"),
            token: founded.api_token.clone(),
            http: reqwest::Client::new(),
        };
        Self { founded, client, stop: Some(stop), task: Some(task), running: Some(running), _dir: dir }
    }

    /// The same server, asked with another token.
    pub(crate) fn with_token(&self, token: &str) -> Client {
        Client { token: token.to_owned(), ..self.client.clone() }
    }

    /// Ends the server and its engine.
    pub(crate) async fn close(mut self) {
        drop(self.stop.take());
        if let Some(task) = self.task.take() {
            task.await.expect("the server does not panic").expect("the server ends well");
        }
        let running = self.running.take().expect("closed once");
        tokio::task::spawn_blocking(move || running.stop().expect("the engine ends well"))
            .await
            .expect("joined");
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
    pub(crate) async fn raw(&self, method: &str, path: &str, body: &str) -> Answer {
        let request = self.start(method, path).bearer_auth(&self.token).body(body.to_owned());
        answer(request).await
    }

    /// A request with a session cookie instead of a token.
    pub(crate) async fn with_session(
        &self,
        method: &str,
        path: &str,
        (cookie, csrf): (&str, Option<&str>),
    ) -> Answer {
        let mut request = self.start(method, path).header("cookie", cookie);
        if let Some(csrf) = csrf {
            request = request.header("x-csrf-token", csrf);
        }
        answer(request).await
    }

    fn start(&self, method: &str, path: &str) -> reqwest::RequestBuilder {
        let method = method.parse::<reqwest::Method>().expect("a method");
        self.http.request(method, format!("{}{path}", self.base)).header("content-type", "application/json")
    }
}

async fn answer(request: reqwest::RequestBuilder) -> Answer {
    let response = request.send().await.expect("the server answers");
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let cookie = headers.get("set-cookie").and_then(|value| value.to_str().ok());
    let cookie = cookie.and_then(|value| value.split(';').next()).map(ToOwned::to_owned);
    let text = response.text().await.expect("a body");
    let body = serde_json::from_str(&text).unwrap_or(Value::Null);
    Answer { status, body, text, cookie, headers }
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
