use std::io::Write as _;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::json;

use crate::rig::Rig;
use crate::web::{Reply, Web, links, page};

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_named_only_by_a_gzipped_index_of_sitemaps_is_kept() {
    let web = Web::start(|asked| match asked.path.as_str() {
        "/robots.txt" => Reply::text("User-agent: *\nDisallow: /private\nSitemap: http://acme.example/maps/index.xml.gz\n"),
        "/maps/index.xml.gz" => Reply::new(
            200,
            "application/gzip",
            gzip("<sitemapindex><sitemap><loc>http://acme.example/maps/pages.xml.gz</loc></sitemap><sitemap><loc>http://acme.example/maps/broken.xml</loc></sitemap></sitemapindex>"),
        ),
        "/maps/pages.xml.gz" => Reply::new(
            200,
            "application/gzip",
            gzip("<urlset><url><loc>http://acme.example/hidden</loc></url><url><loc>http://stranger.example/x</loc></url><url><loc>http://acme.example/private/y</loc></url></urlset>"),
        ),
        "/maps/broken.xml" => Reply::new(200, "text/xml", "<urlset><url><loc>http://acme.example/before-the-break</loc></url><url><loc>http://acme"),
        "/" => page("Home", ""),
        "/hidden" | "/before-the-break" => page(&asked.path, ""),
        _ => Reply::missing(),
    })
    .await;
    let crawled = Rig::new(&web).await.crawl(json!({})).await;
    assert_eq!(crawled.kept(), ["acme.example/", "acme.example/before-the-break", "acme.example/hidden"]);
    assert_eq!(crawled.row("acme.example/hidden").via, "sitemap");
    assert_eq!(crawled.row("acme.example/hidden").depth, 1);
    assert_eq!(crawled.events("sitemap.broken").len(), 1);
    assert_eq!(crawled.output("site")["warnings"], 1);
    assert_eq!(crawled.verdict("acme.example/private/y"), "blocked{robots}");
    // A listed sitemap leaves nothing to guess.
    assert_eq!(web.count("acme.example/sitemap.xml"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_index_leads_to_its_own_host_and_to_the_site_and_nowhere_else() {
    fn index<const N: usize>(urls: [&str; N]) -> Reply {
        let maps: String = urls.iter().map(|url| format!("<sitemap><loc>{url}</loc></sitemap>")).collect();
        Reply::new(200, "text/xml", format!("<sitemapindex>{maps}</sitemapindex>"))
    }
    let web = Web::start(|asked| match (asked.host.as_str(), asked.path.as_str()) {
        ("acme.example", "/robots.txt") => {
            Reply::text("Sitemap: /index.xml\nSitemap: http://maps.example/index.xml\n")
        }
        ("acme.example", "/index.xml") => index([
            "http://victim.example/1.xml",
            "http://www.acme.example/own.txt",
            "http://maps.example/no.txt",
        ]),
        ("maps.example", "/index.xml") => {
            index(["http://victim.example/2.xml", "http://maps.example/pages.txt"])
        }
        ("acme.example" | "www.acme.example", "/own.txt") => Reply::text("http://acme.example/a\n"),
        ("maps.example", "/pages.txt") => Reply::text("http://acme.example/b\n"),
        ("acme.example", "/" | "/a" | "/b") => page(&asked.path, ""),
        _ => Reply::missing(),
    })
    .await;
    let crawled = Rig::new(&web).await.crawl(json!({})).await;
    assert_eq!(crawled.kept(), ["acme.example/", "acme.example/a", "acme.example/b"]);
    assert!(web.asked().iter().all(|asked| !asked.starts_with("victim.example")), "{:?}", web.asked());
    assert_eq!(web.count("maps.example/no.txt"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_nest_without_end_is_one_warning_and_what_stood_before_it_counts() {
    let nest = format!("<urlset><url><loc>http://acme.example/fine</loc></url>{}", "<a>".repeat(1_000_000));
    let nest = gzip(&nest);
    let web = Web::start(move |asked| match asked.path.as_str() {
        "/" | "/fine" => page(&asked.path, ""),
        "/sitemap.xml" => Reply::new(200, "application/gzip", nest.clone()),
        _ => Reply::missing(),
    })
    .await;
    let crawled = Rig::new(&web).await.crawl(json!({})).await;
    assert_eq!(crawled.kept(), ["acme.example/", "acme.example/fine"]);
    let broken = crawled.events("sitemap.broken");
    assert_eq!(broken.len(), 1);
    assert_eq!(broken[0].data["detail"], "more than 32 elements in each other");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_is_probed_at_four_places_at_the_most() {
    let web = Web::start(|asked| match asked.path.as_str() {
        "/" => page("Home", &links(["/about"])),
        "/about" => page("About", ""),
        _ => Reply::missing(),
    })
    .await;
    Rig::new(&web).await.crawl(json!({})).await;
    let probes: Vec<String> = web.asked().into_iter().filter(|asked| !web.pages().contains(asked)).collect();
    assert_eq!(probes.len(), 4, "{probes:?}");
    assert_eq!(probes[0], "acme.example/robots.txt");
}

#[tokio::test(flavor = "multi_thread")]
async fn usual_places_feeds_and_links_for_models_are_read() {
    let web = Web::start(|asked| match asked.path.as_str() {
        "/" => page("Home", ""),
        "/sitemap.xml" => Reply::new(
            200,
            "text/xml",
            "<rss><channel><item><link>http://acme.example/news/one</link></item></channel></rss>",
        ),
        "/llms.txt" => Reply::text("# Acme\n- [Pricing](/pricing): what it costs\n"),
        "/news/one" | "/pricing" => page(&asked.path, ""),
        _ => Reply::missing(),
    })
    .await;
    let crawled = Rig::new(&web).await.crawl(json!({})).await;
    assert_eq!(crawled.row("acme.example/news/one").via, "feed");
    assert_eq!(crawled.row("acme.example/pricing").via, "llms_txt");
    assert_eq!(crawled.documents.len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entity_bomb_is_one_harmless_file() {
    let mut bomb = String::from("<!DOCTYPE urlset [<!ENTITY a0 'http://acme.example/'>");
    for n in 1..60 {
        bomb.push_str(&format!("<!ENTITY a{n} '&a{0};&a{0};&a{0};&a{0};'>", n - 1));
    }
    bomb.push_str(
        "]><urlset><url><loc>&a59;</loc></url><url><loc>http://acme.example/fine</loc></url></urlset>",
    );
    let web = Web::start(move |asked| match asked.path.as_str() {
        "/" => page("Home", ""),
        "/sitemap.xml" => Reply::new(200, "text/xml", bomb.as_bytes()),
        "/fine" => page("Fine", ""),
        _ => Reply::missing(),
    })
    .await;
    let crawled = Rig::new(&web).await.crawl(json!({})).await;
    assert_eq!(crawled.kept(), ["acme.example/", "acme.example/fine"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_too_many_addresses_the_best_ten_thousand_become_rows() {
    let web = Web::start(move |asked| match asked.path.as_str() {
        "/" => page("Home", ""),
        "/robots.txt" => Reply::text("Sitemap: /one.xml\nSitemap: /two.xml\n"),
        "/one.xml" => {
            Reply::text((0..9_000).map(|n| format!("http://acme.example/docs/x-{n}\n")).collect::<String>())
        }
        "/two.xml" => Reply::text(
            (0..2_000).map(|n| format!("http://acme.example/products/p-{n}\n")).collect::<String>(),
        ),
        path if path.starts_with("/products/") => page(path, ""),
        _ => Reply::missing(),
    })
    .await;
    let crawled = Rig::new(&web).await.crawl(json!({ "max_pages": 5 })).await;
    assert!(crawled.is_done());
    assert_eq!(crawled.rows.len(), 10_001);
    assert_eq!(crawled.rows.iter().filter(|row| row.url.contains("/products/")).count(), 2_000);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_comes_late_adds_nothing_to_ten_thousand() {
    let tries = AtomicUsize::new(0);
    let web = Web::start(move |asked| match (asked.host.as_str(), asked.path.as_str()) {
        ("acme.example", "/robots.txt") => Reply::text(
            "User-agent: *\nDisallow: /docs\nSitemap: /one.txt\nSitemap: http://maps.example/two.txt\n",
        ),
        ("acme.example", "/one.txt") => {
            Reply::text((0..9_999).map(|n| format!("http://acme.example/docs/x-{n}\n")).collect::<String>())
        }
        ("maps.example", "/robots.txt") if tries.fetch_add(1, Ordering::SeqCst) == 0 => Reply::status(500),
        ("maps.example", "/two.txt") => Reply::text("http://acme.example/about\nhttp://acme.example/other\n"),
        ("acme.example", "/" | "/about") => page(&asked.path, ""),
        _ => Reply::missing(),
    })
    .await;
    let mut rig = Rig::new(&web).await;
    rig.settings.robots_waits = vec![Duration::from_millis(1500); 3];
    let crawled = rig.crawl(json!({ "max_pages": 2 })).await;
    assert!(crawled.is_done() && crawled.kept().contains(&"acme.example/about"), "{:?}", crawled.kept());
    assert_eq!(crawled.rows.len(), 10_001);
}
