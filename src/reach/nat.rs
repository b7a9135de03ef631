//! NAT gateways: state, type, VPC, and the route from the gateway's own subnet to the destination.
//!
//! <https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-troubleshooting.html>

use super::acl_rules::{Crossing, LINUX_EPHEMERAL, NAT_EPHEMERAL};
use super::border::{self, Caller};
use super::deciding::{Deciding, Forwarder};
use super::endpoint;
use super::index::Index;
use super::internet::{self, Through};
use super::judgement::Judgement;
use super::nacl;
use super::peering;
use super::route::Choice;
use super::trace::{Code, Hop, Layer, Outcome, Owner, Subject};
use crate::model::{
    AddressFamily, Addresses, AvailabilityZone, Call, NatConnectivity, NatGateway, NatGatewayId,
    NatPlacement, NatState, ResourceId, RouteTable, RouteTarget, Subnet, SubnetId,
};

/// Whether a NAT gateway forwards some packets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NatStatus {
    /// No check at [`Layer::Nat`] blocks them, and none is unknown.
    Working,
    /// At least one check at [`Layer::Nat`] blocks all or some of them: every such hop, each with its code
    /// and rule.
    Blocked(Vec<Hop>),
    /// No check blocks them, but at least one is unknown (a gateway of an unknown kind, an attached
    /// appliance, data that was not read): every such hop.
    Unknown(Vec<Hop>),
}

/// The status of a NAT gateway for packets from a subnet.
pub(super) fn status(
    index: &Index<'_>,
    id: &NatGatewayId,
    source: &Subnet,
    port: u16,
    addresses: &Addresses,
) -> NatStatus {
    let judgements = view(index, id, source, port, addresses).judge_from(index, source, port, addresses);
    let hops = judgements.into_iter().map(|judgement| judgement.hop).filter(|hop| hop.layer == Layer::Nat);
    let (mut blocked, mut unknown) = (Vec::new(), Vec::new());
    for hop in hops {
        match hop.outcome {
            Outcome::Pass => {}
            Outcome::Block(_) => blocked.push(hop),
            Outcome::Unknown(_) => unknown.push(hop),
        }
    }
    match (blocked.is_empty(), unknown.is_empty()) {
        (false, _) => NatStatus::Blocked(blocked),
        (true, false) => NatStatus::Unknown(unknown),
        (true, true) => NatStatus::Working,
    }
}

/// The judgements of a NAT gateway that are the same for every source in the VPC.
pub(super) struct NatView<'a> {
    gateway: Option<&'a NatGateway>,
    /// State, type, VPC and the network ACL of its subnet.
    before: Vec<Judgement>,
    /// Its subnet; `None` for a regional NAT gateway.
    subnet: Option<&'a Subnet>,
    /// The routes of its route table, and the targets of these routes.
    after: Vec<Judgement>,
    /// The addresses that its route table routes to an internet gateway.
    to_internet: Addresses,
}

/// Judges a route to a NAT gateway, without the checks that depend on the subnet of the source.
pub(super) fn view<'a>(
    index: &Index<'a>,
    id: &NatGatewayId,
    source: &Subnet,
    port: u16,
    addresses: &Addresses,
) -> NatView<'a> {
    let mut view = NatView {
        gateway: None,
        before: Vec::new(),
        subnet: None,
        after: Vec::new(),
        to_internet: Addresses::none(),
    };
    let all = || addresses.clone();
    let Some(nat) = index.snapshot.network.nat_gateways.get(id) else {
        // A route to a deleted NAT gateway would be a blackhole. A NAT gateway of another account cannot be
        // read.
        let call = Deciding::absent(index.snapshot, Call::DescribeNatGateways);
        let rule = format!("{id} was not read, but its route is active");
        view.before.push(Judgement::unknown(Layer::Nat, id, all(), rule, call));
        return view;
    };
    view.gateway = Some(nat);
    view.before = check_gateway(nat, source, addresses);
    match &nat.placement {
        NatPlacement::Regional { route_table, .. } => {
            let table = route_table.as_ref().and_then(|id| index.snapshot.network.route_tables.get(id));
            if let Some(table) = table {
                view.route(index, nat, (table, port), addresses);
            } else {
                let rule = format!("the route table of {id}, a regional NAT gateway, was not read");
                let call = Deciding::absent(index.snapshot, Call::DescribeRouteTables);
                view.after.push(Judgement::unknown(Layer::Nat, id, all(), rule, call));
            }
        }
        NatPlacement::Subnet(subnet_id) => {
            let Some(subnet) = index.snapshot.network.subnets.get(subnet_id) else {
                let rule = format!("{subnet_id}, the subnet of {id}, was not read");
                let call = Deciding::absent(index.snapshot, Call::DescribeSubnets);
                view.after.push(Judgement::unknown(Layer::Nat, id, all(), rule, call));
                return view;
            };
            view.subnet = Some(subnet);
            let crossings = Crossing::leaving(port, NAT_EPHEMERAL);
            let judgements = nacl::judge(index, Layer::Nat, subnet, addresses, &crossings);
            view.before.extend(judgements.into_iter().map(|judgement| judgement.of(Owner::Nat(id.clone()))));
            if let Some((table, _)) = index.table_of(subnet) {
                view.route(index, nat, (table, port), addresses);
                let own = internet::public_access(subnet, &view.to_internet, Through::Nat);
                view.after.extend(own.map(|judgement| judgement.of(Owner::Nat(id.clone()))));
            } else {
                let rule = format!("the route table of {subnet_id}, the subnet of {id}, was not read");
                let call = Deciding::absent(index.snapshot, Call::DescribeRouteTables);
                view.after.push(Judgement::unknown(Layer::Nat, id, all(), rule, call));
            }
        }
    }
    view
}

