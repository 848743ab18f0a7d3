//! The bytes of the journal and the rows of the ledger: contracts with every later version.

#![allow(clippy::unwrap_used, reason = "a test falls where it fails")]

use delivery::{
    Breakage, Campaign, Decided, Decision, Draw, Ending, GateName, LocalTime, Minute, Outcome, Reach, Reason,
    Record, RenderHash, Route, RouteWhy, RunId, Runs, Seen, Share, Sight, Standing, Variant, VariantId,
    Verdict, Wording, WordingWhy, ZoneSource,
};
use expect_test::{Expect, expect};
use model::{CampaignId, Channel, CustomerId, Instant, MessageId, Purpose};
use proptest::prelude::*;

const RUN: RunId = RunId { campaign: CampaignId(7), occurrence: 1 };

fn at(ms: i64) -> Instant {
    Instant::from_ms(1_700_000_000_000 + ms)
}

fn message(customer: u32) -> MessageId {
    RUN.message(CustomerId::from_number(customer))
}

fn campaign() -> Campaign {
    Campaign {
        id: CampaignId(7),
        name: "winter".into(),
        version: 2,
        purpose: Purpose::Marketing,
        topic: Some("offers".into()),
        channels: vec![Channel::Email],
        variants: vec![Variant { id: VariantId(3), language: Some("ja".into()) }],
        holdout: Share::from_basis_points(500).unwrap(),
        throttle_per_minute: std::num::NonZeroU32::new(600),
        starts_at: Some(at(0)),
    }
}

fn decision(customer: u32, outcome: Outcome) -> Decision {
    let draw = Draw { share: Share::from_basis_points(500).unwrap(), drawn: 4711 };
    Decision {
        message: message(customer),
        at: at(1),
        campaign_version: 2,
        policy_version: 5,
        purpose: Purpose::Marketing,
        outcome,
        route: Some(Route { channel: Channel::Email, address: "a@example.com".into(), why: RouteWhy::Order }),
        wording: Some(Wording {
            variant: VariantId(3),
            language: Some("ja-JP".into()),
            why: WordingWhy::Relative,
        }),
        seen: vec![
            Seen {
                verdict: Verdict::Pass,
                sight: Sight::Consent { needed: true, word: Some((true, at(-9))) },
            },
            Seen {
                verdict: Verdict::Pass,
                sight: Sight::Reachable { channels: vec![(Channel::Email, Reach::Live)] },
            },
            Seen { verdict: Verdict::Pass, sight: Sight::Holdout { global: None, campaign: Some(draw) } },
            Seen { verdict: Verdict::Pass, sight: Sight::Content { rendered: Some(Ok(RenderHash(0xabc))) } },
        ],
    }
}

fn page(outcomes: Vec<Outcome>) -> Record {
    let numbered = (1..).zip(outcomes);
    let decisions: Vec<Decision> = numbered.map(|(customer, outcome)| decision(customer, outcome)).collect();
    let cursor = decisions.last().map(|decision| decision.message.customer);
    Record::Page(Decided { at: at(1), run: RUN, cursor, last: true, decisions })
}

/// The bytes of version 1, which every later version must read.
#[track_caller]
fn check(record: &Record, bytes: Expect) {
    let written = record.to_bytes();
    let hex: Vec<String> =
        written.chunks(32).map(|line| line.iter().map(|byte| format!("{byte:02x}")).collect()).collect();
    bytes.assert_eq(&hex.join("\n"));
    assert_eq!(&Record::from_bytes(&written).unwrap(), record);
}

