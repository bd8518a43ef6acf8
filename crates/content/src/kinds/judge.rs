//! The verdict on a read page: address, link texts and content together.

use domain::Content;
use url::Url;

use super::{Features, Hit, Judged, Kinds, OTHER, Phrase, best_of};

/// The signs for one kind.
#[derive(Debug, Clone, Default)]
struct Case {
    url: f64,
    content: f64,
    anchor: f64,
    reasons: Vec<String>,
}

impl Case {
    /// One more independent sign in the content.
    fn add(&mut self, share: f64, reason: String) {
        self.content = 1.0 - (1.0 - self.content) * (1.0 - share);
        self.reasons.push(reason);
    }
}

impl Kinds {
    /// Judges a read page: [`Kinds::features`] of the content, then [`Kinds::judge`].
    #[must_use]
    pub fn judge_content(
        &self,
        url: Option<&Url>,
        anchors: &[&str],
        own_name: Option<&str>,
        content: &Content,
    ) -> Judged {
        self.judge(url, anchors, own_name, &self.features(content))
    }

    /// What a page is by its address (none for what did not come from the web), the texts of links to it and its
    /// content. `1 − (1 − .9·url)(1 − .7·content)(1 − .3·anchor)` per kind; the best from .4 on, else `other`.
    #[must_use]
    pub fn judge(
        &self,
        url: Option<&Url>,
        anchors: &[&str],
        own_name: Option<&str>,
        features: &Features,
    ) -> Judged {
        let own = self.fold.own(url, own_name);
        let mut cases: Vec<Case> = vec![Case::default(); self.kinds.len()];
        let hit = url.and_then(|url| self.address(url, &own));
        let url_kind = hit.as_ref().map(|hit| hit.phrase.kind);
        if let Some(Hit { phrase, score, rule }) = hit
            && let Some(case) = cases.get_mut(phrase.kind)
        {
            case.url = score;
            case.reasons.push(rule);
        }
        for text in anchors {
            let named = self.phrase(text, &own);
            if let Some(case) = named.and_then(|phrase| cases.get_mut(phrase.kind))
                && case.anchor == 0.0
            {
                case.anchor = 1.0;
                case.reasons.push(format!("linked as `{}`", short(text)));
            }
        }
        self.content_signs(features, |text| self.phrase(text, &own), &mut cases);
        self.conclude(&cases, url_kind)
    }

    fn content_signs(
        &self,
        features: &Features,
        phrase: impl Fn(&str) -> Option<Phrase>,
        cases: &mut [Case],
    ) {
        let headings = features.headings.iter().map(|text| (text, self.score.h1, "heading"));
        let titles = features.titles.iter().map(|text| (text, self.score.title, "title"));
        let mut seen = Vec::new();
        for (text, share, what) in headings.chain(titles) {
            let Some(phrase) = phrase(text).filter(|phrase| !phrase.last_only) else { continue };
            // Every page's title ends in "Home" somewhere: only the address can make a start page.
            let is_home = self.kinds.get(phrase.kind).is_some_and(|kind| kind.name == super::HOME);
            if is_home || seen.contains(&(phrase.kind, what)) {
                continue;
            }
            seen.push((phrase.kind, what));
            if let Some(case) = cases.get_mut(phrase.kind) {
                case.add(share, format!("{what} `{}`", short(text)));
            }
        }
        let mut typed = Vec::new();
        for name in &features.types {
            let kind = self.types.get(&name.to_lowercase()).copied().filter(|kind| !typed.contains(kind));
            if let Some((kind, case)) = kind.and_then(|kind| Some((kind, cases.get_mut(kind)?))) {
                typed.push(kind);
                case.add(self.score.schema, format!("declared as {name}"));
            }
        }
        for (feature, rule) in &self.rules {
            let count = feature.count(features);
            for (kind, share) in rule.kinds.iter().filter(|_| count >= rule.at_least) {
                if let Some(case) = cases.get_mut(*kind) {
                    case.add(*share, feature.describe(count));
                }
            }
        }
    }

