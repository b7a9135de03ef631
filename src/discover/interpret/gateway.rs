//! NAT gateways, internet gateways and egress-only internet gateways.

use super::fields::{each, is_gone, tags};
use crate::discover::wire::{self, List};
use crate::model::{
    AvailabilityZone, EgressOnlyInternetGateway, EgressOnlyInternetGatewayId, InternetGateway,
    InternetGatewayId, NatConnectivity, NatGateway, NatGatewayId, NatPlacement, NatState, RouteTableId,
    SubnetId, VpcId,
};

/// A NAT gateway; `None` if it is deleted.
pub(in crate::discover) fn nat_gateway(nat: wire::NatGateway) -> Option<NatGateway> {
    if is_gone(nat.state.as_deref()) {
        return None;
    }
    let zones = || each(nat.nat_gateway_addresses.clone()).filter_map(|address| address.availability_zone);
    let (used, unused): (Vec<wire::NatAddress>, Vec<wire::NatAddress>) =
        each(nat.nat_gateway_addresses.clone())
            .partition(|address| address.status.as_deref().is_none_or(|status| status == "succeeded"));
    let unusable_addresses =
        unused.into_iter().find_map(|address| address.status).filter(|_| used.is_empty());
    let parsed = |address: Option<String>| address.and_then(|address| address.parse().ok());
    let private_addresses = used.iter().filter_map(|address| parsed(address.private_ip.clone())).collect();
    let public_addresses = used.into_iter().filter_map(|address| parsed(address.public_ip)).collect();
    Some(NatGateway {
        public_addresses,
        private_addresses,
        unusable_addresses,
        connectivity: match nat.connectivity_type.as_deref() {
            Some("public") | None => NatConnectivity::Public,
            Some("private") => NatConnectivity::Private,
            Some(other) => NatConnectivity::Other(other.to_owned()),
        },
        has_appliance: each(nat.attached_appliances)
            .any(|appliance| appliance.attachment_state.as_deref() != Some("detached")),
        placement: match nat.subnet_id {
            Some(id) if nat.availability_mode.as_deref() != Some("regional") => {
                NatPlacement::Subnet(SubnetId::new(id))
            }
            _ => NatPlacement::Regional {
                zones: zones().map(AvailabilityZone::new).collect(),
                expands: nat.auto_provision_zones.as_deref() != Some("disabled"),
                route_table: nat.route_table_id.map(RouteTableId::from),
            },
        },
        id: NatGatewayId::new(nat.nat_gateway_id),
        failure: match (nat.failure_code, nat.failure_message) {
            (Some(code), Some(message)) => Some(format!("{code}: {message}")),
            (code, message) => code.or(message),
        },
        vpc: VpcId::new(nat.vpc_id),
        state: nat.state.as_deref().map(NatState::from).unwrap_or_default(),
        tags: tags(nat.tags),
    })
}

/// The VPC that a gateway is attached to. AWS reports `available` for an internet gateway and
/// `attached` for an egress-only internet gateway.
fn attached_to(attachments: List<wire::GatewayAttachment>) -> Option<VpcId> {
    let is_attached = |attachment: &wire::GatewayAttachment| {
        attachment.state.as_deref().is_some_and(|state| ["available", "attached"].contains(&state))
    };
    each(attachments).find(is_attached).and_then(|attachment| attachment.vpc_id.map(VpcId::from))
}

pub(in crate::discover) fn internet_gateway(gateway: wire::InternetGateway) -> InternetGateway {
    InternetGateway {
        id: InternetGatewayId::new(gateway.internet_gateway_id),
        attached_to: attached_to(gateway.attachments),
        tags: tags(gateway.tags),
    }
}

pub(in crate::discover) fn egress_only_internet_gateway(
    gateway: wire::EgressOnlyInternetGateway,
) -> EgressOnlyInternetGateway {
    EgressOnlyInternetGateway {
        id: EgressOnlyInternetGatewayId::new(gateway.egress_only_internet_gateway_id),
        attached_to: attached_to(gateway.attachments),
    }
}
