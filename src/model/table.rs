//! A collection of items with unique ids: a list in JSON, a map in memory.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{self, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// An item with an id.
pub trait Keyed {
    /// The type of its id.
    type Key: Ord + Clone + fmt::Display;
    /// Its id.
    fn key(&self) -> &Self::Key;
}

/// Items in the order of their ids. No two items have the same id.
#[derive(Clone, PartialEq, Eq)]
pub struct Table<T: Keyed>(BTreeMap<T::Key, T>);

impl<T: Keyed> Table<T> {
    /// The item with this id.
    #[must_use]
    pub fn get(&self, key: &T::Key) -> Option<&T> {
        self.0.get(key)
    }

    /// The item with this id, mutable. The caller must not change the id.
    pub fn get_mut(&mut self, key: &T::Key) -> Option<&mut T> {
        self.0.get_mut(key)
    }

    /// Adds an item. An item with the same id is replaced and returned.
    pub fn insert(&mut self, item: T) -> Option<T> {
        self.0.insert(item.key().clone(), item)
    }

    /// All items, in the order of their ids.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.0.values()
    }

    /// All items, mutable, in the order of their ids. The caller must not change an id.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.0.values_mut()
    }

    /// The number of items.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether the table is empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<T: Keyed> Default for Table<T> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<T: Keyed + fmt::Debug> fmt::Debug for Table<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.values()).finish()
    }
}

impl<T: Keyed> FromIterator<T> for Table<T> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        let mut table = Self::default();
        table.extend(items);
        table
    }
}

impl<T: Keyed> IntoIterator for Table<T> {
    type Item = T;
    type IntoIter = std::collections::btree_map::IntoValues<T::Key, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_values()
    }
}

impl<T: Keyed> Extend<T> for Table<T> {
    fn extend<I: IntoIterator<Item = T>>(&mut self, items: I) {
        for item in items {
            self.insert(item);
        }
    }
}

impl<T: Keyed + Serialize> Serialize for Table<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.values())
    }
}

impl<'de, T: Keyed + Deserialize<'de>> Deserialize<'de> for Table<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Items<T>(std::marker::PhantomData<T>);

        impl<'de, T: Keyed + Deserialize<'de>> Visitor<'de> for Items<T> {
            type Value = Table<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of items with distinct ids")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Table<T>, A::Error> {
                let mut table = Table::default();
                while let Some(item) = seq.next_element::<T>()? {
                    if let Some(double) = table.insert(item) {
                        return Err(de::Error::custom(format!("{} appears twice", double.key())));
                    }
                }
                Ok(table)
            }
        }

        deserializer.deserialize_seq(Items(std::marker::PhantomData))
    }
}
