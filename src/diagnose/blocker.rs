//! A blocker in words: the clause about one component that blocks packets, from its hops.
//!
//! Owns the clause of every [`Code`]. A clause has the component, the part of the path that it belongs to,
//! and the direction of the packets from the hops, so that it cannot describe another situation with the same
//! code. Contains no text about destinations that it does not block, and no fix.

use std::collections::BTreeSet;

use super::context::{Context, groups, list, separated};
use crate::model::{
    AddressFamily, Addresses, NatPlacement, NetworkInterfaceId, ResourceId, SecurityGroupId, Subnet,
};
use crate::reach::{Code, DOCUMENTATION_RANGE, Direction, Hop, Layer, Owner, Subject};
use crate::text::listed;

/// One component with one code: the hops in which it blocks. Several route tables if their routes have the same
/// deleted target ([`origin`]), or after [`merged`].
#[derive(Clone)]
pub(super) struct Blocker<'a> {
    pub layer: Layer,
    pub code: Code,
    /// At least one.
    pub components: Vec<&'a ResourceId>,
    /// Distinct hops, at least one.
    pub hops: Vec<&'a Hop>,
}

/// The component that is wrong: the target of a blackhole route, because all routes to it fail for that reason; for any other
/// code the component that blocks.
pub(super) fn origin(hop: &Hop, code: Code) -> ResourceId {
    match &hop.subject {
        Subject::Route { target, .. } if code == Code::BadStateRoute => ResourceId::from(target.to_string()),
        _ => hop.component.clone(),
    }
}

/// The security groups of the destination's network interface, if they block: one missing rule is one cause, also for several
/// network interfaces.
pub(super) fn same_groups(context: &Context<'_>, hop: &Hop, code: Code) -> Option<ResourceId> {
    let groups = context.groups_of(&hop.owner);
    let is_target = matches!(
        code,
        Code::TargetSgRulesMismatch | Code::TargetSgNatAddressMismatch | Code::TargetSgPublicAddressMismatch
    );
    let is_groups = is_target && !groups.is_empty();
    is_groups
        .then(|| ResourceId::from(groups.iter().map(SecurityGroupId::as_str).collect::<Vec<_>>().join(",")))
}

/// Merges route tables for which one clause is enough: they have no route, or the same blackhole route.
pub(super) fn merged<'a>(blockers: impl IntoIterator<Item = Blocker<'a>>) -> Vec<Blocker<'a>> {
    let mut merged: Vec<Blocker<'a>> = Vec::new();
    for blocker in blockers {
        let same = |other: &&mut Blocker<'a>| {
            let is_key_equal = (other.layer, other.code) == (blocker.layer, blocker.code);
            is_key_equal
                && (other.components == blocker.components
                    || blocker.layer == Layer::Route && other.subjects() == blocker.subjects())
        };
        match merged.iter_mut().find(same) {
            Some(other) => {
                if other.components != blocker.components {
                    other.components.extend(blocker.components);
                }
                other.hops.extend(blocker.hops);
            }
            None => merged.push(blocker),
        }
    }
    merged
}

/// The destinations in a clause.
#[derive(Clone, Copy)]
pub(super) enum To<'a> {
    /// Their names, joined by `or`.
    Names(&'a str),
    /// `it`, the destination that the sentence already names.
    It,
    /// `them`
    Them,
}

impl To<'_> {
    pub fn words(&self) -> &str {
        match self {
            Self::Names(names) => names,
            Self::It => "it",
            Self::Them => "them",
        }
    }
}

impl<'a> Blocker<'a> {
    /// A blocker with one hop.
    pub fn of(hop: &'a Hop, code: Code) -> Self {
        Self { layer: hop.layer, code, components: vec![&hop.component], hops: vec![hop] }
    }

    /// Whether both are the same component with the same code.
    pub fn is_same(&self, other: &Self) -> bool {
        (self.layer, self.code, &self.components) == (other.layer, other.code, &other.components)
    }

