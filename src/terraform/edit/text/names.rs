//! Names of new resources that the target module does not use.

use crate::terraform::edit::draft::Draft;
use crate::terraform::find::refactoring::is_in_refactoring;
use crate::terraform::lang::address::ResourceAddress;

/// The part of a new name that says for which service the resource is.
const OWN: &str = "app_runner";

impl Draft<'_> {
    /// A resource name that the target module and the new resources do not use: the given name, the name with the part
    /// `app_runner`, or the first free name of `name_2`, `name_3`.
    pub fn free_name(&self, kind: &str, name: &str) -> String {
        let telling = match name {
            "main" => OWN.to_owned(),
            _ if name.contains(OWN) => name.to_owned(),
            _ => format!("{name}_{OWN}"),
        };
        // A second resource of this edit gets a number.
        if self.is_in_code(kind, name) && !self.is_used(kind, &telling) {
            telling
        } else {
            self.numbered_name(kind, name)
        }
    }

    /// A resource name that the target module and the new resources do not use: the given name, or the first free name of
    /// `name_2`, `name_3`.
    pub fn numbered_name(&self, kind: &str, name: &str) -> String {
        first_free(name, |name| self.is_used(kind, name))
    }

    /// Whether a block of the target module, or a statement about the state, has the name.
    fn is_in_code(&self, kind: &str, name: &str) -> bool {
        let target = self.finder.target;
        target.resources(kind).chain(target.data(kind)).any(|(_, block)| block.name() == Some(name))
            || is_in_refactoring(self.finder.config, &self.address_in_target(kind, name))
    }

    fn address_in_target(&self, kind: &str, name: &str) -> ResourceAddress {
        ResourceAddress::new(self.finder.target.address.as_deref(), kind, name)
    }

    fn is_used(&self, kind: &str, name: &str) -> bool {
        self.is_in_code(kind, name) || self.adds.contains(&self.address_in_target(kind, name))
    }
}

/// The name, or the first of `name_2`, `name_3`, … that is not used.
fn first_free(name: &str, is_used: impl Fn(&str) -> bool) -> String {
    let (mut free, mut number) = (name.to_owned(), 1);
    while is_used(&free) {
        number += 1;
        free = format!("{name}_{number}");
    }
    free
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_free_name_is_found_however_many_are_used() {
        let mut used = BTreeSet::new();
        for _ in 0..150 {
            let name = first_free("nat", |name| used.contains(name));
            assert!(used.insert(name));
        }
        assert!(used.contains("nat") && used.contains("nat_2") && used.contains("nat_150"));
    }
}
