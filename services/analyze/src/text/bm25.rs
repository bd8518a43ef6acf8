//! BM25 (Robertson & Zaragoza, "The Probabilistic Relevance Framework", 2009): how much a passage is about some terms.

use std::collections::{BTreeSet, HashMap};

use super::terms::terms;

/// Passages scored together; what is rare among them counts more.
#[derive(Debug)]
pub(crate) struct Ranking {
    scores: Vec<f64>,
}

impl Ranking {
    /// Scores every passage against the query terms (as [`super::terms::term`] gives them).
    pub(crate) fn new<'t>(
        passages: impl Iterator<Item = &'t str>,
        query: &BTreeSet<String>,
        k1: f64,
        b: f64,
    ) -> Self {
        let counted: Vec<(f64, HashMap<String, f64>)> = passages
            .map(|passage| {
                let mut length = 0.0;
                let mut counts: HashMap<String, f64> = HashMap::new();
                for term in terms(passage) {
                    length += 1.0;
                    if query.contains(&term) {
                        *counts.entry(term).or_default() += 1.0;
                    }
                }
                (length, counts)
            })
            .collect();
        let total = counted.len().max(1);
        #[expect(clippy::cast_precision_loss, reason = "a count of passages")]
        let total = total as f64;
        let average = (counted.iter().map(|(length, _)| length).sum::<f64>() / total).max(1.0);
        let mut holding: HashMap<&str, f64> = HashMap::new();
        for term in counted.iter().flat_map(|(_, counts)| counts.keys()) {
            *holding.entry(term).or_default() += 1.0;
        }
        let idf = |term: &str| {
            let n = holding.get(term).copied().unwrap_or_default();
            (1.0 + (total - n + 0.5) / (n + 0.5)).ln()
        };
        let scores = counted
            .iter()
            .map(|(length, counts)| {
                // Summed in the order of the terms: floating-point sums must not depend on a hash map's order.
                query
                    .iter()
                    .filter_map(|term| counts.get(term).map(|count| (term, *count)))
                    .map(|(term, count)| {
                        idf(term) * count * (k1 + 1.0) / (count + k1 * (1.0 - b + b * length / average))
                    })
                    .sum()
            })
            .collect();
        Self { scores }
    }

    pub(crate) fn score(&self, passage: usize) -> f64 {
        self.scores.get(passage).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_passage_about_the_rarer_term_wins_and_length_alone_does_not() {
        let passages = [
            "pumps pumps and more pumps for everyone who likes pumps in a very long list of words about nothing else",
            "pricing of pumps",
            "weather",
            "pumps",
        ];
        let query = ["pricing", "pump"].map(str::to_owned).into();
        let ranking = Ranking::new(passages.into_iter(), &query, 1.2, 0.75);
        assert!(ranking.score(1) > ranking.score(0));
        assert!(ranking.score(1) > ranking.score(3));
        assert!(ranking.score(2).abs() < 1e-9 && ranking.score(9).abs() < 1e-9);
    }
}
