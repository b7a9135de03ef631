//! The application as a dialogue on standard input and output: pages of text with numbered choices. Uses no screen and no escape
//! sequence, so it also works through a pipe.

use std::io::{self, BufRead as _, Write as _, stdin, stdout};
use std::time::Instant;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use super::effects::Worker;
use super::options::{Ended, SessionOptions};
use super::runtime::Background;
use super::session::TerminalError;
use crate::app::{Action, App, Effect, Key, Message, Notice, Start};
use crate::text::one_line;
use crate::ui::{Answer, Choice, Page, Question, page};

/// Runs the dialogue until the user quits or the input ends.
///
/// # Errors
/// The input or the output fails.
pub fn run_plain(start: Start, options: SessionOptions) -> Result<Ended, TerminalError> {
    Background::new(&start)?.block_on(dialogue(start, options))
}

async fn dialogue(start: Start, options: SessionOptions) -> Result<Ended, TerminalError> {
    let (sender, replies) = unbounded_channel();
    let worker = Worker::new(sender, options.state, options.files, options.demo);
    let (app, effects) = App::start(start, Instant::now());
    let mut talk = Talk { app, worker, replies, expected: 0, has_quit: false };
    talk.perform(effects)?;
    loop {
        talk.settle().await?;
        if talk.has_quit {
            return Ok(Ended::Quit);
        }
        let Page { text, question } = page(&talk.app);
        say(&text)?;
        if matches!(talk.app.notice, Some(Notice::Error(_))) {
            // The user has read it. The next action only closes an error that is shown.
            talk.app.update(Message::Act(Action::Back), Instant::now());
        }
        let messages = match question {
            Question::Choices(choices) => ask(&choices)?,
            Question::Text(prompt) => ask_text(&prompt)?,
        };
        let Some(messages) = messages else { return Ok(Ended::Closed) };
        for message in messages {
            let effects = talk.app.update(message, Instant::now());
            talk.perform(effects)?;
        }
    }
}

/// The application and the replies that it waits for.
struct Talk {
    app: App,
    worker: Worker,
    replies: UnboundedReceiver<Message>,
    /// The number of effects without their last reply.
    expected: usize,
    has_quit: bool,
}

impl Talk {
    fn perform(&mut self, effects: Vec<Effect>) -> io::Result<()> {
        for effect in effects {
            match effect {
                Effect::Quit => self.has_quit = true,
                // The text is printed: the terminal may have no clipboard.
                Effect::Copy(text) => say(&format!("{text}\n"))?,
                Effect::Suspend | Effect::CancelDiscovery | Effect::CancelLog => {}
                effect => {
                    self.expected += 1;
                    self.worker.perform(effect);
                }
            }
        }
        Ok(())
    }

    /// Waits for the replies to all effects.
    async fn settle(&mut self) -> io::Result<()> {
        if self.expected > 0 {
            say("Please wait.\n")?;
        }
        while self.expected > 0 && !self.has_quit {
            let Some(message) = self.replies.recv().await else { break };
            if !matches!(message, Message::Progress(..) | Message::Badge(..)) {
                self.expected -= 1;
            }
            let effects = self.app.update(message, Instant::now());
            self.perform(effects)?;
        }
        Ok(())
    }
}

/// Asks for the number of a choice; asks again if there is none. `None` at the end of the input.
fn ask(choices: &[Choice]) -> io::Result<Option<Vec<Message>>> {
    let row = |(at, choice): (usize, &Choice)| format!("{}. {}\n", at + 1, one_line(&choice.text));
    say(&choices.iter().enumerate().map(row).collect::<String>())?;
    loop {
        say(&format!("Type a number from 1 to {}, then press enter: ", choices.len()))?;
        let Some(line) = read_line()? else { return Ok(None) };
        let number = line.trim().parse::<usize>().ok().and_then(|number| number.checked_sub(1));
        if let Some(choice) = number.and_then(|at| choices.get(at)) {
            return Ok(Some(match choice.answer {
                Answer::Act(action) => vec![Message::Act(action)],
                Answer::Select(row) => vec![Message::Select(row)],
                Answer::SelectAndAct(row, action) => vec![Message::Select(row), Message::Act(action)],
            }));
        }
        say(&format!("`{}` is not one of the numbers.\n", one_line(line.trim())))?;
    }
}

/// Asks for a line of text; an empty line cancels.
fn ask_text(prompt: &str) -> io::Result<Option<Vec<Message>>> {
    say(&format!("{prompt}: "))?;
    let Some(line) = read_line()? else { return Ok(None) };
    let line = line.trim().to_owned();
    let clear = Key::from(KeyEvent::new(KeyCode::Char('u'), KeyModifiers::CONTROL));
    Ok(Some(if line.is_empty() {
        vec![Message::Act(Action::Back)]
    } else {
        vec![Message::Key(clear), Message::Paste(line), Message::Act(Action::Forward)]
    }))
}

fn say(text: &str) -> io::Result<()> {
    let mut out = stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}

fn read_line() -> io::Result<Option<String>> {
    let mut line = String::new();
    Ok(if stdin().lock().read_line(&mut line)? == 0 { None } else { Some(line) })
}
