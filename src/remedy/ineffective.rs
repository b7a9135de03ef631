//! Fixes that a user may try and that have no effect on this network, with the reason. Only fixes that
//! apply to the diagnosis are returned.

use super::context::RemedyContext;
use super::interface_endpoints::hides_public_apis;
use crate::diagnose::Diagnosis;
use crate::model::{AwsHost, Destination, DestinationKind, RouteTarget, Snapshot, SubnetId, Workload};
use crate::reach::{Code, Layer, offers_private_endpoint, route_table_of};
use crate::text::listed;

/// A fix that has no effect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IneffectiveFix {
    /// The fix that a user may try, `an endpoint for bond.okta.com`.
    pub idea: String,
    /// The reason why it has no effect, as a sentence.
    pub reason: String,
}

/// The fixes that have no effect for a workload.
#[must_use]
pub fn ineffective_fixes(
    snapshot: &Snapshot,
    workload: &Workload,
    diagnosis: &Diagnosis,
) -> Vec<IneffectiveFix> {
    let context = RemedyContext::new(snapshot, workload, diagnosis);
    let mut fixes = Vec::new();
    let mut add = |idea: String, reason: String| {
        let fix = IneffectiveFix { idea, reason };
        if !fixes.contains(&fix) {
            fixes.push(fix);
        }
    };
    if context.blocked().next().is_none() {
        return fixes;
    }
    // Users try another path only for what a route or a gateway blocks, not for a rule of a security group or network ACL. A path to
    // the internet is no path to a private address.
    let needs_path = context.blocked_by(|layer, code| {
        matches!(layer, Layer::Route | Layer::Nat | Layer::Internet)
            && code != Code::EgressNoRouteToPrivateAddress
    });
    let gateways = &snapshot.network.internet_gateways;
    if let Some(vpc) = context.vpc().filter(|_| !needs_path.is_empty())
        && let Some(gateway) = gateways.iter().find(|gateway| gateway.attached_to.as_ref() == Some(&vpc.id))
    {
        // <https://docs.aws.amazon.com/apprunner/latest/dg/network-vpc.html>
        add(
            format!("a route to {}, or public subnets for the connector", gateway.id),
            "The network interfaces of a connector never get a public IP address, even in a subnet with \"auto-assign public \
             IPv4 address\". An internet gateway forwards IPv4 packets only of network interfaces with a public IPv4 address."
                .to_owned(),
        );
        let is_public = |id: &SubnetId| {
            let subnet = snapshot.network.subnets.get(id)?;
            let (table, _) = route_table_of(snapshot, subnet)?;
            let target = RouteTarget::InternetGateway(gateway.id.clone());
            Some(table.routes.iter().any(|route| route.target == target))
        };
        let private: Vec<String> = context
            .subnets
            .iter()
            .filter(|id| is_public(id) == Some(false))
            .map(ToString::to_string)
            .collect();
        if !private.is_empty() {
            // <https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-troubleshooting.html>
            add(
                format!("a zonal NAT gateway in {}", listed(&private, "or")),
                "A public zonal NAT gateway must be in a subnet with a route to an internet gateway. These subnets need a default \
                 route to the NAT gateway, so it cannot be in one of them."
                    .to_owned(),
            );
        }
    }
    for destination in context.blocked() {
        let host = &destination.host;
        match &destination.kind {
            DestinationKind::ThirdParty { .. } | DestinationKind::AwsPublic(_)
                if !needs_path.contains(&destination) => {}
            DestinationKind::ThirdParty { name: Some(name) } if offers_private_endpoint(name) => add(
                format!("an endpoint of AWS for {name}"),
                format!(
                    "AWS has no VPC endpoint for {name}. {name} offers a private endpoint of its own (AWS PrivateLink), which you \
                     create in the settings of {name}."
                ),
            ),
            DestinationKind::ThirdParty { .. } | DestinationKind::AwsPublic(_) => {
                add(format!("an endpoint for {host}"), format!("AWS has no VPC endpoint for {host}."));
            }
            DestinationKind::AwsApi(aws) => {
                if let Some((idea, reason)) = endpoint_without_effect(snapshot, destination, aws) {
                    add(idea, reason);
                }
            }
            DestinationKind::AwsVpc(_) => add(
                format!("an endpoint for {host}"),
                format!(
                    "{host} is inside a VPC: access depends on security groups, network ACLs and route tables, not on an endpoint."
                ),
            ),
            DestinationKind::Address(_) => {}
        }
    }
    fixes
}

/// The endpoint for an AWS API that does not help, with the reason.
fn endpoint_without_effect(
    snapshot: &Snapshot,
    destination: &Destination,
    aws: &AwsHost,
) -> Option<(String, String)> {
    let host = &destination.host;
    let endpoint = format!("an endpoint for {host}");
    if let Some(region) = aws.region.as_ref().filter(|region| **region != snapshot.region) {
        let own = &snapshot.region;
        let reason = format!("A gateway endpoint serves only its own Region, {own}; {host} is in {region}.");
        return Some((format!("a gateway endpoint for {host}"), reason));
    }
    if aws.endpoint.as_ref().is_some_and(|offer| hides_public_apis(&offer.service_name)) {
        let reason = "Private DNS of API Gateway resolves the names of all APIs of the Region, and the endpoint serves private \
                      APIs only: the whole VPC would lose access to public APIs. For a private API the endpoint works.";
        return Some((endpoint, reason.to_owned()));
    }
    if aws.service.as_deref() == Some("dynamodbstreams") {
        let reason = "The interface endpoint of DynamoDB Streams has no private DNS. It helps only clients that use its own URL.";
        return Some((format!("private DNS for {host}"), reason.to_owned()));
    }
    if aws.endpoint.is_some() {
        return None;
    }
    let reason = if destination.is_global_s3() {
        format!(
            "{host} is the global name of S3. A gateway endpoint serves it only if the bucket is in {}, and an interface endpoint \
             does not serve it.",
            snapshot.region
        )
    } else {
        format!("AWS has no VPC endpoint for {host} in this Region.")
    };
    Some((endpoint, reason))
}
