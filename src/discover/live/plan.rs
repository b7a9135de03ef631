//! The plan of calls. A call starts as soon as the answers that it needs have arrived, so that the longest chain has three calls:
//!
//! 1. identity, services, connectors, peering connections, prefix lists, endpoint services, and resources that have no filter for a VPC
//! 2. the description of each service, the VPCs of the connectors' subnets, the entries of the prefix lists of AWS
//! 3. all resources of these VPCs and of their peers, in the other accounts and Regions too (`others`), and the databases, caches and
//!    load balancers that the settings of the services name
//!
//! Further pages, and the entries of other prefix lists that routes and rules use, take more. The facts in `refine` are read in
//! parallel. `arrived` has the facts so far, for the services whose verdicts need no other fact.

use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use aws_config::SdkConfig;
use futures::FutureExt as _;
use futures::channel::oneshot;
use futures::future::{Either, join_all, select};
use jiff::Timestamp;

use super::arrived::{Arrived, OfRegion, has_address};
use super::config::configure;
use super::ec2::OwnedVpc;
use super::network::{Arrivals, Network, Regional};
use super::others::{KnownVpcs, OtherAnswers, Others, egress};
use super::reader::{Reader, Report};
use super::refine::Refinements;
use super::transit::{Site, TransitFacts};
use super::{apprunner, ec2, named, transit};
use crate::discover::error::DiscoverError;
use crate::discover::interpret::{self, NamedAnswers};
use crate::discover::request::{Discovered, LiveRequest, Progress};
use crate::model::{
    Connector, Egress, PeeringConnection, Place, PrefixList, PrefixListId, Region, Snapshot, SubnetId, VpcId,
    Workload,
};

/// Reads one region of an account, or one service of it.
///
/// # Errors
/// Nothing can be read: no region, an invalid endpoint URL, no valid credentials, or no connection.
pub(super) async fn read_account(
    request: &LiveRequest,
    progress: impl Fn(Progress) + Send + Sync + 'static,
) -> Result<Discovered, DiscoverError> {
    let config = configure(request).await?;
    let region = Region::new(config.region().ok_or(DiscoverError::NoRegion)?.to_string());
    let plan = Plan::new(config, request, region, Arc::new(progress)).await?;
    let prices = async {
        plan.refinements.read_prices((&plan.reader, &plan.config), request, &plan.region).await;
        // The snapshot ends the discovery.
        std::future::pending::<Result<Discovered, DiscoverError>>().await
    };
    let read = Box::pin(plan.read());
    if request.renew_prices {
        return read.await;
    }
    select(read, pin!(prices)).await.factor_first().0
}

/// A discovery that runs.
pub(super) struct Plan<'r> {
    pub reader: Reader,
    pub config: SdkConfig,
    request: &'r LiveRequest,
    region: Region,
    refinements: Refinements,
    others: Others,
    services: apprunner::Services,
    arrived: Arrived,
    taken_at: Timestamp,
}

/// The facts that verdicts need.
struct Core {
    snapshot: Snapshot,
    network: Network,
    others: Vec<OtherAnswers>,
    named: NamedAnswers,
}

impl<'r> Plan<'r> {
    /// # Errors
    /// A profile or Region is given twice, or an endpoint URL is invalid.
    pub async fn new(
        config: SdkConfig,
        request: &'r LiveRequest,
        region: Region,
        progress: Report,
    ) -> Result<Self, DiscoverError> {
        let others = Others::new(request, &region, &progress).await?;
        let reader = Reader::new(&config, request.limits, progress);
        let (refinements, services) = (Refinements::default(), apprunner::Services::default());
        let (arrived, taken_at) = (Arrived::default(), Timestamp::now());
        Ok(Self { reader, config, request, region, refinements, others, services, arrived, taken_at })
    }

    /// The profile as the scope of the call for the account, if there are several.
    pub fn identity_scope(&self) -> String {
        let profile = self.request.profile.as_deref().filter(|_| !self.request.more_profiles.is_empty());
        profile.map(|profile| format!("profile {profile}, {}", self.region)).unwrap_or_default()
    }

    /// The account of the service.
    ///
    /// # Errors
    /// AWS does not accept the credentials, or there are none.
    async fn account(&self) -> Result<Option<String>, DiscoverError> {
        let account = self.reader.account(&self.identity_scope()).await;
        account.map_err(|failure| match &self.request.profile {
            Some(profile) if !self.request.more_profiles.is_empty() => {
                DiscoverError::Profile { profile: profile.clone(), reason: failure.to_string() }
            }
            _ => DiscoverError::Credentials(failure.to_string()),
        })
    }

