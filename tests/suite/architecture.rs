//! The layering of `src/`: which module may import which, and that no files import each other in a cycle.
//!
//! Reads the source as tokens, so that comments and strings do not count. Counts every `use` and every other path that
//! begins with `crate::` or `super::`. A name that a `mod.rs` re-exports counts as an import of the file that defines it.
//! Unit tests (`#[cfg(test)]`) may import anything.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use proc_macro2::{Delimiter, TokenStream, TokenTree};

use crate::support::repository;

/// What each module of `src/` may import, lowest layer first. A module may always import from itself.
const LAYERS: &[(&str, &[&str])] = &[
    ("files", &[]),
    ("process", &["files"]),
    ("text", &[]),
    ("model", &["text"]),
    ("scenario", &["files", "model"]),
    ("evidence", &["text", "model"]),
    ("reach", &["model"]),
    ("diagnose", &["text", "model", "evidence", "reach"]),
    ("path_map", &["text", "model", "evidence", "reach", "diagnose"]),
    ("discover", &["files", "text", "model", "evidence"]),
    ("remedy", &["text", "model", "evidence", "reach", "diagnose"]),
    ("terraform", &["files", "process", "text", "model", "reach", "remedy"]),
    ("case", &["model", "evidence", "diagnose", "remedy", "terraform"]),
    ("cli", &["terraform"]),
    (
        "report",
        &["text", "model", "evidence", "reach", "diagnose", "path_map", "remedy", "terraform", "case"],
    ),
    (
        "app",
        &[
            "text",
            "model",
            "scenario",
            "evidence",
            "reach",
            "diagnose",
            "path_map",
            "discover",
            "remedy",
            "terraform",
            "case",
            "report",
        ],
    ),
    ("config", &["files", "text", "terraform", "cli", "app"]),
    (
        "ui",
        &[
            "text",
            "model",
            "scenario",
            "evidence",
            "reach",
            "diagnose",
            "path_map",
            "remedy",
            "terraform",
            "case",
            "report",
            "app",
        ],
    ),
    (
        "terminal",
        &[
            "files",
            "process",
            "text",
            "model",
            "scenario",
            "evidence",
            "remedy",
            "discover",
            "terraform",
            "case",
            "report",
            "app",
            "ui",
        ],
    ),
    (
        "command",
        &[
            "files",
            "process",
            "text",
            "model",
            "scenario",
            "evidence",
            "diagnose",
            "discover",
            "remedy",
            "terraform",
            "case",
            "cli",
            "report",
            "app",
            "config",
            "ui",
            "terminal",
        ],
    ),
    ("main", &["files", "cli", "command"]),
];

/// What each part of `src/terraform/` may import of the others. Only `mod.rs`, the list of public names, imports all.
const TERRAFORM: &[(&str, &[&str])] = &[
    ("lang", &[]),
    ("answer", &["lang"]),
    ("error", &["lang", "answer"]),
    ("read", &["lang", "answer", "error"]),
    ("changeset", &["lang", "error", "read"]),
    ("diff", &["changeset"]),
    ("find", &["lang", "answer", "error", "read"]),
    ("edit", &["lang", "answer", "error", "read", "changeset", "find"]),
    ("prove", &["lang", "answer", "error", "read", "changeset"]),
    ("write", &["lang", "answer", "error", "read", "changeset"]),
];

/// A module by its path from the crate's root: `["terraform", "read", "config"]`.
type Module = Vec<String>;

#[test]
fn every_import_points_downwards_and_no_files_form_a_cycle() {
    let sources = sources(&repository("src"));
    assert!(sources.len() > 150, "only {} files of src/ were found", sources.len());
    assert_eq!(faults(&sources), Vec::<String>::new());
}

#[test]
fn an_upward_import_is_reported_wherever_it_is_written() {
    for line in [
        "use crate::report::cost;",
        "use crate::{model::Subnet, report::cost};",
        "fn shown() -> String { crate::report::cost(\"\") }",
        "fn shown() -> String { format!(\"{}\", super::super::super::super::report::cost(\"\")) }",
    ] {
        let mut sources = sources(&repository("src"));
        let file = path(&["terraform", "edit", "network", "vpc_dns"]);
        sources.get_mut(&file).expect("the file that this test plants an import in").push_str(line);
        sources.insert(path(&["report"]), "pub fn cost(text: &str) -> String { text.to_owned() }".to_owned());
        let found = faults(&sources);
        assert_eq!(
            found,
            [
                "terraform::edit::network::vpc_dns imports report::cost: src/terraform may import files, process, text, model, reach, remedy"
            ],
            "{line}"
        );
    }
}

