//! From traces to causes and explanations.
//!
//! Owns the verdict over all subnets of a destination, the grouping of blockers into causes, and every sentence that
//! explains a verdict. Must not evaluate the network (`reach` does) and must not propose fixes (`remedy` does).
//!
//! Where a sentence is:
//! - `wording`: the headline, a destination's explanation, a cause and a code (for example a network ACL)
//! - `log_wording`: what a symptom in a log means, with and without a verdict
//! - `caveats`: what is special about a host name or an address
//! - `remarks`: the state of the service, and what is not the cause

mod causes;
mod caveats;
mod diagnosis;
mod log_wording;
mod remarks;
mod run;
mod wording;

pub use diagnosis::{Cause, Coverage, Diagnosis, Finding, FindingVerdict};
pub use log_wording::{meaning_of_log_line, remarks_on_log};
pub use run::diagnose;
pub use wording::{code_in_words, via_in_words};
