//! What came of a launch, from ledger rows in any order.

#![allow(clippy::unwrap_used, reason = "a test falls where it fails")]

use std::collections::BTreeMap;

use delivery::{Conversion, Counts, Mark, Reading, Report, Reporter, RunId, Story};
use expect_test::{Expect, expect};
use model::{CampaignId, CustomerId, Instant, Row, stream};

const RUN: RunId = RunId { campaign: CampaignId(7), occurrence: 0 };
const WINDOW_MS: i64 = 100;

/// `AT CUSTOMER EVENT key=value …`, one row a line; `buys=AMOUNT` is a conversion.
fn read(script: &str) -> (Vec<Row>, Vec<Conversion>) {
    let (mut rows, mut conversions) = (Vec::new(), Vec::new());
    for line in script.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let words: Vec<&str> = line.split(' ').collect();
        let at = Instant::from_ms(words[0].parse().unwrap());
        let customer = CustomerId::from_number(words[1].parse().unwrap());
        if let Some(amount) = words[2].strip_prefix("buys=") {
            conversions.push(Conversion { customer, at, revenue: amount.parse().unwrap() });
            continue;
        }
        let mut row = Row {
            customer,
            at,
            stream: stream::event(&format!("$message_{}", words[2])),
            properties: model::Properties::new(),
        };
        row.properties.insert("message", RUN.message(customer).to_string().as_str());
        for word in &words[3..] {
            let (name, value) = word.split_once('=').unwrap();
            row.properties.insert(name, value);
        }
        rows.push(row);
    }
    (rows, conversions)
}

/// The stories and counts that rows in this order leave behind.
fn follow<'r>(rows: impl Iterator<Item = &'r Row>) -> (Reporter, Counts) {
    let (mut stories, mut counts) = (BTreeMap::<_, Story>::new(), Counts::default());
    for (message, row) in rows.filter_map(|row| Some((delivery::message_of(row)?, row))) {
        let story = stories.entry(message).or_default();
        let before = *story;
        story.observe(row);
        counts.follow(row, (&before, story));
    }
    let mut reporter = Reporter::default();
    stories.into_iter().for_each(|(message, story)| reporter.add(message.customer, story));
    (reporter, counts)
}

fn both(script: &str) -> (Report, Counts) {
    let (rows, conversions) = read(script);
    let (forwards, counts) = follow(rows.iter());
    let (backwards_twice, again) = follow(rows.iter().rev().chain(&rows));
    let report = forwards.report(conversions.iter().copied(), WINDOW_MS);
    let same = backwards_twice.report(conversions.iter().rev().copied(), WINDOW_MS);
    assert_eq!((&report, &counts), (&same, &again), "order and repetition do not matter");
    (report, counts)
}

fn report(script: &str) -> Report {
    both(script).0
}

#[track_caller]
fn check(script: &str, expected: Expect) {
    let (report, counts) = both(script);
    let suppressed: Vec<String> =
        counts.suppressed.iter().map(|((_, reason), count)| format!("{reason} {count}")).collect();
    let marks = [
        Mark::Sent,
        Mark::Bounced,
        Mark::Failed,
        Mark::Opened,
        Mark::Clicked,
        Mark::Complained,
        Mark::Unsubscribed,
    ];
    let marks: Vec<String> = marks.iter().map(|mark| format!("{mark} {}", counts.of(*mark))).collect();
    let line = format!(
        "decided {} planned {} held {} suppressed [{}] delivered {} {} converted {} conversions {} revenue {}",
        counts.decided,
        counts.planned,
        counts.held.values().sum::<u64>(),
        suppressed.join(", "),
        counts.arrived,
        marks.join(" "),
        report.reached.converted,
        report.reached.conversions,
        report.reached.revenue
    );
    expected.assert_eq(&line);
}

#[test]
fn people_are_counted_once_whatever_they_do_twice() {
    check(
        "0 1 decided outcome=send channel=email
         1 1 sent channel=email
         2 1 opened
         3 1 opened
         4 1 clicked url=a
         5 1 clicked url=b
         0 2 decided outcome=suppress gate=consent reason=no_consent
         0 3 decided outcome=send channel=email
         1 3 sent channel=email
         9 3 bounced permanent=true",
        expect![
            "decided 3 planned 2 held 0 suppressed [no_consent 1] delivered 1 sent 2 bounced 1 failed 0 opened 1 clicked 1 complained 0 unsubscribed 0 converted 0 conversions 0 revenue 0"
        ],
    );
}

#[test]
fn a_late_opt_out_counts_as_suppressed_and_a_held_message_as_what_became_of_it() {
    check(
        "0 1 decided outcome=send channel=email
         5 1 decided outcome=suppress gate=consent reason=consent_withdrawn
         0 2 decided outcome=hold gate=quiet
         9 2 decided outcome=send channel=email
         9 2 sent channel=email
         0 3 decided outcome=hold gate=quiet",
        expect![
            "decided 3 planned 1 held 1 suppressed [consent_withdrawn 1] delivered 1 sent 1 bounced 0 failed 0 opened 0 clicked 0 complained 0 unsubscribed 0 converted 0 conversions 0 revenue 0"
        ],
    );
}

