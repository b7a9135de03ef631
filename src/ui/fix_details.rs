//! The details of the selected fix on Choose.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use ratatui::text::Line;
use rust_decimal::Decimal;
use unicode_width::UnicodeWidthStr as _;

use super::Theme;
use super::fix_text::{editable, unmet};
use super::frame::text_pane;
use super::text::{labelled, margin};
use crate::app::{Choose, Keymap, Pane, Scroll};
use crate::remedy::{BreakEven, LineItem, PreconditionStatus, Proposal};
use crate::report::{break_even_text, cost_range_text, cost_with_traffic, labels};

pub(super) fn draw(
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
    let lines = details(choose, proposal, keymap, theme, usize::from(area.width).saturating_sub(2));
    let is_focused = choose.pane == Pane::Detail;
    let start = Scroll::default();
    // The pages of the list are those of the details.
    let scroll = if choose.pane == Pane::Notes { &start } else { &choose.scroll };
    text_pane("Selected fix", is_focused, lines, scroll, theme, area, frame);
}

/// `NAT gateway: 730 hours x $0.045 = $32.85`. Prices per GB are multiplied by the expected traffic.
fn line_item(item: &LineItem, traffic: u32) -> String {
    let is_per_gb = item.unit == "GB";
    let quantity = if is_per_gb { Decimal::from(traffic) } else { item.quantity.normalize() };
    let Some(price) = item.unit_price else { return format!("{}: price unknown", item.what) };
    let sum = if is_per_gb { Some(price * quantity) } else { item.per_month };
    let sum = sum.map_or(String::new(), |sum| format!(" = ${sum:.2}"));
    format!("{}: {quantity} {} x ${price}{sum}", item.what, item.unit)
}

/// The first facts have the same place for every fix, so that the eye finds them and a moved selection changes few cells. Then comes
/// what the fix breaks.
fn details(
    choose: &Choose,
    proposal: &Proposal,
    keymap: &Keymap,
    theme: &Theme,
    width: usize,
) -> Vec<Line<'static>> {
    let strong = theme.accent.add_modifier(Modifier::BOLD);
    let names = |hosts: &[&str]| {
        let shown: Vec<&str> = hosts.iter().take(MOST_NAMES).map(|host| choose.short_name(host)).collect();
        match hosts.len().saturating_sub(MOST_NAMES) {
            0 => shown.join(", "),
            more => format!("{} destinations: {} and {more} more", hosts.len(), shown.join(", ")),
        }
    };
    let mut lines = Vec::new();
    let mut put = |label: &str, style: Style, text: &str| {
        lines.extend(labelled(label, style, text, margin(width), width));
    };
    if let Some(reason) = unmet(proposal) {
        put("x Not possible", theme.bad, reason);
        put("Fix", strong, &proposal.title);
        for futile in &choose.case.ineffective_fixes {
            put(labels::DOES_NOT_HELP, theme.muted, &format!("{}: {}", futile.idea, futile.reason));
        }
        return lines;
    }
    put(labels::TERRAFORM, strong, &keymap.fill(&editable(choose, proposal).1));
    let estimate = &proposal.estimate;
    let total = choose.monthly(estimate).map_or("unknown".to_owned(), cost_range_text);
    put(&format!("{} with {} GB", labels::COST, choose.traffic), strong, &format!("{total}/mo"));
    for broken in &proposal.breaks {
        put(&format!("x {}", labels::BREAKS), theme.bad, broken);
    }
    let may_break = proposal.may_break();
    if let Some(sentence) = may_break {
        put(&format!("? {}", labels::MAY_BREAK), theme.bad, sentence);
    }
    // What most fixes have in common comes first, so that a moved selection changes few cells.
    let without = proposal.takes_effect.strip_suffix(", no deployment of the service");
    let effect = without.map(|time| format!("without a deployment of the service, {time}"));
    put(labels::TAKES_EFFECT, strong, effect.as_deref().unwrap_or(&proposal.takes_effect));
    if !proposal.fixes.is_empty() {
        let hosts: Vec<&str> = proposal.fixes.iter().map(String::as_str).collect();
        put(labels::FIXES, strong, &names(&hosts));
    }
    // The table has the short titles of several remedies, and cuts a long title.
    if proposal.name() != proposal.title || proposal.title.width() > WIDEST_TITLE {
        put("Fix", strong, &proposal.title);
    }
    if let Some(reason) = &proposal.recommended {
        put(&format!("* {}", labels::recommended(proposal)), strong, reason);
    }
    for saving in &proposal.savings {
        put(labels::CAN_DELETE, theme.good, &saving.sentence());
    }
    if let Some(range) = cost_with_traffic(estimate) {
        put("Cost range", strong, &range);
    }
    for group in labels::still_by_reason(proposal) {
        put(group.label, strong, &format!("{}: {}", names(&group.hosts), group.why));
    }
    for sentence in &proposal.why_combined {
        put(labels::WHY_COMBINED, strong, sentence);
    }
    for item in estimate.items.iter().filter(|item| item.unit_price != Some(Decimal::ZERO)) {
        put(labels::COST_BREAKDOWN, strong, &line_item(item, choose.traffic));
    }
    for apart in &estimate.not_included {
        put(labels::NOT_INCLUDED, strong, apart);
    }
    let has_difference =
        |(_, cost): &(&Proposal, BreakEven)| !matches!(cost, BreakEven::First | BreakEven::Same);
    for (other, break_even) in choose.case.alternatives(proposal).into_iter().filter(has_difference) {
        put(labels::ALTERNATIVE, strong, &format!("{} {}", other.name(), break_even_text(break_even)));
    }
    for condition in &proposal.preconditions {
        let (mark, label, style) = match condition.status {
            PreconditionStatus::Met => ('+', labels::REQUIREMENT_MET, theme.good),
            PreconditionStatus::NotMet => ('x', labels::REQUIREMENT_NOT_MET, theme.bad),
            PreconditionStatus::Unknown => ('?', labels::REQUIREMENT_UNKNOWN, theme.doubt),
        };
        put(&format!("{mark} {label}"), style, &condition.text);
    }
    for effect in proposal.side_effects.iter().filter(|effect| may_break != Some(effect.as_str())) {
        put(labels::SIDE_EFFECT, strong, effect);
    }
    put(labels::ROLLBACK, strong, &proposal.rollback);
    for futile in &choose.case.ineffective_fixes {
        put(labels::DOES_NOT_HELP, theme.muted, &format!("{}: {}", futile.idea, futile.reason));
    }
    put("Prices", theme.muted, &format!("as of {}: {}", estimate.as_of, estimate.source));
    lines
}

/// A title that the narrowest table has completely.
const WIDEST_TITLE: usize = 26;
/// The most names of destinations in one line of the details.
const MOST_NAMES: usize = 12;
