//! The code in refusals: it parses, has the format of `terraform fmt`, and is valid where the refusal puts it.
//!
//! A text has whole blocks, which go into a new file, and arguments and nested blocks, which go into the block at the place that the
//! refusal or the comment above them names.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use egress_doctor::terraform::scan::{Block, Body, Item, line_and_column, scan};
use libtest_mimic::{Completion, Failed};
use serde_json::Value;

use crate::case::Case;
use crate::checks::{TOGETHER, is_member, validate_together};
use crate::support::terraform;
use crate::{registry, support};

/// What stands before the code in a refusal.
const MARK: &str = ". Add this there by hand:\n";
/// What stands before the code of a block that is not in the folder.
const ELSEWHERE_MARK: &str = ". Change it by hand:\n";
/// What stands before the changes of files that egress-doctor does not edit.
const PATCH_MARK: &str = "egress-doctor does not edit it. Make this change by hand:\n--- ";
/// What stands before the change of code in JSON syntax.
const JSON_MARK: &str = "replaces the whole one with its name, and the others stay. egress-doctor does not edit it. Make this change by hand:\n";
/// Block types of the top level of a file.
const TOP_LEVEL: [&str; 6] = ["resource", "data", "module", "locals", "variable", "output"];

/// The code of a refusal.
pub struct Advice {
    /// `file:line`; empty if the block is not in the folder.
    place: String,
    text: String,
    /// Whether the text is values for the place, not code for a block.
    is_values: bool,
}

impl Advice {
    /// The code in the text of a refusal; `None` if it has none.
    pub fn of(refusal: &str) -> Option<Self> {
        let refusal = refusal.strip_prefix("refused: ")?;
        if let Some((place, text)) = refusal.split_once(JSON_MARK) {
            let place = place.split(", ").next().unwrap_or_default().to_owned();
            return Some(Self { place, text: text.to_owned(), is_values: false });
        }
        if let Some((place, patch)) = refusal.split_once(PATCH_MARK) {
            let place = place.split(": ").next().unwrap_or_default().to_owned();
            return Some(Self { place, text: format!("--- {patch}"), is_values: false });
        }
        if let Some((_, text)) = refusal.split_once(ELSEWHERE_MARK) {
            return Some(Self { place: String::new(), text: text.to_owned(), is_values: false });
        }
        if let Some((head, text)) = refusal.split_once(MARK) {
            let place = head.split(": ").next().unwrap_or_default().to_owned();
            return Some(Self { place, text: text.to_owned(), is_values: false });
        }
        Self::of_values(refusal)
    }

    /// The values that a refusal gives for a place in code, `main.tf:3`.
    fn of_values(refusal: &str) -> Option<Self> {
        let (head, text) = refusal.split_once(":\n")?;
        let place = head.split(": ").next()?.to_owned();
        let (file, line) = place.rsplit_once(':')?;
        // A command of the AWS CLI is no code.
        let is_command = text.starts_with("aws ");
        let is_code =
            !is_command && [".tf", ".tofu", ".tfvars", ".hcl"].iter().any(|ending| file.ends_with(ending));
        (is_code && line.parse::<usize>().is_ok()).then(|| Self {
            place,
            text: text.to_owned(),
            is_values: true,
        })
    }

    /// Whether the text is one value for the line at the place: `enable_nat = true`.
    fn value_for_line(&self, root: &Path) -> Option<(PathBuf, usize)> {
        let (file, line) = self.place.rsplit_once(':').filter(|_| self.is_values)?;
        let (path, line) = (root.join(file), line.parse::<usize>().ok()?);
        let (name, _) = self.text.lines().next()?.split_once('=')?;
        let present = fs::read_to_string(&path).ok()?;
        let present = present.lines().nth(line.checked_sub(1)?)?.trim_start();
        let is_it = present.strip_prefix(name.trim()).is_some_and(|rest| rest.trim_start().starts_with('='));
        is_it.then_some((path, line))
    }

    fn is_json(&self) -> bool {
        std::path::Path::new(&self.place).extension().is_some_and(|extension| extension == "json")
    }

    fn is_patch(&self) -> bool {
        self.text.starts_with("--- ")
    }

    /// The files that the patch changes.
    fn patched(&self, root: &Path) -> Vec<PathBuf> {
        self.text.lines().filter_map(|line| line.strip_prefix("+++ ")).map(|path| root.join(path)).collect()
    }

