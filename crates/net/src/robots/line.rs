//! Lines to directives.

use std::time::Duration;

use super::Signals;

/// Longer lines are cut, as Google's parser does: eight times the longest URL that browsers took.
const MAX_LINE: usize = 2083 * 8;

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Directive {
    Agent(String),
    Rule { allow: bool, path: String },
    CrawlDelay(Duration),
    Sitemap(String),
    Signal { path: Option<String>, signals: Signals },
}

/// Every directive of a file, in order.
pub(super) fn lines(file: &[u8]) -> impl Iterator<Item = Directive> {
    without_mark(file).split(|byte| matches!(byte, b'\n' | b'\r')).filter_map(directive)
}

/// A byte order mark is skipped, also one that lost its end.
fn without_mark(file: &[u8]) -> &[u8] {
    let mark = [0xef, 0xbb, 0xbf].iter().zip(file).take_while(|(mark, byte)| mark == byte).count();
    file.get(mark..).unwrap_or_default()
}

fn directive(line: &[u8]) -> Option<Directive> {
    let line = line.get(..MAX_LINE).unwrap_or(line);
    let line = line.split(|byte| *byte == b'#').next().unwrap_or_default();
    let line = String::from_utf8_lossy(line);
    let (key, value) = parts(line.trim())?;
    let value = value.trim();
    match key.trim().to_ascii_lowercase().as_str() {
        "user-agent" | "useragent" | "user agent" => Some(Directive::Agent(value.to_owned())),
        "allow" => Some(Directive::Rule { allow: true, path: value.to_owned() }),
        "disallow" | "dissallow" | "dissalow" | "disalow" | "diasllow" | "disallaw" => {
            Some(Directive::Rule { allow: false, path: value.to_owned() })
        }
        "crawl-delay" | "crawldelay" | "crawl delay" => seconds(value).map(Directive::CrawlDelay),
        "sitemap" | "site-map" => (!value.is_empty()).then(|| Directive::Sitemap(value.to_owned())),
        "content-signal" => signal(value),
        _ => None,
    }
}

/// Key and value. A forgotten colon is forgiven when exactly two words stand on the line.
fn parts(line: &str) -> Option<(&str, &str)> {
    if let Some(parts) = line.split_once(':') {
        return Some(parts);
    }
    let mut words = line.split_whitespace();
    match (words.next(), words.next(), words.next()) {
        (Some(key), Some(value), None) => Some((key, value)),
        _ => None,
    }
}

fn seconds(value: &str) -> Option<Duration> {
    let number = value.split_whitespace().next()?;
    Duration::try_from_secs_f64(number.parse().ok()?).ok()
}

/// `search=yes, ai-input=no`, with a path before it if it is not for the whole host.
fn signal(value: &str) -> Option<Directive> {
    let (path, uses) = match value.split_once(char::is_whitespace) {
        Some((path, uses)) if path.starts_with('/') => (Some(path.to_owned()), uses),
        _ => (None, value),
    };
    let mut signals = Signals::default();
    for (key, word) in uses.split(',').filter_map(|signal| signal.split_once('=')) {
        let word = match word.trim().to_ascii_lowercase().as_str() {
            "yes" => true,
            "no" => false,
            _ => continue,
        };
        match key.trim().to_ascii_lowercase().as_str() {
            "search" => signals.search = Some(word),
            "ai-input" => signals.ai_input = Some(word),
            "ai-train" => signals.ai_train = Some(word),
            _ => {}
        }
    }
    (signals != Signals::default()).then_some(Directive::Signal { path, signals })
}
