//! Where we knowingly differ from others, and why: part of the reference page.

use std::fmt::Write;

/// What differs, what they do, what we do and why.
const LIQUIDJS: &[(&str, &str, &str)] = &[];

/// Writes the section.
pub(crate) fn section(page: &mut String) {
    page.push_str("## Where others differ\n\n| what | LiquidJS | here |\n|---|---|---|\n");
    for (what, theirs, ours) in LIQUIDJS {
        let _ = writeln!(page, "| {what} | {theirs} | {ours} |");
    }
}