    async fn read(&self) -> Result<Discovered, DiscoverError> {
        let (sender, described) = oneshot::channel();
        let core = pin!(async {
            match select(pin!(self.core(sender)), pin!(self.report_parts())).await {
                Either::Left((core, _)) => core,
                Either::Right((never, _)) => match never {},
            }
        });
        let refine = pin!(async {
            let (clients, request) = ((&self.reader, &self.config), self.request);
            let refine = self.refinements.read(clients, request, &self.region, described.shared());
            if request.renew_prices {
                let prices = self.refinements.read_prices(clients, request, &self.region);
                futures::join!(refine, prices);
            } else {
                refine.await;
            }
        });
        let mut gaps = Vec::new();
        let core = match select(core, refine).await {
            Either::Left((core, refine)) => {
                let core = core?;
                self.report_network(&core);
                let limit = self.request.limits.refinement();
                if !self.request.is_urgent {
                    refine.await;
                } else if tokio::time::timeout(limit, refine).await.is_err() {
                    let count = core.snapshot.workloads.len();
                    gaps = self.refinements.abandoned_gaps(self.request, count);
                }
                core
            }
            Either::Right(((), core)) => core.await?,
        };
        let mut snapshot = self.snapshot(&core);
        snapshot.gaps.extend(gaps);
        snapshot.gaps.sort_by_key(|gap| gap.call);
        Ok(Discovered { snapshot, log: self.refinements.log.get().cloned() })
    }

    /// Reports the facts so far.
    fn report_network(&self, core: &Core) {
        let mut first = self.snapshot(core);
        first.gaps.extend(self.refinements.pending_gap());
        self.reader.report(Progress::Network(Box::new(first)));
    }

    /// Reports the services whose verdicts need no other fact, as long as other facts are missing.
    async fn report_parts(&self) -> Infallible {
        /// Facts that arrive at about the same time are reported together.
        const PAUSE: Duration = Duration::from_millis(60);
        let hosts = &self.request.hosts;
        // One service needs the facts about its VPC only. A destination of the user, and other accounts, can need any fact.
        let is_useless = self.request.service.is_some()
            || !self.others.is_empty()
            || hosts.iter().any(|host| has_address(host))
            || !named::calls_for_hosts(hosts).is_empty();
        if is_useless {
            return std::future::pending().await;
        }
        let mut known = BTreeSet::new();
        loop {
            self.arrived.changed.notified().await;
            tokio::time::sleep(PAUSE).await;
            let services = self.services.so_far();
            let part = self.arrived.snapshot(services, &self.region, self.taken_at);
            if let Some((mut snapshot, network, judged)) = part
                && !judged.is_subset(&known)
            {
                known = judged;
                self.add_refinements(&mut snapshot, &network);
                snapshot.gaps.extend(self.refinements.pending_gap());
                self.reader.report(Progress::Part(Box::new(snapshot)));
            }
        }
    }

    /// The snapshot with the refinements that arrived so far.
    fn snapshot(&self, core: &Core) -> Snapshot {
        let mut snapshot = core.snapshot.clone();
        self.add_refinements(&mut snapshot, &core.network);
        if let Some(of_log) = self.refinements.named.get() {
            let named = core.named.clone().or(of_log.clone());
            snapshot.network.named_resources = named.resources().into_iter().collect();
        }
        for other in &core.others {
            other.add_to(&mut snapshot);
        }
        snapshot
    }

    /// Adds the refinements that arrived so far, and the calls.
    fn add_refinements(&self, snapshot: &mut Snapshot, network: &Network) {
        let refined = &self.refinements;
        snapshot.network.endpoint_services = refined.endpoint_services.get().cloned().unwrap_or_default();
        network.add_endpoints(&mut snapshot.network);
        for workload in snapshot.workloads.iter_mut() {
            let role = workload.environment.role.as_ref();
            let permits = role.and_then(|role| refined.permits.get()?.get(role)).cloned();
            workload.environment.permits = permits;
        }
        snapshot.prices = refined.prices.get().cloned().flatten();
        snapshot.gaps = self.reader.gaps();
        snapshot.calls = self.reader.calls();
    }

