//! The snapshot: the interface between discovery and everything else. Live AWS, a saved file and a demo
//! scenario all produce the same [`Snapshot`].

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::default_value::is_default;
use super::{
    Call, CallRecord, ComponentHistory, Gap, ListPrices, Network, Place, Region, Table, VpcId, Workload,
    is_planned,
};
use crate::text::{escape_json, json_error};

/// The file format this version reads and writes.
const VERSION: u32 = 1;

/// The network state of one account and region at one time, and the gaps in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Snapshot {
    version: u32,
    /// The time when discovery began.
    pub taken_at: Timestamp,
    /// The account number; `None` when it could not be read.
    pub account: Option<String>,
    /// The region.
    pub region: Region,
    /// The workloads.
    pub workloads: Table<Workload>,
    /// The network.
    pub network: Network,
    /// List prices, if they were read.
    #[serde(default, skip_serializing_if = "is_default")]
    pub prices: Option<ListPrices>,
    /// The other accounts and Regions that were read for facts about VPCs that this account knows: shared and peered VPCs.
    #[serde(default, skip_serializing_if = "is_default")]
    pub other_places: Vec<Place>,
    /// The calls whose answers are missing or incomplete.
    pub gaps: Vec<Gap>,
    /// The last changes of the resources for which the user asked.
    #[serde(default, skip_serializing_if = "is_default")]
    pub history: Table<ComponentHistory>,
    /// How it was read, in the order in which the calls were sent; empty if that is not recorded: in a snapshot of an
    /// earlier version, of AWS CLI output, or of the demo.
    #[serde(default, skip_serializing_if = "is_default")]
    pub calls: Vec<CallRecord>,
}

/// The reason why a file is not a snapshot.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    /// Not JSON, or not of this shape: the problem with line and column, without a value of the file.
    #[error("not a snapshot: {0}")]
    Malformed(String),
    /// Written by a newer version.
    #[error(
        "field `version` is {found}, but this version of egress-doctor supports versions up to {VERSION}: \
         update egress-doctor, or save the snapshot again with this version"
    )]
    Newer {
        /// The file's version.
        found: u64,
    },
    /// The file's version does not exist.
    #[error("field `version` is {found}, which does not exist: the file is damaged or was edited")]
    NeverWritten {
        /// The file's version.
        found: u64,
    },
}

impl From<serde_json::Error> for SnapshotError {
    fn from(error: serde_json::Error) -> Self {
        Self::Malformed(json_error(&error))
    }
}

impl Snapshot {
    /// Whether a simulated fix created a resource in it.
    #[must_use]
    pub fn has_planned_resources(&self) -> bool {
        let network = &self.network;
        network.endpoints.iter().any(|one| is_planned(one.id.as_str()))
            || network.nat_gateways.iter().any(|one| is_planned(one.id.as_str()))
            || network.route_tables.iter().any(|one| is_planned(one.id.as_str()))
            || network.connectors.iter().any(|one| is_planned(one.arn.as_str()))
            || network.internet_gateways.iter().any(|one| is_planned(one.id.as_str()))
            || network.egress_only_internet_gateways.iter().any(|one| is_planned(one.id.as_str()))
    }

    /// An empty snapshot of a region.
    #[must_use]
    pub fn new(region: Region, taken_at: Timestamp) -> Self {
        Self {
            version: VERSION,
            taken_at,
            account: None,
            region,
            workloads: Table::default(),
            network: Network::default(),
            prices: None,
            other_places: Vec::new(),
            gaps: Vec::new(),
            history: Table::default(),
            calls: Vec::new(),
        }
    }

    /// Whether both have the same facts and gaps, however they were read.
    #[must_use]
    pub fn has_same_facts(&self, other: &Self) -> bool {
        let Self {
            version,
            taken_at,
            account,
            region,
            workloads,
            network,
            prices,
            other_places,
            gaps,
            history,
            calls: _,
        } = self;
        (version, taken_at, account, region)
            == (&other.version, &other.taken_at, &other.account, &other.region)
            && (workloads, network, prices) == (&other.workloads, &other.network, &other.prices)
            && (other_places, gaps, history) == (&other.other_places, &other.gaps, &other.history)
    }