#[test]
fn conversions_count_within_the_window_after_the_decision() {
    check(
        "50 1 decided outcome=send channel=email
         51 1 sent channel=email
         49 1 buys=1
         60 1 buys=10
         150 1 buys=100
         151 1 buys=1000
         60 9 buys=5",
        expect![
            "decided 1 planned 1 held 0 suppressed [] delivered 1 sent 1 bounced 0 failed 0 opened 0 clicked 0 complained 0 unsubscribed 0 converted 1 conversions 2 revenue 110"
        ],
    );
}

#[test]
fn only_the_ledger_tells_of_messages() {
    let (mut rows, _) = read("0 1 decided outcome=send");
    assert_eq!(delivery::message_of(&rows[0]), Some(RUN.message(CustomerId::from_number(1))));
    rows[0].stream = stream::event("Order Completed");
    assert_eq!(delivery::message_of(&rows[0]), None);
}

#[test]
fn a_message_is_found_by_any_word_that_is_true_of_it() {
    let (rows, _) = read(
        "0 1 decided outcome=send channel=email
         1 1 sent channel=email
         2 1 clicked url=a",
    );
    let mut story = Story::default();
    rows.iter().for_each(|row| story.observe(row));
    let words = ["send", "sent", "delivered", "opened", "clicked", "bounced", "hold", "suppress", "nonsense"];
    assert_eq!(words.map(|word| story.is(word)), [true, true, true, true, true, false, false, false, false]);
}

/// 100 treated of whom 30 buy for 10 each, 50 left alone of whom 5 do.
fn two_arms() -> String {
    let mut script = String::new();
    for customer in 0..100 {
        script += &format!("0 {customer} decided outcome=send arm=treated channel=email\n");
        if customer < 30 {
            script += &format!("9 {customer} buys=10\n");
        }
    }
    for customer in 100..150 {
        script += &format!("0 {customer} decided outcome=suppress gate=holdout reason=holdout arm=control\n");
        if customer < 105 {
            script += &format!("9 {customer} buys=10\n");
        }
    }
    script
}

#[test]
fn the_treated_are_compared_with_those_left_alone() {
    let comparison = report(&two_arms()).comparison.unwrap();
    assert_eq!((comparison.treated.people, comparison.treated.converted), (100, 30));
    assert_eq!((comparison.control.people, comparison.control.converted), (50, 5));
    assert!((comparison.conversion.value - 0.2).abs() < 1e-12);
    assert!(comparison.conversion.low > 0.05 && comparison.conversion.high < 0.32, "{comparison:?}");
    assert_eq!(comparison.conversion.reading(), Reading::More);
    let revenue = comparison.revenue_per_person.unwrap();
    assert!((revenue.value - 2.0).abs() < 1e-9 && revenue.low > 0.0, "{revenue:?}");
}

#[test]
fn the_arms_are_those_of_the_intention() {
    let extra = "
        0 200 decided outcome=suppress gate=content reason=content_failed arm=treated
        0 201 decided outcome=hold gate=quiet arm=treated
        0 202 decided outcome=send arm=treated channel=email
        5 202 decided outcome=suppress gate=consent reason=consent_withdrawn
        0 203 decided outcome=suppress gate=consent reason=no_consent arm=treated
        0 204 decided outcome=suppress gate=topic reason=topic_unsubscribed arm=control";
    let comparison = report(&(two_arms() + extra)).comparison.unwrap();
    assert_eq!(
        comparison.treated.people, 103,
        "whoever might have been contacted, also when nothing went out"
    );
    assert_eq!(
        comparison.control.people, 50,
        "whoever would not have been contacted anyway is in neither arm"
    );
}

#[test]
fn few_people_leave_the_question_open() {
    let script = "
        0 1 decided outcome=send arm=treated channel=email
        9 1 buys=10
        0 2 decided outcome=suppress gate=holdout reason=holdout arm=control";
    let comparison = report(script).comparison.unwrap();
    assert_eq!(comparison.conversion.reading(), Reading::Open, "one of one against none of one");
    assert_eq!(comparison.revenue_per_person, None);
}

#[test]
fn the_numbers_move_until_the_window_of_the_last_person_ends() {
    let script = "50 1 decided outcome=hold gate=quiet
        90 1 decided outcome=send channel=email
        70 2 decided outcome=send channel=email";
    assert_eq!(report(script).closes_at, Some(Instant::from_ms(70 + WINDOW_MS)));
    assert_eq!(report("").closes_at, None);
}

#[test]
fn nobody_left_alone_is_no_comparison() {
    assert_eq!(report("0 1 decided outcome=send channel=email").comparison, None);
}
