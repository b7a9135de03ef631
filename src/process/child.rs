//! Runs a child process with a limit of its time and of its output. Its output goes through pipes: nothing of it is on disk.

use std::io::{self, Read, Write as _};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

use shared_child::SharedChild;

use super::registry::{Event, GRACE_PERIOD};
use super::{group, registry};

/// The limits of a child process.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// The time until it is stopped.
    pub time: Duration,
    /// The bytes of standard output. A process that writes more is stopped.
    pub stdout: usize,
    /// The bytes of standard error that are kept. The rest is dropped.
    pub stderr: usize,
}

/// The output and the exit status of a child process.
#[derive(Debug)]
pub struct Output {
    /// Everything that it wrote to standard output.
    pub stdout: Vec<u8>,
    /// The first bytes that it wrote to standard error.
    pub stderr: Vec<u8>,
    /// Its exit status.
    pub status: ExitStatus,
}

/// Why a child process has no output.
#[derive(Debug, thiserror::Error)]
pub enum ChildError {
    /// It does not start, or its output cannot be read.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// It exceeded the time limit and was stopped.
    #[error("no result after {}", duration(*.0))]
    TimedOut(Duration),
    /// It exceeded the limit of its output, in bytes, and was stopped.
    #[error("output larger than {} MiB", .0 / (1024 * 1024))]
    TooMuchOutput(usize),
    /// A process that it started still has its output open.
    #[error("its output does not end")]
    OpenOutput,
    /// The batch was cancelled.
    #[error("it was cancelled")]
    Cancelled,
}

fn duration(time: Duration) -> String {
    let seconds = time.as_secs();
    if seconds >= 120 {
        format!("{} minutes", seconds / 60)
    } else {
        format!("{:.0} seconds", time.as_secs_f64())
    }
}

/// Child processes that belong together: [`cancel`](super::cancel) stops them.
#[derive(Clone, Copy, Debug)]
pub struct Batch(u64);

impl Batch {
    /// Begins a batch.
    #[must_use]
    pub fn begin() -> Self {
        Self(registry::current_batch())
    }

    /// Runs a command without input until it ends. No process of its group runs afterwards.
    ///
    /// # Errors
    /// The command does not start, exceeds a limit, or is cancelled.
    pub fn run(self, command: &mut Command, limits: Limits) -> Result<Output, ChildError> {
        self.run_with_input(command, Vec::new(), limits)
    }

    /// Runs a command with this text on its standard input until it ends. No process of its group runs afterwards.
    ///
    /// # Errors
    /// The command does not start, exceeds a limit, or is cancelled.
    pub fn run_with_input(
        self,
        command: &mut Command,
        input: Vec<u8>,
        limits: Limits,
    ) -> Result<Output, ChildError> {
        let stdin = if input.is_empty() { Stdio::null() } else { Stdio::piped() };
        command.stdin(stdin).stdout(Stdio::piped()).stderr(Stdio::piped());
        let (events, received) = channel();
        let child = registry::spawn(self.0, command, &events)?.ok_or(ChildError::Cancelled)?;
        let mut running = Running { child, received, has_ended: false };
        if let Some(mut stdin) = running.child.take_stdin() {
            in_background(move || {
                // A process that does not read its input has its own exit status.
                let _ = stdin.write_all(&input);
            })?;
        }
        let stdout = collect(running.child.take_stdout(), limits.stdout, Some(events.clone()))?;
        let stderr = collect(running.child.take_stderr(), limits.stderr, None)?;
        let child = running.child.clone();
        in_background(move || {
            group::wait_for_end(&child);
            let _ = events.send(Event::Ended);
        })?;
        match running.received.recv_timeout(limits.time) {
            Ok(Event::Ended) => running.has_ended = true,
            Ok(Event::TooMuchOutput) => return Err(ChildError::TooMuchOutput(limits.stdout)),
            Ok(Event::Cancelled) => return Err(ChildError::Cancelled),
            Err(_) => return Err(ChildError::TimedOut(limits.time)),
        }
        // Processes that it left behind have its output open.
        group::kill(&running.child);
        let status = running.child.wait()?;
        let stdout = stdout.recv_timeout(GRACE_PERIOD).map_err(|_| ChildError::OpenOutput)??;
        let stderr = stderr.recv_timeout(GRACE_PERIOD).map_err(|_| ChildError::OpenOutput)??;
        if stdout.exceeds_limit {
            return Err(ChildError::TooMuchOutput(limits.stdout));
        }
        Ok(Output { stdout: stdout.bytes, stderr: stderr.bytes, status })
    }
}

/// A child process that is registered. Stopped and reaped on drop.
struct Running {
    child: Arc<SharedChild>,
    received: Receiver<Event>,
    has_ended: bool,
}

impl Drop for Running {
    fn drop(&mut self) {
        if !self.has_ended {
            group::interrupt(&self.child);
            // Each other event arrives a few times at most.
            while self.received.recv_timeout(GRACE_PERIOD).is_ok_and(|event| !matches!(event, Event::Ended)) {
            }
            group::kill(&self.child);
        }
        let _ = self.child.wait();
        registry::remove(&self.child);
    }
}

