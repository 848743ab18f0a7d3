//! What each record becomes, and which code it fails with.

use expect_test::{Expect, expect};
use model::SourceId;

use super::*;
use crate::show;

fn desk() -> Desk {
    Desk { source: SourceId(2), received_at: "2026-03-01T12:00:00Z".parse().unwrap() }
}

fn uploaded(records: &str, options: Options<'_>) -> Upload {
    upload(format!("{{\"d\":[{records}]}}").as_bytes(), &desk(), options).unwrap()
}

fn check(records: &str, expected: Expect) {
    let Upload { admission, answer } = uploaded(records, Options::default());
    let summary = format!("{} {} {}\n", answer.status, answer.processed, answer.unprocessed.len());
    expected.assert_eq(&(summary + &show::admission(&admission)));
}

#[test]
fn an_event_happened_at_its_second_and_dates_are_instants() {
    check(
        r#"{"type":"event","identity":"u1","ts":1468308340,"evtName":"Charged","evtData":{"Amount":300,
            "Delivery By":"$D_1468322268","Items":[{"Category":"books","Quantity":1,"Due":"$D_0"}]}}"#,
        expect![[r#"
            success 1 0
            2016-07-12T07:25:40.000Z user_id:u1
              did Charged {"Amount":300,"Delivery By":"2016-07-12T11:17:48.000Z","Items":[{"Category":"books","Quantity":1,"Due":"1970-01-01T00:00:00.000Z"}]}
        "#]],
    );
}

#[test]
fn a_profile_brings_traits_addresses_and_consents() {
    check(
        r#"{"type":"profile","objectId":"o1","FBID":77,"profileData":{"Name":"Jack","Email":"J@x.io","Phone":"+14155551234",
            "Gender":"M","Age":41,"Tz":"Asia/Kolkata","DOB":"$D_631152000","MSG-email":false,"MSG-sms":true,"MSG-dndPhone":true}}"#,
        expect![[r#"
            success 1 0
            2026-03-01T12:00:00.000Z fbid:77 email:j@x.io phone:+14155551234 anonymous_id:o1
              traits name="Jack", email="J@x.io", phone="+14155551234", gender="M", Age=41, timezone="Asia/Kolkata", DOB="1990-01-01T00:00:00.000Z"
              address email j@x.io live
              address sms +14155551234 live
              consent marketing on email: false (clevertap)
              consent marketing on sms: true (clevertap)
              consent marketing on sms: false (clevertap)
        "#]],
    );
}

#[test]
fn operators_change_a_trait_by_what_they_say() {
    check(
        r#"{"type":"profile","identity":"u1","profileData":{"tags":{"$add":["a","b"]},"old":{"$remove":["c"]},
            "points":{"$incr":5},"score":{"$decr":2.5},"plan":{"$delete":1},"address":{"city":"Kyoto"},"none":null}}"#,
        expect![[r#"
            success 1 0
            2026-03-01T12:00:00.000Z user_id:u1
              traits tags adds ["a","b"], old removes ["c"], points+=5, score+=-2.5, plan unset, address.city="Kyoto", none unset
        "#]],
    );
}

