//! Finds new files that git ignores: they would not be part of a commit.

use std::fs;
use std::path::Path;

use ignore::gitignore::Gitignore;

use crate::terraform::changeset::FileChange;
use crate::terraform::read::config::Config;
use crate::text::listed;

/// A note for the new files that a `.gitignore` of the repository ignores.
pub(super) fn note_of_ignored(config: &Config, files: &[FileChange]) -> Option<String> {
    let top = config.boundary.repository()?;
    let root = fs::canonicalize(&config.root).ok()?;
    let new = files.iter().filter(|file| file.before.is_none());
    let ignored = new.filter(|file| is_ignored(top, &root.join(&file.path)) == Some(true));
    let ignored = ignored.map(|file| file.path.display().to_string());
    let names: Vec<String> = ignored.collect();
    (!names.is_empty()).then(|| {
        format!(
            "git ignores {} (.gitignore): add it with git add -f, or move its code to another file, so that it is part of the commit.",
            listed(&names, "and")
        )
    })
}

/// Whether the `.gitignore` files from the repository to the folder of a file ignore it; the last rule that matches decides.
fn is_ignored(top: &Path, path: &Path) -> Option<bool> {
    let folder = fs::canonicalize(path.parent()?).ok()?;
    let path = folder.join(path.file_name()?);
    let mut folders: Vec<&Path> = folder.ancestors().take_while(|dir| dir.starts_with(top)).collect();
    folders.reverse();
    let mut found = None;
    for dir in folders.into_iter().filter(|dir| dir.join(".gitignore").is_file()) {
        let (rules, _) = Gitignore::new(dir.join(".gitignore"));
        let own = rules.matched_path_or_any_parents(&path, false);
        if !own.is_none() {
            found = Some(own.is_ignore());
        }
    }
    found
}
