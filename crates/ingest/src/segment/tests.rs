//! What each call becomes.

use expect_test::{Expect, expect};
use model::SourceId;

use super::*;
use crate::show;

fn desk() -> Desk {
    Desk { source: SourceId(1), received_at: "2026-03-01T12:00:00Z".parse().unwrap() }
}

fn check(call: Call, body: &str, expected: Expect) {
    let text = match admit(call, body.as_bytes(), &desk()) {
        Ok(admission) => show::admission(&admission),
        Err(refusal) => format!("{:?}: {refusal}\n", refusal.kind()),
    };
    expected.assert_eq(&text);
}

#[test]
fn a_track_is_something_that_the_customer_did() {
    check(
        Call::Track,
        r#"{"userId":"42","event":"Order Completed","messageId":"m1","timestamp":"2026-03-01T10:00:00Z",
            "properties":{"revenue":1299.5,"shipping":{"city":"京都"},"products":[{"sku":"A","price":1200}],"none":null}}"#,
        expect![[r#"
            2026-03-01T10:00:00.000Z user_id:42
              did Order Completed {"revenue":1299.5,"shipping.city":"京都","products":[{"sku":"A","price":1200}],"none":null}
        "#]],
    );
}

#[test]
fn an_identify_sets_traits_and_its_email_and_phone_identify_and_reach() {
    check(
        Call::Identify,
        r#"{"userId":"42","anonymousId":"a1","traits":{"email":"Peter@Example.com","phone":"+81 90-1234-5678",
            "plan":null,"address":{"city":"Kyoto"}},"context":{"locale":"ja-JP","timezone":"Asia/Tokyo"}}"#,
        expect![[r#"
            2026-03-01T12:00:00.000Z user_id:42 email:peter@example.com phone:+819012345678 anonymous_id:a1
              traits email="Peter@Example.com", phone="+81 90-1234-5678", plan unset, address.city="Kyoto", locale="ja-JP", timezone="Asia/Tokyo"
              address email peter@example.com live
              address sms +819012345678 live
        "#]],
    );
}

#[test]
fn consent_in_the_context_is_recorded_by_purpose() {
    check(
        Call::Identify,
        r#"{"userId":"42","traits":{},"context":{"consent":{"categoryPreferences":{"Advertising":true,"research":false,"Analytics":true}}}}"#,
        expect![[r#"
            2026-03-01T12:00:00.000Z user_id:42
              traits 
              consent marketing on every channel: true (sdk)
              consent research on every channel: false (sdk)
        "#]],
    );
}

#[test]
fn an_identify_without_traits_still_joins_its_identifiers() {
    check(
        Call::Identify,
        r#"{"userId":42,"anonymousId":"a1"}"#,
        expect![[r#"
            2026-03-01T12:00:00.000Z user_id:42 anonymous_id:a1
              traits 
        "#]],
    );
}

#[test]
fn pages_and_screens_are_events_with_a_name_and_a_category() {
    check(
        Call::Page,
        r#"{"anonymousId":"a1","name":"Home","category":"Docs","properties":{"url":"https://e.com/?a=1"},
            "context":{"page":{"url":"https://e.com/","title":"Welcome"},"campaign":{"source":"mail"},"ip":"8.8.8.8"}}"#,
        expect![[r#"
            2026-03-01T12:00:00.000Z anonymous_id:a1
              did page {"url":"https://e.com/?a=1","name":"Home","category":"Docs","context.page.url":"https://e.com/","context.page.title":"Welcome","context.campaign.source":"mail"}
        "#]],
    );
    check(
        Call::Screen,
        r#"{"user_id":"42","name":"Main"}"#,
        expect![[r#"
            2026-03-01T12:00:00.000Z user_id:42
              did screen {"name":"Main"}
        "#]],
    );
}

#[test]
fn a_group_is_an_event_and_a_trait_and_its_traits_are_not_the_persons() {
    check(
        Call::Group,
        r#"{"userId":"42","groupId":"g1","traits":{"name":"Initech","email":"office@initech.com"}}"#,
        expect![[r#"
            2026-03-01T12:00:00.000Z user_id:42
              did group {"name":"Initech","email":"office@initech.com","group_id":"g1"}
              traits group_id="g1"
        "#]],
    );
}

#[test]
fn an_alias_names_the_previous_identifier() {
    check(
        Call::Alias,
        r#"{"userId":"42","previousId":"a1"}"#,
        expect![[r#"
            2026-03-01T12:00:00.000Z user_id:42
              alias anonymous_id:a1
        "#]],
    );
    check(
        Call::Alias,
        r#"{"userId":"42","previousId":"Jen@email.com"}"#,
        expect![[r#"
            2026-03-01T12:00:00.000Z user_id:42
              alias email:jen@email.com
        "#]],
    );
}

#[test]
fn the_context_brings_devices_traits_and_other_identifiers() {
    check(
        Call::Track,
        r#"{"userId":"42","event":"e","context":{"traits":{"email":"a@example.com"},
            "device":{"token":"ff15","type":"ios","id":"B5"},"groupId":"g1","os":{"name":"iOS","version":"8.1.3"},
            "externalIds":[{"id":"L1","type":"loyalty_card","collection":"users"},{"id":"x","type":"crm","collection":"accounts"}]}}"#,
        expect![[r#"
            2026-03-01T12:00:00.000Z user_id:42 loyalty_card:L1 email:a@example.com device:ff15
              did e {"context.group_id":"g1","context.device.type":"ios","context.os.name":"iOS","context.os.version":"8.1.3"}
              traits email="a@example.com"
              address email a@example.com live
              address push ff15 live
        "#]],
    );
}

#[test]
fn a_batch_lends_its_context_and_sending_time_to_its_events() {
    check(
        Call::Batch,
        r#"{"batch":[
              {"type":"track","userId":"1","event":"a","timestamp":"2026-03-01T10:00:00Z"},
              {"type":"page","userId":"2","context":{"locale":"en","page":{"path":"/x"}}},
              {"type":"wink","userId":"3"},
              7,
              {"type":"track","event":"b"}],
            "context":{"locale":"ja","page":{"path":"/","title":"T"},"traits":{"vip":true}},
            "sentAt":"2026-03-01T10:00:10Z"}"#,
        expect![[r#"
            2026-03-01T11:59:50.000Z user_id:1
              did a {"context.locale":"ja","context.page.path":"/","context.page.title":"T"}
              traits vip=true
            2026-03-01T12:00:00.000Z user_id:2
              did page {"context.locale":"en","context.page.path":"/x","context.page.title":"T"}
              traits vip=true
            #2 unknown_type type=`wink`
            #3 malformed record=`number`
            #4 no_identifier anonymousId=`missing`
        "#]],
    );
}

#[test]
fn an_import_tells_history_and_clocks_are_not_corrected() {
    let body = r#"{"batch":[{"type":"track","userId":"1","event":"a","timestamp":"2011-03-01T10:00:00Z"}],"sentAt":"2011-03-01T10:00:00Z"}"#;
    check(
        Call::Import,
        body,
        expect![[r#"
            2011-03-01T10:00:00.000Z user_id:1
              did a {}
        "#]],
    );
    assert!(admit(Call::Import, body.as_bytes(), &desk()).unwrap().facts[0].source.is_history());
}

#[test]
fn an_event_from_the_future_happens_on_arrival_and_says_so() {
    check(
        Call::Track,
        r#"{"userId":"1","event":"a","timestamp":"2030-01-01T00:00:00Z"}"#,
        expect![[r#"
            2026-03-01T12:00:00.000Z user_id:1
              did a {"context.time_clamped":true}
        "#]],
    );
}

#[test]
fn what_cannot_be_admitted_names_the_field_and_the_value() {
    for (body, expected) in [
        (r#"{"event":"a"}"#, "no_identifier anonymousId=`missing`"),
        (r#"{"userId":"","anonymousId":null,"event":"a"}"#, "no_identifier anonymousId=`missing`"),
        (r#"{"userId":"1"}"#, "no_name event=`missing`"),
        (r#"{"userId":"1","event":5}"#, "wrong_type event=`5`"),
        (r#"{"userId":["1"],"event":"a"}"#, "wrong_type userId=`list`"),
        (r#"{"userId":"undefined","event":"a"}"#, "placeholder_identifier userId=`undefined`"),
        (r#"{"userId":"1","event":"$message_sent"}"#, "reserved_name event=`$message_sent`"),
        (r#"{"userId":"1","event":"a","timestamp":"yesterday"}"#, "bad_time timestamp=`yesterday`"),
        (r#"{"userId":"1","event":"a","sentAt":true}"#, "wrong_type sentAt=`bool`"),
        (r#"{"userId":"1","event":"a","properties":[1]}"#, "wrong_type properties=`list`"),
        (r#"{"userId":"1","event":"a","context":"x"}"#, "wrong_type context=`text`"),
        (r#"[]"#, "malformed body=`list`"),
    ] {
        let admission = admit(Call::Track, body.as_bytes(), &desk()).unwrap();
        assert_eq!(show::admission(&admission), format!("#0 {expected}\n"), "{body}");
        assert_eq!(admission.rejects[0].record, body);
    }
}

#[test]
fn a_body_that_is_no_json_is_refused_with_its_place() {
    check(
        Call::Track,
        "{\"userId\":\"1\",\n \"event\": oops}",
        expect![[r#"
            Invalid: the body is not valid JSON: expected value. line=`2`, column=`11`
        "#]],
    );
    check(
        Call::Batch,
        r#"{"batch":{}}"#,
        expect![[r#"
            Invalid: `batch` has to be a list of events. field=`batch`, value=`not a list`
        "#]],
    );
    check(
        Call::Batch,
        "{}",
        expect![[r#"
            Invalid: `batch` has to be a list of events. field=`batch`, value=`missing`
        "#]],
    );
}

#[test]
fn sizes_are_limited() {
    let padding = "x".repeat(limits::EVENT_BYTES_MAX);
    let event = format!(r#"{{"type":"track","userId":"1","event":"a","properties":{{"p":"{padding}"}}}}"#);
    check(
        Call::Track,
        &event,
        expect![[r#"
            TooLarge: the body is too large: send it in smaller pieces. bytes=`32831`, limit_bytes=`32768`
        "#]],
    );
    let one = r#"{"type":"track","userId":"1","event":"a"}"#;
    let admission = admit(Call::Batch, format!("{{\"batch\":[{event},{one}]}}").as_bytes(), &desk()).unwrap();
    assert_eq!((admission.facts.len(), admission.rejects[0].reason), (1, Reason::TooLarge));
    assert!(admission.rejects[0].record.ends_with('…'));

    let many = vec!["{}"; limits::BATCH_EVENTS_MAX + 1].join(",");
    check(
        Call::Batch,
        &format!("{{\"batch\":[{many}]}}"),
        expect![[r#"
            TooLarge: there are too many records in one body: send fewer at once. records=`2501`, limit=`2500`
        "#]],
    );
    let large = format!("{{\"batch\":[],\"x\":\"{}\"}}", "x".repeat(limits::BATCH_BYTES_MAX));
    assert!(matches!(admit(Call::Batch, large.as_bytes(), &desk()), Err(Refusal::TooLarge { .. })));
}

fn id(call: Call, body: &str, seconds_later: i64) -> FactId {
    let desk = Desk { received_at: desk().received_at.plus_ms(seconds_later * Instant::SECOND_MS), ..desk() };
    admit(call, body.as_bytes(), &desk).unwrap().facts.last().unwrap().id
}

#[test]
fn a_message_id_makes_the_fact_the_same_however_it_comes() {
    let single = id(Call::Track, r#"{"userId":"1","event":"a","messageId":"m1"}"#, 0);
    let batched =
        id(Call::Batch, r#"{"batch":[{"type":"track","userId":"1","event":"a","messageId":"m1"}]}"#, 99);
    assert_eq!(single, batched);
    assert_ne!(single, id(Call::Track, r#"{"userId":"1","event":"a","messageId":"m2"}"#, 0));
}

#[test]
fn without_a_message_id_a_blind_retry_is_the_same_fact() {
    let timed = r#"{"userId":"1","event":"a","timestamp":"2026-03-01T10:00:00Z"}"#;
    assert_eq!(id(Call::Track, timed, 0), id(Call::Track, timed, 3600));
    let untimed = r#"{"userId":"1","event":"a"}"#;
    assert_eq!(id(Call::Track, untimed, 0), id(Call::Track, untimed, 0));
    assert_ne!(id(Call::Track, untimed, 0), id(Call::Track, untimed, 1));
    let twice =
        r#"{"batch":[{"type":"track","userId":"1","event":"a"},{"type":"track","userId":"1","event":"a"}]}"#;
    let facts = admit(Call::Batch, twice.as_bytes(), &desk()).unwrap().facts;
    assert_ne!(facts[0].id, facts[1].id);
}

#[test]
fn the_paths_of_servers_and_browsers_are_understood() {
    for call in Call::ALL {
        assert_eq!(call.word().parse(), Ok(*call));
    }
    assert_eq!("t".parse(), Ok(Call::Track));
    assert!("tracks".parse::<Call>().is_err_and(|error| error.to_string().ends_with("value=`tracks`")));
}
