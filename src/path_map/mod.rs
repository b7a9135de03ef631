//! The path map: the paths of a workload's connections as a picture of glyphs, from the service at the left to the destinations at
//! the right. A break is drawn where the packets are dropped, with the rule that drops them.
//!
//! Owns the layout of the map, its short names, and the map as SVG. A pure function of a diagnosis: the screen and the report draw
//! the same grid. It must not judge paths, and it knows no colours of the terminal.
//!
//! ```text
//! trace ──path──▶ steps and end ──tree──▶ equal paths bundled ──layout──▶ Grid ──▶ lines of the screen, text, SVG
//! ```

mod grid;
mod labels;
mod layout;
mod path;
mod reason;
mod svg;
mod tree;

pub use grid::{Cell, CharacterSet, Glyph, Grid, Tone};
pub use svg::svg;

use crate::diagnose::Diagnosis;
use crate::model::{Snapshot, SubnetId, Workload};
use labels::{Detail, Labels};

/// The path that is highlighted.
#[derive(Clone, Copy, Debug)]
pub struct Selected<'a> {
    /// The subnet; `None` for a path outside the VPC.
    pub subnet: Option<&'a SubnetId>,
    /// Index of the destination in the findings.
    pub finding: usize,
}

/// Draws the paths of a diagnosis. Ids and names are as long as `width` allows; a large network needs a wider grid than `width`.
#[must_use]
pub fn path_map(
    snapshot: &Snapshot,
    workload: &Workload,
    diagnosis: &Diagnosis,
    selected: Option<Selected<'_>>,
    width: usize,
) -> Grid {
    let items = tree::bundled(path::paths(workload, diagnosis));
    let draw = |detail| {
        let labels = Labels::new(snapshot, workload, diagnosis, &items, detail);
        layout::layout(&items, &labels, selected, width)
    };
    for detail in [Detail::Full, Detail::Short] {
        let grid = draw(detail);
        if grid.width() <= width {
            return grid;
        }
    }
    draw(Detail::Least)
}
