//! Changes a service to DEFAULT egress whose module makes `network_configuration` of an argument of its call.
//!
//! Without the block, the provider keeps the present egress, so an empty argument alone has no effect: the block becomes a static one
//! that depends on the argument.

use hcl::Value;
use hcl_edit::Span as _;
use hcl_edit::expr::{Expression, ObjectKey};

use crate::terraform::edit::draft::Draft;
use crate::terraform::edit::egress::value::finish;
use crate::terraform::edit::text::entry_text::entry_with;
use crate::terraform::edit::text::splice::Splice;
use crate::terraform::error::EditError;
use crate::terraform::find::instances::service_key;
use crate::terraform::lang::address::address;
use crate::terraform::lang::expression::{Expr, conditional, first_of_try, parse_exact, without_parentheses};
use crate::terraform::lang::partial::references;
use crate::terraform::lang::render::{Line, attribute, block, quoted};
use crate::terraform::lang::structure::{Attribute, Block, Item};
use crate::terraform::read::instantiate::value_with_field;
use crate::terraform::read::place::Place;

/// A dynamic block, `for_each = var.network == null ? [] : [var.network]`.
struct Dynamic<'b> {
    block: &'b Block,
    /// The list.
    each: String,
    /// The variable that decides it.
    variable: String,
    /// Whether the list is empty, as an expression.
    is_empty: String,
    /// Its element.
    element: String,
    /// The connector's ARN, which refers to the element.
    arn: String,
}

impl<'b> Dynamic<'b> {
    fn of(service: Place<'b>) -> Option<Self> {
        if service.module.is_installed || service.block.block_type == "module" {
            return None;
        }
        let mut dynamic = service.block.body.blocks("dynamic");
        let block = dynamic.find(|block| block.kind() == Some("network_configuration"))?;
        let each = service.file.expression(block.body.attribute("for_each")?);
        let uses = references(&format!("x = {}\n", each.text));
        let variable = uses.iter().find_map(|used| used.strip_prefix("var."))?.to_owned();
        let content = block.body.blocks("content").next()?;
        let egress = content.body.blocks("egress_configuration").next()?;
        let arn = service.file.value(egress.body.attribute("vpc_connector_arn")?).trim().to_owned();
        let list = each.text.trim().to_owned();
        let (is_empty, element) =
            cases_of(each).unwrap_or_else(|| (format!("length({list}) == 0"), format!("one({list})")));
        let arn = arn.replace("network_configuration.value", &element);
        Some(Self { block, each: each.in_one_line(), variable, is_empty, element, arn })
    }

    /// The static block.
    fn network(&self) -> String {
        let inner = vec![
            attribute("egress_type", format!("{} ? \"DEFAULT\" : \"VPC\"", self.is_empty)),
            attribute("vpc_connector_arn", format!("{} ? null : {}", self.is_empty, self.arn)),
        ];
        block("network_configuration", &[Line::Block("egress_configuration".to_owned(), inner)])
    }
}

/// The condition of an empty list, and the only element of the other case.
fn cases_of(each: Expr<'_>) -> Option<(String, String)> {
    let tree = each.tree()?;
    let cases = conditional(&tree)?;
    let list = |case: &Expression| without_parentheses(case).as_array().cloned();
    let (when_true, when_false) = (list(&cases.true_expr)?, list(&cases.false_expr)?);
    let condition = cases.cond_expr.to_string().trim().to_owned();
    let (is_empty, full) = match (when_true.len(), when_false.len()) {
        (0, 1) => (condition, when_false),
        (1, 0) => (format!("!({condition})"), when_true),
        _ => return None,
    };
    Some((is_empty, full.get(0)?.to_string().trim().to_owned()))
}

