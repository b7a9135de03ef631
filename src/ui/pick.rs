//! The first step: the services, and the progress of discovery and diagnosis.

use std::time::Instant;

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Margin, Position, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr as _;

use super::Theme;
use super::frame::{pane, put_lines, read_at, scroll_bar, spinner, text_pane};
use super::list::{filtered_title, highlighted, line_at, no_match};
use super::text::{column, fit_middle, labelled, wrap};
use crate::app::{App, Badge, DiscoveryState, PickOrder, PickRow, Scroll};
use crate::evidence::{Symptom, distinct_names};
use crate::model::{Destination, Egress, Ingress, SecurityGroupId, without_planned_ids};
use crate::reach::route_table_of;

pub(super) fn draw(app: &App, theme: &Theme, now: Instant, area: Rect, frame: &mut Frame<'_>) {
    let about = about(app, theme, usize::from(area.width).saturating_sub(2));
    let [top, list, facts, details] = parts(app, theme, about.len(), area);
    frame.render_widget(status(app, theme, now, usize::from(area.width)), top);
    let shown = app.pick.shown().count();
    let title = match app.pick.order {
        PickOrder::Id => "App Runner services",
        PickOrder::Verdict => "App Runner services, blocked first",
    };
    let title = filtered_title(title, &app.pick.filter, shown, app.pick.rows.len());
    let block = pane(&title, true, theme);
    let inner = block.inner(list);
    frame.render_widget(block, list);
    put_lines(rows(app, theme, inner), inner, frame);
    let right = Rect { x: list.right().saturating_sub(1), width: 1, ..inner };
    scroll_bar((first(app, inner), shown), true, theme, right, frame);
    if !facts.is_empty() {
        let lines = service_facts(app, theme, usize::from(facts.width).saturating_sub(2));
        text_pane("Selected service", false, lines, &Scroll::default(), theme, facts, frame);
    }
    put_lines(about, details, frame);
}

/// The status line, the list, the configuration of the selected service, and what the diagnosis of all services uses.
fn parts(app: &App, theme: &Theme, about: usize, area: Rect) -> [Rect; 4] {
    let length = |lines: usize| u16::try_from(lines).unwrap_or(u16::MAX);
    let below = length(about).min(area.height / 2);
    // Only what the list does not need.
    let rows = length(app.pick.shown().count().max(1)).saturating_add(2);
    let room = area.height.saturating_sub(1 + below + rows.max(LEAST_LIST));
    let facts = length(service_facts(app, theme, usize::from(area.width).saturating_sub(2)).len());
    let has_facts = area.height >= LARGE && facts > 0 && facts + 2 <= room;
    // The facts are below the rows, without an empty part of the list between them.
    let [list, facts] = if has_facts {
        [Constraint::Length(rows.max(LEAST_LIST)), Constraint::Fill(1)]
    } else {
        [Constraint::Fill(1), Constraint::Length(0)]
    };
    Layout::vertical([Constraint::Length(1), list, facts, Constraint::Length(below)]).areas(area)
}

/// The least height of the step with the configuration of the selected service, and the least height of the list beside it.
const LARGE: u16 = 30;
const LEAST_LIST: u16 = 8;

/// The row at a position.
pub(super) fn row_at(app: &App, theme: &Theme, area: Rect, at: Position) -> Option<usize> {
    let about = about(app, theme, usize::from(area.width).saturating_sub(2)).len();
    let [_, list, ..] = parts(app, theme, about, area);
    let inner = list.inner(Margin::new(1, 1));
    Some(first(app, inner) + line_at(inner, at)?)
}

/// The index of the first row shown.
fn first(app: &App, area: Rect) -> usize {
    app.pick.selected.saturating_sub(usize::from(area.height).saturating_sub(1))
}

