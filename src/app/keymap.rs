//! Every key, once: dispatch, the footer, the help screen and the README come from this table.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::Step;

/// A key as pressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    /// Which.
    pub code: KeyCode,
    /// With Control.
    pub ctrl: bool,
}

impl Key {
    const fn plain(code: KeyCode) -> Self {
        Self { code, ctrl: false }
    }

    const fn char(c: char) -> Self {
        Self::plain(KeyCode::Char(c))
    }

    const fn ctrl(c: char) -> Self {
        Self { code: KeyCode::Char(c), ctrl: true }
    }

    /// `enter`, `PgDn`, `Ctrl-C`.
    #[must_use]
    pub fn name(self) -> String {
        match self.code {
            KeyCode::Char(' ') => "space".to_owned(),
            KeyCode::Char(c) if self.ctrl => format!("Ctrl-{}", c.to_ascii_uppercase()),
            KeyCode::Char(c) => c.to_string(),
            KeyCode::Enter => "enter".to_owned(),
            KeyCode::Esc => "esc".to_owned(),
            KeyCode::Tab => "tab".to_owned(),
            KeyCode::BackTab => "shift-tab".to_owned(),
            KeyCode::Up => "up".to_owned(),
            KeyCode::Down => "down".to_owned(),
            KeyCode::Left => "left".to_owned(),
            KeyCode::Right => "right".to_owned(),
            KeyCode::Home => "home".to_owned(),
            KeyCode::End => "end".to_owned(),
            KeyCode::PageUp => "PgUp".to_owned(),
            KeyCode::PageDown => "PgDn".to_owned(),
            other => format!("{other:?}"),
        }
    }
}

impl From<KeyEvent> for Key {
    fn from(event: KeyEvent) -> Self {
        Self { code: event.code, ctrl: event.modifiers.contains(KeyModifiers::CONTROL) }
    }
}

/// Where a key is pressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Context {
    /// The list of services.
    Pick,
    /// Matrix and path.
    Trace,
    /// The proposals.
    Choose,
    /// The diff.
    Preview,
    /// What was written.
    Done,
    /// A scrolling dialog: help, calls.
    Reader,
    /// A question with two answers.
    Question,
    /// A question with several answers, in a list.
    Which,
    /// A line being typed.
    Input,
}

impl Context {
    /// Every context.
    pub const ALL: &[Self] = &[
        Self::Pick,
        Self::Trace,
        Self::Choose,
        Self::Preview,
        Self::Done,
        Self::Reader,
        Self::Question,
        Self::Which,
        Self::Input,
    ];

    const STEPS: &[Self] = &[Self::Pick, Self::Trace, Self::Choose, Self::Preview, Self::Done];

    /// Its heading in the help.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Pick => Step::Pick.title(),
            Self::Trace => Step::Trace.title(),
            Self::Choose => Step::Choose.title(),
            Self::Preview => Step::Preview.title(),
            Self::Done => Step::Done.title(),
            Self::Reader => "Help and calls",
            Self::Question => "Questions",
            Self::Which => "What makes it",
            Self::Input => "Typing",
        }
    }
}

/// What a key does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// One up.
    Up,
    /// One down.
    Down,
    /// One to the left.
    Left,
    /// One to the right.
    Right,
    /// To the first.
    First,
    /// To the last.
    Last,
    /// A page up.
    PageUp,
    /// A page down.
    PageDown,
    /// To the other pane.
    NextPane,
    /// The next step, or yes.
    Forward,
    /// The step before, or no.
    Back,
    /// Leave, with a question when something would be lost.
    Quit,
    /// Leave at once.
    Leave,
    /// Suspend to the shell.
    Suspend,
    /// The keys.
    Help,
    /// The AWS calls.
    Calls,
    /// Narrow the list.
    Filter,
    /// Add a destination.
    Add,
    /// Leave a destination out.
    LeaveOut,
    /// Another profile.
    Profile,
    /// Another region.
    Region,
    /// Read AWS again.
    Reread,
    /// Put the fix under the cursor into the set, or take it out.
    Toggle,
    /// The traffic that the cost is reckoned with.
    Traffic,
    /// The Terraform folder.
    Folder,
    /// The next hunk.
    NextHunk,
    /// The hunk before.
    PreviousHunk,
    /// Write the files.
    Write,
    /// Take the write back.
    Undo,
    /// Copy the thing in focus.
    Copy,
    /// Save the incident report.
    Export,
    /// Hide or show the demo's captions.
    Caption,
}

