//! Passes each command to its file.

use clap::CommandFactory as _;
use color_eyre::eyre::Result;

use super::emit::emit;
use super::exit::Exit;
use super::{check, config, diagnose, fix, screen, snapshot, undo};
use crate::cli::{Cli, Command};
use crate::discover::iam_policy;
use crate::process::{Run, Sweep};
use crate::scenario::SCENARIOS;

/// Runs one command.
///
/// # Errors
/// A usage or run-time error. Its text names the problem and the next step; the exit code is
/// [`FAILED`](super::FAILED).
pub fn run(mut cli: Cli) -> Result<Exit> {
    let is_interactive = matches!(cli.command, None | Some(Command::Demo { .. } | Command::Open { .. }));
    // Dropped at the end and when a panic unwinds.
    let _run = Run::begin(if is_interactive { Sweep::Meanwhile } else { Sweep::First })?;
    let settings = config::merge(&mut cli)?;
    match cli.command {
        Some(Command::Diagnose { diagnosis, report, history, format }) => {
            diagnose::run(&diagnosis, report.as_deref(), history, format)
        }
        Some(Command::Fix { diagnosis, terraform, files, made_by, remedy, write, check, patch, format }) => {
            let answers = made_by.into_iter().map(|answer| (answer.id, answer.answer)).collect();
            fix::run(
                &diagnosis,
                &fix::FixOptions { terraform, files, remedy, answers, write, check, patch, format },
            )
        }
        Some(Command::Undo { terraform, finish, forget }) => undo::run(&terraform, finish, forget),
        Some(Command::Snapshot(options)) => snapshot::run(&options),
        Some(Command::Check(options)) => check::run(&options),
        Some(Command::Config) => config::print(),
        Some(Command::IamPolicy) => emit(&iam_policy()),
        Some(Command::Completions { shell }) => {
            let mut out = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "egress-doctor", &mut out);
            emit(&String::from_utf8_lossy(&out))
        }
        Some(Command::Man) => {
            let mut out = Vec::new();
            clap_mangen::Man::new(Cli::command()).render(&mut out)?;
            emit(&String::from_utf8_lossy(&out))
        }
        Some(Command::Demo { list: true, .. }) => emit(
            &SCENARIOS
                .iter()
                .map(|scenario| format!("{:<17} {}\n", scenario.name, scenario.description))
                .collect::<String>(),
        ),
        Some(Command::Demo { scenario, tour, opening, display, .. }) => {
            screen::demo(scenario.as_deref(), tour, settings, &opening, &display)
        }
        Some(Command::Open { file, log, terraform, files, check, opening, display }) => {
            screen::open(&file, log.as_deref(), (terraform, files, check), settings, &opening, &display)
        }
        None => screen::live(&cli.app, settings),
    }
}