#[test]
fn an_import_against_the_terraform_stages_is_reported() {
    let mut sources = sources(&repository("src"));
    sources
        .get_mut(&path(&["terraform", "find", "score"]))
        .expect("the file that this test plants an import in")
        .push_str("use crate::terraform::edit::text::splice::Splice;");
    let found = faults(&sources);
    assert!(
        found.contains(
            &"terraform::find::score imports terraform::edit::text::splice: src/terraform/find may import lang, answer, error, read"
                .to_owned()
        ),
        "{found:?}"
    );
}

#[test]
fn a_cycle_of_files_is_reported_with_its_files() {
    let mut sources = sources(&repository("src"));
    for (file, line) in [
        (path(&["model", "planted"]), "use super::planted_too::Two; pub struct One(Two);"),
        (path(&["model", "planted_too"]), "use crate::model::One; pub struct Two(Box<One>);"),
    ] {
        sources.insert(file, line.to_owned());
    }
    sources
        .get_mut(&path(&["model"]))
        .expect("the file that this test plants a re-export in")
        .push_str("pub use planted::One;");
    assert_eq!(
        faults(&sources),
        ["these files import each other in a cycle: model::planted, model::planted_too"]
    );
}

fn path(parts: &[&str]) -> Module {
    parts.iter().map(|part| (*part).to_owned()).collect()
}

/// The text of each file below a folder, by its module. `mod.rs` is the folder's own module.
fn sources(src: &Path) -> BTreeMap<Module, String> {
    let mut found = BTreeMap::new();
    let mut open = vec![(src.to_owned(), Module::new())];
    while let Some((folder, module)) = open.pop() {
        for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
            let name = entry.file_name().into_string().unwrap();
            let mut module = module.clone();
            if entry.path().is_dir() {
                module.push(name);
                open.push((entry.path(), module));
            } else if let Some(stem) = name.strip_suffix(".rs") {
                if stem != "mod" && stem != "lib" {
                    module.push(stem.to_owned());
                }
                found.insert(module, fs::read_to_string(entry.path()).unwrap());
            }
        }
    }
    found
}

/// Every import that the two tables do not allow, and every cycle, one sentence each.
fn faults(sources: &BTreeMap<Module, String>) -> Vec<String> {
    let imports = imports(sources);
    let mut faults = Vec::new();
    for (from, targets) in &imports {
        for to in targets {
            faults.extend(forbidden(from, to));
        }
    }
    faults.extend(cycles(&imports).iter().map(|files| {
        let names: Vec<String> = files.iter().map(|file| name(file.as_slice())).collect();
        format!("these files import each other in a cycle: {}", names.join(", "))
    }));
    faults
}

/// Why a module may not import another one; `None` where it may.
fn forbidden(from: &Module, to: &Module) -> Option<String> {
    let (layer, target) = (from.first()?, to.first()?);
    let (folder, table, from_part, to_part) = if layer != target {
        ("src".to_owned(), LAYERS, layer, target)
    } else if layer == "terraform" {
        // `mod.rs` of the stages lists all of them; nothing of theirs may import it.
        let from_part = from.get(1)?;
        let Some(to_part) = to.get(1) else {
            return Some(format!("{} imports its parent {}", name(from), name(to)));
        };
        ("src/terraform".to_owned(), TERRAFORM, from_part, to_part)
    } else {
        return None;
    };
    if from_part == to_part {
        return None;
    }
    let allowed = table.iter().find(|(part, _)| part == from_part).map(|(_, allowed)| *allowed);
    let Some(allowed) = allowed else {
        return Some(format!(
            "{} is in no layer: add {folder}/{from_part} to the table of this test",
            name(from)
        ));
    };
    (!allowed.contains(&to_part.as_str())).then(|| {
        format!("{} imports {}: {folder}/{from_part} may import {}", name(from), name(to), allowed.join(", "))
    })
}

fn name(module: &[String]) -> String {
    module.join("::")
}

