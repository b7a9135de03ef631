//! The first layer: the egress mode of a workload.
//!
//! With VPC egress all outbound traffic of the application uses the connector. Image pulls, logs and the
//! injection of secrets never use it (<https://docs.aws.amazon.com/apprunner/latest/dg/network-vpc.html>).

use std::collections::BTreeSet;

use super::deciding::Deciding;
use super::trace::{Code, Hop, Layer, Outcome, Owner, Subject};
use crate::model::{
    Call, ConnectorStatus, Egress, NetworkInterface, ResourceId, SecurityGroupId, Snapshot, SubnetId,
    Workload,
};

/// A source of packets inside a VPC.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// The subnet.
    pub subnet: SubnetId,
    /// The security groups of the network interface.
    pub security_groups: Vec<SecurityGroupId>,
    /// Whether the workload uses IPv6 in addition to IPv4, if the subnet has IPv6 addresses.
    pub dual_stack: bool,
    /// Whether its network interface has a public IPv4 address, which an internet gateway requires. The
    /// network interfaces of a connector never have one.
    pub public_address: bool,
    /// The hop of the egress mode.
    pub egress: Hop,
}

impl Source {
    /// A network interface as a source, over IPv4.
    #[must_use]
    pub fn of(interface: &NetworkInterface) -> Self {
        let rule = format!("source: network interface {}", interface.id);
        Self {
            subnet: interface.subnet.clone(),
            security_groups: interface.security_groups.clone(),
            dual_stack: false,
            public_address: interface.public_address,
            egress: Hop {
                layer: Layer::Egress,
                component: (&interface.id).into(),
                owner: Owner::Source,
                subject: Subject::Component,
                outcome: Outcome::Pass,
                rule: rule.into(),
            },
        }
    }
}

/// The sources of a workload's packets, by egress mode.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Egresses {
    /// Network interfaces in subnets of a VPC.
    Vpc(Vec<Source>),
    /// Outside the VPC: DEFAULT egress.
    Public(Hop),
    /// The egress mode or its connector is unknown.
    Unknown(Hop),
}

/// Finds the sources of a workload's packets.
#[must_use]
pub fn egresses(snapshot: &Snapshot, workload: &Workload) -> Egresses {
    let hop = |component, outcome, rule: String| Hop {
        layer: Layer::Egress,
        component,
        owner: Owner::Source,
        subject: Subject::Component,
        outcome,
        rule: rule.into(),
    };
    let service = ResourceId::from(&workload.id);
    match &workload.egress {
        Egress::Default => Egresses::Public(hop(
            service,
            Outcome::Pass,
            "EgressType DEFAULT: App Runner's own internet access, outside the VPC".to_owned(),
        )),
        Egress::Unknown(why) => Egresses::Unknown(hop(
            service,
            Outcome::Unknown(match snapshot.gap(Call::DescribeService) {
                Some(gap) => Deciding::Answer(gap.call),
                None => Deciding::Source,
            }),
            why.clone(),
        )),
        Egress::Direct { subnets, security_groups } => {
            let rule = "source: the subnets from the command line".to_owned();
            Egresses::Vpc(sources(
                snapshot,
                workload,
                subnets,
                security_groups,
                &hop(service, Outcome::Pass, rule),
            ))
        }
        Egress::Vpc(arn) => {
            let Some(connector) = snapshot.network.connectors.get(arn) else {
                let outcome = Outcome::Unknown(Deciding::absent(snapshot, Call::ListVpcConnectors));
                return Egresses::Unknown(hop(
                    arn.into(),
                    outcome,
                    "EgressType VPC, VPC connector not read".to_owned(),
                ));
            };
            let name = &connector.name;
            let (outcome, rule) = match &connector.status {
                ConnectorStatus::Active => (
                    Outcome::Pass,
                    format!("EgressType VPC: all application traffic uses VPC connector {name}"),
                ),
                ConnectorStatus::Inactive => (
                    Outcome::Block(Code::EgressConnectorInactive),
                    format!("connector {name} is {}: it was deleted", connector.status),
                ),
                ConnectorStatus::Unspecified => (
                    Outcome::Unknown(Deciding::value(snapshot, Call::ListVpcConnectors)),
                    format!("the status of connector {name} was not read"),
                ),
                ConnectorStatus::Other(status) => (
                    Outcome::Unknown(Deciding::Value(Call::ListVpcConnectors)),
                    format!("connector {name} has the unsupported status {status}"),
                ),
            };
            if connector.subnets.is_empty() {
                let rule = format!("the subnets of connector {name} were not read");
                return Egresses::Unknown(hop(arn.into(), Outcome::Unknown(Deciding::Source), rule));
            }
            Egresses::Vpc(sources(
                snapshot,
                workload,
                &connector.subnets,
                &connector.security_groups,
                &hop(arn.into(), outcome, rule),
            ))
        }
    }
}

/// The sources in the order of their AZs, then of their ids.
fn sources(
    snapshot: &Snapshot,
    workload: &Workload,
    subnets: &[SubnetId],
    groups: &[SecurityGroupId],
    egress: &Hop,
) -> Vec<Source> {
    let source = |subnet: &SubnetId| Source {
        subnet: subnet.clone(),
        security_groups: groups.to_vec(),
        dual_stack: workload.dual_stack,
        public_address: false,
        egress: egress.clone(),
    };
    let zone = |id: &SubnetId| snapshot.network.subnets.get(id).map(|subnet| &subnet.zone);
    // A subnet that was not read is the last.
    let ordered: BTreeSet<_> = subnets.iter().map(|id| (zone(id).is_none(), zone(id), id)).collect();
    ordered.into_iter().map(|(.., id)| source(id)).collect()
}
