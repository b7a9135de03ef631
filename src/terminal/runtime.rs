//! The runtime of the screen and of the text dialogue.

use std::io;

use tokio::runtime::{Builder, Runtime};

use crate::app::{Origin, Start};

/// With an account, AWS answers are read beside the screen. Without one there are only the screen and blocking work, and every
/// thread needs memory.
pub(super) fn runtime(start: &Start) -> io::Result<Runtime> {
    let mut builder = match start.origin {
        Origin::Live(_) => Builder::new_multi_thread(),
        Origin::File(_) | Origin::Scenario(_) => Builder::new_current_thread(),
    };
    builder.worker_threads(2).enable_all().build()
}
