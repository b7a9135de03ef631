//! Step one: the services, and how discovery goes.

use std::time::Instant;

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::Theme;
use super::frame::{pane, put_lines};
use super::text::{column, labelled, tidy, wrap};
use crate::app::{App, PickRow, Reading, ReadingState};
use crate::evidence::short_name;
use crate::model::Egress;

pub(super) fn draw(app: &App, theme: &Theme, now: Instant, area: Rect, frame: &mut Frame<'_>) {
    let about = about(app, theme, usize::from(area.width).saturating_sub(2));
    let below = u16::try_from(about.len()).unwrap_or(0).min(area.height / 2);
    let [top, list, details] =
        Layout::vertical([Constraint::Length(1), Constraint::Fill(1), Constraint::Length(below)]).areas(area);
    frame.render_widget(strip(app, theme, now, usize::from(area.width)), top);
    let title = match app.pick.filter.as_str() {
        "" => "App Runner services".to_owned(),
        filter => format!("App Runner services with \"{}\"", tidy(filter)),
    };
    let block = pane(&title, true, theme);
    let inner = block.inner(list);
    frame.render_widget(block, list);
    put_lines(rows(app, theme, inner), inner, frame);
    put_lines(about, details, frame);
}

/// Calls done, running and denied, and what is waited for.
fn strip(app: &App, theme: &Theme, now: Instant, width: usize) -> Line<'static> {
    let (done, missed, sent) = app.reading.tally();
    let denied = if missed > 0 { format!(", {missed} failed (L tells why)") } else { String::new() };
    let text = match &app.reading.state {
        ReadingState::Running(since) => {
            let elapsed = now.saturating_duration_since(*since);
            let turn = usize::try_from(elapsed.as_millis() / 150).unwrap_or(0);
            let spinner = theme.glyphs.spinner;
            let mark = spinner.get(turn % spinner.len().max(1)).copied().unwrap_or("*");
            let waiting =
                app.reading.waiting_for().map(|row| format!(", waiting for {} {}", row.call, row.scope));
            let seconds = elapsed.as_secs();
            format!(" {mark} {done} of {sent} calls done{denied}, {seconds} s{}", waiting.unwrap_or_default())
        }
        ReadingState::Finished(None) => " Read from a saved snapshot.".to_owned(),
        ReadingState::Finished(Some(took)) => {
            format!(" {done} calls in {:.1} s{denied}. Nothing in AWS was changed.", took.as_secs_f32())
        }
        ReadingState::Failed(why) => format!(" Could not read AWS: {why}"),
        ReadingState::Cancelled => format!(" Stopped after {done} calls. r reads again."),
    };
    let style = if matches!(app.reading.state, ReadingState::Failed(_)) { theme.bad } else { theme.muted };
    Line::styled(column(&text, width, theme), style)
}

fn rows(app: &App, theme: &Theme, area: Rect) -> Vec<Line<'static>> {
    let width = usize::from(area.width);
    if app.pick.rows.is_empty() {
        return empty(&app.reading, width).into_iter().map(Line::from).collect();
    }
    let height = usize::from(area.height);
    let first = app.pick.selected.saturating_sub(height.saturating_sub(1));
    let shown = app.pick.shown().enumerate().skip(first).take(height);
    shown.map(|(at, one)| row(one, at == app.pick.selected, width, theme)).collect()
}

fn empty(reading: &Reading, width: usize) -> Vec<String> {
    let text = match reading.state {
        ReadingState::Running(_) => "Reading the App Runner services of the region.",
        ReadingState::Failed(_) => {
            "Nothing could be read. p tries another profile, R another region, r the same again. \
             egress-doctor demo needs no account."
        }
        ReadingState::Finished(_) | ReadingState::Cancelled => {
            "No App Runner service here. R tries another region. egress-doctor demo needs no account."
        }
    };
    wrap(text, width)
}

fn row(row: &PickRow, here: bool, width: usize, theme: &Theme) -> Line<'static> {
    let workload = &row.workload;
    let egress = match workload.egress {
        Egress::Default => "DEFAULT",
        Egress::Vpc(_) | Egress::Direct { .. } => "VPC",
        Egress::Unknown(_) => "unknown",
    };
    let (badge, style) = match row.badge {
        None => ("reading its network".to_owned(), theme.muted),
        Some(badge) if badge.all == 0 => ("no destination known: a adds one".to_owned(), theme.muted),
        Some(badge) if badge.blocked > 0 => {
            (format!("x {} of {} destinations blocked", badge.blocked, badge.all), theme.bad)
        }
        Some(badge) if badge.unknown > 0 => {
            (format!("? {} of {} unknown", badge.unknown, badge.all), theme.doubt)
        }
        Some(badge) => (format!("+ all {} reachable", badge.all), theme.good),
    };
    let room = width.saturating_sub(4 + 8 + 12 + 34);
    let base = if here { theme.selected } else { Style::new() };
    Line::from(vec![
        Span::styled(if here { "> " } else { "  " }, base),
        Span::styled(column(&workload.name, room, theme), base),
        Span::styled(column(&format!(" {egress}"), 9, theme), base),
        Span::styled(column(&workload.status.to_string().to_lowercase().replace('_', " "), 13, theme), base),
        Span::styled(column(&badge, 34, theme), if here { style.patch(theme.selected) } else { style }),
    ])
}

/// Where the service under the cursor stands, and what its log says.
fn about(app: &App, theme: &Theme, width: usize) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    let (Some(snapshot), Some(workload)) = (&app.pick.snapshot, app.pick.current()) else { return lines };
    let mut put = |label: &str, text: &str| lines.extend(labelled(label, theme.accent, text, 12, width));
    if let Egress::Vpc(arn) = &workload.egress {
        match snapshot.network.connectors.get(arn) {
            Some(connector) => put(
                " Connector",
                &format!(
                    "{}, {} subnets, {}",
                    connector.name,
                    connector.subnets.len(),
                    connector.status.to_string().to_lowercase()
                ),
            ),
            None => put(" Connector", "not read"),
        }
    }
    let log: Vec<String> = app
        .findings_in_log()
        .map(|found| {
            format!(
                "{} ({} {})",
                found.destination.as_ref().map_or_else(
                    || found.host.clone().unwrap_or_else(|| "no host".to_owned()),
                    |wanted| short_name(wanted, &snapshot.region),
                ),
                found.count,
                found.symptom
            )
        })
        .collect();
    if log.is_empty() {
        put(" Log", "none: paste the lines that say timed out here, or start with --log FILE");
    } else {
        put(" Log", &log.join(", "));
    }
    if let Some(folder) = &app.terraform {
        put(" Terraform", &folder.display().to_string());
    }
    for gap in snapshot.gaps.iter().take(2) {
        put(" Not read", &gap.to_string());
    }
    lines
}
