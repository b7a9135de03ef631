//! The third step: the fixes with their effects and costs, and the matrix before and after the selected fix.

use std::time::Instant;

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Position, Rect};
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};
use rust_decimal::Decimal;
use unicode_width::UnicodeWidthStr as _;

use super::fix_text::{editable, unmet};
use super::frame::{put_lines, scroll_bar, spinner, text_pane, text_section};
use super::list::{filtered_title, line_at, no_match};
use super::text::{column, fit, labelled};
use super::{Theme, chart, fix_details, map, matrix};
use crate::app::{Choose, Editable, Hit, Keymap, Mark, MarkedSet, Pane, Scroll};
use crate::remedy::Proposal;
use crate::report::labels::NotFixed;
use crate::report::{cost_curves, labels, money};

/// From this width the table has prices per GB.
const NARROW: u16 = 80;
/// Widths of the columns after the title. The first one is wider for more destinations.
const FIXES: usize = 6;
const BLOCKED: usize = 8;
const BREAKS: usize = 7;
const COST: usize = 23;
const MONTHLY: usize = 9;
const SAVES: usize = 13;
const TERRAFORM: usize = 10;
const TOTAL: usize = 12;
/// The greatest width of the column of titles; a longer title is shortened.
const WIDEST_TITLE: usize = 70;
/// The least width with a column for the cost with the expected traffic.
const WIDTH_OF_TOTAL: usize = 116;
/// The least width with columns for Terraform and for what the user can delete.
const WIDTH_OF_ALL: usize = 100;

pub(super) fn draw(
    (choose, is_zoomed): (&Choose, bool),
    keymap: &Keymap,
    theme: &Theme,
    now: Instant,
    area: Rect,
    frame: &mut Frame<'_>,
) {
    let mut rows = rows(choose, keymap, theme, usize::from(area.width));
    let steps = recommended_steps(choose, theme, usize::from(area.width).saturating_sub(2));
    let above = steps.len();
    rows.splice(..0, steps);
    let fixes = rows.split_off((above + 1).min(rows.len()));
    let mut top = rows;
    let set = marked_set(choose, theme, now, usize::from(area.width).saturating_sub(2));
    let Places { list, marked, below } = places(choose, is_zoomed, top.len() + fixes.len(), set.len(), area);
    let below = if is_zoomed { below } else { draw_map(choose, keymap, theme, below, frame) };
    let [heads, list] = list_parts(above, list);
    let first = first(choose, list);
    let count = fixes.len();
    let under = count.saturating_sub(first + usize::from(list.height));
    if let Some(head) = top.last_mut() {
        *head = with_hidden(std::mem::take(head), first, under);
    }
    put_lines(top, heads, frame);
    put_lines(fixes.into_iter().skip(first).collect(), list, frame);
    let right = Rect { x: list.right().saturating_sub(1), width: 1, ..list };
    scroll_bar((first, count), choose.pane == Pane::List, theme, right, frame);
    put_lines(set, marked, frame);
    let Some(proposal) = choose.current() else { return };
    let [matrix, details] = panes(choose, is_zoomed, below);
    draw_matrix(choose, proposal, keymap, theme, matrix, frame);
    fix_details::draw(choose, proposal, keymap, theme, details, frame);
}

/// The matrix and the details below the list.
fn panes(choose: &Choose, is_zoomed: bool, below: Rect) -> [Rect; 2] {
    let none = Rect { width: 0, ..below };
    if is_zoomed {
        return match choose.pane {
            Pane::List => [none, none],
            Pane::Detail => [none, below],
            Pane::Notes => [below, none],
        };
    }
    let left = match below.width {
        110.. => Constraint::Percentage(40),
        NARROW.. => Constraint::Length(36),
        _ => Constraint::Length(26),
    };
    Layout::horizontal([left, Constraint::Fill(1)]).areas(below)
}

/// The list, the line of the marked set, and the rest.
struct Places {
    list: Rect,
    marked: Rect,
    below: Rect,
}

fn places(choose: &Choose, is_zoomed: bool, rows: usize, set: usize, area: Rect) -> Places {
    let [list, marked, below] = parts(rows, set, area);
    let none = Rect { height: 0, ..area };
    match choose.pane {
        _ if !is_zoomed => Places { list, marked, below },
        Pane::List => {
            let length = Constraint::Length(u16::try_from(set).unwrap_or(u16::MAX).min(3));
            let [list, marked] = Layout::vertical([Constraint::Fill(1), length]).areas(area);
            Places { list, marked, below: none }
        }
        Pane::Detail | Pane::Notes => Places { list: none, marked: none, below: area },
    }
}

