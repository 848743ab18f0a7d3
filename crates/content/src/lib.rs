//! What a message says: from a marketer's source to one person's mail.
//!
//! ```text
//! Source (subject, MJML or HTML with Liquid) ── compile, once ──► Content ── render, for each person ──► Mail
//! ```
//!
//! Markup is laid out once: Liquid tags are set aside, MJML becomes HTML, the
//! tags come back, and the HTML becomes a compiled template. So a rendering is
//! one walk through a small program, whatever the markup was. A mail with a hole
//! in it (a value missing without a fallback) is never made: rendering says which
//! path was missing, and the content gate holds that one message.
//!
//! This crate never sends, never reads a clock, and knows neither campaigns nor providers.

mod aside;
mod links;
mod mail;
mod markup;
mod person;
mod plain;
mod source;

pub use links::{LinkMaker, Untracked};
pub use mail::{Broken, Content, Mail, Rendering};
pub use person::{Person, Traits};
pub use source::{Body, Fault, Faults, Part, Source};
