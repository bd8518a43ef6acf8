//! Products, services, plans: menus, headings of product pages, pricing tables.

use std::collections::HashSet;

use domain::{BlockKind, Region};
use serde_json::json;
use url::Url;

use crate::fold::{fold, lower, squeeze};
use crate::mention::{Kind, Mention, Method, Spot};
use crate::page::range;
use crate::reading::Reading;

/// Names of products and plans are short.
const NAME_BYTES: usize = 60;

pub(crate) fn mention(name: &str, is: &str, url: Option<&str>, spot: Spot) -> Mention {
    let name = squeeze(name);
    Mention::new(Kind::Product, format!("{}|{is}", fold(&name)), name.clone(), spot)
        .with("name", name)
        .with("type", is)
        .maybe("url", url)
}

pub(crate) fn read(r: &mut Reading<'_, '_>) {
    menu(r);
    title(r);
    plans(r);
    table(r);
}

/// What a path under the site says that its page shows.
fn of_path(r: &Reading<'_, '_>, href: &str) -> Option<&'static str> {
    let url = Url::parse(href).ok()?;
    if !r.site.is_own_host(url.host_str()?) || url.query().is_some() {
        return None;
    }
    let rules = &r.know.rules.product;
    let segments: Vec<String> = url.path_segments()?.filter(|s| !s.is_empty()).map(lower).collect();
    let at = segments.iter().position(|s| rules.paths.contains(s)).filter(|n| *n <= 1)?;
    let folder = segments.get(at)?;
    // The folder itself lists products; a page right below it is one.
    let page = segments.get(at + 1).is_some() && segments.len() <= at + 2;
    page.then(|| {
        if rules.service_paths.contains(folder) {
            "service"
        } else if rules.feature_paths.contains(folder) {
            "feature"
        } else {
            "product"
        }
    })
}

fn is_name(r: &Reading<'_, '_>, text: &str) -> bool {
    let words = text.split_whitespace().count();
    (1..=7).contains(&words)
        && text.len() <= NAME_BYTES
        && text.starts_with(|c: char| c.is_uppercase() || c.is_ascii_digit() || !c.is_ascii())
        && !text.ends_with(['.', '!', '?', ':'])
        && !r.know.sets.product_never.contains(&fold(text))
        && !r.know.gazetteer.is_place(text)
}

/// Links of the menu to pages below `/products/`.
fn menu(r: &mut Reading<'_, '_>) {
    let mut found = Vec::new();
    for link in crate::page::links(r.page).filter(|l| l.region == Region::Nav) {
        let name = squeeze(&link.text);
        if !is_name(r, &name) {
            continue;
        }
        let Some(is) = of_path(r, &link.href) else { continue };
        // The name must be what is quoted, so the words of the menu come first.
        let spot = link
            .block
            .and_then(|b| r.page.block(b))
            .filter(|b| r.page.is_usable(b))
            .and_then(|b| {
                let at = r.page.block_text(b).find(&name)? + b.start as usize;
                r.page.spot(at..at + name.len(), Method::Href)
            })
            .or_else(|| crate::href::spot(r.page, link));
        found.extend(spot.map(|s| mention(&name, is, Some(&link.href), s)));
    }
    r.found.extend(found);
}

/// The first heading of a product's page.
fn title(r: &mut Reading<'_, '_>) {
    let Some(url) = r.page.document.url.clone() else { return };
    if !r.page.is_kind(&r.know.rules.pages.product) {
        return;
    }
    let Some(is) = of_path(r, &url) else { return };
    let heading = r
        .page
        .blocks()
        .find(|(_, b)| b.kind == BlockKind::Heading && b.level == Some(1) && b.region == Region::Main);
    let Some((n, block)) = heading else { return };
    let name = squeeze(r.page.block_text(block));
    let name = name
        .split(" – ")
        .next()
        .and_then(|n| n.split(" | ").next())
        .and_then(|n| n.split(": ").next())
        .unwrap_or(&name)
        .to_owned();
    if !is_name(r, &name) || r.site.is_own_name(r.know, &name) {
        return;
    }
    let spot = r.page.spot(range(block), Method::HeadingList);
    let told = spot.map(|s| mention(&name, is, Some(&url), s));
    r.push(told);
    let blocks = &r.page.content.blocks;
    let text = blocks
        .iter()
        .skip(n + 1)
        .take(4)
        .find(|b| b.kind == BlockKind::Paragraph && b.region == Region::Main && r.page.is_usable(b));
    if let Some(text) = text {
        let sentence = r.page.sentence(text.start as usize..text.start as usize + 1);
        if let Some(spot) = r.page.spot(sentence, Method::HeadingList).filter(|s| s.quote.len() <= 400) {
            let words = spot.quote.clone();
            r.found.push(mention(&name, is, Some(&url), spot).with("description", words).adding());
        }
    }
}

