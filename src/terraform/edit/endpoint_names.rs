//! The names of endpoint services in the code.

use crate::terraform::edit::draft::Draft;
use crate::terraform::lang::render::quoted;

/// `com.amazonaws.us-west-2.s3`, with the region in the form that the code uses.
pub(in crate::terraform) fn service_name(draft: &mut Draft<'_>, service: &str) -> String {
    let region = draft.finder.snapshot.region.clone();
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
