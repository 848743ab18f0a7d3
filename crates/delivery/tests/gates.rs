//! The contact policy as a table of cases: who is spoken to, who is not, and what is written down about it.

#![allow(clippy::unwrap_used, reason = "a test falls where it fails")]

use std::cell::Cell;

use delivery::why::{Language, why};
use delivery::{
    Address, Arm, Breakage, Campaign, Candidate, Consent, Decision, GATES, GateName, Minute, Outcome, Person,
    Policy, QuietHours, QuietRule, Reason, RenderHash, Scope, Share, Sight, Standing, Topic, Variant,
    VariantId, Zone, ZoneSource, decide, draw, withdrawn,
};
use expect_test::{Expect, expect};
use model::{AddressState, CampaignId, Channel, CustomerId, Instant, MessageId, Purpose};

/// 2026-01-31, noon in UTC, 21:00 in Tokyo.
const NOON: &str = "2026-01-31T12:00:00Z";

struct Case {
    campaign: Campaign,
    person: Person,
    policy: Policy,
    breaks: bool,
}

fn at(text: &str) -> Instant {
    text.parse().unwrap()
}

fn consent(purpose: Purpose, channel: Option<Channel>, given: bool, day: u8) -> Consent {
    Consent { purpose, channel, given, at: at(&format!("2026-01-{day:02}T00:00:00Z")) }
}

fn address(channel: Channel, state: AddressState) -> Address {
    Address { channel, address: format!("her {channel}").into(), state }
}

/// A marketing letter to somebody who may have it.
fn fine() -> Case {
    let mut person = Person::new(CustomerId::from_number(0x2a1));
    person.consents = vec![consent(Purpose::Marketing, None, true, 3)];
    person.addresses = vec![address(Channel::Email, AddressState::Live)];
    let campaign = Campaign {
        id: CampaignId(7),
        name: "winter".into(),
        version: 2,
        purpose: Purpose::Marketing,
        topic: Some("offers".into()),
        channels: vec![Channel::Email, Channel::Sms],
        variants: vec![
            Variant { id: VariantId(0), language: None },
            Variant { id: VariantId(1), language: Some("ja".into()) },
            Variant { id: VariantId(2), language: Some("pt-BR".into()) },
        ],
        holdout: Share::NONE,
        throttle_per_minute: None,
        starts_at: None,
    };
    let policy = Policy { version: 5, salt: "shop".into(), ..Policy::default() };
    Case { campaign, person, policy, breaks: false }
}

fn with(change: impl FnOnce(&mut Case)) -> Case {
    let mut case = fine();
    change(&mut case);
    case
}

fn decision(case: &Case) -> Decision {
    let content = |_, _| match case.breaks {
        false => Ok(RenderHash(0xabc)),
        true => {
            Err(Breakage { place: "subject, line 1".into(), problem: "no value for `first_name`".into() })
        }
    };
    decide(&candidate(case, &content), &case.policy)
}

fn candidate<'a>(
    case: &'a Case,
    content: &'a dyn Fn(VariantId, Channel) -> Result<RenderHash, Breakage>,
) -> Candidate<'a> {
    let customer = case.person.customer;
    Candidate {
        message: MessageId { campaign: case.campaign.id, customer, occurrence: 0 },
        now: at(NOON),
        campaign: &case.campaign,
        person: &case.person,
        content,
    }
}

/// Outcome, route and wording in one line.
#[track_caller]
fn check(case: &Case, expected: Expect) {
    let decision = decision(case);
    let mut line = match &decision.outcome {
        Outcome::Send => "send".to_owned(),
        Outcome::Hold { until, gate } => format!("hold by {gate} until {until}"),
        Outcome::Suppress { gate, reason } => format!("suppress by {gate}: {reason}"),
    };
    if let (Outcome::Send, Some(route), Some(wording)) =
        (&decision.outcome, &decision.route, &decision.wording)
    {
        line = format!(
            "{line} by {} ({}), variant {} ({})",
            route.channel, route.why, wording.variant, wording.why
        );
    }
    expected.assert_eq(&line);
}

#[test]
fn somebody_who_may_and_should_get_it_gets_it() {
    check(&fine(), expect!["send by email (order), variant 0 (default)"]);
}

#[test]
fn who_left_the_audience_does_not() {
    check(&with(|it| it.person.member = false), expect!["suppress by eligible: not_eligible"]);
}

#[test]
fn who_is_erased_blocked_or_excluded_does_not() {
    check(&with(|it| it.person.standing = Standing::Erased), expect!["suppress by known: erased"]);
    check(&with(|it| it.person.standing = Standing::Blocked), expect!["suppress by known: blocked"]);
    check(&with(|it| it.person.standing = Standing::Excluded), expect!["suppress by known: excluded"]);
}

