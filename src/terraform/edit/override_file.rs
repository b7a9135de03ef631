//! The advice for a block that an override file changes too.
//!
//! Terraform accepts no new block in an override file, and the nested blocks there replace those of the same type in the block. Changes
//! nothing.

use crate::terraform::edit::network::default_routes::has_inline_routes;
use crate::terraform::lang::address::address;
use crate::terraform::lang::structure::Block;
use crate::terraform::read::config::Config;
use crate::terraform::read::file::File;
use crate::terraform::read::place::location;

/// A block with the block of an override file that changes it.
pub(super) struct Overridden<'a> {
    file: &'a File,
    block: &'a Block,
    /// The block in the override file.
    other: (&'a File, &'a Block),
    /// The address of the module.
    module: Option<&'a str>,
}

impl<'a> Overridden<'a> {
    /// The block that the block at a place in an override file changes; `None` for another place.
    pub fn at(config: &'a Config, place: &str) -> Option<Self> {
        config.modules().into_iter().find_map(|module| {
            let mut files = module.files.iter().filter(|file| file.is_override());
            let other = files.find_map(|file| {
                let mut blocks = file.body.blocks("resource");
                blocks.find(|block| location(file, block) == place).map(|block| (file, block))
            })?;
            let mut blocks = module.resources(other.1.kind()?);
            let (file, block) = blocks.find(|(_, block)| block.labels == other.1.labels)?;
            Some(Self { file, block, other, module: module.address.as_deref() })
        })
    }

    /// The id of the block in a module; `None` if it is in another one, or creates several resources.
    pub fn id_in(&self, module: Option<&str>) -> Option<String> {
        (self.module == module && !self.block.repeats()).then(|| format!("{}.id", address(self.block)))
    }

    /// The place of the block.
    pub fn location(&self) -> String {
        location(self.file, self.block)
    }

    /// The block that gets a new inline route, as `aws_route_table.main (main_override.tf:1)`; `None` for a table without inline routes.
    pub fn owner_of_routes(&self) -> Option<String> {
        let (file, block) =
            [self.other, (self.file, self.block)].into_iter().find(|(_, block)| has_inline_routes(block))?;
        Some(format!("{} ({})", address(block), location(file, block)))
    }

    /// Why egress-doctor does not edit the block, and where the code goes.
    pub fn reason(&self) -> String {
        let (file, block) = self.other;
        let route = if self.block.is_resource("aws_route_table") { self.owner_of_routes() } else { None };
        let route = route.map_or_else(String::new, |owner| format!(", and the route goes into {owner}"));
        format!(
            "an override file changes {} too ({}), so egress-doctor does not edit it. Terraform accepts no new block in an override file: \
             the new blocks go into {}{route}",
            address(self.block),
            location(file, block),
            self.file.path.display()
        )
    }
}
