//! Facts that arrive after the first answer: the network VPC by VPC, then the complete snapshot, and list prices.
//!
//! They refine what the user sees. Trace is diagnosed again; a later step keeps its case until the user returns to Trace.

use std::sync::Arc;
use std::time::Instant;

use super::diagnosing::Purpose;
use super::prices::Prices;
use super::{After, App, Effect, Origin, RunId, Step};
use crate::case::Case;
use crate::model::{ListPrices, Snapshot};

impl App {
    /// Shows verdicts from the network; the facts that refine them follow.
    pub(super) fn network_read(&mut self, mut snapshot: Box<Snapshot>, now: Instant) -> Vec<Effect> {
        // Done compares complete results.
        if self.done.as_ref().is_some_and(|done| matches!(done.after, Some(After::Running))) {
            return Vec::new();
        }
        // Until the roles are read again, their permissions are those of the previous snapshot.
        if let Some(known) = &self.pick.snapshot {
            for workload in snapshot.workloads.iter_mut() {
                let environment = known.workloads.get(&workload.id).map(|known| &known.environment);
                let same_role =
                    environment.filter(|environment| environment.role == workload.environment.role);
                let permits = same_role.and_then(|environment| environment.permits.clone());
                workload.environment.permits = workload.environment.permits.take().or(permits);
            }
        }
        self.use_snapshot(snapshot, now)
    }

    /// Shows the verdicts of the services whose network is read; the other services follow. A complete snapshot of an earlier discovery
    /// stays until the whole network is read.
    pub(super) fn part_read(&mut self, mut snapshot: Box<Snapshot>, now: Instant) -> Vec<Effect> {
        if self.pick.snapshot.is_some() && !self.pick.is_part {
            return Vec::new();
        }
        if let Prices::Read(Some(prices)) = &self.prices {
            snapshot.prices = Some(prices.clone());
        }
        let snapshot: Arc<Snapshot> = Arc::from(snapshot);
        let mut effects = vec![self.fill(snapshot.clone(), now, true)];
        // The network of the service on Trace may have arrived.
        let shown = self.case().filter(|_| self.step() == Step::Trace && self.diagnosing().is_none());
        let known = shown.and_then(|case| {
            snapshot.workloads.get(&case.workload.id).filter(|workload| **workload != case.workload)
        });
        if let Some(workload) = known.cloned() {
            effects.extend(self.diagnose(snapshot, workload, Purpose::Refresh(None), now));
        }
        effects
    }

    /// Diagnoses a snapshot, unless it is the same as the one shown.
    pub(super) fn use_snapshot(&mut self, mut snapshot: Box<Snapshot>, now: Instant) -> Vec<Effect> {
        if let Prices::Read(Some(prices)) = &self.prices {
            snapshot.prices = Some(prices.clone());
        }
        let shown = self.pick.snapshot.as_deref().filter(|_| !self.pick.is_part);
        if shown.is_some_and(|shown| shown.has_same_facts(&snapshot)) {
            return Vec::new();
        }
        let snapshot: Arc<Snapshot> = Arc::from(snapshot);
        if self.step() > Step::Trace {
            return self.show_snapshot(snapshot, now);
        }
        self.pick.snapshot = Some(snapshot);
        self.refresh(None, now)
    }

    /// Requests the list prices, once, when a fix of a live service has a price.
    pub(super) fn read_prices(&mut self, case: &Case) -> Vec<Effect> {
        let Origin::Live(request) = &mut self.origin else { return Vec::new() };
        let items = case.proposals.iter().flat_map(|proposal| &proposal.estimate.items);
        let has_price = |price: Option<rust_decimal::Decimal>| price.is_none_or(|price| !price.is_zero());
        if self.prices != Prices::NotNeeded || !items.into_iter().any(|item| has_price(item.unit_price)) {
            return Vec::new();
        }
        let asked = request.clone();
        request.renew_prices = false;
        let run = self.next_run();
        self.prices = Prices::Running(run);
        vec![Effect::ReadPrices(run, *asked)]
    }

    /// Whether a reply is that of the latest request of list prices.
    pub(super) fn expects_prices(&self, run: RunId) -> bool {
        self.prices == Prices::Running(run)
    }

    /// Uses the list prices. Without them the built-in prices stay, and the list of calls has the reason.
    pub(super) fn prices_read(&mut self, prices: Option<ListPrices>, now: Instant) -> Vec<Effect> {
        self.prices = Prices::Read(prices.clone());
        let (Some(prices), Some(snapshot)) = (prices, &self.pick.snapshot) else { return Vec::new() };
        let mut snapshot = Snapshot::clone(snapshot);
        snapshot.prices = Some(prices);
        let snapshot = Arc::new(snapshot);
        self.pick.snapshot = Some(snapshot.clone());
        if self.step() > Step::Trace || self.diagnosing().is_some() {
            return Vec::new();
        }
        match self.case().map(|case| case.workload.clone()) {
            Some(workload) => self.diagnose(snapshot, workload, Purpose::Refresh(None), now),
            None => Vec::new(),
        }
    }
}
