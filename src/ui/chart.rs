//! The cost chart: $/month by GB per month, one line for each fix. A line consists of the number of its fix, so that it needs no
//! colours and no special characters. A crossing is marked with `X` and named, the expected traffic with `|`.

use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;

use super::Theme;
use super::text::{fit, wrap};
use crate::report::{CostCurves, Curve};

/// The columns of the numbers at the left of the chart.
const MARGIN: usize = 9;
/// The least height of the lines, and the least width of the chart.
pub(super) const LEAST: (usize, usize) = (5, 36);

/// The chart with its legend in an area of this size; empty if there is no room.
pub(super) fn lines(
    curves: &CostCurves<'_>,
    traffic: u32,
    (width, height): (usize, usize),
    theme: &Theme,
) -> Vec<Line<'static>> {
    let legend = legend(curves, traffic, width, theme);
    let rows = height.saturating_sub(legend.len() + 2);
    if rows < LEAST.0 || width < LEAST.1 {
        return Vec::new();
    }
    let columns = width - MARGIN - 2;
    let top = curves
        .curves
        .iter()
        .filter_map(|curve| curve.estimate.per_month(curves.max_gb))
        .map(|cost| cost.high)
        .max()
        .unwrap_or_default()
        .max(Decimal::ONE);
    let mut plot = Plot { cells: vec![vec![(' ', Style::new()); columns]; rows], max_gb: curves.max_gb, top };
    let expected = plot.column(Decimal::from(traffic));
    for row in 0..rows {
        plot.put(expected, row, '|', theme.muted);
    }
    // The first fix comes last, on top of the others.
    for (number, curve) in curves.curves.iter().enumerate().rev() {
        let symbol = char::from_digit(u32::try_from(number + 1).unwrap_or(9), 10).unwrap_or('*');
        let style = if number == 0 { theme.accent.add_modifier(Modifier::BOLD) } else { Style::new() };
        for column in 0..columns {
            if let Some(cost) = curve.estimate.per_month(plot.gb(column)) {
                plot.put(column, plot.row(cost.high), symbol, style);
            }
        }
    }
    for crossing in &curves.crossings {
        plot.put(
            plot.column(crossing.gb),
            plot.row(crossing.usd),
            'X',
            theme.doubt.add_modifier(Modifier::BOLD),
        );
    }
    let mut lines = Vec::new();
    for (row, cells) in plot.cells.iter().enumerate() {
        let label = match row {
            0 => format!("${top:.0}"),
            row if row + 1 == rows => "$0".to_owned(),
            _ => String::new(),
        };
        let mut spans = vec![Span::styled(format!("{label:>0$} |", MARGIN - 2), theme.muted)];
        spans.extend(cells.iter().map(|(symbol, style)| Span::styled(symbol.to_string(), *style)));
        lines.push(Line::from(spans));
    }
    let end = format!("{} GB/month", curves.max_gb);
    let gap = columns.saturating_sub(end.len() + 1);
    let axis = format!("{}+{}", " ".repeat(MARGIN - 1), "-".repeat(columns));
    lines.push(Line::styled(axis, theme.muted));
    lines.push(Line::styled(format!("{}0{}{end}", " ".repeat(MARGIN), " ".repeat(gap)), theme.muted));
    lines.extend(legend);
    lines
}

/// The number, the cost with the expected traffic and the title of each fix, then the crossings.
fn legend(curves: &CostCurves<'_>, traffic: u32, width: usize, theme: &Theme) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    for (number, curve) in curves.curves.iter().enumerate() {
        let cost = curve.estimate.per_month(Decimal::from(traffic));
        let cost = cost.map_or("price unknown".to_owned(), |cost| format!("${:.2}", cost.high));
        let same =
            curves.curves.iter().take(number).position(|other| has_same_cost(curve, other, curves.max_gb));
        let same = same.map_or(String::new(), |other| format!(" (= {})", other + 1));
        let title = fit(&curve.title, width.saturating_sub(13 + same.len()), theme);
        let text = format!(" {} {cost:>9}  {title}{same}", number + 1);
        let style = if number == 0 { theme.accent } else { Style::new() };
        lines.push(Line::styled(fit(&text, width, theme), style));
    }
    for crossing in &curves.crossings {
        let text = format!("X {}", crossing.text);
        let parts = wrap(&text, width.saturating_sub(1)).into_iter();
        lines.extend(parts.map(|part| Line::styled(format!(" {part}"), theme.doubt)));
    }
    lines
}

/// Whether two lines lie on each other.
fn has_same_cost(one: &Curve<'_>, other: &Curve<'_>, max_gb: Decimal) -> bool {
    [Decimal::ZERO, max_gb].iter().all(|gb| one.estimate.per_month(*gb) == other.estimate.per_month(*gb))
}

struct Plot {
    cells: Vec<Vec<(char, Style)>>,
    max_gb: Decimal,
    /// The cost of the top row.
    top: Decimal,
}

impl Plot {
    fn columns(&self) -> usize {
        self.cells.first().map_or(0, Vec::len)
    }

    /// The traffic of a column.
    fn gb(&self, column: usize) -> Decimal {
        let last = Decimal::from(self.columns().saturating_sub(1).max(1));
        self.max_gb * Decimal::from(column) / last
    }

    fn column(&self, gb: Decimal) -> usize {
        let last = Decimal::from(self.columns().saturating_sub(1));
        (gb * last / self.max_gb).round().to_usize().unwrap_or(usize::MAX)
    }

    fn row(&self, usd: Decimal) -> usize {
        let last = self.cells.len().saturating_sub(1);
        let above = (usd * Decimal::from(last) / self.top).round().to_usize().unwrap_or(0);
        last.saturating_sub(above)
    }

    fn put(&mut self, column: usize, row: usize, symbol: char, style: Style) {
        if let Some(cell) = self.cells.get_mut(row).and_then(|cells| cells.get_mut(column)) {
            *cell = (symbol, style);
        }
    }
}
