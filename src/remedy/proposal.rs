//! A way to cure the diagnosis, as data.

use std::fmt;

use ipnet::Ipv4Net;

use super::Estimate;
use super::estimate::Saving;
use crate::diagnose::Diagnosis;
use crate::model::{
    AclRule, AvailabilityZone, EndpointId, InternetGatewayId, NatGatewayId, NetworkAclId, Peer, RouteTableId,
    SecurityGroupId, SubnetId, VpcId, WorkloadId,
};

/// One remedy of the catalogue. The names are fixed: users script against them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum RemedyId {
    /// Route tables added to a gateway endpoint that misses them.
    GatewayRouteTables,
    /// A new S3 gateway endpoint.
    S3Gateway,
    /// A new `DynamoDB` gateway endpoint.
    DynamodbGateway,
    /// Outbound rules of the workload's security groups.
    SecurityGroupEgress,
    /// Inbound rules of the groups of endpoints and databases.
    EndpointIngress,
    /// Rules of network ACLs.
    Nacl,
    /// The VPC's DNS attributes.
    VpcDns,
    /// New interface endpoints, with their security group.
    InterfaceEndpoints,
    /// A working NAT gateway instead of one that leads nowhere.
    NatRepair,
    /// A new public NAT gateway with default routes to it.
    Nat,
    /// One in each zone.
    NatPerZone,
    /// A regional one, which spreads over the zones by itself.
    NatRegional,
    /// A new connector, in subnets that lead out.
    MoveConnector,
    /// App Runner's own public way out instead of the VPC.
    DefaultEgress,
}

impl RemedyId {
    /// Every remedy, the least intrusive first.
    pub const ALL: &[Self] = &[
        Self::GatewayRouteTables,
        Self::S3Gateway,
        Self::DynamodbGateway,
        Self::SecurityGroupEgress,
        Self::EndpointIngress,
        Self::Nacl,
        Self::VpcDns,
        Self::InterfaceEndpoints,
        Self::NatRepair,
        Self::Nat,
        Self::NatPerZone,
        Self::NatRegional,
        Self::MoveConnector,
        Self::DefaultEgress,
    ];

    /// `s3-gateway` …
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::GatewayRouteTables => "gateway-route-tables",
            Self::S3Gateway => "s3-gateway",
            Self::DynamodbGateway => "dynamodb-gateway",
            Self::SecurityGroupEgress => "security-group-egress",
            Self::EndpointIngress => "endpoint-ingress",
            Self::Nacl => "nacl",
            Self::VpcDns => "vpc-dns",
            Self::InterfaceEndpoints => "interface-endpoints",
            Self::NatRepair => "nat-repair",
            Self::Nat => "nat",
            Self::NatPerZone => "nat-per-zone",
            Self::NatRegional => "nat-regional",
            Self::MoveConnector => "move-connector",
            Self::DefaultEgress => "default-egress",
        }
    }

    /// A short title, for a narrow column.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::GatewayRouteTables => "gateway's tables",
            Self::S3Gateway => "S3 gateway",
            Self::DynamodbGateway => "DynamoDB gateway",
            Self::SecurityGroupEgress => "outbound rules",
            Self::EndpointIngress => "inbound rules",
            Self::Nacl => "network ACL rules",
            Self::VpcDns => "VPC DNS",
            Self::InterfaceEndpoints => "interface endpoints",
            Self::NatRepair => "NAT repair",
            Self::Nat => "NAT gateway",
            Self::NatPerZone => "NAT gateway per zone",
            Self::NatRegional => "regional NAT gateway",
            Self::MoveConnector => "new connector",
            Self::DefaultEgress => "DEFAULT egress",
        }
    }

    /// The remedy of that name.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|id| id.word() == word)
    }
}

impl fmt::Display for RemedyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