/// Sets DEFAULT egress in the object of the call of which the dynamic block takes its values: the block stays, so the provider changes the
/// egress. `None`, and no edit, if the module or its call has another form.
pub(in crate::terraform::edit) fn set_in_object<'a>(
    draft: &mut Draft<'a>,
    call: Place<'a>,
) -> Option<Result<(), EditError>> {
    let service = draft.finder.code.service;
    let dynamic = Dynamic::of(service)?;
    let egress = dynamic.block.body.blocks("content").next()?.body.blocks("egress_configuration").next()?;
    let is_element = Expr::from(&dynamic.element).variable().as_ref() == Some(&dynamic.variable);
    let is_open = is_element
        && !dynamic.block.body.attributes().any(|attribute| attribute.name == "iterator")
        && !call.is_one_of_several()
        && !call.file.is_json()
        && draft.is_editable_call(call);
    let argument = call.block.body.attribute(&dynamic.variable).filter(|_| is_open)?;
    let tree = parse_exact(call.file.value(argument))?;
    let Expression::Object(fields) = &tree else { return None };
    let name_of = |attribute: &Attribute| {
        let written = service.file.expression(attribute).tree()?;
        let reference = Expr::parsed("", first_of_try(written.as_ref())).reference()?;
        reference.strip_prefix("network_configuration.value.").map(str::to_owned)
    };
    let value_of = |name: &str| {
        let is_own = |key: &ObjectKey| key.as_ident().is_some_and(|key| key.as_str() == name);
        fields.iter().find_map(|(key, value)| is_own(key).then(|| value.expr().clone()))
    };
    let kind = value_of(&name_of(egress.body.attribute("egress_type")?)?)?;
    let arn = match egress.body.attribute("vpc_connector_arn") {
        // An ARN that the object does not give stays with DEFAULT egress, and AWS rejects it.
        Some(arn) => value_of(&name_of(arn)?),
        None => None,
    };
    let now = call.module.evaluate(Expr::parsed("", &kind));
    if now.as_deref() == Some("DEFAULT") {
        let address = service.address_in_root().to_string();
        return Some(Err(EditError::AlreadyInCode { address, place: call.location() }));
    }
    let with = |expression: &Expression, value: &str| {
        let span = expression.span()?;
        Some(Splice::new(argument.value.start + span.start..argument.value.start + span.end, value))
    };
    let mut splices = vec![with(&kind, "\"DEFAULT\"")?];
    if let Some(arn) = arn.filter(|arn| !matches!(arn, Expression::Null(_))) {
        splices.push(with(&arn, "null")?);
    }
    finish(draft, call.file, splices);
    Some(Ok(()))
}

/// Makes the block static, and sets the argument of the call to `null`. Returns `false`, and edits nothing, if the module or its call has
/// another form, or another service uses the module.
pub(in crate::terraform::edit) fn set(draft: &mut Draft<'_>) -> bool {
    let service = draft.finder.code.service;
    let config = draft.finder.config;
    let Some((dynamic, call)) = Dynamic::of(service).zip(config.caller(service.module)) else {
        return false;
    };
    let Some(argument) = call.block.body.attribute(&dynamic.variable) else { return false };
    // A default that is not null would give the block again.
    let is_null_empty = dynamic.is_empty.replace(' ', "") == format!("var.{}==null", dynamic.variable);
    let has_other_parts = dynamic.block.body.blocks("content").next().is_some_and(|content| {
        content.body.items.iter().any(|item| match item {
            Item::Block(inner) => inner.block_type != "egress_configuration",
            Item::Attribute(_) => true,
        })
    });
    let is_open = service.module.is_editable()
        && !config.is_used_more_than_once(service.module)
        && !call.is_one_of_several()
        && !service.is_one_of_several()
        && draft.is_editable_call(call)
        && dynamic.element.starts_with(&format!("var.{}", dynamic.variable));
    if !is_open || !is_null_empty || has_other_parts {
        return false;
    }
    let written = dynamic.network();
    let indent = indentation(&service.file.text, dynamic.block.span.start);
    let mut lines = written.trim_end().lines();
    let first = lines.next().unwrap_or_default().to_owned();
    let rest = lines.map(|line| format!("\n{indent}{line}"));
    let network: String = [first].into_iter().chain(rest).collect();
    draft.splice(service.file, Splice::new(dynamic.block.span.clone(), network));
    draft.splice(call.file, Splice::new(argument.value.clone(), "null"));
    draft.note(&format!(
        "The provider keeps the present egress if network_configuration is left out, so this edit replaces its dynamic block ({}).",
        service.location()
    ));
    finish(draft, service.file, Vec::new());
    true
}

