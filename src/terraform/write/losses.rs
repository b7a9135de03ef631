//! What a write cannot keep of a file, for the preview. Changes nothing.

use crate::terraform::changeset::ChangeSet;

/// What the write of a change set loses or overrides, in whole sentences: read-only files, and owners, attributes and hard links
/// that the new file cannot have. The user must see this before the write.
#[must_use]
pub fn losses(changes: &ChangeSet) -> Vec<String> {
    changes
        .files
        .iter()
        .filter(|file| file.before.is_some())
        .flat_map(|file| of_file(changes, &file.path))
        .collect()
}

#[cfg(not(unix))]
fn of_file(changes: &ChangeSet, file: &std::path::Path) -> Vec<String> {
    let is_read_only =
        std::fs::metadata(changes.root.join(file)).is_ok_and(|metadata| metadata.permissions().readonly());
    is_read_only
        .then(|| format!("{} is read-only. The write replaces it", file.display()))
        .into_iter()
        .collect()
}

#[cfg(unix)]
fn of_file(changes: &ChangeSet, file: &std::path::Path) -> Vec<String> {
    use crate::terraform::write::metadata::{attributes, can_have_group, can_own, is_lost};
    use std::os::unix::fs::MetadataExt as _;
    let path = changes.root.join(file);
    let Ok(metadata) = std::fs::metadata(&path) else { return Vec::new() };
    let name = file.display();
    let mut losses = Vec::new();
    if metadata.mode() & 0o222 == 0 {
        losses.push(format!(
            "{name} is read-only (mode {:04o}). The write replaces it; the new file is read-only too",
            metadata.mode() & 0o7777
        ));
    }
    if metadata.nlink() > 1 {
        losses.push(format!(
            "{name} has {} hard links. The write changes only this one; the others keep the old content",
            metadata.nlink()
        ));
    }
    if !can_own(metadata.uid()) {
        losses.push(format!("{name} belongs to user {}. The new file belongs to you", metadata.uid()));
    }
    if !can_have_group(metadata.gid()) {
        losses.push(format!(
            "{name} belongs to group {}. The new file belongs to a group of yours",
            metadata.gid()
        ));
    }
    let names = std::fs::File::open(&path).and_then(|file| attributes(&file)).unwrap_or_default();
    // The system sets the label of SELinux.
    for lost in names.iter().filter(|name| is_lost(name) && name.as_slice() != b"security.selinux") {
        losses.push(format!("the new {name} does not have the attribute {}", String::from_utf8_lossy(lost)));
    }
    losses
}
