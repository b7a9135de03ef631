//! NAT gateways: state, kind, and the way onwards from the gateway's own subnet.
//!
//! <https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-troubleshooting.html>

use super::acl_rules::{Crossing, NAT_EPHEMERAL};
use super::border;
use super::endpoint;
use super::index::Index;
use super::internet::{self, Through};
use super::judgement::{Judgement, missing};
use super::nacl;
use super::route::Choice;
use super::trace::{Code, Hop, Layer, Outcome};
use crate::model::{
    AddressFamily, Addresses, Call, NatConnectivity, NatGateway, NatGatewayId, NatPlacement, NatState,
    RouteTable, RouteTarget, Subnet,
};

/// Whether a NAT gateway forwards some packets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NatStatus {
    /// Nothing at [`Layer::Nat`] blocks them, and nothing there is unknown.
    Working,
    /// At least one check at [`Layer::Nat`] blocks all or some of them: every such hop, each with its code and rule.
    Blocked(Vec<Hop>),
    /// No check blocks them, but at least one is unknown (a gateway of an unknown kind, an attached appliance, data that
    /// was not read): every such hop.
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
    let judgements = view(index, id, source, port, addresses).from(index, source, port, addresses);
    let hops = judgements.into_iter().map(|judgement| judgement.hop).filter(|hop| hop.layer == Layer::Nat);
    let (mut blocked, mut unknown) = (Vec::new(), Vec::new());
    for hop in hops {
        match hop.outcome {
            Outcome::Pass => {}
            Outcome::Block(_) => blocked.push(hop),
            Outcome::Unknown { .. } => unknown.push(hop),
        }
    }
    match (blocked.is_empty(), unknown.is_empty()) {
        (false, _) => NatStatus::Blocked(blocked),
        (true, false) => NatStatus::Unknown(unknown),
        (true, true) => NatStatus::Working,
    }
}

/// A NAT gateway judged from outside: the same for every source of the VPC.
pub(super) struct View<'a> {
    gateway: Option<&'a NatGateway>,
    /// State, kind and the ACL on the way onwards.
    before: Vec<Judgement>,
    /// The subnet whose border sources cross to it.
    stands_in: Option<&'a Subnet>,
    /// Where it sends packets.
    after: Vec<Judgement>,
    /// Those that it sends to an internet gateway.
    to_internet: Addresses,
}

/// A route to a NAT gateway.
pub(super) fn view<'a>(
    index: &Index<'a>,
    id: &NatGatewayId,
    source: &Subnet,
    port: u16,
    addresses: &Addresses,
) -> View<'a> {
    let mut view = View {
        gateway: None,
        before: Vec::new(),
        stands_in: None,
        after: Vec::new(),
        to_internet: Addresses::none(),
    };
    let all = || addresses.clone();
    let Some(nat) = index.snapshot.network.nat_gateways.get(id) else {
        // The route to a deleted one is a blackhole; one that another account owns cannot be seen.
        let call = missing(index.snapshot, Call::DescribeNatGateways);
        let rule = format!("{id} was not read, though its route is active");
        view.before.push(Judgement::unknown(Layer::Nat, id, all(), rule, call));
        return view;
    };
    view.gateway = Some(nat);
    view.before = check_gateway(nat, source, addresses);
    match &nat.placement {
        NatPlacement::Regional { route_table, .. } => {
            let table = route_table.as_ref().and_then(|id| index.snapshot.network.route_tables.get(id));
            if let Some(table) = table {
                view.route(index, nat, table, addresses);
            } else {
                let rule = format!("the route table of {id}, a regional NAT gateway, was not read");
                let call = missing(index.snapshot, Call::DescribeRouteTables);
                view.after.push(Judgement::unknown(Layer::Nat, id, all(), rule, call));
            }
        }
        NatPlacement::Subnet(subnet_id) => {
            let Some(subnet) = index.snapshot.network.subnets.get(subnet_id) else {
                let rule = format!("{subnet_id}, the subnet of {id}, was not read");
                let call = missing(index.snapshot, Call::DescribeSubnets);
                view.after.push(Judgement::unknown(Layer::Nat, id, all(), rule, call));
                return view;
            };
            view.stands_in = Some(subnet);
            let crossings = Crossing::leaving(port, NAT_EPHEMERAL);
            view.before.extend(nacl::judge(index, Layer::Nat, subnet, addresses, &crossings));
            if let Some((table, _)) = index.table_of(subnet) {
                view.route(index, nat, table, addresses);
                view.after.extend(internet::public_access(subnet, &view.to_internet, Through::Nat));
            } else {
                let rule = format!("the route table of {subnet_id}, where {id} stands, was not read");
                let call = missing(index.snapshot, Call::DescribeRouteTables);
                view.after.push(Judgement::unknown(Layer::Nat, id, all(), rule, call));
            }
        }
    }
    view
}

