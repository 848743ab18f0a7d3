//! Real mail: a postfix of our own, real mailboxes, signatures checked by somebody else's verifier, a bounce taken back.
//!
//! Needs root, postfix and openssl; without them it says so and checks nothing.
//! `crates/e2e/mail/install` installs them, and the verifier.

#![allow(clippy::unwrap_used, reason = "a test falls where it fails")]
#![allow(clippy::print_stderr, reason = "a test that is skipped says so")]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use channels::dsn::Returned;
use channels::lmtp::{self, Inbound};
use channels::{Attempt, Doors, Driver, KindDoors, open};
use delivery::Ending;
use delivery::channel::{Mailbox, Message};
use delivery::token::Keys;
use host::{SeededEntropy, SystemClock};
use model::{Instant, MessageId};
use tokio::net::TcpListener;
use tokio::sync::mpsc;

/// A mail server that stops when the test ends, however it ends.
struct MailServer {
    dir: PathBuf,
    port: u16,
}

fn script(name: &str) -> PathBuf {
    Path::new(&std::env::var("CARGO_MANIFEST_DIR").expect("cargo says where the crate is"))
        .join("../e2e/mail")
        .join(name)
}

fn run(command: &mut Command) -> Result<String, String> {
    let output = command.output().map_err(|error| format!("{command:?}: {error}"))?;
    let text = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    if output.status.success() { Ok(text) } else { Err(text) }
}

impl MailServer {
    /// Nothing when this machine cannot have one.
    fn start(bounce_port: u16) -> Option<Self> {
        let present = |program: &str| run(Command::new("which").arg(program)).is_ok();
        let root = run(Command::new("id").arg("-u")).is_ok_and(|id| id.trim() == "0");
        if !root || !present("postfix") || !present("openssl") {
            eprintln!("skipped: needs root, postfix and openssl (crates/e2e/mail/install)");
            return None;
        }
        let base = PathBuf::from(run(Command::new("mktemp").arg("-d")).unwrap().trim());
        run(Command::new("chmod").arg("755").arg(&base)).unwrap();
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let dir = base.join("postfix");
        let ports = [port.to_string(), bounce_port.to_string()];
        run(Command::new(script("mailserver")).arg("start").arg(&dir).args(ports)).unwrap();
        Some(Self { dir, port })
    }