#[test]
fn a_token_is_a_device_that_push_reaches() {
    check(
        r#"{"type":"token","objectId":"o1","tokenData":{"id":"tok","type":"fcm"}},
           {"type":"token","identity":"u1","tokenData":{"id":"sub","type":"chrome"}}"#,
        expect![[r#"
            success 2 0
            2026-03-01T12:00:00.000Z device:tok anonymous_id:o1
              address push tok live
            2026-03-01T12:00:00.000Z user_id:u1 device:sub
              address webpush sub live
        "#]],
    );
}

#[test]
fn each_failure_has_clevertaps_code() {
    for (record, code) in [
        (r#"{"type":"event","identity":"u"}"#, 509),
        (r#"{"type":"event","identity":"u","evtName":"App Launched"}"#, 513),
        (r#"{"type":"event","identity":"u","evtName":"$message_sent"}"#, 513),
        (r#"{"type":"profile","identity":"u","profileData":{"Gender":"X"}}"#, 514),
        (r#"{"type":"profile","identity":"u","profileData":{"Email":"nobody"}}"#, 515),
        (r#"{"type":"profile","identity":"u","profileData":{"Phone":"4155551234"}}"#, 516),
        (r#"{"type":"profile","identity":"u","profileData":{"Age":"forty"}}"#, 520),
        (r#"{"type":"event","evtName":"a"}"#, 523),
        (r#"{"type":"wink","identity":"u"}"#, 524),
        (r#"{"type":"event","identity":"u","evtName":"a","ts":"now"}"#, 525),
        (r#"{"type":"event","identity":"u","evtName":"a","ts":1468308340000}"#, 525),
        (r#"{"type":"event","objectId":[],"evtName":"a"}"#, 526),
        (r#"{"type":"event","identity":"u","evtName":"a","evtData":5}"#, 512),
        (r#"{"type":"profile","identity":"u","profileData":{"MSG-email":"no"}}"#, 512),
        (r#"{"type":"profile","identity":"u","profileData":{"points":{"$incr":"x"}}}"#, 512),
        (r#"{"type":"profile","identity":"u","profileData":{"points":{"$dance":1}}}"#, 512),
        ("7", 512),
    ] {
        let Upload { admission, answer } = uploaded(record, Options::default());
        assert_eq!((answer.status, answer.unprocessed[0].code), ("fail", code), "{record}");
        assert_eq!(admission.rejects[0].record, record);
        assert!(CODES.iter().any(|(known, _)| *known == code));
    }
}

#[test]
fn the_answer_names_what_was_not_processed() {
    let records = r#"{"type":"event","identity":"u","evtName":"a","ts":1},{"type":"profile","identity":"u","profileData":{"Email":"x"}}"#;
    let answer = uploaded(records, Options::default()).answer;
    expect![[r#"{"status":"partial","processed":1,"unprocessed":[{"status":"fail","code":515,"error":"the value is not an e-mail address: send an address like `a@example.com`. index=`1`, field=`Email`, value=`x`","record":{"type":"profile","identity":"u","profileData":{"Email":"x"}}}]}"#]]
        .assert_eq(&serde_json::to_string(&answer).unwrap());
}

#[test]
fn a_dry_run_admits_nothing_and_answers_the_same() {
    let record = r#"{"type":"event","identity":"u","evtName":"a"}"#;
    let dry = uploaded(record, Options { dry_run: true, idempotency_key: None });
    assert_eq!((dry.admission.facts.len(), dry.answer.processed, dry.answer.status), (0, 1, "success"));
}

#[test]
fn a_replayed_upload_is_the_same_facts() {
    let record = r#"{"type":"event","identity":"u","evtName":"a","ts":1468308340}"#;
    let id = |record: &str, key| {
        uploaded(record, Options { dry_run: false, idempotency_key: key }).admission.facts[0].id
    };
    assert_eq!(id(record, None), id(record, None));
    assert_eq!(id(record, Some("k")), id(&record.replace("1468308340", "1468308341"), Some("k")));
    assert_ne!(id(record, Some("k")), id(record, Some("l")));
}

#[test]
fn a_body_without_records_is_refused() {
    let refused = |body: &str| {
        upload(body.as_bytes(), &desk(), Options::default()).map(|_| ()).unwrap_err().to_string()
    };
    assert_eq!(refused("{}"), "`d` has to be a list of records. field=`d`, value=`missing`");
    assert_eq!(refused(r#"{"d":5}"#), "`d` has to be a list of records. field=`d`, value=`not a list`");
    assert!(refused("{").starts_with("the body is not valid JSON"));
    let many = vec!["{}"; limits::UPLOAD_RECORDS_MAX + 1].join(",");
    assert!(refused(&format!("{{\"d\":[{many}]}}")).starts_with("there are too many records"));
}