    /// Whether a hop blocks for the same missing rule: the same security groups of another network interface.
    pub fn has_same_groups(&self, context: &Context<'_>, hop: &Hop, code: Code) -> bool {
        let own = self.hops.first().and_then(|own| same_groups(context, own, self.code));
        own.is_some() && own == same_groups(context, hop, code)
    }

    fn subjects(&self) -> Vec<(&Subject, &Owner)> {
        let mut subjects: Vec<(&Subject, &Owner)> = Vec::new();
        for hop in &self.hops {
            if !subjects.contains(&(&hop.subject, &hop.owner)) {
                subjects.push((&hop.subject, &hop.owner));
            }
        }
        subjects
    }

    /// The ids of the components.
    pub fn ids(&self) -> String {
        joined(&self.components)
    }

    /// Whether the addresses are examples in documentation.
    pub fn is_in_documentation_range(&self) -> bool {
        self.hops.iter().all(|hop| hop.rule.contains(DOCUMENTATION_RANGE))
    }

    /// The component with its kind: `network ACL acl-…`.
    pub fn label(&self, context: &Context<'_>) -> String {
        let id = self.ids();
        let noun =
            |one: &str, many: &str| if self.components.len() == 1 { one.to_owned() } else { many.to_owned() };
        match (self.layer, self.code) {
            (Layer::SecurityGroup, _) | (_, Code::DnsServersSgRulesMismatch) => {
                groups(context.source_groups()).unwrap_or(id)
            }
            (Layer::Egress, Code::EgressConnectorInactive) => "the VPC connector".to_owned(),
            (Layer::Egress, _) => "DEFAULT egress".to_owned(),
            _ => match id.split('-').next().unwrap_or_default() {
                "rtb" => format!("{} {id}", noun("route table", "route tables")),
                "acl" => format!("network ACL {id}"),
                "nat" => format!("NAT gateway {id}"),
                "igw" => format!("internet gateway {id}"),
                "eigw" => format!("egress-only internet gateway {id}"),
                "eni" => format!("network interface {id}"),
                "pcx" => format!("VPC peering connection {id}"),
                "tgw" if id.starts_with("tgw-rtb-") => format!("transit gateway route table {id}"),
                "tgw" => format!("transit gateway attachment {id}"),
                "vpce" if self.hops.iter().any(|hop| matches!(hop.owner, Owner::Endpoint(_))) => {
                    format!("interface endpoint {id}")
                }
                "vpce" => format!("gateway endpoint {id}"),
                "subnet" => format!("VPC Block Public Access of {id}"),
                _ => id,
            },
        }
    }

