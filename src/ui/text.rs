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

/// Truncates in the middle: names often differ only at their end.
pub(super) fn fit_middle(text: &str, width: usize, theme: &Theme) -> String {
    let text = tidy(text);
    if text.width() <= width || width < 8 {
        return fit(&text, width, theme);
    }
    let tail = width * 3 / 5;
    let mut end: Vec<char> = Vec::new();
    let mut taken = 0;
    for c in text.chars().rev() {
        let wide = c.width().unwrap_or(0);
        if taken + wide > tail {
            break;
        }
        end.push(c);
        taken += wide;
    }
    let start = fit(&text, width - taken, theme);
    start + &end.into_iter().rev().collect::<String>()
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
    let text = tidy(text);
    textwrap::wrap(&text, options(width, &text)).into_iter().map(std::borrow::Cow::into_owned).collect()
}

/// An id, an option or a host is not divided at its hyphens. A host, an address or a path that is longer than a line is divided after
/// its dots and slashes.
fn options(width: usize, text: &str) -> Options<'static> {
    let is_long = text.split(' ').any(|word| word.width() > width);
    Options::new(width)
        .word_splitter(WordSplitter::NoHyphenation)
        .word_separator(WordSeparator::Custom(if is_long { parts_of_words } else { words }))
}

/// The words of a line; long ones are divided after dots and slashes.
fn parts_of_words(line: &str) -> Box<dyn Iterator<Item = Word<'_>> + '_> {
    Box::new(words(line).flat_map(|word| {
        if word.word.width() < LONG_WORD {
            return vec![word];
        }
        let mut parts: Vec<Word<'_>> = word.word.split_inclusive(['.', '/']).map(Word::from).collect();
        if let Some(last) = parts.last_mut() {
            last.whitespace = word.whitespace;
        }
        parts
    }))
}

/// The least width of a word that may be divided.
const LONG_WORD: usize = 24;

/// A path that is longer than this is divided where a line ends.
const LONG_PATH: usize = 60;

