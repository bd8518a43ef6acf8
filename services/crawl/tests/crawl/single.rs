use std::sync::{Arc, OnceLock};
use std::time::Duration;

use domain::BlockedOn;
use pipelines::Node;
use serde_json::{Value, json};

use crate::rig::{Crawled, Rig, node, site};
use crate::web::{Reply, Web, links, page};

const COMPANY: &str = include_str!("../../../../crates/pipelines/builtin/company/pipeline.toml");

#[tokio::test(flavor = "multi_thread")]
async fn single_pages_are_kept_without_their_links_and_profiles_are_not_asked_for() {
    let web = Web::start(|asked| match (asked.host.as_str(), asked.path.as_str()) {
        ("board.example", "/acme") => page("Jobs at Acme", &links(["/other"])),
        ("board.example", "/robots.txt") => Reply::text("User-agent: *\nDisallow: /secret\n"),
        ("moved.example", "/a") => Reply::to("http://board.example/acme"),
        _ => Reply::missing(),
    })
    .await;
    let rig = Rig::new(&web).await;
    let urls = [
        "http://board.example/acme",
        "http://board.example/secret",
        "https://www.linkedin.com/company/acme",
        "http://moved.example/a",
        "http://gone.example/",
    ];
    let crawled = crawl(&rig, &urls, json!({})).await;
    assert!(crawled.is_done());
    assert_eq!(crawled.kept(), ["board.example/acme"]);
    assert_eq!(crawled.verdict("board.example/secret"), "blocked{robots}");
    assert_eq!(crawled.verdict("www.linkedin.com/company/acme"), "-{profile_not_crawled}");
    assert_eq!(crawled.verdict("gone.example/"), "missing");
    assert_eq!(web.count("board.example/other"), 0);
    assert_eq!(web.count("board.example/secret"), 0);
    let output = crawled.output("extra");
    assert_eq!((&output["kept"], &output["skipped"]), (&json!(1), &json!(2)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_the_site_has_kept_is_not_kept_twice() {
    let web = Web::start(|asked| match (asked.host.as_str(), asked.path.as_str()) {
        ("acme.example", "/") => page("Home", ""),
        ("mirror.example", "/") => page("Home", ""),
        _ => Reply::missing(),
    })
    .await;
    let rig = Rig::new(&web).await;
    let run = rig.start_nodes(vec![site(json!({})), extra(&["http://mirror.example/"], json!({}))]).await;
    let _process = rig.process();
    let crawled = rig.ended(run).await;
    assert!(crawled.is_done());
    assert_eq!(crawled.kept(), ["acme.example/"]);
    assert_eq!(crawled.verdict("mirror.example/"), "content{duplicate_of:http://acme.example/}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_host_that_a_page_is_found_on_says_what_its_text_may_be_used_for() {
    let web = Web::start(|asked| match (asked.host.as_str(), asked.path.as_str()) {
        ("board.example", "/robots.txt") => {
            Reply::text("User-agent: *\nAllow: /\nContent-Signal: ai-input=no\n")
        }
        ("board.example", "/acme") => page("Jobs at Acme", ""),
        ("short.example", "/a") => Reply::to("http://board.example/acme"),
        _ => Reply::missing(),
    })
    .await;
    let crawled = crawl(&Rig::new(&web).await, &["http://short.example/a"], json!({})).await;
    assert_eq!(crawled.kept(), ["board.example/acme"]);
    let document = crawled.document("http://board.example/acme");
    assert_eq!(document.attributes["signals"]["ai_input"], json!(false));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wait_that_the_time_does_not_allow_is_not_begun() {
    let web = Web::start(|asked| match (asked.host.as_str(), asked.path.as_str()) {
        ("slow.example", "/robots.txt") => Reply::text("User-agent: *\nCrawl-delay: 31536000\n"),
        ("slow.example" | "quick.example", "/a") => page(&asked.host, ""),
        _ => Reply::missing(),
    })
    .await;
    let urls = ["http://slow.example/a", "http://quick.example/a"];
    let crawled = crawl(&Rig::new(&web).await, &urls, json!({})).await;
    assert!(crawled.is_done());
    assert_eq!(crawled.kept(), ["quick.example/a"]);
    assert_eq!(crawled.verdict("slow.example/a"), "-{limit:time}");
    let output = crawled.output("extra");
    assert_eq!((&output["skipped"], &output["limits_hit"]), (&json!(1), &json!(["time"])));
}

/// Lets time pass.
type Later = Box<dyn Fn(Duration) + Send + Sync>;

#[tokio::test(flavor = "multi_thread")]
async fn when_the_time_is_up_the_rest_is_listed() {
    let later: Arc<OnceLock<Later>> = Arc::default();
    let clock = Arc::clone(&later);
    let web = Web::start(move |asked| match (asked.host.as_str(), asked.path.as_str()) {
        ("one.example", "/") => {
            clock.get().unwrap()(Duration::from_secs(600));
            page("One", "")
        }
        (_, "/") => page(&asked.host, ""),
        _ => Reply::missing(),
    })
    .await;
    let rig = Rig::new(&web).await;
    assert!(later.set(Box::new(rig.later())).is_ok());
    let urls = ["http://one.example/", "http://two.example/", "http://three.example/"];
    let crawled = crawl(&rig, &urls, json!({ "time_limit_minutes": 10 })).await;
    assert!(crawled.is_done());
    assert_eq!(crawled.kept(), ["one.example/"]);
    for key in ["two.example/", "three.example/"] {
        assert_eq!(crawled.verdict(key), "-{limit:time}");
        assert_eq!(web.count(key), 0);
    }
    assert_eq!(crawled.output("extra")["limits_hit"], json!(["time"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn waits_on_a_host_count_and_what_follows_them_does_not() {
    let web = Web::start(|asked| match (asked.host.as_str(), asked.path.as_str()) {
        ("quick.example", "/") => page("Quick", ""),
        ("quick.example", _) => Reply::missing(),
        _ => Reply::status(500),
    })
    .await;
    let mut rig = Rig::new(&web).await;
    rig.settings.robots_waits = vec![Duration::from_secs(40); 3];
    let urls = ["http://broken.example/", "http://quick.example/"];
    let run = rig.start_nodes(vec![alone(&urls, json!({ "time_limit_minutes": 1 }))]).await;
    let later = rig.later();
    let _process = rig.process();
    rig.until(run, |run| run.blocked_on == Some(BlockedOn::Host)).await;
    later(Duration::from_secs(1000));
    let crawled = rig.ended(run).await;
    // Forty seconds of the minute were waited for; forty more are not left, but time for the other page is.
    assert_eq!(web.count("broken.example/robots.txt"), 2);
    assert_eq!(crawled.verdict("broken.example/"), "-{limit:time}");
    assert_eq!(crawled.kept(), ["quick.example/"]);
}

/// The job for single pages where the company pipeline has it, with these.
fn extra(urls: &[&str], with: Value) -> Node {
    let company: toml::Table = COMPANY.parse().unwrap();
    let jobs = company["job"].as_array().unwrap();
    let extra = jobs.iter().find(|job| job["uses"].as_str() == Some("crawl.page")).unwrap();
    let needs = extra.get("needs").and_then(toml::Value::as_str);
    Node { needs: needs.into_iter().map(str::to_owned).collect(), ..alone(urls, with) }
}

/// The same in a run without a site.
fn alone(urls: &[&str], with: Value) -> Node {
    let mut args = json!({ "urls": urls, "kinds": "kinds.toml" });
    args.as_object_mut().unwrap().extend(with.as_object().unwrap().clone());
    node("extra", "crawl.page", args)
}

async fn crawl(rig: &Rig, urls: &[&str], with: Value) -> Crawled {
    let run = rig.start_nodes(vec![alone(urls, with)]).await;
    let _process = rig.process();
    rig.ended(run).await
}
