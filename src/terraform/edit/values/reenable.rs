//! Re-enables a resource in the code that `count` or `for_each` disables, or that is commented out.

use crate::terraform::edit::draft::Draft;
use crate::terraform::edit::nat;
use crate::terraform::edit::text::splice::Splice;
use crate::terraform::edit::values;
use crate::terraform::edit::values::where_to_give::where_to_give;
use crate::terraform::error::EditError;
use crate::terraform::find::given_values::{GivenValue, given_values};
use crate::terraform::find::one_environment::of_shared_default;
use crate::terraform::find::switch::{Switch, SwitchValue, switch_of, switch_with};
use crate::terraform::lang::address::{ResourceAddress, address};
use crate::terraform::lang::expression::{conditional, number};
use crate::terraform::lang::json_lines::as_json;
use crate::terraform::lang::partial::references;
use crate::terraform::lang::scan::Block;
use crate::terraform::read::config::Config;
use crate::terraform::read::file::File;
use crate::terraform::read::input_place::InputPlace;
use crate::terraform::read::module::Module;
use crate::terraform::read::place::Place;
use crate::text::listed;

/// Enables a disabled block, and the `related` resources that the same variable disables or that the block
/// refers to.
///
/// # Errors
/// The block is enabled, its switch cannot be edited or controls other resources too, or it refers to a
/// resource that remains disabled.
pub(in crate::terraform) fn enable_block<'a>(
    draft: &mut Draft<'a>,
    place: Place<'a>,
    related: &[String],
) -> Result<(), EditError> {
    let module = place.module;
    let name = module.address_of(place.block).to_string();
    let local_name = address(place.block);
    let not_understood = |what: String| by_hand(place, what);
    let disabled_by =
        |cause: &str| not_understood(format!("{name} exists, but {cause} disables it: enable it"));
    let count = place.block.body.attribute("count");
    let repetition =
        ["count", "for_each"].into_iter().find_map(|name| Some((name, place.block.body.attribute(name)?)));
    let shown = repetition.map_or_else(String::new, |(name, value)| {
        format!("{name} = {}", place.file.expression(value).in_one_line())
    });
    let config = draft.finder.config;
    let switch = switch_for(draft, place);
    let enabled = match &switch {
        Switch::On => {
            return Err(EditError::AlreadyInCode { address: name, place: place.location() });
        }
        Switch::Other(cause) => {
            if let Some(next) = values::unknown_workspace::of_other_var_files(&draft.finder) {
                let what = format!("{name} exists, but {cause} disables it here: {next}");
                return Err(EditError::Answer { place: place.location(), what });
            }
            let decided = values::deciding_value::refusal(config, place);
            return Err(decided.unwrap_or_else(|| disabled_by(cause)));
        }
        Switch::Unknown(cause) => {
            let given = given_elsewhere(draft, place, cause);
            let decided = given.or_else(|| values::deciding_value::refusal(config, place));
            return Err(decided.unwrap_or_else(|| {
                not_understood(format!(
                    "{name} exists, but it is unknown whether {cause} enables it: enable it"
                ))
            }));
        }
        Switch::Zero => {
            draft.splice_all(place.file, count.map(|count| Splice::new(count.value.clone(), "1")));
            draft.note(&format!(
                "{name} ({}) was disabled by count = 0: this edit enables it.",
                place.location()
            ));
            vec![local_name]
        }
        Switch::Value(found) => {
            if let Some(error) = values::data_file::of_block(config, place)
                && found.kept(config, module).is_none()
            {
                return Err(error);
            }
            let controlled = found.enabled(module);
            let is_other = |other: &&String| **other != local_name && !related.contains(other);
            let other =
                controlled.iter().find(is_other).cloned().or_else(|| found.other_use(module, related));
            if let Some(other) = other {
                return Err(not_understood(format!(
                    "{name} is disabled by `{shown}`, which also controls {other}: give it a variable of its own"
                )));
            }
            if !draft.set_switch(module, found, related) {
                let what = format!("{name} exists, but `{shown}` disables it: enable it");
                return Err(enable_by_hand(draft, place, what));
            }
            draft.note(&format!(
                "{name} ({}) was disabled by {}: this edit enables it.",
                place.location(),
                found.reference()
            ));
            if let Some(also) = &found.also {
                draft.note(&format!(
                    "{} decides the number of instances of {name}: this edit sets it to {}.",
                    also.reference(),
                    also.value
                ));
            }
            controlled
        }
    };
    for (file, block) in module.blocks("resource").filter(|(_, block)| enabled.contains(&address(block))) {
        let keys = match &switch {
            Switch::Value(found) => found.instances(module, file, block),
            _ => None,
        };
        match keys {
            Some(keys) => {
                let all = keys.into_iter().map(|key| module.address_of(block).with_key(key));
                draft.reenabled.extend(all);
            }
            None => draft.reenabled.push(first_instance(module, block)),
        }
    }
    enable_references(draft, place, &switch, related)
}

