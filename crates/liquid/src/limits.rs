//! How much a template may ask for. Every limit has a name, a default and an error that says both.

/// What compiling may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CompileLimits {
    /// Bytes of one source, and of all partials together.
    pub source_bytes_max: usize,
    /// Blocks inside blocks.
    pub nesting_max: usize,
    /// Errors collected before the parser stops looking.
    pub errors_max: usize,
    /// Partials compiled into one template.
    pub partials_max: usize,
}

impl CompileLimits {
    /// What a marketer's template never reaches.
    pub const DEFAULT: Self =
        Self { source_bytes_max: 4 << 20, nesting_max: 100, errors_max: 100, partials_max: 1_000 };
}

impl Default for CompileLimits {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// What one rendering may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RenderLimits {
    /// Steps: one for every piece of output, tag, filter call and turn of a loop, and one for every 16 bytes or 1 item worked on.
    pub steps_max: u64,
    /// Bytes written.
    pub output_bytes_max: usize,
    /// Bytes of texts and lists made on the way.
    pub memory_bytes_max: usize,
    /// Loops, captures and partials inside one another.
    pub nesting_max: usize,
}

impl RenderLimits {
    /// Room for a newsletter of a megabyte; a hostile template is stopped within 50 ms.
    pub const DEFAULT: Self =
        Self { steps_max: 400_000, output_bytes_max: 1 << 20, memory_bytes_max: 4 << 20, nesting_max: 100 };
}

impl Default for RenderLimits {
    fn default() -> Self {
        Self::DEFAULT
    }
}
