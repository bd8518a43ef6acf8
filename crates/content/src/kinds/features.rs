//! What a read page shows that speaks for a kind.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use domain::{Block, BlockKind, Content, LinkKind, Region};
use regex::Regex;
use serde_json::Value;
use url::Url;

use super::table::FileWords;
use super::words::words;
use super::{Error, Kinds};

/// Signs of a kind in a page's content.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Features {
    /// The title's parts: `Über uns`, `Acme GmbH`.
    pub titles: Vec<String>,
    /// Headings of the first level.
    pub headings: Vec<String>,
    /// schema.org types of what the page declares itself to be.
    pub types: Vec<String>,
    /// Cards or headed entries that name a person with a function.
    pub people: u32,
    /// Amounts with a period.
    pub prices: u32,
    /// Links to job postings.
    pub jobs: u32,
    /// Two or more ways to reach the company, in the main part.
    pub contact: bool,
    /// An author and a date.
    pub article: bool,
}

/// A countable sign, as `[features.…]` names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Feature {
    People,
    Prices,
    Jobs,
    Contact,
    Article,
}

impl Feature {
    pub(super) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "people" => Self::People,
            "prices" => Self::Prices,
            "jobs" => Self::Jobs,
            "contact" => Self::Contact,
            "article" => Self::Article,
            _ => return None,
        })
    }

    pub(super) fn count(self, features: &Features) -> u32 {
        match self {
            Self::People => features.people,
            Self::Prices => features.prices,
            Self::Jobs => features.jobs,
            Self::Contact => u32::from(features.contact),
            Self::Article => u32::from(features.article),
        }
    }

    pub(super) fn describe(self, count: u32) -> String {
        match self {
            Self::People => format!("{count} people with a function"),
            Self::Prices => format!("{count} prices with a period"),
            Self::Jobs => format!("{count} job links"),
            Self::Contact => "ways to reach the company".to_owned(),
            Self::Article => "author and date".to_owned(),
        }
    }
}

/// The table's `[words]`, compiled.
#[derive(Debug, Clone)]
pub(super) struct Words {
    roles: HashSet<String>,
    price: Regex,
    period: Regex,
    job_mark: Regex,
    job_hosts: Vec<String>,
    byline: Regex,
}

impl Words {
    pub(super) fn new(file: &FileWords) -> Result<Self, Error> {
        let any = |list: &[String]| list.iter().map(|word| regex::escape(word)).collect::<Vec<_>>().join("|");
        let regex = |pattern: String| Regex::new(&pattern).map_err(|error| Error(error.to_string()));
        let currency = any(&file.currencies);
        Ok(Self {
            roles: file.roles.iter().map(|role| words(role).join(" ")).collect(),
            price: regex(format!(r"(?:{currency})\s?\d|\d[\d.,']*\s?(?:{currency})"))?,
            period: regex(format!(r"(?i)(?:{})(?:\b|$)", any(&file.periods)))?,
            job_mark: regex(format!("(?i){}", any(&file.job_marks)))?,
            job_hosts: file.job_hosts.clone(),
            byline: regex(format!(r"(?i)^(?:{})\s*:?\s+\p{{Lu}}", any(&file.bylines)))?,
        })
    }

    /// Whether a short text names a function: `CEO and co-founder`, `Leiterin Einkauf`.
    fn has_role(&self, text: &str) -> bool {
        let all = words(text);
        let is = |run: &[String]| self.roles.contains(&run.join(" "));
        all.len() <= 16 && (all.windows(1).any(is) || all.windows(2).any(is))
    }
}

