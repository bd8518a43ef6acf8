//! The forms of postal codes and street lines, compiled once.

use regex::Regex;

use crate::Error;

/// States, provinces and territories as addresses abbreviate them.
const STATES: &str = "AL|AK|AZ|AR|CA|CO|CT|DE|DC|FL|GA|HI|ID|IL|IN|IA|KS|KY|LA|ME|MD|MA|MI|MN|MS|MO|MT|NE|NV|NH|NJ|NM|NY|NC|ND|OH|OK|OR|PA|PR|RI|SC|SD|TN|TX|UT|VT|VA|WA|WV|WI|WY";
const PROVINCES: &str = "AB|BC|MB|NB|NL|NS|NT|NU|ON|PE|QC|SK|YT";
const TERRITORIES: &str = "NSW|VIC|QLD|WA|SA|TAS|ACT|NT";

/// A town: capitalised words with the small words of place names between them.
const TOWN: &str = r"\p{Lu}[\p{L}.'’\-]*(?:[ \u{a0}](?:\([A-Z]{2}\)|am|an der|an|im|in|bei|ob der|sur|sous|lès|les|la|le|de la|del|de|du|di|da|do|aan den|aan de|am See|\p{Lu}[\p{L}.'’\-]+)){0,4}";

const STREET_WORDS: &str = "Street|St|Road|Rd|Avenue|Ave|Lane|Ln|Drive|Dr|Court|Ct|Boulevard|Blvd|Way|Place|Pl|Square|Sq|Highway|Hwy|Parkway|Pkwy|Terrace|Close|Crescent|Row|Walk|Gardens|Grove|Hill|Quay|Quays|Wharf|Mews|Park|Plaza|Broadway|Circle|Cir|Loop|Trail|Pike|Alley|Embankment|Circus|Gate|Yard|Mill|Mills|Estate|House|Building|Centre|Center|Green|Parade|Strand|Esplanade|Works|Dock|Bridge|Expressway|Turnpike";

/// What parts the lines of an address.
pub(super) const SEPARATOR: &str =
    r"[ \u{a0}]*[,\n|·•;][ \u{a0},\n|·•;]*|[ \u{a0}]+[–-][ \u{a0}]+|[ \u{a0}]+";

#[derive(Debug)]
pub(crate) struct Patterns {
    /// `LS1 4AP`.
    pub(super) gb: Regex,
    /// `1012 AB Amsterdam`.
    pub(super) nl: Regex,
    /// `1000-001 Lisboa`.
    pub(super) pt: Regex,
    /// `10115 Berlin`, `F-75002 Paris`.
    pub(super) five: Regex,
    /// `A-1010 Wien`, `8001 Zürich`.
    pub(super) four: Regex,
    /// `IL 62701`.
    pub(super) us: Regex,
    /// `ON M5V 2T6`.
    pub(super) ca: Regex,
    /// `NSW 2000`.
    pub(super) au: Regex,
    /// `D02 AF30`, `Dublin 2`.
    pub(super) ie: Regex,
    /// `12 Mill Lane, Suite 4`.
    pub(super) anglo: Regex,
    /// `The Old Mill, Station Road`.
    pub(super) named: Regex,
    /// `12 rue de la Paix`.
    pub(super) fr: Regex,
    /// `Calle Mayor, 12`.
    pub(super) es: Regex,
    /// `Via Roma 12`.
    pub(super) it: Regex,
    /// `Rua Augusta, 12`.
    pub(super) pt_street: Regex,
    /// `Musterstraße 12a`, the number at the end.
    pub(super) number_last: Regex,
}

