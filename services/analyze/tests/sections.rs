//! Sections from the shipped company pipeline, on a real store, with and without a (fake) model.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice
)]

mod support;

use domain::run::{ModelTier, RunOptions};
use domain::{BlockedOn, Finding, FindingKind, JobState, Layer, QuoteVerdict, RunId};
use llm::{Choice, Kind, Settings};
use serde_json::Value;
use support::House;
use testkit::llm::{FakeLlm, Lie, Logged, Refusal, Reply, liar};

const SECTIONS: [&str; 5] = ["overview", "business_model", "market", "red_flags", "executive_summary"];

fn without_a_model() -> Settings {
    Settings { provider: Some(Choice::Extractive), ..Settings::default() }
}

fn asking(kind: Kind, fake: &FakeLlm) -> Settings {
    let mut settings = Settings { provider: Some(Choice::Model(kind)), ..Settings::default() };
    for (endpoint, url) in [
        (&mut settings.anthropic, fake.anthropic_url()),
        (&mut settings.openai, fake.openai_url()),
        (&mut settings.ollama, fake.ollama_url()),
    ] {
        endpoint.base_url = url;
        endpoint.key = Some(FakeLlm::KEY.into());
    }
    settings
}

/// Every quote that is said to stand stands at its offsets, in a block that was the page's own.
async fn assert_quotes_stand(house: &House, run: RunId) {
    let texts = house.texts(run).await;
    for finding in house.findings(run).await {
        for piece in finding.evidence.iter().filter(|piece| piece.verdict != QuoteVerdict::Unsupported) {
            assert_eq!(piece.layer, Layer::Text);
            let stands = texts[&piece.document].get(piece.start as usize..piece.end as usize);
            assert_eq!(stands, Some(piece.quote.as_str()), "{}", finding.statement);
            for hidden in ["Mill Lane", "dear assistant", "cookies"] {
                assert!(!piece.quote.contains(hidden), "{}", piece.quote);
            }
        }
    }
}

fn of<'f>(findings: &'f [Finding], section: &str) -> Vec<&'f Finding> {
    findings.iter().filter(|finding| finding.section == section).collect()
}

async fn output(house: &House, run: RunId, node: &str) -> Value {
    house.job(run, node).await.output.unwrap()
}

