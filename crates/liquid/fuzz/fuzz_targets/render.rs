//! Any template with some data: it renders or stops at a limit, and leaves nothing behind when it stops.
#![no_main]

use libfuzzer_sys::fuzz_target;
use liquid::{CompileOptions, RenderLimits, RenderOptions, Template, Value};

fuzz_target!(|source: &str| {
    let partials = vec![("part".to_owned(), "{{ x }}{% include 'part' %}".to_owned())];
    let options = CompileOptions { partials: &partials, ..CompileOptions::default() };
    let Ok(template) = Template::compile(source, &options) else { return };
    let items = [Value::Int(3), Value::Text("a <b>"), Value::Nil, Value::Float(2.5)];
    let data = vec![
        ("a", Value::Int(1)),
        ("b", Value::Text("2026-03-14 & more")),
        ("items", Value::Slice(&items)),
        ("x", Value::Time(1_795_332_600_000)),
    ];
    let limits = RenderLimits { steps_max: 50_000, ..RenderLimits::DEFAULT };
    let options = RenderOptions { limits, zone: "Asia/Tokyo", locale: "ja", ..RenderOptions::default() };
    let mut out = String::new();
    match template.render(&data, &options, &mut out) {
        Ok(report) => assert!(report.steps <= limits.steps_max && out.len() <= limits.output_bytes_max),
        Err(_) => assert!(out.is_empty()),
    }
});
