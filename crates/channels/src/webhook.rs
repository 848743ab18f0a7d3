//! A webhook: each message as one signed request to a system of the brand's own.
//!
//! The signature follows Standard Webhooks: `webhook-id` (the send key),
//! `webhook-timestamp` (of this attempt) and `webhook-signature`, which is
//! `v1,` and the base64 of HMAC-SHA256 over `id.timestamp.body`.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use delivery::channel::{Channel, Dead, Fault, Message, Reply, Request, Verdict, Wire};
use model::Instant;
use ring::hmac;
use serde::Deserialize;

use crate::driver::Options;
use crate::kind::{BadSettings, Field, Kind, Opened, read};
use crate::tls;
use crate::transport::{Delivery, Line, Lost, Transport};

/// The line in the table.
pub const KIND: Kind = Kind {
    word: "webhook",
    channel: model::Channel::Webhook,
    about: "a system of your own that takes signed requests",
    fields: &[
        Field { name: "url", about: "where requests go, as in `https://example.com/hook`", secret: false },
        Field { name: "secret", about: "what requests are signed with; at least 16 letters", secret: true },
        Field {
            name: "knows_send_keys",
            about: "true when your system ignores a `webhook-id` it has seen; false unless said",
            secret: false,
        },
        Field { name: "timeout_s", about: "how long one answer may take; 20 unless said", secret: false },
    ],
    open,
};

/// How much of an answer is read.
const BODY_BYTES_MAX: usize = 1_000;

/// How a webhook is reached.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Where requests go.
    pub url: String,
    /// What they are signed with.
    pub secret: String,
    /// Whether the receiver ignores an id it has seen.
    #[serde(default)]
    pub knows_send_keys: bool,
    /// How long one answer may take.
    #[serde(default = "default_timeout_s")]
    pub timeout_s: u32,
}

fn default_timeout_s() -> u32 {
    20
}

/// A debug print never shows the secret.
impl std::fmt::Debug for Settings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Settings").field("url", &self.url).finish_non_exhaustive()
    }
}

fn open(settings: serde_json::Value, _doors: &crate::KindDoors) -> Result<Opened, BadSettings> {
    let settings: Settings = read(KIND.word, settings)?;
    let bad = |problem: &str| BadSettings::new(KIND.word, problem);
    if settings.secret.len() < 16 {
        return Err(bad("`secret` is too short: give at least 16 letters"));
    }
    if !settings.url.starts_with("https://") && !settings.url.starts_with("http://") {
        return Err(bad("`url` must begin with `https://`"));
    }
    let timeout = Duration::from_secs(u64::from(settings.timeout_s.max(1)));
    let transport = HttpTransport::new(timeout).map_err(|problem| BadSettings::new(KIND.word, problem))?;
    let options = Options { timeout: timeout * 2, ..Options::default() };
    Ok(Opened { channel: Arc::new(Webhook { settings }), transport: Arc::new(transport), options })
}

/// Messages as signed requests.
#[derive(Debug, Clone)]
pub struct Webhook {
    /// How it is reached.
    pub settings: Settings,
}

impl Channel for Webhook {
    fn encode(&self, message: &Arc<Message>, now: Instant) -> Result<Wire, Dead> {
        let id = message.id.to_string();
        let body = serde_json::json!({
            "id": id,
            "campaign": message.id.campaign.0,
            "customer": message.id.customer.to_string(),
            "at": message.at,
            "to": message.to.address,
            "subject": message.subject,
            "text": message.text,
            "html": message.html,
        });
        let body = body.to_string().into_bytes();
        let timestamp = now.ms().div_euclid(1_000).to_string();
        let signature = sign(&self.settings.secret, &id, &timestamp, &body);
        let headers = vec![
            ("content-type".into(), "application/json".into()),
            ("webhook-id".into(), id.into()),
            ("webhook-timestamp".into(), timestamp.into()),
            ("webhook-signature".into(), signature.into()),
        ];
        Ok(Wire::Http(Request { url: self.settings.url.clone(), headers, body }))
    }

    fn classify(&self, reply: &Reply) -> Verdict {
        let Reply::Http { status, retry_after_s, body } = reply else {
            return Verdict::Retry { after_ms: None, reason: "not a web server's reply".into() };
        };
        let reason = format!("{status} {}", body.trim()).trim().into();
        match status {
            200..=299 => Verdict::Accepted { provider_id: None },
            408 | 425 | 429 | 500..=599 => {
                let after_ms = retry_after_s.map(|seconds| i64::from(seconds) * Instant::SECOND_MS);
                Verdict::Retry { after_ms, reason }
            }
            410 => Verdict::Dead(Dead { fault: Fault::Address, reason }),
            _other => Verdict::Dead(Dead { fault: Fault::Message, reason }),
        }
    }

