//! One file of code or variable values: its text, its structure, and its digest when it was read.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::{Component, Path, PathBuf};
use std::sync::OnceLock;

use hcl_edit::expr::Expression;
use sha2::{Digest as _, Sha256};

use crate::files::read_regular;
use crate::terraform::error::{ConfigError, unread};
use crate::terraform::lang::expression::{Expr, parse};
use crate::terraform::lang::json::to_hcl;
use crate::terraform::lang::json_lines::{line_of, path_at};
use crate::terraform::lang::scan::scan;
use crate::terraform::lang::structure::{Attribute, Body, Item};
use crate::terraform::read::generated::{header, header_of_json};

/// The largest file of code, variable values or settings that is read, in bytes.
pub(in crate::terraform) const CODE_LIMIT: u64 = 8 * 1024 * 1024;

/// The SHA-256 of a file's bytes, in hexadecimal.
#[derive(Clone, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Digest(String);

impl Digest {
    /// The digest of these bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}")))
    }

    pub(in crate::terraform) fn as_str(&self) -> &str {
        &self.0
    }
}

/// One file.
#[derive(Debug)]
pub struct File {
    /// Relative to the root.
    pub path: PathBuf,
    /// Its content on disk; for a file in JSON syntax, HCL with the same meaning.
    pub text: String,
    /// Its content on disk, if it is in JSON syntax.
    json: Option<String>,
    /// The digest of the bytes that were read.
    pub digest: Digest,
    /// The target, if it is a symbolic link.
    pub link: Option<PathBuf>,
    /// The header of a program that generates it.
    pub(in crate::terraform) generated: Option<String>,
    /// Its structure.
    pub body: Body,
    /// The syntax tree of each attribute's expression, by the offset of the expression. Each is parsed
    /// once, at its first use.
    trees: HashMap<usize, OnceLock<Option<Expression>>>,
    /// The offset of each line.
    lines: OnceLock<Vec<usize>>,
}

impl File {
    /// A part of a file's text as a file, for code in a comment.
    pub(in crate::terraform) fn of_text(path: &Path, text: String, body: Body) -> Self {
        let digest = Digest::of(text.as_bytes());
        Self {
            path: path.to_owned(),
            text,
            json: None,
            digest,
            link: None,
            generated: None,
            trees: trees(&body),
            body,
            lines: OnceLock::new(),
        }
    }

    /// The text of a span.
    #[must_use]
    pub fn slice(&self, span: std::ops::Range<usize>) -> &str {
        self.text.get(span).unwrap_or_default()
    }

    /// The line of an offset, from 1.
    #[must_use]
    pub fn line(&self, at: usize) -> usize {
        if let Some(json) = &self.json {
            return line_of(json, &path_at(&self.body, at)).unwrap_or(1);
        }
        let lines = self.lines.get_or_init(|| {
            let ends = self.text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
            [0].into_iter().chain(ends.map(|(end, _)| end + 1)).collect()
        });
        lines.partition_point(|start| *start <= at)
    }

    /// Whether it is an override file: Terraform merges its blocks into the blocks of other files
    /// (<https://developer.hashicorp.com/terraform/language/files/override>).
    #[must_use]
    pub fn is_override(&self) -> bool {
        let name = self.path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
        let name = name.strip_suffix(".json").unwrap_or(&name);
        let stem = name.strip_suffix(".tf").or_else(|| name.strip_suffix(".tofu")).unwrap_or_default();
        stem == "override" || stem.ends_with("_override")
    }

    /// Whether it is in JSON syntax. Its text is then HCL with the same meaning, and it is never edited.
    #[must_use]
    pub fn is_json(&self) -> bool {
        is_json(&self.path)
    }

    /// The text of an attribute's expression.
    #[must_use]
    pub fn value(&self, attribute: &Attribute) -> &str {
        self.slice(attribute.value.clone())
    }