/// Which modules each module imports. Re-exports are followed to the module that defines the name.
fn imports(sources: &BTreeMap<Module, String>) -> BTreeMap<Module, BTreeSet<Module>> {
    let read: BTreeMap<&Module, Vec<Import>> =
        sources.iter().map(|(module, text)| (module, read_imports(module, text))).collect();
    let mut exported: BTreeMap<(Module, String), Module> = BTreeMap::new();
    for (module, list) in &read {
        for import in list.iter().filter(|import| import.is_public) {
            exported
                .insert(((*module).clone(), import.name.clone()), absolute(sources, module, &import.path));
        }
    }
    let edges = read.iter().map(|(module, list)| {
        let targets = list.iter().map(|import| {
            let path = absolute(sources, module, &import.path);
            defining(sources, &exported, &path, 8)
        });
        ((*module).clone(), targets.filter(|target| target != *module && !target.is_empty()).collect())
    });
    edges.collect()
}

/// A path from the crate's root: `super::x` and, in a `mod.rs`, `child::x` are completed; a path of another crate is empty.
fn absolute(sources: &BTreeMap<Module, String>, module: &Module, path: &[String]) -> Module {
    let mut whole = module.clone();
    let mut rest = path;
    match path.first().map(String::as_str) {
        Some("crate") => {
            whole.clear();
            rest = rest.get(1..).unwrap_or_default();
        }
        Some("self") => rest = rest.get(1..).unwrap_or_default(),
        Some("super") => {
            while rest.first().is_some_and(|part| part == "super") {
                whole.pop();
                rest = rest.get(1..).unwrap_or_default();
            }
        }
        Some(first) => {
            let child: Module = module.iter().cloned().chain([first.to_owned()]).collect();
            if !sources.contains_key(&child) {
                return Module::new();
            }
        }
        None => return Module::new(),
    }
    whole.extend(rest.iter().cloned());
    whole
}

/// The module that defines what a path names.
fn defining(
    sources: &BTreeMap<Module, String>,
    exported: &BTreeMap<(Module, String), Module>,
    path: &Module,
    depth: usize,
) -> Module {
    let mut module = path.clone();
    while !module.is_empty() && !sources.contains_key(&module) {
        module.pop();
    }
    let next = path.get(module.len()).and_then(|name| exported.get(&(module.clone(), name.clone())));
    match next {
        Some(inner) if depth > 0 && inner != path => {
            let rest = path.get(module.len() + 1..).unwrap_or_default();
            let inner = inner.iter().chain(rest).cloned().collect();
            defining(sources, exported, &inner, depth - 1)
        }
        _ => module,
    }
}

struct Import {
    path: Vec<String>,
    /// The name that it has here.
    name: String,
    is_public: bool,
}

/// Every `use`, and every other path that begins with `crate` or `super`.
fn read_imports(module: &Module, text: &str) -> Vec<Import> {
    let tokens: TokenStream =
        text.parse().unwrap_or_else(|error| panic!("{} is no Rust source: {error}", name(module)));
    let mut found = Vec::new();
    collect(tokens, 0, &mut found);
    found
}

