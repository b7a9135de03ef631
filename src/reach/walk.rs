//! Collects the judgements of all layers for one trace, and computes the verdict.

use std::sync::Arc;

use super::deciding::Deciding;
use super::judgement::Judgement;
use super::trace::{Hop, Layer, Outcome, Owner, Subject, Trace, Verdict, Via, ViaKind};
use crate::model::{AddressFamily, Addresses, Destination, Records, ResourceId, SubnetId};

/// The state of one trace.
#[derive(Default)]
pub(super) struct Walk {
    /// The addresses of the destination.
    pub all: Addresses,
    /// Whether the destination uses an unknown part of `all`.
    pub inexact: bool,
    stopped: Vec<Addresses>,
    /// The hops that block, each with the addresses.
    blocks: Vec<(usize, Addresses)>,
    doubtful: Vec<Addresses>,
    hops: Vec<Hop>,
    /// The path that the most addresses use, and these addresses.
    via: Option<(Addresses, Via)>,
    /// The addresses that a gateway endpoint serves.
    by_gateway: Addresses,
}

impl Walk {
    /// Starts with the hop of the egress mode.
    pub fn new(all: Addresses, egress: Hop) -> Self {
        let mut hops = Vec::with_capacity(8);
        hops.push(egress);
        Self { all, hops, ..Self::default() }
    }

    pub fn add(&mut self, judgement: Judgement) {
        match judgement.hop.outcome {
            Outcome::Pass => {}
            Outcome::Block(_) => {
                self.blocks.push((self.hops.len(), judgement.addresses.clone()));
                self.stopped.push(judgement.addresses);
            }
            Outcome::Unknown(_) => self.doubtful.push(judgement.addresses),
        }
        self.hops.push(judgement.hop);
    }

    pub fn extend(&mut self, judgements: impl IntoIterator<Item = Judgement>) {
        for judgement in judgements {
            self.add(judgement);
        }
    }

    /// Records the path of some addresses. The path that the most addresses use is the path of the trace.
    pub fn arrive(&mut self, via: Via, addresses: &Addresses) {
        if via.kind == ViaKind::GatewayEndpoint {
            self.by_gateway = self.by_gateway.or(addresses);
        }
        if self.via.as_ref().is_none_or(|(most, _)| addresses.size() > most.size()) {
            self.via = Some((addresses.clone(), via));
        }
    }

    /// Of a bucket in an unknown region, a hop that blocks only a part of the addresses is no certain cause if another hop
    /// blocks all.
    fn doubt_partial_blocks(&mut self) {
        if !self.blocks.iter().any(|(_, addresses)| *addresses == self.all) {
            return;
        }
        for (at, _) in self.blocks.iter().filter(|(_, addresses)| *addresses != self.all) {
            if let Some(hop) = self.hops.get_mut(*at) {
                hop.outcome = Outcome::Unknown(Deciding::BucketRegion);
            }
        }
    }

    /// Whether a host that certainly has addresses of both families is blocked over one of them.
    fn blocks_one_of_both_families(&self, destination: &Destination, stopped: &Addresses) -> bool {
        let families = [AddressFamily::Ipv4, AddressFamily::Ipv6].map(|family| self.all.only(family));
        destination.records() == Records::Both
            && families.iter().all(|family| !family.is_empty())
            && families.contains(stopped)
    }

    pub fn finish(mut self, subnet: Option<SubnetId>, destination: Arc<Destination>) -> Trace {
        match self.hops.first().map(|hop| hop.outcome) {
            Some(Outcome::Block(_)) => self.stopped.push(self.all.clone()),
            Some(Outcome::Unknown(_)) => self.doubtful.push(self.all.clone()),
            Some(Outcome::Pass) | None => {}
        }
        // Fast path: one hop usually blocks all addresses.
        let stopped = match self.stopped.iter().find(|part| **part == self.all) {
            Some(all) => all.clone(),
            None => Addresses::union(&self.stopped).and(&self.all),
        };
        let verdict = if stopped == self.all && !self.all.is_empty() {
            if self.inexact && destination.bucket_of_unknown_region().is_some() {
                self.doubt_partial_blocks();
            }
            Verdict::Blocked
        } else if stopped.is_empty() {
            match (self.doubtful.iter().all(Addresses::is_empty) && !self.all.is_empty(), self.via.take()) {
                (true, Some((_, via))) => Verdict::Reachable(via),
                _ => Verdict::Unknown,
            }
        } else if self.inexact && self.blocks_one_of_both_families(&destination, &stopped) {
            Verdict::Partial { stopped }
        } else if self.inexact {
            let host = &destination.host;
            let blocked = |family| stopped == self.all.only(family);
            let is_by_region = destination.bucket_of_unknown_region().is_some()
                && !self.by_gateway.is_empty()
                && stopped.and(&self.by_gateway).is_empty();
            let rule = match () {
                () if blocked(AddressFamily::Ipv6) => format!(
                    "only the IPv6 addresses of {host} are blocked, and it is unknown whether it has any (AAAA records)"
                ),
                () if is_by_region => format!(
                    "it is unknown in which Region bucket {} is: the gateway endpoint serves it only in its own Region, and the path \
                     to other addresses of S3 is blocked",
                    destination.bucket_of_unknown_region().unwrap_or(host)
                ),
                () if blocked(AddressFamily::Ipv4) => format!(
                    "the IPv4 addresses of {host} are blocked, and it is unknown whether it has IPv6 addresses (AAAA records)"
                ),
                () => format!(
                    "it is unknown which addresses {host} has, and only some of the possible addresses are blocked"
                ),
            };
            let is_family = blocked(AddressFamily::Ipv6) || blocked(AddressFamily::Ipv4);
            let deciding = match () {
                () if is_by_region => Deciding::BucketRegion,
                () if is_family => Deciding::Ipv6Address,
                () => Deciding::Address,
            };
            let component =
                self.hops.last().map_or_else(|| ResourceId::from("?"), |hop| hop.component.clone());
            self.hops.push(Hop {
                layer: Layer::Target,
                component,
                owner: Owner::Source,
                subject: Subject::Component,
                outcome: Outcome::Unknown(deciding),
                rule: rule.into(),
            });
            Verdict::Unknown
        } else {
            Verdict::Partial { stopped }
        };
        Trace { subnet, destination, hops: self.hops, verdict }
    }
}
