//! A block with the file and the code that it is in.

use crate::terraform::lang::address::address;
use crate::terraform::lang::scan::{Block, place};
use crate::terraform::read::config::Workspace;
use crate::terraform::read::file::File;

/// A block with the file and the code, the root's or a module's, that it is in.
#[derive(Clone, Copy)]
pub(in crate::terraform) struct Place<'a> {
    pub scope: &'a Workspace,
    pub file: &'a File,
    pub block: &'a Block,
}

impl Place<'_> {
    /// `modules/app/main.tf:12`
    pub fn at(&self) -> String {
        at(self.file, self.block)
    }

    /// Whether one block makes several of it.
    pub fn is_one_of_several(&self) -> bool {
        ["count", "for_each"].iter().any(|name| self.block.body.attribute(name).is_some())
            && !self.scope.is_switch(self.file, self.block)
    }

    /// Its address as the root knows it.
    pub fn in_root(&self) -> String {
        let key = if self.scope.is_switch(self.file, self.block) { "[0]" } else { "" };
        self.scope.address_of(&format!("{}{key}", address(self.block)))
    }
}

/// `backend.tf:12`
pub(in crate::terraform) fn at(file: &File, block: &Block) -> String {
    format!("{}:{}", file.path.display(), place(&file.text, block.span.start).0)
}

/// Whether `lifecycle.ignore_changes` of a block names an attribute.
pub(in crate::terraform) fn is_ignored(file: &File, service: &Block, name: &str) -> bool {
    service.body.blocks("lifecycle").any(|block| {
        block.body.attribute("ignore_changes").is_some_and(|attribute| {
            let text = file.value(attribute);
            text.contains(name) || text.trim() == "all"
        })
    })
}
