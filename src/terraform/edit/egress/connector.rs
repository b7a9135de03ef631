//! The edit that moves a connector to other subnets: a new connector with a new name, because a connector
//! cannot be changed in place.

use std::ops::Range;

use hcl_edit::Decorate as _;
use hcl_edit::expr::Expression;

use crate::model::{SecurityGroupId, SubnetId};
use crate::remedy::Change;
use crate::terraform::edit::draft::Draft;
use crate::terraform::edit::egress;
use crate::terraform::edit::egress::connector_in_module::move_in_call;
use crate::terraform::edit::text::one_value::for_one_instance;
use crate::terraform::edit::text::splice::Splice;
use crate::terraform::error::EditError;
use crate::terraform::find::app_runner_code::egress_configuration;
use crate::terraform::lang::address::address;
use crate::terraform::lang::expression::{Expr, reference, without_parentheses};
use crate::terraform::lang::render::{Line, attribute, create_before_destroy, quoted, resource};
use crate::terraform::read::config::Config;
use crate::terraform::read::place::{Place, is_ignored, location};

const KIND: &str = "aws_apprunner_vpc_connector";
/// App Runner's limit.
const MAX_NAME_LENGTH: usize = 40;

/// The subnets of a new connector.
pub(in crate::terraform) enum ConnectorSubnets<'s> {
    /// Subnets that exist.
    Existing(&'s [SubnetId]),
    /// An expression for subnets that the same edit creates.
    New(String),
}

/// Adds a connector in these subnets after the old connector, and changes the service to use it.
pub(in crate::terraform) fn replace_connector(
    draft: &mut Draft<'_>,
    name: &str,
    subnets: &ConnectorSubnets<'_>,
    security_groups: &[SecurityGroupId],
) -> Result<(), EditError> {
    let Place { file, block: service, module } = draft.finder.code.service;
    let by_hand = |what: &str| EditError::ByHand {
        place: location(file, service),
        what: what.to_owned(),
        snippet: snippet(name, subnets, security_groups),
    };
    // The only one of several services that gets the new connector.
    let key = egress::connector_of_entry::key_of_only(draft);
    if draft.finder.code.service.is_one_of_several() && key.is_none() {
        let ids = match subnets {
            ConnectorSubnets::Existing(ids) => Some(*ids),
            ConnectorSubnets::New(_) => None,
        };
        return Err(egress::connector_of_entry::refusal(
            draft,
            ids,
            &snippet(name, subnets, security_groups),
        ));
    }
    if is_ignored(file, service, "network_configuration") {
        return Err(EditError::Answer {
            place: location(file, service),
            what: "lifecycle.ignore_changes lists network_configuration, so Terraform does not change the connector of the service, whatever \
                   the code has: remove network_configuration from the list, then run egress-doctor again"
                .to_owned(),
        });
    }
    let arn = egress_configuration(service).and_then(|egress| egress.body.attribute("vpc_connector_arn"));
    let Some(arn) = arn else {
        return Err(by_hand("the service has no egress_configuration with a vpc_connector_arn"));
    };
    if let Some(key) = &key
        && let Some(error) = in_code_for(draft, file.expression(arn), key, name)
    {
        return Err(error);
    }
    let old = draft.finder.code.connector;
    if module.address != draft.finder.target.address || old.module.address != module.address {
        let list = match subnets {
            ConnectorSubnets::Existing(ids) => draft.subnets(ids),
            ConnectorSubnets::New(expression) => expression.clone(),
        };
        if move_in_call(draft, &list)? {
            return Ok(());
        }
        return Err(by_hand(
            "the service and its connector are in different modules, or in a module that is called more than once",
        ));
    }
    let instance = if old.block.repeats() { draft.finder.connector_key.clone() } else { Some(String::new()) };
    let Some(instance) = instance.filter(|instance| key.is_some() || instance.is_empty()) else {
        return Err(by_hand("the block of the connector creates several connectors"));
    };
    // A conditional is no reference.
    let reference = file.expression(arn).reference();
    if key.is_none() && reference.is_none_or(|reference| !reference.starts_with(&format!("{KIND}."))) {
        return Err(by_hand("vpc_connector_arn is an expression: change its value"));
    }
    let new_name = new_connector_name(old, name);
    let length = draft.finder.target.evaluate(&new_name).map_or(name.len(), |text| text.len());
    if length > MAX_NAME_LENGTH {
        return Err(by_hand("the name of the new connector would have more than 40 characters"));
    }
    let groups = old.block.body.attribute("security_groups").map(|groups| old.file.value(groups));
    let Some(groups) = groups else {
        return Err(by_hand("the connector has no security_groups"));
    };
    let mut lines = vec![
        attribute("vpc_connector_name", new_name),
        attribute(
            "subnets",
            match subnets {
                ConnectorSubnets::Existing(ids) => draft.subnets(ids),
                ConnectorSubnets::New(expression) => expression.clone(),
            },
        ),
        // A list over several lines is not copied: the new connector refers to the list of the old
        // connector.
        if groups.contains('\n') || !instance.is_empty() {
            attribute("security_groups", format!("{}{instance}.security_groups", address(old.block)))
        } else {
            attribute("security_groups", groups.to_owned())
        },
    ];
    lines.extend(draft.tags("connector-2"));
    lines.extend(create_before_destroy());
    let name = draft.numbered_name(KIND, old.block.name().unwrap_or("app_runner"));
    let comment =
        "# In subnets with egress. A connector cannot be changed in place, so this one has a new name\n";
    draft.add_resource_after((old.file, old.block), KIND, &name, comment, &lines);
    set_arn(draft, (file.expression(arn), arn.value.clone()), format!("{KIND}.{name}.arn"), key.as_deref());
    Ok(())
}

