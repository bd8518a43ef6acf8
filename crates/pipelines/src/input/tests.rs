use domain::Problem;
use proptest::prelude::{any, prop_assert, prop_assert_eq, proptest};
use serde_json::{Map, Value, json};

use super::{coerce, edit, place, positional, presets, resolve, set, web_site};

fn schema() -> Value {
    json!({
        "type": "object", "additionalProperties": false, "required": ["url"], "x-positional": "url", "x-editable": ["pages", "globs"],
        "x-presets": { "by": "mode", "sets": {
            "quick": { "pages": 25, "sections": { "technology": false, "insights": false } },
            "thorough": { "pages": 150, "sections": { "technology": true, "insights": true } } } },
        "properties": {
            "url": { "type": "string", "format": "web-site", "maxLength": 2000 },
            "mode": { "enum": ["quick", "thorough"], "default": "thorough" },
            "name": { "type": "string", "format": "not-blank", "maxLength": 10 },
            "pages": { "type": "integer", "minimum": 1, "maximum": 1000 },
            "scale": { "type": "number", "maximum": 2 },
            "languages": { "type": "array", "maxItems": 3, "items": { "type": "string", "pattern": "^[a-z]" }, "default": ["en"] },
            "questions": { "type": "array", "items": { "type": "string", "format": "not-blank" } },
            "words": { "type": "array", "items": { "type": "string" } },
            "numbers": { "type": "array", "items": { "type": "integer" } },
            "more": { "type": "array", "items": { "type": "string", "format": "web-site" } },
            "globs": { "type": "array", "items": { "type": "string", "format": "glob" } },
            "people": { "type": "array", "items": { "type": "object", "additionalProperties": false,
                "properties": { "name": { "type": "string" } } } },
            "date": { "type": "string", "format": "date" },
            "sections": { "type": "object", "additionalProperties": false, "properties": {
                "technology": { "type": "boolean" }, "insights": { "type": "boolean" }, "depth": { "type": "integer", "default": 3 } } }
        }
    })
}

fn resolved(given: Value) -> Result<Value, Problem> {
    let Value::Object(given) = given else { panic!("not an object") };
    resolve(&schema(), given)
}

/// The code, and every pointer with its detail.
fn refused(given: Value) -> (String, Vec<(String, String)>) {
    let problem = resolved(given).unwrap_err();
    (problem.code, problem.errors.into_iter().map(|error| (error.pointer, error.detail)).collect())
}

fn only(pointer: &str, detail: &str) -> (String, Vec<(String, String)>) {
    ("invalid_input".to_owned(), vec![(pointer.to_owned(), detail.to_owned())])
}

#[test]
fn presets_and_defaults_fill_what_was_left_out() {
    let expected = json!({ "url": "https://a.example/", "mode": "thorough", "pages": 150, "languages": ["en"],
        "sections": { "technology": true, "insights": true, "depth": 3 } });
    assert_eq!(resolved(json!({ "url": "a.example" })).unwrap(), expected);
}

#[test]
fn a_preset_never_changes_what_was_given() {
    let given = json!({ "sections": { "insights": true }, "mode": "quick", "pages": 40, "url": "a.example", "languages": [] });
    let input = resolved(given).unwrap();
    assert_eq!(input["pages"], 40);
    assert_eq!(input["languages"], json!([]));
    assert_eq!(input["sections"], json!({ "insights": true, "technology": false, "depth": 3 }));
    let order: Vec<&String> = input.as_object().unwrap().keys().collect();
    assert_eq!(order, ["url", "mode", "pages", "languages", "sections"]);
}

#[test]
fn an_unknown_field_is_answered_with_the_nearest() {
    let given = json!({ "url": "a.example", "page": 3 });
    assert_eq!(refused(given), only("/page", "is not a field of the input (did you mean `pages`?)"));
    let given = json!({ "url": "a.example", "sections": { "insight": true } });
    assert_eq!(
        refused(given),
        only("/sections/insight", "is not a field of the input (did you mean `insights`?)")
    );
    let given = json!({ "url": "a.example", "people": [{}, { "nmae": "x" }] });
    assert_eq!(refused(given), only("/people/1/nmae", "is not a field of the input (did you mean `name`?)"));
}

