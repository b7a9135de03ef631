//! The integration tests, linked into one binary. Each module covers one user task or one property of the
//! program: `cargo test --test suite screens::` runs one module, `cargo test NAME` runs the tests whose path
//! contains NAME.
//!
//! Two test binaries are separate. `tests/packets` measures time, so no other test may run at the same time.
//! `tests/trees` has its own harness, which creates tests for each folder with Terraform code.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    clippy::case_sensitive_file_extension_comparisons,
    reason = "a test stops at the first unexpected result, and reads the clock and the environment"
)]

#[path = "../support/mod.rs"]
mod support;

mod advice;
#[cfg(feature = "live")]
mod applied_fixes;
mod applied_layouts;
mod architecture;
mod arriving_facts;
mod aws_cli_output;
mod aws_rules;
mod by_hand;
mod central_egress;
mod chart_and_diff;
mod checks_of_access;
#[cfg(target_os = "linux")]
mod clean_up;
mod clipboard;
mod commands;
mod config_file;
mod consent;
mod daily_use;
mod decided_by_answers;
mod destination_rules;
mod destinations_by_name;
mod documents;
mod drawing;
mod endpoint_names;
mod evaluation;
mod every_key;
mod evidence;
mod fuzz;
mod global_s3;
mod hcl_scanner;
mod headlines;
mod history;
#[cfg(target_os = "linux")]
mod hostile_files;
mod hostile_text;
#[cfg(target_os = "linux")]
mod hostile_tree;
mod incident_report;
mod instance_role;
#[cfg(target_os = "linux")]
mod interrupted_writes;
mod kept_paths;
mod large_networks;
mod lists;
#[cfg(feature = "live")]
mod live_accounts;
#[cfg(feature = "live")]
mod live_discovery;
#[cfg(all(feature = "live", unix))]
mod live_faults;
#[cfg(feature = "live")]
mod live_large;
#[cfg(feature = "live")]
mod live_named;
#[cfg(feature = "live")]
mod live_refresh;
#[cfg(feature = "live")]
mod live_rounds;
mod log_corpus;
mod malformed_input;
mod new_connectors;
mod next_steps;
mod nothing_to_do;
#[cfg(target_os = "linux")]
mod on_call;
mod opened_files;
mod other_accounts;
mod panes;
#[cfg(unix)]
mod panics;
mod path_choices;
mod path_fixes;
mod path_map;
mod plain_dialogue;
mod private_names;
mod properties;
mod random_keys;
mod reachability;
mod readme;
mod rebound_keys;
mod redacted_names;
mod redaction;
mod reference_model;
mod references;
mod remedies;
mod replies;
mod report_kinds;
mod s3_express;
mod safe_choices;
#[cfg(target_os = "linux")]
mod safe_writes;
mod scenarios;
mod screen_layout;
mod screen_output;
mod screen_styles;
mod screen_text;
mod screens;
mod sentences;
mod shell_commands;
mod snapshot_files;
mod terminal;
mod terraform_checks;
mod terraform_folders;
mod this_machine;
mod translated_sources;
mod two_steps;
mod unknowns;
mod verdict_limits;
