//! Answers that fit, from every provider.

use domain::{MicroUsd, Tokens};
use llm::{Choice, Desk, Error, Kind, ModelTier, Settings};
use serde_json::{Value, json};
use testkit::llm::{FakeLlm, KeyGiven, Reply};
use tokio_util::sync::CancellationToken;

use crate::world::{World, desk, plain, schema, section, settings};

#[tokio::test]
async fn every_provider_gives_an_answer_that_fits_the_schema() {
    for kind in Kind::ALL {
        let (world, fake) = (World::new().await, FakeLlm::start().unwrap());
        let desk = desk(&fake, kind);
        assert_eq!(desk.choice(), Choice::Model(kind));
        let answer = world.ask(&desk, &section()).await.unwrap();
        assert!(jsonschema::is_valid(&schema(), &answer.value), "{kind}: {}", answer.value);
        let claims = answer.value["claims"].as_array().unwrap();
        assert_eq!(claims.len(), 3, "{kind}");
        assert!(
            claims.iter().all(|claim| claim.get("because").is_none()),
            "{kind}: a null that nobody meant"
        );
        assert_eq!((answer.provider, answer.reused), (kind, false));
        assert_eq!(Some(answer.model.as_str()), desk.model(ModelTier::Standard));
        assert!(answer.tokens.input > 50 && answer.tokens.output > 50, "{:?}", answer.tokens);
        assert_eq!(answer.cost == MicroUsd::ZERO, kind == Kind::Ollama);
        world.assert_settled(answer.cost.0).await;
        let request = &fake.requests()[0];
        let key = if kind == Kind::Ollama { KeyGiven::None } else { KeyGiven::Right };
        assert_eq!(request.key, key);
        assert!(request.prompt.as_ref().unwrap().stream, "{kind} streams");
        assert!(!request.body.to_string().contains("x-extractive"), "{kind}");
    }
}

#[tokio::test]
async fn default_models_are_asked_in_the_form_they_take() {
    for kind in [Kind::Anthropic, Kind::OpenAi] {
        let (world, fake) = (World::new().await, FakeLlm::start().unwrap());
        let defaults = Settings::default();
        let mut settings = settings(&fake, kind);
        settings.anthropic.models = defaults.anthropic.models;
        settings.openai.models = defaults.openai.models;
        let desk = Desk::new(&settings).unwrap();
        for tier in [ModelTier::Fast, ModelTier::Standard, ModelTier::Deep] {
            let request = llm::Request { tier, ..section() };
            let answer = world.ask(&desk, &request).await.unwrap();
            assert_eq!(Some(answer.model.as_str()), desk.model(tier));
        }
    }
}

#[tokio::test]
async fn without_a_schema_the_answer_is_the_text() {
    for kind in Kind::ALL {
        let (world, fake) = (World::new().await, FakeLlm::start().unwrap());
        fake.push(Reply::text("Grüße aus Hamburg – 你好, “quoted”\nand a second line"));
        let answer = world.ask(&desk(&fake, kind), &plain()).await.unwrap();
        assert_eq!(answer.value, Value::from("Grüße aus Hamburg – 你好, “quoted”\nand a second line"));
    }
}

#[tokio::test]
async fn a_schema_that_no_decoder_enforces_is_kept_all_the_same() {
    let tree = json!({
        "type": "object", "required": ["quote", "source", "parts"], "additionalProperties": false,
        "properties": {
            "quote": {"type": "string"}, "source": {"type": "string"},
            "parts": {"type": "array", "maxItems": 0, "items": {"$ref": "#"}}
        }
    });
    for kind in Kind::ALL {
        let (world, fake) = (World::new().await, FakeLlm::start().unwrap());
        let request = llm::Request { schema: Some(tree.clone()), ..section() };
        let answer = world.ask(&desk(&fake, kind), &request).await.unwrap();
        assert_eq!(answer.value["source"], "S1", "{kind}");
        let system = fake.requests().remove(0).prompt.unwrap().system;
        assert!(system.contains("JSON Schema:") && system.contains("maxItems"), "{kind}: {system}");
    }
}

