//! One conversation with a mail server, step by step, so that a loss is known to be before or after the last dot.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use delivery::channel::{Envelope, Reply, SmtpStep, Wire};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

use super::{MESSAGES_PER_CONNECTION_MAX, Security, Shared};
use crate::transport::{Delivery, Line, Lost};

/// How much a server may say at once.
const REPLY_BYTES_MAX: usize = 64 * 1024;

/// Either kind of socket.
trait Socket: AsyncRead + AsyncWrite + Send + Unpin {}
impl<S: AsyncRead + AsyncWrite + Send + Unpin> Socket for S {}

/// A line to one mail server; it connects when it is needed.
pub(super) struct SmtpLine {
    shared: Arc<Shared>,
    open: Option<Conversation>,
}

/// A conversation that was greeted and signed in to.
struct Conversation {
    socket: BufReader<Box<dyn Socket>>,
    timeout: Duration,
    extensions: Vec<String>,
    messages: u32,
}

/// What the server said: three digits and the rest of its lines.
struct Answer {
    code: u16,
    text: String,
}

/// How a step went wrong: the server said no, or said nothing.
enum Broken {
    Said(SmtpStep, Answer),
    Silent(io::Error),
}

impl From<io::Error> for Broken {
    fn from(error: io::Error) -> Self {
        Self::Silent(error)
    }
}

impl SmtpLine {
    pub(super) fn new(shared: Arc<Shared>) -> Self {
        Self { shared, open: None }
    }

    async fn deliver(&mut self, envelope: &Envelope) -> Result<Reply, Lost> {
        let mut conversation = match self.open.take() {
            Some(conversation) => conversation,
            None => match Conversation::open(&self.shared).await {
                Ok(conversation) => conversation,
                Err(Broken::Said(step, answer)) => return Ok(reply(step, answer)),
                Err(Broken::Silent(error)) => return Err(Lost::before(error)),
            },
        };
        match conversation.announce(envelope).await {
            Ok(()) => {}
            Err(Broken::Said(step, answer)) => {
                // The server refused this message only: the conversation goes on, if it can be reset.
                if answer.code != 421 && conversation.command("RSET").await.is_ok_and(|it| it.code == 250) {
                    self.keep(conversation).await;
                }
                return Ok(reply(step, answer));
            }
            Err(Broken::Silent(error)) => return Err(Lost::before(error)),
        }
        let answer = conversation.tell(&envelope.bytes).await?;
        if answer.code != 421 {
            self.keep(conversation).await;
        }
        Ok(reply(SmtpStep::Data, answer))
    }

    async fn keep(&mut self, mut conversation: Conversation) {
        conversation.messages += 1;
        if conversation.messages < MESSAGES_PER_CONNECTION_MAX {
            self.open = Some(conversation);
        } else {
            let _goodbye = conversation.command("QUIT").await;
        }
    }
}

impl Line for SmtpLine {
    fn deliver<'a>(&'a mut self, wire: &'a Wire) -> Delivery<'a> {
        Box::pin(async move {
            match wire {
                Wire::Smtp(envelope) => self.deliver(envelope).await,
                Wire::Http(_) | Wire::Sandbox(_) => Err(Lost::before("a mail server takes mails only")),
            }
        })
    }
}

fn reply(step: SmtpStep, answer: Answer) -> Reply {
    Reply::Smtp { step, code: answer.code, text: answer.text }
}

impl Conversation {
    /// Connects, greets, encrypts and signs in.
    async fn open(shared: &Shared) -> Result<Self, Broken> {
        let settings = &shared.settings;
        let timeout = Duration::from_secs(u64::from(settings.timeout_s.max(1)));
        let address = (settings.host.as_str(), settings.port);
        let stream = within(timeout, TcpStream::connect(address)).await?;
        stream.set_nodelay(true)?;
        let mut socket: Box<dyn Socket> = Box::new(stream);
        if let (Security::Tls, Some(tls)) = (settings.security, &shared.tls) {
            socket = Box::new(within(timeout, tls.connect(socket)).await.map_err(no_tls)?);
        }
        let mut conversation =
            Self { socket: BufReader::new(socket), timeout, extensions: Vec::new(), messages: 0 };
        let greeting = conversation.answer().await?;
        expect(SmtpStep::Hello, greeting, 220)?;
        conversation.hello(&settings.hello_name).await?;
        if let (Security::StartTls, Some(tls)) = (settings.security, &shared.tls) {
            conversation.step(SmtpStep::Hello, "STARTTLS", 220).await?;
            let open = conversation.socket.into_inner();
            let closed: Box<dyn Socket> = Box::new(within(timeout, tls.connect(open)).await.map_err(no_tls)?);
            conversation.socket = BufReader::new(closed);
            conversation.hello(&settings.hello_name).await?;
        }
        if let (Some(user), Some(password)) = (&settings.user, &settings.password) {
            conversation.sign_in(user, password).await?;
        }
        Ok(conversation)
    }

    async fn hello(&mut self, name: &str) -> Result<(), Broken> {
        let answer = self.command(&format!("EHLO {name}")).await?;
        if answer.code == 250 {
            self.extensions = answer.text.lines().skip(1).map(str::to_ascii_uppercase).collect();
            return Ok(());
        }
        self.extensions.clear();
        self.step(SmtpStep::Hello, &format!("HELO {name}"), 250).await
    }

