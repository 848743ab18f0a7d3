//! What stands in the journal: the kinds of records and their bytes.
//!
//! A kind is a byte that also says the version. A new version is a new kind;
//! old kinds are read for ever (`docs/formats`).

use audience::live;
use model::{ErrorKind, Fact, FactId};

use super::retention::Forget;
use super::seen::SeenReject;

/// One journal record, decoded.
#[derive(Debug, Clone, PartialEq)]
pub enum Entry {
    /// What was admitted.
    Facts(Vec<Fact>),
    /// What was not, and why.
    Rejects(Vec<SeenReject>),
    /// What delivery decided, began and learnt.
    Delivery(Vec<delivery::Record>),
    /// What was decided about live audiences, and that time has passed for them.
    Audiences(Vec<live::Record>),
    /// Which events are not kept any longer.
    Forget(Vec<Forget>),
}

const FACTS_V1: u8 = 1;
const REJECTS_V1: u8 = 2;
const DELIVERY_V1: u8 = 3;
const AUDIENCES_V1: u8 = 4;
const FORGET_V1: u8 = 5;
const AUDIENCES_V2: u8 = 6;

/// A record of this journal that this version cannot read.
#[derive(Debug, thiserror::Error)]
pub enum BadEntry {
    /// Written by a later version.
    #[error(
        "a journal record is of a kind that this version does not know; start a newer version. kind=`{kind}`"
    )]
    Kind {
        /// The kind's byte.
        kind: u8,
    },
    /// Its checksum is right, its content is not.
    #[error("a journal record cannot be decoded. kind=`{kind}`")]
    Content {
        /// The kind's byte.
        kind: u8,
        /// What does not fit.
        source: postcard::Error,
    },
}

impl BadEntry {
    /// What the caller should do.
    pub fn kind(&self) -> ErrorKind {
        ErrorKind::Corrupt
    }
}

impl Entry {
    /// How many items it holds.
    pub fn len(&self) -> usize {
        match self {
            Self::Facts(facts) => facts.len(),
            Self::Rejects(rejects) => rejects.len(),
            Self::Delivery(records) => records.len(),
            Self::Audiences(records) => records.len(),
            Self::Forget(records) => records.len(),
        }
    }

    /// What its items are called.
    pub(super) fn kind_name(&self) -> &'static str {
        match self {
            Self::Facts(_) => "facts",
            Self::Rejects(_) => "rejects",
            Self::Delivery(_) => "delivery",
            Self::Audiences(_) => "audiences",
            Self::Forget(_) => "forget",
        }
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Reads a record.
    ///
    /// # Errors
    /// [`BadEntry`] when its kind is unknown or its bytes are not what the kind says.
    pub fn decode(kind: u8, bytes: &[u8]) -> Result<Self, BadEntry> {
        let content = |source| BadEntry::Content { kind, source };
        match kind {
            FACTS_V1 => postcard::from_bytes(bytes).map(Self::Facts).map_err(content),
            REJECTS_V1 => postcard::from_bytes(bytes).map(Self::Rejects).map_err(content),
            DELIVERY_V1 => postcard::from_bytes(bytes).map(Self::Delivery).map_err(content),
            AUDIENCES_V1 => postcard::from_bytes(bytes).map(at_once).map_err(content),
            AUDIENCES_V2 => postcard::from_bytes(bytes).map(Self::Audiences).map_err(content),
            FORGET_V1 => postcard::from_bytes(bytes).map(Self::Forget).map_err(content),
            kind => Err(BadEntry::Kind { kind }),
        }
    }
}

/// The first version had no word for what is counted: every edit was in force at once.
fn at_once(records: Vec<live::Record>) -> Entry {
    Entry::Audiences(records.into_iter().flat_map(live::Record::at_once).collect())
}

/// The most that the number of items takes.
const COUNT_BYTES_MAX: usize = 10;
/// Most items fit, so that they are not copied while their bytes grow.
const ITEM_BYTES_USUAL: usize = 256;