#[test]
fn every_wrong_field_is_reported_once_with_its_pointer() {
    let given = json!({ "pages": 0, "scale": "x", "languages": ["a", "b", 3, "d"], "mode": "quik", "name": "far too long a name",
        "date": "yesterday", "globs": ["[a"], "sections": 3 });
    let (code, errors) = refused(given);
    assert_eq!(code, "invalid_input");
    let errors: Vec<(&str, &str)> =
        errors.iter().map(|(pointer, detail)| (pointer.as_str(), detail.as_str())).collect();
    for expected in [
        ("/url", "is missing"),
        ("/pages", "must be at least 1"),
        ("/scale", "must be of type number, is of type string"),
        ("/languages", "must have at most 3 entries"),
        ("/mode", "must be one of quick, thorough (did you mean `quick`?)"),
        ("/name", "must have at most 10 characters"),
        ("/date", "is no date"),
        ("/sections", "must be of type object, is of type integer"),
    ] {
        assert!(errors.contains(&expected), "{expected:?} in {errors:?}");
    }
    assert!(
        errors.iter().any(|(pointer, detail)| *pointer == "/globs/0" && detail.starts_with("is no glob: ")),
        "{errors:?}"
    );
    let mut pointers: Vec<&str> = errors.iter().map(|(pointer, _)| *pointer).collect();
    let all = pointers.len();
    pointers.sort_unstable();
    pointers.dedup();
    assert_eq!(pointers.len(), all, "{errors:?}");
}

#[test]
fn one_wrong_field_is_named_in_the_message() {
    let problem = resolved(json!({ "url": "a.example", "sections": { "depth": "x" } })).unwrap_err();
    assert_eq!(problem.detail, "`sections.depth` must be of type integer, is of type string");
    assert!(!problem.retryable);
    assert_eq!(resolved(json!({ "pages": 0 })).unwrap_err().detail, "2 fields of the input are wrong");
}

#[test]
fn blank_text_is_refused_where_the_format_says_so_and_other_text_is_trimmed() {
    assert_eq!(refused(json!({ "url": "a.example", "name": "  \t" })), only("/name", "must not be blank"));
    assert_eq!(resolved(json!({ "url": "a.example", "name": "  Acme " })).unwrap()["name"], "Acme");
}

#[test]
fn addresses_are_kept_in_one_form() {
    for (given, kept) in [
        ("acme.example", "https://acme.example/"),
        (" http://Acme.example:8080/x?b=2&a=1 ", "http://acme.example:8080/x?b=2&a=1"),
        ("https://firma.technology", "https://firma.technology/"),
        ("https://müller.example", "https://xn--mller-kva.example/"),
        ("acme.example:8443/x", "https://acme.example:8443/x"),
        ("HTTPS://ACME.EXAMPLE/Path#part", "https://acme.example/Path"),
        ("https://acme.example:443/", "https://acme.example/"),
        ("https://acme.test", "https://acme.test/"),
        ("https://xn--mller-kva.example/ä", "https://xn--mller-kva.example/%C3%A4"),
        ("https://about.linkedin.com/", "https://about.linkedin.com/"),
        ("https://www.linkedin.com/", "https://www.linkedin.com/"),
        ("https://netflix.com/x", "https://netflix.com/x"),
        ("https://github.com/acme/tool", "https://github.com/acme/tool"),
        ("https://mylocal.example", "https://mylocal.example/"),
        ("https://acme.example/a@b:c", "https://acme.example/a@b:c"),
    ] {
        assert_eq!(web_site::tidy(given).as_deref(), Ok(kept), "{given}");
    }
}

#[test]
fn what_is_no_public_web_site_is_refused() {
    for given in [
        "",
        "   ",
        "just-text",
        "ftp://acme.example",
        "javascript:alert(1)",
        "data:text/html,x",
        "mailto:a@acme.example",
        "file:///etc/passwd",
        "http://u:p@h.example",
        "http://u@h.example",
        "https://@h.example",
        "http://:p@h.example",
        "http://",
        "https:///",
        "http://.",
        "http://..",
        "http://.example",
        "http://a..example",
        "http://a b.example",
        "a.example/x y",
        "a\nb.example",
        "http://a.example\u{0}",
        "http://[::1",
        "http://a.example:99999",
        "::",
        "//",
        "http:",
        "1e3",
    ] {
        assert!(web_site::tidy(given).is_err(), "{given:?}");
    }
}