impl Patterns {
    pub(crate) fn new() -> Result<Self, Error> {
        let sep = format!("(?:{SEPARATOR})");
        let gap = r"(?:[ \u{a0}]*,)?[ \u{a0}]{1,3}";
        let anglo_tail = r"(?:[ ](?:N|S|E|W|NE|NW|SE|SW|North|South|East|West)\b)?(?:,?[ ]*\n{0,2}(?:(?:Suite|Ste|STE|Unit|Floor|Fl|Apt|Room|Level|Bldg|Building|#)\.?[ ]?[\w-]+|[0-9]{1,2}(?:st|nd|rd|th)[ ][Ff]loor))*";
        Ok(Self {
            gb: compile(r"(?-u:\b)([A-Z]{1,2}[0-9][A-Z0-9]?[ \u{a0}]?[0-9][ABD-HJLNP-UW-Z]{2})(?-u:\b)")?,
            nl: compile(&format!(
                r"(?-u:\b)(?:NL[- ])?([1-9][0-9]{{3}}[ \u{{a0}}]?[A-Z]{{2}}){gap}({TOWN})"
            ))?,
            pt: compile(&format!(r"(?-u:\b)([1-9][0-9]{{3}}-[0-9]{{3}}){gap}({TOWN})"))?,
            five: compile(&format!(r"(?-u:\b)(?:(D|DE|F|FR|E|ES|I|IT)[- ])?([0-9]{{5}}){gap}({TOWN})"))?,
            four: compile(&format!(
                r"(?-u:\b)(?:(A|AT|CH|B|BE|L|LU|DK)[- ])?([1-9][0-9]{{3}}){gap}({TOWN})"
            ))?,
            us: compile(&format!(
                r"(?-u:\b)({STATES})[ ,\u{{a0}}]{{1,3}}([0-9]{{5}}(?:-[0-9]{{4}})?)(?-u:\b)"
            ))?,
            ca: compile(&format!(
                r"(?-u:\b)({PROVINCES})\)?[ ,\u{{a0}}]{{1,3}}([ABCEGHJ-NPRSTVXY][0-9][A-Z][ -]?[0-9][A-Z][0-9])(?-u:\b)"
            ))?,
            au: compile(&format!(r"(?-u:\b)({TERRITORIES})[ ,\u{{a0}}]{{1,3}}([0-9]{{4}})(?-u:\b)"))?,
            ie: compile(
                r"(?-u:\b)([AC-FHKNPRTV-Y][0-9][0-9W][ ]?[0-9AC-FHKNPRTV-Y]{4}|Dublin[ ][0-9]{1,2}W?)(?-u:\b)",
            )?,
            anglo: compile(&format!(
                r"(?:(?:Unit|Suite|Flat|Office|Studio|Floor)[ ]?[\w-]{{1,6}}{sep})?(?-u:\b)[0-9]{{1,6}}[A-Za-z]?(?:[-–/][0-9]{{1,6}}[A-Za-z]?)?,?[ ](?:[NSEW]\.?[ ])?(?:[\p{{Lu}}0-9][\p{{L}}0-9'’.-]*[ ]){{0,4}}(?:{STREET_WORDS})(?-u:\b)\.?{anglo_tail}"
            ))?,
            named: compile(&format!(
                r"(?:[\p{{Lu}}][\p{{L}}'’-]+[ ]){{1,4}}(?:{STREET_WORDS})(?-u:\b)(?:{sep}(?:[\p{{Lu}}][\p{{L}}'’-]+[ ]){{1,3}}(?:{STREET_WORDS})(?-u:\b))?"
            ))?,
            fr: compile(
                r"(?i)(?-u:\b)[0-9]{1,4}(?:[ ]?(?:bis|ter|quater|[a-d]))?(?:[-/][0-9]{1,4})?,?[ ](?:rue|avenue|av\.|boulevard|bd\.?|place|chemin|allée|allee|quai|impasse|cours|route|square|passage|villa|faubourg|esplanade|parvis|sentier|chaussée|rond-point|drève|clos)[ ][^,\n|0-9]{2,60}",
            )?,
            es: compile(
                r"(?i)(?-u:\b)(?:calle|c/|avenida|avda\.?|av\.|paseo|pº|plaza|pza\.?|carrer|ronda|camino|gran vía|gran via|travessera|rambla|carretera|ctra\.?|polígono|pol\.)[ ]?[^\n|0-9]{2,50}?,?[ ](?:n[º°o]?\.?[ ]?)?[0-9]{1,4}[^\n|]{0,40}",
            )?,
            it: compile(
                r"(?i)(?-u:\b)(?:via|viale|piazza|piazzale|corso|largo|strada|vicolo|lungotevere|lungarno|contrada)[ ][^,\n|0-9]{2,50},?[ ](?:n\.[ ]?)?[0-9]{1,4}(?:/?[a-z])?",
            )?,
            pt_street: compile(
                r"(?i)(?-u:\b)(?:rua|r\.|avenida|av\.|praça|largo|travessa|estrada|alameda|rotunda|calçada)[ ][^\n|0-9]{2,50}?,?[ ](?:n\.?º?[ ]?)?[0-9]{1,5}[^\n|]{0,30}",
            )?,
            number_last: compile(
                r"([\p{Lu}][\p{L}0-9.'’\-]*(?:[ ](?:[\p{L}.'’\-]+|[0-9]{1,2}\.)){0,5})[ \u{a0}]([0-9]{1,4}[ ]?[a-zA-Z]?(?:[ ]?[-–/+][ ]?[0-9]{1,4}[ ]?[a-zA-Z]?)?)(?:,?[ ](?:bus|bte|boîte|Haus|Top|Stiege)[ ][\w/]+)?$",
            )?,
        })
    }
}

fn compile(pattern: &str) -> Result<Regex, Error> {
    Regex::new(pattern)
        .map_err(|e| Error { line: 1, reason: format!("the address pattern does not compile: {e}") })
}
