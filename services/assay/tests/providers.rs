//! Briefs written by models: fakes of the three providers, honest and not.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice
)]

mod support;

use serde_json::Value;
use support::Machine;
use testkit::llm::{FakeLlm, Lie, Refusal, Reply, liar};
use testkit::web::{DEMO_URL, SampleWeb};

const PROVIDERS: [&str; 3] = ["anthropic", "openai", "ollama"];

fn machine(web: &SampleWeb, llm: &FakeLlm, provider: &str) -> Machine {
    let machine = Machine::on(web).with("ASSAY__LLM__PROVIDER", provider);
    match provider {
        "anthropic" => machine
            .with("ASSAY__LLM__ANTHROPIC__BASE_URL", &llm.anthropic_url())
            .with("ANTHROPIC_API_KEY", FakeLlm::KEY),
        "openai" => machine
            .with("ASSAY__LLM__OPENAI__BASE_URL", &llm.openai_url())
            .with("OPENAI_API_KEY", FakeLlm::KEY),
        _ => machine.with("OLLAMA_BASE_URL", &llm.ollama_url()),
    }
}

const SMALL: [&str; 4] = ["--set", "mode=quick", "--set", "max_pages=12"];

fn evidence(report: &Value) -> Vec<Value> {
    let sections = report["sections"].as_array().unwrap().iter().filter(|section| section["id"] != "checks");
    let findings = sections.flat_map(|section| section["findings"].as_array().unwrap());
    findings.flat_map(|finding| finding["evidence"].as_array().unwrap().clone()).collect()
}

#[test]
fn each_provider_writes_a_brief_whose_claims_are_verified() {
    let web = SampleWeb::start().unwrap();
    for provider in PROVIDERS {
        let llm = FakeLlm::start().unwrap();
        let machine = machine(&web, &llm, provider);
        let said = machine.run("company", DEMO_URL, &SMALL);
        let report = machine.report(said["run"].as_str().unwrap());
        let evidence = evidence(&report);
        assert!(evidence.len() > 10, "{provider}: {} quotes", evidence.len());
        assert!(evidence.iter().all(|evidence| evidence["verdict"] == "verified"), "{provider}");
        assert_ne!(report["run"]["method"], "extractive", "{provider}");
        assert!(!llm.requests().is_empty());
        let bill: i64 = report["cost"]["by_section"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| row["micro_usd"].as_i64().unwrap())
            .sum();
        assert_eq!(said["cost_micro_usd"].as_i64().unwrap(), bill, "every cent is accounted for");
        assert_eq!(bill == 0, provider == "ollama", "{provider}: {bill}");
    }
}

#[test]
fn what_a_liar_says_is_never_verified() {
    let web = SampleWeb::start().unwrap();
    let llm = FakeLlm::start_with(liar(&Lie::ALL)).unwrap();
    let machine = machine(&web, &llm, "openai");
    let said = machine.run("company", DEMO_URL, &SMALL);
    let report = machine.report(said["run"].as_str().unwrap());
    assert_eq!(
        evidence(&report).iter().filter(|evidence| evidence["verdict"] == "verified").count(),
        0,
        "{report}"
    );
    let dropped: u64 = report["sections"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|section| section["output"]["dropped"].as_object().cloned().unwrap_or_default())
        .filter_map(|(_, n)| n.as_u64())
        .sum();
    assert!(dropped > 0, "what was dropped is counted");
}

#[test]
fn no_prompt_holds_boilerplate_or_hidden_text_and_page_text_stays_between_its_marks() {
    let web = SampleWeb::start().unwrap();
    let llm = FakeLlm::start().unwrap();
    machine(&web, &llm, "anthropic").run("company", DEMO_URL, &[]);
    let requests = llm.requests();
    let sources: Vec<String> = requests
        .iter()
        .flat_map(|logged| logged.prompt.as_ref().unwrap().sources())
        .map(|block| block.text)
        .collect();
    assert!(
        sources.iter().any(
            |source| source.contains("Brightwater was founded") || source.contains("was founded in 2014")
        )
    );
    for source in &sources {
        for text in ["We use cookies", "© 2024", "Page not found", "Sign in", "company number 08734521. VAT"]
        {
            assert!(!source.contains(text), "{text} reached a prompt");
        }
    }
    assert!(
        !requests.iter().any(|logged| logged.body.to_string().contains("five stars")),
        "hidden text reached a prompt"
    );
    for logged in &requests {
        let system = logged.body["system"].to_string();
        assert!(!system.contains("Brightwater was founded"), "page text is never in the system prompt");
    }
}

