//! What a rendering found out, and what a template would touch.

/// What is worth knowing about one rendering. The output is whole unless `aborted` says otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Report {
    /// Values that were wanted in the output, were not there, and had no `default`; each path once.
    pub gaps: Vec<Gap>,
    /// Why the template itself refused to be sent (`abort_message`); nothing was written then.
    pub aborted: Option<String>,
    /// Steps taken; see [`crate::RenderLimits::steps_max`].
    pub steps: u64,
}

impl Report {
    /// Whether the message may go out as it is: nothing missing, nothing aborted.
    pub fn is_whole(&self) -> bool {
        self.gaps.is_empty() && self.aborted.is_none()
    }
}

/// A hole in a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    /// The path as it is written, such as `customer.first_name`, or the filter that got something unfit.
    pub path: String,
    /// What was wrong.
    pub why: Why,
    /// Which template or partial.
    pub template: String,
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
}

/// Why there is a hole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// There is no such value, or it is said to be nothing.
    Missing,
    /// There is one, of a type that cannot be used so.
    WrongType,
    /// There is no such item in that catalogue.
    NoItem,
    /// There is no such text in any locale asked for.
    NoTranslation,
}

/// What a template reads, found without rendering it. Sorted, each once.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Touches {
    /// Paths into the caller's data as far as they are known, such as `customer.first_name`; list indexes are left out.
    pub variables: Vec<Variable>,
    /// Names of filters.
    pub filters: Vec<String>,
    /// Names of partials.
    pub partials: Vec<String>,
    /// Catalogues and the keys asked for.
    pub catalogues: Vec<CatalogueUse>,
    /// Keys of translations that are written out in the template.
    pub translations: Vec<String>,
    /// Whether some name is only known while rendering (`include name`, `[name]`, `key | t`).
    pub dynamic: bool,
    /// Whether the template can refuse to be sent.
    pub aborts: bool,
}

/// A path into the caller's data.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Variable {
    /// The path, such as `customer.first_name`.
    pub path: String,
    /// Whether every use of it stands under a `default` or in a condition.
    pub guarded: bool,
}

/// A catalogue that is looked into.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct CatalogueUse {
    /// Its name, or `None` when it is only known while rendering.
    pub catalogue: Option<String>,
    /// The key, or `None` when it is only known while rendering.
    pub key: Option<String>,
}
