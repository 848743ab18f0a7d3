//! The grid and its ten names.

use std::fmt;

use serde::{Deserialize, Serialize};

/// One of the ten groups.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Group {
    /// Bought lately and most often.
    Champions,
    /// Buy often, were here not long ago.
    Loyal,
    /// Bought lately, more than once.
    PotentialLoyalists,
    /// Bought lately for the first time.
    New,
    /// Bought once, not long ago.
    Promising,
    /// Middling in both.
    NeedsAttention,
    /// Bought seldom, and a while ago.
    AboutToSleep,
    /// Bought often, but long ago.
    AtRisk,
    /// Bought most often, but long ago.
    CannotLose,
    /// Bought seldom and long ago.
    Hibernating,
}

impl Group {
    /// All of them, the dearest first.
    pub const ALL: [Self; 10] = [
        Self::Champions,
        Self::Loyal,
        Self::PotentialLoyalists,
        Self::New,
        Self::Promising,
        Self::NeedsAttention,
        Self::AboutToSleep,
        Self::AtRisk,
        Self::CannotLose,
        Self::Hibernating,
    ];

    /// The word for it in API, text form and files: `at_risk`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Champions => "champions",
            Self::Loyal => "loyal",
            Self::PotentialLoyalists => "potential_loyalists",
            Self::New => "new",
            Self::Promising => "promising",
            Self::NeedsAttention => "needs_attention",
            Self::AboutToSleep => "about_to_sleep",
            Self::AtRisk => "at_risk",
            Self::CannotLose => "cannot_lose",
            Self::Hibernating => "hibernating",
        }
    }

    /// The group behind a word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|group| group.word() == word)
    }
}

impl fmt::Display for Group {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// One cell of the grid: both scores from 1 to 5.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Cell {
    /// How lately, compared with the others.
    pub r: u8,
    /// How often, compared with the others.
    pub f: u8,
}

/// How many steps a score has.
pub(crate) const SCORES: u8 = 5;

impl Cell {
    /// One code for each cell, and one for none.
    pub(crate) const CODES: usize = SCORES as usize * SCORES as usize + 1;

    /// All cells as the grid is read: F from 5 down, R from 1 up.
    pub fn all() -> impl Iterator<Item = Self> {
        (1..=SCORES).rev().flat_map(|f| (1..=SCORES).map(move |r| Self { r, f }))
    }

    /// The group of this cell.
    pub fn group(self) -> Group {
        match (self.f, self.r) {
            (5, 1 | 2) => Group::CannotLose,
            (5, 5..) | (4, 5..) => Group::Champions,
            (4 | 5, 3 | 4) => Group::Loyal,
            (3 | 4, 1 | 2) => Group::AtRisk,
            (3, 3) => Group::NeedsAttention,
            (3, 4..) | (2, 4..) => Group::PotentialLoyalists,
            (1, 4) => Group::Promising,
            (1, 5..) => Group::New,
            (1 | 2, 3) => Group::AboutToSleep,
            _ => Group::Hibernating,
        }
    }

    pub(crate) fn code(self) -> u8 {
        (self.f - 1) * SCORES + self.r
    }

    pub(crate) fn from_code(code: u8) -> Option<Self> {
        let index = code.checked_sub(1)?;
        Some(Self { r: index % SCORES + 1, f: index / SCORES + 1 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_grid_reads_as_it_is_written() {
        let grid = "cannot_lose  cannot_lose  loyal            loyal                champions
                    at_risk      at_risk      loyal            loyal                champions
                    at_risk      at_risk      needs_attention  potential_loyalists  potential_loyalists
                    hibernating  hibernating  about_to_sleep   potential_loyalists  potential_loyalists
                    hibernating  hibernating  about_to_sleep   promising            new";
        let written = grid.split_whitespace().map(|word| Group::from_word(word).unwrap());
        assert!(Cell::all().map(Cell::group).eq(written));
    }

    #[test]
    fn each_cell_has_a_code_of_its_own() {
        for cell in Cell::all() {
            assert_eq!(Cell::from_code(cell.code()), Some(cell));
            assert!(usize::from(cell.code()) < Cell::CODES);
        }
        assert_eq!(Cell::from_code(0), None);
    }
}
