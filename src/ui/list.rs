//! Parts of lists: the filter in the title of a pane, and the highlighted text that matches.

use ratatui::layout::{Position, Rect};
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};

use super::Theme;
use super::text::tidy;
use crate::app::{Filter, Keymap};

/// The title of a pane with its filter: `Destinations`, `Destinations  /s3_  2 of 4`.
pub(super) fn filtered_title(title: &str, filter: &Filter, shown: usize, total: usize) -> String {
    if !filter.is_on() && !filter.is_typing() {
        return title.to_owned();
    }
    let (before, after) = filter.split();
    let cursor = if filter.is_typing() { "_" } else { "" };
    format!("{title}  /{}{cursor}{}  {shown} of {total}", tidy(before), tidy(after))
}

/// The line of an area at a position.
pub(super) fn line_at(area: Rect, at: Position) -> Option<usize> {
    area.contains(at).then(|| usize::from(at.y - area.y))
}

/// The row in a list without a match.
pub(super) fn no_match(keymap: &Keymap, theme: &Theme) -> Line<'static> {
    Line::styled(keymap.fill("  no match; {back} shows all rows"), theme.muted)
}

/// A text in which the match of the filter is highlighted.
pub(super) fn highlighted(text: &str, filter: &Filter, style: Style) -> Vec<Span<'static>> {
    let Some((before, found, after)) = filter
        .found_in(text)
        .and_then(|range| Some((text.get(..range.start)?, text.get(range.clone())?, text.get(range.end..)?)))
    else {
        return vec![Span::styled(text.to_owned(), style)];
    };
    vec![
        Span::styled(before.to_owned(), style),
        Span::styled(found.to_owned(), style.add_modifier(Modifier::UNDERLINED | Modifier::BOLD)),
        Span::styled(after.to_owned(), style),
    ]
}

/// A text in which single characters are highlighted.
pub(super) fn marked(text: &str, marks: &[usize], style: Style) -> Vec<Span<'static>> {
    let strong = style.add_modifier(Modifier::UNDERLINED | Modifier::BOLD);
    let mut spans: Vec<Span<'static>> = Vec::new();
    let mut was_marked = None;
    for (at, c) in text.chars().enumerate() {
        let is_marked = marks.binary_search(&at).is_ok();
        match spans.last_mut().filter(|_| was_marked == Some(is_marked)) {
            Some(span) => span.content.to_mut().push(c),
            None => spans.push(Span::styled(c.to_string(), if is_marked { strong } else { style })),
        }
        was_marked = Some(is_marked);
    }
    spans
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(spans: &[Span<'_>]) -> Vec<(String, bool)> {
        let is_marked = |span: &Span<'_>| span.style.add_modifier.contains(Modifier::UNDERLINED);
        spans.iter().map(|span| (span.content.to_string(), is_marked(span))).collect()
    }

    #[test]
    fn matched_characters_are_underlined() {
        let spans = marked("prod-admin", &[0, 5, 6], Style::new());
        let expected = [("p", true), ("rod-", false), ("ad", true), ("min", false)];
        assert_eq!(parts(&spans), expected.map(|(text, mark)| (text.to_owned(), mark)));
        assert_eq!(marked("", &[0], Style::new()), []);
    }

    #[test]
    fn without_a_filter_the_title_and_the_text_are_unchanged() {
        let filter = Filter::default();
        assert_eq!(filtered_title("Destinations", &filter, 4, 4), "Destinations");
        assert_eq!(parts(&highlighted("S3", &filter, Style::new())), [("S3".to_owned(), false)]);
    }
}
