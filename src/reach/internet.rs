//! Internet gateways.
//!
//! They translate only for interfaces with a public address, and a connector's interface never has one
//! (<https://docs.aws.amazon.com/apprunner/latest/dg/network-vpc.html>). A NAT gateway's has.

use super::judgement::{Judgement, missing};
use super::trace::{Code, Layer};
use crate::model::{Addresses, Call, InternetGatewayId, PUBLIC_V4, Snapshot, VpcId};

/// A route to an internet gateway, from an interface that has no public address.
pub(super) fn without_public_address(id: &InternetGatewayId, addresses: Addresses) -> Judgement {
    let rule =
        format!("{id} carries only packets of interfaces with a public address; the connector's have none");
    Judgement::block(Layer::Internet, Code::IgwPublicIpAssociationForEgress, id, addresses, rule)
}

/// A route to an internet gateway, from a NAT gateway with a public address.
pub(super) fn from_nat(
    snapshot: &Snapshot,
    vpc: &VpcId,
    id: &InternetGatewayId,
    addresses: &Addresses,
) -> Vec<Judgement> {
    let (public, private) = (addresses.and(&PUBLIC_V4), addresses.minus(&PUBLIC_V4));
    let mut judgements = Vec::new();
    if !public.is_empty() && !private.is_empty() {
        // Only a name whose answer is not known can be both.
        let rule = format!("{id} carries only public addresses, and whether this is one is not known");
        judgements.push(Judgement::unknown(Layer::Internet, id, private, rule, None));
        judgements.push(attached(snapshot, vpc, id, public));
    } else if !public.is_empty() {
        judgements.push(attached(snapshot, vpc, id, public));
    } else if !private.is_empty() {
        let rule = format!("{id} leads to the internet, which carries no private addresses ({private})");
        judgements.push(Judgement::block(Layer::Internet, Code::NatNoRouteOnwards, id, private, rule));
    }
    judgements
}

fn attached(snapshot: &Snapshot, vpc: &VpcId, id: &InternetGatewayId, addresses: Addresses) -> Judgement {
    let gateway = snapshot.network.internet_gateways.get(id);
    match (gateway, missing(snapshot, Call::DescribeInternetGateways)) {
        (Some(gateway), _) if gateway.attached_to.as_ref() == Some(vpc) => {
            Judgement::pass(Layer::Internet, id, addresses, format!("{id} is attached to {vpc}"))
        }
        (Some(_), _) => {
            let rule = format!("{id} is not attached to {vpc}");
            Judgement::block(Layer::Internet, Code::BadStateAttachment, id, addresses, rule)
        }
        (None, Some(call)) => {
            let rule = format!("{id} was not read");
            Judgement::unknown(Layer::Internet, id, addresses, rule, Some(call))
        }
        (None, None) => {
            let rule = format!("{id} does not exist in this VPC");
            Judgement::block(Layer::Internet, Code::BadStateAttachment, id, addresses, rule)
        }
    }
}
