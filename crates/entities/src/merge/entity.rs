//! One entity out of its mentions: evidence counted once, values with what carries them, conflicts named.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use domain::entity::Attribute;
use domain::{Entity, EntityId, Evidence, QuoteVerdict};
use serde_json::Value;

use super::{Frame, Group, confidence};
use crate::fold::fold;
use crate::mention::{Kind, Mention, Method, Spot};

/// Attributes that can only have one value.
const SINGLE: [(Kind, &str); 4] = [
    (Kind::Organisation, "founded"),
    (Kind::Organisation, "headquarters"),
    (Kind::Organisation, "legal_name"),
    (Kind::Identifier, "valid"),
];

/// The evidence of a group, and where each spot went.
struct Kept<'m> {
    spots: Vec<&'m Spot>,
    place: HashMap<(Method, u64), u32>,
}

pub(super) fn build(frame: &Frame<'_>, group: &Group) -> Entity {
    let kept = keep(frame, group);
    let id = EntityId::stable(frame.subject, group.kind.as_str(), &group.key);
    let (attributes, conflicts) = attributes(frame, group, &kept);
    let documents: BTreeSet<u32> = group.mentions.iter().map(|m| m.source).collect();
    let all = group.mentions.iter().filter_map(|m| m.spot.as_ref());
    let headers_only = group.mentions.iter().all(|m| m.spot.is_none());
    let confidence = if headers_only {
        frame.know.rules.precision(Method::Pattern)
    } else {
        confidence::noisy_or(&frame.know.rules, all)
    };
    Entity {
        id,
        kind: group.kind.as_str().to_owned(),
        key: group.key.clone(),
        value: value(frame, group),
        attributes,
        variants: variants(group),
        mentions: u32::try_from(places(group)).unwrap_or(u32::MAX),
        documents: u32::try_from(documents.len()).unwrap_or(u32::MAX),
        confidence,
        evidence: kept.spots.iter().map(|s| evidence(frame, s)).collect(),
        merged_by: group.rules.iter().map(|r| (*r).to_owned()).collect(),
        maybe_same_as: group
            .maybe
            .iter()
            .map(|key| EntityId::stable(frame.subject, group.kind.as_str(), key))
            .collect(),
        conflicts,
    }
}

fn evidence(frame: &Frame<'_>, spot: &Spot) -> Evidence {
    let document = frame.documents.get(spot.source as usize).copied();
    Evidence {
        document: document.unwrap_or_else(|| domain::DocumentId::from_uuid(frame.subject.uuid())),
        layer: spot.layer,
        start: spot.start,
        end: spot.end,
        quote: spot.quote.clone(),
        verdict: QuoteVerdict::Verified,
        method: spot.method.as_str().to_owned(),
        page: spot.page,
    }
}

/// How many places name it; places that only add a fact do not count.
fn places(group: &Group) -> usize {
    let mut seen = BTreeSet::new();
    for mention in group.mentions.iter().filter(|m| !m.adds) {
        seen.insert((mention.source, mention.spot.as_ref().map(|s| (s.layer.as_str(), s.start))));
    }
    seen.len()
}

/// One spot for each method and print, the surest methods first, up to the limit; every fact keeps at least one.
fn keep<'m>(frame: &Frame<'_>, group: &'m Group) -> Kept<'m> {
    let rules = &frame.know.rules;
    let mut first: Vec<&'m Spot> = Vec::new();
    let mut seen = HashMap::new();
    for spot in group.mentions.iter().filter_map(|m| m.spot.as_ref()) {
        seen.entry((spot.method, spot.print)).or_insert_with(|| {
            first.push(spot);
            0u32
        });
    }
    // Spots that carry a value nothing else carries come first.
    let mut carried: HashSet<(&str, &Value)> = HashSet::new();
    let mut needed = BTreeSet::new();
    for mention in &group.mentions {
        let Some(spot) = mention.spot.as_ref() else { continue };
        for fact in &mention.facts {
            if carried.insert((fact.name, &fact.value)) {
                needed.insert((spot.method, spot.print));
            }
        }
    }
    let mut order: Vec<usize> = (0..first.len()).collect();
    let rank = |n: &usize| {
        first.get(*n).map_or((1, 0), |s| {
            let precision = (rules.precision(s.method) * 1000.0) as i64;
            (i64::from(!needed.contains(&(s.method, s.print))), -precision)
        })
    };
    order.sort_by_key(rank);
    order.truncate(rules.limits.evidence.max(1));
    order.sort_unstable();
    let spots: Vec<&'m Spot> = order.iter().filter_map(|n| first.get(*n).copied()).collect();
    let place = (0u32..).zip(&spots).map(|(n, s)| ((s.method, s.print), n)).collect();
    Kept { spots, place }
}

