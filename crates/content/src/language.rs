//! The language of a text: as declared, unless the text plainly says otherwise.

use whatlang::Lang;

/// Letters that are looked at.
const SAMPLE_CHARS: usize = 3_000;
/// With fewer words, a declared language is not contradicted, and an undeclared one is not guessed.
const WORDS_TO_CONTRADICT: u32 = 60;
const WORDS_TO_GUESS: u32 = 8;

/// The BCP-47 primary language of a text.
pub(crate) fn of(text: &str, declared: Option<&str>) -> Option<String> {
    let sample: String = text.chars().take(SAMPLE_CHARS).collect();
    let words = crate::words::count(&sample);
    if words < WORDS_TO_GUESS || declared.is_some() && words < WORDS_TO_CONTRADICT {
        return declared.map(str::to_owned);
    }
    let found = whatlang::detect(&sample).filter(|info| info.is_reliable() && info.confidence() > 0.9);
    let found = found.and_then(|info| two_letters(info.lang()));
    match (found, declared) {
        // Close relatives are told apart by their writers better than by trigrams.
        (Some(found), Some(declared)) if found != declared && !related(found, declared) => {
            Some(found.to_owned())
        }
        (Some(found), None) => Some(found.to_owned()),
        _ => declared.map(str::to_owned),
    }
}

fn related(a: &str, b: &str) -> bool {
    const FAMILIES: &[&[&str]] = &[
        &["no", "nb", "nn", "da", "sv"],
        &["hr", "sr", "bs", "sl", "mk", "bg"],
        &["cs", "sk"],
        &["ru", "uk", "be", "bg"],
        &["es", "gl", "ca", "pt"],
        &["id", "ms", "jv"],
        &["nl", "af"],
        &["hi", "mr", "ne"],
        &["fa", "ar", "ur"],
        &["az", "tr", "tk", "uz"],
    ];
    FAMILIES.iter().any(|family| family.contains(&a) && family.contains(&b))
}

fn two_letters(lang: Lang) -> Option<&'static str> {
    CODES.iter().find(|(known, _)| *known == lang).map(|(_, code)| *code)
}

/// ISO 639-1 codes of what the detector knows.
const CODES: &[(Lang, &str)] = &[
    (Lang::Epo, "eo"),
    (Lang::Eng, "en"),
    (Lang::Rus, "ru"),
    (Lang::Cmn, "zh"),
    (Lang::Spa, "es"),
    (Lang::Por, "pt"),
    (Lang::Ita, "it"),
    (Lang::Ben, "bn"),
    (Lang::Fra, "fr"),
    (Lang::Deu, "de"),
    (Lang::Ukr, "uk"),
    (Lang::Kat, "ka"),
    (Lang::Ara, "ar"),
    (Lang::Hin, "hi"),
    (Lang::Jpn, "ja"),
    (Lang::Heb, "he"),
    (Lang::Yid, "yi"),
    (Lang::Pol, "pl"),
    (Lang::Amh, "am"),
    (Lang::Jav, "jv"),
    (Lang::Kor, "ko"),
    (Lang::Nob, "no"),
    (Lang::Dan, "da"),
    (Lang::Swe, "sv"),
    (Lang::Fin, "fi"),
    (Lang::Tur, "tr"),
    (Lang::Nld, "nl"),
    (Lang::Hun, "hu"),
    (Lang::Ces, "cs"),
    (Lang::Ell, "el"),
    (Lang::Bul, "bg"),
    (Lang::Bel, "be"),
    (Lang::Mar, "mr"),
    (Lang::Kan, "kn"),
    (Lang::Ron, "ro"),
    (Lang::Slv, "sl"),
    (Lang::Hrv, "hr"),
    (Lang::Srp, "sr"),
    (Lang::Mkd, "mk"),
    (Lang::Lit, "lt"),
    (Lang::Lav, "lv"),
    (Lang::Est, "et"),
    (Lang::Tam, "ta"),
    (Lang::Vie, "vi"),
    (Lang::Urd, "ur"),
    (Lang::Tha, "th"),
    (Lang::Guj, "gu"),
    (Lang::Uzb, "uz"),
    (Lang::Pan, "pa"),
    (Lang::Aze, "az"),
    (Lang::Ind, "id"),
    (Lang::Tel, "te"),
    (Lang::Pes, "fa"),
    (Lang::Mal, "ml"),
    (Lang::Ori, "or"),
    (Lang::Mya, "my"),
    (Lang::Nep, "ne"),
    (Lang::Sin, "si"),
    (Lang::Khm, "km"),
    (Lang::Tuk, "tk"),
    (Lang::Aka, "ak"),
    (Lang::Zul, "zu"),
    (Lang::Sna, "sn"),
    (Lang::Afr, "af"),
    (Lang::Lat, "la"),
    (Lang::Slk, "sk"),
    (Lang::Cat, "ca"),
    (Lang::Tgl, "tl"),
    (Lang::Hye, "hy"),
];

#[cfg(test)]
mod tests {
    use super::*;

    const GERMAN: &str = "Wir entwickeln und bauen Pumpen für die Landwirtschaft, die ohne Öl laufen und aus der Ferne \
        überwacht werden. Seit der Gründung im Jahr 2014 arbeiten wir in Leeds mit einem kleinen Team daran, dass Felder \
        immer genug Wasser haben, auch wenn der Sommer trocken ist und die Leitungen alt sind. Unsere Kunden sind Höfe, \
        Genossenschaften und Gemeinden in ganz Europa, die sich auf einfache Technik verlassen möchten.";

    #[test]
    fn a_declared_language_stands_unless_the_text_is_plainly_another() {
        assert_eq!(of("Kontakt", Some("de")).as_deref(), Some("de"));
        assert_eq!(of(GERMAN, Some("en")).as_deref(), Some("de"));
        assert_eq!(of(GERMAN, Some("de")).as_deref(), Some("de"));
    }

    #[test]
    fn an_undeclared_language_is_found_in_the_text() {
        assert_eq!(of(GERMAN, None).as_deref(), Some("de"));
        assert_eq!(of("Hi", None), None);
    }
}
