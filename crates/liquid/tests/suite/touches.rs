//! A static look at a template says what it reads.

use liquid::{CompileOptions, Template};

#[test]
fn variables_filters_partials_catalogues_and_translations_are_listed() {
    let partials = vec![("footer".to_owned(), "{{ shop.name }}".to_owned())];
    let source = "{{ customer.first_name | default: 'you' }}{{ cart.items[0].title | upcase }}
        {% for item in cart.items %}{{ item.price }}{% endfor %}{% assign x = 1 %}{{ x }}
        {% if customer.vip %}{% abort_message('vip') %}{% endif %}{% render 'footer' %}
        {{ 'greeting' | t }}{% assign p = 'sku' | catalogue: 'products' %}{% catalog_items shops customer.shop %}";
    let options = CompileOptions { partials: &partials, ..CompileOptions::default() };
    let template = Template::compile(source, &options).expect("it compiles");
    let touches = template.touches();
    let variables: Vec<(&str, bool)> =
        touches.variables.iter().map(|variable| (variable.path.as_str(), variable.guarded)).collect();
    assert_eq!(
        variables,
        [
            ("cart.items", false),
            ("cart.items.title", false),
            ("customer.first_name", true),
            ("customer.shop", false),
            ("customer.vip", true),
            ("shop.name", false),
        ]
    );
    assert_eq!(touches.filters, ["catalogue", "default", "t", "upcase"]);
    assert_eq!(touches.partials, ["footer"]);
    assert_eq!(touches.translations, ["greeting"]);
    let catalogues: Vec<_> =
        touches.catalogues.iter().map(|used| (used.catalogue.as_deref(), used.key.as_deref())).collect();
    assert_eq!(catalogues, [(Some("products"), Some("sku")), (Some("shops"), None)]);
    assert!(touches.aborts);
    assert!(!touches.dynamic);
}

#[test]
fn a_name_that_is_read_before_it_is_given_a_value_is_read_from_the_data() {
    let source =
        "{% assign city = city | default: 'Kyoto' %}{{ city }}{% for tag in tag.all %}{{ tag }}{% endfor %}";
    let template = Template::compile(source, &CompileOptions::default()).expect("it compiles");
    let paths: Vec<&str> =
        template.touches().variables.iter().map(|variable| variable.path.as_str()).collect();
    assert_eq!(paths, ["city", "tag.all"]);
}

#[test]
fn names_known_only_while_rendering_make_a_template_dynamic() {
    for source in ["{{ [name] }}", "{% include name %}", "{{ key | t }}"] {
        let template = Template::compile(source, &CompileOptions::default()).expect("it compiles");
        assert!(template.touches().dynamic, "{source}");
    }
}
