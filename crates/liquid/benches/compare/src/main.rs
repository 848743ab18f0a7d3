//! Renders the same messages with several engines in one run, checks that they say the same, and prints a table.
//!
//! `cargo run --release` here; with `node` and `npm install` done in this folder, LiquidJS takes part
//! (`liquidjs.mjs`).

mod tree;

use std::hint::black_box;
use std::process::Command;
use std::time::Duration;

use serde_json::Value as Json;

/// How long each measurement takes, and how many there are; the best counts.
const ROUND: Duration = Duration::from_millis(200);
const ROUNDS: usize = 5;

const CASES: &[(&str, &str, &str)] = &[
    ("push", include_str!("../templates/push.liquid"), include_str!("../templates/push.jinja")),
    ("email", include_str!("../templates/email.liquid"), include_str!("../templates/email.jinja")),
    ("newsletter", include_str!("../templates/newsletter.liquid"), include_str!("../templates/newsletter.jinja")),
];

/// Templates of one construct each: what that costs.
const CONSTRUCTS: &[(&str, &str)] = &[
    ("nothing at all", ""),
    ("a value", "{{ campaign }}"),
    ("a value of a value", "{{ customer.first_name }}"),
    ("a default", "{{ customer.first_name | default: 'x' }}"),
    ("a price", "{% assign x = customer.points | divided_by: 100.0 | round: 2 %}"),
    ("a price, written", "{{ customer.points | divided_by: 100.0 | round: 2 }}"),
    ("a condition", "{% if customer.points > 500 %}{% endif %}"),
    ("a loop of three", "{% for item in cart.items %}{% assign x = 1 %}{% endfor %}"),
    ("a loop of three titles", "{% for item in cart.items %}{{ item.title }}{% endfor %}"),
    ("a loop of three titles, escaped", "{% for item in cart.items %}{{ item.title | escape }}{% endfor %}"),
];

fn constructs(data: &Json) {
    let messages = CASES.iter().map(|(name, source, _)| (name, source));
    for (name, source) in CONSTRUCTS.iter().map(|(name, source)| (name, source)).chain(messages) {
        if std::env::args().nth(2).is_some_and(|only| only != **name) {
            continue;
        }
        let (_, rate) = render_ours(source, data);
        println!("{:>8.0} ns  {name}", 1e9 / rate);
    }
}

fn main() {
    if std::env::args().nth(1).as_deref() == Some("constructs") {
        return constructs(&serde_json::from_str(include_str!("../templates/data.json")).expect("the data is JSON"));
    }
    let data: Json = serde_json::from_str(include_str!("../templates/data.json")).expect("the data is JSON");
    let js = liquidjs();
    println!("| message | bytes out | ours | Rust `liquid` | minijinja | LiquidJS | ours ÷ fastest other |");
    println!("|---|---:|---:|---:|---:|---:|---:|");
    for (name, liquid, jinja) in CASES {
        let (out, ours) = render_ours(liquid, &data);
        let (peer_out, peer) = render_liquid(liquid, &data);
        let (_, mini) = render_minijinja(jinja, &data);
        assert_eq!(out, peer_out, "{name}: both engines write the same");
        let js = js.get(name).and_then(Json::as_f64).unwrap_or(f64::NAN);
        let best = [peer, mini, js].into_iter().filter(|rate| rate.is_finite()).fold(0.0, f64::max);
        println!(
            "| {name} | {} | {ours:.0}/s | {peer:.0}/s | {mini:.0}/s | {js:.0}/s | {:.1} × |",
            out.len(),
            ours / best
        );
    }
    println!("\n| parse | ours | Rust `liquid` | minijinja | LiquidJS |\n|---|---:|---:|---:|---:|");
    for (name, liquid, jinja) in CASES {
        println!("{}", parse_row(name, liquid, jinja, &js));
    }
}

