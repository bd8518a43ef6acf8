//! The company itself: copyright lines, `og:site_name`, legal names on its legal pages and in its footers.

use domain::{Content, Region};

use super::{bytes, mention, name_start};
use crate::mention::Method;
use crate::page::range;
use crate::raw::markup;
use crate::reading::Reading;

/// Who holds the copyright, out of lines like `© 2012–2024 Brightwater Pumps Ltd. All rights reserved.`
pub(crate) fn copyright_holders(content: &Content) -> Vec<&str> {
    content
        .blocks
        .iter()
        .filter(|b| !matches!(b.region, Region::Hidden | Region::Banner))
        .filter_map(|b| {
            let text = content.block_text(b);
            let at = text.find('©')?;
            let rest = text.get(at + '©'.len_utf8()..)?;
            // The line of the software that a site is made with speaks of its makers.
            let before = crate::fold::lower(text.get(..at)?);
            if ["powered by", "software by", "theme by", "designed by", "built with", "plugin"]
                .iter()
                .any(|w| before.contains(w))
            {
                return None;
            }
            let rest = rest.trim_start();
            let rest =
                rest.strip_prefix("Copyright").or_else(|| rest.strip_prefix("copyright")).unwrap_or(rest);
            let skipped = rest.trim_start_matches(|c: char| {
                c.is_ascii_digit() || c.is_whitespace() || matches!(c, '-' | '–' | '—' | ',' | '©' | ':')
            });
            let skipped = skipped.strip_prefix("by ").unwrap_or(skipped);
            let end = skipped
                .char_indices()
                .find(|&(i, c)| {
                    matches!(c, '|' | '\n' | '·' | '•' | '–' | '—' | ';' | '©' | '(')
                        || ((c == '.' || c == ',') && ends_name(skipped.get(..i), skipped.get(i + 1..)))
                })
                .map_or(skipped.len(), |(i, _)| i);
            let name = skipped.get(..end)?.trim();
            let name = ["all rights", "alle rechte", "tous droits", "todos los", "tutti i", "todos os"]
                .iter()
                .find_map(|s| {
                    let at = crate::fold::lower(name).find(s)?;
                    name.get(..at)
                })
                .unwrap_or(name)
                .trim();
            let name =
                name.trim_end_matches(|c: char| c.is_ascii_digit() || matches!(c, ' ' | '-' | '–' | ','));
            let words = name.split_whitespace().count();
            (name.starts_with(|c: char| c.is_uppercase() || c.is_ascii_digit())
                && words <= 7
                && name.len() > 1)
                .then_some(name)
        })
        .collect()
}

/// A dot or comma ends the name unless a legal form goes on behind it (`Acme, Inc.`, `Acme S.A.`).
fn ends_name(before: Option<&str>, after: Option<&str>) -> bool {
    let last = before.and_then(|b| b.split_whitespace().next_back()).unwrap_or_default();
    let next = after.unwrap_or_default();
    let single = last.chars().filter(|c| c.is_alphanumeric()).count() <= 2;
    let form = next.trim_start().split([' ', '.', ',']).next().is_some_and(|w| {
        matches!(w, "Inc" | "LLC" | "Ltd" | "Limited" | "GmbH" | "S" | "Corp" | "Co" | "B" | "SA" | "AG")
    });
    let joined = next.starts_with(char::is_alphanumeric);
    !(joined || form || (single && next.starts_with(|c: char| c.is_ascii_uppercase())))
}

pub(super) fn read(r: &mut Reading<'_, '_>) {
    if !r.site.is_own(r.page.document) {
        return;
    }
    copyright(r);
    site_name(r);
    legal_names(r);
}

fn copyright(r: &mut Reading<'_, '_>) {
    let text = r.page.text();
    let base = text.as_ptr() as usize;
    let mut found = Vec::new();
    for name in copyright_holders(r.page.content) {
        let start = name.as_ptr() as usize - base;
        let line = text.get(..start).and_then(|t| t.rfind('©')).unwrap_or(start);
        let spot = r.page.spot(line..start + name.len(), Method::Pattern);
        found.extend(
            spot.and_then(|s| mention(r, name, "self", "explicit", s))
                .map(|m| m.maybe("domain", r.site.domain.as_deref())),
        );
    }
    r.found.extend(found);
}

