//! Merges facts that were read again into a snapshot: `snapshot --refresh`, and `r` for one service.
//!
//! The records of the calls decide which facts are replaced: a call that succeeded replaces all its facts, those of the VPCs in its
//! scope. A call that failed keeps the earlier facts, and its gap stays or is added. Sends no calls.

use std::collections::BTreeSet;

use super::error::DiscoverError;
use crate::model::{
    Call, CallRecord, DhcpResolver, Gap, Keyed, NamedResource, Network, Place, PrefixList, ServiceStatus,
    Snapshot, Table, Vpc, VpcId, Workload,
};

/// What was read again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Extent {
    /// One service with its network.
    Service,
    /// Everything that the failed calls of the snapshot lacked.
    FailedCalls,
    /// Everything.
    Whole,
}

/// The snapshot with the facts of `fresh`, which was read later. It keeps its time, which is that of its oldest facts.
///
/// # Errors
/// `fresh` is of another account or Region.
pub(super) fn merge(base: &Snapshot, fresh: Snapshot, extent: Extent) -> Result<Snapshot, DiscoverError> {
    if base.region != fresh.region {
        return Err(DiscoverError::OtherRegion { saved: base.region.clone(), read: fresh.region });
    }
    if let (Some(saved), Some(read)) = (&base.account, &fresh.account)
        && saved != read
    {
        return Err(DiscoverError::OtherAccount { saved: saved.clone(), read: read.clone() });
    }
    let places: Vec<&Place> =
        base.other_places.iter().filter(|place| !fresh.other_places.contains(place)).collect();
    if !places.is_empty() {
        let places = places.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        return Err(DiscoverError::OtherPlaces { places });
    }
    if extent == Extent::Whole {
        return Ok(fresh);
    }
    let read = Read { calls: &fresh.calls, extent };
    let mut merged = base.clone();
    merged.account = fresh.account.or(merged.account);
    merged.other_places.clone_from(&fresh.other_places);
    merged.prices = fresh.prices.or(merged.prices);
    merged.workloads = read.workloads(&base.workloads, &fresh.workloads);
    merged.network = read.network(&base.network, fresh.network);
    merged.gaps.retain(|gap| !read.covers(gap, base));
    merged.gaps.extend(fresh.gaps);
    merged.gaps.sort_by_key(|gap| gap.call);
    merged.gaps.dedup();
    merged.calls.retain(|record| !read.supersedes(record));
    merged.calls.extend(fresh.calls.iter().cloned());
    Ok(merged)
}

/// The calls of the later reading.
struct Read<'a> {
    calls: &'a [CallRecord],
    extent: Extent,
}

