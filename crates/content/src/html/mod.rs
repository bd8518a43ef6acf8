//! HTML: one parse, one walk, then a judgement of what is content.
//!
//! Read first: [`page`] (what is read of a page), [`parse`] (how it is bounded), [`blocks`] (how text becomes blocks),
//! [`main_text`] (which of them are content).

mod align;
mod article;
mod blocks;
mod cards;
mod consent;
pub(crate) mod drafts;
pub(crate) mod head;
pub(crate) mod line;
mod main_text;
mod measure;
mod origin;
pub(crate) mod page;
pub(crate) mod parse;
mod plain_html;
pub(crate) mod region;
mod sink;
mod tables;
mod tags;
mod title;
pub(crate) mod tree;
mod visible;
