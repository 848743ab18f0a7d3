//! What `docs/conditions.md` shows is what the language does.
#![allow(clippy::unwrap_used, reason = "in tests a fault is a failure, also in their helpers")]

use std::fs;
use std::path::Path;

use audience::{Condition, Filter};

/// The lines of every fenced block of this kind.
fn examples(kind: &str) -> Vec<String> {
    let path = Path::new(&std::env::var("CARGO_MANIFEST_DIR").expect("cargo says where the crate is"))
        .join("../../docs/conditions.md");
    let document = fs::read_to_string(path).unwrap();
    let mut inside = false;
    let mut lines = Vec::new();
    for line in document.lines() {
        if line.starts_with("```") {
            inside = line == format!("```{kind}");
        } else if inside && !line.is_empty() {
            lines.push(line.to_owned());
        }
    }
    assert!(!lines.is_empty(), "there is no block of `{kind}`");
    lines
}

#[test]
fn every_condition_in_the_document_is_canonical_and_survives_json() {
    for text in examples("condition") {
        let condition: Condition = text.parse().unwrap_or_else(|errors| panic!("{errors}"));
        assert_eq!(condition.to_string(), text);
        assert_eq!(Condition::from_json(&condition.to_json().to_string()).unwrap(), condition);
    }
}

#[test]
fn every_filter_in_the_document_is_canonical() {
    for text in examples("filter") {
        let filter: Filter = text.parse().unwrap_or_else(|errors| panic!("{errors}"));
        assert_eq!(filter.to_string(), text);
    }
}

#[test]
fn every_json_in_the_document_is_the_condition_above_it() {
    let (texts, jsons) = (examples("condition-as-json"), examples("json"));
    assert_eq!(texts.len(), jsons.len());
    for (text, json) in texts.iter().zip(&jsons) {
        assert_eq!(Condition::from_json(json).unwrap(), text.parse::<Condition>().unwrap());
        assert_eq!(text.parse::<Condition>().unwrap().to_json().to_string(), *json);
    }
}

#[test]
fn the_error_in_the_document_is_the_error() {
    let shown = examples("error");
    let (text, expected) = shown.split_first().unwrap();
    assert_eq!(text.parse::<Condition>().unwrap_err().to_string(), expected.join("\n"));
}
