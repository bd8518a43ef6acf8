use proptest::prelude::{any, proptest};
use serde_json::json;

use super::{Error, FUNCTIONS, Reference, holds, references};

fn scope() -> serde_json::Value {
    json!({
        "input": { "url": "https://acme.example/", "n": 5, "half": 2.5, "zero": 0, "empty": "", "none": null, "off": false,
            "list": [1, 2, 3], "no_list": [], "sections": { "technology": true, "insights": false }, "mode": "quick",
            "big": 18_446_744_073_709_551_615_u64 },
        "subject": { "latest_version": null, "profile": {}, "facts": { "tags": ["a", "b"] } },
        "state": { "site": "done", "extra": "skipped" },
        "site": { "pages": 12 },
    })
}

#[track_caller]
fn assert_holds(cases: &[(&str, bool)]) {
    for (expr, expected) in cases {
        assert_eq!(holds(expr, &scope()), Ok(*expected), "{expr}");
    }
}

#[test]
fn null_false_zero_and_empty_do_not_hold_and_everything_else_does() {
    assert_holds(&[
        ("input.url", true),
        ("input.n", true),
        ("input.half", true),
        ("input.list", true),
        ("input.sections", true),
        ("input.zero", false),
        ("0.0", false),
        ("input.empty", false),
        ("input.none", false),
        ("input.off", false),
        ("input.no_list", false),
        ("subject.profile", false),
        ("null", false),
    ]);
}

#[test]
fn a_missing_name_is_null_at_any_depth() {
    assert_holds(&[
        ("input.a.b.c", false),
        ("nobody", false),
        ("nobody.at.all == null", true),
        ("input.a.b.c == null", true),
        ("input.url.path", false),
        ("input.list[7]", false),
        ("input.list[2] == 3", true),
        ("input['mode'] == 'quick'", true),
        ("input['nothing'].more", false),
        ("has(input.url)", true),
        ("has(input.a.b)", false),
        ("has(input.none)", false),
        ("{'a': {'b': 1}}.a.b == 1", true),
        ("{'a': 1}.b.c", false),
    ]);
}

#[test]
fn comparing_with_null_does_not_hold_and_is_no_error() {
    assert_holds(&[
        ("input.missing > 3", false),
        ("input.missing <= 3", false),
        ("input.missing == 3", false),
        ("input.missing != 3", true),
        ("input.missing + 1 > 0", false),
        ("input.missing.startsWith('x')", false),
        ("size(input.missing) == 0", true),
        ("input.missing.size() == 0", true),
        ("'x' in input.missing", false),
        ("input.missing in ['x']", false),
        ("input.missing.exists(x, x > 1)", false),
        ("input.missing.all(x, x > 1)", true),
    ]);
}

#[test]
fn logic_takes_any_value() {
    assert_holds(&[
        ("input.empty || input.url", true),
        ("input.empty || input.missing", false),
        ("input.url && input.n", true),
        ("input.url && input.zero", false),
        ("!input.empty", true),
        ("!input.url", false),
        ("input.missing ? false : input.url", true),
        ("input.sections.technology && !input.sections.insights", true),
    ]);
}

#[test]
fn the_language_is_cel() {
    assert_holds(&[
        ("input.n == 5 && input.n < 6 && input.n * 2 - 1 == 9", true),
        ("input.n == 5.0", true),
        ("input.half > 2", true),
        ("input.big > 1", true),
        ("input.mode == 'thorough' || input.mode in ['quick', 'slow']", true),
        ("input.mode != \"quick\"", false),
        ("size(input.list) == 3 && input.list.size() == 3 && size(input.mode) == 5", true),
        ("input.url.startsWith('https://') && input.url.contains('acme') && input.url.endsWith('/')", true),
        ("input.url.matches('^https?://[a-z.]+/$')", true),
        (
            "input.list.exists(x, x == 2) && input.list.all(x, x < 4) && input.list.exists_one(x, x == 3)",
            true,
        ),
        ("input.list.filter(x, x > 1) == [2, 3] && input.list.map(x, x * x) == [1, 4, 9]", true),
        ("input.list.map(x, x > 1, x * 2) == [4, 6]", true),
        ("input.sections.exists(name, name == 'technology')", true),
        ("state.site == 'done' && site.pages >= 10", true),
        ("string(input.n) == '5' && int('7') == 7 && double('2.5') == input.half", true),
        ("timestamp('2026-01-02T00:00:00Z').getFullYear() == 2026", true),
        ("subject.facts.tags == ['a', 'b']", true),
    ]);
}

