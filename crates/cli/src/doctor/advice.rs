//! What a fault of a data folder costs and what to do about it, in words for whoever runs the server. It mends nothing.

use model::ErrorKind;
use server::engine::Fault;

/// What a fault costs, and what to do.
pub(super) struct Advice {
    /// What is lost by it.
    pub(super) lost: &'static str,
    /// What to do.
    pub(super) remedy: &'static str,
}

const NOTHING: &str = "nothing";

/// A part whose rows cannot be read.
pub(super) fn part() -> Advice {
    Advice {
        lost: "nothing: the journal holds these rows; until they are back, answers are too small and say so",
        remedy: "put the file back from a back-up, or run this again with `--repair`: it folds the rows from the journal",
    }
}

/// An object that a server left on the shelf when it died.
pub(super) fn leftover() -> Advice {
    Advice {
        lost: NOTHING,
        remedy: "run this again with `--repair`: it removes it. First make sure that no other data folder keeps its old \
                 events in the same place",
    }
}

/// The control plane.
pub(super) fn control_plane() -> Advice {
    Advice {
        lost: "users, keys, audiences, campaigns and settings; customers and events lie in `workspaces` and are safe",
        remedy: "put `control.db` back from a back-up, without `control.db-wal` and `control.db-shm` of the damaged one",
    }
}

/// What `fault` costs, and what to do.
pub(super) fn of(fault: &Fault) -> Advice {
    if fault.is_damaged_checkpoint() {
        return Advice {
            lost: "nothing: the checkpoint is folded from the journal",
            remedy: "run this again with `--repair`: it keeps the damaged one as `state.damaged` and folds the journal anew",
        };
    }
    if fault.is_damaged_journal() {
        return damaged_journal();
    }
    match fault {
        Fault::State(error) => by_kind(error.kind()),
        Fault::People(error) => by_kind(error.kind()),
        Fault::Columns(error) => by_kind(error.kind()),
        Fault::Journal(error) => by_kind(error.kind()),
        Fault::Entry(_) => later_version(),
        Fault::Cut { .. } => Advice {
            lost: "what the missing files held: the journal cannot say it again",
            remedy: "put the missing files back from a back-up of the whole workspace",
        },
        Fault::Behind { .. } | Fault::Blob { .. } => damaged_journal(),
        Fault::Folder { .. } => by_kind(ErrorKind::Unavailable),
    }
}

fn damaged_journal() -> Advice {
    Advice {
        lost: "customers, rows and campaigns as of the last checkpoint are whole; lost is what was accepted after it and \
               cannot be read, and that the journal can be folded from its beginning",
        remedy: "put the file back from a back-up; without one run this again with `--repair`: it keeps the damaged journal \
                 as `journal.damaged`, and goes on from the checkpoint with what follows it and can be read",
    }
}

fn later_version() -> Advice {
    Advice { lost: NOTHING, remedy: "run the version of the program that wrote it, or a later one" }
}

fn by_kind(kind: ErrorKind) -> Advice {
    match kind {
        ErrorKind::Conflict => Advice {
            lost: NOTHING,
            remedy: "stop the other process first: a server uses this folder; or run the version that wrote it",
        },
        ErrorKind::Unavailable => Advice {
            lost: NOTHING,
            remedy: "let the user who runs this read and write the folder (`ls -l`), or look at the disk and its room",
        },
        ErrorKind::Corrupt
        | ErrorKind::Invalid
        | ErrorKind::Unauthorized
        | ErrorKind::Forbidden
        | ErrorKind::NotFound
        | ErrorKind::TooLarge
        | ErrorKind::Overloaded => later_version(),
    }
}
