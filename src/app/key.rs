//! A key press, independent of the terminal.

use std::str::FromStr;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// A key press.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    /// The key.
    pub code: KeyCode,
    /// Whether Control is held.
    pub ctrl: bool,
}

impl Key {
    /// No key: for an action that has another origin than a key.
    pub(super) const NONE: Self = Self::plain(KeyCode::Null);

    pub(super) const fn plain(code: KeyCode) -> Self {
        Self { code, ctrl: false }
    }

    pub(super) const fn char(c: char) -> Self {
        Self::plain(KeyCode::Char(c))
    }

    pub(super) const fn ctrl(c: char) -> Self {
        Self { code: KeyCode::Char(c), ctrl: true }
    }

    /// Whether it types a character.
    pub(super) fn is_character(self) -> bool {
        matches!(self.code, KeyCode::Char(_)) && !self.ctrl
    }

    /// The name in the footer, the help and the README: `enter`, `PgDn`, `Ctrl-C`.
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
            KeyCode::Delete => "delete".to_owned(),
            KeyCode::PageUp => "PgUp".to_owned(),
            KeyCode::PageDown => "PgDn".to_owned(),
            KeyCode::Backspace => "backspace".to_owned(),
            KeyCode::Insert => "insert".to_owned(),
            KeyCode::F(number) => format!("F{number}"),
            other => format!("{other:?}"),
        }
    }
}

/// The keys that are named by a word.
const NAMED: &[KeyCode] = &[
    KeyCode::Char(' '),
    KeyCode::Enter,
    KeyCode::Esc,
    KeyCode::Tab,
    KeyCode::BackTab,
    KeyCode::Up,
    KeyCode::Down,
    KeyCode::Left,
    KeyCode::Right,
    KeyCode::Home,
    KeyCode::End,
    KeyCode::Delete,
    KeyCode::PageUp,
    KeyCode::PageDown,
    KeyCode::Backspace,
    KeyCode::Insert,
];

impl FromStr for Key {
    type Err = String;

    /// Parses the name of a key; words and `Ctrl-` in upper or lower case.
    fn from_str(name: &str) -> Result<Self, String> {
        let mut characters = name.chars();
        if let (Some(c), None) = (characters.next(), characters.next()) {
            return if c.is_control() { Err(unknown_key(name)) } else { Ok(Self::char(c)) };
        }
        let lower = name.to_ascii_lowercase();
        if let Some(letter) = lower.strip_prefix("ctrl-") {
            let mut letters = letter.chars();
            return match (letters.next(), letters.next()) {
                (Some(c), None) if c.is_ascii_alphabetic() => Ok(Self::ctrl(c)),
                _ => Err(unknown_key(name)),
            };
        }
        let function = lower.strip_prefix('f').and_then(|number| number.parse().ok());
        let code = match function {
            Some(number @ 1..=12) => Some(KeyCode::F(number)),
            Some(_) => None,
            None => NAMED.iter().copied().find(|code| Self::plain(*code).name().eq_ignore_ascii_case(name)),
        };
        code.map(Self::plain).ok_or_else(|| unknown_key(name))
    }
}

fn unknown_key(name: &str) -> String {
    let words: Vec<String> = NAMED.iter().map(|code| Key::plain(*code).name()).collect();
    format!(
        "`{name}` is not a key: use one character, Ctrl-A to Ctrl-Z, F1 to F12, or one of {}",
        words.join(", ")
    )
}

impl From<KeyEvent> for Key {
    fn from(event: KeyEvent) -> Self {
        Self { code: event.code, ctrl: event.modifiers.contains(KeyModifiers::CONTROL) }
    }
}
