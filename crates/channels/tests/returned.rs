//! Mails that came back, as real mail systems wrote them: the corpus of flufl.bounce (GNU Mailman).

#![allow(clippy::unwrap_used, reason = "a test falls where it fails")]
#![allow(clippy::print_stderr, reason = "a test that is skipped, and a share that is recognised, are told")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use channels::dsn::{Action, Recipient, Returned, read};

fn corpus() -> Option<PathBuf> {
    let own = Path::new(&std::env::var("CARGO_MANIFEST_DIR").expect("cargo says where the crate is"))
        .join("../../../shared/datasets");
    let root = std::env::var_os("OMOTENASHI_DATASETS").map_or(own, PathBuf::from);
    let folder = root.join("flufl-bounce");
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!("skipped: no `flufl-bounce` in OMOTENASHI_DATASETS");
    None
}

/// The files of a tar archive: name and bytes.
fn untar(archive: &[u8]) -> BTreeMap<String, Vec<u8>> {
    let text = |bytes: &[u8]| {
        String::from_utf8_lossy(bytes).trim_matches(|it: char| it == '\0' || it == ' ').to_owned()
    };
    let mut files = BTreeMap::new();
    let mut rest = archive;
    while rest.len() >= 512 && rest[0] != 0 {
        let (head, tail) = rest.split_at(512);
        let size = usize::from_str_radix(&text(&head[124..136]), 8).unwrap();
        files.insert(text(&head[..100]), tail[..size].to_vec());
        rest = &tail[size.next_multiple_of(512)..];
    }
    files
}

/// One line of `expected.tsv`.
struct Expected {
    detector: String,
    file: String,
    addresses: BTreeSet<String>,
    temporary: bool,
}

fn expected(folder: &Path) -> Vec<Expected> {
    let table = std::fs::read_to_string(folder.join("expected.tsv")).unwrap();
    let lines = table.lines().skip(1).map(|line| {
        let fields: Vec<&str> = line.split('\t').collect();
        let addresses = fields[2].split([',', ' ', ';']).filter(|it| !it.is_empty());
        Expected {
            detector: fields[0].to_owned(),
            file: fields[1].to_owned(),
            addresses: addresses.map(str::to_lowercase).collect(),
            temporary: fields[3] == "true",
        }
    });
    lines.collect()
}

fn told(recipients: &[Recipient], action: Action) -> BTreeSet<String> {
    let told = recipients.iter().filter(|recipient| recipient.action == action);
    told.map(|recipient| recipient.address.to_lowercase()).collect()
}

#[test]
fn delivery_status_of_real_mail_systems_names_the_addresses() {
    let Some(folder) = corpus() else { return };
    let archive = zstd::decode_all(std::fs::File::open(folder.join("bounces.tar.zst")).unwrap()).unwrap();
    let files = untar(&archive);
    let (mut shaped, mut recognised) = (0, 0);
    for each in expected(&folder) {
        let Returned::Status(recipients) = read(&files[&format!("data/{}", each.file)]) else {
            assert_ne!(each.detector, "dsn", "{} has a delivery status", each.file);
            continue;
        };
        let wanted = if each.temporary { Action::Delayed } else { Action::Failed };
        let right = told(&recipients, wanted) == each.addresses;
        assert!(right || each.detector != "dsn", "{}: {recipients:?}, not {:?}", each.file, each.addresses);
        shaped += 1;
        recognised += u32::from(right);
    }
    eprintln!("named the addresses of {recognised} in {shaped} mails with a delivery status");
    assert!(recognised >= 18, "{recognised} of {shaped}");
}
