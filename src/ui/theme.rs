//! Colours and glyphs. Each meaning has a glyph or a word in addition to its colour.

use ratatui::style::{Color, Modifier, Style};
use ratatui::symbols::border;

use crate::path_map::CharacterSet;
use crate::reach::{Outcome, Verdict};
use crate::terraform::diff::Class;

/// Styles and glyphs.
#[derive(Clone, Debug)]
pub struct Theme {
    /// Reachable, passed.
    pub good: Style,
    /// Blocked, failed.
    pub bad: Style,
    /// Unknown, or a warning.
    pub doubt: Style,
    /// Less important text.
    pub muted: Style,
    /// Headings and the focused pane.
    pub accent: Style,
    /// The selected row or button.
    pub selected: Style,
    /// The glyphs.
    pub glyphs: Glyphs,
}

/// Characters that depend on the character set of the terminal.
#[derive(Clone, Debug)]
pub struct Glyphs {
    /// Between before and after.
    pub arrow: &'static str,
    /// At the end of truncated text.
    pub cut: &'static str,
    /// Between two parts of a line.
    pub dot: &'static str,
    /// The borders of panes.
    pub border: border::Set<'static>,
    /// The characters of the path map.
    pub characters: CharacterSet,
    /// The frames of the spinner.
    pub spinner: &'static [&'static str],
}

const UNICODE: Glyphs = Glyphs {
    arrow: "→",
    cut: "…",
    dot: "·",
    border: border::PLAIN,
    characters: CharacterSet::Unicode,
    spinner: &["⠋", "⠙", "⠹", "⠼", "⠴", "⠦"],
};

const ASCII: Glyphs = Glyphs {
    arrow: ">",
    cut: "~",
    dot: "-",
    border: border::Set {
        top_left: "+",
        top_right: "+",
        bottom_left: "+",
        bottom_right: "+",
        vertical_left: "|",
        vertical_right: "|",
        horizontal_top: "-",
        horizontal_bottom: "-",
    },
    characters: CharacterSet::Ascii,
    spinner: &["|", "/", "-", "\\"],
};

impl Theme {
    /// The 16 colours of the terminal, on its background.
    #[must_use]
    pub fn ansi() -> Self {
        Self {
            good: Style::new().fg(Color::Green),
            bad: Style::new().fg(Color::Red).add_modifier(Modifier::BOLD),
            doubt: Style::new().fg(Color::Yellow),
            muted: Style::new().fg(Color::DarkGray),
            accent: Style::new().fg(Color::Cyan),
            selected: Style::new().add_modifier(Modifier::REVERSED),
            glyphs: UNICODE,
        }
    }

    /// Bright colours, no dim text.
    #[must_use]
    pub fn high_contrast() -> Self {
        Self {
            good: Style::new().fg(Color::LightGreen).add_modifier(Modifier::BOLD),
            bad: Style::new().fg(Color::LightRed).add_modifier(Modifier::BOLD),
            doubt: Style::new().fg(Color::LightYellow).add_modifier(Modifier::BOLD),
            muted: Style::new(),
            accent: Style::new().fg(Color::LightCyan).add_modifier(Modifier::BOLD),
            ..Self::ansi()
        }
    }

    /// Blue for reachable, orange for blocked.
    #[must_use]
    pub fn colour_blind() -> Self {
        Self {
            good: Style::new().fg(Color::Indexed(33)),
            bad: Style::new().fg(Color::Indexed(208)).add_modifier(Modifier::BOLD),
            doubt: Style::new().fg(Color::Indexed(220)),
            ..Self::ansi()
        }
    }

    /// No colours: bold, underline and reverse.
    #[must_use]
    pub fn mono() -> Self {
        Self {
            good: Style::new(),
            bad: Style::new().add_modifier(Modifier::BOLD),
            doubt: Style::new().add_modifier(Modifier::UNDERLINED),
            muted: Style::new(),
            accent: Style::new().add_modifier(Modifier::BOLD),
            ..Self::ansi()
        }
    }

    /// The same theme with ASCII glyphs only.
    #[must_use]
    pub fn in_ascii(self) -> Self {
        Self { glyphs: ASCII, ..self }
    }

    /// Glyph and style of a verdict.
    pub(super) fn verdict(&self, verdict: &Verdict) -> (&'static str, Style) {
        match verdict {
            Verdict::Reachable(_) => ("+", self.good),
            Verdict::Blocked => ("x", self.bad),
            Verdict::Partial { .. } => ("~", self.doubt),
            Verdict::Unknown => ("?", self.doubt),
        }
    }

    /// Glyph and style of a hop.
    pub(super) fn outcome(&self, outcome: Outcome) -> (&'static str, Style) {
        match outcome {
            Outcome::Pass => ("+", self.good),
            Outcome::Block(_) => ("x", self.bad),
            Outcome::Unknown(_) => ("?", self.doubt),
        }
    }

    /// The style of a token of Terraform code.
    pub(super) fn class(&self, class: Class) -> Style {
        match class {
            Class::Name => self.accent,
            Class::String => self.good,
            Class::Interpolation | Class::Literal => self.doubt,
            Class::Comment => self.muted,
            Class::Plain => Style::new(),
        }
    }
}
