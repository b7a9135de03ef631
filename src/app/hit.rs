//! What the user points at with the mouse.

use super::Pane;

/// What is at a position of the screen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Hit {
    /// The pane; `None` on a dialog, and on a step with one pane.
    pub pane: Option<Pane>,
    /// The row, by its place among the rows shown.
    pub row: Option<usize>,
    /// The column of the matrix.
    pub column: Option<usize>,
    /// Whether it is the row with both recommended steps.
    pub is_steps: bool,
}
