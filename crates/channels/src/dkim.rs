//! DKIM (RFC 6376, RFC 8463): signs a mail so that its receiver knows that our domain stands behind it.
//!
//! Relaxed canonical form for headers and body, `rsa-sha256` and
//! `ed25519-sha256`. `From` is signed once more than it stands there, so that
//! nobody can add a second one.

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use ring::digest::{SHA256, digest};
use ring::rand::SystemRandom;
use ring::signature::{Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair};
use serde::Deserialize;

/// The headers that are signed, when they are there. Both `List-Unsubscribe` headers must be (RFC 8058).
const SIGNED: &[&str] = &[
    "from",
    "to",
    "reply-to",
    "subject",
    "date",
    "message-id",
    "mime-version",
    "content-type",
    "content-transfer-encoding",
    "list-unsubscribe",
    "list-unsubscribe-post",
];

/// What a domain's administrator gives us.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The domain that signs, as in `example.com`.
    pub domain: String,
    /// Which of its keys: the public half stands in DNS at `SELECTOR._domainkey.DOMAIN`.
    pub selector: String,
    /// The private half: PEM, PKCS#8 (RSA or Ed25519) or PKCS#1 (RSA).
    pub private_key: String,
}

/// A debug print never shows a key.
impl std::fmt::Debug for Settings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Settings")
            .field("domain", &self.domain)
            .field("selector", &self.selector)
            .finish_non_exhaustive()
    }
}

/// A private key that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "not a private key for DKIM: give an RSA key of 2048 bits or more, or an Ed25519 key, as PEM. selector=`{selector}`"
)]
pub struct BadKey {
    /// Whose key it should have been.
    pub selector: String,
}

/// Signs for one domain with one key.
pub struct Signer {
    domain: String,
    selector: String,
    key: Key,
}

enum Key {
    Rsa(Box<RsaKeyPair>),
    Ed25519(Box<Ed25519KeyPair>),
}

impl std::fmt::Debug for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Signer({}._domainkey.{}, {})", self.selector, self.domain, self.key.algorithm())
    }
}

impl Key {
    fn algorithm(&self) -> &'static str {
        match self {
            Self::Rsa(_) => "rsa-sha256",
            Self::Ed25519(_) => "ed25519-sha256",
        }
    }

    /// RFC 8463 signs the hash of the headers, RFC 6376 the headers, which PKCS#1 hashes itself.
    fn sign(&self, headers: &[u8]) -> Vec<u8> {
        match self {
            Self::Rsa(key) => {
                let mut signature = vec![0; key.public().modulus_len()];
                key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), headers, &mut signature)
                    .expect("PKCS#1 v1.5 with a key that was checked cannot fail");
                signature
            }
            Self::Ed25519(key) => key.sign(digest(&SHA256, headers).as_ref()).as_ref().to_vec(),
        }
    }
}

impl Signer {
    /// A signer with these settings.
    pub fn new(settings: &Settings) -> Result<Self, BadKey> {
        let key =
            read_key(&settings.private_key).ok_or_else(|| BadKey { selector: settings.selector.clone() })?;
        Ok(Self { domain: settings.domain.clone(), selector: settings.selector.clone(), key })
    }

    /// What has to stand in DNS at `SELECTOR._domainkey.DOMAIN`; `None` for an RSA key, whose owner has published it.
    pub fn record(&self) -> Option<String> {
        match &self.key {
            Key::Rsa(_) => None,
            Key::Ed25519(key) => {
                Some(format!("v=DKIM1; k=ed25519; p={}", BASE64.encode(key.public_key().as_ref())))
            }
        }
    }

    /// The `DKIM-Signature` header for `mail`, with its line end; it goes before all others.
    pub fn header(&self, mail: &[u8]) -> String {
        let (headers, body) = split(mail);
        let mut names = Vec::new();
        let mut signed = Vec::new();
        for name in SIGNED {
            for (_, value) in headers.iter().rev().filter(|(each, _)| each == name) {
                names.push(*name);
                relaxed_header(name, value, &mut signed);
                signed.extend_from_slice(b"\r\n");
            }
        }
        names.push("from");
        let value = format!(
            "v=1; a={}; c=relaxed/relaxed; d={}; s={};\r\n\th={};\r\n\tbh={};\r\n\tb=",
            self.key.algorithm(),
            self.domain,
            self.selector,
            names.join(":\r\n\t "),
            BASE64.encode(digest(&SHA256, &relaxed_body(body))),
        );
        relaxed_header("dkim-signature", value.as_bytes(), &mut signed);
        let signature = BASE64.encode(self.key.sign(&signed));
        let lines: Vec<&str> = signature
            .as_bytes()
            .chunks(72)
            .map(|line| std::str::from_utf8(line).expect("base64 is ASCII"))
            .collect();
        format!("DKIM-Signature: {value}{}\r\n", lines.join("\r\n\t "))
    }
}

