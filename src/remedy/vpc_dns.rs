//! The VPC's DNS attributes, which private DNS and every name depend on.
//!
//! <https://docs.aws.amazon.com/vpc/latest/userguide/vpc-dns-updating.html>

use super::site::{Candidate, Site};
use super::{Change, Met, Precondition};

pub(super) fn candidate(site: &Site<'_>) -> Option<Candidate> {
    let vpc = site.vpc()?;
    site.stopped().next()?;
    let names_off = vpc.dns.support == Some(false);
    // Private DNS, of an endpoint that is there or of one that would be, is dead for want of the other attribute.
    let dead = vpc.dns.hostnames == Some(false)
        && site
            .stopped()
            .filter_map(|destination| destination.endpoint())
            .any(|offer| offer.interface && !offer.gateway);
    if !names_off && !dead {
        return None;
    }
    let attributes = match (names_off, dead) {
        (true, true) => "enableDnsSupport and enableDnsHostnames",
        (true, false) => "enableDnsSupport",
        (false, _) => "enableDnsHostnames",
    };
    Some(Candidate {
        title: format!("Turn {attributes} on for {}", vpc.id),
        changes: vec![Change::EnableVpcDns { vpc: vpc.id.clone(), support: names_off, hostnames: dead }],
        preconditions: vec![
            site.not_shared(),
            Precondition { text: format!("{attributes} was read and is off"), met: Met::Yes },
        ],
        side_effects: vec![if dead {
            "Instances with public addresses get public names, and private DNS of every endpoint begins to answer in the whole VPC."
                .to_owned()
        } else {
            "Everything in the VPC begins to resolve names.".to_owned()
        }],
        takes_effect: "in about a minute, no deployment of the service".to_owned(),
        reversal: "turn it off again".to_owned(),
    })
}
