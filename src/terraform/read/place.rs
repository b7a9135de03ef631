//! A block with its file and its module.

use crate::terraform::lang::address::address;
use crate::terraform::lang::scan::{Block, line_and_column};
use crate::terraform::read::config::Config;
use crate::terraform::read::file::File;
use crate::terraform::read::module::Module;

/// A block with its file and its module.
#[derive(Clone, Copy)]
pub(in crate::terraform) struct Place<'a> {
    pub module: &'a Module,
    pub file: &'a File,
    pub block: &'a Block,
}

impl Place<'_> {
    /// `modules/app/main.tf:12`
    pub fn location(&self) -> String {
        location(self.file, self.block)
    }

    /// Whether the block creates several instances.
    pub fn is_one_of_several(&self) -> bool {
        self.block.repeats() && !self.module.is_switch(self.file, self.block)
    }

    /// Whether `lifecycle.ignore_changes` of the block names an attribute.
    pub fn is_ignored(&self, name: &str) -> bool {
        is_ignored(self.file, self.block, name)
    }

    /// Its address as the root module sees it.
    pub fn address_in_root(&self) -> String {
        let key = if self.module.is_switch(self.file, self.block) { "[0]" } else { "" };
        self.module.address_of(&format!("{}{key}", address(self.block)))
    }
}

/// `backend.tf:12`
pub(in crate::terraform) fn location(file: &File, block: &Block) -> String {
    format!("{}:{}", file.path.display(), line_and_column(&file.text, block.span.start).0)
}

impl Config {
    /// The `module` block that calls a module.
    pub(in crate::terraform) fn caller(&self, module: &Module) -> Option<Place<'_>> {
        let address = module.address.as_ref()?;
        self.modules().into_iter().find_map(|caller| {
            let call = caller.calls.iter().find(|call| call.module.address.as_ref() == Some(address))?;
            let (file, block) =
                caller.blocks("module").find(|(_, block)| block.labels.first() == Some(&call.name))?;
            Some(Place { module: caller, file, block })
        })
    }
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
