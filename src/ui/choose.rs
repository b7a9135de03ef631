//! Step three: the proposals with what they cure, leave, break and cost; the proof is the matrix before and after.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};
use rust_decimal::Decimal;
use unicode_width::UnicodeWidthStr as _;

use super::frame::{pane, put_lines};
use super::text::{column, fit, labelled};
use super::{Theme, matrix};
use crate::app::Choose;
use crate::case::Case;
use crate::evidence::short_name;
use crate::remedy::{BreakEven, LineItem, PreconditionStatus, Proposal};
use crate::report::{break_even_in_words, money, span_in_words, without_traffic};

/// Widths of the columns behind the title.
const CURES: usize = 6;
const LEAVES: usize = 7;
const BREAKS: usize = 7;
const COST: usize = 22;

pub(super) fn draw(choose: &Choose, theme: &Theme, area: Rect, frame: &mut Frame<'_>) {
    let rows = rows(choose, theme, usize::from(area.width));
    let height = u16::try_from(rows.len()).unwrap_or(u16::MAX).min(area.height / 2);
    let [list, below] = Layout::vertical([Constraint::Length(height), Constraint::Fill(1)]).areas(area);
    let first = (choose.selected + 2).saturating_sub(usize::from(height));
    put_lines(rows.into_iter().skip(first).collect(), list, frame);
    let Some(proposal) = choose.effective() else { return };
    let left = if area.width >= 110 { Constraint::Percentage(40) } else { Constraint::Length(36) };
    let [proof, details] = Layout::horizontal([left, Constraint::Fill(1)]).areas(below);
    draw_proof(choose, proposal, theme, proof, frame);
    draw_details(choose, proposal, theme, details, frame);
}

fn rows(choose: &Choose, theme: &Theme, width: usize) -> Vec<Line<'static>> {
    let room = width.saturating_sub(6 + CURES + LEAVES + BREAKS + COST).max(1);
    let head = format!(
        "      {}{:<CURES$}{:<LEAVES$}{:<BREAKS$}{:<COST$}",
        column("fix", room, theme),
        "cures",
        "leaves",
        "breaks",
        "fixed + by traffic"
    );
    let mut lines = vec![Line::styled(head, theme.muted)];
    for (at, proposal) in choose.case.proposals.iter().enumerate() {
        let here = at == choose.selected;
        let inside =
            !choose.chosen.is_empty() && proposal.remedies.iter().all(|one| choose.chosen.contains(one));
        let mark = format!("{} {} ", if here { ">" } else { " " }, if inside { "[x]" } else { "[ ]" });
        let base = if here { theme.selected } else { Style::new() };
        if let Some(unmet) = unmet(proposal) {
            let text = format!("{} {} cannot work here: {unmet}", proposal.title, theme.glyphs.dot);
            let text = column(&text, width.saturating_sub(6), theme);
            lines.push(Line::from(vec![
                Span::styled(mark, base),
                Span::styled(text, theme.muted.patch(base)),
            ]));
            continue;
        }
        let star = if proposal.recommended.is_some() { "* " } else { "" };
        let count = |list: &[String]| if list.is_empty() { "-".to_owned() } else { list.len().to_string() };
        let total = proposal.fixes.len() + proposal.still_blocked.len();
        let patch = |style: Style| if here { style.patch(theme.selected) } else { style };
        let cured = if proposal.still_blocked.is_empty() { theme.good } else { Style::new() };
        let broken = if proposal.breaks.is_empty() { Style::new() } else { theme.bad };
        lines.push(Line::from(vec![
            Span::styled(mark, base),
            Span::styled(
                format!("{} ", column(&format!("{star}{}", title(proposal, room - 1)), room - 1, theme)),
                base,
            ),
            Span::styled(column(&format!("{}/{total}", proposal.fixes.len()), CURES, theme), patch(cured)),
            Span::styled(column(&count(&proposal.still_blocked), LEAVES, theme), base),
            Span::styled(column(&count(&proposal.breaks), BREAKS, theme), patch(broken)),
            Span::styled(
                column(&money(proposal.estimate.fixed_per_month, proposal.estimate.per_gb()), COST, theme),
                base,
            ),
        ]));
    }
    lines
}

/// The title, or its short form where it does not fit.
fn title(proposal: &Proposal, room: usize) -> String {
    if proposal.title.width() + 3 <= room {
        return proposal.title.clone();
    }
    proposal.remedies.iter().map(|remedy| remedy.short_title()).collect::<Vec<_>>().join(" + ")
}

/// Hosts by their short names.
pub(super) fn names(hosts: &[String], case: &Case) -> String {
    let name = |host: &String| {
        let finding = case.diagnosis.findings.iter().find(|finding| finding.need.destination.host == *host);
        finding.map_or_else(
            || host.clone(),
            |finding| short_name(&finding.need.destination, &case.snapshot.region),
        )
    };
    hosts.iter().map(name).collect::<Vec<_>>().join(", ")
}

