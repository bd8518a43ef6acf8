//! Bytes to what a document says: text in blocks with offsets, links, structured data, kind.
//!
//! A leaf: no I/O, no clock, no network; the same bytes give the same content. Made for bytes that strangers send:
//! everything is bounded in depth, size and number, and what cannot be read becomes a typed [`Error`] or a warning.
//! Not for entities (crate `entities`), not for verdicts of a fetch (the crawler decides, with an [`Outline`]).
//!
//! Read first: [`read`] (any document in full), [`outline`] (a page as the crawler needs it), [`sniff`] (what bytes
//! are), [`kinds`] (what sort of page), [`template`] (what repeats over a site).

mod assemble;
mod charset;
mod data;
mod dates;
mod docx;
mod error;
mod guarded;
pub mod hash;
mod html;
mod injection;
pub mod kinds;
mod language;
mod links;
mod markers;
mod networks;
mod outline;
mod pdf;
mod plain;
mod read;
mod sniff;
mod state;
mod template;
pub mod words;

pub use error::Error;
pub use hash::{hamming, simhash, text_hash};
pub use injection::is_addressed_to_a_model;
pub use networks::{is_profile, network};
pub use outline::{Outline, outline};
pub use read::{Hint, read};
pub use sniff::{SNIFF_BYTES, Type, sniff};
pub use template::{Template, template};
