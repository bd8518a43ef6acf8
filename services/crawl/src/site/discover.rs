//! What a page leads to.

use std::collections::HashMap;

use domain::{Candidate, FrontierState};

use super::{Crawl, Step};
use crate::admit::{Admitted, Found};
use crate::aside::aside;
use crate::look::{SeenPage, is_navigation, is_nofollow};
use crate::normal::Normal;

/// Links of one page that are looked at; nobody reads further.
const MAX_LINKS: usize = 2000;

impl Crawl<'_> {
    /// Rows for what was found and is new.
    pub(super) async fn enlist(&mut self, found: Vec<Found>) -> Step<Vec<Candidate>> {
        let admitted = self.admit(found).await?;
        if admitted.some_too_deep {
            self.state.limits_hit.insert("max_depth".to_owned());
        }
        let keys: Vec<&str> = admitted.rows.iter().map(|row| row.url_key.as_str()).collect();
        let known = self.ctx.store().frontier_known(self.ctx.run().id, &keys).await?;
        let waiting: Vec<String> = self.rows.iter().map(|row| row.url_key.clone()).collect();
        let is_new = |row: &Candidate| {
            !known.contains(&row.url_key)
                && !waiting.contains(&row.url_key)
                && !self.state.was_asked(&row.url_key)
        };
        Ok(admitted.rows.into_iter().filter(is_new).collect())
    }

    /// Rows for what was found. Thousands of addresses take their time: it is spent aside.
    async fn admit(&self, found: Vec<Found>) -> Step<Admitted> {
        let Some(policy) = self.policy().filter(|_| !found.is_empty()) else {
            return Ok(Admitted::default());
        };
        Ok(aside(move || policy.admit_all(&found)).await?)
    }

    /// The links of a page one hop further, in order of the page.
    pub(super) async fn links_of(
        &mut self,
        page: &SeenPage,
        from: &Normal,
        depth: u32,
    ) -> Step<Vec<Candidate>> {
        let followed = page.links().filter(|link| !is_nofollow(link)).take(MAX_LINKS);
        let mut found: Vec<Found> = followed
            .map(|link| Found {
                url: link.href.clone(),
                anchor: Some(link.text.clone()),
                in_navigation: is_navigation(link),
                depth: depth + 1,
                via: if page.is_next(link) { "next" } else { "link" },
                from: Some(from.url.to_string()),
            })
            .collect();
        if let Some(next) = &page.outline.next {
            let (url, from) = (next.to_string(), Some(from.url.to_string()));
            found.push(Found { url, depth: depth + 1, via: "next", from, ..Found::default() });
        }
        self.enlist(found).await
    }

    /// The twins of a kept page in other languages: skipped unless somebody asked for the language. Where the crawl
    /// begins is wanted in any language.
    pub(super) async fn twins_of(
        &mut self,
        page: &SeenPage,
        from: &Normal,
        depth: u32,
    ) -> Step<Vec<Candidate>> {
        let mut languages: HashMap<String, String> = HashMap::new();
        let mut found = Vec::new();
        for (language, url) in &page.outline.alternates {
            let Some(normal) = self.own_normal(url) else { continue };
            let is_default = language.eq_ignore_ascii_case("x-default");
            if normal.key == from.key || is_default || self.is_seed(&normal.key) {
                continue;
            }
            languages.entry(normal.key.clone()).or_insert_with(|| language.clone());
            let from = Some(from.url.to_string());
            found.push(Found {
                url: normal.url.to_string(),
                depth: depth + 1,
                via: "link",
                from,
                ..Found::default()
            });
        }
        let Some(policy) = self.policy() else { return Ok(Vec::new()) };
        let mut rows = self.admit(found).await?.rows;
        rows.retain(|row| !self.state.was_asked(&row.url_key));
        let keys: Vec<&str> = rows.iter().map(|row| row.url_key.as_str()).collect();
        let known = self.ctx.store().frontier_known(self.ctx.run().id, &keys).await?;
        let mut twins = Vec::new();
        for mut row in rows {
            let language = languages.get(&row.url_key).map(String::as_str);
            if policy.is_unwanted(language) {
                // A page of a wanted language was kept: its twin says the same, even if it waits already.
                row.state = FrontierState::Skipped;
                row.reason = Some("language".to_owned());
                twins.push(row);
            } else if !known.contains(&row.url_key) {
                twins.push(row);
            }
        }
        Ok(twins)
    }
}
