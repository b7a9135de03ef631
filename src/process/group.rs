//! A child process with the processes that it starts: its process group. Without process groups, the child process alone.

use std::io;
use std::process::Command;

use shared_child::SharedChild;

/// Starts a command in a process group of its own. Ctrl-C in the terminal then reaches this program only, and this program stops the
/// group.
#[cfg(unix)]
pub(super) fn spawn(command: &mut Command) -> io::Result<SharedChild> {
    use std::os::unix::process::CommandExt as _;
    SharedChild::spawn(command.process_group(0))
}

/// Waits until the child process ends. Does not reap it, so that no other process gets the number of its group.
#[cfg(unix)]
pub(super) fn wait_for_end(child: &SharedChild) {
    use rustix::process::{WaitId, WaitIdOptions, waitid};
    let Some(pid) = pid(child) else { return };
    let wait = || waitid(WaitId::Pid(pid), WaitIdOptions::EXITED | WaitIdOptions::NOWAIT);
    while wait().is_err_and(|error| error == rustix::io::Errno::INTR) {}
}

/// Interrupts the group, as Ctrl-C does: a killed Terraform leaves its provider processes running.
#[cfg(unix)]
pub(super) fn interrupt(child: &SharedChild) {
    signal(child, rustix::process::Signal::INT);
}

/// Kills the group. Must be called before the child process is reaped.
#[cfg(unix)]
pub(super) fn kill(child: &SharedChild) {
    signal(child, rustix::process::Signal::KILL);
}

#[cfg(unix)]
fn signal(child: &SharedChild, signal: rustix::process::Signal) {
    if let Some(pid) = pid(child) {
        // The group may have ended.
        let _ = rustix::process::kill_process_group(pid, signal);
    }
}

#[cfg(unix)]
fn pid(child: &SharedChild) -> Option<rustix::process::Pid> {
    rustix::process::Pid::from_raw(i32::try_from(child.id()).ok()?)
}

#[cfg(not(unix))]
pub(super) fn spawn(command: &mut Command) -> io::Result<SharedChild> {
    SharedChild::spawn(command)
}

#[cfg(not(unix))]
pub(super) fn wait_for_end(child: &SharedChild) {
    let _ = child.wait();
}

#[cfg(not(unix))]
pub(super) fn interrupt(child: &SharedChild) {
    let _ = child.kill();
}

#[cfg(not(unix))]
pub(super) fn kill(child: &SharedChild) {
    let _ = child.kill();
}
