//! Rows by a mapping, and chunks there and back.

use expect_test::{Expect, expect};
use model::SourceId;

use super::*;
use crate::{Desk, limits, show};

const SHOP: &str = r#"
    [identifiers]
    user_id = { column = "CustomerID", type = "int" }
    [time]
    column = "InvoiceDate"
    format = "%Y-%m-%d %H:%M:%S"
    zone = "Europe/London"
    [event]
    name = "purchase"
    [derived]
    amount = "Quantity * UnitPrice"
    [properties]
    amount = "amount"
    invoice = "InvoiceNo"
    quantity = { column = "Quantity", type = "int" }
    [traits]
    country = "Country"
    [[filter]]
    column = "InvoiceNo"
    not_starts_with = "X"
"#;

const COLUMNS: [&str; 6] = ["InvoiceNo", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID", "Country"];

fn desk() -> Desk {
    Desk { source: SourceId(1), received_at: "2026-03-01T12:00:00Z".parse().unwrap() }
}

fn plan(mapping: &str) -> Plan {
    Mapping::parse(mapping).unwrap().bind(&COLUMNS.map(str::to_owned)).unwrap()
}

fn cells(row: &str) -> Vec<Cell<'_>> {
    row.split(',').map(|cell| if cell.is_empty() { Cell::Missing } else { Cell::Text(cell) }).collect()
}

/// Every row through the mapping, a chunk, the wire and the server's side.
fn check(mapping: &str, rows: &[&str], expected: Expect) {
    let mut plan = plan(mapping);
    let mut text = String::new();
    let mut chunk = Chunk { key: ImportKey(7), first_line: 2, next_line: 2, rows: Vec::new() };
    for (line, row) in (2..).zip(rows) {
        match plan.row(line, &cells(row)) {
            Ok(Some(row)) => chunk.rows.push(row),
            Ok(None) => text.push_str(&format!("{line} left out\n")),
            Err(fault) => {
                text.push_str(&format!("{line} {} {}=`{}`\n", fault.reason, fault.field, fault.value));
            }
        }
    }
    let admission = admit_rows(&chunk.encode(), &desk()).unwrap();
    assert!(admission.facts.iter().all(|fact| fact.source.is_history()));
    expected.assert_eq(&(text + &show::admission(&admission)));
}