    /// Puts the code where the refusal says.
    fn put(&self, root: &Path) {
        if self.is_patch() {
            return apply_patch(root, &self.text);
        }
        if self.is_json() {
            let path = root.join(&self.place);
            let mut code: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
            merge(&mut code, serde_json::from_str(&self.text).unwrap(), 3);
            fs::write(path, code.to_string()).unwrap();
            return;
        }
        if let Some((path, line)) = self.value_for_line(root) {
            let mut text = fs::read_to_string(&path).unwrap();
            let first = self.text.lines().next().unwrap();
            // The expression can have more lines than the one at the place.
            if let Some(span) = scan(&text).ok().and_then(|body| argument_at(&text, &body, line)) {
                text.replace_range(span, self.text.trim_end());
                fs::write(path, text).unwrap();
                return;
            }
            let new = if first.ends_with('{') { self.text.trim_end() } else { first };
            let lines = text.lines().enumerate().map(|(at, own)| if at + 1 == line { new } else { own });
            fs::write(path, lines.map(|line| format!("{line}\n")).collect::<String>()).unwrap();
            return;
        }
        if self.is_values {
            scan(&self.text)
                .unwrap_or_else(|error| panic!("the advice does not parse: {error}\n{}", self.text));
            return;
        }
        let folder = self.place.split(':').next().map(|file| root.join(file)).filter(|file| file.is_file());
        let folder = folder.and_then(|file| file.parent().map(Path::to_owned));
        let mut folder = folder.unwrap_or_else(|| root.to_owned());
        let mut new: BTreeMap<PathBuf, String> = BTreeMap::new();
        for part in parts(&self.text) {
            if let Some(named) = folder_of(&part).map(|named| root.join(named)).filter(|named| named.is_dir())
            {
                folder = named;
            }
            let whole = new.entry(folder.clone()).or_default();
            let body =
                scan(&part).unwrap_or_else(|error| panic!("the advice does not parse: {error}\n{part}"));
            let (top, inner): (Vec<&Item>, Vec<&Item>) = body.items.iter().partition(
                |item| matches!(item, Item::Block(block) if TOP_LEVEL.contains(&block.block_type.as_str())),
            );
            for item in top {
                write!(whole, "{}\n\n", slice(&part, item)).unwrap();
            }
            // The configuration for an import is generated by Terraform.
            let inner = inner
                .into_iter()
                .filter(|item| !matches!(item, Item::Block(block) if block.block_type == "import"));
            let inner: Vec<&Item> = inner.collect();
            if inner.is_empty() {
                continue;
            }
            match self.target(root, &part) {
                Some((path, line)) => put_into(&path, line, &part, &inner),
                None => whole.push_str(&in_new_block(&part, &inner)),
            }
        }
        for (folder, whole) in new {
            fs::write(folder.join("advice.tf"), whole).unwrap();
        }
    }

    /// The file and the line of the block that gets arguments: as the comment says, or the place of the refusal. `None` if the block
    /// is not in this code.
    fn target(&self, root: &Path, part: &str) -> Option<(PathBuf, usize)> {
        let comment = part.lines().next().filter(|line| line.starts_with("# In "));
        let place = match comment {
            Some(comment) if comment.starts_with("# In the ") => return None,
            Some(comment) => comment.split(['(', ')']).nth(1).unwrap_or_default(),
            None => self.place.as_str(),
        };
        let (file, line) = place.rsplit_once(':').filter(|(file, _)| root.join(file).exists())?;
        Some((root.join(file), line.parse().ok()?))
    }
}

/// Applies a unified diff whose paths are relative to a folder.
fn apply_patch(root: &Path, patch: &str) {
    for part in patch.split("--- ").skip(1) {
        let mut lines = part.lines().skip(1).peekable();
        let target = root.join(lines.next().unwrap().strip_prefix("+++ ").unwrap());
        let before = fs::read_to_string(&target).unwrap_or_default();
        let (old, mut new, mut at) = (before.lines().collect::<Vec<_>>(), String::new(), 0);
        while let Some(head) = lines.next() {
            let start = head.strip_prefix("@@ -").unwrap_or_else(|| panic!("no hunk: {head}"));
            let start: usize = start.split([',', ' ']).next().unwrap().parse().unwrap();
            let keep = old[at..start.saturating_sub(1).max(at)].iter();
            keep.for_each(|line| writeln!(new, "{line}").unwrap());
            at = start.saturating_sub(1).max(at);
            while let Some(line) = lines.next_if(|line| !line.starts_with("@@")) {
                let (sign, text) = line.split_at_checked(1).unwrap_or((" ", ""));
                if sign != "+" {
                    assert_eq!(old[at], text, "the patch does not fit {}", target.display());
                    at += 1;
                }
                if sign != "-" {
                    writeln!(new, "{text}").unwrap();
                }
            }
        }
        old[at..].iter().for_each(|line| writeln!(new, "{line}").unwrap());
        fs::create_dir_all(target.parent().unwrap()).unwrap();
        fs::write(target, new).unwrap();
    }
}

