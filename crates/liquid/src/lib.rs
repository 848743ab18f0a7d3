//! The template language: compile once, render many.
//!
//! A marketer's Liquid becomes a compact program once; after that a rendering borrows the caller's data
//! through [`Map`], writes into the caller's buffer and says in a [`Report`] what was missing. The engine
//! performs no I/O, reads no clock, and stops at its limits whatever the template asks for.
//!
//! ```
//! use liquid::{CompileOptions, RenderOptions, Template, Value};
//!
//! let template = Template::compile("Hello {{ name }}", &CompileOptions::default())?;
//! let data = vec![("name", Value::Text("Aiko & Ren"))];
//! let mut out = String::new();
//! let report = template.render(&data, &RenderOptions::default(), &mut out)?;
//! # let _ = report;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod template;

mod options;
mod sources;
mod value;

mod lexer;

mod cursor;
mod parser;
mod syntax;

mod lower;
mod print;
mod program;
mod touches;

mod compare;
mod context;
mod digits;
mod display;
mod escape;
mod evaluate;
mod forloop;
mod machine;

mod locale;
mod moment;
mod width;

pub mod compat;
mod differences;
mod error;
pub mod filters;
mod limits;
pub mod reference;
mod report;
pub mod tags;

pub use error::{Error, Errors, Fault, Place, RenderError, Stop};
pub use limits::{CompileLimits, RenderLimits};
pub use options::{CompileOptions, Escape, RenderOptions};
pub use report::{CatalogueUse, Gap, Report, Touches, Variable, Why};
pub use sources::{Catalogues, Links, Partials, Translations};
pub use template::{Template, format};
pub use value::{Arena, List, Map, Trace, Value};
