//! Job postings, events, articles.

use super::dated;
use super::node::Found;
use crate::fold::squeeze;
use crate::mention::{Kind, Mention};
use crate::reading::Reading;

pub(super) fn job(r: &mut Reading<'_, '_>, object: Found<'_>) {
    let node = object.node;
    let Some(title) = node.text("title").or_else(|| node.text("name")) else { return };
    let hiring = node.text("hiringOrganization");
    if hiring.is_some_and(|h| !r.site.is_own_name(r.know, &h)) && !r.site.is_own(r.page.document) {
        return;
    }
    let Some(spot) = r.quotes.spot(node, "title", &title) else { return };
    let location = location(r, object);
    let url = node.text("url").or_else(|| r.page.document.url.clone());
    let mention = crate::jobs::mention(&title, location.as_deref(), url.as_deref(), spot)
        .maybe("department", node.text("occupationalCategory").or_else(|| node.text("industry")))
        .maybe("posted", node.text("datePosted"));
    r.found.push(mention);
    salary(r, object);
}

fn location(r: &Reading<'_, '_>, object: Found<'_>) -> Option<String> {
    let place = r.graph.nodes(object.node, "jobLocation").into_iter().next();
    let address = place.and_then(|p| r.graph.nodes(p, "address").into_iter().next());
    let from = |n: Option<super::node::Node<'_>>| {
        n.and_then(|n| n.text("addressLocality").or_else(|| n.text("name")))
    };
    from(address).or_else(|| from(place)).or_else(|| {
        object
            .node
            .text("jobLocationType")
            .filter(|t| t.eq_ignore_ascii_case("TELECOMMUTE"))
            .map(|_| "remote".into())
    })
}

fn salary(r: &mut Reading<'_, '_>, object: Found<'_>) {
    for pay in r.graph.nodes(object.node, "baseSalary") {
        let Some(currency) = pay.text("currency") else { continue };
        let inner = r.graph.nodes(pay, "value").into_iter().next().unwrap_or(pay);
        let get = |p: &str| inner.text(p).and_then(|v| crate::number::plain(&v));
        let (min, max) = (get("minValue").or_else(|| get("value")), get("maxValue"));
        let Some(amount) = min else { continue };
        let printed = inner.text("minValue").or_else(|| inner.text("value")).unwrap_or_default();
        let Some(spot) = r.quotes.spot(object.node, "minValue", &printed) else { continue };
        let per = inner.text("unitText").map(|u| u.to_lowercase());
        let sum = crate::money::Sum {
            amount,
            min: max.map(|_| amount),
            max,
            currency: Some(currency.to_uppercase()),
            symbol: None,
            per,
        };
        r.found.push(sum.mention("salary", None, spot));
    }
}

pub(super) fn event(r: &mut Reading<'_, '_>, object: Found<'_>) {
    dated(r, object, "startDate", "event");
}

/// An article's date; its author is read as a person.
pub(super) fn article(r: &mut Reading<'_, '_>, object: Found<'_>) {
    dated(r, object, "datePublished", "published");
    if !r.site.people {
        return;
    }
    // An author given by name only.
    if let Some(serde_json::Value::String(name)) = object.node.get("author") {
        let name = squeeze(name);
        let known = super::person::is_name(r, &name);
        if let Some(spot) = r.quotes.spot(object.node, "author", &name).filter(|_| known) {
            let mention = Mention::new(Kind::Person, crate::person::name::key(&name), name.clone(), spot)
                .with("name", name)
                .with("group", "author");
            r.found.push(mention);
        }
    }
}
