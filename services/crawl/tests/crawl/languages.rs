use serde_json::json;

use crate::rig::{Crawled, Rig};
use crate::web::{Asked, Reply, Web, links};

/// A page in English or German, with its twins in other languages.
fn page(language: &str, title: &str, twins: &[(&str, &str)], more: &str) -> Reply {
    let twins: String = twins
        .iter()
        .map(|(language, href)| format!("<link rel=alternate hreflang={language} href={href}>"))
        .collect();
    let own: String = (0..12)
        .map(|n| match language {
            "de" => format!(
                "Auf der Seite {title} erzählen wir Ihnen zum {n}. Mal, was unsere Pumpen für Ihren Hof tun. "
            ),
            _ => format!(
                "On the page {title} we tell you for the {n}th time what our pumps do for your farm. "
            ),
        })
        .collect();
    Reply::html(format!(
        "<!doctype html><html lang={language}><head>{twins}<title>{title}</title></head><body><main><h1>{title}</h1><p>{own}</p>{more}</main></body></html>"
    ))
}

async fn crawl(start: &str, reply: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Crawled {
    let web = Web::start(reply).await;
    Rig::new(&web).await.crawl(json!({ "url": start, "languages": ["en"] })).await
}

/// Pages in German, where the English one comes first and calls the German one its twin.
fn german(asked: &Asked) -> Reply {
    match asked.path.as_str() {
        "/de/" => page("de", "Start", &[], &links(["/en/about", "/de/ueber-uns"])),
        "/en/about" => page("en", "About", &[("de", "/de/ueber-uns")], ""),
        "/de/ueber-uns" => page("de", &asked.path, &[], ""),
        _ => Reply::missing(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sites_own_language_is_that_of_the_page_where_its_home_address_leads() {
    for start in ["http://acme.example/", "http://acme.example/en/campaign"] {
        let crawled = crawl(start, |asked| match asked.path.as_str() {
            "/" => Reply::to("/de/"),
            "/en/campaign" => page("en", "Campaign", &[], ""),
            _ => german(asked),
        })
        .await;
        for key in ["acme.example/de/", "acme.example/de/ueber-uns", "acme.example/en/about"] {
            assert!(crawled.kept().contains(&key), "{start}: {:?}", crawled.kept());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn where_the_home_address_leads_nowhere_the_start_page_says_the_language() {
    for home in [Reply::missing(), Reply::to("/de/")] {
        let crawled = crawl("http://acme.example/de/", move |asked| match asked.path.as_str() {
            "/" => home.clone(),
            _ => german(asked),
        })
        .await;
        assert!(crawled.kept().contains(&"acme.example/de/ueber-uns"), "{:?}", crawled.kept());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_home_page_is_fetched_whatever_language_it_is_the_twin_in() {
    let crawled = crawl("http://acme.example/en/", |asked| match asked.path.as_str() {
        "/en/" => page("en", "Welcome", &[("de", "/"), ("fr", "/fr/")], ""),
        "/" => page("de", "Start", &[("en", "/en/")], &links(["/ueber-uns"])),
        "/ueber-uns" => page("de", "Wir", &[], ""),
        _ => Reply::missing(),
    })
    .await;
    assert_eq!(crawled.kept(), ["acme.example/", "acme.example/en/", "acme.example/ueber-uns"]);
    assert_eq!(crawled.verdict("acme.example/fr"), "-{language}");
}
