//! What is known of every message, by launch: the ledger's index, so that lists page by key and counts are kept.
//!
//! It follows the ledger's rows, live and after a crash by the same code, and can be made again from them.

use std::ops::{Bound, ControlFlow};

use delivery::{Counts, RunId, Story};
use model::{CampaignId, CustomerId, MessageId, Row};
use serde::{Deserialize, Serialize};
use state::{Key, Persist, Record, Store, Table};

/// How many stories one question to the fold may look through: it must not be kept from its work for long.
const SCAN_MAX: usize = 10_000;

/// The stories of all messages and the counts of all launches.
#[derive(Debug)]
pub struct Stories {
    stories: Table<StoryKey, Kept<Story>>,
    counts: Table<RunKey, Kept<Counts>>,
}

/// Some stories of one launch, in the order of its customers.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Scanned {
    /// Those that were wanted.
    pub stories: Vec<(MessageId, Story)>,
    /// Go on after this customer; none: nobody comes after.
    pub next: Option<CustomerId>,
}

impl Stories {
    /// As the last checkpoint of `store` knows them.
    pub(super) fn open(store: &mut Store) -> Result<Self, state::Error> {
        Ok(Self { stories: store.table("server.stories")?, counts: store.table("server.run_counts")? })
    }

    /// The tables, for [`Store::checkpoint`].
    pub(super) fn tables(&mut self) -> [&mut dyn Persist; 2] {
        [&mut self.stories, &mut self.counts]
    }

    /// Follows a row; rows that are not about messages say nothing.
    pub(super) fn observe(&mut self, row: &Row) -> Result<(), state::Error> {
        let Some(message) = delivery::message_of(row) else { return Ok(()) };
        let (key, run) = (StoryKey::of(message), RunKey(RunId::of(message)));
        let story = self.stories.get_or_put(&key, Kept::default)?;
        let before = story.0;
        story.0.observe(row);
        self.counts.get_or_put(&run, Kept::default)?.0.follow(row, (&before, &story.0));
        Ok(())
    }

    /// What came of the messages of a launch.
    pub fn counts(&self, run: RunId) -> Result<Counts, state::Error> {
        Ok(self.counts.read(&RunKey(run))?.map(|kept| kept.0).unwrap_or_default())
    }

    /// The next stories of a launch after a customer of which `wanted` says yes, at most `limit`. Looks through so many
    /// at most that it takes a moment only; ask again with [`Scanned::next`] until there is none.
    pub fn scan(
        &mut self,
        run: RunId,
        (after, limit): (Option<CustomerId>, usize),
        wanted: impl Fn(&Story) -> bool,
    ) -> Result<Scanned, state::Error> {
        let key = |customer| StoryKey::of(run.message(customer));
        let from = match after {
            Some(customer) => Bound::Excluded(key(customer)),
            None => Bound::Included(key(CustomerId::from_number(0))),
        };
        let (mut scanned, mut looked) = (Scanned::default(), 0);
        self.stories.scan(from.as_ref(), |key, Kept(story)| {
            let message = key.message();
            if RunId::of(message) != run {
                scanned.next = None;
                return ControlFlow::Break(());
            }
            if scanned.stories.len() >= limit || looked >= SCAN_MAX {
                return ControlFlow::Break(());
            }
            looked += 1;
            scanned.next = Some(message.customer);
            if wanted(story) {
                scanned.stories.push((message, *story));
            }
            ControlFlow::Continue(())
        })?;
        if looked < SCAN_MAX && scanned.stories.len() < limit {
            scanned.next = None;
        }
        Ok(scanned)
    }
}

/// What `delivery` knows, as a value of ours.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
struct Kept<T>(T);

impl Record for Kept<Story> {
    const VERSION: u8 = 1;
}

impl Record for Kept<Counts> {
    const VERSION: u8 = 1;
}

/// One launch: campaign, occurrence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct RunKey(RunId);

impl Key for RunKey {
    fn encode(&self, bytes: &mut Vec<u8>) {
        self.0.campaign.0.encode(bytes);
        self.0.occurrence.encode(bytes);
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let (campaign, occurrence) = bytes.split_at_checked(4)?;
        let campaign = CampaignId(u32::decode(campaign)?);
        Some(Self(RunId { campaign, occurrence: u32::decode(occurrence)? }))
    }
}

/// One message, by launch first: the launch, then the customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct StoryKey(RunKey, CustomerId);

impl StoryKey {
    fn of(message: MessageId) -> Self {
        Self(RunKey(RunId::of(message)), message.customer)
    }