impl Kinds {
    /// The signs in `content`.
    #[must_use]
    pub fn features(&self, content: &Content) -> Features {
        let shown = |block: &&Block| block.region != Region::Hidden && block.region != Region::Banner;
        let headings = content.blocks.iter().filter(shown).filter(|block| block.level == Some(1));
        let mut types = BTreeSet::new();
        for item in content.data.jsonld.iter().chain(&content.data.microdata).chain(&content.data.rdfa) {
            declared(&item.value, 0, &mut types);
        }
        Features {
            titles: content.title.iter().flat_map(|title| title_parts(title)).collect(),
            headings: headings.map(|block| content.block_text(block).to_owned()).collect(),
            types: types.into_iter().collect(),
            people: self.people(content),
            prices: self.prices(content),
            jobs: self.jobs(content),
            contact: ways_to_reach(content) >= 2,
            article: self.is_article(content),
        }
    }

    /// Cards, and headings with a line below, that hold a name and a function.
    fn people(&self, content: &Content) -> u32 {
        let mut cards: BTreeMap<u32, Vec<&str>> = BTreeMap::new();
        let mut entries = 0;
        let main: Vec<&Block> = content.blocks.iter().filter(|block| block.region == Region::Main).collect();
        for pair in main.windows(2) {
            let [name, below] = pair else { continue };
            let headed = name.card.is_none() && name.kind == BlockKind::Heading && name.level != Some(1);
            let (name, below) = (content.block_text(name), content.block_text(below));
            entries += u32::from(headed && is_name(name) && self.words.has_role(below));
        }
        for block in main {
            if let Some(card) = block.card {
                cards.entry(card).or_default().extend(content.block_text(block).split(['\n', '|', ',', '–']));
            }
        }
        for lines in cards.values() {
            let named = lines.iter().any(|line| is_name(line));
            entries += u32::from(named && lines.iter().any(|line| self.words.has_role(line)));
        }
        let rows = content.blocks.iter().filter(|block| block.kind == BlockKind::TableRow);
        let rows = rows.filter(|row| {
            let cells: Vec<&str> = content.block_text(row).split(" | ").collect();
            cells.iter().any(|cell| is_name(cell)) && cells.iter().any(|cell| self.words.has_role(cell))
        });
        entries + u32::try_from(rows.count()).unwrap_or(u32::MAX)
    }

    fn prices(&self, content: &Content) -> u32 {
        let mut cards: BTreeMap<u32, String> = BTreeMap::new();
        let mut count = 0;
        for block in content.blocks.iter().filter(|block| block.region == Region::Main) {
            let text = content.block_text(block);
            match block.card {
                Some(card) => {
                    let joined = cards.entry(card).or_default();
                    joined.push_str(text);
                    joined.push(' ');
                }
                None => count += self.priced(text),
            }
        }
        count + cards.values().map(|text| self.priced(text).min(1)).sum::<u32>()
    }

    /// Amounts in a text that says how often they are due.
    fn priced(&self, text: &str) -> u32 {
        if !self.words.period.is_match(text) {
            return 0;
        }
        u32::try_from(self.words.price.find_iter(text).count()).unwrap_or(u32::MAX)
    }

    fn jobs(&self, content: &Content) -> u32 {
        let mut found = BTreeSet::new();
        let links = content.links.iter().filter(|link| !matches!(link.region, Region::Nav | Region::Footer));
        for link in links {
            let Ok(url) = Url::parse(&link.href) else { continue };
            let host = url.host_str().unwrap_or_default();
            let board = self.words.job_hosts.iter().any(|known| {
                host.strip_suffix(known.as_str()).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
            });
            let guess = self.guess(&url, None, None);
            let posting = guess.kind == "careers" && guess.score < self.score.join(self.score.last, 0.0, 0.0);
            if board || posting || self.words.job_mark.is_match(&link.text) {
                found.insert(link.href.as_str());
            }
        }
        u32::try_from(found.len()).unwrap_or(u32::MAX)
    }

    fn is_article(&self, content: &Content) -> bool {
        let early = content.blocks.iter().filter(|block| block.region == Region::Main).take(8);
        let byline = content.author.is_some()
            || early.into_iter().any(|block| self.words.byline.is_match(content.block_text(block)));
        byline && content.published.is_some()
    }
}

