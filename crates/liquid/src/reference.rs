//! The reference page, made from the tables the engine itself uses.

use std::fmt::Write;

use crate::compat::ALL;
use crate::cursor::EXPRESSION_NESTING_MAX;
use crate::filters::{FILTERS, Filter};
use crate::locale::{CURRENCIES, LOCALES};
use crate::lower::NAMES_MAX;
use crate::tags::{Origin, TAGS, Tag};
use crate::{CompileLimits, RenderLimits, differences};

/// `docs/liquid.md`.
pub fn page() -> String {
    let mut page = INTRODUCTION.to_owned();
    tags(&mut page);
    filters(&mut page);
    page.push_str(ESCAPING);
    aliases(&mut page);
    limits(&mut page);
    locales(&mut page);
    differences::section(&mut page);
    page
}

const INTRODUCTION: &str = "\
# Liquid

<!-- Made from the tables in `crates/liquid`; change those, then run its tests with `UPDATE_DOCS=1`. -->

Messages are written in [Liquid](https://shopify.github.io/liquid/), the language of Shopify, Braze, CleverTap and
Customer.io. Everything of Shopify's language is here; what is marked *ours* goes beyond it, what is marked
*compatible* is read for the sake of templates from other products.

- A **broken template** is refused with all its errors at once, each with its line, column and the nearest known name.
- A **missing value** renders as nothing and is *reported*, unless a `default` stands in for it or a condition asks
  for it. A message with a reported hole is held, not sent. The same goes for a value of the wrong type.
- `{% abort_message('reason') %}` keeps the message from one person, with the reason on record.
- Rendering never calls another server, never reads a clock and always stops at its limits.
- Names may hold letters of any script: `{{ customer.都道府県 }}`.
- Data is visible inside `render` as Shopify's global objects are; names that were assigned are not.

";

const ESCAPING: &str = "\
## Escaping

Text that comes from people is made harmless for the output it goes into; text of the author is left alone, and so
is what is made of nothing but the author's text. `raw` says that a value is fit as it is; what was captured is not
escaped twice; whatever is decoded (`url_decode`, `base64_decode` …) counts as people's text again.

| output | what happens |
|---|---|
| HTML | `& < > \" '` become references |
| attribute | as HTML, and white space, `=` and the back quote too: harmless even without quotes |
| URL | everything but letters, digits and `- . _ ~` is percent-encoded |
| JSON | the inside of a string; `< > &` are written so that a script stays one |
| text | control characters other than tab and line feed are left out |
| off | nothing, as Liquid itself |

";

fn mark(origin: Origin) -> &'static str {
    match origin {
        Origin::Standard => "",
        Origin::Own => " *ours*",
        Origin::Compatible => " *compatible*",
    }
}

/// Text that may stand in a cell of a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', "⏎")
}

/// Text in a cell, as code.
fn code(text: &str) -> String {
    let fence = if text.contains('`') { "``" } else { "`" };
    format!("{fence}{}{fence}", cell(text))
}

fn tags(page: &mut String) {
    page.push_str("## Tags\n\n| tag | form | what it does |\n|---|---|---|\n");
    for Tag { name, form, summary, origin, .. } in TAGS.iter().copied().flatten() {
        let _ = writeln!(page, "| `{name}`{} | {} | {} |", mark(*origin), code(form), cell(summary));
    }
    page.push('\n');
}

fn filters(page: &mut String) {
    page.push_str("## Filters\n\nArguments in brackets may be left out.\n\n");
    page.push_str("| filter | arguments | example | result | what it does |\n|---|---|---|---|---|\n");
    for filter in FILTERS.iter().copied().flatten() {
        let (example, result) = filter.example;
        let result = if result.is_empty() { String::new() } else { code(result) };
        let _ = writeln!(
            page,
            "| `{}`{} | {} | {} | {result} | {} |",
            filter.name,
            mark(filter.origin),
            arguments(filter),
            code(example),
            cell(filter.summary)
        );
    }
    page.push('\n');
}

fn arguments(filter: &Filter) -> String {
    let (least, most) = filter.arguments;
    let mut parts = Vec::new();
    if least > 0 {
        parts.push(least.to_string());
    }
    if most > least {
        parts.push(format!("[{}]", most - least));
    }
    for name in filter.named {
        parts.push(if *name == "*" { "any `name:`".to_owned() } else { format!("[`{name}:`]") });
    }
    parts.join(" ")
}

fn aliases(page: &mut String) {
    page.push_str(
        "## Names of other products\n\n`${any name}` may stand wherever a name may. Where the names of Braze and \
         CleverTap are understood, they mean:\n\n| written | meaning |\n|---|---|\n",
    );
    for alias in ALL {
        let written = if alias.written == "${}" { "${name}" } else { alias.written };
        let member = if alias.written == "${}" { ".name" } else { "" };
        let _ = writeln!(page, "| `{written}` | `{}{member}` |", alias.meaning);
    }
    page.push_str("\n`{{content_blocks.${name}}}` includes the partial `name`.\n\n");
}

fn limits(page: &mut String) {
    let compile = CompileLimits::DEFAULT;
    let render = RenderLimits::DEFAULT;
    let rows = [
        ("source_bytes_max", compile.source_bytes_max as u64, "bytes of a template and its partials"),
        ("nesting_max", compile.nesting_max as u64, "blocks inside blocks, while compiling"),
        ("expression_nesting_max", EXPRESSION_NESTING_MAX as u64, "brackets and ranges inside one another"),
        ("names_max", NAMES_MAX as u64, "names given a value, counters, and loops, each"),
        ("errors_max", compile.errors_max as u64, "errors told at once"),
        ("partials_max", compile.partials_max as u64, "partials in one template"),
        (
            "steps_max",
            render.steps_max,
            "steps: one for each piece of output, tag, filter and turn of a loop, for each item, for every 16 bytes of text worked on",
        ),
        ("output_bytes_max", render.output_bytes_max as u64, "bytes written"),
        ("memory_bytes_max", render.memory_bytes_max as u64, "bytes of texts and lists made on the way"),
        (
            "nesting_max",
            render.nesting_max as u64,
            "loops, captures and partials inside one another, while rendering",
        ),
    ];
    page.push_str("## Limits\n\n| limit | default | of what |\n|---|---:|---|\n");
    for (name, value, what) in rows {
        let _ = writeln!(page, "| `{name}` | {value} | {what} |");
    }
    page.push_str("\nBesides, the caller may say at any time that time is up.\n\n");
}

fn locales(page: &mut String) {
    let codes: Vec<String> = LOCALES.iter().map(|locale| format!("`{}`", locale.code)).collect();
    let currencies: Vec<&str> = CURRENCIES.iter().map(|currency| currency.code).collect();
    let _ = writeln!(
        page,
        "## Locales\n\n`money`, `number` and `local_date` know the customs of {}; a country without customs of its own \
         has those of its language, any other locale those of English. Currencies with a sign or with other than two \
         digits: {}; any other is written with its code and two digits.\n",
        codes.join(", "),
        currencies.join(", ")
    );
}
