use std::collections::BTreeMap;

use domain::Candidate;
use serde_json::json;

use crate::rig::{Crawled, Rig};
use crate::web::{Asked, Reply, Web, links, page};

/// Sixty pages in a tree, with redirects, copies, a sitemap and a wall.
fn site(asked: &Asked) -> Reply {
    match asked.path.as_str() {
        "/" => page(
            "Home",
            &links(
                ["/about", "/team", "/old", "/copy", "/wall"]
                    .into_iter()
                    .map(String::from)
                    .chain((0..10).map(|n| format!("/n/{n}"))),
            ),
        ),
        "/sitemap.xml" => {
            let urls: String =
                (0..60).map(|n| format!("<url><loc>http://acme.example/n/{n}</loc></url>")).collect();
            Reply::new(200, "text/xml", format!("<urlset>{urls}</urlset>"))
        }
        "/about" | "/team" | "/copy" => page(if asked.path == "/team" { "Team" } else { "About" }, ""),
        "/old" => Reply::to("/new"),
        "/new" => page("New", ""),
        "/wall" => Reply::status(403),
        path => match path.strip_prefix("/n/").and_then(|n| n.parse::<u32>().ok()) {
            Some(n) => page(&format!("Page {n}"), &links([format!("/n/{}", (n * 7 + 1) % 60)])),
            None => Reply::missing(),
        },
    }
}

/// What must be equal whatever happened in between.
fn essence(crawled: &Crawled) -> (Vec<String>, Vec<String>) {
    let rows = crawled.rows.iter().map(|row: &Candidate| {
        let state = format!("{:?} {:?}", row.state, row.verdict);
        format!("{} {state} {:?} {} {}", row.url_key, row.reason, row.kind_guess, row.depth)
    });
    (rows.collect(), crawled.kept().into_iter().map(str::to_owned).collect())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crawl_that_is_killed_again_and_again_is_the_crawl_of_a_quiet_day() {
    let quiet = {
        let web = Web::start(site).await;
        Rig::new(&web).await.crawl(json!({ "max_pages": 50 })).await
    };
    assert_eq!(quiet.documents.len(), 50);
    let web = Web::start(site).await;
    let rig = Rig::new(&web).await;
    let run = rig.start(json!({ "max_pages": 50 })).await;
    for kill in 1..=12 {
        let process = rig.process();
        rig.until_asked(|web| web.asked().len() >= kill * 5).await;
        drop(process);
        rig.store.reap_all(run, rig.now()).await.unwrap();
        let seen = rig.look(run).await;
        let pages = rig.store.frontier_counts(run).await.unwrap();
        assert_eq!(pages.waiting + pages.done + pages.skipped, seen.rows.len() as u64);
        let committed: Vec<String> =
            seen.rows.iter().filter(|row| row.verdict.is_some()).map(|row| row.url.clone()).collect();
        let documents: Vec<_> = seen.rows.iter().filter_map(|row| row.document).collect();
        assert_eq!(documents.len(), seen.documents.len(), "a row per document");
        let before: BTreeMap<String, usize> =
            committed.iter().map(|url| (url.clone(), web.count(url.trim_start_matches("http://")))).collect();
        // What was committed is never asked for again.
        let process = rig.process();
        let so_far = web.asked().len();
        rig.until_asked(|web| web.asked().len() > so_far).await;
        drop(process);
        rig.store.reap_all(run, rig.now()).await.unwrap();
        for (url, count) in before {
            assert_eq!(web.count(url.trim_start_matches("http://")), count, "{url}");
        }
    }
    let _process = rig.process();
    let killed = rig.ended(run).await;
    assert!(killed.is_done());
    assert_eq!(essence(&killed), essence(&quiet));
    let mut hashes: Vec<_> = killed
        .documents
        .iter()
        .map(|document| &document.attributes["text_hash"])
        .map(|hash| hash.to_string())
        .collect();
    hashes.sort();
    hashes.dedup();
    assert_eq!(hashes.len(), killed.documents.len());
}
