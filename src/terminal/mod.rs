//! The terminal: raw mode, events, frames, signals and suspension, and the work that the application
//! requests.
//!
//! Draws after each message, and about seven times a second while work runs. Restores the terminal when the
//! program ends because of a key, an error, a panic or a signal. It must not change the state of the
//! application: only `App::update` does.

#![allow(clippy::disallowed_methods, reason = "this I/O boundary reads the clock for the screen")]

mod backend;
mod clipboard;
mod demo;
mod editor;
mod effects;
mod log_file;
mod options;
mod plain;
mod profiles;
mod report_file;
mod runtime;
mod session;

use std::time::{Duration, Instant};

use crossterm::event::{Event, EventStream, KeyEventKind, MouseButton, MouseEvent, MouseEventKind};
use futures::StreamExt as _;
use ratatui::Frame;
use ratatui::layout::{Position, Rect, Size};
use tokio::sync::mpsc;

use crate::app::{Action, App, Effect, Key, Message, Start};
use crate::process::SignalReceiver;
use crate::ui::{Theme, draw, hit};
pub use backend::CompactBackend;
pub use demo::open_scenario;
use effects::Worker;
pub use log_file::read_log_file;
pub use options::{Ended, SessionOptions};
pub use plain::run_plain;
use runtime::Background;
use session::Session;
pub use session::TerminalError;

/// The time between two frames while work runs.
const FRAME: Duration = Duration::from_millis(150);

/// The time in which the signal of a closed terminal arrives.
const HANG_UP: Duration = Duration::from_millis(200);

