//! The built-in pipelines are part of the program: a file added to their folder makes it stale.

#![allow(clippy::print_stdout, reason = "this is how a build script speaks to cargo")]

fn main() {
    println!("cargo:rerun-if-changed=builtin");
    println!("cargo:rerun-if-changed=build.rs");
}