impl<'a> NatView<'a> {
    /// Judges the routes of the gateway's route table: the target must be an internet gateway or a gateway
    /// endpoint.
    fn route(
        &mut self,
        index: &Index<'a>,
        nat: &NatGateway,
        (table, port): (&'a RouteTable, u16),
        addresses: &Addresses,
    ) {
        let table_of_nat = format!("{}, the route table of {}", table.id, nat.id);
        let owner = || Owner::Nat(nat.id.clone());
        let route = |matches: String, target: &RouteTarget| Subject::Route {
            destination: matches.into(),
            target: target.clone(),
            is_return: false,
        };
        for (part, choice) in index.routes(table).select(addresses) {
            match choice {
                Choice::Route { blackhole: true, matches, target } => {
                    let rule = format!("{table_of_nat}: {matches} is a blackhole");
                    let block = Judgement::block(Layer::Nat, Code::BadStateRoute, &table.id, part, rule);
                    self.after.push(block.about(route(matches, target)).of(owner()));
                }
                Choice::Route { target: RouteTarget::InternetGateway(_), .. }
                    if nat.connectivity == NatConnectivity::Private =>
                {
                    let rule = format!(
                        "{} is a private NAT gateway: it has no public IP and no internet access",
                        nat.id
                    );
                    let block = Judgement::block(Layer::Nat, Code::NatPrivate, &nat.id, part, rule);
                    self.after.push(block.of(owner()));
                }
                Choice::Route { target: RouteTarget::InternetGateway(id), .. } => {
                    self.to_internet = self.to_internet.or(&part);
                    let judgements = internet::translated(index.snapshot, &nat.vpc, id, &part);
                    self.after.extend(judgements.into_iter().map(|judgement| judgement.of(owner())));
                }
                Choice::Route { target: RouteTarget::Endpoint(id), .. } => {
                    self.after.push(endpoint::gateway(index.snapshot, id, part));
                }
                Choice::Route { target: target @ RouteTarget::NatGateway(id), matches, .. } => {
                    let target_gateway = match self.gateway {
                        Some(own) if own.id == *id => "this NAT gateway itself".to_owned(),
                        _ => format!("NAT gateway {id}"),
                    };
                    let rule = format!("{table_of_nat}: {matches} -> {target_gateway}");
                    let block = Judgement::block(Layer::Nat, Code::NatNoRouteOnwards, &table.id, part, rule);
                    self.after.push(block.about(route(matches, target)).of(owner()));
                }
                Choice::Route { target: RouteTarget::Peering(id), .. } if self.subnet.is_some() => {
                    let sender = self.subnet.map(|subnet| sender(nat, subnet));
                    let across =
                        sender.iter().flat_map(|sender| across_peering(index, sender, id, port, &part));
                    self.after.extend(across);
                }
                Choice::Route { target, matches, .. } => {
                    let rule = format!(
                        "{table_of_nat}: the target of {matches} is {target}, which egress-doctor does not check"
                    );
                    let deciding = Deciding::Forwarding(Forwarder::of(target));
                    self.after.push(Judgement::unknown(Layer::Nat, &table.id, part, rule, deciding));
                }
                Choice::None => {
                    let rule = format!("{table_of_nat}: no route to {part}");
                    let block = Judgement::block(Layer::Nat, Code::NatNoRouteOnwards, &table.id, part, rule);
                    self.after.push(block.of(owner()));
                }
                Choice::Unknown(why, deciding) => {
                    self.after.push(Judgement::unknown(Layer::Nat, &table.id, part, why, deciding));
                }
            }
        }
    }

    fn owner(&self) -> Owner {
        self.gateway.map_or(Owner::Source, |nat| Owner::Nat(nat.id.clone()))
    }

    /// Judges packets from a source, which cross the border of the gateway's subnet.
    pub fn judge_from(
        &self,
        index: &Index<'a>,
        source: &Subnet,
        port: u16,
        addresses: &Addresses,
    ) -> Vec<Judgement> {
        let mut judgements = self.before.clone();
        if let Some(nat) = self.subnet.filter(|nat| nat.id != source.id && index.acl_of(nat).is_some()) {
            let from = (source, AddressFamily::Ipv4);
            let ports = (port, LINUX_EPHEMERAL);
            judgements.extend(border::entry(index, Layer::Nat, (nat, &self.owner()), from, ports, addresses));
        }
        judgements.extend(self.return_path(index, source, addresses));
        judgements.extend(self.availability_zone(source, addresses));
        judgements.extend(self.after.iter().cloned());
        judgements.extend(self.public_access(source));
        judgements
    }

    /// Judges packets from a source in another VPC, which a transit gateway sends into the subnet `entry` of the NAT gateway's VPC.
    pub fn judge_across(
        &self,
        index: &Index<'a>,
        (source, entry, transit): (&Subnet, &Subnet, &ResourceId),
        port: u16,
        addresses: &Addresses,
    ) -> Vec<Judgement> {
        let mut judgements = self.before.clone();
        let from = (source, AddressFamily::Ipv4);
        if let Some(nat) = self.subnet {
            let owner = self.owner();
            if nat.id != entry.id && index.acl_of(nat).is_some() {
                let ports = (port, LINUX_EPHEMERAL);
                judgements.extend(border::entry(index, Layer::Nat, (nat, &owner), from, ports, addresses));
            }
            let target = RouteTarget::Other(transit.clone());
            let code = Code::EgressNoReturnRouteOverTransitGateway;
            let across = (&target, code, "the subnet of the NAT gateway");
            judgements.extend(border::return_across(index, across, (nat, &owner), from, addresses));
        } else if let Some(nat) = self.gateway {
            let rule = format!(
                "{}: whether its route table routes the replies to {transit} was not checked",
                nat.id
            );
            let deciding = Deciding::Forwarding(Forwarder::TransitGateway);
            judgements.push(Judgement::unknown(Layer::Nat, &nat.id, addresses.clone(), rule, deciding));
        }
        judgements.extend(self.after.iter().cloned());
        judgements.extend(self.public_access(entry));
        judgements
    }

    /// The AZ of a zonal NAT gateway.
    pub fn zone(&self) -> Option<&'a AvailabilityZone> {
        self.subnet.map(|subnet| &subnet.zone)
    }

