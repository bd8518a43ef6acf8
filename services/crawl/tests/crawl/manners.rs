use std::sync::Arc;
use std::time::Duration;

use domain::{BlockedOn, RunState};
use net::Pace;
use serde_json::json;

use crate::rig::Rig;
use crate::web::{Asked, Reply, Web, links, page};

#[tokio::test(flavor = "multi_thread")]
async fn what_robots_disallow_is_never_asked_for_and_listed() {
    let robots = "User-agent: other\nUser-agent: assay\nDisallow: /private\n\nUser-agent: *\nDisallow: /\n";
    let web = Web::start(move |asked| match asked.path.as_str() {
        "/robots.txt" => Reply::text(robots),
        "/" => page("Home", &links(["/private/a", "/open", "/moved"])),
        "/open" => page("Open", ""),
        "/moved" => Reply::to("/private/b"),
        _ => Reply::missing(),
    })
    .await;
    let crawled = Rig::new(&web).await.crawl(json!({})).await;
    assert_eq!(crawled.kept(), ["acme.example/", "acme.example/open"]);
    assert!(web.asked().iter().all(|asked| !asked.contains("/private")), "{:?}", web.asked());
    assert_eq!(crawled.verdict("acme.example/private/a"), "blocked{robots}");
    assert_eq!(crawled.verdict("acme.example/moved"), "blocked{robots}");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_robots_file_everything_may_be_asked_for() {
    let web = Web::start(|asked| match asked.path.as_str() {
        "/" => page("Home", ""),
        _ => Reply::missing(),
    })
    .await;
    let crawled = Rig::new(&web).await.crawl(json!({})).await;
    assert_eq!(crawled.kept(), ["acme.example/"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn while_robots_cannot_be_had_nothing_else_is_asked_for_and_then_the_run_fails() {
    let web = Web::start(|asked| match asked.path.as_str() {
        "/robots.txt" => Reply::status(503).with("retry-after", "1"),
        _ => page("Home", ""),
    })
    .await;
    let mut rig = Rig::new(&web).await;
    rig.settings.robots_waits = [40, 60, 80].map(Duration::from_secs).to_vec();
    let run = rig.start(json!({})).await;
    let later = rig.later();
    let _process = rig.process();
    for _ in 0..3 {
        rig.until(run, |run| run.blocked_on == Some(BlockedOn::Host)).await;
        let blocked_until = rig.tenant().run(run).await.unwrap().blocked_until.unwrap();
        assert!(blocked_until > rig.now());
        let asked = web.asked().len();
        later(Duration::from_secs(80));
        rig.until_asked(|web| web.asked().len() > asked).await;
    }
    let crawled = rig.ended(run).await;
    assert_eq!((crawled.run.state, crawled.problem()), (RunState::Failed, "robots_unreachable"));
    assert!(web.asked().iter().all(|asked| asked == "acme.example/robots.txt"), "{:?}", web.asked());
    assert_eq!(web.asked().len(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crawl_delay_holds_across_runs_and_workers() {
    let web = Web::start(|asked| match asked.path.as_str() {
        "/robots.txt" => Reply::text("User-agent: *\nCrawl-delay: 1\n"),
        "/" => page("Home", &links(["/about"])),
        "/about" => page("About", ""),
        _ => Reply::missing(),
    })
    .await;
    let mut rig = Rig::new(&web).await;
    rig.net.timeouts.first_byte = Duration::from_secs(20);
    // Every claim asks for the rules anew, and there are some.
    rig.net.pace.robots = Duration::ZERO;
    rig.settings.slice_requests = 3;
    rig.shared_gates = Some(Arc::new(ephemeral::Memory::new()));
    let with = json!({ "max_pages": 2 });
    let (one, two) = (rig.start(with.clone()).await, rig.start(with).await);
    let (_first, _second) = (rig.process(), rig.process());
    let crawled = [rig.ended(one).await, rig.ended(two).await];
    assert!(crawled.iter().all(|crawled| crawled.is_done()));
    assert!(web.count("acme.example/robots.txt") > 2, "{:?}", web.asked());
    // Before the first answer nobody knows of the delay.
    let gaps = &gaps(&web.log())[1..];
    assert!(gaps.iter().all(|gap| *gap >= Duration::from_millis(990)), "{gaps:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_busy_host_is_left_alone_by_every_worker_for_as_long_as_it_asks() {
    let web = Web::start(|asked| match asked.path.as_str() {
        "/" => page("Home", &links((0..20).map(|n| format!("/p-{n}")))),
        path if path.starts_with("/p-") => Reply::status(429).with("retry-after", "1"),
        _ => Reply::missing(),
    })
    .await;
    let mut rig = Rig::new(&web).await;
    rig.shared_gates = Some(Arc::new(ephemeral::Memory::new()));
    for _ in 0..5 {
        rig.start(json!({ "max_pages": 1000 })).await;
    }
    let processes: Vec<_> = (0..5).map(|_| rig.process()).collect();
    rig.until_asked(|web| web.asked().iter().filter(|asked| asked.contains("/p-")).count() >= 4).await;
    drop(processes);
    let log = web.log();
    let refused: Vec<usize> = (0..log.len()).filter(|at| log[*at].path.starts_with("/p-")).collect();
    for at in refused.iter().filter(|at| **at + 1 < log.len()) {
        let gap = log[at + 1].at - log[*at].at;
        assert!(gap >= Duration::from_millis(990), "{gap:?} after {}", log[*at].path);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_wait_for_a_host_is_said_and_an_address_is_tried_three_times() {
    let web = Web::start(|asked| match asked.path.as_str() {
        "/" => page("Home", &links(["/busy", "/about"])),
        "/about" => page("About", ""),
        "/busy" => Reply::status(503).with("retry-after", "600"),
        _ => Reply::missing(),
    })
    .await;
    let mut rig = Rig::new(&web).await;
    rig.net.pace = Pace::none();
    let run = rig.start(json!({})).await;
    let _process = rig.process();
    rig.until(run, |run| run.blocked_on == Some(BlockedOn::Host)).await;
    let until = rig.tenant().run(run).await.unwrap().blocked_until.unwrap();
    let wait = (until - rig.now()).num_seconds();
    assert!((550..=600).contains(&wait), "{wait}");
    assert_eq!(web.count("acme.example/busy"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failing_page_is_asked_for_three_times_and_a_refusing_one_once() {
    let web = Web::start(|asked| match asked.path.as_str() {
        "/" => page("Home", &links(["/broken", "/forbidden", "/flaky"])),
        "/broken" => Reply::status(500),
        "/forbidden" => Reply::status(403),
        "/flaky" => Reply::body(crate::web::Body::Reset),
        _ => Reply::missing(),
    })
    .await;
    let crawled = Rig::new(&web).await.crawl(json!({})).await;
    assert_eq!(web.count("acme.example/broken"), 3);
    assert_eq!(web.count("acme.example/flaky"), 3);
    assert_eq!(web.count("acme.example/forbidden"), 1);
    assert_eq!(crawled.verdict("acme.example/broken"), "error{http_5xx}");
    assert_eq!(crawled.verdict("acme.example/flaky"), "error{connect}");
    assert_eq!(crawled.verdict("acme.example/forbidden"), "blocked{http_403}");
}

/// From each request to the next.
fn gaps(log: &[Asked]) -> Vec<Duration> {
    log.windows(2).map(|pair| pair[1].at - pair[0].at).collect()
}
