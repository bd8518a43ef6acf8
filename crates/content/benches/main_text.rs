//! How well and how fast main text is found.
//!
//! `cargo bench -p assay-content` prints, on one core: F1 over 4-grams of tokens on hand-labelled articles, averaged over
//! pages as scrapinghub/article-extraction-benchmark does; word F1 by kind of page on WCXB; pages a second for real
//! pages and for a made page of 60 kB. The data stands under `ASSAY_DATA` (default `../shared/data` beside the
//! workspace); without it a part prints "not run". `-- --worst` lists the pages that fare worst.

#![allow(clippy::print_stdout)]

use std::collections::BTreeMap;
use std::collections::HashMap;
use std::error::Error;
use std::fmt::Write;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use content::{Hint, outline, read};
use domain::{Content, DocumentId, Region};
use serde_json::Value;
use url::Url;

type Fallible<T> = Result<T, Box<dyn Error>>;

fn main() -> Fallible<()> {
    let worst = std::env::args().any(|arg| arg == "--worst");
    let data = std::env::var_os("ASSAY_DATA")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"), PathBuf::from);
    articles(&data.join("article-extraction"), worst)?;
    kinds_of_pages(&data.join("web-pages/dev"), worst)?;
    made_page()
}

/// What a model would get of a page: its main blocks.
fn main_text(content: &Content) -> String {
    let main = content.blocks.iter().filter(|block| block.region == Region::Main);
    main.map(|block| content.block_text(block)).collect::<Vec<_>>().join("\n\n")
}

/// Time spent, by the wall for each page and by the processor for all of them: on a machine that does other things as
/// well, only the latter is the program's own.
struct Spent {
    each: Vec<Duration>,
    processor: Option<f64>,
}

impl Spent {
    fn new() -> Self {
        Self { each: Vec::new(), processor: processor_seconds() }
    }

    fn pages_a_second(&self) -> String {
        let wall: f64 = self.each.iter().map(Duration::as_secs_f64).sum();
        let slowest = self.each.iter().max().copied().unwrap_or_default().as_millis();
        let pages = self.each.len() as f64;
        let own =
            processor_seconds().zip(self.processor).map(|(now, before)| pages / (now - before).max(0.01));
        let own = own.map(|own| format!("{own:.0} pages/s of processor time, ")).unwrap_or_default();
        format!("{own}{:.0} pages/s by the wall, slowest {slowest} ms", pages / wall)
    }
}

/// Seconds that all threads of this process had the processor, where the system tells (in hundredths).
fn processor_seconds() -> Option<f64> {
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks: f64 = [11, 12].iter().filter_map(|at| fields.get(*at)?.parse::<f64>().ok()).sum();
    Some(ticks / 100.0)
}

/// Reads a page, timed.
fn timed(raw: &[u8], url: Option<&str>, spent: &mut Spent) -> Fallible<String> {
    let url = url.and_then(|url| Url::parse(url).ok());
    let hint = Hint { url: url.as_ref(), ..Hint::default() };
    let start = Instant::now();
    let content = read(raw, &hint, None, DocumentId::new())?;
    spent.each.push(start.elapsed());
    Ok(main_text(&content))
}

fn text_at<'v>(value: &'v Value, pointer: &str) -> Option<&'v str> {
    value.pointer(pointer).and_then(Value::as_str)
}

fn unzipped(path: &Path) -> Fallible<Vec<u8>> {
    let mut raw = Vec::new();
    flate2::read::MultiGzDecoder::new(fs::File::open(path)?).read_to_end(&mut raw)?;
    Ok(raw)
}

/// Runs of letters, digits and underscores, as `\w+` finds them.
fn tokens(text: &str) -> Vec<&str> {
    text.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|token| !token.is_empty()).collect()
}

fn counted<K: Eq + std::hash::Hash>(all: impl Iterator<Item = K>) -> HashMap<K, usize> {
    let mut counts = HashMap::new();
    for one in all {
        *counts.entry(one).or_default() += 1;
    }
    counts
}

