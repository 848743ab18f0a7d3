//! The HTTP contract: bodies, routes, errors, OpenAPI.
//!
//! Each group of endpoints is one file: its routes as a constant table, then its
//! bodies. [`route::all`] is the whole table; the router of `server`, the committed
//! `openapi.json` and through it the console's client all come from there.
//! Nothing here decides anything or performs I/O.
//!
//! A change of the contract: change the body or the table, run
//! `UPDATE_OPENAPI=1 cargo test -p api`, commit `openapi.json` and `docs/api.md` with it.

pub mod ask;
pub mod audiences;
pub mod campaigns;
pub mod customers;
pub mod data;
pub mod export;
pub mod home;
pub mod hosted;
pub mod ingest;
pub mod openapi;
pub mod operate;
pub mod page;
pub mod problem;
pub mod questions;
pub mod reference;
pub mod route;
pub mod sandbox;
pub mod session;
pub mod settings;
pub mod users;
pub mod why;
mod word;

pub use page::{Page, PageQuery};
pub use problem::{Problem, ProblemCode, status};
pub use route::{Access, Method, Operation, Route};
pub use word::{AddressState, Channel, Customer, Described, Message, Purpose, Role, Time, Word};