#[test]
fn a_row_becomes_an_event_with_derived_values_and_traits() {
    check(
        SHOP,
        &[
            "536365,6,2011-06-01 08:26:00,2.5,17850.0,United Kingdom",
            "536366,6,2010-12-01 08:26:00,2.5,17850.0,",
        ],
        expect![[r#"
            2011-06-01T07:26:00.000Z user_id:17850
              did purchase {"amount":15.0,"invoice":"536365","quantity":6}
              traits country="United Kingdom"
            2010-12-01T08:26:00.000Z user_id:17850
              did purchase {"amount":15.0,"invoice":"536366","quantity":6}
        "#]],
    );
}

#[test]
fn a_row_that_cannot_be_imported_says_why() {
    check(
        SHOP,
        &[
            "536365,6,2010-12-01 08:26:00,2.5,,United Kingdom",
            "536365,six,2010-12-01 08:26:00,2.5,1,",
            "536365,6,01.12.2010,2.5,1,",
            "536365,6,,2.5,1,",
            "536365,6.5,2010-12-01 08:26:00,2.5,1,",
            "536365,6,2010-12-01 08:26:00,2.5,17850.5,",
            "X36365,6,2010-12-01 08:26:00,2.5,,",
        ],
        expect![[r#"
            2 no_identifier CustomerID=`missing`
            3 bad_value amount (Quantity)=`six`
            4 bad_time time=`01.12.2010`
            5 bad_time time=`missing`
            6 bad_value quantity=`6.5`
            7 bad_value user_id=`17850.5`
            8 left out
        "#]],
    );
}

#[test]
fn customers_can_be_imported_without_an_event() {
    let mapping = r#"
        [identifiers]
        email = "InvoiceNo"
        loyalty_card = "CustomerID"
        [traits]
        since = { column = "InvoiceDate", type = "time" }
        phone = "UnitPrice"
        vip = { column = "Quantity", type = "bool" }
    "#;
    check(
        mapping,
        &[
            "A@Example.com,yes,2010-12-01T08:26:00+09:00,+81 90 1234 5678,L1,",
            "nobody,no,2010-12-01T08:26:00Z,,L1,",
        ],
        expect![[r#"
            3 bad_email email=`nobody`
            2026-03-01T12:00:00.000Z loyalty_card:L1 email:a@example.com phone:+819012345678
              traits phone="+81 90 1234 5678", since="2010-11-30T23:26:00.000Z", vip=true
              address email a@example.com live
              address sms +819012345678 live
        "#]],
    );
}

#[test]
fn a_row_says_yes_or_no_to_a_purpose() {
    let mapping = r#"
        [identifiers]
        user_id = "CustomerID"
        [[consent]]
        column = "Quantity"
        purpose = "marketing"
        channel = "email"
        [[consent]]
        column = "InvoiceNo"
        purpose = "research"
    "#;
    check(
        mapping,
        &["no,yes,,,1,", ",0,,,2,", ",perhaps,,,3,"],
        expect![[r#"
            4 bad_value consent=`perhaps`
            2026-03-01T12:00:00.000Z user_id:1
              consent marketing on email: true (import)
              consent research on every channel: false (import)
            2026-03-01T12:00:00.000Z user_id:2
              consent marketing on email: false (import)
        "#]],
    );
}

#[test]
fn a_mapping_names_only_columns_that_are_there() {
    let message = |mapping: &str| {
        let bound = Mapping::parse(mapping).unwrap().bind(&COLUMNS.map(str::to_owned));
        bound.err().map(|error| error.to_string()).unwrap_or_default()
    };
    assert_eq!(
        message(&SHOP.replace("\"Country\"", "\"Land\"")),
        "the file has no such column; it has `InvoiceNo`, `Quantity`, `InvoiceDate`, `UnitPrice`, `CustomerID`, `Country`. field=`traits.country`, value=`Land`",
    );
    assert_eq!(
        message(&SHOP.replace("Quantity * UnitPrice", "Quantity * Price")),
        "not an expression: expected the name of a column of the file. column=`12`, found=`Price`. field=`derived.amount`",
    );
}

#[test]
fn every_kind_of_filter_keeps_what_it_says() {
    let keeps = |filter: &str, quantity: &str| {
        let mapping = format!(
            "{}\n[[filter]]\ncolumn = \"Quantity\"\n{filter}",
            SHOP.replace("type = \"int\"", "type = \"text\"")
        );
        let row = format!("1,{quantity},2010-12-01 08:26:00,1,9,");
        plan(&mapping).row(1, &cells(&row)).unwrap().is_some()
    };
    for (filter, kept, left_out) in [
        ("above = 5", "6", "5"),
        ("at_least = 5", "5", "4.9"),
        ("below = 5", "4", "5"),
        ("at_most = 5", "5", "6"),
        ("equals = 5", "5.0", "6"),
        ("equals = \"5\"", "5", "5.0"),
        ("not = 5", "6", "5"),
        ("starts_with = \"5\"", "51", "15"),
        ("not_starts_with = \"5\"", "15", "51"),
        ("present = true", "5", ""),
        ("present = false", "", "5"),
    ] {
        assert!(keeps(filter, kept), "{filter} keeps {kept}");
        assert!(!keeps(filter, left_out), "{filter} leaves out {left_out}");
    }
}

#[test]
fn a_clock_change_is_read_as_the_zone_means_it() {
    let at = |wall: &str| {
        let row = format!("1,1,{wall},1,9,");
        plan(SHOP).row(1, &cells(&row)).unwrap().unwrap().at.unwrap().to_string()
    };
    assert_eq!(at("2011-03-27 01:30:00"), "2011-03-27T01:30:00.000Z", "skipped in London");
    assert_eq!(at("2011-10-30 01:30:00"), "2011-10-30T00:30:00.000Z", "twice in London");
}

#[test]
fn the_same_line_of_the_same_import_is_the_same_fact() {
    let row = |line, id: Option<&str>| {
        let mut row = plan(SHOP).row(line, &cells("1,1,2010-12-01 08:26:00,1,9,")).unwrap().unwrap();
        row.id = id.map(Into::into);
        row
    };
    let id = |key, row: Row| {
        let chunk = Chunk { key: ImportKey(key), first_line: 1, next_line: 9, rows: vec![row] };
        admit_rows(&chunk.encode(), &desk()).unwrap().facts[0].id
    };
    assert_eq!(id(1, row(2, None)), id(1, row(2, None)));
    assert_ne!(id(1, row(2, None)), id(1, row(3, None)));
    assert_ne!(id(1, row(2, None)), id(2, row(2, None)));
    assert_eq!(id(1, row(2, Some("order-7"))), id(2, row(9, Some("order-7"))));
}

#[test]
fn lines_of_the_segment_api_need_no_mapping() {
    let line = r#"{"type":"track","userId":"1","event":"a","messageId":"m1","timestamp":"2020-01-01T00:00:00Z",
        "properties":{"items":[{"sku":"A","at":"2020-01-01T00:00:00Z"}]},"context":{"device":{"token":"t"},"traits":{"x":null},"consent":{"categoryPreferences":{"marketing":true}}}}"#;
    let row = segment_row(1, line).unwrap();
    assert_eq!(row.id.as_deref(), Some("m1"));
    let chunk = Chunk { key: ImportKey(1), first_line: 1, next_line: 2, rows: vec![row] };
    expect![[r#"
        2020-01-01T00:00:00.000Z user_id:1 device:t
          did a {"items":[{"sku":"A","at":"2020-01-01T00:00:00.000Z"}]}
          traits x unset
          consent marketing on every channel: true (sdk)
          address push t live
    "#]]
    .assert_eq(&show::admission(&admit_rows(&chunk.encode(), &desk()).unwrap()));
    assert!(segment_row(1, "{").is_err());
    assert_eq!(segment_row(1, r#"{"type":"page","userId":"1"}"#).unwrap().at, None);
}

#[test]
fn a_client_cannot_say_more_than_an_import_may() {
    let admitted = |said: Said| {
        let who = vec![model::Identifier::user("1")];
        let row = Row { line: 5, id: None, at: None, who, said: vec![said] };
        let chunk = Chunk { key: ImportKey(1), first_line: 5, next_line: 6, rows: vec![row] };
        show::admission(&admit_rows(&chunk.encode(), &desk()).unwrap())
    };
    assert_eq!(
        admitted(Said::Did("$message_sent".into(), vec![])),
        "#5 reserved_name event=`$message_sent`\n"
    );
    let deep = format!("{}{}", "[".repeat(20), "]".repeat(20));
    assert_eq!(
        admitted(Said::Did("a".into(), vec![("l".into(), Datum::Json(deep.into()))])),
        "#5 too_deep properties=``\n"
    );
    let many = (0..=limits::PROPERTIES_MAX).map(|n| (format!("p{n}").into(), Datum::Null)).collect();
    assert_eq!(admitted(Said::Traits(many)), "#5 too_many traits=`513`\n");
}

/// A row of a customer who did something.
fn visit(line: u64, customer: &str, properties: Vec<(model::Text, Datum)>) -> Row {
    let said = vec![Said::Did("visit".into(), properties)];
    Row { line, id: None, at: None, who: vec![model::Identifier::user(customer)], said }
}

fn chunk(rows: Vec<Row>) -> Chunk {
    Chunk { key: ImportKey(1), first_line: 1, next_line: 9, rows }
}

#[test]
fn what_rows_have_in_common_is_said_once() {
    let page = |page: &str| vec![("page".into(), Datum::Text(page.into()))];
    let rows = vec![visit(1, "a", page("x")), visit(2, "b", vec![]), visit(3, "c", page("y"))];
    let plain = zstd::bulk::decompress(&chunk(rows).encode()[4..], 1 << 10).unwrap();
    let head = b"\x01\x01\x09\x03";
    let shape = b"\x00\x00\x00\x01\x00\x01\x00\x05visit\x01\x04page\x04";
    let another = b"\x01\x00\x00\x01\x00\x01\x00\x05visit\x00";
    let values: [&[u8]; 3] = [b"\x01\x01a\x01x", b"\x02\x01b", b"\x00\x03\x01c\x01y"];
    assert_eq!(plain, [head, &shape[..], values[0], another, values[1], values[2]].concat());
}

#[test]
fn rows_of_every_kind_come_back_as_they_were_sent() {
    let every = |line, id: Option<&str>, at: Option<i64>| {
        let data = vec![
            ("null".into(), Datum::Null),
            ("bool".into(), Datum::Bool(true)),
            ("int".into(), Datum::Int(-7)),
            ("float".into(), Datum::Float(0.5)),
            ("text".into(), Datum::Text("山".into())),
            ("time".into(), Datum::Time(Instant::from_ms(-1))),
            ("json".into(), Datum::Json("[1]".into())),
        ];
        let card = model::Identifier::new(model::IdentifierKind::from_word("card"), "7");
        let said = vec![
            Said::Did("visit".into(), data.clone()),
            Said::Traits(data),
            Said::Alias(card.clone()),
            Said::Reach(model::Channel::Email, "a@example.com".into()),
            Said::Consent(model::Purpose::Marketing, Some(model::Channel::Email), false, "asked".into()),
        ];
        let who = vec![model::Identifier::user("1"), card];
        Row { line, id: id.map(Into::into), at: at.map(Instant::from_ms), who, said }
    };
    let rows = vec![every(1, None, None), every(2, Some("a"), None), every(3, None, Some(5))];
    let sent = chunk(rows);
    assert_eq!(Chunk::decode(&sent.encode()), Ok(sent));
}

#[test]
fn a_row_that_is_refused_is_kept_whole_and_the_others_are_admitted() {
    let broken = vec![("list".into(), Datum::Json("[".into()))];
    let twice = vec![("n".into(), Datum::Int(1)), ("n".into(), Datum::Int(2))];
    let rows =
        vec![visit(1, "a", vec![]), visit(2, "null", vec![]), visit(3, "b", broken), visit(4, "c", twice)];
    let admission = admit_rows(&chunk(rows).encode(), &desk()).unwrap();
    let records: Vec<&str> = admission.rejects.iter().map(|reject| reject.record.as_str()).collect();
    assert_eq!(
        records,
        [
            r#"{"line":2,"id":null,"at":null,"who":[{"kind":"UserId","value":"null"}],"said":[{"Did":["visit",[]]}]}"#,
            r#"{"line":3,"id":null,"at":null,"who":[{"kind":"UserId","value":"b"}],"said":[{"Did":["visit",[["list",{"Json":"["}]]]}]}"#,
        ]
    );
    expect![[r#"
        2026-03-01T12:00:00.000Z user_id:a
          did visit {}
        2026-03-01T12:00:00.000Z user_id:c
          did visit {"n":2}
        #2 placeholder_identifier who=`null`
        #3 malformed list=`EOF while parsing a list at line 1 column 1`
    "#]]
    .assert_eq(&show::admission(&admission));
}

#[test]
fn a_small_chunk_cannot_stand_for_one_that_is_too_large() {
    let nothing: Vec<_> =
        (0..limits::PROPERTIES_MAX).map(|n| (format!("{n:0>200}").into(), Datum::Null)).collect();
    let rows = |count: u64| (1..=count).map(|line| visit(line, "1", nothing.clone())).collect::<Vec<_>>();
    let admitted = |count| admit_rows(&chunk(rows(count)).encode(), &desk());
    assert_eq!(admitted(300).map(|admission| admission.facts.len()), Ok(300));
    assert!(matches!(admitted(330), Err(crate::Refusal::TooLarge { .. })));
}

#[test]
fn bytes_that_are_no_chunk_are_refused() {
    let refused =
        |bytes: &[u8]| admit_rows(bytes, &desk()).map_err(|refusal| refusal.to_string()).unwrap_err();
    assert!(refused(b"").contains("it does not begin with `OMI2`"));
    assert!(refused(b"OMI2 not zstd").contains("the import chunk is unreadable"));
    let stranger = [&b"\x01\x01\x02\x01"[..], b"\x07\x01\x01a"].concat();
    let stranger = [b"OMI2".to_vec(), zstd::bulk::compress(&stranger, 1).unwrap()].concat();
    assert!(refused(&stranger).contains("a row has a shape that the chunk has not said"));
    assert!(refused(b"OMI1 of a client of before").contains("a client of the same version"));
    let chunk = Chunk { key: ImportKey(1), first_line: 1, next_line: 1, rows: Vec::new() }.encode();
    assert!(refused(&chunk[..chunk.len() - 1]).contains("the import chunk is unreadable"));
    let bomb =
        [b"OMI2".to_vec(), zstd::bulk::compress(&vec![0; limits::CHUNK_BYTES_MAX + 1], 1).unwrap()].concat();
    assert!(refused(&bomb).contains("too large"));
}

#[test]
fn an_import_key_reads_what_it_prints() {
    let key = ImportKey(0xab);
    assert_eq!(key.to_string().parse(), Ok(key));
    assert!("ab".parse::<ImportKey>().is_err());
}
