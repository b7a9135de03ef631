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

mod captions;
mod chart;
mod choose;
mod dialog;
mod done;
mod explain;
mod frame;
mod map;
mod matrix;
mod pick;
mod preview;
mod side_by_side;
mod text;
mod theme;
mod trace;

use std::time::Instant;

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Layout, Rect};

use crate::app::{App, SMALLEST_SCREEN, Step};
use crate::text::is_unsafe;
pub use theme::Theme;

/// Draws the application.
pub fn draw(app: &App, theme: &Theme, now: Instant, frame: &mut Frame<'_>) {
    let area = frame.area();
    if area.width < SMALLEST_SCREEN.0 || area.height < SMALLEST_SCREEN.1 {
        return frame::too_small(app, area, frame.buffer_mut());
    }
    let notice = frame::notice(app, theme, area.width);
    let caption = captions::caption(app, theme, area.width);
    let height = |lines: usize| Constraint::Length(u16::try_from(lines).unwrap_or(u16::MAX));
    let rows = [
        Constraint::Length(1),
        Constraint::Fill(1),
        height(notice.len().min(4)),
        height(caption.len()),
        Constraint::Length(1),
    ];
    let [header, body, below, strip, footer] = Layout::vertical(rows).areas(area);
    frame::header(app, theme, header, frame);
    draw_step(app, theme, now, body, frame);
    frame::put_lines(notice, below, frame);
    frame::put_lines(caption, strip, frame);
    frame::footer(app, theme, footer, frame);
    dialog::draw(app, theme, area, frame);
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
    match app.step() {
        Step::Pick => pick::draw(app, theme, now, body, frame),
        Step::Trace => {
            if let Some(view) = &app.trace {
                trace::draw(view, app.diagnosing(), theme, now, body, frame);
            }
        }
        Step::Choose => {
            if let Some(choose) = &app.choose {
                choose::draw(choose, theme, now, body, frame);
            }
        }
        Step::Preview => {
            if let Some(preview) = &app.preview {
                preview::draw(app, preview, theme, body, frame);
            }
        }
        Step::Done => {
            if let Some(done) = &app.done {
                done::draw(done, theme, body, frame);
            }
        }
    }
}
