//! The reason of a break in a few words, for each code. The rule below it has the details.

use crate::reach::Code;

pub(super) fn reason(code: Code) -> &'static str {
    match code {
        Code::NoRouteToDestination | Code::TgwRtbCannotRoute | Code::EgressNoRouteFromTransitGateway => {
            "no route"
        }
        Code::BadStateRoute | Code::TgwRtbBadStateRoute => "blackhole route",
        Code::BadState | Code::EgressAttachmentNotAvailable => "not available",
        Code::BadStateAttachment => "not attached to this VPC",
        Code::IgwPublicIpAssociationForEgress | Code::NatInstanceNoPublicIp => "no public IP",
        Code::EniSgRulesMismatch => "no outbound rule",
        Code::SgHasNoRules => "no outbound rules",
        Code::SubnetAclRestriction => "denied by the network ACL",
        Code::NgwRequiresSourceInVpc | Code::EgressTargetInOtherVpc => "in another VPC",
        Code::RegionalNgwRouteAzRestriction => "not in this AZ",
        Code::VpcBlockPublicAccessEnabled => "VPC Block Public Access",
        Code::EniSourceDestCheckRestriction => "source/destination check is on",
        Code::PcxRequiresAddressInVpcCidr => "not an address of the peer VPC",
        Code::SourceHasNoIpv6 => "no IPv6 address",
        Code::DnsSupportDisabled => "DNS is off in the VPC",
        Code::EgressNotInVpc => "no access to the VPC",
        Code::EgressConnectorInactive => "the connector was deleted",
        Code::NatPrivate => "private NAT gateway",
        Code::NatNoRouteOnwards => "no route to the internet",
        Code::TargetUnattached => "not attached",
        Code::TargetNotAvailable => "accepts no connections",
        Code::TargetSubnetNotPublic => "no return path",
        Code::DnsServersSgRulesMismatch => "no outbound rule for DNS",
        Code::EgressDnsServersUnreachable => "no path to the DNS server",
        Code::TargetPortMismatch => "another port",
        Code::EgressPeeringNotActive => "not active",
        Code::EgressNoReturnRoute | Code::EgressNoReturnRouteOverTransitGateway => "no route back",
        Code::TgwRouteAzRestriction => "no subnet in this AZ",
        Code::TgwAttachMissingTgwRtbAssociation => "no route table",
        Code::EndpointSgRulesMismatch
        | Code::TargetSgRulesMismatch
        | Code::NatInstanceSgRulesMismatch
        | Code::TargetSgNatAddressMismatch
        | Code::TargetSgPublicAddressMismatch => "no inbound rule",
        Code::NatInstanceRouteLoop => "route loop",
        Code::EgressNoRouteToPrivateAddress => "no route to the private IP",
        Code::EgressNoPublicIpv6 => "no public IPv6 address",
    }
}