/// Every value of every attribute with the evidence that carries it; single-valued ones with several are conflicts.
fn attributes(
    frame: &Frame<'_>,
    group: &Group,
    kept: &Kept<'_>,
) -> (BTreeMap<String, Vec<Attribute>>, Vec<String>) {
    let mut values: BTreeMap<&str, Vec<(&Value, Vec<&Mention>)>> = BTreeMap::new();
    let mut places: HashMap<(&str, &Value), usize> = HashMap::new();
    for mention in &group.mentions {
        for fact in &mention.facts {
            let list = values.entry(fact.name).or_default();
            let place = *places.entry((fact.name, &fact.value)).or_insert(list.len());
            match list.get_mut(place) {
                Some((_, by)) => by.push(mention),
                None => list.push((&fact.value, vec![mention])),
            }
        }
    }
    let mut out = BTreeMap::new();
    let mut conflicts = Vec::new();
    for (name, list) in values {
        let mut built: Vec<Attribute> = list.iter().map(|(v, by)| attribute(frame, v, by, kept)).collect();
        if SINGLE.contains(&(group.kind, name)) && differ(name, &built) {
            let mut shares: Vec<f64> = built.iter().map(|a| a.confidence).collect();
            confidence::share(&mut shares);
            for (attribute, share) in built.iter_mut().zip(shares) {
                attribute.confidence = share;
            }
            conflicts.push(name.to_owned());
        }
        order(name, &mut built);
        out.insert(name.to_owned(), built);
    }
    (out, conflicts)
}

fn attribute(frame: &Frame<'_>, value: &Value, by: &[&Mention], kept: &Kept<'_>) -> Attribute {
    let spots = || by.iter().filter_map(|m| m.spot.as_ref());
    let evidence: BTreeSet<u32> =
        spots().filter_map(|s| kept.place.get(&(s.method, s.print)).copied()).collect();
    let confidence = if spots().next().is_none() {
        frame.know.rules.precision(Method::Pattern)
    } else {
        confidence::noisy_or(&frame.know.rules, spots())
    };
    Attribute { value: value.clone(), confidence, evidence: evidence.into_iter().collect() }
}

/// The value to trust first comes first: groups and owners by rank, all else by confidence, ties as seen.
fn order(name: &str, list: &mut [Attribute]) {
    const GROUPS: [&str; 8] =
        ["founder", "executive", "board", "advisor", "staff", "author", "external", "testimonial"];
    const RELATIONS: [&str; 5] = ["self", "parent", "acquirer", "subsidiary", "acquired"];
    const BASES: [&str; 6] = ["explicit", "section", "inferred", "observed", "stated", "implied"];
    const TYPES: [&str; 6] = ["headquarters", "registered", "office", "store", "market", "mention"];
    const OWNERS: [&str; 3] = ["self", "person", "other"];
    let ranks: &[&str] = match name {
        "group" => &GROUPS,
        "relationship" => &RELATIONS,
        "basis" => &BASES,
        "owner" => &OWNERS,
        "type" => &TYPES,
        _ => &[],
    };
    let rank = |a: &Attribute| {
        a.value.as_str().and_then(|v| ranks.iter().position(|r| *r == v)).unwrap_or(ranks.len())
    };
    list.sort_by(|a, b| rank(a).cmp(&rank(b)).then(b.confidence.total_cmp(&a.confidence)));
}

fn differ(name: &str, list: &[Attribute]) -> bool {
    let text = |a: &Attribute| a.value.as_str().map_or_else(|| a.value.to_string(), str::to_owned);
    if name == "legal_name" {
        let forms = crate::legal::Forms::shared();
        let names: Vec<_> = list.iter().map(|a| forms.split(&text(a))).collect();
        let cores: HashSet<&str> = names.iter().map(|name| name.core.as_str()).collect();
        let said: HashSet<&str> = names.iter().filter_map(|name| name.form).collect();
        return cores.len() > 1 || said.len() > 1;
    }
    // The most exact value says all that the others say, unless they differ.
    let folded: HashSet<String> = list.iter().map(|a| fold(&text(a))).collect();
    let Some(exact) = folded.iter().max_by_key(|value| value.len()) else { return false };
    !folded.iter().all(|value| is_less_exact(value, exact) || value == exact)
}

/// Whether a folded value says the same as another, less exactly: `2014` and `2014 03`, `leeds` and `leeds united kingdom`.
fn is_less_exact(value: &str, than: &str) -> bool {
    than.strip_prefix(value).is_some_and(|rest| rest.starts_with(' '))
}

/// The spelling to show: the most frequent; among equals the fuller name of a person, the shorter one of a company.
fn value(frame: &Frame<'_>, group: &Group) -> String {
    if group.kind == Kind::Organisation
        && group.says("relationship", "self")
        && !frame.site.self_name().is_empty()
    {
        return frame.site.self_name().to_owned();
    }
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for mention in group.mentions.iter().filter(|m| !m.value.is_empty()) {
        *counts.entry(&mention.value).or_default() += usize::from(!mention.adds);
    }
    let best = counts.iter().max_by(|a, b| {
        let longer = a.0.len().cmp(&b.0.len());
        let by_length = if group.kind == Kind::Person { longer } else { longer.reverse() };
        a.1.cmp(b.1).then(by_length).then(b.0.cmp(a.0))
    });
    best.map_or_else(|| group.key.clone(), |b| (*b.0).to_owned())
}

fn variants(group: &Group) -> Vec<String> {
    let written = group.mentions.iter().filter(|m| !m.value.is_empty()).map(|mention| {
        mention.text("name").filter(|_| group.kind == Kind::Organisation).unwrap_or(&mention.value)
    });
    written.collect::<BTreeSet<_>>().into_iter().map(str::to_owned).collect()
}
