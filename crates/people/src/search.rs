//! Finding people by the beginning of a name, e-mail, user id or telephone number.

use std::collections::BTreeSet;
use std::ops::{Bound, ControlFlow};
use std::sync::Arc;

use model::{CustomerId, Identifier, IdentifierKind, Text, TraitChange, TraitOperation};
use state::Key;

use crate::Error;
use crate::people::{Page, People};
use crate::person::Person;
use crate::profile::Profile;

/// Traits that people look for; names also word by word.
const NAMES: &[&str] = &["name", "first_name", "last_name", "firstName", "lastName"];
const WHOLE: &[&str] = &["email", "phone"];

/// Longer texts are found by this much of their beginning.
const TERM_BYTES_MAX: usize = 120;

/// A text that leads to a customer: how people write it, without the difference of capitals.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Term {
    text: Text,
    customer: CustomerId,
}

impl Key for Term {
    fn encode(&self, bytes: &mut Vec<u8>) {
        bytes.extend_from_slice(self.text.as_bytes());
        bytes.push(0);
        self.customer.encode(bytes);
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let (text, customer) = bytes.split_at_checked(bytes.len().checked_sub(4)?)?;
        let text = std::str::from_utf8(text.strip_suffix(&[0])?).ok()?;
        Some(Self { text: text.into(), customer: CustomerId::decode(customer)? })
    }
}

impl People {
    /// Customers with an e-mail, name, user id or telephone number that begins with `text`, in the order of
    /// what matches. `after`: the `next` of the page before.
    pub fn search(&mut self, text: &str, after: Option<&str>, limit: usize) -> Result<Page, Error> {
        let prefix = folded(text);
        if prefix.is_empty() {
            return self.list(after, limit);
        }
        let first = Term { text: prefix.clone(), customer: CustomerId::from_number(0) };
        let from = match after {
            Some(after) => Bound::Excluded(term_of(after)?),
            None => Bound::Included(first),
        };
        let (mut page, mut last, mut failure) = (Page::default(), None, None);
        let persons = &self.persons;
        self.terms.scan(from.as_ref(), |term, ()| {
            if !term.text.starts_with(prefix.as_str()) {
                return ControlFlow::Break(());
            }
            match persons.read(&term.customer) {
                Ok(Some(Person::Here(profile)))
                    if first_match(&profile, &prefix) == Some(&term.text).cloned() =>
                {
                    if page.profiles.len() == limit {
                        page.next = last.take();
                        return ControlFlow::Break(());
                    }
                    last = Some(format!("{}:{}", term.customer, term.text));
                    page.profiles.push(profile);
                    ControlFlow::Continue(())
                }
                Ok(_) => ControlFlow::Continue(()),
                Err(error) => {
                    failure = Some(error);
                    ControlFlow::Break(())
                }
            }
        })?;
        failure.map_or(Ok(page), |error| Err(error.into()))
    }

    /// All customers in the order of their numbers. `after`: the `next` of the page before.
    pub fn list(&self, after: Option<&str>, limit: usize) -> Result<Page, Error> {
        let mut number = match after {
            Some(after) => after.parse::<CustomerId>().map_err(|_| bad(after))?.number().saturating_add(1),
            None => 0,
        };
        let (mut page, end) = (Page::default(), self.numbers_end());
        while number < end {
            if let Some(Person::Here(profile)) = self.persons.read(&CustomerId::from_number(number))? {
                if page.profiles.len() == limit {
                    page.next = page.profiles.last().map(|last: &Arc<Profile>| last.customer.to_string());
                    break;
                }
                page.profiles.push(profile);
            }
            number += 1;
        }
        Ok(page)
    }

    /// Makes a new identifier findable.
    pub(crate) fn index(&mut self, customer: CustomerId, identifier: &Identifier) {
        if let Some(text) = identifier_term(identifier) {
            self.terms.put(Term { text, customer }, ());
        }
    }

