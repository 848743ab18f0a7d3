//! Any template, with a partial, data and limits of its own: it renders or stops at a limit, twice the same, and
//! leaves nothing behind when it stops.
#![no_main]

#[path = "../../tests/suite/data.rs"]
mod data;
mod input;

use data::Json;
use input::Input;
use libfuzzer_sys::fuzz_target;
use liquid::{CompileOptions, RenderError, RenderOptions, Report, Template, compat, format};

fuzz_target!(|bytes: &[u8]| {
    let Some(input) = Input::read(bytes) else { return };
    let Some(first) = rendered(&input, input.source) else { return };
    assert_eq!(rendered(&input, input.source).as_ref(), Some(&first), "the same rendering gives the same");
    if let Ok(printed) = format(input.source)
        && let (Ok((out, _)), Some(Ok((again, _)))) = (&first, rendered(&input, &printed))
    {
        assert_eq!(*out, again, "what is printed means the same");
    }
});

type Outcome = Result<(String, Report), RenderError>;

/// What comes of one rendering; nothing when the template is broken.
fn rendered(input: &Input<'_>, source: &str) -> Option<Outcome> {
    let partials = vec![("part".to_owned(), input.partial.to_owned())];
    let options = CompileOptions { partials: &partials, aliases: compat::ALL, ..CompileOptions::default() };
    let template = Template::compile(source, &options).ok()?;
    let options = RenderOptions {
        escape: input.escape,
        limits: input.limits,
        now_ms: 1_795_332_600_000,
        zone: "Asia/Tokyo",
        locale: input.locale,
        catalogues: Some(input),
        translations: Some(input),
        links: Some(input),
        ..RenderOptions::default()
    };
    let mut out = String::from("before");
    Some(match template.render(&Json(&input.data), &options, &mut out) {
        Ok(report) => {
            assert!(report.steps <= input.limits.steps_max, "steps are limited");
            assert!(out.len() <= "before".len() + input.limits.output_bytes_max, "output is limited");
            assert!(report.aborted.is_none() || out == "before", "nothing of an aborted rendering remains");
            Ok((out, report))
        }
        Err(error) => {
            assert_eq!(out, "before", "nothing of a stopped rendering remains");
            assert!(!error.to_string().is_empty());
            Err(error)
        }
    })
}
