//! Titles: what a role is called, what it is about, how high it stands.

mod frame;

use std::collections::HashSet;
use std::ops::Range;

use serde_json::{Value, json};

use crate::fold::{fold, has_phrase, lower, squeeze};
use crate::lexicon::{Hit, Tag};
use crate::rules::{Group, Rules};
use crate::scan::{Scan, Token};

/// One role as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Role {
    pub(crate) title: String,
    pub(crate) function: Option<String>,
    pub(crate) seniority: String,
    /// What the title itself says; a place may say more.
    pub(crate) group: Option<Group>,
    pub(crate) organisation: Option<String>,
    pub(crate) current: bool,
    pub(crate) since: Option<String>,
    pub(crate) until: Option<String>,
}

impl Role {
    pub(crate) fn value(&self) -> Value {
        json!({
            "title": self.title,
            "function": self.function,
            "seniority": self.seniority,
            "organisation": self.organisation,
            "current": self.current,
            "since": self.since,
            "until": self.until,
        })
    }
}

/// The words around titles.
#[derive(Debug)]
pub(crate) struct Titles {
    modifiers: HashSet<String>,
    connectors: HashSet<String>,
    joints: HashSet<String>,
    /// Single words of the function lists.
    functions: HashSet<String>,
    pub(crate) at: HashSet<String>,
    past: Vec<String>,
}

/// Words that make a sentence, not a title.
const VERBS: [&str; 22] = [
    "is", "are", "was", "were", "has", "have", "we", "our", "you", "who", "that", "which", "will", "can",
    "ist", "sind", "wir", "est", "nous", "joined", "leads", "he",
];

impl Titles {
    pub(crate) fn new(rules: &Rules) -> Self {
        let set = |words: &[String]| words.iter().map(|w| lower(w)).collect::<HashSet<_>>();
        let functions = rules
            .function
            .iter()
            .flat_map(|f| &f.words)
            .flat_map(|w| w.split(' '))
            .map(lower)
            .filter(|w| w.chars().count() > 1)
            .collect();
        Self {
            modifiers: set(&rules.title_words.modifiers),
            connectors: set(&rules.title_words.connectors),
            joints: set(&rules.title_words.joints),
            functions,
            at: set(&rules.person.at),
            past: rules.person.past.iter().map(|w| lower(w)).collect(),
        }
    }

    pub(crate) fn is_modifier(&self, low_word: &str) -> bool {
        self.modifiers.contains(low_word) || self.functions.contains(low_word)
    }

    pub(crate) fn is_connector(&self, low_word: &str) -> bool {
        self.connectors.contains(low_word)
    }

    pub(crate) fn is_function(&self, low_word: &str) -> bool {
        self.functions.contains(low_word)
    }

    /// The roles of a text that is nothing but a title: `Founder & CEO`, `Former VP Sales at Oracle`.
    /// None if it is more or less than that.
    pub(crate) fn parse(&self, rules: &Rules, scan: &Scan<'_>, range: Range<usize>) -> Vec<Role> {
        if range.len() > 110 {
            return Vec::new();
        }
        let mut tokens = scan.tokens(range);
        while tokens.last().is_some_and(|t| matches!(t.mark(), Some('.' | ',' | ':' | ';'))) {
            tokens.pop();
        }
        let words = tokens.iter().filter(|t| t.is_word()).count();
        if words > 13
            || tokens
                .iter()
                .any(|t| VERBS.contains(&scan.low_word(t)) || matches!(t.mark(), Some(';' | '?' | '!' | ':')))
        {
            return Vec::new();
        }
        let past = self.past_length(scan, &tokens);
        let tokens = tokens.get(past..).unwrap_or_default();
        let (tokens, organisation) = self.cut_organisation(scan, tokens);
        let mut parts = self.split(scan, tokens);
        let organisation = organisation.or_else(|| self.trailing_organisation(scan, &mut parts));
        let mut roles: Vec<Role> = parts
            .iter()
            .map_while(|part| self.role(rules, scan, part, organisation.clone(), past == 0))
            .collect();
        if roles.len() < parts.len() {
            roles.clear();
        }
        roles
    }