#[test]
fn addresses_of_machines_are_refused_in_every_spelling() {
    for given in [
        "http://127.0.0.1",
        "http://169.254.169.254",
        "http://[::1]",
        "http://0x7f.1",
        "http://localhost",
        "127.0.0.1:8080",
        "http://2130706433",
        "http://0177.0.0.1",
        "http://127.1",
        "http://0x7f000001",
        "http://１２７.0.0.1",
        "http://8.8.8.8",
        "http://[2001:db8::1]",
        "http://[::ffff:10.0.0.1]",
        "localhost:3000",
        "http://localhost./",
        "http://a.localhost",
        "http://printer.local",
        "http://db.internal",
        "http://x.onion",
        "http://router.home.arpa",
        "http://LOCALHOST",
        "http://printer.local.",
        "http://intranet",
    ] {
        let refusal = web_site::tidy(given).unwrap_err();
        assert_eq!(refusal.code, None, "{given}");
    }
}

#[test]
fn a_page_on_a_network_is_a_profile() {
    for given in [
        "https://www.linkedin.com/company/acme",
        "linkedin.com/company/acme/",
        "https://de.linkedin.com/in/mara",
        "http://x.com/acme",
        "twitter.com/acme",
        "https://m.facebook.com/acme",
        "https://instagram.com/acme",
        "https://youtube.com/@acme",
        "https://www.tiktok.com/@acme",
        "https://www.xing.com/pages/acme",
        "https://www.crunchbase.com/organization/acme",
        "https://github.com/acme",
        "https://linkedin.com./company/acme",
    ] {
        assert_eq!(web_site::tidy(given).unwrap_err().code, Some("url_is_profile"), "{given}");
    }
    let (code, errors) = refused(json!({ "url": "https://www.linkedin.com/company/acme" }));
    assert_eq!(code, "url_is_profile");
    assert_eq!(
        errors,
        [("/url".to_owned(), "is a page on `www.linkedin.com`: give the company's own web site".to_owned())]
    );
    let (code, _) = refused(json!({ "url": "https://x.com/acme", "pages": 0 }));
    assert_eq!(code, "invalid_input");
}