fn site_name(r: &mut Reading<'_, '_>) {
    let Some((_, name)) = r.page.content.data.opengraph.iter().find(|(k, _)| k == "og:site_name") else {
        return;
    };
    let in_source = r.page.raw.and_then(|b| std::str::from_utf8(b).ok()).and_then(|raw| {
        let tag = markup::tags(raw).take_while(|t| !t.name.eq_ignore_ascii_case("body")).find(|t| {
            t.attribute("property").or_else(|| t.attribute("name")).is_some_and(|a| a.value == "og:site_name")
        })?;
        r.page.raw_spot(tag.start as u64, (tag.start + tag.text.len()) as u64, Method::Meta)
    });
    let spot = in_source.or_else(|| r.page.find(name).and_then(|at| r.page.spot(at, Method::Meta)));
    let mention = spot
        .and_then(|s| mention(r, name, "self", "explicit", s))
        .map(|m| m.maybe("domain", r.site.domain.as_deref()));
    r.push(mention);
}

/// Names with a legal form where the company speaks of itself: its legal and contact pages, its footers.
fn legal_names(r: &mut Reading<'_, '_>) {
    let pages = &r.know.rules.pages;
    let telling = r.page.is_kind(&pages.legal) || r.page.is_kind(&pages.contact);
    let mut first = r.page.is_kind(&pages.legal);
    let mut found = Vec::new();
    for (_, block) in r.page.blocks() {
        if !telling && block.region != Region::Footer {
            continue;
        }
        let tokens = r.page.scan.tokens(range(block));
        for (n, token) in tokens.iter().enumerate() {
            let word = r.page.scan.word(token);
            let next_is_form =
                tokens.get(n + 1).is_some_and(|t| t.is_word() && r.know.forms.is_form(r.page.scan.word(t)));
            // `Company` heads a column of links, `As` is a word.
            let weak = word.eq_ignore_ascii_case("company")
                || (word.len() <= 2 && word.chars().any(char::is_lowercase) && !matches!(word, "Co" | "Oy"));
            if weak
                || !token.is_word()
                || !word.starts_with(char::is_uppercase)
                || next_is_form
                || !r.know.forms.is_form(word)
            {
                continue;
            }
            let start = name_start(r.know, &r.page.scan, &tokens, n + 1);
            let Some(at) = bytes(&r.page.scan, &tokens, start..n + 1).filter(|_| start < n) else { continue };
            let name = r.page.scan.get(at.clone());
            let own = r.site.is_own_name(r.know, name) || shares_word(r, name);
            if !(own || first) {
                continue;
            }
            let at = at.start..at.end + usize::from(token_takes_dot(r, token));
            let spot = r.page.spot(at, Method::LegalLabel);
            found.extend(spot.map(|s| legal(r, name, s)));
            first = false;
        }
    }
    r.found.extend(found);
}

fn token_takes_dot(r: &Reading<'_, '_>, token: &crate::scan::Token) -> bool {
    matches!(token.is, crate::scan::Sort::Word { dot: true })
        && r.page.text().get(token.end..).is_some_and(|t| t.starts_with('.'))
}

/// A legal name need not be a name the site calls itself by: `Brightwater Holding GmbH` on the imprint of Brightwater.
fn legal(r: &Reading<'_, '_>, name: &str, spot: crate::mention::Spot) -> crate::mention::Mention {
    let name = super::clean(name);
    crate::mention::Mention::new(crate::mention::Kind::Organisation, r.site.self_key(), name.clone(), spot)
        .with("name", name.clone())
        .with("legal_name", name)
        .with("relationship", "self")
        .with("basis", "explicit")
        .maybe("domain", r.site.domain.as_deref())
}

fn shares_word(r: &Reading<'_, '_>, name: &str) -> bool {
    let core = r.know.forms.split(name).core;
    let first = core.split(' ').next().unwrap_or_default();
    first.len() >= 4
        && (r.site.self_key().split(' ').next() == Some(first)
            || r.site
                .domain
                .as_deref()
                .is_some_and(|d| crate::web::label(d).replace('-', "").contains(first)))
}
