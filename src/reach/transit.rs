//! Routes to a transit gateway, to a VPC with a NAT gateway: a central egress VPC.
//!
//! Owns the path of public IPv4 addresses: the attachment of the source's VPC and its subnet in the AZ, the route tables of the
//! transit gateway in both directions, the subnets of the other attachment with their network ACLs and route tables, and the
//! return routes. The NAT gateway is judged in `nat.rs`. Everything else behind a transit gateway stays unknown: private
//! addresses, IPv6, VPN connections, firewalls.
//!
//! - How packets are routed: <https://docs.aws.amazon.com/vpc/latest/tgw/how-transit-gateways-work.html>
//! - Network ACLs: <https://docs.aws.amazon.com/vpc/latest/tgw/tgw-nacls.html>
//! - A central egress VPC: <https://docs.aws.amazon.com/vpc/latest/tgw/transit-gateway-nat-igw.html>

use std::collections::BTreeSet;

use super::acl_rules::{Crossing, LINUX_EPHEMERAL};
use super::appliance::unmodelled_target;
use super::border::{self, Caller};
use super::deciding::{Deciding, Forwarder};
use super::index::Index;
use super::judgement::Judgement;
use super::nacl;
use super::nat;
use super::own_address::{self, Sender};
use super::route::{Choice, RouteIndex};
use super::trace::{Code, Layer, Outcome, Owner, Subject};
use crate::model::{
    AddressFamily, Addresses, AttachmentState, AvailabilityZone, BlockPublicAccess, Call, NatGatewayId,
    PUBLIC_V4, ResourceId, Route, RouteTable, RouteTableId, RouteTarget, Subnet, TransitAssociation,
    TransitAttachment, TransitRouteTable, VpcId,
};

/// The judgements of a path, and the NAT gateway at its end with the addresses that use it.
#[derive(Default)]
pub(super) struct Crossed {
    pub judgements: Vec<Judgement>,
    pub nat: Option<(NatGatewayId, Addresses)>,
}

/// The packets of one source through one transit gateway.
struct Passage<'p, 'a> {
    index: &'p Index<'a>,
    caller: &'p Caller<'p>,
    gateway: &'p ResourceId,
    /// The attachment of the source's VPC.
    own: &'a TransitAttachment,
    /// Whether the addresses are those of the destination, one by one.
    is_exact: bool,
}

const DECIDING: Deciding = Deciding::Forwarding(Forwarder::TransitGateway);

/// The judgements by the network ACL of a subnet, where a transit gateway has a network interface in it: AWS does not evaluate the rules
/// for traffic between the two (<https://docs.aws.amazon.com/vpc/latest/tgw/tgw-nacls.html>). A block is then unknown, because the
/// route is not known yet.
pub(super) fn own_acl(index: &Index<'_>, subnet: &Subnet, mut judgements: Vec<Judgement>) -> Vec<Judgement> {
    let attachments = &index.snapshot.network.transit_attachments;
    let Some(attachment) = attachments.iter().find(|one| one.subnets.contains(&subnet.id)) else {
        return judgements;
    };
    for hop in judgements.iter_mut().map(|judgement| &mut judgement.hop) {
        if matches!(hop.outcome, Outcome::Block(_)) {
            hop.outcome = Outcome::Unknown(DECIDING);
            hop.rule = format!(
                "{}; the rules are not evaluated for traffic to {}, which is in the same subnet",
                hop.rule, attachment.id
            )
            .into();
        }
    }
    judgements
}

/// Judges a route to a transit gateway.
pub(super) fn cross(
    index: &Index<'_>,
    caller: &Caller<'_>,
    gateway: &ResourceId,
    is_exact: bool,
    addresses: &Addresses,
) -> Crossed {
    let mut crossed = Crossed::default();
    let public = addresses.and(&PUBLIC_V4);
    let others = addresses.minus(&public);
    let own = index.snapshot.network.transit_attachment(gateway, &caller.subnet.vpc);
    let (Some(own), false) = (own, public.is_empty()) else {
        crossed.judgements.push(unmodelled_target(gateway, addresses.clone()));
        return crossed;
    };
    if !others.is_empty() {
        crossed.judgements.push(unmodelled_target(gateway, others));
    }
    let passage = Passage { index, caller, gateway, own, is_exact };
    crossed.judgements.extend(passage.leave(&public));
    passage.forward(&public, &mut crossed);
    crossed
}

