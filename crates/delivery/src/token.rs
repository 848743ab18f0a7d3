//! Signed tokens for links: who follows one needs no account, and nobody can make one up.
//!
//! A token says what a link is for and for which message. It is signed with
//! HMAC-SHA256, cut to 128 bits, under the workspace's current key; the key
//! before it is still accepted, so a key can be changed without breaking the
//! links in letters already sent. [`Keys::return_path`] is the same in letters
//! and digits only and without case, as mail systems demand.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use model::{CampaignId, CustomerId, ErrorKind, MessageId, Text};
use sha2::Sha256;

/// The longest target of a click that a token carries, in bytes.
pub const URL_BYTES_MAX: usize = 2_048;

/// How much of the signature a link carries, in bytes.
const SIGNATURE_BYTES: usize = 16;
/// How much of the signature a return path carries, in bytes: the local part of an address has room for 64 letters.
const RETURN_SIGNATURE_BYTES: usize = 12;

/// Most tokens fit, so that they are not copied while they grow.
const BODY_BYTES_USUAL: usize = 192;

/// What a link is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Token {
    /// Leave what this message belongs to.
    Unsubscribe(MessageId),
    /// See and change what one wants to hear.
    Preferences(MessageId),
    /// The message was seen.
    Open(MessageId),
    /// A link was followed.
    Click {
        /// In which message.
        message: MessageId,
        /// Which link of it, from 0.
        index: u16,
        /// Where it leads.
        url: Text,
    },
}

impl Token {
    /// Which message the link stood in.
    pub fn message(&self) -> MessageId {
        match self {
            Self::Unsubscribe(message) | Self::Preferences(message) | Self::Open(message) => *message,
            Self::Click { message, .. } => *message,
        }
    }
}

/// A text that is no token of ours.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadToken {
    /// Cut, changed by hand, or not a token at all.
    #[error("the link is not complete: copy all of it. length=`{length}`")]
    Malformed {
        /// How long it is.
        length: usize,
    },
    /// Signed by nobody we know, or with a key older than the one before the current.
    #[error("the link is not one of ours, or too old. length=`{length}`")]
    Signature {
        /// How long it is.
        length: usize,
    },
}

impl BadToken {
    /// What the reader of this error should do.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Malformed { .. } => ErrorKind::Invalid,
            Self::Signature { .. } => ErrorKind::Forbidden,
        }
    }
}

/// The current key of a workspace and the one before it.
#[derive(Clone)]
pub struct Keys {
    current: Signer,
    previous: Option<Signer>,
}

/// A key, made ready to sign: a token costs half as much as with the key alone.
type Signer = Hmac<Sha256>;

/// A debug print never shows a key.
impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keys").field("previous", &self.previous.is_some()).finish_non_exhaustive()
    }
}

impl Keys {
    /// Signs with `current`; accepts what `previous` signed, too.
    pub fn new(current: [u8; 32], previous: Option<[u8; 32]>) -> Self {
        let signer = |key: [u8; 32]| Signer::new_from_slice(&key).expect("HMAC takes keys of any length");
        Self { current: signer(current), previous: previous.map(signer) }
    }

    /// The text of a token for a URL: letters, digits, `-` and `_`.
    pub fn link(&self, token: &Token) -> String {
        let mut text = String::new();
        self.write_link(token, &mut text);
        text
    }

    /// Writes [`Self::link`] behind what stands in `out`.
    pub fn write_link(&self, token: &Token, out: &mut String) {
        let mut bytes = body(token);
        let signature = signature(&self.current, Use::Link, &bytes);
        bytes.extend_from_slice(&signature[..SIGNATURE_BYTES]);
        URL_SAFE_NO_PAD.encode_string(bytes, out);
    }

