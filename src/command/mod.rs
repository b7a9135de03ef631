//! What each command does: arguments in, text out, an exit code.
//!
//! This is an edge: it reads files and the environment, prints, and knows the exit codes. It judges nothing itself.

#![allow(clippy::disallowed_methods, reason = "an edge: the environment is read here")]

mod diagnose;
mod emit;
mod fix;
mod log;
mod screen;
mod source;
mod workload;

use std::path::Path;
use std::process::ExitCode;

use clap::CommandFactory as _;
use color_eyre::eyre::{Report, Result};

use crate::cli::{Cli, Command};
use crate::discover::{iam_policy, save_snapshot};
use crate::report;
use crate::scenario::SCENARIOS;
use crate::terraform::write;
use emit::{emit, note};

/// How a command ends. The numbers are fixed: users script against them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Everything asked is reachable; a change set was made or written; or simply done.
    Done,
    /// Something is blocked or intermittent; no proposal cures everything asked.
    Blocked,
    /// Nothing is blocked, but something is unknown.
    Unknown,
    /// `fix` has nothing to do.
    NothingToDo,
    /// The application was ended by a signal of this number.
    Signal(u8),
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Done => 0,
            Exit::Blocked => 1,
            Exit::Unknown => 3,
            Exit::NothingToDo => 4,
            // As the shell says it.
            Exit::Signal(number) => 128 + number,
        })
    }
}

/// The exit code of a usage or run-time error.
pub const FAILED: u8 = 2;

/// Runs one command.
///
/// # Errors
/// Whatever keeps the command from its answer, in words for a person; the exit code is then [`FAILED`].
pub fn run(cli: Cli) -> Result<Exit> {
    match cli.command {
        Some(Command::Diagnose { question, format }) => diagnose::run(&question, format),
        Some(Command::Fix { question, terraform, state, made_by, remedy, write, patch, format }) => {
            let answers = made_by.into_iter().map(|said| (said.id, said.answer)).collect();
            fix::run(&question, &fix::Order { terraform, state, remedy, answers, write, patch, format })
        }
        Some(Command::Undo { terraform, finish, forget }) => undo(&terraform, finish, forget),
        Some(Command::Snapshot { live, service, output }) => {
            let snapshot = source::live(&live, service.as_deref(), &[])?;
            save_snapshot(&snapshot, &output)?;
            for gap in &snapshot.gaps {
                note(&format!("not read: {gap}"));
            }
            let count = snapshot.workloads.len();
            let noun = if count == 1 { "service" } else { "services" };
            emit(&format!(
                "Saved {count} {noun} of {} with their network to {}\n",
                snapshot.region,
                output.display()
            ))
        }
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
        Some(Command::Demo { list: true, .. }) => {
            emit(&SCENARIOS.iter().map(|one| format!("{:<12} {}\n", one.name, one.story)).collect::<String>())
        }
        Some(Command::Demo { scenario, tour, look, .. }) => screen::demo(scenario.as_deref(), tour, &look),
        Some(Command::Open { file, log, terraform, state, look }) => {
            screen::open(&file, log.as_deref(), (terraform, state), &look)
        }
        None => screen::live(&cli.app),
    }
}

/// An error with its causes in one line; a cause that the words before name already is left out.
#[must_use]
pub fn in_words(error: &Report) -> String {
    let mut words = error.to_string();
    for cause in error.chain().skip(1).map(ToString::to_string) {
        if !words.contains(&cause) {
            words = format!("{words}: {cause}");
        }
    }
    words
}

fn undo(terraform: &Path, finish: bool, forget: bool) -> Result<Exit> {
    let state = write::state_folder()?;
    let mut warning = None;
    let (files, what) = if forget {
        (write::forget(terraform, &state)?, "These stay as they are, and can no longer be undone, in")
    } else if finish {
        (write::finish(terraform, &state)?, "Finished what was cut short in")
    } else {
        let undone = write::undo(terraform, &state)?;
        warning = undone.warning();
        (undone.files, "Restored byte for byte in")
    };
    let list: String = files.iter().map(|file| format!("  {}\n", file.display())).collect();
    emit(&report::clean(&format!("{what} {}:\n{list}", terraform.display())))?;
    if let Some(warning) = warning {
        note(&warning);
    }
    Ok(Exit::Done)
}
