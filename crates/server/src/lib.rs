//! Settings, wiring, the fold loop, the handlers.
//!
//! [`House`] is everything that runs in one process; [`engine`] is one workspace's heart; [`settings`] is how it is
//! started. The binary only reads flags and calls in here.

pub mod bounces;
pub mod campaigns;
pub mod conditions;
pub mod courier;
pub mod engine;
pub mod export;
pub mod house;
pub mod http;
pub mod live;
pub mod receipts;
pub mod serve;
pub mod settings;
pub mod shelf;
pub mod workspace;

pub use house::{Founded, House, Running, check_records, found};
pub use serve::serve;
pub use settings::Settings;
pub use workspace::Workspace;
