//! Uncomments blocks that are commented out. Must not decide which resource a change needs.

use crate::terraform::edit::draft::Draft;
use crate::terraform::edit::text::splice::{Splice, apply};
use crate::terraform::edit::values::reenable::{block_of, is_reenabled};
use crate::terraform::edit::values::requirement::{Amendment, Requirement};
use crate::terraform::error::EditError;
use crate::terraform::find::commented_out::CommentedOut;
use crate::terraform::find::switch::switch_of;
use crate::terraform::lang::address::ResourceAddress;
use crate::terraform::lang::partial::references;
use crate::terraform::lang::uses::refers_without_key;
use crate::terraform::read::module::Module;

/// Uncomments a resource, and changes it to meet the requirements.
///
/// # Errors
/// The resource refers to a resource that does not exist or is disabled, has `count` or `for_each`, another
/// provider or region, or is commented out together with other code.
pub(in crate::terraform) fn uncomment(
    draft: &mut Draft<'_>,
    commented: &CommentedOut<'_>,
    requirements: &[Requirement],
) -> Result<(), EditError> {
    let Some(block) = commented.block() else { return Ok(()) };
    let name = commented.address();
    let module = draft.finder.target;
    let refuse = |why: &str, text: &str| {
        let what = format!("{name} is commented out here, but {why}: uncomment it yourself, or delete it");
        let snippet = without_missing(module, text, &name);
        Err(EditError::ByHand { place: commented.location(), what, snippet })
    };
    let present = commented.code.slice(block.span.clone());
    let Some(span) = commented.span.clone() else { return refuse("together with other code", present) };
    if block.repeats() {
        return refuse("it has count or for_each", present);
    }
    if module.declares(&name) || is_added(draft, &name) {
        return refuse("another resource has this name", present);
    }
    let amendment = Amendment::of(&commented.code, block, requirements)?;
    amendment.note(draft, &name);
    let text = apply(&commented.code, amendment.splices)?;
    if let Some(why) = unusable_reference(draft, &text, &name, requirements) {
        return refuse(&why, present);
    }
    if !draft.finder.has_network_provider(module, &commented.code, block) {
        return refuse("it has another provider than the network", present);
    }
    if draft.finder.is_in_another_region(module, &commented.code, block) {
        return refuse("it is in another region", present);
    }
    put(draft, commented, Splice::new(span, text), None);
    Ok(())
}

/// Uncomments a resource as it is, also one with this number of instances by `count` or `for_each`. `false`, and no edit, if it refers to
/// something that does not exist or is disabled, or has another provider or region.
pub(in crate::terraform) fn uncomment_instances(
    draft: &mut Draft<'_>,
    commented: &CommentedOut<'_>,
    number: Option<usize>,
) -> bool {
    let (Some(block), Some(span)) = (commented.block(), commented.span.clone()) else { return false };
    let (name, module, code) = (commented.address(), draft.finder.target, &commented.code);
    let repetition = ["count", "for_each"].into_iter().find_map(|name| block.body.attribute(name));
    // The number of instances is that of a whole block, `length(aws_route_table.private)`.
    let mut checked = code.text.clone();
    if let Some(repetition) = repetition.filter(|_| number.is_some()) {
        checked.replace_range(repetition.value.clone(), "1");
    }
    let whole = repetition.map(|repetition| references(&format!("x = {}", code.value(repetition))));
    let is_declared = |reference: &String| module.declares(reference) || is_added(draft, reference);
    let is_usable = block.repeats() == number.is_some()
        && !module.declares(&name)
        && !is_added(draft, &name)
        && whole.is_none_or(|all| all.iter().all(is_declared))
        && unusable_reference(draft, &checked, &name, &[]).is_none()
        && draft.finder.has_network_provider(module, code, block)
        && !draft.finder.is_in_another_region(module, code, block)
        && !draft.is_changed(commented.file, &span);
    if is_usable {
        put(draft, commented, Splice::new(span, code.text.clone()), number);
    }
    is_usable
}

/// Puts the code of a resource in the place of its comment.
fn put(draft: &mut Draft<'_>, commented: &CommentedOut<'_>, splice: Splice, number: Option<usize>) {
    let name = commented.address();
    draft.note(&format!("{name} was commented out ({}): this edit uncomments it.", commented.location()));
    let added = name.parse::<ResourceAddress>().ok();
    let module = draft.finder.target.address.clone();
    let added = added.map(|added| ResourceAddress { module, ..added });
    draft.instances.extend(added.clone().zip(number));
    draft.adds.extend(added);
    draft.splice(commented.file, splice);
}

/// Uncomments a resource as it is. `false`, and no edit, if Terraform could not use it, or it is another one than it was.
pub(in crate::terraform) fn uncomment_as_it_is(draft: &mut Draft<'_>, commented: &CommentedOut<'_>) -> bool {
    let (Some(block), Some(span)) = (commented.block(), commented.span.clone()) else { return false };
    let (name, module) = (commented.address(), draft.finder.target);
    let text = &commented.code.text;
    let is_usable = !block.repeats()
        && !module.declares(&name)
        && !is_added(draft, &name)
        && unusable_reference(draft, text, &name, &[]).is_none()
        && draft.finder.has_network_provider(module, &commented.code, block)
        && !draft.finder.is_in_another_region(module, &commented.code, block);
    if !is_usable {
        return false;
    }
    draft.note(&format!("{name} was commented out ({}): this edit uncomments it.", commented.location()));
    let added = name.parse::<ResourceAddress>().ok();
    draft.adds.extend(added.map(|added| ResourceAddress { module: module.address.clone(), ..added }));
    draft.splice(commented.file, Splice::new(span, laid_out(text)));
    true
}

