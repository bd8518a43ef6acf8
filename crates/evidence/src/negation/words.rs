//! The words that say no, and those that undo it. Folded, lower case, sorted for the search; English, German, French,
//! Spanish, Italian, Dutch, Portuguese.

/// How a word says no.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sort {
    /// The whole clause: `not`, `never`, `nicht`, `pas`.
    Clause,
    /// What it stands before, and with it what is done to it: `no support`, `none of our pumps`, `keine Daten`.
    Noun,
    /// Only what it stands before: `without walking`, `ohne Vertrag`.
    Without,
}

const CLAUSE: &[&str] = &[
    "cannot",
    "hardly",
    "jamais",
    "jam\u{e1}s",
    "kaum",
    "keineswegs",
    "nao",
    "nem",
    "never",
    "nicht",
    "nie",
    "niemals",
    "niet",
    "non",
    "nooit",
    "not",
    "nunca",
    "n\u{e3}o",
    "pas",
    "rarely",
    "seldom",
    "tampoco",
];

const NOUN: &[&str] = &[
    "aucun",
    "aucune",
    "geen",
    "kein",
    "keine",
    "keinem",
    "keinen",
    "keiner",
    "keinerlei",
    "keines",
    "nada",
    "nadie",
    "neither",
    "nenhum",
    "nenhuma",
    "nessun",
    "nessuna",
    "nessuno",
    "ni",
    "nichts",
    "niemand",
    "niemandem",
    "niemanden",
    "niente",
    "niets",
    "ninguna",
    "ninguno",
    "ningu\u{e9}m",
    "ning\u{fa}n",
    "nirgends",
    "no",
    "nobody",
    "none",
    "nor",
    "nothing",
    "nowhere",
    "nulla",
    "rien",
    "weder",
];

const WITHOUT: &[&str] = &["ohne", "sans", "sem", "senza", "sin", "without", "zonder"];

/// Say no only beside `ne` or `n'`: alone they mean `more`, `person`, `point`.
const WITH_NE: &[&str] = &["gu\u{e8}re", "personne", "plus", "point"];

/// Written in capitals these are names (`PAS 2060`, `SEM`), the rest of the list is shouting.
const SHOUTED: &[&str] = &[
    "cannot", "kein", "keine", "never", "nicht", "nie", "no", "nobody", "none", "not", "nothing", "without",
];

/// Which sort of no the word is. `capitals`: it is written in capitals alone; `ne`: the clause holds the French `ne`.
pub(super) fn sort(word: &str, capitals: bool, ne: bool) -> Option<Sort> {
    if capitals && !SHOUTED.contains(&word) && !word.ends_with("n't") {
        return None;
    }
    let is = |list: &[&str]| list.binary_search(&word).is_ok();
    if word.ends_with("n't") || is(CLAUSE) || ne && is(WITH_NE) {
        Some(Sort::Clause)
    } else if is(NOUN) {
        Some(Sort::Noun)
    } else {
        is(WITHOUT).then_some(Sort::Without)
    }
}

/// After a no these turn it into a yes, or into a bound: `not only`, `no later`, `nicht zuletzt`.
const UNDOING: &[&str] = &[
    "alleen",
    "allein",
    "apenas",
    "blo\u{df}",
    "doubt",
    "doute",
    "duda",
    "exception",
    "fewer",
    "just",
    "least",
    "less",
    "limited",
    "matter",
    "merely",
    "nur",
    "only",
    "question",
    "seulement",
    "simply",
    "slechts",
    "solamente",
    "solely",
    "solo",
    "soltanto",
    "somente",
    "sooner",
    "s\u{f3}",
    "s\u{f3}lo",
    "uniquement",
    "wonder",
    "zuletzt",
    "zweifel",
    "\u{fa}nicamente",
];

pub(super) fn undoes(word: &str) -> bool {
    UNDOING.binary_search(&word).is_ok()
}

/// What readers are told not to do; nothing is denied by it: `do not hesitate`, `zögern Sie nicht`.
pub(super) fn is_politeness(word: &str) -> bool {
    ["hesit", "z\u{f6}ger", "h\u{e9}sit", "esita", "aarzel", "worry", "forget"]
        .iter()
        .any(|stem| word.starts_with(stem))
        || matches!(word, "dude" | "duden" | "dudes" | "miss")
}

