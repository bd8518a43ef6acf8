use std::collections::BTreeSet;

use minijinja::Environment;
use proptest::prelude::{prop_assert, prop_assert_eq, proptest};

use super::super::engine;
use super::{Error, FILTERS, Part, bounded, mistakes, names, parts};

const BUILT_IN: &str = include_str!("../../../builtin/company/report.md");

fn told(source: &str) -> Vec<(usize, String)> {
    let said = |reason: String| reason.trim_start_matches("this is no template: ").to_owned();
    let mut told: Vec<(usize, String)> =
        mistakes(source).into_iter().map(|(at, reason)| (at, said(reason))).collect();
    told.sort();
    told
}

fn reasons(source: &str) -> Vec<String> {
    told(source).into_iter().map(|(_, reason)| reason).collect()
}

/// Asked on half of the stack that a thread usually has.
fn on_a_small_stack(work: impl FnOnce() + Send + 'static) {
    std::thread::Builder::new().stack_size(1 << 20).spawn(work).unwrap().join().unwrap();
}

#[test]
fn the_built_in_template_has_no_mistakes() {
    assert_eq!(told(BUILT_IN), []);
}

#[test]
fn a_tag_has_at_most_100_words_and_signs() {
    let chain = |before: &str, filters: usize| format!("{{{{ {before}title{} }}}}", "|upper".repeat(filters));
    assert_eq!(bounded(&chain("not ", 49)), Ok(()));
    assert_eq!(reasons(&chain("not ", 49)), Vec::<String>::new());
    let too_many = vec![(10, "the expression has more than 100 words and signs".to_owned())];
    assert_eq!(told(&format!("# Title{}", chain("", 50))), too_many);
    assert!(bounded(&format!("{{% if title{} %}}{{% endif %}}", "|upper".repeat(50))).is_err());
}

#[test]
fn a_template_has_any_number_of_tags() {
    assert_eq!(
        reasons(&"{{ title }}{% set x = 1 %}{% if x %}{% elif title %}{% endif %}".repeat(1000)),
        Vec::<String>::new()
    );
}

#[test]
fn thirty_statements_stand_in_each_other_at_the_most() {
    let nested = |open: &str, close: &str, n: usize| format!("{}{}", open.repeat(n), close.repeat(n));
    for (open, close) in [
        ("{% if title %}", "{% endif %}"),
        ("{%- for x in notes -%}", "{%- endfor -%}"),
        ("{%+ macro m() +%}", "{% endmacro %}"),
        ("{% set x %}", "{% endset %}"),
        ("{% set x | replace(old='a', new='b') %}", "{% endset %}"),
        ("{% filter upper %}", "{% endfilter %}"),
        ("{% with x = 1 %}", "{% endwith %}"),
        ("{% autoescape false %}", "{% endautoescape %}"),
    ] {
        assert_eq!(bounded(&nested(open, close, 30)), Ok(()), "{open}");
        let Err(Error::Syntax { offset, reason }) = bounded(&nested(open, close, 31)) else {
            panic!("{open} was accepted")
        };
        assert_eq!(reason, "more than 30 statements stand in each other");
        assert!(offset > 30 * open.len() && offset < 31 * open.len(), "{open}");
    }
    let chain = |n: usize| format!("{{% if title %}}{}{{% endif %}}", "{% elif title %}".repeat(n));
    assert_eq!(bounded(&chain(29)), Ok(()));
    assert!(bounded(&chain(30)).is_err(), "each `elif` stands in the `if` before it");
    assert_eq!(bounded(&chain(29).repeat(5)), Ok(()));
}

#[test]
fn nothing_overflows_the_stack() {
    let shapes = [
        ("(", "1", ")"),
        ("[", "1", "]"),
        ("", "title", ".a"),
        ("", "title", "[0]"),
        ("a~", "a", ""),
        ("a or ", "a", ""),
        ("not ", "a", ""),
        ("-", "a", ""),
        ("0if 0else ", "0", ""),
        ("", "title", "|upper"),
        ("", "title", " is odd"),
        ("f(", "1", ")"),
    ];
    for (before, middle, after) in shapes {
        for n in [16, 49, 100, 140, 20_000, 50_000] {
            let source = format!("{{{{ {}{middle}{} }}}}", before.repeat(n), after.repeat(n));
            on_a_small_stack(move || drop(mistakes(&source)));
        }
    }
    for open in ["{% if a %}", "{% for a in b %}", "{% set x %}", "{% macro m() %}", "{% if a %}{% elif b %}"]
    {
        let source = open.repeat(10_000);
        on_a_small_stack(move || drop(mistakes(&source)));
    }
    let source = format!("{{% if a %}}{}", "{% elif b %}".repeat(50_000));
    on_a_small_stack(move || drop(mistakes(&source)));
}