    /// The mail that comes to `address`.
    async fn mail(&self, address: &str) -> (PathBuf, String) {
        let to = format!("Delivered-To: {address}");
        for _ in 0..200 {
            let entries = std::fs::read_dir(self.dir.join("mail/new")).into_iter().flatten().flatten();
            let mut mails =
                entries.map(|entry| (entry.path(), std::fs::read_to_string(entry.path()).unwrap()));
            if let Some(mail) = mails.find(|(_, mail)| mail.contains(&to)) {
                return mail;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let log = std::fs::read_to_string(self.dir.join("mail.log")).unwrap();
        panic!("no mail came to {address}\n{log}");
    }
}

impl Drop for MailServer {
    fn drop(&mut self) {
        let _stopped = run(Command::new(script("mailserver")).arg("stop").arg(&self.dir));
        if !std::thread::panicking() {
            let _gone = std::fs::remove_dir_all(self.dir.parent().unwrap());
        }
    }
}

/// A private key in PEM and the record that DNS would give for it.
fn key(dir: &Path, algorithm: &[&str], word: &str) -> (String, String) {
    let path = dir.join(format!("{word}.pem"));
    run(Command::new("openssl").args(["genpkey", "-algorithm"]).args(algorithm).arg("-out").arg(&path))
        .unwrap();
    let public = run(Command::new("openssl").args(["pkey", "-pubout", "-in"]).arg(&path)).unwrap();
    let mut body: String = public.lines().filter(|line| !line.starts_with('-')).collect();
    if word == "ed25519" {
        // RFC 8463: the bare key, which is the last 32 bytes of the wrapped one.
        body = body[16..].to_owned();
    }
    (std::fs::read_to_string(&path).unwrap(), format!("v=DKIM1; k={word}; p={body}"))
}

fn keys() -> Keys {
    Keys::new([7; 32], None)
}

fn letter(id: &str, to: &str) -> Attempt {
    let id: MessageId = id.parse().unwrap();
    let message = Message {
        id,
        at: Instant::from_ms(1_700_000_000_000),
        to: Mailbox { name: Some("田中 花子".into()), address: to.into() },
        from: Mailbox { name: Some("おもてなし商店".into()), address: "shop@example.test".into() },
        reply_to: Some(Mailbox::new("help@example.test")),
        return_path: Some(format!("{}@bounces.test", keys().return_path(id)).into()),
        subject: "花子様へ、冬のコートのご案内".into(),
        text: "花子様\n\n.\n冬のコートが届きました。\nFrom here on\n".into(),
        html: Some("<p>花子様</p><p>冬のコートが届きました。</p>".into()),
        headers: vec![
            ("List-Unsubscribe".into(), "<https://shop.example.test/u/abc>".into()),
            ("List-Unsubscribe-Post".into(), "List-Unsubscribe=One-Click".into()),
        ],
    };
    Attempt { message: Arc::new(message), number: 1 }
}

fn driver(settings: serde_json::Value) -> (Driver, mpsc::Receiver<(MessageId, Ending)>) {
    let opened = open("smtp", settings, &KindDoors { mailbox: Arc::default() }).unwrap();
    let doors = Doors {
        channel: opened.channel,
        transport: opened.transport,
        clock: Arc::new(SystemClock),
        entropy: Arc::new(SeededEntropy::new(1)),
    };
    Driver::start(doors, &opened.options)
}

/// Hands letters over and says how each ended, in the order of their ids.
async fn endings(settings: serde_json::Value, letters: Vec<Attempt>) -> Vec<(MessageId, Ending)> {
    let (driver, mut ended) = driver(settings);
    let count = letters.len();
    for letter in letters {
        driver.send(letter).await.unwrap();
    }
    let mut endings = Vec::new();
    while endings.len() < count {
        endings.push(ended.recv().await.unwrap());
    }
    endings.sort_by_key(|(id, _)| *id);
    endings
}

async fn listener() -> (TcpListener, u16) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    (listener, port)
}

#[tokio::test]
async fn letters_arrive_signed_and_what_cannot_be_delivered_comes_back() {
    let (bounces, bounce_port) = listener().await;
    let Some(server) = MailServer::start(bounce_port) else { return };
    let (inbox, mut inbound) = mpsc::channel::<Inbound<MessageId>>(8);
    tokio::spawn(lmtp::serve(
        bounces,
        Arc::new(|address: &str| keys().read_return_path(address).ok()),
        inbox,
    ));

    let (rsa, rsa_record) = key(&server.dir, &["RSA", "-pkeyopt", "rsa_keygen_bits:2048"], "rsa");
    let (ed25519, ed25519_record) = key(&server.dir, &["ED25519"], "ed25519");
    let settings = serde_json::json!({
        "host": "localhost",
        "port": server.port,
        "security": "starttls",
        "ca_pem": std::fs::read_to_string(server.dir.join("tls/ca.pem")).unwrap(),
        "connections": 2,
        "timeout_s": 10,
        "dkim": [
            {"domain": "example.test", "selector": "rsa", "private_key": rsa},
            {"domain": "example.test", "selector": "ed", "private_key": ed25519},
        ],
    });
    let letters = vec![
        letter("m1-c1-0", "hanako@example.test"),
        letter("m1-c2-0", "nobody@example.test"),
        letter("m1-c3-0", "gone@example.test"),
        letter("m1-c4-0", "busy@example.test"),
        letter("m1-c5-0", "taro@example.test"),
    ];
    let endings = endings(settings, letters).await;
    assert!(matches!(&endings[0].1, Ending::Sent { provider_id: Some(_) }), "{endings:?}");
    assert!(matches!(&endings[1].1, Ending::Sent { .. }), "{endings:?}");
    assert!(matches!(&endings[2].1, Ending::Bounced { reason } if reason.contains("5.1.1")), "{endings:?}");
    assert!(
        matches!(&endings[3].1, Ending::Deferred { reason, .. } if reason.contains("4.2.0")),
        "{endings:?}"
    );
    assert!(matches!(&endings[4].1, Ending::Sent { .. }), "the connection outlives a refusal: {endings:?}");

    let (path, mail) = server.mail("hanako@example.test").await;
    assert!(mail.contains("Message-ID: <m1-c1-0@example.test>"), "{mail}");
    assert!(
        mail.contains(&format!("Return-Path: <{}@bounces.test>", keys().return_path(endings[0].0))),
        "{mail}"
    );
    signatures_are_valid(&path, &[("rsa", rsa_record), ("ed", ed25519_record)]);

    let returned = tokio::time::timeout(Duration::from_secs(20), inbound.recv()).await.unwrap().unwrap();
    assert_eq!(returned.messages, [endings[1].0]);
    let Returned::Status(recipients) = &returned.returned else { panic!("not a status: {returned:?}") };
    assert_eq!(recipients[0].address, "nobody@example.test");
    assert!(recipients[0].is_permanent(), "{recipients:?}");
    returned.done.send(()).unwrap();
}

fn signatures_are_valid(mail: &Path, records: &[(&str, String)]) {
    let python = std::env::var("OMOTENASHI_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    if run(Command::new(&python).args(["-c", "import dkim, nacl"])).is_err() {
        eprintln!("skipped: no dkimpy to check signatures with (crates/e2e/mail/install)");
        return;
    }
    let zone =
        records.iter().map(|(selector, record)| format!("{selector}._domainkey.example.test={record}"));
    let said = run(Command::new(python).arg(script("dkim-verify")).arg(mail).args(zone)).unwrap();
    assert_eq!(said.matches("valid").count(), records.len(), "{said}");
}

#[tokio::test]
async fn a_mail_server_that_is_away_loses_nothing() {
    let (gone, port) = listener().await;
    drop(gone);
    let settings = serde_json::json!({"host": "127.0.0.1", "port": port, "security": "none", "timeout_s": 2});
    let endings = endings(settings, vec![letter("m1-c1-0", "hanako@example.test")]).await;
    assert!(matches!(&endings[0].1, Ending::Deferred { .. }), "{endings:?}");
}

/// A server that says these lines, one whenever it has read one, and then closes.
async fn scripted(lines: &'static [&'static str]) -> u16 {
    hesitating(lines, Duration::ZERO).await
}

