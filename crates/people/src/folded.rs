//! What one fact changed, for those who hold columns, audiences and the ledger.

use model::{CustomerId, Instant, Row, Text};

/// What one fact changed. To be applied in this order: `merges`, `unmerged`, `rows`, `erased`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Folded {
    /// Whom the fact is about, after all merges. `None`: nobody, because the house spoke of somebody who was
    /// erased, or an erasure or unmerge named nobody we know.
    pub customer: Option<CustomerId>,
    /// Nobody had this customer's identifiers before.
    pub created: bool,
    /// Who became part of whom; all rows of `from` belong to `to` from now on.
    pub merges: Vec<Merge>,
    /// Which earlier merges were undone; the rows they moved go back from `to` to `from`.
    pub unmerged: Vec<Merge>,
    /// What columns learn. Not all rows are the customer's own: a push token that moves on takes its row along.
    pub rows: Vec<Row>,
    /// Who is to be hidden from every question, at once.
    pub erased: Option<CustomerId>,
    /// What the fact said in vain, and why.
    pub refused: Vec<Refused>,
}

/// One customer became part of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Merge {
    /// Who was absorbed.
    pub from: CustomerId,
    /// Who they are part of.
    pub to: CustomerId,
}

/// Something that a fact said in vain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// Which part of the fact: `who`, `traits`, `topic`, `address`, `unmerge`.
    pub field: &'static str,
    /// What it said.
    pub value: Text,
    /// Why it has no effect.
    pub reason: Reason,
}

/// Why something a fact said has no effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error, serde::Serialize, serde::Deserialize)]
pub enum Reason {
    /// Two user ids are two people; only `alias` says otherwise.
    #[error("a fact names one user id; the first counts")]
    SecondUserId,
    /// The customer has as many identifiers as a customer may have.
    #[error("the customer has the most identifiers a customer may have")]
    IdentifiersFull,
    /// The customer has as many traits as a customer may have.
    #[error("the customer has the most traits a customer may have")]
    TraitsFull,
    /// The customer has a word on as many topics as a customer may have.
    #[error("the customer has the most topics a customer may have")]
    TopicsFull,
    /// The customer has as many addresses as a customer may have.
    #[error("the customer has the most addresses a customer may have")]
    AddressesFull,
    /// Only numbers can be incremented.
    #[error("only a number can be incremented")]
    NotANumber,
    /// No merge brought that identifier into this customer.
    #[error("no merge brought this identifier into the customer")]
    NeverMerged,
    /// Only the house names customers by their number.
    #[error("identifiers of kind `$customer` are the house's own")]
    HouseOnly,
}

impl Reason {
    /// The word in API, console and documents.
    pub fn word(self) -> &'static str {
        match self {
            Self::SecondUserId => "second_user_id",
            Self::IdentifiersFull => "identifiers_full",
            Self::TraitsFull => "traits_full",
            Self::TopicsFull => "topics_full",
            Self::AddressesFull => "addresses_full",
            Self::NotANumber => "not_a_number",
            Self::NeverMerged => "never_merged",
            Self::HouseOnly => "house_only",
        }
    }

    /// One sentence that says what to do.
    pub fn fix(self) -> &'static str {
        match self {
            Self::SecondUserId => "use `alias` to say that two are one person",
            Self::IdentifiersFull => {
                "look whether a shared device or a test gives one customer many names; docs/limits.md lists the limits"
            }
            Self::TraitsFull => {
                "remove traits that nobody uses, by setting them to null; docs/limits.md lists the limits"
            }
            Self::TopicsFull => "use fewer topics; docs/limits.md lists the limits",
            Self::AddressesFull => {
                "remove addresses that are no longer used; docs/limits.md lists the limits"
            }
            Self::NotANumber => "set the trait to a number first",
            Self::NeverMerged => "look at the customer's history for what was merged",
            Self::HouseOnly => "name the customer by an identifier of your own",
        }
    }
}

/// When and with whom a customer became one, and whether that was undone: who-is-who history.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct MergeNote {
    /// Numbers the merges into one customer.
    pub number: u32,
    /// Who was absorbed.
    pub absorbed: CustomerId,
    /// When the fact that said so happened.
    pub at: Instant,
    /// By which identifier of the absorbed customer, as text.
    pub by: Text,
    /// When it was undone.
    pub undone_at: Option<Instant>,
}
