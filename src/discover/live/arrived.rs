//! The facts that arrived so far. A service gets its verdict as soon as every fact that the verdict needs is there: it does not wait
//! for other VPCs, nor for the descriptions of other services.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Mutex;

use jiff::Timestamp;
use tokio::sync::Notify;

use super::named;
use super::network::{Arrivals, Network, Regional};
use super::transit;
use super::vpc::VpcDns;
use crate::discover::interpret;
use crate::model::{
    Connector, Egress, PeeringConnection, PeeringState, PrefixList, PrefixListId, Region, Snapshot, Table,
    VpcId, Workload, WorkloadId,
};

/// The facts that arrived so far.
#[derive(Default)]
pub(super) struct Arrived {
    facts: Mutex<Facts>,
    /// Notified of each fact.
    pub changed: Notify,
}

#[derive(Default)]
struct Facts {
    account: Option<String>,
    connectors: Option<Table<Connector>>,
    region: Option<OfRegion>,
    network: Network,
    /// The VPCs of the connectors' subnets, and their peers.
    own: Vec<VpcId>,
    peers: Vec<VpcId>,
    /// The VPCs whose resources arrived.
    tables: BTreeSet<VpcId>,
    /// The VPCs for which it is known how names are resolved.
    dns: BTreeSet<VpcId>,
}

/// The facts about the whole Region.
#[derive(Clone)]
pub(super) struct OfRegion {
    pub regional: Regional,
    pub peerings: Vec<PeeringConnection>,
    pub lists: Vec<PrefixList>,
    /// The lists whose entries were read.
    pub read_lists: BTreeSet<PrefixListId>,
}

impl Arrived {
    fn add(&self, add: impl FnOnce(&mut Facts)) {
        if let Ok(mut facts) = self.facts.lock() {
            add(&mut facts);
        }
        self.changed.notify_one();
    }

    /// The account of the services.
    pub fn add_account(&self, account: Option<String>) {
        self.add(|facts| facts.account = account);
    }

    /// The connectors, and the VPCs that will be read.
    pub fn add_connectors(&self, connectors: &[Connector], own: &[VpcId], peers: &[VpcId]) {
        self.add(|facts| {
            facts.connectors = Some(connectors.iter().cloned().collect());
            facts.own = own.to_vec();
            facts.peers = peers.to_vec();
        });
    }

    /// The facts about the whole Region.
    pub fn add_region(&self, region: OfRegion) {
        self.add(|facts| facts.region = Some(region));
    }

    /// The facts so far, and the services whose verdicts need no other fact. All other services have an unknown egress.
    pub fn snapshot(
        &self,
        services: Table<Workload>,
        region: &Region,
        taken_at: Timestamp,
    ) -> Option<(Snapshot, Network, BTreeSet<WorkloadId>)> {
        let facts = self.facts.lock().ok()?;
        let (of_region, connectors) = (facts.region.as_ref()?, facts.connectors.as_ref()?);
        let mut network = facts.network.clone();
        network.add_regional(of_region.regional.clone());
        let mut snapshot = Snapshot::new(region.clone(), taken_at);
        snapshot.account.clone_from(&facts.account);
        snapshot.network = network.tables.clone();
        snapshot.network.connectors = connectors.clone();
        snapshot.network.prefix_lists = of_region.lists.iter().cloned().collect();
        snapshot.network.peering_connections = of_region.peerings.iter().cloned().collect();
        let vpcs: BTreeSet<&VpcId> =
            facts.own.iter().filter(|vpc| facts.is_complete(vpc, of_region)).collect();
        let is_judged = |service: &&Workload| facts.is_judged(service, connectors, &vpcs);
        let judged: BTreeSet<WorkloadId> =
            services.iter().filter(is_judged).map(|service| service.id.clone()).collect();
        snapshot.workloads = services;
        for service in snapshot.workloads.iter_mut().filter(|service| !judged.contains(&service.id)) {
            service.egress = Egress::Unknown("its network has not been read yet".to_owned());
        }
        Some((snapshot, network, judged))
    }
}

impl Arrivals for Arrived {
    fn add_tables(&self, vpcs: &[VpcId], tables: &Network) {
        self.add(|facts| {
            facts.network.extend(tables.clone());
            facts.tables.extend(vpcs.iter().cloned());
        });
    }

    fn add_dns(&self, vpc: &VpcId, dns: &VpcDns) {
        self.add(|facts| {
            facts.network.add_dns(dns.clone());
            facts.dns.insert(vpc.clone());
        });
    }
}

impl Facts {
    /// Whether everything about the paths from a VPC is known. What is behind a transit gateway, and the entries of prefix lists that
    /// only routes and rules name, are read later.
    fn is_complete(&self, vpc: &VpcId, region: &OfRegion) -> bool {
        let tables = &self.network.tables;
        let peers = region.peerings.iter().filter(|peering| peering.state == PeeringState::Active);
        let mut peers = peers.filter_map(|peering| peering.peer_of(vpc));
        self.dns.contains(vpc)
            && self.tables.contains(vpc)
            && peers.all(|peer| self.tables.contains(peer) || !self.expects(peer))
            && interpret::lists_of_vpc(tables, vpc).all(|list| region.read_lists.contains(list))
            && transit::gateways(std::iter::once(tables), std::slice::from_ref(vpc)).is_empty()
    }

    /// Whether a VPC is one of those that are read.
    fn expects(&self, vpc: &VpcId) -> bool {
        self.own.contains(vpc) || self.peers.contains(vpc)
    }

    /// Whether the verdicts of a service need no other fact: it is described, the `complete` VPCs have its subnets, and no destination
    /// in its settings can be in another VPC.
    fn is_judged(
        &self,
        service: &Workload,
        connectors: &Table<Connector>,
        complete: &BTreeSet<&VpcId>,
    ) -> bool {
        let subnets = &self.network.tables.subnets;
        let is_read = |id| subnets.get(id).is_some_and(|subnet| complete.contains(&subnet.vpc));
        let is_whole = complete.len() == self.own.len();
        let has_network = match &service.egress {
            Egress::Vpc(arn) => connectors.get(arn).is_some_and(|connector| {
                !connector.subnets.is_empty() && connector.subnets.iter().all(is_read)
            }),
            Egress::Default => is_whole,
            Egress::Direct { .. } | Egress::Unknown(_) => false,
        };
        let mut hosts = service.environment.variables.iter().flat_map(|variable| &variable.hosts);
        has_network
            && named::calls_for_settings(std::slice::from_ref(service)).is_empty()
            && (is_whole || !hosts.any(|host| has_address(host)))
    }
}

/// Whether a destination `host` or `host:port` is an address.
pub(super) fn has_address(host: &str) -> bool {
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    [host, name].iter().any(|text| text.trim_matches(['[', ']']).parse::<IpAddr>().is_ok())
}
