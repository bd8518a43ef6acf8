//! Two ways to compare text: folded (for keys, loses offsets) and lowered (for searching, keeps them).

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Text without what spellings differ in: case, accents, punctuation, width, runs of white space.
/// Dots and apostrophes vanish (`S.A.` → `sa`), `&` reads `and`, other punctuation parts words.
pub(crate) fn fold(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut gap = false;
    for c in text.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase) {
        match c {
            '.' | '\'' | '’' | '‘' | 'ʼ' | '`' | '·' | '\u{ad}' => {}
            '&' => {
                if !out.is_empty() {
                    out.push(' ');
                }
                out.push_str("and");
                gap = true;
            }
            c if c.is_alphanumeric() => {
                if gap && !out.is_empty() {
                    out.push(' ');
                }
                gap = false;
                match c {
                    'ß' => out.push_str("ss"),
                    'æ' => out.push_str("ae"),
                    'œ' => out.push_str("oe"),
                    'ø' => out.push('o'),
                    'ł' => out.push('l'),
                    'đ' | 'ð' => out.push('d'),
                    'ı' => out.push('i'),
                    c => out.push(c),
                }
            }
            _ => gap = true,
        }
    }
    out
}

/// Lower case with every byte offset kept: a letter whose lower case has another length stays as it is.
pub(crate) fn lower(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    text.chars()
        .map(|c| {
            let mut small = c.to_lowercase();
            match (small.next(), small.next()) {
                (Some(s), None) if s.len_utf8() == c.len_utf8() => s,
                _ => c,
            }
        })
        .collect()
}

/// White space folded to single spaces, ends trimmed.
pub(crate) fn squeeze(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether `phrase` (folded) stands in `text` (folded) as whole words.
pub(crate) fn has_phrase(text: &str, phrase: &str) -> bool {
    !phrase.is_empty()
        && text.match_indices(phrase).any(|(at, found)| {
            let before = text.get(..at).is_none_or(|b| b.is_empty() || b.ends_with(' '));
            let after = text.get(at + found.len()..).is_none_or(|a| a.is_empty() || a.starts_with(' '));
            before && after
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_name_fold_to_one_key() {
        for (a, b) in [
            ("Müller & Söhne", "Muller and Sohne"),
            ("L'Oréal S.A.", "loreal sa"),
            ("Jean‑Luc  Picard", "jean luc picard"),
            ("STRAẞE", "strasse"),
            ("Łódź", "Lodz"),
        ] {
            assert_eq!(fold(a), fold(b), "{a} / {b}");
        }
        assert_ne!(fold("Meta"), fold("Metabase"));
    }

    #[test]
    fn lowering_keeps_every_offset() {
        for text in ["ÄÖÜ Straße", "İstanbul ISTANBUL", "ΑΒΓ ẞ K"] {
            let low = lower(text);
            assert_eq!(low.len(), text.len());
            assert!(text.char_indices().map(|(i, _)| i).eq(low.char_indices().map(|(i, _)| i)));
        }
    }

    #[test]
    fn a_phrase_is_found_as_whole_words_only() {
        assert!(has_phrase("our team page", "team"));
        assert!(!has_phrase("teamwork tips", "team"));
    }
}
