//! Converts traces to causes and explanations.
//!
//! Owns the verdict over all subnets of a destination, the grouping of blockers into causes, and every
//! sentence that explains a verdict. Must not evaluate the network (`reach` does) and must not propose fixes
//! (`remedy` does).
//!
//! The files with the sentences:
//! - `headline`: the sentence about all destinations
//! - `wording`: a destination's explanation and a cause
//! - `context`: the names of components and of their owners
//! - `blocker`: the clause about a component that blocks, from its hops
//! - `brief`: the short clause of `blocker`, for the headline
//! - `answers`: answers of the destination in a log, and what helps
//! - `log_wording`: the meaning of a symptom in a log, with and without a verdict
//! - `other_causes`: possible causes of timeouts of a reachable destination
//! - `caveats`: the caveats of a host name, and the owner of an address
//! - `next_step`: what decides an unknown result
//! - `public_sources`: the public addresses that destinations see
//! - `changed_components`: the resources whose changes can have led to a cause (no sentences)
//! - `remarks`: the state of the service, and observations that are not the cause

mod answers;
mod blocker;
mod brief;
mod causes;
mod caveats;
mod changed_components;
mod columns;
mod context;
mod diagnosis;
mod endpoint_policy;
mod groups;
mod headline;
mod inactive_endpoint;
mod log_wording;
mod next_step;
mod other_account;
mod other_causes;
mod private_step;
mod public_sources;
mod remarks;
mod route_blocker;
mod run;
mod wording;

pub use caveats::{own_url_endpoint, use_own_url};
pub use changed_components::changed_components;
pub use diagnosis::{BlockedPaths, Cause, Coverage, Diagnosis, Finding, FindingVerdict};
pub use endpoint_policy::buckets;
pub use headline::headline_after;
pub use log_wording::{after_reachable_failure, meaning_of_log_line, remarks_on_log};
pub use next_step::{interface_command, next_step, step_to_be_sure};
pub use other_causes::OtherCause;
pub use public_sources::{PublicSource, public_sources};
pub use remarks::{remarks_on_references, remarks_on_role};
pub use run::{diagnose, seen};
pub use wording::via_in_words;
