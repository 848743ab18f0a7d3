//! Imports over HTTP: what is settled, whatever order chunks are answered in.

mod http_support;

use http_support::{Answer, Shop};
use ingest::import::{ChunkWriter, ImportKey, Row, Said};
use model::{Identifier, Instant};
use serde_json::json;

const KEY: ImportKey = ImportKey(7);

/// A chunk that settles these lines; each says that somebody visited.
fn chunk(lines: std::ops::Range<u64>) -> Vec<u8> {
    let mut writer = ChunkWriter::new(KEY, lines.start);
    for line in lines.clone() {
        let said = vec![Said::Did("visit".into(), Vec::new())];
        let who = vec![Identifier::user(line.to_string())];
        writer.push(&Row { line, id: None, at: Some(Instant::from_ms(0)), who, said });
    }
    writer.settle(lines.end);
    writer.cut()
}

async fn send(shop: &Shop, query: &str, lines: std::ops::Range<u64>) -> Answer {
    shop.raw("POST", &format!("/api/v1/data/imports/{KEY}/rows{query}"), chunk(lines)).await
}

/// An answer to rows: how many were accepted, were told before, and the last settled line.
fn check(answer: &Answer, accepted: u64, duplicate: u64, position: u64) {
    let number = |name: &str| answer.body[name].as_u64();
    let told = (number("accepted"), number("duplicate"), number("position"));
    assert_eq!(told, (Some(accepted), Some(duplicate), Some(position)), "{}", answer.text);
}

async fn begun() -> Shop {
    let shop = Shop::open().await;
    let new = json!({ "key": KEY.to_string(), "file": "visits.csv" });
    assert_eq!(shop.post("/api/v1/data/imports", &new).await.status, 200);
    shop
}

#[tokio::test(flavor = "multi_thread")]
async fn chunks_that_come_one_after_another_settle_their_lines() {
    let shop = begun().await;
    check(&send(&shop, "", 1..11).await, 10, 0, 10);
    check(&send(&shop, "", 1..11).await, 0, 10, 10);
    check(&send(&shop, "", 6..16).await, 5, 5, 15);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chunk_that_is_answered_before_the_one_before_it_settles_nothing() {
    let shop = begun().await;
    check(&send(&shop, "?settled=0", 11..21).await, 10, 0, 0);
    // The import broke off here and is begun again: lines that never came are not passed over.
    check(&send(&shop, "?settled=0", 1..11).await, 10, 0, 0);
    check(&send(&shop, "?settled=10", 11..21).await, 0, 10, 10);
    check(&send(&shop, "?settled=99", 21..31).await, 10, 0, 30);
    let finish = json!({ "rows": 31, "rejected": 1, "position": 31 });
    let finished = shop.post(&format!("/api/v1/data/imports/{KEY}/finish"), &finish).await;
    assert_eq!((&finished.body["position"], &finished.body["state"]), (&json!(31), &json!("finished")));
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_chunk_that_breaks_off_nothing_is_taken() {
    let shop = begun().await;
    let mut plain = zstd::bulk::decompress(&chunk(1..11)[4..], 1 << 20).expect("it was compressed");
    plain.pop();
    let broken = [b"OMI2".to_vec(), zstd::bulk::compress(&plain, 1).expect("it compresses")].concat();
    let path = format!("/api/v1/data/imports/{KEY}/rows");
    assert_eq!(shop.raw("POST", &path, broken).await.status, 400);
    check(&send(&shop, "", 1..11).await, 10, 0, 10);
    shop.close().await;
}
