//! The path map on the screen: the colours of its glyphs, a part of it in a pane, and the whole map with scrolling in both directions.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::Clear;

use super::Theme;
use super::frame::{pane, put_lines, scroll_bar};
use super::text::wrap;
use crate::app::{After, App, Choose, Context, Done, Scroll, Step, TraceView};
use crate::path_map::{Cell, Grid, PathMap, Selected, Tone};

/// A map with the lines of its heading.
type Titled = (Vec<String>, Grid);

/// The map of the diagnosis, with the selected path highlighted.
pub(super) fn of_trace(view: &TraceView, width: usize, height: usize) -> Grid {
    let selected = view
        .finding()
        .and(view.trace())
        .map(|trace| Selected { subnet: trace.subnet.as_ref(), finding: view.row });
    view.map().draw(selected, width, height)
}

/// The map after the selected fix; `None` if the fix is not possible.
pub(super) fn after_fix(choose: &Choose, width: usize, height: usize) -> Option<Grid> {
    Some(choose.map_after()?.draw(None, width, height))
}

/// The maps of the step: one on Trace, before and after on Choose and Done. Their rules are complete if a map has at most `height` rows.
fn of_step(app: &App, width: usize, height: usize) -> Vec<Titled> {
    match app.step() {
        Step::Trace => app.trace.iter().map(|view| (Vec::new(), of_trace(view, width, height))).collect(),
        Step::Choose => app.choose.iter().flat_map(|choose| of_choose(choose, width, height)).collect(),
        Step::Done => app.done.iter().flat_map(|done| of_done(done, width, height)).collect(),
        Step::Pick | Step::Preview => Vec::new(),
    }
}

fn of_choose(choose: &Choose, width: usize, height: usize) -> Vec<Titled> {
    let case = &choose.case;
    let before = PathMap::new(&case.snapshot, &case.workload, &case.diagnosis);
    let title = choose.current().map(|proposal| proposal.title.as_str()).unwrap_or_default();
    match choose.map_after() {
        Some(after) => both(&before, (format!("After {title}, simulated"), after), width, height),
        None => vec![(vec!["Before".to_owned()], before.draw(None, width, height.saturating_sub(1)))],
    }
}

fn of_done(done: &Done, width: usize, height: usize) -> Vec<Titled> {
    let source = match &done.after {
        Some(After::Read(_)) => "read from AWS",
        _ => "simulated",
    };
    let [before, after] = done.maps();
    both(before, (format!("After {}, {source}", done.proposal.title), after), width, height)
}

/// The maps of Done with their headings, for a pane of this width.
pub(super) fn section_of_done(done: &Done, width: usize, theme: &Theme) -> Vec<Line<'static>> {
    let mut maps = of_done(done, width, 0);
    for line in maps.iter_mut().flat_map(|(heading, _)| heading) {
        line.insert(0, ' ');
    }
    with_headings(&maps, |grid| section(grid, theme))
}

/// The lines of maps, each below its heading, with a blank line between two.
fn with_headings<'a>(
    maps: &'a [Titled],
    lines: impl Fn(&'a Grid) -> Vec<Line<'static>>,
) -> Vec<Line<'static>> {
    let bold = Style::new().add_modifier(Modifier::BOLD);
    let mut all: Vec<Line<'static>> = Vec::new();
    for (heading, grid) in maps {
        if !heading.is_empty() {
            if !all.is_empty() {
                all.push(Line::default());
            }
            all.extend(heading.iter().map(|line| Line::styled(line.clone(), bold)));
        }
        all.extend(lines(grid));
    }
    all
}

/// Two maps below each other, with their headings and a blank line. One uses the rows that the other does not need.
fn both(before: &PathMap, (heading, after): (String, &PathMap), width: usize, height: usize) -> Vec<Titled> {
    let heading = wrap(&heading, width);
    let height = height.saturating_sub(2 + heading.len());
    let first = before.draw(None, width, height / 2);
    let second = after.draw(None, width, height.saturating_sub(first.height()));
    let first = before.draw(None, width, height.saturating_sub(second.height()));
    vec![(vec!["Before".to_owned()], first), (heading, second)]
}