    /// An attribute's expression.
    pub(in crate::terraform) fn expression(&self, attribute: &Attribute) -> Expr<'_> {
        let text = self.value(attribute);
        let tree = self.trees.get(&attribute.value.start);
        match tree.and_then(|tree| tree.get_or_init(|| parse(text)).as_ref()) {
            Some(tree) => Expr::parsed(text, tree),
            None => Expr::from(text),
        }
    }

    /// The line end of most lines, `\r\n` or `\n`.
    #[must_use]
    pub fn line_end(&self) -> &'static str {
        let crlf = self.text.matches("\r\n").count();
        if crlf * 2 > self.text.matches('\n').count() { "\r\n" } else { "\n" }
    }
}

/// An empty cell for the syntax tree of each expression in a body and its blocks.
fn trees(body: &Body) -> HashMap<usize, OnceLock<Option<Expression>>> {
    let mut trees = HashMap::new();
    let mut bodies = vec![body];
    while let Some(body) = bodies.pop() {
        for item in &body.items {
            match item {
                Item::Attribute(attribute) => {
                    trees.insert(attribute.value.start, OnceLock::new());
                }
                Item::Block(block) => bodies.push(&block.body),
            }
        }
    }
    trees
}

/// Whether a file of code is in JSON syntax.
pub(in crate::terraform) fn is_json(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending == "json")
}

/// Reads a file in JSON syntax; `None` if it is not understood.
pub(in crate::terraform) fn read_json_file(root: &Path, path: &Path) -> Option<File> {
    let bytes = read_regular(&root.join(path), CODE_LIMIT).ok()?;
    let digest = Digest::of(&bytes);
    let json = std::str::from_utf8(&bytes).ok()?;
    let (text, generated) = (to_hcl(json)?, header_of_json(json));
    let body = scan(&text).ok()?;
    let link = link_target(root, path);
    Some(File {
        path: path.to_owned(),
        text,
        json: Some(json.to_owned()),
        digest,
        link,
        generated,
        trees: trees(&body),
        body,
        lines: OnceLock::new(),
    })
}

/// Texts that are read in place of the content of files, by their paths relative to the root.
pub(in crate::terraform) type Texts = BTreeMap<PathBuf, String>;

/// Reads a file, by its path relative to the root.
pub(in crate::terraform) fn read_file(root: &Path, path: &Path, texts: &Texts) -> Result<File, ConfigError> {
    let whole = root.join(path);
    let read = || match texts.get(path) {
        Some(text) => Ok(text.clone().into_bytes()),
        None => read_regular(&whole, CODE_LIMIT),
    };
    let bytes = match read() {
        Err(error) if error.is_not_found() && whole.is_symlink() => {
            return Err(ConfigError::DanglingLink(whole));
        }
        bytes => bytes.map_err(unread(&whole))?,
    };
    let digest = Digest::of(&bytes);
    let text = String::from_utf8(bytes).map_err(|_| ConfigError::NotText(whole.clone()))?;
    let body = scan(&text).map_err(|error| ConfigError::Malformed { path: whole, error })?;
    Ok(File {
        path: path.to_owned(),
        json: None,
        digest,
        link: link_target(root, path),
        generated: header(&text),
        trees: trees(&body),
        text,
        body,
        lines: OnceLock::new(),
    })
}

fn link_target(root: &Path, path: &Path) -> Option<PathBuf> {
    let whole = root.join(path);
    whole.is_symlink().then(|| fs::canonicalize(&whole).ok()).flatten()
}

/// A path relative to a folder, with `..` for each folder above it.
pub(in crate::terraform) fn relative(folder: &Path, path: &Path) -> PathBuf {
    let common = folder.components().zip(path.components()).take_while(|(one, two)| one == two).count();
    let above = folder.components().skip(common).map(|_| Component::ParentDir);
    above.chain(path.components().skip(common)).collect()
}

/// A path relative to the root, from a path relative to one of its directories: `modules/app` and `../net`
/// give `modules/net`.
pub(in crate::terraform) fn joined(dir: &Path, source: &Path) -> PathBuf {
    let mut parts: Vec<Component<'_>> = Vec::new();
    for part in dir.components().chain(source.components()) {
        match (part, parts.last()) {
            (Component::CurDir, _) => {}
            (Component::ParentDir, Some(Component::Normal(_))) => {
                parts.pop();
            }
            (other, _) => parts.push(other),
        }
    }
    parts.into_iter().collect()
}