/// `depth` is how many inline modules the tokens are in: `super` means one less there.
fn collect(tokens: TokenStream, depth: usize, found: &mut Vec<Import>) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let word = |at: usize| match tokens.get(at) {
        Some(TokenTree::Ident(ident)) => ident.to_string(),
        Some(TokenTree::Punct(punct)) => punct.as_char().to_string(),
        _ => String::new(),
    };
    let (mut at, mut is_test, mut is_public) = (0, false, false);
    while let Some(token) = tokens.get(at) {
        match token {
            TokenTree::Punct(punct) if punct.as_char() == '#' => {
                let attribute = tokens.get(at + 1).map(ToString::to_string).unwrap_or_default();
                let attribute = attribute.replace(' ', "");
                is_test |= attribute.starts_with("[cfg(test)") || attribute.starts_with("[cfg(all(test,");
                at += 2;
                continue;
            }
            TokenTree::Ident(ident) if ident == "pub" => {
                is_public = true;
                at += 1;
                // `pub(crate)`, `pub(in crate::terraform)` import nothing.
                if matches!(tokens.get(at), Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Parenthesis)
                {
                    at += 1;
                }
                continue;
            }
            TokenTree::Ident(ident) if ident == "mod" => {
                if let Some(TokenTree::Group(body)) = tokens.get(at + 2) {
                    if !is_test {
                        collect(body.stream(), depth + 1, found);
                    }
                    at += 3;
                    (is_test, is_public) = (false, false);
                    continue;
                }
            }
            TokenTree::Ident(ident) if ident == "use" => {
                let end = (at..tokens.len()).find(|place| word(*place) == ";").unwrap_or(tokens.len());
                let tree: Vec<TokenTree> = tokens.get(at + 1..end).unwrap_or_default().to_vec();
                if !is_test {
                    let first = found.len();
                    use_tree(&tree, &[], is_public, found);
                    for import in found.iter_mut().skip(first) {
                        leave_inline_modules(&mut import.path, depth);
                    }
                }
                at = end + 1;
                (is_test, is_public) = (false, false);
                continue;
            }
            TokenTree::Ident(ident) if ident == "crate" || ident == "super" => {
                let mut path = vec![ident.to_string()];
                while word(at + 1) == ":" && word(at + 2) == ":" {
                    let Some(TokenTree::Ident(next)) = tokens.get(at + 3) else { break };
                    path.push(next.to_string());
                    at += 3;
                }
                leave_inline_modules(&mut path, depth);
                if path.len() > 1 && path.first().is_some_and(|part| part == "crate" || part == "super") {
                    let name = path.last().cloned().unwrap_or_default();
                    found.push(Import { path, name, is_public: false });
                }
            }
            TokenTree::Group(group) if !is_test => collect(group.stream(), depth, found),
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => {
                (is_test, is_public) = (false, false);
            }
            _ => {}
        }
        if matches!(tokens.get(at), Some(TokenTree::Punct(punct)) if punct.as_char() == ';')
            || matches!(tokens.get(at), Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace)
        {
            (is_test, is_public) = (false, false);
        }
        at += 1;
    }
}

/// Inside an inline module the first `super` is the file itself.
fn leave_inline_modules(path: &mut Vec<String>, depth: usize) {
    let supers = path.iter().take_while(|part| *part == "super").count();
    path.drain(..supers.min(depth));
}

/// One import for each name of a `use`.
fn use_tree(tree: &[TokenTree], before: &[String], is_public: bool, found: &mut Vec<Import>) {
    let mut path = before.to_vec();
    let mut name = None;
    let mut tokens = tree.iter();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Ident(ident) if ident == "as" => {
                name = tokens.next().map(ToString::to_string);
            }
            TokenTree::Ident(ident) => path.push(ident.to_string()),
            TokenTree::Group(group) => {
                let inner: Vec<TokenTree> = group.stream().into_iter().collect();
                let is_comma =
                    |token: &TokenTree| matches!(token, TokenTree::Punct(punct) if punct.as_char() == ',');
                for part in inner.split(is_comma).filter(|part| !part.is_empty()) {
                    use_tree(part, &path, is_public, found);
                }
                return;
            }
            TokenTree::Punct(_) | TokenTree::Literal(_) => {}
        }
    }
    if path.last().is_some_and(|last| last == "self") {
        path.pop();
    }
    let name = name.or_else(|| path.last().cloned()).unwrap_or_default();
    found.push(Import { path, name, is_public });
}

/// The groups of files that import each other in a cycle.
fn cycles(imports: &BTreeMap<Module, BTreeSet<Module>>) -> Vec<Vec<Module>> {
    let imported_from = |from: &Module| {
        let (mut seen, mut open) = (BTreeSet::new(), vec![from.clone()]);
        while let Some(next) = open.pop() {
            for target in imports.get(&next).into_iter().flatten() {
                if seen.insert(target.clone()) {
                    open.push(target.clone());
                }
            }
        }
        seen
    };
    let reached: BTreeMap<&Module, BTreeSet<Module>> =
        imports.keys().map(|module| (module, imported_from(module))).collect();
    let mut found: BTreeSet<Vec<Module>> = BTreeSet::new();
    for (module, own) in &reached {
        if own.contains(*module) {
            let is_back = |other: &&Module| reached.get(*other).is_some_and(|back| back.contains(*module));
            found.insert(own.iter().filter(is_back).cloned().collect());
        }
    }
    found.into_iter().collect()
}
