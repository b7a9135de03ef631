//! The edge to the terminal: raw mode and its undoing, events in, frames out, signals, suspension.
//!
//! Draws when something changed and sleeps otherwise; while something runs, seven times a second at most. However the
//! program ends, by key, error, panic or signal, the terminal is given back as it was.

#![allow(clippy::disallowed_methods, reason = "an edge: the clock of the screen is read here")]

mod effects;
mod session;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use crossterm::event::{Event, EventStream, KeyEventKind};
use futures::StreamExt as _;
use tokio::sync::mpsc;

use crate::app::{App, Effect, Key, Message, Start};
use crate::ui::{Theme, draw};
use effects::Worker;
use session::Session;
pub use session::TerminalError;

/// Between two frames while something runs.
const FRAME: Duration = Duration::from_millis(150);

/// How the application ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// By the user.
    Left,
    /// By a signal of this number.
    Signal(i32),
}

/// How the application is played.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Play {
    /// Where journals and backups go.
    pub state: PathBuf,
    /// A Terraform state that the user gave.
    pub terraform_state: Option<PathBuf>,
    /// By itself, until a key is pressed.
    pub tour: bool,
}

/// Runs the application on this terminal until it is left.
///
/// # Errors
/// This is no terminal, or it went away.
pub fn run(start: Start, theme: &Theme, play: Play) -> Result<Ended, TerminalError> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let ended = runtime.block_on(run_async(start, theme, play));
    // Work that still runs (a call to AWS, terraform validate) is not waited for.
    runtime.shutdown_background();
    ended
}

async fn run_async(start: Start, theme: &Theme, play: Play) -> Result<Ended, TerminalError> {
    let mut session = Session::open()?;
    let (sender, mut replies) = mpsc::unbounded_channel();
    let mut worker = Worker::new(sender, play.state, play.terraform_state);
    let mut events = EventStream::new();
    let mut signals = Signals::listen()?;
    let (mut app, mut effects) = App::start(start, Instant::now());
    let mut tour = play.tour.then(|| Tour::begin(&app));
    loop {
        for effect in effects.drain(..) {
            match effect {
                Effect::Quit => return Ok(Ended::Left),
                Effect::Suspend => session.suspend()?,
                Effect::Copy(text) => session.copy(&text)?,
                other => worker.perform(other),
            }
        }
        let now = Instant::now();
        session.terminal.draw(|frame| draw(&app, theme, now, frame))?;
        effects = loop {
            let message = tokio::select! {
                event = events.next() => match event {
                    Some(event) => {
                        let message = message(event?);
                        // Any key takes over.
                        if matches!(message, Some(Message::Key(_))) {
                            tour = None;
                        }
                        message
                    }
                    None => return Ok(Ended::Left),
                },
                () = pause(tour.as_ref()), if tour.is_some() => Tour::press(&mut tour, &app),
                reply = replies.recv() => reply,
                signal = signals.next() => return Ok(Ended::Signal(signal)),
                () = tokio::time::sleep(FRAME), if app.is_busy() => break Vec::new(),
            };
            if let Some(message) = message {
                let mut effects = app.update(message, Instant::now());
                // Replies that queued up meanwhile share the frame.
                while let Ok(reply) = replies.try_recv() {
                    effects.extend(app.update(reply, Instant::now()));
                }
                break effects;
            }
        };
    }
}

/// A demo that plays itself.
struct Tour {
    step: usize,
    due: Instant,
}

impl Tour {
    fn begin(app: &App) -> Self {
        Self { step: 0, due: Instant::now() + app.tour_pause(0).unwrap_or_default() }
    }

    /// Presses the key that is due, and waits for the next one; after the last the user has the keys.
    fn press(tour: &mut Option<Self>, app: &App) -> Option<Message> {
        let key = tour.as_ref().and_then(|tour| app.tour_key(tour.step));
        *tour = tour.take().and_then(|Self { step, due }| {
            Some(Self { step: step + 1, due: due + app.tour_pause(step + 1)? })
        });
        key.map(Message::Key)
    }
}

async fn pause(tour: Option<&Tour>) {
    if let Some(tour) = tour {
        tokio::time::sleep_until(tour.due.into()).await;
    }
}

/// What a terminal event means; `None` when it means nothing.
fn message(event: Event) -> Option<Message> {
    match event {
        Event::Key(key) if key.kind != KeyEventKind::Release => Some(Message::Key(Key::from(key))),
        Event::Paste(text) => Some(Message::Paste(text)),
        Event::Resize(..) => Some(Message::Resized),
        Event::Key(_) | Event::Mouse(_) | Event::FocusGained | Event::FocusLost => None,
    }
}

#[cfg(unix)]
struct Signals {
    terminate: tokio::signal::unix::Signal,
    hang_up: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn listen() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            hang_up: signal(SignalKind::hangup())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    async fn next(&mut self) -> i32 {
        use tokio::signal::unix::SignalKind;
        tokio::select! {
            _ = self.terminate.recv() => SignalKind::terminate().as_raw_value(),
            _ = self.hang_up.recv() => SignalKind::hangup().as_raw_value(),
            _ = self.interrupt.recv() => SignalKind::interrupt().as_raw_value(),
        }
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn listen() -> std::io::Result<Self> {
        Ok(Self)
    }

    async fn next(&mut self) -> i32 {
        let _ = tokio::signal::ctrl_c().await;
        2
    }
}
