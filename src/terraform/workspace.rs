//! A Terraform root: its files, scanned, with the values of its variables as far as they can be told.
//!
//! Reads files; changes none.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use hcl_edit::expr::Expression;
use hcl_edit::template::{Element, StringTemplate};
use sha2::{Digest as _, Sha256};

use super::scan::{Attribute, Block, Body, ScanError, scan};

/// The SHA-256 of a file's bytes, in hexadecimal.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Digest(String);

impl Digest {
    /// The digest of these bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}")))
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

/// One file.
#[derive(Debug)]
pub struct File {
    /// Relative to the root.
    pub path: PathBuf,
    /// As it is on disk.
    pub text: String,
    /// Of the bytes that were read.
    pub digest: Digest,
    /// Its structure.
    pub body: Body,
}

impl File {
    /// The text of a span.
    #[must_use]
    pub fn slice(&self, span: std::ops::Range<usize>) -> &str {
        self.text.get(span).unwrap_or_default()
    }

    /// Whether it overrides what other files say: Terraform merges its blocks into theirs
    /// (<https://developer.hashicorp.com/terraform/language/files/override>).
    #[must_use]
    pub fn is_override(&self) -> bool {
        let name = self.path.to_string_lossy();
        name == "override.tf" || name.ends_with("_override.tf")
    }

    /// An attribute's expression as it is written.
    #[must_use]
    pub fn value(&self, attribute: &Attribute) -> &str {
        self.slice(attribute.value.clone())
    }

    /// `\r\n` where most lines end so.
    #[must_use]
    pub fn line_end(&self) -> &'static str {
        let crlf = self.text.matches("\r\n").count();
        if crlf * 2 > self.text.matches('\n').count() { "\r\n" } else { "\n" }
    }
}

/// A Terraform root directory.
#[derive(Debug)]
pub struct Workspace {
    /// Canonical path of the directory.
    pub root: PathBuf,
    /// Its `*.tf` files, by name.
    pub files: Vec<File>,
    /// Its `terraform.tfvars` and `*.auto.tfvars`, in Terraform's order: the last one wins.
    pub settings: Vec<File>,
    /// Code and settings in JSON syntax, which are not read: what is in them cannot be told.
    pub json: Vec<PathBuf>,
    /// Variables with a known value.
    variables: BTreeMap<String, String>,
    /// Locals as they are written.
    locals: BTreeMap<String, String>,
}

/// Why a folder cannot be read as a Terraform root.
#[derive(Debug, thiserror::Error)]
pub enum WorkspaceError {
    /// It is not there, or may not be read.
    #[error("cannot read {}: {source}", path.display())]
    Io {
        /// File or folder.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// No `*.tf` in it.
    #[error("{} holds no .tf file: give the folder that you run terraform in with --terraform", .0.display())]
    Empty(PathBuf),
    /// A file is no HCL.
    #[error("{}: {error}", path.display())]
    Malformed {
        /// Which file.
        path: PathBuf,
        /// Where and why.
        error: ScanError,
    },
    /// A file is not UTF-8.
    #[error("{} is not UTF-8 text, so it cannot be edited safely", .0.display())]
    NotText(PathBuf),
}

impl Workspace {
    /// Reads every `*.tf` of a folder, and its tfvars.
    ///
    /// # Errors
    /// The folder or a file cannot be read, a file is not HCL, or there is none.
    pub fn read(dir: &Path) -> Result<Self, WorkspaceError> {
        let io = |path: &Path| {
            let path = path.to_owned();
            move |source| WorkspaceError::Io { path, source }
        };
        let root = fs::canonicalize(dir).map_err(io(dir))?;
        let (mut names, mut json): (Vec<PathBuf>, Vec<PathBuf>) = (Vec::new(), Vec::new());
        for entry in fs::read_dir(&root).map_err(io(&root))? {
            let path = entry.map_err(io(&root))?.path();
            let hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
            let name = path.file_name().map(PathBuf::from).unwrap_or_default();
            let text = name.to_string_lossy();
            if [".tf.json", ".auto.tfvars.json"].iter().any(|ending| text.ends_with(ending))
                || text == "terraform.tfvars.json"
            {
                json.push(name.clone());
            }
            if path.extension().is_some_and(|ending| ending == "tf") && !hidden {
                names.push(path);
            }
        }
        names.sort();
        json.sort();
        if names.is_empty() {
            return Err(WorkspaceError::Empty(root));
        }
        let mut files = Vec::new();
        for path in names {
            files.push(read_file(&root, path)?);
        }
        let settings = read_settings(&root)?;
        let mut workspace =
            Self { root, files, settings, json, variables: BTreeMap::new(), locals: BTreeMap::new() };
        workspace.load_values();
        Ok(workspace)
    }

    /// Code and settings.
    pub fn every_file(&self) -> impl Iterator<Item = &File> {
        self.files.iter().chain(&self.settings)
    }

    /// `file:line` of the block of an override file that says something of a resource too.
    #[must_use]
    pub fn overridden(&self, block: &Block) -> Option<String> {
        self.files.iter().filter(|file| file.is_override()).find_map(|file| {
            let same = file.body.blocks(&block.kind).find(|other| other.labels == block.labels)?;
            Some(format!("{}:{}", file.path.display(), super::scan::place(&file.text, same.span.start).0))
        })
    }

