//! Name resolution: which addresses a host stands for, seen from inside the VPC.
//!
//! The VPC's resolver answers when `enableDnsSupport` is on; private DNS of an interface endpoint needs
//! `enableDnsHostnames` too and holds for the whole VPC
//! (<https://docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html>). A gateway endpoint changes no
//! name (<https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html>). That App Runner uses the VPC's
//! resolver is not documented; it is assumed, as turning the VPC's DNS off is known to break connectors.

use ipnet::Ipv4Net;

use super::judgement::{Judgement, missing};
use super::trace::{Code, Layer};
use crate::model::{
    Addresses, Call, Destination, DestinationKind, DhcpResolver, Endpoint, EndpointKind, PUBLIC_V4, Snapshot,
    Vpc,
};

/// What a host resolves to.
pub(super) struct Resolution {
    pub addresses: Addresses,
    /// Whether the host really uses all of `addresses`. If not, it uses an unknown part of them.
    pub exact: bool,
    pub judgement: Option<Judgement>,
}

/// Names of the lists whose addresses belong to one service alone.
const GATEWAY_SERVICES: &[&str] = &[".s3", ".dynamodb", ".s3express"];

pub(super) fn resolve(snapshot: &Snapshot, vpc: &Vpc, destination: &Destination) -> Resolution {
    if let DestinationKind::Address(address) = destination.kind {
        return Resolution { addresses: Addresses::one(address), exact: true, judgement: None };
    }
    match &vpc.dns.resolver {
        DhcpResolver::Custom(servers) => {
            let rule = format!(
                "the VPC's DHCP options name resolvers of its own ({}): what they answer is not known",
                servers.join(", ")
            );
            return anything(vpc, rule, None);
        }
        DhcpResolver::Unknown => {
            let rule = "which resolver the VPC hands out was not read".to_owned();
            return anything(vpc, rule, Some(Call::DescribeDhcpOptions));
        }
        DhcpResolver::Amazon => {}
    }
    let mut resolution = by_amazon(snapshot, vpc, destination);
    match vpc.dns.support {
        Some(true) => {}
        Some(false) => {
            let rule = "enableDnsSupport is off: no name resolves in this VPC".to_owned();
            let all = resolution.addresses.clone();
            resolution.judgement =
                Some(Judgement::block(Layer::Dns, Code::DnsSupportDisabled, &vpc.id, all, rule));
        }
        None => {
            let rule = "whether the VPC resolves names was not read".to_owned();
            let all = resolution.addresses.clone();
            resolution.judgement =
                Some(Judgement::unknown(Layer::Dns, &vpc.id, all, rule, Some(Call::DescribeVpcAttribute)));
        }
    }
    resolution
}

/// A resolver that may answer anything.
fn anything(vpc: &Vpc, rule: String, missing: Option<Call>) -> Resolution {
    let all = Addresses::all();
    Resolution {
        judgement: Some(Judgement::unknown(Layer::Dns, &vpc.id, all.clone(), rule, missing)),
        addresses: all,
        exact: false,
    }
}

fn by_amazon(snapshot: &Snapshot, vpc: &Vpc, destination: &Destination) -> Resolution {
    let inside: Addresses = vpc.cidrs.iter().copied().collect();
    if matches!(destination.kind, DestinationKind::AwsVpc(_)) {
        let rule = "a private name; its address was not read".to_owned();
        let judgement = Judgement::unknown(Layer::Dns, &vpc.id, inside.clone(), rule, None);
        return Resolution { addresses: inside, exact: false, judgement: Some(judgement) };
    }
    if destination.endpoint().is_some_and(|offer| offer.interface)
        && let Some(call) = missing(snapshot, Call::DescribeVpcEndpoints)
    {
        let addresses = public(snapshot, vpc, destination).0.or(&inside);
        let rule = "whether an interface endpoint answers this name was not read".to_owned();
        let judgement = Judgement::unknown(Layer::Dns, &vpc.id, addresses.clone(), rule, Some(call));
        return Resolution { addresses, exact: false, judgement: Some(judgement) };
    }
    match answering(snapshot, vpc, destination) {
        Some(endpoint) if vpc.dns.hostnames == Some(true) => by_endpoint(snapshot, endpoint),
        Some(endpoint) if vpc.dns.hostnames.is_none() => {
            let addresses =
                public(snapshot, vpc, destination).0.or(&by_endpoint(snapshot, endpoint).addresses);
            let rule =
                format!("whether {} answers depends on enableDnsHostnames, which was not read", endpoint.id);
            let missing = Some(Call::DescribeVpcAttribute);
            let judgement = Judgement::unknown(Layer::Dns, &vpc.id, addresses.clone(), rule, missing);
            Resolution { addresses, exact: false, judgement: Some(judgement) }
        }
        dead => by_public_name(snapshot, vpc, destination, dead),
    }
}

