//! The golden suite: what Shopify's own Liquid renders, case by case.

use std::path::PathBuf;

use liquid::filters::FILTERS;
use liquid::tags::TAGS;
use liquid::{CompileOptions, Escape, RenderOptions, Template};
use serde_json::Value;

use crate::data::Json;

/// Asked when it runs: a binary that was built in another clone is not told where it is now.
fn crate_folder() -> String {
    std::env::var("CARGO_MANIFEST_DIR").expect("cargo says where the crate is")
}

/// Where the suite is, if it is here.
fn suite() -> Option<Value> {
    let folder = std::env::var_os("OMOTENASHI_DATASETS")
        .map_or_else(|| PathBuf::from(crate_folder()).join("../../../shared/datasets"), PathBuf::from);
    let file = std::fs::read(folder.join("golden-liquid/golden_liquid.json.zst")).ok()?;
    let text = zstd::decode_all(file.as_slice()).expect("the suite is compressed");
    Some(serde_json::from_slice(&text).expect("the suite is JSON"))
}

/// What a case renders, or why it does not.
fn outcome(case: &Value) -> Result<String, String> {
    let partials: Vec<(String, String)> = case["templates"]
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, source)| (name.clone(), source.as_str().unwrap_or_default().to_owned()))
        .collect();
    let tagged =
        |tag: &str| case["tags"].as_array().is_some_and(|tags| tags.iter().any(|known| known == tag));
    let options =
        CompileOptions { partials: &partials, strict: tagged("strict2"), ..CompileOptions::default() };
    let source = case["template"].as_str().unwrap_or_default();
    let template = Template::compile(source, &options).map_err(|errors| errors.to_string())?;
    let options = RenderOptions { escape: Escape::Off, ..RenderOptions::default() };
    let mut out = String::new();
    template.render(&Json(&case["data"]), &options, &mut out).map_err(|error| error.to_string())?;
    Ok(out)
}

fn passes(case: &Value, outcome: &Result<String, String>) -> bool {
    match outcome {
        Err(_) => case["invalid"] == true,
        Ok(_) if case["invalid"] == true => false,
        Ok(out) => match case["results"].as_array() {
            Some(results) => results.iter().any(|result| result == out.as_str()),
            None => case["result"] == out.as_str(),
        },
    }
}

/// Writes the suite into the folder that `LIQUID_CASES` names: `scripts/differential.sh` renders it with LiquidJS.
#[test]
fn the_suite_can_be_compared_with_other_engines() {
    let Some(folder) = std::env::var_os("LIQUID_CASES").map(PathBuf::from) else { return };
    let Some(suite) = suite() else { return };
    std::fs::write(folder.join("golden.json"), suite.to_string()).expect("the file can be written");
}

/// Writes the cases as seeds for fuzzing, and the words of the language as its dictionary, into the folder that
/// `LIQUID_SEEDS` names. `fuzz/fuzz_targets/input.rs` says how a seed is laid out.
#[test]
fn the_suite_can_seed_the_fuzzer() {
    let Some(folder) = std::env::var_os("LIQUID_SEEDS").map(PathBuf::from) else { return };
    for target in ["parse", "render"] {
        std::fs::create_dir_all(folder.join(target)).expect("the folder can be made");
    }
    let suite = suite().expect("the golden suite is here; say where with OMOTENASHI_DATASETS");
    for (number, case) in suite["tests"].as_array().expect("the suite has tests").iter().enumerate() {
        let mut source = case["template"].as_str().unwrap_or_default().to_owned();
        let mut partial = "[{{ part }}]";
        if let Some((name, text)) = case["templates"].as_object().and_then(|partials| partials.iter().next())
        {
            source = source.replace(name.as_str(), "part");
            partial = text.as_str().unwrap_or_default();
        }
        let render = format!("\0\0\0\0\0\0{source}\x1f{partial}\x1f{}", case["data"]);
        for (target, seed) in [("parse", source), ("render", render)] {
            let path = folder.join(target).join(format!("golden-{number:04}"));
            std::fs::write(path, seed).expect("a seed can be written");
        }
    }
    std::fs::write(folder.join("dictionary"), dictionary()).expect("the dictionary can be written");
}

/// Names of tags and filters and the signs between them, one in quotes a line.
fn dictionary() -> String {
    let tags = TAGS.iter().copied().flatten().flat_map(|tag| tag.inner.iter().chain([&tag.name]));
    let filters = FILTERS.iter().copied().flatten().map(|filter| &filter.name);
    let signs =
        ["{{", "}}", "{%", "%}", "{%-", "-%}", "${", "..", "==", "<>", "contains", "reversed", "forloop."];
    tags.chain(filters).chain(&signs).map(|word| format!("\"{word}\"\n")).collect()
}

#[test]
fn every_golden_case_renders_as_shopify_renders_it() {
    let Some(suite) = suite() else {
        println!("skipped: the golden suite is not here; say where with OMOTENASHI_DATASETS");
        return;
    };
    let cases = suite["tests"].as_array().expect("the suite has tests");
    let mut failed = Vec::new();
    for case in cases {
        let outcome = outcome(case);
        if !passes(case, &outcome) {
            failed.push(format!(
                "{}\n  template {}\n  data     {}\n  wanted   {}{}{}\n  got      {outcome:?}",
                case["name"],
                case["template"],
                case["data"],
                case["result"],
                case["results"],
                case["invalid"],
            ));
        }
    }
    println!("golden suite: {} of {} cases pass", cases.len() - failed.len(), cases.len());
    assert!(failed.is_empty(), "{} failed\n{}", failed.len(), failed.join("\n"));
}
