//! The reference page is what the engine uses, and its examples are true.

use std::path::Path;

use liquid::filters::FILTERS;
use liquid::{CompileOptions, Escape, RenderOptions, Template, reference};

#[test]
fn every_example_of_a_filter_renders_what_it_says() {
    for filter in FILTERS.iter().copied().flatten() {
        let (source, expected) = filter.example;
        let template =
            Template::compile(source, &CompileOptions::default()).unwrap_or_else(|errors| panic!("{errors}"));
        let mut out = String::new();
        let options = RenderOptions { escape: Escape::Off, ..RenderOptions::default() };
        template.render(&(), &options, &mut out).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(out, expected, "{}", filter.name);
    }
}

#[test]
fn names_of_filters_and_tags_are_given_once() {
    let mut names: Vec<&str> = FILTERS.iter().copied().flatten().map(|filter| filter.name).collect();
    names.sort_unstable();
    assert!(names.windows(2).all(|pair| pair[0] != pair[1]));
}

#[test]
fn the_reference_page_is_up_to_date() {
    let folder = std::env::var("CARGO_MANIFEST_DIR").expect("cargo says where the crate is");
    let path = Path::new(&folder).join("../../docs/liquid.md");
    let page = reference::page();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, &page).expect("the page can be written");
    }
    let written = std::fs::read_to_string(path).unwrap_or_default();
    assert!(written == page, "docs/liquid.md is out of date; run this test with UPDATE_DOCS=1");
}
