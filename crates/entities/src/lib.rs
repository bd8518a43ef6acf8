//! Who and what a subject's documents name: people, organisations, addresses, sums, … as entities with evidence.
//!
//! For `extract.entities` and whoever has [`domain::Content`] at hand. No I/O, no clock, no model: the same input
//! gives the same entities. Not for reading documents (`content`) or judging companies (`analyze.score`).
//!
//! Read first: [`Extractor`] (the way in), `mention` (one place where one thing is named), `merge` (mentions to
//! entities). Each sort of entity has a file of its noun; words and numbers are in the pipeline's `entities.toml` and
//! `technologies.toml`; places and legal forms in `data/`.
//!
//! # Attributes by kind
//!
//! Every attribute is a list of values, the one to trust first in front.
//!
//! | kind | key | attributes |
//! |---|---|---|
//! | `person` | folded name (`… @ company` for people of other companies) | `name`, `roles` (`{title, function?, seniority, organisation?, current, since?, until?}`, no organisation = here), `group` (founder, executive, board, advisor, staff, author, external, testimonial), `email`, `phone`, `profiles` |
//! | `organisation` | folded name without legal form | `name`, `legal_name`, `relationship` (self, parent, subsidiary, customer, partner, investor, competitor, supplier, acquirer, acquired, certifier, press, past_employer, other), `basis` (explicit, section, inferred), `domain`; of `self` also `founded`, `headquarters`, `identifier`, `description`, `slogan`, `industry` |
//! | `location` | town and country | `type` (headquarters, office, registered, store, market, mention), `city`, `region`, `country` (ISO 3166-1) |
//! | `address` | country, code, number, street word | `street`, `locality`, `region`, `postal_code`, `country`, `type` |
//! | `product` | folded name and type | `name`, `type` (product, service, plan, feature), `description`, `url`, `offers` (`{name?, amount, currency?, per?}`) |
//! | `money` | amount, currency, period, role, date | `amount` (decimal text), `currency` (ISO 4217 or null), `symbol`, `min`, `max`, `per`, `role` (price, funding, revenue, valuation, salary, other), `date` |
//! | `date` | value and role | `value` (ISO; as printed while ambiguous), `precision` (year, month, day), `role` (founded, launched, funding, event, published, copyright), `readings` (both, while ambiguous) |
//! | `email` | the address | `address`, `type` (role, person), `domain` (own, other, free), `person` |
//! | `phone` | E.164 and extension | `e164`, `extension`, `type` (fixed, mobile, toll_free, premium, fax, phone), `label`, `valid`, `person` |
//! | `profile` | network and handle | `network`, `handle`, `url`, `owner` (self, person, other), `person` |
//! | `technology` | id | `id`, `category`, `basis` (observed, stated, implied), `version`, `signal` (a response header, which no layer can quote: such an entity may have no evidence) |
//! | `identifier` | scheme and value | `scheme`, `value`, `valid` (absent where the scheme has no checksum) |
//! | `credential` | folded name | `name`, `body`, `year` |
//! | `job_opening` | title and location | `title`, `location`, `department`, `url`, `posted` |
//! | `metric` | name, value, year | `name`, `value`, `unit`, `as_of`, `approximate` |
//!
//! Evidence stands word for word at its offsets: in the text layer, or in the raw bytes (`source`) for structured data
//! and links.

mod address;
mod credential;
mod date;
mod email;
mod error;
mod extractor;
mod fold;
mod gazetteer;
mod headings;
mod href;
mod identifier;
mod jobs;
mod knowledge;
mod last;
mod legal;
mod lexicon;
mod location;
mod mention;
mod merge;
mod metric;
mod money;
mod number;
mod organisation;
mod page;
mod person;
mod phone;
mod product;
mod profile;
mod raw;
mod reading;
mod rules;
mod scan;
mod site;
mod stop;
mod structured;
mod technology;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod web;

pub use error::Error;
pub use extractor::{Extractor, Options, Run, Source};
pub use rules::Rules;
pub use technology::Technologies;