/// Replaces the arguments in a change of code in JSON syntax: `resource`, type and name are `depth` levels of objects above them.
fn merge(code: &mut Value, change: Value, depth: usize) {
    match (code, change) {
        (Value::Object(code), Value::Object(change)) if depth > 0 => {
            for (name, value) in change {
                merge(code.get_mut(&name).expect("the code has the block"), value, depth - 1);
            }
        }
        (Value::Object(code), Value::Object(change)) => code.extend(change),
        (code, change) => panic!("{code} cannot get {change}"),
    }
}

/// The parts of a text, each with its own comment `# In ...`.
fn parts(text: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    for line in text.lines() {
        if line.starts_with("# In ") && !parts.last().unwrap().trim().is_empty() {
            parts.push(String::new());
        }
        writeln!(parts.last_mut().unwrap(), "{line}").unwrap();
    }
    parts
}

/// The folder of the new blocks of a part: `# In modules/network:`.
fn folder_of(part: &str) -> Option<&str> {
    part.lines().next()?.strip_prefix("# In ")?.strip_suffix(':')
}

fn slice<'t>(text: &'t str, item: &Item) -> &'t str {
    match item {
        Item::Attribute(attribute) => &text[attribute.span.clone()],
        Item::Block(block) => &text[block.span.clone()],
    }
}

/// Replaces the arguments and the network configuration of a block, and adds other nested blocks.
fn put_into(path: &Path, line: usize, part: &str, items: &[&Item]) {
    let mut text = fs::read_to_string(path).unwrap();
    for item in items {
        let body = scan(&text).unwrap();
        let block =
            block_at(&text, &body, line).unwrap_or_else(|| panic!("{}:{line} is no block", path.display()));
        let replaced = block.body.items.iter().find(|present| match (present, item) {
            (Item::Attribute(present), Item::Attribute(new)) => present.name == new.name,
            (Item::Block(present), Item::Block(new)) => {
                present.block_type == new.block_type && new.block_type == "network_configuration"
            }
            _ => false,
        });
        let new = slice(part, item);
        match replaced {
            Some(Item::Attribute(present)) => text.replace_range(present.span.clone(), new),
            Some(Item::Block(present)) => text.replace_range(present.span.clone(), new),
            None => {
                let end = block.span.end - 1;
                text.insert_str(end, &format!("{new}\n"));
            }
        }
    }
    fs::write(path, text).unwrap();
}

fn block_at<'b>(text: &str, body: &'b Body, line: usize) -> Option<&'b Block> {
    body.items.iter().find_map(|item| match item {
        Item::Block(block) if line_and_column(text, block.span.start).0 == line => Some(block),
        _ => None,
    })
}

/// The argument of a block, of any depth, that begins in a line and ends in another.
fn argument_at(text: &str, body: &Body, line: usize) -> Option<Range<usize>> {
    body.items.iter().find_map(|item| match item {
        Item::Attribute(argument) => {
            let [start, end] = [argument.span.start, argument.span.end].map(|at| line_and_column(text, at).0);
            (start == line && end > line).then(|| argument.span.clone())
        }
        Item::Block(block) => argument_at(text, &block.body, line),
    })
}

