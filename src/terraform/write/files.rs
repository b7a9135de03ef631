//! Operations on single files: stage new bytes beside a file, and sync files and folders to disk.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// Prefix and suffix of the name of a staged file. Terraform does not load such files.
const STAGED: (&str, &str) = (".egress-doctor-", ".tmp");

/// New bytes in a temporary file beside the file that they replace. Deleted on drop.
pub(super) struct Staged {
    temporary: tempfile::NamedTempFile,
    target: PathBuf,
}

impl Staged {
    /// Writes the bytes and syncs them. The temporary file gets the mode of the file. If the file is a
    /// symbolic link, its target is replaced.
    pub fn new(path: &Path, bytes: &[u8]) -> io::Result<Self> {
        let target = resolve_link(path)?;
        let folder = target.parent().ok_or_else(|| io::Error::other("no folder"))?;
        let mut builder = tempfile::Builder::new();
        builder.prefix(STAGED.0).suffix(STAGED.1);
        #[cfg(unix)]
        let builder = {
            use std::os::unix::fs::PermissionsExt as _;
            // The process's umask applies, as for any new file.
            builder.permissions(fs::Permissions::from_mode(0o666))
        };
        let mut temporary = builder.tempfile_in(folder)?;
        temporary.write_all(bytes)?;
        if let Ok(metadata) = fs::metadata(&target) {
            fs::set_permissions(temporary.path(), metadata.permissions())?;
        }
        temporary.as_file().sync_all()?;
        Ok(Self { temporary, target })
    }

    /// Renames the temporary file to the file.
    pub fn replace(self) -> io::Result<()> {
        self.temporary.persist(&self.target).map(|_| ()).map_err(|error| error.error)
    }

    /// Renames the temporary file to a file that must not exist.
    pub fn create(self) -> io::Result<()> {
        self.temporary.persist_noclobber(&self.target).map(|_| ()).map_err(|error| error.error)
    }
}

/// Removes the temporary files that an interrupted write left beside a file.
pub(super) fn remove_staged(path: &Path) {
    let target = resolve_link(path).unwrap_or_else(|_| path.to_owned());
    let Some(entries) = target.parent().and_then(|folder| fs::read_dir(folder).ok()) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.starts_with(STAGED.0) && name.ends_with(STAGED.1) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

fn resolve_link(path: &Path) -> io::Result<PathBuf> {
    if path.is_symlink() { fs::canonicalize(path) } else { Ok(path.to_owned()) }
}

/// Writes a file and syncs it.
pub(super) fn write_synced(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Syncs the folder of every file: a rename or a removal is durable only after that.
///
/// # Errors
/// The folder that cannot be synced.
pub(super) fn sync_folders<'p>(
    root: &Path,
    files: impl Iterator<Item = &'p PathBuf>,
) -> Result<(), (PathBuf, io::Error)> {
    for folder in folders(root, files) {
        File::open(&folder).and_then(|open| open.sync_all()).map_err(|error| (folder, error))?;
    }
    Ok(())
}

/// The folders that contain the files; for a symbolic link, the folder of its target.
fn folders<'p>(root: &Path, files: impl Iterator<Item = &'p PathBuf>) -> BTreeSet<PathBuf> {
    files
        .filter_map(|file| {
            let path = root.join(file);
            resolve_link(&path).unwrap_or(path).parent().map(Path::to_owned)
        })
        .collect()
}

#[cfg(all(test, unix))]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may stop at the first error")]

    use super::*;

    #[test]
    fn the_folder_of_every_changed_file_is_synced() {
        let home = tempfile::tempdir().unwrap();
        let home = fs::canonicalize(home.path()).unwrap();
        let root = home.join("infra");
        fs::create_dir_all(root.join("modules/net")).unwrap();
        fs::create_dir_all(home.join("shared")).unwrap();
        fs::write(home.join("shared/rules.tf"), "").unwrap();
        std::os::unix::fs::symlink("../shared/rules.tf", root.join("rules.tf")).unwrap();
        let of = |files: &[&str]| folders(&root, files.iter().map(PathBuf::from).collect::<Vec<_>>().iter());
        assert_eq!(of(&["main.tf", "new.tf"]), BTreeSet::from([root.clone()]));
        assert_eq!(
            of(&["main.tf", "modules/net/vpc.tf"]),
            BTreeSet::from([root.clone(), root.join("modules/net")])
        );
        assert_eq!(of(&["rules.tf"]), BTreeSet::from([home.join("shared")]));
    }
}
