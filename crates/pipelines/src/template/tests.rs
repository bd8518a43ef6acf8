use proptest::prelude::{any, proptest};
use serde_json::{Map, Value, json};

use super::{Error, FILTERS, check, references, render, render_str};

fn scope() -> Value {
    json!({
        "input": { "url": "https://www.acme.example/x", "n": 150, "scale": 0.5, "big": 18_446_744_073_709_551_615_u64,
            "on": false, "list": ["b", "a"], "empty": [], "none": null, "name": "Acme", "people": [{"name": "Mara"}],
            "sections": { "zebra": 1, "apple": 2 } },
        "subject": { "latest_version": 3, "profile": { "goals": "pumps" }, "facts": {} },
        "site": { "pages": 12 },
    })
}

fn rendered(with: Value) -> Result<Value, Error> {
    let Value::Object(with) = with else { panic!("not a table") };
    render(&with, &scope()).map(Value::Object)
}

#[test]
fn one_expression_alone_gives_the_value_itself() {
    let with = json!({ "n": "{{ input.n }}", "scale": "{{input.scale}}", "on": "{{ input.on }}", "list": "{{ input.list }}",
        "map": "{{ input.sections }}", "big": "{{ input.big }}", "text": "{{ input.name }}", "sum": "{{ input.n + 1 }}",
        "first": "{{ input.list | sort | first }}", "deep": "{{ input.people[0].name }}", "v": "{{ subject.latest_version }}",
        "constant": "{{ true }}", "dash": "{{- input.n -}}" });
    let expected = json!({ "n": 150, "scale": 0.5, "on": false, "list": ["b", "a"], "map": { "zebra": 1, "apple": 2 },
        "big": 18_446_744_073_709_551_615_u64, "text": "Acme", "sum": 151, "first": "a", "deep": "Mara", "v": 3,
        "constant": true, "dash": 150 });
    assert_eq!(rendered(with), Ok(expected));
}

#[test]
fn a_map_keeps_the_order_of_its_members() {
    let Ok(Value::Object(with)) = rendered(json!({ "map": "{{ input.sections }}" })) else {
        panic!("not rendered")
    };
    assert_eq!(
        with["map"].as_object().map(|map| map.keys().cloned().collect::<Vec<_>>()),
        Some(vec!["zebra".to_owned(), "apple".to_owned()])
    );
}

#[test]
fn null_and_missing_leave_the_key_out() {
    let with = json!({ "a": "{{ input.none }}", "b": "{{ input.nothing.at.all }}", "c": "{{ nobody }}",
        "d": "{{ input.nothing | default(7) }}", "list": ["{{ input.none }}", "{{ input.n }}"], "nested": { "x": "{{ input.none }}" },
        "e": "{{ none }}", "f": "{{ input.nothing.deeper[0] }}" });
    assert_eq!(rendered(with), Ok(json!({ "d": 7, "list": [150], "nested": {} })));
}

#[test]
fn anything_else_gives_text() {
    let with = json!({ "a": "{{ input.name }} ({{ input.n }})", "b": " {{ input.n }}", "c": "plain", "d": "100 % {sic}",
        "e": "{% if input.nothing %}yes{% else %}no{% endif %}", "f": "{% for x in input.list %}[{{ x }}]{% endfor %}",
        "g": "{{ input.list | join(', ') }}.", "h": "{# gone #}kept", "i": "{{ '}}' }}!", "j": "<{{ '<b>' }}>",
        "k": "{{ input.on }}." });
    let expected = json!({ "a": "Acme (150)", "b": " 150", "c": "plain", "d": "100 % {sic}", "e": "no", "f": "[b][a]",
        "g": "b, a.", "h": "kept", "i": "}}!", "j": "<<b>>", "k": "False." });
    assert_eq!(rendered(with), Ok(expected));
}

#[test]
fn tables_lists_and_other_values_are_rendered_member_by_member() {
    let with = json!({ "select": { "kinds": ["{{ input.name }}", "x"], "tokens": 12000, "deep": [{ "a": "{{ input.n }}" }] }, "on": true });
    let expected =
        json!({ "select": { "kinds": ["Acme", "x"], "tokens": 12000, "deep": [{ "a": 150 }] }, "on": true });
    assert_eq!(rendered(with), Ok(expected));
}

#[test]
fn a_text_with_a_hole_is_an_error_that_names_it() {
    for (source, reason) in [
        ("Dear {{ input.nobody }}", "there is no `input.nobody`"),
        ("Dear {{ nobody }}", "there is no `nobody`"),
        ("Dear {{ input.none }}", "nothing is there (null)"),
        ("All: {{ input.list }}", "a list has no place in a text; try `| join(\", \")`"),
        ("All: {{ input.sections }}", "a map has no place in a text"),
    ] {
        let expected = Error::Render { template: source.to_owned(), reason: reason.to_owned() };
        assert_eq!(render_str(source, &scope()), Err(expected), "{source}");
    }
}

#[test]
fn render_str_gives_text_whatever_it_is_given() {
    assert_eq!(render_str("{{ input.n }}", &scope()).as_deref(), Ok("150"));
    assert_eq!(render_str("{{ input.url | site_key }}", &scope()).as_deref(), Ok("acme.example"));
    assert_eq!(render_str("plain", &scope()).as_deref(), Ok("plain"));
    assert!(render_str("{{ input.none }}", &scope()).is_err());
    assert!(render_str("{{ input.name | site_key }}!", &json!({"input": {"name": "127.0.0.1"}})).is_err());
}

