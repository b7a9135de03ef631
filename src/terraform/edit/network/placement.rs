//! Selects the file and the position of new code.

use std::path::{Path, PathBuf};

use crate::terraform::changeset::FileChange;
use crate::terraform::find::finder::Finder;
use crate::terraform::lang::scan::Block;
use crate::terraform::read::config::Config;
use crate::terraform::read::file::File;
use crate::terraform::read::place::Place;
use crate::text::listed;

/// The file of new endpoints.
pub(in crate::terraform) const ENDPOINTS_FILE: &str = "vpc-endpoints.tf";

/// A position in a file: the end of the block after which new code is inserted.
pub(in crate::terraform) type Position<'a> = (&'a File, usize);

/// The end of the last resource of a type, in the file that has most of them. If more than two files have
/// such resources and no file has more than half of them, the position is in the service's file. `None` if
/// there is no such resource.
pub(in crate::terraform) fn after_resources<'a>(finder: &Finder<'a>, kind: &str) -> Option<Position<'a>> {
    let mut files = files_with(finder, "resource", |block| block.kind() == Some(kind));
    files.retain(|(file, _)| !is_of_another_vpc(finder, file));
    let total: usize = files.iter().map(|(_, ends)| ends.len()).sum();
    let (file, ends) = files.iter().max_by_key(|(_, ends)| ends.len())?;
    let service: Place<'a> = finder.code.service;
    let is_beside = service.module.address == finder.target.address
        && !service.file.is_json()
        && service.file.generated.is_none();
    if is_beside && files.len() > 2 && ends.len() * 2 <= total {
        let same_file = files.iter().find(|(file, _)| file.path == service.file.path);
        return Some(
            same_file.map_or((service.file, service.block.span.end), |(file, ends)| (*file, last(ends))),
        );
    }
    Some((*file, last(ends)))
}

/// The position of new code in a module whose file names begin with numbers, `20_route_tables.tf`: a new file would have no number. After
/// the last resource of a related type. `None` for a module with other file names.
pub(in crate::terraform) fn in_numbered_file<'a>(
    finder: &Finder<'a>,
    file_name: &str,
) -> Option<Position<'a>> {
    let names = finder.target.files.iter().filter_map(|file| file.path.file_name());
    let is_numbered = |name: &std::ffi::OsStr| {
        let name = name.to_string_lossy();
        let rest = name.trim_start_matches(|c: char| c.is_ascii_digit());
        rest.len() < name.len() && rest.starts_with(['_', '-'])
    };
    let (numbered, others): (Vec<_>, Vec<_>) = names.partition(|name| is_numbered(name));
    if numbered.len() < 2 || others.len() >= numbered.len() {
        return None;
    }
    let kinds: &[&str] = match file_name {
        ENDPOINTS_FILE | "data-sources.tf" => &["aws_vpc_endpoint", "aws_route_table"],
        "security-groups.tf" => &["aws_security_group"],
        "private-subnets.tf" => &["aws_subnet"],
        _ => &["aws_nat_gateway", "aws_route", "aws_route_table", "aws_internet_gateway"],
    };
    kinds.iter().chain(&["aws_subnet", "aws_vpc"]).find_map(|kind| after_resources(finder, kind))
}

/// Whether a file creates another VPC, and not that of the workload.
fn is_of_another_vpc(finder: &Finder<'_>, file: &File) -> bool {
    let mut vpcs = file.body.blocks("resource").filter(|block| block.kind() == Some("aws_vpc"));
    let has_other = |block: &Block| {
        let id = format!("aws_vpc.{}.id", block.name().unwrap_or_default());
        finder.is_workload_vpc(finder.target, id.as_str()) == Some(false)
    };
    let is_own = finder.code.service.file.path == file.path;
    !is_own && vpcs.next().is_some_and(has_other) && vpcs.all(has_other)
}

