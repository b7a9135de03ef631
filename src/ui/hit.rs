//! What is at a position of the screen: pane, row and column. Uses the layout of the drawing code.

use std::time::Instant;

use ratatui::layout::{Position, Rect};

use super::{Theme, captions, choose, frame, pick, picker, preview, trace};
use crate::app::{App, Dialog, Hit, SMALLEST_SCREEN, Step};

/// The pane, the row and the column at a position.
#[must_use]
pub fn hit(app: &App, theme: &Theme, now: Instant, area: Rect, at: Position) -> Hit {
    let row = |row| Hit { row, ..Hit::default() };
    if area.width < SMALLEST_SCREEN.0 || area.height < SMALLEST_SCREEN.1 {
        return Hit::default();
    }
    match &app.dialog {
        Some(Dialog::Picker(list)) => return row(picker::row_at(list, area, at)),
        Some(_) => return Hit::default(),
        None => {}
    }
    let notice = frame::notice(app, theme, area.width).len();
    let caption = captions::caption(app, theme, area.width).len();
    let [_, body, ..] = frame::parts(notice, caption, area);
    let keymap = &app.preferences.keymap;
    match app.step() {
        Step::Pick => row(pick::row_at(app, theme, body, at)),
        Step::Trace => app
            .trace
            .as_ref()
            .map_or_else(Hit::default, |view| trace::hit(view, app.is_zoomed(), theme, body, at)),
        Step::Choose => app.choose.as_ref().map_or_else(Hit::default, |choose| {
            choose::hit((choose, app.is_zoomed()), keymap, theme, now, body, at)
        }),
        Step::Preview => app
            .preview
            .as_ref()
            .map_or_else(Hit::default, |preview| preview::hit(app, preview, theme, body, at)),
        Step::Done => Hit::default(),
    }
}
