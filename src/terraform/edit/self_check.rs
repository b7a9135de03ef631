//! What must hold of every edit before anybody sees it: no block was lost, and each new one stands by itself.

use crate::terraform::changeset::FileChange;
use crate::terraform::error::EditError;
use crate::terraform::lang::address::ResourceAddress;
use crate::terraform::lang::scan::{Item, scan};

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

/// What stood at the top level of a file stands there still, in its order.
pub(in crate::terraform) fn keeps_its_blocks(file: &FileChange) -> Result<(), EditError> {
    let Some(before) = &file.before else { return Ok(()) };
    let after = top_level(&file.after);
    let mut rest = after.iter();
    if top_level(before).iter().all(|item| rest.any(|other| other == item)) {
        return Ok(());
    }
    Err(EditError::SelfCheck { file: file.path.display().to_string(), what: "a block was lost".to_owned() })
}

/// Each new resource is a block of its own, not inside another one.
pub(in crate::terraform) fn every_address_is_there<'n>(
    files: &[FileChange],
    mut adds: impl Iterator<Item = &'n ResourceAddress>,
) -> Result<(), EditError> {
    let all: Vec<String> = files.iter().flat_map(|file| top_level(&file.after)).collect();
    match adds.find(|address| !all.contains(&format!("resource {address}"))) {
        None => Ok(()),
        Some(address) => Err(EditError::SelfCheck {
            file: files.first().map(|file| file.path.display().to_string()).unwrap_or_default(),
            what: format!("{address} is not a block of its own"),
        }),
    }
}
