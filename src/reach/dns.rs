//! DNS: the addresses of a host, as resolved inside the VPC.
//!
//! The Amazon DNS server responds if `enableDnsSupport` is on. Private DNS of an interface endpoint also
//! needs `enableDnsHostnames`, and applies to the whole VPC
//! (<https://docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html>). A gateway endpoint
//! does not change DNS (<https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html>). AWS
//! does not document that App Runner uses the VPC's resolver; egress-doctor assumes it, because connectors
//! fail when DNS is off in the VPC. The most specific zone answers: the private DNS of an endpoint or a
//! private hosted zone
//! (<https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/hosted-zone-private-considerations.html>).

use std::net::IpAddr;

use ipnet::IpNet;

use super::deciding::Deciding;
use super::inactive_dns::{InactiveDns, inactive_endpoint, is_dead};
use super::judgement::{Judgement, missing};
use super::private_name::{PrivateName, private_name};
use super::public_addresses::public_addresses;
use super::resolved::{HereAnswer, SeenAddresses};
use super::trace::{Code, Layer};
use super::{named, unread_name};
use crate::model::{
    AddressFamily, Addresses, Call, Destination, DestinationKind, DhcpResolver, Endpoint, EndpointKind,
    NamedResource, PRIVATE_PORTS, PUBLIC, Records, ResolverRule, Snapshot, Subnet, SubnetId, Vpc,
};

/// The result of resolving a host.
pub(super) struct Resolution {
    pub addresses: Addresses,
    /// Whether the host uses all of `addresses`. If not, it uses an unknown part of them.
    pub exact: bool,
    /// Whether `addresses` are the addresses of known network interfaces, one by one.
    pub by_interface: bool,
    pub judgement: Option<Judgement>,
}

/// Resolves a host for a source with IPv4, and also IPv6 if `dual_stack`. A dual-stack client may use any
/// address.
pub(super) fn resolve(
    snapshot: &Snapshot,
    vpc: &Vpc,
    destination: &Destination,
    seen: SeenAddresses<'_>,
    dual_stack: bool,
) -> Resolution {
    if let DestinationKind::Address(address) = destination.kind {
        let addresses = Addresses::one(address);
        let judgement = (address.is_ipv6() && !dual_stack).then(|| {
            let rule = format!("{address} is an IPv6 address, and the source has IPv4 only");
            Judgement::block(Layer::Dns, Code::SourceHasNoIpv6, &vpc.id, addresses.clone(), rule)
        });
        return Resolution { addresses, exact: true, by_interface: false, judgement };
    }
    let query = Query { snapshot, vpc, destination, seen, dual_stack };
    match &vpc.dns.resolver {
        DhcpResolver::Custom(servers) => {
            let rule = format!(
                "the VPC's DHCP options set custom DNS servers ({}): unknown which addresses they return",
                servers.join(", ")
            );
            return query.any_address(rule, Deciding::CustomResolver);
        }
        DhcpResolver::Unknown => {
            let rule = "the DNS servers in the VPC's DHCP options were not read".to_owned();
            return query.any_address(rule, Deciding::Answer(Call::DescribeDhcpOptions));
        }
        DhcpResolver::Amazon => {}
    }
    let mut resolution = query.by_amazon();
    match vpc.dns.support {
        Some(true) => {}
        Some(false) => {
            let rule = "enableDnsSupport is off: DNS does not work in this VPC".to_owned();
            let all = resolution.addresses.clone();
            resolution.judgement =
                Some(Judgement::block(Layer::Dns, Code::DnsSupportDisabled, &vpc.id, all, rule));
        }
        None => {
            let rule = "enableDnsSupport of the VPC was not read".to_owned();
            let all = resolution.addresses.clone();
            let deciding = Deciding::Answer(Call::DescribeVpcAttribute);
            resolution.judgement = Some(Judgement::unknown(Layer::Dns, &vpc.id, all, rule, deciding));
        }
    }
    resolution
}

/// A DNS query.
struct Query<'a> {
    snapshot: &'a Snapshot,
    vpc: &'a Vpc,
    destination: &'a Destination,
    seen: SeenAddresses<'a>,
    dual_stack: bool,
}

impl<'a> Query<'a> {
    /// Whether the source can use an IPv6 answer.
    fn wants_ipv6(&self) -> bool {
        self.dual_stack && self.destination.records() != Records::A
    }