/// The list, the line of the marked set, and the rest.
fn parts(rows: usize, set: usize, area: Rect) -> [Rect; 3] {
    let length = |lines: usize| u16::try_from(lines).unwrap_or(u16::MAX);
    let height = length(rows).min(area.height / 2);
    let parts = [Constraint::Length(height), Constraint::Length(length(set).min(3)), Constraint::Fill(1)];
    Layout::vertical(parts).areas(area)
}

/// The recommended steps with the head of the table, which stay, and the rows, which scroll. `above` is the number of lines above the
/// head.
fn list_parts(above: usize, list: Rect) -> [Rect; 2] {
    let height = u16::try_from(above + 1).unwrap_or(u16::MAX).min(list.height.saturating_sub(1));
    Layout::vertical([Constraint::Length(height), Constraint::Fill(1)]).areas(list)
}

/// The first row shown.
fn first(choose: &Choose, rows: Rect) -> usize {
    if choose.on_steps {
        return 0;
    }
    let place = choose.shown().iter().take_while(|row| **row < choose.selected).count();
    (place + 1).saturating_sub(usize::from(rows.height))
}

/// The head of the table with the numbers of rows that are not shown, in the empty room of the column of titles.
fn with_hidden(head: Line<'static>, above: usize, below: usize) -> Line<'static> {
    let text = match (above, below) {
        (0, 0) => return head,
        (0, below) => format!("{below} more below"),
        (above, 0) => format!("{above} more above"),
        (above, below) => format!("{above} above, {below} below"),
    };
    let style = head.style;
    let whole = head.to_string();
    let place = whole.find("fixes").unwrap_or(whole.len());
    let (title, columns) = whole.split_at(place);
    let used = title.trim_end().width() + 2;
    if used + text.width() >= title.width() {
        return head;
    }
    let title = format!("{}  {text}", title.trim_end());
    let rest = " ".repeat(place.saturating_sub(title.len()));
    Line::styled(format!("{title}{rest}{columns}"), style)
}

/// The pane and the row at a position.
pub(super) fn hit(
    (choose, is_zoomed): (&Choose, bool),
    keymap: &Keymap,
    theme: &Theme,
    now: Instant,
    area: Rect,
    at: Position,
) -> Hit {
    let width = usize::from(area.width);
    let above = recommended_steps(choose, theme, width.saturating_sub(2)).len();
    let rows = rows(choose, keymap, theme, width).len();
    let set = marked_set(choose, theme, now, width.saturating_sub(2)).len();
    let Places { list, below, .. } = places(choose, is_zoomed, above + rows, set, area);
    if let Some(line) = line_at(list, at) {
        let [heads, rows] = list_parts(above, list);
        let row = line.checked_sub(usize::from(heads.height)).map(|line| first(choose, rows) + line);
        let is_steps = line < above && choose.steps().is_some();
        return Hit { pane: Some(Pane::List), row, column: None, is_steps };
    }
    let [matrix, details] = panes(choose, is_zoomed, below);
    let pane = match () {
        () if matrix.contains(at) => Some(Pane::Notes),
        () if details.contains(at) => Some(Pane::Detail),
        () => None,
    };
    Hit { pane, ..Hit::default() }
}

/// Both recommended steps in one row: the fix of the calls that fail, and the fix of the rest.
fn recommended_steps(choose: &Choose, theme: &Theme, width: usize) -> Vec<Line<'static>> {
    let label = theme.accent.add_modifier(Modifier::BOLD);
    let Some((first, second)) = choose.case.recommended_steps() else {
        let why = choose.case.not_recommended().unwrap_or_default();
        let lines = labelled(" Recommended", label, &format!("none. {why}"), 13, width);
        return if why.is_empty() { Vec::new() } else { lines };
    };
    let describe = |fix: &Proposal| {
        let price = money(fix.estimate.fixed_per_month, fix.estimate.per_gb());
        let by_hand = matches!(choose.editable(fix), Some(Editable::ByHand(_)));
        format!("{}, {price}{}", fix.name(), if by_hand { ", by hand" } else { "" })
    };
    let (left, to_fix) = (first.still_blocked.len(), first.to_fix().count());
    let all = first.fixes.len() + left;
    let unknown = match left - to_fix {
        0 => String::new(),
        1 => " 1 is unknown.".to_owned(),
        count => format!(" {count} are unknown."),
    };
    let (others, at_the_start) = match (to_fix, left) {
        (1, 1) => ("the other one".to_owned(), "The other one".to_owned()),
        (count, left) if count == left => (format!("the other {left}"), format!("The other {left}")),
        (count, _) => (count.to_string(), count.to_string()),
    };
    let text = match second {
        None if left == 0 && all == 1 => format!("{}: fixes it.", describe(first)),
        None if left == 0 && all == 2 => format!("{}: fixes both.", describe(first)),
        None if left == 0 => format!("{}: fixes all {all}.", describe(first)),
        None => {
            let is_unknown = labels::still(first).all(|one| one.is_unknown());
            let rest = match (is_unknown, left, to_fix) {
                (true, 1, _) => " The other one is unknown.".to_owned(),
                (true, ..) => format!(" The other {left} are unknown."),
                (false, _, 1) => format!(" {at_the_start} needs another fix.{unknown}"),
                (false, ..) => format!(" {at_the_start} need another fix.{unknown}"),
            };
            format!("{}: fixes {} of {all}.{rest}", describe(first), first.fixes.len())
        }
        Some(second) => format!(
            "1. {}: fixes {} of {all}; 2. {}: fixes {others}.{unknown}",
            describe(first),
            first.fixes.len(),
            describe(second)
        ),
    };
    match choose.steps() {
        Some(_) => {
            let mark = mark(choose.on_steps, choose.mark_of_steps());
            let base = if choose.on_steps { theme.selected } else { Style::new() };
            let room = width.saturating_sub(mark.width());
            let lines = labelled(" Recommended", label, &text, 2, room).into_iter().enumerate();
            let marked = |(at, mut line): (usize, Line<'static>)| {
                let head = if at == 0 { mark.clone() } else { " ".repeat(mark.width()) };
                line.spans.insert(0, Span::styled(head, if at == 0 { base } else { Style::new() }));
                line
            };
            lines.map(marked).collect()
        }
        None => labelled(" Recommended", label, &text, 13, width),
    }
}

