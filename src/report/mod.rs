//! The diagnosis, the fixes and a planned edit as text, JSON and Markdown.
//!
//! Owns the layout, the labels and the output format of costs. The sentences about findings and causes come
//! from `diagnose`, those about fixes from `remedy`. No I/O.
//!
//! Names, tags, paths and log lines are untrusted. Text is built with `Lines`, Markdown with `Markdown`, JSON is printed with
//! [`json_text`]: each of them replaces or escapes unsafe characters, and none lets a line break of a name start a new line.

mod by_hand;
mod cost;
mod cost_curves;
mod explain;
mod history;
mod incident;
mod json;
pub mod labels;
mod lines;
mod markdown;
mod markdown_text;
mod text;

pub use by_hand::{
    CODE_BY_HAND, COMMANDS_BY_HAND, DIFF_OF_OTHER_ROOT, ROLLBACK_BY_HAND, by_hand_text, commands_by_hand,
    title_by_hand,
};
pub use cost::{break_even_text, cost_range_text, cost_with_traffic, money};
pub use cost_curves::{CostCurves, Crossing, Curve, cost_curves};
pub use explain::{Explanation, Row, deciding_hop, explain};
pub use history::history_lines;
pub use incident::{EditStatus, Incident, IncidentProgress, ReportedEdit, incident};
pub use json::{diagnosis as diagnosis_json, fix as fix_json, json_text, no_fix as no_fix_json};
pub use markdown::{diagnosis as diagnosis_markdown, fix as fix_markdown, no_fix as no_fix_markdown};
pub use text::{
    diagnosis as diagnosis_text, finding as finding_text, fix as fix_text, follow_up as follow_up_text,
    no_fix as no_fix_text, path as path_text, proposal as proposal_text,
};
