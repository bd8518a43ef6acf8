//! Effects: what a job brings is kept as it was brought, once.

use std::collections::{BTreeMap, HashSet};

use domain::document::{Data, DataItem};
use domain::entity::Attribute;
use domain::{
    Block, BlockKind, Candidate, Content, DocumentId, Entity, EntityId, Evidence, Finding, FindingId,
    FindingKind, FrontierState, Layer, Level, Link, LinkKind, QuoteVerdict, Region, SubjectId, Verdict,
};
use serde_json::{Value, json};
use store::{Effects, Ending, Error, FrontierCounts};

use super::world::{Says, World, at, document, documents, done, new_run, node};

/// JSON that a binary form would not give back as it was.
fn awkward() -> Value {
    serde_json::from_str(
        r#"{"z":1,"a":{"y":1.0,"x":0.30000000000000004},"big":18446744073709551615,"nul":"\u0000","e":1e-7}"#,
    )
    .unwrap()
}

fn content(document: DocumentId, text: &str) -> Content {
    Content {
        document,
        text: format!("{text}\u{0}\n\nß 😀"),
        blocks: vec![Block {
            id: 0,
            kind: BlockKind::Paragraph,
            level: None,
            start: 0,
            end: 4,
            trail: vec!["Über".to_owned()],
            region: Region::Main,
            hash: u64::MAX,
            card: Some(1),
            page: None,
        }],
        links: vec![Link {
            href: "https://acme.example/".to_owned(),
            text: "home".to_owned(),
            rel: None,
            region: Region::Nav,
            kind: LinkKind::Page,
            block: None,
            card: None,
            source: Some((3, 9)),
        }],
        data: Data {
            jsonld: vec![DataItem { value: awkward(), start: 1, end: 2 }],
            opengraph: vec![("og:title".to_owned(), "Acme".to_owned())],
            ..Data::default()
        },
        title: Some("Acme".to_owned()),
        language: None,
        author: None,
        published: None,
        modified: None,
        kind: "about".to_owned(),
        kind_confidence: 0.1 + 0.2,
        kind_reason: String::new(),
        kinds_also: Vec::new(),
        word_count: 7,
        simhash: u64::MAX - 1,
        text_hash: "ab".to_owned(),
        injection_suspect: false,
        from_state: false,
        charset: None,
        warnings: Vec::new(),
    }
}

fn evidence(document: DocumentId, quote: &str) -> Evidence {
    Evidence {
        document,
        layer: Layer::Text,
        start: 1,
        end: u64::from(u32::MAX) + 1,
        quote: quote.to_owned(),
        verdict: QuoteVerdict::Loose,
        method: "model".to_owned(),
        page: Some(2),
    }
}

fn entity(subject: SubjectId, kind: &str, key: &str) -> Entity {
    let attribute = Attribute { value: awkward(), confidence: 2.0 / 3.0, evidence: vec![0] };
    Entity {
        id: EntityId::stable(subject, kind, key),
        kind: kind.to_owned(),
        key: key.to_owned(),
        value: key.to_uppercase(),
        attributes: BTreeMap::from([("role".to_owned(), vec![attribute])]),
        variants: vec!["v\u{0}".to_owned()],
        mentions: 3,
        documents: 2,
        confidence: 0.1 + 0.7,
        evidence: vec![evidence(DocumentId::new(), "q\u{0}uote")],
        merged_by: vec!["key".to_owned()],
        maybe_same_as: vec![EntityId::stable(subject, kind, "other")],
        conflicts: Vec::new(),
    }
}

fn finding(section: &str, ordinal: u32, document: DocumentId) -> Finding {
    Finding {
        id: FindingId::new(),
        section: section.to_owned(),
        ordinal,
        topic: "pricing".to_owned(),
        kind: FindingKind::Fact,
        statement: "It costs £49.\u{0}".to_owned(),
        value: Some(awkward()),
        because: None,
        severity: None,
        confidence: 0.7 + 0.1,
        level: Level::High,
        looked_in: vec!["pricing".to_owned()],
        cites: vec![FindingId::new()],
        tags: vec!["self_claim".to_owned()],
        evidence: vec![evidence(document, "first\u{0}"), evidence(document, "second")],
    }
}

pub(crate) fn candidate(key: &str, priority: f64) -> Candidate {
    Candidate {
        url_key: format!("https://acme.example/{key}"),
        url: format!("https://acme.example/{key}?"),
        host: "acme.example".to_owned(),
        kind_guess: "about".to_owned(),
        priority,
        depth: 1,
        via: "link".to_owned(),
        discovered_from: Some("https://acme.example/".to_owned()),
        state: FrontierState::Waiting,
        verdict: None,
        reason: None,
        status: None,
        document: None,
        due_at: at(0),
        attempts: 0,
        notes: awkward(),
    }
}