    async fn sign_in(&mut self, user: &str, password: &str) -> Result<(), Broken> {
        let methods = self.extensions.iter().find_map(|line| line.strip_prefix("AUTH ")).unwrap_or_default();
        if methods.split_whitespace().any(|method| method == "PLAIN") {
            let secret = BASE64.encode(format!("\0{user}\0{password}"));
            return self.step(SmtpStep::Hello, &format!("AUTH PLAIN {secret}"), 235).await;
        }
        self.step(SmtpStep::Hello, "AUTH LOGIN", 334).await?;
        self.step(SmtpStep::Hello, &BASE64.encode(user), 334).await?;
        self.step(SmtpStep::Hello, &BASE64.encode(password), 235).await
    }

    /// Sender, recipient, and the wish to begin; in one packet when the server can take it.
    async fn announce(&mut self, envelope: &Envelope) -> Result<(), Broken> {
        let from = format!("MAIL FROM:<{}>", envelope.from);
        let to = format!("RCPT TO:<{}>", envelope.to);
        if !self.extensions.iter().any(|line| line == "PIPELINING") {
            self.step(SmtpStep::From, &from, 250).await?;
            self.step(SmtpStep::To, &to, 250).await?;
            return self.step(SmtpStep::Data, "DATA", 354).await;
        }
        self.write(format!("{from}\r\n{to}\r\nDATA\r\n").as_bytes()).await?;
        let (from, to, data) = (self.answer().await?, self.answer().await?, self.answer().await?);
        if data.code == 354 && (from.code != 250 || !matches!(to.code, 250 | 251)) {
            // The server would take a message for nobody (RFC 2920, 3.1): give it an empty one.
            self.write(b".\r\n").await?;
            self.answer().await?;
        }
        expect(SmtpStep::From, from, 250)?;
        expect(SmtpStep::To, to, 250)?;
        expect(SmtpStep::Data, data, 354)
    }

    /// The message and the dot after it. Until the dot is written the server cannot have taken it.
    async fn tell(&mut self, mail: &[u8]) -> Result<Answer, Lost> {
        let stuffed = stuff_dots(mail);
        self.write(&stuffed).await.map_err(Lost::before)?;
        self.write(b".\r\n").await.map_err(Lost::after)?;
        self.answer().await.map_err(Lost::after)
    }

    async fn step(&mut self, step: SmtpStep, line: &str, code: u16) -> Result<(), Broken> {
        let answer = self.command(line).await?;
        expect(step, answer, code)
    }

    async fn command(&mut self, line: &str) -> io::Result<Answer> {
        self.write(format!("{line}\r\n").as_bytes()).await?;
        self.answer().await
    }

    async fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        let socket = self.socket.get_mut();
        within(self.timeout, async {
            socket.write_all(bytes).await?;
            socket.flush().await
        })
        .await
    }

    async fn answer(&mut self) -> io::Result<Answer> {
        let timeout = self.timeout;
        within(timeout, self.read_answer()).await
    }

    async fn read_answer(&mut self) -> io::Result<Answer> {
        let mut text = String::new();
        loop {
            let mut line = Vec::new();
            let read = self.socket.read_until(b'\n', &mut line).await?;
            if read == 0 {
                return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the server closed the connection"));
            }
            let line = String::from_utf8_lossy(&line);
            let line = line.trim_end();
            let code = line.get(..3).and_then(|digits| digits.parse().ok());
            let Some(code) = code.filter(|_| text.len() + line.len() <= REPLY_BYTES_MAX) else {
                return Err(io::Error::new(io::ErrorKind::InvalidData, "not a mail server's reply"));
            };
            if !text.is_empty() {
                text.push('\n');
            }
            text.push_str(line.get(4..).unwrap_or_default());
            if line.as_bytes().get(3) != Some(&b'-') {
                return Ok(Answer { code, text });
            }
        }
    }
}

/// Says what to do when a certificate is not trusted.
fn no_tls(error: io::Error) -> io::Error {
    let hint = "no TLS with the mail server: `host` must be the name in its certificate, and an authority of your own belongs in `ca_pem`";
    io::Error::new(error.kind(), format!("{hint}. error=`{error}`"))
}

fn expect(step: SmtpStep, answer: Answer, code: u16) -> Result<(), Broken> {
    let fine = answer.code == code || (step == SmtpStep::To && answer.code == 251);
    if fine { Ok(()) } else { Err(Broken::Said(step, answer)) }
}

async fn within<T>(timeout: Duration, work: impl Future<Output = io::Result<T>>) -> io::Result<T> {
    tokio::time::timeout(timeout, work).await.unwrap_or_else(|_elapsed| {
        let seconds = timeout.as_secs();
        Err(io::Error::new(io::ErrorKind::TimedOut, format!("no answer in time. timeout_s=`{seconds}`")))
    })
}

/// A line that begins with a dot gets another one (RFC 5321, 4.5.2); the mail ends with a line end.
fn stuff_dots(mail: &[u8]) -> Vec<u8> {
    let mut stuffed = Vec::with_capacity(mail.len() + 16);
    for line in mail.split_inclusive(|byte| *byte == b'\n') {
        if line.starts_with(b".") {
            stuffed.push(b'.');
        }
        stuffed.extend_from_slice(line);
    }
    if !stuffed.ends_with(b"\r\n") {
        stuffed.extend_from_slice(b"\r\n");
    }
    stuffed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_is_a_dot_does_not_end_the_message() {
        assert_eq!(stuff_dots(b"a\r\n.\r\n..b\r\nc"), b"a\r\n..\r\n...b\r\nc\r\n");
    }
}