/// Megabytes of source read in a second.
fn parse_row(name: &str, liquid: &str, jinja: &str, js: &Json) -> String {
    let size = |source: &str, rate: f64| source.len() as f64 * rate / 1e6;
    let options = ours::CompileOptions::default();
    let ours = rate(|| {
        black_box(ours::Template::compile(black_box(liquid), &options).expect("it compiles"));
    });
    let parser = liquid::ParserBuilder::with_stdlib().build().expect("it builds");
    let peer = rate(|| {
        let _ = black_box(parser.parse(black_box(liquid)).expect("it parses"));
    });
    let environment = minijinja::Environment::new();
    let mini = rate(|| {
        black_box(environment.template_from_named_str("a.html", black_box(jinja)).expect("it parses"));
    });
    let js = js.get(format!("parse {name}")).and_then(Json::as_f64).unwrap_or(f64::NAN);
    format!(
        "| {name} ({} bytes) | {:.0} MB/s | {:.1} MB/s | {:.1} MB/s | {:.1} MB/s |",
        liquid.len(),
        size(liquid, ours),
        size(liquid, peer),
        size(jinja, mini),
        size(liquid, js)
    )
}

fn render_ours(source: &str, data: &Json) -> (String, f64) {
    let template = ours::Template::compile(source, &ours::CompileOptions::default()).expect("it compiles");
    let tree = tree::Tree::of(data);
    let options = ours::RenderOptions::default();
    let mut out = String::new();
    let rate = rate(|| {
        out.clear();
        let report = template.render(black_box(&tree), &options, &mut out).expect("it renders");
        assert!(report.is_whole());
    });
    (out, rate)
}

fn render_liquid(source: &str, data: &Json) -> (String, f64) {
    let parser = liquid::ParserBuilder::with_stdlib().build().expect("it builds");
    let template = parser.parse(source).expect("it parses");
    let globals = liquid::to_object(data).expect("it is an object");
    let mut out = Vec::new();
    let rate = rate(|| {
        out.clear();
        template.render_to(&mut out, black_box(&globals)).expect("it renders");
    });
    (String::from_utf8(out).expect("it is text"), rate)
}

fn render_minijinja(source: &str, data: &Json) -> (String, f64) {
    let environment = minijinja::Environment::new();
    let template = environment.template_from_named_str("a.html", source).expect("it parses");
    let value = mini(data);
    let mut out = String::new();
    let rate = rate(|| {
        out = template.render(black_box(&value).clone()).expect("it renders");
    });
    (out, rate)
}

/// The data as minijinja keeps it.
fn mini(json: &Json) -> minijinja::Value {
    match json {
        Json::Null => minijinja::Value::from(()),
        Json::Bool(truth) => minijinja::Value::from(*truth),
        Json::Number(number) => match number.as_i64() {
            Some(number) => minijinja::Value::from(number),
            None => minijinja::Value::from(number.as_f64().unwrap_or(0.0)),
        },
        Json::String(text) => minijinja::Value::from(text.as_str()),
        Json::Array(items) => minijinja::Value::from(items.iter().map(mini).collect::<Vec<_>>()),
        Json::Object(items) => {
            minijinja::Value::from_pairs(items.iter().map(|(name, item)| (name.as_str(), mini(item))))
        }
    }
}

/// How often `work` can be done in a second of processor time: the best of a few rounds.
fn rate(mut work: impl FnMut()) -> f64 {
    let mut best: f64 = 0.0;
    for _ in 0..ROUNDS {
        let (start, mut done) = (processor_time(), 0_u32);
        let taken = loop {
            for _ in 0..256 {
                work();
            }
            done += 256;
            let taken = processor_time() - start;
            if taken >= ROUND {
                break taken;
            }
        };
        best = best.max(f64::from(done) / taken.as_secs_f64());
    }
    best
}

/// Time that this thread was on a processor, whatever else the machine does (Linux).
fn processor_time() -> Duration {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").expect("Linux says how long a thread ran");
    let nanoseconds = stat.split(' ').next().and_then(|field| field.parse().ok()).expect("the first field is a number");
    Duration::from_nanos(nanoseconds)
}

/// What LiquidJS reaches on the same messages, if it is here.
fn liquidjs() -> Json {
    let folder = env!("CARGO_MANIFEST_DIR");
    let run = Command::new("node").arg("liquidjs.mjs").current_dir(folder).output();
    let Ok(run) = run.map_err(|error| eprintln!("LiquidJS does not take part: {error}")) else { return Json::Null };
    if !run.status.success() {
        eprintln!("LiquidJS does not take part: {}", String::from_utf8_lossy(&run.stderr));
    }
    serde_json::from_slice(&run.stdout).unwrap_or(Json::Null)
}
