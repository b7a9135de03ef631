//! Transit gateways: their attachments and route tables.

use serde::{Deserialize, Serialize};

use super::default_value::is_default;
use super::open_enum::open_enum;
use super::{ResourceId, Route, SubnetId, VpcId};

/// An attachment of a transit gateway.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TransitAttachment {
    /// Its id.
    pub id: ResourceId,
    /// The transit gateway.
    pub gateway: ResourceId,
    /// The account that owns the transit gateway, if read.
    #[serde(default, skip_serializing_if = "is_default")]
    pub gateway_owner: Option<String>,
    /// The attached VPC; `None` for another resource: a VPN connection, a Direct Connect gateway, a peering.
    #[serde(default, skip_serializing_if = "is_default")]
    pub vpc: Option<VpcId>,
    /// The account that owns the attached resource, if read.
    #[serde(default, skip_serializing_if = "is_default")]
    pub owner: Option<String>,
    /// Its state; only an available attachment carries packets.
    pub state: AttachmentState,
    /// The subnets of the VPC with a network interface of the transit gateway, at most one in each AZ; empty when not read.
    #[serde(default, skip_serializing_if = "is_default")]
    pub subnets: Vec<SubnetId>,
    /// The route table of the transit gateway that routes the packets from this attachment.
    pub association: TransitAssociation,
}

/// The route table of an attachment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TransitAssociation {
    /// Not read. The answers that another account than the owner of the transit gateway gets do not show it in every case.
    #[default]
    NotRead,
    /// The attachment has no route table.
    None,
    /// This route table, in state `associated`.
    Table(ResourceId),
    /// An association in another state.
    Pending(ResourceId),
}

open_enum! {
    /// The state of an attachment
    /// (<https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_TransitGatewayAttachment.html>).
    AttachmentState {
        /// It carries packets.
        Available => "available",
        /// The owner of the transit gateway must accept it.
        PendingAcceptance => "pendingAcceptance",
        /// The owner of the transit gateway rejected it.
        Rejected => "rejected",
        /// It could not be created.
        Failed => "failed",
        /// AWS changes its subnets or options.
        Modifying => "modifying",
        /// AWS deletes it.
        Deleting => "deleting",
    }
}

/// A route table of a transit gateway, with all its routes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TransitRouteTable {
    /// Its id.
    pub id: ResourceId,
    /// Its routes. The target of each is an attachment; that of a blackhole is the route table itself.
    pub routes: Vec<Route>,
}
