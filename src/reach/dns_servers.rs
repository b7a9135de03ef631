//! The custom DNS servers of a VPC: whether the queries of a source certainly do not arrive.
//!
//! Security groups and network ACLs filter these queries, unlike those to the Amazon DNS server
//! (<https://docs.aws.amazon.com/vpc/latest/userguide/AmazonDNS-concepts.html>). Does not judge the answers.

use std::net::IpAddr;

use super::egress::Source;
use super::index::Index;
use super::judgement::Judgement;
use super::security_group;
use super::trace::{Code, Layer, Owner, Trace};
use crate::model::{Addresses, Destination, DestinationKind, NetworkInterface, ResourceId, Subnet, Vpc};

/// The judgement of a name if the queries certainly arrive at no custom DNS server. `trace` traces the path to a destination.
pub(super) fn unreachable(
    index: &Index<'_>,
    trace: &dyn Fn(&Destination) -> Trace,
    source: &Source,
    (subnet, vpc): (&Subnet, &Vpc),
    all: &Addresses,
) -> Option<Judgement> {
    let servers = security_group::custom_servers(vpc);
    let reasons: Option<Vec<Reason>> =
        servers.iter().map(|server| refused((index, trace), source, (subnet, vpc), *server)).collect();
    let reasons = reasons?;
    let first = reasons.first()?;
    let rule = reasons.iter().map(|reason| reason.rule.as_str()).collect::<Vec<_>>().join("; ");
    let judgement = Judgement::block(
        Layer::Dns,
        Code::EgressDnsServersUnreachable,
        first.component.clone(),
        all.clone(),
        rule,
    );
    Some(judgement.of(first.owner.clone()))
}

/// Why a DNS server gets no queries.
struct Reason {
    component: ResourceId,
    owner: Owner,
    rule: String,
}

fn refused(
    (index, trace): (&Index<'_>, &dyn Fn(&Destination) -> Trace),
    source: &Source,
    (subnet, vpc): (&Subnet, &Vpc),
    server: IpAddr,
) -> Option<Reason> {
    let is_own =
        |interface: &&NetworkInterface| interface.vpc == vpc.id && interface.addresses.contains(&server);
    if let Some(interface) = index.snapshot.network.network_interfaces.iter().find(is_own) {
        let (groups, own) = (&interface.security_groups, &source.security_groups);
        let refuses = security_group::refuse_queries(index, groups, own, &subnet.addresses());
        return refuses.then(|| Reason {
            component: (&interface.id).into(),
            owner: Owner::Destination(interface.id.clone()),
            rule: format!(
                "{} of {}, the DNS server {server} of the VPC's DHCP options, has no inbound rule for udp 53 from the connector",
                security_group::names(groups),
                interface.id
            ),
        });
    }
    if vpc.addresses().contains(server) {
        return None;
    }
    // Routes and gateways treat queries over UDP and connections over TCP alike.
    let destination =
        Destination { host: server.to_string(), port: 53, kind: DestinationKind::Address(server) };
    let trace = trace(&destination);
    let (hop, _) = trace.blockers().find(|(_, code)| is_of_route(*code))?;
    Some(Reason {
        component: hop.component.clone(),
        owner: Owner::Source,
        rule: format!(
            "queries to the DNS server {server} of the VPC's DHCP options do not arrive: {}",
            hop.rule
        ),
    })
}

/// Whether a code is about routes or gateways, not about ports or protocols.
fn is_of_route(code: Code) -> bool {
    matches!(
        code,
        Code::NoRouteToDestination
            | Code::BadStateRoute
            | Code::BadState
            | Code::EgressNoRouteToPrivateAddress
            | Code::IgwPublicIpAssociationForEgress
            | Code::NatPrivate
            | Code::NatNoRouteOnwards
            | Code::VpcBlockPublicAccessEnabled
    )
}
