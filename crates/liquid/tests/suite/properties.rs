//! Whatever a template says: it never panics, keeps its limits, and what is printed means the same.

use std::path::PathBuf;

use liquid::{CompileOptions, Escape, RenderLimits, RenderOptions, Template, format};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use serde_json::{Value, json};

use crate::data::Json;

const WORDS: &[&str] = &[
    "{{",
    "}}",
    "{%",
    "%}",
    "{%-",
    "-%}",
    "{{-",
    "-}}",
    "{",
    "}",
    " ",
    "\n",
    "|",
    ":",
    ",",
    ".",
    "..",
    "(",
    ")",
    "[",
    "]",
    "'",
    "\"",
    "=",
    "==",
    "<",
    ">=",
    "contains",
    "and",
    "or",
    "a",
    "b.c",
    "items",
    "forloop.index",
    "nil",
    "empty",
    "blank",
    "true",
    "1",
    "-2",
    "3.5",
    "'text'",
    "if",
    "endif",
    "else",
    "elsif",
    "unless",
    "endunless",
    "case",
    "when",
    "endcase",
    "for",
    "in",
    "endfor",
    "tablerow",
    "endtablerow",
    "break",
    "continue",
    "cycle",
    "assign",
    "x",
    "capture",
    "endcapture",
    "increment",
    "decrement",
    "raw",
    "endraw",
    "comment",
    "endcomment",
    "doc",
    "enddoc",
    "liquid",
    "echo",
    "#",
    "include",
    "render",
    "'part'",
    "with",
    "as",
    "limit:",
    "offset:",
    "reversed",
    "ifchanged",
    "endifchanged",
    "abort_message",
    "catalog_items",
    "${",
    "upcase",
    "split",
    "join",
    "sort",
    "map",
    "where",
    "default",
    "date",
    "truncate",
    "replace",
    "slice",
    "round",
    "times",
    "divided_by",
    "json",
    "money",
    "t",
    "日本語",
    "é",
    "\u{0}",
];

fn words() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(WORDS), 0..40)
        .prop_map(|words| words.iter().map(|word| format!("{word} ")).collect())
}

/// A value as it may be written.
fn expr() -> impl Strategy<Value = String> {
    let leaf = prop::sample::select(
        [
            "a",
            "b.c",
            "items",
            "items[0]",
            "items.first",
            "m['k']",
            "x",
            "y",
            "nil",
            "true",
            "false",
            "empty",
            "blank",
            "0",
            "-3",
            "2.5",
            "'text'",
            "\"it's\"",
            "'<b>'",
            "''",
            "(1..4)",
            "(a..3)",
            "forloop.index",
            "forloop",
            "[name]",
            "nothing.at.all",
            "i",
            "word.size",
            "${a}",
            "b.${c}",
        ]
        .as_slice(),
    );
    leaf.prop_map(str::to_owned)
}

fn pipe() -> impl Strategy<Value = String> {
    let filter = prop::sample::select(
        [
            "upcase",
            "append: x",
            "default: 'd'",
            "plus: 1",
            "times: 2.5",
            "divided_by: a",
            "split: ''",
            "join: '-'",
            "sort",
            "sort_natural",
            "uniq",
            "reverse",
            "map: 'k'",
            "where: 'k', 1",
            "first",
            "last",
            "size",
            "slice: 0, 2",
            "truncate: 5",
            "truncatewords: 2",
            "replace: 't', x",
            "remove: 'e'",
            "date: '%Y'",
            "escape",
            "raw",
            "json",
            "strip_html",
            "url_encode",
            "url_decode",
            "base64_encode",
            "round: 1",
            "abs",
            "concat: items",
            "compact",
            "sum",
            "has: 'k'",
            "find: 'k', 1",
            "money: 'EUR'",
            "number: 2",
            "t: a: x",
            "truncate_width: 4",
            "width",
            "newline_to_br",
            "local_date: 'long'",
        ]
        .as_slice(),
    );
    (expr(), prop::collection::vec(filter, 0..4))
        .prop_map(|(value, filters)| filters.iter().fold(value, |pipe, filter| format!("{pipe} | {filter}")))
}

