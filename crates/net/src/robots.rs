//! What a host's robots.txt asks of us: RFC 9309, with the habits of real files that crawlers agree on.
//!
//! Every group that names our product token is merged; without one, those for `*` count. The longest pattern wins and
//! a tie allows. Paths and patterns are brought to one percent-encoding before they are compared, so `/caf%C3%A9`,
//! `/caf%c3%a9` and `/café` are one path. On encoded letters (`%62` for `b`) the RFC and Google's parser disagree; then
//! the stricter one is followed: a Disallow is read widely, an Allow narrowly. Like in Google's parser, common
//! misspellings of the directives are read, and allowing `…/index.html` allows `…/`.
//!
//! Written here because none of texting_robots 0.2.2, robotxt 0.7.0 and robotstxt 0.3.0 passes all of the conformance
//! cases that `benches/robots_conformance.rs` runs (134, 132 and 143 of 146), and none reads Content-Signal.

mod line;
mod pattern;

use std::time::Duration;

use url::Url;

use line::{Directive, lines};
use pattern::{Pattern, Reading, Target};

/// The token that groups name us by.
pub const PRODUCT: &str = "Assay";
/// What is read of a file (RFC 9309 §2.5 asks for at least this).
pub const MAX_BYTES: usize = 500 << 10;

/// The rules of one host for one crawler. The default holds no rules: everything is allowed.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Robots {
    group: Group,
    sitemaps: Vec<String>,
}

#[derive(Debug, Clone, Default, PartialEq)]
struct Group {
    rules: Vec<Rule>,
    crawl_delay: Option<Duration>,
    signals: Vec<SignalLine>,
}

#[derive(Debug, Clone, PartialEq)]
struct Rule {
    allow: bool,
    pattern: Pattern,
}

#[derive(Debug, Clone, PartialEq)]
struct SignalLine {
    /// None: the whole host.
    pattern: Option<Pattern>,
    signals: Signals,
}

/// What a host says about uses of its text (`Content-Signal`). None: nothing said.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Signals {
    /// Search results: links and short excerpts.
    pub search: Option<bool>,
    /// Input of a model: prompts, retrieval, grounding.
    pub ai_input: Option<bool>,
    /// Training or fine-tuning.
    pub ai_train: Option<bool>,
}

impl Robots {
    /// Reads a file for [`PRODUCT`]. Any bytes are a file; what is no directive is skipped.
    #[must_use]
    pub fn parse(file: &[u8]) -> Self {
        Self::parse_for(file, PRODUCT)
    }

    /// Reads a file for another product token.
    #[must_use]
    pub fn parse_for(file: &[u8], product: &str) -> Self {
        let mut reader = Reader::new(product);
        for directive in lines(file.get(..MAX_BYTES).unwrap_or(file)) {
            reader.take(directive);
        }
        reader.end()
    }

    /// Whether `url` may be requested. Only its path and query count. (`/robots.txt` itself is fetched without asking.)
    #[must_use]
    pub fn allows(&self, url: &Url) -> bool {
        self.allows_target(&target(url))
    }

    /// Whether path and query, as a request line spells them, may be requested.
    #[must_use]
    pub fn allows_target(&self, target: &str) -> bool {
        let target = Target::new(target);
        let matching =
            self.group.rules.iter().filter(|rule| rule.pattern.matches(target.read(reading(rule.allow))));
        let strongest = matching.max_by_key(|rule| (rule.pattern.weight(), rule.allow));
        strongest.is_none_or(|rule| rule.allow)
    }

    /// How far apart requests shall be, whatever its size.
    #[must_use]
    pub const fn crawl_delay(&self) -> Option<Duration> {
        self.group.crawl_delay
    }

    /// The sitemap addresses as written, in order.
    #[must_use]
    pub fn sitemaps(&self) -> &[String] {
        &self.sitemaps
    }

    /// What is said about the use of `url`'s text: for each use the longest pattern's word, a no before a yes.
    #[must_use]
    pub fn signals(&self, url: &Url) -> Signals {
        let target = Target::new(&target(url));
        let path = target.read(Reading::Wide);
        let weight = |line: &SignalLine| line.pattern.as_ref().map_or(0, Pattern::weight);
        let mut matching: Vec<&SignalLine> = self
            .group
            .signals
            .iter()
            .filter(|line| line.pattern.as_ref().is_none_or(|pattern| pattern.matches(path)))
            .collect();
        matching.sort_by_key(|line| std::cmp::Reverse(weight(line)));
        let word = |pick: fn(&Signals) -> Option<bool>| {
            let strongest =
                matching.iter().find(|line| pick(&line.signals).is_some()).map(|line| weight(line))?;
            let mut words = matching
                .iter()
                .filter(|line| weight(line) == strongest)
                .filter_map(|line| pick(&line.signals));
            Some(words.all(|yes| yes))
        };
        Signals { search: word(|s| s.search), ai_input: word(|s| s.ai_input), ai_train: word(|s| s.ai_train) }
    }
}

