//! The changes of a fix as commands of the AWS CLI, for resources that no Terraform code manages.
//!
//! A command that creates a resource stores its id in a shell variable, which later commands use: all of them run in one shell.

use ipnet::Ipv4Net;

use super::follow_up::{aws, quote_all, region_of};
use super::{Change, NEW_PUBLIC_SUBNET, Proposal, RemedyId};
use crate::model::{
    Egress, Peer, Protocol, RouteTableId, SecurityGroupId, Snapshot, SubnetId, VpcId, Workload,
};
use crate::text::shell_quote as quote;

/// Commands of the AWS CLI, in the order in which they run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AwsCommands {
    /// The commands that make the changes.
    pub apply: Vec<String>,
    /// The commands of the rollback.
    pub roll_back: Vec<String>,
}

/// The commands for the changes of some remedies of a proposal. Both lists are empty if a change has no short form in commands (a new
/// set of subnets), or if another remedy creates the subnet of a NAT gateway.
#[must_use]
pub fn aws_commands(
    snapshot: &Snapshot,
    workload: &Workload,
    proposal: &Proposal,
    remedies: &[RemedyId],
) -> AwsCommands {
    let mut commands = AwsCommands::default();
    let changes = proposal.changes.iter().zip(&proposal.owners);
    for (number, (change, _)) in changes.filter(|(_, owner)| remedies.contains(owner)).enumerate() {
        let suffix = if number == 0 { String::new() } else { (number + 1).to_string() };
        let writer = Writer { snapshot, workload, suffix };
        let both = writer.of(change).filter(|_| !lacks_subnet(change, remedies));
        let Some((apply, roll_back)) = both else { return AwsCommands::default() };
        commands.apply.extend(apply);
        // The last change is taken back first.
        commands.roll_back.splice(..0, roll_back);
    }
    commands
}

/// Whether a change needs the new public subnet of a remedy that is not one of these.
fn lacks_subnet(change: &Change, remedies: &[RemedyId]) -> bool {
    matches!(change, Change::CreateNat { subnet: Some(id), .. } if id.as_str() == NEW_PUBLIC_SUBNET)
        && !remedies.contains(&RemedyId::InternetGateway)
}

/// The commands of one change, and those of its rollback.
pub(super) type Both = (Vec<String>, Vec<String>);

pub(super) struct Writer<'a> {
    pub(super) snapshot: &'a Snapshot,
    workload: &'a Workload,
    /// The end of the names of shell variables, which differ for each change.
    suffix: String,
}

