//! What this crate promises, seen from outside. The names of the tests are the manual.

mod allocations;
mod compatibility;
mod data;
mod errors;
mod escaping;
mod golden;
mod limits;
mod missing;
mod own;
mod properties;
mod reference;
mod touches;

use data::Json;
use liquid::{CompileOptions, Escape, RenderOptions, Report, Template};
use serde_json::Value;

/// Renders without escaping, or says why not.
fn render(template: &str, data: &Value) -> (String, Report) {
    render_as(
        template,
        data,
        &CompileOptions::default(),
        &RenderOptions { escape: Escape::Off, ..Default::default() },
    )
}

fn render_as(
    template: &str,
    data: &Value,
    compile: &CompileOptions<'_>,
    options: &RenderOptions<'_>,
) -> (String, Report) {
    let template = Template::compile(template, compile).unwrap_or_else(|errors| panic!("{errors}"));
    let mut out = String::new();
    let report = template.render(&Json(data), options, &mut out).unwrap_or_else(|error| panic!("{error}"));
    (out, report)
}