    /// Reads the facts that verdicts need.
    async fn core(&self, described: oneshot::Sender<Vec<Workload>>) -> Result<Core, DiscoverError> {
        let (reader, request, region) = (&self.reader, self.request, &self.region);
        let identity = async {
            let account = self.account().await?;
            self.arrived.add_account(account.clone());
            reader.report(Progress::Account { account: account.clone(), region: region.to_string() });
            Ok::<_, DiscoverError>(account)
        }
        .shared();
        let places = self.others.places().shared();
        let peerings = ec2::peering_connections(reader).shared();
        let services = async {
            let workloads = apprunner::services(reader, request.service.as_deref(), region, &|service| {
                self.services.add(service);
                self.arrived.changed.notify_one();
            })
            .await;
            reader.report(Progress::Workloads(workloads.clone()));
            // Without a receiver no refinement needs the services.
            let _ = described.send(workloads.clone());
            workloads
        }
        .shared();
        let connectors = async {
            let connectors = apprunner::connectors(reader).await;
            let mut sources: BTreeSet<SubnetId> =
                request.subnets.iter().map(|id| SubnetId::new(id.as_str())).collect();
            sources.extend(connectors.iter().flat_map(|connector| connector.subnets.iter().cloned()));
            let vpcs = ec2::vpcs_of(reader, &sources).await;
            (connectors, vpcs)
        };
        let network = async {
            let (connectors, vpcs) = if request.service.is_some() {
                let (services, (connectors, vpcs)) = futures::join!(services.clone(), connectors);
                let vpcs = needed(vpcs, &services, &connectors);
                (connectors, vpcs)
            } else {
                connectors.await
            };
            let known = KnownVpcs::new(vpcs.into_values().collect(), &peerings.clone().await);
            let others = async {
                // An error ends the discovery.
                let places = places.clone().await.unwrap_or_default();
                self.others.read(&places, &known, region).await
            };
            let (ids, peers) = (known.ids(), known.peers_here());
            self.arrived.add_connectors(&connectors, &ids, &peers);
            let arrived = Some(&self.arrived);
            let arrivals = arrived.map(|arrived| arrived as &(dyn Arrivals + Sync));
            let network = Box::pin(Network::read(reader, (&ids, &peers), region, &|_| true, arrivals));
            let network = async {
                let network = network.await;
                reader.release_services();
                network
            };
            let (network, others) = futures::join!(network, others);
            (connectors, network, others, ids)
        };
        let network = async {
            let of_region = self.read_region(peerings.clone());
            let ((connectors, mut network, others, vpcs), OfRegion { regional, peerings, lists, read_lists }) =
                futures::join!(network, of_region);
            network.add_regional(regional);
            let mut snapshot = Snapshot::new(region.clone(), self.taken_at);
            snapshot.network = network.tables.clone();
            snapshot.network.connectors = connectors.into_iter().collect();
            snapshot.network.prefix_lists = lists.into_iter().collect();
            snapshot.network.peering_connections = peerings.into_iter().collect();
            self.fill_prefix_lists(&mut snapshot, &read_lists).await;
            let mut core = Core { snapshot, network, others, named: NamedAnswers::default() };
            let account = identity.clone().map(|account| account.ok().flatten());
            let places = places.clone().await.unwrap_or_default();
            Box::pin(self.read_transit(&mut core, &vpcs, account, &places)).await;
            core
        };
        let named = self.named_answers(services.clone());
        let facts = async {
            let (workloads, mut core, named) = futures::join!(services.clone(), network, Box::pin(named));
            core.snapshot.workloads = workloads.into_iter().collect();
            core.snapshot.network.named_resources = named.clone().resources().into_iter().collect();
            core.named = named;
            Ok::<_, DiscoverError>(core)
        };
        let identities = async {
            let (account, places) = futures::try_join!(identity.clone(), places.clone())?;
            self.others.check_account(&places, account.as_ref())?;
            Ok(account)
        };
        let (account, mut core) = futures::try_join!(identities, facts)?;
        if let Some(sentence) = reader.no_answer() {
            return Err(DiscoverError::Unreachable(sentence));
        }
        core.snapshot.account = account;
        Ok(core)
    }

    /// Reads the facts about the whole Region.
    async fn read_region(&self, peerings: impl Future<Output = Vec<PeeringConnection>>) -> OfRegion {
        let (regional, peerings, (lists, read_lists)) =
            futures::join!(Regional::read(&self.reader, &|_| true), peerings, self.prefix_lists());
        let of_region = OfRegion { regional, peerings, lists, read_lists };
        self.arrived.add_region(of_region.clone());
        of_region
    }

