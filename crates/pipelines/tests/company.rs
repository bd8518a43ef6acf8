//! The built-in pipeline `company`: valid, and its input as the specification states it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice
)]

use std::path::Path;
use std::sync::Arc;

use domain::{Problem, Stage};
use pipelines::{Library, Snapshot, Will, describe, input};
use serde_json::{Map, Value, json};

fn company() -> Arc<Snapshot> {
    let library = Library::load(&[]);
    library.get("company").unwrap_or_else(|error| panic!("{error}: {:?}", library.mistakes()))
}

fn schema() -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("builtin/company/input.schema.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn resolve(given: Value) -> Result<Value, Problem> {
    let Value::Object(given) = given else { panic!("not an object") };
    input::resolve(&schema(), given)
}

#[test]
fn the_built_in_pipelines_are_valid() {
    let library = Library::load(&[]);
    let refused: Vec<String> = library.mistakes().iter().map(ToString::to_string).collect();
    assert_eq!(refused, Vec::<String>::new());
    let names: Vec<&str> = library.list().map(|snapshot| snapshot.name.as_str()).collect();
    assert_eq!(names, ["company"]);
}

#[test]
fn its_graph_is_that_of_the_specification() {
    let company = company();
    let ids: Vec<&str> = company.nodes.iter().map(|node| node.id.as_str()).collect();
    assert_eq!(
        ids,
        [
            "site",
            "extra",
            "page",
            "entities",
            "checks",
            "overview",
            "business_model",
            "team",
            "market",
            "technology",
            "questions",
            "red_flags",
            "insights",
            "executive_summary",
            "report"
        ]
    );
    let node = |id: &str| company.node(id).unwrap();
    assert_eq!(node("page").for_each, ["site", "extra"]);
    assert_eq!(node("technology").when, ["input.sections.technology"]);
    assert!(company.nodes.iter().filter(|node| node.uses == "analyze.ask").all(|node| node.optional));
    assert!(["page", "extra"].into_iter().all(|id| node(id).optional));
    assert!(["site", "entities", "checks", "report"].into_iter().all(|id| !node(id).optional));
    assert_eq!(node("report").stage, Stage::Analyze);
    assert_eq!(company.fans("site").map(|node| node.id.as_str()).collect::<Vec<_>>(), ["page"]);
}

#[test]
fn an_address_without_a_scheme_gets_https() {
    assert_eq!(resolve(json!({ "url": "acme.example" })).unwrap()["url"], "https://acme.example/");
}

#[test]
fn scheme_port_path_and_query_are_kept() {
    let url = |given: &str| resolve(json!({ "url": given })).unwrap()["url"].clone();
    assert_eq!(url(" http://Acme.example:8080/x?b=2&a=1 "), "http://acme.example:8080/x?b=2&a=1");
    assert_eq!(url("https://firma.technology"), "https://firma.technology/");
    assert_eq!(url("https://müller.example"), "https://xn--mller-kva.example/");
}

#[test]
fn bad_addresses_and_a_blank_name_are_refused_with_a_pointer() {
    for url in [
        "",
        "just-text",
        "ftp://acme.example",
        "javascript:alert(1)",
        "data:text/plain,x",
        "http://u:p@h.example",
        "http://127.0.0.1",
        "http://169.254.169.254",
        "http://[::1]",
        "http://0x7f.1",
        "http://localhost",
    ] {
        let problem = resolve(json!({ "url": url })).unwrap_err();
        assert_eq!(
            (problem.code.as_str(), problem.errors[0].pointer.as_str()),
            ("invalid_input", "/url"),
            "{url}"
        );
    }
    let problem = resolve(json!({ "url": "acme.example", "name": "  " })).unwrap_err();
    assert_eq!((problem.code.as_str(), problem.errors[0].pointer.as_str()), ("invalid_input", "/name"));
}

#[test]
fn a_profile_is_not_the_companys_own_site() {
    let problem = resolve(json!({ "url": "https://www.linkedin.com/company/acme" })).unwrap_err();
    assert_eq!((problem.code.as_str(), problem.errors[0].pointer.as_str()), ("url_is_profile", "/url"));
}

#[test]
fn unknown_fields_are_refused_and_the_nearest_is_suggested() {
    let problem = resolve(json!({ "url": "acme.example", "follow_linkedin": true })).unwrap_err();
    assert_eq!(problem.errors[0].pointer, "/follow_linkedin");
    let problem = resolve(json!({ "url": "acme.example", "max_page": 3 })).unwrap_err();
    assert_eq!(problem.errors[0].detail, "is not a field of the input (did you mean `max_pages`?)");
}