impl<'a> Read<'a> {
    fn records(&self, call: Call) -> impl Iterator<Item = &'a CallRecord> + Clone {
        self.calls.iter().filter(move |record| record.call == call)
    }

    /// Whether the call was sent, and all of its answers are complete.
    fn is_complete(&self, call: Call) -> bool {
        let mut records = self.records(call).peekable();
        records.peek().is_some() && records.all(|record| record.failure.is_none())
    }

    /// The VPCs for which the answer of the call is complete.
    fn vpcs(&self, call: Call) -> BTreeSet<&'a str> {
        let complete = self.records(call).filter(|record| record.failure.is_none());
        complete.flat_map(|record| record.scope_ids("vpc-")).collect()
    }

    /// Whether successful calls read all resources in the scope of a failed one.
    fn reads_scope_of(&self, failed: &CallRecord) -> bool {
        let place = |record: &CallRecord| Place::split_scope(&record.scope).map(|(_, place)| place);
        let read = self.records(failed.call).filter(|record| record.failure.is_none());
        let is_whole = |scope: &str| scope.is_empty() && self.extent != Extent::Service;
        let is_whole = read.clone().any(|record| record.scope == failed.scope || is_whole(&record.scope));
        // A call reads a group of VPCs. The groups of the failed call can be others.
        let known: BTreeSet<&str> = read
            .filter(|record| place(record) == place(failed))
            .flat_map(|record| record.scope.split_whitespace())
            .collect();
        is_whole
            || !failed.scope.is_empty() && failed.scope.split_whitespace().all(|word| known.contains(word))
    }

    fn supersedes(&self, record: &CallRecord) -> bool {
        self.records(record.call).any(|new| new.scope == record.scope)
            || record.failure.is_some() && self.reads_scope_of(record)
    }

    /// Whether the facts that a gap lacked were read.
    fn covers(&self, gap: &Gap, base: &Snapshot) -> bool {
        let is_in_place = |record: &&CallRecord| {
            Place::split_scope(&record.scope).map(|(_, place)| place) == gap.place
                && record.call == gap.call
                && record.failure.is_some()
        };
        let mut failed = base.calls.iter().filter(is_in_place).peekable();
        if failed.peek().is_some() {
            return failed.all(|record| self.reads_scope_of(record));
        }
        if gap.place.is_some() {
            return false;
        }
        // A snapshot without a record of its calls does not say which resources the call lacked.
        let all_vpcs = || {
            let (read, network) = (self.vpcs(gap.call), &base.network);
            let mut known =
                network.vpcs.iter().map(|vpc| &vpc.id).chain(network.subnets.iter().map(|one| &one.vpc));
            !read.is_empty() && known.all(|vpc| read.contains(vpc.as_str()))
        };
        let is_regional = self.records(gap.call).all(|record| record.scope.is_empty());
        self.is_complete(gap.call) && (self.extent == Extent::FailedCalls || is_regional || all_vpcs())
    }

    fn workloads(&self, old: &Table<Workload>, new: &Table<Workload>) -> Table<Workload> {
        let lists_all = self.extent != Extent::Service && self.is_complete(Call::ListServices);
        let kept = old.iter().filter(|workload| !lists_all || new.get(&workload.id).is_some()).cloned();
        let mut workloads: Table<Workload> = kept.collect();
        for mut workload in new.iter().cloned() {
            if let Some(known) = old.get(&workload.id) {
                if workload.status == ServiceStatus::NotRead {
                    continue;
                }
                if known.environment.role == workload.environment.role {
                    let permits = workload.environment.permits.take();
                    workload.environment.permits = permits.or_else(|| known.environment.permits.clone());
                }
            }
            workloads.insert(workload);
        }
        workloads
    }

    fn network(&self, old: &Network, new: Network) -> Network {
        let region = |call| self.is_complete(call);
        let has_vpcs = !new.vpcs.is_empty() || !new.subnets.is_empty();
        let mut services = new.endpoint_services;
        if !region(Call::DescribeVpcEndpointServices) {
            services.extend(old.endpoint_services.iter().cloned());
            services.sort();
            services.dedup();
        }
        Network {
            vpcs: self.vpcs_with_dns(&old.vpcs, &new.vpcs),
            subnets: self.by_vpc(Call::DescribeSubnets, &old.subnets, &new.subnets, |item| Some(&item.vpc)),
            route_tables: self.by_vpc(
                Call::DescribeRouteTables,
                &old.route_tables,
                &new.route_tables,
                |item| Some(&item.vpc),
            ),
            security_groups: self.by_vpc(
                Call::DescribeSecurityGroups,
                &old.security_groups,
                &new.security_groups,
                |item| Some(&item.vpc),
            ),
            network_acls: self.by_vpc(
                Call::DescribeNetworkAcls,
                &old.network_acls,
                &new.network_acls,
                |item| Some(&item.vpc),
            ),
            endpoints: self
                .by_vpc(Call::DescribeVpcEndpoints, &old.endpoints, &new.endpoints, |item| Some(&item.vpc)),
            endpoint_services: services,
            named_resources: self.named(&old.named_resources, &new.named_resources),
            peering_connections: replace(&old.peering_connections, &new.peering_connections, |_| {
                region(Call::DescribeVpcPeeringConnections)
            }),
            transit_attachments: replace(&old.transit_attachments, &new.transit_attachments, |_| {
                region(Call::DescribeTransitGatewayAttachments)
                    && region(Call::DescribeTransitGatewayVpcAttachments)
            }),
            transit_route_tables: replace(&old.transit_route_tables, &new.transit_route_tables, |_| {
                region(Call::SearchTransitGatewayRoutes)
            }),
            nat_gateways: self.by_vpc(
                Call::DescribeNatGateways,
                &old.nat_gateways,
                &new.nat_gateways,
                |item| Some(&item.vpc),
            ),
            internet_gateways: self.by_vpc(
                Call::DescribeInternetGateways,
                &old.internet_gateways,
                &new.internet_gateways,
                |item| item.attached_to.as_ref(),
            ),
            egress_only_internet_gateways: replace(
                &old.egress_only_internet_gateways,
                &new.egress_only_internet_gateways,
                |_| has_vpcs && region(Call::DescribeEgressOnlyInternetGateways),
            ),
            network_interfaces: self.by_vpc(
                Call::DescribeNetworkInterfaces,
                &old.network_interfaces,
                &new.network_interfaces,
                |item| Some(&item.vpc),
            ),
            prefix_lists: with_ranges(
                &old.prefix_lists,
                replace(&old.prefix_lists, &new.prefix_lists, |_| region(Call::DescribeManagedPrefixLists)),
            ),
            connectors: replace(&old.connectors, &new.connectors, |_| region(Call::ListVpcConnectors)),
        }
    }

    /// Replaces the items of the VPCs for which the call succeeded.
    fn by_vpc<T: Keyed + Clone>(
        &self,
        call: Call,
        old: &Table<T>,
        new: &Table<T>,
        vpc: impl Fn(&T) -> Option<&VpcId>,
    ) -> Table<T> {
        let read = self.vpcs(call);
        replace(old, new, |item| vpc(item).is_some_and(|vpc| read.contains(vpc.as_str())))
    }

    /// The databases, caches and load balancers. An answer without the other answers that it refers to replaces nothing.
    fn named(&self, old: &Table<NamedResource>, new: &Table<NamedResource>) -> Table<NamedResource> {
        let is_read = |item: &NamedResource| item.kind.calls().iter().all(|call| self.is_complete(*call));
        let mut items: Table<NamedResource> = old.iter().filter(|item| !is_read(item)).cloned().collect();
        let added: Vec<NamedResource> =
            new.iter().filter(|item| items.get(&item.id).is_none()).cloned().collect();
        items.extend(added);
        items
    }

    /// The VPCs; a DNS setting that was not read again keeps its value.
    fn vpcs_with_dns(&self, old: &Table<Vpc>, new: &Table<Vpc>) -> Table<Vpc> {
        let mut vpcs = self.by_vpc(Call::DescribeVpcs, old, new, |vpc| Some(&vpc.id));
        for vpc in vpcs.iter_mut() {
            let Some(known) = old.get(&vpc.id) else { continue };
            vpc.dns.support = vpc.dns.support.or(known.dns.support);
            vpc.dns.hostnames = vpc.dns.hostnames.or(known.dns.hostnames);
            if vpc.dns.resolver == DhcpResolver::Unknown {
                vpc.dns.resolver = known.dns.resolver.clone();
            }
            vpc.private_zones = vpc.private_zones.take().or_else(|| known.private_zones.clone());
            if vpc.resolver_rules.is_empty() {
                vpc.resolver_rules.clone_from(&known.resolver_rules);
            }
        }
        vpcs
    }
}