impl<'a> Passage<'_, 'a> {
    /// Judges the attachment of the source's VPC: its state, and its subnet in the AZ of the source. Traffic is forwarded only if the
    /// attachment has a subnet in the same AZ (<https://docs.aws.amazon.com/vpc/latest/tgw/tgw-vpc-attachments.html>).
    fn leave(&self, public: &Addresses) -> Vec<Judgement> {
        let (own, subnet) = (self.own, self.caller.subnet);
        let mut judgements = self.state(own, public);
        let Some(subnets) = self.subnets(own) else {
            let rule = format!("the subnets of {}, the attachment of {}, were not read", own.id, subnet.vpc);
            judgements.push(Judgement::unknown(
                Layer::Target,
                own.id.clone(),
                public.clone(),
                rule,
                DECIDING,
            ));
            return judgements;
        };
        let zones = zones(&subnets);
        if zones.contains(&subnet.zone) {
            let rule = format!(
                "{} attaches {} to transit gateway {}, with a subnet in {}",
                own.id, subnet.vpc, self.gateway, subnet.zone
            );
            judgements.push(Judgement::pass(Layer::Target, own.id.clone(), public.clone(), rule));
        } else {
            judgements.push(no_zone(own, &subnet.vpc, &subnet.zone, public));
        }
        for entry in subnets {
            let checks = self.own_border(entry, public);
            if entry.zone == subnet.zone {
                judgements.extend(checks);
                continue;
            }
            let checks = checks.into_iter().filter(|one| !matches!(one.hop.outcome, Outcome::Pass));
            judgements.extend(checks.map(doubtful));
        }
        if subnet.block_public_access != BlockPublicAccess::Off {
            let rule = format!(
                "VPC Block Public Access of {} is on: its effect on traffic through a transit gateway is unknown",
                subnet.id
            );
            let deciding = Deciding::Exclusion;
            judgements.push(Judgement::unknown(Layer::Internet, &subnet.id, public.clone(), rule, deciding));
        }
        judgements
    }

    /// Judges the border of the transit gateway's subnet in the source's VPC, for packets and replies. The replies can return through
    /// the subnet of another AZ.
    fn own_border(&self, entry: &'a Subnet, public: &Addresses) -> Vec<Judgement> {
        let subnet = self.caller.subnet;
        if entry.id == subnet.id {
            return Vec::new();
        }
        let owner = Owner::Attachment(self.own.id.clone());
        let from = (subnet, AddressFamily::Ipv4);
        let ports = (self.caller.port, LINUX_EPHEMERAL);
        let mut judgements = border::entry(self.index, Layer::Nacl, (entry, &owner), from, ports, public);
        judgements.extend(border::return_path(self.index, Layer::Route, (entry, &owner), from, public));
        judgements
    }

    /// Judges the route table of the attachment, and the attachments that it routes to.
    fn forward(&self, public: &Addresses, crossed: &mut Crossed) {
        let table = match self.table(self.own, public) {
            Ok(table) => table,
            Err(judgement) => return crossed.judgements.push(*judgement),
        };
        let id = &table.id;
        let routes = as_route_table(table, &self.caller.subnet.vpc);
        for (part, choice) in RouteIndex::new(self.index.snapshot, &routes).select(public) {
            match choice {
                Choice::Route { blackhole: true, matches, .. } => {
                    let rule = format!("{id}, the route table of {}: {matches} is a blackhole", self.own.id);
                    let code = Code::TgwRtbBadStateRoute;
                    crossed.judgements.push(Judgement::block(Layer::Target, code, id.clone(), part, rule));
                }
                Choice::None => {
                    let rule = format!("{id}, the route table of {}, has no route to {part}", self.own.id);
                    let code = Code::TgwRtbCannotRoute;
                    crossed.judgements.push(Judgement::block(Layer::Target, code, id.clone(), part, rule));
                }
                Choice::Unknown(why, _) => {
                    crossed.judgements.push(Judgement::unknown(
                        Layer::Target,
                        id.clone(),
                        part,
                        why,
                        DECIDING,
                    ));
                }
                Choice::Route { target, matches, .. } => {
                    let rule = format!("{id}, the route table of {}: {matches} -> {target}", self.own.id);
                    crossed.judgements.push(Judgement::pass(Layer::Target, id.clone(), part.clone(), rule));
                    self.arrive(&ResourceId::new(target.to_string()), &part, crossed);
                }
            }
        }
    }

    /// Judges the packets that leave the transit gateway at this attachment.
    fn arrive(&self, id: &ResourceId, part: &Addresses, crossed: &mut Crossed) {
        let unknown =
            |rule: String| Judgement::unknown(Layer::Target, id.clone(), part.clone(), rule, DECIDING);
        let Some(other) = self.index.snapshot.network.transit_attachments.get(id) else {
            return crossed.judgements.push(unknown(format!("{id} was not read")));
        };
        let Some(vpc) = &other.vpc else {
            let rule = format!("{id} attaches no VPC; egress-doctor checks only attachments of VPCs");
            return crossed.judgements.push(unknown(rule));
        };
        if other.id == self.own.id {
            return crossed.judgements.push(unknown(format!("{id} leads back to {vpc}")));
        }
        crossed.judgements.extend(self.state(other, part));
        let is_read = self.index.snapshot.network.vpcs.get(vpc).is_some();
        let Some(subnets) = self.subnets(other).filter(|_| is_read) else {
            let owner = other.owner.as_ref().map(|account| format!(" of account {account}"));
            let rule = format!("{id} attaches {vpc}{}, which was not read", owner.unwrap_or_default());
            return crossed.judgements.push(unknown(rule));
        };
        crossed.judgements.extend(self.replies(other, vpc, part));
        let zones = zones(&subnets);
        let entered: Vec<Crossed> =
            subnets.iter().map(|entry| self.enter((other, vpc), entry, &zones, part)).collect();
        crossed.nat = crossed.nat.take().or(entered.iter().find_map(|one| one.nat.clone()));
        crossed.judgements.extend(combined(entered));
    }

    /// Judges the packets that the transit gateway sends into the VPC through the subnet `entry`.
    fn enter(
        &self,
        (other, vpc): (&TransitAttachment, &VpcId),
        entry: &'a Subnet,
        zones: &BTreeSet<&AvailabilityZone>,
        part: &Addresses,
    ) -> Crossed {
        let index = self.index;
        let owner = Owner::Attachment(other.id.clone());
        let crossings = Crossing::leaving(self.caller.port, LINUX_EPHEMERAL);
        let mut judgements = nacl::judge(index, Layer::Nacl, entry, part, &crossings);
        let Some((table, _)) = index.table_of(entry) else {
            let rule = format!("the route table of {}, a subnet of {}, was not read", entry.id, other.id);
            let call = Deciding::absent(index.snapshot, Call::DescribeRouteTables);
            judgements.push(Judgement::unknown(Layer::Route, &entry.id, part.clone(), rule, call));
            return Crossed { judgements: of(judgements, &owner), nat: None };
        };
        let place = format!("{}, the route table of {} ({})", table.id, entry.id, other.id);
        let (id, mut via, mut behind) = (&table.id, None, Vec::new());
        let code = Code::EgressNoRouteFromTransitGateway;
        for (part, choice) in index.routes(table).select(part) {
            let route = |matches: &str, target: &RouteTarget| Subject::Route {
                destination: matches.into(),
                target: target.clone(),
                is_return: false,
            };
            judgements.push(match choice {
                Choice::Route { blackhole: true, matches, target } => {
                    let rule = format!("{place}: {matches} -> {target} is a blackhole");
                    let block = Judgement::block(Layer::Route, code, id, part, rule);
                    block.about(route(&matches, target))
                }
                Choice::Route { target: RouteTarget::NatGateway(nat), matches, .. } => {
                    let rule = format!("{place}: {matches} -> {nat}");
                    let view = nat::view(index, nat, entry, self.caller.port, &part);
                    let across = (self.caller.subnet, entry, self.gateway);
                    behind.extend(view.judge_across(index, across, self.caller.port, &part));
                    if let Some(zone) = view.zone().filter(|zone| !zones.contains(zone)) {
                        behind.push(no_zone(other, vpc, zone, &part).of(Owner::Nat(nat.clone())));
                    }
                    if self.is_exact {
                        let sender = Sender::nat(index.snapshot.network.nat_gateways.get(nat), self.caller.port);
                        behind.extend(own_address::arrive(index, &sender, &part));
                    }
                    via.get_or_insert_with(|| (nat.clone(), part.clone()));
                    Judgement::pass(Layer::Route, id, part, rule)
                }
                Choice::Route { target: target @ RouteTarget::InternetGateway(_), matches, .. } => {
                    let rule = format!(
                        "{place}: {matches} -> {target}, which does not forward the packets: they have no public IP address \
                         without a NAT gateway"
                    );
                    Judgement::block(Layer::Route, code, id, part, rule).about(route(&matches, target))
                }
                Choice::Route { target, matches, .. } => {
                    let rule = format!("{place}: {matches} -> {target}, which egress-doctor does not check");
                    Judgement::unknown(Layer::Route, id, part, rule, Deciding::Forwarding(Forwarder::of(target)))
                }
                Choice::None => {
                    let rule = format!("{place}: no route to {part}");
                    Judgement::block(Layer::Route, code, id, part, rule)
                }
                Choice::Unknown(why, deciding) => Judgement::unknown(Layer::Route, id, part, why, deciding),
            });
        }
        let mut judgements = of(judgements, &owner);
        judgements.extend(behind);
        Crossed { judgements, nat: via }
    }

    /// Judges whether the transit gateway routes the replies from the other VPC back to that of the source.
    fn replies(&self, other: &TransitAttachment, vpc: &VpcId, part: &Addresses) -> Vec<Judgement> {
        let table = match self.table(other, part) {
            Ok(table) => table,
            Err(judgement) => return vec![*judgement],
        };
        let (id, own) = (&table.id, RouteTarget::Other(self.own.id.clone()));
        let range = self.caller.subnet.addresses().only(AddressFamily::Ipv4);
        let routes = as_route_table(table, vpc);
        let unknown = |rule| Judgement::unknown(Layer::Target, id.clone(), part.clone(), rule, DECIDING);
        let block = |code, rule| Judgement::block(Layer::Target, code, id.clone(), part.clone(), rule);
        let judge = |(range_part, choice): (Addresses, Choice<'_>)| match choice {
            Choice::Route { target, blackhole: false, matches } if *target == own => {
                let rule =
                    format!("return path: {id}, the route table of {}: {matches} -> {target}", other.id);
                Some(Judgement::pass(Layer::Target, id.clone(), part.clone(), rule))
            }
            Choice::Unknown(why, _) => Some(unknown(why)),
            Choice::None if range_part == range => {
                let rule = format!(
                    "return path: {id}, the route table of {} ({vpc}), has no route back to {range}",
                    other.id
                );
                Some(block(Code::EgressNoReturnRouteOverTransitGateway, rule))
            }
            Choice::Route { blackhole: true, matches, .. } if range_part == range => {
                let rule =
                    format!("return path: {id}, the route table of {}: {matches} is a blackhole", other.id);
                Some(block(Code::TgwRtbBadStateRoute, rule))
            }
            Choice::None | Choice::Route { blackhole: true, .. } => Some(unknown(format!(
                "return path: {id}, the route table of {}, has no route to {range_part}",
                other.id
            ))),
            Choice::Route { target, matches, .. } => Some(unknown(format!(
                "return path: {id}, the route table of {}, routes replies to {target} (route {matches})",
                other.id
            ))),
        };
        RouteIndex::new(self.index.snapshot, &routes).select(&range).into_iter().filter_map(judge).collect()
    }

    /// The route table of an attachment, or why there is none.
    fn table(
        &self,
        attachment: &TransitAttachment,
        part: &Addresses,
    ) -> Result<&'a TransitRouteTable, Box<Judgement>> {
        let id = &attachment.id;
        let unknown = |component: &ResourceId, rule| {
            Err(Box::new(Judgement::unknown(Layer::Target, component.clone(), part.clone(), rule, DECIDING)))
        };
        match &attachment.association {
            TransitAssociation::Table(table) => {
                let found = self.index.snapshot.network.transit_route_tables.get(table);
                found.map_or_else(
                    || {
                        unknown(
                            table,
                            format!("the routes of {table}, the route table of {id}, were not read"),
                        )
                    },
                    Ok,
                )
            }
            TransitAssociation::None => {
                let rule = format!("{id} has no route table in transit gateway {}", self.gateway);
                let code = Code::TgwAttachMissingTgwRtbAssociation;
                Err(Box::new(Judgement::block(Layer::Target, code, id.clone(), part.clone(), rule)))
            }
            TransitAssociation::Pending(table) => {
                unknown(id, format!("{id} is not yet associated with {table}, or not any more"))
            }
            TransitAssociation::NotRead => unknown(
                id,
                format!("the route table of {id} in transit gateway {} was not read", self.gateway),
            ),
        }
    }

    /// Judges the state of an attachment.
    fn state(&self, attachment: &TransitAttachment, part: &Addresses) -> Vec<Judgement> {
        let (id, state) = (&attachment.id, &attachment.state);
        let rule =
            format!("{id}, an attachment of transit gateway {}, is {state}, not available", self.gateway);
        match state {
            AttachmentState::Available => Vec::new(),
            AttachmentState::PendingAcceptance | AttachmentState::Rejected | AttachmentState::Failed => {
                let code = Code::EgressAttachmentNotAvailable;
                vec![Judgement::block(Layer::Target, code, id.clone(), part.clone(), rule)]
            }
            AttachmentState::Modifying
            | AttachmentState::Deleting
            | AttachmentState::Unspecified
            | AttachmentState::Other(_) => {
                let deciding = Deciding::Value(Call::DescribeTransitGatewayAttachments);
                vec![Judgement::unknown(Layer::Target, id.clone(), part.clone(), rule, deciding)]
            }
        }
    }

    /// The subnets of an attachment; `None` if one of them was not read.
    fn subnets(&self, attachment: &TransitAttachment) -> Option<Vec<&'a Subnet>> {
        let known = &self.index.snapshot.network.subnets;
        let is_there = |subnet: &&Subnet| attachment.vpc.as_ref() == Some(&subnet.vpc);
        let subnets: Option<Vec<&'a Subnet>> =
            attachment.subnets.iter().map(|id| known.get(id).filter(is_there)).collect();
        subnets.filter(|subnets| !subnets.is_empty())
    }
}

