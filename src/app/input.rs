//! A line of text that the user types.

use crossterm::event::KeyCode;

use super::Key;

/// Text with a cursor. The position of the cursor counts characters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Input {
    text: String,
    cursor: usize,
    is_selected: bool,
}

impl Input {
    /// The given text, with the cursor at its end.
    #[must_use]
    pub fn with(text: &str) -> Self {
        Self { text: text.to_owned(), cursor: text.chars().count(), is_selected: false }
    }

    /// The given text, selected: the first typed or pasted character replaces it, any other key keeps it.
    pub(super) fn selected(text: &str) -> Self {
        Self { is_selected: !text.is_empty(), ..Self::with(text) }
    }

    /// Whether the whole text is selected.
    #[must_use]
    pub fn is_selected(&self) -> bool {
        self.is_selected
    }

    /// The text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The text before the cursor and after it.
    #[must_use]
    pub fn split(&self) -> (&str, &str) {
        self.text.split_at(self.byte(self.cursor))
    }

    /// The effect of a key on the text: it types, deletes, or moves the cursor.
    pub(super) fn edit(&mut self, key: Key) {
        match key.code {
            KeyCode::Char('u') if key.ctrl => *self = Self::default(),
            KeyCode::Char(c) if !key.ctrl => self.insert(c.encode_utf8(&mut [0; 4])),
            KeyCode::Backspace => self.backspace(),
            KeyCode::Delete => self.delete(),
            KeyCode::Left => self.left(),
            KeyCode::Right => self.right(),
            KeyCode::Home => self.home(),
            KeyCode::End => self.end(),
            _ => {}
        }
        self.is_selected = false;
    }

    pub(super) fn insert(&mut self, text: &str) {
        if self.is_selected && !text.is_empty() {
            *self = Self::default();
        }
        for c in text.chars().filter(|c| !c.is_control()) {
            self.text.insert(self.byte(self.cursor), c);
            self.cursor += 1;
        }
    }

    fn backspace(&mut self) {
        if self.is_selected {
            *self = Self::default();
        } else if self.cursor > 0 {
            self.cursor -= 1;
            self.text.remove(self.byte(self.cursor));
        }
    }

    fn delete(&mut self) {
        if self.cursor < self.text.chars().count() {
            self.text.remove(self.byte(self.cursor));
        }
    }

    fn left(&mut self) {
        self.cursor = self.cursor.saturating_sub(1);
    }

    fn right(&mut self) {
        self.cursor = (self.cursor + 1).min(self.text.chars().count());
    }

    fn home(&mut self) {
        self.cursor = 0;
    }

    fn end(&mut self) {
        self.cursor = self.text.chars().count();
    }

    fn byte(&self, chars: usize) -> usize {
        self.text.char_indices().nth(chars).map_or(self.text.len(), |(byte, _)| byte)
    }
}
