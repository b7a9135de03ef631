//! The structure of a file or block: attributes and nested blocks, with their byte spans.

use std::ops::Range;

use crate::terraform::lang::work::visit;

/// The content of a file or of a block.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Body {
    /// Attributes and blocks in the order of the text.
    pub items: Vec<Item>,
}

/// An attribute or a block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    /// `name = expression`
    Attribute(Attribute),
    /// `type "label" { … }`
    Block(Block),
}

/// `name = expression`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribute {
    /// Its name.
    pub name: String,
    /// From the name to the end of the expression.
    pub span: Range<usize>,
    /// The expression alone.
    pub value: Range<usize>,
}

/// `type "label" { … }`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// Its block type: `resource`.
    pub block_type: String,
    /// Its labels without quotes.
    pub labels: Vec<String>,
    /// From the type to the closing brace, included.
    pub span: Range<usize>,
    /// The text between the braces.
    pub inner: Range<usize>,
    /// Its attributes and nested blocks.
    pub body: Body,
}

impl Item {
    /// The argument that it sets, or the type of the nested blocks that it has.
    pub(in crate::terraform) fn sets(&self) -> Option<&str> {
        match self {
            Self::Attribute(attribute) => Some(&attribute.name),
            Self::Block(block) if block.block_type == "dynamic" => block.kind(),
            Self::Block(block) => Some(&block.block_type),
        }
    }
}

impl Block {
    /// The resource type, `aws_vpc`: the first label.
    #[must_use]
    pub fn kind(&self) -> Option<&str> {
        self.labels.first().map(String::as_str)
    }

    /// The resource name, `main`: the second label.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.labels.get(1).map(String::as_str)
    }

    /// Whether it is a resource of this type.
    #[must_use]
    pub fn is_resource(&self, kind: &str) -> bool {
        self.block_type == "resource" && self.kind() == Some(kind)
    }

    /// Whether it has an argument with this name, or a nested or dynamic block of this type.
    #[must_use]
    pub fn sets(&self, name: &str) -> bool {
        self.body.items.iter().any(|item| item.sets() == Some(name))
    }

    /// Whether it has no other arguments and nested blocks.
    #[must_use]
    pub fn sets_only(&self, names: &[&str]) -> bool {
        self.body.items.iter().all(|item| item.sets().is_some_and(|own| names.contains(&own)))
    }

    /// Whether it has `count` or `for_each`.
    #[must_use]
    pub fn repeats(&self) -> bool {
        ["count", "for_each"].iter().any(|name| self.body.attribute(name).is_some())
    }
}

impl Body {
    /// The blocks of a block type, `resource`.
    pub fn blocks<'a>(&'a self, block_type: &str) -> impl Iterator<Item = &'a Block> {
        self.items.iter().inspect(|_| visit()).filter_map(move |item| match item {
            Item::Block(block) if block.block_type == block_type => Some(block),
            Item::Block(_) | Item::Attribute(_) => None,
        })
    }

    /// The attribute with a name.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes().find(|attribute| attribute.name == name)
    }

    /// All attributes.
    pub fn attributes(&self) -> impl Iterator<Item = &Attribute> {
        self.items.iter().inspect(|_| visit()).filter_map(|item| match item {
            Item::Attribute(attribute) => Some(attribute),
            Item::Block(_) => None,
        })
    }
}
