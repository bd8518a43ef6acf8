//! What a person's name looks like, and how two of them compare.

use std::collections::HashSet;
use std::ops::Range;

use crate::fold::{fold, lower, squeeze};
use crate::gazetteer::Gazetteer;
use crate::legal::Forms;
use crate::rules::Rules;
use crate::scan::{Sort, Token, tokens};

/// Words of the rules that decide what may stand in a name.
#[derive(Debug)]
pub(crate) struct Names {
    particles: HashSet<String>,
    honorifics: HashSet<String>,
    suffixes: HashSet<String>,
    never: HashSet<String>,
    brands: HashSet<String>,
}

/// How much a place vouches that capitals mean a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trust {
    /// A card, a heading, structured data: all capitals are a style.
    Field,
    /// A sentence: all capitals are an abbreviation.
    Prose,
}

impl Names {
    pub(crate) fn new(rules: &Rules) -> Self {
        let set = |words: &[String]| words.iter().map(|w| lower(w)).collect::<HashSet<_>>();
        let mut never = set(&rules.person.not_tokens);
        for word in rules.title.iter().flat_map(|t| &t.words).chain(&rules.person.past) {
            if !word.contains(' ') {
                never.insert(lower(word));
            }
        }
        for month in rules.date.months.get_ref().iter().flatten() {
            // Months that are given names too (April, August, May, June) end a name, they never begin one alone.
            if !matches!(
                month.as_str(),
                "april" | "may" | "june" | "august" | "mar" | "jan" | "gen" | "dic" | "ago" | "mai"
            ) {
                never.insert(month.clone());
            }
        }
        for particle in &rules.person.particles {
            never.remove(particle);
        }
        Self {
            particles: set(&rules.person.particles),
            honorifics: set(&rules.person.honorifics),
            suffixes: set(&rules.person.suffixes),
            never,
            brands: set(&rules.person.brands),
        }
    }

    /// The name that ends right before token `end`: its tokens, honorifics left out.
    pub(crate) fn ending_at(
        &self,
        text: &str,
        tokens: &[Token],
        end: usize,
        trust: Trust,
    ) -> Option<Range<usize>> {
        let mut start = end;
        while start > 0 && end - start < 6 {
            let Some(token) = tokens.get(start - 1) else { break };
            if !self.fits(text, token, trust) && !self.is_particle(text, token) {
                break;
            }
            start -= 1;
        }
        // The longest stretch that is a name as a whole wins; sentence starters fall off the front.
        (start..end).find_map(|s| self.checked(text, tokens, s..end, trust))
    }

    /// The name that starts at token `start`.
    pub(crate) fn starting_at(
        &self,
        text: &str,
        tokens: &[Token],
        start: usize,
        trust: Trust,
    ) -> Option<Range<usize>> {
        let mut from = start;
        while tokens.get(from).is_some_and(|t| self.is_honorific(text, t)) {
            from += 1;
        }
        let mut end = from;
        while end - from < 6 {
            let Some(token) = tokens.get(end) else { break };
            if !self.fits(text, token, trust) && !self.is_particle(text, token) {
                break;
            }
            end += 1;
        }
        (from + 1..=end).rev().find_map(|e| self.checked(text, tokens, from..e, trust))
    }

    fn checked(
        &self,
        text: &str,
        tokens: &[Token],
        range: Range<usize>,
        trust: Trust,
    ) -> Option<Range<usize>> {
        let mut range = range;
        while tokens.get(range.start).is_some_and(|t| self.is_honorific(text, t)) && range.len() > 2 {
            range.start += 1;
        }
        let part = tokens.get(range.clone())?;
        if !(2..=5).contains(&part.len()) {
            return None;
        }
        let (first, last) = (part.first()?, part.last()?);
        let whole = |t: &Token| {
            text.get(t.start..t.end).is_some_and(|w| w.chars().filter(|c| c.is_alphabetic()).count() > 1)
        };
        let names = part.iter().filter(|t| !self.is_particle(text, t) && whole(t)).count();
        let ok = names >= 1
            && !self.is_particle(text, first)
            && whole(last)
            && !self.is_particle(text, last)
            && part.iter().all(|t| self.fits(text, t, trust) || self.is_particle(text, t))
            && !self.is_honorific(text, first)
            && part.len() - part.iter().filter(|t| self.is_particle(text, t)).count() >= 2;
        ok.then_some(range)
    }

    /// A name made of the whole text (`Dr. Mara Lind, PhD`): the place of the name in it.
    pub(crate) fn whole(&self, text: &str, trust: Trust) -> Option<Range<usize>> {
        if text.len() > 80 {
            return None;
        }
        let mut list = tokens(text, 0..text.len());
        while let Some(last) = list.last() {
            let is_suffix =
                self.suffixes.contains(&lower(text.get(last.start..last.end).unwrap_or_default()));
            if list.len() > 2 && (is_suffix || matches!(last.is, Sort::Mark(',' | '.' | ':' | ')'))) {
                list.pop();
            } else {
                break;
            }
        }
        if list.iter().any(|t| !t.is_word()) {
            return None;
        }
        let found = self.starting_at(text, &list, 0, trust)?;
        if found.end != list.len() {
            return None;
        }
        Some(list.get(found.start)?.start..list.get(found.end - 1)?.end)
    }

