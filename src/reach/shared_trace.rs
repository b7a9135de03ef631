//! The results that traces from one VPC to the same addresses and port share: sources in several subnets,
//! and names with equal addresses.
//!
//! Owns one result for each set of security groups, network ACL, route table and NAT gateway, computed once.

use std::cell::RefCell;
use std::rc::Rc;

use super::acl_rules::{Crossing, LINUX_EPHEMERAL};
use super::index::Index;
use super::judgement::Judgement;
use super::memo::Memo;
use super::nacl;
use super::nat;
use super::route::{Choice, state_of_target};
use super::security_group;
use super::trace::{Code, Layer, Subject};
use crate::model::{
    AddressFamily, Addresses, NatGatewayId, NetworkAclId, RouteTable, RouteTableId, RouteTarget,
    SecurityGroupId, Subnet, Vpc,
};

/// Shared judgements.
type Judgements = Rc<Vec<Judgement>>;

/// The judgement of a route table about a part of the addresses, and the target of the route, if it passes.
type Step<'a> = (Judgement, Option<&'a RouteTarget>);

/// The shared results for some addresses and a port, in one VPC.
pub(super) struct SharedTrace<'a> {
    pub vpc: &'a Vpc,
    addresses: Addresses,
    port: u16,
    /// Whether some of the addresses are in the VPC.
    reaches_inside: bool,
    groups: RefCell<Vec<(Vec<SecurityGroupId>, Judgements)>>,
    acls: Memo<&'a NetworkAclId, nacl::Decision>,
    tables: Memo<(&'a RouteTableId, bool), Vec<Step<'a>>>,
    nats: RefCell<Vec<(NatGatewayId, Addresses, Rc<nat::NatView<'a>>)>>,
}

impl<'a> SharedTrace<'a> {
    pub fn new(vpc: &'a Vpc, addresses: Addresses, port: u16) -> Self {
        Self {
            vpc,
            reaches_inside: !addresses.and(&vpc.addresses()).is_empty(),
            addresses,
            port,
            groups: RefCell::default(),
            acls: Memo::default(),
            tables: Memo::default(),
            nats: RefCell::default(),
        }
    }

    /// Judges the connection by the outbound rules of the source's security groups.
    pub fn outbound(&self, index: &Index<'a>, groups: &[SecurityGroupId]) -> Judgements {
        if let Some((_, known)) = self.groups.borrow().iter().find(|(key, _)| key == groups) {
            return Rc::clone(known);
        }
        let judgements = Rc::new(security_group::outbound(index, groups, self.port, &self.addresses));
        self.groups.borrow_mut().push((groups.to_vec(), Rc::clone(&judgements)));
        judgements
    }

    /// Judges the connection by the network ACL of the source's subnet, unless the traffic stays in the
    /// subnet.
    pub fn own_border(&self, index: &Index<'a>, subnet: &Subnet) -> Vec<Judgement> {
        let all = &self.addresses;
        let crossings = Crossing::leaving(self.port, LINUX_EPHEMERAL);
        if self.reaches_inside {
            let crossing = all.minus(&subnet.addresses());
            if crossing.is_empty() {
                let rule = "not checked: traffic stays in the subnet".to_owned();
                return vec![Judgement::pass(Layer::Nacl, &subnet.id, all.clone(), rule)];
            }
            return nacl::judge(index, Layer::Nacl, subnet, &crossing, &crossings);
        }
        match index.acl_of(subnet) {
            Some(acl) => {
                let decision = self.acls.get(&acl.id, || nacl::decide(index, acl, all, &crossings));
                nacl::to_judgements(Layer::Nacl, subnet, acl, &decision)
            }
            None => vec![nacl::not_read(index, Layer::Nacl, subnet, all)],
        }
    }

    /// Judges the connection by a route table.
    pub fn steps(&self, index: &Index<'a>, table: &'a RouteTable, by_default: bool) -> Rc<Vec<Step<'a>>> {
        self.tables.get((&table.id, by_default), || self.check_routes(index, table, by_default))
    }

    /// Addresses as a part of a rule. Many ranges say less than what they are.
    fn in_words(&self, part: &Addresses) -> String {
        match part {
            part if !part.is_long() => part.to_string(),
            part if *part == self.addresses => "the addresses of the destination".to_owned(),
            _ => "a part of the possible addresses".to_owned(),
        }
    }

    fn check_routes(&self, index: &Index<'a>, table: &'a RouteTable, by_default: bool) -> Vec<Step<'a>> {
        let id = &table.id;
        let judge = |(part, choice)| match choice {
            Choice::Unknown(why, deciding) => {
                (Judgement::unknown(Layer::Route, id, part, why, deciding), None)
            }
            Choice::None => {
                let addresses = self.in_words(&part);
                let rule =
                    format!("{id}: no route to {addresses}{}", only_local(table, by_default, self.vpc));
                let subject = self.one_family(&part).map_or(Subject::Component, Subject::Family);
                let block = Judgement::block(Layer::Route, Code::NoRouteToDestination, id, part, rule);
                (block.about(subject), None)
            }
            Choice::Route { target, blackhole: true, matches } => {
                let state = state_of_target(index.snapshot, target, "the");
                let rule = format!("{id}: {matches} -> {target} is a blackhole: {state}");
                let route =
                    Subject::Route { destination: matches.into(), target: target.clone(), is_return: false };
                (Judgement::block(Layer::Route, Code::BadStateRoute, id, part, rule).about(route), None)
            }
            Choice::Route { target, blackhole: false, matches } => {
                let rule = format!("{id}: {matches} -> {target}{}", main_note(by_default));
                (Judgement::pass(Layer::Route, id, part, rule), Some(target))
            }
        };
        index.routes(table).select(&self.addresses).into_iter().map(judge).collect()
    }

    /// The family of a part of the addresses, if the destination has addresses of both and the part has only one.
    fn one_family(&self, part: &Addresses) -> Option<AddressFamily> {
        let has = |addresses: &Addresses, family| !addresses.only(family).is_empty();
        let is_mixed = has(&self.addresses, AddressFamily::Ipv4) && has(&self.addresses, AddressFamily::Ipv6);
        match (has(part, AddressFamily::Ipv4), has(part, AddressFamily::Ipv6)) {
            (true, false) if is_mixed => Some(AddressFamily::Ipv4),
            (false, true) if is_mixed => Some(AddressFamily::Ipv6),
            _ => None,
        }
    }

    /// The judgements of a NAT gateway, for the addresses that a route table routes to it. The addresses are
    /// often the same for several route tables.
    pub fn nat(
        &self,
        index: &Index<'a>,
        id: &NatGatewayId,
        subnet: &Subnet,
        reached: &Addresses,
    ) -> Rc<nat::NatView<'a>> {
        let same =
            |(known, addresses, _): &&(NatGatewayId, Addresses, _)| known == id && addresses == reached;
        if let Some((_, _, known)) = self.nats.borrow().iter().find(same) {
            return Rc::clone(known);
        }
        let found = Rc::new(nat::view(index, id, subnet, self.port, reached));
        self.nats.borrow_mut().push((id.clone(), reached.clone(), Rc::clone(&found)));
        found
    }
}

/// The end of the rule text: the local routes if the route table has no others, and whether it is the main
/// route table.
fn only_local(table: &RouteTable, by_default: bool, vpc: &Vpc) -> String {
    let is_local = table.routes.iter().all(|route| route.target == RouteTarget::Local);
    let routes =
        if is_local { format!("; the table has only {} -> local", local_ranges(vpc)) } else { String::new() };
    format!("{routes}{}", main_note(by_default))
}

fn local_ranges(vpc: &Vpc) -> String {
    let ranges = vpc.cidrs.iter().map(ToString::to_string);
    ranges.chain(vpc.ipv6_cidrs.iter().map(ToString::to_string)).collect::<Vec<_>>().join(", ")
}

fn main_note(by_default: bool) -> &'static str {
    if by_default { " (the VPC's main route table: the subnet has no explicit association)" } else { "" }
}
