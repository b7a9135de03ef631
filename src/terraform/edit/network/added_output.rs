//! The outputs that an edit adds to called modules, and the notes about them.

use std::path::PathBuf;

use crate::text::listed;

/// An output that the edit adds.
pub(in crate::terraform::edit) struct AddedOutput {
    /// The folder of the module.
    pub dir: PathBuf,
    pub value: String,
    pub name: String,
    /// Whether the module has other calls.
    pub is_shared: bool,
}

/// A sentence about the new outputs of each module with other calls.
pub(in crate::terraform::edit) fn notes(outputs: &[AddedOutput]) -> Vec<String> {
    let mut dirs: Vec<&PathBuf> = Vec::new();
    for output in outputs.iter().filter(|output| output.is_shared) {
        if !dirs.contains(&&output.dir) {
            dirs.push(&output.dir);
        }
    }
    let note = |dir: &PathBuf| {
        let own = outputs.iter().filter(|output| output.dir == *dir).map(|output| output.name.as_str());
        let outputs = match own.collect::<Vec<_>>().as_slice() {
            [only] => format!("an output, {only}"),
            names => format!("outputs, {}", listed(names, "and")),
        };
        format!("{} gets {outputs}. The other calls of the module do not change.", dir.display())
    };
    dirs.into_iter().map(note).collect()
}
