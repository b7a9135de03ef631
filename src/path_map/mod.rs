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

use std::cell::OnceCell;
use std::sync::Arc;

use crate::diagnose::Diagnosis;
use crate::model::{Snapshot, SubnetId, Workload};
use crate::text::one_line;
use labels::{Detail, Labels, Place};
use named::Part;
use tree::Item;

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
    snapshot: Arc<Snapshot>,
    /// The name of the service.
    service: String,
    /// The short names of the destinations, in the order of the findings.
    names: Vec<String>,
    items: Vec<Item>,
    /// The parts with their names, the longest names first; each from its first use.
    forms: [(Detail, OnceCell<Vec<Part>>); 4],
}

impl PathMap {
    /// The paths of a diagnosis.
    #[must_use]
    pub fn new(snapshot: &Arc<Snapshot>, workload: &Workload, diagnosis: &Diagnosis) -> Self {
        let needs = diagnosis.findings.iter().map(|finding| &finding.need);
        let forms = [Detail::Full, Detail::Short, Detail::Brief, Detail::Least];
        Self {
            snapshot: Arc::clone(snapshot),
            service: one_line(&workload.name),
            names: needs.map(|need| one_line(&need.short_name(&snapshot.region))).collect(),
            items: tree::bundled(path::paths(workload, diagnosis)),
            forms: forms.map(|detail| (detail, OnceCell::new())),
        }
    }

    /// Draws the paths. Ids and names are as long as `width` allows; a large network needs a wider grid than `width`. The rules are
    /// complete if the grid then has at most `height` rows; otherwise each has few lines. On a narrow map they are below the branches
    /// if they need fewer rows there.
    #[must_use]
    pub fn draw(&self, selected: Option<Selected<'_>>, width: usize, height: usize) -> Grid {
        let draw = |(detail, parts): &(Detail, OnceCell<Vec<Part>>), form| {
            let parts = parts.get_or_init(|| {
                let labels = Labels::new(&self.snapshot, &self.names, &self.items, *detail);
                named::named(&self.items, &labels)
            });
            layout::layout(&self.service, parts, *detail, selected, width, form)
        };
        let mut best = None;
        for form in &self.forms {
            let grid = draw(form, (false, Place::Beside));
            let fits = grid.width() <= width;
            best = Some((form, grid));
            if fits {
                break;
            }
        }
        let Some((form, grid)) = best else { return Grid::default() };
        if width >= WIDE {
            let complete = (grid.height() < height).then(|| draw(form, (true, Place::Beside)));
            return complete.filter(|complete| complete.height() <= height).unwrap_or(grid);
        }
        let fits = |grid: &Grid| grid.width() <= width;
        let complete = [Place::Below, Place::Beside].map(|place| draw(form, (true, place)));
        let lowest = complete.into_iter().filter(fits).min_by_key(Grid::height);
        if let Some(lowest) = lowest.filter(|lowest| lowest.height() <= height) {
            return lowest;
        }
        let below = draw(form, (false, Place::Below));
        if fits(&below) && (!fits(&grid) || below.height() < grid.height()) { below } else { grid }
    }
}

/// The least width at which the rules are beside the branches.
const WIDE: usize = 100;

/// Draws the paths of a diagnosis once.
#[must_use]
pub fn path_map(
    snapshot: &Arc<Snapshot>,
    workload: &Workload,
    diagnosis: &Diagnosis,
    selected: Option<Selected<'_>>,
    width: usize,
) -> Grid {
    PathMap::new(snapshot, workload, diagnosis).draw(selected, width, 0)
}
