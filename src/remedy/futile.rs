//! What people try and what cannot work here, with the reason; only where it is near at hand.

use super::interface_endpoints::shadows_public_names;
use super::site::Site;
use crate::diagnose::Diagnosis;
use crate::model::{DestinationKind, RouteTarget, Snapshot, Workload};
use crate::reach::route_table_of;

/// A way out that is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Futile {
    /// What one might try, `an endpoint for bond.okta.com`.
    pub idea: String,
    /// Why it does not work, a whole sentence.
    pub reason: String,
}

/// What cannot work here.
#[must_use]
pub fn futile(snapshot: &Snapshot, workload: &Workload, diagnosis: &Diagnosis) -> Vec<Futile> {
    let site = Site::new(snapshot, workload, diagnosis);
    let mut found = Vec::new();
    let mut add = |idea: String, reason: String| {
        let one = Futile { idea, reason };
        if !found.contains(&one) {
            found.push(one);
        }
    };
    if site.stopped().next().is_none() {
        return found;
    }
    let gateways = &snapshot.network.internet_gateways;
    if let Some(vpc) = site.vpc()
        && let Some(gateway) = gateways.iter().find(|gateway| gateway.attached_to.as_ref() == Some(&vpc.id))
    {
        // <https://docs.aws.amazon.com/apprunner/latest/dg/network-vpc.html>
        add(
            format!("a route to {}, or public subnets for the connector", gateway.id),
            "An internet gateway carries only packets of interfaces with a public address, and a connector's never get one, \
             whatever the subnet assigns."
                .to_owned(),
        );
        let public = |id: &crate::model::SubnetId| {
            let subnet = snapshot.network.subnets.get(id)?;
            let (table, _) = route_table_of(snapshot, subnet)?;
            let is_out = |target: &RouteTarget| *target == RouteTarget::InternetGateway(gateway.id.clone());
            Some(table.routes.iter().any(|route| is_out(&route.target)))
        };
        if site.subnets.iter().any(|id| public(id) == Some(false)) {
            // <https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-troubleshooting.html>
            add(
                "a NAT gateway in one of the connector's subnets".to_owned(),
                "It would be sent back to itself by its own subnet's route table: it must stand in a subnet that leads to the \
                 internet gateway."
                    .to_owned(),
            );
        }
    }
    for destination in site.stopped() {
        let host = &destination.host;
        match &destination.kind {
            DestinationKind::ThirdParty { .. } | DestinationKind::AwsPublic(_) => add(
                format!("an endpoint for {host}"),
                "No endpoint service of AWS answers that name: only a NAT gateway or DEFAULT egress leads there.".to_owned(),
            ),
            DestinationKind::AwsApi(aws) => {
                let region = aws.region.as_ref().filter(|region| **region != snapshot.region);
                if let Some(region) = region {
                    add(
                        format!("a gateway endpoint for {host}"),
                        format!("A gateway endpoint serves its own Region, {}, only; this one is in {region}.", snapshot.region),
                    );
                } else if aws.endpoint.as_ref().is_some_and(|offer| shadows_public_names(&offer.service_name)) {
                    add(
                        format!("an endpoint for {host}"),
                        "Private DNS of API Gateway answers for every API of the Region and serves private ones only: public \
                         APIs would be cut off from the whole VPC. For a private API it is the way."
                            .to_owned(),
                    );
                } else if aws.endpoint.is_none() {
                    add(
                        format!("an endpoint for {host}"),
                        "No endpoint service answers that name in this Region.".to_owned(),
                    );
                }
            }
            DestinationKind::AwsVpc(_) => add(
                format!("an endpoint for {host}"),
                "It is inside a VPC: groups, ACLs and routes decide, no endpoint does.".to_owned(),
            ),
            DestinationKind::Address(_) => {}
        }
    }
    found
}
