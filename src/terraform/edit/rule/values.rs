//! Rules of security groups that the code computes of a list of ports or ranges: adds the port or the range.
//!
//! The longer list is tried: the code is read again with it, and must have the wanted rule and no other new one.

use hcl::Value;

use crate::model::Peer;
use crate::terraform::edit::draft::Draft;
use crate::terraform::edit::rule::data_file::{is_rule_of, new_rule, range_of};
use crate::terraform::edit::rule::entries::forms;
use crate::terraform::edit::text::list::insert_element;
use crate::terraform::edit::text::splice::apply;
use crate::terraform::find::form::Form;
use crate::terraform::find::found::Found;
use crate::terraform::find::kept_at::KeptAt;
use crate::terraform::find::known_rules::known_rules;
use crate::terraform::find::switch_parts::{Parts, as_hcl, kept};
use crate::terraform::lang::expression::Expr;

/// Limit of the lists that are tried.
const TRIALS: usize = 8;

/// Adds the port or the range of a rule to a list. Returns `false`, and edits nothing, if no list makes the rule.
pub(in crate::terraform::edit) fn add<'a>(
    draft: &mut Draft<'a>,
    direction: &str,
    found: &Found<'a>,
    (port, peer): (u16, &Peer),
) -> bool {
    let config = draft.finder.config;
    let Some(range) = range_of(peer) else { return false };
    let kinds = [format!("aws_vpc_security_group_{direction}_rule"), "aws_security_group_rule".to_owned()];
    let resources = kinds.iter().flat_map(|kind| forms(draft, kind)).collect::<Vec<_>>();
    let all: Vec<Form<'a>> =
        Form::of_dynamic(found.rules(direction), direction).into_iter().chain(resources).collect();
    let mut before = None;
    let mut left = TRIALS;
    for form in all {
        let module = form.place.module;
        let Some(parts) = Expr::from(form.collection()).tree().map(|tree| Parts::of(module, &tree)) else {
            continue;
        };
        let variables = parts.variables.iter().filter(|(_, attributes)| attributes.is_empty());
        let roots =
            variables.map(|(name, _)| ("var", name)).chain(parts.locals.iter().map(|name| ("local", name)));
        for (root, name) in roots {
            let present = module.value(Expr::from(&format!("{root}.{name}")));
            let Some(new) = present.as_ref().and_then(|list| element(list, port, &range)) else { continue };
            let Some(kept) = kept(config, module, (root, name), &[]) else { continue };
            let KeptAt::Value { file, span, .. } = &kept.at else { continue };
            let Some(more) = left.checked_sub(1) else { return false };
            left = more;
            let text =
                insert_element(file, span, &as_hcl(&new)).and_then(|splice| apply(file, vec![splice]).ok());
            let trial = text.and_then(|text| config.with_texts(&[(file.path.clone(), text)].into()).ok());
            let before = before.get_or_insert_with(|| known_rules(config));
            let rule = trial.and_then(|trial| new_rule(before, &trial));
            let is_wanted = rule.is_some_and(|rule| is_rule_of(&rule, (direction, found), (port, &range)));
            let longer: Option<Vec<Value>> =
                present.and_then(|list| Some(list.as_array()?.iter().cloned().chain([new]).collect()));
            let Some(longer) = longer.filter(|_| is_wanted) else { continue };
            if draft.set_kept(&kept, &as_hcl(&Value::Array(longer)), 0) {
                let address = module.address_of(form.place.block);
                draft.note(&format!(
                    "{address} ({}) computes its rules of {root}.{name}: this edit adds to that list.",
                    form.place.location()
                ));
                if form.is_resource {
                    draft.reenabled.push(address);
                } else {
                    draft.change(&found.address_in_root());
                }
                return true;
            }
        }
    }
    false
}

/// The new element of a list of ports or ranges.
fn element(list: &Value, port: u16, range: &str) -> Option<Value> {
    let list = list.as_array().filter(|list| !list.is_empty())?;
    let is = |test: fn(&str) -> bool| list.iter().all(|one| one.as_str().is_some_and(test));
    let new = if list.iter().all(Value::is_number) {
        Value::from(port)
    } else if is(|text| text.parse::<u16>().is_ok()) {
        Value::from(port.to_string())
    } else {
        is(|text| text.parse::<ipnet::IpNet>().is_ok()).then(|| Value::from(range))?
    };
    (!list.contains(&new)).then_some(new)
}