/// The same, by a server that thinks about each line for so long.
async fn hesitating(lines: &'static [&'static str], thinks: Duration) -> u16 {
    let (listener, port) = listener().await;
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
            let (reader, mut writer) = socket.into_split();
            let mut read = BufReader::new(reader).lines();
            for line in lines {
                tokio::time::sleep(thinks).await;
                writer.write_all(format!("{line}\r\n").as_bytes()).await.unwrap();
                let until_dot = line.starts_with("354");
                while let Ok(Some(said)) = read.next_line().await {
                    if !until_dot || said == "." {
                        break;
                    }
                }
            }
        }
    });
    port
}

#[tokio::test]
async fn a_server_that_falls_silent_after_the_last_dot_leaves_the_outcome_unknown() {
    let port = scripted(&["220 hello", "250 hello", "250 sender ok", "250 recipient ok", "354 go on"]).await;
    let settings = serde_json::json!({"host": "127.0.0.1", "port": port, "security": "none", "timeout_s": 2});
    let endings = endings(settings, vec![letter("m1-c1-0", "hanako@example.test")]).await;
    assert_eq!(endings[0].1, Ending::Unknown);
}

#[tokio::test]
async fn a_server_that_falls_silent_before_the_last_dot_is_asked_again_later() {
    let port = scripted(&["220 hello", "250 hello", "250 sender ok"]).await;
    let settings = serde_json::json!({"host": "127.0.0.1", "port": port, "security": "none", "timeout_s": 2});
    let endings = endings(settings, vec![letter("m1-c1-0", "hanako@example.test")]).await;
    assert!(matches!(&endings[0].1, Ending::Deferred { .. }), "{endings:?}");
}

/// How a letter ends at a server that says these lines.
async fn check(lines: &'static [&'static str], expected: &str) {
    let port = scripted(lines).await;
    let settings = serde_json::json!({"host": "127.0.0.1", "port": port, "security": "none", "timeout_s": 5});
    let endings = endings(settings, vec![letter("m1-c1-0", "hanako@example.test")]).await;
    let ending = match &endings[0].1 {
        Ending::Deferred { reason, .. } => format!("put off: {reason}"),
        Ending::Failed { reason } => format!("failed: {reason}"),
        Ending::Bounced { reason } => format!("bounced: {reason}"),
        Ending::Sent { .. } | Ending::Unknown | Ending::Withdrawn { .. } | Ending::Cancelled => {
            format!("{:?}", endings[0].1)
        }
    };
    assert_eq!(ending, expected, "{lines:?}");
}

