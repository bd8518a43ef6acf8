//! Sums of money: what it costs, what was raised, what is earned.

mod find;
mod period;
mod role;

use rust_decimal::Decimal;
use serde_json::Value;

use crate::last::Last;
use crate::mention::{Kind, Mention, Method, Spot};
use crate::reading::Reading;

/// A sum as read.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Sum {
    /// The sum; of a range the least.
    pub(crate) amount: Decimal,
    pub(crate) min: Option<Decimal>,
    pub(crate) max: Option<Decimal>,
    /// ISO 4217; none where the sign belongs to several.
    pub(crate) currency: Option<String>,
    pub(crate) symbol: Option<&'static str>,
    pub(crate) per: Option<String>,
}

impl Sum {
    pub(crate) fn mention(&self, role: &str, date: Option<&str>, spot: Spot) -> Mention {
        let show = |d: Decimal| d.normalize().to_string();
        let currency = self.currency.as_deref();
        let unit = currency.or(self.symbol).unwrap_or_default();
        let reach = self.max.map_or_else(
            || show(self.amount),
            |m| format!("{}–{}", show(self.min.unwrap_or(self.amount)), show(m)),
        );
        let per =
            self.per.as_deref().map(|p| format!(" per {}", p.replace('/', " and "))).unwrap_or_default();
        let key = format!(
            "{}|{}|{}|{role}|{}|{}",
            show(self.amount),
            self.max.map(show).unwrap_or_default(),
            unit.to_lowercase(),
            self.per.as_deref().unwrap_or_default(),
            date.unwrap_or_default()
        );
        Mention::new(Kind::Money, key, format!("{unit} {reach}{per}").trim().to_owned(), spot)
            .with("amount", show(self.amount))
            .with("currency", currency.map_or(Value::Null, Value::from))
            .maybe("symbol", self.symbol.filter(|_| self.currency.is_none()))
            .maybe("min", self.min.map(show))
            .maybe("max", self.max.map(show))
            .maybe("per", self.per.as_deref())
            .with("role", role)
            .maybe("date", date)
    }
}

pub(crate) fn read(r: &mut Reading<'_, '_>) {
    let mut found = Vec::new();
    let dates = Last::default();
    for money in find::all(r) {
        let role = role::of(r, &money);
        let date = (role == "funding").then(|| {
            let sentence = r.page.sentence(money.at.clone());
            dates.of(&sentence, || crate::date::in_range(r, sentence.clone()))
        });
        let date = date.flatten();
        if let Some(spot) = r.context(money.at.clone(), Method::Pattern) {
            found.push(money.sum.mention(role, date.as_deref(), spot));
        }
    }
    r.found.extend(found);
}

/// The sums of a stretch of text, for those who bind them to a plan.
pub(crate) fn within(r: &Reading<'_, '_>, at: std::ops::Range<usize>) -> Vec<(std::ops::Range<usize>, Sum)> {
    find::in_range(r, at).into_iter().map(|m| (m.at, m.sum)).collect()
}