    /// Judges the replies from the gateway to the source. A route that is more specific than `local` may
    /// have another target (<https://docs.aws.amazon.com/vpc/latest/userguide/route-table-options.html>).
    fn return_path(&self, index: &Index<'a>, source: &Subnet, addresses: &Addresses) -> Vec<Judgement> {
        let Some(subnet) = self.subnet else { return Vec::new() };
        let from = (source, AddressFamily::Ipv4);
        border::return_path(index, Layer::Nat, (subnet, &self.owner()), from, addresses)
    }

    /// Judges the AZs of a regional NAT gateway. A gateway with manually chosen AZs serves only these AZs
    /// (<https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateways-regional.html>).
    fn availability_zone(&self, source: &Subnet, addresses: &Addresses) -> Option<Judgement> {
        let nat = self.gateway?;
        let NatPlacement::Regional { zones, expands: false, .. } = &nat.placement else { return None };
        if zones.is_empty() {
            let rule = format!("the AZs of {}, a regional NAT gateway, were not read", nat.id);
            let deciding = Deciding::Value(Call::DescribeNatGateways);
            return Some(Judgement::unknown(Layer::Nat, &nat.id, addresses.clone(), rule, deciding));
        }
        if zones.contains(&source.zone) {
            return None;
        }
        let rule =
            format!("{}, a regional NAT gateway with manually chosen AZs, is not in {}", nat.id, source.zone);
        let code = Code::RegionalNgwRouteAzRestriction;
        Some(Judgement::block(Layer::Nat, code, &nat.id, addresses.clone(), rule).of(self.owner()))
    }

    /// Judges VPC Block Public Access of the source's subnet, unless the gateway's subnet has the same mode.
    fn public_access(&self, source: &Subnet) -> Option<Judgement> {
        let own = internet::public_access(source, &self.to_internet, Through::Nat)?;
        match self.subnet {
            None => Some(own),
            Some(nat) if nat.block_public_access == source.block_public_access => None,
            // AWS does not document whether an exclusion of only the gateway's subnet is enough.
            Some(nat) => {
                let rule =
                    format!("{}; {}, the subnet of the NAT gateway, is excluded", own.hop.rule, nat.id);
                Some(Judgement::unknown(
                    Layer::Internet,
                    &source.id,
                    own.addresses,
                    rule,
                    Deciding::Exclusion,
                ))
            }
        }
    }
}

