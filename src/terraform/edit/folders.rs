//! Notes about folders of modules: links to other folders, and code that is not installed.

use std::collections::BTreeSet;
use std::fs;

use crate::terraform::changeset::FileChange;
use crate::terraform::edit::boundary::shown;
use crate::terraform::find::registry::of_source;
use crate::terraform::read::config::Config;
use crate::terraform::read::file::joined;
use crate::terraform::read::module::Module;
use crate::text::listed;

/// The notes for changed files whose folder is a link: git names the other folder.
pub(super) fn notes_of_links(config: &Config, files: &[FileChange]) -> Vec<String> {
    let folders: BTreeSet<_> = files.iter().filter_map(|file| file.path.parent()).collect();
    let top = config.boundary.top();
    let note = |folder: &std::path::Path| {
        let written = joined(&config.root, folder);
        let real = fs::canonicalize(&written).ok()?;
        (real != written).then(|| {
            format!(
                "{} is a symbolic link to {}: the edit changes the files there, for everything that uses them.",
                shown(top, &written),
                shown(top, &real)
            )
        })
    };
    folders.into_iter().filter_map(note).collect()
}

/// The note that the code of a module is not installed, if the edit has ids or searches for what the module creates.
pub(super) fn note_of_missing(module: &Module, notes: &[String]) -> Option<String> {
    let is_affected = |note: &String| {
        note.contains("is written as an id: no block") || note.starts_with("The route tables are searched")
    };
    // The calls of the well-known modules are read by their arguments.
    let is_read = |call: &&String| {
        let source = call.split_once(" (").and_then(|(_, source)| source.strip_suffix(')'));
        source.is_none_or(|source| of_source(source).is_none())
    };
    let missing: Vec<String> = module.missing.iter().filter(is_read).cloned().collect();
    (!missing.is_empty() && notes.iter().any(is_affected)).then(|| {
        format!(
            "The code of {} is not installed. After terraform init, egress-doctor reads it and refers to what it creates.",
            listed(&missing, "and")
        )
    })
}
