//! Functions that convert fields of several kinds of answers.

use std::collections::BTreeMap;

use ipnet::Ipv6Net;

use crate::discover::wire::{self, List};
use crate::model::SecurityGroupId;

/// The items of a list that may be missing.
pub(in crate::discover) fn each<T>(list: List<T>) -> impl Iterator<Item = T> {
    list.into_iter().flatten()
}

pub(in crate::discover) fn tags(list: List<wire::Tag>) -> BTreeMap<String, String> {
    each(list).map(|tag| (tag.key, tag.value.unwrap_or_default())).collect()
}

/// The associated IPv6 CIDR blocks. Host bits are cleared, as in AWS.
pub(in crate::discover) fn ipv6_ranges(list: List<wire::Ipv6CidrBlock>) -> Vec<Ipv6Net> {
    let used = each(list).filter(|block| is_associated(block.ipv6_cidr_block_state.as_ref()));
    used.filter_map(|block| block.ipv6_cidr_block).map(|net| net.trunc()).collect()
}

/// Whether a CIDR block is in use. A missing state means that it is.
pub(in crate::discover) fn is_associated(state: Option<&wire::BlockState>) -> bool {
    state.and_then(|state| state.state.as_deref()).is_none_or(|state| state == "associated")
}

/// Whether a resource is deleted. AWS lists some deleted resources for about an hour.
pub(in crate::discover) fn is_gone(state: Option<&str>) -> bool {
    state.is_some_and(|state| state.eq_ignore_ascii_case("deleted"))
}

pub(in crate::discover) fn group_ids(groups: List<wire::GroupPair>) -> Vec<SecurityGroupId> {
    each(groups).filter_map(|group| group.group_id.map(SecurityGroupId::from)).collect()
}
