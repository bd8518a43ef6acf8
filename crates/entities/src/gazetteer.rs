//! Countries and cities: names in seven languages, codes, currencies.

use std::collections::HashMap;

use crate::fold::fold;

const COUNTRIES: &str = include_str!("../data/countries.txt");
const CITIES: &str = include_str!("../data/cities.txt");
const REGIONS: &str = include_str!("../data/regions.txt");

/// An ISO 3166-1 alpha-2 code, upper case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Country([u8; 2]);

impl Country {
    pub(crate) const fn new(code: [u8; 2]) -> Self {
        Self(code)
    }

    pub(crate) fn parse(code: &str) -> Option<Self> {
        match code.as_bytes() {
            [a, b] if a.is_ascii_alphabetic() && b.is_ascii_alphabetic() => {
                Some(Self([a.to_ascii_uppercase(), b.to_ascii_uppercase()]))
            }
            _ => None,
        }
    }

    pub(crate) fn code(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

/// One city of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct City {
    pub(crate) name: &'static str,
    pub(crate) country: Country,
    pub(crate) region: Option<&'static str>,
}

/// The shipped lists, by folded name.
#[derive(Debug)]
pub(crate) struct Gazetteer {
    countries: HashMap<String, Country>,
    names: HashMap<Country, &'static str>,
    currencies: HashMap<Country, &'static str>,
    cities: HashMap<String, Vec<City>>,
    /// States and provinces by folded name, and by code as written.
    regions: HashMap<String, (Country, &'static str)>,
}

impl Gazetteer {
    pub(crate) fn new() -> Self {
        let mut all = Self {
            countries: HashMap::new(),
            names: HashMap::new(),
            currencies: HashMap::new(),
            cities: HashMap::new(),
            regions: HashMap::new(),
        };
        for line in COUNTRIES.lines().filter(|l| !l.starts_with('#')) {
            let mut columns = line.split('|');
            let (Some(code), Some(currency), Some(_calling)) =
                (columns.next().and_then(Country::parse), columns.next(), columns.next())
            else {
                continue;
            };
            all.currencies.insert(code, currency);
            for name in columns {
                all.names.entry(code).or_insert(name);
                all.countries.entry(fold(name)).or_insert(code);
            }
        }
        for line in CITIES.lines().filter(|l| !l.starts_with('#')) {
            let Some((country, list)) = line.split_once('|') else { continue };
            let Some(country) = Country::parse(country) else { continue };
            for entry in list.split(',') {
                let (names, region) =
                    entry.split_once('~').map_or((entry, None), |(names, region)| (names, Some(region)));
                let Some(name) = names.split('/').next() else { continue };
                for spelling in names.split('/') {
                    all.cities.entry(fold(spelling)).or_default().push(City { name, country, region });
                }
            }
        }
        for line in REGIONS.lines().filter(|l| !l.starts_with('#')) {
            let mut columns = line.split('|');
            let (Some(country), Some(code)) = (columns.next().and_then(Country::parse), columns.next())
            else {
                continue;
            };
            all.regions.entry(code.to_owned()).or_insert((country, code));
            for name in columns {
                all.regions.entry(fold(name)).or_insert((country, code));
            }
        }
        all
    }

    /// A state or province by its name, or by its code in capitals.
    pub(crate) fn region(&self, name: &str) -> Option<(Country, &'static str)> {
        let name = name.trim();
        let code = name.len() <= 3 && name.chars().all(|c| c.is_ascii_uppercase());
        self.regions.get(&if code { name.to_owned() } else { fold(name) }).copied()
    }

    /// A country by any of its names, or by its code written in capitals.
    pub(crate) fn country(&self, name: &str) -> Option<Country> {
        let name = name.trim();
        if let Some(code) = Country::parse(name).filter(|c| name == c.code() && self.names.contains_key(c)) {
            return Some(code);
        }
        match name {
            "GBR" => Some(Country::new(*b"GB")),
            "DEU" => Some(Country::new(*b"DE")),
            "FRA" => Some(Country::new(*b"FR")),
            _ => self.countries.get(&fold(name)).copied(),
        }
    }

