//! A local module that the root module of another environment calls for this, and this one does not: writes the same call.
//!
//! The call is tried: the configuration is read with it, and the change is planned again. If the module then has the change and nothing
//! else, the call is the fix.

use std::fs;
use std::path::{Path, PathBuf};

use crate::model::Subnet;
use crate::remedy::{Change, Proposal};
use crate::terraform::edit::draft::Draft;
use crate::terraform::edit::nat::reenable::is_routed_to_internet;
use crate::terraform::edit::values::disabled_code::{full_name, is_of, kinds_of, only_in};
use crate::terraform::error::EditError;
use crate::terraform::find::finder::Finder;
use crate::terraform::find::origin::Origin;
use crate::terraform::lang::partial::references;
use crate::terraform::lang::render::quoted;
use crate::terraform::lang::structure::Block;
use crate::terraform::read::config::Config;
use crate::terraform::read::entry::roots_below;
use crate::terraform::read::file::{File, Texts, joined, relative};
use crate::terraform::read::module::Module;
use crate::terraform::read::module_files::ModuleFiles;
use crate::terraform::read::place::Place;

/// Limit of the root modules that are searched, and of the calls that are tried.
const ROOTS: usize = 24;
const TRIALS: usize = 4;
/// Beginnings of texts that are different in each environment.
const IDS: [&str; 8] = ["acl-", "igw-", "nat-", "pl-", "rtb-", "sg-", "subnet-", "vpc-"];

/// A call in another root module.
struct Call {
    /// Its place for the user.
    location: String,
    /// The folder of the module for the user.
    module: String,
    /// The name of the file that it is in.
    file: PathBuf,
    /// Whether it is the only block of that file.
    has_own_file: bool,
    /// The name of the module block before it.
    before: Option<String>,
    /// The block with the values of this environment.
    text: String,
    name: String,
}

/// Adds the call that has a change of the proposal. Returns `false`, and edits nothing, if no other environment has one. `plan` plans a
/// proposal for another configuration; its result is the reason why that is not possible.
///
/// # Errors
/// The service is not found.
pub(in crate::terraform::edit) fn add<'a>(
    draft: &mut Draft<'a>,
    (at, proposal): (usize, &Proposal),
    plan: &dyn Fn(&Config, &Proposal) -> Option<EditError>,
) -> Result<bool, EditError> {
    let Some(change @ (Change::CreateNat { .. } | Change::CreateGatewayEndpoint { .. })) =
        proposal.changes.get(at)
    else {
        return Ok(false);
    };
    let (config, root) = (draft.finder.config, &draft.finder.config.root_module);
    let is_nat = |change: &&Change| matches!(change, Change::CreateNat { .. });
    let has_several = proposal.changes.iter().filter(is_nat).count() > 1;
    let is_open = config.boundary.repository().is_some() && config.unit.is_none() && !has_several;
    let Some(kinds) = kinds_of(change).filter(|_| is_open && draft.finder.state.is_empty()) else {
        return Ok(false);
    };
    let wanted = Proposal { changes: vec![change.clone()], ..proposal.clone() };
    for call in calls(config, kinds.first).into_iter().take(TRIALS) {
        let Some(file) = file_for(root, &call) else { continue };
        let texts: Texts =
            [(file.path.clone(), format!("{}\n\n{}\n", file.text.trim_end(), call.text))].into();
        let Ok(edited) = config.with_texts(&texts) else { continue };
        let place = edited.root_module.block("module", &[&call.name]);
        let Some((file, block)) = place else { continue };
        let place = Place { module: &edited.root_module, file, block };
        let is_in_call = matches!(plan(&edited, &wanted), Some(EditError::AlreadyInCode { address, .. }) if is_of(&address, place));
        let added = only_in(&edited, config);
        let is_wanted = |kind: &str| kinds.first.contains(&kind) || kinds.with.contains(&kind);
        let has_more = added.iter().any(|one| !is_wanted(&one.kind))
            || added.iter().filter(|one| kinds.first.contains(&one.kind.as_str())).count() != 1
            || !only_in(config, &edited).is_empty();
        if !is_in_call || has_more || !is_in_public_subnet(draft, &edited, (place, change))? {
            continue;
        }
        if draft.finder.target.address.is_some() {
            draft.finder.enter(root)?;
        }
        insert(draft, &call);
        let tables = match change {
            Change::CreateNat { route_tables, .. } => route_tables.len(),
            _ => 1,
        };
        for address in added {
            let is_route =
                ["aws_route", "aws_vpc_endpoint_route_table_association"].contains(&address.kind.as_str());
            if is_route && address.key.is_none() {
                draft.instances.insert(address.clone(), tables);
            }
            draft.reenabled.push(address);
        }
        draft.note(&format!(
            "{} calls {} for this: this edit writes the same call. Check its arguments.",
            call.location, call.module
        ));
        return Ok(true);
    }
    Ok(false)
}

