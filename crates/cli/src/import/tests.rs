//! Files of every format, read and mapped; and the real purchase log, whole.

use std::collections::HashSet;
use std::io::Write as _;

use super::*;

const MAP: &str = r#"
    [identifiers]
    user_id = "Id"
    [time]
    column = "At"
    zone = "Asia/Tokyo"
    [event]
    name = "purchase"
    [properties]
    amount = { column = "Amount", type = "float" }
"#;

const CSV: &str = "Id,At,Amount\n1,2026-01-01T09:00:00,5\n,2026-01-01T09:00:00,6\n\"2\n\",2026-01-01T09:00:00,7.5\n3,x\n4,2026-01-02T09:00:00,8\n";

fn lines(name: &str, bytes: &[u8], map: Option<&str>) -> Result<Vec<String>> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join(name);
    std::fs::write(&path, bytes)?;
    let source = Source::open(&path, map.unwrap_or_default())?;
    let mut rows = Rows::open(source, map.map(Mapping::parse).transpose()?)?;
    let mut seen = Vec::new();
    while rows.next(&mut |line| seen.push(shown(line)))? {}
    Ok(seen)
}

fn shown(line: Line) -> String {
    match line.outcome {
        Ok(Some(row)) => {
            format!("{} {} {:?}", line.number, row.who[0].value.trim(), row.at.map(|at| at.to_string()))
        }
        Ok(None) => format!("{} left out", line.number),
        Err(rejected) => {
            let json = serde_json::to_value(&rejected).unwrap();
            format!("{} {} {} {}", line.number, json["reason"], json["field"], json["row"])
        }
    }
}

#[test]
fn a_csv_file_is_read_with_its_line_numbers_however_it_is_compressed() {
    let expected = [
        "2 1 Some(\"2026-01-01T00:00:00.000Z\")",
        "3 \"no_identifier\" \"Id\" \",2026-01-01T09:00:00,6\"",
        "4 2 Some(\"2026-01-01T00:00:00.000Z\")",
        "6 \"bad_value\" \"columns\" \"3,x\"",
        "7 4 Some(\"2026-01-02T00:00:00.000Z\")",
    ];
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(CSV.as_bytes()).unwrap();
    let zstd = zstd::bulk::compress(CSV.as_bytes(), 1).unwrap();
    assert_eq!(lines("a.csv", CSV.as_bytes(), Some(MAP)).unwrap(), expected);
    assert_eq!(lines("a.csv.gz", &gzip.finish().unwrap(), Some(MAP)).unwrap(), expected);
    assert_eq!(lines("a.csv.zst", &zstd, Some(MAP)).unwrap(), expected);
    assert_eq!(lines("a.tsv", CSV.replace(',', "\t").as_bytes(), Some(MAP)).unwrap().len(), 5);
}

#[test]
fn an_ndjson_file_is_in_the_shape_of_the_segment_api() {
    let text = "{\"type\":\"track\",\"userId\":\"1\",\"event\":\"a\"}\n\n{\"type\":\"track\"}\nno\n";
    assert_eq!(
        lines("a.ndjson", text.as_bytes(), None).unwrap(),
        [
            "1 1 None",
            "3 \"no_identifier\" \"anonymousId\" \"{\\\"type\\\":\\\"track\\\"}\"",
            "4 \"malformed\" \"record\" \"no\""
        ]
    );
}

