use std::cell::Cell;

use crate::testing::{extractor, page_at};
use crate::{Options, Source};

/// Reads two long pages and stops when asked so many times; how often it was asked after that, if it stopped.
fn asked_on(most: usize) -> Option<usize> {
    let pages = ["about", "news"].map(|kind| {
        page_at(
            "https://acme.example/",
            kind,
            &"Mara Lind, CEO of Oracle, was in Berlin on 12 March 2024 with £49 and 34 people. ".repeat(200),
        )
    });
    let asked = Cell::new(0);
    let stop = || {
        asked.set(asked.get() + 1);
        asked.get() > most
    };
    let pairs: Vec<_> = pages.iter().map(|(document, content)| (document, content)).collect();
    let extractor = extractor();
    let mut run = extractor.begin(&pairs, &Options::default(), &stop);
    for (document, content) in &pages {
        run.read(&Source { document, content, raw: None });
    }
    run.finish().is_none().then(|| asked.get().saturating_sub(most))
}

#[test]
fn a_run_that_is_stopped_ends_at_once_and_gives_nothing() {
    assert_eq!(asked_on(usize::MAX), None, "nobody stops it");
    for most in [0, 1, 10, 100, 1_000, 5_000] {
        let after = asked_on(most).expect("it was stopped");
        assert!(after < 60, "after {most}, asked {after} times more");
    }
}
