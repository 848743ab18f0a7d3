//! A small mail server that takes back what could not be delivered: LMTP (RFC 2033) and SMTP, one door.
//!
//! It takes mail for our own return paths only, and says yes to a mail when the
//! caller has made durable what it says. Whoever is not a return path is refused
//! at once, so it is of no use to senders of spam.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, mpsc, oneshot};

use crate::dsn::{self, RETURNED_BYTES_MAX, Returned};

/// How many conversations at once.
pub const CONNECTIONS_MAX: usize = 64;
/// How many addresses one mail may name.
const RECIPIENTS_MAX: usize = 100;
/// The longest line of a conversation, in bytes.
const LINE_BYTES_MAX: u64 = 2_048;
/// How long a silent guest is waited for.
const PATIENCE: Duration = Duration::from_secs(120);

/// One mail that came back, and where to say that it is safe. `M` is what a return path names.
#[derive(Debug)]
pub struct Inbound<M> {
    /// The messages it is about, by the addresses it came to.
    pub messages: Vec<M>,
    /// What it says.
    pub returned: Returned,
    /// Send when it is durable; dropping this asks the mail system to try again later.
    pub done: oneshot::Sender<()>,
}

/// Says what an address names, if it is a return path of ours.
pub type ReadAddress<M> = dyn Fn(&str) -> Option<M> + Send + Sync;

/// Takes mail for the addresses that `read` knows from `listener` for ever. Mails come out of the receiver that belongs
/// to `inbox`.
pub async fn serve<M: Send + 'static>(
    listener: TcpListener,
    read: Arc<ReadAddress<M>>,
    inbox: mpsc::Sender<Inbound<M>>,
) -> io::Result<()> {
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    loop {
        let (socket, _from) = listener.accept().await?;
        let Ok(place) = Arc::clone(&places).try_acquire_owned() else { continue };
        let (read, inbox) = (Arc::clone(&read), inbox.clone());
        tokio::spawn(async move {
            let (reader, writer) = socket.into_split();
            let mut guest = Guest { reader: BufReader::new(reader), writer, read, inbox };
            let _left = guest.talk().await;
            drop(place);
        });
    }
}

/// One conversation.
struct Guest<R, W, M> {
    reader: R,
    writer: W,
    read: Arc<ReadAddress<M>>,
    inbox: mpsc::Sender<Inbound<M>>,
}

/// What has been said about the next mail.
struct Said<M> {
    /// LMTP answers once for each recipient.
    lmtp: bool,
    from: bool,
    to: Vec<M>,
}

impl<M> Said<M> {
    fn nothing(lmtp: bool) -> Self {
        Self { lmtp, from: false, to: Vec::new() }
    }
}

impl<R: AsyncBufRead + Unpin, W: AsyncWrite + Unpin, M> Guest<R, W, M> {
    async fn talk(&mut self) -> io::Result<()> {
        self.say("220 omotenashi takes returned mail").await?;
        let mut said = Said::nothing(false);
        while let Some(line) = self.line().await? {
            let verb = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
            match verb.as_str() {
                "LHLO" | "EHLO" => {
                    said = Said::nothing(verb == "LHLO");
                    self.say(&format!(
                        "250-omotenashi\r\n250-SIZE {RETURNED_BYTES_MAX}\r\n250-8BITMIME\r\n250 PIPELINING"
                    ))
                    .await?;
                }
                "HELO" => self.say("250 omotenashi").await?,
                "MAIL" => {
                    said.from = true;
                    said.to.clear();
                    self.say("250 2.1.0 ok").await?;
                }
                "RCPT" => self.recipient(&line, &mut said).await?,
                "DATA" if said.to.is_empty() => self.say("503 5.5.1 say for whom first").await?,
                "DATA" => self.data(&mut said).await?,
                "RSET" => {
                    said = Said::nothing(said.lmtp);
                    self.say("250 2.0.0 ok").await?;
                }
                "NOOP" => self.say("250 2.0.0 ok").await?,
                "QUIT" => return self.say("221 2.0.0 goodbye").await,
                _unknown => self.say("500 5.5.2 not a word of this conversation").await?,
            }
        }
        Ok(())
    }

    async fn recipient(&mut self, line: &str, said: &mut Said<M>) -> io::Result<()> {
        let address = line.split_once('<').and_then(|(_, rest)| rest.split('>').next()).unwrap_or_default();
        if !said.from {
            return self.say("503 5.5.1 say from whom first").await;
        }
        if said.to.len() >= RECIPIENTS_MAX {
            return self.say("452 4.5.3 too many recipients").await;
        }
        match (self.read)(address) {
            Some(message) => {
                said.to.push(message);
                self.say("250 2.1.5 ok").await
            }
            None => self.say("550 5.1.1 not a return path of ours").await,
        }
    }

    async fn data(&mut self, said: &mut Said<M>) -> io::Result<()> {
        self.say("354 end with a dot").await?;
        let mail = self.mail().await?;
        let messages = std::mem::take(&mut said.to);
        said.from = false;
        let answers = if said.lmtp { messages.len() } else { 1 };
        let answer = match mail {
            None => "552 5.3.4 too large",
            Some(mail) if self.take(&mail, messages).await => "250 2.0.0 taken",
            Some(_) => "451 4.3.0 not now, try again later",
        };
        for _ in 0..answers {
            self.say(answer).await?;
        }
        Ok(())
    }

    /// Hands the mail in and waits until it is safe.
    async fn take(&self, mail: &[u8], messages: Vec<M>) -> bool {
        let (done, safe) = oneshot::channel();
        let inbound = Inbound { messages, returned: dsn::read(mail), done };
        self.inbox.send(inbound).await.is_ok() && safe.await.is_ok()
    }

    /// The mail up to the dot; none when it is too large, but read to its end.
    async fn mail(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut mail = Vec::new();
        let mut fits = true;
        loop {
            let mut line = Vec::new();
            let limit = u64::try_from(RETURNED_BYTES_MAX).expect("a limit fits 64 bits");
            let mut reader = (&mut self.reader).take(limit);
            let read = patiently(reader.read_until(b'\n', &mut line)).await?;
            if read == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            if line.trim_ascii_end() == b"." {
                return Ok(fits.then_some(mail));
            }
            fits &= mail.len() + line.len() <= RETURNED_BYTES_MAX;
            if fits {
                mail.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
            }
        }
    }

    async fn line(&mut self) -> io::Result<Option<String>> {
        let mut line = Vec::new();
        let mut reader = (&mut self.reader).take(LINE_BYTES_MAX);
        match patiently(reader.read_until(b'\n', &mut line)).await? {
            0 => Ok(None),
            _ if !line.ends_with(b"\n") => Err(io::ErrorKind::InvalidData.into()),
            _ => Ok(Some(String::from_utf8_lossy(&line).trim_end().to_owned())),
        }
    }

    async fn say(&mut self, line: &str) -> io::Result<()> {
        self.writer.write_all(format!("{line}\r\n").as_bytes()).await?;
        self.writer.flush().await
    }
}

async fn patiently<T>(work: impl Future<Output = io::Result<T>>) -> io::Result<T> {
    tokio::time::timeout(PATIENCE, work).await.unwrap_or_else(|_elapsed| Err(io::ErrorKind::TimedOut.into()))
}