/// `> [x]`; `(x)` if a marked fix includes it.
fn mark(is_selected: bool, mark: Mark) -> String {
    let mark = match mark {
        Mark::None => "[ ]",
        Mark::Marked => "[x]",
        Mark::Included => INCLUDED,
    };
    format!("{} {mark}", if is_selected { ">" } else { " " })
}

/// The mark of a fix that a marked fix includes.
const INCLUDED: &str = "(x)";

/// How many destinations stay blocked; `?` is for those that are unknown after the fix.
fn blocked(proposal: &Proposal) -> String {
    let unknown = labels::still(proposal).filter(NotFixed::is_unknown).count();
    match (proposal.still_blocked.len() - unknown, unknown) {
        (0, 0) => "-".to_owned(),
        (0, _) => "?".to_owned(),
        (blocked, 0) => blocked.to_string(),
        (blocked, _) => format!("{blocked}+?"),
    }
}

/// Draws the paths after the selected fix at the bottom of a large area. Returns the rest of the area.
fn draw_map(choose: &Choose, keymap: &Keymap, theme: &Theme, area: Rect, frame: &mut Frame<'_>) -> Rect {
    let is_large = area.width >= MAP_SIZE.0 && area.height >= MAP_SIZE.1;
    let Some(grid) =
        is_large.then(|| map::after_fix(choose, usize::from(area.width).saturating_sub(2), 0)).flatten()
    else {
        return area;
    };
    let height = u16::try_from(grid.height() + 1).unwrap_or(u16::MAX).min(area.height / 2);
    let [rest, strip] = Layout::vertical([Constraint::Fill(1), Constraint::Length(height)]).areas(area);
    let title = keymap.fill("Path map after this fix ({map}: before and after)");
    text_section(&title, false, map::section(&grid, theme), &Scroll::default(), theme, strip, frame);
    rest
}

/// The least width and height of the area below the list with the path map.
const MAP_SIZE: (u16, u16) = (116, 30);