/// Changes the service, or with a `for_each` key only that one of several, to the new connector.
fn set_arn(draft: &mut Draft<'_>, (present, span): (Expr<'_>, Range<usize>), new: String, key: Option<&str>) {
    let (service, old) = (draft.finder.code.service, draft.finder.code.connector);
    let Some(key) = key.map(quoted) else {
        draft.splice(service.file, Splice::new(span, new));
        draft.change(&service.address_in_root());
        draft.note(&format!(
            "{} is not removed, because other services may use it. Remove it in a later change when it is unused.",
            address(old.block)
        ));
        return;
    };
    let new = for_one_instance(&format!("[{key}]"), &new, present.text.trim());
    draft.splice(service.file, Splice::new(span, new));
    draft.change(&service.address_in_root().with_key(format!("[{key}]")));
    draft.note(&format!(
        "{} creates several services: only {key} gets the new connector, and the others keep theirs.",
        address(service.block)
    ));
}

/// The error for one of several services whose code has the new connector already, as [`set_arn`] writes it.
fn in_code_for(draft: &Draft<'_>, arn: Expr<'_>, key: &str, name: &str) -> Option<EditError> {
    let service = draft.finder.code.service;
    let condition = format!("each.key == {} ? ", quoted(key));
    let (_, used) = arn.text.split_once(&condition)?;
    let (file, block) = service.module.resources(KIND).find(|(file, block)| {
        let own = block.body.attribute("vpc_connector_name").map(|own| file.expression(own));
        let own = own.and_then(|own| service.module.evaluate(own));
        own.as_deref() == Some(name) && used.starts_with(&format!("{}.arn ", address(block)))
    })?;
    Some(EditError::AlreadyInCode {
        address: service.module.address_of(block).to_string(),
        place: location(file, block),
    })
}

