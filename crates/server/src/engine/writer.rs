//! The writer thread: the only one that appends to the journal.
//!
//! It takes what has gathered in its inbox, drops facts told twice, appends
//! all of it as one group (one fsync), answers, and hands the entries on to the
//! fold. It never decides anything.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender};

use host::Clock;
use journal::{Journal, Position, Window};
use model::FactId;
use tokio::sync::oneshot;

use super::entry::{Entry, Submission};
use super::fold::{self, Group};
use super::handle::{Accepted, Error};
use super::held::Watch;
use super::room::{Place, Room};
use super::shared::Shared;

/// A group is closed when it holds so many bytes; a request is at most 500 KB, so this is many requests.
const GROUP_BYTES_MAX: usize = 8 << 20;

/// What the writer's inbox holds.
pub(super) enum Input {
    /// Something to append.
    Append(Append),
    /// Nobody needs what lies before this: it is in a base.
    Cut(Position),
    /// Append what came before this, and go.
    Stop,
}

/// Something to append.
pub(super) struct Append {
    pub(super) submission: Submission,
    /// Whom to tell; nobody for the fold's own records, which are told by reading them.
    pub(super) reply: Option<oneshot::Sender<Result<Accepted, Error>>>,
    /// What it takes of the inbox, in bytes, until it is on disk.
    pub(super) place: Place,
}

pub(super) struct Writer {
    pub(super) journal: Journal,
    pub(super) window: Window,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) shared: Arc<Shared>,
    pub(super) fold: SyncSender<fold::Input>,
    /// What may wait for the fold, in items of entries.
    pub(super) backlog: Arc<Room>,
    pub(super) watch: Watch,
}

impl Writer {
    /// Works until it is told to stop.
    pub(super) fn run(mut self, inbox: &Receiver<Input>) {
        let mut open = true;
        while open && let Ok(first) = inbox.recv() {
            let (mut group, mut bytes, mut items, mut next) = (Vec::new(), 0, 0, Some(first));
            // What the fold takes long for comes to it in small groups: it is applied as a whole.
            let items_max = self.backlog.max() / 2;
            while let Some(input) = next {
                match input {
                    Input::Append(append) => {
                        bytes += append.submission.len_bytes();
                        items += append.submission.len();
                        group.push(append);
                    }
                    Input::Cut(position) => self.cut(position),
                    Input::Stop => open = false,
                }
                let more = open && bytes < GROUP_BYTES_MAX && items < items_max;
                next = if more { inbox.try_recv().ok() } else { None };
            }
            self.commit(group);
        }
        // Seal what gathered, so that the next start has nothing to remember anew.
        if let Err(error) = self.window.seal(self.journal.end(), self.clock.now()) {
            tracing::warn!(error = %super::chain(&error), "the window of recent ids is not sealed; the next start reads it from the journal");
        }
    }

    /// Removes the files of the journal that nobody needs: neither to fold what comes after the base again, nor to
    /// remember recent ids, which are sealed for this.
    fn cut(&mut self, position: Position) {
        let sealed = self.window.seal(self.journal.end(), self.clock.now());
        let from = position.min(self.window.sealed_to());
        if let Err(error) = sealed.and_then(|()| self.journal.retain_from(from)) {
            tracing::warn!(error = %super::chain(&error), "the journal is not cut; it is tried again with the next base");
        }
    }

    /// What was accepted before something was forgotten stands in files of its own, so that it can go.
    fn begin_file(&mut self) {
        if let Err(error) = self.journal.begin_file() {
            tracing::warn!(error = %super::chain(&error), "forgotten events stay in the journal until a later file is cut");
        }
    }

    fn commit(&mut self, group: Vec<Append>) {
        if group.is_empty() {
            return;
        }
        self.watch.start();
        let mut duplicates = Vec::with_capacity(group.len());
        let mut fresh = Vec::with_capacity(group.len());
        for mut append in group {
            match claim(&mut self.window, &mut append.submission) {
                Ok(dropped) => {
                    duplicates.push(dropped);
                    fresh.push(append);
                }
                Err(error) => refuse(append, &error),
            }
        }
        self.watch.ended("window");
        let records = fresh.iter_mut().filter(|append| append.submission.len() > 0);
        let appended = self.journal.append_group(records.map(|append| append.submission.record()));
        self.watch.ended("journal");
        match appended {
            Ok(position) => {
                if fresh.iter().any(|append| matches!(append.submission.entry, Entry::Forget(_))) {
                    self.begin_file();
                }
                self.acknowledge(fresh, &duplicates, position);
            }
            Err(error) => {
                for append in fresh {
                    self.window.forget(append.submission.fact_ids());
                    refuse(append, &error);
                }
            }
        }
    }

    /// Answers everybody, then hands the whole group on to the fold, which may have to make room first.
    fn acknowledge(&mut self, group: Vec<Append>, duplicates: &[usize], position: Position) {
        let (mut entries, mut items) = (Vec::with_capacity(group.len()), 0);
        for (Append { submission, reply, place }, duplicate) in group.into_iter().zip(duplicates) {
            let accepted = Accepted { accepted: submission.len(), duplicate: *duplicate, position };
            self.shared.count(&submission.entry, *duplicate);
            if let Some(reply) = reply {
                // A client that hung up is no error: what it sent is kept.
                drop(reply.send(Ok(accepted)));
            }
            drop(place);
            if accepted.accepted > 0 {
                items += accepted.accepted;
                entries.push(submission.entry);
            }
        }
        self.hand_on(entries, items, position);
        self.watch.ended("wait for the fold");
        if self.window.wants_sealing()
            && let Err(error) = self.window.seal(position, self.clock.now())
        {
            tracing::warn!(error = %super::chain(&error), "recent ids stay in memory, the disk refused them");
        }
        self.watch.ended("seal of recent ids");
    }

    fn hand_on(&self, entries: Vec<Entry>, items: usize, position: Position) {
        if entries.is_empty() {
            return;
        }
        let place = self.backlog.take(items);
        if self.fold.send(fold::Input::Group(Group { position, entries, place })).is_err() {
            tracing::error!(
                "the fold has stopped; what was accepted is in the journal and is folded at the next start"
            );
        }
    }
}

/// Drops the facts that were told before and remembers the others; returns how many were dropped.
fn claim(window: &mut Window, submission: &mut Submission) -> Result<usize, journal::Error> {
    let ids: Vec<FactId> = submission.fact_ids().copied().collect();
    Ok(submission.retain_facts(&window.insert_all(&ids)?))
}

fn refuse(append: Append, error: &journal::Error) {
    tracing::error!(error = %super::chain(error), "the journal refused a group");
    if let Some(reply) = append.reply {
        drop(reply.send(Err(Error::Journal { kind: error.kind(), reason: super::chain(error) })));
    }
}

/// Remembers the facts that were appended after the window was last sealed.
pub(super) fn remember(window: &mut Window, entry: &Entry) -> Result<(), journal::Error> {
    if let Entry::Facts(facts) = entry {
        let ids: Vec<FactId> = facts.iter().map(|fact| fact.id).collect();
        window.insert_all(&ids)?;
    }
    Ok(())
}