#[test]
fn marketing_needs_a_yes() {
    check(&with(|it| it.person.consents.clear()), expect!["suppress by consent: no_consent"]);
    let other = vec![consent(Purpose::Research, None, true, 3)];
    check(&with(|it| it.person.consents = other), expect!["suppress by consent: no_consent"]);
}

#[test]
fn the_later_word_counts_and_of_two_at_once_the_no() {
    let words = |words: &[(bool, u8)]| {
        let words =
            words.iter().map(|(given, day)| consent(Purpose::Marketing, None, *given, *day)).collect();
        with(|it| it.person.consents = words)
    };
    check(&words(&[(true, 3), (false, 4)]), expect!["suppress by consent: consent_withdrawn"]);
    check(&words(&[(false, 3), (true, 4)]), expect!["send by email (order), variant 0 (default)"]);
    check(&words(&[(true, 4), (false, 4)]), expect!["suppress by consent: consent_withdrawn"]);
}

#[test]
fn a_no_on_one_channel_leaves_the_others() {
    let case = with(|it| {
        it.person.consents.push(consent(Purpose::Marketing, Some(Channel::Email), false, 4));
        it.person.addresses.push(address(Channel::Sms, AddressState::Live));
    });
    check(&case, expect!["send by sms (order), variant 0 (default)"]);
}

#[test]
fn a_receipt_needs_no_yes_but_obeys_a_no() {
    let receipt = |words: Vec<Consent>| {
        with(|it| {
            it.campaign.purpose = Purpose::Transactional;
            it.person.consents = words;
        })
    };
    check(&receipt(vec![]), expect!["send by email (order), variant 0 (default)"]);
    let marketing = vec![consent(Purpose::Marketing, None, false, 4)];
    check(&receipt(marketing), expect!["send by email (order), variant 0 (default)"]);
    let transactional = vec![consent(Purpose::Transactional, None, false, 4)];
    check(&receipt(transactional), expect!["suppress by consent: consent_withdrawn"]);
}

#[test]
fn who_left_the_topic_does_not_hear_of_it() {
    let topic = |topic: &str, subscribed, day: u8| Topic {
        topic: topic.into(),
        subscribed,
        at: at(&format!("2026-01-{day:02}T00:00:00Z")),
    };
    let left = topic("offers", false, 4);
    check(
        &with(|it| it.person.topics = vec![left.clone()]),
        expect!["suppress by topic: topic_unsubscribed"],
    );
    let back = topic("offers", true, 5);
    check(
        &with(|it| it.person.topics = vec![back, left]),
        expect!["send by email (order), variant 0 (default)"],
    );
    let other = topic("news", false, 4);
    check(&with(|it| it.person.topics = vec![other]), expect!["send by email (order), variant 0 (default)"]);
}

#[test]
fn an_address_that_bounced_is_not_tried_again_and_the_next_channel_is() {
    let bounced = address(Channel::Email, AddressState::Bounced);
    let case = with(|it| it.person.addresses = vec![bounced.clone()]);
    check(&case, expect!["suppress by reachable: unreachable"]);
    let sms = address(Channel::Sms, AddressState::Live);
    check(
        &with(|it| it.person.addresses = vec![bounced, sms]),
        expect!["send by sms (order), variant 0 (default)"],
    );
}

#[test]
fn an_unreachable_person_is_told_with_the_reason_of_each_channel() {
    let case = with(|it| it.person.addresses = vec![address(Channel::Email, AddressState::Complained)]);
    let seen = decision(&case).gate(GateName::Reachable).unwrap();
    expect!["Reachable { channels: [(Email, Complained), (Sms, NoAddress)] }"]
        .assert_eq(&format!("{:?}", seen.sight));
}

#[test]
fn the_channel_is_their_own_choice_then_their_countrys_then_the_campaigns_order() {
    let both = |it: &mut Case| it.person.addresses.push(address(Channel::Sms, AddressState::Live));
    check(&with(both), expect!["send by email (order), variant 0 (default)"]);
    let american = with(|it| {
        both(it);
        it.person.country = Some("US".into());
    });
    check(&american, expect!["send by sms (country), variant 0 (default)"]);
    let choosy = with(|it| {
        both(it);
        it.person.country = Some("US".into());
        it.person.preferred_channel = Some(Channel::Email);
    });
    check(&choosy, expect!["send by email (preference), variant 0 (default)"]);
}

