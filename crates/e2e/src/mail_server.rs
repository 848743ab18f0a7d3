//! A real mail server for tests: a postfix of their own, on free ports of this machine (`mail/mailserver`).

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

use crate::House;

/// A postfix of the test's own; it ends with this.
pub struct MailServer {
    dir: tempfile::TempDir,
    /// Where it takes mail.
    pub smtp_port: u16,
    /// Where it brings what comes back.
    pub bounce_port: u16,
}

impl MailServer {
    /// Starts it; `None`, with a word, where it cannot run.
    ///
    /// # Errors
    /// When it could run and does not.
    #[expect(clippy::print_stderr, reason = "a test that is skipped says so")]
    pub fn start() -> Result<Option<Self>> {
        let root = Command::new("id").arg("-u").output()?.stdout == b"0\n";
        if !root || !Path::new("/usr/sbin/postfix").exists() {
            eprintln!("skipped: a mail server of its own needs root and the package postfix");
            return Ok(None);
        }
        let dir = tempfile::Builder::new().prefix("om").tempdir_in("/tmp")?;
        let free = || {
            std::net::TcpListener::bind("127.0.0.1:0")
                .and_then(|listener| listener.local_addr())
                .map(|it| it.port())
        };
        let server = Self { dir, smtp_port: free()?, bounce_port: free()? };
        let ports = [server.smtp_port.to_string(), server.bounce_port.to_string()];
        server.run("start", &ports)?;
        Ok(Some(server))
    }

    /// Stops it; what it took stays.
    ///
    /// # Errors
    /// When it does not stop.
    pub fn stop(&self) -> Result<()> {
        self.run("stop", &[])
    }

    /// Starts it again on the same ports.
    ///
    /// # Errors
    /// When it does not start.
    pub fn start_again(&self) -> Result<()> {
        self.run("again", &[self.smtp_port.to_string()])
    }

    fn run(&self, act: &str, ports: &[String]) -> Result<()> {
        let done = Command::new(script("mailserver")).arg(act).arg(self.dir.path()).args(ports).status()?;
        ensure!(done.success(), "the mail server does not {act}");
        Ok(())
    }

    /// The provider that hands mail to it, as the settings take it.
    pub fn provider(&self) -> serde_json::Value {
        serde_json::json!({
            "kind": "smtp", "host": "127.0.0.1", "port": self.smtp_port, "security": "none", "username": null,
            "password": null, "connections_max": 2,
        })
    }

    /// The letters in the mailboxes, once there are this many.
    ///
    /// # Errors
    /// Never; fewer letters are returned after some seconds.
    pub fn wait_for(&self, count: usize) -> Result<Vec<PathBuf>> {
        let mut letters = Vec::new();
        for _ in 0..600 {
            letters = std::fs::read_dir(self.dir.path().join("mail/new"))
                .map(|entries| entries.flatten().map(|entry| entry.path()).collect())
                .unwrap_or_default();
            if letters.len() >= count {
                break;
            }
            crate::pause();
        }
        letters.sort();
        Ok(letters)
    }

    /// Checks a letter's signature with an independent verifier and the record that the settings show.
    ///
    /// # Errors
    /// When it is not valid.
    pub fn verify(&self, house: &House, letter: &Path) -> Result<()> {
        let settings = house.get("/api/v1/settings")?.body;
        let dkim = &settings["dkim"];
        let text = |name: &str| dkim[name].as_str().with_context(|| format!("no {name}: {dkim}"));
        let record = format!("{}={}", text("record_name")?, text("record_value")?);
        let python = std::env::var("OMOTENASHI_PYTHON").unwrap_or_else(|_| "python3".to_owned());
        let output = Command::new(python).arg(script("dkim-verify")).arg(letter).arg(record).output()?;
        let said =
            String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "DKIM: {said}");
        Ok(())
    }
}

impl Drop for MailServer {
    fn drop(&mut self) {
        drop(self.stop());
    }
}

fn script(name: &str) -> PathBuf {
    Path::new(&std::env::var("CARGO_MANIFEST_DIR").expect("cargo says where the crate is"))
        .join("mail")
        .join(name)
}