    /// The English name of a country.
    pub(crate) fn country_name(&self, country: Country) -> &'static str {
        self.names.get(&country).copied().unwrap_or("")
    }

    pub(crate) fn currency(&self, country: Country) -> Option<&'static str> {
        self.currencies.get(&country).copied()
    }

    /// A city by any spelling: the one in `country` if there is one, else the first listed.
    pub(crate) fn city(&self, name: &str, country: Option<Country>) -> Option<&City> {
        let all = self.cities.get(&fold(name))?;
        all.iter().find(|c| Some(c.country) == country).or_else(|| all.first())
    }

    /// Whether a name is a place: no person and no organisation is called by it alone.
    pub(crate) fn is_place(&self, name: &str) -> bool {
        let folded = fold(name);
        self.cities.contains_key(&folded) || self.countries.contains_key(&folded)
    }

    /// The country that a top-level domain stands for; generic and fashion ones (`.io`, `.ai`, `.co`) stand for none.
    pub(crate) fn of_tld(&self, tld: &str) -> Option<Country> {
        match tld {
            "uk" => Some(Country::new(*b"GB")),
            "io" | "ai" | "co" | "me" | "tv" | "cc" | "ly" | "gg" | "to" | "fm" | "im" | "la" | "vc"
            | "so" | "sh" | "eu" | "ag" | "is" | "ws" | "gl" | "id" | "tk" | "ml" | "ga" | "cf" => None,
            _ => Country::parse(tld).filter(|c| self.names.contains_key(c)),
        }
    }

    /// Every name of a country as written, for building search automata.
    pub(crate) fn country_names(&self) -> impl Iterator<Item = &'static str> {
        COUNTRIES.lines().filter(|l| !l.starts_with('#')).flat_map(|l| l.split('|').skip(3))
    }

    /// Every name of a city as written.
    pub(crate) fn city_names(&self) -> impl Iterator<Item = &'static str> {
        CITIES
            .lines()
            .filter(|l| !l.starts_with('#'))
            .filter_map(|l| l.split_once('|'))
            .flat_map(|(_, list)| list.split(','))
            .filter_map(|entry| entry.split('~').next())
            .flat_map(|names| names.split('/'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn countries_are_known_in_seven_languages() {
        let g = Gazetteer::new();
        for (name, code) in [
            ("Germany", "DE"),
            ("Deutschland", "DE"),
            ("Allemagne", "DE"),
            ("Alemania", "DE"),
            ("Germania", "DE"),
            ("Duitsland", "DE"),
            ("Alemanha", "DE"),
            ("UK", "GB"),
            ("England", "GB"),
            ("GB", "GB"),
            ("u.s.a.", "US"),
        ] {
            assert_eq!(g.country(name).map(|c| c.code().to_owned()).as_deref(), Some(code), "{name}");
        }
        assert_eq!(g.country("de"), None, "a lower-case code is a word");
        assert!(g.names.len() >= 180, "{}", g.names.len());
    }

    #[test]
    fn a_city_of_several_countries_follows_the_evidence() {
        let g = Gazetteer::new();
        let gb = Country::parse("GB");
        assert_eq!(g.city("Cambridge", gb).map(|c| c.country), gb);
        assert_eq!(g.city("Cambridge", Country::parse("US")).and_then(|c| c.region), Some("MA"));
        assert_eq!(g.city("munich", None).map(|c| c.name), Some("München"));
        assert!(g.city_names().count() >= 600);
        assert!(g.city("Atlantis", None).is_none());
    }

    #[test]
    fn fashion_domains_are_no_country() {
        let g = Gazetteer::new();
        assert_eq!(g.of_tld("io"), None);
        assert_eq!(g.of_tld("uk").map(|c| c.code().to_owned()).as_deref(), Some("GB"));
        assert_eq!(g.of_tld("de").map(|c| c.code().to_owned()).as_deref(), Some("DE"));
        assert_eq!(g.of_tld("com"), None);
    }
}
