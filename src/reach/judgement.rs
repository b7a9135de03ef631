//! The decision of a layer about a part of the destination's addresses.

use super::deciding::Deciding;
use super::trace::{Code, Hop, Layer, Outcome};
use crate::model::{Addresses, Call, ResourceId, Snapshot};

/// A part of the destination's addresses, with the hop of the layer that checked it.
#[derive(Clone)]
pub(super) struct Judgement {
    pub addresses: Addresses,
    pub hop: Hop,
}

impl Judgement {
    pub fn pass(layer: Layer, component: impl Into<ResourceId>, addresses: Addresses, rule: String) -> Self {
        Self::new(layer, component.into(), addresses, rule, Outcome::Pass)
    }

    pub fn block(
        layer: Layer,
        code: Code,
        component: impl Into<ResourceId>,
        addresses: Addresses,
        rule: String,
    ) -> Self {
        Self::new(layer, component.into(), addresses, rule, Outcome::Block(code))
    }

    pub fn unknown(
        layer: Layer,
        component: impl Into<ResourceId>,
        addresses: Addresses,
        rule: String,
        deciding: Deciding,
    ) -> Self {
        Self::new(layer, component.into(), addresses, rule, Outcome::Unknown(deciding))
    }

    fn new(
        layer: Layer,
        component: ResourceId,
        addresses: Addresses,
        rule: String,
        outcome: Outcome,
    ) -> Self {
        Self { addresses, hop: Hop { layer, component, outcome, rule: rule.into() } }
    }
}

/// The call, if its answer is missing or incomplete. Then a resource that is absent from the snapshot can
/// exist.
pub(super) fn missing(snapshot: &Snapshot, call: Call) -> Option<Call> {
    snapshot.gap(call).map(|gap| gap.call)
}