/// The switch of a block. A number of NAT gateways is the number that the edit needs.
pub(in crate::terraform) fn switch_for(draft: &Draft<'_>, place: Place<'_>) -> Switch {
    let keys = nat::keys::of_zones(draft, place);
    let is_nat = place.block.is_resource("aws_nat_gateway") || place.block.is_resource("aws_eip");
    match switch_with(draft.finder.config, place, (&keys, is_nat.then_some(draft.nat_gateways))) {
        Switch::Value(found) if draft.nat_gateways > 1 => {
            Switch::Value(found.with_number(place.module, draft.nat_gateways))
        }
        switch => switch,
    }
}

/// Whether this edit already enables a block.
pub(in crate::terraform) fn is_reenabled(draft: &Draft<'_>, block: &Block) -> bool {
    is_announced(draft, draft.finder.target, block)
}

fn is_announced(draft: &Draft<'_>, module: &Module, block: &Block) -> bool {
    let own = module.address_of(block);
    draft.reenabled.iter().any(|known| known.is_of(&own))
}

/// The address of the only instance of a block with `count = 1`.
fn first_instance(module: &Module, block: &Block) -> ResourceAddress {
    module.address_of(block).with_key("[0]")
}

/// Enables the disabled `related` resources that a block refers to.
///
/// # Errors
/// It refers to another disabled resource.
fn enable_references<'a>(
    draft: &mut Draft<'a>,
    place: Place<'a>,
    own: &Switch,
    related: &[String],
) -> Result<(), EditError> {
    let module = place.module;
    for reference in references(place.file.slice(place.block.span.clone())) {
        let Some((file, block)) = block_of(module, &reference) else { continue };
        let switch = switch_of(draft.finder.config, module, file, block);
        let is_enabled = matches!(own, Switch::Value(found) if found.enables(module, file, block));
        if switch.is_on() || is_enabled || is_announced(draft, module, block) {
            continue;
        }
        if matches!(switch, Switch::Zero) && related.contains(&reference) {
            enable_block(draft, Place { module, file, block }, &[])?;
        } else {
            let what = format!(
                "{} is disabled, and it refers to {reference}, which is disabled too: enable both",
                address(place.block)
            );
            let both = switched_on(place).zip(switched_on(Place { module, file, block }));
            let place = place.location();
            return Err(match both {
                Some((one, other)) => EditError::ByHand { place, what, snippet: format!("{one}{other}") },
                None => EditError::Answer { place, what },
            });
        }
    }
    Ok(())
}