    /// What blocks, as a clause without a full stop.
    pub fn clause(&self, context: &Context<'_>, to: To<'_>) -> String {
        let (id, label) = (self.ids(), self.label(context));
        match self.code {
            Code::NoRouteToDestination => {
                let verb = if self.components.len() == 1 { "has" } else { "have" };
                format!("{label} {verb} no {}route to {}", self.family(), to.words())
            }
            Code::BadStateRoute => self.blackholes(context),
            Code::BadState
            | Code::BadStateAttachment
            | Code::NgwRequiresSourceInVpc
            | Code::EgressNoPublicIpv6 => label.replacen(&id, &self.rules(), 1),
            Code::IgwPublicIpAssociationForEgress => self.no_public_address(context, &label),
            Code::EgressNoRouteToPrivateAddress | Code::EgressNotInVpc
                if self.is_in_documentation_range() =>
            {
                example_address(to)
            }
            Code::EgressNoRouteToPrivateAddress => {
                let owner = self.hops.iter().find_map(|hop| context.owner(&hop.owner));
                private_address(owner.as_ref().unwrap_or(&label), to)
            }
            Code::EniSgRulesMismatch => {
                let ports = self.ports();
                format!(
                    "{} {label} {} no outbound rule for {ports} to {}",
                    context.source(),
                    has(context),
                    to.words()
                )
            }
            Code::DnsServersSgRulesMismatch => {
                let servers = self.hops.first().and_then(|hop| hop.rule.rsplit_once(" allows "));
                let packets = servers.map_or("udp 53 to the DNS servers", |(_, packets)| packets);
                format!("{} {label} {} no outbound rule for {packets}", context.source(), has(context))
            }
            Code::SgHasNoRules => {
                format!("{} {label} {} no outbound rules", context.source(), has(context))
            }
            Code::SubnetAclRestriction => self.denied(context),
            Code::EniSourceDestCheckRestriction => format!(
                "the source/destination check of NAT instance {id} is on, so {id} drops the packets that it should forward"
            ),
            Code::PcxRequiresAddressInVpcCidr => format!(
                "the route to {} goes to {label}, and a peer cannot use the gateways and endpoints of the other VPC",
                to.words()
            ),
            Code::DnsSupportDisabled => format!("DNS is off in {id} (enableDnsSupport = false)"),
            Code::EgressNotInVpc => {
                let destination = match to {
                    To::Names(names) => names,
                    To::It => "the destination",
                    To::Them => "the destinations",
                };
                format!(
                    "the service uses DEFAULT egress, which has no access to the VPC, so it cannot reach the private address of \
                     {destination}"
                )
            }
            Code::EgressConnectorInactive => format!("VPC {}", self.rules()),
            Code::NatNoRouteOnwards => self.no_route_of_nat(context, to),
            Code::TargetUnattached => {
                let interface = context.interface(&NetworkInterfaceId::from(id.as_str()));
                format!("{interface} is not attached to an instance or service, so nothing listens there")
            }
            Code::EndpointSgRulesMismatch
            | Code::TargetSgRulesMismatch
            | Code::NatInstanceSgRulesMismatch
            | Code::TargetSgNatAddressMismatch
            | Code::TargetSgPublicAddressMismatch => self.no_inbound_rule(context),
            Code::NatInstanceRouteLoop => {
                let (owner, route) = (self.owner(context), self.routes());
                format!("{owner} is in a subnet whose {label} routes {route} back to the NAT instance itself")
            }
            Code::EgressNoReturnRoute => self.no_return_route(),
            Code::NatInstanceNoPublicIp => format!(
                "NAT instance {id} has no public IPv4 address, so the internet gateway does not forward its packets"
            ),
            // The rule is a complete clause.
            Code::TargetNotAvailable
            | Code::TargetSubnetNotPublic
            | Code::TargetPortMismatch
            | Code::EgressTargetInOtherVpc
            | Code::EgressDnsServersUnreachable
            | Code::EgressPeeringNotActive
            | Code::EgressNoReturnRouteOverTransitGateway
            | Code::EgressNoRouteFromTransitGateway
            | Code::EgressAttachmentNotAvailable
            | Code::TgwRouteAzRestriction
            | Code::TgwAttachMissingTgwRtbAssociation
            | Code::TgwRtbCannotRoute
            | Code::TgwRtbBadStateRoute
            | Code::RegionalNgwRouteAzRestriction
            | Code::VpcBlockPublicAccessEnabled
            | Code::SourceHasNoIpv6
            | Code::NatPrivate => self.rules(),
        }
    }

