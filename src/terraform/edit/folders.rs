//! Notes about folders of modules: links to other folders, and code that is not installed.

use std::collections::BTreeSet;
use std::fs;

use hcl::Value;

use crate::terraform::changeset::FileChange;
use crate::terraform::edit::boundary::shown;
use crate::terraform::find::registry::of_source;
use crate::terraform::lang::address::ResourceAddress;
use crate::terraform::lang::structure::Attribute;
use crate::terraform::read::config::Config;
use crate::terraform::read::file::joined;
use crate::terraform::read::module::Module;
use crate::text::listed;

/// The notes for changed files whose folder is a link: git names the other folder.
pub(super) fn notes_of_links(config: &Config, files: &[FileChange]) -> Vec<String> {
    let folders: BTreeSet<_> = files.iter().filter_map(|file| file.path.parent()).collect();
    let top = config.boundary.top();
    let note = |folder: &std::path::Path| {
        let written = joined(&config.root, folder);
        let real = fs::canonicalize(&written).ok()?;
        (real != written).then(|| {
            format!(
                "{} is a symbolic link to {}: the edit changes the files there, for everything that uses them.",
                shown(top, &written),
                shown(top, &real)
            )
        })
    };
    folders.into_iter().filter_map(note).collect()
}

/// The notes for arguments that switch off what the edit adds, in calls of modules whose code is not installed: `num_nat_gateways = 0`.
pub(super) fn notes_of_arguments(module: &Module, adds: &[ResourceAddress]) -> Vec<String> {
    let adds = |kind: &str| adds.iter().any(|added| added.kind == kind);
    let (word, what) = if adds("aws_nat_gateway") {
        ("nat", "NAT gateways")
    } else if adds("aws_vpc_endpoint") {
        ("endpoint", "endpoints")
    } else {
        return Vec::new();
    };
    let is_of = |name: &str| {
        let mut parts = name.split('_').map(|part| part.strip_suffix('s').unwrap_or(part));
        parts.any(|part| part == word || part.strip_suffix("gw") == Some(word))
    };
    let missing = missing_of(module);
    let calls = module.blocks("module").filter(|(_, call)| {
        let address = ResourceAddress::module_of(module.address.as_deref(), call.kind().unwrap_or_default());
        missing.iter().any(|one| one.strip_prefix(&address).is_some_and(|rest| rest.starts_with([' ', '['])))
    });
    let off = calls.flat_map(|(file, call)| {
        let of_call = move |one: &Attribute| {
            let value = file.expression(one);
            let is_off = match module.value(value) {
                Some(Value::Bool(truth)) => !truth,
                Some(Value::Number(number)) => number.as_i64() == Some(0),
                Some(Value::Array(list)) => list.is_empty(),
                _ => false,
            };
            (is_of(&one.name) && is_off).then(|| {
                format!(
                    "The call of module.{} has {} = {} ({}:{}), and its code is not installed. If it creates {what} with another value, set \
                     the value instead of this edit: both together are a conflict.",
                    call.kind().unwrap_or_default(),
                    one.name,
                    value.in_one_line(),
                    file.path.display(),
                    file.line(one.span.start)
                )
            })
        };
        call.body.attributes().filter_map(of_call).collect::<Vec<_>>()
    });
    off.collect()
}

/// The note that the code of a module is not installed, if the edit has ids or searches for what the module creates.
pub(super) fn note_of_missing(module: &Module, notes: &[String]) -> Option<String> {
    let is_affected = |note: &String| {
        note.contains("is written as an id: no block") || note.starts_with("The route tables are searched")
    };
    let missing = missing_of(module);
    (!missing.is_empty() && notes.iter().any(is_affected)).then(|| {
        format!(
            "The code of {} is not installed. After terraform init, egress-doctor reads it and refers to what it creates.",
            listed(&missing, "and")
        )
    })
}

/// The calls whose code is not available. The calls of the well-known modules are read by their arguments.
fn missing_of(module: &Module) -> Vec<String> {
    let is_read = |call: &&String| {
        let source = call.split_once(" (").and_then(|(_, source)| source.strip_suffix(')'));
        source.is_none_or(|source| of_source(source).is_none())
    };
    module.missing.iter().filter(is_read).cloned().collect()
}
