//! The child processes that run, and the end of the program.
//!
//! After `end`, no child process starts and no change of the user's files begins: a thread that tries waits until the process ends.

use std::io;
use std::process::Command;
use std::sync::mpsc::Sender;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use shared_child::SharedChild;

use super::group;
use crate::files;

/// The time between the interrupt and the kill of a child process.
pub(super) const GRACE_PERIOD: Duration = Duration::from_secs(2);
/// The time that `end` waits for a change of the user's files.
const CHANGE_TIMEOUT: Duration = Duration::from_secs(10);

/// What happens to a child process that runs.
pub(super) enum Event {
    Ended,
    TooMuchOutput,
    Cancelled,
}

struct Registry {
    has_ended: bool,
    /// The number of the current batch. Earlier batches are cancelled.
    batch: u64,
    running: Vec<(u32, Sender<Event>)>,
    /// The number of changes of the user's files that run.
    changes: usize,
}

static REGISTRY: Mutex<Registry> =
    Mutex::new(Registry { has_ended: false, batch: 0, running: Vec::new(), changes: 0 });
static CHANGED: Condvar = Condvar::new();

fn registry() -> MutexGuard<'static, Registry> {
    REGISTRY.lock().unwrap_or_else(PoisonError::into_inner)
}

pub(super) fn current_batch() -> u64 {
    registry().batch
}

/// Starts and registers a child process; `None` if its batch is cancelled. The lock is held until it is registered, so that
/// [`cancel`] and `end` miss none.
pub(super) fn spawn(
    batch: u64,
    command: &mut Command,
    events: &Sender<Event>,
) -> io::Result<Option<Arc<SharedChild>>> {
    let mut registry = registry();
    if registry.has_ended {
        drop(registry);
        wait_for_end_of_process();
    }
    if registry.batch != batch {
        return Ok(None);
    }
    let child = Arc::new(group::spawn(command)?);
    registry.running.push((child.id(), events.clone()));
    Ok(Some(child))
}

/// Removes a child process that was reaped. After `end`, does not return.
pub(super) fn remove(child: &SharedChild) {
    let has_ended = {
        let mut registry = registry();
        registry.running.retain(|(id, _)| *id != child.id());
        registry.has_ended
    };
    CHANGED.notify_all();
    if has_ended {
        wait_for_end_of_process();
    }
}

/// Cancels all batches that have begun: their child processes are stopped and they start no more. Does not wait.
pub fn cancel() {
    let mut registry = registry();
    registry.batch += 1;
    stop_all(&registry);
}

fn stop_all(registry: &Registry) {
    for (_, events) in &registry.running {
        // The process may have ended.
        let _ = events.send(Event::Cancelled);
    }
}

/// A change of the user's files that runs. `end` waits until it is dropped.
pub struct Change(());

impl Drop for Change {
    fn drop(&mut self) {
        let has_ended = {
            let mut registry = registry();
            registry.changes -= 1;
            registry.has_ended
        };
        CHANGED.notify_all();
        if has_ended {
            wait_for_end_of_process();
        }
    }
}

/// Begins a change of the user's files. After `end`, does not return.
#[must_use]
pub fn begin_change() -> Change {
    let mut registry = registry();
    if registry.has_ended {
        drop(registry);
        wait_for_end_of_process();
    }
    registry.changes += 1;
    Change(())
}

/// Stops all child processes, waits for a change of the user's files, and removes the temporary files and the temporary folder of the run. The caller then
/// ends the process.
pub(super) fn end() {
    let mut registry = registry();
    registry.has_ended = true;
    stop_all(&registry);
    // A child process that is interrupted and then killed needs at most the grace period.
    let (registry, _) = CHANGED
        .wait_timeout_while(registry, GRACE_PERIOD * 2, |registry| !registry.running.is_empty())
        .unwrap_or_else(PoisonError::into_inner);
    let (registry, _) = CHANGED
        .wait_timeout_while(registry, CHANGE_TIMEOUT, |registry| registry.changes > 0)
        .unwrap_or_else(PoisonError::into_inner);
    drop(registry);
    files::remove_temporary_files();
    files::remove_run_folder();
}

/// The process is ending: this thread must do nothing more.
fn wait_for_end_of_process() -> ! {
    loop {
        thread::park();
    }
}
