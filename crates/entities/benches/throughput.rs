//! How many megabytes of text a second become entities, on one core: `cargo bench -p assay-entities`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice
)]

use chrono::DateTime;
use divan::Bencher;
use divan::counter::BytesCount;
use domain::document::Data;
use domain::{Block, BlockKind, Content, Document, Region};
use entities::{Extractor, Options, Rules, Source, Technologies};

const RULES: &str = include_str!("../../pipelines/builtin/company/entities.toml");
const TECHNOLOGIES: &str = include_str!("../../pipelines/builtin/company/technologies.toml");

/// Paragraphs as company sites have them: most say nothing, some name people, sums, dates, places, numbers.
const PARAGRAPHS: [&str; 12] = [
    "Our pumps are built for fields that nobody visits for weeks. They report their own health, ask for service before \
     they fail, and keep the water running while the farmer sleeps. The housing is cast in one piece, the seals are \
     made of a rubber that does not mind the cold, and every part can be changed with two tools.",
    "“We cut our water use by a third in the first season,” said Jane Doe, CEO of Northwind Farms, who has run the \
     family business since 2003 and manages more than 1,200 hectares in three counties.",
    "Founded in 2014 by Mara Lind and Tomas Weil, the company is headquartered in Leeds, UK, with offices in Berlin and \
     Paris. Today we are 34 people and serve over 500 customers in 12 countries.",
    "Irrigation is a question of timing. Too early and the water is lost to the sun, too late and the plants have \
     already closed their leaves. Sensors in the ground tell the pump what the roots feel, and the pump decides.",
    "Brightwater raised £6.2 million in a Series A round in March 2024, led by Redwood Capital with participation from \
     Point Nine. The money goes into the new plant and into hiring engineers.",
    "Brightwater Pumps Ltd, 12 Mill Lane, Leeds LS1 4AP, United Kingdom. Registered in England and Wales, company \
     number 01234567, VAT no. GB 980 7806 84. Tel: +44 113 496 0000, info@brightwater.example",
    "Plans are £49 and £120 per site and month, billed yearly. The larger plan has an open interface, a second pump \
     controller and a person who answers the telephone at night.",
    "Wasser ist überall ein knappes Gut. Unsere Pumpen messen, melden und regeln selbst, damit niemand nachts aufs Feld \
     fahren muss. Gegründet wurde das Unternehmen von zwei Ingenieuren, die das Warten leid waren.",
    "The controller speaks MQTT over LoRaWAN, stores a week of readings when the mast is down, and takes its updates \
     at night. Its source is open, its protocol is documented, and nobody needs an account to read the numbers.",
    "Previously VP at Oracle, Ana Costa joined as Chief Financial Officer in 2021. She keeps the books, reads the \
     contracts and knows every invoice of the last three years by heart, or so the others say.",
    "Nothing in this paragraph is of any interest to anybody who looks for names or numbers; it is here because most of \
     what companies write is like it, warm and round and soft, and a reader has to get through it all the same.",
    "We are ISO 9001 certified and work with Siemens and John Deere. Our partners sell, install and service the pumps \
     in their regions, and they are trained by us twice a year in the plant by the river.",
];

fn main() {
    divan::main();
}

fn pages(count: usize) -> Vec<(Document, Content)> {
    (0..count).map(page).collect()
}

fn page(n: usize) -> (Document, Content) {
    let mut text = String::new();
    let mut blocks = Vec::new();
    for i in 0..40 {
        if !text.is_empty() {
            text.push_str("\n\n");
        }
        let start = text.len();
        let words = PARAGRAPHS[(n * 7 + i) % PARAGRAPHS.len()];
        text.push_str(words);
        blocks.push(Block {
            id: i as u32,
            kind: BlockKind::Paragraph,
            level: None,
            start: start as u32,
            end: text.len() as u32,
            trail: vec!["About us".into()],
            region: Region::Main,
            hash: (n * 1000 + i) as u64,
            card: None,
            page: None,
        });
    }
    let id = domain::DocumentId::new();
    let document = Document {
        id,
        tenant: domain::TenantId::LOCAL,
        subject: domain::SubjectId::new(),
        run: domain::RunId::new(),
        job: domain::JobId::new(),
        node: "site".into(),
        url: Some(format!("https://brightwater.example/{n}")),
        kind: "about".into(),
        content_type: "text/html".into(),
        size_bytes: text.len() as u64,
        raw: domain::BlobId(String::new()),
        attributes: serde_json::Value::Null,
        fetched_at: DateTime::from_timestamp(1_740_000_000, 0).unwrap(),
    };
    let content = Content {
        document: id,
        text,
        blocks,
        links: Vec::new(),
        data: Data::default(),
        title: None,
        language: Some("en".into()),
        author: None,
        published: None,
        modified: None,
        kind: ["about", "product", "team", "careers"][n % 4].into(),
        kind_confidence: 1.0,
        kind_reason: String::new(),
        kinds_also: Vec::new(),
        word_count: 0,
        simhash: 0,
        text_hash: String::new(),
        injection_suspect: false,
        from_state: false,
        charset: None,
        warnings: Vec::new(),
    };
    (document, content)
}

#[divan::bench(sample_count = 10, args = [10, 100])]
fn extract(bencher: Bencher<'_, '_>, count: usize) {
    let extractor =
        Extractor::new(Rules::parse(RULES).unwrap(), Some(Technologies::parse(TECHNOLOGIES).unwrap()))
            .unwrap();
    let pages = pages(count);
    let bytes: usize = pages.iter().map(|(_, c)| c.text.len()).sum();
    let sources: Vec<Source<'_>> =
        pages.iter().map(|(document, content)| Source { document, content, raw: None }).collect();
    bencher
        .counter(BytesCount::new(bytes))
        .bench(|| extractor.extract(divan::black_box(&sources), &Options::default()));
}

/// Compiling rules and tables, once per process.
#[divan::bench(sample_count = 5)]
fn compile() -> Extractor {
    Extractor::new(Rules::parse(RULES).unwrap(), Some(Technologies::parse(TECHNOLOGIES).unwrap())).unwrap()
}
