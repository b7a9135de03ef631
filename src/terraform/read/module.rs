//! One module of a configuration, the root module or a called one: its files and the values of its
//! variables and locals.
//!
//! Provides queries on the code. Reads and changes no files.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use hcl::Value;
use hcl_edit::expr::Expression;

use crate::terraform::lang::address::{ResourceAddress, key_of_module};
use crate::terraform::lang::evaluate::Values;
use crate::terraform::lang::expression::{Expr, is_zero_or_one, parse};
use crate::terraform::lang::partial::{Pattern, uses_of_variable};
use crate::terraform::lang::render::quoted;
use crate::terraform::lang::structure::Block;
use crate::terraform::read::block_index::BlockIndex;
use crate::terraform::read::file::File;

/// Limit of the locals that refer to each other.
const LOCALS: usize = 4;
/// Limit of the instances of a block that are compared.
pub(super) const INSTANCES: usize = 64;

/// A module: the root module, or one that it calls.
#[derive(Debug)]
pub struct Module {
    /// Its directory, relative to the root's; empty for the root module.
    pub dir: PathBuf,
    /// `module.app`; `None` for the root module.
    pub address: Option<String>,
    /// Canonical directory, to detect one module called by two paths.
    pub(in crate::terraform) canonical_dir: PathBuf,
    /// Its `*.tf` and `*.tf.json` files, by name. All calls of a module share them.
    pub files: Arc<[File]>,
    /// The blocks of these files by type and labels.
    pub(in crate::terraform) blocks: Arc<BlockIndex>,
    /// Its `*.tf.json` files that egress-doctor does not understand, so their content is unknown.
    pub json_files: Arc<[PathBuf]>,
    /// Its calls of modules whose code is available.
    pub calls: Vec<ModuleCall>,
    /// Its calls of modules whose code is not available: `module.vpc (terraform-aws-modules/vpc/aws)`.
    pub missing: Vec<String>,
    /// Whether another root module of the same repository calls this module too.
    pub is_shared_module: bool,
    /// Whether `terraform init` installed it, so that the next `terraform init` would discard an edit.
    pub is_installed: bool,
    /// Whether it is outside the repository of the root module. It is read, but never edited.
    pub is_outside: bool,
    /// Folders in its directory with the name of a code file, `x.tf`. Terraform ignores them.
    pub(in crate::terraform) tf_folders: Arc<[PathBuf]>,
    /// Files in its directory that `OpenTofu` ignores, because `x.tofu` is beside `x.tf`. Terraform reads them instead.
    pub(in crate::terraform) replaced: Arc<[PathBuf]>,
    /// The region of its AWS provider without an alias, if known.
    pub(in crate::terraform) region: Option<String>,
    /// The regions of the providers that its caller gives it, by their names in the module.
    pub(in crate::terraform) given_regions: BTreeMap<String, String>,
    /// The expression of that provider's default tags.
    pub(in crate::terraform) default_tags: Option<String>,
    /// The values of its variables and locals. Calls with the same arguments share them.
    pub(in crate::terraform) values: Arc<Values>,
}

/// A `module` block whose code is available.
#[derive(Debug)]
pub struct ModuleCall {
    /// Its label, `app`.
    pub name: String,
    /// The key of the instance, `["a"]` or `[0]`; `None` for the only instance, and if the keys are unknown.
    pub key: Option<String>,
    /// Whether `count` or `for_each` creates several instances.
    pub is_repeated: bool,
    /// The module that it calls.
    pub module: Module,
}

impl ModuleCall {
    /// Whether it is one of several instances, and which one is unknown.
    #[must_use]
    pub fn is_unknown_instance(&self) -> bool {
        self.is_repeated && self.key.is_none()
    }
}

impl Module {
    /// The same module at an address, without its calls. The files and values are shared.
    pub(in crate::terraform) fn at(&self, address: Option<String>, is_installed: bool) -> Self {
        Self {
            dir: self.dir.clone(),
            address,
            canonical_dir: self.canonical_dir.clone(),
            files: self.files.clone(),
            blocks: self.blocks.clone(),
            json_files: self.json_files.clone(),
            calls: Vec::new(),
            missing: Vec::new(),
            is_shared_module: self.is_shared_module,
            is_installed,
            is_outside: self.is_outside,
            tf_folders: self.tf_folders.clone(),
            replaced: self.replaced.clone(),
            region: self.region.clone(),
            given_regions: self.given_regions.clone(),
            default_tags: self.default_tags.clone(),
            values: self.values.clone(),
        }
    }

