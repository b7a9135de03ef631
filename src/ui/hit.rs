//! The row of a list at a position of the screen. Uses the layout of the drawing code.

use std::time::Instant;

use ratatui::layout::{Position, Rect};

use super::{Theme, captions, choose, frame, pick, picker, trace};
use crate::app::{App, Dialog, SMALLEST_SCREEN, Step};

/// The index, among the rows shown, of the row at a position; `None` if there is none.
#[must_use]
pub fn row_at(app: &App, theme: &Theme, now: Instant, area: Rect, at: Position) -> Option<usize> {
    if area.width < SMALLEST_SCREEN.0 || area.height < SMALLEST_SCREEN.1 {
        return None;
    }
    match &app.dialog {
        Some(Dialog::Picker(list)) => return picker::row_at(list, area, at),
        Some(_) => return None,
        None => {}
    }
    let notice = frame::notice(app, theme, area.width).len();
    let caption = captions::caption(app, theme, area.width).len();
    let [_, body, ..] = frame::parts(notice, caption, area);
    match app.step() {
        Step::Pick => pick::row_at(app, theme, body, at),
        Step::Trace => trace::row_at(app.trace.as_ref()?, theme, body, at),
        Step::Choose => choose::row_at(app.choose.as_ref()?, &app.preferences.keymap, theme, now, body, at),
        Step::Preview | Step::Done => None,
    }
}
