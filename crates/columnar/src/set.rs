//! A set of customers: one bitset per lane, because ordinals are dense.

use std::ops::{BitAnd, BitOr, Sub};

use model::{CustomerId, LANES, Lane};

const WORD_BITS: usize = u64::BITS as usize;

/// A set of customers. Two million of them are 250 KB; *and*, *or*, *and not* run word by word.
#[derive(Debug, Clone, Default)]
pub struct CustomerSet {
    lanes: [LaneSet; LANES],
}

/// The part of a [`CustomerSet`] that lives in one lane: a bit for each ordinal.
#[derive(Debug, Clone, Default)]
pub struct LaneSet {
    words: Vec<u64>,
}

impl CustomerSet {
    /// Nobody.
    pub fn new() -> Self {
        Self::default()
    }

    /// One set out of what each lane found, in the order of the lanes.
    ///
    /// # Panics
    /// When there is not exactly one set for each lane.
    pub fn from_lanes(lanes: Vec<LaneSet>) -> Self {
        let lanes = lanes.try_into().expect("there is one set for each lane");
        Self { lanes }
    }

    /// The part of it in this lane.
    pub fn lane(&self, lane: Lane) -> &LaneSet {
        &self.lanes[lane.index()]
    }

    /// The part of it in this lane, to change it.
    pub fn lane_mut(&mut self, lane: Lane) -> &mut LaneSet {
        &mut self.lanes[lane.index()]
    }

    /// Adds a customer; whether they are new.
    pub fn insert(&mut self, customer: CustomerId) -> bool {
        self.lane_mut(customer.lane()).insert(customer.ordinal())
    }

    /// Takes a customer out; whether they were in.
    pub fn remove(&mut self, customer: CustomerId) -> bool {
        self.lane_mut(customer.lane()).remove(customer.ordinal())
    }

    /// Whether this customer is in it.
    pub fn contains(&self, customer: CustomerId) -> bool {
        self.lane(customer.lane()).contains(customer.ordinal())
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.lanes.iter().map(LaneSet::len).sum()
    }

    /// Whether it is nobody.
    pub fn is_empty(&self) -> bool {
        self.lanes.iter().all(LaneSet::is_empty)
    }

    /// Everybody in it, by [`CustomerId::number`].
    pub fn iter(&self) -> impl Iterator<Item = CustomerId> + '_ {
        self.after(None)
    }

    /// The next `limit` customers after `after`, by [`CustomerId::number`]: one page of a list, or one step of a
    /// cursor that may stop at any customer and go on from there later.
    pub fn page(&self, after: Option<CustomerId>, limit: usize) -> Vec<CustomerId> {
        self.after(after).take(limit).collect()
    }

    fn after(&self, after: Option<CustomerId>) -> impl Iterator<Item = CustomerId> + '_ {
        let first_word = after.map_or(0, |customer| customer.ordinal() as usize / WORD_BITS);
        let words = self.lanes.iter().map(|lane| lane.words.len()).max().unwrap_or(0);
        (first_word..words)
            .flat_map(move |word| self.word(word))
            .filter(move |customer| after.is_none_or(|after| *customer > after))
    }

    /// The customers behind the word with this index in all lanes, by number.
    fn word(&self, index: usize) -> Vec<CustomerId> {
        let mut customers = Vec::new();
        for (lane, set) in Lane::all().zip(&self.lanes) {
            let word = set.words.get(index).copied().unwrap_or(0);
            customers.extend(bits(word, index).map(|ordinal| CustomerId::new(lane, ordinal)));
        }
        customers.sort_unstable();
        customers
    }
}

impl LaneSet {
    /// Nobody.
    pub fn new() -> Self {
        Self::default()
    }

    /// Nobody yet, with room for ordinals below `ordinals`.
    pub fn with_room(ordinals: usize) -> Self {
        Self { words: vec![0; ordinals.div_ceil(WORD_BITS)] }
    }

    /// The ordinals below `ordinals` for which `test` says yes; asked once for each, in order.
    pub fn from_test(ordinals: usize, mut test: impl FnMut(usize) -> bool) -> Self {
        let words = (0..ordinals.div_ceil(WORD_BITS)).map(|word| {
            let first = word * WORD_BITS;
            let last = ordinals.min(first + WORD_BITS);
            (first..last).fold(0, |bits, ordinal| bits | u64::from(test(ordinal)) << (ordinal - first))
        });
        Self { words: words.collect() }
    }

