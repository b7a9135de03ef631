//! Remedy `nat-instance`: repairs a NAT instance: source/destination check off, an inbound rule, an Elastic IP address.
//!
//! <https://docs.aws.amazon.com/vpc/latest/userguide/work-with-nat-instances.html>. Whether the software of the instance
//! forwards packets stays unknown.

use std::collections::BTreeSet;

use super::context::{Candidate, RemedyContext};
use super::{Change, Precondition};
use crate::model::{NetworkInterfaceId, Peer};
use crate::reach::{Code, Owner};

pub(super) fn candidate(context: &RemedyContext<'_>) -> Option<Candidate> {
    let own = context.security_groups().first().cloned();
    let mut changes: Vec<Change> = Vec::new();
    let mut instances: BTreeSet<NetworkInterfaceId> = BTreeSet::new();
    let mut loops: Option<NetworkInterfaceId> = None;
    for (finding, hop, code) in context.blockers() {
        let Owner::Appliance(id) = &hop.owner else { continue };
        let interface = context.snapshot.network.network_interfaces.get(id);
        let change = match code {
            Code::EniSourceDestCheckRestriction => Change::DisableSourceDestCheck { interface: id.clone() },
            Code::NatInstanceNoPublicIp => Change::AssociateElasticIp { interface: id.clone() },
            Code::NatInstanceSgRulesMismatch => {
                let group = interface.and_then(|interface| interface.security_groups.first());
                let (Some(group), Some(own)) = (group, &own) else { continue };
                let port = finding.need.destination.port;
                Change::AllowEndpointIngress { group: group.clone(), port, peer: Peer::Group(own.clone()) }
            }
            Code::NatInstanceRouteLoop => {
                loops = Some(id.clone());
                continue;
            }
            _ => continue,
        };
        instances.insert(id.clone());
        if !changes.contains(&change) {
            changes.push(change);
        }
    }
    if changes.is_empty() {
        return None;
    }
    let names: Vec<&str> = instances.iter().map(NetworkInterfaceId::as_str).collect();
    let names = names.join(", ");
    let mut side_effects = vec![format!(
        "Not checked: whether the software of the instance behind {names} forwards packets (its state, net.ipv4.ip_forward, \
         and its iptables or nftables rules)."
    )];
    if changes.iter().any(|change| matches!(change, Change::AssociateElasticIp { .. })) {
        side_effects.push(
            "The instance gets a public address: its security groups decide who can connect to it from the internet.".to_owned(),
        );
    }
    Some(Candidate {
        title: format!("Repair the NAT instance {names}"),
        changes,
        preconditions: vec![match loops {
            None => {
                Precondition::met("the NAT instance is not in a subnet that routes to the instance itself")
            }
            Some(id) => Precondition::not_met(format!(
                "{id} is in a subnet whose default route goes to {id} itself: it must be in a public subnet"
            )),
        }],
        side_effects,
        takes_effect: "at once, no deployment of the service".to_owned(),
        rollback: "undo the changes of the NAT instance".to_owned(),
    })
}