/// A NAT gateway as the source of packets inside VPCs: its private address, if it has one, else the range of its subnet.
fn sender(nat: &NatGateway, subnet: &Subnet) -> Subnet {
    let cidr = match nat.private_addresses.as_slice() {
        [address] => Some((*address).into()),
        _ => subnet.cidr,
    };
    Subnet { id: SubnetId::new(nat.id.as_str()), cidr, ipv6_cidrs: Vec::new(), ..subnet.clone() }
}

/// Judges packets that a NAT gateway sends over a peering connection. They have its private address, so rules that name the security
/// group of the client do not match (<https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-scenarios.html>).
fn across_peering(
    index: &Index<'_>,
    sender: &Subnet,
    id: &ResourceId,
    port: u16,
    addresses: &Addresses,
) -> Vec<Judgement> {
    let caller =
        Caller { subnet: sender, security_groups: &[], port, peering: Some(id), ephemeral: NAT_EPHEMERAL };
    let mut judgements = peering::cross(index, &caller, id, false, addresses);
    for hop in judgements.iter_mut().map(|judgement| &mut judgement.hop) {
        if hop.outcome == Outcome::Block(Code::TargetSgRulesMismatch) {
            hop.outcome = Outcome::Block(Code::TargetSgNatAddressMismatch);
        }
    }
    let rule = format!(
        "whether {} forwards packets to {id} is unknown: AWS documents NAT gateways in front of transit gateways and virtual private \
         gateways only",
        sender.id
    );
    let deciding = Deciding::Forwarding(Forwarder::NatGateway);
    let component = ResourceId::new(sender.id.as_str());
    judgements.push(Judgement::unknown(Layer::Nat, component, addresses.clone(), rule, deciding));
    judgements
}

/// Judges the gateway's own state, VPC and type.
fn check_gateway(nat: &NatGateway, source: &Subnet, addresses: &Addresses) -> Vec<Judgement> {
    let id = &nat.id;
    let owner = || Owner::Nat(id.clone());
    let all = || addresses.clone();
    let mut judgements = Vec::new();
    if nat.state != NatState::Available {
        let failure = nat.failure.as_ref().map_or(String::new(), |failure| format!(" ({failure})"));
        let rule = format!("{id} is {}, not available{failure}", nat.state);
        judgements.push(Judgement::block(Layer::Nat, Code::BadState, id, all(), rule).of(owner()));
    }
    if nat.vpc != source.vpc {
        let rule = format!("{id} is in {}: a NAT gateway serves only its own VPC", nat.vpc);
        let block = Judgement::block(Layer::Nat, Code::NgwRequiresSourceInVpc, id, all(), rule);
        judgements.push(block.of(owner()));
    }
    if nat.has_appliance {
        let rule = format!("{id} has a firewall proxy attached; unknown whether it allows the traffic");
        let deciding = Deciding::Forwarding(Forwarder::FirewallProxy);
        judgements.push(Judgement::unknown(Layer::Nat, id, all(), rule, deciding));
    }
    if let Some(status) = nat.unusable_addresses.as_ref().filter(|_| nat.state == NatState::Available) {
        let rule = format!(
            "{id} has no address in use (address status {status}); unknown whether it carries packets"
        );
        let deciding = Deciding::Value(Call::DescribeNatGateways);
        judgements.push(Judgement::unknown(Layer::Nat, id, all(), rule, deciding));
    }
    let six = addresses.only(AddressFamily::Ipv6);
    if !six.is_empty() {
        let rule = format!(
            "{id} translates IPv6 only for 64:ff9b::/96 (NAT64): its effect on IPv6 traffic to this destination is unknown"
        );
        judgements.push(Judgement::unknown(Layer::Nat, id, six, rule, Deciding::Address));
    }
    let kind = match &nat.connectivity {
        NatConnectivity::Public => "public",
        NatConnectivity::Private => "private",
        NatConnectivity::Other(kind) => {
            let rule = format!("{id} has the unsupported type {kind}");
            let deciding = Deciding::Value(Call::DescribeNatGateways);
            judgements.push(Judgement::unknown(Layer::Nat, id, all(), rule, deciding));
            kind
        }
    };
    if judgements.is_empty() {
        let rule = format!("{id}: {kind} NAT gateway, available");
        judgements.push(Judgement::pass(Layer::Nat, id, all(), rule));
    }
    judgements
}
