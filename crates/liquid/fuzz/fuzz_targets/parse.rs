//! Any text at all: it compiles or says why not, and what is printed reads as the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use liquid::{CompileOptions, Template, compat, format};

fuzz_target!(|source: &str| {
    let partials = vec![("part".to_owned(), source.to_owned())];
    for strict in [false, true] {
        let options =
            CompileOptions { partials: &partials, aliases: compat::ALL, strict, ..CompileOptions::default() };
        match Template::compile(source, &options) {
            Ok(template) => drop(template.touches().clone()),
            Err(errors) => check_errors(&errors, source),
        }
    }
    if let Ok(printed) = format(source) {
        assert_eq!(format(&printed).as_ref(), Ok(&printed), "what is printed prints the same");
        let options = CompileOptions { partials: &partials, ..CompileOptions::default() };
        let compiled = Template::compile(source, &options).is_ok();
        assert_eq!(Template::compile(&printed, &options).is_ok(), compiled, "what is printed compiles as well");
    }
});

/// There is at least one, and each has a place that exists.
fn check_errors(errors: &liquid::Errors, source: &str) {
    assert!(!errors.0.is_empty() && !errors.to_string().is_empty());
    let lines = source.split('\n').count();
    for error in &errors.0 {
        assert!((1..=lines).contains(&(error.place.line as usize)), "the line exists");
        assert!(error.place.caret <= error.place.excerpt.chars().count(), "the caret stands in the excerpt");
    }
}
