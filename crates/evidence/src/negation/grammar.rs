//! Words of grammar: where a clause ends, what begins one, what carries nothing. Folded, lower case, sorted for the
//! search; the languages of [`super::words`].

use super::words::sort;

pub(super) fn is_and(word: &str) -> bool {
    matches!(word, "and" | "und" | "et" | "y" | "e" | "&" | "sowie")
}

pub(super) fn is_or(word: &str) -> bool {
    matches!(word, "or" | "oder" | "ou" | "o" | "u" | "nor" | "ni" | "noch")
}

/// After these another clause says its own yes or no.
const TURNS: &[&str] = &[
    "aber",
    "although",
    "aunque",
    "au\u{df}er",
    "because",
    "bevor",
    "but",
    "denn",
    "except",
    "falls",
    "however",
    "if",
    "instead",
    "jedoch",
    "lorsque",
    "maar",
    "mais",
    "mas",
    "mentre",
    "mientras",
    "obwohl",
    "perch\u{e9}",
    "pero",
    "per\u{f2}",
    "porque",
    "por\u{e9}m",
    "puisque",
    "quand",
    "quando",
    "rather",
    "sebbene",
    "since",
    "sino",
    "so",
    "sondern",
    "tandis",
    "terwijl",
    "though",
    "unless",
    "until",
    "weil",
    "wenn",
    "when",
    "whereas",
    "while",
    "w\u{e4}hrend",
];

pub(super) fn turns(word: &str) -> bool {
    TURNS.binary_search(&word).is_ok()
}

/// What a no does not reach back over: it belongs to the clause that these begin.
pub(super) fn is_relative(word: &str) -> bool {
    matches!(
        word,
        "that"
            | "which"
            | "who"
            | "whose"
            | "whom"
            | "where"
            | "what"
            | "why"
            | "dass"
            | "qui"
            | "dont"
            | "que"
            | "che"
    )
}

/// Begin a clause of their own: somebody who does something.
const SUBJECTS: &[&str] = &[
    "elle", "elles", "er", "es", "he", "i", "ich", "il", "ils", "it", "man", "noi", "nosotros", "nous",
    "n\u{f3}s", "on", "she", "sie", "there", "these", "they", "this", "we", "wij", "wir", "you", "zij",
];

pub(super) fn is_subject(word: &str) -> bool {
    SUBJECTS.binary_search(&word).is_ok()
}

/// May begin one.
const ARTICLES: &[&str] = &[
    "a", "all", "alle", "an", "cada", "ces", "cette", "chaque", "das", "dem", "den", "der", "des", "die",
    "each", "ein", "eine", "einen", "el", "every", "gli", "het", "his", "ihr", "ihre", "ihren", "its",
    "jede", "jeder", "la", "las", "le", "les", "los", "many", "most", "my", "nos", "nossa", "nosso",
    "nostra", "nostro", "notre", "nuestra", "nuestras", "nuestro", "nuestros", "one", "onze", "our", "some",
    "su", "sus", "the", "their", "those", "un", "una", "une", "unser", "unsere", "unseren", "unserer", "vos",
    "votre", "your",
];

pub(super) fn is_article(word: &str) -> bool {
    ARTICLES.binary_search(&word).is_ok()
}

/// Prepositions; a `no` behind one says no to its own noun alone (`at no extra cost`).
const PREPOSITIONS: &[&str] = &[
    "ab", "at", "auf", "avec", "bei", "by", "com", "con", "da", "dans", "desde", "em", "en", "for", "from",
    "f\u{fc}r", "in", "met", "mit", "of", "on", "para", "per", "por", "pour", "through", "vanaf", "von",
    "voor", "with", "zu",
];

pub(super) fn is_preposition(word: &str) -> bool {
    PREPOSITIONS.binary_search(&word).is_ok()
}

/// What a clause goes on with after an aside.
pub(super) fn is_auxiliary(word: &str) -> bool {
    matches!(
        word,
        "is" | "are"
            | "was"
            | "were"
            | "has"
            | "have"
            | "had"
            | "will"
            | "can"
            | "may"
            | "must"
            | "been"
            | "ist"
            | "sind"
            | "war"
            | "waren"
            | "hat"
            | "haben"
            | "wird"
            | "werden"
            | "est"
            | "sont"
            | "ont"
            | "son"
            | "est\u{e1}"
            | "est\u{e1}n"
            | "ha"
            | "han"
            | "\u{e8}"
            | "sono"
    )
}

/// Words of grammar besides those above: they carry nothing that could be affirmed or denied.
const GRAMMAR: &[&str] = &[
    "aan",
    "about",
    "also",
    "any",
    "anyone",
    "anything",
    "are",
    "as",
    "au",
    "aux",
    "avec",
    "avons",
    "be",
    "been",
    "being",
    "can",
    "ce",
    "could",
    "d",
    "de",
    "del",
    "della",
    "di",
    "did",
    "do",
    "does",
    "doing",
    "du",
    "een",
    "em",
    "est",
    "et",
    "eu",
    "exclusively",
    "haben",
    "had",
    "has",
    "hat",
    "have",
    "having",
    "hemos",
    "her",
    "him",
    "is",
    "ist",
    "kan",
    "kann",
    "lo",
    "may",
    "might",
    "must",
    "n",
    "ne",
    "nur",
    "only",
    "ont",
    "said",
    "se",
    "sein",
    "seulement",
    "sich",
    "sind",
    "somos",
    "son",
    "sont",
    "such",
    "sur",
    "than",
    "their",
    "them",
    "then",
    "to",
    "um",
    "uns",
    "us",
    "van",
    "was",
    "were",
    "will",
    "worden",
    "would",
    "wurde",
    "wurden",
    "yet",
    "zum",
    "zur",
];

/// Whether the word can be affirmed or denied: no grammar, no negation.
pub(super) fn is_content(word: &str) -> bool {
    let grammar = GRAMMAR.binary_search(&word).is_ok()
        || is_subject(word)
        || is_article(word)
        || is_preposition(word)
        || is_relative(word)
        || is_and(word)
        || is_or(word)
        || turns(word);
    let numeric = word.chars().any(char::is_numeric);
    !grammar
        && sort(word, false, true).is_none()
        && (numeric || word.chars().filter(|c| c.is_alphabetic()).count() >= 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lists_are_sorted_for_the_search() {
        for list in [TURNS, SUBJECTS, ARTICLES, PREPOSITIONS, GRAMMAR] {
            assert!(list.is_sorted(), "{list:?}");
        }
    }

    #[test]
    fn what_can_be_denied_is_no_grammar_and_no_negation() {
        for word in ["pumps", "27001", "certified", "daten"] {
            assert!(is_content(word), "{word}");
        }
        for word in ["the", "not", "wir", "%", "because", "with"] {
            assert!(!is_content(word), "{word}");
        }
    }
}