    /// The ordinals whose bits are set, 64 to a word, the lowest first.
    pub(crate) fn from_words(words: impl Iterator<Item = u64>) -> Self {
        Self { words: words.collect() }
    }

    /// Adds an ordinal; whether it is new.
    #[inline]
    pub fn insert(&mut self, ordinal: u32) -> bool {
        let (word, bit) = place(ordinal);
        if word >= self.words.len() {
            self.words.resize(word + 1, 0);
        }
        let was = self.words[word] & bit;
        self.words[word] |= bit;
        was == 0
    }

    /// Adds the ordinals of customers of this lane, by [`CustomerId::number`].
    pub fn insert_all(&mut self, numbers: &[u32]) {
        let ordinal = |number: &u32| CustomerId::from_number(*number).ordinal();
        let Some(last) = numbers.iter().map(ordinal).max() else { return };
        let words = (last as usize / WORD_BITS + 1).max(self.words.len());
        self.words.resize(words, 0);
        for number in numbers {
            let (word, bit) = place(ordinal(number));
            self.words[word] |= bit;
        }
    }

    /// Takes an ordinal out; whether it was in.
    pub fn remove(&mut self, ordinal: u32) -> bool {
        let (word, bit) = place(ordinal);
        let Some(word) = self.words.get_mut(word) else { return false };
        let was = *word & bit;
        *word &= !bit;
        was != 0
    }

    /// Whether this ordinal is in it.
    #[inline]
    pub fn contains(&self, ordinal: u32) -> bool {
        let (word, bit) = place(ordinal);
        self.words.get(word).is_some_and(|word| word & bit != 0)
    }

    /// The first ordinal in it that is not below `from`.
    pub fn next(&self, from: u32) -> Option<u32> {
        let first = from as usize / WORD_BITS;
        let rest = self.words.iter().enumerate().skip(first);
        let word = |(index, word): (usize, &u64)| {
            let word = if index == first { word & u64::MAX << (from as usize % WORD_BITS) } else { *word };
            bits(word, index).next()
        };
        rest.filter_map(word).next()
    }

    /// The bits of 64 ordinals, the lowest first: those from 64 times `index` on.
    pub(crate) fn word(&self, index: usize) -> u64 {
        self.words.get(index).copied().unwrap_or(0)
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.words.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// Whether it is nobody.
    pub fn is_empty(&self) -> bool {
        self.words.iter().all(|word| *word == 0)
    }

    /// All ordinals in it, in order.
    pub fn iter(&self) -> impl Iterator<Item = u32> + '_ {
        self.words.iter().enumerate().flat_map(|(index, word)| bits(*word, index))
    }

    /// Changes the set word by word: ordinals 0 to 63 first.
    pub(crate) fn each_word(&mut self, change: impl FnMut(&mut u64)) {
        self.words.iter_mut().for_each(change);
    }

    /// Only who is also in `other` stays.
    pub fn keep(&mut self, other: &Self) {
        self.words.truncate(other.words.len());
        self.words.iter_mut().zip(&other.words).for_each(|(word, other)| *word &= other);
    }

    /// Everybody in `other` joins.
    pub fn join(&mut self, other: &Self) {
        if self.words.len() < other.words.len() {
            self.words.resize(other.words.len(), 0);
        }
        self.words.iter_mut().zip(&other.words).for_each(|(word, other)| *word |= other);
    }

    /// Everybody in `other` leaves.
    pub fn leave(&mut self, other: &Self) {
        self.words.iter_mut().zip(&other.words).for_each(|(word, other)| *word &= !other);
    }
}

#[inline]
fn place(ordinal: u32) -> (usize, u64) {
    let ordinal = ordinal as usize;
    (ordinal / WORD_BITS, 1 << (ordinal % WORD_BITS))
}

pub(crate) fn bits(mut word: u64, index: usize) -> impl Iterator<Item = u32> {
    let first = u32::try_from(index * WORD_BITS).expect("an ordinal is below 2^28");
    std::iter::from_fn(move || {
        let bit = word.trailing_zeros();
        word &= word.checked_sub(1)?;
        Some(first + bit)
    })
}