/// `more` of `no more than`, and `than`.
pub(super) fn is_more(word: &str) -> bool {
    matches!(word, "more" | "mehr" | "plus" | "m\u{e1}s" | "pi\u{f9}" | "meer" | "mais" | "later" | "longer")
}

pub(super) fn is_than(word: &str) -> bool {
    matches!(word, "than" | "als" | "que" | "de" | "di" | "dan")
}

/// Makes a no of the whole clause: `in no way`, `auf keinen Fall`, `en ningún caso`.
pub(super) fn is_way(word: &str) -> bool {
    matches!(
        word,
        "way"
            | "case"
            | "circumstances"
            | "fall"
            | "weise"
            | "umst\u{e4}nden"
            | "cas"
            | "caso"
            | "modo"
            | "geval"
    )
}

/// Beginnings of words that deny without a no: `lacks`, `refuses`, `verzichtet`.
const DENYING: &[&str] = &[
    "absen",
    "abstain",
    "avoid",
    "carece",
    "ceas",
    "discontinu",
    "evit",
    "exclu",
    "fail",
    "forbid",
    "instead",
    "interdi",
    "lack",
    "missing",
    "prohib",
    "rather",
    "refus",
    "reject",
    "statt",
    "stop",
    "unable",
    "unavailable",
    "verbiet",
    "verzicht",
    "\u{e9}vit",
];

/// Whether the word denies what follows it although it is no negation.
pub(super) fn denies(word: &str) -> bool {
    DENYING.iter().any(|stem| word.starts_with(stem)) || matches!(word, "ban" | "bans" | "banned" | "zero")
}

/// Denies what it is joined to, or what follows an `of`: `solvent-free`, `free of solvents`.
pub(super) fn is_free(word: &str) -> bool {
    matches!(word, "free" | "frei" | "libre" | "libero" | "vrij" | "exempt")
}

pub(super) fn is_of(word: &str) -> bool {
    matches!(word, "of" | "from" | "von" | "de" | "di" | "da" | "van")
}

/// Words that only English has, of those that most sentences have.
pub(super) fn is_english(word: &str) -> bool {
    matches!(
        word,
        "the" | "you" | "your" | "to" | "of" | "is" | "are" | "and" | "with" | "for" | "this" | "from"
    )
}

/// The company speaks of itself.
pub(super) fn is_first_person(word: &str) -> bool {
    matches!(word, "we" | "our" | "ours" | "us" | "i" | "my")
}

/// Whether the word says less than a plain yes: a statement with it is no mere yes to what a quote denies.
pub(super) fn guards(word: &str) -> bool {
    let un = word.starts_with("un") && word.len() >= 8;
    un && !["univers", "underst", "undert", "unter"].iter().any(|stem| word.starts_with(stem))
        || ["omit", "withh", "hidden", "hides", "leaves", "optional", "request"]
            .iter()
            .any(|stem| word.starts_with(stem))
        || matches!(word, "only" | "nur" | "seulement" | "solo" | "alone" | "exclusively" | "otherwise")
}

/// Words that only Portuguese has: there `no` is `in the`.
pub(super) fn is_portuguese(word: &str) -> bool {
    matches!(
        word,
        "em" | "uma" | "s\u{e3}o" | "ao" | "aos" | "nosso" | "nossa" | "nossos" | "nossas" | "n\u{e3}o"
    ) || word.ends_with("\u{e7}\u{e3}o")
        || word.ends_with("\u{e7}\u{f5}es")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lists_are_sorted_for_the_search() {
        for list in [CLAUSE, NOUN, WITHOUT, UNDOING] {
            assert!(list.is_sorted(), "{list:?}");
        }
    }

    #[test]
    fn capitals_make_a_name_of_what_is_a_no_elsewhere() {
        assert_eq!(sort("pas", true, false), None);
        assert_eq!(sort("pas", false, false), Some(Sort::Clause));
        assert_eq!(sort("not", true, false), Some(Sort::Clause));
        assert_eq!((sort("plus", false, false), sort("plus", false, true)), (None, Some(Sort::Clause)));
    }
}