#[test]
fn the_words_are_in_a_language_they_read() {
    let reads = |languages: &[&str]| {
        let languages = languages.iter().map(|language| (*language).into()).collect();
        with(|it| it.person.languages = languages)
    };
    check(&reads(&["ja"]), expect!["send by email (order), variant 1 (language)"]);
    check(&reads(&["ja-JP"]), expect!["send by email (order), variant 1 (relative)"]);
    check(&reads(&["fr", "pt-BR"]), expect!["send by email (order), variant 2 (language)"]);
    check(&reads(&["fr"]), expect!["send by email (order), variant 0 (default)"]);
}

fn share(basis_points: u16) -> Share {
    Share::from_basis_points(basis_points).unwrap()
}

#[test]
fn a_held_out_person_is_left_alone_by_marketing_and_not_by_receipts() {
    let everybody = |it: &mut Case| it.campaign.holdout = share(10_000);
    check(&with(everybody), expect!["suppress by holdout: holdout"]);
    check(&with(|it| it.policy.holdout = share(10_000)), expect!["suppress by holdout: holdout"]);
    let receipt = with(|it| {
        everybody(it);
        it.campaign.purpose = Purpose::Transactional;
    });
    check(&receipt, expect!["send by email (order), variant 0 (default)"]);
}

#[test]
fn draws_are_sticky_fair_and_independent_between_campaigns() {
    let drawn = |campaign, customer| {
        draw("shop", Scope::Campaign(CampaignId(campaign)), CustomerId::from_number(customer))
    };
    let held = |campaign| (0..100_000).filter(|customer| drawn(campaign, *customer) < 500).count();
    assert!((4_700..5_300).contains(&held(1)), "5 % of 100,000 is {}", held(1));
    let both = (0..100_000).filter(|it| drawn(1, *it) < 500 && drawn(2, *it) < 500).count();
    assert!((180..320).contains(&both), "5 % of 5 % is {both}");
    assert_eq!(drawn(1, 77), drawn(1, 77));
}

#[test]
fn the_arm_and_its_probability_are_in_the_record() {
    let case = with(|it| {
        it.campaign.holdout = share(1_000);
        it.policy.holdout = share(500);
    });
    let treated = Arm::Treated(share(8_550));
    let control = Arm::Control(share(1_450));
    let arms: Vec<Arm> = (0..200)
        .map(|number| {
            let customer = CustomerId::from_number(number);
            decision(&Case {
                campaign: case.campaign.clone(),
                person: Person { customer, ..case.person.clone() },
                policy: case.policy.clone(),
                breaks: false,
            })
            .arm()
        })
        .collect();
    assert!(arms.iter().all(|arm| *arm == treated || *arm == control), "{arms:?}");
    assert!(arms.contains(&treated) && arms.contains(&control));
    assert_eq!(decision(&fine()).arm(), Arm::Everyone);
}

fn quiet(rule: QuietRule, zone: Option<&str>) -> Case {
    let minute = |text| Minute::parse(text).unwrap();
    let zone = zone.map(|name| Zone { name: name.into(), source: ZoneSource::Profile });
    with(|it| {
        it.policy.quiet = Some(QuietHours { from: minute("20:30"), until: minute("08:15"), rule });
        it.person.zone = zone;
    })
}

#[test]
fn quiet_hours_are_those_of_the_place_where_the_person_is() {
    check(&quiet(QuietRule::Hold, None), expect!["send by email (order), variant 0 (default)"]);
    check(
        &quiet(QuietRule::Hold, Some("Asia/Tokyo")),
        expect!["hold by quiet until 2026-01-31T23:15:00.000Z"],
    );
    check(&quiet(QuietRule::Suppress, Some("Asia/Tokyo")), expect!["suppress by quiet: quiet_hours"]);
    check(
        &quiet(QuietRule::Hold, Some("Mars/Olympus")),
        expect!["send by email (order), variant 0 (default)"],
    );
}

#[test]
fn an_alarm_does_not_wait_for_the_morning() {
    let mut case = quiet(QuietRule::Hold, Some("Asia/Tokyo"));
    case.campaign.purpose = Purpose::Security;
    check(&case, expect!["send by email (order), variant 0 (default)"]);
}

#[test]
fn a_message_that_breaks_for_a_person_is_not_sent_and_says_where() {
    check(&with(|it| it.breaks = true), expect!["suppress by content: content_failed"]);
    let why = why(&decision(&with(|it| it.breaks = true)));
    let content = why.gates.last().unwrap();
    expect!["the message does not render at subject, line 1: no value for `first_name`"]
        .assert_eq(&content.sentence.text(Language::English));
}

