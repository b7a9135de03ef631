//! Where a value comes from: an attribute of a block, an output, a variable or a text. `origins` follows expressions to it.

use crate::terraform::lang::address::address;
use crate::terraform::read::module::Module;
use crate::terraform::read::place::Place;

/// Where a value comes from.
#[derive(Clone)]
pub(in crate::terraform) enum Origin<'a> {
    /// An attribute of a resource or data source.
    Block(BlockOrigin<'a>),
    /// An output of a called module whose code is not available, or that `terraform init` installed.
    ///
    /// `key` is the instance of the call, `["a"]` or `[0]`; `None` for a call without several instances.
    Output { call: Place<'a>, key: Option<String>, name: String },
    /// A variable of the root module.
    Variable { module: &'a Module, name: String },
    /// A text in the code.
    Text(String),
}

/// An attribute of a resource or data source.
#[derive(Clone)]
pub(in crate::terraform) struct BlockOrigin<'a> {
    pub place: Place<'a>,
    pub instance: Instances,
    /// Empty for the whole block.
    pub attribute: String,
}

/// The instances of a block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::terraform) enum Instances {
    /// The block has neither `count` nor `for_each`.
    Only,
    /// The instance with this key, `[0]` or `["a"]`.
    Key(String),
    /// All instances, or an instance whose key is not followed.
    All,
}

impl Instances {
    /// Whether an instance can be in both.
    fn overlaps(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Key(one), Self::Key(two)) => one == two,
            _ => true,
        }
    }
}

impl BlockOrigin<'_> {
    /// Whether two origins are instances of one block.
    pub fn is_same_block(&self, other: &Self) -> bool {
        self.place.is_same_block(&other.place)
    }
}

impl Origin<'_> {
    /// Whether two origins can be the same resource, whatever attribute they are.
    pub fn is_same_resource(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Block(one), Self::Block(two)) => {
                one.is_same_block(two) && one.instance.overlaps(&two.instance)
            }
            (Self::Output { call, key, name }, Self::Output { call: other, key: same_key, name: same }) => {
                call.is_same_block(other) && key == same_key && name == same
            }
            (Self::Variable { module, name }, Self::Variable { module: other, name: same }) => {
                module.address == other.address && name == same
            }
            (Self::Text(one), Self::Text(two)) => one == two,
            _ => false,
        }
    }

    /// Whether two origins are the same value.
    pub fn is_same_value(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Block(one), Self::Block(two)) => {
                one.is_same_block(two) && one.instance == two.instance && one.attribute == two.attribute
            }
            _ => self.is_same_resource(other),
        }
    }

    /// The address of the resource from the root module, `aws_subnet.public["a"]`; `None` for several instances, and without a block.
    pub fn address_in_root(&self) -> Option<String> {
        let Self::Block(block) = self else { return None };
        let address = block.place.module.address_of(block.place.block);
        match &block.instance {
            Instances::Key(key) => Some(address.with_key(key.as_str()).to_string()),
            Instances::Only => Some(address.to_string()),
            Instances::All => None,
        }
    }

    /// The block, if it is of one of these types.
    pub fn block_of(&self, kinds: &[&str]) -> Option<&BlockOrigin<'_>> {
        match self {
            Origin::Block(block) if block.place.block.kind().is_some_and(|kind| kinds.contains(&kind)) => {
                Some(block)
            }
            _ => None,
        }
    }
}

/// The address of a block inside its module, with the instance.
pub(in crate::terraform) fn instance_address(block: &BlockOrigin<'_>) -> String {
    match &block.instance {
        Instances::Key(key) => format!("{}{key}", address(block.place.block)),
        Instances::Only | Instances::All => address(block.place.block),
    }
}

/// Whether two origins are the same VPC; `None` if unknown. Different references can lead to one VPC, for example a data source and
/// a resource.
pub(in crate::terraform) fn is_same_vpc(one: &Origin<'_>, other: &Origin<'_>) -> Option<bool> {
    if one.is_same_resource(other) {
        return Some(true);
    }
    let is_created = |origin: &Origin<'_>| {
        origin.block_of(&["aws_vpc"]).is_some_and(|vpc| vpc.place.block.block_type == "resource")
    };
    (is_created(one) && is_created(other)).then_some(false)
}