    /// The public addresses that the host can have, and whether it has all of them.
    fn public_addresses(&self) -> (Addresses, bool) {
        let (addresses, exact) =
            public_addresses(self.snapshot, self.vpc, self.destination, self.wants_ipv6());
        (addresses.or(&self.outside_list(&addresses, exact)), exact)
    }

    /// The public addresses in the log that the prefix list with the addresses of the service does not contain.
    fn outside_list(&self, list: &Addresses, exact: bool) -> Addresses {
        let in_log = self.seen.in_log.iter().filter(|_| exact);
        let usable = in_log.filter(|address| address.is_ipv4() || self.wants_ipv6());
        let public = usable.filter(|address| PUBLIC.contains(**address) && !list.contains(**address));
        public.copied().map(IpNet::from).collect()
    }

    /// The VPC's own addresses that the source can use.
    fn inside(&self) -> Addresses {
        let all = self.vpc.addresses();
        if self.dual_stack { all } else { all.only(AddressFamily::Ipv4) }
    }

    /// The result when the answer can be any address.
    fn any_address(&self, rule: String, deciding: Deciding) -> Resolution {
        let four = Addresses::of(AddressFamily::Ipv4);
        let all = if self.dual_stack { four.or(&Addresses::of(AddressFamily::Ipv6)) } else { four };
        self.unknown(all, rule, deciding)
    }

    fn unknown(&self, addresses: Addresses, rule: String, deciding: Deciding) -> Resolution {
        let judgement = Judgement::unknown(Layer::Dns, &self.vpc.id, addresses.clone(), rule, deciding);
        Resolution { addresses, exact: false, by_interface: false, judgement: Some(judgement) }
    }

    fn by_amazon(&self) -> Resolution {
        let (vpc, destination) = (self.vpc, self.destination);
        let answering = self.answering();
        if let Some(zone) = self.private_zone(answering).filter(|_| self.forwarding_rule(answering).is_none())
        {
            let rule = format!(
                "private hosted zone {zone} resolves this name in the VPC; its records were not read"
            );
            return self.any_address(rule, Deciding::Address);
        }
        if let Some(rule) = self.forwarding_rule(answering) {
            let under = if rule.domain.is_empty() { "all names" } else { rule.domain.as_str() };
            let rule = format!(
                "Resolver rule {} forwards {under} to other DNS servers: unknown which addresses they return",
                rule.id
            );
            return self.any_address(rule, Deciding::Address);
        }
        if let Some(endpoint) = self.own_name() {
            return self.by_endpoint(endpoint);
        }
        let private = private_name(self.snapshot, destination);
        let is_in_vpc = matches!(destination.kind, DestinationKind::AwsVpc(_)) || private.is_some();
        if is_in_vpc && !self.seen.in_log.is_empty() {
            let addresses: Addresses = self.seen.in_log.iter().copied().map(IpNet::from).collect();
            let rule = format!("address in the log: {addresses}");
            let judgement = Judgement::pass(Layer::Dns, &vpc.id, addresses.clone(), rule);
            return Resolution { addresses, exact: true, by_interface: false, judgement: Some(judgement) };
        }
        if let Some((address, rule)) = named::address_in_name(self.snapshot, vpc, &destination.host) {
            let addresses = Addresses::one(address);
            let judgement = Judgement::pass(Layer::Dns, &vpc.id, addresses.clone(), rule);
            return Resolution { addresses, exact: true, by_interface: true, judgement: Some(judgement) };
        }
        if let Some(resolution) = self.by_candidates() {
            return resolution;
        }
        if let (Some(private), None) = (private, answering) {
            return self.by_private_name(private);
        }
        if let Some(resource) = unread_name::by_groups(self.snapshot, vpc, &destination.host) {
            return self.in_subnets(resource);
        }
        if matches!(destination.kind, DestinationKind::AwsVpc(_)) && answering.is_none() {
            let (rule, deciding) = unread_name::unread_name(self.snapshot, vpc, &destination.host);
            return self.any_address(rule, deciding);
        }
        if let Some((rule, deciding)) = self.doubt() {
            return self.unknown(self.public_addresses().0.or(&self.inside()), rule, deciding);
        }
        match answering {
            Some(endpoint) if vpc.dns.hostnames == Some(true) => self.by_endpoint(endpoint),
            Some(endpoint) if vpc.dns.hostnames.is_none() => {
                let addresses = self.public_addresses().0.or(&self.by_endpoint(endpoint).addresses);
                let rule = format!(
                    "private DNS of {} depends on enableDnsHostnames, which was not read",
                    endpoint.id
                );
                self.unknown(addresses, rule, Deciding::Answer(Call::DescribeVpcAttribute))
            }
            dead => self.by_public_name(dead),
        }
    }