/// The end of the last data source of a type, or else of any type, in the file that has most of them.
pub(in crate::terraform) fn after_data_sources<'a>(finder: &Finder<'a>, kind: &str) -> Option<Position<'a>> {
    let own_files = |is_wanted: &dyn Fn(&Block) -> bool| {
        let mut files = files_with(finder, "data", is_wanted);
        files.retain(|(file, _)| !is_of_another_vpc(finder, file));
        files
    };
    let same_kind = own_files(&|block| block.kind() == Some(kind));
    let files = if same_kind.is_empty() { own_files(&|_| true) } else { same_kind };
    let (file, ends) = files.iter().max_by_key(|(_, ends)| ends.len())?;
    Some((*file, last(ends)))
}

/// The path of a new file, with the separator, `_` or `-`, that most other file names have.
pub(in crate::terraform) fn new_file(finder: &Finder<'_>, name_with_dashes: &str) -> PathBuf {
    let count = |separator: char| {
        let names = finder.target.files.iter().filter_map(|file| file.path.file_name());
        names.filter(|name| name.to_string_lossy().contains(separator)).count()
    };
    let name = if count('_') > count('-') {
        name_with_dashes.replace('-', "_")
    } else {
        name_with_dashes.to_owned()
    };
    // OpenTofu ignores `x.tf` beside `x.tofu`. Terraform reads no `x.tofu`, so code that may refer to blocks of such a file is in
    // one too.
    let has_code = |file: &File| {
        let kinds = ["resource", "data", "module", "locals", "variable"];
        kinds.iter().any(|kind| file.body.blocks(kind).next().is_some())
    };
    let mut files = finder.target.files.iter();
    let path = finder.target.dir.join(name);
    let same_name = path.with_extension("tofu");
    let is_tofu = files.any(|file| is_tofu(file) && (has_code(file) || file.path == same_name));
    if is_tofu { same_name } else { path }
}

/// Whether only `OpenTofu` reads a file.
pub(in crate::terraform) fn is_tofu(file: &File) -> bool {
    file.path.extension().is_some_and(|ending| ending == "tofu")
}

/// The note about the code that Terraform reads instead of changed files that only `OpenTofu` reads.
pub(in crate::terraform) fn note_for_opentofu(config: &Config, files: &[FileChange]) -> Option<String> {
    let is_tofu = |path: &Path| path.extension().is_some_and(|ending| ending == "tofu");
    let changed: Vec<&Path> =
        files.iter().map(|file| file.path.as_path()).filter(|path| is_tofu(path)).collect();
    let modules = config.modules();
    let mut replaced = modules.iter().flat_map(|module| module.replaced.iter());
    let other = replaced.find(|path| {
        let folder = path.parent();
        changed.iter().any(|changed| changed.parent() == folder)
    })?;
    let names: Vec<String> = changed.iter().map(|path| path.display().to_string()).collect();
    Some(format!(
        "This edit is for OpenTofu only. Terraform does not read {}, and {}, which Terraform reads instead of {}, does not change.",
        listed(&names, "and"),
        other.display(),
        other.with_extension("tofu").display()
    ))
}

/// The files of the target module with at least one such block, each with the ends of these blocks.
fn files_with<'a>(
    finder: &Finder<'a>,
    block_type: &str,
    is_wanted: impl Fn(&Block) -> bool,
) -> Vec<(&'a File, Vec<usize>)> {
    let is_usable = |file: &&File| !file.is_override() && !file.is_json() && file.generated.is_none();
    let files = finder.target.files.iter().filter(is_usable);
    let with_ends = files.map(|file| {
        let blocks = file.body.blocks(block_type).filter(|block| is_wanted(block));
        (file, blocks.map(|block| block.span.end).collect::<Vec<_>>())
    });
    with_ends.filter(|(_, ends)| !ends.is_empty()).collect()
}

fn last(ends: &[usize]) -> usize {
    ends.last().copied().unwrap_or_default()
}