/// Facts on their way to an engine: each is made ready for the journal while it is at hand.
#[derive(Debug)]
pub struct Facts {
    facts: Vec<Fact>,
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl Facts {
    /// None yet, with room for so many.
    pub fn with_room(facts: usize) -> Self {
        let mut bytes = Vec::with_capacity(COUNT_BYTES_MAX + facts * ITEM_BYTES_USUAL);
        bytes.resize(COUNT_BYTES_MAX, 0);
        Self { facts: Vec::with_capacity(facts), bytes, ends: Vec::with_capacity(facts) }
    }

    /// Adds one.
    pub fn push(&mut self, fact: Fact) {
        push_item(&fact, &mut self.bytes, &mut self.ends);
        self.facts.push(fact);
    }
}

impl From<Vec<Fact>> for Facts {
    fn from(facts: Vec<Fact>) -> Self {
        let mut ready = Self::with_room(0);
        ready.bytes.reserve(facts.len() * ITEM_BYTES_USUAL);
        push_all(&facts, &mut ready.bytes, &mut ready.ends);
        Self { facts, ..ready }
    }
}

impl From<Facts> for Submission {
    fn from(ready: Facts) -> Self {
        let Facts { facts, bytes, ends } = ready;
        Self { entry: Entry::Facts(facts), bytes, ends }
    }
}

/// An entry with its bytes made ready by the thread that brings it, so that the one writer only copies.
#[derive(Debug)]
pub(super) struct Submission {
    pub(super) entry: Entry,
    /// Room for their number, then the encoded items, one after another.
    bytes: Vec<u8>,
    /// Where each item ends in `bytes`.
    ends: Vec<usize>,
}

impl Submission {
    /// Makes an entry ready.
    pub(super) fn new(entry: Entry) -> Self {
        let mut bytes = Vec::with_capacity(COUNT_BYTES_MAX + entry.len() * ITEM_BYTES_USUAL);
        bytes.resize(COUNT_BYTES_MAX, 0);
        let mut submission = Self { bytes, ends: Vec::with_capacity(entry.len()), entry };
        match &submission.entry {
            Entry::Facts(items) => push_all(items, &mut submission.bytes, &mut submission.ends),
            Entry::Rejects(items) => push_all(items, &mut submission.bytes, &mut submission.ends),
            Entry::Delivery(items) => push_all(items, &mut submission.bytes, &mut submission.ends),
            Entry::Audiences(items) => push_all(items, &mut submission.bytes, &mut submission.ends),
            Entry::Forget(items) => push_all(items, &mut submission.bytes, &mut submission.ends),
        }
        submission
    }

    /// How many bytes it will take.
    pub(super) fn len_bytes(&self) -> usize {
        self.bytes.len()
    }

    /// Drops the facts of which `keep` says so; returns how many went.
    pub(super) fn retain_facts(&mut self, keep: &[bool]) -> usize {
        let Entry::Facts(facts) = &mut self.entry else { return 0 };
        let dropped = keep.iter().filter(|keep| !**keep).count();
        if dropped > 0 {
            let mut bytes = Vec::with_capacity(self.bytes.len());
            bytes.resize(COUNT_BYTES_MAX, 0);
            let (mut ends, mut start) = (Vec::new(), COUNT_BYTES_MAX);
            for (keep, end) in keep.iter().zip(&self.ends) {
                if *keep {
                    bytes.extend_from_slice(&self.bytes[start..*end]);
                    ends.push(bytes.len());
                }
                start = *end;
            }
            (self.bytes, self.ends) = (bytes, ends);
            let mut keep = keep.iter().copied();
            facts.retain(|_| keep.next().unwrap_or(true));
        }
        dropped
    }

    /// The ids of its facts, when it holds facts.
    pub(super) fn fact_ids(&self) -> impl Iterator<Item = &FactId> {
        let facts: &[Fact] = match &self.entry {
            Entry::Facts(facts) => facts,
            Entry::Rejects(_) | Entry::Delivery(_) | Entry::Audiences(_) | Entry::Forget(_) => &[],
        };
        facts.iter().map(|fact| &fact.id)
    }

    /// How many items it holds.
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The record: its kind and its bytes (the length as a varint, then the items: postcard's list).
    pub(super) fn record(&mut self) -> (u8, &[u8]) {
        let kind = match &self.entry {
            Entry::Facts(_) => FACTS_V1,
            Entry::Rejects(_) => REJECTS_V1,
            Entry::Delivery(_) => DELIVERY_V1,
            Entry::Audiences(_) => AUDIENCES_V2,
            Entry::Forget(_) => FORGET_V1,
        };
        // The number stands right before the items, so that nothing has to be moved.
        let mut count = [0; COUNT_BYTES_MAX];
        let count = postcard::to_slice(&self.ends.len(), &mut count).expect("there is room for any number");
        let start = COUNT_BYTES_MAX - count.len();
        self.bytes[start..COUNT_BYTES_MAX].copy_from_slice(count);
        (kind, &self.bytes[start..])
    }
}

fn push_all<T: serde::Serialize>(items: &[T], bytes: &mut Vec<u8>, ends: &mut Vec<usize>) {
    items.iter().for_each(|item| push_item(item, bytes, ends));
}

fn push_item<T: serde::Serialize>(item: &T, bytes: &mut Vec<u8>, ends: &mut Vec<usize>) {
    *bytes = postcard::to_extend(item, std::mem::take(bytes)).expect("our own types can be encoded");
    ends.push(bytes.len());
}

#[cfg(test)]
mod tests {
    use model::{Identifier, Instant, SourceId, What};