/// The refusal for a block whose switch is a variable that nothing in the folder sets: names the variable and its value. `None` if
/// something else decides it. `cause` is the switch, `count = var.on ? 1 : 0`.
fn given_elsewhere(draft: &Draft<'_>, place: Place<'_>, cause: &str) -> Option<EditError> {
    let config = draft.finder.config;
    let given = given_values(config, place.module, place.file, place.block);
    let names: Vec<String> = given.iter().map(|one| format!("var.{}", one.name)).collect();
    let first = given.first()?;
    let (is, it) = if given.len() == 1 { ("decides", "it") } else { ("decide", "them") };
    let input = config.unit.as_ref().and_then(|unit| unit.input(&config.boundary, &first.name));
    let input = input.as_ref();
    let apply = input.map_or_else(|| config.tool().apply().to_owned(), InputPlace::apply);
    let whence = match input {
        Some(input) => {
            format!("The {} gives {it} ({}): change it there", input.described(), input.places.join(" or "))
        }
        None => where_to_give(config, (&first.name, it), &draft.finder.workload.name),
    };
    Some(EditError::Given {
        place: place.location(),
        what: format!(
            "{} exists, and {} {is} whether it is enabled ({cause}). {whence}, then run {apply}",
            place.module.address_of(place.block),
            listed(&names, "and"),
        ),
        values: match (given.as_slice(), input, &config.unit) {
            ([only], Some(input), _) if only.attributes.is_empty() => input.line(&only.value)?,
            (_, None, Some(unit)) => unit.input_lines(&values(&given)),
            _ => values(&given),
        },
    })
}

/// The refusal for a disabled block that this edit does not enable: the value that enables it where the code keeps that value, or else the
/// argument of the block.
pub(in crate::terraform) fn enable_by_hand(draft: &Draft<'_>, place: Place<'_>, what: String) -> EditError {
    let config = draft.finder.config;
    let in_json = |found: &SwitchValue| {
        let what = format!(
            "{} ({}) exists, but {} disables it",
            shown_address(place),
            place.location(),
            found.reference()
        );
        let is_whole = found.attributes.is_empty();
        let refusal =
            values::json_values::refusal(config, (place.module, &found.name), (&what, &found.value));
        refusal.filter(|_| is_whole)
    };
    let by_switch = match switch_of(config, place.module, place.file, place.block) {
        Switch::Unknown(cause) => given_elsewhere(draft, place, &cause),
        Switch::Value(found) if found.root == "var" && is_input(config, place.module, &found.name) => {
            let input = config.unit.as_ref().and_then(|unit| unit.input(&config.boundary, &found.name));
            input.map(|input| {
                let what = format!(
                    "{} exists, but the {}{} disables it",
                    shown_address(place),
                    input.described(),
                    now(place.module.evaluate(format!("var.{}", found.name).as_str()))
                );
                input.refusal(&what, &found.value)
            })
        }
        Switch::Value(found) if found.root == "var" && in_json(&found).is_some() => in_json(&found),
        Switch::Value(found) if found.root == "var" && found.kept(config, place.module).is_none() => {
            let call = config.caller(place.module);
            let at = call.map_or_else(|| place.location(), |call| call.location());
            let own = call.and_then(|call| call.block.kind());
            let of = own.map_or_else(String::new, |name| format!(" of module.{name}"));
            let what = format!(
                "{} ({}) exists, but {}{of} disables it: set it here, then run {}",
                shown_address(place),
                place.location(),
                found.reference(),
                config.tool().apply()
            );
            let given = GivenValue {
                name: found.name.clone(),
                attributes: found.attributes.clone(),
                value: found.value.clone(),
            };
            Some(EditError::Given { place: at, what, values: values(&[given]) })
        }
        Switch::Value(found) => found.kept(config, place.module).map(|kept| {
            let name = found.attributes.last().unwrap_or(&found.name);
            let environment = of_shared_default(config, &kept);
            let root = || kept.trail.last().and_then(|last| last.path.last()).unwrap_or(name);
            let service = &draft.finder.workload.name;
            let (step, values) = match &environment {
                Some(environment) => (
                    format!(
                        "its default ({}) is {}, so {}",
                        kept.location(),
                        environment.users(),
                        environment.step(config, root(), service)
                    ),
                    environment.lines(config, (root(), &found.value), kept.text()),
                ),
                None if kept.is_json() => (
                    "set the value in this line".to_owned(),
                    in_syntax(true, format!("{} = {}\n", root(), found.value)),
                ),
                None => (
                    format!("set the value there ({})", kept.location()),
                    format!("{} = {}\n", root(), found.value),
                ),
            };
            let (at, block) = match &environment {
                None if kept.is_json() => (kept.location(), format!(" ({})", place.location())),
                _ => (place.location(), String::new()),
            };
            EditError::Given {
                place: at,
                what: format!(
                    "{}{block} exists, but {} disables it: {step}, then run {}",
                    shown_address(place),
                    found.reference(),
                    config.apply_of_environment(environment.is_some())
                ),
                values,
            }
        }),
        Switch::On | Switch::Zero | Switch::Other(_) => None,
    };
    by_switch.unwrap_or_else(|| by_hand(place, what))
}

