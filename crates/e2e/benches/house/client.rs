//! A client that costs little: one connection, kept open, requests made before they are sent.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;

use anyhow::{Context as _, Result, ensure};

/// One connection to the server.
pub(crate) struct Connection {
    reader: BufReader<TcpStream>,
    line: Vec<u8>,
    body: Vec<u8>,
}

impl Connection {
    /// Connects to the server at `url`.
    pub(crate) fn open(url: &str) -> Result<Self> {
        let stream = TcpStream::connect(url.trim_start_matches("http://"))?;
        stream.set_nodelay(true)?;
        Ok(Self { reader: BufReader::new(stream), line: Vec::new(), body: Vec::new() })
    }

    /// Sends a whole request and waits for its answer; returns the status.
    pub(crate) fn send(&mut self, request: &[u8]) -> Result<u16> {
        self.reader.get_mut().write_all(request)?;
        let status = self.next_line()?.split(' ').nth(1).context("a status line")?.parse()?;
        let mut length = 0;
        loop {
            let header = self.next_line()?.to_ascii_lowercase();
            if header.is_empty() {
                break;
            }
            if let Some(value) = header.strip_prefix("content-length:") {
                length = value.trim().parse()?;
            }
        }
        self.body.resize(length, 0);
        self.reader.read_exact(&mut self.body)?;
        Ok(status)
    }

    fn next_line(&mut self) -> Result<&str> {
        self.line.clear();
        ensure!(self.reader.read_until(b'\n', &mut self.line)? > 0, "the server closed the connection");
        Ok(std::str::from_utf8(&self.line)?.trim_end())
    }
}

/// A request with its body, as bytes; `authorization` is the value of that header.
pub(crate) fn post(path: &str, authorization: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!(
        "POST {path} HTTP/1.1\r\nhost: localhost\r\nauthorization: {authorization}\r\n\
         content-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
    )
    .into_bytes()
}
