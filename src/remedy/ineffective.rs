//! Fixes that a user may try and that have no effect on this network, with the reason. Only fixes that
//! apply to the diagnosis are returned.

use super::context::RemedyContext;
use super::interface_endpoints::hides_public_apis;
use crate::diagnose::Diagnosis;
use crate::model::{Destination, DestinationKind, Records, RouteTarget, Snapshot, SubnetId, Workload};
use crate::reach::{Layer, route_table_of};

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
    // Users try another path only for what a route or a gateway blocks, not for a rule of a security group or network ACL.
    let needs_path =
        context.blocked_by(|layer, _| matches!(layer, Layer::Route | Layer::Nat | Layer::Internet));
    let gateways = &snapshot.network.internet_gateways;
    if let Some(vpc) = context.vpc().filter(|_| !needs_path.is_empty())
        && let Some(gateway) = gateways.iter().find(|gateway| gateway.attached_to.as_ref() == Some(&vpc.id))
    {
        // <https://docs.aws.amazon.com/apprunner/latest/dg/network-vpc.html>
        add(
            format!("a route to {}, or public subnets for the connector", gateway.id),
            "App Runner connectors never get a public IP, even with \"auto-assign public IP\" on, so an internet gateway route \
             cannot work."
                .to_owned(),
        );
        let is_public = |id: &SubnetId| {
            let subnet = snapshot.network.subnets.get(id)?;
            let (table, _) = route_table_of(snapshot, subnet)?;
            let target = RouteTarget::InternetGateway(gateway.id.clone());
            Some(table.routes.iter().any(|route| route.target == target))
        };
        if context.subnets.iter().any(|id| is_public(id) == Some(false)) {
            // <https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-troubleshooting.html>
            add(
                "a NAT gateway in one of the connector's subnets".to_owned(),
                "The NAT gateway must be in a public subnet (route to an internet gateway). In these subnets its default route \
                 would point to itself."
                    .to_owned(),
            );
        }
    }
    for destination in context.blocked() {
        let host = &destination.host;
        match &destination.kind {
            DestinationKind::ThirdParty { .. } | DestinationKind::AwsPublic(_)
                if !needs_path.contains(&destination) => {}
            DestinationKind::ThirdParty { .. } | DestinationKind::AwsPublic(_) => add(
                format!("an endpoint for {host}"),
                format!("AWS has no VPC endpoint for {host}. {}", paths_to(destination, &context)),
            ),
            DestinationKind::AwsApi(aws) => {
                let region = aws.region.as_ref().filter(|region| **region != snapshot.region);
                if let Some(region) = region {
                    add(
                        format!("a gateway endpoint for {host}"),
                        format!(
                            "A gateway endpoint serves only its own Region, {}; {host} is in {region}.",
                            snapshot.region
                        ),
                    );
                } else if aws.endpoint.as_ref().is_some_and(|offer| hides_public_apis(&offer.service_name)) {
                    add(
                        format!("an endpoint for {host}"),
                        "Private DNS of API Gateway resolves the names of all APIs of the Region, and the endpoint serves \
                         private APIs only: the whole VPC would lose access to public APIs. For a private API the endpoint works."
                            .to_owned(),
                    );
                } else if aws.endpoint.is_none() {
                    add(
                        format!("an endpoint for {host}"),
                        format!("AWS has no VPC endpoint for {host} in this Region."),
                    );
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

/// What can reach a host on the internet, as a sentence.
fn paths_to(destination: &Destination, context: &RemedyContext<'_>) -> String {
    // An egress-only internet gateway carries only IPv6: the subnets need IPv6, and the host an AAAA record.
    let is_dual_stack = context.subnet().is_some_and(|subnet| !subnet.ipv6_cidrs.is_empty());
    let ipv6 = if is_dual_stack && destination.records() != Records::A {
        ", an egress-only internet gateway if the host has an AAAA record"
    } else {
        ""
    };
    format!(
        "A NAT gateway, DEFAULT egress, a NAT instance, a proxy{ipv6} or an egress VPC behind a transit gateway can reach it."
    )
}