pub(crate) async fn documents_belong_to_the_job_that_brings_them(world: World) {
    let run = world.run(&[node("a")]).await;
    let job = world.claim_one(&run, at(0)).await;
    let mut stray = document(&job, "z");
    stray.attributes = awkward();
    let expected = stray.clone();
    stray.tenant = world.store.create_tenant("neighbour", at(0)).await.unwrap();
    stray.node = "elsewhere".to_owned();
    let mut local = document(&job, "local");
    (local.url, local.size_bytes) = (None, 5_000_000_000);
    let mut nul = document(&job, "zz");
    nul.kind = "ab\u{0}out".to_owned();
    let first = document(&job, "Z");
    let documents = vec![stray, nul.clone(), first.clone(), local.clone()];
    world.finish_with(&job, done(), Effects { documents, ..Effects::default() }, at(0)).await.unwrap();
    nul.kind = "ab\u{fffd}out".to_owned();
    let stored = world.tenant().documents(run.id).await.unwrap();
    assert_eq!(stored, [local.clone(), first, expected, nul], "ordered by URL, byte by byte");
    assert_eq!(world.tenant().document(local.id).await.unwrap(), local);
}

pub(crate) async fn contents_are_kept_exactly_and_in_order(world: World) {
    let run = world.run(&[node("a")]).await;
    let job = world.claim_one(&run, at(0)).await;
    let effects = documents(&job, &["b", "a", "unread"]);
    let ids: Vec<_> = effects.documents.iter().map(|document| document.id).collect();
    world.store.commit(job.fence(), effects, at(0)).await.unwrap();
    let (b, a) = (content(ids[0], "b"), content(ids[1], "a"));
    let contents = vec![content(ids[1], "draft"), b.clone(), a.clone()];
    world.store.commit(job.fence(), Effects { contents, ..Effects::default() }, at(0)).await.unwrap();
    let stored = world.tenant().contents(run.id).await.unwrap();
    assert_eq!(stored.iter().map(|(_, content)| content).collect::<Vec<_>>(), [&a, &b]);
    assert!(stored.iter().all(|(document, content)| document.id == content.document));
    let text = |content: &Content| serde_json::to_string(content).unwrap();
    let read = world.tenant().content(ids[0]).await.unwrap();
    assert_eq!(text(&read), text(&b), "key order and digits included");
    assert!(matches!(world.tenant().content(ids[2]).await, Err(Error::NotFound { what: "content" })));
    let again = content(ids[0], "read again");
    let effects = Effects { contents: vec![again.clone()], ..Effects::default() };
    world.finish_with(&job, done(), effects, at(0)).await.unwrap();
    assert_eq!(world.tenant().content(ids[0]).await.unwrap(), again);
}

pub(crate) async fn entities_are_one_per_id_and_run(world: World) {
    let run = world.run(&[node("a")]).await;
    let job = world.claim_one(&run, at(0)).await;
    let subject = run.subject;
    let (person, email) =
        (entity(subject, "person", "mara lind"), entity(subject, "email", "x@acme.example"));
    let mut merged = person.clone();
    merged.mentions = 9;
    let entities = vec![person.clone(), email.clone(), merged.clone()];
    world.store.commit(job.fence(), Effects { entities, ..Effects::default() }, at(0)).await.unwrap();
    assert_eq!(world.tenant().entities(run.id).await.unwrap(), [email.clone(), merged]);
    let effects = Effects { entities: vec![person.clone()], ..Effects::default() };
    world.finish_with(&job, done(), effects, at(0)).await.unwrap();
    assert_eq!(world.tenant().entities(run.id).await.unwrap(), [email, person]);
}

pub(crate) async fn findings_come_back_in_manifest_order_with_their_evidence(world: World) {
    let run = world.run(&[node("zebra"), node("apple").needs(&["zebra"])]).await;
    let zebra = world.claim_one(&run, at(0)).await;
    let id = DocumentId::new();
    let mut first = [finding("zebra", 1, id), finding("zebra", 0, id)];
    first[0].evidence.clear();
    let effects = Effects { findings: first.to_vec(), ..Effects::default() };
    world.finish_with(&zebra, done(), effects, at(0)).await.unwrap();
    let apple = world.claim_one(&run, at(0)).await;
    let last = finding("apple", 0, id);
    let effects = Effects { findings: vec![last.clone()], ..Effects::default() };
    world.finish_with(&apple, done(), effects, at(0)).await.unwrap();
    let stored = world.tenant().findings(run.id).await.unwrap();
    let [second, first] = first;
    assert_eq!(stored, [first.clone(), second, last]);
    assert_eq!(serde_json::to_string(&stored[0]).unwrap(), serde_json::to_string(&first).unwrap());
}

