//! The inbound rules of a security group in the code.

use crate::terraform::edit::draft::Draft;
use crate::terraform::find::instance_argument::argument_of;
use crate::terraform::find::instances::for_instance;
use crate::terraform::find::origin::{BlockOrigin, Origin};
use crate::terraform::lang::structure::Body;
use crate::terraform::read::config::Config;
use crate::terraform::read::place::Place;

/// The inbound rules of a group that are resources of its module.
pub(in crate::terraform::edit) fn separate_rules<'a>(
    draft: &Draft<'a>,
    group: &BlockOrigin<'a>,
) -> Vec<Place<'a>> {
    let module = group.place.module;
    let kinds = ["aws_vpc_security_group_ingress_rule", "aws_security_group_rule"];
    let rules = kinds.iter().flat_map(|kind| module.resources(kind));
    let places = rules.map(|(file, block)| Place { module, file, block }).filter(|place| {
        let kind = place.block.body.attribute("type").map(|kind| place.file.value(kind).trim());
        let of = draft.finder.network.origins.single(*place, "security_group_id");
        kind.is_none_or(|kind| kind == "\"ingress\"")
            && matches!(of, Some(Origin::Block(of)) if of.is_same_block(group))
    });
    places.collect()
}

/// The expression of an argument of a rule, for the instance of its block with a key.
pub(in crate::terraform::edit) fn value_in(
    place: Place<'_>,
    (rule, key): (&Body, Option<&str>),
    name: &str,
) -> Option<String> {
    let written = place.file.value(rule.attribute(name)?);
    Some(key.map_or_else(|| written.to_owned(), |key| for_instance(place, key, written)))
}

/// Whether a rule is for a TCP port.
pub(in crate::terraform::edit) fn has_port(place: Place<'_>, rule: &Body, port: u16) -> bool {
    allows_port(|name| place.module.evaluate(place.file.expression(rule.attribute(name)?)), port)
}

/// Whether the instance of a rule with a key is for a TCP port.
pub(in crate::terraform::edit) fn instance_has_port(
    (config, region): (&Config, &str),
    place: Place<'_>,
    key: &str,
    port: u16,
) -> bool {
    allows_port(|name| argument_of(config, place, (key, name), region), port)
}

fn allows_port(value: impl Fn(&str) -> Option<String>, port: u16) -> bool {
    let number = |name: &str| -> Option<u16> { value(name)?.parse().ok() };
    let protocol = value("protocol").or_else(|| value("ip_protocol"));
    match protocol.map(|protocol| protocol.to_ascii_lowercase()).as_deref() {
        Some("-1" | "all") => true,
        Some("tcp" | "6") => {
            number("from_port").zip(number("to_port")).is_some_and(|(from, to)| from <= port && port <= to)
        }
        _ => false,
    }
}