    use super::*;

    fn fact(n: u32) -> Fact {
        Fact {
            id: FactId::of(SourceId(1), &n.to_string()),
            at: Instant::from_ms(i64::from(n)),
            received_at: Instant::from_ms(0),
            source: SourceId(1),
            who: vec![Identifier::user("1")],
            what: vec![What::Block(true)],
        }
    }

    #[test]
    fn facts_made_ready_one_by_one_are_the_same_record() {
        let mut ready = Facts::with_room(300);
        (0..300).map(fact).for_each(|fact| ready.push(fact));
        let mut one_by_one = Submission::from(ready);
        for mut other in [
            Submission::from(Facts::from((0..300).map(fact).collect::<Vec<_>>())),
            Submission::new(Entry::Facts((0..300).map(fact).collect())),
        ] {
            assert_eq!(one_by_one.record(), other.record());
            assert_eq!(one_by_one.entry, other.entry);
        }
    }

    #[test]
    fn what_is_submitted_is_decoded_again_without_the_duplicates() {
        let mut submission = Submission::new(Entry::Facts((0..300).map(fact).collect()));
        let second = FactId::of(SourceId(1), "1");
        let keep: Vec<bool> = submission.fact_ids().map(|id| *id != second).collect();
        let dropped = submission.retain_facts(&keep);
        assert_eq!((dropped, submission.len()), (1, 299));
        let (kind, bytes) = submission.record();
        let decoded = Entry::decode(kind, bytes).unwrap();
        assert_eq!(decoded, submission.entry);
    }

    #[test]
    fn what_is_told_of_live_audiences_is_these_bytes_in_every_version() {
        let at = Instant::from_ms(1_000);
        let defined = live::Change::Defined { name: "vip".into(), condition: "reachable".into() };
        let removed = live::Change::Removed { name: "vip".into() };
        let zone = live::Change::Zone { zone: "Asia/Tokyo".into() };
        let changes = [live::Change::Passed, defined, removed, zone, live::Change::Counted { edits: 3 }];
        let entry = Entry::Audiences(changes.map(|change| live::Record { at, change }).into());
        let mut submission = Submission::new(entry.clone());
        let (kind, bytes) = submission.record();
        assert_eq!(
            format!("{kind}: {}", hex::encode(bytes)),
            "6: 05d00f00d00f010376697009726561636861626c65d00f0203766970d00f030a417369612f546f6b796fd00f0403"
        );
        assert_eq!(Entry::decode(kind, bytes).unwrap(), entry);

        let first = "02d00f00d00f010376697009726561636861626c65";
        let changes = [
            live::Change::Passed,
            live::Change::Defined { name: "vip".into(), condition: "reachable".into() },
            live::Change::Counted { edits: 1 },
        ];
        let at_once = Entry::Audiences(changes.map(|change| live::Record { at, change }).into());
        assert_eq!(Entry::decode(4, &hex::decode(first).unwrap()).unwrap(), at_once);

        let vip = live::KeptAudience { name: "vip".into(), condition: "reachable".into(), since: at };
        let kept = live::Kept { at, audiences: vec![vip], ..live::Kept::default() };
        let bytes = postcard::to_allocvec(&kept).unwrap();
        assert_eq!(hex::encode(&bytes), "d00f03555443010376697009726561636861626c65d00f");
        assert_eq!(postcard::from_bytes::<live::Kept>(&bytes).unwrap(), kept);
    }

    #[test]
    fn what_is_told_of_retention_is_these_bytes_in_every_version() {
        let entry = Entry::Forget(vec![Forget { at: Instant::from_ms(1_000), before: Instant::from_ms(-5) }]);
        let mut submission = Submission::new(entry.clone());
        let (kind, bytes) = submission.record();
        assert_eq!(format!("{kind}: {}", hex::encode(bytes)), "5: 01d00f09");
        assert_eq!(Entry::decode(kind, bytes).unwrap(), entry);
    }

    #[test]
    fn a_record_of_the_future_is_refused_by_name() {
        let error = Entry::decode(99, &[]).unwrap_err();
        assert!(error.to_string().ends_with("kind=`99`"));
    }
}
