//! Exports: lines of JSON, as fast as whoever reads them takes them.

use std::io::{self, Write};
use std::sync::Arc;
use std::time::Duration;

use api::export::{EventsQuery, LINES, LINES_HEADER, MISSING_HEADER, MessagesQuery};
use api::{Operation, Time};
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use columnar::{Missing, Span};
use model::CustomerId;
use people::Profile;
use tokio::runtime;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

use super::app::App;
use super::body::Query;
use super::caller::Caller;
use super::failure::Failure;
use crate::conditions::enough_room;
use crate::engine::{self, Handle};
use crate::export::{Export, Profiles};

/// How much is gathered before it goes out.
const CHUNK_BYTES: usize = 256 << 10;
/// Chunks that wait for whoever reads: memory is bounded, and a slow reader slows only their own export.
const CHUNKS_AHEAD: usize = 4;
/// How long to wait before asking an engine again that had too much to do.
const AGAIN: Duration = Duration::from_millis(50);

/// Events.
pub(super) async fn export_events(
    State(app): State<Arc<App>>,
    caller: Caller,
    Query(query): Query<EventsQuery>,
) -> Result<Response, Failure> {
    let name = query.event;
    app.audit(&caller, Operation::ExportEvents, name.as_deref().unwrap_or("all events")).await?;
    let lines = |export: &Export<'_>| rows(&export.event_streams(name.as_deref()));
    let name = name.clone();
    Ok(stream(&caller, span(query.from, query.to), lines, move |export, profiles, sink| {
        export.events(name.as_deref(), profiles, sink)
    }))
}

/// Customers.
pub(super) async fn export_customers(
    State(app): State<Arc<App>>,
    caller: Caller,
) -> Result<Response, Failure> {
    app.audit(&caller, Operation::ExportCustomers, "all customers").await?;
    let until = caller.engine().now();
    let lines = move |export: &Export<'_>| export.snapshot.customers(until).len() as u64;
    let span = Span { until, ..Span::EVER };
    Ok(stream(&caller, span, lines, |export, profiles, sink| export.customers(profiles, sink)))
}

/// The ledger.
pub(super) async fn export_messages(
    State(app): State<Arc<App>>,
    caller: Caller,
    Query(query): Query<MessagesQuery>,
) -> Result<Response, Failure> {
    app.audit(&caller, Operation::ExportMessages, "all messages").await?;
    let lines = |export: &Export<'_>| rows(&export.message_streams());
    Ok(stream(&caller, span(query.from, query.to), lines, |export, profiles, sink| {
        export.messages(profiles, sink)
    }))
}

fn rows(streams: &[&columnar::Stream]) -> u64 {
    streams.iter().map(|stream| stream.rows() as u64).sum()
}

fn span(from: Option<Time>, to: Option<Time>) -> Span {
    Span {
        after: from.map_or(Span::EVER.after, |from| from.0),
        until: to.map_or(Span::EVER.until, |to| to.0),
    }
}

/// Answers at once and writes beside the event loop; what goes wrong breaks the answer off, so that nobody takes a part
/// for the whole.
fn stream(
    caller: &Caller,
    span: Span,
    lines: impl Fn(&Export<'_>) -> u64,
    write: impl FnOnce(&Export<'_>, Profiles<'_>, &mut dyn Write) -> io::Result<()> + Send + 'static,
) -> Response {
    let engine = caller.engine().clone();
    let (snapshot, _) = engine.snapshot();
    let document = caller.workspace.document();
    let origin = format!("{}/{}", document.document.settings.public_url, caller.workspace.name);
    let lines = lines(&Export { snapshot: &snapshot, span, origin: &origin });
    let missing: u64 = snapshot.missed().iter().map(Missing::rows).sum();
    let (sender, receiver) = mpsc::channel(CHUNKS_AHEAD);
    let runtime = runtime::Handle::current();
    tokio::task::spawn_blocking(move || {
        let mut sink = Sink { sender: sender.clone(), chunk: Vec::with_capacity(CHUNK_BYTES) };
        let mut profiles = |customers: Vec<CustomerId>| runtime.block_on(profiles(&engine, customers));
        let export = Export { snapshot: &snapshot, span, origin: &origin };
        let written = write(&export, &mut profiles, &mut sink).and_then(|()| {
            enough_room(&snapshot).map_err(io::Error::other)?;
            sink.flush()
        });
        if let Err(error) = written {
            // Whoever hung up does not hear it.
            drop(sender.blocking_send(Err(error)));
        }
    });
    let mut response = Body::from_stream(ReceiverStream::new(receiver)).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, header::HeaderValue::from_static(LINES));
    headers.insert(LINES_HEADER, lines.into());
    if missing > 0 {
        headers.insert(MISSING_HEADER, missing.into());
    }
    response
}

/// Gathers lines and hands them over in chunks.
struct Sink {
    sender: mpsc::Sender<io::Result<Bytes>>,
    chunk: Vec<u8>,
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.chunk.extend_from_slice(bytes);
        if self.chunk.len() >= CHUNK_BYTES {
            self.flush()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let chunk = std::mem::replace(&mut self.chunk, Vec::with_capacity(CHUNK_BYTES));
        self.sender.blocking_send(Ok(chunk.into())).map_err(|_| io::ErrorKind::BrokenPipe.into())
    }
}

/// Who these customers are; waits while the engine has too much to do.
async fn profiles(engine: &Handle, customers: Vec<CustomerId>) -> io::Result<Vec<Option<Arc<Profile>>>> {
    loop {
        let wanted = customers.clone();
        let asked = engine.ask(move |world| {
            wanted.into_iter().map(|customer| world.people.profile(customer)).collect::<Result<Vec<_>, _>>()
        });
        match asked.await {
            Ok(profiles) => return profiles.map_err(io::Error::other),
            Err(engine::Error::Overloaded) => tokio::time::sleep(AGAIN).await,
            Err(error) => return Err(io::Error::other(error)),
        }
    }
}
