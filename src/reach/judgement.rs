//! The decision of a layer about a part of the destination's addresses.

use super::deciding::Deciding;
use super::trace::{Code, Hop, Layer, Outcome, Owner, Subject};
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
        let (owner, subject) = (Owner::default(), Subject::default());
        Self { addresses, hop: Hop { layer, component, owner, subject, outcome, rule: rule.into() } }
    }

    /// The same judgement, about a component of this owner. Without this call the owner is the source.
    pub fn of(mut self, owner: Owner) -> Self {
        self.hop.owner = owner;
        self
    }

    /// The same judgement, about packets or a route. Without this call it is about the component.
    pub fn about(mut self, subject: Subject) -> Self {
        self.hop.subject = subject;
        self
    }
}

/// The call, if its answer is missing or incomplete. Then a resource that is absent from the snapshot can
/// exist.
pub(super) fn missing(snapshot: &Snapshot, call: Call) -> Option<Call> {
    snapshot.gap(call).map(|gap| gap.call)
}
