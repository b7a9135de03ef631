//! Fits text into a width: cleans, truncates, fills or wraps it. Widths are columns of the terminal.

use ratatui::style::Style;
use ratatui::text::{Line, Span};
use textwrap::core::Word;
use textwrap::{Options, WordSeparator, WordSplitter};
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use super::Theme;
use crate::report::labels;
use crate::text::one_line;

/// The text in one line, without unsafe characters.
pub(super) fn tidy(text: &str) -> String {
    one_line(text)
}

/// Truncates to the width, with a mark if text is missing.
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

/// Truncates or fills with spaces to exactly the width.
pub(super) fn column(text: &str, width: usize, theme: &Theme) -> String {
    let mut out = fit(text, width, theme);
    let missing = width.saturating_sub(out.width());
    out.extend(std::iter::repeat_n(' ', missing));
    out
}

/// Wraps to the width. An id or an option, which contains hyphens, is not divided if a line has room for it.
pub(super) fn wrap(text: &str, width: usize) -> Vec<String> {
    if width == 0 {
        return Vec::new();
    }
    textwrap::wrap(&tidy(text), options(width)).into_iter().map(std::borrow::Cow::into_owned).collect()
}

/// An id, an option or a host is not divided at its hyphens.
fn options(width: usize) -> Options<'static> {
    Options::new(width)
        .word_splitter(WordSplitter::NoHyphenation)
        .word_separator(WordSeparator::Custom(words))
}

/// The words of a line. A web address is divided between the parts of its path and of its query.
fn words(line: &str) -> Box<dyn Iterator<Item = Word<'_>> + '_> {
    Box::new(WordSeparator::AsciiSpace.find_words(line).flat_map(|word| {
        if !word.word.contains("://") {
            return vec![word];
        }
        let mut parts = Vec::new();
        let mut rest = word.word;
        let is_end = |text: &str, at: usize| {
            text.split_at_checked(at).is_some_and(|(before, after)| {
                let is_after_slash =
                    before.ends_with('/') && !before.ends_with("//") && !after.starts_with('/');
                is_after_slash || before.ends_with('&') || after.starts_with('#')
            })
        };
        while let Some((part, after)) =
            (1..rest.len()).find(|at| is_end(rest, *at)).and_then(|at| rest.split_at_checked(at))
        {
            parts.push(Word::from(part));
            rest = after;
        }
        let mut last = Word::from(rest);
        last.whitespace = word.whitespace;
        parts.push(last);
        parts
    }))
}

/// The least width at which labels have a column of their own.
const WIDE: usize = 100;

/// The width of the column of labels; 0 if the labels are at the start of the text.
pub(super) fn margin(width: usize) -> usize {
    if width < WIDE { 0 } else { "* ".len() + labels::RECOMMENDED.len() + 1 }
}

/// A label and its text. The text is wrapped to the right of the label's column if `margin` has room for the
/// label; otherwise the label is the start of the text.
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
    if label.width() >= margin {
        return inline_label(label, style, text, width);
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

/// `Label: text`. The lines after the first are indented by two columns more than the label.
fn inline_label(label: &str, style: Style, text: &str, width: usize) -> Vec<Line<'static>> {
    let name = label.trim_start();
    let start = label.len() - name.len();
    let (first, indent) = (" ".repeat(start), " ".repeat(start + 2));
    let head = if name.is_empty() { String::new() } else { format!("{name}: ") };
    let options = options(width.max(1)).initial_indent(&first).subsequent_indent(&indent);
    let text = format!("{head}{}", tidy(text));
    let lines = textwrap::wrap(&text, options);
    lines
        .into_iter()
        .enumerate()
        .map(|(number, line)| match line.split_at_checked(start + head.len()) {
            Some((label, rest)) if number == 0 && !head.is_empty() => {
                Line::from(vec![Span::styled(label.to_owned(), style), Span::raw(rest.to_owned())])
            }
            // The text begins on the next line.
            None if number == 0 && !head.is_empty() => Line::styled(line.into_owned(), style),
            _ => Line::from(line.into_owned()),
        })
        .collect()
}

/// The lines of a command. It is divided only between arguments, with a backslash before the line end, so that text copied with the
/// mouse is the same command.
pub(super) fn command_parts(command: &str, width: usize) -> Vec<String> {
    let room = width.saturating_sub(" \\".len()).max(1);
    let mut parts: Vec<String> = vec![String::new()];
    for argument in arguments(&tidy(command)) {
        if let Some(last) = parts.last_mut() {
            if last.is_empty() {
                last.push_str(argument);
            } else if last.width() + 1 + argument.width() <= room {
                last.push(' ');
                last.push_str(argument);
            } else {
                last.push_str(" \\");
                parts.push(argument.to_owned());
            }
        }
    }
    parts
}

/// The arguments of a command. A space in quotes does not separate arguments.
fn arguments(command: &str) -> Vec<&str> {
    let mut quote = None;
    command
        .split(|c: char| {
            match quote {
                Some(open) if open == c => quote = None,
                None if c == '\'' || c == '"' => quote = Some(c),
                _ => {}
            }
            c == ' ' && quote.is_none()
        })
        .filter(|argument| !argument.is_empty())
        .collect()
}
