//! Templates from Braze, CleverTap and Customer.io run unchanged.

use liquid::{CompileOptions, Escape, RenderOptions, Template, compat};
use serde_json::json;

use crate::render_as;

#[track_caller]
fn check(template: &str, expected: &str) {
    let data = json!({
        "customer": { "first_name": "Aiko", "Name": "Aiko Sato", "shoe size": 24, "email": "a@example.jp" },
        "event": { "Product": "boots", "price": 1980 },
        "campaign": { "name": "Spring" },
    });
    let partials = vec![("signature".to_owned(), "Yours, {{ campaign.name }}".to_owned())];
    let compile = CompileOptions { partials: &partials, aliases: compat::ALL, ..CompileOptions::default() };
    let options = RenderOptions { escape: Escape::Off, ..RenderOptions::default() };
    let (out, _) = render_as(template, &data, &compile, &options);
    assert_eq!(out, expected, "{template}");
}

#[test]
fn braze_names_are_read_wherever_they_stand() {
    check("{{${first_name}}}", "Aiko");
    check("{{ ${first_name} | default: 'there' }}", "Aiko");
    check("{{${last_name} | default: 'there'}}", "there");
    check("{{custom_attribute.${shoe size}}}", "24");
    check("{{ event_properties.${price} | times: 2 }}", "3960");
    check("{{campaign.${name}}}", "Spring");
    check("{% if ${first_name} == 'Aiko' and custom_attribute.${shoe size} > 20 %}yes{% endif %}", "yes");
    check("{% assign size = {{custom_attribute.${shoe size}}} | plus: 1 %}{{ size }}", "25");
    check("{% if {{custom_attribute.${shoe size}}} == 24 %}yes{% endif %}", "yes");
}

#[test]
fn braze_content_blocks_are_partials() {
    check("{{content_blocks.${signature}}}", "Yours, Spring");
}

#[test]
fn braze_filters_beyond_shopifys_are_known() {
    check(
        "https://partner.example/?id={{ ${email} | downcase | sha2 | slice: 0, 8 }}",
        "https://partner.example/?id=8dd0cc25",
    );
    check(
        "{{ event_properties | property_accessor: 'price' }} {{ ${email} | as_json_string }}",
        "1980 \"a@example.jp\"",
    );
}

#[test]
fn clevertap_profiles_and_events_are_plain_paths() {
    check("{{ Profile.Name | default: \"friend\" }}", "Aiko Sato");
    check("{{Profile.City|default:\"your city\"}}", "your city");
    check("{{ Event.Product }}", "boots");
    check("{{ Profile[\"shoe size\"] }}", "24");
}

#[test]
fn customer_io_is_plain_liquid() {
    check("{% if customer.email contains 'example' %}{{ customer.first_name | upcase }}{% endif %}", "AIKO");
    check("{{ event.price | divided_by: 100.0 | round: 2 }}", "19.8");
}

#[test]
fn without_aliases_names_mean_themselves() {
    let template = Template::compile("{{${first_name}}}", &CompileOptions::default()).expect("it compiles");
    assert_eq!(template.touches().variables[0].path, "first_name");
}
