//! The short clause about a blocker, for a headline that would have more than two lines. The causes have the complete clause.

use std::collections::BTreeSet;

use super::blocker::{Blocker, To};
use super::context::{Context, groups, list, separated};
use crate::reach::{Code, Direction, Layer, Owner, Subject};

impl Blocker<'_> {
    /// What blocks, without the places and the values that the cause has.
    pub fn brief(&self, context: &Context<'_>, to: To<'_>) -> String {
        let (source, label) = (context.source(), self.brief_label(context));
        match self.code {
            Code::NoRouteToDestination => {
                let verb = if self.components.len() == 1 { "has" } else { "have" };
                format!("{label} {verb} no {}route to {}", self.family(), to.words())
            }
            Code::BadStateRoute => self.brief_blackholes(),
            Code::IgwPublicIpAssociationForEgress => {
                format!("{source} network interfaces have no public IP address")
            }
            Code::EniSourceDestCheckRestriction => {
                format!("the source/destination check of NAT instance {} is on", self.ids())
            }
            Code::NatNoRouteOnwards => self.brief_nat(),
            Code::NatInstanceRouteLoop => {
                format!("{} is in a subnet that routes back to the NAT instance itself", self.owner(context))
            }
            Code::NatInstanceNoPublicIp => format!("NAT instance {} has no public IPv4 address", self.ids()),
            Code::SubnetAclRestriction => self.brief_denied(),
            code if is_inbound(code) => self.brief_inbound(context),
            Code::EgressNotInVpc if !self.is_in_documentation_range() => {
                "DEFAULT egress has no access to the VPC".to_owned()
            }
            Code::EgressNoRouteToPrivateAddress => {
                let clause = self.clause(context, to);
                clause.split(", except ").next().unwrap_or_default().to_owned()
            }
            _ => without_parentheses(&self.clause(context, to)),
        }
    }

    /// The component with its kind; several components are counted: `8 route tables`.
    pub fn brief_label(&self, context: &Context<'_>) -> String {
        match self.components.len() {
            count if count > 1 && self.layer == Layer::Route => format!("{count} route tables"),
            _ if is_inbound(self.code) => self.receiver(context).0,
            _ => self.label(context),
        }
    }

    fn brief_blackholes(&self) -> String {
        let routes: BTreeSet<String> = self
            .hops
            .iter()
            .filter_map(|hop| match &hop.subject {
                Subject::Route { destination, target, .. } => Some(format!("{destination} -> {target}")),
                Subject::Component | Subject::Family(_) | Subject::Packets { .. } => None,
            })
            .collect();
        match routes.len() {
            0 | 1 => format!("the route {} is a blackhole", routes.into_iter().collect::<String>()),
            count => format!("{count} routes are blackholes"),
        }
    }

    fn brief_nat(&self) -> String {
        let facts = self.hops.iter().map(|hop| {
            let what = match &hop.subject {
                Subject::Route { .. } => "route to an internet gateway",
                _ => "route to the destination",
            };
            match &hop.owner {
                Owner::Nat(nat) => format!("NAT gateway {nat} is in a subnet without a {what}"),
                _ => format!("route table {} has no {what}", hop.component),
            }
        });
        separated(facts, "; ")
    }

    fn brief_denied(&self) -> String {
        let packets = self.hops.iter().filter_map(|hop| match &hop.subject {
            Subject::Packets { direction, is_reply, .. } => {
                let direction = match direction {
                    Direction::Inbound => "inbound",
                    Direction::Outbound => "outbound",
                };
                Some(format!("{direction} {}", if *is_reply { "replies" } else { "requests" }))
            }
            Subject::Component | Subject::Family(_) | Subject::Route { .. } => None,
        });
        format!("network ACL {} denies {}", self.ids(), list(packets))
    }

    fn brief_inbound(&self, context: &Context<'_>) -> String {
        let (noun, verb) = self.receiver(context);
        let from = match (self.code, self.remote().cidrs().as_slice()) {
            (Code::TargetSgPublicAddressMismatch | Code::TargetSgNatAddressMismatch, [one]) => {
                one.to_string().trim_end_matches("/32").to_owned()
            }
            (Code::TargetSgPublicAddressMismatch, _) => "the public addresses of the service".to_owned(),
            _ => context.subnet_of(&Owner::Source),
        };
        format!("{noun} {verb} no inbound rule for {} from {from}", self.ports())
    }

    /// The security groups of the receiver, and `has` or `have`.
    pub fn receiver(&self, context: &Context<'_>) -> (String, &'static str) {
        let own = self.hops.first().map_or(&[][..], |hop| context.groups_of(&hop.owner));
        match groups(own) {
            Some(names) if own.len() > 1 => (names, "have"),
            Some(name) => (name, "has"),
            None => ("the security group".to_owned(), "has"),
        }
    }
}

/// Whether a receiver has no inbound rule.
fn is_inbound(code: Code) -> bool {
    matches!(
        code,
        Code::EndpointSgRulesMismatch
            | Code::TargetSgRulesMismatch
            | Code::NatInstanceSgRulesMismatch
            | Code::TargetSgNatAddressMismatch
            | Code::TargetSgPublicAddressMismatch
    )
}

/// The text without its parentheses.
fn without_parentheses(text: &str) -> String {
    let mut depth = 0_usize;
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            c if depth == 0 => out.push(c),
            _ => {}
        }
    }
    out.split_whitespace().collect::<Vec<_>>().join(" ")
}
