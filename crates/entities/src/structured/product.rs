//! Products, services, applications and what they are offered for.

use serde_json::{Map, Value, json};

use super::node::{Found, Node};
use crate::mention::Mention;
use crate::reading::Reading;

pub(super) fn read(r: &mut Reading<'_, '_>, object: Found<'_>) {
    let node = object.node;
    let Some(name) = node.text("name").filter(|n| n.len() <= 160) else { return };
    if r.site.is_own_name(r.know, &name) && !node.is(&["Product"]) && node.get("offers").is_none() {
        return;
    }
    let Some(spot) = r.quotes.spot(node, "name", &name) else { return };
    let is = if node.is(&["Service"]) { "service" } else { "product" };
    let url = node.text("url").or_else(|| r.page.document.url.clone());
    let mut mention = crate::product::mention(&name, is, url.as_deref(), spot);
    let offers = offers(r, node);
    for (offer, _) in &offers {
        mention = mention.with("offers", offer.clone());
    }
    r.found.push(mention);
    if let Some(text) = node.text("description").filter(|d| d.len() <= 600)
        && let Some(spot) = r.quotes.spot(node, "description", &text)
    {
        let mention = crate::product::mention(&name, is, None, spot).with("description", text).adding();
        r.found.push(mention);
    }
    r.found.extend(offers.into_iter().filter_map(|(_, price)| price));
}

/// Every offer as a value, and its price as a sum of its own.
fn offers(r: &Reading<'_, '_>, node: Node<'_>) -> Vec<(Value, Option<Mention>)> {
    r.graph
        .nodes(node, "offers")
        .into_iter()
        .flat_map(|o| {
            let inner = r.graph.nodes(o, "offers");
            if inner.is_empty() { vec![o] } else { inner }
        })
        .filter_map(|offer| {
            let spec = r.graph.nodes(offer, "priceSpecification").into_iter().next();
            let get = |p: &str| offer.text(p).or_else(|| spec.and_then(|s| s.text(p)));
            let printed = get("price").or_else(|| get("lowPrice"))?;
            let amount = crate::number::plain(&printed)?;
            let currency = get("priceCurrency").map(|c| c.to_uppercase()).filter(|c| c.len() == 3);
            let max = get("highPrice").and_then(|p| crate::number::plain(&p));
            let per = get("unitText").or_else(|| get("billingDuration")).map(|u| period(&u));
            let mut value = Map::new();
            value.insert("name".into(), json!(offer.text("name")));
            value.insert("amount".into(), json!(amount.normalize().to_string()));
            value.insert("currency".into(), json!(currency));
            value.insert("per".into(), json!(per));
            let sum =
                crate::money::Sum { amount, min: max.map(|_| amount), max, currency, symbol: None, per };
            let spot = r.quotes.pair(offer, ("price", &printed), None);
            Some((Value::Object(value), spot.map(|s| sum.mention("price", None, s))))
        })
        .collect()
}

/// `MON`, `P1M`, `Month` → `month`.
fn period(unit: &str) -> String {
    match unit.to_ascii_lowercase().as_str() {
        "mon" | "p1m" | "month" | "monthly" => "month".into(),
        "ann" | "p1y" | "year" | "yearly" | "annual" => "year".into(),
        "wee" | "p1w" | "week" => "week".into(),
        "day" | "p1d" => "day".into(),
        "hur" | "hour" => "hour".into(),
        other => other.to_owned(),
    }
}
