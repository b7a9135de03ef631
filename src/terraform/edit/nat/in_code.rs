//! The NAT gateway that the code already has for some route tables.
//!
//! Owns only this search. It changes nothing.

use crate::model::RouteTableId;
use crate::terraform::edit::draft::Draft;
use crate::terraform::edit::network::default_routes::ANYWHERE;
use crate::terraform::find::origin::Origin;
use crate::terraform::find::registry::searched_modules;
use crate::terraform::lang::scan::Block;
use crate::terraform::read::place::Place;

/// The NAT gateway of the code to which the default routes of all these tables lead.
pub(in crate::terraform::edit) fn gateway_in_code<'a>(
    draft: &Draft<'a>,
    tables: &[RouteTableId],
) -> Option<Origin<'a>> {
    let finder = &draft.finder;
    let origins = &finder.network.origins;
    let modules = searched_modules(finder.config).into_iter();
    let routes: Vec<Place<'a>> = modules
        .flat_map(|module| {
            module.resources("aws_route").map(move |(file, block)| Place { module, file, block })
        })
        .collect();
    let is_default = |place: Place<'a>, route: &Block, name: &str| {
        let destination = route.body.attribute(name).map(|value| place.file.expression(value));
        destination.and_then(|value| place.module.evaluate(value)).as_deref() == Some(ANYWHERE)
    };
    let gateway_of = |table: &RouteTableId| -> Option<Origin<'a>> {
        let own = finder.table_instance(table).or_else(|| finder.chained_table(table))?;
        if let Origin::Block(block) = &own
            && let Some(route) = block
                .place
                .block
                .body
                .blocks("route")
                .find(|route| is_default(block.place, route, "cidr_block"))
        {
            let gateway = block.place.file.expression(route.body.attribute("nat_gateway_id")?);
            return origins.of(block.place, gateway)?.into_iter().next();
        }
        let route = routes.iter().find(|place| {
            is_default(**place, place.block, "destination_cidr_block")
                && origins.leads_to(**place, "route_table_id", &own) == Some(true)
        })?;
        origins.of_attribute(*route, "nat_gateway_id")?.into_iter().next()
    };
    let gateways = tables.iter().map(gateway_of).collect::<Option<Vec<_>>>()?;
    gateways.into_iter().find(|gateway| gateway.block_of(&["aws_nat_gateway"]).is_some())
}
