//! Recognises AWS host names without a valid region (`s3.None.amazonaws.com`, `sqs..amazonaws.com`), and the region that a
//! response of S3 names as the correct one.

use crate::evidence::catalogue::{is_region, is_service};
use crate::evidence::patterns::LazyPattern;

/// The region in a response of S3: `expecting 'eu-west-1'`, `x-amz-bucket-region: eu-west-1`,
/// `Endpoint: 'reports.s3.eu-west-1.amazonaws.com'`
/// (<https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html#RESTRedirect>).
static CORRECT: LazyPattern = LazyPattern::new(
    r#"(?i)(?:\bexpecting|bucket is in this region|bucket-?_?region|<Region|<?\bEndpoint)[>:='"\\ ]{1,6}(?:[a-z0-9.-]{0,255}?s3[.-])?(?P<region>[a-z]{2}(?:-[a-z]{2,12}){1,3}-[0-9]{1,2})(?:['"<\\ ,;)}]|\. |\.amazonaws\.com|$)"#,
);

/// The region that a line names as the correct one.
pub(super) fn correct_region(line: &str) -> Option<String> {
    let found = CORRECT.captures(line)?;
    let region = found.name("region")?.as_str().to_ascii_lowercase();
    is_region(&region).then_some(region)
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_response_of_s3_names_the_correct_region() {
        for (line, region) in [
            ("the region 'us-east-1' is wrong; expecting 'eu-west-1'", Some("eu-west-1")),
            ("x-amz-bucket-region: ap-southeast-2", Some("ap-southeast-2")),
            ("  Endpoint: 'reports.s3.eu-west-1.amazonaws.com', Bucket: 'reports'", Some("eu-west-1")),
            ("<Endpoint>reports.s3-eu-west-1.amazonaws.com</Endpoint>", Some("eu-west-1")),
            ("The bucket is in this region: eu-central-1. Please use this region", Some("eu-central-1")),
            ("Endpoint: 's3.eu-central-1.amazonaws.com'", Some("eu-central-1")),
            ("Endpoint: 'reports.s3.amazonaws.com'", None),
            ("expecting 'xx-nowhere-1'", None),
        ] {
            assert_eq!(correct_region(line).as_deref(), region, "{line}");
        }
    }
}
