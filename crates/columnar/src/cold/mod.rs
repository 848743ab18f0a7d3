//! Old rows: parts that became Parquet objects on a [`Shelf`], and come back column by column when somebody asks.
//!
//! ```text
//! hot parts ──age──► rows before a boundary, by calendar month ──► Parquet object on the shelf, read back and compared
//!                                                             └──► its index in the folder of the columns
//! question ──views()──► customer, at, arrival of each old part that it may need ──property()──► one column more
//! ```
//!
//! A hot part is changed when somebody is moved or erased: rows become holes. An old part is left as it is; whose its
//! rows are is worked out whenever it is read, from whom they arrived for. So neither a merge nor an erasure waits
//! for a shelf.
//!
//! What is decoded lies in a [`Pool`] of bounded size, shared by all questions of the columns. A question for which
//! there is no room is not answered: see [`crate::Snapshot::crowded`].

mod age;
mod erased;
mod index;
mod leftovers;
pub(crate) mod month;
mod object;
mod old;
mod owners;
mod pool;
mod question;
mod shelf;

pub use pool::Crowded;
pub use shelf::{MemoryShelf, Shelf};

pub(crate) use age::{Age, Aged, choose};
pub(crate) use erased::Erased;
pub(crate) use old::{Old, SUFFIX, object_of};
pub(crate) use owners::Owners;
pub(crate) use pool::{Held, Pool};
pub(crate) use question::{Asked, Question};
