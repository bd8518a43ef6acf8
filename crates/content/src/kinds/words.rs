//! Words as they are compared: folded (case, accents, punctuation), fillers and the company's own name removed.

use std::collections::HashSet;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;
use url::Url;

/// Words of a company's legal form say nothing in a path.
const LEGAL_FORMS: [&str; 24] = [
    "ltd",
    "limited",
    "inc",
    "llc",
    "plc",
    "corp",
    "corporation",
    "co",
    "gmbh",
    "ag",
    "kg",
    "ohg",
    "se",
    "sa",
    "sas",
    "sarl",
    "srl",
    "spa",
    "bv",
    "nv",
    "lda",
    "ltda",
    "sl",
    "group",
];

/// The words of a text: lower case, no accents, parted at whatever is no letter or digit.
pub(super) fn words(text: &str) -> Vec<String> {
    let folded: String = text
        .nfkd()
        .filter(|c| !is_combining_mark(*c))
        .flat_map(char::to_lowercase)
        .flat_map(|c| if c == 'ß' { vec!['s', 's'] } else { vec![c] })
        .collect();
    folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// `AboutUs` → `About Us`: a small letter before a capital parts words.
pub(super) fn part_humps(segment: &str) -> String {
    let mut parted = String::with_capacity(segment.len() + 4);
    let mut small = false;
    for c in segment.chars() {
        if small && c.is_uppercase() {
            parted.push(' ');
        }
        small = c.is_lowercase();
        parted.push(c);
    }
    parted
}

/// Umlauts in their two-letter spelling, as addresses write them.
pub(super) fn spelled_out(text: &str) -> String {
    text.to_lowercase()
        .replace('ä', "ae")
        .replace('ö', "oe")
        .replace('ü', "ue")
        .replace('å', "aa")
        .replace('ø', "oe")
}

/// Turns texts into the keys they are looked up by.
#[derive(Debug, Clone)]
pub(super) struct Fold {
    fillers: HashSet<String>,
}

/// The company's own name: the ways it is written in a path.
#[derive(Debug, Clone, Default)]
pub(super) struct Own(Vec<Vec<String>>);

impl Fold {
    pub(super) fn new(fillers: &[String]) -> Self {
        Self { fillers: fillers.iter().flat_map(|filler| words(filler)).collect() }
    }

    /// The own names to be removed: the given one, its first word, and the host's registrable label.
    pub(super) fn own(&self, url: Option<&Url>, name: Option<&str>) -> Own {
        let mut forms: Vec<Vec<String>> = Vec::new();
        if let Some(name) = name {
            let mut all = words(name);
            forms.push(all.clone());
            while all.len() > 1 && all.last().is_some_and(|word| LEGAL_FORMS.contains(&word.as_str())) {
                all.pop();
            }
            let first = all.first().cloned();
            forms.push(all.clone());
            forms.push(vec![all.concat()]);
            forms.extend(first.filter(|word| word.chars().count() > 2).map(|word| vec![word]));
        }
        if let Some(label) = url.and_then(Url::host_str).and_then(registrable_label) {
            let parts = words(&label);
            forms.push(vec![parts.concat()]);
            forms.push(parts);
        }
        forms.retain(|form| !form.is_empty());
        forms.sort_by_key(|form| std::cmp::Reverse(form.iter().map(String::len).sum::<usize>()));
        forms.dedup();
        Own(forms)
    }

    /// The keys of a text, the most literal first: all words, without fillers, without the own name.
    pub(super) fn keys(&self, text: &str, own: &Own) -> Vec<String> {
        let all = words(text);
        if all.len() > 8 {
            return Vec::new();
        }
        let mut keys = vec![all.concat(), self.reduced(&all)];
        for form in &own.0 {
            let rest = without(&all, form);
            if rest.len() < all.len() {
                keys.push(rest.concat());
                keys.push(self.reduced(&rest));
            }
        }
        keys.retain(|key| !key.is_empty());
        keys
    }

    /// The keys that a phrase of the table is found by.
    pub(super) fn phrase_keys(&self, phrase: &str) -> Vec<String> {
        let mut keys = Vec::new();
        for spelling in [phrase.to_owned(), spelled_out(phrase)] {
            let all = words(&spelling);
            keys.push(all.concat());
            keys.push(self.reduced(&all));
        }
        keys.retain(|key| !key.is_empty());
        keys.sort();
        keys.dedup();
        keys
    }

    fn reduced(&self, words: &[String]) -> String {
        words.iter().filter(|word| !self.fillers.contains(*word)).map(String::as_str).collect()
    }
}

/// `words` without the first run that equals `form`.
fn without(words: &[String], form: &[String]) -> Vec<String> {
    let at = words.windows(form.len()).position(|window| window == form);
    match at {
        Some(at) => words.iter().take(at).chain(words.iter().skip(at + form.len())).cloned().collect(),
        None => words.to_vec(),
    }
}

/// `acme` of `shop.acme.co.uk`.
fn registrable_label(host: &str) -> Option<String> {
    let domain = psl::domain_str(host).unwrap_or(host);
    domain.split('.').next().filter(|label| !label.is_empty()).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_compared_without_case_accents_and_hyphens() {
        assert_eq!(words("Über-uns"), ["uber", "uns"]);
        assert_eq!(words("L’équipe"), ["l", "equipe"]);
        assert_eq!(words("Straße"), ["strasse"]);
        assert_eq!(part_humps("AboutUs"), "About Us");
        assert_eq!(spelled_out("Über uns"), "ueber uns");
    }

    #[test]
    fn the_own_name_is_removed_whole_in_front_or_as_the_hosts_label() {
        let fold = Fold::new(&["us".to_owned()]);
        let url = Url::parse("https://www.brightwater-pumps.example/").unwrap();
        let own = fold.own(Some(&url), Some("Brightwater Pumps Ltd"));
        for text in ["about-brightwater-pumps", "about brightwater", "About Brightwaterpumps", "about-us"] {
            assert!(fold.keys(text, &own).contains(&"about".to_owned()), "{text}");
        }
        assert!(!fold.keys("about-waterworks", &own).contains(&"about".to_owned()));
    }
}
