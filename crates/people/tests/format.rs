//! The stored form of people is a contract: these bytes were written by version 1 and stay readable.
//! `docs/formats/state.md` explains them.

#![allow(clippy::unwrap_used, reason = "a test")]

mod common;

use std::fmt::Write;

use expect_test::expect_file;

use common::World;

const TABLES: &[&str] =
    &["people.identifiers", "people.persons", "people.merges", "people.terms", "people.totals"];

/// Printable bytes as they are, others in hexadecimal.
fn printed(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        match byte {
            b'\\' => text.push_str("\\\\"),
            b' '..=b'~' => text.push(char::from(*byte)),
            _ => write!(text, "\\{byte:02x}").unwrap(),
        }
        text
    })
}

#[test]
fn what_is_stored_of_a_life_are_these_bytes() {
    let mut world = World::new();
    let long = "long".repeat(100);
    world.tell(&format!(
        "1700000000000 user_id:7 email:ann@example.com set name Ann Tanaka ; inc visits 2 ; add likes tea ; unset plan
         1700000000001 user_id:7 did view context.locale=ja-JP ; consent marketing/email yes ; topic news out
         1700000000002 user_id:7 address email ann@example.com live ; address email old@example.com bounced ; block
         1700000000003 anonymous_id:a loyalty_card:12 device:t did view ; address push t live
         1700000000004 user_id:7 anonymous_id:a did login
         1700000000005 anonymous_id:{long} did view
         1700000000006 user_id:9 did view
         1700000000007 user_id:9 erase"
    ));
    world.store.checkpoint(8, &[], &mut world.people.tables()).unwrap();
    let mut stored = String::new();
    for table in TABLES {
        writeln!(stored, "[{table}]").unwrap();
        let line = |key: &[u8], value: &[u8]| {
            writeln!(stored, "{} = {}", printed(key), printed(value)).unwrap();
        };
        world.store.raw(table, line).unwrap();
    }
    expect_file!["golden/state-v1.txt"].assert_eq(&stored);
    let before = world.everybody();
    world.reopen();
    assert_eq!(world.everybody(), before);
}