/// Plans of a pricing page: a card with a name and a price.
fn plans(r: &mut Reading<'_, '_>) {
    if !r.page.is_kind(&r.know.rules.pages.pricing) {
        return;
    }
    let cards: Vec<Vec<usize>> = r.page.cards().values().cloned().collect();
    let mut found = Vec::new();
    let mut seen = HashSet::new();
    for blocks in cards {
        let texts: Vec<_> = blocks.iter().filter_map(|n| r.page.content.blocks.get(*n)).collect();
        let prices: Vec<_> = texts.iter().flat_map(|b| crate::money::within(r, range(b))).collect();
        let named = texts.iter().find(|b| b.kind == BlockKind::Heading).or_else(|| texts.first());
        let Some(block) = named else { continue };
        let name = squeeze(r.page.block_text(block));
        let open = texts.iter().any(|b| is_open(r.page.block_text(b)));
        let plan_word =
            r.know.rules.product.plan_words.iter().any(|w| crate::fold::has_phrase(&fold(&name), &fold(w)));
        if !is_name(r, &name)
            || (prices.is_empty() && !(open && plan_word))
            || !crate::money::within(r, range(block)).is_empty()
        {
            continue;
        }
        let Some(first) = blocks.first().and_then(|n| r.page.content.blocks.get(*n)) else { continue };
        let end = prices.iter().map(|p| p.0.end).max().unwrap_or(range(block).end);
        let start = range(first).start.min(range(block).start);
        let quote = if end - start <= 300 { start..end.max(range(block).end) } else { range(block) };
        let Some(spot) = r.page.spot(quote, Method::Card) else { continue };
        let mut plan = mention(&name, "plan", r.page.document.url.as_deref(), spot);
        for (_, sum) in &prices {
            plan = plan.with("offers", offer(&name, sum));
        }
        if seen.insert(plan.key.clone()) {
            found.push(plan);
        }
    }
    r.found.extend(found);
}

fn offer(name: &str, sum: &crate::money::Sum) -> serde_json::Value {
    json!({
        "name": name,
        "amount": sum.amount.normalize().to_string(),
        "currency": sum.currency,
        "per": sum.per,
    })
}

/// Plans of a pricing table: the columns of its first row, the prices of a row below.
fn table(r: &mut Reading<'_, '_>) {
    if !r.page.is_kind(&r.know.rules.pages.pricing) {
        return;
    }
    let rows: Vec<_> = r.page.blocks().filter(|(_, b)| b.kind == BlockKind::TableRow).collect();
    let mut found = Vec::new();
    let mut head: Option<Vec<(std::ops::Range<usize>, String)>> = None;
    let mut last = None;
    for (n, block) in rows {
        let cells = cells(r.page.block_text(block), range(block).start);
        let prices: Vec<_> = cells.iter().map(|c| crate::money::within(r, c.0.clone())).collect();
        let priced = prices.iter().filter(|p| !p.is_empty()).count();
        if last != Some(n.wrapping_sub(1)) || head.is_none() {
            head = (priced == 0 && cells.len() >= 2).then_some(cells.clone());
        } else if let Some(columns) = head.as_ref().filter(|h| priced >= 2 && h.len() == cells.len()) {
            for ((_, name), (cell, sums)) in columns.iter().zip(cells.iter().zip(&prices)) {
                if sums.is_empty() || !is_name(r, name) {
                    continue;
                }
                let Some(spot) = r.page.spot(cell.0.clone(), Method::Table) else { continue };
                let mut plan = mention(name, "plan", r.page.document.url.as_deref(), spot);
                for (_, sum) in sums {
                    plan = plan.with("offers", offer(name, sum));
                }
                found.push(plan);
            }
        } else if let Some((first, rest)) = cells.split_first().filter(|_| priced == 1) {
            // `Starter | £49 per month`: a plan a row.
            let sums = rest.iter().flat_map(|c| crate::money::within(r, c.0.clone()));
            let sums: Vec<_> = sums.collect();
            let named = is_name(r, &first.1) && !sums.is_empty();
            if let Some(spot) = r.page.spot(range(block), Method::Table).filter(|_| named) {
                let mut plan = mention(&first.1, "plan", r.page.document.url.as_deref(), spot);
                for (_, sum) in &sums {
                    plan = plan.with("offers", offer(&first.1, sum));
                }
                found.push(plan);
            }
        }
        // `Estate | Price on request`, below rows with prices.
        let listed = last == Some(n.wrapping_sub(1)) && head.is_some() && priced == 0 && !found.is_empty();
        if let Some((_, name)) =
            cells.first().filter(|c| listed && is_name(r, &c.1) && cells.iter().any(|c| is_open(&c.1)))
            && let Some(spot) = r.page.spot(range(block), Method::Table)
        {
            found.push(mention(name, "plan", r.page.document.url.as_deref(), spot));
        }
        last = Some(n);
    }
    r.found.extend(found);
}

/// A price that is not told.
fn is_open(text: &str) -> bool {
    let low = lower(text);
    low.len() <= 60
        && [
            "free",
            "custom",
            "contact",
            "request",
            "auf anfrage",
            "kostenlos",
            "gratis",
            "gratuit",
            "sur devis",
            "consultar",
            "su richiesta",
            "op aanvraag",
        ]
        .iter()
        .any(|w| low.contains(w))
}

fn cells(text: &str, base: usize) -> Vec<(std::ops::Range<usize>, String)> {
    let mut out = Vec::new();
    let mut at = 0;
    for cell in text.split(" | ") {
        out.push((base + at..base + at + cell.len(), squeeze(cell)));
        at += cell.len() + 3;
    }
    out
}