pub(crate) async fn facts_stay_with_the_subject_between_runs(world: World) {
    let new = store::NewRun { subject_key: "acme".to_owned(), ..new_run(&[node("a")]) };
    let run = world.run_with(new.clone()).await;
    let job = world.claim_one(&run, at(0)).await;
    let facts = |value: Value| Effects { facts: value.as_object().unwrap().clone(), ..Effects::default() };
    let awkward = awkward();
    let first = json!({"hosts": ["a"], "awkward": awkward, "gone": 1});
    world.finish_with(&job, done(), facts(first), at(0)).await.unwrap();
    let run = world.run_with(new).await;
    assert_eq!(world.store.scope(run.id).await.unwrap()["subject"]["facts"]["gone"], json!(1));
    let job = world.claim_one(&run, at(0)).await;
    world.finish_with(&job, done(), facts(json!({"hosts": ["b"], "gone": null})), at(1)).await.unwrap();
    let facts = world.tenant().subject(run.subject).await.unwrap().facts;
    assert_eq!(Value::Object(facts).to_string(), json!({"hosts": ["b"], "awkward": awkward}).to_string());
}

pub(crate) async fn a_report_is_the_subjects_next_version(world: World) {
    let new = store::NewRun { subject_key: "acme".to_owned(), ..new_run(&[node("a")]) };
    let publish = |body: Value| Effects { report: Some(body), ..Effects::default() };
    let (one, two) = (world.run_with(new.clone()).await, world.run_with(new.clone()).await);
    assert_eq!(world.tenant().report(one.id).await.unwrap(), None);
    let job = world.claim_one(&two, at(0)).await;
    world.finish_with(&job, done(), publish(awkward()), at(3)).await.unwrap();
    let published = world.tenant().report(two.id).await.unwrap().unwrap();
    assert_eq!((published.version, published.published_at), (1, at(3)));
    assert_eq!(published.body.to_string(), awkward().to_string());
    let job = world.claim_one(&one, at(0)).await;
    world.store.commit(job.fence(), publish(json!("draft")), at(4)).await.unwrap();
    world.finish_with(&job, done(), publish(json!("final")), at(5)).await.unwrap();
    let published = world.tenant().report(one.id).await.unwrap().unwrap();
    assert_eq!((published.version, published.body), (2, json!("final")));
    assert_eq!(world.tenant().run(one.id).await.unwrap().version, Some(2));
    assert_eq!(world.tenant().subject(one.subject).await.unwrap().latest_version, Some(2));
    let first = world.tenant().report_version(one.subject, 1).await.unwrap().unwrap();
    assert_eq!(first.run, two.id);
    let events = world.events(two.id).await;
    let event = events.iter().find(|event| event.kind == "report.published").unwrap();
    assert_eq!(event.data["version"], json!(1));
    let failed = world.run_with(new).await;
    let job = world.claim_one(&failed, at(0)).await;
    world.finish(&job, super::world::failed()).await.unwrap();
    assert_eq!(world.tenant().subject(one.subject).await.unwrap().latest_version, Some(2));
}

