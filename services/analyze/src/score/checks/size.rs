//! The size class: stated headcount by bands.

use domain::{Entity, FindingKind};

use super::rules::{Band, Size};
use crate::attributes;
use crate::draft::{Draft, ValueType};
use crate::extractive::matching;
use crate::hints::{paths, say};
use crate::score::output::SizeClass;
use crate::score::scene::Scene;

/// Quotes of the headcount.
const PIECES: usize = 3;

/// The class and the finding that says it; `unknown` when no headcount is stated.
pub(crate) fn class(rules: &Size, scene: &Scene<'_>) -> (SizeClass, Option<Draft>) {
    let label = |class: &str| rules.labels.get(class).cloned().unwrap_or_else(|| class.to_owned());
    let Some((entity, people)) = headcount(rules, scene) else {
        return (
            SizeClass { value: "unknown".to_owned(), label: label("unknown"), ..SizeClass::default() },
            None,
        );
    };
    let band = band(&rules.bands, people);
    let class = band.map_or_else(|| "unknown".to_owned(), |band| band.is.clone());
    let stated =
        say(&rules.headcount.say, &rules.headcount.labels, entity).unwrap_or_else(|| people.to_string());
    let mut draft =
        Draft::new("size_class", FindingKind::Fact, format!("Size class: {} ({stated})", label(&class)));
    draft.value = Some(ValueType::Number.of(&people.to_string(), Some("people")));
    draft.evidence = attributes::evidence(entity, &paths(&rules.headcount.say), &stated, PIECES);
    let size = SizeClass {
        label: label(&class),
        value: class,
        headcount: Some(people),
        as_of: attributes::first(entity, "as_of"),
        finding: Some(draft.id),
    };
    (size, Some(draft))
}

/// The headcount that is dated last, else the surest; its number.
fn headcount<'a>(rules: &Size, scene: &Scene<'a>) -> Option<(&'a Entity, u64)> {
    let found = matching(&rules.headcount, scene.entities, scene.sources);
    let mut counted: Vec<(&Entity, u64)> = found
        .into_iter()
        .filter_map(|entity| Some((entity, number(&attributes::first(entity, "value")?)?)))
        .collect();
    counted
        .sort_by_key(|(entity, _)| std::cmp::Reverse(attributes::first(entity, "as_of").unwrap_or_default()));
    counted.into_iter().next()
}

/// The first whole number of a text, thousands separators left out.
pub(crate) fn number(text: &str) -> Option<u64> {
    let start = text.find(|c: char| c.is_ascii_digit())?;
    let tail = text.get(start..)?;
    let end = tail
        .find(|c: char| !c.is_ascii_digit() && !matches!(c, ',' | '.' | '\'' | ' ' | '\u{a0}'))
        .unwrap_or(tail.len());
    let printed = tail.get(..end)?.trim_end_matches(|c: char| !c.is_ascii_digit());
    // `34.0` is a number as JSON writes it, `1.200` one with a separator.
    let whole = match printed.rsplit_once('.') {
        Some((whole, decimals)) if decimals.len() != 3 => whole,
        _ => printed,
    };
    let digits: String = whole.chars().filter(char::is_ascii_digit).collect();
    digits.parse().ok()
}

pub(crate) fn band(bands: &[Band], number: u64) -> Option<&Band> {
    bands.iter().find(|band| band.below.is_none_or(|below| number < below))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_printed() {
        for (text, expected) in [
            ("34", 34),
            ("34.0", 34),
            ("1,200 people", 1200),
            ("1.200", 1200),
            ("about 85", 85),
            ("11-50", 11),
        ] {
            assert_eq!(number(text), Some(expected), "{text}");
        }
        assert_eq!(number("many"), None);
    }
}
