//! Finds modules that other root modules of the same repository call too: an edit of such a module changes
//! their resources as well.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use ignore::WalkBuilder;

use crate::terraform::lang::scan::scan;

/// Limit of files and directories to search for other callers of a module.
const ENTRIES: usize = 100_000;

/// The top directory of the repository; without a repository, the nearest directory that contains the root
/// and all its modules.
pub(in crate::terraform) fn top_of(root: &Path, dirs: &BTreeSet<PathBuf>) -> PathBuf {
    let repository = root.ancestors().find(|dir| dir.join(".git").exists());
    let shared = || root.ancestors().find(|above| dirs.iter().all(|dir| dir.starts_with(above)));
    repository.or_else(shared).unwrap_or(root).to_owned()
}

/// The modules that are called by code below `top` and outside the directories `own`; all modules if there
/// are too many files to search.
pub(in crate::terraform) fn called_from(
    top: &Path,
    own: &BTreeSet<PathBuf>,
    modules: &BTreeSet<PathBuf>,
) -> BTreeSet<PathBuf> {
    // Terraform reads files that git ignores, so they are searched. It does not read hidden files.
    let walk = WalkBuilder::new(top)
        .standard_filters(false)
        .hidden(true)
        .filter_entry(|entry| entry.depth() == 0 || entry.file_name() != "node_modules")
        .build();
    let mut called = BTreeSet::new();
    for (number, entry) in walk.enumerate() {
        if number > ENTRIES {
            return modules.clone();
        }
        let Ok(entry) = entry else { continue };
        let (path, name) = (entry.path(), entry.file_name().to_string_lossy());
        let is_dir = entry.file_type().is_some_and(|kind| kind.is_dir());
        let Some(dir) = path.parent().filter(|dir| !is_dir && !own.contains(*dir)) else { continue };
        if name.ends_with(".tf.json") {
            // JSON code that contains the name of the module's directory may call the module.
            let text = fs::read_to_string(path).unwrap_or_default();
            let may_call = |module: &&PathBuf| {
                module.file_name().is_some_and(|name| text.contains(&*name.to_string_lossy()))
            };
            called.extend(modules.iter().filter(may_call).cloned());
        } else if name.ends_with(".tf") {
            called.extend(local_calls(path, dir).into_iter().filter(|dir| modules.contains(dir)));
        }
    }
    called
}

/// The canonical directories of the local modules that a file calls.
fn local_calls(path: &Path, dir: &Path) -> Vec<PathBuf> {
    let text = fs::read_to_string(path).unwrap_or_default();
    // Most files call no module: skip them without scanning.
    let body = text.contains("source").then(|| scan(&text).ok()).flatten().unwrap_or_default();
    let sources = body.blocks("module").filter_map(|block| {
        let source = text.get(block.body.attribute("source")?.value.clone())?;
        Some(source.trim().trim_matches('"')).filter(|source| source.starts_with('.'))
    });
    sources.filter_map(|source| fs::canonicalize(dir.join(source)).ok()).collect()
}
