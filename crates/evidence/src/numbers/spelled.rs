//! Numbers written as words, in the languages that page kinds are known in.

use rust_decimal::Decimal;

/// What a word says about a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    /// 1–9
    Unit(u32),
    /// 10–19
    Teen(u32),
    /// 20, 30 … 90
    Ten(u32),
    Hundred,
    Scale(u64),
    /// A whole number by itself: `dozen`, `fünfundzwanzig`.
    Whole(u32),
}

/// Words whose meaning is a number and hardly anything else.
const STRONG: &[(&str, Part)] = &[
    ("two", Part::Unit(2)),
    ("three", Part::Unit(3)),
    ("four", Part::Unit(4)),
    ("five", Part::Unit(5)),
    ("six", Part::Unit(6)),
    ("seven", Part::Unit(7)),
    ("eight", Part::Unit(8)),
    ("nine", Part::Unit(9)),
    ("ten", Part::Teen(10)),
    ("eleven", Part::Teen(11)),
    ("twelve", Part::Teen(12)),
    ("thirteen", Part::Teen(13)),
    ("fourteen", Part::Teen(14)),
    ("fifteen", Part::Teen(15)),
    ("sixteen", Part::Teen(16)),
    ("seventeen", Part::Teen(17)),
    ("eighteen", Part::Teen(18)),
    ("nineteen", Part::Teen(19)),
    ("twenty", Part::Ten(20)),
    ("thirty", Part::Ten(30)),
    ("forty", Part::Ten(40)),
    ("fifty", Part::Ten(50)),
    ("sixty", Part::Ten(60)),
    ("seventy", Part::Ten(70)),
    ("eighty", Part::Ten(80)),
    ("ninety", Part::Ten(90)),
    ("hundred", Part::Hundred),
    ("dozen", Part::Whole(12)),
    ("zwei", Part::Unit(2)),
    ("drei", Part::Unit(3)),
    ("vier", Part::Unit(4)),
    ("f\u{fc}nf", Part::Unit(5)),
    ("sechs", Part::Unit(6)),
    ("sieben", Part::Unit(7)),
    ("zehn", Part::Teen(10)),
    ("zw\u{f6}lf", Part::Teen(12)),
    ("zwanzig", Part::Ten(20)),
    ("drei\u{df}ig", Part::Ten(30)),
    ("vierzig", Part::Ten(40)),
    ("f\u{fc}nfzig", Part::Ten(50)),
    ("sechzig", Part::Ten(60)),
    ("siebzig", Part::Ten(70)),
    ("achtzig", Part::Ten(80)),
    ("neunzig", Part::Ten(90)),
    ("hundert", Part::Hundred),
    ("deux", Part::Unit(2)),
    ("trois", Part::Unit(3)),
    ("quatre", Part::Unit(4)),
    ("cinq", Part::Unit(5)),
    ("huit", Part::Unit(8)),
    ("douze", Part::Teen(12)),
    ("vingt", Part::Ten(20)),
    ("trente", Part::Ten(30)),
    ("quarante", Part::Ten(40)),
    ("cinquante", Part::Ten(50)),
    ("tres", Part::Unit(3)),
    ("cuatro", Part::Unit(4)),
    ("cinco", Part::Unit(5)),
    ("siete", Part::Unit(7)),
    ("ocho", Part::Unit(8)),
    ("nueve", Part::Unit(9)),
    ("diez", Part::Teen(10)),
    ("doce", Part::Teen(12)),
    ("veinte", Part::Ten(20)),
    ("treinta", Part::Ten(30)),
    ("quattro", Part::Unit(4)),
    ("cinque", Part::Unit(5)),
    ("sette", Part::Unit(7)),
    ("dieci", Part::Teen(10)),
    ("venti", Part::Ten(20)),
    ("twee", Part::Unit(2)),
    ("drie", Part::Unit(3)),
    ("vijf", Part::Unit(5)),
    ("zeven", Part::Unit(7)),
    ("negen", Part::Unit(9)),
    ("tien", Part::Teen(10)),
    ("twaalf", Part::Teen(12)),
    ("twintig", Part::Ten(20)),
    ("tr\u{ea}s", Part::Unit(3)),
    ("dez", Part::Teen(10)),
    ("vinte", Part::Ten(20)),
    ("trinta", Part::Ten(30)),
];