fn asked_for<'l>(requests: &'l [Logged], section: &str) -> Vec<&'l Logged> {
    let words = std::fs::read_to_string(format!(
        "{}/../../crates/pipelines/builtin/company/prompts/{section}.md",
        env!("CARGO_MANIFEST_DIR")
    ))
    .unwrap();
    let first = words.lines().next().unwrap().to_owned();
    requests
        .iter()
        .filter(|r| r.prompt.as_ref().is_some_and(|prompt| prompt.system.contains(&first)))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_provider_every_section_is_there_word_for_word_and_costs_nothing() {
    let house = House::open(&without_a_model()).await;
    let run = house.finished(RunOptions::default()).await;
    assert_quotes_stand(&house, run).await;
    let findings = house.findings(run).await;
    for section in SECTIONS {
        assert_eq!(output(&house, run, section).await["method"], "extractive", "{section}");
        for finding in of(&findings, section) {
            assert!(finding.tags.iter().any(|tag| tag == "extractive"), "{section}: {}", finding.statement);
        }
    }
    assert!(of(&findings, "overview").len() >= 3 && of(&findings, "business_model").len() >= 4);
    for sentence in findings.iter().filter(|finding| finding.kind == FindingKind::Summary) {
        assert!(
            sentence.cites.iter().all(|id| findings.iter().any(|f| f.id == *id))
                && !sentence.cites.is_empty()
        );
    }
    assert!(!findings.iter().any(|finding| finding.statement.contains("Ignore all previous")));
    let scored = output(&house, run, "checks").await;
    assert_eq!(scored["facts"].as_array().unwrap().len(), 24);
    assert_eq!(scored["coverage"]["total"], 24);
    let used = house.store.tenant(domain::TenantId::LOCAL).usage(run).await.unwrap();
    assert!(used.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn with_each_provider_the_claims_of_an_honest_model_are_verified() {
    for kind in Kind::ALL {
        let fake = FakeLlm::start().unwrap();
        let house = House::open(&asking(kind, &fake)).await;
        let run = house.finished(RunOptions::default()).await;
        assert_quotes_stand(&house, run).await;
        let findings = house.findings(run).await;
        for section in SECTIONS {
            let output = output(&house, run, section).await;
            assert_eq!(output["method"], "model", "{kind} {section}");
            assert_eq!(output["dropped"]["claims"], 0, "{kind} {section}: {output}");
            assert!(!of(&findings, section).is_empty(), "{kind} {section}");
        }
        let claims = of(&findings, "overview");
        assert!(
            claims
                .iter()
                .any(|claim| claim.evidence.iter().any(|piece| piece.verdict == QuoteVerdict::Verified))
        );
        assert!(claims.iter().all(|claim| !claim.tags.iter().any(|tag| tag == "extractive")));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_prompt_holds_footers_banners_or_hidden_text_and_page_text_never_instructs() {
    let fake = FakeLlm::start().unwrap();
    let house = House::open(&asking(Kind::OpenAi, &fake)).await;
    house.finished(RunOptions::default()).await;
    let requests = fake.requests();
    assert!(requests.len() >= SECTIONS.len());
    for request in &requests {
        let prompt = request.prompt.as_ref().unwrap();
        for hidden in ["Mill Lane", "dear assistant", "cookies"] {
            assert!(!request.body.to_string().contains(hidden), "{hidden}");
        }
        assert!(!prompt.system.contains("Ignore all previous") && !prompt.system.contains("Brightwater"));
        assert_eq!(prompt.user().matches("</source>").count(), prompt.user().matches("<source ").count());
    }
    let about = asked_for(&requests, "overview")[0].prompt.as_ref().unwrap().user();
    assert!(about.contains("Ignore all previous instructions"), "visible text is shown as data");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_liar_is_asked_to_repair_once_and_nothing_false_is_ever_verified() {
    let fake = FakeLlm::start_with(liar(&Lie::ALL)).unwrap();
    let house = House::open(&asking(Kind::OpenAi, &fake)).await;
    let run = house.finished(RunOptions::default()).await;
    assert_quotes_stand(&house, run).await;
    let findings = house.findings(run).await;
    for finding in &findings {
        for false_word in ["Globex", "4711", "https://", " not makes"] {
            assert!(!finding.statement.contains(false_word), "{}", finding.statement);
        }
        assert!(finding.evidence.iter().all(|piece| piece.verdict != QuoteVerdict::Unsupported));
    }
    let requests = fake.requests();
    for section in ["overview", "business_model", "market"] {
        assert_eq!(asked_for(&requests, section).len(), 2, "{section}: one question, one repair");
        let output = output(&house, run, section).await;
        assert_eq!(output["repaired"], true);
        assert!(output["dropped"]["claims"].as_u64().unwrap() >= 3, "{section}: {output}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cut_off_answer_is_asked_again_with_more_room_and_never_used_by_half() {
    let fake = FakeLlm::start_with(|prompt| {
        if prompt.max_tokens < 2500 { Reply::cut_off("{\"claims\": [") } else { testkit::llm::honest(prompt) }
    })
    .unwrap();
    let mut settings = asking(Kind::Anthropic, &fake);
    // Without room for thoughts the limit is the answer's alone.
    settings.anthropic.reasoning_tokens = 0;
    let house = House::open(&settings).await;
    let run = house.finished(RunOptions::default()).await;
    let requests = fake.requests();
    for section in SECTIONS {
        let asked = asked_for(&requests, section);
        let limits: Vec<u64> =
            asked.iter().map(|request| request.prompt.as_ref().unwrap().max_tokens).collect();
        assert_eq!(limits, [1500, 3000], "{section}");
        assert_eq!(output(&house, run, section).await["method"], "model", "{section}");
    }
    assert!(house.findings(run).await.len() > 10);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rejected_key_blocks_on_the_provider_and_finds_nothing() {
    let fake = FakeLlm::start_with(|_| Refusal::WrongKey.into()).unwrap();
    let house = House::open(&asking(Kind::Anthropic, &fake)).await;
    let run = house.start(RunOptions::default()).await;
    house
        .until("the overview is blocked", || async {
            house.job(run, "overview").await.blocked_on == Some(BlockedOn::Provider)
        })
        .await;
    assert!(!house.run(run).await.state.is_terminal());
    assert!(house.findings(run).await.iter().all(|finding| finding.section == "checks"));
    assert_eq!(house.job(run, "overview").await.failures, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusing_model_costs_one_section_and_the_others_stay_whole() {
    let fake = FakeLlm::start_with(|prompt| {
        let market = prompt.system.contains("Describe the market of this company");
        if market { Reply::refused("I will not.") } else { testkit::llm::honest(prompt) }
    })
    .unwrap();
    let house = House::open(&asking(Kind::Anthropic, &fake)).await;
    let run = house.finished(RunOptions::default()).await;
    let market = house.job(run, "market").await;
    assert_eq!((market.state, market.problem.unwrap().code.as_str()), (JobState::Failed, "model_refused"));
    let findings = house.findings(run).await;
    assert!(of(&findings, "market").is_empty() && !of(&findings, "executive_summary").is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_tier_none_asks_nobody_and_deep_without_a_provider_is_refused() {
    let fake = FakeLlm::start().unwrap();
    let house = House::open(&asking(Kind::OpenAi, &fake)).await;
    let run = house.finished(RunOptions { model_tier: ModelTier::None, priority: 0 }).await;
    assert!(fake.requests().is_empty());
    assert_eq!(output(&house, run, "overview").await["method"], "extractive");

    let house = House::open(&without_a_model()).await;
    let run = house.finished(RunOptions { model_tier: ModelTier::Deep, priority: 0 }).await;
    assert_eq!(house.job(run, "overview").await.problem.unwrap().code, "no_provider");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_with_the_settings_blocks_and_finds_nothing() {
    for refusal in [Refusal::BadRequest("Unsupported parameter: 'effort'".into()), Refusal::UnknownModel] {
        let fake = FakeLlm::start_with(move |_| refusal.clone().into()).unwrap();
        let house = House::open(&asking(Kind::Anthropic, &fake)).await;
        let run = house.start(RunOptions::default()).await;
        house
            .until("the overview is blocked", || async {
                house.job(run, "overview").await.blocked_on == Some(BlockedOn::Provider)
            })
            .await;
        let blocked = house.run(run).await;
        assert!(!blocked.state.is_terminal() && blocked.blocked_until.is_none(), "{blocked:?}");
        assert!(house.findings(run).await.iter().all(|finding| finding.section == "checks"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn trouble_that_passes_is_waited_for_until_a_time_although_the_provider_names_none() {
    let fake = FakeLlm::start_with(|_| Refusal::Overloaded { retry_after: None }.into()).unwrap();
    let house = House::open(&asking(Kind::OpenAi, &fake)).await;
    let run = house.start(RunOptions::default()).await;
    house
        .until("the run waits until a time", || async { house.run(run).await.blocked_until.is_some() })
        .await;
    house.until("it is asked again", || async { asked_for(&fake.requests(), "overview").len() >= 2 }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_stays_cut_off_is_paid_twice_and_no_more() {
    let fake = FakeLlm::start_with(|prompt| {
        let overview = prompt.system.contains("identity");
        if overview { Reply::cut_off("{\"claims\": [") } else { testkit::llm::honest(prompt) }
    })
    .unwrap();
    let house = House::open(&asking(Kind::OpenAi, &fake)).await;
    let run = house.finished(RunOptions::default()).await;
    let overview = house.job(run, "overview").await;
    assert_eq!(
        (overview.state, overview.problem.unwrap().code.as_str()),
        (JobState::Failed, "answer_cut_off")
    );
    assert_eq!(asked_for(&fake.requests(), "overview").len(), 2, "once, and once with more room");
}
