//! Person objects.

use serde_json::json;

use super::node::{Found, Node};
use super::parent;
use crate::mention::{Kind, Mention};
use crate::person::name::{canonical, key};
use crate::person::title::Role;
use crate::reading::Reading;
use crate::rules::Group;
use crate::scan::Scan;

pub(super) fn read(r: &mut Reading<'_, '_>, _n: usize, object: Found<'_>) {
    let node = object.node;
    let Some((property, name)) = name_of(node).filter(|(_, name)| is_name(r, name)) else { return };
    let title = node.text("jobTitle").or_else(|| node.text("roleName"));
    let second = title.as_deref().map(|t| ("jobTitle", t));
    let Some(spot) = r.quotes.pair(node, (property, &name), second) else { return };
    let employer = employer(r, object);
    let mut roles = title.as_deref().map(|t| roles(r, t)).unwrap_or_default();
    let mut groups: Vec<Group> = Vec::new();
    match object.via {
        Some("founder" | "founders") => groups.push(Group::Founder),
        Some("author" | "creator" | "editor" | "contributor") if holder_is_article(r, object) => {
            groups.push(Group::Author)
        }
        Some("author") => groups.push(Group::Testimonial),
        _ => {}
    }
    let founds =
        groups.contains(&Group::Founder) && !roles.iter().any(|role| role.group == Some(Group::Founder));
    if founds {
        roles.push(founder_role());
    }
    let elsewhere = employer.filter(|o| !r.site.is_own_name(r.know, o));
    for role in &mut roles {
        if role.organisation.is_none() {
            role.organisation.clone_from(&elsewhere);
        }
        if role.organisation.as_deref().is_some_and(|o| r.site.is_own_name(r.know, o)) {
            role.organisation = None;
        }
    }
    let mut mention = Mention::new(Kind::Person, key(&canonical(&name)), canonical(&name), spot)
        .with("name", canonical(&name));
    for role in &roles {
        mention = mention.with("roles", role.value());
    }
    let staff = groups.is_empty()
        && (!roles.is_empty() || matches!(object.via, Some("employee" | "employees" | "member")));
    if staff {
        let of_role = roles.iter().find_map(|role| role.group).unwrap_or(Group::Staff);
        groups.push(if elsewhere.is_some() { Group::External } else { of_role });
    }
    for group in groups {
        mention = mention.with("group", group.as_str());
    }
    r.found.push(mention);
    contact(r, object, &name);
}

/// A founder who is given by name only.
pub(super) fn founder(r: &mut Reading<'_, '_>, node: Node<'_>, property: &str, name: &str) {
    if !is_name(r, name) {
        return;
    }
    let Some(spot) = r.quotes.spot(node, property, name) else { return };
    let mention = Mention::new(Kind::Person, key(name), name, spot)
        .with("name", name)
        .with("roles", founder_role().value())
        .with("group", Group::Founder.as_str());
    r.found.push(mention);
}

fn founder_role() -> Role {
    Role {
        title: "Founder".into(),
        function: Some("founder".into()),
        seniority: "founder".into(),
        group: Some(Group::Founder),
        organisation: None,
        current: true,
        since: None,
        until: None,
    }
}

/// Structured names may be of any script; in Latin letters they look like names, not like users of a forum.
pub(super) fn is_name(r: &Reading<'_, '_>, name: &str) -> bool {
    let latin = name.chars().filter(|c| c.is_alphabetic()).all(|c| (c as u32) < 0x250);
    let letters = name.chars().filter(|c| c.is_alphabetic()).count();
    if !latin {
        return (2..=60).contains(&letters) && !name.chars().any(|c| c.is_ascii_digit() || c == '/');
    }
    r.know.names.whole(name, crate::person::name::Trust::Field).is_some() && !r.site.is_own_name(r.know, name)
}

fn name_of(node: Node<'_>) -> Option<(&'static str, String)> {
    if let Some(name) = node.text("name") {
        return Some(("name", name));
    }
    let (given, family) = (node.text("givenName")?, node.text("familyName")?);
    Some(("givenName", format!("{given} {family}")))
}

/// The roles of a job title; what no rule knows is still the title that the page gives.
fn roles(r: &Reading<'_, '_>, title: &str) -> Vec<Role> {
    let scan = Scan::new(&r.know.lexicon, title);
    let known = r.know.titles.parse(&r.know.rules, &scan, 0..title.len());
    if !known.is_empty() {
        return known;
    }
    vec![Role {
        title: title.to_owned(),
        function: crate::person::title::function_of(&r.know.rules, title),
        seniority: "staff".into(),
        group: None,
        organisation: None,
        current: true,
        since: None,
        until: None,
    }]
}

fn employer(r: &Reading<'_, '_>, object: Found<'_>) -> Option<String> {
    ["worksFor", "affiliation", "memberOf"]
        .iter()
        .find_map(|p| {
            r.graph.nodes(object.node, p).iter().find_map(|n| n.text("name")).or_else(|| object.node.text(p))
        })
        .or_else(|| {
            let holder = parent(r, object).filter(|p| p.node.is_organisation())?;
            matches!(object.via, Some("employee" | "employees" | "founder" | "founders" | "member"))
                .then(|| holder.node.text("name"))?
        })
}

fn holder_is_article(r: &Reading<'_, '_>, object: Found<'_>) -> bool {
    parent(r, object).is_none_or(|p| p.node.types().all(|t| t != "Review"))
}

/// Addresses and profiles of the person, on the person and as entities of their own.
fn contact(r: &mut Reading<'_, '_>, object: Found<'_>, name: &str) {
    let node = object.node;
    let mut facts: Vec<(&'static str, &'static str, String)> = Vec::new();
    facts.extend(node.texts("email").into_iter().map(|v| ("email", "email", v)));
    facts.extend(node.texts("telephone").into_iter().map(|v| ("telephone", "phone", v)));
    facts.extend(node.texts("sameAs").into_iter().map(|v| ("sameAs", "profiles", v)));
    for (property, fact, printed) in facts {
        let Some(spot) = r.quotes.spot(node, property, &printed) else { continue };
        let entity = match fact {
            "email" => crate::email::structured(r, &printed, spot.clone()),
            "phone" => crate::phone::structured(r, &printed, spot.clone()),
            _ => crate::profile::structured(r, &printed, Some("person"), spot.clone()),
        };
        let Some(entity) = entity else { continue };
        let value = entity.value.clone();
        r.found.push(entity.with("person", json!(canonical(name))));
        let link = Mention::new(Kind::Person, key(&canonical(name)), canonical(name), spot)
            .with(fact, value)
            .adding();
        r.found.push(link);
    }
}