impl<'a> View<'a> {
    /// The routes of the gateway's table: they must lead to an internet gateway, or to a gateway endpoint.
    fn route(&mut self, index: &Index<'a>, nat: &NatGateway, table: &'a RouteTable, addresses: &Addresses) {
        let whose = format!("{}, the table of {}", table.id, nat.id);
        for (part, choice) in index.routes(table).select(addresses) {
            match choice {
                Choice::Route { blackhole: true, matches, .. } => {
                    let rule = format!("{whose}: {matches} is a blackhole");
                    self.after.push(Judgement::block(Layer::Nat, Code::BadStateRoute, &table.id, part, rule));
                }
                Choice::Route { target: RouteTarget::InternetGateway(_), .. }
                    if nat.connectivity == NatConnectivity::Private =>
                {
                    let rule = format!(
                        "{} is a private NAT gateway, without a public address: it leads to no internet",
                        nat.id
                    );
                    self.after.push(Judgement::block(Layer::Nat, Code::NatPrivate, &nat.id, part, rule));
                }
                Choice::Route { target: RouteTarget::InternetGateway(id), .. } => {
                    self.to_internet = self.to_internet.or(&part);
                    self.after.extend(internet::translated(index.snapshot, &nat.vpc, id, &part));
                }
                Choice::Route { target: RouteTarget::Endpoint(id), .. } => {
                    self.after.push(endpoint::gateway(index.snapshot, id, part));
                }
                Choice::Route { target: RouteTarget::NatGateway(id), matches, .. } => {
                    let rule = format!("{whose}: {matches} leads to {id}, a NAT gateway again");
                    self.after.push(Judgement::block(
                        Layer::Nat,
                        Code::NatNoRouteOnwards,
                        &table.id,
                        part,
                        rule,
                    ));
                }
                Choice::Route { target, matches, .. } => {
                    let rule = format!("{whose}: {matches} leads to {target}");
                    self.after.push(Judgement::unknown(Layer::Nat, &table.id, part, rule, None));
                }
                Choice::None => {
                    let rule = format!("{whose}: no route matches {part}");
                    self.after.push(Judgement::block(
                        Layer::Nat,
                        Code::NatNoRouteOnwards,
                        &table.id,
                        part,
                        rule,
                    ));
                }
                Choice::Unknown(why, call) => {
                    self.after.push(Judgement::unknown(Layer::Nat, &table.id, part, why, call));
                }
            }
        }
    }

    /// What it means for packets of a source, which cross the border of the gateway's subnet.
    pub fn from(
        &self,
        index: &Index<'a>,
        source: &Subnet,
        port: u16,
        addresses: &Addresses,
    ) -> Vec<Judgement> {
        let mut judgements = self.before.clone();
        if let Some(nat) = self.stands_in.filter(|nat| nat.id != source.id && index.acl_of(nat).is_some()) {
            let from = (source, AddressFamily::Ipv4);
            judgements.extend(border::entry(index, Layer::Nat, nat, from, port, addresses));
        }
        judgements.extend(self.return_path(index, source, addresses));
        judgements.extend(self.zone(source, addresses));
        judgements.extend(self.after.iter().cloned());
        judgements.extend(self.public_access(source));
        judgements
    }