/// Keys with what they do.
#[derive(Debug)]
pub struct Binding {
    /// Any of these.
    pub keys: &'static [Key],
    /// What they do.
    pub action: Action,
    /// Where.
    pub contexts: &'static [Context],
    /// One or two words for the footer; empty keeps it out.
    pub hint: &'static str,
    /// A line for the help.
    pub help: &'static str,
    /// The footer drops the highest numbers first where the width is short.
    pub priority: u8,
}

const fn bind(
    keys: &'static [Key],
    action: Action,
    contexts: &'static [Context],
    hint: &'static str,
    help: &'static str,
    priority: u8,
) -> Binding {
    Binding { keys, action, contexts, hint, help, priority }
}

use Context::{Choose, Done, Input, Pick, Preview, Question, Reader, Trace, Which};

/// The table.
pub static KEYMAP: &[Binding] = &[
    bind(
        &[Key::plain(KeyCode::Enter)],
        Action::Forward,
        &[Pick],
        "trace",
        "look at the service under the cursor",
        0,
    ),
    bind(&[Key::plain(KeyCode::Enter)], Action::Forward, &[Trace], "fixes", "what would cure it", 0),
    bind(
        &[Key::plain(KeyCode::Enter)],
        Action::Forward,
        &[Choose],
        "diff",
        "the Terraform diff of the chosen fix",
        0,
    ),
    bind(
        &[Key::char('w'), Key::plain(KeyCode::Enter)],
        Action::Write,
        &[Preview],
        "write",
        "write the files, after a question",
        0,
    ),
    bind(&[Key::char('u')], Action::Undo, &[Done], "undo", "take the write back, byte for byte", 1),
    bind(
        &[Key::char('r')],
        Action::Reread,
        &[Done],
        "check again",
        "read AWS again and compare; in the demo, trace the simulated network",
        0,
    ),
    bind(&[Key::char('r')], Action::Reread, &[Pick, Trace], "", "read AWS again", 6),
    bind(
        &[Key::char(' ')],
        Action::Toggle,
        &[Choose],
        "combine",
        "put the fix into the set, or take it out",
        1,
    ),
    bind(
        &[Key::char('t')],
        Action::Traffic,
        &[Choose],
        "traffic",
        "GB per month that the cost is reckoned with",
        3,
    ),
    bind(&[Key::char('f')], Action::Folder, &[Choose, Preview], "folder", "another Terraform folder", 5),
    bind(&[Key::char('n')], Action::NextHunk, &[Preview], "next hunk", "the next hunk", 1),
    bind(&[Key::char('N')], Action::PreviousHunk, &[Preview], "", "the hunk before", 6),
    bind(&[Key::char('a')], Action::Add, &[Trace], "add", "add a destination", 3),
    bind(
        &[Key::char('x')],
        Action::LeaveOut,
        &[Trace],
        "leave out",
        "leave the destination under the cursor out",
        5,
    ),
    bind(&[Key::char('/')], Action::Filter, &[Pick], "filter", "narrow the list", 2),
    bind(&[Key::char('p')], Action::Profile, &[Pick], "profile", "another AWS profile", 4),
    bind(&[Key::char('R')], Action::Region, &[Pick], "region", "another region", 4),
    bind(
        &[Key::plain(KeyCode::Tab), Key::plain(KeyCode::BackTab)],
        Action::NextPane,
        &[Trace, Preview],
        "pane",
        "to the other pane",
        2,
    ),
    bind(
        &[Key::plain(KeyCode::Up), Key::char('k')],
        Action::Up,
        &[Pick, Trace, Choose, Preview, Done, Reader, Which],
        "",
        "one up",
        9,
    ),
    bind(
        &[Key::plain(KeyCode::Down), Key::char('j')],
        Action::Down,
        &[Pick, Trace, Choose, Preview, Done, Reader, Which],
        "",
        "one down",
        9,
    ),
    bind(
        &[Key::plain(KeyCode::Left), Key::char('h')],
        Action::Left,
        &[Trace, Preview],
        "",
        "one to the left",
        9,
    ),
    bind(
        &[Key::plain(KeyCode::Right), Key::char('l')],
        Action::Right,
        &[Trace, Preview],
        "",
        "one to the right",
        9,
    ),
    bind(
        &[Key::plain(KeyCode::Home), Key::char('g')],
        Action::First,
        &[Pick, Trace, Choose, Preview, Done, Reader, Which],
        "",
        "to the first",
        9,
    ),
    bind(
        &[Key::plain(KeyCode::End), Key::char('G')],
        Action::Last,
        &[Pick, Trace, Choose, Preview, Done, Reader, Which],
        "",
        "to the last",
        9,
    ),
    bind(
        &[Key::plain(KeyCode::PageUp), Key::ctrl('u')],
        Action::PageUp,
        &[Pick, Trace, Choose, Preview, Done, Reader],
        "",
        "a page up",
        9,
    ),
    bind(
        &[Key::plain(KeyCode::PageDown), Key::ctrl('d')],
        Action::PageDown,
        &[Pick, Trace, Choose, Preview, Done, Reader],
        "",
        "a page down",
        9,
    ),
    bind(
        &[Key::char('y')],
        Action::Copy,
        &[Trace, Choose, Preview, Done],
        "copy",
        "copy what is in focus to the clipboard",
        4,
    ),
    bind(
        &[Key::char('e')],
        Action::Export,
        &[Trace, Choose, Preview, Done],
        "",
        "save the incident report here",
        6,
    ),
    bind(&[Key::char('L')], Action::Calls, Context::STEPS, "calls", "the AWS calls with times and errors", 5),
    bind(&[Key::char('c')], Action::Caption, Context::STEPS, "", "hide or show the demo's captions", 7),
    bind(&[Key::char('?')], Action::Help, Context::STEPS, "help", "all keys", 1),
    bind(
        &[Key::plain(KeyCode::Esc)],
        Action::Back,
        &[Trace, Choose, Preview, Done],
        "back",
        "the step before",
        2,
    ),
    bind(&[Key::plain(KeyCode::Esc)], Action::Back, &[Pick], "", "stop reading, or clear the filter", 9),
    bind(&[Key::plain(KeyCode::Esc), Key::char('q')], Action::Back, &[Reader], "close", "close it", 0),
    bind(&[Key::char('/')], Action::Filter, &[Reader], "filter", "narrow the list", 1),
    bind(&[Key::plain(KeyCode::Enter)], Action::Forward, &[Question], "choose", "take the marked answer", 0),
    bind(
        &[Key::plain(KeyCode::Enter)],
        Action::Forward,
        &[Which],
        "this one",
        "take the answer under the cursor",
        0,
    ),
    bind(
        &[Key::plain(KeyCode::Esc), Key::char('q')],
        Action::Back,
        &[Which],
        "none now",
        "answer nothing",
        1,
    ),
    bind(
        &[
            Key::plain(KeyCode::Tab),
            Key::plain(KeyCode::Left),
            Key::plain(KeyCode::Right),
            Key::char('h'),
            Key::char('l'),
        ],
        Action::NextPane,
        &[Question],
        "other answer",
        "mark the other answer",
        0,
    ),
    bind(
        &[Key::plain(KeyCode::Esc), Key::char('q')],
        Action::Back,
        &[Question],
        "cancel",
        "change nothing",
        1,
    ),
    bind(&[Key::plain(KeyCode::Enter)], Action::Forward, &[Input], "take it", "take what was typed", 0),
    bind(&[Key::plain(KeyCode::Esc)], Action::Back, &[Input], "cancel", "change nothing", 1),
    bind(&[Key::char('q')], Action::Quit, Context::STEPS, "quit", "leave", 3),
    bind(&[Key::ctrl('c')], Action::Leave, Context::ALL, "", "leave at once", 9),
    bind(&[Key::ctrl('z')], Action::Suspend, Context::ALL, "", "suspend to the shell", 9),
];

