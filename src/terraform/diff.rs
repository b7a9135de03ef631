//! A change set as a patch for `git apply`, and as lines for the screen.

use std::fmt::Write as _;
use std::path::PathBuf;

use similar::{ChangeTag, TextDiff};

use crate::terraform::changeset::{ChangeSet, FileChange};

/// Unchanged lines shown around a change, in a patch and at first on the screen.
pub const CONTEXT: usize = 3;

/// The difference of one file, for the screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileDiff {
    /// Relative to the root.
    pub path: PathBuf,
    /// Whether the file is new.
    pub new: bool,
    /// Its hunks.
    pub hunks: Vec<Hunk>,
}

impl FileDiff {
    /// The number of lines of this kind.
    #[must_use]
    pub fn count(&self, kind: LineKind) -> usize {
        self.hunks.iter().flat_map(|hunk| &hunk.lines).filter(|line| line.kind == kind).count()
    }
}

/// Changed lines with the unchanged lines around them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hunk {
    /// `@@ -1,3 +1,5 @@`
    pub header: String,
    /// Its lines.
    pub lines: Vec<DiffLine>,
}

/// One line of a hunk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DiffLine {
    /// Added, removed or kept.
    pub kind: LineKind,
    /// Its number in the new file, from 1; for a removed line, its number in the old file.
    pub number: usize,
    /// The number of a kept line in the old file.
    pub old_number: Option<usize>,
    /// Its text in pieces, without the line end.
    pub pieces: Vec<Piece>,
}

/// Added, removed or kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineKind {
    /// Only in the new file.
    Added,
    /// Only in the old file.
    Removed,
    /// In both.
    Kept,
}

/// A piece of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// The text.
    pub text: String,
    /// Its HCL syntax class.
    pub class: Class,
    /// Whether this piece of a changed line differs from the other file.
    pub changed: bool,
}

/// The HCL syntax class of a piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Block type or attribute name at the start of a line.
    Name,
    /// Text in quotes.
    String,
    /// `${…}`
    Interpolation,
    /// Number, `true`, `false`, `null`.
    Literal,
    /// `# …`
    Comment,
    /// Anything else.
    Plain,
}

/// All files as one patch.
#[must_use]
pub fn patch(changes: &ChangeSet) -> String {
    changes.files.iter().map(|file| file_patch(changes, file)).collect()
}

fn file_patch(changes: &ChangeSet, file: &FileChange) -> String {
    let path = changes.patch_path(&file.path);
    let (old_path, new_path) =
        (quoted_path(&format!("a/{}", path.display())), quoted_path(&format!("b/{}", path.display())));
    let mut out = format!("diff --git {old_path} {new_path}\n");
    let old = if file.before.is_some() {
        old_path
    } else {
        out.push_str("new file mode 100644\n");
        "/dev/null".to_owned()
    };
    let before = file.before.as_deref().unwrap_or_default();
    let (old_lines, new_lines) = (lines(before), lines(&file.after));
    let diff = TextDiff::configure().newline_terminated(true).diff_slices(&old_lines, &new_lines);
    let text = diff.unified_diff().context_radius(CONTEXT).header(&old, &new_path).to_string();
    let _ = write!(out, "{text}");
    out
}

/// A file's path in git's patch syntax. A path with quotes, backslashes or control characters is quoted.
fn quoted_path(path: &str) -> String {
    if !path.chars().any(|c| c.is_control() || c == '"' || c == '\\') {
        return path.to_owned();
    }
    let escaped = path.bytes().fold(String::new(), |mut out, byte| {
        match byte {
            b'"' | b'\\' => out.extend(['\\', char::from(byte)]),
            0x20..=0x7e => out.push(char::from(byte)),
            other => {
                let _ = write!(out, "\\{other:03o}");
            }
        }
        out
    });
    format!("\"{escaped}\"")
}

/// Lines with their line feeds. Terraform and git do not treat a carriage return alone as a line end.
fn lines(text: &str) -> Vec<&str> {
    text.split_inclusive('\n').collect()
}

/// All files for the screen, with this number of unchanged lines around each change.
#[must_use]
pub fn view(changes: &ChangeSet, context: usize) -> Vec<FileDiff> {
    changes.files.iter().map(|file| file_view(file, context)).collect()
}

fn file_view(file: &FileChange, context: usize) -> FileDiff {
    let before = file.before.as_deref().unwrap_or_default();
    let (old_lines, new_lines) = (lines(before), lines(&file.after));
    let diff = TextDiff::configure().newline_terminated(true).diff_slices(&old_lines, &new_lines);
    let mut hunks = Vec::new();
    for hunk in diff.unified_diff().context_radius(context).iter_hunks() {
        let mut lines = Vec::new();
        for op in hunk.ops() {
            for change in diff.iter_inline_changes(op) {
                let kind = match change.tag() {
                    ChangeTag::Insert => LineKind::Added,
                    ChangeTag::Delete => LineKind::Removed,
                    ChangeTag::Equal => LineKind::Kept,
                };
                let marks: Vec<(bool, String)> =
                    change.iter_strings_lossy().map(|(changed, text)| (changed, text.into_owned())).collect();
                let index = change.new_index().or_else(|| change.old_index()).unwrap_or_default();
                let old_number = change.old_index().filter(|_| kind == LineKind::Kept).map(|at| at + 1);
                lines.push(DiffLine { kind, number: index + 1, old_number, pieces: pieces(&marks) });
            }
        }
        hunks.push(Hunk { header: hunk.header().to_string().trim_end().to_owned(), lines });
    }
    FileDiff { path: file.path.clone(), new: file.before.is_none(), hunks }
}