    fn message(self) -> MessageId {
        self.0.0.message(self.1)
    }
}

impl Key for StoryKey {
    fn encode(&self, bytes: &mut Vec<u8>) {
        self.0.encode(bytes);
        self.1.encode(bytes);
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let (run, customer) = bytes.split_at_checked(8)?;
        Some(Self(RunKey::decode(run)?, CustomerId::decode(customer)?))
    }
}

#[cfg(test)]
mod tests {
    use model::stream::{self, message as names};
    use model::{Instant, Properties};

    use super::*;

    const RUN: RunId = RunId { campaign: CampaignId(7), occurrence: 1 };

    fn stories() -> (tempfile::TempDir, Store, Stories) {
        let dir = tempfile::tempdir().unwrap();
        let mut store = Store::open(dir.path(), state::Options::default()).unwrap();
        let stories = Stories::open(&mut store).unwrap();
        (dir, store, stories)
    }

    fn row(run: RunId, customer: u32, event: &str, properties: &[(&str, &str)]) -> Row {
        let customer = CustomerId::from_number(customer);
        let mut all = Properties::new();
        all.insert("message", run.message(customer).to_string().as_str());
        for (name, value) in properties {
            all.insert(*name, *value);
        }
        Row { customer, at: Instant::from_ms(5), stream: stream::event(event), properties: all }
    }

    /// Twenty are written to, every fifth mail comes back; another launch is beside it.
    fn launched(stories: &mut Stories) {
        let other = RunId { occurrence: 2, ..RUN };
        for customer in 1..=20 {
            for run in [RUN, other] {
                let sent = [("outcome", "send"), ("channel", "email")];
                stories.observe(&row(run, customer, names::DECIDED, &sent)).unwrap();
                stories.observe(&row(run, customer, names::SENT, &[])).unwrap();
            }
            if customer % 5 == 0 {
                stories.observe(&row(RUN, customer, names::BOUNCED, &[("reason", "5.1.1")])).unwrap();
            }
        }
    }

    fn pages(stories: &mut Stories, word: &str, limit: usize) -> Vec<Vec<u32>> {
        let (mut pages, mut after) = (Vec::new(), None);
        loop {
            let scanned = stories.scan(RUN, (after, limit), |story| story.is(word)).unwrap();
            pages.push(scanned.stories.iter().map(|(message, _)| message.customer.number()).collect());
            after = scanned.next;
            if after.is_none() {
                return pages;
            }
        }
    }

    #[test]
    fn a_list_pages_by_customer_and_stays_in_its_launch() {
        let (_dir, mut store, mut stories) = stories();
        launched(&mut stories);
        assert_eq!(pages(&mut stories, "bounced", 2), [vec![5, 10], vec![15, 20]]);
        store.checkpoint(9, &[], &mut stories.tables()).unwrap();
        assert_eq!(pages(&mut stories, "bounced", 3), [vec![5, 10, 15], vec![20]]);
        assert_eq!(pages(&mut stories, "sent", 50).concat().len(), 20);
    }

    #[test]
    fn counts_are_kept_over_a_checkpoint_and_count_once_what_is_told_twice() {
        let (dir, mut store, mut stories) = stories();
        launched(&mut stories);
        launched(&mut stories);
        let counts = stories.counts(RUN).unwrap();
        assert_eq!((counts.planned, counts.of(delivery::Mark::Bounced), counts.arrived), (20, 4, 16));
        store.checkpoint(9, &[], &mut stories.tables()).unwrap();
        drop((store, stories));
        let mut store = Store::open(dir.path(), state::Options::default()).unwrap();
        let again = Stories::open(&mut store).unwrap();
        assert_eq!(again.counts(RUN).unwrap(), counts);
    }

    #[test]
    fn the_order_of_bytes_is_the_order_of_launches_and_customers() {
        let key = |campaign, occurrence, customer| {
            let run = RunKey(RunId { campaign: CampaignId(campaign), occurrence });
            StoryKey(run, CustomerId::from_number(customer))
        };
        let keys = [key(1, 0, 9), key(1, 1, 0), key(1, 1, 256), key(2, 0, 1), key(300, 0, 0)];
        let bytes = keys.map(|key| {
            let mut bytes = Vec::new();
            key.encode(&mut bytes);
            assert_eq!(StoryKey::decode(&bytes), Some(key));
            bytes
        });
        assert!(bytes.is_sorted() && keys.is_sorted());
    }
}
