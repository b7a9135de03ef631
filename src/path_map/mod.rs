//! The path map: the paths of a workload's connections as a picture of glyphs, from the service at the left to the destinations at
//! the right. A break is drawn where the packets are dropped, with the rule that drops them.
//!
//! Owns the layout of the map, its short names, and the map as SVG. A pure function of a diagnosis: the screen and the report draw
//! the same grid. It must not judge paths, and it knows no colours of the terminal.
//!
//! ```text
//! trace ──path──▶ steps and end ──tree──▶ equal paths bundled ──named──▶ PathMap ──layout──▶ Grid ──▶ lines of the screen, text, SVG
//! ```

mod grid;
mod labels;
mod layout;
mod named;
mod path;
mod reason;
mod svg;
mod tree;

pub use grid::{Cell, CharacterSet, Glyph, Grid, Tone};
pub use svg::svg;

use crate::diagnose::Diagnosis;
use crate::model::{Snapshot, SubnetId, Workload};
use crate::text::one_line;
use labels::{Detail, Labels};
use named::Part;

/// The path that is highlighted.
#[derive(Clone, Copy, Debug)]
pub struct Selected<'a> {
    /// The subnet; `None` for a path outside the VPC.
    pub subnet: Option<&'a SubnetId>,
    /// Index of the destination in the findings.
    pub finding: usize,
}

/// The bundled paths of a diagnosis with their names. To draw them again with another selection or width needs little time.
#[derive(Clone, Debug)]
pub struct PathMap {
    /// The name of the service.
    service: String,
    /// The names in the order in which they are tried: the longest first.
    forms: Vec<(Detail, Vec<Part>)>,
}

impl PathMap {
    /// The paths of a diagnosis.
    #[must_use]
    pub fn new(snapshot: &Snapshot, workload: &Workload, diagnosis: &Diagnosis) -> Self {
        let items = tree::bundled(path::paths(workload, diagnosis));
        let needs = diagnosis.findings.iter().map(|finding| &finding.need);
        let names: Vec<String> = needs.map(|need| one_line(&need.short_name(&snapshot.region))).collect();
        let form = |detail| {
            let labels = Labels::new(snapshot, &names, &items, detail);
            (detail, named::named(&items, &labels))
        };
        let forms = [Detail::Full, Detail::Short, Detail::Brief, Detail::Least].map(form).into();
        Self { service: one_line(&workload.name), forms }
    }

    /// Draws the paths. Ids and names are as long as `width` allows; a large network needs a wider grid than `width`. The rules are
    /// complete if the grid then has at most `height` rows; otherwise each has few lines.
    #[must_use]
    pub fn draw(&self, selected: Option<Selected<'_>>, width: usize, height: usize) -> Grid {
        let draw = |(detail, parts): &(Detail, Vec<Part>), are_complete| {
            layout::layout(&self.service, parts, *detail, selected, width, are_complete)
        };
        let mut best = None;
        for form in &self.forms {
            let grid = draw(form, false);
            let fits = grid.width() <= width;
            best = Some((form, grid));
            if fits {
                break;
            }
        }
        let Some((form, grid)) = best else { return Grid::default() };
        let complete = (grid.height() < height).then(|| draw(form, true));
        complete.filter(|complete| complete.height() <= height).unwrap_or(grid)
    }
}

/// Draws the paths of a diagnosis once.
#[must_use]
pub fn path_map(
    snapshot: &Snapshot,
    workload: &Workload,
    diagnosis: &Diagnosis,
    selected: Option<Selected<'_>>,
    width: usize,
) -> Grid {
    PathMap::new(snapshot, workload, diagnosis).draw(selected, width, 0)
}
