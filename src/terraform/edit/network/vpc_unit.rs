//! The Terragrunt unit that creates the VPC with the public VPC module.

use std::fs;
use std::path::{Path, PathBuf};

use crate::terraform::edit::boundary::shown;
use crate::terraform::find::finder::Finder;
use crate::terraform::find::origin::Origin;
use crate::terraform::find::registry::{RegistryModule, of_source};
use crate::terraform::read::unit::UnitCode;
use crate::terraform::read::unit_value::TERRAGRUNT;

/// The unit of the VPC.
pub(in crate::terraform::edit) struct VpcUnit {
    pub dir: PathBuf,
    pub code: UnitCode,
    pub source: String,
    /// `private`, `public` or `intra`, as the outputs with the connector's subnets.
    pub kind: String,
}

impl VpcUnit {
    /// The output with the route tables of the connector's subnets.
    pub fn tables(&self) -> String {
        format!("{}_route_table_ids", self.kind)
    }
}

/// The unit, if the connector's subnets are an output of one whose source is the VPC module.
pub(in crate::terraform::edit) fn vpc_unit(finder: &Finder<'_>) -> Option<VpcUnit> {
    let unit = finder.config.unit.as_ref()?;
    let subnets = finder.network.subnets.iter().flatten();
    let outputs: Vec<_> = subnets
        .map(|subnet| match subnet {
            Origin::Variable { module, name } if module.address.is_none() => {
                unit.outputs.get(name.split(['.', '[']).next()?)
            }
            _ => None,
        })
        .collect::<Option<_>>()?;
    let first = outputs.first()?;
    let kind_of = |name: &str| Some(name.split('[').next()?.strip_suffix("_subnets")?.to_owned());
    let kind = kind_of(&first.name)?;
    let are_same =
        outputs.iter().all(|output| output.dir == first.dir && kind_of(&output.name).as_ref() == Some(&kind));
    (are_same && ["private", "public", "intra"].contains(&kind.as_str())).then_some(())?;
    let stack = finder.config.environment.stack.as_deref();
    let path = first.dir.join(TERRAGRUNT);
    let code = UnitCode::read_in_stack(&path, (&finder.config.boundary, stack))?.ok()?;
    let source = code.source().filter(|source| of_source(source) == Some(RegistryModule::Vpc))?;
    Some(VpcUnit { dir: first.dir.clone(), code, source, kind })
}

/// The unit beside that of the VPC that has the module for endpoints as its source and the VPC as its dependency.
pub(in crate::terraform::edit) fn unit_of_endpoints(unit: &VpcUnit) -> Option<(PathBuf, UnitCode)> {
    let folders = fs::read_dir(unit.dir.parent()?).ok()?.filter_map(Result::ok);
    let mut paths: Vec<PathBuf> = folders.map(|folder| folder.path().join(TERRAGRUNT)).collect();
    paths.sort();
    paths.into_iter().find_map(|path| {
        let code = UnitCode::read(&path)?.ok()?;
        let source = code.source()?;
        (of_source(&source) == Some(RegistryModule::VpcEndpoints)).then_some(())?;
        code.dependency_on(&unit.dir)?;
        Some((path, code))
    })
}

/// The place of an input of a unit, or of its inputs if it does not have it.
pub(in crate::terraform::edit) fn place_of_input(
    top: &Path,
    path: &Path,
    code: &UnitCode,
    name: &str,
) -> String {
    let places = code.input_places(top);
    let known = places.get(name).and_then(|input| input.places.first().cloned());
    known.unwrap_or_else(|| {
        let line = code.line_of_inputs().map_or_else(String::new, |line| format!(":{line}"));
        shown(top, &fs::canonicalize(path).unwrap_or_else(|_| path.to_owned())) + &line
    })
}
