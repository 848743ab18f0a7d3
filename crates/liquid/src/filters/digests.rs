//! Filters that make digests of texts: templates of other products put them into links, for partners to tell who it is.
//!
//! They keep nothing secret: whoever knows an address can make the same digest.

use hmac::{Hmac, KeyInit, Mac};
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha256};

use super::{Call, Filter};
use crate::context::{Context, Outcome};
use crate::value::Value;

pub(super) const FILTERS: &[Filter] = &[
    Filter::new(
        "md5",
        (0, 0),
        digest::<Md5>,
        ("{{ 'a' | md5 }}", "0cc175b9c0f1b6a831c399e269772661"),
        "The MD5 digest of a text, in hexadecimal digits.",
    )
    .compatible(),
    Filter::new(
        "sha1",
        (0, 0),
        digest::<Sha1>,
        ("{{ 'a' | sha1 }}", "86f7e437faa5a7fce15d1ddcb9eaeaea377667b8"),
        "The SHA-1 digest of a text.",
    )
    .compatible(),
    Filter::new(
        "sha256",
        (0, 0),
        digest::<Sha256>,
        ("{{ 'a' | sha256 }}", "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"),
        "The SHA-256 digest of a text.",
    )
    .compatible(),
    Filter::new(
        "sha2",
        (0, 0),
        digest::<Sha256>,
        ("{{ 'a' | sha2 }}", "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"),
        "As `sha256`.",
    )
    .compatible(),
    Filter::new(
        "hmac_sha1",
        (1, 1),
        keyed::<Hmac<Sha1>>,
        (
            "{{ 'what do ya want for nothing?' | hmac_sha1: 'Jefe' }}",
            "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79",
        ),
        "The SHA-1 digest of a text with a key (HMAC).",
    )
    .compatible(),
    Filter::new(
        "hmac_sha1_hex",
        (1, 1),
        keyed::<Hmac<Sha1>>,
        (
            "{{ 'what do ya want for nothing?' | hmac_sha1_hex: 'Jefe' }}",
            "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79",
        ),
        "As `hmac_sha1`.",
    )
    .compatible(),
    Filter::new(
        "hmac_sha256",
        (1, 1),
        keyed::<Hmac<Sha256>>,
        (
            "{{ 'what do ya want for nothing?' | hmac_sha256: 'Jefe' }}",
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
        ),
        "The SHA-256 digest of a text with a key (HMAC).",
    )
    .compatible(),
];

/// Steps for the blocks that even an empty text fills, without and with a key.
const DIGEST_STEPS: usize = 8;
const KEYED_STEPS: usize = 32;

fn charge(steps: usize, text: &str, cx: &mut Context<'_>) -> Outcome<()> {
    cx.charge(steps + text.len() / 4)
}

fn digest<'a, D: Digest>(call: &Call<'_, 'a>, cx: &mut Context<'a>) -> Outcome<Value<'a>> {
    let text = call.input_text(cx)?;
    charge(DIGEST_STEPS, text, cx)?;
    Ok(Value::Text(cx.keep(&hex::encode(D::digest(text)))?))
}

fn keyed<'a, M: Mac + KeyInit>(call: &Call<'_, 'a>, cx: &mut Context<'a>) -> Outcome<Value<'a>> {
    let (text, key) = (call.input_text(cx)?, call.argument_text(0, cx)?);
    charge(KEYED_STEPS, text, cx)?;
    charge(KEYED_STEPS, key, cx)?;
    let mut mac = <M as KeyInit>::new_from_slice(key.as_bytes()).map_err(|_| call.problem("not a key"))?;
    mac.update(text.as_bytes());
    Ok(Value::Text(cx.keep(&hex::encode(mac.finalize().into_bytes()))?))
}