/// The maps of the step as text in ASCII, with their headings.
pub(super) fn text(app: &App) -> Vec<String> {
    let rows = |grid: &Grid| {
        let theme = Theme::mono().in_ascii();
        lines(grid, 0, &theme).iter().map(|line| line.to_string().trim_end().to_owned()).collect::<Vec<_>>()
    };
    let maps = of_step(app, TEXT_WIDTH, usize::MAX);
    maps.iter().flat_map(|(heading, grid)| heading.iter().cloned().chain(rows(grid))).collect()
}

/// The width of the maps as text.
const TEXT_WIDTH: usize = 120;

/// The rows of a map for a pane without a border at the left.
pub(super) fn section(grid: &Grid, theme: &Theme) -> Vec<Line<'static>> {
    let mut lines = lines(grid, 0, theme);
    for line in &mut lines {
        line.spans.insert(0, Span::raw(" "));
    }
    lines
}

/// The rows of a map from a column, with the colours of the theme.
fn lines(grid: &Grid, column: usize, theme: &Theme) -> Vec<Line<'static>> {
    grid.rows().iter().map(|row| line(row.get(column..).unwrap_or_default(), theme)).collect()
}

fn line(cells: &[Cell], theme: &Theme) -> Line<'static> {
    let set = theme.glyphs.characters;
    let mut spans: Vec<Span<'static>> = Vec::new();
    for cell in cells {
        let style = style(*cell, theme);
        let symbol = cell.symbol(set);
        match spans.last_mut() {
            Some(last) if last.style == style => last.content.to_mut().push(symbol),
            _ => spans.push(Span::styled(symbol.to_string(), style)),
        }
    }
    Line::from(spans)
}

fn style(cell: Cell, theme: &Theme) -> Style {
    let style = match cell.tone {
        Tone::Muted | Tone::Name if cell.is_selected => theme.accent,
        Tone::Muted => theme.muted,
        Tone::Name => Style::new(),
        Tone::Good => theme.good,
        Tone::Bad => theme.bad,
        Tone::Doubt => theme.doubt,
    };
    if cell.is_selected { style.add_modifier(Modifier::BOLD) } else { style }
}

/// Draws the maps of the step on the whole screen, from a row and a column. The border shows how much is outside the screen.
pub(super) fn whole_screen(
    app: &App,
    (scroll, column): (&Scroll, &Scroll),
    theme: &Theme,
    area: Rect,
    frame: &mut Frame<'_>,
) {
    let area = Rect { height: area.height.saturating_sub(1), ..area };
    let (width, height) =
        (usize::from(area.width).saturating_sub(4), usize::from(area.height).saturating_sub(2));
    // The rules are complete: the dialog scrolls.
    let maps = of_step(app, width, usize::MAX);
    let widest = maps.iter().map(|(_, grid)| grid.width()).max().unwrap_or(0);
    let column = column.first(widest, width);
    let all = with_headings(&maps, |grid| lines(grid, column, theme));
    let first = scroll.first(all.len(), height);
    let hidden = [
        (column, "column", "at the left"),
        (widest.saturating_sub(column + width), "column", "at the right"),
        (first, "row", "above"),
        (all.len().saturating_sub(first + height), "row", "below"),
    ];
    let hidden: Vec<String> = hidden
        .iter()
        .filter(|(count, ..)| *count > 0)
        .map(|(count, one, side)| format!("{count} {one}{} {side}", if *count == 1 { "" } else { "s" }))
        .collect();
    let mut block = pane("Path map", true, theme);
    if !hidden.is_empty() {
        let keys = app.preferences.keymap.fill_in(Context::Map, "{left}/{right}/{up}/{down}");
        let keys = if keys == "left/right/up/down" { "arrows" } else { keys.as_str() };
        let text = format!(" {keys}: {} ", hidden.join(", "));
        block = block.title_bottom(Line::styled(text, theme.muted).right_aligned());
    }
    let inner = block.inner(area);
    let inner = Rect { x: inner.x + 1, width: inner.width.saturating_sub(2), ..inner };
    frame.render_widget(Clear, area);
    frame.render_widget(block, area);
    let right = Rect { x: area.right().saturating_sub(1), width: 1, ..inner };
    scroll_bar((first, all.len()), true, theme, right, frame);
    put_lines(all.into_iter().skip(first).collect(), inner, frame);
}
