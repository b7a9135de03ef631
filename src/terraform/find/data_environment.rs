//! Code that reads the settings of its environment from a YAML or JSON file whose path a variable of the root module decides:
//! `yamldecode(file("config/${var.environment}.yaml"))`. Changes nothing.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use hcl_edit::expr::{Expression, FuncCall, TraversalOperator};
use hcl_edit::visit::{Visit, visit_expr, visit_func_call};

use crate::terraform::lang::expression::{Expr, parse, without_parentheses};
use crate::terraform::lang::partial::references;
use crate::terraform::read::config::Config;
use crate::terraform::read::module::Module;

/// Limit of the locals that lead to a variable.
const DEPTH: usize = 8;

/// The data file of this run, and what decides it.
pub(in crate::terraform) struct DataEnvironment {
    /// `var.environment`, in the root module.
    pub reference: String,
    /// `prod`
    pub value: String,
    /// The files that other values lead to.
    pub others: Vec<String>,
}

/// The data file that decides the environment; `None` if the path of none depends on a variable, or there is no other file like it.
pub(in crate::terraform) fn data_environment(config: &Config) -> Option<DataEnvironment> {
    let root = &config.root_module;
    let mut paths = Paths::default();
    for text in root.values.locals.values() {
        if let Some(tree) = parse(text).filter(|_| text.contains("file(")) {
            paths.visit_expr(&tree);
        }
    }
    paths.found.iter().find_map(|(path, names)| {
        let [reference] = names.iter().collect::<Vec<_>>()[..] else { return None };
        let value = root.evaluate(Expr::from(reference.as_str()))?;
        depends_on_variable(root, reference, DEPTH).then_some(())?;
        let own = PathBuf::from(root.evaluate(Expr::from(path.as_str()))?);
        let own = own.strip_prefix("./").unwrap_or(&own);
        let text = config.data_text(own.to_str()?)?;
        let keys = keys(&text);
        let is_like = |other: &PathBuf| {
            let other = other.to_str().and_then(|path| config.data_text(path));
            other.is_some_and(|text| !self::keys(&text).is_disjoint(&keys))
        };
        let ending = own.extension()?.to_owned();
        let is_data = |path: &Path| path.extension() == Some(&ending);
        let others: Vec<String> = files_like(&config.root, own, &is_data)
            .into_iter()
            .filter(|path| path != own && is_like(path))
            .map(|path| path.display().to_string())
            .collect();
        (!others.is_empty()).then(|| DataEnvironment { reference: reference.clone(), value, others })
    })
}

/// The files of a kind in the same folder as a file, and those with its name in the folders beside its folder: `env/prod.yaml` and
/// `env/dev.yaml`, `env/prod/main.yaml` and `env/dev/main.yaml`.
pub(super) fn files_like(root: &Path, own: &Path, is_kind: &dyn Fn(&Path) -> bool) -> BTreeSet<PathBuf> {
    let (Some(dir), Some(name)) = (own.parent(), own.file_name()) else { return BTreeSet::new() };
    let below = |dir: &Path| -> Vec<PathBuf> {
        let entries = fs::read_dir(root.join(dir)).into_iter().flatten().filter_map(Result::ok);
        entries.map(|entry| dir.join(entry.file_name())).collect()
    };
    let beside = below(dir).into_iter().filter(|path| is_kind(path));
    let other_dirs = dir.parent().filter(|_| dir.file_name().is_some()).map(below).unwrap_or_default();
    let same_name = other_dirs.into_iter().map(|dir| dir.join(name));
    beside.chain(same_name).filter(|path| root.join(path).is_file()).collect()
}

/// Whether a reference leads to a variable of the root module.
fn depends_on_variable(root: &Module, reference: &str, depth: usize) -> bool {
    let Some(depth) = depth.checked_sub(1) else { return false };
    match reference.strip_prefix("local.") {
        Some(name) => root.local(name).is_some_and(|text| {
            references(&format!("x = {text}\n")).iter().any(|one| depends_on_variable(root, one, depth))
        }),
        None => reference.starts_with("var."),
    }
}

/// The first keys of a JSON object or of a YAML document with one key in each line.
fn keys(text: &str) -> BTreeSet<String> {
    if let Ok(serde_json::Value::Object(fields)) = serde_json::from_str(text) {
        return fields.keys().cloned().collect();
    }
    let is_key = |line: &&str| line.starts_with(|c: char| c.is_alphanumeric() || c == '"' || c == '_');
    let names = text.lines().filter(is_key).filter_map(|line| line.split_once(':'));
    names.map(|(key, _)| key.trim_matches(['"', '\'']).to_owned()).collect()
}

/// The paths of the files that are decoded, as they are written, each with the references in it.
#[derive(Default)]
struct Paths {
    found: Vec<(String, BTreeSet<String>)>,
}

impl Visit for Paths {
    fn visit_func_call(&mut self, call: &FuncCall) {
        let decoded = ["yamldecode", "jsondecode"].contains(&call.name.name.as_str());
        if let Some(Expression::FuncCall(read)) = call.args.iter().next().map(without_parentheses)
            && decoded
            && read.name.name.as_str() == "file"
            && let Some(path) = read.args.iter().next()
        {
            let mut names = Names::default();
            names.visit_expr(path);
            self.found.push((path.to_string().trim().to_owned(), names.found));
        }
        visit_func_call(self, call);
    }
}

/// `var.x` and `local.x`.
#[derive(Default)]
struct Names {
    found: BTreeSet<String>,
}

impl Visit for Names {
    fn visit_expr(&mut self, node: &Expression) {
        if let Expression::Traversal(traversal) = node
            && let Expression::Variable(root) = &traversal.expr
            && ["var", "local"].contains(&root.as_str())
        {
            let name = traversal.operators.first().map(hcl_edit::Decorated::value);
            if let Some(TraversalOperator::GetAttr(name)) = name {
                self.found.insert(format!("{}.{}", root.as_str(), name.as_str()));
            }
        }
        visit_expr(self, node);
    }
}