    /// How often a variable is named in the code.
    #[must_use]
    pub fn uses_of_variable(&self, name: &str) -> usize {
        let wanted = format!("var.{name}");
        let is_end = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric() && c != '_' && c != '-');
        let uses = |file: &File| {
            file.text
                .match_indices(&wanted)
                .filter(|(at, _)| {
                    is_end(file.text.get(at + wanted.len()..).and_then(|rest| rest.chars().next()))
                })
                .count()
        };
        self.files.iter().map(uses).sum()
    }

    /// Every block of a kind with the file it is in, but for override files.
    pub fn blocks<'a>(&'a self, kind: &str) -> impl Iterator<Item = (&'a File, &'a Block)> {
        self.files
            .iter()
            .filter(|file| !file.is_override())
            .flat_map(move |file| file.body.blocks(kind).map(move |block| (file, block)))
    }

    /// Every resource of a type.
    pub fn resources<'a>(&'a self, of: &str) -> impl Iterator<Item = (&'a File, &'a Block)> {
        self.blocks("resource")
            .filter(move |(_, block)| block.labels.first().is_some_and(|label| label == of))
    }

    /// Every data source of a type.
    pub fn data<'a>(&'a self, of: &str) -> impl Iterator<Item = (&'a File, &'a Block)> {
        self.blocks("data").filter(move |(_, block)| block.labels.first().is_some_and(|label| label == of))
    }

    /// Whether `variable "name"` is declared.
    #[must_use]
    pub fn has_variable(&self, name: &str) -> bool {
        self.blocks("variable").any(|(_, block)| block.labels.first().is_some_and(|label| label == name))
    }

    /// The value of an expression when it is a string that can be told without Terraform.
    #[must_use]
    pub fn evaluate(&self, expression: &str) -> Option<String> {
        self.evaluate_within(expression, 8)
    }

    fn evaluate_within(&self, expression: &str, depth: usize) -> Option<String> {
        let depth = depth.checked_sub(1)?;
        match expression.parse::<Expression>().ok()? {
            Expression::String(text) => Some(text.value().clone()),
            Expression::Number(number) => Some(number.value().to_string()),
            Expression::Bool(truth) => Some(truth.value().to_string()),
            Expression::StringTemplate(template) => self.fill(&template, depth),
            _ => self.reference(expression.trim(), depth),
        }
    }

    fn fill(&self, template: &StringTemplate, depth: usize) -> Option<String> {
        template
            .iter()
            .map(|element| match element {
                Element::Literal(text) => Some(text.value().clone()),
                Element::Interpolation(hole) => self.evaluate_within(hole.expr.to_string().trim(), depth),
                Element::Directive(_) => None,
            })
            .collect()
    }

    fn reference(&self, text: &str, depth: usize) -> Option<String> {
        if let Some(name) = text.strip_prefix("var.") {
            return self.variables.get(name).cloned();
        }
        let written = self.locals.get(text.strip_prefix("local.")?)?;
        self.evaluate_within(written, depth)
    }

    /// In Terraform's order: defaults, `TF_VAR_*` is left out (it belongs to another shell), `terraform.tfvars`, then
    /// `*.auto.tfvars` by name.
    fn load_values(&mut self) {
        let mut variables = BTreeMap::new();
        for (file, block) in self.blocks("variable") {
            let default =
                block.body.attribute("default").and_then(|default| self.evaluate(file.value(default)));
            if let (Some(name), Some(value)) = (block.labels.first(), default) {
                variables.insert(name.clone(), value);
            }
        }
        for file in &self.settings {
            for attribute in file.body.attributes() {
                match self.evaluate(file.value(attribute)) {
                    Some(value) => variables.insert(attribute.name.clone(), value),
                    None => variables.remove(&attribute.name),
                };
            }
        }
        let mut locals = BTreeMap::new();
        for (file, block) in self.blocks("locals") {
            for attribute in block.body.attributes() {
                locals.insert(attribute.name.clone(), file.value(attribute).to_owned());
            }
        }
        self.variables = variables;
        self.locals = locals;
    }
}

fn read_file(root: &Path, path: PathBuf) -> Result<File, WorkspaceError> {
    let bytes = fs::read(&path).map_err(|source| WorkspaceError::Io { path: path.clone(), source })?;
    let digest = Digest::of(&bytes);
    let text = String::from_utf8(bytes).map_err(|_| WorkspaceError::NotText(path.clone()))?;
    let body = scan(&text).map_err(|error| WorkspaceError::Malformed { path: path.clone(), error })?;
    let path = path.strip_prefix(root).map(Path::to_owned).unwrap_or(path);
    Ok(File { path, text, digest, body })
}

/// `terraform.tfvars`, then `*.auto.tfvars` by name.
fn read_settings(root: &Path) -> Result<Vec<File>, WorkspaceError> {
    let mut paths: Vec<PathBuf> = fs::read_dir(root)
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.to_string_lossy().ends_with(".auto.tfvars"))
        .collect();
    paths.sort();
    let first = root.join("terraform.tfvars");
    if first.exists() {
        paths.insert(0, first);
    }
    paths.into_iter().map(|path| read_file(root, path)).collect()
}