/// The refusal for a block that creates several services: the static block that changes none of them, and the entry of this service.
pub(in crate::terraform::edit) fn of_entry(draft: &Draft<'_>) -> EditError {
    let service = draft.finder.code.service;
    let name = &draft.finder.workload.name;
    let written = || -> Option<EditError> {
        let mut dynamic = service.block.body.blocks("dynamic");
        let block = dynamic.find(|block| block.kind() == Some("network_configuration"))?;
        let each = service.file.expression(block.body.attribute("for_each")?);
        let tree = each.tree()?;
        let cases = conditional(&tree)?;
        let (is_empty, element) = cases_of(each)?;
        let egress = block.body.blocks("content").next()?.body.blocks("egress_configuration").next()?;
        let arn = service.file.value(egress.body.attribute("vpc_connector_arn")?).trim();
        let arn = arn.replace("network_configuration.value", &element);
        let condition = cases.cond_expr.to_string().trim().to_owned();
        let of = |empty: &str, full: &str| {
            let (first, second) = if is_empty == condition { (empty, full) } else { (full, empty) };
            format!("{condition} ? {first} : {second}")
        };
        let inner = vec![
            attribute("egress_type", of("\"DEFAULT\"", "\"VPC\"")),
            attribute("vpc_connector_arn", of("null", &arn)),
        ];
        let network =
            self::block("network_configuration", &[Line::Block("egress_configuration".to_owned(), inner)]);
        let key = service_key(service, name)?;
        let is_default = |field: &str, new: &Value| {
            let kind = value_with_field(service, &quoted(&key), (field, new), Expr::from(is_empty.as_str()));
            kind.and_then(|is_empty| is_empty.as_bool()) == Some(true)
        };
        let entry =
            entry_with(draft.finder.config, (service, &key), Expr::from(condition.as_str()), &is_default)?;
        Some(EditError::Given {
            place: entry.place.clone(),
            what: format!(
                "network_configuration of {} ({}) is a dynamic block, and {} of the entry {} decides it for {name}. The provider keeps the \
                 present egress if the block is left out: put the static block below in its place, which changes no service, and change \
                 the entry",
                address(service.block),
                service.location(),
                entry.field,
                quoted(&key)
            ),
            values: format!("{network}\n# The entry ({})\n{}\n", entry.place, entry.text),
        })
    };
    written().unwrap_or_else(|| EditError::Answer {
        place: service.location(),
        what: format!(
            "the block creates several services, and network_configuration is a dynamic block: put a static block in its place whose \
             egress_type is DEFAULT and whose vpc_connector_arn is null for {name} only"
        ),
    })
}

/// The blanks before a block on its line.
fn indentation(text: &str, at: usize) -> String {
    let before = text.get(..at).unwrap_or_default();
    let line = before.rfind('\n').map_or(before, |at| before.get(at + 1..).unwrap_or_default());
    line.chars().take_while(|c| c.is_whitespace()).collect()
}

/// The error for such a module that is not edited.
pub(in crate::terraform::edit) fn refusal(service: Place<'_>, call: Place<'_>) -> Option<EditError> {
    let dynamic = Dynamic::of(service)?;
    Some(EditError::Given {
        place: service.location(),
        what: format!(
            "network_configuration is a dynamic block, and {} decides it. The provider keeps the present egress if the block is left \
             out: put this block in its place, and set {} in module.{} ({}) so that the list is empty",
            dynamic.each,
            dynamic.variable,
            call.block.kind().unwrap_or_default(),
            call.location()
        ),
        values: dynamic.network(),
    })
}
