use serde_json::json;

use crate::rig::Rig;
use crate::web::{Reply, Web, html, links, page};

fn with_canonical(title: &str, canonical: &str) -> Reply {
    Reply::html(
        html(title, "").replace("<title>", &format!("<link rel=canonical href=\"{canonical}\"><title>")),
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_that_all_call_the_start_page_their_canonical_are_kept() {
    let web = Web::start(|asked| match asked.path.as_str() {
        "/" => page("Home", &links(["/about", "/team", "/pricing"])),
        "/about" | "/team" | "/pricing" => with_canonical(&asked.path, "http://acme.example/"),
        _ => Reply::missing(),
    })
    .await;
    let crawled = Rig::new(&web).await.crawl(json!({})).await;
    assert_eq!(
        crawled.kept(),
        ["acme.example/", "acme.example/about", "acme.example/pricing", "acme.example/team"]
    );
    let about = crawled.document("http://acme.example/about");
    assert_eq!(about.attributes["canonical_ignored"], "names_the_start_page");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_addresses_with_one_text_are_one_document() {
    let web = Web::start(|asked| match asked.path.as_str() {
        "/" => page("Home", &links(["/about", "/about-copy"])),
        "/about" | "/about-copy" => page("About", ""),
        _ => Reply::missing(),
    })
    .await;
    let crawled = Rig::new(&web).await.crawl(json!({})).await;
    assert_eq!(crawled.kept(), ["acme.example/", "acme.example/about"]);
    assert_eq!(crawled.verdict("acme.example/about-copy"), "content{duplicate_of:http://acme.example/about}");
    assert_eq!(crawled.row("acme.example/about-copy").document, None);
    assert_eq!(crawled.output("site")["pages"]["kept"], 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_canonical_that_was_not_fetched_becomes_an_alias_and_is_never_asked_for() {
    let web = Web::start(|asked| match asked.path.as_str() {
        "/" => page("Home", &links(["/pricing?ref=home", "/later"])),
        "/pricing?ref=home" => with_canonical("Pricing", "/pricing"),
        "/later" => page("Later", &links(["/pricing"])),
        _ => Reply::missing(),
    })
    .await;
    let crawled = Rig::new(&web).await.crawl(json!({})).await;
    assert_eq!(crawled.kept(), ["acme.example/", "acme.example/later", "acme.example/pricing?ref=home"]);
    assert_eq!(web.count("acme.example/pricing"), 0);
    let pricing = crawled.document("http://acme.example/pricing?ref=home");
    assert_eq!(pricing.attributes["canonical"], "http://acme.example/pricing");
    assert_eq!(pricing.attributes["aliases"], json!(["http://acme.example/pricing"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_near_copy_of_its_canonical_is_no_second_document_and_another_text_is_one() {
    let long = |extra: &str| {
        let body: String =
            (0..400).map(|n| format!("word{} and thing{} ", n * 7 % 1000, n * 13 % 997)).collect();
        format!("<html><title>Long</title><main><h1>Long</h1><p>{body}{extra}</p></main></html>")
    };
    let print = long("printed").replace("<title>", "<link rel=canonical href=/long><title>");
    let original = long("shown");
    let web = Web::start(move |asked| match asked.path.as_str() {
        "/" => page("Home", &links(["/long", "/long/print", "/other"])),
        "/long" => Reply::html(&original),
        "/long/print" => Reply::html(&print),
        "/other" => with_canonical("Other", "/long"),
        _ => Reply::missing(),
    })
    .await;
    let crawled = Rig::new(&web).await.crawl(json!({})).await;
    assert_eq!(crawled.kept(), ["acme.example/", "acme.example/long", "acme.example/other"]);
    assert_eq!(crawled.verdict("acme.example/long/print"), "content{duplicate_of:http://acme.example/long}");
    let other = crawled.document("http://acme.example/other");
    assert_eq!(other.attributes["canonical_ignored"], "has_another_text");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_canonical_on_another_domain_says_where_the_text_comes_from() {
    let web = Web::start(|asked| match asked.path.as_str() {
        "/" => page("Home", &links(["/news/story"])),
        "/news/story" => with_canonical("Story", "http://agency.example/story-17"),
        _ => Reply::missing(),
    })
    .await;
    let crawled = Rig::new(&web).await.crawl(json!({})).await;
    let story = crawled.document("http://acme.example/news/story");
    assert_eq!(story.attributes["syndicated_from"], "http://agency.example/story-17");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redirect_to_what_was_fetched_is_not_followed() {
    let web = Web::start(|asked| match asked.path.as_str() {
        "/" => page("Home", &links(["/about", "/old-about", "/gone-page", "/first", "/second"])),
        "/about" => page("About", ""),
        "/old-about" => Reply::to("/about"),
        "/gone-page" => Reply::to("/"),
        "/first" | "/second" => Reply::to("/both"),
        "/both" => page("Both", ""),
        _ => Reply::missing(),
    })
    .await;
    let crawled = Rig::new(&web).await.crawl(json!({})).await;
    assert_eq!((web.count("acme.example/about"), web.count("acme.example/")), (1, 1));
    assert_eq!(crawled.verdict("acme.example/old-about"), "-{duplicate_of:http://acme.example/about}");
    assert_eq!(crawled.verdict("acme.example/gone-page"), "soft_404{redirected_away}");
    assert_eq!(web.count("acme.example/both"), 1);
    assert_eq!(crawled.verdict("acme.example/second"), "-{duplicate_of:http://acme.example/both}");
}

#[tokio::test(flavor = "multi_thread")]
async fn where_a_host_sends_those_who_ask_for_nothing_is_asked_for_as_a_page_too() {
    let web = Web::start(|asked| match asked.path.as_str() {
        "/campaign" => page("Campaign", &links(["/gone"])),
        "/en/" => page("Welcome", &links(["/en/about"])),
        "/en/about" => page("About", ""),
        "/robots.txt" | "/sitemap.xml" | "/sitemap_index.xml" | "/llms.txt" => Reply::missing(),
        _ => Reply::to("/en/"),
    })
    .await;
    let crawled = Rig::new(&web).await.crawl(json!({ "url": "http://acme.example/campaign" })).await;
    assert_eq!(crawled.kept(), ["acme.example/campaign", "acme.example/en/", "acme.example/en/about"]);
    assert_eq!(crawled.verdict("acme.example/"), "-{duplicate_of:http://acme.example/en/}");
    assert_eq!(crawled.verdict("acme.example/gone"), "soft_404{redirected_away}");
}