    /// Whether the token can stand in a name: a capitalised word or an initial.
    fn fits(&self, text: &str, token: &Token, trust: Trust) -> bool {
        let Sort::Word { .. } = token.is else { return false };
        let Some(word) = text.get(token.start..token.end) else { return false };
        let mut chars = word.chars();
        if !chars.next().is_some_and(char::is_uppercase)
            || word.chars().any(|c| c.is_numeric() || c == '&' || c == '_')
        {
            return false;
        }
        // `I'm`, `Allan’s` are no names.
        if let Some((_, tail)) = word.rsplit_once(['\'', '’'])
            && matches!(tail, "m" | "re" | "ve" | "ll" | "d" | "s" | "t")
        {
            return false;
        }
        let letters = word.chars().filter(|c| c.is_alphabetic()).count();
        let initials = word.split('.').all(|p| p.chars().count() == 1);
        if word.contains('.') && !initials {
            return false;
        }
        if letters > 1 && !initials && trust == Trust::Prose && word.chars().all(|c| !c.is_lowercase()) {
            return false;
        }
        // `McDonald`, `DeVito` are names; `iPhone`, `YouTube` and `SaaS` are not.
        let capitals = word.chars().skip(1).filter(|c| c.is_uppercase()).count();
        let parts = word.split(['-', '‐', '‑', '\'', '’', '.']).filter(|p| !p.is_empty()).count();
        let mixed = word.chars().any(char::is_lowercase) && capitals > parts.max(1);
        !mixed && (initials || !(self.never.contains(&lower(word)) || self.brands.contains(&lower(word))))
    }

    /// Whether every word is one that never stands in a name: a phrase of the user interface.
    pub(crate) fn is_phrase(&self, text: &str) -> bool {
        text.split_whitespace().all(|w| self.is_common(w.trim_matches(|c: char| !c.is_alphanumeric())))
    }

    /// Whether a lone word is one that never stands in a name.
    pub(crate) fn is_common(&self, word: &str) -> bool {
        self.never.contains(&lower(word))
    }

    fn is_particle(&self, text: &str, token: &Token) -> bool {
        text.get(token.start..token.end).is_some_and(|w| self.particles.contains(w))
    }

    pub(crate) fn is_honorific(&self, text: &str, token: &Token) -> bool {
        text.get(token.start..token.end).is_some_and(|w| {
            w.starts_with(char::is_uppercase) && w.chars().count() > 1 && self.honorifics.contains(&lower(w))
        })
    }
}

/// Whether a name-shaped text is something else: a place, a company.
pub(crate) fn is_other(name: &str, gazetteer: &Gazetteer, forms: &Forms) -> bool {
    gazetteer.is_place(name) || forms.has_form(name)
}

/// As a reader writes it: white space folded, capitals only at word starts.
pub(crate) fn canonical(name: &str) -> String {
    let name = squeeze(name);
    let shouting =
        name.chars().filter(|c| c.is_alphabetic()).count() > 3 && name.chars().all(|c| !c.is_lowercase());
    if !shouting {
        return name;
    }
    let mut start = true;
    name.chars()
        .flat_map(|c| {
            let out: Vec<char> = if start { vec![c] } else { c.to_lowercase().collect() };
            start = !c.is_alphabetic();
            out
        })
        .collect()
}

/// A folded name in parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Parts {
    pub(crate) given: String,
    pub(crate) middle: Vec<String>,
    pub(crate) family: String,
}

impl Parts {
    pub(crate) fn of(key: &str) -> Option<Self> {
        let mut words = key.split(' ').map(str::to_owned);
        let given = words.next().filter(|w| !w.is_empty())?;
        let mut middle: Vec<String> = words.collect();
        let family = middle.pop()?;
        Some(Self { given, middle, family })
    }

    pub(crate) fn is_initial(&self) -> bool {
        self.given.chars().count() == 1
    }
}

/// What a name is merged by.
pub(crate) fn key(name: &str) -> String {
    fold(name)
}

#[cfg(test)]
#[allow(clippy::string_slice)]
mod tests {
    use super::*;
    use crate::testing::rules;

    #[test]
    fn names_are_told_from_phrases() {
        let names = Names::new(&rules());
        for (text, name) in [
            ("Mara Lind", Some("Mara Lind")),
            ("Dr. Mara Lind, PhD", Some("Mara Lind")),
            ("Ludwig van der Berg", Some("Ludwig van der Berg")),
            ("Jean-Luc O'Neill", Some("Jean-Luc O'Neill")),
            ("J. Smith", Some("J. Smith")),
            ("John A. Smith", Some("John A. Smith")),
            ("María José García López", Some("María José García López")),
            ("MARA LIND", Some("MARA LIND")),
            ("Ronan McDonald", Some("Ronan McDonald")),
            ("Learn More", None),
            ("Contact Us", None),
            ("Our Team", None),
            ("Privacy Policy", None),
            ("Mara", None),
            ("Smith J.", None),
            ("Chief Executive", None),
            ("Platform Overview", None),
            ("Version 2", None),
            ("YouTube SaaS", None),
            ("One Two Three Four Five Six Seven", None),
            ("hello world", None),
        ] {
            assert_eq!(names.whole(text, Trust::Field).map(|r| &text[r]), name, "{text}");
        }
    }

    #[test]
    fn capitals_in_prose_are_abbreviations() {
        let names = Names::new(&rules());
        assert_eq!(names.whole("MARA LIND", Trust::Prose), None);
        assert_eq!(canonical("MARA  O'NEILL-LIND"), "Mara O'Neill-Lind");
        assert_eq!(canonical("Ludwig van Beethoven"), "Ludwig van Beethoven");
    }

    #[test]
    fn the_name_before_a_place_drops_sentence_starters() {
        let names = Names::new(&rules());
        let text = "In January Mara Lind";
        let list = tokens(text, 0..text.len());
        let found = names.ending_at(text, &list, list.len(), Trust::Prose).unwrap();
        assert_eq!(&text[list[found.start].start..list[found.end - 1].end], "Mara Lind");
    }
}