/// The marked fixes as one set, with its numbers. Enter plans this set.
fn marked_set(choose: &Choose, theme: &Theme, now: Instant, width: usize) -> Vec<Line<'static>> {
    let (text, style) = match choose.set() {
        None => return Vec::new(),
        Some(MarkedSet::Simulating(_, since)) => {
            (format!("{} simulating", spinner(theme, *since, now)), theme.muted)
        }
        Some(MarkedSet::Impossible(reason)) => (format!("cannot be combined: {reason}"), theme.bad),
        Some(MarkedSet::Simulated(set)) => {
            let total = set.fixes.len() + set.still_blocked.len();
            let cost = money(set.estimate.fixed_per_month, set.estimate.per_gb());
            let numbers = format!("fixes {} of {total}, breaks {}, {cost}", set.fixes.len(), breaks(set));
            let is_included = |fix: &Proposal| choose.mark(fix) == Mark::Included;
            let included = match choose.case.proposals.iter().filter(|fix| is_included(fix)).count() {
                0 => String::new(),
                _ => format!(". {INCLUDED}: included"),
            };
            (format!("{}: {numbers}{included}", set.name()), Style::new())
        }
    };
    let label = theme.accent.add_modifier(Modifier::BOLD);
    let mut lines = labelled(" Marked", label, &text, 8, width);
    for line in &mut lines {
        *line = std::mem::take(line).patch_style(style);
    }
    lines
}

/// The number of destinations that a fix breaks; `?` if the data does not show what it breaks.
fn breaks(proposal: &Proposal) -> String {
    match (proposal.breaks.len(), proposal.may_break()) {
        (0, None) => "-".to_owned(),
        (0, Some(_)) => "?".to_owned(),
        (count, None) => count.to_string(),
        (count, Some(_)) => format!("{count} + ?"),
    }
}

fn rows(choose: &Choose, keymap: &Keymap, theme: &Theme, width: usize) -> Vec<Line<'static>> {
    let shown = choose.shown();
    let has_savings = choose.case.proposals.iter().any(|proposal| !proposal.savings.is_empty());
    let saves = if has_savings && width >= WIDTH_OF_ALL { SAVES } else { 0 };
    let terraform = if width >= WIDTH_OF_ALL { TERRAFORM } else { 0 };
    let total = if width >= WIDTH_OF_TOTAL { TOTAL } else { 0 };
    // The same number in every row: a fix that breaks one of them does not count it.
    let count = |fix: &Proposal| fix.fixes.len() + fix.still_blocked.len();
    let total_blocked = choose.case.proposals.iter().map(count).max().unwrap_or(0);
    let fixes = FIXES.max(total_blocked.to_string().len() * 2 + 2);
    let is_narrow = width < usize::from(NARROW);
    let cost = if is_narrow { MONTHLY } else { COST };
    let room = width.saturating_sub(6 + fixes + BLOCKED + BREAKS + cost + total + saves + terraform).max(1);
    // The numbers stay near the titles on a wide screen.
    let longest = choose.case.proposals.iter().map(|proposal| proposal.name().width()).max().unwrap_or(0);
    let room = room.min(longest + 6).min(WIDEST_TITLE);
    let name = format!("fix{}", if choose.pane == Pane::List { theme.glyphs.focus } else { "" });
    let head = format!(
        "      {}{:<fixes$}{:<BLOCKED$}{:<BREAKS$}{:<cost$}{:<total$}{:<saves$}{}",
        column(&filtered_title(&name, &choose.filter, shown.len(), choose.case.proposals.len()), room, theme),
        "fixes",
        "blocked",
        "breaks",
        if is_narrow { "$/month" } else { "$/month + $/GB" },
        if total > 0 { format!("{} GB", choose.traffic) } else { String::new() },
        if saves > 0 { "can delete" } else { "" },
        if terraform > 0 { labels::TERRAFORM } else { "" }
    );
    let mut lines = vec![Line::styled(head, theme.muted)];
    if shown.is_empty() && choose.filter.is_on() {
        lines.push(no_match(keymap, theme));
    }
    let all = choose.case.proposals.iter().enumerate();
    for (at, proposal) in all.filter(|(at, _)| shown.contains(at)) {
        let is_selected = at == choose.selected && !choose.on_steps;
        let mark = mark(is_selected, choose.mark(proposal));
        let base = if is_selected { theme.selected } else { Style::new() };
        if let Some(unmet) = unmet(proposal) {
            // The last column is for the scroll bar.
            let title = fit(&proposal.title, width.saturating_sub(7), theme);
            let rest = width.saturating_sub(7 + title.width());
            let why = fit(&format!(" {} not possible: {unmet}", theme.glyphs.dot), rest, theme);
            lines.push(Line::from(vec![
                Span::styled(mark, base),
                Span::raw(" "),
                Span::styled(title, theme.muted),
                Span::styled(why, theme.muted),
            ]));
            continue;
        }
        let star = if proposal.recommended.is_some() { "* " } else { "" };
        let breaks = breaks(proposal);
        // Green only if nothing is left and nothing breaks.
        let is_complete = proposal.still_blocked.is_empty() && breaks == "-";
        let fixed_style = if is_complete { theme.good } else { Style::new() };
        let breaks_style = if breaks == "-" { Style::new() } else { theme.bad };
        let name = fit(&format!("{star}{}", proposal.name()), room - 1, theme);
        let rest = room.saturating_sub(name.width());
        lines.push(Line::from(vec![
            Span::styled(mark, base),
            Span::raw(" "),
            // Only the mark is highlighted, so that a moved selection changes few cells.
            Span::raw(name),
            Span::raw(" ".repeat(rest)),
            Span::styled(
                column(&format!("{}/{total_blocked}", proposal.fixes.len()), fixes, theme),
                fixed_style,
            ),
            Span::raw(column(&blocked(proposal), BLOCKED, theme)),
            Span::styled(column(&breaks, BREAKS, theme), breaks_style),
            Span::raw(column(&price(proposal, is_narrow), cost, theme)),
            Span::raw(column(&total_cost(choose, proposal), total, theme)),
            Span::raw(column(&savings(proposal), saves, theme)),
            Span::raw(column(editable(choose, proposal).0.as_str(), terraform, theme)),
        ]));
    }
    lines
}