pub(crate) async fn the_frontier_gives_the_best_first(world: World) {
    let run = world.run(&[node("a")]).await;
    let job = world.claim_one(&run, at(0)).await;
    let keep = async |frontier: Vec<Candidate>| {
        let effects = Effects { frontier, ..Effects::default() };
        world.store.commit(job.fence(), effects, at(0)).await.unwrap();
    };
    let mut later = candidate("later", 9.0);
    later.due_at = at(60);
    keep(vec![candidate("low", 0.5), candidate("high", 2.25), candidate("twin", 2.25), later.clone()]).await;
    let keys = |found: Vec<Candidate>| found.into_iter().map(|one| one.url_key).collect::<Vec<_>>();
    let names = |names: &[&str]| names.iter().map(|name| candidate(name, 0.0).url_key).collect::<Vec<_>>();
    let next = world.store.frontier_next(run.id, at(0), 10).await.unwrap();
    assert_eq!(next[0], candidate("high", 2.25));
    assert_eq!(keys(next), names(&["high", "twin", "low"]));
    assert_eq!(world.store.frontier_next(run.id, at(60), 1).await.unwrap(), [later]);

    let fetched = Candidate {
        state: FrontierState::Done,
        verdict: Some(Verdict::Soft404),
        reason: Some("http_404".to_owned()),
        status: Some(404),
        document: Some(DocumentId::new()),
        attempts: 2,
        ..candidate("high", 2.25)
    };
    let skipped = Candidate { state: FrontierState::Skipped, ..candidate("low", 0.5) };
    keep(vec![fetched.clone(), skipped, candidate("new", 3.0)]).await;
    keep(vec![candidate("high", 99.0), candidate("twin", 1.0)]).await;
    assert_eq!(keys(world.store.frontier_next(run.id, at(0), 10).await.unwrap()), names(&["new", "twin"]));
    let all = world.tenant().frontier(run.id).await.unwrap();
    assert_eq!(all[1], fetched, "what is done stays done");
    assert_eq!(keys(all), names(&["low", "high", "twin", "later", "new"]));
    let counts = world.store.frontier_counts(run.id).await.unwrap();
    assert_eq!(counts, FrontierCounts { waiting: 3, done: 1, skipped: 1 });
    assert_eq!(world.store.frontier_due(run.id).await.unwrap(), Some(at(0)));
}

pub(crate) async fn the_frontier_knows_what_it_knows_run_by_run(world: World) {
    let (run, other) = (world.run(&[node("a")]).await, world.run(&[node("a")]).await);
    let job = world.claim_one(&run, at(0)).await;
    let long = "x".repeat(20_000);
    let frontier: Vec<_> =
        (0..1200).map(|n| candidate(&format!("p{n}"), 1.0)).chain([candidate(&long, 1.0)]).collect();
    let twice = [frontier.clone(), frontier[..3].to_vec()].concat();
    let effects = Effects { frontier: twice, ..Effects::default() };
    world.finish_with(&job, Ending::Released, effects, at(0)).await.unwrap();
    assert_eq!(world.tenant().frontier(run.id).await.unwrap(), frontier);
    let asked: Vec<_> =
        frontier.iter().map(|one| one.url_key.as_str()).chain(["https://nobody.example/"]).collect();
    let known = world.store.frontier_known(run.id, &asked).await.unwrap();
    assert_eq!(known, frontier.iter().map(|one| one.url_key.clone()).collect::<HashSet<_>>());
    assert!(world.store.frontier_known(other.id, &asked).await.unwrap().is_empty());
    assert_eq!(world.store.frontier_due(other.id).await.unwrap(), None);
}

pub(crate) async fn slices_larger_than_a_statement_are_kept_whole(world: World) {
    let run = world.run(&[node("site"), node("page").for_each(&["site"])]).await;
    let site = world.claim_one(&run, at(0)).await;
    let documents: Vec<_> = (0..1100).map(|n| document(&site, &format!("p{n}"))).collect();
    let contents: Vec<_> = documents.iter().map(|document| content(document.id, "x")).collect();
    let entities: Vec<_> = (0..1100).map(|n| entity(run.subject, "person", &n.to_string())).collect();
    let findings: Vec<_> = (0..1100).map(|n| finding("site", n, documents[0].id)).collect();
    let effects = Effects { documents, contents, entities, findings, ..Effects::default() };
    let committed = world.finish_with(&site, done(), effects, at(0)).await.unwrap();
    assert_eq!(committed.ready.len(), 1100);
    assert_eq!(world.tenant().contents(run.id).await.unwrap().len(), 1100);
    assert_eq!(world.tenant().entities(run.id).await.unwrap().len(), 1100);
    let findings = world.tenant().findings(run.id).await.unwrap();
    assert_eq!(findings.iter().map(|finding| finding.evidence.len()).sum::<usize>(), 2200);
    let pages = world.claim(&run, at(0)).await;
    assert_eq!(pages.len(), 1100);
    let fences: Vec<_> = pages.iter().map(domain::Job::fence).collect();
    let beats = world.store.heartbeat(&fences, super::world::LEASE, at(1)).await.unwrap();
    assert_eq!(beats.iter().map(|(fence, _)| *fence).collect::<Vec<_>>(), fences);
    let finish =
        |job: &domain::Job| store::Finish { fence: job.fence(), ending: done(), effects: Effects::default() };
    let outcomes = world.store.finish(&pages.iter().map(finish).collect::<Vec<_>>(), at(1)).await.unwrap();
    assert!(outcomes.iter().all(Result::is_ok));
    assert_eq!(world.state(&run).await, domain::RunState::Done);
    world.check(run.id).await;
}