    /// The key of the call's instance that this module is, `["a"]` or `[0]`; `None` for the only instance, and if the keys are unknown.
    pub(in crate::terraform) fn instance_key(&self) -> Option<&str> {
        self.address.as_deref().and_then(key_of_module)
    }

    /// This module and all modules that it calls, callers first.
    #[must_use]
    pub fn modules(&self) -> Vec<&Self> {
        let mut modules = vec![self];
        modules.extend(self.calls.iter().flat_map(|call| call.module.modules()));
        modules
    }

    /// Whether egress-doctor may edit its files.
    #[must_use]
    pub fn is_editable(&self) -> bool {
        !self.is_installed && !self.is_outside
    }

    /// The expression of an attribute. The expression in an override file has precedence.
    pub(in crate::terraform) fn expression<'a>(
        &'a self,
        file: &'a File,
        block: &'a Block,
        name: &str,
    ) -> Option<Expr<'a>> {
        let mut overrides = self.overrides_of(block).rev();
        let other = overrides.find_map(|(file, same)| Some(file.expression(same.body.attribute(name)?)));
        other.or_else(|| block.body.attribute(name).map(|attribute| file.expression(attribute)))
    }

    /// The text of an attribute's expression. The expression in an override file has precedence.
    pub(in crate::terraform) fn merged<'a>(
        &'a self,
        file: &'a File,
        block: &'a Block,
        name: &str,
    ) -> Option<&'a str> {
        self.expression(file, block, name).map(|expression| expression.text)
    }

    /// The region of a resource: its own argument, which the AWS provider accepts from version 6 on, or the region of its provider;
    /// `None` if unknown.
    #[must_use]
    pub fn region_of(&self, file: &File, block: &Block) -> Option<String> {
        if let Some(own) = self.expression(file, block, "region") {
            return self.evaluate(own);
        }
        match block.body.attribute("provider") {
            None => self.region.clone(),
            Some(provider) => self.region_of_provider(&file.expression(provider).reference()?),
        }
    }

    /// The region of a provider of this module, `aws` or `aws.oregon`; `None` if unknown.
    pub(in crate::terraform) fn region_of_provider(&self, reference: &str) -> Option<String> {
        if reference == "aws" {
            return self.region.clone();
        }
        match self.provider(reference) {
            Some((file, provider)) => self.evaluate(file.expression(provider.body.attribute("region")?)),
            None => self.given_regions.get(reference).cloned(),
        }
    }

    /// The block of an AWS provider with an alias, `aws.oregon`.
    pub(in crate::terraform) fn provider(&self, reference: &str) -> Option<(&File, &Block)> {
        let alias = reference.strip_prefix("aws.")?;
        self.blocks("provider").find(|(file, provider)| {
            let own = provider.body.attribute("alias").map(|own| file.value(own).trim_matches('"'));
            provider.kind() == Some("aws") && own == Some(alias)
        })
    }

    /// The full address of a resource block, from the root module: `module.app.aws_vpc.main`.
    #[must_use]
    pub fn address_of(&self, block: &Block) -> ResourceAddress {
        ResourceAddress::new(
            self.address.as_deref(),
            block.kind().unwrap_or_default(),
            block.name().unwrap_or_default(),
        )
    }

    /// `file:line` of the block in an override file that changes a block.
    #[must_use]
    pub fn overridden(&self, block: &Block) -> Option<String> {
        let (file, same) = self.overrides_of(block).next()?;
        Some(format!("{}:{}", file.path.display(), file.line(same.span.start)))
    }

    /// The block in the last override file that sets an argument or has a nested block of a type, or else the block itself.
    pub(in crate::terraform) fn block_with<'a>(
        &'a self,
        (file, block): (&'a File, &'a Block),
        name: &str,
    ) -> (&'a File, &'a Block) {
        self.overrides_of(block).rev().find(|(_, other)| other.sets(name)).unwrap_or((file, block))
    }

    /// `file:line` of the block in an override file that changes more of a block than these arguments and nested blocks.
    pub(in crate::terraform) fn overridden_beside(&self, block: &Block, names: &[&str]) -> Option<String> {
        let is_other = |(_, other): &(&File, &Block)| !other.sets_only(names);
        let (file, same) = self.overrides_of(block).find(is_other)?;
        Some(format!("{}:{}", file.path.display(), file.line(same.span.start)))
    }

    /// The blocks in override files that change a block.
    fn overrides_of<'a>(
        &'a self,
        block: &'a Block,
    ) -> impl DoubleEndedIterator<Item = (&'a File, &'a Block)> {
        let labels: Vec<&str> = block.labels.iter().map(String::as_str).collect();
        let same = self.blocks.find_overrides(&self.files, &block.block_type, &labels);
        same.filter(|(_, other)| other.labels == block.labels)
    }

    /// The expression of the provider's default tags.
    pub(in crate::terraform) fn default_tags(&self) -> Option<&str> {
        self.default_tags.as_deref()
    }

    /// Whether `count` or `for_each` creates no instance of a block; `None` if unknown.
    #[must_use]
    pub fn is_disabled(&self, file: &File, block: &Block) -> Option<bool> {
        let is_repeated =
            ["count", "for_each"].iter().any(|name| self.expression(file, block, name).is_some());
        if !is_repeated {
            return Some(false);
        }
        self.instance_keys(&self.values, file, block).map(|keys| keys.is_empty())
    }

    /// The keys of a block's instances, `[0]` or `["a"]`, with these values of variables; `None` for a block without
    /// `count` and `for_each`, and if they are unknown.
    pub(in crate::terraform) fn instance_keys(
        &self,
        values: &Values,
        file: &File,
        block: &Block,
    ) -> Option<Vec<String>> {
        let written = |name: &str| self.expression(file, block, name);
        let quoted = |key: &String| format!("[{}]", quoted(key));
        if let Some(count) = written("count") {
            let count = self.known_number(values, count.tree()?.as_ref());
            return count
                .map(|count| (0..count.min(INSTANCES)).map(|number| format!("[{number}]")).collect());
        }
        let each = written("for_each")?;
        // `for_each = aws_eip.nat` has the instances of that block.
        if let Some(reference) = each.reference()
            && let [kind, name] = *reference.split('.').collect::<Vec<_>>()
            && let Some((file, of)) = self.block("resource", &[kind, name]).filter(|(_, of)| *of != block)
            && of.body.attribute("for_each").is_some()
        {
            return self.instance_keys(values, file, of);
        }
        match values.value(each) {
            Some(Value::Object(fields)) => Some(fields.keys().map(quoted).collect()),
            Some(Value::Array(list)) => {
                let texts: Option<Vec<String>> =
                    list.iter().map(|one| one.as_str().map(str::to_owned)).collect();
                Some(texts.unwrap_or_default().iter().map(quoted).collect())
            }
            _ => self.known_keys(values, each.tree()?.as_ref()).map(|keys| keys.iter().map(quoted).collect()),
        }
    }

    /// Whether `count` creates one instance or none, `var.enabled ? 1 : 0`, or is known to create one.
    pub(in crate::terraform) fn is_switch(&self, file: &File, block: &Block) -> bool {
        let count = block.body.attribute("count").map(|count| file.expression(count));
        count.is_some_and(|count| self.evaluate(count).as_deref() == Some("1"))
            || self.is_optional(file, block)
    }

    /// Whether `count` creates one instance or none, `var.enabled ? 1 : 0`.
    pub(in crate::terraform) fn is_optional(&self, file: &File, block: &Block) -> bool {
        let Some(count) = block.body.attribute("count").map(|count| file.expression(count)) else {
            return false;
        };
        count.tree().is_some_and(|tree| self.is_zero_or_one(&tree))
    }

    /// Whether a number is 1 or 0, `var.enabled ? 1 : 0`.
    pub(in crate::terraform) fn is_zero_or_one(&self, count: &Expression) -> bool {
        let mut tree = Some(count.clone());
        // Through locals: `local.enabled`.
        for _ in 0..LOCALS {
            let local = tree.as_ref().and_then(|tree| Expr::parsed("", tree).local());
            let Some(written) = local.and_then(|name| self.local(&name)) else { break };
            tree = parse(written);
        }
        tree.is_some_and(|tree| is_zero_or_one(&tree))
    }

    /// The number of references to a variable in the code.
    #[must_use]
    pub fn uses_of_variable(&self, name: &str) -> usize {
        self.files.iter().map(|file| uses_of_variable(&file.text, name)).sum()
    }

    /// Every block of a block type with its file, except in override files.
    pub fn blocks<'a>(&'a self, kind: &str) -> impl Iterator<Item = (&'a File, &'a Block)> {
        self.blocks.find(&self.files, kind, &[])
    }

    /// The block with a block type and these labels, except in override files.
    pub(in crate::terraform) fn block(&self, block_type: &str, labels: &[&str]) -> Option<(&File, &Block)> {
        self.blocks.find(&self.files, block_type, labels).find(|(_, block)| block.labels == labels)
    }

    /// Every resource of a type.
    pub fn resources<'a>(&'a self, of: &str) -> impl Iterator<Item = (&'a File, &'a Block)> {
        self.blocks.find(&self.files, "resource", &[of])
    }

    /// Every data source of a type.
    pub fn data<'a>(&'a self, of: &str) -> impl Iterator<Item = (&'a File, &'a Block)> {
        self.blocks.find(&self.files, "data", &[of])
    }

    /// Whether `variable "name"` is declared.
    #[must_use]
    pub fn has_variable(&self, name: &str) -> bool {
        self.block("variable", &[name]).is_some()
    }

    /// Whether this module declares the target of a reference: `aws_vpc.main`, `data.aws_vpc.main`,
    /// `var.name`, `local.name`, `module.name`.
    pub(in crate::terraform) fn declares(&self, reference: &str) -> bool {
        let parts: Vec<&str> = reference.split('.').collect();
        let has = |kind: &str, labels: &[&str]| self.block(kind, labels).is_some();
        match parts.as_slice() {
            ["var", name] => has("variable", &[name]),
            ["module", name] => has("module", &[name]),
            ["data", of, name] => has("data", &[of, name]),
            ["local", name] => self.local(name).is_some(),
            [of, name] => has("resource", &[of, name]),
            _ => false,
        }
    }

    /// The value of an expression as text; `None` if unknown without Terraform.
    pub(in crate::terraform) fn evaluate<'e>(&self, expression: impl Into<Expr<'e>>) -> Option<String> {
        self.values.text(expression)
    }

    /// The expression of a local.
    pub(in crate::terraform) fn local(&self, name: &str) -> Option<&str> {
        self.values.locals.get(name).map(String::as_str)
    }

    /// The known parts of an expression's text.
    pub(in crate::terraform) fn pattern<'e>(&self, expression: impl Into<Expr<'e>>) -> Pattern {
        self.values.pattern(expression)
    }

    /// The reason why an expression is unknown; `None` if it is known.
    pub(in crate::terraform) fn why_unknown<'e>(&self, expression: impl Into<Expr<'e>>) -> Option<String> {
        self.values.why_unknown(expression)
    }

    /// The value of an expression that is a list of strings.
    pub(in crate::terraform) fn texts<'e>(&self, expression: impl Into<Expr<'e>>) -> Option<Vec<String>> {
        let list = self.value(expression)?;
        list.as_array()?.iter().map(|one| one.as_str().map(str::to_owned)).collect()
    }

    /// The instance keys that a `for_each` with this value creates.
    pub(in crate::terraform) fn keys<'e>(&self, expression: impl Into<Expr<'e>>) -> Option<Vec<String>> {
        let expression = expression.into();
        match self.value(expression) {
            Some(Value::Object(fields)) => Some(fields.keys().cloned().collect()),
            Some(Value::Array(list)) => list.iter().map(|one| one.as_str().map(str::to_owned)).collect(),
            Some(_) => None,
            None => self.known_keys(&self.values, expression.tree()?.as_ref()),
        }
    }

    /// The value of an expression; `None` if unknown without Terraform.
    pub(in crate::terraform) fn value<'e>(&self, expression: impl Into<Expr<'e>>) -> Option<Value> {
        self.values.value(expression)
    }
}
