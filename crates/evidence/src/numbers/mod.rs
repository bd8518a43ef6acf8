//! Whether the numbers of a statement stand in its quotes: amounts, percentages, years and dates.

mod currency;
mod dates;
mod read;
mod spelled;
mod value;

use crate::fold::fold;

pub(crate) use spelled::{is_number_word, is_scale_word};
use value::{Quantity, Reading};

/// Checks that every number, amount, percentage, year and date of the statement occurs in one of the quotes.
///
/// `6.2 million`, `6,200,000` and `6.2m` are one number; `2024-03-01` and `1 March 2024` are one date, and either
/// holds `March 2024` and `2024`. `12 %` is not `12`, `€49` is not `£49`, and digits of other scripts are only
/// themselves. Numbers spelled as words count on both sides.
///
/// # Errors
/// What of the statement stands in no quote, as printed.
pub fn numbers_supported(statement: &str, quotes: &[&str]) -> Result<(), Vec<String>> {
    let claimed = read::quantities(&fold(statement));
    if claimed.iter().all(|quantity| !quantity.required) {
        return Ok(());
    }
    let stands: Vec<Reading> = quotes
        .iter()
        .flat_map(|quote| read::quantities(&fold(quote)))
        .flat_map(|quantity| quantity.readings)
        .collect();
    let currencies = currency::mentioned(quotes.iter().map(|quote| fold(quote)));
    let missing: Vec<String> = claimed
        .into_iter()
        .filter(|quantity| {
            quantity.required && !quantity.readings.iter().any(|r| r.stands_in(&stands, &currencies))
        })
        .map(|Quantity { printed, .. }| printed)
        .collect();
    if missing.is_empty() { Ok(()) } else { Err(missing) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(statement: &str, quote: &str) {
        assert_eq!(numbers_supported(statement, &[quote]), Ok(()), "`{statement}` from `{quote}`");
    }

    fn fails(statement: &str, quote: &str) {
        assert!(
            numbers_supported(statement, &[quote]).is_err(),
            "`{statement}` must not follow from `{quote}`"
        );
    }

    #[test]
    fn one_number_in_many_spellings() {
        for (statement, quote) in [
            ("6.2 million raised", "raised 6,200,000 in total"),
            ("\u{a3}6.2 million", "\u{a3}6.2m Series A"),
            ("\u{20ac}1.25 billion", "1,25 Mrd. Euro Umsatz"),
            ("EUR 1,200", "1.200 \u{20ac} im Jahr"),
            ("1200 sites", "1\u{202f}200 sites"),
            ("1,200 sites", "1'200 sites"),
            ("12 million users", "12m users"),
            ("10,000 users", "10k users"),
            ("1,00,000 users", "100000 users"),
            ("49 per month", "\u{a3}49.00 per month"),
            ("three offices", "3 offices"),
            ("25 people", "twenty-five people"),
            ("400 people", "four hundred people"),
            ("2 million farms", "two million farms"),
            ("12 Werke", "zw\u{f6}lf Werke"),
            ("25 Jahre", "f\u{fc}nfundzwanzig Jahre"),
            ("12 %", "zw\u{f6}lf Prozent"),
            ("12.5 percent", "12,5%"),
            ("$50", "US$ 50"),
            ("CHF 120", "CHF120 pro Jahr"),
            ("12 offices", "a dozen offices"),
            ("1 office", "one office"),
            ("-5%", "\u{2212}5 %"),
        ] {
            holds(statement, quote);
        }
    }

    #[test]
    fn look_alikes_are_refused() {
        for (statement, quote) in [
            ("10 million", "110 million"),
            ("10 million", "10 billion"),
            ("200 sites", "1,200 sites"),
            ("1,200 sites", "12,00 sites"),
            ("1.2 sites", "1,200 sites"),
            ("12 employees", "12% growth"),
            ("12%", "12 employees"),
            ("\u{a3}49", "\u{20ac}49 per month"),
            ("\u{a3}49", "$49"),
            ("49", "490"),
            ("2014", "2O14"),
            ("2014", "2041"),
            ("2014", "\u{ff12}\u{ff10}\u{ff11}\u{ff14}"),
            ("102", "10\u{b2}"),
            ("-5%", "5%"),
            ("100 pumps", "the H100 pump"),
            ("the X200 pump", "the X300 pump"),
            ("open 24/7", "open 9/5"),
            ("12 million users", "12 users"),
            ("6.2", "6.25"),
            ("three offices", "four offices"),
            ("version 1.2.3", "version 1.2.4"),
        ] {
            fails(statement, quote);
        }
    }

    #[test]
    fn dates_agree_across_formats_and_languages() {
        for (statement, quote) in [
            ("on 1 March 2024", "2024-03-01"),
            ("on 1 March 2024", "am 1. M\u{e4}rz 2024"),
            ("on 1 March 2024", "le 1er mars 2024"),
            ("on 1 March 2024", "1 de marzo de 2024"),
            ("on 1 March 2024", "March 1st, 2024"),
            ("on 1 March 2024", "01.03.2024"),
            ("on 1 March 2024", "\"datePublished\": \"2024-03-01T08:00:00+00:00\""),
            ("on 1 March 2024", "2024\u{5e74}3\u{6708}1\u{65e5}"),
            ("in March 2024", "Mar 1, 2024"),
            ("in March 2024", "1 maart 2024"),
            ("in March 2024", "03/2024"),
            ("founded in 2014", "founded on 3 May 2014"),
            ("founded in 2014", "\"foundingDate\":\"2014-05\""),
            ("on 3 April 2024", "03/04/2024"),
            ("on 4 March 2024", "03/04/2024"),
            ("from 2010 to 2014", "2010\u{2013}2014"),
            ("in Sept. 2019", "2019-09-30"),
        ] {
            holds(statement, quote);
        }
    }

    #[test]
    fn a_date_that_says_more_or_other_than_the_quote_is_refused() {
        for (statement, quote) in [
            ("on 1 March 2024", "in March 2024"),
            ("in March 2024", "in 2024"),
            ("in March 2024", "in May 2024"),
            ("on 2 March 2024", "2024-03-01"),
            ("in 2015", "1 March 2014"),
            ("on 13 April 2024", "12.04.2024"),
        ] {
            fails(statement, quote);
        }
    }

    #[test]
    fn words_that_only_may_be_numbers_are_not_asked_for() {
        for statement in [
            "One of the makers, due to demand",
            "It serves B2B and B2C customers",
            "a second home",
            "The site",
        ] {
            holds(statement, "nothing here");
        }
    }

    #[test]
    fn a_currency_named_in_the_quotes_serves_bare_amounts() {
        assert_eq!(numbers_supported("Basic is \u{a3}49", &["Prices in GBP", "Basic | 49"]), Ok(()));
        assert!(numbers_supported("Basic is \u{a3}49", &["Basic | 49"]).is_err());
        assert!(numbers_supported("Basic is \u{a3}49", &["Prices in EUR", "Basic | 49"]).is_err());
    }

    #[test]
    fn what_is_missing_is_named_as_printed() {
        let missing =
            numbers_supported("Raised \u{a3}6.2 million in March 2024 from 3 funds", &["in March 2024"]);
        assert_eq!(missing, Err(vec!["\u{a3}6.2 million".to_owned(), "3".to_owned()]));
    }
}
