//! Pages as a caller of the crate sees them.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    clippy::needless_pass_by_value,
    clippy::as_conversions,
    clippy::too_many_lines,
    clippy::disallowed_methods,
    reason = "a test fails by a panic; times are printed on request"
)]

mod accounting;
mod bad_input;
mod facts;
mod harness;
mod html;
mod layouts;
mod proposal;
mod seed;
mod timing;