#[test]
fn a_wrong_key_leaves_a_run_that_waits_and_a_right_one_finishes_it() {
    let web = SampleWeb::start().unwrap();
    let llm = FakeLlm::start().unwrap();
    let wrong = machine(&web, &llm, "openai").with("OPENAI_API_KEY", "sk-wrong-0123456789");
    let said = wrong.assay(&[&["run", "company", DEMO_URL, "--json", "--quiet"], &SMALL[..]].concat());
    assert_eq!(said.code, Some(3), "{said:?}");
    assert!(said.err.contains("provider") && said.err.contains("key"), "{}", said.err);
    assert!(!said.err.contains("sk-wrong"), "the key is not shown");
    assert_eq!(said.json()["problem"]["code"], "provider_rejected");
    let run = said.json()["run"].as_str().unwrap().to_owned();
    let asked = web.asked().len();
    let right = wrong.with("OPENAI_API_KEY", FakeLlm::KEY);
    let said = right.assay(&["resume", &run, "--quiet"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    assert_eq!(web.asked().len(), asked, "nothing is fetched again");
    assert!(evidence(&right.report(&run)).len() > 10);
}

#[test]
fn a_budget_that_is_too_small_waits_and_goes_on_when_raised() {
    let web = SampleWeb::start().unwrap();
    let llm = FakeLlm::start().unwrap();
    let machine = machine(&web, &llm, "anthropic");
    let said = machine.assay(
        &[&["run", "company", DEMO_URL, "--json", "--quiet", "--budget", "0.02"], &SMALL[..]].concat(),
    );
    assert_eq!(said.code, Some(3), "{said:?}");
    assert!(said.err.contains("budget"), "{}", said.err);
    let run = said.json()["run"].as_str().unwrap().to_owned();
    let spent = said.json()["cost_micro_usd"].as_i64().unwrap();
    assert!(spent <= 20_000, "{spent}");
    let before = llm.requests().len();
    let said = machine.assay(&["resume", &run, "--budget", "5", "--json", "--quiet"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(said.json()["cost_micro_usd"].as_i64().unwrap() > spent);
    let shown = machine.assay(&["show", &run, "--json"]).json();
    assert_eq!(
        shown["usage"].as_array().unwrap().len(),
        llm.requests().len(),
        "{before} calls were not paid twice"
    );
}

#[test]
fn a_section_that_fails_for_good_is_not_analysed_and_the_others_are_whole() {
    let web = SampleWeb::start().unwrap();
    let llm = FakeLlm::start_with(|prompt| {
        if prompt.system.contains("team") && prompt.system.contains("founder") {
            return Reply::refused("I cannot help with that.");
        }
        testkit::llm::honest(prompt)
    })
    .unwrap();
    let machine = machine(&web, &llm, "anthropic");
    let said = machine.run("company", DEMO_URL, &SMALL);
    let report = machine.report(said["run"].as_str().unwrap());
    let state = |id: &str| {
        report["sections"].as_array().unwrap().iter().find(|s| s["id"] == id).unwrap()["state"].clone()
    };
    assert_eq!((state("team"), state("overview")), ("failed".into(), "done".into()));
    assert!(machine.assay(&["report", said["run"].as_str().unwrap()]).out.contains("Not analysed"));
}

#[test]
fn rate_limits_and_overload_delay_a_run_and_do_not_fail_it() {
    let web = SampleWeb::start().unwrap();
    let llm = FakeLlm::start().unwrap();
    llm.push(Refusal::RateLimited { retry_after: Some(1) });
    llm.push(Refusal::Overloaded { retry_after: Some(1) });
    llm.push(Reply::cut_off("{\"claims\": [{"));
    let machine = machine(&web, &llm, "anthropic");
    let said = machine.run("company", DEMO_URL, &SMALL);
    let report = machine.report(said["run"].as_str().unwrap());
    assert!(
        report["sections"].as_array().unwrap().iter().all(|section| section["state"] != "failed"),
        "{report}"
    );
}
