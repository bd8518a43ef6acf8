//! Schemas of answers: what each provider is shown of them, and whether an answer fits.
//!
//! Providers enforce different parts of JSON Schema and reject requests with the others. So each is sent a wider
//! schema ([`lower`]) that it does enforce, and every answer is checked against the original one ([`Checker`]).

mod check;
mod lower;

pub(crate) use check::Checker;
pub(crate) use lower::{Dialect, Lowered, lower};