#[tokio::test]
async fn tokens_are_counted_in_disjoint_classes_by_every_accounting() {
    let spent = Tokens { input: 176, cache_read: 1_024, cache_write: 200, output: 70, reasoning: 20 };
    for (kind, expected, micros) in [
        // 176 × 1 + 1024 × 0.1 + 200 × 1.25 + 70 × 5 = 878.4, rounded up.
        (Kind::Anthropic, spent, 879),
        // 176 × 0.4 + 1024 × 0.1 + 200 × 0.4 + 70 × 1.6 = 364.8
        (Kind::OpenAi, spent, 365),
        (Kind::Ollama, Tokens { input: 176, output: 70, ..Tokens::default() }, 0),
    ] {
        let (world, fake) = (World::new().await, FakeLlm::start().unwrap());
        fake.push(Reply::text("Robots.").with_usage(spent));
        let answer = world.ask(&desk(&fake, kind), &plain()).await.unwrap();
        assert_eq!((answer.tokens, answer.cost), (expected, MicroUsd(micros)), "{kind}");
        world.assert_settled(micros).await;
        let bill = world.bill().await;
        assert_eq!((bill.len(), bill[0].tokens, bill[0].cost), (1, expected, MicroUsd(micros)));
        assert_eq!((bill[0].provider.as_str(), bill[0].section.as_str()), (kind.as_str(), "overview"));
    }
}

#[tokio::test]
async fn the_estimate_is_within_a_twentieth_of_what_is_counted() {
    let (world, fake) = (World::new().await, FakeLlm::start().unwrap());
    let user = crate::world::USER.repeat(40);
    let request = llm::Request { user: user.clone(), ..plain() };
    let answer = world.ask(&desk(&fake, Kind::OpenAi), &request).await.unwrap();
    let (counted, ours) = (answer.tokens.input, llm::tokens(&user) + llm::tokens(&request.system));
    assert!(counted.abs_diff(ours) * 20 <= counted, "{counted} {ours}");
}

#[tokio::test]
async fn a_check_tells_whether_address_and_key_are_right() {
    let (fake, cancel) = (FakeLlm::start().unwrap(), CancellationToken::new());
    for kind in Kind::ALL {
        let names = desk(&fake, kind).check(&cancel).await.unwrap();
        assert_eq!(names.len(), 1, "{kind}");
        let mut settings = settings(&fake, kind);
        settings.anthropic.key = Some("sk-wrong".into());
        settings.openai.key = Some("sk-wrong".into());
        let checked = Desk::new(&settings).unwrap().check(&cancel).await;
        match kind {
            Kind::Ollama => assert!(checked.is_ok()),
            _ => assert!(matches!(checked, Err(Error::Rejected { .. })), "{checked:?}"),
        }
    }
    assert!(fake.requests().is_empty(), "a check asks no model");
}

#[tokio::test]
async fn without_a_provider_nobody_is_asked() {
    let world = World::new().await;
    let desk = Desk::new(&Settings::default()).unwrap();
    assert_eq!((desk.choice(), desk.model(ModelTier::Deep)), (Choice::Extractive, None));
    assert!(matches!(world.ask(&desk, &section()).await, Err(Error::NoProvider)));
    let named = Settings { provider: Some(Choice::Model(Kind::Anthropic)), ..Settings::default() };
    assert!(matches!(Desk::new(&named), Err(Error::Settings(_))));
}

/// The sections that ship, as they are asked: of sources, and of earlier findings.
#[tokio::test]
async fn every_section_of_the_company_pipeline_is_enforced_by_every_provider_and_answered() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../pipelines/builtin/company/schemas");
    let findings = "<finding id=\"F1\" section=\"overview\">\nThe company has 120 employees.\nquote: “120 employees”\n</finding>\n<finding id=\"F2\" section=\"team\">\nMara Lind leads the company.\n</finding>";
    let mut sections = 0;
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let schema: Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        sections += 1;
        for kind in Kind::ALL {
            let (world, fake) = (World::new().await, FakeLlm::start().unwrap());
            let desk = desk(&fake, kind);
            for user in [crate::world::USER, findings] {
                let request = llm::Request { user: user.into(), schema: Some(schema.clone()), ..section() };
                let answer = world.ask(&desk, &request).await.unwrap();
                let made = ["claims", "summary"].iter().any(|part| !answer.value[part][0].is_null());
                assert!(made, "{kind} {}: {}", path.display(), answer.value);
            }
            assert_eq!(fake.requests().len(), 2, "{kind} {}: sent back", path.display());
            for request in fake.requests() {
                let prompt = request.prompt.unwrap();
                assert!(!prompt.system.contains("JSON Schema:"), "{kind} {}: not enforced", path.display());
            }
        }
    }
    assert!(sections >= 9, "{sections} sections in {folder}");
}
