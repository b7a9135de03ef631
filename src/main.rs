//! Passes the arguments to the library and returns its exit code. Contains no logic of its own.

use std::io::{self, Write as _};
use std::process::ExitCode;

use clap::Parser as _;
use egress_doctor::{cli::Cli, command};

fn main() -> ExitCode {
    if let Err(error) = color_eyre::config::HookBuilder::default().display_env_section(false).install() {
        print_error(&error.to_string());
    }
    match command::run(Cli::parse()) {
        Ok(exit) => exit.into(),
        Err(error) => {
            print_error(&command::error_text(&error));
            ExitCode::from(command::FAILED)
        }
    }
}

/// Prints an error to standard error. If that fails, for example on a full disk, the exit code still reports it.
fn print_error(text: &str) {
    let _ = writeln!(io::stderr(), "egress-doctor: {text}");
}
