//! Colours and glyphs. Meaning is never by colour alone: a glyph or a word always stands beside it.

use ratatui::style::{Color, Modifier, Style};
use ratatui::symbols::border;

use crate::reach::{Outcome, Verdict};
use crate::terraform::diff::Class;

/// How things look.
#[derive(Clone, Debug)]
pub struct Theme {
    /// Works.
    pub good: Style,
    /// Does not work.
    pub bad: Style,
    /// Unknown, or worth a look.
    pub doubt: Style,
    /// Of lesser weight.
    pub muted: Style,
    /// Headings and the pane that has the keys.
    pub accent: Style,
    /// The line under the cursor.
    pub selected: Style,
    /// Marks that are not letters.
    pub glyphs: Glyphs,
}

/// Marks that are not letters.
#[derive(Clone, Debug)]
pub struct Glyphs {
    /// From one to the next.
    pub arrow: &'static str,
    /// Text was cut.
    pub cut: &'static str,
    /// Between parts of a line.
    pub dot: &'static str,
    /// Frames.
    pub border: border::Set<'static>,
    /// Something runs.
    pub spinner: &'static [&'static str],
}

const UNICODE: Glyphs = Glyphs {
    arrow: "→",
    cut: "…",
    dot: "·",
    border: border::PLAIN,
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
    spinner: &["|", "/", "-", "\\"],
};

impl Theme {
    /// The terminal's own sixteen colours, on its own background.
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

    /// Bright colours, nothing dimmed.
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

    /// Blue works, orange does not.
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

    /// The same without anything but ASCII.
    #[must_use]
    pub fn in_ascii(self) -> Self {
        Self { glyphs: ASCII, ..self }
    }

    /// Mark and colour of a verdict from one subnet.
    pub(super) fn verdict(&self, verdict: &Verdict) -> (&'static str, Style) {
        match verdict {
            Verdict::Reachable(_) => ("+", self.good),
            Verdict::Blocked => ("x", self.bad),
            Verdict::Partial { .. } => ("~", self.doubt),
            Verdict::Unknown => ("?", self.doubt),
        }
    }

    /// Mark and colour of a hop.
    pub(super) fn outcome(&self, outcome: Outcome) -> (&'static str, Style) {
        match outcome {
            Outcome::Pass => ("+", self.good),
            Outcome::Block(_) => ("x", self.bad),
            Outcome::Unknown { .. } => ("?", self.doubt),
        }
    }

    /// The colour of a piece of Terraform code.
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