/// The old items that were not read again, and the new items.
fn replace<T: Keyed + Clone>(old: &Table<T>, new: &Table<T>, is_read: impl Fn(&T) -> bool) -> Table<T> {
    let mut items: Table<T> = old.iter().filter(|item| !is_read(item)).cloned().collect();
    items.extend(new.iter().cloned());
    items
}

/// The prefix lists; a list whose ranges were not read again keeps them.
fn with_ranges(old: &Table<PrefixList>, mut lists: Table<PrefixList>) -> Table<PrefixList> {
    for list in lists.iter_mut() {
        list.cidrs = list.cidrs.take().or_else(|| old.get(&list.id)?.cidrs.clone());
    }
    lists
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may stop at the first error")]

    use jiff::Timestamp;

    use super::*;
    use crate::model::{CallFailure, GapKind, Subnet, SubnetId};
    use crate::scenario::SCENARIOS;

    fn record(call: Call, scope: &str, is_denied: bool) -> CallRecord {
        let failure = CallFailure { kind: GapKind::Denied, message: "denied".to_owned() };
        CallRecord {
            call,
            scope: scope.to_owned(),
            sent_at: Timestamp::UNIX_EPOCH,
            milliseconds: 1,
            items: 0,
            pages: 1,
            failure: is_denied.then_some(failure),
        }
    }

    /// The scenario, and its VPC. These calls were denied for that VPC: their tables are empty, and they are gaps.
    fn denied(calls: &[Call]) -> (Snapshot, String) {
        let mut snapshot = Snapshot::from_json(SCENARIOS[0].snapshot).unwrap();
        let vpc = snapshot.network.vpcs.iter().next().unwrap().id.to_string();
        snapshot.calls.clear();
        for call in calls {
            snapshot.calls.push(record(*call, &vpc, true));
            snapshot.gaps.extend(snapshot.calls.last().and_then(CallRecord::gap));
        }
        (snapshot, vpc)
    }

    fn calls(snapshot: &Snapshot) -> Vec<(Call, bool)> {
        snapshot.calls.iter().map(|record| (record.call, record.failure.is_some())).collect()
    }

    /// The administrator allowed one of two denied calls.
    #[test]
    fn a_failed_call_that_succeeds_adds_its_facts_and_closes_its_gap() {
        let whole = Snapshot::from_json(SCENARIOS[0].snapshot).unwrap();
        let (mut base, vpc) = denied(&[Call::DescribeRouteTables, Call::DescribeNetworkAcls]);
        base.network.route_tables = Table::default();
        base.network.network_acls = Table::default();
        let mut fresh = Snapshot::new(whole.region.clone(), whole.taken_at);
        fresh.network.route_tables = whole.network.route_tables.clone();
        fresh.calls = vec![
            record(Call::DescribeRouteTables, &vpc, false),
            record(Call::DescribeNetworkAcls, &vpc, true),
        ];
        fresh.gaps = fresh.calls.iter().filter_map(CallRecord::gap).collect();
        let merged = merge(&base, fresh.clone(), Extent::FailedCalls).unwrap();
        assert_eq!(merged.network.route_tables, whole.network.route_tables);
        assert_eq!(merged.network.subnets, whole.network.subnets);
        assert_eq!(merged.gaps.iter().map(|gap| gap.call).collect::<Vec<_>>(), [Call::DescribeNetworkAcls]);
        let expected = [(Call::DescribeRouteTables, false), (Call::DescribeNetworkAcls, true)];
        assert_eq!(calls(&merged), expected);
        assert_eq!((merged.taken_at, merged.account), (base.taken_at, base.account.clone()));

        // A snapshot of an earlier version does not record its calls.
        base.calls.clear();
        let merged = merge(&base, fresh, Extent::FailedCalls).unwrap();
        assert_eq!(merged.gaps.iter().map(|gap| gap.call).collect::<Vec<_>>(), [Call::DescribeNetworkAcls]);
    }

    /// A call reads a group of VPCs. When it is sent again, the VPCs are in other groups.
    #[test]
    fn a_gap_is_closed_by_calls_for_other_groups_of_vpcs() {
        let (mut base, _) = denied(&[]);
        base.calls = vec![record(Call::DescribeRouteTables, "vpc-1 vpc-2", true)];
        base.gaps = base.calls.iter().filter_map(CallRecord::gap).collect();
        let mut fresh = Snapshot::new(base.region.clone(), base.taken_at);
        let merged = |fresh: &Snapshot| merge(&base, fresh.clone(), Extent::FailedCalls).unwrap();
        fresh.calls = vec![record(Call::DescribeRouteTables, "vpc-0 vpc-1", false)];
        assert_eq!(merged(&fresh).gaps, base.gaps, "vpc-2 is still unknown");
        fresh.calls.push(record(Call::DescribeRouteTables, "vpc-2 vpc-3", false));
        assert_eq!((merged(&fresh).gaps, merged(&fresh).calls), (Vec::new(), fresh.calls));
    }

    /// One service is read again. A subnet was deleted, another VPC was not read.
    #[test]
    fn a_service_that_is_read_again_replaces_only_its_own_network() {
        let (mut base, vpc) = denied(&[]);
        let other = Subnet {
            id: SubnetId::from("subnet-other"),
            vpc: VpcId::from("vpc-other"),
            ..base.network.subnets.iter().next().unwrap().clone()
        };
        base.network.subnets.insert(other);
        let both = format!("{vpc} vpc-other");
        base.calls =
            vec![record(Call::DescribeNatGateways, &both, true), record(Call::DescribeSubnets, &both, false)];
        base.gaps = base.calls.iter().filter_map(CallRecord::gap).collect();
        let mut fresh = Snapshot::from_json(SCENARIOS[0].snapshot).unwrap();
        let gone = fresh.network.subnets.iter().next().unwrap().id.clone();
        fresh.network.subnets =
            fresh.network.subnets.iter().filter(|item| item.id != gone).cloned().collect();
        fresh.calls = vec![
            record(Call::ListServices, "", false),
            record(Call::DescribeSubnets, &vpc, false),
            record(Call::DescribeNatGateways, &vpc, false),
        ];
        let merged = merge(&base, fresh, Extent::Service).unwrap();
        assert!(merged.network.subnets.get(&gone).is_none(), "a deleted subnet is removed");
        assert!(merged.network.subnets.get(&SubnetId::from("subnet-other")).is_some());
        assert_eq!(merged.workloads, base.workloads, "the other services stay");
        assert_eq!(merged.gaps, base.gaps, "the NAT gateways of the other VPC are still unknown");
    }

    #[test]
    fn facts_of_another_account_or_region_are_refused() {
        let (base, _) = denied(&[]);
        let mut fresh = base.clone();
        fresh.account = Some("999988887777".to_owned());
        assert_eq!(
            merge(&base, fresh, Extent::Service).unwrap_err().to_string(),
            "the credentials are of account 999988887777, but the snapshot is of account 123456789012: give the --profile of \
             that account"
        );
        let fresh = Snapshot::new("eu-west-1".into(), base.taken_at);
        assert_eq!(
            merge(&base, fresh, Extent::FailedCalls).unwrap_err().to_string(),
            "the snapshot is of us-west-2, not of eu-west-1: leave out --region, or save a snapshot of eu-west-1 without \
             --refresh"
        );
    }
}