#[test]
fn a_mode_fills_only_what_was_left_out() {
    let quick = resolve(json!({ "url": "acme.example", "mode": "quick", "max_pages": 40 })).unwrap();
    let fields =
        ["max_pages", "max_depth", "time_limit_minutes", "max_files", "max_renders", "scope", "token_scale"];
    let values: Vec<&Value> = fields.iter().map(|field| &quick[field]).collect();
    assert_eq!(
        values,
        [&json!(40), &json!(2), &json!(10), &json!(3), &json!(5), &json!("site"), &json!(0.5)]
    );
    let thorough = resolve(json!({ "url": "acme.example" })).unwrap();
    let values: Vec<&Value> = fields.iter().map(|field| &thorough[field]).collect();
    assert_eq!(
        values,
        [&json!(150), &json!(4), &json!(45), &json!(20), &json!(40), &json!("domain"), &json!(1)]
    );
    assert_eq!(thorough["sections"], json!({ "technology": true, "insights": true }));
    assert_eq!(thorough["languages"], json!(["en"]));
}

#[test]
fn every_spelling_of_a_home_page_is_one_subject() {
    let company = company();
    let key = |url: &str| {
        let input = input::resolve(&company.input, Map::from_iter([("url".to_owned(), json!(url))])).unwrap();
        input::subject_key(&company, &input).unwrap()
    };
    assert_eq!(key("http://acme.example"), "acme.example");
    assert_eq!(key("https://www.acme.example/"), "acme.example");
    assert_eq!(key("https://jane.github.io/pumps/about"), "jane.github.io/pumps");
}

#[test]
fn its_arguments_are_those_of_the_workers() {
    let company = company();
    let given =
        json!({ "url": "acme.example", "questions": ["Who owns it?"], "extra_urls": ["jobs.example/acme"] });
    let scope = json!({ "input": resolve(given).unwrap() });
    for node in &company.nodes {
        let with = Value::Object(pipelines::template::render(&node.with, &scope).unwrap());
        let read = match node.uses.as_str() {
            "crawl.site" => serde_json::from_value::<pipelines::uses::CrawlSite>(with).map(drop),
            "crawl.page" => serde_json::from_value::<pipelines::uses::CrawlPage>(with).map(drop),
            "extract.content" => serde_json::from_value::<pipelines::uses::ExtractContent>(with).map(drop),
            "extract.entities" => serde_json::from_value::<pipelines::uses::ExtractEntities>(with).map(drop),
            "analyze.ask" => serde_json::from_value::<pipelines::uses::Ask>(with).map(drop),
            "analyze.score" => serde_json::from_value::<pipelines::uses::Score>(with).map(drop),
            "analyze.report" => serde_json::from_value::<pipelines::uses::Report>(with).map(drop),
            other => panic!("no arguments for {other}"),
        };
        read.unwrap_or_else(|error| panic!("{}: {error}", node.id));
    }
}

#[test]
fn a_plan_names_the_bounds_of_a_run() {
    let company = company();
    let plan = |given: Value| describe::plan(&company, &resolve(given).unwrap());
    let quick = plan(json!({ "url": "acme.example", "mode": "quick" }));
    let skipped: Vec<&str> =
        quick.jobs.iter().filter(|job| job.will == Will::Skip).map(|job| job.id.as_str()).collect();
    assert_eq!(skipped, ["extra", "technology", "questions", "insights"]);
    assert_eq!((quick.max_documents, quick.max_fetches, quick.max_model_calls), (25, 125, 12));
    assert!(quick.max_source_tokens <= 100_000 && quick.max_answer_tokens <= 20_000, "{quick}");
    let all = plan(
        json!({ "url": "acme.example", "questions": ["Who owns it?"], "extra_urls": ["jobs.example/acme"] }),
    );
    assert_eq!((all.max_documents, all.max_fetches, all.max_model_calls), (151, 501, 18));
}

#[test]
fn it_is_shown_with_its_modes_and_its_graph() {
    let company = company();
    let text = describe::show(&company);
    let text = text.replace(&company.hash[..12], "[hash]");
    insta::assert_snapshot!(text);
    assert!(text.contains("can be changed while a run is paused: include, exclude, max_pages"), "{text}");
    let input = resolve(json!({ "url": "acme.example", "mode": "quick" })).unwrap();
    let plan = describe::plan(&company, &input).to_string();
    assert!(plan.contains("(redirects, second tries, robots files and sitemaps come on top)"), "{plan}");
    insta::assert_snapshot!(plan);
}