/// `$36.50/mo + $0.045/GB`, or the part for each month.
fn price(proposal: &Proposal, is_narrow: bool) -> String {
    let estimate = &proposal.estimate;
    if is_narrow {
        return estimate.fixed_per_month.map_or("?".to_owned(), |sum| format!("${sum:.2}"));
    }
    money(estimate.fixed_per_month, estimate.per_gb())
}

/// $/month with the expected traffic.
fn total_cost(choose: &Choose, proposal: &Proposal) -> String {
    choose.monthly(&proposal.estimate).map_or("unknown".to_owned(), |cost| format!("${:.2}", cost.high))
}

/// What the user can delete after the fix, in $/month; empty if there is nothing, `?` if a price is unknown.
fn savings(proposal: &Proposal) -> String {
    if proposal.savings.is_empty() {
        return String::new();
    }
    let sum: Option<Decimal> = proposal.savings.iter().map(|saving| saving.per_month).sum();
    sum.map_or("?".to_owned(), |sum| format!("-${sum:.2}/mo"))
}

/// The matrix before and after the fix, and the cost chart below it if there is room.
fn draw_matrix(
    choose: &Choose,
    proposal: &Proposal,
    keymap: &Keymap,
    theme: &Theme,
    area: Rect,
    frame: &mut Frame<'_>,
) {
    if area.is_empty() {
        return;
    }
    let (before, snapshot) = (&choose.case.diagnosis, &choose.case.snapshot);
    let width = usize::from(area.width).saturating_sub(2);
    let size = (width, usize::from(area.height));
    let matrix = matrix::change((before, &proposal.after), snapshot, size, keymap, theme);
    let needed = u16::try_from(matrix.len() + 2).unwrap_or(u16::MAX);
    let rest = area.height.saturating_sub(needed);
    let size = (width, usize::from(rest).saturating_sub(2));
    let chart = cost_curves(&choose.case, proposal, choose.traffic)
        .map(|curves| chart::lines(&curves, choose.traffic, size, theme))
        .unwrap_or_default();
    let height = if chart.is_empty() { 0 } else { rest };
    let [top, below] = Layout::vertical([Constraint::Fill(1), Constraint::Length(height)]).areas(area);
    let is_focused = choose.pane == Pane::Notes;
    let start = Scroll::default();
    let scroll = if is_focused { &choose.scroll } else { &start };
    text_pane("Before and after, simulated", is_focused, matrix, scroll, theme, top, frame);
    if height > 0 {
        let keys = keymap.fill("{less-traffic}/{more-traffic}: traffic");
        let title = format!("$/month, {} GB ({keys})", choose.traffic);
        text_pane(&title, false, chart, &Scroll::default(), theme, below, frame);
    }
}
