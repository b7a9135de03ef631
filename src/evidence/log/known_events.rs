//! What the events show that were read before, because most logs repeat the same events.
//!
//! Owns the caches. The facts about a shape are kept if they are the same for two events of it that differ in every variable
//! part.

use std::collections::HashMap;
use std::rc::Rc;

use super::event::{Event, EventFacts};

/// Maximum number of events in each cache.
const EVENTS: usize = 16 * 1024;

#[derive(Default)]
pub(super) struct KnownEvents {
    by_shape: HashMap<u64, OfShape>,
    /// By the text of an event.
    by_text: HashMap<u64, Rc<EventFacts>>,
}

/// What events of one shape show.
enum OfShape {
    /// Only one such event was read.
    Once,
    Same(Rc<EventFacts>),
    Different,
}

impl KnownEvents {
    /// The facts about an event. In a short log, few events have the same shape and different texts.
    pub fn facts(&mut self, event: &Event, is_short_log: bool) -> Rc<EventFacts> {
        if is_short_log {
            return self.facts_of_text(event);
        }
        let shape = event.shape();
        match self.by_shape.get(&shape) {
            Some(OfShape::Same(facts)) => Rc::clone(facts),
            Some(OfShape::Different) => self.facts_of_text(event),
            Some(OfShape::Once) => {
                let facts = Rc::new(event.facts());
                let are_of_shape = event.are_of_shape(&facts);
                let known = if are_of_shape { OfShape::Same(Rc::clone(&facts)) } else { OfShape::Different };
                self.by_shape.insert(shape, known);
                facts
            }
            None => {
                keep(&mut self.by_shape, shape, OfShape::Once);
                Rc::new(event.facts())
            }
        }
    }

    fn facts_of_text(&mut self, event: &Event) -> Rc<EventFacts> {
        let fingerprint = event.fingerprint();
        if let Some(facts) = self.by_text.get(&fingerprint) {
            return Rc::clone(facts);
        }
        let facts = Rc::new(event.facts());
        keep(&mut self.by_text, fingerprint, Rc::clone(&facts));
        facts
    }
}

fn keep<T>(cache: &mut HashMap<u64, T>, hash: u64, new: T) {
    if cache.len() >= EVENTS {
        cache.clear();
    }
    cache.insert(hash, new);
}