/// A change to the network, in the model's terms. Terraform carries it out, `simulate` tries it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// A gateway endpoint with its route in these tables.
    CreateGatewayEndpoint {
        /// In this VPC.
        vpc: VpcId,
        /// Full service name, `com.amazonaws.us-west-2.s3`.
        service: String,
        /// Every table that the workload's subnets use, the main one included where it is used.
        route_tables: Vec<RouteTableId>,
    },
    /// An interface endpoint with private DNS. All endpoints of one proposal share one new security group.
    CreateInterfaceEndpoint {
        /// In this VPC.
        vpc: VpcId,
        /// Full service name, `com.amazonaws.us-west-2.secretsmanager`.
        service: String,
        /// Names that private DNS switches, in the whole VPC.
        private_names: Vec<String>,
        /// One subnet for each zone.
        subnets: Vec<SubnetId>,
        /// The shared security group admits these ports from these ranges: the whole VPC, since private DNS moves the
        /// whole VPC onto the endpoint.
        admits: Vec<Ipv4Net>,
        /// TCP ports that the service answers on.
        ports: Vec<u16>,
    },
    /// A public NAT gateway with an Elastic IP, and a default route to it from each table.
    CreateNat {
        /// In this VPC.
        vpc: VpcId,
        /// The public subnet it stands in: its table has an internet gateway as default route.
        subnet: SubnetId,
        /// Every table that the workload's subnets use, the main one included where it is used.
        route_tables: Vec<RouteTableId>,
    },
    /// A default route from each table to a NAT gateway that is there.
    RouteToNat {
        /// The gateway.
        nat: NatGatewayId,
        /// The tables that have no default route.
        route_tables: Vec<RouteTableId>,
    },
    /// A default route from a NAT gateway's own table to the internet gateway.
    RouteToInternet {
        /// The internet gateway.
        gateway: InternetGatewayId,
        /// The table of the subnet that the NAT gateway stands in.
        route_table: RouteTableId,
    },
    /// A regional NAT gateway, which has a route table of its own, and a default route to it from each table.
    CreateRegionalNat {
        /// In this VPC.
        vpc: VpcId,
        /// The zones it is needed in.
        zones: Vec<AvailabilityZone>,
        /// Every table that the workload's subnets use, the main one included where it is used.
        route_tables: Vec<RouteTableId>,
    },
    /// Private DNS turned on for an interface endpoint that is there without it.
    EnablePrivateDns {
        /// The endpoint.
        endpoint: EndpointId,
        /// Full service name.
        service: String,
        /// Names that private DNS switches, in the whole VPC.
        private_names: Vec<String>,
    },
    /// Route tables added to a gateway endpoint, which puts its route there.
    AssociateRouteTables {
        /// The endpoint.
        endpoint: EndpointId,
        /// Full service name.
        service: String,
        /// The tables that it misses.
        route_tables: Vec<RouteTableId>,
    },
    /// An outbound rule for TCP.
    AllowEgress {
        /// Of this group.
        group: SecurityGroupId,
        /// To this port.
        port: u16,
        /// At this other side.
        peer: Peer,
    },
    /// An inbound rule for TCP, of a group that guards an endpoint or a database.
    AllowEndpointIngress {
        /// Of this group.
        group: SecurityGroupId,
        /// To this port.
        port: u16,
        /// From this other side.
        peer: Peer,
    },
    /// A rule of a network ACL.
    AllowNacl {
        /// Of this ACL.
        acl: NetworkAclId,
        /// For packets that leave, or that enter.
        outbound: bool,
        /// The rule, with a number that is free.
        rule: AclRule,
    },
    /// The VPC's DNS attributes turned on.
    EnableVpcDns {
        /// Of this VPC.
        vpc: VpcId,
        /// Whether `enableDnsSupport` is turned on.
        support: bool,
        /// Whether `enableDnsHostnames` is turned on.
        hostnames: bool,
    },
    /// A new public NAT gateway with an Elastic IP, to which default routes lead that led to another one.
    RepairNat {
        /// In this VPC.
        vpc: VpcId,
        /// The gateway that leads nowhere, or is gone.
        replaces: NatGatewayId,
        /// The public subnet it stands in.
        subnet: SubnetId,
        /// The tables whose default route led to the old one.
        route_tables: Vec<RouteTableId>,
    },
    /// A new connector under a new name, and the service on it.
    MoveConnector {
        /// For this service.
        workload: WorkloadId,
        /// The connector's name.
        name: String,
        /// Its subnets.
        subnets: Vec<SubnetId>,
        /// Its groups: as before.
        security_groups: Vec<SecurityGroupId>,
    },
    /// `EgressType = DEFAULT`, without a connector.
    UseDefaultEgress {
        /// For this service.
        workload: WorkloadId,
    },
}

/// A set of changes, proved on the snapshot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    /// The remedies it is made of, in the order of [`RemedyId::ALL`].
    pub remedies: Vec<RemedyId>,
    /// `S3 gateway endpoint`
    pub title: String,
    /// What to change.
    pub changes: Vec<Change>,
    /// Hosts that were not reachable and would be.
    pub cures: Vec<String>,
    /// Hosts that are not reachable and would not be either.
    pub leaves: Vec<String>,
    /// Why not: one sentence for each of `leaves`.
    pub leaves_because: Vec<String>,
    /// What was reachable and would not be, in words, each naming the host or the workload.
    pub breaks: Vec<String>,
    /// What else happens to this and other workloads, whole sentences.
    pub side_effects: Vec<String>,
    /// What must hold, with the fact that decided.
    pub preconditions: Vec<Precondition>,
    /// What it costs.
    pub estimate: Estimate,
    /// What would not be needed any more, for the owner to decide; nothing is removed.
    pub savings: Vec<Saving>,
    /// Of a set: what each of its remedies alone would leave, whole sentences.
    pub why_together: Vec<String>,
    /// Until it works, in words: `about a minute, no deployment`.
    pub takes_effect: String,
    /// How it is undone in AWS, in words.
    pub reversal: String,
    /// Why this one is recommended, when it is.
    pub recommended: Option<String>,
    /// The diagnosis of the changed snapshot: the proof.
    pub after: Diagnosis,
}

impl Proposal {
    /// `s3-gateway`, or `s3-gateway+interface-endpoints` for a composed one.
    #[must_use]
    pub fn id(&self) -> String {
        self.remedies.iter().map(|id| id.word()).collect::<Vec<_>>().join("+")
    }

    /// Whether every precondition is known to hold.
    #[must_use]
    pub fn is_possible(&self) -> bool {
        self.preconditions.iter().all(|precondition| precondition.met != Met::No)
    }
}

/// What must hold before a proposal can work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Precondition {
    /// The condition with the fact that decided, `vpc-0a1 has an internet gateway (igw-0b2)`.
    pub text: String,
    /// Whether it holds.
    pub met: Met,
}

/// Whether a precondition holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Met {
    /// It does.
    Yes,
    /// It does not: the proposal cannot work here.
    No,
    /// It could not be checked.
    Unknown,
}

impl Met {
    /// The word in JSON.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::No => "no",
            Self::Unknown => "unknown",
        }
    }
}
