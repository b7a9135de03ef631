//! Checks of the edited text: no block is lost, and each new resource is at the top level.

use crate::terraform::changeset::FileChange;
use crate::terraform::error::EditError;
use crate::terraform::lang::address::ResourceAddress;
use crate::terraform::lang::scan::{Item, scan};

/// The names of the items at the top level.
fn top_level(text: &str) -> Vec<String> {
    let body = scan(text).unwrap_or_default();
    body.items
        .iter()
        .map(|item| match item {
            Item::Block(block) => format!("{} {}", block.block_type, block.labels.join(".")),
            Item::Attribute(attribute) => attribute.name.clone(),
        })
        .collect()
}

/// Checks that the edited file still has all items at the top level, in the same order.
pub(in crate::terraform) fn ensure_no_block_lost(file: &FileChange) -> Result<(), EditError> {
    let Some(before) = &file.before else { return Ok(()) };
    let after = top_level(&file.after);
    let mut rest = after.iter();
    if top_level(before).iter().all(|item| rest.any(|other| other == item)) {
        return Ok(());
    }
    Err(EditError::SelfCheck { file: file.path.display().to_string(), what: "a block was lost".to_owned() })
}

/// Checks that each of these addresses is a block at the top level of a changed file.
pub(in crate::terraform) fn ensure_top_level<'n>(
    files: &[FileChange],
    mut addresses: impl Iterator<Item = &'n ResourceAddress>,
) -> Result<(), EditError> {
    let blocks: Vec<String> = files.iter().flat_map(|file| top_level(&file.after)).collect();
    match addresses.find(|address| !blocks.contains(&format!("resource {}", address.in_module()))) {
        None => Ok(()),
        Some(address) => Err(EditError::SelfCheck {
            file: files.first().map(|file| file.path.display().to_string()).unwrap_or_default(),
            what: format!("{address} is not a block at the top level"),
        }),
    }
}
