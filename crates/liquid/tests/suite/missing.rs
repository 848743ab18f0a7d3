//! What is missing is known.

use expect_test::{Expect, expect};
use serde_json::json;

use crate::render;

#[track_caller]
fn check(template: &str, expected: &Expect) {
    let data = json!({
        "customer": { "name": "Aiko", "nick": null, "tags": [], "size": 24 },
        "list": [1, null],
        "word": "many",
    });
    let (out, report) = render(template, &data);
    let mut seen = format!("{out}\n");
    for gap in report.gaps {
        seen.push_str(&format!("{:?} {} {}:{}\n", gap.why, gap.path, gap.line, gap.column));
    }
    if let Some(reason) = report.aborted {
        seen.push_str(&format!("aborted: {reason}\n"));
    }
    expected.assert_eq(&seen);
}

#[test]
fn a_missing_value_renders_empty_and_is_reported_once() {
    check(
        "Hello {{ customer.first_name }}!\n{{ customer.first_name }}",
        &expect![[r#"
            Hello !

            Missing customer.first_name 1:10
        "#]],
    );
}

#[test]
fn a_value_said_to_be_nothing_is_as_missing_as_one_that_is_not_there() {
    check(
        "{{ customer.nick }}",
        &expect![[r#"

        Missing customer.nick 1:4
    "#]],
    );
}

#[test]
fn a_default_guards_whatever_stands_before_it() {
    check(
        "{{ a.b | upcase | default: 'friend' }}",
        &expect![[r#"
        friend
    "#]],
    );
    check(
        "{{ a.b | default: c }}",
        &expect![[r#"

        Missing c 1:19
    "#]],
    );
}

#[test]
fn a_condition_guards_and_reports_nothing() {
    check(
        "{% if a %}{{ a }}{% elsif b == 'x' %}{% else %}none{% endif %}{% case c %}{% when 1 %}{% endcase %}",
        &expect![[r#"
            none
        "#]],
    );
}

#[test]
fn an_assigned_name_remembers_which_path_was_missing() {
    check(
        "{% assign x = customer.city %}{% if x %}{{ x }}{% endif %}.",
        &expect![[r#"
        .
    "#]],
    );
    check(
        "{% assign x = customer.city %}{{ x }}",
        &expect![[r#"

        Missing customer.city 1:15
    "#]],
    );
}

#[test]
fn filters_loops_and_arguments_report_what_they_miss() {
    check(
        "{{ a | upcase }}{{ 'x' | append: b }}{% for i in c %}{% endfor %}{% for i in d %}{% else %}-{% endfor %}",
        &expect![[r#"
            x-
            Missing a 1:4
            Missing b 1:34
            Missing c 1:50
        "#]],
    );
}

#[test]
fn a_filter_that_finds_nothing_in_a_value_is_a_hole_like_any_other() {
    check(
        "{{ customer.tags | first }}{{ customer.tags | find: 'k', 1 | upcase }}{{ list | last | upcase }}{{ list | last | default: '-' }}",
        &expect![[r#"
            -
            Missing customer.tags 1:4
            Missing list 1:74
        "#]],
    );
    check(
        "{% assign tag = customer.tags | first %}{% if tag %}{{ tag }}{% endif %}.",
        &expect![[r#"
            .
        "#]],
    );
}

#[test]
fn items_that_are_nothing_are_reported_by_the_name_of_the_loop() {
    check(
        "{% for i in list %}[{{ i }}]{% endfor %}",
        &expect![[r#"
        [1][]
        Missing i 1:24
    "#]],
    );
}

#[test]
fn a_value_of_the_wrong_type_renders_as_liquid_does_and_is_reported() {
    check(
        "{{ word | plus: 1 }} {{ word | date: '%Y' }} {{ customer }}{% for i in customer.size %}{% endfor %}",
        &expect![[r#"
            1 many {"name"=>"Aiko", "nick"=>nil, "tags"=>[], "size"=>24}
            WrongType word 1:4
            WrongType customer 1:49
            WrongType i-customer.size 1:63
        "#]],
    );
}

#[test]
fn a_template_can_refuse_to_be_sent_and_then_nothing_is_written() {
    check(
        "Dear {% if customer.size < 30 %}{% abort_message('too small') %}{% endif %}",
        &expect![[r#"

            aborted: too small
        "#]],
    );
    check(
        "{% for i in list %}{% abort_message %}{% endfor %}x",
        &expect![[r#"

        aborted: 
    "#]],
    );
}

#[test]
fn a_table_of_nothing_writes_nothing() {
    check(
        "{% tablerow i in nothing %}{% endtablerow %}.",
        &expect![[r#"
        .
        Missing nothing 1:18
    "#]],
    );
}
