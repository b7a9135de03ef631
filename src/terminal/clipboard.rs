//! The clipboard inside tmux. With its default settings (`set-clipboard external`), tmux ignores OSC 52 from programs, so the text is
//! given to tmux itself: it stores the text in a paste buffer and sends it to the clipboard of the outer terminal.

#![allow(clippy::disallowed_methods, reason = "I/O boundary: reads TMUX")]

use std::env;
use std::process::Command;
use std::time::Duration;

use crate::process::{Batch, Limits, program};

/// A tmux server that has no answer by then is not waited for.
const LIMITS: Limits = Limits { time: Duration::from_secs(5), stdout: 4096, stderr: 4096 };

/// Gives the text to tmux, if the program runs inside it. Returns whether tmux has the text.
pub(super) fn copy_to_tmux(text: String) -> bool {
    if env::var_os("TMUX").is_none_or(|socket| socket.is_empty()) {
        return false;
    }
    let Some(tmux) = program("tmux") else { return false };
    let mut command = Command::new(tmux);
    command.args(["load-buffer", "-w", "-"]);
    let output = Batch::begin().run_with_input(&mut command, text.into_bytes(), LIMITS);
    output.is_ok_and(|output| output.status.success())
}