fn condition() -> impl Strategy<Value = String> {
    let operator = prop::sample::select(["==", "!=", "<>", "<", "<=", ">", ">=", "contains"].as_slice());
    let test = prop_oneof![
        expr(),
        (expr(), operator, expr()).prop_map(|(left, operator, right)| format!("{left} {operator} {right}")),
    ];
    prop::collection::vec((test, any::<bool>()), 1..4).prop_map(|tests| {
        let mut tests = tests.into_iter();
        let first = tests.next().map(|(test, _)| test).unwrap_or_default();
        tests.fold(first, |all, (test, and)| format!("{all} {} {test}", if and { "and" } else { "or" }))
    })
}

/// A template that compiles.
fn template() -> impl Strategy<Value = String> {
    let text =
        prop::sample::select(["text", " ", "\n", "{ ", "}}", "<p>", "日本語", "%}", "{x{ ", ""].as_slice());
    let leaf = prop_oneof![
        text.prop_map(str::to_owned),
        pipe().prop_map(|pipe| format!("{{{{ {pipe} }}}}")),
        pipe().prop_map(|pipe| format!("{{{{- {pipe} -}}}}")),
        pipe().prop_map(|pipe| format!("{{% assign x = {pipe} %}}")),
        pipe().prop_map(|pipe| format!("{{% liquid\n assign y = {pipe}\n echo y %}}")),
        (expr(), expr()).prop_map(|(a, b)| format!("{{% cycle {a}, {b} %}}")),
        expr().prop_map(|value| format!("{{% render 'part', x: {value} %}}")),
        expr().prop_map(|value| format!("{{% include 'part' for {value} as x %}}")),
        Just("{% increment n %}{% decrement n %}".to_owned()),
        Just("{% break %}".to_owned()),
        Just("{% continue %}".to_owned()),
        Just("{% raw %}{{ {% {% endraw %}".to_owned()),
        Just("{% comment %}{{ x }}{% endcomment %}".to_owned()),
        Just("{%- # note -%}".to_owned()),
    ];
    leaf.prop_recursive(4, 32, 4, |inner| {
        let body = prop::collection::vec(inner, 0..4).prop_map(|parts| parts.concat());
        prop_oneof![
            body.clone(),
            (condition(), body.clone(), body.clone())
                .prop_map(|(test, yes, no)| format!("{{% if {test} %}}{yes}{{% else %}}{no}{{% endif %}}")),
            (condition(), body.clone())
                .prop_map(|(test, yes)| format!("{{% unless {test} %}}{yes}{{% endunless %}}")),
            (expr(), body.clone(), body.clone()).prop_map(|(list, body, none)| format!(
                "{{% for i in {list} reversed limit: 3 %}}{body}{{% else %}}{none}{{% endfor %}}"
            )),
            (expr(), body.clone()).prop_map(|(list, body)| format!(
                "{{% tablerow i in {list} cols: 2 %}}{body}{{% endtablerow %}}"
            )),
            (expr(), expr(), body.clone(), body.clone()).prop_map(|(value, when, yes, no)| format!(
                "{{% case {value} %}}{{% when {when}, 'z' %}}{yes}{{% else %}}{no}{{% endcase %}}"
            )),
            body.clone().prop_map(|body| format!("{{% capture x %}}{body}{{% endcapture %}}{{{{ x }}}}")),
            body.prop_map(|body| format!("{{% ifchanged %}}{body}{{% endifchanged %}}")),
        ]
    })
}

fn data() -> Value {
    json!({
        "a": 2, "b": { "c": "deep" }, "items": [{ "k": 1 }, { "k": null }, [3, "x"], "text", null, 2.5],
        "m": { "k": "v" }, "name": "a", "word": "a <b> & \"c\"", "y": "2026-01-02",
    })
}

