//! Legal forms: what stands at the end (or start) of an organisation's name and is no part of its identity.

use std::collections::HashMap;

use crate::fold::fold;

const FORMS: &str = include_str!("../data/legal_forms.txt");

/// A name without its legal form, and the form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Split {
    /// Folded, without the form.
    pub(crate) core: String,
    /// The form's id (`ltd`), if the name has one.
    pub(crate) form: Option<&'static str>,
}

/// The shipped table of legal forms.
#[derive(Debug)]
pub(crate) struct Forms {
    after: HashMap<String, &'static str>,
    before: HashMap<String, &'static str>,
    /// Words of the longest spelling.
    longest: usize,
}

impl Forms {
    /// The table, read once.
    pub(crate) fn shared() -> &'static Self {
        static FORMS: std::sync::OnceLock<Forms> = std::sync::OnceLock::new();
        FORMS.get_or_init(Self::new)
    }

    pub(crate) fn new() -> Self {
        let mut forms = Self { after: HashMap::new(), before: HashMap::new(), longest: 1 };
        for line in FORMS.lines().filter(|l| !l.starts_with('#')) {
            let mut columns = line.split('|');
            let (Some(id), Some(_country)) = (columns.next(), columns.next()) else { continue };
            for spelling in columns {
                let (map, spelling) = match spelling.strip_prefix('^') {
                    Some(s) => (&mut forms.before, s),
                    None => (&mut forms.after, spelling),
                };
                let key = join_letters(&fold(spelling));
                forms.longest = forms.longest.max(key.split(' ').count());
                map.entry(key).or_insert(id);
            }
        }
        forms
    }

    /// Parts a name from its legal form; a name that is nothing but a form keeps it.
    pub(crate) fn split(&self, name: &str) -> Split {
        let folded = join_letters(&fold(name));
        let words: Vec<&str> = folded.split(' ').filter(|w| !w.is_empty()).collect();
        for n in (1..=self.longest.min(words.len().saturating_sub(1))).rev() {
            let (head, tail) = words.split_at(words.len() - n);
            if let Some(form) = self.after.get(&tail.join(" ")) {
                return Split { core: trim_joint(head).join(" "), form: Some(form) };
            }
            let (head, tail) = words.split_at(n);
            if let Some(form) = self.before.get(&head.join(" ")) {
                return Split { core: tail.join(" "), form: Some(form) };
            }
        }
        Split { core: words.join(" "), form: None }
    }

    /// Whether the name ends (or starts) with a legal form.
    pub(crate) fn has_form(&self, name: &str) -> bool {
        self.split(name).form.is_some()
    }

    /// Whether the word alone is a legal form: `Ltd`, `GmbH`, `S.A.`.
    pub(crate) fn is_form(&self, word: &str) -> bool {
        self.after.contains_key(&join_letters(&fold(word)))
    }
}

/// `Smith and` → `Smith`: what a dropped form leaves behind (`Smith & Co.`).
fn trim_joint<'a, 'b>(words: &'b [&'a str]) -> &'b [&'a str] {
    match words.split_last() {
        Some((&("and" | "und" | "et"), rest)) if !rest.is_empty() => rest,
        _ => words,
    }
}

/// `g m b h` → `gmbh`: runs of single letters are one word.
fn join_letters(folded: &str) -> String {
    let mut out: Vec<String> = Vec::new();
    let mut run = false;
    for word in folded.split(' ') {
        let single = word.chars().count() == 1 && word.chars().all(char::is_alphabetic);
        match out.last_mut() {
            Some(last) if single && run => last.push_str(word),
            _ => out.push(word.to_owned()),
        }
        run = single;
    }
    out.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_legal_form_is_no_part_of_the_name() {
        let forms = Forms::new();
        for (name, core, form) in [
            ("Google Inc.", "google", Some("inc")),
            ("Google, LLC", "google", Some("llc")),
            ("Google", "google", None),
            ("Brightwater Pumps Limited", "brightwater pumps", Some("ltd")),
            ("Müller GmbH & Co. KG", "muller", Some("gmbh-co-kg")),
            ("Acme S.A.", "acme", Some("sa")),
            ("Acme S. A. S.", "acme", Some("sas")),
            ("SARL Dupont", "dupont", Some("sarl")),
            ("Smith & Co.", "smith", Some("co")),
            ("Foo Pty Ltd", "foo", Some("pty")),
            ("Wasser G.m.b.H.", "wasser", Some("gmbh")),
            ("Rossi S.r.l.", "rossi", Some("srl")),
            ("Jansen B.V.", "jansen", Some("bv")),
        ] {
            assert_eq!(forms.split(name), Split { core: core.into(), form }, "{name}");
        }
    }

    #[test]
    fn a_name_that_only_contains_a_form_stays_whole() {
        let forms = Forms::new();
        assert_eq!(forms.split("Limited").core, "limited");
        assert_eq!(forms.split("Metabase").core, "metabase");
        assert_eq!(forms.split("Pineapple Corp").core, "pineapple");
        assert!(forms.is_form("GmbH") && !forms.is_form("Water"));
    }
}
