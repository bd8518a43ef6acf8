//! What is found in pages and what is refused, kind by kind.

mod contacts;
mod dates_and_sums;
mod merging;
mod offer;
mod organisations;
mod people;
mod places;
mod register;
mod robust;
mod stopping;

use domain::{Content, Document, Entity};

use crate::testing::{extract, first, page_at};

/// Entities of one page.
fn of(url: &str, kind: &str, lines: &str) -> Vec<Entity> {
    extract(&[page_at(url, kind, lines)])
}

fn pages(list: &[(&str, &str, &str)]) -> Vec<(Document, Content)> {
    list.iter().map(|(url, kind, lines)| page_at(url, kind, lines)).collect()
}

fn one<'e>(entities: &'e [Entity], kind: &str, value: &str) -> &'e Entity {
    entities.iter().find(|e| e.kind == kind && e.value == value).unwrap_or_else(|| {
        let all: Vec<_> = entities.iter().map(|e| (&e.kind, &e.value)).collect();
        panic!("no {kind} {value} among {all:?}")
    })
}

/// All values of an attribute, as text.
fn all(entity: &Entity, name: &str) -> Vec<String> {
    let list = entity.attributes.get(name).cloned().unwrap_or_default();
    list.iter().map(|a| a.value.as_str().map_or_else(|| a.value.to_string(), str::to_owned)).collect()
}

/// The values of a kind with one attribute each.
fn with(entities: &[Entity], kind: &str, name: &str) -> Vec<(String, String)> {
    entities
        .iter()
        .filter(|e| e.kind == kind)
        .map(|e| (e.value.clone(), first(e, name).unwrap_or_default()))
        .collect()
}