    /// Makes findable what `after` says, and nothing else that `before` said.
    pub(crate) fn reindex(&mut self, before: Option<&Profile>, after: Option<&Profile>) {
        let terms = |profile: Option<&Profile>| -> BTreeSet<Term> {
            let customer = profile.map(|profile| profile.customer);
            let texts = profile.map(texts).unwrap_or_default();
            texts
                .into_iter()
                .zip(customer.into_iter().cycle())
                .map(|(text, customer)| Term { text, customer })
                .collect()
        };
        let (before, after) = (terms(before), terms(after));
        for gone in before.difference(&after) {
            self.terms.remove(gone);
        }
        for new in after.difference(&before) {
            self.terms.put(new.clone(), ());
        }
    }
}

/// Whether this may change how the customer is found. Most applications repeat the name with every sign-in.
pub(crate) fn renames(profile: &Profile, change: &TraitChange) -> bool {
    let indexed = NAMES.contains(&change.name.as_str()) || WHOLE.contains(&change.name.as_str());
    let repeats =
        matches!(&change.operation, TraitOperation::Set(value) if profile.value(&change.name) == Some(value));
    indexed && !repeats
}

/// Everything a customer is found by.
fn texts(profile: &Profile) -> BTreeSet<Text> {
    let mut texts: BTreeSet<Text> = profile.identifiers.iter().filter_map(identifier_term).collect();
    let said = |name: &&str| profile.value(name).and_then(|value| value.text()).map(folded);
    texts.extend(WHOLE.iter().filter_map(said));
    for name in NAMES.iter().filter_map(said) {
        texts.extend(name.split_whitespace().map(Text::from));
        texts.insert(name);
    }
    texts.remove("");
    texts
}

/// Of all that matches, what comes first in the list: a customer stands in a list once.
fn first_match(profile: &Profile, prefix: &str) -> Option<Text> {
    texts(profile).into_iter().find(|text| text.starts_with(prefix))
}

fn identifier_term(identifier: &Identifier) -> Option<Text> {
    match identifier.kind {
        IdentifierKind::UserId | IdentifierKind::Email | IdentifierKind::Phone => {
            Some(folded(&identifier.value)).filter(|text| !text.is_empty())
        }
        IdentifierKind::AnonymousId | IdentifierKind::Device | IdentifierKind::Custom(_) => None,
    }
}

/// A text as it is compared: lower case, without control characters and surrounding spaces, bounded.
fn folded(text: &str) -> Text {
    let mut folded: String =
        text.trim().chars().filter(|it| !it.is_control()).flat_map(char::to_lowercase).collect();
    let fits = folded
        .char_indices()
        .map(|(index, it)| index + it.len_utf8())
        .take_while(|end| *end <= TERM_BYTES_MAX);
    folded.truncate(fits.last().unwrap_or(0));
    folded.into()
}

fn term_of(after: &str) -> Result<Term, Error> {
    let (customer, text) = after.split_once(':').ok_or_else(|| bad(after))?;
    Ok(Term { text: text.into(), customer: customer.parse().map_err(|_| bad(after))? })
}

fn bad(after: &str) -> Error {
    Error::BadCursor { after: after.to_owned() }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn encoded(term: &Term) -> Vec<u8> {
        let mut bytes = Vec::new();
        term.encode(&mut bytes);
        bytes
    }

    proptest! {
        #[test]
        fn terms_are_ordered_like_their_bytes(a: (String, u32), b: (String, u32)) {
            let term = |(text, number): &(String, u32)| Term {
                text: folded(text),
                customer: CustomerId::from_number(*number),
            };
            let (a, b) = (term(&a), term(&b));
            prop_assert_eq!(Term::decode(&encoded(&a)), Some(a.clone()));
            prop_assert_eq!(encoded(&a).cmp(&encoded(&b)), a.cmp(&b));
        }

        #[test]
        fn a_folded_text_is_bounded_and_folds_to_itself(text in ".{0,300}") {
            let once = folded(&text);
            prop_assert!(once.len() <= TERM_BYTES_MAX);
            prop_assert!(!once.chars().any(char::is_control));
        }
    }
}
