//! A broken template says all that is wrong with it at once.

use expect_test::{Expect, expect};
use liquid::{CompileOptions, RenderOptions, Template};

fn check(template: &str, expected: &Expect) {
    let partials = vec![("footer".to_owned(), "{{ x | upcas }}".to_owned())];
    let options = CompileOptions { name: "body", partials: &partials, ..CompileOptions::default() };
    let errors = Template::compile(template, &options).expect_err("the template is broken");
    expected.assert_eq(&format!("{errors}\n"));
}

#[track_caller]
fn check_render(template: &str, expected: &Expect) {
    let template = Template::compile(template, &CompileOptions::default()).expect("it compiles");
    let mut out = "before".to_owned();
    let error = template.render(&(), &RenderOptions::default(), &mut out).expect_err("it cannot be rendered");
    assert_eq!(out, "before", "nothing of a failed rendering remains");
    expected.assert_eq(&format!("{error}\n"));
}

#[test]
fn every_error_is_told_with_its_place_and_the_nearest_name() {
    check(
        "Dear {{ name | upcas }},\n{% asign x = 1 %}\n{% if a = b %}yes{% endif %}\n{{ 'x' | append }}",
        &expect![[r#"
            unknown filter. filter=`upcas`, did you mean `upcase`?
            body:1:16
              Dear {{ name | upcas }},
                             ^
            unknown tag. tag=`asign`, did you mean `assign`?
            body:2:4
              {% asign x = 1 %}
                 ^
            unexpected text. found=`=`, expected `and`, `or`, a comparison or the end
            body:3:9
              {% if a = b %}yes{% endif %}
                      ^
            wrong number of arguments. filter=`append` arguments=`0`, expected 1
            body:4:10
              {{ 'x' | append }}
                       ^
        "#]],
    );
}

#[test]
fn what_is_not_closed_is_pointed_at_where_it_was_opened() {
    check(
        "{% for x in y %}\n{{ x }\n",
        &expect![[r#"
            not closed. opened=`{{`, expected its end
            body:2:1
              {{ x }
              ^
            not closed. opened=`{% for %}`, expected `{% endfor %}`
            body:1:4
              {% for x in y %}
                 ^
        "#]],
    );
}

#[test]
fn a_tag_in_the_wrong_place_says_what_belongs_there() {
    check(
        "{% if x %}{% endfor %}{% endif %}{% endif %}",
        &expect![[r#"
            unexpected text. found=`endfor`, expected `elsif` or `else` or `endif`
            body:1:14
              {% if x %}{% endfor %}{% endif %}{% endif %}
                           ^
            unexpected text. found=`endif`, expected a tag
            body:1:37
              {% if x %}{% endfor %}{% endif %}{% endif %}
                                                  ^
        "#]],
    );
}

#[test]
fn errors_in_partials_name_the_partial_and_unknown_ones_their_neighbour() {
    check(
        "{% render 'footer' %}{% render 'foter' %}",
        &expect![[r#"
            unknown partial. partial=`foter`, did you mean `footer`?
            body:1:25
              {% render 'footer' %}{% render 'foter' %}
                                      ^
            unknown filter. filter=`upcas`, did you mean `upcase`?
            footer:1:8
              {{ x | upcas }}
                     ^
        "#]],
    );
}

#[test]
fn tags_of_other_products_that_cannot_work_say_what_to_do_instead() {
    check(
        "{% connected_content https://example.com :save x %}",
        &expect![[r#"
            this tag is not available here: rendering never calls another server; put the data into a catalogue. tag=`connected_content`
            body:1:4
              {% connected_content https://example.com :save x %}
                 ^
        "#]],
    );
}

#[test]
fn what_goes_wrong_while_rendering_has_its_place_too() {
    check_render(
        "line one\nthe total is {{ 10 | divided_by: 0 }}",
        &expect![[r#"
            divided by zero. filter=`divided_by`
            template:2:17
              the total is {{ 10 | divided_by: 0 }}
                              ^
        "#]],
    );
    check_render(
        "{% if '2' > 1 %}x{% endif %}",
        &expect![[r#"
            cannot compare a text with a whole number
            template:1:4
              {% if '2' > 1 %}x{% endif %}
                 ^
        "#]],
    );
}
