//! From mentions to entities. Facts are only ever added; every join names its rule; what cannot be joined for sure
//! says whom it may be the same as.

mod confidence;
mod entity;
mod organisation;
mod person;
mod product;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use domain::{DocumentId, Entity, SubjectId};

use crate::knowledge::Knowledge;
use crate::mention::{Kind, Mention};
use crate::site::Site;
use crate::stop::Stop;

/// Mentions that are one thing.
#[derive(Debug, Clone)]
pub(crate) struct Group {
    pub(crate) kind: Kind,
    pub(crate) key: String,
    pub(crate) mentions: Vec<Mention>,
    /// The rules that joined them, in order.
    pub(crate) rules: Vec<&'static str>,
    /// Keys of groups of the same kind that it may be the same as.
    pub(crate) maybe: Vec<String>,
}

/// A group says of so many others that it may be the same: among more there is nothing to choose.
const MOST_MAYBE: usize = 20;

impl Group {
    const fn new(kind: Kind) -> Self {
        Self { kind, key: String::new(), mentions: Vec::new(), rules: Vec::new(), maybe: Vec::new() }
    }

    fn absorb(&mut self, other: Self, rule: &'static str) {
        self.mentions.extend(other.mentions);
        for rule in other.rules.into_iter().chain([rule]) {
            if !self.rules.contains(&rule) {
                self.rules.push(rule);
            }
        }
        for key in other.maybe {
            self.may_be(key);
        }
    }

    /// Notes that it may be the same as another.
    fn may_be(&mut self, key: String) {
        if self.maybe.len() < MOST_MAYBE && !self.maybe.contains(&key) {
            self.maybe.push(key);
        }
    }

    /// All values of an attribute.
    pub(crate) fn values(&self, name: &str) -> impl Iterator<Item = &serde_json::Value> {
        self.mentions
            .iter()
            .flat_map(move |m| m.facts.iter().filter(move |f| f.name == name).map(|f| &f.value))
    }

    /// Whether a value of an attribute is this text.
    pub(crate) fn says(&self, name: &str, value: &str) -> bool {
        self.values(name).any(|v| v.as_str() == Some(value))
    }
}

/// The rule by which equal keys of a kind are one.
const fn rule(kind: Kind) -> &'static str {
    match kind {
        Kind::Person => "person.name",
        Kind::Organisation => "organisation.name",
        Kind::Location => "location.place",
        Kind::Address => "address.code_number_street",
        Kind::Product => "product.name_type",
        Kind::Money => "money.amount_currency_role",
        Kind::Date => "date.value_role",
        Kind::Email => "email.address",
        Kind::Phone => "phone.e164",
        Kind::Profile => "profile.handle",
        Kind::Technology => "technology.id",
        Kind::Identifier => "identifier.scheme_value",
        Kind::Credential => "credential.name",
        Kind::JobOpening => "job_opening.title_location",
        Kind::Metric => "metric.name_value",
    }
}

/// What the merge needs besides the mentions.
pub(crate) struct Frame<'a> {
    pub(crate) know: &'a Knowledge,
    pub(crate) site: &'a Site,
    pub(crate) subject: SubjectId,
    /// The documents by their place in the input.
    pub(crate) documents: &'a [DocumentId],
    pub(crate) stop: Stop<'a>,
}

/// All entities, by kind and key.
pub(crate) fn merge(frame: &Frame<'_>, mentions: Vec<Mention>) -> Vec<Entity> {
    let mut groups: BTreeMap<(Kind, String), Group> = BTreeMap::new();
    for mention in mentions {
        if frame.stop.is_asked() {
            break;
        }
        if mention.key.is_empty() {
            continue;
        }
        let group = groups
            .entry((mention.kind, mention.key.clone()))
            .or_insert_with(|| Group { key: mention.key.clone(), ..Group::new(mention.kind) });
        if !group.mentions.is_empty() && group.rules.is_empty() {
            group.rules.push(rule(mention.kind));
        }
        group.mentions.push(mention);
    }
    let mut people = Vec::new();
    let mut organisations = Vec::new();
    let mut products = Vec::new();
    let mut rest = Vec::new();
    for group in groups.into_values() {
        match group.kind {
            Kind::Person => people.push(group),
            Kind::Organisation => organisations.push(group),
            Kind::Product => products.push(group),
            _ => rest.push(group),
        }
    }
    rest.extend(person::merge(frame, people));
    rest.extend(organisation::merge(frame, organisations));
    rest.extend(product::merge(products));
    // What only adds to a thing that nothing names is no thing of its own; the company itself may go unnamed.
    rest.retain(|g| {
        g.mentions.iter().any(|m| !m.adds) || (g.kind == Kind::Organisation && g.says("relationship", "self"))
    });
    let built = rest.iter().take_while(|_| !frame.stop.is_asked()).map(|group| entity::build(frame, group));
    let mut out: Vec<Entity> = built.collect();
    confidence::rivals(&mut out);
    out.sort_by(|a, b| a.kind.cmp(&b.kind).then_with(|| a.key.cmp(&b.key)));
    out
}
