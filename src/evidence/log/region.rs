//! Recognises AWS host names without a valid region: `s3.None.amazonaws.com`, `sqs..amazonaws.com`.

use crate::evidence::catalogue::{is_region, is_service};

/// Whether an AWS host name lacks a required region, or has a region that does not exist.
pub(super) fn is_invalid(host: &str) -> bool {
    let Some(rest) = [".amazonaws.com", ".api.aws"].iter().find_map(|end| host.strip_suffix(end)) else {
        return false;
    };
    let mut labels = rest.rsplit('.');
    let last = labels.next().unwrap_or_default();
    if is_region(last.strip_prefix("s3-").unwrap_or(last)) {
        return false;
    }
    let parts: Vec<&str> = last.split('-').collect();
    let is_direction =
        |text: &str| ["north", "south", "east", "west", "central"].iter().any(|word| text.starts_with(word));
    // `us-west2`: a hyphen is missing.
    let lacks_hyphen = match parts.as_slice() {
        [area, rest] => area.len() == 2 && is_direction(rest) && rest.ends_with(|c: char| c.is_ascii_digit()),
        _ => false,
    };
    // `us-west-2a` is an AZ; `us-west-9` has the form of a region but does not exist.
    let has_region_form = match parts.as_slice() {
        [area, .., number] if parts.len() >= 3 => {
            area.len() == 2 && *area != "s3" && number.starts_with(|c: char| c.is_ascii_digit())
        }
        _ => false,
    };
    // `sts.dummy`, `dynamodb.undefined`: a label that is not a region follows a service name.
    let follows_service = labels
        .next()
        .is_some_and(|before| (before == "s3" || is_service(before)) && !is_service(last) && last != "s3");
    rest.contains("..") || last.is_empty() || has_region_form || lacks_hyphen || follows_service
}
