//! The top-level blocks of a module by block type and labels, so that a query visits only the blocks that it returns.

use std::collections::HashMap;

use crate::terraform::lang::structure::{Block, Item};
use crate::terraform::lang::work::visit;
use crate::terraform::read::file::File;

/// The place of a block: its file, and its item in the body of the file.
type At = (usize, usize);

/// The places of the blocks, by the block type with none, one or all of the labels.
#[derive(Debug, Default)]
pub(in crate::terraform) struct BlockIndex {
    /// In the order of the files.
    regular: HashMap<String, Vec<At>>,
    /// The blocks in override files, in the order of the files.
    overrides: HashMap<String, Vec<At>>,
}

impl BlockIndex {
    pub fn of(files: &[File]) -> Self {
        let mut index = Self::default();
        for (number, file) in files.iter().enumerate() {
            let places = if file.is_override() { &mut index.overrides } else { &mut index.regular };
            for (item, block) in file.body.items.iter().enumerate() {
                let Item::Block(block) = block else { continue };
                let labels: Vec<&str> = block.labels.iter().map(String::as_str).collect();
                let lengths = (0..=labels.len()).filter(|length| *length < 2 || *length == labels.len());
                for labels in lengths.filter_map(|length| labels.get(..length)) {
                    places.entry(key(&block.block_type, labels)).or_default().push((number, item));
                }
            }
        }
        index
    }

    /// The blocks of a block type whose first label, or all labels, are these. Without labels, all blocks of the type. Blocks in
    /// override files are not included.
    pub fn find<'a>(
        &'a self,
        files: &'a [File],
        block_type: &str,
        labels: &[&str],
    ) -> impl DoubleEndedIterator<Item = (&'a File, &'a Block)> + use<'a> {
        blocks(files, self.regular.get(&key(block_type, labels)))
    }

    /// The blocks with these labels in override files.
    pub fn find_overrides<'a>(
        &'a self,
        files: &'a [File],
        block_type: &str,
        labels: &[&str],
    ) -> impl DoubleEndedIterator<Item = (&'a File, &'a Block)> + use<'a> {
        blocks(files, self.overrides.get(&key(block_type, labels)))
    }
}

/// A quoted label has no line end, so it separates the parts.
fn key(block_type: &str, labels: &[&str]) -> String {
    labels.iter().fold(block_type.to_owned(), |key, label| key + "\n" + label)
}

fn blocks<'a>(
    files: &'a [File],
    places: Option<&'a Vec<At>>,
) -> impl DoubleEndedIterator<Item = (&'a File, &'a Block)> + use<'a> {
    places.into_iter().flatten().filter_map(|(file, item)| {
        visit();
        let file = files.get(*file)?;
        match file.body.items.get(*item)? {
            Item::Block(block) => Some((file, block)),
            Item::Attribute(_) => None,
        }
    })
}
