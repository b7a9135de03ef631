//! How the reachability of one destination changes for one source.

use crate::reach::{Trace, Verdict, ViaKind};

/// The difference between two traces of the same source and destination.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum ReachabilityChange {
    /// It was reachable and is blocked, by this rule.
    Lost(String),
    /// It was reachable and becomes unknown, because of this rule.
    Unknown(String),
    /// It was blocked and becomes reachable.
    Gained,
    /// It stays reachable through another path, `the NAT gateway nat-1`. Open connections drop.
    OtherPath(String),
}

impl ReachabilityChange {
    /// `None` if the reachability does not change.
    pub fn between(old: &Trace, new: &Trace) -> Option<Self> {
        let blocker = || new.blockers().next().map(|(hop, _)| hop.rule.to_string()).unwrap_or_default();
        let unknown = || new.unknowns().next().map(|(hop, _)| hop.rule.to_string()).unwrap_or_default();
        match (&old.verdict, &new.verdict) {
            (Verdict::Reachable(_), Verdict::Blocked | Verdict::Partial { .. })
            | (Verdict::Unknown, Verdict::Blocked) => Some(Self::Lost(blocker())),
            (Verdict::Reachable(_), Verdict::Unknown) => Some(Self::Unknown(unknown())),
            (Verdict::Blocked, Verdict::Reachable(_)) => Some(Self::Gained),
            (Verdict::Reachable(old), Verdict::Reachable(new)) if old != new => match new.kind {
                // Names resolve to the endpoint for new connections only; open connections stay.
                ViaKind::InterfaceEndpoint => None,
                _ => Some(Self::OtherPath(new.described())),
            },
            _ => None,
        }
    }
}
