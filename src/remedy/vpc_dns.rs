//! Remedy `vpc-dns`: turns on the VPC's DNS attributes. Name resolution and private DNS depend on them.
//!
//! <https://docs.aws.amazon.com/vpc/latest/userguide/vpc-dns-updating.html>

use super::context::{Candidate, RemedyContext};
use super::{Change, Precondition};

pub(super) fn candidate(context: &RemedyContext<'_>) -> Option<Candidate> {
    let vpc = context.vpc()?;
    context.blocked().next()?;
    let support = vpc.dns.support == Some(false);
    // Private DNS of an endpoint, existing or planned, needs the other attribute too.
    let hostnames = vpc.dns.hostnames == Some(false)
        && context
            .blocked()
            .filter_map(|destination| destination.endpoint())
            .any(|offer| offer.interface && !offer.gateway);
    if !support && !hostnames {
        return None;
    }
    let attributes = match (support, hostnames) {
        (true, true) => "enableDnsSupport and enableDnsHostnames",
        (true, false) => "enableDnsSupport",
        (false, _) => "enableDnsHostnames",
    };
    let side_effect = if hostnames {
        "Instances with a public IP get a public DNS name. Private DNS of all endpoints becomes active in the whole VPC."
    } else {
        "All workloads in the VPC start to resolve names."
    };
    Some(Candidate {
        title: format!("Turn on {attributes} for {}", vpc.id),
        changes: vec![Change::EnableVpcDns { vpc: vpc.id.clone(), support, hostnames }],
        preconditions: vec![
            context.owns_subnets(),
            Precondition::met(format!("{attributes} was read and is off")),
        ],
        side_effects: vec![side_effect.to_owned()],
        takes_effect: "in about a minute, no deployment of the service".to_owned(),
        rollback: format!("turn off {attributes}"),
    })
}