fn by_public_name(
    snapshot: &Snapshot,
    vpc: &Vpc,
    destination: &Destination,
    dead: Option<&Endpoint>,
) -> Resolution {
    let (addresses, exact) = public(snapshot, vpc, destination);
    let rule = match dead {
        Some(endpoint) => {
            format!("public addresses: private DNS of {} needs enableDnsHostnames, which is off", endpoint.id)
        }
        None => "public addresses, no interface endpoint answers the name".to_owned(),
    };
    let judgement = Judgement::pass(Layer::Dns, &vpc.id, addresses.clone(), rule);
    Resolution { addresses, exact, judgement: Some(judgement) }
}

/// The interface endpoint whose private DNS answers the host in this VPC.
fn answering<'a>(snapshot: &'a Snapshot, vpc: &Vpc, destination: &Destination) -> Option<&'a Endpoint> {
    snapshot.network.endpoints.iter().find(|endpoint| {
        let EndpointKind::Interface {
            private_dns: true, private_dns_only_inbound: false, private_names, ..
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
        endpoint.vpc == vpc.id && endpoint.is_available() && answers
    })
}

/// Whether a host is the name, or falls under it when it begins with `*.`.
fn name_matches(name: &str, host: &str) -> bool {
    match name.strip_prefix('*') {
        Some(rest) => host.len() > rest.len() && host.ends_with(rest),
        None => name == host,
    }
}

/// The endpoint's addresses; where one could not be read, its whole subnet, of which it is an unknown part.
fn by_endpoint(snapshot: &Snapshot, endpoint: &Endpoint) -> Resolution {
    let EndpointKind::Interface { interfaces, .. } = &endpoint.kind else {
        return Resolution { addresses: Addresses::none(), exact: true, judgement: None };
    };
    let known: Addresses = interfaces.iter().filter_map(|foot| foot.address.map(Ipv4Net::from)).collect();
    let unread = interfaces.iter().filter(|foot| foot.address.is_none());
    let ranges: Addresses = unread
        .filter_map(|foot| snapshot.network.subnets.get(&foot.subnet).and_then(|subnet| subnet.cidr))
        .collect();
    let addresses = known.or(&ranges);
    let rule = format!("{} answers the name: {addresses}", endpoint.id);
    let judgement = Judgement::pass(Layer::Dns, &endpoint.id, addresses.clone(), rule);
    Resolution { exact: ranges.is_empty(), judgement: Some(judgement), addresses }
}

/// The public addresses a host may have, and whether it has all of them.
fn public(snapshot: &Snapshot, vpc: &Vpc, destination: &Destination) -> (Addresses, bool) {
    let lists = || snapshot.network.prefix_lists.iter();
    let own = destination
        .endpoint()
        .filter(|offer| offer.gateway)
        .and_then(|offer| lists().find(|list| list.name == offer.service_name))
        .and_then(|list| list.cidrs.as_ref());
    if let Some(cidrs) = own {
        return (cidrs.iter().copied().collect(), true);
    }
    let inside: Addresses = vpc.cidrs.iter().copied().collect();
    let mut addresses = PUBLIC_V4.minus(&inside);
    if !may_share_gateway_ranges(snapshot, destination) {
        let of_one_service = |name: &str| GATEWAY_SERVICES.iter().any(|end| name.ends_with(end));
        for list in
            lists().filter(|list| list.name.starts_with("com.amazonaws.") && of_one_service(&list.name))
        {
            addresses = addresses.minus(&list.cidrs.iter().flatten().copied().collect());
        }
    }
    (addresses, false)
}

/// Whether a host may have addresses of the region's S3 or `DynamoDB` lists. Nobody else has.
fn may_share_gateway_ranges(snapshot: &Snapshot, destination: &Destination) -> bool {
    destination.aws().is_some_and(|aws| {
        let served = aws
            .service
            .as_deref()
            .is_none_or(|service| service.starts_with("s3") || service.starts_with("dynamodb"));
        served && aws.region.as_ref().is_none_or(|region| *region == snapshot.region)
    })
}
