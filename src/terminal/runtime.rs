//! The runtime of the screen and of the text dialogue.

use std::io;

use tokio::runtime::{Builder, Runtime};

use crate::app::{Origin, Start};

/// The runtime. Its drop, also by a panic, does not wait for work that still runs, such as an AWS call or `terraform validate`.
pub(super) struct Background(Option<Runtime>);

impl Background {
    /// With an account, AWS answers are read beside the screen. Without one there are only the screen and blocking work, and every
    /// thread needs memory.
    pub fn new(start: &Start) -> io::Result<Self> {
        let mut builder = match start.origin {
            Origin::Live(_) => Builder::new_multi_thread(),
            Origin::File(_) | Origin::Scenario(_) => Builder::new_current_thread(),
        };
        Ok(Self(Some(builder.worker_threads(2).enable_all().build()?)))
    }

    /// Runs a task on this thread until it ends.
    pub fn block_on<T, E: From<io::Error>>(&self, task: impl Future<Output = Result<T, E>>) -> Result<T, E> {
        let Some(runtime) = &self.0 else { return Err(io::Error::other("the runtime has ended").into()) };
        runtime.block_on(task)
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}
