//! Notes that an edit for one environment is in force for the others that use the code.

use crate::terraform::changeset::ChangeSet;
use crate::terraform::find::one_environment::other_var_files;
use crate::terraform::read::config::Config;
use crate::text::listed;

/// The note for an edit of code with one of several files for `-var-file`; `None` if the edit changes such a file, which limits it.
pub(super) fn note(config: &Config, changes: &ChangeSet) -> Option<String> {
    let others = other_var_files(config);
    let is_values = |path| config.var_files.iter().any(|file| file.path == path);
    let is_limited = changes.files.iter().any(|file| is_values(file.path.clone()));
    (!others.is_empty() && !is_limited).then(|| {
        format!(
            "This edit is in force for all environments of this folder, also with {}.",
            listed(&others, "and")
        )
    })
}
