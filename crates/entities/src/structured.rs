//! What a page says in structured form: schema.org objects, however they are written down.

mod contact;
pub(crate) mod node;
mod organisation;
mod person;
mod product;
pub(crate) mod quotes;
mod work;

use crate::mention::{Kind, Mention};
use crate::reading::Reading;
use node::Found;

/// Reads all objects. Those of hosts that are not the site's say nothing about it, so only neutral ones are read there.
pub(crate) fn read(r: &mut Reading<'_, '_>) {
    let found = r.graph.found.clone();
    for (n, object) in found.iter().enumerate() {
        if r.page.is_stopped() {
            return;
        }
        if object.node.is_organisation() {
            organisation::read(r, *object);
        }
        if object.node.is(&["Person"]) && r.site.people {
            person::read(r, n, *object);
        }
        if object.node.is(&["PostalAddress"]) {
            contact::address(r, *object);
        }
        if object.node.is(&["ContactPoint"]) {
            contact::point(r, *object);
        }
        if object.node.is(&["JobPosting"]) {
            work::job(r, *object);
        }
        if object.node.types().any(|t| t == "Event" || t.ends_with("Event")) {
            work::event(r, *object);
        }
        if object.node.types().any(|t| t.ends_with("Article") || t == "BlogPosting") {
            work::article(r, *object);
        }
        if object.node.is(&[
            "Product",
            "Service",
            "SoftwareApplication",
            "WebApplication",
            "MobileApplication",
            "ProductGroup",
            "IndividualProduct",
            "FinancialProduct",
        ]) {
            product::read(r, *object);
        }
    }
}

/// The object that holds another, if it is given.
fn parent<'a>(r: &Reading<'_, 'a>, object: Found<'a>) -> Option<Found<'a>> {
    r.graph.found.get(object.parent?).copied()
}

/// A date attribute as a mention: founding, publication, event.
fn dated(r: &mut Reading<'_, '_>, object: Found<'_>, property: &str, role: &'static str) -> Option<String> {
    let printed = object.node.text(property)?;
    let read = crate::date::iso(&printed)?;
    let spot = r.quotes.spot(object.node, property, &printed)?;
    let mention = Mention::new(Kind::Date, crate::date::key(&read.value, role), read.value.clone(), spot)
        .with("value", read.value.clone())
        .with("precision", read.precision)
        .with("role", role);
    r.found.push(mention);
    Some(read.value)
}