/// The words of a line. A web address is divided between the parts of its path and of its query, a long path between its folders.
fn words(line: &str) -> Box<dyn Iterator<Item = Word<'_>> + '_> {
    Box::new(WordSeparator::AsciiSpace.find_words(line).flat_map(|word| {
        let is_long_path = word.word.starts_with('/') && word.word.len() > LONG_PATH;
        if !word.word.contains("://") && !is_long_path {
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
    let text = format!("{head}{}", tidy(text));
    let mut options = options(width.saturating_sub(start + 2).max(1), &text)
        .initial_indent(&first)
        .subsequent_indent(&indent);
    options.width = width.max(1);
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

/// A line of a command.
pub(super) struct CommandPart {
    pub text: String,
    /// Whether the line must begin at the first column: it has no room beside a label, or the shell joins it to the line before.
    pub is_flush: bool,
}

/// The lines of a command, so that text copied with the mouse is the same command: it is divided between arguments, with a backslash
/// before the line end. `room` is the width beside the label, `width` that of the whole line. An argument that is longer than both is
/// divided too; the shell joins its parts.
pub(super) fn command_parts(command: &str, room: usize, width: usize) -> Vec<CommandPart> {
    let end = " \\".len();
    let mut parts = vec![CommandPart { text: String::new(), is_flush: false }];
    for argument in arguments(&tidy(command)) {
        let Some(last) = parts.last_mut() else { break };
        let available = if last.is_flush { width } else { room }.saturating_sub(end);
        let gap = usize::from(!last.text.is_empty());
        if last.text.width() + gap + argument.width() <= available {
            last.text.push_str(&" ".repeat(gap));
            last.text.push_str(argument);
            continue;
        }
        if !last.text.is_empty() {
            last.text.push_str(" \\");
        }
        let is_flush = argument.width() + end > room;
        let mut pieces =
            if argument.width() + end > width { pieces(argument, width) } else { vec![argument.to_owned()] };
        if last.text.is_empty() {
            last.text = pieces.remove(0);
        }
        parts.extend(pieces.into_iter().map(|text| CommandPart { text, is_flush }));
    }
    parts
}

/// The parts of an argument that is longer than a line. A backslash joins lines outside single quotes only, so the quotes are closed
/// before it and opened after it.
fn pieces(argument: &str, width: usize) -> Vec<String> {
    let room = width.saturating_sub("'\\".len()).max(2);
    let mut pieces = vec![String::new()];
    let mut is_quoted = false;
    for c in argument.chars() {
        let is_full = pieces.last().is_some_and(|last| last.width() + c.width().unwrap_or(0) > room);
        if is_full && let Some(last) = pieces.last_mut() {
            // After a separator, so that no word is divided; not in the first half of the line.
            let is_separator = |c: char| matches!(c, '/' | ':' | '.' | ',' | '=');
            let end = last.rfind(is_separator).map_or(0, |at| at + 1);
            let is_whole = last.get(end..).is_some_and(|rest| !rest.contains('\''));
            let rest = if end * 2 > last.len() && is_whole { last.split_off(end) } else { String::new() };
            last.push_str(if is_quoted { "'\\" } else { "\\" });
            pieces.push(if is_quoted { format!("'{rest}") } else { rest });
        }
        is_quoted ^= c == '\'';
        if let Some(last) = pieces.last_mut() {
            last.push(c);
        }
    }
    pieces
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

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(command: &str, room: usize, width: usize) -> Vec<(String, bool)> {
        command_parts(command, room, width).into_iter().map(|part| (part.text, part.is_flush)).collect()
    }

    #[test]
    fn an_argument_without_room_beside_the_label_begins_at_the_first_column() {
        let parts = parts("aws get --arn arn:aws:apprunner:us-west-2:1/service --region x", 20, 30);
        let expected = [
            ("aws get --arn \\", false),
            ("arn:aws:apprunner:us-west-2:", true),
            ("1/service --region x", true),
        ];
        let joined: String = parts.iter().map(|(text, _)| text.as_str()).collect::<Vec<_>>().join("\n");
        assert_eq!(
            joined.replace(" \\\n", " ").replace("\\\n", ""),
            "aws get --arn arn:aws:apprunner:us-west-2:1/service --region x"
        );
        assert!(parts.iter().all(|(text, _)| text.len() <= 30), "{parts:?}");
        let expected = expected.map(|(text, is_flush)| (text.to_owned(), is_flush));
        assert_eq!(parts.first(), expected.first());
        assert!(parts.iter().skip(1).all(|(_, is_flush)| *is_flush), "{parts:?}");
    }

    #[test]
    fn a_long_argument_in_quotes_is_divided_outside_its_quotes() {
        let parts = parts("x 'abcdefghijklmnopqrstuvwxyz'", 10, 14);
        let shell: String = parts.iter().map(|(text, _)| format!("{text}\n")).collect();
        // The shell removes a backslash and the line end after it, and joins the quoted parts.
        assert_eq!(shell.replace("\\\n", "").replace("''", "").trim_end(), "x 'abcdefghijklmnopqrstuvwxyz'");
    }

    #[test]
    fn a_long_argument_is_divided_after_a_separator() {
        let parts = parts("logs /aws/apprunner/bond-ai/8fe1e10/application", 20, 40);
        let expected =
            [("logs \\", false), ("/aws/apprunner/bond-ai/8fe1e10/\\", true), ("application", true)];
        assert_eq!(parts, expected.map(|(text, is_flush)| (text.to_owned(), is_flush)));
    }

    #[test]
    fn names_are_cut_in_the_middle() {
        let theme = Theme::mono().in_ascii();
        assert_eq!(fit_middle("payments-reconciliation-worker-07", 20, &theme), "payment~on-worker-07");
        assert_eq!(fit_middle("short", 20, &theme), "short");
    }
}
