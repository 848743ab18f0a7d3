//! The text form as a specification: what reads, how it prints, what is said when it does not read.

use expect_test::{Expect, expect};
use proptest::prelude::*;

use crate::strategies::Names;
use crate::{Condition, Filter};

proptest! {
    #[test]
    fn a_condition_reads_what_it_prints(condition in Names::WILD.condition()) {
        let text = condition.to_string();
        let read = text.parse::<Condition>();
        prop_assert!(read.is_ok(), "{text}\n{}", read.unwrap_err());
        prop_assert_eq!(read.unwrap(), condition, "{}", text);
    }

    #[test]
    fn a_filter_reads_what_it_prints(filter in Names::WILD.filter()) {
        let text = filter.to_string();
        let read = text.parse::<Filter>();
        prop_assert!(read.is_ok(), "{text}\n{}", read.unwrap_err());
        prop_assert_eq!(read.unwrap(), filter, "{}", text);
    }

    #[test]
    fn json_says_the_same_as_text(condition in Names::WILD.condition()) {
        let json = condition.to_json().to_string();
        let read = Condition::from_json(&json);
        prop_assert!(read.is_ok(), "{json}\n{}", read.unwrap_err());
        prop_assert_eq!(read.unwrap(), condition, "{}", json);
    }

    #[test]
    fn no_text_breaks_the_reader(text in "([a-z\"()=<>0-9 -]|did|and|not|where|\"e\"|in last|購){0,20}") {
        if let Err(errors) = text.parse::<Condition>() {
            prop_assert!(!errors.errors.is_empty());
        }
        let _either_way = text.parse::<Filter>();
    }
}

/// Reads and prints: the canonical text, or the errors with their pictures.
fn check(text: &str, expected: Expect) {
    let said = match text.parse::<Condition>() {
        Ok(condition) => condition.to_string(),
        Err(errors) => errors.to_string(),
    };
    expected.assert_eq(&said);
}

#[test]
fn the_specified_example_is_its_own_canonical_text_but_for_did_not() {
    check(
        "did \"purchase\" where category = \"shoes\" at least 2 times in last 30 days\n\
         and not did \"app_uninstall\" in last 90 days and trait country in (\"JP\", \"TW\")",
        expect![[
            r#"did "purchase" where category = "shoes" at least 2 times in last 30 days and did not "app_uninstall" in last 90 days and trait country in ("JP", "TW")"#
        ]],
    );
}

