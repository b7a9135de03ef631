//! The diagnosis, the fixes and a planned edit as text, JSON and Markdown.
//!
//! Owns the layout, the labels and the output format of costs. The sentences about findings and causes come
//! from `diagnose`, those about fixes from `remedy`. No I/O. Replaces control characters in text and
//! Markdown, so that they cannot control a terminal.

mod clean;
mod cost;
mod json;
pub mod labels;
mod markdown;
mod text;

pub use clean::clean;
pub use cost::{break_even_text, cost_range_text, cost_with_traffic, money};
pub use json::{diagnosis as diagnosis_json, fix as fix_json};
pub use markdown::{diagnosis as diagnosis_markdown, fix as fix_markdown};
pub use text::{
    diagnosis as diagnosis_text, finding as finding_text, follow_up as follow_up_text,
    proposal as proposal_text,
};
