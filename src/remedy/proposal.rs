//! A way to cure the diagnosis, as data.

use std::fmt;

use ipnet::Ipv4Net;
use rust_decimal::Decimal;

use crate::diagnose::Diagnosis;
use crate::model::{RouteTableId, SubnetId, VpcId, WorkloadId};

/// One remedy of the catalogue. The names are fixed: users script against them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum RemedyId {
    /// A new S3 gateway endpoint.
    S3Gateway,
    /// New interface endpoints, with their security group.
    InterfaceEndpoints,
    /// A new public NAT gateway with default routes to it.
    Nat,
    /// App Runner's own public way out instead of the VPC.
    DefaultEgress,
}

impl RemedyId {
    /// Every remedy, the least intrusive first.
    pub const ALL: &[Self] = &[Self::S3Gateway, Self::InterfaceEndpoints, Self::Nat, Self::DefaultEgress];

    /// `s3-gateway` …
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::S3Gateway => "s3-gateway",
            Self::InterfaceEndpoints => "interface-endpoints",
            Self::Nat => "nat",
            Self::DefaultEgress => "default-egress",
        }
    }

    /// A short title, for a narrow column.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::S3Gateway => "S3 gateway",
            Self::InterfaceEndpoints => "interface endpoints",
            Self::Nat => "NAT gateway",
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
        /// The shared security group admits TCP 443 from these ranges: the whole VPC, since private DNS moves the
        /// whole VPC onto the endpoint.
        admits: Vec<Ipv4Net>,
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
    /// What was reachable and would not be, in words, each naming the host or the workload.
    pub breaks: Vec<String>,
    /// What else happens to this and other workloads, whole sentences.
    pub side_effects: Vec<String>,
    /// What must hold, with the fact that decided.
    pub preconditions: Vec<Precondition>,
    /// What it costs.
    pub estimate: Estimate,
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

/// What a proposal costs, in list prices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Estimate {
    /// $/month whatever the traffic; `None` when a price is not known.
    pub fixed_per_month: Option<Decimal>,
    /// $/GB of the workload's traffic that takes the new way; `None` when a price is not known.
    pub per_gb: Option<Decimal>,
    /// How the sum comes about.
    pub items: Vec<LineItem>,
    /// What is charged besides, in words (internet transfer out).
    pub apart: Vec<String>,
    /// Date of the prices, `2026-11-23`.
    pub as_of: String,
    /// Where the prices are from.
    pub source: String,
}

/// One line of an estimate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineItem {
    /// What is charged, `interface endpoint secretsmanager`.
    pub what: String,
    /// How much of it.
    pub quantity: Decimal,
    /// In what, `endpoint-zone-hours`.
    pub unit: String,
    /// $ for one unit; `None` when not known.
    pub unit_price: Option<Decimal>,
    /// $/month; `None` for a price by traffic, or when not known.
    pub per_month: Option<Decimal>,
}
