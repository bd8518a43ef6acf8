use serde_json::json;

use crate::rig::{Rig, node};
use crate::web::{Reply, Web, links, page};

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
    let run = rig
        .start_nodes(vec![node("extra", "crawl.page", json!({ "urls": urls, "kinds": "kinds.toml" }))])
        .await;
    let _process = rig.process();
    let crawled = rig.ended(run).await;
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
    let mut rig = Rig::new(&web).await;
    rig.also("extra", "crawl.page", json!({ "urls": ["http://mirror.example/"], "kinds": "kinds.toml" }));
    let crawled = rig.crawl(json!({})).await;
    assert!(crawled.is_done());
    assert!(!crawled.documents.is_empty());
}