#[test]
fn what_could_grow_is_refused() {
    for source in [
        "{% set x = 1 %}{{ x }}",
        "{% macro m() %}{% endmacro %}",
        "{% include 'x' %}",
        "{{ 'x' * 1000000 }}",
        "{{ 2 ** 9 }}",
        "{% raw %}{{{% endraw %}",
        "{% filter upper %}x{% endfilter %}",
    ] {
        assert!(matches!(check(source), Err(Error::Syntax { .. })), "{source}");
        assert!(render_str(source, &scope()).is_err(), "{source}");
    }
    let long: Vec<u32> = (0..3000).collect();
    let scope = json!({ "input": { "list": long, "text": "x".repeat(100_000) } });
    let loops = "{% for a in input.list %}{% for b in input.list %}{{ a }}{% endfor %}{% endfor %}";
    assert_eq!(
        render_str(loops, &scope),
        Err(Error::Render { template: loops.to_owned(), reason: "it takes too many steps".to_owned() })
    );
    let grows = "{% for a in input.list %}{{ input.text }}{% endfor %}";
    assert_eq!(
        render_str(grows, &scope),
        Err(Error::Render { template: grows.to_owned(), reason: "the text grows too long".to_owned() })
    );
    assert!(render_str("{{ input.text | replace('x', 'xxxxxxxxxx') }}!", &scope).is_err());
    assert!(render_str("{{ range(10) }}", &scope).is_err());
}

#[test]
fn a_mistake_in_a_template_is_found_before_it_is_rendered() {
    for (source, offset) in [
        ("{{ input.url", 0),
        ("ab {{ input.url | uper }}", 18),
        ("{{ x is evn }}", 8),
        ("{{ x is not evn }}", 12),
        ("ok {% fi x %}", 6),
        ("{{ 'open }}", 0),
        ("{{ a b }}", 5),
        ("{% if x %}", 8),
    ] {
        let Err(Error::Syntax { offset: found, reason }) = check(source) else {
            panic!("{source} was accepted")
        };
        assert_eq!(found, offset, "{source}: {reason}");
    }
    assert_eq!(
        check("{{ x | uper }}"),
        Err(Error::Syntax {
            offset: 7,
            reason: "there is no filter `uper` (did you mean `upper`?)".to_owned()
        })
    );
    assert_eq!(check("{{ x|map('upper')|join(', ') }}"), Ok(()));
}

#[test]
fn every_filter_we_name_exists() {
    for filter in FILTERS {
        let source = format!("{{{{ x | {filter}('a', 'b') }}}}");
        let rendered = render_str(&source, &json!({ "x": "a" }));
        assert!(!format!("{rendered:?}").contains("filter {filter} is unknown"), "{filter}: {rendered:?}");
    }
    let unknown = render_str("{{ x | tojson }}", &json!({ "x": "a" }));
    assert!(format!("{unknown:?}").contains("tojson"), "{unknown:?}");
}

#[test]
fn references_are_the_names_without_loop_variables() {
    let found = references(
        "{{ input.url }}{% for x in site.pages %}{{ x.title }}{{ loop.index }}{% endfor %}{{ a[0].b }}",
    );
    let path = |path: &str| path.split('.').map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(found, vec![path("a"), path("input.url"), path("site.pages")]);
}

#[test]
fn nesting_has_an_end() {
    let mut value = json!("{{ input.n }}");
    for _ in 0..100 {
        value = json!([value]);
    }
    let mut with = Map::new();
    with.insert("deep".to_owned(), value);
    assert!(render(&with, &scope()).is_err());
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in any::<String>()) {
        let _ = check(&text);
        let _ = render_str(&text, &scope());
    }

    #[test]
    fn nothing_that_looks_like_a_template_makes_it_panic(text in "(\\{\\{|\\}\\}|\\{%|%\\}|[a-z0-9 .|()\\[\\]'\"~+/-]|if|for|in|input){0,30}") {
        let _ = check(&text);
        let _ = references(&text);
        let with: Map<String, Value> = [("x".to_owned(), Value::String(text))].into_iter().collect();
        let _ = render(&with, &scope());
    }
}

#[test]
fn nothing_overflows_the_stack() {
    let shapes = [
        ("(", "1", ")"),
        ("[", "1", "]"),
        ("", "a", ".b"),
        ("", "a", "[0]"),
        ("a~", "a", ""),
        ("a+", "a", ""),
        ("a or ", "a", ""),
        ("not ", "a", ""),
        ("-", "a", ""),
        ("a if b else ", "a", ""),
        ("", "a", "|upper"),
        ("a==", "a", ""),
        ("{1:", "1", "}"),
        ("f(", "1", ")"),
        ("a|join(", "b", ")"),
        ("", "a", " is odd"),
        ("{", "", "}"),
    ];
    for (before, middle, after) in shapes {
        for n in [16, 50, 100, 140, 500, 10_000] {
            let n = n.min(14_000 / (before.len() + after.len()));
            let source = format!("{{{{ {}{middle}{} }}}}", before.repeat(n), after.repeat(n));
            // Half of the stack that a thread usually has.
            let asked = std::thread::Builder::new().stack_size(1 << 20).spawn(move || {
                let _ = check(&source);
                let _ = references(&source);
                let _ =
                    render(&[("x".to_owned(), Value::from(source.clone()))].into_iter().collect(), &scope());
                let _ = render_str(&format!("{source}."), &scope());
            });
            asked.unwrap().join().unwrap();
        }
    }
    for source in
        ["{% if a %}".repeat(1000), "{% for a in b %}".repeat(900), "{% if a %}x{% endif %}".repeat(700)]
    {
        let asked = std::thread::Builder::new().stack_size(1 << 20).spawn(move || {
            let _ = check(&source);
            let _ = render_str(&source, &scope());
        });
        asked.unwrap().join().unwrap();
    }
}
