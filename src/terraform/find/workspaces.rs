//! Finds the workspaces in which the code creates a service: evaluates the code with each name that can be a workspace.
//!
//! AWS has the names of the service and its connector. The workspace is a part of such a name, or the code lists it as a key or text.

use std::collections::BTreeSet;
use std::path::PathBuf;

use hcl_edit::expr::{Expression, Object, ObjectKey};
use hcl_edit::visit::{Visit, visit_expr, visit_object};

use crate::terraform::find::instances::{for_instance, instance_keys};
use crate::terraform::find::registry::{RegistryCall, RegistryModule};
use crate::terraform::lang::address::ResourceAddress;
use crate::terraform::lang::expression::{Expr, parse};
use crate::terraform::read::config::Config;
use crate::terraform::read::module::Module;
use crate::terraform::read::place::Place;

/// Limit of the names that are tried.
const NAMES: usize = 64;

/// A workspace in which the code creates the service.
pub(in crate::terraform) struct Workspace {
    pub name: String,
    /// The resource that is the service there.
    pub address: ResourceAddress,
    /// `main.tf:12`
    pub location: String,
}

/// The workspaces in which the code creates a service with this name; if the connector's name decides, only those with both. Empty if
/// the code does not depend on the workspace.
pub(in crate::terraform) fn workspaces_with(
    config: &Config,
    service: &str,
    connector: Option<&str>,
) -> Vec<Workspace> {
    let modules = config.modules();
    let mut files = modules.iter().flat_map(|module| module.files.iter());
    if !files.any(|file| file.text.contains("terraform.workspace")) {
        return Vec::new();
    }
    let names = names(&modules, service, connector);
    let Ok(roots) = config.in_workspaces(&names) else { return Vec::new() };
    let found: Vec<(Workspace, bool)> = names
        .into_iter()
        .zip(&roots)
        .filter_map(|(name, root)| {
            let (address, location) = named(root, ("aws_apprunner_service", "service_name"), service)?;
            let kind = ("aws_apprunner_vpc_connector", "vpc_connector_name");
            let has_connector = connector.is_some_and(|connector| named(root, kind, connector).is_some());
            Some((Workspace { name, address, location }, has_connector))
        })
        .collect();
    let is_decided = found.iter().any(|(_, has_connector)| *has_connector);
    found.into_iter().filter(|(_, has)| *has || !is_decided).map(|(workspace, _)| workspace).collect()
}

/// The variable file with which the code creates a service with this name, with the resource that is the service; `None` if another
/// number of the files that Terraform does not load has one.
pub(in crate::terraform) fn var_file_with(
    config: &Config,
    service: &str,
) -> Option<(PathBuf, ResourceAddress)> {
    let all = config.with_each_var_file().ok()?;
    let mut found = all.into_iter().filter_map(|(path, root)| {
        let (address, _) = named(&root, ("aws_apprunner_service", "service_name"), service)?;
        Some((path, address))
    });
    found.next().filter(|_| found.next().is_none())
}

/// The resource whose name is known to be this, also one of the App Runner module of the registry.
fn named(root: &Module, (kind, attribute): (&str, &str), name: &str) -> Option<(ResourceAddress, String)> {
    let of_call = || {
        root.modules().into_iter().find_map(|module| {
            module.blocks("module").find_map(|(file, block)| {
                let place = Place { module, file, block };
                let calls = RegistryCall::instances(place, RegistryModule::AppRunner);
                let call = calls.into_iter().find(|call| call.text(attribute).as_deref() == Some(name))?;
                let address = ResourceAddress::new(Some(&call.address()), kind, "this");
                Some((address, place.location()))
            })
        })
    };
    let of_block = root.modules().into_iter().find_map(|module| {
        module.resources(kind).find_map(|(file, block)| {
            let place = Place { module, file, block };
            let written = module.expression(file, block, attribute)?;
            let address = place.address_in_root();
            let address = match instance_keys(place) {
                None => (module.evaluate(written).as_deref() == Some(name)).then_some(address),
                Some(keys) => keys.into_iter().find_map(|key| {
                    let text = for_instance(place, &key, written.text);
                    let own = module.evaluate(Expr::from(&text))?;
                    (own == name).then(|| address.clone().with_key(key))
                }),
            };
            Some((address?, place.location()))
        })
    });
    of_block.or_else(of_call)
}

/// The names that can be a workspace: first the parts of the names in AWS, then the keys and texts in locals and defaults.
fn names(modules: &[&Module], service: &str, connector: Option<&str>) -> Vec<String> {
    let mut names = Names::default();
    for name in [Some(service), connector].into_iter().flatten() {
        let separators = || name.match_indices(['-', '_', '.', '/']);
        let starts = [0].into_iter().chain(separators().map(|(at, _)| at + 1));
        for start in starts {
            let ends = separators().map(|(at, _)| at).chain([name.len()]).filter(|end| *end > start);
            names.found.extend(ends.filter_map(|end| name.get(start..end).map(str::to_owned)));
        }
    }
    for module in modules {
        let locals = module.values.locals.values().filter_map(|text| parse(text));
        let defaults = module
            .blocks("variable")
            .filter_map(|(file, block)| parse(file.value(block.body.attribute("default")?)));
        locals.chain(defaults).for_each(|tree| names.visit_expr(&tree));
    }
    let is_name = |name: &String| {
        !name.is_empty()
            && name.len() <= 90
            && name.chars().all(|c| c.is_ascii_alphanumeric() || ['-', '_', '.', '~'].contains(&c))
    };
    let mut seen = BTreeSet::new();
    let names = names.found.into_iter().filter(|name| is_name(name) && seen.insert(name.clone()));
    names.take(NAMES).collect()
}

/// The keys and texts of expressions.
#[derive(Default)]
struct Names {
    found: Vec<String>,
}

impl Visit for Names {
    fn visit_expr(&mut self, node: &Expression) {
        self.found.extend(node.as_str().map(str::to_owned));
        visit_expr(self, node);
    }

    fn visit_object(&mut self, node: &Object) {
        for (key, _) in node {
            if let ObjectKey::Ident(name) = key {
                self.found.push(name.as_str().to_owned());
            }
        }
        visit_object(self, node);
    }
}
