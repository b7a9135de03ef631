//! The program in a pseudo-terminal: sends keys and reads the screen as a user sees it. Waits for text and
//! never sleeps.

use std::io::{Read as _, Write as _};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

/// Time limit for an expected text. It is long, because a slow machine must not fail the test.
const TIMEOUT: Duration = Duration::from_mins(2);

pub struct Screen {
    parser: vt100::Parser,
    output: Receiver<Vec<u8>>,
    raw: Vec<u8>,
    input: Box<dyn std::io::Write + Send>,
    child: Box<dyn Child + Send + Sync>,
    is_closing: Arc<AtomicBool>,
    master: Arc<Mutex<Option<Box<dyn MasterPty + Send>>>>,
    reading: std::thread::JoinHandle<()>,
    pub keys: usize,
}

impl Screen {
    /// Starts egress-doctor on a screen with this number of columns and rows.
    pub fn start(
        arguments: &[&str],
        environment: &[(String, String)],
        home: &Path,
        size: (u16, u16),
    ) -> Self {
        let program = Path::new(env!("CARGO_BIN_EXE_egress-doctor"));
        Self::start_program(program, arguments, environment, home, size)
    }

    /// Starts a program on such a screen.
    pub fn start_program(
        program: &Path,
        arguments: &[&str],
        environment: &[(String, String)],
        home: &Path,
        size: (u16, u16),
    ) -> Self {
        let size = PtySize { rows: size.1, cols: size.0, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).unwrap();
        let mut command = CommandBuilder::new(program);
        command.args(arguments);
        command.cwd(home);
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("AWS_")) {
            command.env_remove(name);
        }
        let own = home.to_string_lossy();
        for (name, value) in [
            ("HOME", own.as_ref()),
            ("XDG_STATE_HOME", own.as_ref()),
            ("XDG_CACHE_HOME", own.as_ref()),
            ("TERM", "xterm-256color"),
        ] {
            command.env(name, value);
        }
        command.env("LC_ALL", "C.UTF-8");
        for (name, value) in environment {
            command.env(name, value);
        }
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let mut reader = pair.master.try_clone_reader().unwrap();
        let input = pair.master.take_writer().unwrap();
        let (sender, output) = channel();
        let is_closing = Arc::new(AtomicBool::new(false));
        let closing = is_closing.clone();
        // Open until the reader ends.
        let master = Arc::new(Mutex::new(Some(pair.master)));
        let read = master.clone();
        let reading = std::thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(count) = reader.read(&mut bytes) {
                if closing.load(Ordering::Relaxed)
                    || count == 0
                    || sender.send(bytes[..count].to_vec()).is_err()
                {
                    break;
                }
            }
            drop(read.lock().unwrap().take());
        });
        let parser = vt100::Parser::new(size.rows, size.cols, 0);
        Self { parser, output, raw: Vec::new(), input, child, is_closing, master, reading, keys: 0 }
    }

    pub fn text(&self) -> String {
        self.parser.screen().contents()
    }

    /// All bytes that the program wrote to the terminal.
    pub fn raw(&self) -> String {
        String::from_utf8_lossy(&self.raw).into_owned()
    }

    /// Waits until the screen shows the text.
    pub fn wait_for(&mut self, wanted: &str) {
        self.wait_until_or(
            |screen| screen.text().contains(wanted),
            &format!("`{wanted}` is not on the screen"),
        );
    }

    /// Waits until the screen is as expected.
    pub fn wait_until(&mut self, is_reached: impl Fn(&Self) -> bool) {
        self.wait_until_or(is_reached, "the screen is not as expected");
    }

    fn wait_until_or(&mut self, is_reached: impl Fn(&Self) -> bool, failure: &str) {
        let deadline = Instant::now() + TIMEOUT;
        while !is_reached(self) {
            let Ok(bytes) = self.output.recv_timeout(deadline.saturating_duration_since(Instant::now()))
            else {
                panic!("{failure}; the screen is\n{}", self.text());
            };
            self.take(&bytes);
        }
    }

    /// Takes the output of the program until it is quiet for this time.
    pub fn quiet(&mut self, time: Duration) {
        while let Ok(bytes) = self.output.recv_timeout(time) {
            self.take(&bytes);
        }
    }

    fn take(&mut self, bytes: &[u8]) {
        self.raw.extend_from_slice(bytes);
        self.parser.process(bytes);
    }

    /// Presses a key.
    pub fn press(&mut self, key: &str) {
        self.keys += 1;
        let bytes = match key {
            "enter" => "\r",
            "esc" => "\u{1b}",
            "right" => "\u{1b}[C",
            "ctrl-c" => "\u{3}",
            "ctrl-z" => "\u{1a}",
            other => other,
        };
        self.input.write_all(bytes.as_bytes()).unwrap();
        self.input.flush().unwrap();
    }

    /// Presses a key and waits for a text.
    pub fn press_for(&mut self, key: &str, wanted: &str) {
        self.press(key);
        self.wait_for(wanted);
    }

    /// Changes the number of columns and rows.
    pub fn resize(&mut self, (columns, rows): (u16, u16)) {
        let size = PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 };
        self.parser.screen_mut().set_size(rows, columns);
        self.master.lock().unwrap().as_ref().unwrap().resize(size).unwrap();
    }

    pub fn process_id(&self) -> u32 {
        self.child.process_id().unwrap()
    }

    /// Closes the terminal and waits for the end of the program: its exit status, and the number of a signal that ended it.
    pub fn close(mut self) -> (u32, Option<String>) {
        self.is_closing.store(true, Ordering::Relaxed);
        // The reader waits for output: a key makes the program draw.
        self.press("?");
        self.reading.join().unwrap();
        drop(self.input);
        let status = self.child.wait().unwrap();
        (status.exit_code(), status.signal().map(str::to_owned))
    }

    /// Waits for the end of the program: exit code and all output.
    pub fn end(mut self) -> (u32, String) {
        loop {
            match self.output.recv_timeout(TIMEOUT) {
                Ok(bytes) => self.take(&bytes),
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => {
                    self.child.kill().unwrap();
                    panic!("the program does not end; the screen is\n{}", self.text());
                }
            }
        }
        let status = self.child.wait().unwrap();
        (status.exit_code(), self.raw())
    }
}

/// Asserts that the program restored the terminal: main screen, visible cursor, no bracketed paste, no events of the mouse, no
/// synchronized update.
pub fn assert_restored(raw: &str) {
    let at = |sequence: &str| raw.rfind(sequence);
    assert!(at("\u{1b}[?1049l") > at("\u{1b}[?1049h"), "the alternate screen was left");
    assert!(at("\u{1b}[?25h") > at("\u{1b}[?25l"), "the cursor is shown");
    assert!(at("\u{1b}[?2004l") > at("\u{1b}[?2004h"), "bracketed paste is off");
    assert!(at("\u{1b}[?1000l") > at("\u{1b}[?1000h"), "the mouse is off");
    assert!(at("\u{1b}[?2026l") > at("\u{1b}[?2026h"), "the synchronized update has ended");
}