/// The work that runs now, or the result of the discovery.
fn status(app: &App, theme: &Theme, now: Instant, width: usize) -> Line<'static> {
    let (done, failed, sent) = app.discovery.tally();
    let failures = if failed > 0 { format!(", {failed} failed (press {{calls}})") } else { String::new() };
    let text = match &app.discovery.state {
        _ if let Some(running) = app.diagnosing() => {
            let mark = spinner(theme, running.since, now);
            format!(" {mark} Diagnosing {}{} (press {{back}} to stop)", running.service, theme.glyphs.cut)
        }
        _ if let Some((since, name)) =
            app.reading_log().and_then(|log| Some((log.since, log.name.as_ref()?))) =>
        {
            let mark = spinner(theme, since, now);
            format!(" {mark} Reading the log {name} (press {{back}} to stop)")
        }
        DiscoveryState::Running(since) => {
            let mark = spinner(theme, *since, now);
            let waiting = app.discovery.waiting_for().map(|row| {
                let call = format!("{} {}", row.call, row.scope);
                format!(", waiting for {} (given up after {} s)", call.trim_end(), app.call_limit().as_secs())
            });
            let seconds = now.saturating_duration_since(*since).as_secs();
            format!(
                " {mark} {done} of {sent} calls done{failures}, {seconds} s{}",
                waiting.unwrap_or_default()
            )
        }
        _ if let Some(since) = app.pick.diagnosing_since() => {
            let mark = spinner(theme, since, now);
            let (diagnosed, all) = (app.pick.diagnosed(), app.pick.rows.len());
            format!(" {mark} Diagnosing the services: {diagnosed} of {all} done")
        }
        DiscoveryState::Finished(None) => match &app.pick.snapshot {
            Some(snapshot) => match app.simulated_in(snapshot).as_slice() {
                [] => format!(" Snapshot of {}.", read_at(snapshot)),
                fixes => {
                    let long = format!(
                        " Simulated after {}; snapshot of {}.",
                        fixes.join(", then "),
                        read_at(snapshot)
                    );
                    let count =
                        if fixes.len() == 1 { "1 fix".to_owned() } else { format!("{} fixes", fixes.len()) };
                    let short = format!(" Simulated after {count}; snapshot of {}.", read_at(snapshot));
                    if long.width() <= width { long } else { short }
                }
            },
            None => String::new(),
        },
        DiscoveryState::Finished(Some(took)) => {
            format!(" {done} calls in {:.1} s{failures}. Nothing in AWS was changed.", took.as_secs_f32())
        }
        DiscoveryState::Failed(why) => format!(" Could not read AWS: {why}"),
        DiscoveryState::Cancelled => format!(" Stopped after {done} calls. Press {{refresh}} to read again."),
    };
    let style =
        if matches!(app.discovery.state, DiscoveryState::Failed(_)) { theme.bad } else { theme.muted };
    Line::styled(column(&app.preferences.keymap.fill(&text), width, theme), style)
}

fn rows(app: &App, theme: &Theme, area: Rect) -> Vec<Line<'static>> {
    let width = usize::from(area.width);
    if app.pick.rows.is_empty() {
        return empty(app, width).into_iter().map(Line::from).collect();
    }
    if app.pick.shown().next().is_none() {
        return vec![no_match(&app.preferences.keymap, theme)];
    }
    let height = usize::from(area.height);
    let first = first(app, area);
    let columns = Columns::new(app, width, theme);
    let shown = app.pick.shown().enumerate().skip(first).take(height);
    shown.map(|(index, shown)| row(app, shown, index == app.pick.selected, &columns, theme)).collect()
}

fn empty(app: &App, width: usize) -> Vec<String> {
    let text = match app.discovery.state {
        DiscoveryState::Running(_) => "Reading the App Runner services of the region.",
        DiscoveryState::Failed(_) => {
            "AWS could not be read. Press {profile} for another profile, {region} for another region, {refresh} to try again. \
             egress-doctor demo needs no account."
        }
        DiscoveryState::Finished(_) | DiscoveryState::Cancelled => {
            "No App Runner service in this region. Press {region} for another region. egress-doctor demo needs no account."
        }
    };
    wrap(&app.preferences.keymap.fill(text), width)
}

