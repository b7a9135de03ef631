//! Drawing: turns the state of the application into a frame. Owns labels, layout and colours. It must not
//! change the state.
//!
//! ```text
//! header    service, region, egress            Pick > TRACE > Choose > Preview > Done
//! body      one file per step
//! notice    a completed action, or an error
//! caption   the demo's explanation of the screen
//! footer    the keys that work now
//! ```

mod by_hand;
mod captions;
mod chart;
mod choose;
mod dialog;
mod diff;
mod done;
mod explain;
mod fix_details;
mod fix_text;
mod frame;
mod hit;
mod list;
mod map;
mod matrix;
mod pick;
mod picker;
mod plain;
mod preview;
mod side_by_side;
mod text;
mod theme;
mod trace;

use std::time::Instant;

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

use crate::app::{App, SMALLEST_SCREEN, Step};
use crate::text::is_unsafe;
pub use hit::hit;
pub use plain::{Answer, Choice, Page, Question, page};
pub use theme::Theme;

/// Draws the application.
pub fn draw(app: &App, theme: &Theme, now: Instant, frame: &mut Frame<'_>) {
    let area = frame.area();
    if area.width < SMALLEST_SCREEN.0 || area.height < SMALLEST_SCREEN.1 {
        return frame::too_small(app, area, frame.buffer_mut());
    }
    let (notice, caption) =
        (frame::notice(app, theme, area.width), captions::caption(app, theme, area.width));
    let [header, body, below, strip, footer] = frame::parts(notice.len(), caption.len(), area);
    frame::header(app, theme, header, frame);
    draw_step(app, theme, now, body, frame);
    frame::put_lines(notice, below, frame);
    frame::put_lines(caption, strip, frame);
    frame::footer(app, theme, footer, frame);
    // A dialog does not cover the notice.
    let above = if app.notice.is_some() { header.union(body) } else { area };
    dialog::draw(app, theme, above, frame);
    replace_unsafe(frame.buffer_mut());
}

/// Replaces the cells with unsafe characters, so that no text of the frame can control the terminal.
fn replace_unsafe(buffer: &mut Buffer) {
    for cell in &mut buffer.content {
        if cell.symbol().contains(is_unsafe) {
            cell.set_char(char::REPLACEMENT_CHARACTER);
        }
    }
}

fn draw_step(app: &App, theme: &Theme, now: Instant, body: Rect, frame: &mut Frame<'_>) {
    let keymap = &app.preferences.keymap;
    match app.step() {
        Step::Pick => pick::draw(app, theme, now, body, frame),
        Step::Trace => {
            if let Some(view) = &app.trace {
                trace::draw((view, app.is_zoomed()), app.diagnosing(), keymap, theme, now, body, frame);
            }
        }
        Step::Choose => {
            if let Some(choose) = &app.choose {
                choose::draw((choose, app.is_zoomed()), keymap, theme, now, body, frame);
            } else if let Some(running) = app.diagnosing() {
                let mark = frame::spinner(theme, running.since, now);
                let text = format!(" {mark} Diagnosing {}{}", running.service, theme.glyphs.cut);
                frame::put_lines(vec![Line::styled(text, theme.muted)], body, frame);
            }
        }
        Step::Preview => {
            if let Some(preview) = &app.preview {
                preview::draw(app, preview, theme, body, frame);
            }
        }
        Step::Done => {
            if let Some(done) = &app.done {
                done::draw(app, done, theme, body, frame);
            }
        }
    }
}
