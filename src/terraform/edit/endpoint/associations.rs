//! The associations of gateway endpoints with route tables in the code.

use crate::terraform::edit::draft::Draft;
use crate::terraform::find::form::Form;
use crate::terraform::find::origin::Origin;
use crate::terraform::find::registry::searched_modules;
use crate::terraform::find::switch::switch_of;
use crate::terraform::read::place::Place;

/// The enabled associations that are, or may be, of an endpoint of the code.
pub(in crate::terraform::edit) fn associations_of<'a>(
    draft: &Draft<'a>,
    endpoint: &Origin<'a>,
) -> Vec<Place<'a>> {
    let origins = &draft.finder.network.origins;
    let is_of = |place: &Place<'a>| origins.leads_to(*place, "vpc_endpoint_id", endpoint) != Some(false);
    enabled_associations(draft).filter(is_of).collect()
}

/// The enabled associations of endpoints with route tables.
pub(in crate::terraform::edit) fn enabled_associations<'a>(
    draft: &Draft<'a>,
) -> impl Iterator<Item = Place<'a>> {
    let config = draft.finder.config;
    let modules = searched_modules(config).into_iter();
    let places = modules.flat_map(|module| {
        let all = module.resources("aws_vpc_endpoint_route_table_association");
        all.map(move |(file, block)| Place { module, file, block })
    });
    places.filter(move |place| {
        switch_of(config, place.module, place.file, place.block).is_on()
            || Form::of_element(*place, "route_table_id").is_some()
    })
}