/// The two functions of the application that the event loop calls.
#[derive(Clone, Copy, Debug)]
pub struct Functions {
    /// Changes the state by a message.
    pub update: fn(&mut App, Message, Instant) -> Vec<Effect>,
    /// Draws a frame.
    pub draw: fn(&App, &Theme, Instant, &mut Frame<'_>),
}

impl Functions {
    /// The functions of the product.
    pub const PRODUCT: Self = Self { update: App::update, draw };
}

/// Runs the application on this terminal until it ends.
///
/// # Errors
/// Standard input or output is not a terminal, or the terminal was closed.
pub fn run(start: Start, theme: &Theme, options: SessionOptions) -> Result<Ended, TerminalError> {
    run_with(start, theme, options, Functions::PRODUCT)
}

/// The same with other functions: a test can see how the terminal is left when one of them panics.
///
/// # Errors
/// Those of [`run`].
pub fn run_with(
    start: Start,
    theme: &Theme,
    options: SessionOptions,
    functions: Functions,
) -> Result<Ended, TerminalError> {
    Background::new(&start)?.block_on(run_async(start, theme, options, functions))
}

async fn run_async(
    start: Start,
    theme: &Theme,
    options: SessionOptions,
    functions: Functions,
) -> Result<Ended, TerminalError> {
    // Dropped after the session: until the terminal is restored, no signal ends the program.
    let mut signals = Signals::listen();
    let session = Session::open(options.mouse)?;
    match run_session(start, (theme, functions), options, session, &mut signals).await {
        // A closed terminal ends the events, or makes them fail, before its signal is read.
        ended @ (Ok(Ended::Closed) | Err(TerminalError::Io(_))) => {
            tokio::time::timeout(HANG_UP, signals.next())
                .await
                .map_or(ended, |signal| Ok(Ended::Signal(signal)))
        }
        ended => ended,
    }
}

async fn run_session(
    start: Start,
    (theme, Functions { update, draw }): (&Theme, Functions),
    options: SessionOptions,
    mut session: Session,
    signals: &mut Signals,
) -> Result<Ended, TerminalError> {
    let (sender, mut replies) = mpsc::unbounded_channel();
    let mut worker = Worker::new(sender, options.state, options.files, options.demo);
    let mut events = EventStream::new();
    let (mut app, mut effects) = App::start(start, Instant::now());
    let mut size = Size::default();
    let mut tour = None;
    loop {
        // A frame has the present size of the terminal, also if the event of the new size was not read yet. Keys act on this frame.
        let present = session.terminal.size()?;
        if present != size {
            size = present;
            effects.extend(update(&mut app, Message::Resized(size.width, size.height), Instant::now()));
        }
        let mut after = Vec::new();
        for effect in effects.drain(..) {
            match effect {
                Effect::Quit => return Ok(Ended::Quit),
                Effect::Suspend => session.suspend()?,
                Effect::Editor(path, line) => {
                    // Ends the thread that reads the keys, because the editor reads them now.
                    events = EventStream::new();
                    Session::leave();
                    let edited = tokio::select! {
                        edited = editor::edit(&path, line) => edited,
                        signal = signals.next() => return Ok(Ended::Signal(signal)),
                    };
                    session.resume()?;
                    after.extend(update(&mut app, Message::Edited(edited), Instant::now()));
                }
                Effect::Copy(text) => {
                    session.copy(&text)?;
                    worker.copy_to_tmux(text);
                }
                other => worker.perform(other),
            }
        }
        for effect in after {
            worker.perform(effect);
        }
        let now = Instant::now();
        tour = due(tour, &app, now);
        session.draw(|frame| draw(&app, theme, now, frame))?;
        effects = loop {
            let message = tokio::select! {
                event = events.next() => match event {
                    Some(event) => {
                        match event? {
                            Event::Resize(..) => break Vec::new(),
                            Event::Mouse(event) => {
                                mouse(event, &app, theme, Rect::new(0, 0, size.width, size.height))
                            }
                            event => message(event),
                        }
                    }
                    None => return Ok(Ended::Closed),
                },
                () = pause(tour), if tour.is_some() => Some(Message::TourIsDue),
                () = wait_until(app.watch_due()), if app.watch_due().is_some() => Some(Message::WatchIsDue),
                reply = replies.recv() => reply,
                signal = signals.next() => return Ok(Ended::Signal(signal)),
                () = tokio::time::sleep(FRAME), if app.is_busy() => break Vec::new(),
            };
            if let Some(message) = message {
                let mut effects = update(&mut app, message, Instant::now());
                // All replies that are in the queue are drawn in one frame.
                while let Ok(reply) = replies.try_recv() {
                    effects.extend(update(&mut app, reply, Instant::now()));
                }
                break effects;
            }
        };
    }
}

/// The next step of the tour, and when it is due.
type DueStep = (usize, Instant);

/// The same time for the same step; a new one for the next step, and after a pause of the user.
fn due(before: Option<DueStep>, app: &App, now: Instant) -> Option<DueStep> {
    let (tour, pause) = (app.tour()?, app.tour_pause()?);
    before.filter(|(step, _)| *step == tour.step).or(Some((tour.step, now + pause)))
}

async fn pause(due: Option<DueStep>) {
    wait_until(due.map(|(_, due)| due)).await;
}

async fn wait_until(due: Option<Instant>) {
    if let Some(due) = due {
        tokio::time::sleep_until(due.into()).await;
    }
}

/// The message for an event of the mouse: a click selects, the wheel scrolls the pane below the pointer.
fn mouse(event: MouseEvent, app: &App, theme: &Theme, area: Rect) -> Option<Message> {
    let hit = || hit(app, theme, Instant::now(), area, Position::new(event.column, event.row));
    match event.kind {
        MouseEventKind::ScrollUp => Some(Message::Wheel(hit().pane, Action::Up)),
        MouseEventKind::ScrollDown => Some(Message::Wheel(hit().pane, Action::Down)),
        MouseEventKind::Down(MouseButton::Left) => Some(Message::Click(hit())),
        _ => None,
    }
}

/// The message for a terminal event; `None` if the application ignores the event.
fn message(event: Event) -> Option<Message> {
    match event {
        Event::Key(key) if key.kind != KeyEventKind::Release => Some(Message::Key(Key::from(key))),
        Event::Paste(text) => Some(Message::Paste(text)),
        Event::Key(_) | Event::Resize(..) | Event::Mouse(_) | Event::FocusGained | Event::FocusLost => None,
    }
}

/// The signals that end the application.
struct Signals {
    numbers: mpsc::UnboundedReceiver<i32>,
    _receiver: SignalReceiver,
}

impl Signals {
    fn listen() -> Self {
        let (sender, numbers) = mpsc::unbounded_channel();
        let receiver = SignalReceiver::new(move |number| {
            // The application may have ended.
            let _ = sender.send(number);
        });
        Self { numbers, _receiver: receiver }
    }

    async fn next(&mut self) -> i32 {
        tokio::select! {
            Some(number) = self.numbers.recv() => number,
            number = interrupt() => number,
        }
    }
}

/// Signals arrive through the receiver.
#[cfg(unix)]
async fn interrupt() -> i32 {
    std::future::pending().await
}

#[cfg(not(unix))]
async fn interrupt() -> i32 {
    let _ = tokio::signal::ctrl_c().await;
    2
}
