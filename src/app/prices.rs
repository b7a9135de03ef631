//! Whether the list prices were requested and read.

use super::RunId;
use crate::model::ListPrices;

/// The list prices of the Region.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Prices {
    /// No fix with a price was shown yet.
    NotNeeded,
    /// They are being read.
    Running(RunId),
    /// They were read; `None` if that failed.
    Read(Option<ListPrices>),
}