fn unmet(proposal: &Proposal) -> Option<&str> {
    proposal
        .preconditions
        .iter()
        .find(|one| one.status == PreconditionStatus::NotMet)
        .map(|one| one.text.as_str())
}

fn draw_proof(choose: &Choose, proposal: &Proposal, theme: &Theme, area: Rect, frame: &mut Frame<'_>) {
    let block = pane("before and after, simulated", false, theme);
    let inner = block.inner(area);
    frame.render_widget(block, area);
    let (before, snapshot) = (&choose.case.diagnosis, &choose.case.snapshot);
    let width = usize::from(inner.width);
    let mut lines = vec![Line::styled(matrix::zones(before, snapshot, 5), theme.muted).right_aligned()];
    lines.extend(matrix::change_rows(before, &proposal.after, snapshot, width, theme));
    put_lines(lines, inner, frame);
}

fn draw_details(choose: &Choose, proposal: &Proposal, theme: &Theme, area: Rect, frame: &mut Frame<'_>) {
    let title =
        if choose.chosen.is_empty() { "this fix".to_owned() } else { format!("the set: {}", proposal.title) };
    let room = usize::from(area.width).saturating_sub(4);
    let block = pane(&fit(&title, room, theme), false, theme);
    let inner = block.inner(area);
    frame.render_widget(block, area);
    let lines = details(choose, proposal, theme, usize::from(inner.width));
    put_lines(lines.into_iter().skip(choose.scroll).collect(), inner, frame);
}

/// `NAT gateway: 730 hours x $0.045 = $32.85`; what is priced by traffic is reckoned with the assumed one.
fn line_item(item: &LineItem, traffic: u32) -> String {
    let by_traffic = item.unit == "GB";
    let quantity = if by_traffic { Decimal::from(traffic) } else { item.quantity.normalize() };
    let Some(price) = item.unit_price else { return format!("{}: price unknown", item.what) };
    let sum = if by_traffic { Some(price * quantity) } else { item.per_month };
    let sum = sum.map_or(String::new(), |sum| format!(" = ${sum:.2}"));
    format!("{}: {quantity} {} x ${price}{sum}", item.what, item.unit)
}

fn details(choose: &Choose, proposal: &Proposal, theme: &Theme, width: usize) -> Vec<Line<'static>> {
    const MARGIN: usize = 9;
    let strong = theme.accent.add_modifier(Modifier::BOLD);
    let mut lines = Vec::new();
    let mut put =
        |label: &str, style: Style, text: &str| lines.extend(labelled(label, style, text, MARGIN, width));
    if let Some(reason) = &proposal.recommended {
        put("* Best", strong, reason);
    }
    for broken in &proposal.breaks {
        put("x Breaks", theme.bad, broken);
    }
    if !proposal.fixes.is_empty() {
        put("Cures", strong, &names(&proposal.fixes, &choose.case));
    }
    let estimate = &proposal.estimate;
    let total = choose.monthly(estimate).map_or("not known".to_owned(), span_in_words);
    put("Cost", strong, &format!("{total} a month with {} GB", choose.traffic));
    if let Some(range) = without_traffic(estimate) {
        put("", strong, &range);
    }
    for (host, why) in proposal.still_blocked.iter().zip(&proposal.still_blocked_because) {
        let name = names(std::slice::from_ref(host), &choose.case);
        put("Leaves", strong, &format!("{name}: {why}"));
    }
    for sentence in &proposal.why_combined {
        put("Together", strong, sentence);
    }
    for item in estimate.items.iter().filter(|item| item.unit_price != Some(Decimal::ZERO)) {
        put("Of that", strong, &line_item(item, choose.traffic));
    }
    for apart in &estimate.not_included {
        put("Besides", strong, apart);
    }
    let is_told = |(_, one): &(&Proposal, BreakEven)| !matches!(one, BreakEven::First | BreakEven::Same);
    for (other, break_even) in choose.case.alternatives(proposal).into_iter().filter(is_told) {
        put("Against", strong, &format!("{}: {}", title(other, 40), break_even_in_words(break_even)));
    }
    for saving in &proposal.savings {
        let sum = saving.per_month.map_or("price unknown".to_owned(), |sum| format!("${sum:.2} a month"));
        put("Saves", theme.good, &format!("{} It costs {sum}.", saving.what));
    }
    put("Effect", strong, &proposal.takes_effect);
    for condition in &proposal.preconditions {
        let (label, style) = match condition.status {
            PreconditionStatus::Met => ("+ Holds", theme.good),
            PreconditionStatus::NotMet => ("x Not so", theme.bad),
            PreconditionStatus::Unknown => ("? Check", theme.doubt),
        };
        put(label, style, &condition.text);
    }
    for effect in &proposal.side_effects {
        put("Note", strong, effect);
    }
    put("Back out", strong, &proposal.rollback);
    for one in &choose.case.ineffective_fixes {
        put("No use", theme.muted, &format!("{}: {}", one.idea, one.reason));
    }
    put("Prices", theme.muted, &format!("list prices of {}, {}", estimate.as_of, estimate.source));
    lines
}
