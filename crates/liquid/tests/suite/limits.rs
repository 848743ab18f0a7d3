//! Hostile templates are stopped at a limit that has a name.

use liquid::{CompileLimits, CompileOptions, RenderLimits, RenderOptions, Stop, Template};
use serde_json::json;

use crate::data::Json;

/// What stops a template.
fn stop(template: &str, options: &RenderOptions<'_>) -> Stop {
    let data = json!({ "long": "lorem ipsum ".repeat(5_000), "list": (0..1_000).collect::<Vec<_>>() });
    let partials =
        vec![("again".to_owned(), "{% include 'again' %}".to_owned()), ("wide".to_owned(), "x".to_owned())];
    let compile = CompileOptions { partials: &partials, ..CompileOptions::default() };
    let template = Template::compile(template, &compile).unwrap_or_else(|errors| panic!("{errors}"));
    let mut out = String::new();
    let error = template.render(&Json(&data), options, &mut out).expect_err("the template is stopped");
    assert_eq!(out, "", "nothing of a stopped rendering remains");
    error.stop
}

#[track_caller]
fn check(template: &str, limit: &str) {
    let stopped = stop(template, &RenderOptions::default());
    let Stop::Limit { limit: reached, .. } = stopped else { panic!("{stopped}") };
    assert_eq!(reached, limit, "{template}");
}

#[test]
fn endless_loops_run_out_of_steps() {
    check("{% for i in (1..999999999999) %}{% endfor %}", "steps_max");
    check(
        "{% for i in (1..9999) %}{% for j in (1..9999) %}{% assign x = i %}{% endfor %}{% endfor %}",
        "steps_max",
    );
    check("{{ (1..99999999) | where: 'x' }}", "steps_max");
    check("{% tablerow i in (1..99999999) %}{% endtablerow %}", "steps_max");
    check("{{ (1..99999999) | reverse }}", "steps_max");
}

#[test]
fn slow_filters_pay_for_what_they_work_on() {
    check("{% for i in (1..400000) %}{% if long contains 'nowhere' %}{% endif %}{% endfor %}", "steps_max");
    check("{% for i in (1..400000) %}{{ long | size | at_most: 0 }}{% endfor %}", "steps_max");
    check("{% for i in (1..400000) %}{% if list contains 'nowhere' %}{% endif %}{% endfor %}", "steps_max");
    check("{% for i in (1..400000) %}{% if list == list %}{% endif %}{% endfor %}", "steps_max");
}

#[test]
fn growth_runs_out_of_memory_or_output() {
    let doubling =
        "{% assign x = 'xxxxxxxx' %}{% for i in (1..60) %}{% assign x = x | append: x %}{% endfor %}";
    check(doubling, "memory_bytes_max");
    check("{% assign x = long | replace: '', long %}", "memory_bytes_max");
    check("{% for i in (1..400000) %}{% assign x = list | sum %}{% endfor %}", "memory_bytes_max");
    check("{{ (1..99999999) | json }}", "steps_max");
    check("{% for i in (1..1000) %}{{ long }}{% endfor %}", "output_bytes_max");
    let capture = "{% capture x %}12345678{% endcapture %}{% for i in (1..60) %}{% capture x %}{{ x }}{{ x }}{% endcapture %}{% endfor %}";
    check(capture, "output_bytes_max");
}

#[test]
fn partials_inside_themselves_run_out_of_nesting() {
    check("{% include 'again' %}", "nesting_max");
}

/// Time that this thread was on a processor, whatever else the machine does; known on Linux only.
fn processor_time_ms() -> Option<u64> {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    stat.split(' ').next()?.parse::<u64>().ok().map(|nanoseconds| nanoseconds / 1_000_000)
}

#[test]
fn hostile_templates_are_stopped_within_fifty_milliseconds() {
    for template in [
        "{% for i in (1..999999999999) %}{% endfor %}",
        "{% for i in (1..9999) %}{% for j in (1..9999) %}{{ j | times: 1.5 | round: 2 }}{% endfor %}{% endfor %}",
        "{% for i in (1..400000) %}{% if long contains 'nowhere' %}{% endif %}{% endfor %}",
        "{% for i in (1..400000) %}{% assign x = list | sort | join: '-' | split: '' %}{% endfor %}",
        "{% for i in (1..400000) %}{% assign x = long | upcase | strip_html | truncatewords: 99999 %}{% endfor %}",
        "{% assign x = long %}{% for i in (1..60) %}{% assign x = x | split: ' ' | join: ' - - - - - - ' %}{% endfor %}",
        "{% for i in (1..400000) %}{% assign x = i | hmac_sha256: i | md5 %}{% endfor %}",
        "{% for i in (1..400000) %}{% assign x = long | sha1 %}{% assign x = long | hmac_sha1: long %}{% endfor %}",
        "{% assign x = 'xxxxxxxx' %}{% for i in (1..60) %}{% assign x = x | append: x %}{% endfor %}",
        "{% assign x = long | replace: '', long %}",
        "{% for i in (1..1000) %}{{ long }}{% endfor %}",
        "{{ (1..99999999) | reverse | json }}",
        "{% include 'again' %}",
    ] {
        let before = processor_time_ms();
        stop(template, &RenderOptions::default());
        if let Some((before, after)) = before.zip(processor_time_ms()) {
            // Setting up the data counts too, and an unoptimised engine takes several times as long as a released one.
            println!("{} ms {template}", after - before);
            assert!(after - before < 50, "{template}");
        }
    }
}