    /// Reads the transit gateways that the routes of these VPCs lead to, and the VPCs behind them.
    async fn read_transit(
        &self,
        core: &mut Core,
        vpcs: &[VpcId],
        account: impl Future<Output = Option<String>>,
        places: &[Place],
    ) {
        let (reader, region) = (&self.reader, &self.region);
        let networks = std::iter::once(&core.snapshot.network);
        let gateways = transit::gateways(networks.chain(core.others.iter().map(OtherAnswers::tables)), vpcs);
        if gateways.is_empty() {
            return;
        }
        let account = account.await;
        let mut sites = vec![Site { reader, account: account.clone() }];
        sites.extend(self.others.sites(places, region));
        let facts = Box::pin(TransitFacts::read(&sites, &gateways, vpcs)).await;
        let behind = facts.vpcs(vpcs);
        let is_here = |(vpc, owner): &(&VpcId, &Option<String>)| {
            owner.is_some() && **owner == account && core.snapshot.network.vpcs.get(vpc).is_none()
        };
        let here: Vec<VpcId> = behind.iter().filter(is_here).map(|(vpc, _)| vpc.clone()).collect();
        let own = egress(reader, &here, region);
        let others = self.others.read_egress(&mut core.others, &behind, region);
        let (own, ()) = futures::join!(own, others);
        own.add_egress(&mut core.snapshot.network);
        core.network.absorb(own);
        facts.add_to(&mut core.snapshot.network);
        let is_unread = |id: &PrefixListId| {
            core.snapshot.network.prefix_lists.get(id).is_none_or(|list| list.cidrs.is_none())
        };
        let unread: BTreeSet<PrefixListId> =
            interpret::lists_in_use(&core.snapshot).into_iter().filter(is_unread).collect();
        if !here.is_empty() {
            self.read_ranges(&mut core.snapshot, unread).await;
        }
    }

    /// The databases, caches and load balancers that the destinations need.
    async fn named_answers(&self, services: impl Future<Output = Vec<Workload>>) -> NamedAnswers {
        let requested = named::calls_for_hosts(&self.request.hosts);
        let in_settings = async {
            if self.request.skip_settings {
                return NamedAnswers::default();
            }
            let calls = named::calls_for_settings(&services.await);
            let calls = calls.difference(&requested).copied().collect();
            named::answers(&self.reader, &self.config, &calls).await
        };
        let requested = named::answers(&self.reader, &self.config, &requested);
        let (first, rest) = futures::join!(requested, in_settings);
        first.or(rest)
    }

    /// The prefix lists with the entries of those of AWS, and the ids of these.
    pub async fn prefix_lists(&self) -> (Vec<PrefixList>, BTreeSet<PrefixListId>) {
        let mut lists = ec2::prefix_lists(&self.reader).await;
        let ids = interpret::lists_of_aws(&lists, &self.region);
        let mut entries = self.entries(&ids).await;
        for list in &mut lists {
            list.cidrs = entries.remove(&list.id).flatten();
        }
        (lists, ids)
    }

    async fn entries(
        &self,
        ids: &BTreeSet<PrefixListId>,
    ) -> BTreeMap<PrefixListId, Option<Vec<ipnet::IpNet>>> {
        let read = ids.iter().map(|id| ec2::prefix_list_entries(&self.reader, id));
        let answers = join_all(read).await;
        ids.iter().cloned().zip(answers).collect()
    }

    /// Reads the entries of the other prefix lists in routes and rules.
    async fn fill_prefix_lists(&self, snapshot: &mut Snapshot, known: &BTreeSet<PrefixListId>) {
        let ids = interpret::lists_in_use(snapshot).difference(known).cloned().collect();
        self.read_ranges(snapshot, ids).await;
    }

    /// Reads the entries of these prefix lists.
    pub async fn read_ranges(&self, snapshot: &mut Snapshot, ids: BTreeSet<PrefixListId>) {
        for (id, cidrs) in self.entries(&ids).await {
            match snapshot.network.prefix_lists.get_mut(&id) {
                Some(list) => list.cidrs = cidrs,
                None => {
                    snapshot.network.prefix_lists.insert(PrefixList { name: id.to_string(), id, cidrs });
                }
            }
        }
    }
}

/// The subnets whose VPC the services need. A service with another egress than VPC can need any VPC: fixes use them.
fn needed(
    vpcs: BTreeMap<SubnetId, OwnedVpc>,
    services: &[Workload],
    connectors: &[Connector],
) -> BTreeMap<SubnetId, OwnedVpc> {
    let connector_of = |service: &Workload| match &service.egress {
        Egress::Vpc(arn) => connectors.iter().find(|connector| connector.arn == *arn),
        Egress::Default | Egress::Direct { .. } | Egress::Unknown(_) => None,
    };
    let used: Option<Vec<&Connector>> = services.iter().map(connector_of).collect();
    match used.as_deref() {
        None | Some([]) => vpcs,
        Some(used) => {
            let is_used = |id: &SubnetId| used.iter().any(|connector| connector.subnets.contains(id));
            vpcs.into_iter().filter(|(id, _)| is_used(id)).collect()
        }
    }
}
