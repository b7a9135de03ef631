//! Edits for a NAT instance: its source/destination check, and an Elastic IP address.

use crate::model::NetworkInterfaceId;
use crate::terraform::edit::draft::Draft;
use crate::terraform::edit::text::amend::{ensure_not_ignored, set_attribute};
use crate::terraform::error::EditError;
use crate::terraform::find::score::Clues;
use crate::terraform::lang::render::attribute;

/// Turns off the source/destination check, in the block of the network interface or of the instance.
pub(in crate::terraform) fn disable_check(
    draft: &mut Draft<'_>,
    interface: &NetworkInterfaceId,
) -> Result<(), EditError> {
    let known = draft.finder.snapshot.network.network_interfaces.get(interface);
    let instance = known.and_then(|known| known.instance.clone());
    let of = |id| Clues { id, tag: None, attributes: &[] };
    let mut found = draft.finder.find(&["aws_network_interface"], &of(interface.as_str()))?;
    if found.is_none()
        && let Some(instance) = &instance
    {
        found = draft.finder.find(&["aws_instance"], &of(instance.as_str()))?;
    }
    let Some(found) = found else {
        return Err(EditError::ByHand {
            place: draft.finder.code.service.location(),
            what: format!("the block of the NAT instance ({interface}) is not in this folder"),
            snippet: "# In the aws_instance or aws_network_interface of the NAT instance\nsource_dest_check = false\n".to_owned(),
        });
    };
    draft.note(&found.evidence);
    found.ensure_single()?;
    ensure_not_ignored(found.file, found.block, &["source_dest_check"])?;
    draft.splice_all(found.file, set_attribute(found.file, found.block, "source_dest_check", "false")?);
    draft.change(&found.address_in_root());
    Ok(())
}

/// Adds an Elastic IP address to the network interface.
pub(in crate::terraform) fn add_elastic_ip(draft: &mut Draft<'_>, interface: &NetworkInterfaceId) {
    let name = draft.free_name("aws_eip", "nat_instance");
    let mut lines = vec![
        attribute("domain", "\"vpc\""),
        attribute(
            "network_interface",
            draft.finder.expression_for(&["aws_network_interface"], interface.as_str()),
        ),
    ];
    lines.extend(draft.tags("nat-instance-eip"));
    let comment = "# Public IP address of the NAT instance\n";
    draft.add_resource("aws_eip", &name, "nat-instance.tf", comment, &lines);
}
