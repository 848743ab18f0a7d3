//! Our own additions: locale, translations, catalogues, links.

use liquid::{Arena, Catalogues, CompileOptions, Escape, Links, RenderOptions, Translations, Value, Why};
use serde_json::json;

use crate::data;
use crate::render_as;

/// Everything a caller can lend besides data.
struct Shop(serde_json::Value);

impl Catalogues for Shop {
    fn item<'a>(&'a self, catalogue: &str, key: &str, arena: &'a Arena) -> Option<Value<'a>> {
        self.0.get(catalogue)?.get(key).map(|item| data::value(item, arena))
    }
}

impl Translations for Shop {
    fn text(&self, key: &str, locale: &str) -> Option<&str> {
        self.0.get(locale)?.get(key)?.as_str()
    }
}

impl Links for Shop {
    fn link(&self, url: &str, label: &str, out: &mut String) {
        out.push_str("https://t.example/");
        out.push_str(label);
        out.push('?');
        out.push_str(url);
    }
}

fn render(template: &str, locale: &str, zone: &str) -> (String, Vec<(String, Why)>) {
    let shop = Shop(json!({
        "products": { "sku-1": { "name": "Boots & co", "price": 1980 }, "sku-2": { "name": "Socks" } },
        "ja": { "hello": "こんにちは、{{ name }}さん", "cart.other": "{{ count }}点" },
        "en": { "hello": "Hello {{ name }}", "cart.zero": "nothing", "cart.one": "one thing", "cart.other": "{{ count }} things" },
    }));
    let options = RenderOptions {
        escape: Escape::Html,
        now_ms: 1_795_332_600_000,
        zone,
        locale,
        catalogues: Some(&shop),
        translations: Some(&shop),
        links: Some(&shop),
        ..RenderOptions::default()
    };
    let data = json!({ "name": "A&B", "n": 3, "amount": 1234.5, "at": "2026-03-14T15:04:05Z" });
    let (out, report) = render_as(template, &data, &CompileOptions::default(), &options);
    (out, report.gaps.into_iter().map(|gap| (gap.path, gap.why)).collect())
}

#[track_caller]
fn check(template: &str, locale: &str, expected: &str) {
    assert_eq!(render(template, locale, "Asia/Tokyo"), (expected.to_owned(), vec![]), "{template}");
}

#[test]
fn money_and_numbers_follow_the_locale_or_the_one_that_is_named() {
    check("{{ amount | money: 'EUR' }}", "de", "1.234,50\u{a0}€");
    check("{{ amount | money: 'JPY' }}", "ja", "¥1,235");
    check("{{ amount | money: 'EUR', locale: 'fr' }}", "ja", "1\u{202f}234,50\u{a0}€");
    check(
        "{{ amount | number }} {{ amount | number: 0 }} {{ -0.05 | number: 1 }}",
        "en",
        "1,234.5 1,235 -0.1",
    );
}

#[test]
fn dates_follow_the_zone_and_the_locale() {
    check("{{ 'now' | date: '%Y-%m-%d %H:%M %Z' }}", "ja", "2026-11-22 16:30 JST");
    check(
        "{{ 'now' | local_date: 'full' }} {{ 'now' | local_date: 'time' }}",
        "ja",
        "2026年11月22日日曜日 16:30",
    );
    check("{{ 'now' | local_date }}", "de", "22.11.2026");
    check("{{ at | date: '%H:%M' }} {{ at | date: '%H:%M', zone: 'Europe/Berlin' }}", "en", "15:04 16:04");
    check("{{ at | time_zone: 'Asia/Tokyo' | date: '%B %d %H:%M', locale: 'es' }}", "en", "marzo 15 00:04");
}

#[test]
fn translations_fill_their_places_with_harmless_text() {
    check("{{ 'hello' | t: name: name }}", "ja", "こんにちは、A&amp;Bさん");
    check("{{ 'hello' | t: name: name, locale: 'en' }}", "ja", "Hello A&amp;B");
}

#[test]
fn translations_count() {
    check(
        "{{ 'cart' | t: count: 0 }}, {{ 'cart' | t: count: 1 }}, {{ 'cart' | t: count: n }}",
        "en",
        "nothing, one thing, 3 things",
    );
    check("{{ 'cart' | t: count: 1 }}", "ja", "1点");
}

#[test]
fn a_text_or_an_item_that_is_not_there_is_reported() {
    let gap = |path: &str, why| vec![(path.to_owned(), why)];
    assert_eq!(render("{{ 'bye' | t }}", "en", "UTC"), ("bye".to_owned(), gap("t", Why::NoTranslation)));
    let (_, gaps) = render("{% assign x = 'sku-9' | catalogue: 'products' %}", "en", "UTC");
    assert_eq!(gaps, gap("catalogue", Why::NoItem));
    let (_, gaps) = render("{% catalog_items products 'sku-9' %}", "en", "UTC");
    assert_eq!(gaps, gap("products[sku-9]", Why::NoItem));
}

#[test]
fn catalogues_are_looked_up_by_key() {
    check(
        "{% assign x = 'sku-1' | catalogue: 'products' %}{{ x.name }} {{ x.price }}",
        "en",
        "Boots &amp; co 1980",
    );
    check("{% catalog_items products 'sku-1', 'sku-2' %}{{ items[1].name }}", "en", "Socks");
    check("{% catalog_items 'products' {{ 'sku-2' }} %}", "en", "");
}

#[test]
fn links_go_through_the_hook() {
    check("{{ 'https://x.jp/?a=1' | url: 'hero' }}", "en", "https://t.example/hero?https://x.jp/?a=1");
}

#[test]
fn japanese_text_is_cut_by_columns() {
    check("{{ 'おもてなしの心' | truncate_width: 9 }} {{ 'ab' | truncate_width: 2 }}", "ja", "おもてな… ab");
    check("{{ 'おもてなし' | truncate: 3, '…' }} {{ 'おもてなし' | width }}", "ja", "おも… 10");
}
