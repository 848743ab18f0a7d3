//! A compiled template: the door of this crate.

use std::sync::{Arc, OnceLock};

use crate::program::Program;
use crate::{CompileLimits, CompileOptions, Errors, Map, RenderError, RenderOptions, Report, Touches};
use crate::{lower, machine, parser, print, touches};

/// A compiled template and its partials: immutable, cheap to clone, shared between threads, rendered as often as needed.
#[derive(Debug, Clone)]
pub struct Template {
    compiled: Arc<Compiled>,
}

#[derive(Debug)]
struct Compiled {
    program: Program,
    /// Found when somebody first asks.
    touches: OnceLock<Touches>,
}

impl Template {
    /// Compiles `source`, or says all that is wrong with it at once.
    pub fn compile(source: &str, options: &CompileOptions<'_>) -> Result<Self, Errors> {
        let program = lower::compile(source, options)?;
        Ok(Self { compiled: Arc::new(Compiled { program, touches: OnceLock::new() }) })
    }

    /// Appends the rendering to `out`. When it fails, or the template aborts, `out` is as it was before.
    pub fn render(
        &self,
        data: &dyn Map,
        options: &RenderOptions<'_>,
        out: &mut String,
    ) -> Result<Report, RenderError> {
        machine::render(&self.compiled.program, data, options, out)
    }

    /// What the template and its partials read, without rendering them.
    pub fn touches(&self) -> &Touches {
        self.compiled.touches.get_or_init(|| touches::of(&self.compiled.program))
    }
}

/// Prints a template in one canonical form, which means the same: comments are gone, spaces are even.
pub fn format(source: &str) -> Result<String, Errors> {
    let tree = parser::parse("template", source, false, CompileLimits::DEFAULT)?;
    Ok(print::block(&tree))
}
