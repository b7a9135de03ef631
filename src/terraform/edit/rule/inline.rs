//! The lines of an inline rule of a security group.

use crate::model::Peer;
use crate::terraform::edit::draft::Draft;
use crate::terraform::edit::rule::group_code::{peer_group, purpose};
use crate::terraform::edit::rule::peer::peer_of_inline_rule;
use crate::terraform::error::EditError;
use crate::terraform::lang::render::{Line, attribute, quoted};
use crate::terraform::read::module::Module;

/// An inline rule, with references for the module of the block. The module can get a variable for the peer.
pub(in crate::terraform::edit) fn inline<'a>(
    draft: &mut Draft<'a>,
    module: &'a Module,
    port: u16,
    peer: &Peer,
) -> Result<Vec<Line>, EditError> {
    let lines = lines(draft, module, (port, peer), true)?;
    draft.note_ids(&lines);
    Ok(lines)
}

/// The same as text for an edit by hand, which adds no other code.
pub(in crate::terraform::edit) fn inline_by_hand<'a>(
    draft: &mut Draft<'a>,
    module: &'a Module,
    port: u16,
    peer: &Peer,
) -> Result<Vec<Line>, EditError> {
    lines(draft, module, (port, peer), false)
}

fn lines<'a>(
    draft: &mut Draft<'a>,
    module: &'a Module,
    (port, peer): (u16, &Peer),
    is_edit: bool,
) -> Result<Vec<Line>, EditError> {
    let is_here = module.address == draft.finder.target.address;
    let (name, value) = match peer {
        Peer::Ipv4(net) if is_here => ("cidr_blocks", draft.range(*net)),
        Peer::PrefixList(id) if is_here => ("prefix_list_ids", draft.prefix_list(id)),
        Peer::Ipv4(net) => ("cidr_blocks", draft.range_in(module, *net)),
        Peer::Ipv6(net) => ("ipv6_cidr_blocks", quoted(&net.to_string())),
        Peer::PrefixList(id) if is_edit => {
            let target = draft.finder.target;
            draft.finder.enter(module)?;
            let list = draft.prefix_list(id);
            draft.finder.enter(target)?;
            ("prefix_list_ids", list)
        }
        Peer::PrefixList(id) => ("prefix_list_ids", quoted(id.as_str())),
        Peer::Group(id) if is_here => ("security_groups", peer_group(draft, id)?),
        Peer::Group(id) => ("security_groups", peer_of_inline_rule(draft, (module, is_edit), id)?),
    };
    Ok(vec![
        attribute("description", quoted(&purpose(draft, peer))),
        attribute("from_port", port.to_string()),
        attribute("to_port", port.to_string()),
        attribute("protocol", "\"tcp\""),
        attribute(name, format!("[{value}]")),
    ])
}
