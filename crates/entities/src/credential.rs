//! Certificates, attestations, seals: named, and said to be held.

use std::ops::Range;

use domain::{Block, BlockKind};

use crate::fold::fold;
use crate::lexicon::{Hit, Tag};
use crate::mention::{Kind, Mention, Method};
use crate::page::range;
use crate::reading::Reading;

/// The year stands within so many bytes behind the name, and what denies it within so many before.
const REACH_BYTES: usize = 160;
/// A block this short is a badge: the name alone says that it is held.
const BADGE_BYTES: usize = 40;

pub(crate) fn read(r: &mut Reading<'_, '_>) {
    let mut found = Vec::new();
    for (hit, _, block) in r.page.hits() {
        let Tag::Certificate(n) = hit.tag else { continue };
        let Some(rule) = r.know.rules.credential.certificates.get(usize::from(n)) else { continue };
        let sentence = r.page.sentence(hit.start..hit.end);
        if !is_held(r, &hit, block, &sentence) {
            continue;
        }
        let Some(spot) = r.context(hit.start..hit.end, Method::Pattern) else { continue };
        found.push(
            Mention::new(Kind::Credential, fold(&rule.name), rule.name.clone(), spot)
                .with("name", rule.name.clone())
                .maybe("body", Some(rule.body.as_str()).filter(|b| !b.is_empty()))
                .maybe("year", year(r, &hit, sentence)),
        );
    }
    r.found.extend(found);
}

fn is_held(r: &Reading<'_, '_>, hit: &Hit, block: &Block, sentence: &Range<usize>) -> bool {
    let before = r.page.scan.tokens(r.page.scan.before(sentence.start, hit.start, REACH_BYTES));
    let denied = before.last().is_some_and(|t| {
        matches!(
            r.page.scan.low_word(t),
            "no" | "without" | "non" | "ohne" | "sans" | "sin" | "senza" | "zonder" | "sem"
        )
    });
    let refused = denied || r.page.scan.has(sentence.clone(), |t| t == Tag::Negation);
    if refused || matches!(block.kind, BlockKind::Quote) || !r.speaks_of_us(&(hit.start..hit.end)) {
        return false;
    }
    let own_word = r.page.scan.get_low(hit.start..hit.end);
    let says = |word: &str| own_word.contains(word);
    let badge = range(block).len() <= BADGE_BYTES;
    let trust = r.page.is_kind(&r.know.rules.pages.trust);
    let article = r.page.is_kind(&r.know.rules.pages.articles);
    let triggered = r.page.scan.has(sentence.clone(), |t| t == Tag::CredentialTrigger)
        || ["certified", "compliant", "approved", "cleared", "marking", "marked", "listed", "zertifiziert"]
            .iter()
            .any(|w| says(w));
    let headed = r.page.trail(block).take(2).any(|h| r.heading(h).credentials);
    triggered || headed || trust || (badge && !article)
}

/// The year it was given, not the year in its name (`ISO 9001:2015`).
fn year(r: &Reading<'_, '_>, hit: &Hit, sentence: Range<usize>) -> Option<String> {
    let after = r.page.scan.get(hit.end..sentence.end);
    let edition = after
        .strip_prefix(':')
        .or_else(|| after.strip_prefix('-'))
        .map_or(0, |rest| 1 + rest.bytes().take_while(u8::is_ascii_digit).count());
    let from = hit.end + edition;
    let text = r.page.scan.get_low(r.page.scan.behind(from, sentence.end, REACH_BYTES));
    ["since ", "in ", "seit ", "depuis ", "desde ", "dal ", "sinds "].iter().find_map(|word| {
        let at = text.find(word)? + word.len();
        let year = text.get(at..at + 4).filter(|y| {
            y.bytes().all(|b| b.is_ascii_digit()) && (y.starts_with("19") || y.starts_with("20"))
        })?;
        (!text.get(at + 4..).is_some_and(|t| t.starts_with(|c: char| c.is_ascii_digit())))
            .then(|| year.to_owned())
    })
}