#[test]
fn text_is_read_by_the_type_of_its_field() {
    for (key, text, value) in [
        ("pages", "40", json!(40)),
        ("pages", " 40 ", json!(40)),
        ("pages", "forty", json!("forty")),
        ("pages", "4.5", json!("4.5")),
        ("scale", "0.5", json!(0.5)),
        ("scale", "2", json!(2)),
        ("sections.technology", "yes", json!(true)),
        ("sections.technology", "OFF", json!(false)),
        ("sections.technology", "maybe", json!("maybe")),
        ("sections", r#"{"insights": true}"#, json!({ "insights": true })),
        ("languages", "en, de", json!(["en", "de"])),
        ("languages", "", json!([])),
        ("languages", r#"["a, b"]"#, json!(["a, b"])),
        ("questions", "Abroad, or only here?", json!(["Abroad, or only here?"])),
        ("questions", r#"["Where?", "Since when, and why?"]"#, json!(["Where?", "Since when, and why?"])),
        ("questions", " ", json!([])),
        ("words", "a, b", json!(["a, b"])),
        ("globs", "*/blog/*, */news/*", json!(["*/blog/*", "*/news/*"])),
        ("more", "a.example,b.example", json!(["a.example", "b.example"])),
        ("people", r#"[{"name": "x"}]"#, json!([{ "name": "x" }])),
        ("people", r#"{"name": "x, y"}"#, json!([{ "name": "x, y" }])),
        ("numbers", "1,2", json!([1, 2])),
        ("numbers", "1,x", json!([1, "x"])),
        ("mode", "quick", json!("quick")),
        ("name", "42", json!("42")),
        ("unknown", "42", json!("42")),
    ] {
        assert_eq!(coerce(&schema(), key, text), value, "{key}={text}");
    }
}

#[test]
fn fields_set_as_text_resolve_like_any_others() {
    let mut fields = Map::new();
    place(&schema(), &mut fields, "acme.example").unwrap();
    let settings = [
        ("mode", "quick"),
        ("pages", "10"),
        ("pages", "40"),
        ("sections.insights", "on"),
        ("languages", "de,fr"),
    ];
    set(&schema(), &mut fields, &settings);
    let expected = json!({ "url": "https://acme.example/", "mode": "quick", "pages": 40, "languages": ["de", "fr"],
        "sections": { "insights": true, "technology": false, "depth": 3 } });
    assert_eq!(resolve(&schema(), fields).unwrap(), expected);
}

#[test]
fn a_list_that_is_set_again_grows_and_replaces_what_was_there_before() {
    let before =
        json!({ "questions": ["From a file?"], "languages": ["fr"], "sections": { "insights": true } });
    let mut fields = before.as_object().unwrap().clone();
    let settings = [
        ("questions", "Do they sell abroad, or only at home?"),
        ("languages", "de"),
        ("sections.technology", "on"),
        (" questions ", r#"["Since when?", "Why?"]"#),
        ("languages", "en,it"),
    ];
    set(&schema(), &mut fields, &settings);
    let expected = json!({ "questions": ["Do they sell abroad, or only at home?", "Since when?", "Why?"],
        "languages": ["de", "en", "it"], "sections": { "insights": true, "technology": true } });
    assert_eq!(Value::Object(fields), expected);
}

#[test]
fn a_wrong_setting_is_reported_with_the_rest() {
    let mut fields = Map::new();
    let settings = [("url", "a.example"), ("page", "3"), ("pages", "many"), ("sections.insigths", "on")];
    set(&schema(), &mut fields, &settings);
    let pointers: Vec<String> =
        resolve(&schema(), fields).unwrap_err().errors.into_iter().map(|error| error.pointer).collect();
    assert_eq!(pointers, ["/page", "/sections/insigths", "/pages"]);
}

#[test]
fn a_bare_source_needs_a_field_that_is_free() {
    let mut fields = Map::from_iter([("url".to_owned(), json!("b.example"))]);
    assert_eq!(place(&schema(), &mut fields, "a.example").unwrap_err().detail, "`url` is given twice");
    let none = json!({ "type": "object", "properties": { "text": {}, "date": {} } });
    let problem = place(&none, &mut fields, "a.example").unwrap_err();
    assert_eq!(problem.detail, "the input has no field for `a.example` alone: set one of text, date");
    assert_eq!(positional(&schema()), Some("url"));
    assert_eq!(presets(&schema()).map(|presets| presets.by.to_owned()), Some("mode".to_owned()));
}

proptest! {
    #[test]
    fn tidying_an_address_twice_changes_nothing_more(text in "(https?://)?[a-zA-Z0-9äé.-]{1,20}(:[0-9]{1,5})?(/[a-z0-9%?=&#]{0,12})?") {
        if let Ok(tidied) = web_site::tidy(&text) {
            prop_assert_eq!(web_site::tidy(&tidied), Ok(tidied.clone()));
            prop_assert!(tidied.starts_with("http://") || tidied.starts_with("https://"));
        }
    }

    #[test]
    fn no_text_makes_it_panic(text in any::<String>()) {
        let _ = web_site::tidy(&text);
        let _ = resolved(json!({ "url": text.clone(), "name": text.clone(), "globs": [text.clone()] }));
        for key in ["url", "pages", "scale", "sections", "languages", "numbers", "sections.technology", text.as_str()] {
            let mut fields = Map::new();
            set(&schema(), &mut fields, &[(key, text.as_str()), (key, text.as_str())]);
        }
    }

    #[test]
    fn a_preset_fills_only_fields_that_were_left_out(pages in proptest::option::of(1..1000_u32), insights in proptest::option::of(any::<bool>())) {
        let mut given = json!({ "url": "a.example", "mode": "quick" });
        if let Some(pages) = pages { given["pages"] = json!(pages); }
        if let Some(insights) = insights { given["sections"] = json!({ "insights": insights }); }
        let input = resolved(given).unwrap();
        prop_assert_eq!(&input["pages"], &json!(pages.unwrap_or(25)));
        prop_assert_eq!(&input["sections"]["insights"], &json!(insights.unwrap_or(false)));
        prop_assert_eq!(&input["sections"]["technology"], &json!(false));
    }
}

#[test]
fn only_what_the_schema_lists_can_be_changed_later() {
    let input = resolved(json!({ "url": "a.example", "mode": "quick" })).unwrap();
    let change = |changes: Value| edit(&schema(), &input, changes.as_object().unwrap().clone());
    let edited = change(json!({ "pages": 7, "globs": ["*/blog/*"] })).unwrap();
    assert_eq!((&edited["pages"], &edited["globs"]), (&json!(7), &json!(["*/blog/*"])));
    assert_eq!((&edited["url"], &edited["mode"]), (&input["url"], &input["mode"]));
    let refused = |changes: Value| change(changes).unwrap_err().detail;
    assert_eq!(refused(json!({ "url": "b.example" })), "`url` cannot be changed once the run has begun");
    assert_eq!(
        refused(json!({ "page": 3 })),
        "`page` cannot be changed once the run has begun (did you mean `pages`?)"
    );
    assert_eq!(refused(json!({ "pages": 0 })), "`pages` must be at least 1");
}