#[test]
fn a_launch_keeps_the_whole_campaign() {
    check(
        &Record::Launched { at: at(0), occurrence: 1, campaign: campaign() },
        expect![[r#"
        010080a0abfef96201070677696e746572020001066f66666572730102010301
        026a61f40301d8040180a0abfef962"#]],
    );
}

#[test]
fn a_page_keeps_each_decision() {
    let suppressed = Outcome::Suppress { gate: GateName::Consent, reason: Reason::NoConsent };
    check(
        &page(vec![Outcome::Send, suppressed]),
        expect![[r#"
        010182a0abfef96207010102010207010182a0abfef9620205000001020d6140
        6578616d706c652e636f6d02010301056a612d4a5001040002010101ee9fabfe
        f962000401020000050001f403e72400070100bc1507020182a0abfef9620205
        0002020401020d61406578616d706c652e636f6d02010301056a612d4a500104
        0002010101ee9fabfef962000401020000050001f403e72400070100bc15"#]],
    );
}

#[test]
fn attempts_and_endings_are_short() {
    check(
        &Record::Begun { at: at(2), messages: vec![message(1), message(2)] },
        expect!["010284a0abfef96202070101070201"],
    );
    let until = at(60_000);
    let endings = vec![
        (message(1), Ending::Sent { provider_id: Some("4XyZ".into()) }),
        (message(2), Ending::Deferred { until, reason: "450 busy".into() }),
        (message(3), Ending::Failed { reason: "554 no".into() }),
        (message(4), Ending::Bounced { reason: "550 5.1.1 nobody".into() }),
        (message(5), Ending::Unknown),
        (message(6), Ending::Withdrawn { gate: GateName::Known, reason: Reason::Erased }),
        (message(7), Ending::Cancelled),
    ];
    check(
        &Record::Ended { at: at(3), endings },
        expect![[r#"
        010386a0abfef962070701010001043458795a07020101c0c9b2fef962083435
        3020627573790703010206353534206e6f070401031035353020352e312e3120
        6e6f626f64790705010407060105010107070106"#]],
    );
}

#[test]
fn commands_name_their_run() {
    check(&Record::Paused { at: at(4), run: RUN }, expect!["010488a0abfef9620701"]);
    check(&Record::Resumed { at: at(4), run: RUN }, expect!["010588a0abfef9620701"]);
    check(&Record::Stopped { at: at(4), run: RUN }, expect!["010688a0abfef9620701"]);
    check(&Record::Finished { at: at(4), run: RUN }, expect!["010788a0abfef9620701"]);
}

#[test]
fn a_record_of_a_later_version_is_refused_with_its_number() {
    let error = Record::from_bytes(&[9, 1, 2]).unwrap_err();
    assert!(error.to_string().ends_with("version=`9`"), "{error}");
    assert!(Record::from_bytes(&[]).is_err());
}

#[test]
fn a_typical_decision_takes_about_eighty_bytes() {
    let bytes = page(vec![Outcome::Send; 100]).to_bytes().len() / 100;
    assert!(bytes <= 90, "{bytes} bytes a decision");
}

#[test]
fn records_become_ledger_rows() {
    let mut runs = Runs::default();
    let mut rows = Vec::new();
    let hold = Outcome::Hold { until: at(9), gate: GateName::Quiet };
    let records = [
        Record::Launched { at: at(0), occurrence: 1, campaign: campaign() },
        page(vec![Outcome::Send, hold]),
        Record::Begun { at: at(2), messages: vec![message(1)] },
        Record::Ended { at: at(3), endings: vec![(message(1), Ending::Sent { provider_id: None })] },
        Record::Stopped { at: at(4), run: RUN },
    ];
    for record in &records {
        runs.apply(record, &mut rows);
    }
    let shown: Vec<String> = rows
        .iter()
        .map(|row| {
            let mut properties = row.properties.clone();
            properties.remove("record");
            let properties = serde_json::to_string(&properties).unwrap();
            format!("{} {} {} {properties}", row.at, row.customer, row.stream)
        })
        .collect();
    expect![[r#"
        2023-11-14T22:13:20.001Z c1 event:$message_decided {"message":"m7-c1-1","campaign":"winter","variant":3,"language":"ja","channel":"email","outcome":"send","arm":"treated"}
        2023-11-14T22:13:20.001Z c2 event:$message_decided {"message":"m7-c2-1","campaign":"winter","variant":3,"language":"ja","channel":"email","outcome":"hold","gate":"quiet","until":"2023-11-14T22:13:20.009Z","arm":"treated"}
        2023-11-14T22:13:20.003Z c1 event:$message_sent {"message":"m7-c1-1","campaign":"winter","variant":3,"channel":"email"}
        2023-11-14T22:13:20.004Z c2 event:$message_failed {"message":"m7-c2-1","campaign":"winter","reason":"stopped"}"#]].assert_eq(&shown.join("\n"));
    let record = rows[0].properties.get("record").and_then(model::Value::text).unwrap();
    assert_eq!(serde_json::from_str::<Decision>(record).unwrap(), decision(1, Outcome::Send));
}

fn sights() -> impl Strategy<Value = Sight> {
    let word = || proptest::option::of((any::<bool>(), any::<i64>().prop_map(Instant::from_ms)));
    let draw = || {
        proptest::option::of(
            (0..=10_000u16, 0..10_000u16)
                .prop_map(|(share, drawn)| Draw { share: Share::from_basis_points(share).unwrap(), drawn }),
        )
    };
    let channels = proptest::sample::select(Channel::ALL);
    let reaches = proptest::sample::select(Reach::ALL);
    let broken = (".{0,20}", ".{0,20}")
        .prop_map(|(place, problem)| Err(Breakage { place: place.into(), problem: problem.into() }));
    let rendered = prop_oneof![any::<u64>().prop_map(|hash| Ok(RenderHash(hash))), broken];
    let local = (".{0,20}", proptest::sample::select(ZoneSource::ALL), 0..24u16, 0..60u16).prop_map(
        |(zone, source, hour, minute)| LocalTime {
            zone: zone.into(),
            source,
            minute: Minute::of(hour, minute).unwrap(),
        },
    );
    prop_oneof![
        any::<bool>().prop_map(|member| Sight::Eligible { member }),
        proptest::sample::select(Standing::ALL).prop_map(|standing| Sight::Known { standing }),
        (any::<bool>(), word()).prop_map(|(needed, word)| Sight::Consent { needed, word }),
        word().prop_map(|word| Sight::Topic { word }),
        proptest::collection::vec((channels, reaches), 0..4)
            .prop_map(|channels| Sight::Reachable { channels }),
        (draw(), draw()).prop_map(|(global, campaign)| Sight::Holdout { global, campaign }),
        proptest::option::of(local).prop_map(|local| Sight::Quiet { local }),
        proptest::option::of(rendered).prop_map(|rendered| Sight::Content { rendered }),
    ]
}

fn decisions() -> impl Strategy<Value = Decision> {
    let verdict = prop_oneof![
        Just(Verdict::Pass),
        any::<i64>().prop_map(|ms| Verdict::Hold(Instant::from_ms(ms))),
        proptest::sample::select(Reason::ALL).prop_map(Verdict::Suppress),
    ];
    let seen = (verdict, sights()).prop_map(|(verdict, sight)| Seen { verdict, sight });
    (any::<u32>(), proptest::collection::vec(seen, 0..9), any::<bool>()).prop_map(
        |(customer, seen, routed)| {
            let plain = decision(customer, Outcome::Send);
            Decision { seen, route: plain.route.clone().filter(|_| routed), ..plain }
        },
    )
}

proptest! {
    #[test]
    fn any_decision_is_read_as_it_was_written(decisions in proptest::collection::vec(decisions(), 0..4)) {
        let record = Record::Page(Decided { at: at(1), run: RUN, cursor: None, last: false, decisions });
        prop_assert_eq!(Record::from_bytes(&record.to_bytes()).unwrap(), record);
    }

    #[test]
    fn torn_or_changed_bytes_never_make_the_reader_fall(cut in 0..300usize, place in 0..300usize, byte in any::<u8>()) {
        let mut bytes = page(vec![Outcome::Send; 2]).to_bytes();
        bytes.truncate(cut);
        if let Some(slot) = bytes.get_mut(place) {
            *slot = byte;
        }
        let _ = Record::from_bytes(&bytes);
    }
}