#[test]
fn all_gates_are_asked_and_the_first_that_does_not_pass_decides() {
    let case = with(|it| {
        it.person.consents.clear();
        it.campaign.holdout = share(10_000);
        it.breaks = true;
    });
    let decision = decision(&case);
    assert_eq!(decision.outcome, Outcome::Suppress { gate: GateName::Consent, reason: Reason::NoConsent });
    let gates: Vec<GateName> = decision.gates().map(|seen| seen.sight.gate()).collect();
    assert_eq!(gates, GateName::ALL);
    let held = decision.gate(GateName::Holdout).unwrap();
    assert!(matches!(held.sight, Sight::Holdout { campaign: Some(draw), .. } if draw.held_out()));
}

#[test]
fn the_table_has_every_gate_once_and_in_order() {
    let names: Vec<GateName> = GATES.iter().map(|gate| gate.name).collect();
    assert_eq!(names, GateName::ALL);
    assert!(GATES.iter().all(|gate| (gate.plain)().gate() == gate.name));
}

#[test]
fn nothing_is_rendered_for_somebody_who_is_erased() {
    let case = with(|it| it.person.standing = Standing::Erased);
    let asked = Cell::new(0);
    let content = |_, _| {
        asked.set(asked.get() + 1);
        Ok(RenderHash(1))
    };
    decide(&candidate(&case, &content), &case.policy);
    assert_eq!(asked.get(), 0);
}

#[test]
fn an_opt_out_between_decision_and_handing_over_is_obeyed() {
    let route = decision(&fine()).route.unwrap();
    let late = |change: fn(&mut Case)| {
        let case = with(change);
        withdrawn(&candidate(&case, &|_, _| Ok(RenderHash(1))), &case.policy, &route)
    };
    assert_eq!(late(|_| {}), None);
    assert_eq!(
        late(|it| it.person.consents.push(consent(Purpose::Marketing, None, false, 9))),
        Some((GateName::Consent, Reason::ConsentWithdrawn))
    );
    assert_eq!(late(|it| it.person.standing = Standing::Blocked), Some((GateName::Known, Reason::Blocked)));
    assert_eq!(
        late(|it| it.person.addresses[0].state = AddressState::Bounced),
        Some((GateName::Reachable, Reason::Unreachable))
    );
    assert_eq!(late(|it| it.person.member = false), None, "the audience was asked when it was decided");
}

#[test]
fn why_is_answered_in_sentences() {
    let case = with(|it| {
        it.campaign.holdout = share(10_000);
        it.person.languages = vec!["ja-JP".into()];
    });
    let why = why(&decision(&case));
    let lines = |language| {
        let mark = |decided| if decided { "→" } else { " " };
        let gates = why
            .gates
            .iter()
            .map(|line| format!("{} {}: {}", mark(line.decided), line.gate, line.sentence.text(language)));
        let head = [why.headline.text(language)].into_iter();
        let chosen = why.route.iter().chain(&why.wording).map(|sentence| sentence.text(language));
        head.chain(chosen).chain(gates).collect::<Vec<_>>().join("\n")
    };
    expect![[r#"
        it was not sent: holdout
        by email, the first in the campaign's order
        variant 1, close to their language ja-JP
          eligible: met the audience
          known: nothing forbids contact
          consent: said yes to this purpose on 2026-01-03T00:00:00.000Z
          topic: never left the topic
          reachable: can be reached: email live, sms no_address
        → holdout: is left alone to measure the difference: drew 1100 of 10000, and those below 10000 are left alone
          quiet: no quiet hours apply
          content: the message renders (0000000000000abc)"#]].assert_eq(&lines(Language::English));
    expect![[r#"
        送信しませんでした(holdout)
        キャンペーンの優先順により email で
        本人の言語 ja-JP に近いバリアント 1
          eligible: オーディエンスの条件に合っていました
          known: 連絡を禁じる記録はありません
          consent: 2026-01-03T00:00:00.000Z にこの目的へ同意しています
          topic: このトピックの購読をやめていません
          reachable: 連絡先があります: email live, sms no_address
        → holdout: 効果を測るため連絡しない群です(10000 のうち 1100 を引きました。10000 未満は連絡しない群です)
          quiet: 静かな時間帯の設定は当てはまりません
          content: 本文を正しく作れます(0000000000000abc)"#]]
    .assert_eq(&lines(Language::Japanese));
}

#[test]
fn every_gap_in_every_sentence_stands_in_both_languages() {
    let gaps = |text: &str| {
        let mut gaps: Vec<String> =
            text.split('{').skip(1).filter_map(|rest| rest.split('}').next()).map(str::to_owned).collect();
        gaps.sort();
        gaps
    };
    for (key, english, japanese) in delivery::why::PHRASES {
        assert_eq!(gaps(english), gaps(japanese), "{key}");
    }
}