    /// A copy with the last changes of resources. The gaps replace those of an earlier attempt.
    #[must_use]
    pub fn with_history(&self, history: &[ComponentHistory], gaps: &[Gap]) -> Self {
        let mut snapshot = self.clone();
        snapshot.gaps.retain(|gap| gap.call != Call::LookupEvents);
        snapshot.gaps.extend(gaps.iter().cloned());
        snapshot.gaps.sort_by_key(|gap| gap.call);
        for one in history {
            snapshot.history.insert(one.clone());
        }
        snapshot
    }

    /// The first gap of this call in the account and Region of the snapshot, if there is one. Of another account, discovery keeps
    /// only complete facts, so that its gaps do not matter to the facts here.
    #[must_use]
    pub fn gap(&self, call: Call) -> Option<&Gap> {
        self.gaps.iter().find(|gap| gap.call == call && gap.place.is_none())
    }

    /// Whether an account was read in a Region.
    #[must_use]
    pub fn has_read(&self, place: &Place) -> bool {
        self.account.as_ref() == Some(&place.account) && self.region == place.region
            || self.other_places.contains(place)
    }

    /// The gaps of another account and Region.
    pub fn gaps_of<'s>(&'s self, place: &'s Place) -> impl Iterator<Item = &'s Gap> {
        self.gaps.iter().filter(move |gap| gap.place.as_ref() == Some(place))
    }

    /// The gaps as the user sees them. If several accounts or Regions were read, each gap names its own.
    pub fn shown_gaps(&self) -> impl Iterator<Item = Gap> {
        let own = self
            .account
            .as_ref()
            .filter(|_| !self.other_places.is_empty())
            .map(|account| Place { account: account.clone(), region: self.region.clone() });
        self.gaps
            .iter()
            .map(move |gap| Gap { place: gap.place.clone().or_else(|| own.clone()), ..gap.clone() })
    }

    /// The account that shares a VPC with the account of the snapshot, with its Region; `None` if this account owns the VPC, or if
    /// the owner is not known.
    #[must_use]
    pub fn owner_of(&self, vpc: &VpcId) -> Option<Place> {
        let account = self.account.as_ref()?;
        let subnets = self.network.subnets.iter().filter(|subnet| subnet.vpc == *vpc);
        let owner = subnets.filter_map(|subnet| subnet.owner.as_ref()).find(|owner| *owner != account)?;
        Some(Place { account: owner.clone(), region: self.region.clone() })
    }

    /// Whether the complete answer of a call was read from live AWS. An answer from a file has no record.
    #[must_use]
    pub fn is_read(&self, call: Call) -> bool {
        let mut records = self.calls.iter().filter(|record| record.call == call).peekable();
        records.peek().is_some() && records.all(|record| record.failure.is_none())
    }

    /// Reads a saved snapshot.
    ///
    /// # Errors
    /// The text is not JSON, not a snapshot (the error contains line and column), or of a newer version.
    pub fn from_json(text: &str) -> Result<Self, SnapshotError> {
        #[derive(Deserialize)]
        struct Head {
            version: u64,
        }

        let head: Head = serde_json::from_str(text)?;
        if head.version > u64::from(VERSION) {
            return Err(SnapshotError::Newer { found: head.version });
        }
        if head.version == 0 {
            return Err(SnapshotError::NeverWritten { found: head.version });
        }
        Ok(serde_json::from_str(text)?)
    }

    /// The file's text, indented so that it can be read and compared. Unsafe characters are escape sequences.
    ///
    /// # Errors
    /// None in practice: every type in a snapshot has a JSON form.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string_pretty(self).map(|text| escape_json(&text) + "\n")
    }
}
