//! Attributes that a re-enabled block must have for a remedy, and the edits that set them.

use crate::terraform::edit::draft::Draft;
use crate::terraform::edit::text::amend::add_attributes;
use crate::terraform::edit::text::list::{extend_list, missing_elements};
use crate::terraform::edit::text::splice::Splice;
use crate::terraform::error::EditError;
use crate::terraform::lang::expression::Expr;
use crate::terraform::lang::scan::Block;
use crate::terraform::read::file::File;

/// A required attribute: its name and an expression.
pub(in crate::terraform) enum Requirement {
    /// The attribute is a list that contains these elements.
    Contains(&'static str, String),
    /// The attribute has this value.
    Equals(&'static str, String),
}

impl Requirement {
    pub fn name(&self) -> &'static str {
        let (Self::Contains(name, _) | Self::Equals(name, _)) = self;
        name
    }

    pub fn value(&self) -> &str {
        let (Self::Contains(_, value) | Self::Equals(_, value)) = self;
        value
    }

    /// The new expression for an attribute; `None` if the present expression meets the requirement.
    fn amended(&self, present: &str) -> Option<String> {
        match self {
            Self::Contains(_, value) => {
                missing_elements(present, value).map(|missing| extend_list(present, &missing))
            }
            Self::Equals(_, value) => {
                (!Expr::from(present).is_same(Expr::from(value))).then(|| value.clone())
            }
        }
    }
}

/// The edits of a block that meet its requirements.
pub(in crate::terraform) struct Amendment {
    pub splices: Vec<Splice>,
    /// The names of the changed attributes.
    names: Vec<&'static str>,
}

impl Amendment {
    pub fn of(file: &File, block: &Block, requirements: &[Requirement]) -> Result<Self, EditError> {
        let (mut splices, mut names, mut absent) = (Vec::new(), Vec::new(), Vec::new());
        for requirement in requirements {
            match block.body.attribute(requirement.name()) {
                None => absent.push((requirement.name(), requirement.value())),
                Some(attribute) => match requirement.amended(file.value(attribute)) {
                    Some(value) => splices.push(Splice::new(attribute.value.clone(), value)),
                    None => continue,
                },
            }
            names.push(requirement.name());
        }
        if !absent.is_empty() {
            splices.extend(add_attributes(file, block, &absent)?);
        }
        Ok(Self { splices, names })
    }

    /// Notes which attributes of a resource change.
    pub fn note(&self, draft: &mut Draft<'_>, address: &str) {
        if !self.names.is_empty() {
            draft.note(&format!("This edit sets {} of {address}.", self.names.join(", ")));
        }
    }
}
