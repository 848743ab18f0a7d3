//! Imports: a file in chunks, each settled once, in order.

use std::sync::Arc;

use ::ingest::import::{ChunkReader, ImportKey};
use ::ingest::limits;
use ::ingest::{Desk, Refusal};
use api::data::{
    Import, ImportAccepted, ImportCreate, ImportFinish, ImportRowsQuery, ImportState, RejectedRecord,
};
use api::{Operation, Page, PageQuery, Problem, Word};
use axum::Json as Reply;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use model::SourceId;
use store::{ImportEnd, ImportProgress, ImportStart};

use super::app::App;
use super::body::{self, Json, Query};
use super::caller::Caller;
use super::failure::{Answer, Failure};
use super::{blocking, check, ingest};
use crate::engine::Facts;

/// Imports, the latest first.
pub(super) async fn import_list(
    State(app): State<Arc<App>>,
    caller: Caller,
    Query(page): Query<PageQuery>,
) -> Answer<Page<Import>> {
    let before = check::cursor(page.after.as_deref())?;
    let imports = app.house.store.import_list(caller.workspace.id, before, page.limit()).await?;
    let next = check::next(&imports, page.limit(), |import| import.id.to_string());
    Ok(Reply(Page { items: imports.into_iter().map(shown).collect(), next }))
}

/// Begins an import, or finds the one begun with the same key.
pub(super) async fn import_create(
    State(app): State<Arc<App>>,
    caller: Caller,
    Json(new): Json<ImportCreate>,
) -> Answer<Import> {
    let key: ImportKey = new.key.parse().map_err(|_| {
        let problem = Problem::invalid("key", "not an import key").value(&new.key);
        Failure::of(problem.fix("send the 32 hexadecimal digits that a client makes of file and mapping"))
    })?;
    let file = check::name("file", &new.file)?;
    let start = ImportStart { key: key.to_string().into(), file, rows: new.rows };
    let import = app.house.store.import_start(caller.workspace.id, &start, &caller.act(&app)).await?;
    if import.progress.position == 0 {
        app.audit(&caller, Operation::ImportCreate, &import.file).await?;
    }
    Ok(Reply(shown(import)))
}

/// Takes the next rows. What was settled before adds nothing. Chunks come one after another, or several at a time: then
/// the client says what is settled, because one may be answered before another that stands before it.
pub(super) async fn import_rows(
    State(app): State<Arc<App>>,
    caller: Caller,
    (Path(key), Query(query)): (Path<String>, Query<ImportRowsQuery>),
    headers: HeaderMap,
    body: Body,
) -> Answer<ImportAccepted> {
    let import = app.house.store.import_fetch(caller.workspace.id, &key).await?;
    let bytes = body::read(&headers, body, limits::CHUNK_BYTES_MAX).await?;
    let chunk = ChunkReader::open(&bytes).map_err(|refusal| ingest::refused(&refusal))?;
    if chunk.key().to_string() != key {
        let problem = Problem::invalid("key", "the chunk belongs to another import").value(chunk.key());
        return Err(Failure::of(problem.fix("send it to the import it was made for")));
    }
    let last = chunk.lines().end.saturating_sub(1);
    let (settled, position) = (import.progress.position, query.settled.map_or(last, |line| line.min(last)));
    let desk = Desk { source: SourceId::IMPORT, received_at: app.house.now() };
    let admitted = blocking(move || {
        let mut facts = Facts::with_room(chunk.len());
        let taken = chunk.admit(settled, &desk, |fact| facts.push(fact))?;
        Ok((facts, taken))
    });
    let (facts, taken) = admitted.await?.map_err(|refusal: Refusal| ingest::refused(&refusal))?;
    let rejected: Vec<RejectedRecord> = taken.rejects.iter().map(record).collect();
    let told = (facts, taken.rejects);
    let (accepted, _) = ingest::take(&app, &caller.workspace, SourceId::IMPORT, told).await?;
    let more = ImportProgress {
        position,
        accepted: accepted.accepted as u64,
        duplicate: accepted.duplicate as u64,
        rejected: rejected.len() as u64,
    };
    let import = app.house.store.import_advance(import.id, more, app.house.now()).await?;
    Ok(Reply(ImportAccepted {
        accepted: more.accepted,
        duplicate: more.duplicate + taken.settled as u64,
        position: import.progress.position,
        rejected,
    }))
}

/// Says that all rows came.
pub(super) async fn import_finish(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(key): Path<String>,
    Json(finish): Json<ImportFinish>,
) -> Answer<Import> {
    let import = app.house.store.import_fetch(caller.workspace.id, &key).await?;
    let ImportFinish { rows, rejected, position } = finish;
    let end = ImportEnd { rows, rejected, position };
    let import = app.house.store.import_finish(import.id, end, app.house.now()).await?;
    app.audit(&caller, Operation::ImportFinish, &import.file).await?;
    Ok(Reply(shown(import)))
}

fn record(reject: &::ingest::Reject) -> RejectedRecord {
    RejectedRecord {
        line: reject.index,
        field: reject.field.to_string(),
        value: reject.value.to_string(),
        reason: reject.reason.word().to_owned(),
        message: reject.reason.explanation().to_owned(),
        fix: reject.fix().to_owned(),
    }
}

fn shown(import: store::Import) -> Import {
    let progress = import.progress;
    Import {
        key: import.key.to_string(),
        file: import.file.to_string(),
        state: if import.finished { ImportState::Finished } else { ImportState::Running },
        rows: import.rows,
        position: progress.position,
        accepted: progress.accepted,
        duplicate: progress.duplicate,
        rejected: progress.rejected,
        created_by: import.created_by.to_string(),
        created_at: Word(import.created_at),
        changed_at: Word(import.changed_at),
    }
}
