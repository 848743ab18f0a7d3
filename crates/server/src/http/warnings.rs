//! What is doubtful about an answer: rows that cannot be read are said, never left out in silence.

use api::Word;
use api::ask::{Warning, WarningKind};
use columnar::{Missing, Snapshot};
use model::Instant;

/// What the questions that were asked of this snapshot, or of a clone of it, could not see.
pub(super) fn missed(snapshot: &Snapshot) -> Vec<Warning> {
    snapshot.missed().iter().map(warning).collect()
}

/// Everything that no question can see.
pub(super) fn missing(snapshot: &Snapshot) -> Vec<Warning> {
    snapshot.missing().iter().map(warning).collect()
}

/// What stands at `field` looks back to `since`: whether events from then on are kept.
pub(super) fn not_kept(snapshot: &Snapshot, field: &str, since: Instant) -> Option<Warning> {
    let kept_from = snapshot.kept_from();
    (since < kept_from).then(|| Warning {
        kind: WarningKind::NotKept,
        message: format!("events from before `{kept_from}` are not kept, so they are not counted"),
        fix: Some("ask about a later time; what was removed does not come back".to_owned()),
        field: Some(field.to_owned()),
        nearest: None,
        stream: None,
        rows: None,
        from: None,
        to: Some(Word(kept_from)),
    })
}

fn warning(missing: &Missing) -> Warning {
    let (rows, part) = (missing.rows(), &missing.part);
    let message = format!(
        "{rows} rows cannot be read, so numbers are too small. stream=`{}`, part=`{}`",
        part.stream, part.file
    );
    let fix =
        "stop the server, run `omotenashi doctor --repair`, or put the file back from a back-up; start again";
    Warning {
        kind: WarningKind::MissingRows,
        message,
        fix: Some(fix.to_owned()),
        field: None,
        nearest: None,
        stream: Some(part.stream.to_string()),
        rows: Some(rows),
        from: Some(Word(part.earliest)),
        to: Some(Word(part.latest)),
    }
}
