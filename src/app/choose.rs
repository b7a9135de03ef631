//! The third step: the list of fixes, and the marked fixes as one set.
//!
//! A set is simulated outside `update` ([`Effect::Simulate`](super::Effect::Simulate)), because it may take longer than a frame.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Instant;

use rust_decimal::Decimal;

use super::filter::moved;
use super::{Editable, Filter, Pane, RunId, Scroll};
use crate::case::Case;
use crate::path_map::PathMap;
use crate::remedy::{CostRange, Estimate, Proposal, RemedyId};

/// The traffic that the arrow keys select, in GB per month.
const TRAFFIC: [u32; 17] =
    [0, 10, 20, 50, 100, 150, 200, 300, 500, 750, 1000, 1500, 2000, 3000, 5000, 10_000, 20_000];

/// The fixes.
#[derive(Clone, Debug)]
pub struct Choose {
    /// The diagnosis and the fixes of the service.
    pub case: Arc<Case>,
    /// Index of the selected fix.
    pub selected: usize,
    /// Whether the row with both recommended steps is selected; the selected fix is then the first step.
    pub on_steps: bool,
    /// The remedies of the marked fixes.
    pub marked: BTreeSet<RemedyId>,
    /// The marked fixes by their remedies.
    marks: BTreeSet<Vec<RemedyId>>,
    /// The marked fixes as one proposal; `None` if no fix is marked.
    set: Option<MarkedSet>,
    /// Which fixes can be written in the Terraform folder, as far as it is known.
    pub(super) editables: BTreeMap<String, Editable>,
    /// The run that finds this out.
    pub(super) editables_run: RunId,
    /// Expected traffic in GB per month, for the cost.
    pub traffic: u32,
    /// The focused pane: the list, the details of the selected fix, or the matrix.
    pub pane: Pane,
    /// The first line shown of the focused pane, or of the details.
    pub scroll: Scroll,
    /// Only fixes that contain its text are shown.
    pub filter: Filter,
    /// The short names of the destinations by [`Need::name`](crate::evidence::Need::name).
    short_names: BTreeMap<String, String>,
    /// The path maps after the fixes of the case, each from its first use.
    maps: Vec<OnceCell<PathMap>>,
}

/// Whether a fix is marked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// It is not marked.
    None,
    /// It is marked.
    Marked,
    /// It is not marked itself: a marked fix, or several together, have all its remedies.
    Included,
}

/// The marked fixes as one proposal.
#[derive(Clone, Debug)]
pub enum MarkedSet {
    /// They are being simulated, in this run since this time.
    Simulating(RunId, Instant),
    /// The result of the simulation.
    Simulated(Box<Proposal>),
    /// They cannot be one proposal, for this reason.
    Impossible(String),
}

impl Choose {
    pub(super) fn new(case: Arc<Case>, traffic: u32) -> Self {
        let region = &case.snapshot.region;
        // Of two destinations with one name the first counts, so it is inserted last.
        let needs = case.diagnosis.findings.iter().rev().map(|finding| &finding.need);
        let short_names = needs.map(|need| (need.name(), need.short_name(region))).collect();
        Self {
            short_names,
            maps: vec![OnceCell::new(); case.proposals.len()],
            selected: case.first_choice(),
            on_steps: false,
            case,
            marked: BTreeSet::new(),
            marks: BTreeSet::new(),
            set: None,
            editables: BTreeMap::new(),
            editables_run: RunId::default(),
            traffic,
            pane: Pane::List,
            scroll: Scroll::default(),
            filter: Filter::default(),
        }
    }

    /// The selected fix.
    #[must_use]
    pub fn current(&self) -> Option<&Proposal> {
        self.case.proposals.get(self.selected)
    }

    /// Both recommended steps, if they have a row: there is a second step, and all rows are shown.
    #[must_use]
    pub fn steps(&self) -> Option<(&Proposal, &Proposal)> {
        let (first, second) = self.case.recommended_steps()?;
        second.filter(|_| !self.filter.is_on()).map(|second| (first, second))
    }

    /// The mark of the row with both recommended steps.
    #[must_use]
    pub fn mark_of_steps(&self) -> Mark {
        let marks = self.steps().map(|(first, second)| [self.mark(first), self.mark(second)]);
        match marks {
            Some([Mark::Marked, Mark::Marked]) => Mark::Marked,
            Some(marks) if !marks.contains(&Mark::None) => Mark::Included,
            _ => Mark::None,
        }
    }

    /// Selects the row with both recommended steps.
    pub(super) fn select_steps(&mut self) {
        let first = self.case.proposals.iter().position(|proposal| proposal.recommended.is_some());
        if let Some(first) = first.filter(|_| self.steps().is_some()) {
            (self.selected, self.on_steps) = (first, true);
            self.scroll = Scroll::default();
        }
    }

    /// Selects the fix of these remedies.
    pub(super) fn select(&mut self, remedies: &[RemedyId]) {
        if let Some(at) = self.case.proposals.iter().position(|proposal| proposal.remedies == remedies) {
            self.filter.clear();
            (self.selected, self.on_steps, self.scroll) = (at, false, Scroll::default());
        }
    }