/// The text for a service without a badge.
fn pending(app: &App) -> &'static str {
    if app.pick.diagnosing_since().is_some() {
        "diagnosing"
    } else if app.pick.snapshot.is_none() && app.discovery.is_running() {
        "reading its network"
    } else {
        "not diagnosed"
    }
}

/// The widths of the columns of the list, and whether the results are short.
struct Columns {
    name: usize,
    /// Zero without room for it.
    egress: usize,
    status: usize,
    result: usize,
    is_short: bool,
}

/// The least width of the names, as far as they need it.
const NAME: usize = 24;
/// The columns between the longest name and the results on a wide screen.
const MARGIN: usize = 8;
/// The greatest width of the status without room for more.
const STATUS: usize = 12;

impl Columns {
    /// The name gets the spare width. Without room for it, the results are short, then the egress is not shown, then the status is cut.
    fn new(app: &App, width: usize, theme: &Theme) -> Self {
        let widest = |text: &dyn Fn(&PickRow) -> usize| app.pick.shown().map(text).max().unwrap_or(0);
        let wanted = widest(&|row| row.workload.name.width()).min(NAME);
        let status = widest(&|row| status_of(row).width()) + 1;
        let results = |is_short| widest(&|row| result_of(app, row, is_short, theme).0.width()) + 1;
        let name =
            |egress: usize, status: usize, result: usize| width.saturating_sub(3 + egress + status + result);
        let long = Self { name: 0, egress: 8, status, result: results(false).max(14), is_short: false };
        let short = Self { result: results(true).max(14), is_short: true, ..long };
        let without_egress = Self { egress: 0, ..short };
        let narrow = Self { status: status.min(STATUS), ..without_egress };
        let fits = |columns: &Self| name(columns.egress, columns.status, columns.result) >= wanted;
        let columns = [long, short, without_egress].into_iter().find(fits).unwrap_or(narrow);
        // The results stay near the names on a wide screen.
        let longest = widest(&|row| row.workload.name.width()).max(NAME) + MARGIN;
        Self { name: name(columns.egress, columns.status, columns.result).min(longest), ..columns }
    }
}

/// `create failed`
fn status_of(row: &PickRow) -> String {
    row.workload.status.to_string().to_lowercase().replace('_', " ")
}

fn row(app: &App, row: &PickRow, is_selected: bool, columns: &Columns, theme: &Theme) -> Line<'static> {
    let workload = &row.workload;
    // While services are being read, the egress of a service that is only listed is not known yet.
    let is_pending = is_being_read(app, row);
    let egress = match workload.egress {
        Egress::Default => "DEFAULT",
        Egress::Vpc(_) | Egress::Direct { .. } => "VPC",
        // Without a badge it may only be listed so far.
        Egress::Unknown(_) if row.badge.is_none() || is_pending => "",
        Egress::Unknown(_) => "unknown",
    };
    let (badge, style) = result_of(app, row, columns.is_short, theme);
    let base = if is_selected { theme.selected } else { Style::new() };
    let mut spans = vec![Span::styled(if is_selected { "> " } else { "  " }, base)];
    // Only the name is highlighted, so that a moved selection changes few cells.
    let name = fit_middle(&workload.name, columns.name, theme);
    let rest = (columns.name + 1).saturating_sub(name.width());
    spans.extend(highlighted(&name, &app.pick.filter, base));
    spans.extend([
        Span::raw(" ".repeat(rest)),
        Span::raw(column(egress, columns.egress, theme)),
        Span::raw(column(&status_of(row), columns.status.saturating_sub(1), theme)),
        Span::raw(" "),
        Span::styled(column(&badge, columns.result, theme), style),
    ]);
    Line::from(spans)
}

