//! Selects the file and the position of new code.

use std::path::PathBuf;

use crate::terraform::find::finder::Finder;
use crate::terraform::lang::scan::Block;
use crate::terraform::read::file::File;
use crate::terraform::read::place::Place;

/// A position in a file: the end of the block after which new code is inserted.
pub(in crate::terraform) type Position<'a> = (&'a File, usize);

/// The end of the last resource of a type, in the file that has most of them. If more than two files have
/// such resources and no file has more than half of them, the position is in the service's file. `None` if
/// there is no such resource.
pub(in crate::terraform) fn after_resources<'a>(finder: &Finder<'a>, kind: &str) -> Option<Position<'a>> {
    let files = files_with(finder, "resource", |block| block.kind() == Some(kind));
    let total: usize = files.iter().map(|(_, ends)| ends.len()).sum();
    let (file, ends) = files.iter().max_by_key(|(_, ends)| ends.len())?;
    let service: Place<'a> = finder.code.service;
    if service.module.address == finder.target.address && files.len() > 2 && ends.len() * 2 <= total {
        let same_file = files.iter().find(|(file, _)| file.path == service.file.path);
        return Some(
            same_file.map_or((service.file, service.block.span.end), |(file, ends)| (*file, last(ends))),
        );
    }
    Some((*file, last(ends)))
}

/// The end of the last data source of a type, or else of any type, in the file that has most of them.
pub(in crate::terraform) fn after_data_sources<'a>(finder: &Finder<'a>, kind: &str) -> Option<Position<'a>> {
    let same_kind = files_with(finder, "data", |block| block.kind() == Some(kind));
    let files = if same_kind.is_empty() { files_with(finder, "data", |_| true) } else { same_kind };
    let (file, ends) = files.iter().max_by_key(|(_, ends)| ends.len())?;
    Some((*file, last(ends)))
}

/// The path of a new file, with the separator, `_` or `-`, that most other file names have.
pub(in crate::terraform) fn new_file(finder: &Finder<'_>, name_with_dashes: &str) -> PathBuf {
    let count = |separator: char| {
        let names = finder.target.files.iter().filter_map(|file| file.path.file_name());
        names.filter(|name| name.to_string_lossy().contains(separator)).count()
    };
    let name = if count('_') > count('-') {
        name_with_dashes.replace('-', "_")
    } else {
        name_with_dashes.to_owned()
    };
    // OpenTofu ignores `x.tf` beside `x.tofu`.
    let files = &finder.target.files;
    let is_tofu = |file: &&File| file.path.extension().is_some_and(|ending| ending == "tofu");
    let path = finder.target.dir.join(name);
    let same_name = path.with_extension("tofu");
    let tofu = files.iter().filter(is_tofu).count();
    if tofu * 2 > files.len() || files.iter().any(|file| file.path == same_name) { same_name } else { path }
}

/// The files of the target module with at least one such block, each with the ends of these blocks.
fn files_with<'a>(
    finder: &Finder<'a>,
    block_type: &str,
    is_wanted: impl Fn(&Block) -> bool,
) -> Vec<(&'a File, Vec<usize>)> {
    let files = finder.target.files.iter().filter(|file| !file.is_override());
    let with_ends = files.map(|file| {
        let blocks = file.body.blocks(block_type).filter(|block| is_wanted(block));
        (file, blocks.map(|block| block.span.end).collect::<Vec<_>>())
    });
    with_ends.filter(|(_, ends)| !ends.is_empty()).collect()
}

fn last(ends: &[usize]) -> usize {
    ends.last().copied().unwrap_or_default()
}