    fn knows_send_keys(&self) -> bool {
        self.settings.knows_send_keys
    }
}

/// `v1,` and the signature over id, timestamp and body.
fn sign(secret: &str, id: &str, timestamp: &str, body: &[u8]) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let mut signing = hmac::Context::with_key(&key);
    signing.update(format!("{id}.{timestamp}.").as_bytes());
    signing.update(body);
    format!("v1,{}", BASE64.encode(signing.sign()))
}

/// Lines to web servers.
#[derive(Debug, Clone)]
pub struct HttpTransport {
    client: reqwest::Client,
}

impl HttpTransport {
    /// A client that follows no redirects: the signature is for this receiver only.
    pub fn new(timeout: Duration) -> Result<Self, String> {
        let tls = tls::config(None).map_err(|error| error.to_string())?;
        let client = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .redirect(reqwest::redirect::Policy::none())
            .timeout(timeout)
            .build();
        client.map(|client| Self { client }).map_err(|error| error.to_string())
    }

    async fn post(&self, request: &Request) -> Result<Reply, Lost> {
        let mut post = self.client.post(&request.url).body(request.body.clone());
        for (name, value) in &request.headers {
            post = post.header(name.as_str(), value.as_str());
        }
        let before = |error: &reqwest::Error| error.is_connect() || error.is_builder();
        let mut response = post
            .send()
            .await
            .map_err(|error| if before(&error) { Lost::before(error) } else { Lost::after(error) })?;
        let retry_after_s = response
            .headers()
            .get("retry-after")
            .and_then(|value| value.to_str().ok())
            .and_then(|text| text.trim().parse().ok());
        let mut body = Vec::new();
        while let Ok(Some(chunk)) = response.chunk().await
            && body.len() < BODY_BYTES_MAX
        {
            body.extend_from_slice(&chunk);
        }
        body.truncate(BODY_BYTES_MAX);
        let body = String::from_utf8_lossy(&body).into_owned();
        Ok(Reply::Http { status: response.status().as_u16(), retry_after_s, body })
    }
}

impl Transport for HttpTransport {
    fn line(&self) -> Box<dyn Line> {
        Box::new(self.clone())
    }
}

impl Line for HttpTransport {
    fn deliver<'a>(&'a mut self, wire: &'a Wire) -> Delivery<'a> {
        Box::pin(async move {
            match wire {
                Wire::Http(request) => self.post(request).await,
                Wire::Smtp(_) | Wire::Sandbox(_) => Err(Lost::before("a web server takes requests only")),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn webhook() -> Webhook {
        let settings = serde_json::json!({"url": "https://example.com/hook", "secret": "0123456789abcdef"});
        Webhook { settings: serde_json::from_value(settings).unwrap() }
    }

    #[test]
    fn a_request_is_signed_as_standard_webhooks_say() {
        // Independently: printf 'm1-c1-0.1700000000.{}' | openssl dgst -sha256 -hmac 0123456789abcdef -binary | base64
        let signature = sign("0123456789abcdef", "m1-c1-0", "1700000000", b"{}");
        assert_eq!(signature, "v1,EEUkXTTqG/a8ufsKMJV0VDPGQtlVg0hpUEq1tanC8n8=");
    }

    #[track_caller]
    fn check(status: u16, retry_after_s: Option<u32>, expected: &Verdict) {
        let reply = Reply::Http { status, retry_after_s, body: String::new() };
        assert_eq!(&webhook().classify(&reply), expected);
    }

    #[test]
    fn busy_receivers_say_when_to_come_back() {
        check(429, Some(7), &Verdict::Retry { after_ms: Some(7_000), reason: "429".into() });
        check(503, None, &Verdict::Retry { after_ms: None, reason: "503".into() });
    }

    #[test]
    fn a_receiver_that_is_gone_closes_the_address() {
        check(410, None, &Verdict::Dead(Dead { fault: Fault::Address, reason: "410".into() }));
        check(400, None, &Verdict::Dead(Dead { fault: Fault::Message, reason: "400".into() }));
    }
}