/// Sorts directives into groups.
struct Reader<'a> {
    product: &'a str,
    /// For our token, if it was named, and for everyone.
    ours: Group,
    everyone: Group,
    named: bool,
    /// Whether the group being read is for us, for everyone.
    in_ours: bool,
    in_everyone: bool,
    /// Only agents so far: the next agent joins the group instead of starting another.
    agents_open: bool,
    sitemaps: Vec<String>,
}

impl<'a> Reader<'a> {
    fn new(product: &'a str) -> Self {
        Self {
            product,
            ours: Group::default(),
            everyone: Group::default(),
            named: false,
            in_ours: false,
            in_everyone: false,
            agents_open: false,
            sitemaps: Vec::new(),
        }
    }

    fn take(&mut self, directive: Directive) {
        match directive {
            Directive::Agent(agent) => self.agent(&agent),
            Directive::Rule { allow, path } => self.rule(allow, &path),
            // These belong to the agents named so far but do not end the list of agents (RFC 9309 §2.2.4): a later
            // agent line still joins in for the rules.
            Directive::CrawlDelay(delay) => {
                self.each(|group| group.crawl_delay = group.crawl_delay.max(Some(delay)));
            }
            Directive::Signal { path, signals } => {
                let pattern = path.map(|path| Pattern::new(&path, Reading::Wide));
                self.each(|group| group.signals.push(SignalLine { pattern: pattern.clone(), signals }));
            }
            Directive::Sitemap(url) => self.sitemaps.push(url),
        }
    }

    fn agent(&mut self, agent: &str) {
        if !self.agents_open {
            (self.in_ours, self.in_everyone) = (false, false);
            self.agents_open = true;
        }
        if is_star(agent) {
            self.in_everyone = true;
        } else if token(agent).eq_ignore_ascii_case(self.product) {
            self.in_ours = true;
            self.named = true;
        }
    }

    fn rule(&mut self, allow: bool, path: &str) {
        self.agents_open = false;
        if path.is_empty() {
            return;
        }
        let pattern = Pattern::new(path, reading(allow));
        let directory = if allow {
            index_of(path).map(|directory| Pattern::new(&directory, reading(allow)))
        } else {
            None
        };
        self.each(|group| {
            group.rules.push(Rule { allow, pattern: pattern.clone() });
            group.rules.extend(directory.clone().map(|pattern| Rule { allow, pattern }));
        });
    }

    fn each(&mut self, mut change: impl FnMut(&mut Group)) {
        if self.in_ours {
            change(&mut self.ours);
        }
        if self.in_everyone {
            change(&mut self.everyone);
        }
    }

    fn end(self) -> Robots {
        let group = if self.named { self.ours } else { self.everyone };
        Robots { group, sitemaps: self.sitemaps }
    }
}

const fn reading(allow: bool) -> Reading {
    if allow { Reading::Narrow } else { Reading::Wide }
}

fn target(url: &Url) -> String {
    match url.query() {
        Some(query) => format!("{}?{query}", url.path()),
        None => url.path().to_owned(),
    }
}

fn is_star(agent: &str) -> bool {
    agent.strip_prefix('*').is_some_and(|rest| rest.is_empty() || rest.starts_with(char::is_whitespace))
}

/// The product token at the start of an agent: of `Assay/2.0 (+https://…)` it is `Assay`.
fn token(agent: &str) -> &str {
    let end = agent.find(|c: char| !(c.is_ascii_alphabetic() || c == '_' || c == '-'));
    end.and_then(|end| agent.get(..end)).unwrap_or(agent)
}

/// Of `/shop/index.html` the pattern that is exactly `/shop/`.
fn index_of(path: &str) -> Option<String> {
    let (directory, page) = path.rsplit_once('/')?;
    page.starts_with("index.htm").then(|| format!("{directory}/$"))
}

#[cfg(test)]
mod tests;
