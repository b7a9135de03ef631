//! Modules with the interfaces of public registry modules, so that Terraform can validate the calls without the registry.
//!
//! `tests/fixtures/registry-modules.txt` has the interfaces: names and types of arguments, names of outputs. The modules have no resources.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Component, Path, PathBuf};

use libtest_mimic::Failed;
use serde_json::{Value, json};

use crate::support;

const REGISTRY: &str = "registry.terraform.io/";
const MODULES: &str = ".terraform/modules";
const MANIFEST: &str = ".terraform/modules/modules.json";

/// The interface of a major version of a module.
pub struct Interface {
    source: String,
    major: u64,
    /// The arguments with their types, and whether they are required.
    arguments: BTreeMap<String, (String, bool)>,
    outputs: Vec<String>,
}

/// All interfaces of the table.
pub fn interfaces() -> Vec<Interface> {
    let table = fs::read_to_string(support::repository("tests/fixtures/registry-modules.txt")).unwrap();
    let mut all: Vec<Interface> = Vec::new();
    for line in table.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        if let Some(module) = line.strip_prefix("module ") {
            let (source, major) = module.split_once(' ').unwrap();
            let (source, major) = (source.to_owned(), major.parse().unwrap());
            all.push(Interface { source, major, arguments: BTreeMap::new(), outputs: Vec::new() });
            continue;
        }
        let (kind, names) = line.rsplit_once(" = ").unwrap();
        let names = names.split(' ').flat_map(expanded);
        let module = all.last_mut().unwrap();
        if kind == "outputs" {
            module.outputs.extend(names);
            continue;
        }
        let (kind, is_required) = kind.strip_prefix("required ").map_or((kind, false), |kind| (kind, true));
        for name in names {
            let earlier = module.arguments.insert(name.clone(), (kind.to_owned(), is_required));
            assert_eq!(earlier, None, "{name} of {} is twice in the table", module.source);
        }
    }
    all
}

/// The names that a name with braces stands for: `a_id` and `b_id` of `{a,b}_id`.
fn expanded(name: &str) -> Vec<String> {
    let Some((start, rest)) = name.split_once('{') else { return vec![name.to_owned()] };
    let (names, end) = rest.split_once('}').unwrap();
    names.split(',').flat_map(|one| expanded(&format!("{start}{one}{end}"))).collect()
}

impl Interface {
    /// The code of a module with this interface.
    fn code(&self) -> String {
        let mut code = String::new();
        for (name, (kind, is_required)) in &self.arguments {
            let default = if *is_required { "" } else { "  default = null\n" };
            writeln!(code, "variable \"{name}\" {{\n  type = {kind}\n{default}}}").unwrap();
        }
        for name in &self.outputs {
            writeln!(code, "output \"{name}\" {{\n  value = null\n}}").unwrap();
        }
        code
    }
}

/// Installs a module for each call of a registry module in a root and the local modules below it. A module that is not in the table may be
/// installed with the case.
///
/// # Errors
/// The table has no such module.
pub fn install(root: &Path) -> Result<(), String> {
    let mut installer = Installer { root, interfaces: interfaces(), entries: Vec::new() };
    installer.install(root, "", (root, ""))?;
    if installer.entries.is_empty() {
        return Ok(());
    }
    let mut entries = vec![json!({"Key": "", "Source": "", "Dir": "."})];
    entries.append(&mut installer.entries);
    fs::create_dir_all(root.join(MODULES)).unwrap();
    fs::write(root.join(MANIFEST), json!({ "Modules": entries }).to_string()).unwrap();
    Ok(())
}

struct Installer<'r> {
    root: &'r Path,
    interfaces: Vec<Interface>,
    /// The entries of the manifest.
    entries: Vec<Value>,
}