    /// The gateway's own table leads the replies to the source; a route that is longer than `local` may lead elsewhere
    /// (<https://docs.aws.amazon.com/vpc/latest/userguide/route-table-options.html>).
    fn return_path(&self, index: &Index<'a>, source: &Subnet, addresses: &Addresses) -> Vec<Judgement> {
        let Some(subnet) = self.stands_in else { return Vec::new() };
        border::return_path(index, Layer::Nat, subnet, (source, AddressFamily::Ipv4), addresses)
    }

    /// A regional gateway whose zones were set by hand serves those zones only
    /// (<https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateways-regional.html>).
    fn zone(&self, source: &Subnet, addresses: &Addresses) -> Option<Judgement> {
        let nat = self.gateway?;
        let NatPlacement::Regional { zones, expands: false, .. } = &nat.placement else { return None };
        if zones.is_empty() {
            let rule = format!("the zones of {}, a regional NAT gateway, were not read", nat.id);
            return Some(Judgement::unknown(Layer::Nat, &nat.id, addresses.clone(), rule, None));
        }
        if zones.contains(&source.zone) {
            return None;
        }
        let rule =
            format!("{}, a regional NAT gateway with zones set by hand, is not in {}", nat.id, source.zone);
        let code = Code::RegionalNgwRouteAzRestriction;
        Some(Judgement::block(Layer::Nat, code, &nat.id, addresses.clone(), rule))
    }

    /// Block Public Access of the source's subnet, where the gateway's own says nothing.
    fn public_access(&self, source: &Subnet) -> Option<Judgement> {
        let own = internet::public_access(source, &self.to_internet, Through::Nat)?;
        match self.stands_in {
            None => Some(own),
            Some(nat) if nat.block_public_access == source.block_public_access => None,
            // Whether an exclusion of the gateway's subnet alone is enough is not documented.
            Some(nat) => {
                let rule = format!("{}; {}, where the NAT gateway stands, is excluded", own.hop.rule, nat.id);
                Some(Judgement::unknown(Layer::Internet, &source.id, own.addresses, rule, None))
            }
        }
    }
}

/// The gateway itself, without its surroundings.
fn check_gateway(nat: &NatGateway, source: &Subnet, addresses: &Addresses) -> Vec<Judgement> {
    let id = &nat.id;
    let all = || addresses.clone();
    let mut judgements = Vec::new();
    if nat.state != NatState::Available {
        let rule = format!("{id} is {}, not available", nat.state);
        judgements.push(Judgement::block(Layer::Nat, Code::BadState, id, all(), rule));
    }
    if nat.vpc != source.vpc {
        let rule = format!("{id} is in {}: a NAT gateway serves its own VPC only", nat.vpc);
        judgements.push(Judgement::block(Layer::Nat, Code::NgwRequiresSourceInVpc, id, all(), rule));
    }
    if nat.has_appliance {
        let rule = format!("{id} has a firewall proxy attached, which decides");
        judgements.push(Judgement::unknown(Layer::Nat, id, all(), rule, None));
    }
    let six = addresses.only(AddressFamily::Ipv6);
    if !six.is_empty() {
        let rule =
            format!("{id} translates IPv6 only for 64:ff9b::/96 (NAT64): what becomes of {six} is not known");
        judgements.push(Judgement::unknown(Layer::Nat, id, six, rule, None));
    }
    let kind = match &nat.connectivity {
        NatConnectivity::Public => "public",
        NatConnectivity::Private => "private",
        NatConnectivity::Other(kind) => {
            let rule = format!("{id} is of a kind not known here, {kind}");
            judgements.push(Judgement::unknown(Layer::Nat, id, all(), rule, None));
            kind
        }
    };
    if judgements.is_empty() {
        let rule = format!("{id}: {kind} NAT gateway, available");
        judgements.push(Judgement::pass(Layer::Nat, id, all(), rule));
    }
    judgements
}