/// Whether the NAT gateways of a call are in public subnets of the VPC.
fn is_in_public_subnet(
    draft: &Draft<'_>,
    edited: &Config,
    (call, change): (Place<'_>, &Change),
) -> Result<bool, EditError> {
    let Change::CreateNat { subnet: Some(subnet), .. } = change else { return Ok(true) };
    let snapshot = draft.finder.snapshot;
    let finder = Finder::new(edited, (snapshot, draft.finder.workload), draft.finder.answers)?;
    let vpc = snapshot.network.subnets.get(subnet).map(|subnet| &subnet.vpc);
    let is_public = |subnet: &&Subnet| Some(&subnet.vpc) == vpc && is_routed_to_internet(snapshot, subnet);
    let public = snapshot.network.subnets.iter().filter(is_public);
    let public: Vec<Origin<'_>> = public.filter_map(|subnet| finder.subnet_origin(&subnet.id)).collect();
    let own = format!("{}.", full_name(call));
    let modules = edited.modules().into_iter();
    let modules = modules.filter(|module| {
        module.address.as_ref().is_some_and(|address| format!("{address}.").starts_with(&own))
    });
    let mut gateways = modules.flat_map(|module| {
        module.resources("aws_nat_gateway").map(move |(file, block)| Place { module, file, block })
    });
    Ok(gateways.all(|place| {
        let own = finder.network.origins.single(place, "subnet_id");
        own.is_some_and(|own| public.iter().any(|one| one.is_same_value(&own)))
    }))
}

/// The calls of local modules with such resources in the root modules of other environments, for this environment.
fn calls(config: &Config, kinds: &[&str]) -> Vec<Call> {
    let top = config.boundary.top();
    let others = roots_below(top)
        .into_iter()
        .filter_map(|dir| Some((names_of_environments(top, &config.root, &dir)?, dir)));
    let mut all = Vec::new();
    for (names, dir) in others.take(ROOTS) {
        let below = relative(&config.root, &dir);
        let Ok(files) = ModuleFiles::read(&config.root, &below, config.is_tofu, &Texts::new()) else {
            continue;
        };
        for file in files.files.iter().filter(|file| !file.is_json() && !file.is_override()) {
            let mut before: Option<&Block> = None;
            for block in file.body.blocks("module") {
                if let Some(mut call) = call_of(config, (file, block), kinds, (&names, &below)) {
                    call.before = before.and_then(Block::kind).map(str::to_owned);
                    call.location =
                        format!("{}:{}", shown(top, &dir, file).display(), file.line(block.span.start));
                    all.push(call);
                }
                before = Some(block);
            }
        }
    }
    all
}

/// The path of a file of another root module, below the repository.
fn shown(top: &Path, dir: &Path, file: &File) -> PathBuf {
    dir.strip_prefix(top).unwrap_or(dir).join(file.path.file_name().unwrap_or_default())
}

/// The folders with the names of two environments, `prod` and `dev`: the only parts in which the paths of their root modules differ.
fn names_of_environments(top: &Path, own: &Path, other: &Path) -> Option<(String, String)> {
    let parts = |path: &Path| -> Option<Vec<String>> {
        let below = path.strip_prefix(top).ok()?;
        Some(below.iter().map(|part| part.to_string_lossy().into_owned()).collect())
    };
    let (own, other) = (parts(own)?, parts(other)?);
    (own.len() == other.len()).then_some(())?;
    let mut different = own.into_iter().zip(other).filter(|(one, two)| one != two);
    different.next().filter(|_| different.next().is_none())
}

/// The call in a block, if this root module has neither the call nor the module, and has all that the arguments refer to.
fn call_of(
    config: &Config,
    (file, block): (&File, &Block),
    kinds: &[&str],
    ((own, other), dir): (&(String, String), &Path),
) -> Option<Call> {
    let root = &config.root_module;
    let name = block.kind()?;
    let source =
        file.expression(block.body.attribute("source")?).string().filter(|one| one.starts_with('.'))?;
    let is_repeated = block.repeats() || root.block("module", &[name]).is_some();
    let folder = fs::canonicalize(config.root.join(&source)).ok()?;
    // The same source leads to the same folder from both root modules.
    let is_same = fs::canonicalize(config.root.join(joined(dir, Path::new(&source)))).ok()? == folder;
    let is_called = root.calls.iter().any(|call| call.module.canonical_dir == folder);
    (is_same && !is_called && !is_repeated && config.boundary.contains(&folder)).then_some(())?;
    let module =
        ModuleFiles::read(&config.root, &relative(&config.root, &folder), config.is_tofu, &Texts::new());
    let has_kind = |file: &File| kinds.iter().any(|kind| file.text.contains(&quoted(kind)));
    module.ok().filter(|module| module.files.iter().any(has_kind))?;
    let text = file.slice(block.span.clone());
    let is_known = |reference: &String| is_in(root, reference);
    references(&format!("{text}\n")).iter().all(is_known).then_some(())?;
    let text = for_environment(text, (own, other))?;
    let items = file.body.items.len();
    let (name, file) = (name.to_owned(), PathBuf::from(file.path.file_name()?));
    let module = folder.strip_prefix(config.boundary.top()).unwrap_or(&folder).display().to_string();
    let has_own_file = items == 1;
    Some(Call { location: String::new(), module, file, has_own_file, before: None, text, name })
}

/// Whether a module has what a reference names, `local.name` or `module.vpc`.
fn is_in(module: &Module, reference: &str) -> bool {
    match *reference.split('.').collect::<Vec<_>>() {
        ["local", name] => module.local(name).is_some(),
        ["var", name] => module.has_variable(name),
        ["module", name] => module.block("module", &[name]).is_some(),
        ["data", kind, name] => module.block("data", &[kind, name]).is_some(),
        ["path" | "terraform", ..] => true,
        [kind, name] => module.block("resource", &[kind, name]).is_some(),
        _ => false,
    }
}

/// The text of a call with the name of this environment in the place of that of the other one; `None` if it has ids or ranges.
fn for_environment(text: &str, (own, other): (&str, &str)) -> Option<String> {
    let is_part = |c: char| c.is_alphanumeric();
    let mut out = String::new();
    // The texts in quotes are each second part.
    for (number, part) in text.split('"').enumerate() {
        let is_text = number % 2 == 1;
        let has_range = part.contains('/') && part.chars().all(|c| c.is_ascii_digit() || "./".contains(c));
        if is_text && (has_range || IDS.iter().any(|id| part.starts_with(id))) {
            return None;
        }
        if number > 0 {
            out.push('"');
        }
        let mut rest = part;
        while let Some(at) = rest.find(other).filter(|_| is_text && !part.starts_with('.')) {
            let (before, after) = (rest.get(..at)?, rest.get(at + other.len()..)?);
            let is_word = !before.ends_with(is_part) && !after.starts_with(is_part);
            out.push_str(before);
            out.push_str(if is_word { own } else { other });
            rest = after;
        }
        out.push_str(rest);
    }
    Some(out)
}

/// The file of the root module for a call: that with the same name as in the other environment, or else the one with most calls.
fn file_for<'m>(root: &'m Module, call: &Call) -> Option<&'m File> {
    let files = || {
        root.files.iter().filter(|file| !file.is_json() && !file.is_override() && file.generated.is_none())
    };
    let same = files().find(|file| file.path == call.file);
    same.or_else(|| files().max_by_key(|file| file.body.blocks("module").count()))
}

/// Inserts a call after the one that precedes it in the other environment, or after the last call of its file.
fn insert(draft: &mut Draft<'_>, call: &Call) {
    let root = &draft.finder.config.root_module;
    let text = format!("{}\n", call.text);
    let Some(file) = file_for(root, call).filter(|file| file.path == call.file || !call.has_own_file) else {
        draft.insert(None, &call.file.to_string_lossy(), &text);
        return;
    };
    let blocks = || file.body.blocks("module");
    let before = blocks().find(|block| block.kind().is_some() && block.kind() == call.before.as_deref());
    let end = before.or_else(|| blocks().last()).map(|block| block.span.end);
    draft.insert(end.map(|end| (file, end)), &file.path.to_string_lossy(), &text);
}