impl PartialEq for LaneSet {
    fn eq(&self, other: &Self) -> bool {
        let (short, long) = if self.words.len() < other.words.len() { (self, other) } else { (other, self) };
        let (head, tail) = long.words.split_at(short.words.len());
        head == short.words && tail.iter().all(|word| *word == 0)
    }
}

impl Eq for LaneSet {}

impl PartialEq for CustomerSet {
    fn eq(&self, other: &Self) -> bool {
        self.lanes == other.lanes
    }
}

impl Eq for CustomerSet {}

impl BitAnd<&CustomerSet> for CustomerSet {
    type Output = Self;

    fn bitand(mut self, other: &CustomerSet) -> Self {
        self.lanes.iter_mut().zip(&other.lanes).for_each(|(lane, other)| lane.keep(other));
        self
    }
}

impl BitOr<&CustomerSet> for CustomerSet {
    type Output = Self;

    fn bitor(mut self, other: &CustomerSet) -> Self {
        self.lanes.iter_mut().zip(&other.lanes).for_each(|(lane, other)| lane.join(other));
        self
    }
}

/// Who is in the first and not in the second.
impl Sub<&CustomerSet> for CustomerSet {
    type Output = Self;

    fn sub(mut self, other: &CustomerSet) -> Self {
        self.lanes.iter_mut().zip(&other.lanes).for_each(|(lane, other)| lane.leave(other));
        self
    }
}

impl FromIterator<CustomerId> for CustomerSet {
    fn from_iter<I: IntoIterator<Item = CustomerId>>(customers: I) -> Self {
        let mut set = Self::new();
        for customer in customers {
            set.insert(customer);
        }
        set
    }
}

impl FromIterator<u32> for LaneSet {
    fn from_iter<I: IntoIterator<Item = u32>>(ordinals: I) -> Self {
        let mut set = Self::new();
        for ordinal in ordinals {
            set.insert(ordinal);
        }
        set
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn customers() -> impl Strategy<Value = BTreeSet<CustomerId>> {
        let number = prop_oneof![0u32..200, 1000u32..1100, Just(63 << 4), Just(64 << 4), Just(65_535)];
        proptest::collection::btree_set(number.prop_map(CustomerId::from_number), 0..60)
    }

    proptest! {
        #[test]
        fn it_answers_like_a_tree_of_customers(a in customers(), b in customers()) {
            let (x, y): (CustomerSet, CustomerSet) = (a.iter().copied().collect(), b.iter().copied().collect());
            let same = |set: CustomerSet, tree: BTreeSet<CustomerId>| {
                prop_assert_eq!(set.len(), tree.len());
                prop_assert!(set.iter().eq(tree));
                Ok(())
            };
            same(x.clone(), a.clone())?;
            same(x.clone() & &y, &a & &b)?;
            same(x.clone() | &y, &a | &b)?;
            same(x.clone() - &y, &a - &b)?;
            prop_assert_eq!(x == y, a == b);
        }

        #[test]
        fn pages_in_a_row_are_the_whole(all in customers(), limit in 1usize..9) {
            let set: CustomerSet = all.iter().copied().collect();
            let mut seen = Vec::new();
            loop {
                let page = set.page(seen.last().copied(), limit);
                if page.is_empty() {
                    break;
                }
                seen.extend(page);
            }
            prop_assert!(seen.into_iter().eq(all));
        }
    }

    #[test]
    fn the_next_in_a_set_is_the_first_not_below() {
        let set: LaneSet = [3, 64, 200].into_iter().collect();
        assert_eq!(
            [0, 3, 4, 64, 65, 200, 201, 999].map(|from| set.next(from)),
            [Some(3), Some(3), Some(64), Some(64), Some(200), Some(200), None, None]
        );
    }

    #[test]
    fn who_was_taken_out_is_gone() {
        let customer = CustomerId::new(Lane::new(3), 70);
        let mut set: CustomerSet = [customer].into_iter().collect();
        assert!(set.remove(customer) && !set.remove(customer) && set.is_empty());
        assert_eq!(set, CustomerSet::new());
    }
}
