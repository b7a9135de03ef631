//! The first layer: by which way a workload's packets leave.
//!
//! With egress VPC all of the application's outbound traffic takes the connector; image pull, logs and the injection
//! of secrets never do (<https://docs.aws.amazon.com/apprunner/latest/dg/network-vpc.html>).

use super::judgement::missing;
use super::trace::{Code, Hop, Layer, Outcome};
use crate::model::{
    Call, ConnectorStatus, Egress, NetworkInterface, ResourceId, SecurityGroupId, Snapshot, SubnetId,
    Workload,
};

/// Where packets start inside a VPC.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// The subnet.
    pub subnet: SubnetId,
    /// The groups on the interface.
    pub security_groups: Vec<SecurityGroupId>,
    /// Whether the workload speaks IPv6 beside IPv4; it does where the subnet has IPv6 addresses too.
    pub dual_stack: bool,
    /// Whether its interface has a public IPv4 address, so that an internet gateway translates for it. A connector's never has.
    pub public_address: bool,
    /// How the workload comes to start here.
    pub egress: Hop,
}

impl Source {
    /// Where packets of an interface start, over IPv4.
    #[must_use]
    pub fn of(interface: &NetworkInterface) -> Self {
        let rule = format!("starts at {}", interface.id);
        Self {
            subnet: interface.subnet.clone(),
            security_groups: interface.security_groups.clone(),
            dual_stack: false,
            public_address: interface.public_address,
            egress: Hop {
                layer: Layer::Egress,
                component: (&interface.id).into(),
                outcome: Outcome::Pass,
                rule: rule.into(),
            },
        }
    }
}

/// By which ways a workload's packets leave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Egresses {
    /// From these subnets.
    Vpc(Vec<Source>),
    /// By App Runner's public way out.
    Public(Hop),
    /// It cannot be told.
    Unknown(Hop),
}

/// The workload's ways out.
#[must_use]
pub fn egresses(snapshot: &Snapshot, workload: &Workload) -> Egresses {
    let hop = |component, outcome, rule: String| Hop {
        layer: Layer::Egress,
        component,
        outcome,
        rule: rule.into(),
    };
    let itself = ResourceId::from(&workload.id);
    match &workload.egress {
        Egress::Default => Egresses::Public(hop(
            itself,
            Outcome::Pass,
            "egress DEFAULT: App Runner's own way to the internet, no VPC".to_owned(),
        )),
        Egress::Unknown(why) => Egresses::Unknown(hop(
            itself,
            Outcome::Unknown { missing: missing(snapshot, Call::DescribeService) },
            why.clone(),
        )),
        Egress::Direct { subnets, security_groups } => {
            let rule = "starts in the given subnets".to_owned();
            Egresses::Vpc(sources(workload, subnets, security_groups, &hop(itself, Outcome::Pass, rule)))
        }
        Egress::Vpc(arn) => {
            let Some(connector) = snapshot.network.connectors.get(arn) else {
                let outcome = Outcome::Unknown { missing: missing(snapshot, Call::ListVpcConnectors) };
                return Egresses::Unknown(hop(
                    arn.into(),
                    outcome,
                    "egress VPC, but the connector was not read".to_owned(),
                ));
            };
            let name = &connector.name;
            let (outcome, rule) = match &connector.status {
                ConnectorStatus::Active => {
                    (Outcome::Pass, format!("egress VPC: all application traffic leaves by connector {name}"))
                }
                ConnectorStatus::Inactive => (
                    Outcome::Block(Code::EgressConnectorInactive),
                    format!("connector {name} is {}: it was deleted", connector.status),
                ),
                ConnectorStatus::Unspecified => (
                    Outcome::Unknown { missing: None },
                    format!("the status of connector {name} is not told"),
                ),
                ConnectorStatus::Other(status) => (
                    Outcome::Unknown { missing: None },
                    format!("connector {name} is {status}, a status not known here"),
                ),
            };
            if connector.subnets.is_empty() {
                let rule = format!("the subnets of connector {name} are not told");
                return Egresses::Unknown(hop(arn.into(), Outcome::Unknown { missing: None }, rule));
            }
            Egresses::Vpc(sources(
                workload,
                &connector.subnets,
                &connector.security_groups,
                &hop(arn.into(), outcome, rule),
            ))
        }
    }
}

fn sources(
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
    let mut distinct: Vec<&SubnetId> = Vec::new();
    for subnet in subnets {
        if !distinct.contains(&subnet) {
            distinct.push(subnet);
        }
    }
    distinct.into_iter().map(source).collect()
}