/// The address of a resource, or of a module.
fn shown_address(place: Place<'_>) -> String {
    match place.block.block_type.as_str() {
        "module" => {
            let name = place.block.kind().unwrap_or_default();
            ResourceAddress::module_of(place.module.address.as_deref(), name)
        }
        _ => place.module.address_of(place.block).to_string(),
    }
}

/// Lines in the syntax of the file that gets them.
pub(in crate::terraform::edit) fn in_syntax(is_json: bool, lines: String) -> String {
    if is_json { as_json(&lines).unwrap_or(lines) } else { lines }
}

/// The present value in a sentence, `, now false,`.
fn now(value: Option<String>) -> String {
    value.map_or_else(String::new, |value| format!(", now {value},"))
}

/// Whether an input of the Terragrunt unit is the value of a variable.
fn is_input(config: &Config, module: &Module, name: &str) -> bool {
    config.unit.is_some() && module.address.is_none() && config.environment.sets(name)
}

/// Values of variables as in a file for `-var-file`.
fn values(given: &[GivenValue]) -> String {
    let line = |one: &GivenValue| match one.attributes.as_slice() {
        [] if one.value.starts_with('[') => {
            format!("{} = {} # and its other elements, as now\n", one.name, one.value)
        }
        [] => format!("{} = {}\n", one.name, one.value),
        attributes => {
            let inner = attributes
                .iter()
                .rev()
                .fold(one.value.clone(), |value, name| format!("{{ {name} = {value} }}"));
            format!("{} = {inner} # and its other attributes, as now\n", one.name)
        }
    };
    given.iter().map(line).collect()
}

/// The argument that enables a block, with the present one; `None` if another value decides it, because an argument without that value would
/// enable the block everywhere.
fn switched_on(place: Place<'_>) -> Option<String> {
    let Place { file, block, .. } = place;
    let name = if block.body.attribute("for_each").is_some() { "for_each" } else { "count" };
    let present = block.body.attribute(name).map(|value| file.expression(value))?;
    let tree = present.tree()?;
    let value = if name == "for_each" {
        let cases = conditional(&tree)?;
        let mut cases = [&cases.true_expr, &cases.false_expr].into_iter();
        let full = cases.find(|case| {
            let text: String = case.to_string().split_whitespace().collect();
            !["[]", "{}", "toset([])", "tomap({})", "null"].contains(&text.as_str())
        })?;
        full.to_string().trim().to_owned()
    } else {
        (number(&tree) == Some(0)).then(|| "1".to_owned())?
    };
    let shown = present.in_one_line();
    let head = format!("# In {} ({}), instead of {name} = {shown}", address(block), place.location());
    Some(format!("{head}\n{name} = {value}\n"))
}

/// The refusal for a block that the user must enable.
fn by_hand(place: Place<'_>, what: String) -> EditError {
    if let Some(snippet) = switched_on(place) {
        return EditError::ByHand { place: place.location(), what, snippet };
    }
    let what = match what.strip_suffix(": enable it") {
        Some(what) => format!("{what}: change the value that decides it, for this environment only"),
        None => what,
    };
    EditError::Answer { place: place.location(), what }
}

pub(in crate::terraform::edit) fn block_of<'a>(
    module: &'a Module,
    reference: &str,
) -> Option<(&'a File, &'a Block)> {
    match reference.split('.').collect::<Vec<_>>().as_slice() {
        ["data", kind, name] => module.block("data", &[kind, name]),
        [kind, name] => module.block("resource", &[kind, name]),
        _ => None,
    }
}
