//! The keys in force: the table of `keymap.rs` with the changes of the user.

use std::borrow::Cow;

use super::{Action, Binding, Context, KEYMAP, Key};
use crate::text::listed;
use strum::VariantArray as _;

/// The keys in force.
#[derive(Clone, Debug)]
pub struct Keymap(Cow<'static, [Binding]>);

impl Default for Keymap {
    fn default() -> Self {
        Self(Cow::Borrowed(KEYMAP))
    }
}

/// Two actions with the same key in the same place.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{} has two actions on {}: {} and {}", .key.name(), .context.title(), .actions.0.name(), .actions.1.name())]
pub struct KeyConflict {
    /// The key.
    pub key: Key,
    /// The place.
    pub context: Context,
    /// The actions, in the order of the table.
    pub actions: (Action, Action),
}

impl Keymap {
    /// The table with other keys for some actions.
    ///
    /// An action has its keys in every place where it works. Where the user types text, characters stay text, and an action without
    /// another key keeps those of the table.
    ///
    /// # Errors
    /// Two actions have the same key in the same place.
    pub fn with(changes: &[(Action, Vec<Key>)]) -> Result<Self, KeyConflict> {
        let mut bindings = KEYMAP.to_vec();
        for (action, keys) in changes {
            for binding in bindings.iter_mut().filter(|binding| binding.action == *action) {
                let is_text = binding.contexts.iter().any(|context| context.takes_text());
                let keys: Vec<Key> =
                    keys.iter().copied().filter(|key| !is_text || !key.is_character()).collect();
                if !keys.is_empty() {
                    binding.keys = keys.into();
                }
            }
        }
        let keymap = Self(bindings.into());
        match keymap.conflict() {
            Some(conflict) => Err(conflict),
            None => Ok(keymap),
        }
    }

    /// The first key with two actions in one place.
    fn conflict(&self) -> Option<KeyConflict> {
        for context in Context::VARIANTS {
            let mut seen: Vec<(Key, Action)> = Vec::new();
            for binding in self.bindings_of(*context) {
                for key in binding.keys.iter() {
                    if let Some((_, other)) = seen.iter().find(|(other, _)| other == key) {
                        let actions = (*other, binding.action);
                        return Some(KeyConflict { key: *key, context: *context, actions });
                    }
                    seen.push((*key, binding.action));
                }
            }
        }
        None
    }

    /// The bindings, in the order of the table.
    #[must_use]
    pub fn bindings(&self) -> &[Binding] {
        &self.0
    }

    /// The bindings that work in a place, in the order of the table.
    pub fn bindings_of(&self, context: Context) -> impl Iterator<Item = &Binding> {
        self.0.iter().filter(move |binding| binding.contexts.contains(&context))
    }

    /// The action of a key in a place; `None` if the key does not work there.
    pub(super) fn action(&self, context: Context, key: Key) -> Option<Action> {
        self.bindings_of(context).find(|binding| binding.keys.contains(&key)).map(|binding| binding.action)
    }

    /// The first key of an action in a place.
    pub(super) fn key(&self, context: Context, action: Action) -> Option<Key> {
        let binding = self.bindings_of(context).find(|binding| binding.action == action)?;
        binding.keys.first().copied()
    }

    /// The name of the first key of an action, for a sentence.
    #[must_use]
    pub fn name(&self, action: Action) -> String {
        let binding = self.0.iter().find(|binding| binding.action == action);
        binding.and_then(|binding| binding.keys.first()).map(|key| key.name()).unwrap_or_default()
    }

    /// The name of the first key of an action in a place; where the action has no key, that of another place.
    fn name_in(&self, context: Context, action: Action) -> String {
        self.key(context, action).map_or_else(|| self.name(action), Key::name)
    }

    /// A sentence with the names of keys: `press {undo} to undo it` becomes `press u to undo it`.
    #[must_use]
    pub fn fill(&self, sentence: &str) -> String {
        fill_with(sentence, |action| self.name(action))
    }

    /// The same with the keys of a place: where the user types text, an action can have another key.
    #[must_use]
    pub fn fill_in(&self, context: Context, sentence: &str) -> String {
        fill_with(sentence, |action| self.name_in(context, action))
    }

    /// The steps on which a key works that has no meaning on this step, `a (add a destination) works on Trace`.
    pub(super) fn works_elsewhere(&self, key: Key) -> Option<String> {
        let binding = self.0.iter().find(|binding| {
            binding.keys.contains(&key)
                && !binding.action.is_movement()
                && binding.contexts.iter().any(|context| Context::STEPS.contains(context))
        })?;
        let steps: Vec<&str> = binding.contexts.iter().map(|context| context.title()).collect();
        let what = binding.help.split([';', ',']).next().unwrap_or_default();
        Some(format!("{} works on {}: {what}", key.name(), listed(&steps, "and")))
    }
}

/// A sentence in which the names of actions in braces are replaced.
fn fill_with(sentence: &str, name: impl Fn(Action) -> String) -> String {
    let mut filled = String::with_capacity(sentence.len());
    let mut rest = sentence;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let action = after.split_once('}').and_then(|(name, after)| {
            let action = name.parse::<Action>().ok()?;
            Some((action, after))
        });
        if let Some((action, after)) = action {
            filled.push_str(&name(action));
            rest = after;
        } else {
            filled.push('{');
            rest = after;
        }
    }
    filled.push_str(rest);
    filled
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may stop at the first error")]

    use super::*;

    fn keys(names: &str) -> Vec<Key> {
        names.split(' ').map(|name| name.parse().unwrap()).collect()
    }

    #[test]
    fn no_key_of_the_table_has_two_actions_in_one_place() {
        assert_eq!(Keymap::default().conflict(), None);
    }

    #[test]
    fn every_key_of_the_table_is_parsed_from_its_name() {
        for key in KEYMAP.iter().flat_map(|binding| binding.keys.iter()) {
            assert_eq!(key.name().parse::<Key>().as_ref(), Ok(key));
        }
        let error = "xx".parse::<Key>().unwrap_err();
        assert!(error.starts_with("`xx` is not a key: use one character, Ctrl-A to Ctrl-Z"), "{error}");
    }

    #[test]
    fn an_action_has_its_new_keys_in_every_place_and_loses_the_old_ones() {
        let keymap = Keymap::with(&[(Action::Copy, keys("X F5"))]).unwrap();
        for context in [Context::Trace, Context::Done, Context::Explain] {
            assert_eq!(keymap.action(context, Key::char('X')), Some(Action::Copy));
            assert_eq!(keymap.action(context, keys("F5")[0]), Some(Action::Copy));
            assert_eq!(keymap.action(context, Key::char('y')), None);
        }
    }

    #[test]
    fn a_key_with_two_actions_in_one_place_names_both() {
        let conflict = Keymap::with(&[(Action::Write, keys("n"))]).unwrap_err();
        assert_eq!(conflict.to_string(), "n has two actions on Preview: write and next-hunk");
        // One key with two actions in different places is correct.
        assert!(Keymap::with(&[(Action::Add, keys("n"))]).is_ok());
        // Exchanged keys are correct too.
        assert!(Keymap::with(&[(Action::Write, keys("n")), (Action::NextHunk, keys("w"))]).is_ok());
    }

    #[test]
    fn a_sentence_has_the_names_of_the_keys_in_force() {
        let keymap = Keymap::with(&[(Action::Undo, keys("F4"))]).unwrap();
        assert_eq!(keymap.fill("{undo} or {quit}, {x} ${a{undo} {"), "F4 or q, {x} ${aF4 {");
    }

    #[test]
    fn characters_stay_text_where_the_user_types() {
        let keymap = Keymap::with(&[(Action::Forward, keys("o"))]).unwrap();
        assert_eq!(keymap.action(Context::Input, Key::char('o')), None);
        assert_eq!(keymap.action(Context::Input, keys("enter")[0]), Some(Action::Forward));
        assert_eq!(keymap.action(Context::Trace, Key::char('o')), Some(Action::Forward));
    }
}