impl Writer<'_> {
    fn of(&self, change: &Change) -> Option<Both> {
        Some(match change {
            Change::CreateGatewayEndpoint { vpc, service, route_tables } => self.endpoint(&format!(
                "--vpc-id {} --service-name {} --vpc-endpoint-type Gateway --route-table-ids {}",
                quote(vpc.as_str()),
                quote(service),
                ids(route_tables)
            )),
            Change::CreateInterfaceEndpoint { vpc, service, subnets, allowed_ranges, ports, .. } => {
                self.interface_endpoint((vpc, service), subnets, allowed_ranges, ports)
            }
            Change::EnablePrivateDns { endpoint, .. } => {
                let modify = |option: &str| {
                    self.aws(&format!(
                        "ec2 modify-vpc-endpoint --vpc-endpoint-id {} {option}",
                        quote(endpoint.as_str())
                    ))
                };
                (vec![modify("--private-dns-enabled")], vec![modify("--no-private-dns-enabled")])
            }
            Change::AssociateRouteTables { endpoint, route_tables, .. } => {
                let modify = |verb: &str| {
                    self.aws(&format!(
                        "ec2 modify-vpc-endpoint --vpc-endpoint-id {} --{verb}-route-table-ids {}",
                        quote(endpoint.as_str()),
                        ids(route_tables)
                    ))
                };
                (vec![modify("add")], vec![modify("remove")])
            }
            Change::EnableVpcDns { vpc, support, hostnames } => {
                let names = [("dns-support", *support), ("dns-hostnames", *hostnames)];
                let modify = |value: &str| {
                    let names = names.iter().filter(|(_, turned_on)| *turned_on);
                    names
                        .map(|(name, _)| {
                            self.aws(&format!(
                                "ec2 modify-vpc-attribute --vpc-id {} --{value}enable-{name}",
                                quote(vpc.as_str())
                            ))
                        })
                        .collect::<Vec<_>>()
                };
                (modify(""), modify("no-").into_iter().rev().collect())
            }
            Change::AllowEgress { group, port, peer } => self.rule("egress", group, *port, peer),
            Change::AllowEndpointIngress { group, port, peer } => self.rule("ingress", group, *port, peer),
            Change::AllowNacl { acl, outbound, rule } => {
                let place = format!(
                    "--network-acl-id {} --rule-number {} --{}",
                    quote(acl.as_str()),
                    rule.number,
                    if *outbound { "egress" } else { "ingress" }
                );
                let block = if rule.remote.addr().is_ipv4() { "cidr-block" } else { "ipv6-cidr-block" };
                let protocol = if rule.protocol == Protocol::Udp { "udp" } else { "tcp" };
                let create = format!(
                    "ec2 create-network-acl-entry {place} --protocol {protocol} --port-range From={},To={} --{block} {} --rule-action allow",
                    rule.ports.from, rule.ports.to, rule.remote
                );
                (vec![self.aws(&create)], vec![self.aws(&format!("ec2 delete-network-acl-entry {place}"))])
            }
            Change::MoveConnector { name, subnets, security_groups, .. } => {
                self.connector(name, subnets, security_groups)
            }
            Change::UseDefaultEgress { .. } => {
                let (update, back) = self.update_service("EgressType=DEFAULT");
                (vec![update], back)
            }
            Change::CreatePrivateSubnets { .. } => return None,
            other => self.of_routes(other)?,
        })
    }

    /// A new interface endpoint with its own security group.
    fn interface_endpoint(
        &self,
        (vpc, service): (&VpcId, &str),
        subnets: &[SubnetId],
        allowed_ranges: &[Ipv4Net],
        ports: &[u16],
    ) -> Both {
        let group = self.variable("GROUP");
        let ranges: Vec<String> = allowed_ranges.iter().map(|range| format!("{{CidrIp={range}}}")).collect();
        let rules: Vec<String> = ports
            .iter()
            .map(|port| {
                format!("'IpProtocol=tcp,FromPort={port},ToPort={port},IpRanges=[{}]'", ranges.join(","))
            })
            .collect();
        let create = self.create(
                    &group,
                    &format!(
                        "ec2 create-security-group --group-name vpc-endpoints{} --description vpc-endpoints --vpc-id {} --query GroupId",
                        self.suffix,
                        quote(vpc.as_str())
                    ),
                );
        let allow = self.aws(&format!(
            "ec2 authorize-security-group-ingress --group-id \"${group}\" --ip-permissions {}",
            rules.join(" ")
        ));
        let (apply, mut roll_back) = self.endpoint(&format!(
                    "--vpc-id {} --service-name {} --vpc-endpoint-type Interface --subnet-ids {} --security-group-ids \"${group}\" \
                     --private-dns-enabled",
                    quote(vpc.as_str()),
                    quote(service),
                    quote_all(subnets.iter().map(SubnetId::as_str), " ")
                ));
        roll_back.push(self.aws(&format!("ec2 delete-security-group --group-id \"${group}\"")));
        ([vec![create, allow], apply].concat(), roll_back)
    }

    /// A new connector, which the service uses.
    fn connector(&self, name: &str, subnets: &[SubnetId], security_groups: &[SecurityGroupId]) -> Both {
        let connector = self.variable("CONNECTOR");
        let create = self.create(
                    &connector,
                    &format!(
                        "apprunner create-vpc-connector --vpc-connector-name {} --subnets {} --security-groups {} --query \
                         VpcConnector.VpcConnectorArn",
                        quote(name),
                        quote_all(subnets.iter().map(SubnetId::as_str), " "),
                        quote_all(security_groups.iter().map(SecurityGroupId::as_str), " ")
                    ),
                );
        let (update, back) =
            self.update_service(&format!("EgressType=VPC,VpcConnectorArn='\"${connector}\"'"));
        (vec![create, update], back)
    }

    /// A new VPC endpoint.
    fn endpoint(&self, options: &str) -> Both {
        let endpoint = self.variable("ENDPOINT");
        let create = self.create(
            &endpoint,
            &format!("ec2 create-vpc-endpoint {options} --query VpcEndpoint.VpcEndpointId"),
        );
        let delete = self.aws(&format!("ec2 delete-vpc-endpoints --vpc-endpoint-ids \"${endpoint}\""));
        (vec![create], vec![delete])
    }

    /// A rule of a security group.
    fn rule(&self, direction: &str, group: &SecurityGroupId, port: u16, peer: &Peer) -> Both {
        let source = match peer {
            Peer::Ipv4(range) => format!("IpRanges=[{{CidrIp={range}}}]"),
            Peer::Ipv6(range) => format!("Ipv6Ranges=[{{CidrIpv6={range}}}]"),
            Peer::PrefixList(id) => format!("PrefixListIds=[{{PrefixListId={id}}}]"),
            Peer::Group(id) => format!("UserIdGroupPairs=[{{GroupId={id}}}]"),
        };
        let permission = format!("IpProtocol=tcp,FromPort={port},ToPort={port},{source}");
        let both = |verb: &str| {
            format!(
                "aws ec2 {verb}-security-group-{direction} --group-id {} --ip-permissions {} --region {}",
                quote(group.as_str()),
                quote(&permission),
                quote(region_of(self.snapshot, group))
            )
        };
        (vec![both("authorize")], vec![both("revoke")])
    }

    /// The new egress of the service, and the present one.
    fn update_service(&self, egress: &str) -> (String, Vec<String>) {
        let update = |egress: &str| {
            self.aws(&format!(
                "apprunner update-service --service-arn {} --network-configuration 'EgressConfiguration={{{egress}}}'",
                quote(self.workload.id.as_str())
            ))
        };
        let present = match &self.workload.egress {
            Egress::Vpc(connector) => format!("EgressType=VPC,VpcConnectorArn={connector}"),
            _ => "EgressType=DEFAULT".to_owned(),
        };
        (update(egress), vec![update(&present)])
    }

    /// `NAT`, or `NAT2` for the second change.
    pub(super) fn variable(&self, name: &str) -> String {
        format!("{name}{}", self.suffix)
    }

    /// `NAT=$(aws … --output text)`
    pub(super) fn create(&self, variable: &str, command: &str) -> String {
        format!("{variable}=$({})", self.aws(&format!("{command} --output text")))
    }

    pub(super) fn aws(&self, command: &str) -> String {
        aws(self.snapshot, command)
    }
}

