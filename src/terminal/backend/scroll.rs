//! Lines that move up or down together: the terminal scrolls them, so that they are not sent again.

use super::shown::Shown;

/// The most lines by which a region scrolls.
const FARTHEST: u16 = 12;
/// The least number of moved lines.
const LEAST: usize = 3;

/// A region of whole lines whose content moves.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Scroll {
    /// The first row of the region.
    pub top: u16,
    /// The last row of the region.
    pub bottom: u16,
    /// By how many rows the content moves up; negative: down.
    pub by: i16,
}

impl Scroll {
    /// The region that saves most lines between two screens.
    pub fn between(old: &Shown, new: &Shown) -> Option<Self> {
        if !old.can_scroll() || !new.can_scroll() || old.height() != new.height() {
            return None;
        }
        let rows = 0..new.height();
        let changed: Vec<bool> = rows.map(|y| !new.has_row(y, old, y)).collect();
        let farthest = i16::try_from(FARTHEST).unwrap_or_default();
        let distances = (-farthest..=farthest).filter(|by| *by != 0);
        let best = distances.filter_map(|by| longest(old, new, &changed, by)).max_by_key(|(saved, _)| *saved);
        best.filter(|(saved, _)| *saved >= LEAST).map(|(_, scroll)| scroll)
    }

    /// The sequences that set the region, scroll it, and remove it. The cursor is then in the first column of the first row.
    pub fn sequence(&self) -> String {
        let (direction, lines) = if self.by > 0 { ('S', self.by) } else { ('T', -self.by) };
        format!("\u{1b}[{};{}r\u{1b}[{lines}{direction}\u{1b}[r", self.top + 1, self.bottom + 1)
    }
}

/// The longest run of rows that were on the screen before, `by` rows below, and how many changed rows it has.
fn longest(old: &Shown, new: &Shown, changed: &[bool], by: i16) -> Option<(usize, Scroll)> {
    let mut best: Option<(usize, Scroll)> = None;
    let (mut start, mut saved) = (0_u16, 0_usize);
    for y in 0..=new.height() {
        let from = y.checked_add_signed(by).filter(|from| *from < old.height());
        if y < new.height() && from.is_some_and(|from| new.has_row(y, old, from)) {
            saved += usize::from(changed.get(usize::from(y)).copied().unwrap_or_default());
            continue;
        }
        let is_better = best.as_ref().is_none_or(|(most, _)| saved > *most);
        if saved > 0 && is_better {
            let (top, bottom) = (start, y.saturating_sub(1));
            let (top, bottom) = if by > 0 {
                (top, bottom.saturating_add_signed(by))
            } else {
                (top.saturating_add_signed(by), bottom)
            };
            best = Some((saved, Scroll { top, bottom, by }));
        }
        (start, saved) = (y + 1, 0);
    }
    best
}
