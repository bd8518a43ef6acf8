//! Organisation objects: the company itself and those it stands in relation to.

use super::node::{Found, Node};
use super::{contact, dated, parent};
use crate::mention::{Kind, Mention};
use crate::organisation::{is_name, mention};
use crate::reading::Reading;

/// What the property says that holds an organisation.
fn relationship(via: &str) -> Option<&'static str> {
    Some(match via {
        "parentOrganization" => "parent",
        "subOrganization" | "department" => "subsidiary",
        "funder" | "sponsor" | "investor" => "investor",
        "memberOf" | "member" | "affiliation" => "other",
        "customer" => "customer",
        "supplier" | "vendor" => "supplier",
        "recognizedBy" | "issuedBy" => "certifier",
        _ => return None,
    })
}

pub(super) fn read(r: &mut Reading<'_, '_>, object: Found<'_>) {
    let node = object.node;
    let Some(name) = node.text("name").or_else(|| node.text("legalName")) else { return };
    if is_own(r, object, &name) {
        own(r, object, &name);
        return;
    }
    let of_own = parent(r, object).is_none_or(|p| {
        p.node.is_organisation() && p.node.text("name").is_some_and(|n| r.site.is_own_name(r.know, &n))
    });
    let Some(relationship) = object.via.and_then(relationship).filter(|_| of_own) else { return };
    let spot = r.quotes.spot(node, "name", &name);
    let mention = spot.and_then(|s| mention(r, &name, relationship, "explicit", s));
    let mention = mention.map(|m| m.maybe("domain", domain(node)));
    r.push(mention);
}

/// Whether the object stands for the company: by name wherever it is, by address at the top of an own page.
fn is_own(r: &Reading<'_, '_>, object: Found<'_>, name: &str) -> bool {
    if r.site.is_own_name(r.know, name) {
        return true;
    }
    let top = matches!(object.via, None | Some("mainEntity" | "about"));
    let addressed = !object.node.texts("url").is_empty();
    top && addressed && r.site.is_own(r.page.document) && r.site.is_own_node(object.node)
}

fn own(r: &mut Reading<'_, '_>, object: Found<'_>, name: &str) {
    let node = object.node;
    let Some(spot) = r.quotes.spot(node, "name", name).or_else(|| r.quotes.spot(node, "legalName", name))
    else {
        return;
    };
    if !is_name(r.know, name) {
        return;
    }
    let mention = Mention::new(Kind::Organisation, r.site.self_key(), name, spot)
        .with("name", name)
        .with("relationship", "self")
        .with("basis", "explicit")
        .maybe("domain", r.site.domain.as_deref());
    r.found.push(mention);
    facts(r, object);
    if let Some(founded) = dated(r, object, "foundingDate", "founded")
        && let Some(spot) = node.text("foundingDate").and_then(|f| r.quotes.spot(node, "foundingDate", &f))
    {
        let mention = crate::organisation::own_fact(r, spot).with("founded", founded);
        r.found.push(mention);
    }
    contact::of_organisation(r, object);
    contact::identifiers(r, object);
    headcount(r, node);
    founders(r, object);
}

fn facts(r: &mut Reading<'_, '_>, object: Found<'_>) {
    for (property, fact) in [
        ("legalName", "legal_name"),
        ("description", "description"),
        ("slogan", "slogan"),
        ("industry", "industry"),
        ("alternateName", "name"),
    ] {
        for text in object.node.texts(property) {
            if property == "description" && !r.site.people && r.names_somebody(&text) {
                continue;
            }
            if let Some(spot) = r.quotes.spot(object.node, property, &text) {
                let mention = crate::organisation::own_fact(r, spot).with(fact, text);
                r.found.push(mention);
            }
        }
    }
}

fn headcount(r: &mut Reading<'_, '_>, node: Node<'_>) {
    let direct = node
        .text("numberOfEmployees")
        .filter(|t| t.parse::<u64>().is_ok())
        .map(|t| (node, "numberOfEmployees", t));
    let value = direct.or_else(|| {
        let inner = r.graph.nodes(node, "numberOfEmployees").into_iter().next()?;
        inner.text("value").filter(|t| t.parse::<u64>().is_ok()).map(|t| (inner, "value", t))
    });
    let Some((holder, property, number)) = value else { return };
    if let Some(spot) = r.quotes.spot(holder, property, &number) {
        r.found.push(crate::metric::mention("employees", &number, "people", None, false, spot));
    }
}

/// Founders given as bare names.
fn founders(r: &mut Reading<'_, '_>, object: Found<'_>) {
    if !r.site.people {
        return;
    }
    for property in ["founder", "founders"] {
        let bare = match object.node.get(property) {
            Some(serde_json::Value::String(s)) => vec![s.clone()],
            Some(serde_json::Value::Array(list)) => {
                list.iter().filter_map(|v| v.as_str().map(str::to_owned)).collect()
            }
            _ => Vec::new(),
        };
        for name in bare {
            super::person::founder(r, object.node, property, &crate::fold::squeeze(&name));
        }
    }
}

/// The registrable domain of the object's address.
fn domain(node: Node<'_>) -> Option<String> {
    node.texts("url").iter().find_map(|u| crate::web::registrable(url::Url::parse(u).ok()?.host_str()?))
}
