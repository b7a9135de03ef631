//! The ways from a VPC to some addresses on a port: what many sources, and names with the same addresses, share.
//!
//! What a group, an ACL, a table and a NAT gateway say is found once and told to all of them.

use std::cell::RefCell;
use std::rc::Rc;

use super::acl_rules::{Crossing, LINUX_EPHEMERAL};
use super::index::Index;
use super::judgement::Judgement;
use super::memo::Memo;
use super::nacl;
use super::nat;
use super::route::Choice;
use super::security_group;
use super::trace::{Code, Layer};
use crate::model::{
    Addresses, NatGatewayId, NetworkAclId, RouteTable, RouteTableId, RouteTarget, SecurityGroupId, Subnet,
    Vpc,
};

/// What many traces share.
type Judged = Rc<Vec<Judgement>>;

/// What a table does with a part of the addresses, and where it sends them.
type Step<'a> = (Judgement, Option<&'a RouteTarget>);

/// Addresses and a port as seen from one VPC.
pub(super) struct SharedTrace<'a> {
    pub vpc: &'a Vpc,
    addresses: Addresses,
    port: u16,
    /// Whether some of the addresses are the VPC's own.
    reaches_inside: bool,
    groups: RefCell<Vec<(Vec<SecurityGroupId>, Judged)>>,
    acls: Memo<&'a NetworkAclId, nacl::Decision>,
    tables: Memo<(&'a RouteTableId, bool), Vec<Step<'a>>>,
    nats: RefCell<Vec<(NatGatewayId, Addresses, Rc<nat::View<'a>>)>>,
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

    /// What the source's groups let out.
    pub fn outbound(&self, index: &Index<'a>, groups: &[SecurityGroupId]) -> Judged {
        if let Some((_, known)) = self.groups.borrow().iter().find(|(asked, _)| asked == groups) {
            return Rc::clone(known);
        }
        let judged = Rc::new(security_group::outbound(index, groups, self.port, &self.addresses));
        self.groups.borrow_mut().push((groups.to_vec(), Rc::clone(&judged)));
        judged
    }

    /// The source subnet's own ACL: out to the destination and back, unless the packet stays in the subnet.
    pub fn own_border(&self, index: &Index<'a>, subnet: &Subnet) -> Vec<Judgement> {
        let all = &self.addresses;
        let crossings = Crossing::leaving(self.port, LINUX_EPHEMERAL);
        if self.reaches_inside {
            let crossing = all.minus(&subnet.addresses());
            if crossing.is_empty() {
                let rule = "not asked: the packets stay in the subnet".to_owned();
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

    /// What a table does, and where the packets go that pass.
    pub fn steps(&self, index: &Index<'a>, table: &'a RouteTable, by_default: bool) -> Rc<Vec<Step<'a>>> {
        self.tables.get((&table.id, by_default), || self.chosen(index, table, by_default))
    }

    fn chosen(&self, index: &Index<'a>, table: &'a RouteTable, by_default: bool) -> Vec<Step<'a>> {
        let id = &table.id;
        let judge = |(part, choice)| match choice {
            Choice::Unknown(why, call) => (Judgement::unknown(Layer::Route, id, part, why, call), None),
            Choice::None => {
                let rule = format!("{id}: no route matches {part}{}", leads(table, by_default, self.vpc));
                (Judgement::block(Layer::Route, Code::NoRouteToDestination, id, part, rule), None)
            }
            Choice::Route { target, blackhole: true, matches } => {
                let rule = format!("{id}: {matches} -> {target} is a blackhole: its target is gone");
                (Judgement::block(Layer::Route, Code::BadStateRoute, id, part, rule), None)
            }
            Choice::Route { target, blackhole: false, matches } => {
                let rule = format!("{id}: {matches} -> {target}{}", main_note(by_default));
                (Judgement::pass(Layer::Route, id, part, rule), Some(target))
            }
        };
        index.routes(table).select(&self.addresses).into_iter().map(judge).collect()
    }

    /// A NAT gateway, for the addresses that a table sends there. Most tables send it the same ones.
    pub fn nat(
        &self,
        index: &Index<'a>,
        id: &NatGatewayId,
        subnet: &Subnet,
        reached: &Addresses,
    ) -> Rc<nat::View<'a>> {
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

/// Where the table leads instead, so that the reader sees how little there is.
fn leads(table: &RouteTable, by_default: bool, vpc: &Vpc) -> String {
    let only_local = table.routes.iter().all(|route| route.target == RouteTarget::Local);
    let routes = if only_local { format!(", only {} -> local", local_ranges(vpc)) } else { String::new() };
    format!("{routes}{}", main_note(by_default))
}

fn local_ranges(vpc: &Vpc) -> String {
    vpc.cidrs.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

fn main_note(by_default: bool) -> &'static str {
    if by_default { " (the VPC's main table: the subnet has no association)" } else { "" }
}
