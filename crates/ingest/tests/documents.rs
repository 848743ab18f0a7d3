//! The documents name every limit, reason and code.

use ingest::{Reason, clevertap};

#[test]
fn every_limit_is_in_the_list_of_limits() {
    let source = include_str!("../src/limits.rs");
    let names = source.lines().filter_map(|line| line.strip_prefix("pub const ")?.split(':').next());
    let document = include_str!("../../../docs/limits.md");
    for name in names {
        assert!(document.contains(&format!("`{name}`")), "docs/limits.md lacks {name}");
    }
}

#[test]
fn every_reason_is_explained_with_its_fix() {
    let document = include_str!("../../../docs/ingest.md");
    for reason in Reason::ALL {
        let line = format!("| `{}` | {}: {} |", reason.word(), reason.explanation(), reason.fix());
        assert!(document.contains(&line), "docs/ingest.md lacks the line\n{line}");
    }
}

#[test]
fn every_code_of_clevertap_is_explained() {
    let document = include_str!("../../../docs/ingest.md");
    for (code, meaning) in clevertap::CODES {
        assert!(document.contains(&code.to_string()), "docs/ingest.md lacks {code}: {meaning}");
    }
}
