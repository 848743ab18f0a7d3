//! A compiled template: the door of this crate.

use std::sync::atomic::{AtomicUsize, Ordering};
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
    /// The most bytes that a rendering wrote so far, within [`RESERVED_BYTES_MAX`]: the next needs about as many.
    written: AtomicUsize,
}

/// Room that is made in the output before a rendering, at most.
const RESERVED_BYTES_MAX: usize = 64 << 10;

impl Template {
    /// Compiles `source`, or says all that is wrong with it at once.
    pub fn compile(source: &str, options: &CompileOptions<'_>) -> Result<Self, Errors> {
        let program = lower::compile(source, options)?;
        let written = AtomicUsize::new(program.text.len().min(RESERVED_BYTES_MAX));
        Ok(Self { compiled: Arc::new(Compiled { program, touches: OnceLock::new(), written }) })
    }

    /// Appends the rendering to `out`. When it fails, or the template aborts, `out` is as it was before.
    pub fn render(
        &self,
        data: &dyn Map,
        options: &RenderOptions<'_>,
        out: &mut String,
    ) -> Result<Report, RenderError> {
        let (before, expected) = (out.len(), self.compiled.written.load(Ordering::Relaxed));
        out.reserve(expected.min(options.limits.output_bytes_max));
        let report = machine::render(&self.compiled.program, data, options, out)?;
        let written = (out.len() - before).min(RESERVED_BYTES_MAX);
        if written > expected {
            self.compiled.written.store(written, Ordering::Relaxed);
        }
        Ok(report)
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
