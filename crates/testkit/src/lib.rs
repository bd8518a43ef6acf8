//! For tests and demos only: a sample web on loopback, fake providers that speak the real wire formats.
//!
//! Never behind a product feature. Read first: [`web`].

pub mod llm;
pub mod web;
