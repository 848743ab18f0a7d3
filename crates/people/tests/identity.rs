//! Who is who: the rules of `docs/identity.md`, one test each.

mod common;

use expect_test::{Expect, expect};

use common::World;

fn check(script: &str, expected: Expect) {
    let mut world = World::new();
    let story = world.tell(script);
    expected.assert_eq(&format!("{story}--\n{}", world.everybody()));
}

#[test]
fn the_same_identifier_is_the_same_customer() {
    check(
        "1 user_id:1 did view
         2 user_id:1 did view",
        expect![[r#"
            1 user_id:1 did view: new #0
            --
            #0 user_id:1 view×2
        "#]],
    );
}

#[test]
fn an_anonymous_customer_who_says_who_they_are_stays_the_same_customer() {
    check(
        "1 anonymous_id:a did view
         2 user_id:1 anonymous_id:a set name Ann",
        expect![[r#"
            1 anonymous_id:a did view: new #0
            --
            #0 user_id:1 anonymous_id:a name=Ann view×1
        "#]],
    );
}

#[test]
fn an_anonymous_customer_becomes_part_of_the_known_one_with_everything() {
    check(
        "1 user_id:1 did view ; set plan gold ; consent marketing yes
         2 anonymous_id:a did view ; set country JP ; topic news in ; address push t live ; inc visits 2
         3 user_id:1 inc visits 3
         4 user_id:1 anonymous_id:a did login",
        expect![[r#"
            1 user_id:1 did view ; set plan gold ; consent marketing yes: new #0
            2 anonymous_id:a did view ; set country JP ; topic news in ; address push t live ; inc visits 2: new #1
            4 user_id:1 anonymous_id:a did login: #1 becomes part of #0
            --
            #0 user_id:1 anonymous_id:a country=JP plan=gold visits=5 marketing:yes news:in push=t(live) view×2 login×1
        "#]],
    );
}

#[test]
fn the_later_word_on_a_trait_wins_in_a_merge() {
    check(
        "1 user_id:1 set city Osaka ; set plan free
         2 anonymous_id:a set city Tokyo
         3 user_id:1 set plan gold
         2 anonymous_id:a set plan trial
         9 user_id:1 anonymous_id:a did login",
        expect![[r#"
            1 user_id:1 set city Osaka ; set plan free: new #0
            2 anonymous_id:a set city Tokyo: new #1
            9 user_id:1 anonymous_id:a did login: #1 becomes part of #0
            --
            #0 user_id:1 anonymous_id:a city=Tokyo plan=gold login×1
        "#]],
    );
}

#[test]
fn somebody_known_by_an_email_becomes_part_of_the_known_customer() {
    check(
        "1 email:x@example.com did subscribe
         2 user_id:1 did view
         3 user_id:1 email:x@example.com did login",
        expect![[r#"
            1 email:x@example.com did subscribe: new #0
            2 user_id:1 did view: new #1
            3 user_id:1 email:x@example.com did login: #0 becomes part of #1
            --
            #1 user_id:1 email:x@example.com view×1 subscribe×1 login×1
        "#]],
    );
}

#[test]
fn a_shared_device_moves_on_to_who_logs_in_and_history_stays() {
    check(
        "1 anonymous_id:a did view
         2 user_id:1 anonymous_id:a did login
         3 user_id:2 anonymous_id:a did login
         4 anonymous_id:a did view
         5 user_id:1 anonymous_id:a did login
         6 anonymous_id:a did view",
        expect![[r#"
            1 anonymous_id:a did view: new #0
            3 user_id:2 anonymous_id:a did login: new #1
            --
            #0 user_id:1 anonymous_id:a view×2 login×2
            #1 user_id:2 login×1 view×1
        "#]],
    );
}

#[test]
fn a_shared_device_with_a_new_user_makes_a_new_customer() {
    check(
        "1 user_id:1 anonymous_id:a did login
         2 user_id:2 anonymous_id:a did login",
        expect![[r#"
            1 user_id:1 anonymous_id:a did login: new #0
            2 user_id:2 anonymous_id:a did login: new #1
            --
            #0 user_id:1 login×1
            #1 user_id:2 anonymous_id:a login×1
        "#]],
    );
}

#[test]
fn a_push_token_reaches_only_who_came_with_it_last() {
    check(
        "1 user_id:1 device:t did login ; address push t live
         2 user_id:2 device:t did login ; address push t live
         3 user_id:1 device:t did login ; address push t live",
        expect![[r#"
            1 user_id:1 device:t did login ; address push t live: new #0
            2 user_id:2 device:t did login ; address push t live: new #1
            --
            #0 user_id:1 device:t push=t(live) login×2
            #1 user_id:2 login×1
        "#]],
    );
}

#[test]
fn two_known_customers_with_one_email_stay_two() {
    check(
        "1 user_id:1 email:x@example.com did login
         2 user_id:2 email:x@example.com did login
         3 email:x@example.com did reply",
        expect![[r#"
            1 user_id:1 email:x@example.com did login: new #0
            2 user_id:2 email:x@example.com did login: new #1
            --
            #0 user_id:1 login×1
            #1 user_id:2 email:x@example.com login×1 reply×1
        "#]],
    );
}

#[test]
fn without_a_user_id_nothing_moves_between_known_customers() {
    check(
        "1 user_id:1 email:x@example.com did login
         2 user_id:2 anonymous_id:a did login
         3 email:x@example.com anonymous_id:a did view
         4 anonymous_id:a did view",
        expect![[r#"
            1 user_id:1 email:x@example.com did login: new #0
            2 user_id:2 anonymous_id:a did login: new #1
            --
            #0 user_id:1 email:x@example.com login×1 view×1
            #1 user_id:2 anonymous_id:a login×1 view×1
        "#]],
    );
}

#[test]
fn two_user_ids_in_one_fact_are_two_people() {
    check(
        "1 user_id:1 user_id:2 did view
         2 user_id:2 did view",
        expect![[r#"
            1 user_id:1 user_id:2 did view: new #0, refused who=`user_id:2`: a fact names one user id; the first counts
            2 user_id:2 did view: new #1
            --
            #0 user_id:1 view×1
            #1 user_id:2 view×1
        "#]],
    );
}

#[test]
fn alias_makes_two_known_customers_one() {
    check(
        "1 user_id:old did view ; set plan gold
         2 user_id:new did view
         3 user_id:new alias user_id:old
         4 user_id:old did view",
        expect![[r#"
            1 user_id:old did view ; set plan gold: new #0
            2 user_id:new did view: new #1
            3 user_id:new alias user_id:old: #0 becomes part of #1
            --
            #1 user_id:new user_id:old plan=gold view×3
        "#]],
    );
}

#[test]
fn alias_gives_a_new_name_to_whom_the_old_name_leads() {
    check(
        "1 anonymous_id:a did view
         2 user_id:1 alias anonymous_id:a
         3 user_id:2 alias user_id:3",
        expect![[r#"
            1 anonymous_id:a did view: new #0
            3 user_id:2 alias user_id:3: new #1
            --
            #0 user_id:1 anonymous_id:a view×1
            #1 user_id:2 user_id:3
        "#]],
    );
}

#[test]
fn alias_of_an_unknown_name_to_a_known_customer_leaves_the_known_one() {
    check(
        "1 user_id:1 did view
         2 anonymous_id:a did view
         3 anonymous_id:a alias user_id:1",
        expect![[r#"
            1 user_id:1 did view: new #0
            2 anonymous_id:a did view: new #1
            3 anonymous_id:a alias user_id:1: #1 becomes part of #0
            --
            #0 user_id:1 anonymous_id:a view×2
        "#]],
    );
}

#[test]
fn alias_twice_is_alias_once() {
    check(
        "1 user_id:1 did view
         2 user_id:2 did view
         3 user_id:2 alias user_id:1
         4 user_id:2 alias user_id:1",
        expect![[r#"
            1 user_id:1 did view: new #0
            2 user_id:2 did view: new #1
            3 user_id:2 alias user_id:1: #0 becomes part of #1
            --
            #1 user_id:2 user_id:1 view×2
        "#]],
    );
}

#[test]
fn an_unmerge_gives_back_what_the_merge_took() {
    check(
        "1 user_id:1 set city Osaka ; inc visits 3 ; add likes tea ; consent marketing yes ; address email x@example.com live
         2 anonymous_id:a set city Tokyo ; set country JP ; inc visits 2 ; add likes shoes ; consent marketing no ; did view ; address push t live
         3 user_id:1 anonymous_id:a did login
         4 user_id:1 unmerge anonymous_id:a",
        expect![[r#"
            1 user_id:1 set city Osaka ; inc visits 3 ; add likes tea ; consent marketing yes ; address email x@example.com live: new #0
            2 anonymous_id:a set city Tokyo ; set country JP ; inc visits 2 ; add likes shoes ; consent marketing no ; did view ; address push t live: new #1
            3 user_id:1 anonymous_id:a did login: #1 becomes part of #0
            4 user_id:1 unmerge anonymous_id:a: #1 leaves #0
            --
            #0 user_id:1 city=Osaka likes=[tea] visits=3 marketing:yes email=x@example.com(live) login×1
            #1 anonymous_id:a city=Tokyo country=JP likes=[shoes] visits=2 marketing:no push=t(live) view×1
        "#]],
    );
}

#[test]
fn what_was_said_since_the_merge_stays_with_who_it_was_said_of() {
    check(
        "1 user_id:1 inc visits 3
         2 anonymous_id:a inc visits 2 ; set city Tokyo ; set plan trial ; add likes shoes
         3 user_id:1 anonymous_id:a did login
         4 user_id:1 inc visits 10 ; set city Kyoto ; add likes tea ; did buy
         5 user_id:1 unmerge anonymous_id:a",
        expect![[r#"
            1 user_id:1 inc visits 3: new #0
            2 anonymous_id:a inc visits 2 ; set city Tokyo ; set plan trial ; add likes shoes: new #1
            3 user_id:1 anonymous_id:a did login: #1 becomes part of #0
            5 user_id:1 unmerge anonymous_id:a: #1 leaves #0
            --
            #0 user_id:1 city=Kyoto likes=[tea] visits=13 login×1 buy×1
            #1 anonymous_id:a city=Tokyo likes=[shoes] plan=trial visits=2
        "#]],
    );
}

#[test]
fn merges_can_be_undone_in_any_order() {
    check(
        "1 anonymous_id:a set city Tokyo ; inc visits 1
         2 anonymous_id:b set city Nara ; inc visits 2
         3 anonymous_id:b set city Kobe
         0 user_id:1 set city Osaka ; inc visits 4
         6 user_id:1 anonymous_id:b did login
         7 user_id:1 anonymous_id:a did login
         8 user_id:1 unmerge anonymous_id:b
         9 user_id:1 unmerge anonymous_id:a",
        expect![[r#"
            1 anonymous_id:a set city Tokyo ; inc visits 1: new #0
            2 anonymous_id:b set city Nara ; inc visits 2: new #1
            0 user_id:1 set city Osaka ; inc visits 4: new #2
            6 user_id:1 anonymous_id:b did login: #1 becomes part of #2
            7 user_id:1 anonymous_id:a did login: #0 becomes part of #2
            8 user_id:1 unmerge anonymous_id:b: #1 leaves #2
            9 user_id:1 unmerge anonymous_id:a: #0 leaves #2
            --
            #0 anonymous_id:a city=Tokyo visits=1
            #1 anonymous_id:b city=Kobe visits=2
            #2 user_id:1 city=Osaka visits=4 login×2
        "#]],
    );
}

#[test]
fn an_unmerge_of_a_merge_within_a_merge_begins_with_the_outer_one() {
    check(
        "1 anonymous_id:a did view
         2 user_id:1 did view
         3 user_id:1 anonymous_id:a did login
         4 user_id:2 did view
         5 user_id:2 alias user_id:1
         6 user_id:2 unmerge anonymous_id:a
         7 user_id:1 unmerge anonymous_id:a",
        expect![[r#"
            1 anonymous_id:a did view: new #0
            2 user_id:1 did view: new #1
            3 user_id:1 anonymous_id:a did login: #0 becomes part of #1
            4 user_id:2 did view: new #2
            5 user_id:2 alias user_id:1: #1 becomes part of #2
            6 user_id:2 unmerge anonymous_id:a: #1 leaves #2
            7 user_id:1 unmerge anonymous_id:a: #0 leaves #1
            --
            #0 anonymous_id:a view×1
            #1 user_id:1 view×1 login×1
            #2 user_id:2 view×1
        "#]],
    );
}

#[test]
fn an_unmerge_of_what_was_never_merged_is_refused() {
    check(
        "1 user_id:1 did view
         2 user_id:1 unmerge anonymous_id:a
         3 user_id:9 unmerge anonymous_id:a",
        expect![[r#"
            1 user_id:1 did view: new #0
            2 user_id:1 unmerge anonymous_id:a: refused unmerge=`anonymous_id:a`: no merge brought this identifier into the customer
            3 user_id:9 unmerge anonymous_id:a: nobody
            --
            #0 user_id:1 view×1
        "#]],
    );
}

#[test]
fn a_bounce_after_the_merge_is_not_forgotten_by_the_unmerge() {
    check(
        "1 user_id:1 did view
         2 anonymous_id:a address email x@example.com live
         3 user_id:1 anonymous_id:a did login
         4 user_id:1 address email x@example.com bounced
         5 user_id:1 unmerge anonymous_id:a",
        expect![[r#"
            1 user_id:1 did view: new #0
            2 anonymous_id:a address email x@example.com live: new #1
            3 user_id:1 anonymous_id:a did login: #1 becomes part of #0
            5 user_id:1 unmerge anonymous_id:a: #1 leaves #0
            --
            #0 user_id:1 view×1 login×1
            #1 anonymous_id:a email=x@example.com(bounced)
        "#]],
    );
}

#[test]
fn an_erased_customer_leads_nowhere_and_a_later_fact_makes_a_new_one() {
    check(
        "1 user_id:1 anonymous_id:a did view ; set name Ann ; address email x@example.com live
         2 user_id:1 erase
         3 user_id:1 did view
         4 anonymous_id:a did view",
        expect![[r#"
            1 user_id:1 anonymous_id:a did view ; set name Ann ; address email x@example.com live: new #0
            2 user_id:1 erase: #0 is erased
            3 user_id:1 did view: new #1
            4 anonymous_id:a did view: new #2
            --
            #1 user_id:1 view×1
            #2 anonymous_id:a view×1
        "#]],
    );
}

#[test]
fn an_erasure_takes_along_whoever_became_part_of_the_customer() {
    check(
        "1 anonymous_id:a did view
         2 user_id:1 did view
         3 user_id:1 anonymous_id:a did login
         4 user_id:1 erase
         5 anonymous_id:a did view
         6 user_id:1 unmerge anonymous_id:a",
        expect![[r#"
            1 anonymous_id:a did view: new #0
            2 user_id:1 did view: new #1
            3 user_id:1 anonymous_id:a did login: #0 becomes part of #1
            4 user_id:1 erase: #1 is erased
            5 anonymous_id:a did view: new #2
            6 user_id:1 unmerge anonymous_id:a: nobody
            --
            #2 anonymous_id:a view×1
        "#]],
    );
}

#[test]
fn an_erasure_of_nobody_makes_nobody() {
    check(
        "1 user_id:1 erase",
        expect![[r#"
        1 user_id:1 erase: nobody
        --
    "#]],
    );
}

#[test]
fn the_house_names_a_customer_by_number_and_never_brings_back_who_was_erased() {
    let mut world = World::new();
    world.tell("1 user_id:1 did view");
    let number = world.customers[0];
    let story = world.tell(&format!(
        "house 2 $customer:{number} topic news out
         3 $customer:{number} did view
         4 user_id:1 erase
         house 5 $customer:{number} topic news in"
    ));
    let story = story.replace(&number.to_string(), "NUMBER");
    expect![[r#"
        3 $customer:NUMBER did view: nobody, refused who=`$customer:NUMBER`: identifiers of kind `$customer` are the house's own
        4 user_id:1 erase: #0 is erased
        house 5 $customer:NUMBER topic news in: nobody
        --
    "#]].assert_eq(&format!("{story}--\n{}", world.everybody()));
}

#[test]
fn a_customer_who_was_merged_is_found_under_the_old_number() {
    let mut world = World::new();
    world.tell(
        "1 anonymous_id:a did view
         2 user_id:1 did view
         3 user_id:1 anonymous_id:a did login",
    );
    let profile = world.people.profile(world.customers[0]).unwrap().unwrap();
    assert_eq!(profile.customer, world.customers[1]);
    assert_eq!(profile.history.len(), 1);
}

#[test]
fn a_customer_has_a_bounded_number_of_identifiers() {
    let mut world = World::new();
    for number in 0..people::IDENTIFIERS_MAX - 1 {
        assert!(world.tell(&format!("1 user_id:robot anonymous_id:{number} did view")).len() < 60);
    }
    expect![[r#"
        2 anonymous_id:other did view: new #1
        3 user_id:robot anonymous_id:more did view: refused who=`anonymous_id:more`: the customer has the most identifiers a customer may have
        4 user_id:robot anonymous_id:other did view: refused who=`anonymous_id:other`: the customer has the most identifiers a customer may have
    "#]].assert_eq(&world.tell(
        "2 anonymous_id:other did view
         3 user_id:robot anonymous_id:more did view
         4 user_id:robot anonymous_id:other did view",
    ));
}