    /// The addresses of the network interfaces that the name can mean. A name with several candidates has an
    /// unknown part of them.
    fn by_candidates(&self) -> Option<Resolution> {
        let (snapshot, host) = (self.snapshot, self.destination.host.as_str());
        let mut candidates = named::candidates(snapshot, self.vpc, self.destination);
        if let Some(here) = HereAnswer::new(snapshot, self.vpc, self.seen.here, self.dual_stack) {
            if matches!(self.destination.kind, DestinationKind::ThirdParty { .. }) && candidates.is_none() {
                return self.by_alias(&here);
            }
            if !named::agrees(candidates.as_ref(), &here) {
                let known = candidates.map(|candidates| candidates.rule(self.vpc, host));
                let known = known.map_or(String::new(), |rule| format!("{rule}, but "));
                return Some(self.any_address(format!("{known}{}", here.fact()), Deciding::Address));
            }
            candidates = Some(named::narrowed(candidates, here, host));
        }
        let candidates = candidates?;
        let addresses = candidates.addresses(snapshot, self.vpc, self.dual_stack);
        if addresses.is_empty() {
            return None;
        }
        let rule = candidates.rule(self.vpc, host);
        // Only the service connects the name with these network interfaces, so none of them proves that it is reachable.
        let judgement = if candidates.are_certain() {
            Judgement::pass(Layer::Dns, &self.vpc.id, addresses.clone(), rule)
        } else {
            let deciding = named::deciding_interface(snapshot, host);
            Judgement::unknown(Layer::Dns, &self.vpc.id, addresses.clone(), rule, deciding)
        };
        let exact = addresses.single().is_some()
            || candidates.are_certain() && (named::has_all_addresses(host) || candidates.has_both_families());
        Some(Resolution { addresses, exact, by_interface: true, judgement: Some(judgement) })
    }

    /// The addresses of the subnets of a resource whose network interfaces were not read.
    fn in_subnets(&self, resource: &NamedResource) -> Resolution {
        let subnets = resource.subnets.iter().filter_map(|id| self.snapshot.network.subnets.get(id));
        let each: Vec<Addresses> = subnets.map(Subnet::addresses).collect();
        let all = Addresses::union(&each);
        let has_ipv6 = self.dual_stack && resource.dual_stack != Some(false);
        let addresses = if has_ipv6 { all } else { all.only(AddressFamily::Ipv4) };
        let subnets: Vec<&str> = resource.subnets.iter().map(SubnetId::as_str).collect();
        let rule = format!(
            "the name of {}: an address in {}; its network interfaces were not found",
            resource.described(),
            subnets.join(" or ")
        );
        let judgement = Judgement::pass(Layer::Dns, &self.vpc.id, addresses.clone(), rule);
        Resolution { addresses, exact: false, by_interface: false, judgement: Some(judgement) }
    }

    /// A name of a third party that has a private address on this machine: an alias of a host in the VPC, unless only the network
    /// of this machine has that record.
    fn by_alias(&self, here: &HereAnswer) -> Option<Resolution> {
        let private = here.private();
        if private.is_empty() || self.answering().is_some() {
            return None;
        }
        let both: Addresses = private.into_iter().map(IpNet::from).collect();
        let rule = format!(
            "{}; unknown whether the VPC's resolver gives this answer or a public address",
            here.fact()
        );
        Some(self.unknown(self.public_addresses().0.or(&both), rule, Deciding::Address))
    }

    /// The addresses of the endpoints that a private name can belong to.
    fn by_private_name(&self, private: PrivateName<'_>) -> Resolution {
        let (snapshot, vpc) = (self.snapshot, self.vpc);
        let rule = private.rule(snapshot, vpc);
        if let Some(call) = missing(snapshot, Call::DescribeVpcEndpoints) {
            let rule = "a private name; the VPC endpoints were not read".to_owned();
            return self.any_address(rule, Deciding::Answer(call));
        }
        let endpoints = private.only_endpoints(snapshot, vpc);
        let each: Vec<Addresses> =
            endpoints.into_iter().map(|endpoint| self.by_endpoint(endpoint).addresses).collect();
        match Addresses::union(&each) {
            addresses if addresses.is_empty() => self.any_address(rule, Deciding::Address),
            addresses => self.unknown(addresses, rule, Deciding::Address),
        }
    }

