//! The workers behind the real runner, as a process has them: pages come in, entities come out.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice
)]

mod rig;

use std::time::{Duration, Instant};

use chrono::Utc;
use domain::{JobState, Layer, RunState};
use rig::Rig;

const HOME: &str = "<html lang=en><head><title>Acme Pumps</title></head><body><main><h1>Acme Pumps</h1>\
    <p>Acme was founded in 2014 by Mara Lind. Write to <a href='mailto:info@acme.example'>us</a>.</p></main>\
    <footer>© 2024 Acme Pumps Ltd</footer></body></html>";
const TEAM: &str =
    "<html lang=en><body><main><h1>Our team</h1><p>Mara Lind, CEO, makes pumps.</p></main></body></html>";

#[tokio::test(flavor = "multi_thread")]
async fn pages_are_read_and_what_they_name_is_kept_with_quotes_that_stand() {
    let rig = Rig::new().await;
    let run = rig.run(&[("/", HOME), ("/team", TEAM)]).await;
    assert_eq!(run.state, RunState::Done, "{:?}", run.problem);

    let contents = rig.tenant().contents(run.id).await.unwrap();
    let kinds: Vec<&str> = contents.iter().map(|(_, content)| content.kind.as_str()).collect();
    assert_eq!(kinds, ["home", "team"]);

    let entities = rig.tenant().entities(run.id).await.unwrap();
    let values = |kind: &str| -> Vec<&str> {
        entities.iter().filter(|entity| entity.kind == kind).map(|entity| entity.value.as_str()).collect()
    };
    assert_eq!(values("person"), ["Mara Lind"]);
    assert_eq!(values("email"), ["info@acme.example"]);
    assert!(
        values("organisation").contains(&"Acme Pumps Ltd") || values("organisation").contains(&"Acme Pumps")
    );
    let mara = entities.iter().find(|entity| entity.kind == "person").unwrap();
    assert_eq!(mara.documents, 2);
    for evidence in entities.iter().flat_map(|entity| &entity.evidence) {
        let (document, content) = contents.iter().find(|(d, _)| d.id == evidence.document).unwrap();
        let layer = match evidence.layer {
            Layer::Text => content.text.as_bytes().to_vec(),
            Layer::Source => rig.store.blobs().get(&document.raw).await.unwrap().to_vec(),
        };
        let there = &layer[evidence.start as usize..evidence.end as usize];
        assert_eq!(there, evidence.quote.as_bytes());
    }

    let jobs = rig.tenant().jobs(run.id).await.unwrap();
    assert_eq!(jobs.iter().filter(|job| job.uses == "extract.content").count(), 2);
    let output = jobs.iter().find(|job| job.uses == "extract.entities").unwrap().output.as_ref().unwrap();
    assert_eq!((output["documents"].as_u64(), output["by_kind"]["person"].as_u64()), (Some(2), Some(1)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_document_that_cannot_be_read_fails_its_job_and_nothing_else() {
    let rig = Rig::new().await;
    let run = rig.run(&[("/broken", "%PDF-1.7 of nothing"), ("/team", TEAM)]).await;
    assert_eq!(run.state, RunState::Done, "{:?}", run.problem);
    let jobs = rig.tenant().jobs(run.id).await.unwrap();
    let failed: Vec<&str> = jobs
        .iter()
        .filter(|job| job.state == JobState::Failed)
        .filter_map(|job| Some(job.problem.as_ref()?.code.as_str()))
        .collect();
    assert_eq!(failed, ["unreadable"]);
    let people = rig.tenant().entities(run.id).await.unwrap();
    assert!(people.iter().any(|entity| entity.value == "Mara Lind"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_pass_hears_that_its_run_is_cancelled() {
    let rig = Rig::new().await;
    let run = rig.start(&[("/about", "Acme was founded by Mara Lind. ")], 100_000).await;
    rig.until(|| rig.works(run, "extract.entities")).await;
    rig.tenant().cancel(run, Utc::now()).await.unwrap();
    let told = Instant::now();
    rig.until(|| async { !rig.works(run, "extract.entities").await }).await;
    // A heartbeat, and what is heard between two words; the whole pass takes far longer.
    assert!(told.elapsed() < Duration::from_secs(5), "{:?}", told.elapsed());
    assert_eq!(rig.tenant().run(run).await.unwrap().state, RunState::Cancelled);
    assert!(rig.tenant().entities(run).await.unwrap().is_empty());
}
