//! A shop before a server whose mailbox has thrown its letters away: life goes on.

#![allow(clippy::unwrap_used, reason = "a test falls where it fails")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use model::Instant;
use sim::{Client, Life, Options};

/// How many letters are listed with each look into the mailbox; none of them can be read.
const LETTERS: usize = 50;

/// A server with such a mailbox; it counts the batches of events.
struct Server {
    batches: AtomicUsize,
    letters: AtomicUsize,
}

impl Server {
    /// Where it listens, and itself.
    fn start() -> (String, Arc<Self>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let server = Arc::new(Self { batches: AtomicUsize::new(0), letters: AtomicUsize::new(0) });
        let serving = Arc::clone(&server);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let server = Arc::clone(&serving);
                std::thread::spawn(move || server.serve(stream));
            }
        });
        (url, server)
    }

    fn serve(&self, stream: TcpStream) {
        let mut writer = stream.try_clone().unwrap();
        let mut reader = BufReader::new(stream);
        while let Some(asked) = request(&mut reader) {
            let (status, body) = self.answer(&asked);
            let head = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n\r\n", body.len());
            writer.write_all((head + &body).as_bytes()).unwrap();
        }
    }

    fn answer(&self, asked: &str) -> (&'static str, String) {
        if asked.starts_with("GET /api/v1/sandbox/messages?") {
            let before = self.letters.fetch_add(LETTERS, Ordering::SeqCst);
            let item = |id: usize| format!(r#"{{"id":"{id}","to":"p{:05}@people.example"}}"#, id % 100);
            let items: Vec<String> = (before + 1..=before + LETTERS).rev().map(item).collect();
            ("200 OK", format!(r#"{{"items":[{}]}}"#, items.join(",")))
        } else if asked.starts_with("GET /api/v1/sandbox/messages/") {
            ("404 Not Found", "{}".to_owned())
        } else {
            self.batches.fetch_add(1, Ordering::SeqCst);
            ("200 OK", "{}".to_owned())
        }
    }
}

/// The first line of the next request; nothing when there is none.
fn request(reader: &mut BufReader<TcpStream>) -> Option<String> {
    let (mut first, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        if line == "\r\n" {
            break;
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
        if first.is_empty() {
            first = line;
        }
    }
    reader.read_exact(&mut vec![0; length]).ok()?;
    Some(first)
}

#[test]
fn letters_that_are_gone_do_not_stop_the_shop() {
    let (url, server) = Server::start();
    let options = Options { people: 2_000, speed: 2_000, ..Options::default() };
    let mut life = Life::new(Client::new(&url, "wk", "at"), &options, sim::people(&options));
    let ticks = 200;
    for tick in 0..ticks {
        life.step(Instant::from_ms(1_767_225_600_000 + tick * 500)).unwrap();
    }
    let told = server.batches.load(Ordering::SeqCst);
    assert!(told > 100, "somebody visits in most of {ticks} ticks: {told}");
}
