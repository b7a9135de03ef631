//! Passes the arguments to the library and returns its exit code. Contains no logic of its own.

#![allow(clippy::disallowed_macros, reason = "prints the error that ends the program")]

use std::process::ExitCode;

use clap::Parser as _;
use egress_doctor::{cli::Cli, command};

fn main() -> ExitCode {
    if let Err(error) = color_eyre::config::HookBuilder::default().display_env_section(false).install() {
        eprintln!("egress-doctor: {error}");
    }
    match command::run(Cli::parse()) {
        Ok(exit) => exit.into(),
        Err(error) => {
            eprintln!("egress-doctor: {}", command::error_text(&error));
            ExitCode::from(command::FAILED)
        }
    }
}