    fn conclude(&self, cases: &[Case], url_kind: Option<usize>) -> Judged {
        let scores: Vec<f64> =
            cases.iter().map(|case| self.score.join(case.url, case.content, case.anchor)).collect();
        let (best, score) = best_of(&scores, url_kind);
        let found = self.kinds.get(best).zip(cases.get(best)).filter(|_| score >= self.score.floor);
        let (kind, confidence, reason) = match found {
            Some((kind, case)) => (kind.name.as_str(), score, case.reasons.join("; ")),
            None => (OTHER, (1.0 - score).min(0.6), "no rule of the table holds".to_owned()),
        };
        let mut also: Vec<(f64, &str)> = self
            .kinds
            .iter()
            .zip(&scores)
            .filter(|(other, score)| other.name != kind && **score >= self.score.also)
            .map(|(other, score)| (*score, other.name.as_str()))
            .collect();
        also.sort_by(|a, b| b.0.total_cmp(&a.0));
        Judged {
            kind: kind.to_owned(),
            confidence,
            reason,
            also: also.into_iter().map(|(_, name)| name.to_owned()).collect(),
        }
    }
}

/// At most sixty characters of a text.
fn short(text: &str) -> String {
    let text = text.trim();
    match text.char_indices().nth(60) {
        Some((at, _)) => format!("{}…", text.split_at_checked(at).map_or("", |(head, _)| head)),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kinds::tests::TABLE;

    fn judge(url: &str, features: &Features) -> Judged {
        let url = Url::parse(&format!("https://acme.example{url}")).unwrap();
        Kinds::parse(TABLE).unwrap().judge(Some(&url), &[], None, features)
    }

    #[test]
    fn the_score_is_the_documented_formula() {
        let features = Features { headings: vec!["Our team".into()], ..Features::default() };
        let judged = judge("/team", &features);
        assert_eq!(judged.kind, "team");
        let expected = 1.0 - (1.0 - 0.9) * (1.0 - 0.7 * 0.8);
        assert!((judged.confidence - expected).abs() < 1e-9, "{}", judged.confidence);
        assert_eq!(judged.reason, "last segment `team`; heading `Our team`");
    }

    #[test]
    fn a_team_inside_the_about_page_is_named_too() {
        let judged = judge("/about", &Features { people: 5, ..Features::default() });
        assert_eq!((judged.kind.as_str(), judged.also.as_slice()), ("about", &["team".to_owned()][..]));
    }

    #[test]
    fn content_decides_where_the_address_says_nothing() {
        let by = |features: Features| judge("/p/17", &features).kind;
        assert_eq!(by(Features { prices: 3, ..Features::default() }), "pricing");
        assert_eq!(by(Features { jobs: 4, ..Features::default() }), "careers");
        assert_eq!(by(Features { people: 3, ..Features::default() }), "team");
        assert_eq!(by(Features { types: vec!["contactpage".into()], ..Features::default() }), "contact");
        assert_eq!(by(Features { titles: vec!["Impressum".into()], ..Features::default() }), "legal");
        assert_eq!(by(Features { article: true, ..Features::default() }), "blog");
        assert_eq!(by(Features { people: 2, prices: 1, jobs: 2, ..Features::default() }), "other");
    }

    #[test]
    fn a_title_that_ends_in_home_makes_no_start_page() {
        let features = Features { titles: vec!["Pumps".into(), "Home".into()], ..Features::default() };
        assert_eq!(judge("/pumps-for-farms", &features).kind, "other");
    }

    #[test]
    fn a_tie_goes_to_the_address() {
        let mut scores = vec![0.5, 0.5, 0.5];
        assert_eq!(best_of(&scores, Some(1)).0, 1);
        scores[2] = 0.6;
        assert_eq!(best_of(&scores, Some(1)).0, 2);
    }
}