#[tokio::test]
async fn a_no_at_any_stage_is_tried_again_unless_it_means_this_message_or_this_address() {
    check(&["421 too many"], "put off: 421 too many").await;
    check(&["554 no service here"], "put off: 554 no service here").await;
    check(&["220 hello", "500 what?", "502 what?"], "put off: 502 what?").await;
    check(&["220 hello", "250 hello", "452 no room"], "put off: 452 no room").await;
    check(&["220 hello", "250 hello", "550 not from you"], "put off: 550 not from you").await;
    check(&["220 hello", "250 hello", "250 ok", "450 busy"], "put off: 450 busy").await;
    check(&["220 hello", "250 hello", "250 ok", "550 5.1.1 nobody"], "bounced: 550 5.1.1 nobody").await;
    check(&["220 hello", "250 hello", "250 ok", "550 5.7.1 unwanted"], "failed: 550 5.7.1 unwanted").await;
    check(&["220 hello", "250 hello", "250 ok", "250 ok", "451 later"], "put off: 451 later").await;
    let after_the_dot = &["220 hello", "250 hello", "250 ok", "250 ok", "354 go on", "451 no room"];
    check(after_the_dot, "put off: 451 no room").await;
    let after_the_dot = &["220 hello", "250 hello", "250 ok", "250 ok", "354 go on", "554 5.6.0 unwanted"];
    check(after_the_dot, "failed: 554 5.6.0 unwanted").await;
}

#[tokio::test]
async fn a_server_that_takes_its_time_for_every_line_is_waited_for() {
    let lines = &[
        "220 hello",
        "250 AUTH LOGIN",
        "334 name",
        "334 password",
        "235 welcome",
        "250 sender ok",
        "250 recipient ok",
        "354 go on",
        "250 2.0.0 Ok: queued as X1",
    ];
    let port = hesitating(lines, Duration::from_millis(600)).await;
    let settings = serde_json::json!({
        "host": "127.0.0.1", "port": port, "security": "none", "timeout_s": 1, "user": "u", "password": "p",
    });
    let endings = endings(settings, vec![letter("m1-c1-0", "hanako@example.test")]).await;
    assert_eq!(endings[0].1, Ending::Sent { provider_id: Some("X1".into()) });
}

#[tokio::test]
async fn a_password_goes_only_to_a_server_that_asks_for_it() {
    let port = scripted(&[
        "220 hello",
        "250-hello\r\n250 AUTH LOGIN PLAIN",
        "235 welcome",
        "250 sender ok",
        "250 recipient ok",
        "354 go on",
        "250 2.0.0 Ok: queued as X1",
    ])
    .await;
    let settings = serde_json::json!({
        "host": "127.0.0.1", "port": port, "security": "none", "timeout_s": 2, "user": "u", "password": "p",
    });
    let endings = endings(settings, vec![letter("m1-c1-0", "hanako@example.test")]).await;
    assert_eq!(endings[0].1, Ending::Sent { provider_id: Some("X1".into()) });
}

#[tokio::test]
async fn a_server_with_a_foreign_certificate_is_not_spoken_to() {
    let (bounces, bounce_port) = listener().await;
    drop(bounces);
    let Some(server) = MailServer::start(bounce_port) else { return };
    let settings =
        serde_json::json!({"host": "localhost", "port": server.port, "security": "starttls", "timeout_s": 5});
    let endings = endings(settings, vec![letter("m1-c1-0", "hanako@example.test")]).await;
    assert!(matches!(&endings[0].1, Ending::Deferred { .. }), "{endings:?}");
}

/// What the returned-mail door answers to these lines.
async fn door(lines: &str) -> String {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let (bounces, port) = listener().await;
    let (inbox, mut inbound) = mpsc::channel::<Inbound<MessageId>>(8);
    tokio::spawn(lmtp::serve(
        bounces,
        Arc::new(|address: &str| keys().read_return_path(address).ok()),
        inbox,
    ));
    tokio::spawn(async move {
        while let Some(mail) = inbound.recv().await {
            let _ = mail.done.send(());
        }
    });
    let mut socket = tokio::net::TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    socket.write_all(lines.replace('\n', "\r\n").as_bytes()).await.unwrap();
    let mut said = String::new();
    socket.read_to_string(&mut said).await.unwrap();
    said.lines().map(|line| &line[..3]).collect::<Vec<_>>().join(" ")
}

#[tokio::test]
async fn the_door_for_returned_mail_takes_nothing_else() {
    let ours = format!("{}@bounces.test", keys().return_path("m1-c1-0".parse().unwrap()));
    let said = door("LHLO a\nMAIL FROM:<>\nRCPT TO:<b-aaaa@bounces.test>\nDATA\nQUIT\n").await;
    assert_eq!(said, "220 250 250 250 250 250 550 503 221");
    let said =
        door(&format!("LHLO a\nMAIL FROM:<>\nRCPT TO:<{ours}>\nDATA\nSubject: x\n\n..\n.\nQUIT\n")).await;
    assert_eq!(said, "220 250 250 250 250 250 250 354 250 221");
}
