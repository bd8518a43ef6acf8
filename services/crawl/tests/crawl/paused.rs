use std::time::{Duration, Instant};

use domain::RunState;
use serde_json::json;

use crate::rig::Rig;
use crate::web::{Reply, Web, links, page};

#[tokio::test(flavor = "multi_thread")]
async fn a_paused_crawl_asks_for_nothing_and_another_process_goes_on() {
    let web = Web::start(|asked| match asked.path.as_str() {
        "/" => page("Home", &links((0..40).map(|n| format!("/p-{n}")))),
        path if path.starts_with("/p-") => page(path, ""),
        _ => Reply::missing(),
    })
    .await;
    let mut rig = Rig::new(&web).await;
    rig.net.pace.interval = Duration::from_millis(30);
    let run = rig.start(json!({})).await;
    let process = rig.process();
    rig.until_asked(|web| web.pages().len() >= 5).await;
    rig.tenant().pause(run, rig.now()).await.unwrap();
    let answered = Instant::now();
    rig.until(run, |run| run.state == RunState::Paused).await;
    // Paused for good once the job was given back.
    let tenant = rig.tenant();
    tokio::time::timeout(Duration::from_secs(10), async {
        let mut beat = tokio::time::interval(Duration::from_millis(5));
        while tenant.jobs(run).await.unwrap().iter().any(|job| job.state == domain::JobState::Running) {
            beat.tick().await;
        }
    })
    .await
    .unwrap();
    let last = web.log().last().unwrap().at;
    assert!(last.saturating_duration_since(answered) < Duration::from_secs(2));
    drop(process);
    let before = rig.look(run).await;
    rig.tenant().resume(run, rig.now()).await.unwrap();
    let _process = rig.process();
    let crawled = rig.ended(run).await;
    assert_eq!(crawled.documents.len(), 41);
    for document in &before.documents {
        let url = document.url.as_deref().unwrap().trim_start_matches("http://");
        assert_eq!(web.count(url), 1, "{url}");
    }
}