fn ids(tables: &[RouteTableId]) -> String {
    quote_all(tables.iter().map(RouteTableId::as_str), " ")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails at the first error")]

    use super::*;
    use crate::model::{AclAction, AclRule, NetworkAclId, PortRange};
    use crate::scenario::Scenario;

    /// The commands of a change, without the Region.
    fn commands(change: &Change) -> String {
        let snapshot = Snapshot::from_json(Scenario::named("nat-loop").unwrap().snapshot).unwrap();
        let workload = snapshot.workloads.iter().next().unwrap();
        let writer = Writer { snapshot: &snapshot, workload, suffix: String::new() };
        let Some((apply, back)) = writer.of(change) else { return String::new() };
        let text = |commands: Vec<String>| commands.join("\n").replace(" --region us-west-2", "");
        format!("{}\n--\n{}", text(apply), text(back))
    }

    #[test]
    fn a_rule_is_added_and_revoked() {
        let change = Change::AllowEgress {
            group: SecurityGroupId::from("sg-1"),
            port: 443,
            peer: Peer::Ipv4("10.0.0.0/16".parse().unwrap()),
        };
        let permission = "'IpProtocol=tcp,FromPort=443,ToPort=443,IpRanges=[{CidrIp=10.0.0.0/16}]'";
        assert_eq!(
            commands(&change),
            format!(
                "aws ec2 authorize-security-group-egress --group-id sg-1 --ip-permissions {permission}\n--\n\
                 aws ec2 revoke-security-group-egress --group-id sg-1 --ip-permissions {permission}"
            )
        );
        let rule = AclRule {
            number: 90,
            protocol: Protocol::Tcp,
            ports: PortRange { from: 1024, to: 65535 },
            remote: "0.0.0.0/0".parse().unwrap(),
            action: AclAction::Allow,
        };
        let change = Change::AllowNacl { acl: NetworkAclId::from("acl-1"), outbound: false, rule };
        assert_eq!(
            commands(&change),
            "aws ec2 create-network-acl-entry --network-acl-id acl-1 --rule-number 90 --ingress --protocol tcp --port-range \
             From=1024,To=65535 --cidr-block 0.0.0.0/0 --rule-action allow\n--\n\
             aws ec2 delete-network-acl-entry --network-acl-id acl-1 --rule-number 90 --ingress"
        );
    }

    /// A route table without a default route gets one, and the rollback deletes it. A present one is replaced and restored.
    #[test]
    fn a_default_route_is_created_or_replaced() {
        let change = Change::RouteToInternet {
            gateway: "igw-1".into(),
            route_table: RouteTableId::from("rtb-without-routes"),
        };
        assert_eq!(
            commands(&change),
            "aws ec2 create-route --route-table-id rtb-without-routes --destination-cidr-block 0.0.0.0/0 --gateway-id igw-1\n--\n\
             aws ec2 delete-route --route-table-id rtb-without-routes --destination-cidr-block 0.0.0.0/0"
        );
        let table = RouteTableId::from("rtb-0a9b8c7d6e5f40312");
        let change = Change::RouteToInternet { gateway: "igw-1".into(), route_table: table };
        assert_eq!(
            commands(&change),
            "aws ec2 replace-route --route-table-id rtb-0a9b8c7d6e5f40312 --destination-cidr-block 0.0.0.0/0 --gateway-id igw-1\n--\n\
             aws ec2 replace-route --route-table-id rtb-0a9b8c7d6e5f40312 --destination-cidr-block 0.0.0.0/0 --nat-gateway-id \
             nat-0a7c5e3d1b9f86420"
        );
    }

    #[test]
    fn dns_attributes_are_turned_on_and_off() {
        let change = Change::EnableVpcDns { vpc: VpcId::from("vpc-1"), support: true, hostnames: true };
        assert_eq!(
            commands(&change),
            "aws ec2 modify-vpc-attribute --vpc-id vpc-1 --enable-dns-support\naws ec2 modify-vpc-attribute --vpc-id vpc-1 \
             --enable-dns-hostnames\n--\naws ec2 modify-vpc-attribute --vpc-id vpc-1 --no-enable-dns-hostnames\n\
             aws ec2 modify-vpc-attribute --vpc-id vpc-1 --no-enable-dns-support"
        );
    }
}
