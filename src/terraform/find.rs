//! From an AWS id to the block that makes it: by the local state, else by evidence; never by a guess.

use super::EditError;
use super::edit::Draft;
use super::locate::{address, at};
use super::scan::Block;
use super::workspace::File;

/// A block that makes a resource, and how that is known.
pub(super) struct Found<'a> {
    pub file: &'a File,
    pub block: &'a Block,
    /// `sg-1 is aws_security_group.app (security.tf:2): the connector names it`
    pub evidence: String,
}

impl Found<'_> {
    /// `aws_security_group.app`
    pub fn address(&self) -> String {
        address(self.block)
    }
}

/// What a block may be known by.
pub(super) struct Clues<'c> {
    /// The id that AWS gave.
    pub id: &'c str,
    /// Its `Name` tag.
    pub tag: Option<&'c String>,
    /// An attribute, and what it must evaluate to.
    pub attributes: &'c [(&'c str, &'c str)],
}

impl<'a> Draft<'a> {
    /// The block of one of these types that makes the id; `None` when no block of this folder does.
    ///
    /// # Errors
    /// It is in a module, is one of several that one block makes, or several blocks could be meant.
    pub fn find(&self, of: &[&str], clues: &Clues<'_>) -> Result<Option<Found<'a>>, EditError> {
        let workspace = self.workspace;
        if let Some(managed) = self.state.of(clues.id) {
            let place = managed.address();
            let refuse = |why: &str| {
                Err(EditError::NotUnderstood { place: place.clone(), what: format!("{} is {why}", clues.id) })
            };
            if managed.module.is_some() {
                return refuse("made in a module, which this version does not edit");
            }
            if managed.index.is_some() {
                return refuse("one of several that one block makes: change what it iterates over");
            }
            let mut blocks = workspace.resources(&managed.kind);
            let is_it = |block: &Block| block.labels.get(1).is_some_and(|label| *label == managed.name);
            let Some((file, block)) = blocks.find(|(_, block)| is_it(block)) else {
                return refuse("in the state and not in the code: the next apply would destroy it");
            };
            return Ok(Some(self.found(clues.id, file, block, "the state says so")));
        }
        if !self.state.is_empty() {
            // What the state does not list is made elsewhere.
            return Ok(None);
        }
        let fits = |file: &File, block: &Block| -> Option<&'static str> {
            if block.body.attribute("count").is_some() || block.body.attribute("for_each").is_some() {
                return None;
            }
            let text = |name: &str| {
                block.body.attribute(name).and_then(|attribute| workspace.evaluate(file.value(attribute)))
            };
            if clues.attributes.iter().any(|(name, wanted)| text(name).as_deref() == Some(*wanted)) {
                return Some("its name says so");
            }
            let tag = self.name_tag(file, block);
            (tag.is_some() && tag.as_ref() == clues.tag).then_some("its Name tag says so")
        };
        let mut found = Vec::new();
        for kind in of {
            for (file, block) in workspace.resources(kind) {
                if let Some(why) = fits(file, block) {
                    found.push(self.found(clues.id, file, block, why));
                }
            }
        }
        if found.len() > 1 {
            let places = found.iter().map(|one| at(one.file, one.block)).collect();
            return Err(EditError::Ambiguous { what: clues.id.to_owned(), places });
        }
        Ok(found.pop())
    }

    /// A block that something else in the code names.
    pub fn found(&self, id: &str, file: &'a File, block: &'a Block, why: &str) -> Found<'a> {
        let evidence = format!("{id} is {} ({}): {why}.", address(block), at(file, block));
        Found { file, block, evidence }
    }

    /// The block that an expression refers to, `aws_security_group.app.id`.
    pub fn referred(&self, expression: &str) -> Option<(&'a File, &'a Block)> {
        let mut parts = expression.trim().split('.');
        let (kind, name) = (parts.next()?, parts.next()?);
        self.workspace
            .blocks("resource")
            .find(|(_, block)| matches!(block.labels.as_slice(), [of, label] if of == kind && label == name))
    }

    /// What `tags` say of `Name`.
    fn name_tag(&self, file: &File, block: &Block) -> Option<String> {
        let tags = file.value(block.body.attribute("tags")?);
        tags.split(['\n', '{', ',']).find_map(|part| {
            let (name, value) = part.split_once('=')?;
            let value = value.trim().trim_end_matches(['}', ')', ' ']);
            // The brace may belong to an interpolation.
            let value = if value.starts_with('"') && !value.ends_with('"') { return None } else { value };
            (name.trim().trim_matches('"') == "Name").then(|| self.workspace.evaluate(value)).flatten()
        })
    }
}
