//! Results that several traces share, each computed once.

use std::cell::RefCell;
use std::collections::HashMap;
use std::hash::Hash;
use std::rc::Rc;

/// Results by key.
pub(super) struct Memo<K, V>(RefCell<HashMap<K, Rc<V>>>);

impl<K: Eq + Hash, V> Memo<K, V> {
    /// The result for a key; `find` computes it the first time. `find` may use this and other memos for
    /// other keys.
    pub fn get(&self, key: K, find: impl FnOnce() -> V) -> Rc<V> {
        if let Some(known) = self.0.borrow().get(&key) {
            return Rc::clone(known);
        }
        let found = Rc::new(find());
        self.0.borrow_mut().insert(key, Rc::clone(&found));
        found
    }
}

impl<K, V> Default for Memo<K, V> {
    fn default() -> Self {
        Self(RefCell::new(HashMap::new()))
    }
}
