//! Where LiquidJS knowingly differs from Shopify's Liquid and so from ours: part of the reference page.

use std::fmt::Write;

/// What differs, what LiquidJS does, and what happens here, which is what Shopify's Liquid does in each of these.
/// `benches/compare/differential.mjs` sorts every difference found on the golden suite under one of these names.
const LIQUIDJS: &[(&str, &str, &str)] = &[
    (
        "arguments and types",
        "goes on with too few or too many arguments, unreadable paths, values of the wrong type, division by zero (`Infinity`)",
        "an error with its place",
    ),
    ("additions of ours", "unknown names, filters and tags", "see *ours* and *compatible* above"),
    ("missing tags", "knows neither `doc` nor `ifchanged`", "knows them"),
    (
        "white space in blank blocks",
        "writes the white space of a block that writes nothing else",
        "such a block writes nothing",
    ),
    ("rows of a table", "no line break after `<tr class=\"row1\">`", "a line break there"),
    (
        "branches",
        "renders a `when` that names a value twice once; stops at `else`; refuses a second `else`",
        "renders it twice; every branch that fits is rendered; what follows `else` in `if` is left out",
    ),
    ("loops inside loops", "no `forloop.parentloop`", "has it"),
    (
        "ranges",
        "`(1.4..5)` counts 1.4, 2.4 …; a range is written as its numbers, `123`",
        "counts whole numbers from 1; is written `1..3`",
    ),
    (
        "arguments of partials",
        "`include … for` and names bound by the name of the partial are not understood",
        "understood",
    ),
    (
        "groups of cycles",
        "cycles of one group with other values count apart; `0` and `false` write nothing",
        "they count together; values are written as everywhere",
    ),
    ("comments inside comments", "the first `endcomment` ends all", "each ends its own"),
    ("white space in raw and in paths", "`{%- raw -%}` and `a .b` cannot be read", "can be read"),
    ("base 64 of URLs", "unknown filters, which leave text as it is", "known filters"),
    (
        "items by property",
        "lists inside lists stay; texts have no properties; a property given as nothing is compared",
        "lists are laid flat; a text has the texts within it as properties; nothing means any true value",
    ),
    (
        "maps as text and lists",
        "a map is written `[object Object]` and has no first pair",
        "written `{\"a\"=>1}`, with pairs",
    ),
    (
        "numbers",
        "all numbers are floats: `9 | divided_by: 2` is 4.5, `10.1 | minus: 2.2` is 7.8999999999999995, `5.0` is written 5",
        "whole numbers stay whole, decimals are exact, a float keeps its point",
    ),
    (
        "arguments that are nothing",
        "the argument counts as not given; named arguments may not come first",
        "it counts as an empty text; named arguments may come first",
    ),
    (
        "blank, nil and false",
        "`nil == blank` is false; lists can contain `nil`; `<>` is not known; `true` counts as 1",
        "`nil == blank` is true; no list contains `nil`; `<>` is `!=`; `true` is no number",
    ),
    (
        "splitting and encoding",
        "`split: ' '` splits at spaces only; `!` is not encoded in URLs; `first` and `last` work on texts",
        "splits at any white space; it is encoded; they work on lists",
    ),
];

/// Where ours goes its own way, and why.
const OWN: &[(&str, &str)] = &[
    (
        "`render` sees the data of the message, not what was assigned",
        "Shopify's global objects are visible in `render`; to a message, its data is what global objects are to a shop.",
    ),
    ("names may hold letters of any script", "attributes are called what people call them, in Japan too."),
    (
        "an unknown filter or partial is an error when the template is compiled",
        "a typing error should be found before anybody is written to.",
    ),
    (
        "`date` shows times in the zone of the rendering; a text that names an offset keeps it",
        "what happened at noon for the customer should read as noon.",
    ),
    ("text from people is escaped", "a name must never become a part of the page."),
    ("whole numbers have 64 bits; beyond that they are floats", "nobody counts further in a message."),
];

/// Cases of the golden suite that contradict each other: one template, two outcomes.
const CONTRADICTIONS: &str = "\
Of the 1,054 cases of the golden suite, two contradict each other: `{% when 'bar' and 'Hello', 'Hello' %}` must render \
nothing, and in Liquid's second strict mode must be refused. The compile option `strict` chooses; both pass.
";

const LIQUIDJS_HEAD: &str = "\
## Where LiquidJS differs

`make test` renders the golden suite and 5,000 generated templates with LiquidJS too (`scripts/differential.sh`), sorts each
difference under one of these names, and fails when one has none. LiquidJS says the same as Shopify's Liquid in 809 of
the 1,054 cases of the suite. In each of these, what happens here is what Shopify's Liquid does.

";

/// Writes the section.
pub(crate) fn section(page: &mut String) {
    page.push_str(LIQUIDJS_HEAD);
    page.push_str("| what | LiquidJS | here |\n|---|---|---|\n");
    for (what, theirs, ours) in LIQUIDJS {
        let _ = writeln!(page, "| {what} | {theirs} | {ours} |");
    }
    page.push_str("\n## Where ours goes its own way\n\n");
    for (what, why) in OWN {
        let _ = writeln!(page, "- {what}: {why}");
    }
    page.push('\n');
    page.push_str(CONTRADICTIONS);
}