/// Precision and recall of one page; none where the side it divides by is empty.
struct Score {
    precision: Option<f64>,
    recall: Option<f64>,
}

impl Score {
    fn of<K: Eq + std::hash::Hash>(truth: &HashMap<K, usize>, found: &HashMap<K, usize>) -> Self {
        let (all, given): (usize, usize) = (truth.values().sum(), found.values().sum());
        let right: usize =
            truth.iter().map(|(key, count)| (*count).min(found.get(key).copied().unwrap_or(0))).sum();
        let share = |of: usize| (of > 0).then(|| right as f64 / of as f64);
        Self { precision: share(given), recall: share(all) }
    }

    fn f1(&self) -> f64 {
        let (precision, recall) = (self.precision.unwrap_or(0.0), self.recall.unwrap_or(1.0));
        if precision + recall > 0.0 { 2.0 * precision * recall / (precision + recall) } else { 0.0 }
    }
}

fn shingles(text: &str) -> HashMap<Vec<&str>, usize> {
    let tokens = tokens(text);
    if (1..4).contains(&tokens.len()) {
        return HashMap::from([(tokens, 1)]);
    }
    counted(tokens.windows(4).map(<[&str]>::to_vec))
}

fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let values: Vec<f64> = values.collect();
    values.iter().sum::<f64>() / values.len().max(1) as f64
}

fn articles(folder: &Path, worst: bool) -> Fallible<()> {
    let Ok(truth) = fs::read(folder.join("ground-truth.json")) else {
        println!("articles: not run ({} is absent)", folder.display());
        return Ok(());
    };
    let truth: BTreeMap<String, Value> = serde_json::from_slice(&truth)?;
    let (mut spent, mut scores) = (Spent::new(), Vec::new());
    for (id, page) in &truth {
        let raw = unzipped(&folder.join(format!("html/{id}.html.gz")))?;
        let text = timed(&raw, text_at(page, "/url"), &mut spent)?;
        let body = text_at(page, "/articleBody").unwrap_or_default();
        scores.push((
            text_at(page, "/url").unwrap_or_default().to_owned(),
            Score::of(&shingles(body), &shingles(&text)),
        ));
    }
    let precision = mean(scores.iter().filter_map(|(_, score)| score.precision));
    let recall = mean(scores.iter().filter_map(|(_, score)| score.recall));
    let f1 = 2.0 * precision * recall / (precision + recall);
    println!(
        "articles: {} pages, F1 {f1:.4} (aim .955), precision {precision:.4}, recall {recall:.4}",
        scores.len()
    );
    println!("articles: {}", spent.pages_a_second());
    list_worst(scores, worst);
    Ok(())
}

fn kinds_of_pages(folder: &Path, worst: bool) -> Fallible<()> {
    let Ok(files) = fs::read_dir(folder.join("ground-truth")) else {
        println!("kinds of pages: not run ({} is absent)", folder.display());
        return Ok(());
    };
    let mut files: Vec<PathBuf> = files.map(|file| file.map(|file| file.path())).collect::<Result<_, _>>()?;
    files.sort();
    let (mut spent, mut all) = (Spent::new(), Vec::new());
    let mut by_kind: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    for file in files {
        let truth: Value = serde_json::from_slice(&fs::read(&file)?)?;
        let id = file.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        let raw = unzipped(&folder.join(format!("html/{id}.html.gz")))?;
        let text = timed(&raw, text_at(&truth, "/url"), &mut spent)?.to_lowercase();
        let body = text_at(&truth, "/ground_truth/main_content").unwrap_or_default().to_lowercase();
        let score = Score::of(&counted(tokens(&body).into_iter()), &counted(tokens(&text).into_iter()));
        let kind = text_at(&truth, "/_internal/page_type/primary").unwrap_or("?");
        by_kind.entry(kind.to_owned()).or_default().push(score.f1());
        all.push((format!("{id} {kind} {}", text_at(&truth, "/url").unwrap_or_default()), score));
    }
    let mut line = String::new();
    for (kind, scores) in &by_kind {
        write!(line, ", {kind} {:.3} ({})", mean(scores.iter().copied()), scores.len())?;
    }
    println!(
        "kinds of pages: {} pages, word F1 {:.4}{line}",
        all.len(),
        mean(all.iter().map(|(_, score)| score.f1()))
    );
    println!("kinds of pages: {}", spent.pages_a_second());
    list_worst(all, worst);
    Ok(())
}

