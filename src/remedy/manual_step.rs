//! What the user does by hand about a cause that no fix removes.
//!
//! Owns one sentence for each code, with the AWS CLI command. Does not decide whether a fix exists.

use crate::diagnose::Cause;
use crate::model::{NetworkInterfaceId, SecurityGroupId, Snapshot, Workload};
use crate::reach::{Code, Egresses, Layer, egresses};

/// The manual step for a cause, as a sentence.
#[must_use]
pub(super) fn manual_step(snapshot: &Snapshot, workload: &Workload, cause: &Cause) -> String {
    let component = cause.component.as_str();
    let id = |placeholder: &'static str, prefix: &str| -> String {
        let is_id = |text: &str| text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
        let found = component.strip_prefix(prefix).is_some_and(is_id);
        if found { component.to_owned() } else { placeholder.to_owned() }
    };
    let ports = "--protocol tcp --port PORT";
    match cause.code {
        Code::NoRouteToDestination => format!(
            "Add a route to the network that contains the destination (peering connection, transit gateway), and a route back \
             there: aws ec2 create-route --route-table-id {} --destination-cidr-block RANGE --transit-gateway-id TGW.",
            id("TABLE", "rtb-")
        ),
        Code::BadStateRoute => format!(
            "Replace the route by one with a working target: aws ec2 replace-route --route-table-id {} --destination-cidr-block \
             RANGE --nat-gateway-id NAT.",
            id("TABLE", "rtb-")
        ),
        Code::BadState => match component.split('-').next() {
            Some("nat") => format!(
                "See why the NAT gateway failed (FailureMessage): aws ec2 describe-nat-gateways --nat-gateway-ids {}. Then create \
                 a new one and replace the routes to it.",
                id("NAT", "nat-")
            ),
            _ => format!(
                "See the state of the endpoint: aws ec2 describe-vpc-endpoints --vpc-endpoint-ids {}. Then accept the connection \
                 or create the endpoint again.",
                id("ENDPOINT", "vpce-")
            ),
        },
        Code::BadStateAttachment => format!(
            "Attach the internet gateway: aws ec2 attach-internet-gateway --internet-gateway-id {} --vpc-id VPC.",
            id("IGW", "igw-")
        ),
        Code::IgwPublicIpAssociationForEgress => {
            "Use private subnets whose default route is a NAT gateway: aws apprunner create-vpc-connector with these subnets, then \
             aws apprunner update-service."
                .to_owned()
        }
        Code::EniSgRulesMismatch if cause.layer == Layer::SecurityGroup => {
            format!(
                "Allow the traffic: aws ec2 authorize-security-group-egress --group-id {} {ports} --cidr RANGE.",
                id("GROUP", "sg-")
            )
        }
        Code::EniSgRulesMismatch => {
            let interfaces = &snapshot.network.network_interfaces;
            let interface = interfaces.get(&NetworkInterfaceId::new(component));
            let group = interface.and_then(|interface| interface.security_groups.first());
            inbound(group, workload, snapshot)
        }
        Code::SgHasNoRules => format!(
            "Allow outbound traffic: aws ec2 authorize-security-group-egress --group-id {} {ports} --cidr 0.0.0.0/0.",
            id("GROUP", "sg-")
        ),
        Code::SubnetAclRestriction => format!(
            "Allow the request and its reply with a lower rule number: aws ec2 create-network-acl-entry --network-acl-id {} \
             --rule-number NUMBER --protocol tcp --port-range From=FROM,To=TO --cidr-block RANGE --rule-action allow, with \
             --ingress or --egress.",
            id("ACL", "acl-")
        ),
        Code::NgwRequiresSourceInVpc | Code::NatPrivate => {
            "Route the traffic to a public NAT gateway of this VPC: aws ec2 replace-route --route-table-id TABLE \
             --destination-cidr-block 0.0.0.0/0 --nat-gateway-id NAT."
                .to_owned()
        }
        // https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateways-regional.html
        Code::RegionalNgwRouteAzRestriction => format!(
            "Add the AZ to the regional NAT gateway: aws ec2 associate-nat-gateway-address --nat-gateway-id {} --allocation-ids \
             EIP --availability-zone AZ.",
            id("NAT", "nat-")
        ),
        Code::VpcBlockPublicAccessEnabled => format!(
            "Exclude the subnet from VPC Block Public Access: aws ec2 create-vpc-block-public-access-exclusion --subnet-id {} \
             --internet-gateway-exclusion-mode allow-egress.",
            id("SUBNET", "subnet-")
        ),
        Code::EniSourceDestCheckRestriction => format!(
            "Turn off the source/destination check: aws ec2 modify-network-interface-attribute --network-interface-id {} \
             --no-source-dest-check.",
            id("ENI", "eni-")
        ),
        Code::PcxRequiresAddressInVpcCidr => {
            "Route internet traffic to a NAT gateway of this VPC instead of the peering connection: aws ec2 replace-route \
             --route-table-id TABLE --destination-cidr-block 0.0.0.0/0 --nat-gateway-id NAT."
                .to_owned()
        }
        Code::SourceHasNoIpv6 => {
            "Use the IPv4 address or the name of the destination, or set IpAddressType to DUAL_STACK: aws apprunner \
             update-service."
                .to_owned()
        }
        Code::DnsSupportDisabled => format!(
            "Turn on DNS in the VPC: aws ec2 modify-vpc-attribute --vpc-id {} --enable-dns-support.",
            id("VPC", "vpc-")
        ),
        Code::EgressNotInVpc => format!(
            "Use a VPC connector with access to the VPC of the destination{}: aws apprunner create-vpc-connector \
             --vpc-connector-name NAME --subnets SUBNETS --security-groups GROUPS, then aws apprunner update-service with \
             EgressType=VPC. All other destinations then need a path in that VPC.",
            vpcs(snapshot)
        ),
        Code::EgressConnectorInactive => {
            "Create a new connector and use it: aws apprunner create-vpc-connector, then aws apprunner update-service.".to_owned()
        }
        Code::NatNoRouteOnwards => format!(
            "Give the subnet of the NAT gateway a route to the internet gateway: aws ec2 create-route --route-table-id {} \
             --destination-cidr-block 0.0.0.0/0 --gateway-id IGW.",
            id("TABLE", "rtb-")
        ),
        Code::TargetUnattached => format!(
            "Use the address of a running instance or service; aws ec2 describe-network-interfaces --network-interface-ids {} \
             shows that this one is not attached.",
            id("ENI", "eni-")
        ),
        Code::EndpointSgRulesMismatch => inbound(None, workload, snapshot),
    }
}

/// An inbound rule for the workload's security group.
fn inbound(group: Option<&SecurityGroupId>, workload: &Workload, snapshot: &Snapshot) -> String {
    let own = match egresses(snapshot, workload) {
        Egresses::Vpc(sources) => sources.first().and_then(|source| source.security_groups.first().cloned()),
        Egresses::Public(_) | Egresses::Unknown(_) => None,
    };
    format!(
        "Allow the connection: aws ec2 authorize-security-group-ingress --group-id {} --protocol tcp --port PORT --source-group \
         {}.",
        group.map_or("GROUP", SecurityGroupId::as_str),
        own.as_ref().map_or("GROUP-OF-CONNECTOR", SecurityGroupId::as_str)
    )
}

/// The VPCs of the snapshot, if there are few: ` (vpc-1)`.
fn vpcs(snapshot: &Snapshot) -> String {
    let ids: Vec<&str> = snapshot.network.vpcs.iter().map(|vpc| vpc.id.as_str()).collect();
    match ids.as_slice() {
        [one] => format!(" ({one})"),
        _ => String::new(),
    }
}
