//! `openapi.json` and the table in `docs/api.md` are what the table of routes says.

use std::path::Path;

/// Rewrites the file instead of comparing when `UPDATE_OPENAPI` is set.
#[test]
fn the_committed_description_is_up_to_date() {
    let path = Path::new(&std::env::var("CARGO_MANIFEST_DIR").expect("cargo says where the crate is"))
        .join("../../openapi.json");
    let wanted = api::openapi::text();
    if std::env::var_os("UPDATE_OPENAPI").is_some() {
        std::fs::write(&path, &wanted).expect("the repository can be written");
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == wanted,
        "openapi.json is stale: run `UPDATE_OPENAPI=1 cargo test -p api` and commit it"
    );
}

/// Rewrites the generated part instead of comparing when `UPDATE_OPENAPI` is set.
#[test]
fn the_table_of_routes_in_the_documents_is_up_to_date() {
    use api::reference::{BEGIN, END, text};
    let path = Path::new(&std::env::var("CARGO_MANIFEST_DIR").expect("cargo says where the crate is"))
        .join("../../docs/api.md");
    let document = std::fs::read_to_string(&path).expect("docs/api.md is there");
    let (before, rest) = document.split_once(BEGIN).expect("the generated part has a beginning");
    let (table, after) = rest.split_once(END).expect("the generated part has an end");
    if std::env::var_os("UPDATE_OPENAPI").is_some() {
        std::fs::write(&path, format!("{before}{BEGIN}{}{END}{after}", text()))
            .expect("the repository can be written");
        return;
    }
    assert!(table == text(), "docs/api.md is stale: run `UPDATE_OPENAPI=1 cargo test -p api` and commit it");
}

#[test]
fn every_reference_leads_to_a_schema() {
    let text = api::openapi::text();
    let description: serde_json::Value = serde_json::from_str(&text).expect("it is JSON");
    let schemas = description["components"]["schemas"].as_object().expect("there are schemas");
    for part in text.split("\"#/components/schemas/").skip(1) {
        let name = part.split('"').next().expect("a text has a beginning");
        assert!(schemas.contains_key(name), "{name} is referred to and not described");
    }
}

#[test]
fn every_field_says_what_it_means() {
    let description = api::openapi::description();
    let json = serde_json::to_value(&description).expect("it has a JSON form");
    let schemas = json["components"]["schemas"].as_object().expect("there are schemas");
    for (schema, body) in schemas {
        for (field, meaning) in body["properties"].as_object().into_iter().flatten() {
            let optional = meaning["oneOf"].as_array().into_iter().flatten();
            let told = std::iter::once(meaning).chain(optional).any(|it| it["description"].is_string());
            assert!(
                told || meaning["const"].is_string() || meaning["enum"].is_array(),
                "{schema}.{field} says nothing"
            );
        }
    }
}
