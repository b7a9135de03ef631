//! The refusal for a new rule of a group of interface endpoints that has a rule with unknown ranges: they can be the range of the VPC, and
//! AWS rejects a second rule for it.

use crate::terraform::edit::draft::Draft;
use crate::terraform::edit::rule::in_code::has_unknown_ranges;
use crate::terraform::edit::rule::inbound::{has_port, separate_rules};
use crate::terraform::edit::rule::unknown_range::{refusal, variable_of};
use crate::terraform::error::EditError;
use crate::terraform::find::form::Form;
use crate::terraform::find::origin::BlockOrigin;
use crate::terraform::lang::expression::Expr;

/// The refusal for a group with a rule for a port whose ranges are a variable without a known value; `None` if it has no such rule.
pub(in crate::terraform::edit) fn unknown_range<'a>(
    draft: &Draft<'a>,
    group: &BlockOrigin<'a>,
    port: u16,
) -> Option<EditError> {
    let config = draft.finder.config;
    let inline = group.place.block.body.blocks("ingress").map(|rule| (group.place, rule));
    let separate = separate_rules(draft, group).into_iter().map(|rule| (rule, rule.block));
    let of_rules = inline.chain(separate).filter_map(|(place, rule)| {
        let written = ["cidr_blocks", "cidr_ipv4"].iter().find_map(|name| rule.body.attribute(name))?;
        has_port(place, &rule.body, port).then(|| (place, place.file.expression(written)))
    });
    // The entries of a computed list can have any port.
    let dynamic = Form::of_dynamic(group.place, "ingress").into_iter().filter_map(|form| {
        let is_of_entry = |name: &str| {
            form.body
                .attribute(name)
                .is_some_and(|one| group.place.module.evaluate(group.place.file.expression(one)).is_none())
        };
        let has_ranges = form.body.attribute("cidr_blocks").is_some();
        let can_be = match form.literals(config) {
            Some(_) => has_unknown_ranges(draft, group.place, port),
            None => is_of_entry("from_port") || has_port(group.place, form.body, port),
        };
        (has_ranges && can_be).then(|| (group.place, Expr::from(form.collection())))
    });
    let (place, written, variable) = of_rules
        .chain(dynamic)
        .find_map(|(place, written)| Some((place, written, variable_of(place, written)?)))?;
    let rule = format!("the inbound rule of {} for TCP {port}", group.place.address_in_root());
    Some(refusal(config, place, (&rule, written, &variable), "the range of the VPC"))
}
