//! People and their roles: from cards, table rows, headings, clauses, imprint labels and bylines.
//!
//! A role binds inside one card, one row, one object or one clause; never to the nearest title in a window.

mod byline;
mod card;
mod clause;
mod founding;
mod label;
pub(crate) mod name;
mod phrase;
mod section;
pub(crate) mod title;

use std::collections::HashSet;
use std::ops::Range;

use crate::mention::{Kind, Mention, Method, Spot};
use crate::reading::Reading;
use crate::rules::Group;
use name::{canonical, is_other, key};
use title::Role;

/// Reads people. Without leave to extract people only learns whose card is whose, so that what is theirs is left out.
pub(crate) fn read(r: &mut Reading<'_, '_>) {
    let people = card::read(r);
    if !r.site.people {
        return;
    }
    let mut done: HashSet<usize> = people.iter().flat_map(|p| p.blocks.iter().copied()).collect();
    for person in people {
        emit(r, &person);
    }
    for person in label::read(r) {
        done.extend(person.blocks.iter().copied());
        emit(r, &person);
    }
    for person in clause::read(r, &done) {
        emit(r, &person);
    }
    for person in founding::read(r) {
        emit(r, &person);
    }
    byline::read(r);
}

/// Somebody named at one place.
#[derive(Debug)]
struct Seen {
    name: String,
    roles: Vec<Role>,
    groups: Vec<Group>,
    spot: Option<Spot>,
    /// The blocks (places in the content) that were used up.
    blocks: Vec<usize>,
    /// Where the organisation of a role stands.
    organisation: Option<Range<usize>>,
    /// Of a member of a board: the company that the person comes from.
    affiliation: Option<String>,
    /// An article names the role without a company and without a word of this one: it may be anybody's.
    unplaced: bool,
}

/// Whether a name-shaped text names a person and nothing else the site knows of.
fn is_person(r: &Reading<'_, '_>, name: &str) -> bool {
    !is_other(name, &r.know.gazetteer, r.know.forms) && !r.site.is_own_name(r.know, name)
}

fn emit(r: &mut Reading<'_, '_>, seen: &Seen) {
    let Some(spot) = seen.spot.clone() else { return };
    let mention = mention(r, seen, spot);
    r.found.push(mention);
    for role in &seen.roles {
        employer(r, seen, role);
    }
    if let (Some(name), Some(spot)) = (seen.affiliation.as_deref(), seen.spot.clone())
        && !r.site.is_own_name(r.know, name)
    {
        let mention = crate::organisation::mention(r, name, "other", "inferred", spot);
        r.push(mention);
    }
}

/// The mention of a person; roles at the site's own company carry no organisation.
fn mention(r: &Reading<'_, '_>, seen: &Seen, spot: Spot) -> Mention {
    let name = canonical(&seen.name);
    let mut mention = Mention::new(Kind::Person, key(&name), name.clone(), spot).with("name", name);
    for role in &seen.roles {
        mention = mention.with("roles", own(r, role).value());
    }
    for group in groups(r, seen) {
        mention = mention.with("group", group.as_str());
    }
    mention
}

fn own(r: &Reading<'_, '_>, role: &Role) -> Role {
    let mut role = role.clone();
    if role.organisation.as_deref().is_some_and(|o| r.site.is_own_name(r.know, o)) {
        role.organisation = None;
    }
    role
}

/// What the person is to the company, the most telling first.
fn groups(r: &Reading<'_, '_>, seen: &Seen) -> Vec<Group> {
    let mut groups = seen.groups.clone();
    let fixed = groups.iter().any(|g| matches!(g, Group::Testimonial | Group::External | Group::Author));
    if !fixed && !seen.unplaced {
        for role in seen.roles.iter().map(|role| own(r, role)).filter(|role| role.current) {
            groups.push(match (&role.organisation, role.group) {
                // Members of a board come from companies of their own.
                (Some(_), _) if groups.iter().any(|g| matches!(g, Group::Board | Group::Advisor)) => {
                    Group::Board
                }
                (Some(_), _) => Group::External,
                (None, Some(group)) => group,
                (None, None) => Group::Staff,
            });
        }
    }
    groups.sort_unstable();
    groups.dedup();
    let specific = groups.iter().any(|g| *g < Group::Staff);
    groups.retain(|g| !(specific && *g == Group::Staff));
    groups
}

/// The company of a past role was an employer; the company of somebody who praises the product is a customer.
fn employer(r: &mut Reading<'_, '_>, seen: &Seen, role: &Role) {
    let Some(name) = role.organisation.as_deref().filter(|o| !r.site.is_own_name(r.know, o)) else { return };
    let (relationship, basis) = if !role.current {
        ("past_employer", "explicit")
    } else if seen.groups.contains(&Group::Testimonial) {
        ("customer", "inferred")
    } else {
        ("other", "inferred")
    };
    let method = seen.spot.as_ref().map_or(Method::Clause, |s| s.method);
    let spot = seen
        .organisation
        .clone()
        .and_then(|at| r.page.spot(at, method))
        .or_else(|| seen.spot.clone().filter(|s| s.quote.contains(name)));
    if let Some(spot) = spot {
        let mention = crate::organisation::mention(r, name, relationship, basis, spot);
        r.push(mention);
    }
}