    /// How many tokens at the start say that the role is over.
    fn past_length(&self, scan: &Scan<'_>, tokens: &[Token]) -> usize {
        let Some(first) = tokens.first() else { return 0 };
        for word in &self.past {
            let end = first.start + word.len();
            if scan.get_low(first.start..end) == word {
                let n = tokens.iter().take_while(|t| t.start < end).count();
                let marks = tokens
                    .get(n..)
                    .unwrap_or_default()
                    .iter()
                    .take_while(|t| matches!(t.mark(), Some(':' | ',' | '-')))
                    .count();
                if tokens.get(n - 1).is_some_and(|t| t.end == end) {
                    return n + marks;
                }
            }
        }
        0
    }

    /// `CTO at Oracle` → `CTO`, `Oracle`; `CEO of Northwind Farms` likewise, unless the words say what the role is about.
    fn cut_organisation<'t>(&self, scan: &Scan<'_>, tokens: &'t [Token]) -> (&'t [Token], Option<String>) {
        for (n, token) in tokens.iter().enumerate().skip(1) {
            let word = if token.mark() == Some('@') { "@" } else { scan.low_word(token) };
            let Some(next) = tokens.get(n + 1) else { break };
            let capital = scan.word(next).starts_with(|c: char| c.is_uppercase() || c.is_ascii_digit());
            let seen = tokens
                .first()
                .is_some_and(|f| scan.has(f.start..token.start, |t| matches!(t, Tag::Title(_))));
            let of = matches!(word, "of" | "von" | "de" | "du" | "di" | "van" | "da" | "do" | "for")
                && !tokens
                    .get(n + 1..)
                    .unwrap_or_default()
                    .iter()
                    .take(3)
                    .any(|t| self.is_modifier(scan.low_word(t)))
                && self.is_whole_title(scan, tokens.get(..n).unwrap_or_default());
            if seen && capital && (self.at.contains(word) || of) {
                let last = tokens.last().map_or(next.end, |t| t.end);
                let name = squeeze(scan.get(next.start..last));
                return (tokens.get(..n).unwrap_or_default(), Some(name));
            }
        }
        (tokens, None)
    }

    /// Whether a title's word is one by itself (`CEO`, `founder`), so that `of X` behind it names a company.
    pub(crate) fn stands_alone(title: &str) -> bool {
        !matches!(
            title,
            "director"
                | "head"
                | "head of"
                | "manager"
                | "vp"
                | "svp"
                | "evp"
                | "vice president"
                | "lead"
                | "directeur"
                | "directrice"
                | "directora"
                | "direttore"
                | "leiter"
                | "leiterin"
                | "responsable"
                | "responsabile"
                | "hoofd"
                | "diretor"
                | "diretora"
                | "officer"
                | "gerente"
                | "chef de"
                | "cheffe de"
                | "jefe de"
                | "jefa de"
        )
    }

    /// Whether the tokens end with a title that is one by itself (`CEO`, `founder`), so that `of X` names a company.
    fn is_whole_title(&self, scan: &Scan<'_>, tokens: &[Token]) -> bool {
        let (Some(first), Some(last)) = (tokens.first(), tokens.last()) else { return false };
        let title = scan
            .hits(first.start..last.end)
            .iter()
            .filter(|h| matches!(h.tag, Tag::Title(_)) && h.end == last.end)
            .map(|h| scan.get_low(h.start..h.end))
            .next();
        title.is_some_and(Self::stands_alone)
    }

    /// `CEO, Northwind Farms`: a last part without any title, in capitals, is where the role is held.
    fn trailing_organisation(&self, scan: &Scan<'_>, parts: &mut Vec<Range<usize>>) -> Option<String> {
        let last = parts.last()?.clone();
        let is_title = scan.has(last.clone(), |t| matches!(t, Tag::Title(_)));
        let text = squeeze(scan.get(last.clone()));
        let capital = text.starts_with(|c: char| c.is_uppercase())
            && text.chars().filter(char::is_ascii_digit).count() < 2;
        let about =
            scan.tokens(last.clone()).iter().all(|t| self.is_modifier(scan.low_word(t)) || !t.is_word());
        if parts.len() < 2 || is_title || !(capital || about) {
            return None;
        }
        parts.pop();
        if about {
            if let Some(previous) = parts.last_mut() {
                previous.end = last.end;
            }
            return None;
        }
        Some(text)
    }

    /// Parts between joints, each a title of its own; a part without one belongs to the part before it.
    fn split(&self, scan: &Scan<'_>, tokens: &[Token]) -> Vec<Range<usize>> {
        let mut parts: Vec<Range<usize>> = Vec::new();
        let mut open: Option<Range<usize>> = None;
        let mut comma = false;
        let has_title = |r: &Range<usize>| scan.has(r.clone(), |t| matches!(t, Tag::Title(_)));
        let close = |part: Option<Range<usize>>, parts: &mut Vec<Range<usize>>, apart: bool| {
            let Some(part) = part else { return };
            match parts.last_mut() {
                Some(last) if !has_title(&part) && !apart => last.end = part.end,
                Some(last) if !has_title(last) => last.end = part.end,
                _ => parts.push(part),
            }
        };
        for token in tokens {
            let mark = token.mark().map(String::from);
            let word = mark.as_deref().unwrap_or_else(|| scan.low_word(token));
            let joint = self.joints.contains(word) || matches!(word, "-" | "–" | "—" | "(" | ")");
            if joint {
                close(open.take(), &mut parts, comma);
                comma = matches!(word, "," | "–" | "—" | "|" | "·" | "•" | "(");
            } else {
                open = Some(open.map_or(token.start, |o| o.start)..token.end);
            }
        }
        close(open, &mut parts, comma);
        parts
    }

    fn role(
        &self,
        rules: &Rules,
        scan: &Scan<'_>,
        part: &Range<usize>,
        organisation: Option<String>,
        current: bool,
    ) -> Option<Role> {
        let hit = self.head(scan, part.clone())?;
        if !self.is_framed(scan, part, &hit) {
            return None;
        }
        let Tag::Title(n) = hit.tag else { return None };
        let rule = rules.title.get(usize::from(n))?;
        let title = squeeze(scan.get(part.clone()));
        if title.len() > 90 {
            return None;
        }
        let function = rule.function.clone().or_else(|| function_of(rules, &title));
        Some(Role {
            title,
            function,
            seniority: rule.seniority.clone(),
            group: rule.group,
            organisation,
            current,
            since: None,
            until: None,
        })
    }

    /// The word that makes the title: the last of the first run of titles with nothing but modifiers between
    /// (`Lead Engineer` is an engineer, `Assistant to the CEO` an assistant).
    fn head(&self, scan: &Scan<'_>, part: Range<usize>) -> Option<Hit> {
        let mut hits =
            scan.hits(part.clone()).iter().filter(|h| matches!(h.tag, Tag::Title(_)) && h.end <= part.end);
        let mut head = *hits.next()?;
        for next in hits {
            let between = scan.tokens(head.end..next.start);
            let close = between.iter().all(|t| t.is_word() && self.is_modifier(scan.low_word(t)));
            if !close || next.start < head.end {
                break;
            }
            head = *next;
        }
        Some(head)
    }
}

/// What the words of a title are about.
pub(crate) fn function_of(rules: &Rules, title: &str) -> Option<String> {
    let folded = fold(title);
    rules
        .function
        .iter()
        .find(|f| f.words.iter().any(|w| has_phrase(&folded, &fold(w))))
        .map(|f| f.id.clone())
}

#[cfg(test)]
mod tests;