#[test]
fn what_is_raw_is_text_and_hides_nothing() {
    assert_eq!(
        reasons("{% raw %}{{ nobody | nothing }}{% if %}{% endraw %}{{ title }}"),
        Vec::<String>::new()
    );
    assert_eq!(reasons("{%- raw -%}{{ {%- endraw -%}"), Vec::<String>::new());
    let long = format!("{{{{ title{} }}}}", "|upper".repeat(60));
    for hidden in [
        format!("{{% raw %}}{{{{ \"{{% endraw %}}{long}{{{{ \" }}}}"),
        format!("{{% raw %}}{{# {{%+endraw+%}}{long}{{# #}}"),
        format!("{{# {{% raw %}} #}}{long}{{# {{% endraw %}} #}}"),
        format!("{{{{ \"{{% raw %}}\" }}}}{long}{{{{ \"{{% endraw %}}\" }}}}"),
        format!("{{{{ '\\'}}}}' }}}}{long}"),
    ] {
        assert!(reasons(&hidden)[0].contains("more than 100 words"), "{hidden}");
    }
    assert_eq!(reasons("{% raw %}{{ x"), ["`{% raw %}` without `{% endraw %}`"]);
}

#[test]
fn filters_tests_functions_and_names_that_a_report_does_not_have_are_told_at_once() {
    let source = "# {{ titel }}\n{% for f in sections | nosuch %}{{ f.statement is evn }}{{ cites(f) }}{% endfor %}\n\
                  {% filter uper %}x{% endfilter %}{% include 'other.md' %}";
    let expected = [
        (5, "`titel` refers to nothing in a report (did you mean `title`?)"),
        (37, "there is no filter `nosuch`"),
        (64, "there is no test `evn` (did you mean `even`?)"),
        (73, "`cites` refers to nothing in a report"),
        (107, "there is no filter `uper` (did you mean `upper`?)"),
        (133, "`{% include %}` leads to another template, and a report has one"),
    ];
    assert_eq!(told(source), expected.map(|(at, reason)| (at, reason.to_owned())));
    assert_eq!(reasons("{{ finding | cite }"), ["`{{` without `}}`"]);
    assert_eq!(reasons("{% if title %}"), ["unexpected end of input, expected end of block"]);
}

#[test]
fn what_the_template_names_itself_is_known() {
    let source = "{% macro line(a, b=1) %}{{ a }}{{ b }}{{ caller() }}{% endmacro %}{% set x, y = 1, 2 %}{{ x + y }}\
                  {% if title %}{% set z = 1 %}{% endif %}{{ z }}{% with w = z %}{{ w }}{% endwith %}\
                  {% set ns = namespace(n=0) %}{% set ns.n = 1 %}{% for k, v in pages.by_kind | items %}{{ k }}{{ v }}{{ loop.index }}\
                  {% endfor %}{% call(c) line(1) %}{{ c }}{% endcall %}{{ range(3) | length }}";
    assert_eq!(told(source), []);
    assert_eq!(
        reasons("{% for x in nobody %}{{ x }}{% endfor %}"),
        ["`nobody` refers to nothing in a report"]
    );
}

#[test]
fn every_filter_of_a_manifest_but_one_is_a_filter_of_a_report() {
    let missing: Vec<&str> = engine::FILTERS
        .into_iter()
        .chain(engine::NOT_OFFERED)
        .filter(|name| !FILTERS.contains(name))
        .collect();
    assert_eq!(missing, ["site_key"]);
}

proptest! {
    /// Whatever minijinja takes for a tag is cut as one, and nothing else is.
    #[test]
    fn tags_are_cut_where_minijinja_cuts_them(
        source in "(\\{\\{|\\}\\}|\\{%|%\\}|\\{#|#\\}|\\{\\{ a \\}\\}|\\{% if b %\\}|\\{% endif %\\}|\\{%[-+]? ?raw ?[-+]?%\\}|\\{%[-+]?endraw[-+]?%\\}|'|\"|\\\\|[-+ \\n]|[\\(\\)\\[\\]]|c|d|\\|upper|\\{|\\}){0,14}"
    ) {
        let environment = Environment::new();
        if let Ok(template) = environment.template_from_str(&source) {
            let cut = parts::cut(&source);
            prop_assert!(cut.is_ok(), "{cut:?}");
            let parts = cut.unwrap_or_default();
            let codes = parts.iter().filter_map(|part| match part {
                Part::Expression(code) | Part::Statement(code) => Some(*code),
                _ => None,
            });
            let used: BTreeSet<String> = codes
                .flat_map(names)
                .map(|(name, _)| name.to_owned())
                .filter(|name| !["if", "endif", "raw", "endraw"].contains(&name.as_str()))
                .collect();
            prop_assert_eq!(used, template.undeclared_variables(false).into_iter().collect::<BTreeSet<_>>());
        }
    }
}
