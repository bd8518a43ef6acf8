//! The sample web is what the tests of other crates believe it to be.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::BTreeSet;

use reqwest::{Client, Response, redirect};
use testkit::web::SampleWeb;

async fn get(web: &SampleWeb, host: &str, path: &str) -> Response {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = Client::builder()
        .no_proxy()
        .redirect(redirect::Policy::none())
        .resolve(host, web.address())
        .build()
        .unwrap();
    client.get(format!("http://{host}:{}{path}", web.address().port())).send().await.unwrap()
}

/// Paths that a page links to on its own host.
fn links(html: &str) -> BTreeSet<String> {
    html.split("href=\"/")
        .skip(1)
        .filter_map(|rest| rest.split(['"', '#']).next())
        .map(|path| format!("/{}", path.replace("&amp;", "&")))
        .collect()
}

#[tokio::test]
async fn three_companies_have_sixty_pages_and_no_dead_link() {
    let web = SampleWeb::start().unwrap();
    let mut pages = 0;
    for host in ["www.brightwater.example", "harbourline.example", "www.nordwind.example"] {
        let (mut seen, mut next) = (BTreeSet::new(), vec!["/".to_owned()]);
        while let Some(path) = next.pop() {
            if !seen.insert(path.clone()) || path.starts_with("/events/") {
                continue;
            }
            let answer = get(&web, host, &path).await;
            assert_eq!(answer.status(), 200, "{host}{path}");
            let kind = answer.headers()["content-type"].to_str().unwrap().to_owned();
            let body = answer.bytes().await.unwrap();
            if kind.starts_with("text/html") {
                assert!(
                    !String::from_utf8_lossy(&body).contains("Page not found"),
                    "{host}{path} is a dead link"
                );
                pages += 1;
                next.extend(links(&String::from_utf8_lossy(&body)));
            }
        }
    }
    assert!(pages >= 60, "{pages} pages");
}

#[tokio::test]
async fn the_traps_are_set() {
    let web = SampleWeb::start().unwrap();
    let moved = get(&web, "brightwater.example", "/pricing?x=1").await;
    assert_eq!(
        (moved.status().as_u16(), &moved.headers()["location"]),
        (301, &"http://www.brightwater.example/pricing?x=1".parse().unwrap())
    );
    let soft = get(&web, "www.brightwater.example", "/no/such/page").await;
    assert_eq!(soft.status(), 200);
    assert!(soft.text().await.unwrap().contains("Page not found"));
    assert_eq!(get(&web, "harbourline.example", "/no/such/page").await.status(), 404);
    let pdf = get(&web, "www.brightwater.example", "/files/fact-sheet.pdf").await.bytes().await.unwrap();
    assert!(pdf.starts_with(b"%PDF-"));
    let docx =
        get(&web, "www.brightwater.example", "/files/company-profile.docx").await.bytes().await.unwrap();
    assert!(docx.starts_with(b"PK"));
    let umlaut = get(&web, "www.nordwind.example", "/kontakt/").await.bytes().await.unwrap();
    assert!(umlaut.windows(8).any(|bytes| bytes == b"Hafenstr"), "the page is there");
    assert!(umlaut.contains(&0xdf), "and its ß is one byte");
    assert_eq!(web.paths("www.nordwind.example"), ["/kontakt/"]);
}