#[test]
fn every_limit_can_be_lowered_and_is_exact() {
    let lowered = |limits| RenderOptions { limits, ..RenderOptions::default() };
    let steps = RenderLimits { steps_max: 10, ..RenderLimits::DEFAULT };
    assert_eq!(
        stop("{% for i in (1..20) %}x{% endfor %}", &lowered(steps)),
        Stop::Limit { limit: "steps_max", max: 10 }
    );
    let output = RenderLimits { output_bytes_max: 5, ..RenderLimits::DEFAULT };
    assert_eq!(stop("123456", &lowered(output)), Stop::Limit { limit: "output_bytes_max", max: 5 });
    let nesting = RenderLimits { nesting_max: 1, ..RenderLimits::DEFAULT };
    let nested = "{% for i in (1..2) %}{% for j in (1..2) %}x{% endfor %}{% endfor %}";
    assert_eq!(stop(nested, &lowered(nesting)), Stop::Limit { limit: "nesting_max", max: 1 });
}

#[test]
fn the_caller_says_when_time_is_up() {
    let options = RenderOptions { time_is_up: Some(&|| true), ..RenderOptions::default() };
    assert_eq!(stop("{% for i in (1..99999) %}x{% endfor %}", &options), Stop::Time);
}

#[test]
fn compiling_has_limits_too() {
    let limits = CompileLimits { source_bytes_max: 100, nesting_max: 5, errors_max: 3, partials_max: 2 };
    let check = |template: &str, expected: &str| {
        let options = CompileOptions { limits, ..CompileOptions::default() };
        let errors = Template::compile(template, &options).expect_err("it is over a limit");
        assert!(errors.to_string().contains(expected), "{errors}");
        assert!(errors.0.len() <= 4);
    };
    check(&"x".repeat(101), "source_bytes_max");
    check(&"{% if a %}".repeat(7), "nesting_max");
    check(&"{{ | }}".repeat(10), "expected a value");
}

/// Compiles a template that is large in one way; how long that takes counts, not whether it succeeds.
#[track_caller]
fn check_compiling(what: &str, source: &str, errors: usize) {
    let before = processor_time_ms();
    let compiled = Template::compile(source, &CompileOptions::default());
    let told = compiled.as_ref().map_or_else(|errors| errors.0.len(), |_| 0);
    assert_eq!(told, errors, "{what}: errors told");
    if let Some((before, after)) = before.zip(processor_time_ms()) {
        assert!(after - before < 1_000, "{what} takes {} ms", after - before);
    }
}

#[test]
fn compiling_takes_time_in_proportion_to_the_source() {
    let numbered = |piece: &str, count: usize| -> String {
        (0..count).map(|number| piece.replace('#', &number.to_string())).collect()
    };
    let wrapped = |inside: &str| format!("{}{inside}{}", "{% if a %}".repeat(90), "{% endif %}".repeat(90));
    check_compiling("loops of many names", &numbered("{% for i in a# %}{% endfor %}", 50_000), 0);
    check_compiling(
        "many blank constructs, deep inside",
        &wrapped(&"{% assign x = 1 %}\n".repeat(50_000)),
        0,
    );
    check_compiling(
        "errors behind many lines",
        &format!("{}{}", "\n".repeat(2 << 20), "{{ | }}".repeat(200)),
        100,
    );
    let growing = format!("{{{{ '{}' | replace: '', '{}' }}}}", "x".repeat(900), "y".repeat(900));
    check_compiling("constants that grow", &growing.repeat(1_000), 0);
    let chained = format!("{{{{ 'a b'{} }}}}", " | split: ' ' | join: ' - - - - - - '".repeat(40));
    check_compiling("constants that grow from filter to filter", &chained.repeat(100), 0);
}

#[test]
fn too_many_names_are_refused_and_not_mistaken_for_one_another() {
    let source: String = (0..65_536).map(|number| format!("{{% assign n{number} = 1 %}}")).collect();
    let errors = Template::compile(&source, &CompileOptions::default()).expect_err("it is over a limit");
    assert!(errors.to_string().contains("limit=`names_max`"), "{errors}");
}

#[test]
fn a_text_is_not_split_into_more_pieces_than_memory_has_room_for() {
    let limits = RenderLimits { memory_bytes_max: 10_000, ..RenderLimits::DEFAULT };
    let options = RenderOptions { limits, ..RenderOptions::default() };
    assert_eq!(
        stop("{{ long | split: 'o' | size }}", &options),
        Stop::Limit { limit: "memory_bytes_max", max: 10_000 }
    );
}

#[test]
fn deep_nesting_of_anything_is_an_error_and_not_a_crash() {
    let deep = |open: &str, middle: &str, close: &str| {
        format!("{}{middle}{}", open.repeat(5_000), close.repeat(5_000))
    };
    for template in [
        format!("{{{{ {} }}}}", deep("a[", "b", "]")),
        format!("{{{{ {} }}}}", deep("(", "1", "..2)")),
        deep("{% if a %}", "", "{% endif %}"),
        deep("{% liquid ", "echo 1", " %}"),
        deep("{% case a %}{% when 1 %}", "", "{% endcase %}"),
    ] {
        assert!(Template::compile(&template, &CompileOptions::default()).is_err());
    }
    let chain = format!("{{% if {} %}}x{{% endif %}}", vec!["a"; 20_000].join(" or "));
    assert!(Template::compile(&chain, &CompileOptions::default()).is_ok());
}