    /// The token behind [`Self::link`], if it was signed here.
    pub fn read_link(&self, text: &str) -> Result<Token, BadToken> {
        let malformed = BadToken::Malformed { length: text.len() };
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| malformed.clone())?;
        let split = bytes.len().checked_sub(SIGNATURE_BYTES).ok_or_else(|| malformed.clone())?;
        let (body, tag) = bytes.split_at(split);
        self.verify(Use::Link, body, tag).ok_or(BadToken::Signature { length: text.len() })?;
        read_body(body).ok_or(malformed)
    }

    /// The local part of the address that takes a message's bounces: `b-` and 39 letters and digits.
    pub fn return_path(&self, message: MessageId) -> String {
        let mut bytes = message_bytes(message).to_vec();
        let signature = signature(&self.current, Use::ReturnPath, &bytes);
        bytes.extend_from_slice(&signature[..RETURN_SIGNATURE_BYTES]);
        format!("b-{}", base32(&bytes))
    }

    /// The message behind a [`Self::return_path`], whatever became of its case; what follows `@` is not looked at.
    pub fn read_return_path(&self, address: &str) -> Result<MessageId, BadToken> {
        let malformed = BadToken::Malformed { length: address.len() };
        let local = address.split('@').next().unwrap_or(address).to_ascii_lowercase();
        let bytes = local.strip_prefix("b-").and_then(read_base32).ok_or_else(|| malformed.clone())?;
        let split = bytes.len().checked_sub(RETURN_SIGNATURE_BYTES).ok_or_else(|| malformed.clone())?;
        let (body, tag) = bytes.split_at(split);
        self.verify(Use::ReturnPath, body, tag).ok_or(BadToken::Signature { length: address.len() })?;
        read_message(body).map(|(message, _)| message).ok_or(malformed)
    }

    /// In constant time for each key.
    fn verify(&self, r#use: Use, body: &[u8], tag: &[u8]) -> Option<()> {
        let signed_by = |key: &Signer| mac(key, r#use, body).verify_truncated_left(tag).is_ok();
        (signed_by(&self.current) || self.previous.as_ref().is_some_and(signed_by)).then_some(())
    }
}

/// What a signature is for: one for a link is none for a return path.
#[derive(Clone, Copy)]
enum Use {
    Link = 1,
    ReturnPath = 2,
}