/// Uncomments a block inside a resource as it is. `false` if it refers to something that does not exist.
pub(in crate::terraform) fn uncomment_inside(
    draft: &mut Draft<'_>,
    resource: &str,
    commented: &CommentedOut<'_>,
) -> bool {
    let (Some(block), Some(span)) = (commented.block(), commented.span.clone()) else { return false };
    let text = &commented.code.text;
    if unusable_reference(draft, text, resource, &[]).is_some() {
        return false;
    }
    let first = commented.file.slice(span.clone());
    let indent = &first[..first.len() - first.trim_start_matches([' ', '\t']).len()];
    let line =
        |line: &str| if line.trim().is_empty() { "\n".to_owned() } else { format!("{indent}{line}\n") };
    let text: String = laid_out(text).lines().map(line).collect();
    draft.note(&format!(
        "Block {} of {resource} was commented out ({}): this edit uncomments it.",
        block.block_type,
        commented.location()
    ));
    draft.splice(commented.file, Splice::new(span, text));
    true
}

/// The code without the arguments that refer to something that does not exist; a comment has them.
fn without_missing(module: &Module, text: &str, own: &str) -> String {
    let is_missing = |line: &&str| {
        let is_argument =
            line.split_once('=').is_some_and(|(_, value)| !value.trim().ends_with(['{', '[', '(']));
        let missing = |reference: &String| reference != own && !module.declares(reference);
        is_argument && references(line.trim_start()).iter().any(missing)
    };
    let (missing, kept): (Vec<&str>, Vec<&str>) = text.lines().partition(is_missing);
    let head: String = missing
        .iter()
        .map(|line| {
            let (name, value) = line.split_once('=').unwrap_or_default();
            format!(
                "# Without {} = {}, which refers to something that does not exist\n",
                name.trim(),
                value.trim()
            )
        })
        .collect();
    head + &aligned(&kept)
}

/// Code with the equal signs of adjacent arguments aligned. A heredoc stays as it is.
fn laid_out(text: &str) -> String {
    if text.contains("<<") { text.to_owned() } else { aligned(&text.lines().collect::<Vec<_>>()) }
}

/// Lines with the equal signs of adjacent arguments aligned.
fn aligned(lines: &[&str]) -> String {
    let argument = |line: &str| {
        let (name, value) = line.split_once('=')?;
        let is_name = name.trim().chars().all(|c| c.is_alphanumeric() || c == '_' || c == '-');
        let is_single =
            !value.starts_with('=') && !value.trim().ends_with(['{', '[', '(']) && !value.contains("<<");
        (is_name && is_single).then(|| (name.trim_end().to_owned(), value.trim().to_owned()))
    };
    let runs = lines.chunk_by(|one, two| argument(one).is_some() && argument(two).is_some());
    let mut text = String::new();
    for run in runs {
        let arguments: Option<Vec<_>> = run.iter().map(|line| argument(line)).collect();
        let Some(arguments) = arguments else {
            text.extend(run.iter().flat_map(|line| [line, "\n"]));
            continue;
        };
        let width = arguments.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
        text.extend(arguments.iter().map(|(name, value)| format!("{name:<width$} = {value}\n")));
    }
    text
}

/// Whether the edit adds a resource with this address.
fn is_added(draft: &Draft<'_>, address: &str) -> bool {
    let module = &draft.finder.target.address;
    draft.adds.iter().any(|added| added.module == *module && added.in_module().to_string() == address)
}

/// Why an uncommented resource cannot use one of the resources that its code refers to; `None` if it can
/// use all of them. References in the requirements are not checked, because the edit provides them.
fn unusable_reference(
    draft: &Draft<'_>,
    text: &str,
    name: &str,
    requirements: &[Requirement],
) -> Option<String> {
    let module = draft.finder.target;
    let provided: Vec<String> = requirements
        .iter()
        .flat_map(|requirement| references(&format!("x = {}", requirement.value())))
        .collect();
    let is_checked = |reference: &String| {
        reference != name && !is_added(draft, reference) && !provided.contains(reference)
    };
    for reference in references(text).into_iter().filter(is_checked) {
        if !module.declares(&reference) {
            return Some(format!("it refers to {reference}, which does not exist"));
        }
        let Some((file, block)) = block_of(module, &reference) else { continue };
        if !switch_of(draft.finder.config, module, file, block).is_on() && !is_reenabled(draft, block) {
            return Some(format!("it refers to {reference}, which is disabled"));
        }
        if block.repeats() && refers_without_key(text, &reference) {
            return Some(format!("it refers to {reference}, which has several instances"));
        }
    }
    None
}