    /// `IPv4 ` or `IPv6 `, if all hops are about addresses of that family.
    pub fn family(&self) -> &'static str {
        let is_about = |family| self.hops.iter().all(|hop| hop.subject == Subject::Family(family));
        match () {
            () if is_about(AddressFamily::Ipv4) => "IPv4 ",
            () if is_about(AddressFamily::Ipv6) => "IPv6 ",
            () => "",
        }
    }

    pub fn owner(&self, context: &Context<'_>) -> String {
        let owner = self.hops.iter().find_map(|hop| context.owner(&hop.owner));
        owner.unwrap_or_else(|| format!("{} network interfaces", context.source()))
    }

    /// The distinct rules of the hops.
    pub fn rules(&self) -> String {
        separated(self.hops.iter().map(|hop| hop.rule.to_string()), "; ")
    }

    /// `tcp 443 and 5432`
    pub fn ports(&self) -> String {
        let ports = self.hops.iter().filter_map(|hop| match &hop.subject {
            Subject::Packets { ports, .. } => Some(ports.to_string()),
            Subject::Component | Subject::Family(_) | Subject::Route { .. } => None,
        });
        format!("tcp {}", separated(ports, ", "))
    }

    /// `0.0.0.0/0`
    fn routes(&self) -> String {
        let routes = self.hops.iter().filter_map(|hop| match &hop.subject {
            Subject::Route { destination, .. } => Some(destination.to_string()),
            Subject::Component | Subject::Family(_) | Subject::Packets { .. } => None,
        });
        separated(routes, ", ")
    }

    /// The packets that a network ACL denies, and where.
    fn denied(&self, context: &Context<'_>) -> String {
        let owners: BTreeSet<&Owner> = self.hops.iter().map(|hop| &hop.owner).collect();
        // The same packets in several subnets are one fact.
        let mut facts: Vec<(String, Vec<String>)> = Vec::new();
        for owner in owners {
            let packets =
                self.hops.iter().filter(|hop| &hop.owner == owner).filter_map(|hop| match &hop.subject {
                    Subject::Packets { direction, is_reply, ports, .. } => {
                        let packets = if *is_reply { "replies" } else { "requests" };
                        Some(format!("{} {packets} (tcp {ports})", direction_word(*direction)))
                    }
                    Subject::Component | Subject::Family(_) | Subject::Route { .. } => None,
                });
            let (packets, place) = (list(packets), context.subnet_of(owner));
            match facts.iter_mut().find(|(known, _)| *known == packets) {
                Some((_, places)) => places.push(place),
                None => facts.push((packets, vec![place])),
            }
        }
        let facts =
            facts.into_iter().map(|(packets, places)| format!("{packets} in {}", list(places.into_iter())));
        format!("network ACL {} denies {}", self.ids(), separated(facts, ", and "))
    }

    /// The missing public address of the network interfaces whose route tables have a route to an internet gateway.
    fn no_public_address(&self, context: &Context<'_>, label: &str) -> String {
        let why = format!("{} network interfaces have no public IP address", context.source());
        let is_in_rule = |table: &String| self.hops.iter().any(|hop| hop.rule.contains(table.as_str()));
        let tables: Vec<String> = context.tables_to(&self.ids()).into_iter().filter(is_in_rule).collect();
        match tables.as_slice() {
            [] => format!("{why}, so {label} does not forward their packets"),
            [table] => {
                format!("route table {table} routes to {label}, which does not forward the packets: {why}")
            }
            tables => format!(
                "route tables {} route to {label}, which does not forward the packets: {why}",
                list(tables.iter().cloned())
            ),
        }
    }

    fn no_route_of_nat(&self, context: &Context<'_>, to: To<'_>) -> String {
        let (id, owner) = (self.ids(), self.owner(context));
        let facts = self.hops.iter().map(|hop| match (&hop.subject, &hop.owner) {
            (Subject::Route { destination, target, .. }, Owner::Nat(nat)) => {
                let target = target.to_string();
                let target =
                    if target == nat.as_str() { "the NAT gateway itself".to_owned() } else { target };
                let subnet = match context.snapshot.network.nat_gateways.get(nat).map(|nat| &nat.placement) {
                    Some(NatPlacement::Subnet(id)) => format!("{id}, a subnet"),
                    _ => "a subnet".to_owned(),
                };
                format!(
                    "NAT gateway {nat} is in {subnet} without a route to an internet gateway: route table {id} routes \
                     {destination} to {target}"
                )
            }
            _ => format!("route table {id}, the route table of the subnet of {owner}, has no route to {}", to.words()),
        });
        separated(facts, "; ")
    }

    /// The missing inbound rule of a receiver's security groups.
    fn no_inbound_rule(&self, context: &Context<'_>) -> String {
        let (noun, verb) = self.receiver(context);
        let ports = self.ports();
        let source = match self.code {
            Code::TargetSgPublicAddressMismatch => self.public_source(context),
            Code::TargetSgNatAddressMismatch => self.translated_source(context),
            _ => {
                let ranges = self.source_ranges(context);
                let noun = if ranges.len() == 1 { "subnet" } else { "subnets" };
                format!("{} {noun} ({})", context.source(), separated(ranges, ", "))
            }
        };
        let owners = self.hops.iter().filter_map(|hop| context.owner(&hop.owner));
        let owners = list(owners);
        format!("{noun} of {owners} {verb} no inbound rule for {ports} from {source}")
    }

    /// The ranges of the source's subnets that the hops are about; the addresses of the hops, if these are others.
    fn source_ranges(&self, context: &Context<'_>) -> Vec<String> {
        let remote = self.remote();
        let ipv4 = |subnet: &Subnet| subnet.cidr.into_iter().collect::<Addresses>();
        let subnets = context.subnets.iter().filter_map(|id| context.snapshot.network.subnets.get(id));
        let own: Vec<&Subnet> = subnets.filter(|subnet| !ipv4(subnet).and(&remote).is_empty()).collect();
        let ranges = own.iter().filter_map(|subnet| subnet.cidr).map(|cidr| cidr.to_string()).collect();
        let union = Addresses::union(&own.iter().map(|subnet| ipv4(subnet)).collect::<Vec<_>>());
        if union == remote { ranges } else { remote.cidrs().iter().map(ToString::to_string).collect() }
    }

    /// The remote addresses of all hops.
    pub fn remote(&self) -> Addresses {
        let remotes: Vec<Addresses> = self
            .hops
            .iter()
            .filter_map(|hop| match &hop.subject {
                Subject::Packets { remote, .. } => Some(remote.clone()),
                Subject::Component | Subject::Family(_) | Subject::Route { .. } => None,
            })
            .collect();
        Addresses::union(&remotes)
    }

    /// The private address that the destination sees, with the NAT gateway that has it.
    fn translated_source(&self, context: &Context<'_>) -> String {
        let remote = self.remote();
        let nats = context.snapshot.network.nat_gateways.iter();
        let known = nats.flat_map(|nat| {
            let own = nat.private_addresses.iter().filter(|address| remote.contains((**address).into()));
            own.map(move |address| format!("{address}, the private address of NAT gateway {}", nat.id))
        });
        let known: Vec<String> = known.collect();
        if known.is_empty() { format!("{remote}, the subnet of the NAT gateway") } else { list(known) }
    }

    /// The public addresses that the destination sees, with the NAT gateway that has them.
    fn public_source(&self, context: &Context<'_>) -> String {
        let remote = self.remote();
        let nats = context.snapshot.network.nat_gateways.iter();
        let known = nats.flat_map(|nat| {
            let own = nat.public_addresses.iter().filter(|address| remote.contains((**address).into()));
            own.map(move |address| format!("{address}, the public address of NAT gateway {}", nat.id))
        });
        let known: Vec<String> = if remote.cidrs().len() > 8 { Vec::new() } else { known.collect() };
        if known.is_empty() { "any public address".to_owned() } else { list(known) }
    }
}

