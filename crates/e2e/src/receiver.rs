//! A receiver of webhooks on a port of its own, outside the process under test: it remembers every request, and answers
//! as it is told to. It checks nothing; tests do.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, Mutex};

use anyhow::Result;
use serde_json::Value;

/// Takes webhooks.
pub struct Receiver {
    /// Where they go.
    pub url: String,
    shared: Arc<Shared>,
}

struct Shared {
    status: AtomicU16,
    requests: Mutex<Vec<Request>>,
}

/// One webhook as it came.
#[derive(Debug, Clone)]
pub struct Request {
    /// Its headers, by lower-case name.
    pub headers: BTreeMap<String, String>,
    /// Its body.
    pub body: String,
    /// What it was answered.
    pub status: u16,
}

impl Request {
    /// The message it brings.
    pub fn message(&self) -> String {
        let body: Value = serde_json::from_str(&self.body).unwrap_or_default();
        body["id"].as_str().unwrap_or("?").to_owned()
    }
}

impl Receiver {
    /// Listens on a free port, and answers 200.
    ///
    /// # Errors
    /// When there is no port.
    pub fn start() -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let url = format!("http://{}/hook", listener.local_addr()?);
        let shared = Arc::new(Shared { status: AtomicU16::new(200), requests: Mutex::default() });
        let kept = Arc::clone(&shared);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let kept = Arc::clone(&kept);
                std::thread::spawn(move || kept.serve(stream));
            }
        });
        Ok(Self { url, shared })
    }

    /// Answers with this status from now on.
    pub fn answer_with(&self, status: u16) {
        self.shared.status.store(status, Ordering::SeqCst);
    }

    /// What came so far.
    pub fn requests(&self) -> Vec<Request> {
        self.shared.requests().clone()
    }

    /// How many messages were taken so far, each counted once.
    pub fn taken(&self) -> usize {
        self.by_message().len()
    }

    /// How often each message was taken.
    pub fn by_message(&self) -> BTreeMap<String, usize> {
        let mut times = BTreeMap::new();
        for request in self.shared.requests().iter().filter(|request| request.status == 200) {
            *times.entry(request.message()).or_default() += 1;
        }
        times
    }
}

impl Shared {
    fn requests(&self) -> std::sync::MutexGuard<'_, Vec<Request>> {
        self.requests.lock().expect("nobody panics while holding it")
    }

    /// A small HTTP/1.1 server: enough to take POSTs on a kept-alive connection.
    fn serve(&self, stream: TcpStream) {
        let Ok(mut writer) = stream.try_clone() else { return };
        let mut reader = BufReader::new(stream);
        while let Some((headers, body)) = read(&mut reader) {
            let status = self.status.load(Ordering::SeqCst);
            self.requests().push(Request { headers, body, status });
            let answer = format!("HTTP/1.1 {status} Said\r\ncontent-length: 2\r\n\r\nok");
            if writer.write_all(answer.as_bytes()).is_err() {
                return;
            }
        }
    }
}

/// One request's headers and body; nothing when there are no more.
fn read(reader: &mut BufReader<TcpStream>) -> Option<(BTreeMap<String, String>, String)> {
    let mut headers = BTreeMap::new();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        if line == "\r\n" {
            break;
        }
        if let Some((name, value)) = line.split_once(':') {
            headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
        }
    }
    let length = headers.get("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some((headers, String::from_utf8_lossy(&body).into_owned()))
}