/// Whether the settings or the network of a service are being read.
fn is_being_read(app: &App, row: &PickRow) -> bool {
    app.discovery.is_running() && matches!(row.workload.egress, Egress::Unknown(_))
}

/// The result of a service in a few words.
pub(super) fn result(app: &App, row: &PickRow, theme: &Theme) -> (String, Style) {
    result_of(app, row, false, theme)
}

/// `x 4 of 4 destinations blocked`, or short `x 4/4 blocked`.
fn result_of(app: &App, row: &PickRow, is_short: bool, theme: &Theme) -> (String, Style) {
    let is_pending = is_being_read(app, row);
    match row.badge.filter(|_| !is_pending) {
        None if is_pending && app.pick.snapshot.is_some() => {
            let is_described = row.workload.ingress != Ingress::Unknown;
            let what = if is_described { "reading its network" } else { "reading its settings" };
            (what.to_owned(), theme.muted)
        }
        None => (pending(app).to_owned(), theme.muted),
        Some(badge) if badge.all == 0 && is_short => ("no destination".to_owned(), theme.muted),
        Some(Badge { blocked, intermittent, all, .. }) if is_short && blocked + intermittent > 0 => {
            let (sign, word) = if blocked > 0 { ("x", "blocked") } else { ("~", "interm.") };
            let rest =
                if blocked > 0 && intermittent > 0 { format!(", {intermittent} ~") } else { String::new() };
            (
                format!("{sign} {}/{all} {word}{rest}", if blocked > 0 { blocked } else { intermittent }),
                theme.bad,
            )
        }
        Some(badge) if badge.all == 0 && app.has_hidden() => {
            (app.preferences.keymap.fill("all hidden: open, then press {unhide}"), theme.muted)
        }
        Some(badge) if badge.all == 0 => {
            (app.preferences.keymap.fill("no destination: open, then press {add}"), theme.muted)
        }
        Some(Badge { blocked, intermittent, all, .. }) if blocked > 0 && intermittent > 0 => {
            (format!("x {blocked} of {all} blocked, {intermittent} intermittent"), theme.bad)
        }
        Some(badge) if badge.blocked > 0 => {
            let noun = if badge.all == 1 { "destination" } else { "destinations" };
            (format!("x {} of {} {noun} blocked", badge.blocked, badge.all), theme.bad)
        }
        Some(badge) if badge.intermittent > 0 => {
            let noun = if badge.all == 1 { "destination" } else { "destinations" };
            (format!("~ {} of {} {noun} intermittent", badge.intermittent, badge.all), theme.bad)
        }
        Some(badge) if badge.unknown > 0 => {
            (format!("? {} of {} unknown", badge.unknown, badge.all), theme.doubt)
        }
        Some(badge) if badge.all == 1 => ("+ reachable".to_owned(), theme.good),
        Some(badge) => (format!("+ all {} reachable", badge.all), theme.good),
    }
}

