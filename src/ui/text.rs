//! Text that fits: cleaned, cut or wrapped by what it takes on the screen.

use ratatui::style::Style;
use ratatui::text::{Line, Span};
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use super::Theme;
use crate::report::clean;

/// One line of text that cannot steer the terminal.
pub(super) fn tidy(text: &str) -> String {
    clean(text).replace(['\n', '\r', '\t'], " ")
}

/// Cut to the width, with a mark when something is missing.
pub(super) fn fit(text: &str, width: usize, theme: &Theme) -> String {
    let text = tidy(text);
    if text.width() <= width {
        return text;
    }
    let mut out = String::new();
    let mut taken = 0;
    for c in text.chars() {
        let wide = c.width().unwrap_or(0);
        if taken + wide + 1 > width {
            break;
        }
        out.push(c);
        taken += wide;
    }
    if width > 0 {
        out.push_str(theme.glyphs.cut);
    }
    out
}

/// Cut and filled to exactly the width.
pub(super) fn column(text: &str, width: usize, theme: &Theme) -> String {
    let mut out = fit(text, width, theme);
    let missing = width.saturating_sub(out.width());
    out.extend(std::iter::repeat_n(' ', missing));
    out
}

/// Wrapped to the width.
pub(super) fn wrap(text: &str, width: usize) -> Vec<String> {
    if width == 0 {
        return Vec::new();
    }
    textwrap::wrap(&tidy(text), width).into_iter().map(std::borrow::Cow::into_owned).collect()
}

/// A label in the margin, the text wrapped beside it.
pub(super) fn labelled(
    label: &str,
    style: Style,
    text: &str,
    margin: usize,
    width: usize,
) -> Vec<Line<'static>> {
    if text.is_empty() {
        return Vec::new();
    }
    let lines = wrap(text, width.saturating_sub(margin));
    let label = format!("{label:<margin$}");
    let blank = " ".repeat(margin);
    lines
        .into_iter()
        .enumerate()
        .map(|(number, text)| {
            let head = if number == 0 { label.clone() } else { blank.clone() };
            Line::from(vec![Span::styled(head, style), Span::raw(text)])
        })
        .collect()
}
