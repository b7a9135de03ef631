//! egress-doctor says why an AWS App Runner service cannot reach the network, prices the fixes, and writes the
//! Terraform. It changes nothing in AWS.
//!
//! ```text
//! AWS account ──discover──▶ Snapshot ─┐
//! log, settings ─evidence─▶ Needs ────┼─▶ diagnose ─▶ Diagnosis ─▶ remedy ─▶ Proposals ─▶ terraform ─▶ ChangeSet ─▶ write
//! assets: hosts, services, prices ────┘        ▲                      │           ▲                                 undo
//!                                              └── traced again on ───┘           │
//!                                                 the changed Snapshot    *.tf in the folder
//! ```
//!
//! Data flows one way, and the core does no I/O: [`model`] knows nobody, [`reach`] knows the model, [`mod@diagnose`] and
//! [`remedy`] know both, [`terraform`] carries a proposal out. [`discover`], [`mod@terraform::write`], [`command`] and
//! [`terminal`] are the edges. [`case`] is one workload looked at to the end; [`report`] prints it, [`app`] and [`ui`]
//! show it.
//!
//! | to change | look in |
//! |---|---|
//! | how a rule of AWS decides | `src/reach/`, one file a layer |
//! | what a finding says in words | `src/diagnose/wording.rs` |
//! | a remedy, its conditions, its price | `src/remedy/`, one file a remedy; `assets/prices.json` |
//! | how Terraform is edited | `src/terraform/`, one file a remedy |
//! | a key | `src/app/keymap.rs` |
//! | an AWS call or permission | `src/model/call.rs`, then `src/discover/live/` |

pub mod app;
pub mod case;
pub mod cli;
pub mod command;
pub mod diagnose;
pub mod discover;
pub mod evidence;
pub mod model;
pub mod reach;
pub mod remedy;
pub mod report;
pub mod scenario;
pub mod terminal;
pub mod terraform;
pub mod ui;
