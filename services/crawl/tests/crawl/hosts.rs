use std::io;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use domain::RunState;
use serde_json::json;

use crate::rig::{Crawled, Rig, node};
use crate::web::{Reply, Web, page};

/// Finds every host on loopback, but fails the first times.
#[derive(Debug)]
struct Names {
    kind: io::ErrorKind,
    fails: usize,
    asked: AtomicUsize,
}

#[async_trait::async_trait]
impl net::Lookup for Names {
    async fn lookup(&self, _: &str) -> io::Result<Vec<IpAddr>> {
        if self.asked.fetch_add(1, Ordering::SeqCst) < self.fails {
            return Err(self.kind.into());
        }
        Ok(vec![Ipv4Addr::LOCALHOST.into()])
    }
}

impl Names {
    fn failing(fails: usize, kind: io::ErrorKind) -> Arc<Self> {
        Arc::new(Self { kind, fails, asked: AtomicUsize::new(0) })
    }
}

/// A site and a single page whose host is found, or not, as told.
async fn crawled(uses: &str, names: &Arc<Names>) -> Crawled {
    let web = Web::start(|asked| match asked.path.as_str() {
        "/" => page("Home", ""),
        _ => Reply::missing(),
    })
    .await;
    let mut rig = Rig::new(&web).await;
    rig.net.resolve.clear();
    rig.net.allow_networks = vec!["127.0.0.0/8".parse().unwrap()];
    let lookup: Arc<dyn net::Lookup> = Arc::<Names>::clone(names);
    rig.names = Some(lookup);
    let url = format!("http://acme.example:{}/", web.address.port());
    let with = match uses {
        "crawl.site" => json!({ "url": url, "kinds": "kinds.toml" }),
        _ => json!({ "urls": [url], "kinds": "kinds.toml" }),
    };
    let run = rig.start_nodes(vec![node("job", uses, with)]).await;
    let _process = rig.process();
    rig.ended(run).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hiccup_of_the_network_closes_no_host() {
    for uses in ["crawl.site", "crawl.page"] {
        let names = Names::failing(2, io::ErrorKind::Other);
        let crawled = crawled(uses, &names).await;
        assert_eq!((crawled.run.state, crawled.documents.len()), (RunState::Done, 1), "{uses}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_stays_silent_is_given_up_after_two_more_questions_and_an_unknown_one_at_once() {
    for (kind, questions) in [(io::ErrorKind::Other, 3), (io::ErrorKind::NotFound, 1)] {
        let names = Names::failing(usize::MAX, kind);
        let site = crawled("crawl.site", &names).await;
        assert_eq!((site.run.state, site.problem()), (RunState::Failed, "dns"), "{kind:?}");
        assert_eq!(names.asked.load(Ordering::SeqCst), questions, "{kind:?}");
        assert_eq!(site.events("host.retried").len(), questions - 1, "{kind:?}");
        let names = Names::failing(usize::MAX, kind);
        let page = crawled("crawl.page", &names).await;
        assert_eq!(page.output("job")["by_verdict"], json!({ "error": 1 }), "{kind:?}");
        assert_eq!(names.asked.load(Ordering::SeqCst), questions, "{kind:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sitemap_whose_host_is_in_trouble_is_read_when_that_is_over() {
    let tries = AtomicUsize::new(0);
    let web = Web::start(move |asked| match (asked.host.as_str(), asked.path.as_str()) {
        ("acme.example", "/robots.txt") => Reply::text("Sitemap: http://maps.example/acme.txt\n"),
        ("acme.example", "/" | "/hidden") => page(&asked.path, ""),
        ("maps.example", "/robots.txt") if tries.fetch_add(1, Ordering::SeqCst) < 2 => Reply::status(500),
        ("maps.example", "/acme.txt") => Reply::text("http://acme.example/hidden\n"),
        _ => Reply::missing(),
    })
    .await;
    let mut rig = Rig::new(&web).await;
    rig.settings.robots_waits = vec![Duration::from_millis(300); 3];
    let crawled = rig.crawl(json!({})).await;
    assert_eq!(crawled.kept(), ["acme.example/", "acme.example/hidden"]);
    assert_eq!(crawled.events("sitemap.broken").len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sitemap_that_is_due_after_the_end_holds_nobody_up() {
    let web = Web::start(|asked| match (asked.host.as_str(), asked.path.as_str()) {
        ("acme.example", "/robots.txt") => Reply::text("Sitemap: http://slow.example/acme.txt\n"),
        ("acme.example", "/") => page("Home", ""),
        ("slow.example", "/robots.txt") => Reply::text("User-agent: *\nCrawl-delay: 31536000\n"),
        _ => Reply::missing(),
    })
    .await;
    let crawled = Rig::new(&web).await.crawl(json!({})).await;
    assert!(crawled.is_done());
    assert_eq!(crawled.kept(), ["acme.example/"]);
    assert_eq!(web.count("slow.example/acme.txt"), 0);
}
