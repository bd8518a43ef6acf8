//! A sample web on loopback: three companies, their pages as files, and the traps that real sites set.
//!
//! | host | what it is | what it tests |
//! |---|---|---|
//! | `www.brightwater.example` | maker of farm pumps, English | apex → www, query pages, calendar trap, soft 404, login wall, PDF, scan, DOCX, cards, facts that disagree, robots, gzip sitemap index, feed, hidden and visible text that addresses a model |
//! | `harbourline.example` | software firm, English | every canonical points home, broken sitemap, honest 404, free-mail contact |
//! | `www.nordwind.example` | gearbox maker, German | locale paths, imprint, windows-1252, trailing slashes |
//!
//! Read first: [`SampleWeb`].

mod calendar;
mod files;
mod news;
mod server;
mod site;

pub use files::{docx, pdf, scan};
pub use server::{Answer, Asked, SampleWeb};

/// The page that `assay demo` starts from.
pub const DEMO_URL: &str = "http://brightwater.example/";
