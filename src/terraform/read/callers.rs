//! Finds modules that other root modules of the same repository call too: an edit of such a module changes their resources as well.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::terraform::lang::scan::scan;

/// Limit of files and directories to search for other callers of a module.
const ENTRIES: usize = 100_000;

/// The top directory of the repository; without one the nearest directory that contains the root and all its modules.
pub(in crate::terraform) fn top_of(root: &Path, dirs: &BTreeSet<PathBuf>) -> PathBuf {
    let repository = root.ancestors().find(|dir| dir.join(".git").exists());
    let shared = || root.ancestors().find(|above| dirs.iter().all(|dir| dir.starts_with(above)));
    repository.or_else(shared).unwrap_or(root).to_owned()
}

/// The modules that code below `top`, outside the directories `own`, calls; all of them if there are too many files to search.
pub(in crate::terraform) fn called_from(
    top: &Path,
    own: &BTreeSet<PathBuf>,
    modules: &BTreeSet<PathBuf>,
) -> BTreeSet<PathBuf> {
    let mut called = BTreeSet::new();
    let (mut open, mut seen) = (vec![top.to_owned()], 0_usize);
    while let Some(dir) = open.pop() {
        for entry in fs::read_dir(&dir).into_iter().flatten().flatten() {
            seen += 1;
            if seen > ENTRIES {
                return modules.clone();
            }
            let path = entry.path();
            let name = entry.file_name().to_string_lossy().into_owned();
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                if !name.starts_with('.') && name != "node_modules" {
                    open.push(path);
                }
            } else if name.ends_with(".tf.json") && !own.contains(&dir) {
                // JSON code that contains the directory's name may call the module.
                let text = fs::read_to_string(&path).unwrap_or_default();
                let may_call = |module: &&PathBuf| {
                    module.file_name().is_some_and(|name| text.contains(&*name.to_string_lossy()))
                };
                called.extend(modules.iter().filter(may_call).cloned());
            } else if path.extension().is_some_and(|ending| ending == "tf") && !own.contains(&dir) {
                let text = fs::read_to_string(&path).unwrap_or_default();
                // Most files call no module: skip them without scanning.
                let Some(body) = text.contains("source").then(|| scan(&text).ok()).flatten() else {
                    continue;
                };
                for block in body.blocks("module") {
                    let source = block.body.attribute("source").and_then(|one| text.get(one.value.clone()));
                    let source = source.map(|source| source.trim().trim_matches('"'));
                    let dir = source.filter(|source| source.starts_with('.')).map(|source| dir.join(source));
                    called.extend(
                        dir.and_then(|dir| fs::canonicalize(dir).ok()).filter(|dir| modules.contains(dir)),
                    );
                }
            }
        }
    }
    called
}