/// Splits a line into pieces, where the class changes or where a changed part begins or ends.
fn pieces(marks: &[(bool, String)]) -> Vec<Piece> {
    let line: String = marks.iter().map(|(_, text)| text.as_str()).collect();
    let changed: Vec<bool> = marks
        .iter()
        .flat_map(|(changed, text)| text.chars().map(|c| *changed && !c.is_whitespace()))
        .collect();
    let classes = classes(&line);
    let mut pieces: Vec<Piece> = Vec::new();
    for ((c, class), changed) in line.chars().zip(classes).zip(changed) {
        match c {
            '\n' => {}
            '\r' => pieces.push(Piece { text: "␍".to_owned(), class: Class::Comment, changed: false }),
            c => match pieces.last_mut() {
                Some(last) if last.class == class && last.changed == changed => last.text.push(c),
                _ => pieces.push(Piece { text: c.to_string(), class, changed }),
            },
        }
    }
    pieces
}

/// The class of each character of one line.
fn classes(line: &str) -> Vec<Class> {
    let chars: Vec<char> = line.chars().collect();
    let mut out = Vec::with_capacity(chars.len());
    let (mut in_string, mut interpolations, mut has_name) = (false, 0_usize, false);
    let mut at = 0;
    while let Some(c) = chars.get(at).copied() {
        let next = chars.get(at + 1).copied();
        let class = match c {
            '#' if !in_string => {
                out.resize(chars.len(), Class::Comment);
                break;
            }
            '$' if in_string && next == Some('{') => {
                interpolations += 1;
                in_string = false;
                out.push(Class::Interpolation);
                at += 1;
                Class::Interpolation
            }
            '}' if interpolations > 0 && !in_string => {
                interpolations -= 1;
                in_string = true;
                Class::Interpolation
            }
            '"' => {
                in_string = !in_string;
                Class::String
            }
            _ if in_string => Class::String,
            _ if interpolations > 0 => Class::Interpolation,
            c if c.is_alphanumeric() || c == '_' => {
                let word: String =
                    chars.iter().skip(at).take_while(|c| c.is_alphanumeric() || **c == '_').collect();
                let class = match word.as_str() {
                    "true" | "false" | "null" => Class::Literal,
                    _ if word.starts_with(|c: char| c.is_ascii_digit()) => Class::Literal,
                    _ if !has_name => Class::Name,
                    _ => Class::Plain,
                };
                has_name = true;
                let length = word.chars().count();
                out.extend(std::iter::repeat_n(class, length.saturating_sub(1)));
                at += length.saturating_sub(1);
                class
            }
            _ => Class::Plain,
        };
        out.push(class);
        at += 1;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::terraform::changeset::EditEffect;
    use crate::terraform::read::tool::Runner;

    fn set(before: Option<&str>, after: &str) -> ChangeSet {
        ChangeSet {
            root: PathBuf::from("/x"),
            repository: None,
            files: vec![FileChange {
                path: PathBuf::from("a.tf"),
                before: before.map(str::to_owned),
                after: after.to_owned(),
            }],
            read: Vec::new(),
            data: PathBuf::new(),
            run: Runner::default(),
            imports: Vec::new(),
            adds: Vec::new(),
            changes: Vec::new(),
            destroys: Vec::new(),
            more_instances: 0,
            notes: Vec::new(),
            by_hand: Vec::new(),
            effect: EditEffect::default(),
        }
    }

    #[test]
    fn a_patch_marks_new_files_and_missing_line_ends() {
        assert_eq!(
            patch(&set(None, "a = 1\n")),
            "diff --git a/a.tf b/a.tf\nnew file mode 100644\n--- /dev/null\n+++ b/a.tf\n@@ -0,0 +1 @@\n+a = 1\n"
        );
        assert_eq!(
            patch(&set(Some("a = 1"), "a = 1\nb = 2\n")),
            "diff --git a/a.tf b/a.tf\n--- a/a.tf\n+++ b/a.tf\n@@ -1 +1,2 @@\n-a = 1\n\\ No newline at end of file\n+a = 1\n+b = 2\n"
        );
    }

    #[test]
    fn a_line_is_divided_by_class_and_by_change() {
        let view = view(&set(Some("type = \"VPC\" # x\n"), "type = \"DEFAULT\" # x\n"), CONTEXT);
        let line = view.first().and_then(|file| file.hunks.first()).and_then(|hunk| hunk.lines.last());
        let shown: Vec<String> = line
            .map(|line| {
                line.pieces
                    .iter()
                    .map(|p| format!("{:?}{}:{}", p.class, if p.changed { "!" } else { "" }, p.text))
                    .collect()
            })
            .unwrap_or_default();
        assert_eq!(shown, ["Name:type", "Plain: = ", "String!:\"DEFAULT\"", "Plain: ", "Comment:# x"]);
    }
}