/// The clause about a private address whose most specific route leads to the internet. `target` is the target of that route.
fn private_address(target: &str, to: To<'_>) -> String {
    let addresses = match to {
        To::Names(names) => format!("the private address of {names}"),
        To::It => "its private address".to_owned(),
        To::Them => "their private addresses".to_owned(),
    };
    format!(
        "no route covers {addresses}, except the route to {target}, which leads to the internet: the internet carries no packets to \
         private addresses"
    )
}

/// The clause about an address for examples in documentation.
fn example_address(to: To<'_>) -> String {
    let addresses = match to {
        To::Names(names) => format!("the address of {names} is"),
        To::It => "its address is".to_owned(),
        To::Them => "their addresses are".to_owned(),
    };
    format!("{addresses} in the ranges for examples in documentation, which no host on the internet has")
}

/// `rtb-1, rtb-2 and rtb-3`
pub(super) fn joined(ids: &[&ResourceId]) -> String {
    let ids: Vec<&str> = ids.iter().map(|id| id.as_str()).collect();
    listed(&ids, "and")
}

fn direction_word(direction: Direction) -> &'static str {
    match direction {
        Direction::Inbound => "inbound",
        Direction::Outbound => "outbound",
    }
}

fn has(context: &Context<'_>) -> &'static str {
    if context.source_groups().len() > 1 { "have" } else { "has" }
}
