//! Finds modules that other root modules of the same repository call too: an edit of such a module changes
//! their resources as well.
//!
//! Searches only inside the boundary, and follows no link out of it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use ignore::{DirEntry, Walk, WalkBuilder};

use crate::files::read_regular_text;
use crate::terraform::lang::scan::scan;
use crate::terraform::read::boundary::{Boundary, is_repository};
use crate::terraform::read::file::CODE_LIMIT;
use crate::terraform::read::not_read::NotRead;

/// Limit of files and directories to search for other callers of a module.
pub(in crate::terraform) const ENTRIES: usize = 100_000;
/// Limit of the bytes of code to search.
const BYTES: usize = 256 * 1024 * 1024;

/// The result of a search for callers.
#[derive(Debug, Default)]
pub(in crate::terraform) struct Callers {
    /// The modules that other code calls; all modules if the search is incomplete.
    pub called: BTreeSet<PathBuf>,
    /// Whether the search stopped at a limit.
    pub is_incomplete: bool,
    /// Files and folders that may contain a caller.
    pub not_read: NotRead,
}

/// Searches the code inside the boundary and outside the directories `own` for calls of the modules.
pub(in crate::terraform) fn callers_of(
    modules: &BTreeSet<PathBuf>,
    boundary: &Boundary,
    own: &BTreeSet<PathBuf>,
) -> Callers {
    let mut callers = Callers::default();
    if modules.is_empty() {
        return callers;
    }
    let mut bytes = 0;
    for (number, entry) in walk(boundary.top()).enumerate() {
        if number > ENTRIES || bytes > BYTES {
            return Callers { called: modules.clone(), is_incomplete: true, ..callers };
        }
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                callers.not_read.add_walk_error(&error, boundary.top());
                continue;
            }
        };
        let (path, name) = (entry.path(), entry.file_name().to_string_lossy());
        let is_json = name.ends_with(".tf.json") || name.ends_with(".tofu.json");
        let is_code = name.ends_with(".tf") || name.ends_with(".tofu") || is_json;
        let Some(dir) = path.parent().filter(|dir| is_code && !own.contains(*dir)) else { continue };
        let text = match read(&entry, boundary) {
            Ok(Some(text)) => text,
            Ok(None) => continue,
            Err(why) => {
                callers.not_read.add(path.strip_prefix(boundary.top()).unwrap_or(path), &why);
                continue;
            }
        };
        bytes += text.len();
        if is_json {
            // JSON code that contains the name of the module's directory may call the module.
            let may_call = |module: &&PathBuf| {
                module.file_name().is_some_and(|name| text.contains(&*name.to_string_lossy()))
            };
            callers.called.extend(modules.iter().filter(may_call).cloned());
        } else {
            let called = local_calls(&text, dir).into_iter();
            callers.called.extend(called.filter(|dir| modules.contains(dir)));
        }
    }
    callers
}

/// The folders of the repository whose code calls a module.
pub(super) fn folders_that_call(module: &Path, boundary: &Boundary) -> Vec<PathBuf> {
    let mut folders = BTreeSet::new();
    for entry in walk(boundary.top()).take(ENTRIES).filter_map(Result::ok) {
        let name = entry.file_name().to_string_lossy();
        let Some(dir) = entry.path().parent().filter(|_| name.ends_with(".tf") || name.ends_with(".tofu"))
        else {
            continue;
        };
        let Ok(Some(text)) = read(&entry, boundary) else { continue };
        if dir != module && local_calls(&text, dir).iter().any(|called| called == module) {
            folders.insert(dir.to_owned());
        }
    }
    folders.into_iter().collect()
}

/// The other folders of the repository with a symbolic link to a file, or that have it. `own` is canonical.
pub(in crate::terraform) fn folders_with_link(
    target: &Path,
    own: &Path,
    boundary: &Boundary,
) -> Vec<PathBuf> {
    let mut folders = BTreeSet::new();
    for entry in walk(boundary.top()).take(ENTRIES).filter_map(Result::ok) {
        let is_link = entry.file_type().is_some_and(|kind| kind.is_symlink());
        let leads = || fs::canonicalize(entry.path()).is_ok_and(|path| path == target);
        if let Some(dir) = entry.path().parent().filter(|dir| is_link && *dir != own)
            && leads()
        {
            folders.insert(dir.to_owned());
        }
    }
    folders.into_iter().collect()
}

/// Files and directories of a repository, without the repositories in it. Terraform reads files that git ignores, so they are
/// searched. It does not read hidden files.
pub(in crate::terraform) fn walk(top: &Path) -> Walk {
    let is_searched = |entry: &DirEntry| {
        let is_dir = entry.file_type().is_some_and(|kind| kind.is_dir());
        entry.depth() == 0 || entry.file_name() != "node_modules" && !(is_dir && is_repository(entry.path()))
    };
    WalkBuilder::new(top).standard_filters(false).hidden(true).filter_entry(is_searched).build()
}

/// The text of a file; `None` for a folder and for a link to nothing. The error is the reason why it was not read.
fn read(entry: &DirEntry, boundary: &Boundary) -> Result<Option<String>, String> {
    let path = entry.path();
    if path.is_dir() {
        return Ok(None);
    }
    let is_link = entry.file_type().is_some_and(|kind| kind.is_symlink());
    let target = || fs::canonicalize(path);
    if is_link && target().is_ok_and(|target| !boundary.contains(&target)) {
        return Err("it is a symbolic link out of the repository".to_owned());
    }
    match read_regular_text(path, CODE_LIMIT) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error.to_string()),
    }
}

/// The canonical directories of the local modules that a file calls.
pub(super) fn local_calls(text: &str, dir: &Path) -> Vec<PathBuf> {
    // Most files call no module: skip them without scanning.
    let body = text.contains("source").then(|| scan(text).ok()).flatten().unwrap_or_default();
    let sources = body.blocks("module").filter_map(|block| {
        let source = text.get(block.body.attribute("source")?.value.clone())?;
        Some(source.trim().trim_matches('"')).filter(|source| source.starts_with('.'))
    });
    sources.filter_map(|source| fs::canonicalize(dir.join(source)).ok()).collect()
}