/// The configuration of the selected service, as far as it was read.
fn service_facts(app: &App, theme: &Theme, width: usize) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    let (Some(snapshot), Some(workload)) = (&app.pick.snapshot, app.pick.current()) else { return lines };
    let mut put = |label: &str, text: &str| lines.extend(labelled(label, theme.accent, text, 19, width));
    let environment = &workload.environment;
    put("ARN", workload.id.as_str());
    put("URL", workload.url.as_deref().unwrap_or_default());
    let network = &snapshot.network;
    let (subnets, groups) = match &workload.egress {
        Egress::Default => {
            put("Egress", "DEFAULT: App Runner's own internet access, without access to the VPC");
            (&[][..], &[][..])
        }
        Egress::Vpc(arn) => {
            let connector = network.connectors.get(arn);
            let parts = connector.map(|one| (one.subnets.as_slice(), one.security_groups.as_slice()));
            put(
                "Egress",
                &format!(
                    "VPC, {}",
                    without_planned_ids(&format!("connector {arn}")).unwrap_or_else(|| arn.to_string())
                ),
            );
            parts.unwrap_or_default()
        }
        Egress::Direct { subnets, security_groups } => (subnets.as_slice(), security_groups.as_slice()),
        Egress::Unknown(why) => {
            put("Egress", &format!("unknown: {why}"));
            (&[][..], &[][..])
        }
    };
    for (at, id) in subnets.iter().enumerate() {
        let label = if at == 0 { "Subnets" } else { "" };
        let name = without_planned_ids(id.as_str()).unwrap_or_else(|| id.to_string());
        match network.subnets.get(id) {
            Some(subnet) => {
                let ranges = subnet.cidr.iter().map(ToString::to_string);
                let ranges: Vec<String> =
                    ranges.chain(subnet.ipv6_cidrs.iter().map(ToString::to_string)).collect();
                let table = route_table_of(snapshot, subnet).map(|(table, _)| table.id.as_str());
                let table = table.map(|id| without_planned_ids(id).unwrap_or_else(|| id.to_owned()));
                let ranges = ranges.join(", ");
                put(label, &format!("{name}  {}  {ranges}  {}", subnet.zone, table.unwrap_or_default()));
            }
            None => put(label, &name),
        }
    }
    let groups: Vec<&str> = groups.iter().map(SecurityGroupId::as_str).collect();
    put("Security groups", &groups.join(", "));
    put("Instance role", environment.role.as_deref().unwrap_or_default());
    let variables = environment.variables.iter().filter(|variable| !variable.hosts.is_empty());
    for (at, variable) in variables.enumerate() {
        let label = if at == 0 { "Hosts in settings" } else { "" };
        put(label, &format!("{}: {}", variable.name, variable.hosts.join(", ")));
    }
    let secrets: Vec<&str> = environment.secrets.iter().map(|secret| secret.name.as_str()).collect();
    put("Secrets", &secrets.join(", "));
    lines
}

/// Facts about the selected service: connector, log, Terraform folder, gaps.
fn about(app: &App, theme: &Theme, width: usize) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    let (Some(snapshot), Some(workload)) = (&app.pick.snapshot, app.pick.current()) else { return lines };
    let mut put = |label: &str, text: &str| lines.extend(labelled(label, theme.accent, text, 12, width));
    // The list has no room for a long name.
    if workload.name.width() > NAME && width < 120 {
        put(" Service", &workload.name);
    }
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
            None => put(" Connector", "unknown: the connector could not be read"),
        }
    }
    // Several logs, or parts of one, can name the same failure.
    let mut failures: Vec<(String, Symptom, usize)> = Vec::new();
    let findings: Vec<_> = app.findings_in_log().collect();
    let destinations: Vec<&Destination> =
        findings.iter().filter_map(|finding| finding.destination.as_ref()).collect();
    let mut names = distinct_names(&destinations, &snapshot.region).into_iter();
    for finding in findings {
        let short = finding.destination.as_ref().and_then(|_| names.next());
        let other = || finding.host.clone().unwrap_or_else(|| "no host".to_owned());
        let name = short.unwrap_or_else(other);
        match failures.iter_mut().find(|known| known.0 == name && known.1 == finding.symptom) {
            Some((.., count)) => *count += finding.count,
            None => failures.push((name, finding.symptom, finding.count)),
        }
    }
    let plural = |count: usize| if count == 1 { "" } else { "s" };
    let failure = |(name, symptom, count): &(String, Symptom, usize)| {
        format!("{name} ({count} {symptom}{})", plural(*count))
    };
    let log: Vec<String> = failures.iter().map(failure).collect();
    if log.is_empty() {
        put(" Log", "none. Paste error lines here, or start with --log FILE");
    } else {
        put(" Log", &log.join(", "));
    }
    if let Some(folder) = &app.terraform {
        put(" Terraform", &folder.display().to_string());
    }
    for gap in snapshot.shown_gaps().take(2) {
        put(" Gap", &gap.to_string());
    }
    lines
}
