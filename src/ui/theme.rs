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
    /// The tokens of Terraform code.
    code: Code,
    /// The glyphs.
    pub glyphs: Glyphs,
}

/// The styles of the tokens of Terraform code.
#[derive(Clone, Debug)]
struct Code {
    name: Style,
    string: Style,
    value: Style,
}

/// A fixed black and a fixed white, for text on a fixed colour.
const BLACK: Color = Color::Indexed(16);
const WHITE: Color = Color::Indexed(231);

/// Text on a colour of its own. A fixed colour on the background of the terminal may be unreadable.
const fn pair(text: Color, background: Color) -> Style {
    Style::new().fg(text).bg(background)
}

/// Characters that depend on the character set of the terminal.
#[derive(Clone, Debug)]
pub struct Glyphs {
    /// Between before and after.
    pub arrow: &'static str,
    /// At the end of truncated text.
    pub cut: &'static str,
    /// The part of a text that is shown, on the border.
    pub scroll_bar: &'static str,
    /// Between two parts of a line.
    pub dot: &'static str,
    /// After the title of the focused pane.
    pub focus: &'static str,
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
    scroll_bar: "┃",
    dot: "·",
    focus: " ◂",
    border: border::PLAIN,
    characters: CharacterSet::Unicode,
    spinner: &["⠋", "⠙", "⠹", "⠼", "⠴", "⠦"],
};

const ASCII: Glyphs = Glyphs {
    arrow: ">",
    cut: "~",
    scroll_bar: "#",
    dot: "-",
    focus: " <",
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
            code: Code {
                name: Style::new().fg(Color::Cyan),
                string: Style::new().fg(Color::Green),
                value: Style::new().fg(Color::Yellow),
            },
            glyphs: UNICODE,
        }
    }

    /// Verdicts as light or dark text on a colour of their own, everything else in the colours of the terminal: readable on a light and
    /// on a dark background. No dim text.
    #[must_use]
    pub fn high_contrast() -> Self {
        let bold = Style::new().add_modifier(Modifier::BOLD);
        Self {
            good: pair(BLACK, Color::Indexed(46)),
            bad: pair(WHITE, Color::Indexed(124)).add_modifier(Modifier::BOLD),
            doubt: pair(BLACK, Color::Indexed(226)),
            muted: Style::new(),
            accent: bold,
            selected: bold.add_modifier(Modifier::REVERSED),
            code: Code { name: bold, string: Style::new(), value: Style::new() },
            ..Self::ansi()
        }
    }

    /// Blue for reachable, black on orange for blocked.
    #[must_use]
    pub fn colour_blind() -> Self {
        let blue = Style::new().fg(Color::LightBlue);
        let doubt = Style::new().add_modifier(Modifier::UNDERLINED);
        Self {
            good: blue,
            bad: pair(BLACK, Color::Indexed(208)).add_modifier(Modifier::BOLD),
            doubt,
            code: Code { string: blue, value: doubt, ..Self::ansi().code },
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
            code: Code {
                name: Style::new().add_modifier(Modifier::BOLD),
                string: Style::new(),
                value: Style::new().add_modifier(Modifier::UNDERLINED),
            },
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
            Class::Name => self.code.name,
            Class::String => self.code.string,
            Class::Interpolation | Class::Literal => self.code.value,
            Class::Comment => self.muted,
            Class::Plain => Style::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn styles(theme: &Theme) -> Vec<Style> {
        let Code { name, string, value } = theme.code.clone();
        vec![
            theme.good,
            theme.bad,
            theme.doubt,
            theme.muted,
            theme.accent,
            theme.selected,
            name,
            string,
            value,
        ]
    }

    /// A fixed colour can be unreadable on a background that the program does not know.
    #[test]
    fn a_fixed_colour_is_never_on_the_background_of_the_terminal() {
        let is_fixed = |color: Option<Color>| {
            matches!(color, Some(Color::Rgb(..))) || matches!(color, Some(Color::Indexed(16..)))
        };
        for theme in [Theme::ansi(), Theme::high_contrast(), Theme::colour_blind(), Theme::mono()] {
            for style in styles(&theme) {
                assert_eq!(is_fixed(style.fg), is_fixed(style.bg), "{style:?}");
            }
        }
    }

    #[test]
    fn the_selection_and_the_focus_are_visible_in_every_theme() {
        for theme in [Theme::ansi(), Theme::high_contrast(), Theme::colour_blind(), Theme::mono()] {
            assert!(theme.selected.add_modifier.contains(Modifier::REVERSED));
            assert_ne!(theme.accent, theme.muted);
        }
        let without_colours = styles(&Theme::mono());
        assert!(without_colours.iter().all(|style| style.fg.is_none() && style.bg.is_none()));
    }

    /// The contrast of two fixed colours by WCAG 2; the colours of the 256-colour cube.
    fn contrast(first: Color, second: Color) -> f64 {
        let luminance = |color: Color| {
            let Color::Indexed(index) = color else { return 0.0 };
            let level = |step: u8| if step == 0 { 0.0 } else { f64::from(55 + 40 * u32::from(step)) / 255.0 };
            let linear = |value: f64| {
                if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
            };
            let at = index - 16;
            let parts = [at / 36, (at / 6) % 6, at % 6].map(|step| linear(level(step)));
            0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]
        };
        let (a, b) = (luminance(first), luminance(second));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    #[test]
    fn the_verdicts_of_high_contrast_are_readable_on_their_own_colours() {
        let theme = Theme::high_contrast();
        for style in [theme.good, theme.bad, theme.doubt] {
            let (Some(text), Some(ground)) = (style.fg, style.bg) else { unreachable!("{style:?}") };
            let contrast = contrast(text, ground);
            assert!(contrast >= 7.0, "{style:?}: {contrast}");
        }
    }
}
