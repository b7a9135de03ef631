//! A run of the program: from its start to its normal end, a panic, or a signal.

use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::{Builder, JoinHandle};

use super::registry;
use crate::files;

/// When the temporary folders of runs that were killed are removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sweep {
    /// Before the command.
    First,
    /// During the command: a large temporary folder takes time to list, and the first frame must not wait.
    Meanwhile,
}

/// A run of the program. Its drop stops all child processes and removes the temporary folder; so does a signal that ends the program.
pub struct Run {
    sweep: Option<JoinHandle<()>>,
}

impl Run {
    /// Begins the run: handles signals, and removes the temporary folders of runs that were killed.
    ///
    /// # Errors
    /// The signals cannot be handled.
    pub fn begin(sweep: Sweep) -> io::Result<Self> {
        handle_signals()?;
        let sweep = match sweep {
            Sweep::First => {
                files::remove_folders_of_dead_runs();
                None
            }
            Sweep::Meanwhile => Builder::new().spawn(files::remove_folders_of_dead_runs).ok(),
        };
        Ok(Self { sweep })
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        if let Some(sweep) = self.sweep.take() {
            let _ = sweep.join();
        }
        registry::end();
    }
}

type Receive = Box<dyn Fn(i32) + Send>;

/// The receiver of the next signals; without it, a signal ends the program.
static RECEIVER: Mutex<Option<Receive>> = Mutex::new(None);

fn receiver() -> MutexGuard<'static, Option<Receive>> {
    RECEIVER.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Receives the signals that end the program, until it is dropped: the interactive application restores the terminal first.
pub struct SignalReceiver(());

impl SignalReceiver {
    /// Calls the function with the number of each signal.
    #[must_use]
    pub fn new(receive: impl Fn(i32) + Send + 'static) -> Self {
        *receiver() = Some(Box::new(receive));
        Self(())
    }
}

impl Drop for SignalReceiver {
    fn drop(&mut self) {
        *receiver() = None;
    }
}

/// The time in which the application ends after a signal. When the terminal is closed, the drawing thread can be in an endless loop:
/// crossterm reads a closed terminal again and again (<https://github.com/crossterm-rs/crossterm/issues/793>).
#[cfg(unix)]
const RECEIVER_TIMEOUT: std::time::Duration = std::time::Duration::from_secs(2);

/// Gives a signal to the receiver; whether there is one.
#[cfg(unix)]
fn was_received(signal: i32) -> bool {
    receiver().as_ref().map(|receive| receive(signal)).is_some()
}

/// Handles the signals that end the program on a thread of its own.
#[cfg(unix)]
fn handle_signals() -> io::Result<()> {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM};
    let hang_up = (!ignores_hang_up()).then_some(SIGHUP);
    let mut signals =
        signal_hook::iterator::Signals::new([SIGINT, SIGQUIT, SIGTERM].into_iter().chain(hang_up))?;
    Builder::new().spawn(move || {
        for signal in signals.forever() {
            if was_received(signal) {
                std::thread::sleep(RECEIVER_TIMEOUT);
                registry::end();
                // The exit code of an application that ends by itself.
                std::process::exit(128 + signal);
            }
            registry::end();
            // The exit status names the signal.
            let _ = signal_hook::low_level::emulate_default_handler(signal);
        }
    })?;
    Ok(())
}

/// Whether `nohup` started this program.
#[cfg(target_os = "linux")]
fn ignores_hang_up() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).is_some_and(|mask| mask & 1 == 1)
}

#[cfg(all(unix, not(target_os = "linux")))]
fn ignores_hang_up() -> bool {
    false
}

#[cfg(not(unix))]
#[allow(clippy::unnecessary_wraps, reason = "it can fail on other systems")]
fn handle_signals() -> io::Result<()> {
    Ok(())
}
