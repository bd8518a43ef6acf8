//! What a sum is: a price, a round of funding, a turnover, a salary.

use super::find::Found;
use crate::lexicon::Tag;
use crate::reading::Reading;

/// By the words of its sentence, the nearest first; a period or a price list makes a price.
pub(super) fn of<'r>(r: &Reading<'r, '_>, money: &Found) -> &'r str {
    let roles = &r.know.rules.money.roles;
    let find = |name: &str| roles.iter().find(|x| x.role == name).map_or("other", |x| x.role.as_str());
    let sentence = r.page.sentence(money.at.clone());
    let nearest = r
        .page
        .scan
        .hits(sentence.clone())
        .iter()
        .filter_map(|h| match h.tag {
            Tag::MoneyRole(n) if h.end <= sentence.end => {
                let role = roles.get(usize::from(n))?.role.as_str();
                let distance = if h.end <= money.at.start {
                    money.at.start - h.end
                } else {
                    // Words behind a sum speak of it less often than words before it.
                    (h.start.saturating_sub(money.at.end)) * 3 / 2
                };
                // "from", "plan" and the like yield to the telling words.
                let weak = usize::from(role == "price") * 60;
                Some((distance + weak, role))
            }
            _ => None,
        })
        .min();
    let pages = &r.know.rules.pages;
    let large = money.sum.amount >= 1_000_000.into();
    match nearest {
        // What is paid by the month is a price, however it is financed.
        Some((_, "funding")) if money.sum.per.is_some() => find("price"),
        Some((_, role)) if role != "price" => role,
        Some(_) if large && money.sum.per.is_none() => "other",
        _ if money.sum.per.as_deref().is_some_and(|p| p == "year" || p == "hour")
            && r.page.is_kind(&pages.careers) =>
        {
            find("salary")
        }
        Some((_, role)) => role,
        None if money.sum.per.is_some() => find("price"),
        None if r.page.is_kind(&pages.pricing) || r.page.is_kind(&pages.product) => find("price"),
        None => "other",
    }
}