/// The judgements of all subnets through which the packets can enter the VPC. AWS prefers the subnet in the AZ of the source; the names
/// of AZs differ between accounts, and appliance mode chooses another one. So only what every subnet blocks is certain.
fn combined(entered: Vec<Crossed>) -> Vec<Judgement> {
    let blocked = |one: &Crossed| {
        let blocks = one.judgements.iter().filter(|one| matches!(one.hop.outcome, Outcome::Block(_)));
        let parts: Vec<Addresses> = blocks.map(|judgement| judgement.addresses.clone()).collect();
        Addresses::union(&parts)
    };
    let certain = entered.iter().map(blocked).reduce(|one, two| one.and(&two)).unwrap_or_default();
    let mut judgements: Vec<Judgement> = Vec::new();
    for judgement in entered.into_iter().flat_map(|one| one.judgements) {
        let is_block = matches!(judgement.hop.outcome, Outcome::Block(_));
        let judgement =
            if is_block && !certain.covers(&judgement.addresses) { doubtful(judgement) } else { judgement };
        if !judgements
            .iter()
            .any(|known| known.hop == judgement.hop && known.addresses == judgement.addresses)
        {
            judgements.push(judgement);
        }
    }
    judgements
}

/// A block of one of several possible paths is unknown.
fn doubtful(mut judgement: Judgement) -> Judgement {
    if let Outcome::Block(_) = judgement.hop.outcome {
        judgement.hop.outcome = Outcome::Unknown(DECIDING);
        judgement.hop.rule = format!(
            "{}; unknown whether the transit gateway uses this subnet, or one in another AZ",
            judgement.hop.rule
        )
        .into();
    }
    judgement
}

