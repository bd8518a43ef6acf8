//! Addresses, telephone numbers, e-mail addresses, profiles and identifiers of structured objects.

use super::node::{Found, Node};
use super::parent;
use crate::mention::{Kind, Mention};
use crate::reading::Reading;

/// `PostalAddress`.
pub(super) fn address(r: &mut Reading<'_, '_>, object: Found<'_>) {
    let node = object.node;
    let holder = parent(r, object);
    if !is_ours(r, holder) {
        return;
    }
    let get = |p: &str| node.text(p);
    let country = get("addressCountry").and_then(|c| r.know.gazetteer.country(&c));
    let parts = crate::address::Parts {
        street: get("streetAddress"),
        locality: get("addressLocality"),
        region: get("addressRegion"),
        postal_code: get("postalCode"),
        country,
    };
    if parts.street.is_none() && parts.locality.is_none() && parts.postal_code.is_none() {
        return;
    }
    let first = [
        ("streetAddress", &parts.street),
        ("addressLocality", &parts.locality),
        ("postalCode", &parts.postal_code),
    ]
    .into_iter()
    .find_map(|(k, v)| v.as_deref().map(|v| (k, v)));
    let Some(first) = first else { return };
    let second = parts.postal_code.as_deref().or(parts.locality.as_deref());
    let second_key = if parts.postal_code.is_some() { "postalCode" } else { "addressLocality" };
    let Some(spot) = r.quotes.pair(node, first, second.map(|v| (second_key, v))) else { return };
    let is = match object.via {
        Some("location") => "office",
        _ if holder.is_some_and(|h| h.node.types().any(|t| t.ends_with("Store"))) => "store",
        _ => "headquarters",
    };
    let organisation = holder.is_some_and(|h| h.node.is_organisation());
    crate::address::emit(r, &parts, Some(is).filter(|_| organisation), spot);
}

/// What belongs to a job, a person, an event or a customer is no address of the company.
fn is_ours(r: &Reading<'_, '_>, holder: Option<Found<'_>>) -> bool {
    let Some(holder) = holder else { return true };
    if holder.node.is_organisation() {
        let name = holder.node.text("name");
        return name.is_none_or(|n| r.site.is_own_name(r.know, &n))
            || (holder.via.is_none() && r.site.is_own_node(holder.node));
    }
    if holder.node.is(&["Place"]) {
        return parent(r, holder).is_none_or(|p| p.node.is_organisation() && is_ours(r, Some(p)));
    }
    false
}

/// `ContactPoint`.
pub(super) fn point(r: &mut Reading<'_, '_>, object: Found<'_>) {
    if is_ours(r, parent(r, object)) {
        of_node(r, object.node, object.node.text("contactType").as_deref());
    }
}

/// What stands on the organisation itself.
pub(super) fn of_organisation(r: &mut Reading<'_, '_>, object: Found<'_>) {
    of_node(r, object.node, None);
    for link in object.node.texts("sameAs") {
        if let Some(spot) = r.quotes.spot(object.node, "sameAs", &link) {
            let mention = crate::profile::structured(r, &link, Some("self"), spot);
            r.push(mention);
        }
    }
}

fn of_node(r: &mut Reading<'_, '_>, node: Node<'_>, label: Option<&str>) {
    for printed in node.texts("telephone") {
        if let Some(spot) = r.quotes.spot(node, "telephone", &printed) {
            let mention = crate::phone::structured(r, &printed, spot).map(|m| m.maybe("label", label));
            r.push(mention);
        }
    }
    for printed in node.texts("faxNumber") {
        if let Some(spot) = r.quotes.spot(node, "faxNumber", &printed) {
            let mention = crate::phone::structured(r, &printed, spot).map(|mut m| {
                m.facts.retain(|f| f.name != "type");
                m.with("type", "fax")
            });
            r.push(mention);
        }
    }
    for printed in node.texts("email") {
        if let Some(spot) = r.quotes.spot(node, "email", &printed) {
            let mention = crate::email::structured(r, &printed, spot);
            r.push(mention);
        }
    }
}

/// `vatID`, `leiCode`, `duns`, … of the organisation.
pub(super) fn identifiers(r: &mut Reading<'_, '_>, object: Found<'_>) {
    for (property, scheme) in [
        ("vatID", "vat"),
        ("leiCode", "lei"),
        ("duns", "duns"),
        ("taxID", "tax"),
        ("siren", "fr_siren"),
        ("siret", "fr_siret"),
    ] {
        for printed in object.node.texts(property) {
            let Some(spot) = r.quotes.spot(object.node, property, &printed) else { continue };
            let country = r.page.country.or(r.site.country);
            let Some(read) = crate::identifier::structured(scheme, &printed, country) else { continue };
            let mention = Mention::new(Kind::Identifier, read.key(), read.value.clone(), spot.clone())
                .with("scheme", read.scheme)
                .with("value", read.value.clone())
                .maybe("valid", read.valid);
            r.found.push(mention);
            let fact = crate::organisation::own_fact(r, spot).with("identifier", read.key());
            r.found.push(fact);
        }
    }
}