/// A title's parts between the usual separators.
fn title_parts(title: &str) -> Vec<String> {
    let spaced = [" | ", " – ", " — ", " - ", " · ", " :: ", " » ", " « ", " • ", ": ", " / "];
    let mut parts = vec![title.to_owned()];
    for separator in spaced {
        parts = parts.iter().flat_map(|part| part.split(separator).map(str::to_owned)).collect();
    }
    parts.into_iter().map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect()
}

/// The types of the objects a page declares: top level, `@graph`, `mainEntity` and list elements.
fn declared(value: &Value, depth: usize, found: &mut BTreeSet<String>) {
    if depth > 3 {
        return;
    }
    match value {
        Value::Array(items) => items.iter().for_each(|item| declared(item, depth + 1, found)),
        Value::Object(object) => {
            let kinds = object.get("@type").or_else(|| object.get("type"));
            let names: Vec<&str> = match kinds {
                Some(Value::String(name)) => vec![name],
                Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).collect(),
                _ => Vec::new(),
            };
            found.extend(
                names.iter().filter_map(|name| name.rsplit(['/', '#', ':']).next()).map(str::to_lowercase),
            );
            for key in ["@graph", "mainEntity", "mainEntityOfPage"] {
                if let Some(inner) = object.get(key) {
                    declared(inner, depth + 1, found);
                }
            }
        }
        _ => {}
    }
}

/// Two to five words that start with capitals (or are particles) and hold no digits.
fn is_name(text: &str) -> bool {
    const PARTICLES: [&str; 14] =
        ["von", "van", "de", "der", "den", "di", "da", "del", "la", "le", "zu", "dos", "bin", "al"];
    let text = text.trim();
    if text.chars().count() > 48 || text.chars().any(|c| c.is_ascii_digit() || "?!:€$@".contains(c)) {
        return false;
    }
    let parts: Vec<&str> = text.split_whitespace().collect();
    let capital = |word: &&str| word.chars().next().is_some_and(char::is_uppercase);
    let shouted = |word: &&str| word.chars().count() > 3 && word.chars().all(char::is_uppercase);
    (2..=5).contains(&parts.len())
        && parts.iter().filter(|word| capital(word)).count() >= 2
        && parts.iter().all(|word| capital(word) || PARTICLES.contains(word))
        && !parts.iter().all(shouted)
}

/// Telephone, e-mail and postal address, each once.
fn ways_to_reach(content: &Content) -> usize {
    let main = |kind: LinkKind| {
        content
            .links
            .iter()
            .any(|link| link.kind == kind && !matches!(link.region, Region::Footer | Region::Nav))
    };
    let items = content.data.jsonld.iter().chain(&content.data.microdata);
    let postal = items.into_iter().any(|item| holds_type(&item.value, "postaladdress", 0));
    usize::from(main(LinkKind::Tel)) + usize::from(main(LinkKind::Mailto)) + usize::from(postal)
}