    /// The endpoint whose id is in the host, `vpce-0a1-b2c.secretsmanager.us-west-2.vpce.amazonaws.com`.
    fn own_name(&self) -> Option<&'a Endpoint> {
        let labels = self.destination.host.split('.').filter(|label| label.starts_with("vpce-"));
        let is_own = |endpoint: &&Endpoint| {
            labels.clone().any(|label| {
                label
                    .strip_prefix(endpoint.id.as_str())
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
            })
        };
        self.snapshot.network.endpoints.iter().filter(|endpoint| endpoint.vpc == self.vpc.id).find(is_own)
    }

    /// The reason why a public name can have a private address in this VPC, and what decides it.
    fn doubt(&self) -> Option<(String, Deciding)> {
        let (snapshot, vpc, destination) = (self.snapshot, self.vpc, self.destination);
        if let Some(call) = missing(snapshot, Call::DescribeVpcEndpoints) {
            return Some((
                "unknown whether an interface endpoint resolves this name: the VPC endpoints were not read"
                    .to_owned(),
                Deciding::Answer(call),
            ));
        }
        let call = Call::DescribeVpcEndpoints;
        let unread = snapshot
            .owner_of(&vpc.id)
            .filter(|owner| !snapshot.has_read(owner) || snapshot.gaps_of(owner).any(|gap| gap.call == call));
        if let Some(owner) = unread {
            let account = &owner.account;
            let rule = format!(
                "{} is shared by account {account}, whose endpoints this account cannot read",
                vpc.id
            );
            return Some((rule, Deciding::NotInAnswer(call)));
        }
        if self.has_unread_zones()
            && matches!(destination.kind, DestinationKind::ThirdParty { .. })
            && PRIVATE_PORTS.contains(&destination.port)
        {
            let why =
                "private hosted zones were not read, and the name of a database is often in one".to_owned();
            return Some((why, Deciding::Address));
        }
        let maybe = snapshot.network.endpoints.iter().find_map(|endpoint| self.may_answer(endpoint));
        maybe.or_else(|| {
            let service = match &destination.kind {
                DestinationKind::AwsPublic(aws) => aws.service.as_deref().unwrap_or_default(),
                _ if is_instance(&destination.host) => "ec2",
                _ => return None,
            };
            let is_apprunner = |endpoint: &Endpoint| {
                endpoint.vpc == vpc.id && endpoint.service.ends_with(".apprunner.requests")
            };
            let why = match service {
                "eks" => "the name of an EKS cluster has private addresses if its endpoint access is private",
                "ec2" => "the public name of an EC2 instance resolves to its private address inside the VPC",
                "apprunner" if snapshot.network.endpoints.iter().any(is_apprunner) => {
                    "the VPC has an endpoint for private App Runner services, and this can be one of them"
                }
                _ => return None,
            };
            Some((why.to_owned(), Deciding::Address))
        })
    }

    /// The reason why it is unknown whether this endpoint's private DNS resolves the name; `None` if it is known.
    fn may_answer(&self, endpoint: &Endpoint) -> Option<(String, Deciding)> {
        let EndpointKind::Interface { private_dns: true, private_dns_only_inbound, private_names, .. } =
            &endpoint.kind
        else {
            return None;
        };
        if endpoint.vpc != self.vpc.id || *private_dns_only_inbound == Some(true) {
            return None;
        }
        let id = &endpoint.id;
        let offer = self.destination.endpoint().filter(|offer| offer.interface);
        let offered = offer.is_some_and(|offer| offer.service_name == endpoint.service);
        if private_names.is_empty() && !offered {
            // An endpoint service of a partner has names of the partner. An endpoint service of AWS has
            // names of AWS.
            let is_partner = endpoint.service.contains(".vpce.");
            let fits = is_partner != self.destination.aws().is_some() && offer.is_none();
            let deciding = Deciding::Answer(Call::DescribeVpcEndpointServices);
            return fits.then(|| {
                (
                    format!(
                        "unknown whether private DNS of {id} resolves this name: the private DNS names of {} \
                         were not read",
                        endpoint.service
                    ),
                    deciding,
                )
            });
        }
        let named = private_names.iter().any(|name| name_matches(name, &self.destination.host));
        if !(named || private_names.is_empty() && offered) {
            return None;
        }
        if private_dns_only_inbound.is_none() {
            return Some((
                format!(
                    "whether private DNS of {id} applies inside the VPC, or only to inbound resolver endpoints, was not read"
                ),
                Deciding::value(self.snapshot, Call::DescribeVpcEndpoints),
            ));
        }
        // In these states an endpoint carries no packets and its private DNS is off.
        let is_dead = is_dead(&endpoint.state);
        let is_changing = !endpoint.is_available() && !is_dead;
        is_changing.then(|| {
            let why =
                format!("{id} is {}: unknown whether its private DNS resolves this name", endpoint.state);
            (why, Deciding::Value(Call::DescribeVpcEndpoints))
        })
    }

    /// Whether private hosted zones of the VPC can exist that were not read.
    fn has_unread_zones(&self) -> bool {
        self.vpc.private_zones.is_none() || missing(self.snapshot, Call::ListHostedZonesByVPC).is_some()
    }

    /// The private hosted zone that resolves the host, unless an endpoint's name is more specific.
    fn private_zone(&self, answering: Option<&Endpoint>) -> Option<&'a str> {
        let host = &self.destination.host;
        let zones = self.vpc.private_zones.iter().flatten().map(|zone| zone.trim_end_matches('.'));
        let zone = zones.filter(|zone| is_under(host, zone)).max_by_key(|zone| zone.len())?;
        let endpoint = self.length_of_private_name(answering);
        endpoint.is_none_or(|name| name < zone.len()).then_some(zone)
    }

    /// The length of the longest name of the endpoint that the host matches.
    fn length_of_private_name(&self, answering: Option<&Endpoint>) -> Option<usize> {
        answering.and_then(|endpoint| match &endpoint.kind {
            EndpointKind::Interface { private_names, .. } => private_names
                .iter()
                .filter(|name| name_matches(name, &self.destination.host))
                .map(|name| name.trim_start_matches("*.").len())
                .max(),
            EndpointKind::Gateway { .. } | EndpointKind::Other(_) => None,
        })
    }

    /// The Resolver rule that forwards the host, unless a private hosted zone or the private DNS of an endpoint is more specific. For the
    /// same domain, a rule takes precedence over a private hosted zone
    /// (<https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resolver-overview-forward-vpc-to-network-domain-name-matches.html>).
    fn forwarding_rule(&self, answering: Option<&Endpoint>) -> Option<&'a ResolverRule> {
        let rules =
            self.vpc.resolver_rules.iter().filter(|rule| is_under(&self.destination.host, &rule.domain));
        let rule =
            rules.max_by_key(|rule| (rule.domain.len(), rule.forwards)).filter(|rule| rule.forwards)?;
        let length = rule.domain.len();
        let zone = self.private_zone(answering).is_some_and(|zone| zone.len() > length);
        let endpoint =
            answering.is_some() && self.length_of_private_name(answering).is_none_or(|name| name > length);
        (!zone && !endpoint).then_some(rule)
    }

    fn by_public_name(&self, dead: Option<&Endpoint>) -> Resolution {
        let (addresses, exact) = self.public_addresses();
        let dead = dead.map(|endpoint| (endpoint, InactiveDns::Hostnames));
        let rule = match dead.or_else(|| inactive_endpoint(self.snapshot, self.vpc, self.destination)) {
            Some((endpoint, InactiveDns::Hostnames)) => {
                format!(
                    "public addresses: private DNS of {} needs enableDnsHostnames, which is off",
                    endpoint.id
                )
            }
            Some((endpoint, InactiveDns::Endpoint)) => {
                format!("public addresses: private DNS of {} is off", endpoint.id)
            }
            Some((endpoint, InactiveDns::State)) => {
                format!("public addresses: interface endpoint {} is {}", endpoint.id, endpoint.state)
            }
            None => "public addresses: no interface endpoint has private DNS for the name".to_owned(),
        };
        // The permission is optional, so the hop passes. Its text mentions the gap: a private hosted zone
        // changes the answer.
        let unread = self.has_unread_zones();
        let zones =
            if unread { "; private hosted zones were not read and can change the answer" } else { "" };
        let (list, _) = public_addresses(self.snapshot, self.vpc, self.destination, self.wants_ipv6());
        let outside = self.outside_list(&list, exact);
        let outside = if outside.is_empty() {
            String::new()
        } else {
            format!("; the log shows {outside}, which the prefix list of the service does not contain")
        };
        let rule = format!("{rule}{zones}{outside}");
        let judgement = Judgement::pass(Layer::Dns, &self.vpc.id, addresses.clone(), rule);
        Resolution { addresses, exact, by_interface: false, judgement: Some(judgement) }
    }

    /// The interface endpoint whose private DNS resolves the host in this VPC. With
    /// `PrivateDnsOnlyForInboundResolverEndpoint` (the default for S3) private DNS does not apply inside the
    /// VPC.
    fn answering(&self) -> Option<&'a Endpoint> {
        let destination = self.destination;
        self.snapshot.network.endpoints.iter().find(|endpoint| {
            let EndpointKind::Interface {
                private_dns: true,
                private_dns_only_inbound: Some(false),
                private_names,
                ..
            } = &endpoint.kind
            else {
                return false;
            };
            let offered = destination
                .endpoint()
                .is_some_and(|offer| offer.interface && offer.service_name == endpoint.service);
            let answers = if private_names.is_empty() {
                offered
            } else {
                private_names.iter().any(|name| name_matches(name, &destination.host))
            };
            endpoint.vpc == self.vpc.id && endpoint.is_available() && answers
        })
    }

    /// The endpoint's addresses. An address that was not read can be any address of its subnet.
    fn by_endpoint(&self, endpoint: &Endpoint) -> Resolution {
        let EndpointKind::Interface { interfaces, ipv6_records, .. } = &endpoint.kind else {
            return Resolution {
                addresses: Addresses::none(),
                exact: true,
                by_interface: false,
                judgement: None,
            };
        };
        let four = interfaces.iter().filter_map(|interface| interface.address.map(IpAddr::V4));
        let six = interfaces.iter().filter_map(|interface| interface.ipv6_address.map(IpAddr::V6));
        let six = six.filter(|_| self.dual_stack && *ipv6_records);
        let known: Addresses = four.chain(six).map(IpNet::from).collect();
        // A network interface in a subnet that was not read can have any address of the VPC.
        let unread = interfaces.iter().filter(|interface| interface.address.is_none());
        let ranges: Vec<Addresses> = unread
            .map(|interface| {
                self.snapshot.network.subnets.get(&interface.subnet).and_then(|subnet| subnet.cidr)
            })
            .map(|cidr| cidr.map_or_else(|| self.inside(), Addresses::from))
            .collect();
        let ranges = Addresses::union(&ranges);
        let addresses = known.or(&ranges);
        if addresses.is_empty() {
            let rule =
                format!("the name resolves to {}, but its network interfaces were not read", endpoint.id);
            return self.unknown(
                self.inside(),
                rule,
                Deciding::absent(self.snapshot, Call::DescribeNetworkInterfaces),
            );
        }
        let rule = format!("the name resolves to {}: {addresses}", endpoint.id);
        let judgement = Judgement::pass(Layer::Dns, &endpoint.id, addresses.clone(), rule);
        Resolution { exact: ranges.is_empty(), by_interface: false, judgement: Some(judgement), addresses }
    }
}

/// Whether it is the public name of an instance, `ec2-203-0-113-25.us-west-2.compute.amazonaws.com`
/// (<https://docs.aws.amazon.com/vpc/latest/userguide/vpc-dns.html>).
fn is_instance(host: &str) -> bool {
    host.starts_with("ec2-")
        && [".compute.amazonaws.com", ".compute-1.amazonaws.com"].iter().any(|end| host.ends_with(end))
}

/// Whether a host is a domain or under it. All hosts are under the empty domain.
fn is_under(host: &str, domain: &str) -> bool {
    domain.is_empty() || host.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

/// Whether a host matches a name, which can begin with `*.`.
fn name_matches(name: &str, host: &str) -> bool {
    match name.strip_prefix('*') {
        Some(rest) => host.len() > rest.len() && host.ends_with(rest),
        None => name == host,
    }
}