fn list_worst(mut scores: Vec<(String, Score)>, worst: bool) {
    if worst {
        scores.sort_by(|(_, a), (_, b)| a.f1().total_cmp(&b.f1()));
        for (name, score) in scores.iter().take(25) {
            println!("  {:.3} {name}", score.f1());
        }
    }
}

/// A company's page of 60 kB: menu, prose, cards, prices, a table, footer, scripts.
fn page_of_60_kb() -> String {
    let mut page =
        String::from("<!doctype html><html lang=en><head><title>Pumps | Brightwater</title><script>");
    page.push_str(&"var a = function(b) { return b * 2; };\n".repeat(200));
    page.push_str("</script></head><body><header><nav><ul>");
    page.push_str(&"<li class='menu-item'><a href='/products/pumps'>Pumps for farms</a></li>".repeat(60));
    page.push_str("</ul></nav></header><main><h1>Pumps that run for ten years</h1>");
    for n in 0..90 {
        let _ = write!(
            page,
            "<section class='content-block'><h2>Part {n}</h2><p>The pump number {n} runs without oil, reports its state by radio and was built in Leeds by {n} people, who also care for it. It costs <b>£{n}9</b> a month, and can be returned within a year.</p></section>"
        );
    }
    page.push_str("<div class='grid'>");
    for n in 0..120 {
        let _ = write!(
            page,
            "<div class='card'><img src='/people/{n}.jpg' alt='Person {n}'><h3>Person Number {n}</h3><p class='role'>Engineer</p><a href='mailto:p{n}@a.example'>Write</a></div>"
        );
    }
    page.push_str("</div><table><tr><th>Plan</th><th>Price</th></tr>");
    for n in 0..80 {
        let _ = write!(page, "<tr><td>Plan {n}</td><td>£{n}0 per site and month</td></tr>");
    }
    page.push_str(
        "</table></main><footer><p>Brightwater Pumps Ltd, 12 Canal St, Leeds</p></footer></body></html>",
    );
    page
}

/// The same as an article, which takes the longer way.
fn article_of_60_kb() -> String {
    let prose = page_of_60_kb().replace("og:", "");
    let text: String = (0..160).map(|n| format!("<p>In part {n} of this story the people of Leeds build a pump that runs for ten years without oil, and sell it to {n} farms all over Europe, who like it very much indeed. Then they build the next one, with a little help from <a href='/people'>their friends</a> in the town.</p>")).collect();
    let head = "<meta property='og:type' content='article'><meta property='article:published_time' content='2024-03-01'></head>";
    let body = format!("<main><article><h1>A story</h1>{text}</article></main>");
    let (before, rest) = prose.split_once("<main>").unwrap_or((&prose, ""));
    let after = rest.split_once("</main>").map_or("", |(_, after)| after);
    format!("{}{body}{after}", before.replace("</head>", head))
}

fn made_page() -> Fallible<()> {
    for (name, page) in [("company's page", page_of_60_kb()), ("article", article_of_60_kb())] {
        let mut spent = Spent::new();
        for _ in 0..60 {
            timed(page.as_bytes(), Some("https://a.example/pumps"), &mut spent)?;
        }
        println!("made {name} of {} kB (aim 40 pages/s): {}", page.len() / 1000, spent.pages_a_second());
        let url = Url::parse("https://a.example/pumps")?;
        let hint = Hint { url: Some(&url), ..Hint::default() };
        let mut spent = Spent::new();
        for _ in 0..60 {
            let start = Instant::now();
            outline(page.as_bytes(), &hint)?;
            spent.each.push(start.elapsed());
        }
        println!("  its outline: {}", spent.pages_a_second());
    }
    Ok(())
}
