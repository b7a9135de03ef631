//! The user's editor on this terminal. The terminal must not be in raw mode.

#![allow(clippy::disallowed_methods, reason = "I/O boundary: reads VISUAL and EDITOR")]

use std::env;
use std::ffi::{OsStr, OsString};
use std::path::Path;

use tokio::process::Command;

/// Editors that open a file at a line with the argument `+LINE`.
const WITH_LINE: [&str; 10] = ["vi", "vim", "nvim", "nano", "emacs", "micro", "joe", "ne", "kak", "mg"];

/// Opens a file in the editor, and waits until the editor ends.
pub(super) async fn edit(path: &Path, line: usize) -> Result<(), String> {
    let editor = ["VISUAL", "EDITOR"].into_iter().filter_map(env::var_os).find(|value| !value.is_empty());
    let editor = editor.ok_or(
        "no editor is set: set the environment variable VISUAL or EDITOR, for example EDITOR=nano, and start \
         egress-doctor again",
    )?;
    let name = editor.to_string_lossy();
    let status = command(&editor, path, line).status().await;
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("the editor `{name}` ended with an error ({status})")),
        Err(error) => Err(format!("the editor `{name}` cannot be started: {error}")),
    }
}

/// The editor may have arguments, as in `EDITOR=\"code --wait\"`: the shell divides them, as git does.
#[cfg(unix)]
fn command(editor: &OsStr, path: &Path, line: usize) -> Command {
    let mut script = editor.to_owned();
    script.push(" \"$@\"");
    let mut command = Command::new("/bin/sh");
    command.arg("-c").arg(script).arg(editor).args(arguments(editor, path, line));
    command
}

#[cfg(not(unix))]
fn command(editor: &OsStr, path: &Path, line: usize) -> Command {
    let mut command = Command::new(editor);
    command.args(arguments(editor, path, line));
    command
}

fn arguments(editor: &OsStr, path: &Path, line: usize) -> Vec<OsString> {
    let text = editor.to_string_lossy();
    let program = text.split_whitespace().next().unwrap_or_default();
    let name = Path::new(program).file_stem().unwrap_or_default();
    let line = WITH_LINE.iter().any(|known| name == *known).then(|| OsString::from(format!("+{line}")));
    line.into_iter().chain([path.as_os_str().to_owned()]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_editor_that_is_known_opens_the_file_at_the_line() {
        let of = |editor: &str| arguments(OsStr::new(editor), Path::new("main.tf"), 12);
        assert_eq!(of("/usr/bin/vim -u NONE"), ["+12", "main.tf"]);
        assert_eq!(of("nano"), ["+12", "main.tf"]);
        assert_eq!(of("code --wait"), ["main.tf"]);
    }
}