/// What the key does there.
#[must_use]
pub(super) fn action(context: Context, key: Key) -> Option<Action> {
    KEYMAP
        .iter()
        .find(|binding| binding.contexts.contains(&context) && binding.keys.contains(&key))
        .map(|binding| binding.action)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_means_two_things_in_one_place() {
        for context in Context::ALL {
            let mut seen: Vec<Key> = Vec::new();
            for binding in KEYMAP.iter().filter(|binding| binding.contexts.contains(context)) {
                for key in binding.keys {
                    assert!(!seen.contains(key), "{} twice in {context:?}", key.name());
                    seen.push(*key);
                }
            }
        }
    }

    #[test]
    fn the_readme_lists_every_hint() {
        let readme = include_str!("../../README.md");
        for binding in KEYMAP.iter().filter(|binding| !binding.hint.is_empty()) {
            let keys: Vec<String> = binding.keys.iter().map(|key| format!("`{}`", key.name())).collect();
            let places: Vec<&str> = binding.contexts.iter().map(|context| context.title()).collect();
            let places =
                if binding.contexts == Context::STEPS { "everywhere".to_owned() } else { places.join(", ") };
            let row = format!("| {} | {places} | {} |", keys.join(" "), binding.help);
            assert!(readme.contains(&row), "the README lacks {row}");
        }
    }
}