fn no_zone(
    attachment: &TransitAttachment,
    vpc: &VpcId,
    zone: &AvailabilityZone,
    part: &Addresses,
) -> Judgement {
    let id = &attachment.id;
    let rule = format!(
        "{id} has no subnet in {zone}: the transit gateway forwards packets of {vpc} only from AZs in which its attachment has a subnet"
    );
    Judgement::block(Layer::Target, Code::TgwRouteAzRestriction, id.clone(), part.clone(), rule)
}

fn zones<'s>(subnets: &[&'s Subnet]) -> BTreeSet<&'s AvailabilityZone> {
    subnets.iter().map(|subnet| &subnet.zone).collect()
}

fn of(judgements: Vec<Judgement>, owner: &Owner) -> Vec<Judgement> {
    judgements.into_iter().map(|judgement| judgement.of(owner.clone())).collect()
}

/// The routes in the form that `route.rs` evaluates. A transit gateway uses the most specific route; of the same destination, a static
/// route before a propagated one (<https://docs.aws.amazon.com/vpc/latest/tgw/how-transit-gateways-work.html#tgw-route-evaluation-overview>).
fn as_route_table(table: &TransitRouteTable, vpc: &VpcId) -> RouteTable {
    RouteTable {
        id: RouteTableId::new(table.id.as_str()),
        vpc: vpc.clone(),
        main: false,
        subnets: Vec::new(),
        routes: table.routes.iter().map(Route::clone).collect(),
        tags: std::collections::BTreeMap::new(),
    }
}
