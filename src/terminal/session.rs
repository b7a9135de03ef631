//! Raw mode and the alternate screen, and their restoration when the program ends.

use std::io::{self, IsTerminal as _, Stdout, stdin, stdout};
use std::mem::ManuallyDrop;
use std::panic;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use crossterm::clipboard::CopyToClipboard;
use crossterm::cursor::Show;
use crossterm::event::{
    DisableBracketedPaste, DisableMouseCapture, EnableBracketedPaste, EnableMouseCapture,
};
use crossterm::terminal::{
    BeginSynchronizedUpdate, EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen,
    disable_raw_mode, enable_raw_mode,
};
use crossterm::{execute, queue};
use ratatui::layout::{Position, Rect};
use ratatui::{Frame, Terminal};

use super::CompactBackend;

/// Why the screen cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TerminalError {
    /// Standard input or output is not a terminal.
    #[error("the screen needs a terminal; without one, use egress-doctor diagnose and egress-doctor fix")]
    NotATerminal,
    /// The terminal was closed, or the operating system returned an error.
    #[error("the terminal cannot be used: {0}")]
    Io(#[from] io::Error),
}

/// The terminal in raw mode; restored on drop.
pub(super) struct Session {
    /// Not dropped: the drop of ratatui prints an error to standard error if it cannot show the cursor, and panics if the
    /// terminal was closed. `restore` shows the cursor.
    pub terminal: ManuallyDrop<Terminal<CompactBackend<Stdout>>>,
    /// Whether the terminal sends the events of the mouse.
    mouse: bool,
}

impl Session {
    pub fn open(mouse: bool) -> Result<Self, TerminalError> {
        if !stdin().is_terminal() || !stdout().is_terminal() {
            return Err(TerminalError::NotATerminal);
        }
        // The theme handles NO_COLOR. Without this, crossterm would also drop reverse video and bold.
        crossterm::style::force_color_output(true);
        let previous = panic::take_hook();
        let drawing_thread = thread::current().id();
        panic::set_hook(Box::new(move |info| {
            // A panic of a worker thread becomes an error notice; the terminal stays in raw mode.
            if thread::current().id() == drawing_thread {
                restore();
                previous(info);
            }
        }));
        set_up(mouse)?;
        let terminal = Terminal::new(CompactBackend::new(stdout()));
        if terminal.is_err() {
            restore();
        }
        Ok(Self { terminal: ManuallyDrop::new(terminal?), mouse })
    }

    /// Draws a frame as one synchronized update: the terminal shows it at once, not in parts.
    pub fn draw(&mut self, draw: impl FnOnce(&mut Frame<'_>)) -> io::Result<()> {
        queue!(self.terminal.backend_mut(), BeginSynchronizedUpdate)?;
        let drawn = self.terminal.draw(draw).map(|_| ());
        execute!(self.terminal.backend_mut(), EndSynchronizedUpdate)?;
        drawn
    }

    /// Suspends to the shell until the program is continued.
    pub fn suspend(&mut self) -> io::Result<()> {
        Self::leave();
        #[cfg(unix)]
        signal_hook::low_level::emulate_default_handler(signal_hook::consts::SIGTSTP)?;
        self.resume()
    }

    /// Gives the terminal to the shell or to another program.
    pub fn leave() {
        restore();
    }

    /// Takes the terminal again. The next frame draws everything.
    pub fn resume(&mut self) -> io::Result<()> {
        set_up(self.mouse)?;
        self.terminal.backend_mut().forget();
        // `clear` would ask the terminal for the position of the cursor, and the thread that reads the keys could take the answer.
        let size = self.terminal.size()?;
        self.terminal.resize(Rect::from((Position::ORIGIN, size)))
    }

    /// Copies text to the clipboard by OSC 52, which also works over ssh.
    pub fn copy(&mut self, text: &str) -> io::Result<()> {
        execute!(self.terminal.backend_mut(), CopyToClipboard::to_clipboard_from(text))
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        restore();
    }
}

/// Whether the terminal must be restored. After a panic it is restored before the report, and the drop of the session must not do it
/// again: leaving the alternate screen restores the position of the cursor, and the next text would overwrite the report.
static IS_SET_UP: AtomicBool = AtomicBool::new(false);

fn set_up(mouse: bool) -> io::Result<()> {
    IS_SET_UP.store(true, Ordering::Relaxed);
    enable_raw_mode()?;
    execute!(stdout(), EnterAlternateScreen, EnableBracketedPaste)?;
    if mouse { execute!(stdout(), EnableMouseCapture) } else { Ok(()) }
}

fn restore() {
    if !IS_SET_UP.swap(false, Ordering::Relaxed) {
        return;
    }
    let _ = execute!(
        stdout(),
        EndSynchronizedUpdate,
        DisableMouseCapture,
        DisableBracketedPaste,
        LeaveAlternateScreen,
        Show
    );
    let _ = disable_raw_mode();
}