/// The arguments in a block of the type that the comment names: `# In the aws_vpc of vpc-1`.
fn in_new_block(part: &str, items: &[&Item]) -> String {
    let comment = part.lines().next().filter(|line| line.starts_with('#')).unwrap_or_default();
    let kind =
        comment.split_whitespace().find(|word| word.starts_with("aws_")).unwrap_or("aws_apprunner_service");
    let needed = match kind {
        "aws_apprunner_service" => {
            "  service_name = \"advice\"\n  source_configuration {\n    image_repository {\n      image_identifier      = \"public.ecr.aws/x/y:1\"\n      image_repository_type = \"ECR_PUBLIC\"\n    }\n  }\n"
        }
        "aws_vpc" => "  cidr_block = \"10.99.0.0/16\"\n",
        "aws_vpc_endpoint" => "  vpc_id       = \"vpc-1\"\n  service_name = \"com.amazonaws.us-west-2.s3\"\n",
        "aws_route" => "  route_table_id         = \"rtb-1\"\n  destination_cidr_block = \"0.0.0.0/0\"\n",
        "aws_instance" => "  ami           = \"ami-1\"\n  instance_type = \"t3.micro\"\n",
        other => panic!("no example of {other}"),
    };
    let own: String = items.iter().map(|item| format!("  {}\n", slice(part, item))).collect();
    format!("resource \"{kind}\" \"advice\" {{\n{needed}{own}}}\n\n")
}

/// The checks of all refusals with code.
pub struct AdviceChecks {
    cases: Vec<Arc<Case>>,
    home: tempfile::TempDir,
    has_terraform: OnceLock<bool>,
    written: OnceLock<BTreeSet<PathBuf>>,
    /// Why the calls of registry modules of a case cannot be validated.
    not_installed: OnceLock<BTreeMap<String, String>>,
    all_valid: OnceLock<bool>,
}

impl AdviceChecks {
    pub fn new(cases: Vec<Arc<Case>>) -> Self {
        Self {
            cases,
            home: tempfile::tempdir().unwrap(),
            has_terraform: OnceLock::new(),
            written: OnceLock::new(),
            not_installed: OnceLock::new(),
            all_valid: OnceLock::new(),
        }
    }

    /// The code of a refusal is formatted and valid.
    pub fn check(&self, case: &Case) -> Result<Completion, Failed> {
        if !*self.has_terraform.get_or_init(|| terraform::is_available("the advice of tests/trees")) {
            return Ok(Completion::ignored_with("Terraform is missing"));
        }
        let unformatted = self.written.get_or_init(|| self.write());
        if unformatted.iter().any(|file| file.starts_with(&case.name)) {
            return Err("terraform fmt changes the code of this refusal".into());
        }
        let root = case.root(&self.home.path().join("advised").join(&case.name));
        if let Some(why) = case.not_validated() {
            return Ok(Completion::ignored_with(why));
        }
        let not_installed = self.not_installed.get().unwrap();
        if let Some(why) = not_installed.get(&case.name) {
            return Ok(Completion::ignored_with(why));
        }
        let all = || validate_together(self.home.path(), "advised", &self.cases, not_installed);
        if self.cases.len() >= TOGETHER && is_member(&root) && *self.all_valid.get_or_init(all) {
            return Ok(Completion::Completed);
        }
        terraform::validate(&root).map(|()| Completion::Completed).map_err(Failed::from)
    }

    /// Writes all configurations with the code in it. Returns the texts that `terraform fmt` changes.
    fn write(&self) -> BTreeSet<PathBuf> {
        let mut not_installed = BTreeMap::new();
        for case in &self.cases {
            let advice = case.advice().unwrap();
            let alone = self.home.path().join("alone").join(&case.name);
            fs::create_dir_all(&alone).unwrap();
            // Each part belongs to another block, so each is a file.
            let has_parts = !advice.is_json() && !advice.is_patch();
            let parts = if has_parts { parts(&advice.text) } else { Vec::new() };
            for (number, part) in parts.iter().enumerate() {
                fs::write(alone.join(format!("{number}.tf")), part).unwrap();
            }
            let tree = self.home.path().join("advised").join(&case.name);
            case.copy(&tree);
            let _ = fs::remove_file(case.root(&tree).join("terraform.tfstate"));
            advice.put(&case.root(&tree));
            let patched = if advice.is_patch() { advice.patched(&case.root(&tree)) } else { Vec::new() };
            for (number, file) in patched.iter().enumerate() {
                fs::copy(file, alone.join(format!("{number}.tf"))).unwrap();
            }
            if let Err(why) = registry::install(&case.root(&tree)) {
                not_installed.insert(case.name.clone(), why);
            }
        }
        self.not_installed.set(not_installed).unwrap();
        let changed = terraform::unformatted(&self.home.path().join("alone"));
        support::say(&format!("advice of {} refusals", self.cases.len()));
        changed.lines().map(PathBuf::from).collect()
    }
}
