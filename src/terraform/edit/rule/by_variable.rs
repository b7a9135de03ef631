//! An inline rule of a security group in a module that is used more than once: the module gets a variable, which only the call of this
//! service sets.

use crate::model::Peer;
use crate::terraform::edit::draft::Draft;
use crate::terraform::edit::rule::inline::inline;
use crate::terraform::edit::text::amend::add_dynamic_after_siblings;
use crate::terraform::error::EditError;
use crate::terraform::find::found::Found;
use crate::terraform::lang::render::{Line, attribute, block, quoted};

/// Adds the rule as a dynamic block. Returns `false`, and edits nothing, if the group is not in the module of the service, is one of several
/// groups there, or the call must not be changed.
///
/// # Errors
/// The peer is not known, or the group shares a line with other code.
pub(in crate::terraform::edit) fn add<'a>(
    draft: &mut Draft<'a>,
    direction: &'static str,
    found: &Found<'a>,
    (port, peer): (u16, &Peer),
) -> Result<bool, EditError> {
    let (config, target) = (draft.finder.config, draft.finder.target);
    // Another instance of the module of the service has another key.
    let module = draft.finder.code.service.module;
    let name = format!("app_runner_{port}");
    let head = format!("variable \"{name}\"");
    let is_open = module.address.is_some()
        && module.canonical_dir == found.module.canonical_dir
        && module.is_editable()
        && config.is_used_more_than_once(module)
        && !found.block.repeats()
        && !found.file.is_json()
        && !module.has_variable(&name)
        && !draft.new_blocks().contains(&head);
    if !is_open || !draft.add_argument(module, &name, ("true", "false")) {
        return Ok(false);
    }
    let variables: Vec<_> = module.blocks("variable").collect();
    let described = variables.iter().filter(|(_, one)| one.body.attribute("description").is_some()).count();
    let mut lines = vec![attribute("type", "bool"), attribute("default", "false")];
    if described * 2 > variables.len() {
        let text = format!("Whether the App Runner service has the {direction} rule for TCP {port}");
        lines.insert(0, attribute("description", quoted(&text)));
    }
    draft.add_top_level(module, "variable", "variables.tf", &block(&head, &lines));
    draft.finder.enter(module)?;
    let rule = inline(draft, module, port, peer)?;
    draft.finder.enter(target)?;
    let lines = [
        attribute("for_each", format!("var.{name} ? [1] : []")),
        Line::Blank,
        Line::Block("content".to_owned(), rule),
    ];
    let splice = add_dynamic_after_siblings(found.file, found.block, direction, &lines)?;
    draft.splice(found.file, splice);
    draft.change(&found.address_in_root());
    draft.note(&format!(
        "{} gets a variable {name}. Its default is false, so the other calls of the module do not change.",
        module.dir.display()
    ));
    Ok(true)
}