impl Installer<'_> {
    /// Installs the modules that a module calls. `key` is the key of the module in the manifest; `of` is the nearest folder with a manifest of
    /// its own, and the key of the module there.
    fn install(&mut self, module: &Path, key: &str, of: (&Path, &str)) -> Result<(), String> {
        let is_root = module.join(MANIFEST).exists();
        let (owner, own_key) = if is_root { (module, "") } else { of };
        for (name, source, version) in calls(module) {
            let join = |key: &str| if key.is_empty() { name.clone() } else { format!("{key}.{name}") };
            let (called, own_called) = (join(key), join(own_key));
            if source.starts_with('.') {
                // Terraform forgets the modules below a local one that is not in the manifest.
                let folder = module.join(&source);
                let dir = relative(self.root, &folder);
                self.entries.push(json!({"Key": called, "Dir": dir, "Source": source}));
                self.install(&folder, &called, (owner, &own_called))?;
                continue;
            }
            let is_known = self.interfaces.iter().any(|one| one.source == source);
            let folder = match installed(owner, &own_called).filter(|_| !is_known) {
                Some(folder) => folder,
                None => self.write(&source, version.as_deref())?,
            };
            let dir = relative(self.root, &folder);
            let is_registry = !source.contains("::");
            let mut entry = json!({"Key": called, "Dir": dir, "Source": source});
            if is_registry {
                entry["Source"] = format!("{REGISTRY}{source}").into();
                entry["Version"] = self.version(&source, version.as_deref())?.into();
            }
            self.entries.push(entry);
            self.install(&folder, &called, (owner, &own_called))?;
        }
        Ok(())
    }

    /// Writes the module of a source.
    fn write(&self, source: &str, version: Option<&str>) -> Result<PathBuf, String> {
        let interface = self.interface(source, version)?;
        let name = format!("{}-{}", source.replace('/', "-"), interface.major);
        let folder = self.root.join(MODULES).join(name);
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("main.tf"), interface.code()).unwrap();
        Ok(folder)
    }

    /// The interface of the version that a call permits, or of the newest version.
    fn interface(&self, source: &str, version: Option<&str>) -> Result<&Interface, String> {
        let major = version.map(|version| lowest(version)[0]);
        let own = self.interfaces.iter().filter(|one| one.source == source);
        let fitting = own.filter(|one| major.is_none_or(|major| one.major == major));
        fitting.max_by_key(|one| one.major).ok_or_else(|| {
            let version = version.map_or_else(String::new, |version| format!(" {version}"));
            format!("the code of {source}{version} is not available to tests")
        })
    }

    /// A version that a call permits.
    fn version(&self, source: &str, version: Option<&str>) -> Result<String, String> {
        let [major, minor, patch] = match version {
            Some(version) => lowest(version),
            None => [self.interface(source, version)?.major, 0, 0],
        };
        Ok(format!("{major}.{minor}.{patch}"))
    }
}

/// The path of a folder from another one.
fn relative(from: &Path, to: &Path) -> PathBuf {
    let mut names: Vec<Component<'_>> = Vec::new();
    for name in to.components() {
        if name == Component::ParentDir {
            names.pop();
        } else {
            names.push(name);
        }
    }
    let from: Vec<Component<'_>> = from.components().collect();
    let same = from.iter().zip(&names).take_while(|(one, other)| one == other).count();
    let up = from[same..].iter().map(|_| Component::ParentDir);
    up.chain(names[same..].iter().copied()).collect()
}

/// The first version in a constraint: 5.1.0 of `~> 5.1`.
fn lowest(constraint: &str) -> [u64; 3] {
    let first = constraint.split(',').next().unwrap();
    let number = first.trim_start_matches(|one: char| !one.is_ascii_digit());
    let mut parts = number.split('.').map(|part| part.parse().unwrap());
    std::array::from_fn(|_| parts.next().unwrap_or(0))
}

/// The folder of a module in the manifest of a root, if it has code.
fn installed(root: &Path, key: &str) -> Option<PathBuf> {
    let manifest: Value = serde_json::from_slice(&fs::read(root.join(MANIFEST)).ok()?).ok()?;
    let entry = manifest["Modules"].as_array()?.iter().find(|entry| entry["Key"] == key)?;
    let folder = root.join(entry["Dir"].as_str()?);
    let mut files = fs::read_dir(&folder).ok()?.map(|file| file.unwrap().path());
    files.any(|file| file.extension().is_some_and(|end| end == "tf")).then_some(folder)
}

