//! The text form: words → tokens → tree, and back.
//!
//! Reading and printing are one-to-one: what is printed reads back as the same
//! tree, so text, JSON and tree can be exchanged freely.

mod condition;
mod cursor;
mod error;
mod filter;
mod lexer;
mod nearest;
mod place;
mod print;
mod time;

#[cfg(test)]
mod tests;

pub use error::{SyntaxError, SyntaxErrors};
pub(crate) use nearest::nearest;