#[test]
fn other_spellings_become_the_canonical_one() {
    check(
        "DID NOT “purchase” in last 1 days at least once OR (did \"a\" sum of amount ≥ 1e2)",
        expect![[r#"did not "purchase" in last 1 day or did "a" with sum of amount >= 100"#]],
    );
}

#[test]
fn filters_end_where_the_next_condition_begins() {
    check(
        r#"did "a" where (x = 1 or y is not set) and not (z <> true) and not (did "b" or trait c today)"#,
        expect![[
            r#"did "a" where (x = 1 or y is not set) and not z != true and not (did "b" or trait c today)"#
        ]],
    );
}

#[test]
fn a_misspelt_word_is_named_with_the_nearest_that_fits() {
    check(
        r#"did "purchase" at least 2 tims in last 30 days"#,
        expect![[r#"
            line 1, column 27: found `tims`: expected `times` or `time`; did you mean `times`?
            did "purchase" at least 2 tims in last 30 days
                                      ^^^^"#]],
    );
}

#[test]
fn several_errors_are_told_at_once() {
    check(
        "did purchase in last 3 months and trait plan = gold\nor reachable on mail and did \"x\" with sum amount > 3",
        expect![[r#"
            line 1, column 5: found `purchase`: expected `not` or an event name in quotes; write "purchase" if that is its name
            did purchase in last 3 months and trait plan = gold
                ^^^^^^^^
            line 1, column 48: found `gold`: expected a text in quotes, a number, a date, `true` or `false`; write "gold" if it is a text
            did purchase in last 3 months and trait plan = gold
                                                           ^^^^
            line 2, column 17: found `mail`: expected `push`, `webpush`, `email`, `sms`, `inapp`, `inbox`, `whatsapp`, `line`, `messenger`, `voice`, `video` or `webhook`; did you mean `email`?
            or reachable on mail and did "x" with sum amount > 3
                            ^^^^
            line 2, column 43: found `amount`: expected `of`
            or reachable on mail and did "x" with sum amount > 3
                                                      ^^^^^^"#]],
    );
}

#[test]
fn a_property_after_its_window_is_explained() {
    check(
        r#"did "purchase" in last 30 days and category = "shoes""#,
        expect![[r#"
        line 1, column 36: found `category`: expected `not`, `(` or a condition like `did "purchase"`; a trait reads `trait category …`; a property of an event stands after `where`, before the window
        did "purchase" in last 30 days and category = "shoes"
                                           ^^^^^^^^"#]],
    );
}

#[test]
fn what_may_follow_is_listed_when_the_text_goes_on_wrongly() {
    check(
        r#"did "purchase" in last 30 days at leat 2 times"#,
        expect![[r#"
        line 1, column 35: found `leat`: expected `least` or `most`; did you mean `least`?
        did "purchase" in last 30 days at leat 2 times
                                          ^^^^"#]],
    );
    check(
        r#"everyone everyone"#,
        expect![[r#"
        line 1, column 10: found `everyone`: expected `and`, `or` or the end
        everyone everyone
                 ^^^^^^^^"#]],
    );
    check(
        r#"(did "a" or did "b""#,
        expect![[r#"
        line 1, column 20: the text ends here: expected `where`, `at`, `exactly`, `with`, `sum`, `avg`, `min`, `max`, `distinct`, `in`, `between`, `since`, `before`, `ever`, `today`, `this`, `and`, `or` or `)`
        (did "a" or did "b"
                           ^"#]],
    );
    check(
        r#"did "a") and did"#,
        expect![[r#"
            line 1, column 8: found `)`: expected `where`, `at`, `exactly`, `with`, `sum`, `avg`, `min`, `max`, `distinct`, `in`, `between`, `since`, `before`, `ever`, `today`, `this`, `and`, `or` or the end
            did "a") and did
                   ^
            line 1, column 17: the text ends here: expected `not` or an event name in quotes
            did "a") and did
                            ^"#]],
    );
}

#[test]
fn an_end_too_early_points_behind_the_text() {
    check(
        "",
        expect![[r#"
        line 1, column 1: the text ends here: expected `not`, `(` or a condition like `did "purchase"`

        ^"#]],
    );
    check(
        "trait country",
        expect![[r#"
        line 1, column 14: the text ends here: expected `=`, `!=`, `<`, `<=`, `>`, `>=`, `between`, `in`, `contains`, `starts`, `ends`, `matches`, `is`, `anniversary`, `today` or `this`
        trait country
                     ^"#]],
    );
    check(
        "did \"購入\" in last",
        expect![[r#"
        line 1, column 17: the text ends here: expected a whole number
        did "購入" in last
                          ^"#]],
    );
}

#[test]
fn bad_texts_numbers_dates_and_patterns_are_named() {
    check(
        "did \"a\" since 2026-13-01 and trait x = 'y' and trait z matches \"(\" and did \"open",
        expect![[r#"
            line 1, column 15: not a date like `2026-01-31`, nor an instant like `2026-01-31T12:00:00Z`
            did "a" since 2026-13-01 and trait x = 'y' and trait z matches "(" and did "open
                          ^^^^^^^^^^
            line 1, column 40: a text stands in double quotes, not in single ones
            did "a" since 2026-13-01 and trait x = 'y' and trait z matches "(" and did "open
                                                   ^^^
            line 1, column 64: not a pattern: unclosed group. value=`(`
            did "a" since 2026-13-01 and trait x = 'y' and trait z matches "(" and did "open
                                                                           ^^^
            line 1, column 76: the text in quotes has no end: a closing quote is missing
            did "a" since 2026-13-01 and trait x = 'y' and trait z matches "(" and did "open
                                                                                       ^^^^^"#]],
    );
    check(
        "trait x = \"a\\q\" and usual hour of \"e\" between 8 and 24",
        expect![[r#"
        line 1, column 13: not an escape: expected `\"`, `\\`, `\n`, `\t`, `\r` or `\u{3042}`
        trait x = "a\q" and usual hour of "e" between 8 and 24
                    ^^
        line 1, column 53: an hour is between 0 and 23
        trait x = "a\q" and usual hour of "e" between 8 and 24
                                                            ^^"#]],
    );
}

#[test]
fn a_word_of_the_language_as_a_name_wants_quotes() {
    check(
        "trait not is set",
        expect![[r#"
        line 1, column 7: found `not`: expected the name of a trait; `not` is a word of the language: write "not" if that is its name
        trait not is set
              ^^^"#]],
    );
    check("trait \"not\" is set", expect![[r#"trait "not" is set"#]]);
    check(
        "trait country not in (\"JP\")",
        expect![[r#"
        line 1, column 15: found `not`: expected `=`, `!=`, `<`, `<=`, `>`, `>=`, `between`, `in`, `contains`, `starts`, `ends`, `matches`, `is`, `anniversary`, `today` or `this`; write `not` before the whole test, as in `not trait country in ("JP")`: that includes people of whom it is not known
        trait country not in ("JP")
                      ^^^"#]],
    );
}

#[test]
fn places_are_read_in_metres_and_kilometres_and_names_may_be_those_of_places() {
    check(
        r#"did "visit" where NEAR 35.6812,139.7671 within 1.5 km and home near -33, 151.2 within 2000 m in last 3 days"#,
        expect![[
            r#"did "visit" where near 35.6812, 139.7671 within 1500 m and home near -33, 151.2 within 2 km in last 3 days"#
        ]],
    );
    check(
        r#"trait near near 1, 2 within 3 m or trait inside inside ((0, 0), (0, 1), (1, 1)) or trait point (lat, "a b") near 1, 2 within 1 km"#,
        expect![[
            r#"trait near near 1, 2 within 3 m or trait inside inside ((0, 0), (0, 1), (1, 1)) or trait point (lat, "a b") near 1, 2 within 1 km"#
        ]],
    );
    check(
        r#"last place of "visit" near 1, 2 within 1 km where x = 1 in last 7 days and last place of of "visit" near 1, 2 within 1 km"#,
        expect![[
            r#"last place of "visit" near 1, 2 within 1 km where x = 1 in last 7 days and last place of of "visit" near 1, 2 within 1 km"#
        ]],
    );
}

#[test]
fn places_that_are_none_are_named_with_what_was_expected() {
    check(
        r#"trait home near 95, 139.7 within 2 km"#,
        expect![[r#"
            line 1, column 21: a point is a latitude from -90 to 90 and a longitude from -180 to 180. value=`95, 139.7`
            trait home near 95, 139.7 within 2 km
                                ^^^^^"#]],
    );
    check(
        r#"did "visit" where near 35.6, 139.7 within 2 miles"#,
        expect![[r#"
            line 1, column 45: found `miles`: expected `km` or `m`
            did "visit" where near 35.6, 139.7 within 2 miles
                                                        ^^^^^"#]],
    );
    check(
        r#"did "visit" where inside ((35.6, 139.7), (35.7, 139.7))"#,
        expect![[r#"
            line 1, column 55: a polygon has 3 to 100 points. count=`2`
            did "visit" where inside ((35.6, 139.7), (35.7, 139.7))
                                                                  ^"#]],
    );
    check(
        r#"near 35.6, 139.7 within 2 km"#,
        expect![[r#"
            line 1, column 1: found `near`: expected `not`, `(` or a condition like `did "purchase"`; a place reads `trait home near …`, `did "visit" where near …` or `last place of "visit" near …`
            near 35.6, 139.7 within 2 km
            ^^^^"#]],
    );
}

#[test]
fn nesting_and_length_have_limits() {
    let deep = format!("{}everyone{}", "(".repeat(30), ")".repeat(30));
    assert!(deep.parse::<Condition>().is_err_and(|errors| errors.to_string().contains("at most 24 deep")));
    let long = format!("trait x = \"{}\"", "a".repeat(70_000));
    assert!(
        long.parse::<Condition>().is_err_and(|errors| errors.to_string().contains("at most 65536 bytes"))
    );
}

#[test]
fn json_is_for_people_and_builders() {
    let check = |text: &str, expected: Expect| {
        let condition: Condition = text.parse().unwrap();
        let json = condition.to_json().to_string();
        expected.assert_eq(&json);
        assert_eq!(Condition::from_json(&json).unwrap(), condition);
    };
    check("everyone", expect![[r#"{"type":"everyone"}"#]]);
    check(
        r#"did "purchase" at least 2 times in last 2 weeks"#,
        expect![[
            r#"{"type":"did","event":"purchase","measure":{"type":"at_least","times":2},"window":{"type":"last","span":"2 weeks"}}"#
        ]],
    );
    check(
        r#"did "purchase" where category = "shoes" and not size > 42"#,
        expect![[
            r#"{"type":"did","event":"purchase","where":{"type":"all","of":[{"type":"property","name":"category","test":{"is":"=","value":"shoes"}},{"type":"not","of":{"type":"property","name":"size","test":{"is":">","value":42}}}]}}"#
        ]],
    );
    check(
        r#"did "purchase" with sum of amount >= 99.5 since 2026-01-31"#,
        expect![[
            r#"{"type":"did","event":"purchase","measure":{"type":"amount","function":"sum","of":"amount","is":">=","value":99.5},"window":{"type":"since","from":{"date":"2026-01-31"}}}"#
        ]],
    );
    check(
        r#"trait country in ("JP", "TW") or trait vip is not set"#,
        expect![[
            r#"{"type":"any","of":[{"type":"trait","name":"country","test":{"is":"in","values":["JP","TW"]}},{"type":"not","of":{"type":"trait","name":"vip","test":{"is":"set"}}}]}"#
        ]],
    );
    check(
        r#"trait trial_end in next 3 days and trait renewal < 3 days ago"#,
        expect![[
            r#"{"type":"all","of":[{"type":"trait","name":"trial_end","test":{"is":"in_next","span":"3 days"}},{"type":"trait","name":"renewal","test":{"is":"<","value":{"ago":"3 days"}}}]}"#
        ]],
    );
    check(
        r#"sequence "a" then "b" within 1 day without "c" between"#,
        expect![[
            r#"{"type":"sequence","steps":[{"event":"a"},{"event":"b"}],"within":"1 day","without":{"event":"c"}}"#
        ]],
    );
    check(
        r#"reachable on email and consented to marketing"#,
        expect![[
            r#"{"type":"all","of":[{"type":"reachable","channel":"email"},{"type":"consented","purpose":"marketing"}]}"#
        ]],
    );
}

#[test]
fn json_that_is_wrong_says_where() {
    let check = |json: &str, expected: Expect| {
        expected.assert_eq(&Condition::from_json(json).unwrap_err().to_string());
    };
    check(
        r#"{"type":"did","event":"a","windw":{"type":"ever"}}"#,
        expect![
            "not the JSON of a condition: unknown field `windw`, expected one of `event`, `where`, `measure`, `window`"
        ],
    );
    check(
        r#"{"type":"done","event":"a"}"#,
        expect![
            "not the JSON of a condition: unknown variant `done`, expected one of `everyone`, `all`, `any`, `not`, `did`, `first_did`, `last_did`, `sequence`, `mostly`, `usual_hour`, `last_place`, `trait_place`, `trait`, `reachable`, `consented`, `subscribed`, `member` at line 1 column 14"
        ],
    );
    check(
        r#"{"type":"trait","name":"a","test":{"is":"=","value":null}}"#,
        expect![[
            r#"not the JSON of a condition: expected a value: a text, a number, true, false, or a moment like {"date": "2026-01-31"}, {"ago": "3 days"}"#
        ]],
    );
    check(
        r#"{"type":"trait_place","place":{"latitude":"a","longitude":"b","area":{"near":{"point":[null,0],"meters":5}}}}"#,
        expect!["not the JSON of a condition: invalid type: null, expected a number"],
    );
    check(r#"{"type":"all","of":[]}"#, expect!["`all` needs at least one part under `of`"]);
    check(
        r#"{"type":"trait","name":"a","test":{"is":"matches","pattern":"("}}"#,
        expect!["not the JSON of a condition: not a pattern: unclosed group. value=`(`"],
    );
}