/// What a template renders, or that and why it was stopped.
fn outcome(source: &str, escape: Escape) -> Result<String, String> {
    let partials = vec![("part".to_owned(), "[{{ x }}{% assign z = x %}]".to_owned())];
    let options = CompileOptions { partials: &partials, ..CompileOptions::default() };
    let template = Template::compile(source, &options).map_err(|errors| errors.to_string())?;
    let limits = RenderLimits {
        steps_max: 20_000,
        output_bytes_max: 20_000,
        memory_bytes_max: 200_000,
        nesting_max: 50,
    };
    let options = RenderOptions { escape, limits, ..RenderOptions::default() };
    let mut out = String::new();
    match template.render(&Json(&data()), &options, &mut out) {
        Ok(report) => {
            assert!(report.steps <= limits.steps_max, "steps are limited");
            assert!(out.len() <= limits.output_bytes_max, "output is limited");
            Ok(out)
        }
        Err(error) => {
            assert_eq!(out, "", "nothing of a failed rendering remains");
            Err(error.stop.to_string())
        }
    }
}

/// How many cases each property is tried on; more with `PROPTEST_CASES`.
fn config() -> ProptestConfig {
    ProptestConfig { failure_persistence: None, ..ProptestConfig::default() }
}

/// Writes generated templates with what they render, one JSON object a line, into the folder that `LIQUID_CASES` names:
/// `scripts/differential.sh` renders them with LiquidJS.
#[test]
fn generated_templates_can_be_compared_with_other_engines() {
    let Some(folder) = std::env::var_os("LIQUID_CASES").map(PathBuf::from) else { return };
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut lines = String::new();
    for _ in 0..5_000 {
        let source = template().new_tree(&mut runner).expect("the strategy never rejects").current();
        let out = outcome(&source, Escape::Off);
        let case = json!({ "template": source, "data": data(), "out": out.as_ref().ok(), "error": out.as_ref().err() });
        lines.push_str(&format!("{case}\n"));
    }
    std::fs::write(folder.join("generated.ndjson"), lines).expect("the file can be written");
}

#[test]
fn cycles_are_told_apart_by_what_they_say_and_not_by_how_it_is_spelt() {
    let source = "{% cycle 'a', b.c %}{% cycle \"a\", b.${c} %}";
    assert_eq!(outcome(source, Escape::Off), Ok("adeep".to_owned()));
}

#[test]
fn a_text_that_would_end_an_output_is_printed_within_a_tag() {
    let source = "{% liquid\n echo \"a }} b\"\n echo \"a % b\" %}";
    let printed = format(source).expect("it parses");
    assert_eq!(printed, "{% echo 'a }} b' %}{{ 'a % b' }}");
    assert_eq!(outcome(&printed, Escape::Off), outcome(source, Escape::Off));
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn no_words_in_any_order_make_it_panic(source in words()) {
        let _ = outcome(&source, Escape::Html);
        let _ = format(&source);
    }

    #[test]
    fn no_text_at_all_makes_it_panic(source in any::<String>()) {
        let _ = outcome(&source, Escape::Off);
    }

    #[test]
    fn every_template_compiles_and_keeps_its_limits(source in template()) {
        let compiled = Template::compile(&source, &CompileOptions { partials: &vec![("part".to_owned(), String::new())], ..CompileOptions::default() });
        prop_assert!(compiled.is_ok(), "{}", compiled.unwrap_err());
        let _ = outcome(&source, Escape::Html);
    }

    #[test]
    fn a_printed_template_means_the_same_and_prints_the_same(source in template()) {
        let printed = format(&source).expect("it parses");
        prop_assert_eq!(outcome(&printed, Escape::Off), outcome(&source, Escape::Off), "{}", printed);
        prop_assert_eq!(format(&printed).expect("what is printed parses"), printed);
    }

    #[test]
    fn html_output_holds_no_text_from_people_that_could_be_a_tag(text in ".*") {
        let template = Template::compile("{{ a }}{{ a | upcase }}{{ a | split: '' | join: '' }}", &CompileOptions::default()).expect("it compiles");
        let mut out = String::new();
        let data = json!({ "a": text });
        template.render(&Json(&data), &RenderOptions::default(), &mut out).expect("it renders");
        prop_assert!(!out.contains(['<', '>', '"', '\'']));
    }
}