/// Words that are numbers in one language and something else in another, or mostly something else.
const WEAK: &[(&str, Part)] = &[
    ("one", Part::Unit(1)),
    ("third", Part::Unit(3)),
    ("fourth", Part::Unit(4)),
    ("fifth", Part::Unit(5)),
    ("acht", Part::Unit(8)),
    ("neun", Part::Unit(9)),
    ("elf", Part::Teen(11)),
    ("sept", Part::Unit(7)),
    ("neuf", Part::Unit(9)),
    ("dix", Part::Teen(10)),
    ("onze", Part::Teen(11)),
    ("dos", Part::Unit(2)),
    ("seis", Part::Unit(6)),
    ("due", Part::Unit(2)),
    ("tre", Part::Unit(3)),
    ("sei", Part::Unit(6)),
    ("otto", Part::Unit(8)),
    ("nove", Part::Unit(9)),
    ("zes", Part::Unit(6)),
    ("dois", Part::Unit(2)),
    ("duas", Part::Unit(2)),
    ("quatro", Part::Unit(4)),
    ("sete", Part::Unit(7)),
    ("oito", Part::Unit(8)),
];

/// Words that multiply the number before them.
const SCALES: &[(&str, u64)] = &[
    ("thousand", 1_000),
    ("k", 1_000),
    ("tsd", 1_000),
    ("tausend", 1_000),
    ("mila", 1_000),
    ("duizend", 1_000),
    ("lakh", 100_000),
    ("crore", 10_000_000),
    ("million", 1_000_000),
    ("millions", 1_000_000),
    ("mn", 1_000_000),
    ("mio", 1_000_000),
    ("mln", 1_000_000),
    ("millionen", 1_000_000),
    ("mill\u{f3}n", 1_000_000),
    ("millones", 1_000_000),
    ("milione", 1_000_000),
    ("milioni", 1_000_000),
    ("miljoen", 1_000_000),
    ("milh\u{e3}o", 1_000_000),
    ("milh\u{f5}es", 1_000_000),
    ("billion", 1_000_000_000),
    ("billions", 1_000_000_000),
    ("bn", 1_000_000_000),
    ("mrd", 1_000_000_000),
    ("mld", 1_000_000_000),
    ("milliarde", 1_000_000_000),
    ("milliarden", 1_000_000_000),
    ("milliard", 1_000_000_000),
    ("milliards", 1_000_000_000),
    ("miliardo", 1_000_000_000),
    ("miliardi", 1_000_000_000),
    ("miljard", 1_000_000_000),
    ("bilh\u{e3}o", 1_000_000_000),
    ("bilh\u{f5}es", 1_000_000_000),
    ("trillion", 1_000_000_000_000),
    ("tn", 1_000_000_000_000),
    ("billionen", 1_000_000_000_000),
];

/// What the word multiplies by, if it is a scale.
pub(super) fn scale(word: &str) -> Option<u64> {
    let lower = word.to_lowercase();
    SCALES.iter().find(|(spelling, _)| *spelling == lower).map(|(_, scale)| *scale)
}

/// Whether the word gives a number before it its size: `million`, `Mrd`.
pub(crate) fn is_scale_word(word: &str) -> bool {
    scale(word).is_some()
}

/// Whether the word (lower case) is a number or a scale in any of the languages.
pub(crate) fn is_number_word(lower: &str) -> bool {
    part(lower).is_some() || lower.len() > 2 && scale(lower).is_some()
}

/// The part and whether it is surely a number.
fn part(lower: &str) -> Option<(Part, bool)> {
    let of = |table: &[(&str, Part)]| table.iter().find(|(word, _)| *word == lower).map(|(_, part)| *part);
    of(STRONG)
        .or_else(|| german_compound(lower))
        .map(|part| (part, true))
        .or_else(|| of(WEAK).map(|part| (part, false)))
}