/// The first bytes of a stream.
struct Collected {
    bytes: Vec<u8>,
    exceeds_limit: bool,
}

/// Reads a stream on another thread. Reads on after the limit, so that the process can end, and drops what it reads.
fn collect(
    stream: Option<impl Read + Send + 'static>,
    limit: usize,
    events: Option<Sender<Event>>,
) -> io::Result<Receiver<io::Result<Collected>>> {
    let (sender, receiver) = channel();
    let mut stream = stream.ok_or_else(|| io::Error::other("the output of the process is not connected"))?;
    in_background(move || {
        let _ = sender.send(read(&mut stream, limit, events.as_ref()));
    })?;
    Ok(receiver)
}

fn read(stream: &mut impl Read, limit: usize, events: Option<&Sender<Event>>) -> io::Result<Collected> {
    let mut bytes = Vec::new();
    stream.by_ref().take(limit as u64).read_to_end(&mut bytes)?;
    let exceeds_limit = stream.by_ref().take(1).read_to_end(&mut Vec::new())? > 0;
    if let Some(events) = events.filter(|_| exceeds_limit) {
        let _ = events.send(Event::TooMuchOutput);
    }
    io::copy(stream, &mut io::sink())?;
    Ok(Collected { bytes, exceeds_limit })
}

fn in_background(work: impl FnOnce() + Send + 'static) -> io::Result<()> {
    thread::Builder::new().spawn(work).map(|_| ())
}

#[cfg(all(test, unix))]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may stop at the first error")]

    use super::*;
    use std::fs;
    use std::path::Path;

    const LIMITS: Limits = Limits { time: Duration::from_mins(1), stdout: 1024, stderr: 16 };

    fn shell(script: &str, limits: Limits) -> Result<Output, ChildError> {
        let mut command = if cfg!(target_os = "linux") {
            // A shell cannot trap a signal that is ignored when it starts, as SIGINT is if the tests run in the background.
            let mut command = Command::new("/usr/bin/env");
            command.args(["--default-signal=INT", "/bin/sh"]);
            command
        } else {
            Command::new("/bin/sh")
        };
        Batch::begin().run(command.args(["-c", script]), limits)
    }

    /// Whether a process still runs after a second. A kill takes effect shortly after it was sent.
    fn is_running(pid: &str) -> bool {
        let runs = || {
            // A zombie has ended.
            let status = fs::read_to_string(Path::new("/proc").join(pid).join("stat")).unwrap_or_default();
            !status.is_empty() && !status.contains(") Z ")
        };
        (0..100).all(|_| {
            thread::sleep(Duration::from_millis(10));
            runs()
        })
    }

    #[test]
    fn output_is_returned_up_to_its_limits() {
        let output = shell("printf out; printf 0123456789abcdefgh >&2; exit 3", LIMITS).unwrap();
        assert_eq!((output.stdout.as_slice(), output.status.code()), (&b"out"[..], Some(3)));
        assert_eq!(output.stderr, b"0123456789abcdef", "the first 16 bytes");
        let exact = "head -c 1024 /dev/zero";
        assert_eq!(shell(exact, LIMITS).unwrap().stdout.len(), 1024);
        for more in ["head -c 1025 /dev/zero", "cat /dev/zero"] {
            assert!(matches!(shell(more, LIMITS), Err(ChildError::TooMuchOutput(1024))), "{more}");
        }
    }

    #[test]
    fn a_command_reads_its_input_to_the_end() {
        let input = vec![b'x'; 1000];
        let mut command = Command::new("/bin/cat");
        let output = Batch::begin().run_with_input(&mut command, input.clone(), LIMITS).unwrap();
        assert_eq!(output.stdout, input);
    }

    #[test]
    fn a_command_over_its_time_limit_is_interrupted_and_then_killed_with_its_group() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        // The second process ignores the interrupt, as a provider does.
        let script = format!(
            "cd {}; (trap '' INT; exec sleep 60) & echo $! > second; trap 'touch interrupted; exit' INT; touch ready; while :; do sleep 0.05; done",
            folder.path().display()
        );
        let limits = Limits { time: Duration::from_secs(5), ..LIMITS };
        let error = shell(&script, limits).unwrap_err();
        assert_eq!(error.to_string(), "no result after 5 seconds");
        assert!(at("ready").exists() && at("interrupted").exists());
        assert!(!is_running(fs::read_to_string(at("second")).unwrap().trim()));
    }

    #[test]
    fn a_command_that_ends_leaves_no_process_behind() {
        let output = shell("sleep 60 & echo $!", LIMITS).unwrap();
        assert!(!is_running(String::from_utf8(output.stdout).unwrap().trim()));
    }

    #[test]
    fn a_process_outside_the_group_does_not_block_the_result() {
        let result = shell("setsid sleep 7 & sleep 0.2", LIMITS);
        assert!(matches!(result, Err(ChildError::OpenOutput)), "{result:?}");
    }
}