fn mac(key: &Signer, r#use: Use, body: &[u8]) -> Signer {
    let mut mac = key.clone();
    mac.update(&[r#use as u8]);
    mac.update(body);
    mac
}

fn signature(key: &Signer, r#use: Use, body: &[u8]) -> [u8; 32] {
    mac(key, r#use, body).finalize().into_bytes().into()
}

fn body(token: &Token) -> Vec<u8> {
    let kind = match token {
        Token::Unsubscribe(_) => b'u',
        Token::Preferences(_) => b'p',
        Token::Open(_) => b'o',
        Token::Click { .. } => b'c',
    };
    let mut bytes = Vec::with_capacity(BODY_BYTES_USUAL);
    bytes.push(kind);
    bytes.extend_from_slice(&message_bytes(token.message()));
    if let Token::Click { index, url, .. } = token {
        bytes.extend_from_slice(&index.to_le_bytes());
        bytes.extend_from_slice(url.as_bytes());
    }
    bytes
}

fn read_body(bytes: &[u8]) -> Option<Token> {
    let (kind, rest) = bytes.split_first()?;
    let (message, rest) = read_message(rest)?;
    match (kind, rest) {
        (b'u', []) => Some(Token::Unsubscribe(message)),
        (b'p', []) => Some(Token::Preferences(message)),
        (b'o', []) => Some(Token::Open(message)),
        (b'c', rest) => {
            let (index, url) = rest.split_first_chunk::<2>()?;
            let url = std::str::from_utf8(url).ok().filter(|url| url.len() <= URL_BYTES_MAX)?;
            Some(Token::Click { message, index: u16::from_le_bytes(*index), url: url.into() })
        }
        _ => None,
    }
}

fn message_bytes(message: MessageId) -> [u8; 12] {
    let mut bytes = [0; 12];
    bytes[..4].copy_from_slice(&message.campaign.0.to_le_bytes());
    bytes[4..8].copy_from_slice(&message.customer.number().to_le_bytes());
    bytes[8..].copy_from_slice(&message.occurrence.to_le_bytes());
    bytes
}

fn read_message(bytes: &[u8]) -> Option<(MessageId, &[u8])> {
    let (campaign, rest) = bytes.split_first_chunk::<4>()?;
    let (customer, rest) = rest.split_first_chunk::<4>()?;
    let (occurrence, rest) = rest.split_first_chunk::<4>()?;
    let message = MessageId {
        campaign: CampaignId(u32::from_le_bytes(*campaign)),
        customer: CustomerId::from_number(u32::from_le_bytes(*customer)),
        occurrence: u32::from_le_bytes(*occurrence),
    };
    Some((message, rest))
}

/// RFC 4648, lower case, without padding.
const BASE32: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";

fn base32(bytes: &[u8]) -> String {
    let letter = |bits: u32| char::from(BASE32[(bits & 31) as usize]);
    let mut text = String::with_capacity(bytes.len().div_ceil(5) * 8);
    let (mut bits, mut waiting) = (0, 0);
    for byte in bytes {
        (bits, waiting) = (bits << 8 | u32::from(*byte), waiting + 8);
        while waiting >= 5 {
            waiting -= 5;
            text.push(letter(bits >> waiting));
        }
    }
    if waiting > 0 {
        text.push(letter(bits << (5 - waiting)));
    }
    text
}

fn read_base32(text: &str) -> Option<Vec<u8>> {
    let mut bits = Vec::with_capacity(text.len() * 5);
    for letter in text.bytes() {
        let value = BASE32.iter().position(|known| *known == letter)?;
        bits.extend((0..5).rev().map(|bit| value >> bit & 1 == 1));
    }
    let whole = bits.chunks_exact(8);
    if whole.remainder().iter().any(|bit| *bit) {
        return None;
    }
    Some(whole.map(|chunk| chunk.iter().fold(0, |byte, bit| byte << 1 | u8::from(*bit))).collect())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn keys(current: u8, previous: Option<u8>) -> Keys {
        Keys::new([current; 32], previous.map(|byte| [byte; 32]))
    }

    fn messages() -> impl Strategy<Value = MessageId> {
        (any::<u32>(), any::<u32>(), any::<u32>()).prop_map(|(campaign, customer, occurrence)| MessageId {
            campaign: CampaignId(campaign),
            customer: CustomerId::from_number(customer),
            occurrence,
        })
    }

    fn tokens() -> impl Strategy<Value = Token> {
        prop_oneof![
            messages().prop_map(Token::Unsubscribe),
            messages().prop_map(Token::Preferences),
            messages().prop_map(Token::Open),
            (messages(), any::<u16>(), "https://[a-z]{1,20}/.{0,60}")
                .prop_map(|(message, index, url)| Token::Click { message, index, url: url.into() }),
        ]
    }

    proptest! {
        #[test]
        fn a_link_reads_what_it_says(token in tokens()) {
            let text = keys(1, None).link(&token);
            prop_assert!(text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)));
            prop_assert_eq!(keys(1, None).read_link(&text), Ok(token));
        }

        #[test]
        fn a_return_path_reads_what_it_says_in_any_case_and_fits_an_address(message in messages()) {
            let local = keys(1, None).return_path(message);
            prop_assert!(local.len() <= 64);
            let address = format!("{}@bounces.example.com", local.to_ascii_uppercase());
            prop_assert_eq!(keys(1, None).read_return_path(&address), Ok(message));
        }

        #[test]
        fn a_link_changed_anywhere_is_refused(token in tokens(), place in any::<prop::sample::Index>()) {
            let mut bytes = URL_SAFE_NO_PAD.decode(keys(1, None).link(&token)).unwrap();
            let place = place.index(bytes.len());
            bytes[place] ^= 1;
            prop_assert!(keys(1, None).read_link(&URL_SAFE_NO_PAD.encode(bytes)).is_err());
        }

        #[test]
        fn no_text_makes_the_reader_fall(text in ".{0,200}") {
            let _ = keys(1, None).read_link(&text);
            let _ = keys(1, None).read_return_path(&text);
        }
    }

    fn message() -> MessageId {
        "m7-c2a1-3".parse().unwrap()
    }

    #[test]
    fn a_link_signed_with_the_key_before_is_still_good_and_one_before_that_is_not() {
        let text = keys(1, None).link(&Token::Open(message()));
        assert!(keys(2, Some(1)).read_link(&text).is_ok());
        assert_eq!(keys(3, Some(2)).read_link(&text), Err(BadToken::Signature { length: text.len() }));
    }

    #[test]
    fn a_cut_link_is_refused() {
        let text = keys(1, None).link(&Token::Unsubscribe(message()));
        assert!(keys(1, None).read_link(&text[..text.len() - 1]).is_err());
        assert!(keys(1, None).read_link("").is_err());
    }

    #[test]
    fn a_debug_print_shows_no_key() {
        assert_eq!(format!("{:?}", keys(77, Some(78))), "Keys { previous: true, .. }");
    }
}