#[test]
fn values_that_are_there_and_do_not_fit_are_an_error() {
    for expr in [
        "input.url < 3",
        "input.url + 1",
        "1 / input.zero",
        "input.n.exists(x, x)",
        "input.url.startsWith(1)",
    ] {
        assert!(matches!(holds(expr, &scope()), Err(Error::Evaluate(_))), "{expr}");
    }
}

#[test]
fn what_is_no_expression_is_an_error_with_its_place() {
    for expr in ["", "   ", "input.", "input.a &&", "'open", "a b", "(", "1 +* 2", "input.depth == "] {
        assert!(matches!(holds(expr, &scope()), Err(Error::Syntax { .. })), "{expr}");
    }
    let Err(Error::Syntax { line, column, .. }) = holds("input.a ==\n  == 3", &scope()) else {
        panic!("no error")
    };
    assert_eq!((line, column), (2, 3));
}

#[test]
fn a_condition_that_never_comes_to_an_end_is_cut_off() {
    let many: Vec<u32> = (0..400).collect();
    let scope = json!({ "input": { "list": many } });
    let expr = "input.list.all(a, input.list.all(b, input.list.all(c, a + b + c >= 0)))";
    assert_eq!(holds(expr, &scope), Err(Error::TooLong));
}

#[test]
fn text_that_grows_is_counted() {
    let scope = json!({ "input": { "text": "x".repeat(1_000_000), "list": vec![1; 50] } });
    let expr = "input.list.map(a, input.text + input.text).size() == 50";
    assert_eq!(holds(expr, &scope), Err(Error::TooLong));
}

#[test]
fn nesting_has_an_end() {
    let shapes = [
        ("(", "1", ")"),
        ("[", "1", "]"),
        ("a?1:", "1", ""),
        ("!", "a", ""),
        ("-", "a", ""),
        ("", "a", ".b"),
        ("", "a", "[0]"),
        ("a||", "a", ""),
        ("a+", "a", ""),
        ("a==", "a", ""),
        ("{1:", "1", "}"),
        ("f(", "1", ")"),
        ("a.map(x,", "1", ")"),
        ("a?", "1", ":1"),
        ("\"", "\"", "\""),
        ("", "a", ".f()"),
        ("", "1", ","),
        ("a in ", "a", ""),
    ];
    for (before, middle, after) in shapes {
        for length in [1_900, 1_000_000] {
            let n = length / (before.len() + after.len());
            for n in [n, n.min(50), n.min(25), n.min(16)] {
                let expr = format!("{}{middle}{}", before.repeat(n), after.repeat(n));
                // Half of the stack that a thread usually has.
                let asked = std::thread::Builder::new().stack_size(1 << 20).spawn(move || {
                    let _ = holds(&expr, &scope());
                    let _ = references(&expr);
                });
                asked.unwrap().join().unwrap();
            }
        }
    }
    let deep = format!("{}1{}", "(".repeat(500), ")".repeat(500));
    assert!(matches!(holds(&deep, &scope()), Err(Error::Syntax { .. })));
}

#[test]
fn references_are_paths_and_functions_without_the_variables_of_macros() {
    let found =
        references("input.list.exists(x, x.kind == state.site) && size(subject.profile.a) > 0 && has(a.b)");
    let path = |path: &str| Reference::Path(path.split('.').map(str::to_owned).collect());
    let mut expected = vec![
        path("input.list"),
        path("state.site"),
        path("subject.profile.a"),
        path("a.b"),
        Reference::Function("size".to_owned()),
    ];
    expected.sort();
    assert_eq!(found, Ok(expected));
}

#[test]
fn every_function_we_name_is_one_that_cel_knows() {
    let macros = ["all", "exists", "existsOne", "exists_one", "filter", "has", "map"];
    for name in FUNCTIONS.iter().filter(|name| !macros.contains(name)) {
        let calls = [
            format!("{name}('7')"),
            format!("'7'.{name}('7')"),
            format!("timestamp('2026-01-02T00:00:00Z').{name}()"),
        ];
        let known = calls.iter().any(|call| holds(call, &scope()).is_ok())
            || holds(&format!("{name}('3s')"), &scope()).is_ok()
            || holds(&format!("{name}('2026-01-02T00:00:00Z')"), &scope()).is_ok();
        assert!(known, "{name}");
    }
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in any::<String>()) {
        let _ = holds(&text, &scope());
    }

    #[test]
    fn nothing_that_looks_like_an_expression_makes_it_panic(text in "[a-z0-9.()\\[\\]{}!&|?:<>=+*/%'\"`, -]{0,60}") {
        let _ = holds(&text, &scope());
        let _ = references(&text);
    }
}
