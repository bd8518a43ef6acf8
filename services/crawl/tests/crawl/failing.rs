use std::time::Duration;

use domain::RunState;
use serde_json::json;

use crate::rig::Rig;
use crate::web::{Body, Reply, Web, links, page};

async fn failure(
    with: serde_json::Value,
    handler: impl Fn(&crate::web::Asked) -> Reply + Send + Sync + 'static,
) -> String {
    let web = Web::start(handler).await;
    let crawled = Rig::new(&web).await.crawl(with).await;
    assert_eq!(crawled.run.state, RunState::Failed);
    assert!(crawled.documents.is_empty());
    crawled.problem().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_where_nothing_usable_answers_fails_with_that_reason() {
    assert_eq!(failure(json!({}), |_| Reply::missing()).await, "missing");
    assert_eq!(
        failure(json!({}), |asked| match asked.path.as_str() {
            "/robots.txt" => Reply::text("User-agent: *\nDisallow: /\n"),
            _ => page("Home", ""),
        })
        .await,
        "robots"
    );
    let wall = "<title>Just a moment...</title><p>Checking your browser before accessing acme.example</p>";
    assert_eq!(
        failure(json!({}), move |asked| match asked.path.as_str() {
            "/robots.txt" => Reply::missing(),
            _ => Reply::new(403, "text/html", wall).with("cf-mitigated", "challenge"),
        })
        .await,
        "challenge"
    );
    assert_eq!(
        failure(json!({}), |asked| match asked.path.as_str() {
            "/robots.txt" => Reply::missing(),
            _ => Reply::html("<html><body><img src=x.png></body></html>"),
        })
        .await,
        "needs_js"
    );
    assert_eq!(failure(json!({}), |asked| match asked.path.as_str() {
        "/" => Reply::html("<title>acme.example</title><h1>This domain is for sale!</h1><p>Inquire now.</p>"),
        _ => Reply::missing(),
    }).await, "parked");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_does_not_exist_or_must_not_be_reached_fails_at_once() {
    let web = Web::start(|_| page("Home", "")).await;
    let mut rig = Rig::new(&web).await;
    rig.net.resolve.clear();
    let run = rig.start(json!({ "url": "https://nowhere.invalid/" })).await;
    let inside = rig.start(json!({ "url": format!("http://{}/", web.address) })).await;
    let _process = rig.process();
    let crawled = rig.ended(run).await;
    assert_eq!((crawled.run.state, crawled.problem()), (RunState::Failed, "dns"));
    assert_eq!(crawled.verdict("nowhere.invalid/"), "error{dns}");
    let crawled = rig.ended(inside).await;
    assert_eq!(crawled.problem(), "refused_address");
    assert!(web.asked().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redirect_to_an_inside_address_is_refused_before_it_is_asked_for() {
    let inside = Web::start(|_| page("Inside", "")).await;
    let target = format!("http://{}/secret", inside.address);
    let web = Web::start(move |asked| match asked.path.as_str() {
        "/" => page("Home", &links(["/inside"])),
        "/inside" => Reply::to(&target),
        _ => Reply::missing(),
    })
    .await;
    let crawled = Rig::new(&web).await.crawl(json!({})).await;
    assert_eq!(crawled.verdict("acme.example/inside"), "error{refused_address}");
    assert!(inside.asked().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_that_only_answers_on_http_is_found_there() {
    let web = Web::start(|asked| match asked.path.as_str() {
        "/" => page("Home", ""),
        _ => Reply::missing(),
    })
    .await;
    let crawled = Rig::new(&web).await.crawl(json!({ "url": "https://acme.example/" })).await;
    assert_eq!(crawled.kept(), ["acme.example/"]);
    assert_eq!(crawled.output("site")["start_url"], "http://acme.example/");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_start_page_with_a_living_home_page_goes_on() {
    let web = Web::start(|asked| match asked.path.as_str() {
        "/" => page("Home", &links(["/about"])),
        "/about" => page("About", ""),
        _ => Reply::missing(),
    })
    .await;
    let crawled = Rig::new(&web).await.crawl(json!({ "url": "http://acme.example/campaign-2019" })).await;
    assert_eq!(crawled.kept(), ["acme.example/", "acme.example/about"]);
    assert_eq!(crawled.verdict("acme.example/campaign-2019"), "missing");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_time_limit_keeps_what_was_kept_and_says_so() {
    let pages = || links((0..50).map(|n| format!("/p-{n}")));
    let web = Web::start(move |asked| match asked.path.as_str() {
        "/" => page("Home", &pages()),
        path if path.starts_with("/p-") => page(path, ""),
        _ => Reply::missing(),
    })
    .await;
    let rig = Rig::new(&web).await;
    let run = rig.start(json!({ "time_limit_minutes": 10 })).await;
    let later = rig.later();
    let process = rig.process();
    rig.until_asked(|web| web.pages().len() >= 3).await;
    // Ten minutes of pause do not count.
    rig.tenant().pause(run, rig.now()).await.unwrap();
    rig.until_asked(|_| true).await;
    drop(process);
    rig.store.reap_all(run, rig.now()).await.unwrap();
    later(Duration::from_secs(600));
    let before = rig.look(run).await.documents.len();
    rig.tenant().resume(run, rig.now()).await.unwrap();
    let _process = rig.process();
    rig.until_asked(|web| web.pages().len() >= before + 5).await;
    later(Duration::from_secs(600));
    let crawled = rig.ended(run).await;
    assert!(crawled.is_done());
    let output = crawled.output("site");
    assert_eq!(output["limits_hit"], json!(["time"]));
    let kept = crawled.documents.len();
    assert!(kept > before && kept < 51, "{kept}");
    assert!((600..900).contains(&output["active_seconds"].as_u64().unwrap()), "{output}");
    assert_eq!(output["pages"]["waiting"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn endless_answers_bombs_and_silence_end_and_the_crawl_goes_on() {
    use std::io::Write as _;
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all("<p>a</p>".repeat(3 << 20).as_bytes()).unwrap();
    let bomb = encoder.finish().unwrap();
    let web = Web::start(move |asked| match asked.path.as_str() {
        "/" => page("Home", &links(["/endless", "/bomb", "/silent", "/slow", "/picture", "/about"])),
        "/endless" => Reply::body(Body::Endless),
        "/bomb" => Reply::new(200, "text/html", bomb.clone()).with("content-encoding", "gzip"),
        "/silent" => Reply::body(Body::Silence),
        "/slow" => Reply::body(Body::Trickle),
        "/picture" => Reply::new(200, "text/html", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".repeat(50)),
        "/about" => page("About", ""),
        _ => Reply::missing(),
    })
    .await;
    let mut rig = Rig::new(&web).await;
    rig.net.timeouts.first_byte = Duration::from_millis(300);
    rig.net.timeouts.stall = Duration::from_millis(300);
    let crawled = rig.crawl(json!({})).await;
    assert_eq!(crawled.kept(), ["acme.example/", "acme.example/about"]);
    assert_eq!(crawled.verdict("acme.example/endless"), "empty{too_large}");
    assert_eq!(crawled.verdict("acme.example/bomb"), "empty{too_large}");
    assert_eq!(crawled.verdict("acme.example/silent"), "error{timeout}");
    assert_eq!(crawled.verdict("acme.example/slow"), "error{timeout}");
    assert_eq!(crawled.verdict("acme.example/picture"), "empty{unsupported_type}");
}
