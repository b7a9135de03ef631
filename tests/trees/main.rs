//! Realistic Terraform configurations: each test edits a configuration and compares the edit, or the
//! refusal, with a file.
//!
//! A case is a folder `tests/trees/SUBJECT/CASE`:
//!
//! - `before/`: the Terraform configuration,
//! - `request.toml`: the network in AWS, the destinations and the fixes ([`case::Request`]),
//! - `expected.diff`: the edit, or `refusal.txt`: why egress-doctor does not edit this configuration.
//!
//! To add a case, write `before/` and `request.toml`, then generate the expected file:
//! `EGRESS_DOCTOR_UPDATE_EXPECTED=1 cargo test --test trees SUBJECT/CASE`, and check the file. The same
//! variable regenerates the expected files of all cases that are selected.
//!
//! Each case is a separate test, `SUBJECT/CASE`. If the configuration is edited, Terraform checks the result
//! in two more tests: `SUBJECT/CASE/fmt` and `SUBJECT/CASE/validate`; with a switch also `SUBJECT/CASE/plan`. The module
//! `checks` describes them. If the refusal has code for an edit by hand, `SUBJECT/CASE/advice` checks that code.
//! The code of public registry modules is not installed; the module `registry` writes modules with their interfaces.
//! `libtest-mimic` runs the tests: it accepts the options of `cargo test` and permits tests that are created
//! at run time and share one call of Terraform.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    clippy::wildcard_imports,
    reason = "a test stops at the first unexpected result, reads the environment, and uses most types of the model"
)]

mod advice;
mod case;
mod checks;
mod networks;
mod registry;
#[path = "../support/mod.rs"]
mod support;

use std::process::ExitCode;
use std::sync::Arc;

use libtest_mimic::{Arguments, Trial};

use crate::advice::AdviceChecks;
use crate::checks::Checks;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let cases: Vec<Arc<case::Case>> = case::all().into_iter().map(Arc::new).collect();
    assert!(!cases.is_empty());
    let is_selected = |name: &str| !arguments.is_filtered_out(&Trial::test(name, || Ok(())));
    let edited = cases.iter().filter(|case| case.expects_edit());
    let checked = edited.filter(|case| {
        is_selected(&case.fmt()) || is_selected(&case.validate()) || is_selected(&case.plan())
    });
    let checks = Arc::new(Checks::new(checked.cloned().collect()));

    let advised = cases.iter().filter(|case| case.advice().is_some() && is_selected(&case.advised()));
    let advice = Arc::new(AdviceChecks::new(advised.cloned().collect()));

    let names = Trial::test("registry-modules/names-in-the-source", registry::check_known_names);
    let mut trials = vec![names];
    for case in cases {
        let name = case.name.clone();
        if case.expects_edit() {
            let (this, own) = (Arc::clone(&case), Arc::clone(&checks));
            let (that, others) = (Arc::clone(&case), Arc::clone(&checks));
            trials.push(Trial::ignorable_test(case.fmt(), move || own.fmt(&this)));
            trials.push(Trial::ignorable_test(case.validate(), move || others.validate(&that)));
            if case.has_plan() {
                let all = Arc::clone(&checks);
                trials.push(Trial::ignorable_test(case.plan(), move || all.plan()));
            }
        }
        if case.advice().is_some() {
            let (this, all) = (Arc::clone(&case), Arc::clone(&advice));
            trials.push(Trial::ignorable_test(case.advised(), move || all.check(&this)));
        }
        trials.push(Trial::test(name, move || case.compare()));
    }
    libtest_mimic::run(&arguments, trials).exit_code()
}