fn holds_type(value: &Value, name: &str, depth: usize) -> bool {
    if depth > 6 {
        return false;
    }
    match value {
        Value::Array(items) => items.iter().any(|item| holds_type(item, name, depth + 1)),
        Value::Object(object) => {
            object
                .get("@type")
                .and_then(Value::as_str)
                .is_some_and(|kind| kind.to_lowercase().ends_with(name))
                || object.values().any(|inner| holds_type(inner, name, depth + 1))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The features of a page as it is read.
    fn seen(main: &str) -> Features {
        let kinds = Kinds::parse(crate::kinds::tests::TABLE).unwrap();
        let url = Url::parse("https://acme.example/p/17").unwrap();
        let hint = crate::Hint { url: Some(&url), ..crate::Hint::default() };
        let html = format!(
            "<!doctype html><html lang=en><head><title>Acme</title></head><body><header><nav><a href=/>Home</a>\
             <a href=/jobs/a>A</a><a href=/jobs/b>B</a><a href=/jobs/c>C</a></nav></header><main>{main}</main></body></html>"
        );
        let document = domain::DocumentId::new();
        kinds.features(&crate::read(html.as_bytes(), &hint, None, document).unwrap())
    }

    const PROSE: &str = "<p>We make remote-monitored pumps for farms in the north, and have done so for a good ten years now, \
        with care for the water and for those who live by it.</p>";

    #[test]
    fn cards_and_headed_entries_with_a_name_and_a_function_are_people() {
        let people = [
            ("Mara Lind", "CEO and co-founder"),
            ("Tomas Weil", "CTO"),
            ("Ida Berg", "Head of Sales"),
            ("Jo Ash", "Engineer"),
        ];
        let cards: String = people
            .iter()
            .map(|(name, role)| format!("<div class=card><h3>{name}</h3><p>{role}</p></div>"))
            .collect();
        assert!(seen(&format!("<h1>Team</h1>{PROSE}<div class=grid>{cards}</div>")).people >= 3);
        let entries: String =
            people.iter().map(|(name, role)| format!("<h2>{name}</h2><p>{role}</p>")).collect();
        assert!(seen(&format!("<h1>Team</h1>{entries}")).people >= 3);
        assert_eq!(seen(&format!("<h1>About Us</h1>{PROSE}<h2>Our Mission</h2>{PROSE}")).people, 0);
    }

    #[test]
    fn amounts_with_a_period_are_prices() {
        let plans: String = [("Basic", "£49"), ("Plus", "£120"), ("Max", "£300")]
            .iter()
            .map(|(name, price)| format!("<div class=plan><h3>{name}</h3><p>{price} per site and month</p><p>{price} a month</p></div>"))
            .collect();
        assert!(seen(&format!("<h1>Plans</h1>{PROSE}{plans}")).prices >= 2);
        let once = "<p>In 2023 we raised £6.2 million, and in 2024 €10 million.</p>";
        assert_eq!(seen(&format!("<h1>News</h1>{PROSE}{once}")).prices, 0);
    }

    #[test]
    fn links_to_postings_are_jobs_unless_they_stand_in_the_navigation() {
        let jobs: String = (0..4)
            .map(|n| format!("<li><a href=/careers/engineer-{n}>Engineer {n} (m/f/d)</a></li>"))
            .collect();
        assert!(seen(&format!("<h1>Open roles</h1>{PROSE}<ul>{jobs}</ul>")).jobs >= 3);
        assert_eq!(seen(&format!("<h1>About</h1>{PROSE}")).jobs, 0);
    }

    #[test]
    fn two_ways_to_reach_the_company_are_a_contact() {
        let phone = "<p><a href='tel:+441130000000'>0113 000 0000</a></p>";
        let mail = "<p><a href='mailto:info@acme.example'>info@acme.example</a></p>";
        assert!(seen(&format!("<h1>Reach us</h1>{PROSE}{phone}{mail}")).contact);
        assert!(!seen(&format!("<h1>Reach us</h1>{PROSE}{phone}")).contact);
    }

    #[test]
    fn a_title_is_parted_at_its_separators() {
        assert_eq!(title_parts("Über uns – Acme GmbH | Home"), ["Über uns", "Acme GmbH", "Home"]);
        assert_eq!(title_parts("Well-known"), ["Well-known"]);
    }

    #[test]
    fn names_are_told_from_headlines() {
        for name in ["Mara Lind", "J. R. Smith", "Ludwig van Beethoven", "Anne-Marie O'Neil"] {
            assert!(is_name(name), "{name}");
        }
        for other in ["Contact us today", "Plan 2", "TERMS SERVICE", "Pricing", "What is it?"] {
            assert!(!is_name(other), "{other}");
        }
    }

    #[test]
    fn declared_types_are_those_of_the_page_not_of_what_it_mentions() {
        let mut found = BTreeSet::new();
        let value = serde_json::json!({"@graph": [
            {"@type": "AboutPage", "publisher": {"@type": "Organization"}},
            {"@type": ["https://schema.org/Product", "Thing"]},
        ]});
        declared(&value, 0, &mut found);
        assert_eq!(found.into_iter().collect::<Vec<_>>(), ["aboutpage", "product", "thing"]);
    }
}
