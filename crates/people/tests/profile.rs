//! What is known of one customer: traits, consents, topics, addresses, and finding people.

mod common;

use expect_test::{Expect, expect};
use model::{Channel, Identifier, Purpose};
use people::{Consented, Counts, Error, Page};

use common::{World, profile, rows, trait_stream};

fn check(script: &str, expected: Expect) {
    let mut world = World::new();
    let story = world.tell(script);
    expected.assert_eq(&format!("{story}--\n{}", world.everybody()));
}

fn check_rows(script: &str, stream: &str, expected: Expect) {
    let mut world = World::new();
    world.tell(script);
    world.check_promises();
    expected.assert_eq(&rows(&world, 0, stream));
}

#[test]
fn the_later_word_on_a_trait_wins_whenever_it_arrives() {
    check(
        "5 user_id:1 set city Tokyo ; unset plan
         3 user_id:1 set city Osaka ; set plan gold
         5 user_id:1 set city Kyoto",
        expect![[r#"
            5 user_id:1 set city Tokyo ; unset plan: new #0
            --
            #0 user_id:1 city=Kyoto
        "#]],
    );
}

#[test]
fn every_change_of_a_trait_is_a_row_and_a_repetition_is_none() {
    check_rows(
        "1 user_id:1 set city Tokyo
         2 user_id:1 set city Tokyo
         3 user_id:1 set city Osaka
         4 user_id:1 unset city",
        &trait_stream("city"),
        expect![[r#"
            @1 Tokyo
            @3 Osaka
            @4"#]],
    );
}

#[test]
fn a_late_word_takes_its_place_in_the_past_of_a_trait() {
    check_rows(
        "5 user_id:1 set city Tokyo
         9 user_id:1 set city Tokyo
         3 user_id:1 set city Osaka
         7 user_id:1 set city Nara",
        &trait_stream("city"),
        expect![[r#"
            @3 Osaka
            @5 Tokyo
            @7 Nara
            @9 Tokyo"#]],
    );
}

#[test]
fn a_null_unsets_a_trait() {
    let mut world = World::new();
    world.tell("1 user_id:1 set city Tokyo");
    let mut fact = common::fact("2 user_id:1 unset city", 9);
    fact.what = vec![model::What::Traits(vec![model::TraitChange {
        name: "city".into(),
        operation: model::TraitOperation::Set(model::Value::Null),
    }])];
    world.fold(&fact);
    assert_eq!(profile(&world, 0).value("city"), None);
}

#[test]
fn counting_goes_by_arrival_and_keeps_whole_numbers_whole() {
    check_rows(
        "5 user_id:1 inc visits 2
         3 user_id:1 inc visits 3
         6 user_id:1 inc visits -1
         7 user_id:1 inc visits 0",
        &trait_stream("visits"),
        expect![[r#"
            @5 2
            @5 5
            @6 4"#]],
    );
}

#[test]
fn only_numbers_can_be_incremented() {
    check(
        "1 user_id:1 set plan gold
         2 user_id:1 inc plan 1",
        expect![[r#"
            1 user_id:1 set plan gold: new #0
            2 user_id:1 inc plan 1: refused traits=`plan`: only a number can be incremented
            --
            #0 user_id:1 plan=gold
        "#]],
    );
}

#[test]
fn lists_hold_each_value_once_and_a_single_value_becomes_a_list() {
    check(
        "1 user_id:1 add likes tea shoes ; set plan gold
         2 user_id:1 add likes tea ; remove likes shoes ; add plan silver ; remove missing x
         3 user_id:1 add gone x ; remove gone x",
        expect![[r#"
            1 user_id:1 add likes tea shoes ; set plan gold: new #0
            --
            #0 user_id:1 likes=[tea] plan=[gold,silver]
        "#]],
    );
}

#[test]
fn a_list_is_bounded_and_the_oldest_leave() {
    let mut world = World::new();
    let values: Vec<String> = (0..people::TRAIT_LIST_MAX + 2).map(|it| it.to_string()).collect();
    world.tell(&format!("1 user_id:1 add likes {}", values.join(" ")));
    let profile = profile(&world, 0);
    let Some(model::Value::List(list)) = profile.value("likes") else { panic!("a list") };
    assert_eq!((list.len(), &list[0]), (people::TRAIT_LIST_MAX, &model::Value::Int(2)));
}

#[test]
fn a_customer_has_a_bounded_number_of_traits_topics_and_addresses() {
    let mut world = World::new();
    for number in 0..people::TRAITS_MAX {
        world.tell(&format!("1 user_id:1 set t{number} x"));
    }
    for number in 0..people::TOPICS_MAX {
        world.tell(&format!("1 user_id:1 topic t{number} in"));
    }
    for number in 0..people::ADDRESSES_MAX {
        world.tell(&format!("1 user_id:1 address push t{number} live"));
    }
    expect![[r#"
        2 user_id:1 set more x ; topic more in ; address push more live: refused traits=`more`: the customer has the most traits a customer may have, refused topic=`more`: the customer has the most topics a customer may have, refused address=`more`: the customer has the most addresses a customer may have
    "#]].assert_eq(&world.tell("2 user_id:1 set more x ; topic more in ; address push more live"));
    assert!(world.tell("3 user_id:1 set t0 y ; topic t0 out ; address push t0 bounced").is_empty());
}

#[test]
fn the_last_word_on_a_purpose_counts_for_its_channel_and_for_all() {
    let mut world = World::new();
    let mut check = |script: &str, expected: [Consented; 2]| {
        world.tell(script);
        world.check_promises();
        let profile = profile(&world, 0);
        let on = |channel| profile.consented(Purpose::Marketing, channel);
        assert_eq!([on(Channel::Email), on(Channel::Sms)], expected, "{script}");
    };
    use Consented::{Given, Unknown, Withdrawn};
    check("1 user_id:1 consent research yes", [Unknown, Unknown]);
    check("3 user_id:1 consent marketing/email yes", [Given, Unknown]);
    check("5 user_id:1 consent marketing no", [Withdrawn, Withdrawn]);
    check("4 user_id:1 consent marketing/sms yes", [Withdrawn, Withdrawn]);
    check("6 user_id:1 consent marketing/sms yes", [Withdrawn, Given]);
    check("2 user_id:1 consent marketing yes", [Withdrawn, Given]);
    check("6 user_id:1 consent marketing no", [Withdrawn, Withdrawn]);
    check("6 user_id:1 consent marketing/email yes", [Given, Withdrawn]);
}

#[test]
fn every_statement_of_consent_is_a_row() {
    check_rows(
        "3 user_id:1 consent marketing/email yes
         4 user_id:1 consent marketing/email yes
         1 user_id:1 consent marketing no",
        "consent:marketing",
        expect![[r#"
            @1 Bool(false) form
            @3 Bool(true) email form
            @4 Bool(true) email form"#]],
    );
}

#[test]
fn the_last_word_on_a_topic_counts() {
    check(
        "5 user_id:1 topic news in ; topic sales out
         3 user_id:1 topic news out
         6 user_id:1 topic sales in",
        expect![[r#"
            5 user_id:1 topic news in ; topic sales out: new #0
            --
            #0 user_id:1 news:in sales:in
        "#]],
    );
}

#[test]
fn a_dead_address_does_not_come_back_because_somebody_mentions_it() {
    check(
        "1 user_id:1 address email a@example.com live
         2 user_id:1 address email a@example.com bounced
         3 user_id:1 address email a@example.com live",
        expect![[r#"
            1 user_id:1 address email a@example.com live: new #0
            --
            #0 user_id:1 email=a@example.com(bounced)
        "#]],
    );
}

#[test]
fn a_dead_address_comes_back_when_its_owner_or_an_operator_asks_for_it() {
    check(
        "1 user_id:1 address email a@example.com complained ; address email b@example.com bounced
         2 user_id:1 consent marketing/email yes ; address email a@example.com live
         house 3 user_id:1 address email b@example.com live",
        expect![[r#"
            1 user_id:1 address email a@example.com complained ; address email b@example.com bounced: new #0
            --
            #0 user_id:1 marketing/email:yes email=a@example.com(live) email=b@example.com(live)
        "#]],
    );
}

#[test]
fn a_consent_for_another_channel_brings_no_address_back() {
    check(
        "1 user_id:1 address email a@example.com bounced
         2 user_id:1 consent marketing/sms yes ; address email a@example.com live",
        expect![[r#"
            1 user_id:1 address email a@example.com bounced: new #0
            --
            #0 user_id:1 marketing/sms:yes email=a@example.com(bounced)
        "#]],
    );
}

#[test]
fn bad_news_from_before_the_owner_asked_again_is_old_news() {
    check(
        "1 user_id:1 address email a@example.com bounced
         5 user_id:1 consent marketing yes ; address email a@example.com live
         4 user_id:1 address email a@example.com bounced",
        expect![[r#"
            1 user_id:1 address email a@example.com bounced: new #0
            --
            #0 user_id:1 marketing:yes email=a@example.com(live)
        "#]],
    );
}

#[test]
fn the_number_of_live_addresses_is_a_row_when_it_changes() {
    check_rows(
        "1 user_id:1 address email a@example.com live
         5 user_id:1 address email b@example.com live
         6 user_id:1 address email b@example.com live
         4 user_id:1 address email a@example.com bounced",
        "address:email",
        expect![[r#"
            @1 1
            @5 2
            @5 1"#]],
    );
}

#[test]
fn the_later_word_on_being_left_alone_wins() {
    let mut world = World::new();
    let mut check = |script: &str, expected: bool| {
        world.tell(script);
        assert_eq!(profile(&world, 0).blocked(), expected, "{script}");
    };
    check("1 user_id:1 did view", false);
    check("5 user_id:1 block", true);
    check("3 user_id:1 unblock", true);
    check("6 user_id:1 unblock", false);
}

#[test]
fn locale_and_time_zone_are_told_or_else_those_of_the_last_device() {
    let mut world = World::new();
    let mut check = |script: &str, expected: [Option<&str>; 2]| {
        world.tell(script);
        let profile = profile(&world, 0);
        assert_eq!([profile.locale(), profile.time_zone()], expected, "{script}");
    };
    check("1 user_id:1 did view", [None, None]);
    let tokyo = [Some("ja-JP"), Some("Asia/Tokyo")];
    check("5 user_id:1 did view context.locale=ja-JP context.timezone=Asia/Tokyo", tokyo);
    check("3 user_id:1 did view context.locale=en-GB context.timezone=Europe/London", tokyo);
    check("6 user_id:1 set language fr", [Some("fr"), Some("Asia/Tokyo")]);
    check("7 user_id:1 set timezone Europe/Paris ; set locale fr-CA", [Some("fr-CA"), Some("Europe/Paris")]);
}

#[test]
fn a_receipt_of_the_house_is_no_sign_of_life() {
    let mut world = World::new();
    world.tell(
        "5 user_id:1 did view
         3 user_id:1 did view
         house 9 user_id:1 address email a@example.com bounced",
    );
    let profile = profile(&world, 0);
    assert_eq!((profile.first_seen.ms(), profile.last_seen.ms()), (3, 5));
}

fn names(world: &World, page: &Page) -> String {
    let numbers: Vec<String> = page.profiles.iter().map(|it| world.number(it.customer)).collect();
    numbers.join(" ")
}

#[test]
fn people_are_found_by_the_beginning_of_what_they_are_called() {
    let mut world = World::new();
    world.tell(
        "1 user_id:U-17 did view
         1 user_id:2 email:Ann@example.com set name Ann Tanaka
         1 user_id:3 set first_name 太郎 ; set last_name TANAKA
         1 user_id:4 phone:+8190 set name tan",
    );
    for (text, expected) in [
        ("ann", "#1"),
        ("tan", "#1 #2 #3"),
        ("ANN TAN", "#1"),
        ("太", "#2"),
        ("u-1", "#0"),
        ("+81", "#3"),
        ("nobody", ""),
        ("", "#0 #1 #2 #3"),
    ] {
        let page = world.people.search(text, None, 10).unwrap();
        let found = names(&world, &page);
        let mut found: Vec<&str> = found.split_whitespace().collect();
        found.sort_unstable();
        let found = found.join(" ");
        assert_eq!(found, expected, "{text}");
    }
}

#[test]
fn who_changed_their_name_is_found_under_the_new_one_only() {
    let mut world = World::new();
    world.tell(
        "1 user_id:1 set name Ann
         2 anonymous_id:a set name Eve
         3 user_id:2 did view",
    );
    let mut check = |script: &str, ann: &str, eve: &str| {
        world.tell(script);
        let find = |world: &mut World, text| world.people.search(text, None, 10).unwrap();
        let (first, second) = (find(&mut world, "ann"), find(&mut world, "eve"));
        assert_eq!([names(&world, &first), names(&world, &second)], [ann, eve], "{script}");
    };
    check("3 user_id:2 did view", "#0", "#1");
    check("4 user_id:2 anonymous_id:a did login", "#0", "#2");
    check("5 user_id:2 unmerge anonymous_id:a", "#0", "#1");
    check("6 user_id:1 set name Eve", "", "#0 #1");
    check("7 user_id:1 erase", "", "#1");
}

#[test]
fn pages_follow_one_another_without_gap_or_repetition() {
    let mut world = World::new();
    for number in 0..25 {
        world.tell(&format!("1 user_id:{number} email:tan{number}@example.com set name Tan Tanaka"));
    }
    for text in ["tan", ""] {
        let (mut all, mut after) = (Vec::new(), None);
        loop {
            let page = world.people.search(text, after.as_deref(), 4).unwrap();
            all.extend(page.profiles.iter().map(|it| it.customer));
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        assert_eq!(all.len(), 25, "{text}");
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), 25, "{text}");
    }
}

#[test]
fn a_position_we_did_not_hand_out_is_refused() {
    let mut world = World::new();
    for after in ["x", "cx:tan"] {
        assert!(matches!(world.people.search("tan", Some(after), 4), Err(Error::BadCursor { .. })));
        assert!(matches!(world.people.list(Some(after), 4), Err(Error::BadCursor { .. })));
    }
}

#[test]
fn customers_and_whom_channels_reach_are_counted() {
    let mut world = World::new();
    let mut check = |script: &str, customers: u64, reachable: &[(Channel, u64)]| {
        world.tell(script);
        let counts = Counts { customers, reachable: reachable.to_vec() };
        assert_eq!(world.people.counts(), counts, "{script}");
    };
    check("1 user_id:1 address email a@example.com live", 1, &[(Channel::Email, 1)]);
    check(
        "2 anonymous_id:a address email b@example.com live ; address push t live",
        2,
        &[(Channel::Push, 1), (Channel::Email, 2)],
    );
    check("3 user_id:1 anonymous_id:a did login", 1, &[(Channel::Push, 1), (Channel::Email, 1)]);
    check("4 user_id:1 unmerge anonymous_id:a", 2, &[(Channel::Push, 1), (Channel::Email, 2)]);
    check("5 anonymous_id:a erase", 1, &[(Channel::Email, 1)]);
}

#[test]
fn everything_is_there_again_after_a_checkpoint() {
    let mut world = World::new();
    world.tell(
        "1 user_id:1 email:a@example.com set name Ann ; address email a@example.com live ; inc visits 2
         2 anonymous_id:a did view",
    );
    let before = world.everybody();
    world.store.checkpoint(7, &[], &mut world.people.tables()).unwrap();
    world.reopen();
    assert_eq!(world.store.position(), 7);
    assert_eq!(world.everybody(), before);
    assert_eq!(world.people.search("ann", None, 9).unwrap().profiles.len(), 1);
    let found = world.people.find(&Identifier::anonymous("a")).unwrap();
    assert_eq!(found, Some(world.customers[1]));
}
