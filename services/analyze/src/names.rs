//! What the subject is called, in the spellings its own pages use.

use domain::Entity;
use serde_json::json;

use crate::attributes;

/// Legal forms at the end of a name, lower case, without points. Sorted.
const FORMS: &[&str] = &[
    "ab",
    "ag",
    "aps",
    "as",
    "asa",
    "bv",
    "co",
    "company",
    "corp",
    "corporation",
    "cv",
    "ek",
    "gmbh",
    "group",
    "gruppe",
    "holding",
    "holdings",
    "inc",
    "incorporated",
    "kft",
    "kg",
    "kgaa",
    "lda",
    "limited",
    "llc",
    "llp",
    "lp",
    "ltd",
    "ltda",
    "mbh",
    "nv",
    "ohg",
    "oy",
    "plc",
    "pty",
    "sa",
    "sarl",
    "sas",
    "sasu",
    "scrl",
    "se",
    "sl",
    "slu",
    "spa",
    "sprl",
    "srl",
    "ug",
];

/// A first word as short as this is too common to stand for the whole name.
const SHORTEST: usize = 4;

/// The names, longest first. `given` are those that a person or an earlier run gave.
pub(crate) fn names<'n>(
    given: impl Iterator<Item = &'n str>,
    entities: &[Entity],
    host: &str,
) -> Vec<String> {
    let own = [json!("self")];
    let itself = entities
        .iter()
        .filter(|entity| entity.kind == "organisation" && attributes::holds(entity, "relationship", &own));
    let of_entities = itself.flat_map(|entity| {
        let legal = attributes::texts(entity, "legal_name");
        std::iter::once(entity.value.clone()).chain(entity.variants.clone()).chain(legal)
    });
    let mut names: Vec<String> = Vec::new();
    for name in given.map(str::to_owned).chain(of_entities) {
        let short = without_form(&name);
        let first = first_word_of_host(&short, host);
        for name in [name.trim().to_owned(), short].into_iter().chain(first) {
            if name.chars().count() >= 2 && !names.contains(&name) {
                names.push(name);
            }
        }
    }
    names.sort_by_key(|name| std::cmp::Reverse(name.len()));
    names
}

/// `Brightwater Pumps Ltd.` → `Brightwater Pumps`
pub(crate) fn without_form(name: &str) -> String {
    let mut words: Vec<&str> = name.split_whitespace().collect();
    while words.len() > 1 {
        let last: String =
            words.last().into_iter().flat_map(|word| word.chars()).filter(|c| c.is_alphanumeric()).collect();
        if FORMS.binary_search(&last.to_lowercase().as_str()).is_err()
            && last.chars().any(char::is_alphanumeric)
        {
            break;
        }
        words.pop();
    }
    words.join(" ").trim_end_matches([',', '&', '.']).trim().to_owned()
}

/// The first word, when the site's address is that word: people write `Brightwater` for `Brightwater Pumps`.
fn first_word_of_host(name: &str, host: &str) -> Option<String> {
    let word = name.split_whitespace().next().filter(|word| word.chars().count() >= SHORTEST)?;
    let lower = word.to_lowercase();
    host.to_lowercase().split(['.', '-', ':']).any(|label| label == lower).then(|| word.to_owned())
}

#[cfg(test)]
mod tests {
    use domain::DocumentId;

    use super::*;
    use crate::attributes::fixture::{entity, evidence};

    #[test]
    fn the_forms_are_sorted_for_the_search() {
        assert!(FORMS.is_sorted());
    }

    #[test]
    fn a_company_is_called_by_its_full_its_short_and_its_first_name() {
        let quote = vec![evidence(DocumentId::new(), "Brightwater Pumps Ltd", "jsonld")];
        let itself =
            entity("organisation", "Brightwater Pumps Ltd", json!({"relationship": "self"}), quote.clone());
        let other = entity("organisation", "Acme Inc.", json!({"relationship": "customer"}), quote);
        let names = names(["Brightwater"].into_iter(), &[itself, other], "www.brightwater.example");
        assert_eq!(names, ["Brightwater Pumps Ltd", "Brightwater Pumps", "Brightwater"]);
        assert_eq!(without_form("M\u{fc}ller & Co. KG"), "M\u{fc}ller");
        assert_eq!(without_form("SE"), "SE");
    }
}
