//! The result of a search: the block that manages an AWS resource.

use crate::terraform::error::EditError;
use crate::terraform::find::origin::{BlockOrigin, Instances, Origin};
use crate::terraform::lang::address::{ResourceAddress, address};
use crate::terraform::lang::structure::Block;
use crate::terraform::read::file::File;
use crate::terraform::read::module::Module;
use crate::terraform::read::place::{Place, location};

/// A block that manages a resource, with the evidence.
pub(in crate::terraform) struct Found<'a> {
    /// The module that contains the block.
    pub module: &'a Module,
    pub file: &'a File,
    pub block: &'a Block,
    pub(super) instance: Instance,
    /// Why an edit of the block would change other resources too, or would be discarded by
    /// `terraform init`.
    pub(super) not_editable: Option<String>,
    /// `sg-1 is aws_security_group.app (security.tf:2): the connector refers to it`
    pub evidence: String,
}

/// The instance of a block that is the resource.
pub(super) enum Instance {
    /// The block has neither `count` nor `for_each`.
    Only,
    /// The instance with this key, `["a"]`.
    Key(String),
    /// One of several instances; the key is unknown.
    UnknownKey,
}

impl<'a> Found<'a> {
    /// The id of the resource; `None` for one of several instances whose key is unknown.
    pub fn origin(&self) -> Option<Origin<'a>> {
        let instance = match &self.instance {
            Instance::Only => Instances::Only,
            Instance::Key(key) => Instances::Key(key.clone()),
            Instance::UnknownKey => return None,
        };
        let place = Place { module: self.module, file: self.file, block: self.block };
        Some(Origin::Block(BlockOrigin { place, instance, attribute: "id".to_owned() }))
    }

    /// The block with the rules of a direction: in an override file, if one has them.
    pub fn rules(&self, direction: &str) -> Place<'a> {
        let (file, block) = self.module.block_with((self.file, self.block), direction);
        Place { module: self.module, file, block }
    }

    /// The address inside the module, `aws_security_group.app` or `aws_security_group.each["a"]`.
    pub fn address(&self) -> ResourceAddress {
        self.address_in_root().in_module()
    }

    /// The full address, from the root module.
    pub fn address_in_root(&self) -> ResourceAddress {
        let address = self.module.address_of(self.block);
        match &self.instance {
            Instance::Key(key) => address.with_key(key.as_str()),
            Instance::Only | Instance::UnknownKey => address,
        }
    }

    /// Returns this block if an edit of it changes only this resource.
    ///
    /// # Errors
    /// The block creates several instances, its module is used more than once, or `terraform init`
    /// installed it.
    pub fn ensure_single(&self) -> Result<&Self, EditError> {
        let is_repeated =
            !matches!(self.instance, Instance::Only) && !self.module.is_switch(self.file, self.block);
        let several = || {
            is_repeated.then(|| {
                "one of several instances of a block: change the value of count or for_each".to_owned()
            })
        };
        match self.not_editable.clone().or_else(several) {
            None => Ok(self),
            Some(why) => Err(EditError::NotUnderstood {
                place: location(self.file, self.block),
                what: format!("{} is {why}", self.address_in_root()),
            }),
        }
    }
}

/// What an override file may change of a block: no edit changes it there.
const UNCHANGED: [&str; 5] = ["depends_on", "lifecycle", "tags", "tags_all", "timeouts"];
/// The same for a security group: its rules are changed where the override file has them.
const UNCHANGED_OF_GROUP: [&str; 7] =
    ["depends_on", "egress", "ingress", "lifecycle", "tags", "tags_all", "timeouts"];

/// The result for a block that manages an id.
///
/// # Errors
/// An override file changes what an edit of the block may change.
pub(super) fn found<'a>(id: &str, place: Place<'a>, why: &str) -> Result<Found<'a>, EditError> {
    let Place { module, file, block } = place;
    let is_group = block.is_resource("aws_security_group") || block.is_resource("aws_default_security_group");
    let names: &[&str] = if is_group { &UNCHANGED_OF_GROUP } else { &UNCHANGED };
    if let Some(override_place) = module.overridden_beside(block, names) {
        let what = format!(
            "an override file changes {} here, so an edit of {} would have no effect",
            address(block),
            place.location()
        );
        return Err(EditError::NotUnderstood { place: override_place, what });
    }
    let evidence = format!("{id} is {} ({}): {why}.", module.address_of(block), place.location());
    Ok(Found { module, file, block, instance: Instance::Only, not_editable: None, evidence })
}

/// Whether a block creates an instance with a key, `["a"]` or `[0]`; also `true` if unknown.
pub(super) fn has_instance(place: Place<'_>, key: &str) -> bool {
    let key = key.trim_start_matches('[').trim_end_matches(']');
    let written = |name: &str| place.module.expression(place.file, place.block, name);
    match (written("for_each"), written("count")) {
        (Some(each), _) => {
            let keys = place.module.keys(each);
            key.starts_with('"')
                && keys.is_none_or(|keys| keys.iter().any(|known| known == key.trim_matches('"')))
        }
        (None, Some(count)) => {
            let count: Option<u64> = place.module.evaluate(count).and_then(|count| count.parse().ok());
            key.parse().is_ok_and(|key: u64| count.is_none_or(|count| key < count))
        }
        (None, None) => false,
    }
}
