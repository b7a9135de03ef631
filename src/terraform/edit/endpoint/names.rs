//! The names of endpoint services in the code.

use crate::terraform::edit::draft::Draft;
use crate::terraform::lang::expression::Expr;
use crate::terraform::lang::render::{attribute, quoted};
use crate::terraform::lang::structure::Block;
use crate::terraform::read::file::File;
use crate::terraform::read::module::Module;

/// The data source of a service name.
const DATA: &str = "aws_vpc_endpoint_service";

/// `com.amazonaws.us-west-2.s3`, in the form that the code uses: with the region, or by a data source.
pub(in crate::terraform) fn service_name(
    draft: &mut Draft<'_>,
    service: &str,
    endpoint_type: &str,
) -> String {
    let region = draft.finder.snapshot.region.clone();
    if let Some(suffix) = service.strip_prefix(&format!("com.amazonaws.{region}."))
        && has_data_sources(draft.finder.target)
    {
        let label: String = suffix.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
        let mut lines = vec![attribute("service", quoted(suffix))];
        // Both types of endpoint exist for these services.
        if ["s3", "dynamodb"].contains(&suffix) {
            lines.push(attribute("service_type", quoted(endpoint_type)));
        }
        return format!("{}.service_name", draft.data_source(DATA, &label, "", &lines));
    }
    match service.split_once(&format!(".{region}.")) {
        Some((head, tail)) => {
            format!("\"{head}.{}.{tail}\"", draft.region())
        }
        None => quoted(service),
    }
}

/// The part of a service name after the region, `bedrock-runtime`.
pub(in crate::terraform) fn suffix<'s>(draft: &Draft<'_>, service: &'s str) -> &'s str {
    let region = format!(".{}.", draft.finder.snapshot.region);
    service.split_once(&region).map_or(service, |(_, tail)| tail)
}

/// Whether the endpoints of a module have their service names by data sources.
fn has_data_sources(module: &Module) -> bool {
    let names = module.resources("aws_vpc_endpoint").map(|(file, block)| {
        let name = block.body.attribute("service_name").map(|name| file.expression(name));
        name.and_then(|name| data_source_of(module, name)).is_some()
    });
    let names: Vec<bool> = names.collect();
    !names.is_empty() && names.iter().all(|is_by_data| *is_by_data)
}

/// The data source of a service name, `data.aws_vpc_endpoint_service.ssm.service_name`.
pub(in crate::terraform::edit) fn data_source_of<'m>(
    module: &'m Module,
    name: Expr<'_>,
) -> Option<(&'m File, &'m Block)> {
    let reference = name.reference()?;
    let label = reference.strip_prefix("data.")?.strip_prefix(DATA)?.strip_prefix('.')?;
    let label = label.strip_suffix(".service_name")?;
    module.data(DATA).find(|(_, block)| block.name() == Some(label))
}

/// The part of the service name of an endpoint after the region; `None` if unknown.
pub(in crate::terraform::edit) fn suffix_of(
    module: &Module,
    (file, endpoint): (&File, &Block),
) -> Option<String> {
    let name = module.expression(file, endpoint, "service_name")?;
    if let Some(name) = module.evaluate(name) {
        return name.rsplit('.').next().map(str::to_owned);
    }
    let (file, source) = data_source_of(module, name)?;
    module.evaluate(module.expression(file, source, "service")?)
}