/// `fünfundzwanzig` → 25.
fn german_compound(lower: &str) -> Option<Part> {
    let (unit, ten) = lower.split_once("und")?;
    let unit = if unit == "ein" { 1 } else { value(unit, |part| matches!(part, Part::Unit(_)))? };
    Some(Part::Whole(value(ten, |part| matches!(part, Part::Ten(_)))? + unit))
}

fn value(word: &str, fits: impl Fn(Part) -> bool) -> Option<u32> {
    let of = |table: &[(&str, Part)]| {
        table.iter().find(|(spelling, p)| *spelling == word && fits(*p)).map(|(_, p)| *p)
    };
    match of(STRONG).or_else(|| of(WEAK))? {
        Part::Unit(n) | Part::Teen(n) | Part::Ten(n) | Part::Whole(n) => Some(n),
        Part::Hundred | Part::Scale(_) => None,
    }
}

/// A number spelled by the words at the head of `words`: its value, how many words it takes, and whether it surely is one.
pub(super) fn number(words: &[&str]) -> Option<(Decimal, usize, bool)> {
    let mut reader = Reader::default();
    let mut taken = 0;
    for (number, word) in words.iter().enumerate() {
        let lower = word.to_lowercase();
        if lower == "and"
            && reader.after_hundred
            && words.get(number + 1).is_some_and(|w| part(&w.to_lowercase()).is_some())
        {
            continue;
        }
        let scaled = scale(&lower).filter(|_| lower.len() > 2).map(|scale| (Part::Scale(scale), true));
        let Some((part, strong)) = scaled.or_else(|| part(&lower)) else { break };
        if !reader.take(part) {
            break;
        }
        reader.strong |= strong;
        taken = number + 1;
    }
    let value = reader.total.checked_add(u64::from(reader.current))?;
    (taken > 0 && reader.started).then(|| (Decimal::from(value), taken, reader.strong))
}

/// Adds the parts of one spelled number up as long as they fit together.
#[derive(Debug, Default)]
struct Reader {
    total: u64,
    current: u32,
    started: bool,
    strong: bool,
    after_hundred: bool,
    /// What may follow: nothing below this.
    room: u32,
    closed: bool,
}

impl Reader {
    fn take(&mut self, part: Part) -> bool {
        if self.closed {
            return false;
        }
        match part {
            Part::Unit(n) => self.add(n, 10, 0),
            Part::Teen(n) => self.add(n, 100, 0),
            Part::Ten(n) => self.add(n, 100, 10),
            Part::Whole(n) => {
                self.closed = true;
                self.add(n, 100, 0)
            }
            Part::Hundred if self.started && (1..10).contains(&self.current) => {
                (self.current, self.room, self.after_hundred) = (self.current * 100, 100, true);
                true
            }
            Part::Scale(scale) if self.started && self.current > 0 => {
                let Some(more) = u64::from(self.current).checked_mul(scale) else { return false };
                self.total = self.total.saturating_add(more);
                (self.current, self.room) = (0, 1000);
                true
            }
            Part::Hundred | Part::Scale(_) => false,
        }
    }

    /// Adds a number below `size` if there is room for it, and leaves room for what is below `next`.
    const fn add(&mut self, n: u32, size: u32, next: u32) -> bool {
        if self.started && size > self.room {
            return false;
        }
        self.current += n;
        self.room = next;
        self.started = true;
        self.after_hundred = false;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<(u64, usize, bool)> {
        let words: Vec<&str> = text.split([' ', '-']).collect();
        number(&words).map(|(value, taken, strong)| (u64::try_from(value).unwrap(), taken, strong))
    }

    #[test]
    fn words_add_up_to_one_number_as_far_as_they_fit() {
        assert_eq!(read("twenty-five people"), Some((25, 2, true)));
        assert_eq!(read("two hundred and fifty thousand"), Some((250_000, 5, true)));
        assert_eq!(read("two million"), Some((2_000_000, 2, true)));
        assert_eq!(read("two three day workshops"), Some((2, 1, true)));
        assert_eq!(read("one"), Some((1, 1, false)));
        assert_eq!(read("one million"), Some((1_000_000, 2, true)));
        assert_eq!(read("f\u{fc}nfundzwanzig"), Some((25, 1, true)));
        assert_eq!(read("hundreds of people"), None);
        assert_eq!(read("million"), None);
    }
}