/// A PEM key of any of the three kinds.
fn read_key(pem: &str) -> Option<Key> {
    let inside = pem.split("-----").nth(2)?;
    let der = BASE64.decode(inside.split_whitespace().collect::<String>()).ok()?;
    if let Ok(key) = Ed25519KeyPair::from_pkcs8_maybe_unchecked(&der) {
        return Some(Key::Ed25519(Box::new(key)));
    }
    let rsa = RsaKeyPair::from_pkcs8(&der).or_else(|_| RsaKeyPair::from_der(&der)).ok()?;
    Some(Key::Rsa(Box::new(rsa)))
}

/// A header: its name in lower case and its raw value, folded lines included.
type RawHeader<'a> = (String, &'a [u8]);

fn split(mail: &[u8]) -> (Vec<RawHeader<'_>>, &[u8]) {
    let mut headers: Vec<RawHeader<'_>> = Vec::new();
    let mut start = 0;
    while start < mail.len() {
        let end = field_end(mail, start);
        let field = &mail[start..end];
        if field == b"\r\n" {
            return (headers, &mail[end..]);
        }
        if let Some(colon) = field.iter().position(|byte| *byte == b':') {
            let name = String::from_utf8_lossy(&field[..colon]).trim().to_ascii_lowercase();
            headers.push((name, &field[colon + 1..]));
        }
        start = end;
    }
    (headers, &[])
}

/// Where the field that begins at `start` ends: after the line that no folded line follows.
fn field_end(mail: &[u8], start: usize) -> usize {
    let mut end = start;
    loop {
        let line = mail[end..].windows(2).position(|pair| pair == b"\r\n");
        end = line.map_or(mail.len(), |line| end + line + 2);
        let folded = mail.get(end).is_some_and(|byte| matches!(byte, b' ' | b'\t'));
        if !folded || &mail[start..end] == b"\r\n" {
            return end;
        }
    }
}

/// `name:value` with white space reduced to one blank and none at the ends.
fn relaxed_header(name: &str, value: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(name.as_bytes());
    out.push(b':');
    let mut words = value.split(|byte| byte.is_ascii_whitespace()).filter(|word| !word.is_empty());
    if let Some(first) = words.next() {
        out.extend_from_slice(first);
    }
    for word in words {
        out.push(b' ');
        out.extend_from_slice(word);
    }
}

/// The body with white space within lines reduced, at their ends removed, and no empty lines at the end.
fn relaxed_body(body: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(body.len());
    let mut empty_lines = 0;
    for line in body.split_inclusive(|byte| *byte == b'\n') {
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        let line = line.strip_suffix(b"\r").unwrap_or(line).trim_ascii_end();
        if line.is_empty() {
            empty_lines += 1;
            continue;
        }
        out.extend(std::iter::repeat_n(b"\r\n", empty_lines).flatten());
        empty_lines = 0;
        let mut blank = false;
        for byte in line {
            if matches!(byte, b' ' | b'\t') {
                blank = true;
                continue;
            }
            if std::mem::take(&mut blank) {
                out.push(b' ');
            }
            out.push(*byte);
        }
        out.extend_from_slice(b"\r\n");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_canonical_body_is_the_one_of_the_standard() {
        // RFC 6376, 3.4.5.
        assert_eq!(relaxed_body(b" C \r\nD \t E\r\n\r\n\r\n"), b" C\r\nD E\r\n");
        assert_eq!(relaxed_body(b""), b"");
        assert_eq!(relaxed_body(b"\r\n\r\n"), b"");
    }

    #[test]
    fn the_canonical_header_is_the_one_of_the_standard() {
        let (headers, body) = split(b"A: X\r\nB : Y\t\r\n\tZ  \r\n\r\n C \r\n");
        let mut out = Vec::new();
        for (name, value) in &headers {
            relaxed_header(name, value, &mut out);
            out.extend_from_slice(b"\r\n");
        }
        assert_eq!(out, b"a:X\r\nb:Y Z\r\n");
        assert_eq!(body, b" C \r\n");
    }

    #[test]
    fn a_text_that_is_no_key_is_refused() {
        let settings = Settings {
            domain: "example.com".into(),
            selector: "s1".into(),
            private_key: "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----".into(),
        };
        assert_eq!(Signer::new(&settings).err(), Some(BadKey { selector: "s1".into() }));
        assert!(!format!("{settings:?}").contains("AAAA"));
    }
}