    /// Moves the selection by rows. The row with both steps is above the fixes.
    pub(super) fn move_selection(&mut self, by: isize) {
        let shown = self.shown();
        let place = shown.iter().position(|row| *row == self.selected).unwrap_or(0);
        self.scroll = Scroll::default();
        if self.on_steps {
            if by > 0 {
                self.on_steps = false;
                self.selected = shown.first().copied().unwrap_or(self.selected);
                self.selected = moved(&shown, self.selected, by.saturating_sub(1));
            }
        } else if place.checked_add_signed(by).is_none() && self.steps().is_some() {
            self.select_steps();
        } else {
            self.selected = moved(&shown, self.selected, by);
        }
    }

    /// The short name of a destination.
    #[must_use]
    pub fn short_name<'a>(&'a self, host: &'a str) -> &'a str {
        self.short_names.get(host).map_or(host, String::as_str)
    }

    /// The paths after the selected fix; `None` if it is not possible.
    #[must_use]
    pub fn map_after(&self) -> Option<&PathMap> {
        let proposal = self.current().filter(|proposal| proposal.is_possible())?;
        let map = self.maps.get(self.selected)?;
        Some(map.get_or_init(|| PathMap::new(&self.case.snapshot, &self.case.workload, &proposal.after)))
    }

    /// The marked fixes as one proposal; `None` if no fix is marked.
    #[must_use]
    pub fn set(&self) -> Option<&MarkedSet> {
        self.set.as_ref()
    }

    /// The fix that the next step plans: the marked fixes as one set, or the selected fix if none is marked.
    /// `None` while the set is simulated, and if it is impossible.
    #[must_use]
    pub fn planned(&self) -> Option<&Proposal> {
        match &self.set {
            None => self.current(),
            Some(MarkedSet::Simulated(proposal)) => Some(proposal),
            Some(MarkedSet::Simulating(..) | MarkedSet::Impossible(_)) => None,
        }
    }

    /// Whether the marked fixes are being simulated.
    pub(super) fn is_simulating(&self) -> bool {
        matches!(self.set, Some(MarkedSet::Simulating(..)))
    }

    /// Whether it is being found out which fixes can be written.
    #[must_use]
    pub fn is_trying_plans(&self) -> bool {
        self.editables_run != RunId::default() && self.editables.is_empty()
    }

    /// Whether the edit of a fix can be written; `None` if it is not known yet.
    #[must_use]
    pub fn editable(&self, proposal: &Proposal) -> Option<&Editable> {
        self.editables.get(&proposal.id())
    }

    /// The mark of a fix.
    #[must_use]
    pub fn mark(&self, proposal: &Proposal) -> Mark {
        if self.marks.contains(&proposal.remedies) {
            return Mark::Marked;
        }
        let is_included = proposal.remedies.iter().all(|remedy| self.marked.contains(remedy));
        if is_included { Mark::Included } else { Mark::None }
    }

    /// The number of marked fixes.
    #[must_use]
    pub fn count_marked(&self) -> usize {
        self.marks.len()
    }

    /// Marks the selected fix, or removes its mark. Returns the remedies of the set if it must be simulated.
    pub(super) fn toggle_mark(&mut self, run: RunId, now: Instant) -> Option<Vec<RemedyId>> {
        let proposal = self.current()?;
        let (mark, fixes) = match self.steps().filter(|_| self.on_steps) {
            Some((first, second)) => {
                (self.mark_of_steps(), vec![first.remedies.clone(), second.remedies.clone()])
            }
            None => (self.mark(proposal), vec![proposal.remedies.clone()]),
        };
        for remedies in fixes {
            if mark == Mark::Marked {
                self.marks.remove(&remedies);
            } else {
                self.marks.insert(remedies);
            }
        }
        self.marked = self.marks.iter().flatten().copied().collect();
        let set: Vec<RemedyId> = self.marked.iter().copied().collect();
        if set.is_empty() {
            self.set = None;
            return None;
        }
        if let Some(known) = self.case.known(&set) {
            self.set = Some(MarkedSet::Simulated(Box::new(known.clone())));
            return None;
        }
        self.set = Some(MarkedSet::Simulating(run, now));
        Some(set)
    }

    /// Uses the result of a simulation; drops a stale one.
    pub(super) fn simulated(&mut self, run: RunId, result: Result<Box<Proposal>, String>) {
        if !matches!(self.set, Some(MarkedSet::Simulating(expected, _)) if expected == run) {
            return;
        }
        self.set = Some(match result {
            Ok(proposal) => MarkedSet::Simulated(proposal),
            Err(reason) => MarkedSet::Impossible(reason),
        });
    }

    /// Expects the next greater or smaller traffic of a fixed list.
    pub(super) fn change_traffic(&mut self, more: bool) {
        let next = if more {
            TRAFFIC.iter().find(|gb| **gb > self.traffic)
        } else {
            TRAFFIC.iter().rev().find(|gb| **gb < self.traffic)
        };
        self.traffic = next.copied().unwrap_or(self.traffic);
    }

    /// $/month with the expected traffic; `None` if a price is unknown.
    #[must_use]
    pub fn monthly(&self, estimate: &Estimate) -> Option<CostRange> {
        estimate.per_month(Decimal::from(self.traffic))
    }
}