/// The error for a connector that the code has already; the service then refers to a connector that AWS does not have yet.
pub(in crate::terraform::edit) fn in_code(
    config: &Config,
    present: Option<&str>,
    change: &Change,
) -> Option<EditError> {
    let (Change::MoveConnector { name, .. } | Change::CreatePrivateSubnets { connector_name: name, .. }) =
        change
    else {
        return None;
    };
    config.modules().into_iter().find_map(|module| {
        let (file, block) = module.resources(KIND).find(|(file, block)| {
            let own = block.body.attribute("vpc_connector_name").map(|own| file.expression(own));
            let own = own.and_then(|own| module.evaluate(own));
            own.is_some_and(|own| {
                own == *name || present.is_some_and(|present| own == format!("{present}-2"))
            })
        })?;
        Some(EditError::AlreadyInCode {
            address: module.address_of(block).to_string(),
            place: location(file, block),
        })
    })
}

/// The old connector's name expression with `-2`, or the given name if the old name differs by instance.
fn new_connector_name(old: Place<'_>, name: &str) -> String {
    let old_name = old.block.body.attribute("vpc_connector_name").map(|name| old.file.expression(name));
    old_name.and_then(with_suffix).unwrap_or_else(|| quoted(name))
}

/// A name with `-2`: at the end of a string or of the pattern of `format`, or else behind the expression. `None` for a name that differs by
/// instance, and one over several lines.
fn with_suffix(name: Expr<'_>) -> Option<String> {
    let mut tree = name.tree().filter(|_| !name.differs_by_instance())?.into_owned();
    // Without the comments around it.
    tree.decor_mut().clear();
    let inner = without_parentheses(&tree);
    let written = match inner {
        Expression::String(_) | Expression::StringTemplate(_) => {
            format!("{}-2\"", inner.to_string().trim().strip_suffix('"')?)
        }
        Expression::FuncCall(call) if call.name.name.as_str() == "format" => {
            let pattern = call.args.iter().next()?.to_string();
            let pattern = pattern.trim();
            let longer = format!("{}-2\"", pattern.strip_suffix('"')?);
            inner.to_string().trim().replacen(pattern, &longer, 1)
        }
        other => {
            let reference = reference(other);
            format!("\"${{{}}}-2\"", reference.unwrap_or_else(|| other.to_string().trim().to_owned()))
        }
    };
    (!written.contains('\n')).then_some(written)
}

/// The connector for an edit by hand.
pub(in crate::terraform::edit) fn snippet(
    name: &str,
    subnets: &ConnectorSubnets<'_>,
    security_groups: &[SecurityGroupId],
) -> String {
    let list = |ids: Vec<String>| format!("[{}]", ids.join(", "));
    let subnets = match subnets {
        ConnectorSubnets::Existing(ids) => list(ids.iter().map(|id| quoted(id.as_str())).collect()),
        ConnectorSubnets::New(expression) => expression.clone(),
    };
    let mut lines: Vec<Line> = vec![
        attribute("vpc_connector_name", quoted(name)),
        attribute("subnets", subnets),
        attribute("security_groups", list(security_groups.iter().map(|id| quoted(id.as_str())).collect())),
    ];
    lines.extend(create_before_destroy());
    format!(
        "{}\n# And in the service's egress_configuration: vpc_connector_arn = aws_apprunner_vpc_connector.moved.arn\n",
        resource(KIND, "moved", &lines)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_gets_a_suffix() {
        let named = |text: &str| with_suffix(Expr::from(text));
        for text in ["\"bond\"", "(\"bond\")", "/* the name */ \"bond\"", "(\n  \"bond\" # the name\n)"] {
            assert_eq!(named(text).as_deref(), Some("\"bond-2\""), "{text}");
        }
        assert_eq!(named("(\"${var.x}-bond\")").as_deref(), Some("\"${var.x}-bond-2\""));
        assert_eq!(named("var.name").as_deref(), Some("\"${var.name}-2\""));
        assert_eq!(named("format(\"%s-app\", var.name)").as_deref(), Some("format(\"%s-app-2\", var.name)"));
        assert_eq!(named("var.a ? \"c\" : \"d\"").as_deref(), Some("\"${var.a ? \"c\" : \"d\"}-2\""));
        for text in ["\"${each.key}-app\"", "join(\n\"-\", [])"] {
            assert_eq!(named(text), None, "{text}");
        }
    }
}
