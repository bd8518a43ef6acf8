//! What is fetched first: `W(kind) · 0.8^depth · host · query(0.7) · language(0.5 unwanted) · nav(1.1)`.

use crate::scope::Rank;

const PER_HOP: f64 = 0.8;
const QUERY: f64 = 0.7;
const UNWANTED_LANGUAGE: f64 = 0.5;
const IN_NAVIGATION: f64 = 1.1;
/// Pages of a kind that had its share wait behind everything else: nothing above is below zero.
const BEHIND: f64 = 2.0;

/// What a priority is made of.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Signs {
    /// Of the kind that address and link text promise.
    pub(crate) weight: f64,
    /// Hops from a seed.
    pub(crate) depth: u32,
    pub(crate) rank: Rank,
    pub(crate) has_query: bool,
    /// The address claims a language that nobody asked for.
    pub(crate) unwanted_language: bool,
    /// Linked from the site's navigation.
    pub(crate) in_navigation: bool,
}

impl Signs {
    pub(crate) fn priority(&self) -> f64 {
        let depth = i32::try_from(self.depth).unwrap_or(i32::MAX);
        let factor = |holds: bool, factor: f64| if holds { factor } else { 1.0 };
        self.weight
            * PER_HOP.powi(depth)
            * self.rank.factor()
            * factor(self.has_query, QUERY)
            * factor(self.unwanted_language, UNWANTED_LANGUAGE)
            * factor(self.in_navigation, IN_NAVIGATION)
    }
}

/// The priority of a page whose kind had its share: behind all others, in the same order among its like. The cap is
/// thereby lifted once nothing else waits.
pub(crate) fn behind(priority: f64) -> f64 {
    if is_behind(priority) { priority } else { priority - BEHIND }
}

pub(crate) fn is_behind(priority: f64) -> bool {
    priority < 0.0
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Signs = Signs {
        weight: 0.95,
        depth: 0,
        rank: Rank::Primary,
        has_query: false,
        unwanted_language: false,
        in_navigation: false,
    };

    #[test]
    fn the_formula_is_the_documented_one() {
        let all = Signs {
            depth: 2,
            rank: Rank::Sibling,
            has_query: true,
            unwanted_language: true,
            in_navigation: true,
            ..PLAIN
        };
        assert!((PLAIN.priority() - 0.95).abs() < 1e-12);
        assert!((all.priority() - 0.95 * 0.64 * 0.8 * 0.7 * 0.5 * 1.1).abs() < 1e-12);
    }

    #[test]
    fn a_team_page_two_hops_away_comes_before_a_blog_post_on_the_start_page() {
        let team = Signs { depth: 2, ..PLAIN }.priority();
        let post = Signs { weight: 0.3, depth: 1, in_navigation: true, ..PLAIN }.priority();
        assert!(team > post);
    }

    #[test]
    fn a_kind_that_had_its_share_waits_behind_everything_in_its_order() {
        let least = Signs {
            weight: 0.25,
            depth: 10,
            rank: Rank::Low,
            has_query: true,
            unwanted_language: true,
            ..PLAIN
        };
        assert!(behind(1.1) < least.priority());
        assert!(behind(0.4) > behind(0.3) && is_behind(behind(1.0)) && behind(behind(0.3)) == behind(0.3));
    }
}
