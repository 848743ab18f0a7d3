//! The console, built into the binary: its files, and its one page for every path of its own.

use std::collections::HashMap;
use std::io::Write;
use std::sync::{Mutex, PoisonError};

use api::hosted::is_for_customers;
use api::{Problem, ProblemCode};
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use rust_embed::{Embed, EmbeddedFile};

use super::failure::Failure;

/// What `console/dist` held when the binary was built; read from there again and again in development.
#[derive(Embed)]
#[folder = "../../console/dist"]
struct Files;

/// Paths that programs ask for, never the console's: a wrong one is an error, not a page.
const MACHINE_PREFIXES: &[&str] = &["/api/", "/v1/", "/1/", "/o/"];

/// Names under here carry a hash of their content, so they never change.
const IMMUTABLE_PREFIX: &str = "assets/";

/// Smaller files are not worth compressing.
const COMPRESSED_BYTES_MIN: usize = 1024;

/// Compressed files by path and hash. A lock, not a channel: it is held for one lookup, never across an await.
static COMPRESSED: Mutex<Option<HashMap<String, Bytes>>> = Mutex::new(None);

/// A file of the console, its page, or the answer that there is no such route.
pub(super) async fn page(method: Method, uri: Uri, headers: HeaderMap) -> Response {
    let path = uri.path();
    let is_for_others =
        MACHINE_PREFIXES.iter().any(|prefix| path.starts_with(prefix)) || is_for_customers(path);
    if is_for_others {
        let problem = no_route("there is no such route", path);
        return Failure::of(problem.fix("see /openapi.json for all there are")).into_response();
    }
    if method != Method::GET && method != Method::HEAD {
        let problem = no_route("there is no such route for this method", path);
        return Failure::of(problem.fix("see /openapi.json for all there are")).into_response();
    }
    let name = path.trim_start_matches('/');
    match Files::get(name) {
        Some(file) => answer(name, file, &headers),
        None if name.starts_with(IMMUTABLE_PREFIX) => {
            let problem = Problem::not_found("there is no such file").field("path").value(path);
            Failure::of(problem.fix("load the page anew: the console was updated")).into_response()
        }
        None => match Files::get("index.html") {
            Some(file) => answer("index.html", file, &headers),
            None => Failure::of(Problem::not_found("the console is not built").fix("run `make console`"))
                .into_response(),
        },
    }
}

fn no_route(detail: &str, path: &str) -> Problem {
    Problem::not_found(detail).code(ProblemCode::NoRoute).field("path").value(path)
}

fn answer(name: &str, file: EmbeddedFile, headers: &HeaderMap) -> Response {
    let hash = hex::encode(file.metadata.sha256_hash());
    let tag = format!("\"{}\"", &hash[..32]);
    let caching =
        if name.starts_with(IMMUTABLE_PREFIX) { "public, max-age=31536000, immutable" } else { "no-cache" };
    let common = [(header::ETAG, tag.clone()), (header::CACHE_CONTROL, caching.to_owned())];
    if headers.get(header::IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == tag.as_bytes()) {
        return (StatusCode::NOT_MODIFIED, common).into_response();
    }
    let media = media(name);
    let text = [(header::CONTENT_TYPE, media.to_owned()), (header::VARY, "accept-encoding".to_owned())];
    let accepts =
        headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if accepts.contains("gzip") && is_text(media) && file.data.len() >= COMPRESSED_BYTES_MIN {
        let bytes = compressed(&hash, &file.data);
        return (common, text, [(header::CONTENT_ENCODING, "gzip")], Body::from(bytes)).into_response();
    }
    (common, text, Body::from(file.data.into_owned())).into_response()
}

fn compressed(hash: &str, data: &[u8]) -> Bytes {
    let mut all = COMPRESSED.lock().unwrap_or_else(PoisonError::into_inner);
    let all = all.get_or_insert_with(HashMap::new);
    if let Some(bytes) = all.get(hash) {
        return bytes.clone();
    }
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(data).expect("memory takes every byte");
    let bytes = Bytes::from(encoder.finish().expect("memory takes every byte"));
    all.insert(hash.to_owned(), bytes.clone());
    bytes
}

fn is_text(media: &str) -> bool {
    media.starts_with("text/") || media.contains("json") || media.contains("svg")
}

fn media(name: &str) -> &'static str {
    match name.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "woff" => "font/woff",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}