#[test]
fn a_parquet_file_keeps_its_types() {
    use arrow_array::{Float64Array, RecordBatch, StringArray, TimestampMicrosecondArray};
    let ids = StringArray::from(vec![Some("1"), None]);
    let at = TimestampMicrosecondArray::from(vec![1_767_258_000_000_000, 1_767_258_000_000_000]);
    let amounts = Float64Array::from(vec![Some(5.0), None]);
    let batch = RecordBatch::try_from_iter([
        ("Id", std::sync::Arc::new(ids) as _),
        ("At", std::sync::Arc::new(at) as _),
        ("Amount", std::sync::Arc::new(amounts) as _),
    ])
    .unwrap();
    let mut writer = parquet::arrow::ArrowWriter::try_new(Vec::new(), batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    assert_eq!(
        lines("a.parquet", &writer.into_inner().unwrap(), Some(MAP)).unwrap(),
        [
            "1 1 Some(\"2026-01-01T00:00:00.000Z\")",
            "2 \"no_identifier\" \"Id\" \"{\\\"Id\\\":null,\\\"At\\\":\\\"2026-01-01T09:00:00.000\\\",\\\"Amount\\\":null}\""
        ]
    );
}

#[test]
fn a_file_that_cannot_be_read_says_what_to_do() {
    let message = |name, bytes: &[u8], map| lines(name, bytes, map).unwrap_err().to_string();
    assert!(message("a.txt", b"x", Some(MAP)).starts_with("cannot tell the format: name the file .csv"));
    assert!(message("a.csv", b"Id", None).starts_with("the columns need a mapping: add `--map MAP.toml`"));
    assert!(message("a.ndjson", b"{}", Some(MAP)).contains("takes no mapping"));
    assert!(message("a.parquet", b"PAR1", Some(MAP)).starts_with("not a Parquet file"));
    assert!(message("a.csv", b"Id,When\n", Some(MAP)).contains("the file has no such column"));
}

#[test]
fn the_key_is_that_of_the_file_and_the_mapping() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.csv");
    std::fs::write(&path, CSV).unwrap();
    let key = |map| Source::open(&path, map).unwrap().key;
    assert_eq!(key(MAP), key(MAP));
    assert_ne!(key(MAP), key(""));
    let before = key(MAP);
    std::fs::write(&path, CSV.replace("7.5", "7.6")).unwrap();
    assert_ne!(key(MAP), before);
}

/// Where the real data is, when it is there.
fn dataset(path: &str) -> Option<PathBuf> {
    let root =
        Path::new(&std::env::var("CARGO_MANIFEST_DIR").expect("cargo says where the crate is")).join("../..");
    let folder = std::env::var_os("OMOTENASHI_DATASETS")
        .map_or_else(|| root.join("../shared/datasets"), PathBuf::from);
    let file = folder.join(path);
    if !file.exists() {
        eprintln!("skipped: there is no {}", file.display());
        return None;
    }
    Some(file)
}

#[test]
fn the_real_purchase_log_is_imported_whole() {
    let Some(path) = dataset("online-retail/online_retail.csv.zst") else { return };
    let map = include_str!("../../../../docs/examples/online-retail.toml");
    let source = Source::open(&path, map).unwrap();
    let rows = Rows::open(source, Some(Mapping::parse(map).unwrap())).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mut rejects = Rejects::at(folder.path().join("rejects.ndjson"));
    let (queue, pieces) = sync_channel(CHUNKS_AHEAD);
    let reader = std::thread::spawn(move || read(rows, 0, ImportKey(1), &queue));
    let desk = ingest::Desk {
        source: model::SourceId::IMPORT,
        received_at: model::Instant::from_ms(1_767_258_000_000),
    };
    let (mut totals, mut customers, mut ids, mut amount) =
        (Totals::default(), HashSet::new(), HashSet::new(), 0.0);
    for piece in pieces {
        let admission = ingest::import::admit_rows(&piece.encoded, &desk).unwrap();
        assert!(admission.rejects.is_empty());
        for fact in &admission.facts {
            customers.insert(fact.who[0].clone());
            ids.insert(fact.id);
            if let model::What::Did { properties, .. } = &fact.what[0] {
                amount += properties.get("amount").and_then(model::Value::number).unwrap();
            }
        }
        settle(piece, None, &mut rejects, &mut totals).unwrap();
    }
    reader.join().unwrap().unwrap();
    assert_eq!(
        totals,
        Totals { rows: 541_909, accepted: 406_829, duplicate: 0, rejected: 135_080, left_out: 0 }
    );
    assert_eq!((customers.len(), ids.len()), (4_372, 406_829));
    assert!((amount - 8_300_065.814).abs() < 0.01, "{amount}");
    let rejected = std::fs::read_to_string(rejects.finish().unwrap().unwrap()).unwrap();
    assert_eq!(rejected.lines().count(), 135_080);
    let first = "{\"line\":624,\"reason\":\"no_identifier\",\"field\":\"CustomerID\",\"value\":\"missing\",";
    assert!(rejected.starts_with(first), "{}", rejected.lines().next().unwrap_or_default());
}