/// The calls in a module: name, source and version.
fn calls(module: &Path) -> Vec<(String, String, Option<String>)> {
    let Ok(files) = fs::read_dir(module) else { return Vec::new() };
    let files = files.map(|file| file.unwrap().path());
    let mut all: Vec<(String, String, Option<String>)> = files
        .filter(|file| file.extension().is_some_and(|end| end == "tf"))
        .filter_map(|file| hcl::parse(&fs::read_to_string(file).unwrap()).ok())
        .flat_map(|body| {
            let blocks = body.into_blocks().filter(|block| block.identifier() == "module");
            let text = |block: &hcl::Block, name: &str| match block
                .body()
                .attributes()
                .find(|one| one.key() == name)?
                .expr()
            {
                hcl::Expression::String(text) => Some(text.clone()),
                _ => None,
            };
            let call = |block: hcl::Block| {
                let (source, version) = (text(&block, "source")?, text(&block, "version"));
                Some((block.labels()[0].as_str().to_owned(), source, version))
            };
            blocks.filter_map(call).collect::<Vec<_>>()
        })
        .collect();
    all.sort();
    all
}

/// The files of egress-doctor that know arguments and outputs of registry modules.
const EDITORS: [&str; 14] = [
    "edit/nat/cloudposse.rs",
    "edit/rule/cloudposse.rs",
    "edit/rule/database_groups.rs",
    "edit/endpoint/clients.rs",
    "edit/endpoint/entry.rs",
    "edit/endpoint/map.rs",
    "edit/network/public_subnets.rs",
    "edit/rule/registry_group.rs",
    "edit/rule/registry.rs",
    "edit/network/vpc_dns.rs",
    "edit/endpoint/vpc_module_switch.rs",
    "edit/nat/vpc_module.rs",
    "edit/nat/wrapped_vpc.rs",
    "find/registry.rs",
];
/// The other names with an underscore in these files: fields of entries in arguments, attributes of resources, and names of new resources.
const OTHER_NAMES: [&str; 22] = [
    "cidr_block",
    "cidr_blocks",
    "for_each",
    "gateway_endpoint",
    "interface_endpoint",
    "from_port",
    "ipv6_cidr_block",
    "ipv6_cidr_blocks",
    "prefix_list_ids",
    "private_dns_enabled",
    "private_nat_gateway",
    "route_table_ids",
    "rule_action",
    "rule_number",
    "security_groups",
    "service_endpoint",
    "service_name",
    "service_type",
    "source_security_group_id",
    "to_port",
    "vpc_endpoints",
    "app_runner",
];

/// Each name in these files is an argument or an output in the table.
pub fn check_known_names() -> Result<(), Failed> {
    let modules = interfaces();
    let is_in_table = |name: &str| {
        let has = |module: &Interface| {
            module.arguments.contains_key(name) || module.outputs.iter().any(|output| output == name)
        };
        modules.iter().any(has)
    };
    let mut unknown = Vec::new();
    for file in EDITORS {
        let text = fs::read_to_string(support::repository("src/terraform").join(file)).unwrap();
        let code = text.split("#[cfg(test)]").next().unwrap();
        let lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
        let names = lines.flat_map(|line| line.split('"').skip(1).step_by(2));
        let is_name = |name: &&str| {
            name.contains('_') && name.chars().all(|one| one.is_ascii_alphanumeric() || one == '_')
        };
        let names = names.filter(is_name).filter(|name| !name.starts_with("aws_") && !name.starts_with('_'));
        unknown.extend(
            names
                .filter(|name| !OTHER_NAMES.contains(name) && !is_in_table(name))
                .map(|name| format!("{file}: {name}")),
        );
    }
    if unknown.is_empty() {
        Ok(())
    } else {
        Err(format!("no registry module of the table has these names: {unknown:#?}").into())
    }
}
