//! Resources of a simulated fix, which do not exist in AWS: their ids end in `-planned`. Texts name them instead.

/// Whether an id is that of a resource of a simulated fix.
#[must_use]
pub fn is_planned(id: &str) -> bool {
    id.ends_with(SUFFIX)
}

const SUFFIX: &str = "-planned";

/// The nouns that stand before an id, the longest of two with the same end first.
const NOUNS: &[&str] = &[
    "gateway endpoint",
    "interface endpoint",
    "VPC endpoint",
    "endpoint",
    "NAT gateway",
    "egress-only internet gateway",
    "internet gateway",
    "route table",
    "security group",
    "subnet",
    "VPC connector",
    "connector",
];

/// The text with a name for each such id: `the new NAT gateway`. `None` if the text has none.
#[must_use]
pub fn without_planned_ids(text: &str) -> Option<String> {
    let mut rest = text;
    let mut out = String::new();
    while let Some(end) = rest.find(SUFFIX).map(|place| place + SUFFIX.len()) {
        let (before, after) = rest.split_at_checked(end)?;
        let id_start = before.rfind(|c: char| !is_part_of_id(c)).map_or(0, |at| {
            at + before.get(at..).and_then(|tail| tail.chars().next()).map_or(1, char::len_utf8)
        });
        let (head, id) = before.split_at_checked(id_start)?;
        out.push_str(head);
        if after.chars().next().is_some_and(is_part_of_id) || !describe(&mut out, id) {
            out.push_str(id);
        }
        rest = after;
    }
    out.push_str(rest);
    (out != text).then_some(out)
}

/// An ARN has colons and slashes.
fn is_part_of_id(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '/')
}

/// Writes `the new NAT gateway` after the text. A noun and an article at its end are a part of it. `false` if the id names nothing: a
/// connector has a name of its own, and the noun before it.
fn describe(out: &mut String, id: &str) -> bool {
    let noun = NOUNS.iter().find(|noun| out.strip_suffix(' ').is_some_and(|head| head.ends_with(**noun)));
    let own = match id.split('-').next().unwrap_or_default() {
        "vpce" => "VPC endpoint",
        "nat" => "NAT gateway",
        "igw" => "internet gateway",
        "eigw" => "egress-only internet gateway",
        "rtb" => "route table",
        "sg" => "security group",
        "subnet" => "subnet",
        _ if noun.is_some_and(|noun| noun.ends_with("connector")) => "connector",
        _ => return false,
    };
    if let Some(noun) = noun {
        out.truncate(out.len() - noun.len() - 1);
    }
    let article = ["The ", "the "].into_iter().find(|article| out.ends_with(article));
    if let Some(article) = article {
        out.truncate(out.len() - article.len());
    }
    out.push_str(article.unwrap_or("the "));
    out.push_str("new ");
    out.push_str(noun.copied().unwrap_or(own));
    let zone = id.strip_prefix("subnet-").and_then(|id| id.strip_suffix(SUFFIX));
    if let Some(zone) = zone {
        out.push_str(" in ");
        out.push_str(zone);
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_names_what_does_not_exist() {
        let cases = [
            (
                "reachable through gateway endpoint vpce-s3-planned",
                "reachable through the new gateway endpoint",
            ),
            ("vpce-s3-planned: pass", "the new VPC endpoint: pass"),
            ("The NAT gateway nat-subnet-0f7e6d5c4b3a29181-planned, and", "The new NAT gateway, and"),
            ("0.0.0.0/0 -> nat-subnet-0f7e6d5c4b3a29181-planned", "0.0.0.0/0 -> the new NAT gateway"),
            (
                "the route table rtb-private-planned of subnet-us-west-2a-planned.",
                "the new route table of the new subnet in us-west-2a.",
            ),
            ("connector bond-ai-dev-connector-2-planned", "the new connector"),
            ("§sg-vpc-endpoints-planned§", "§the new security group§"),
        ];
        for (text, named) in cases {
            assert_eq!(without_planned_ids(text).as_deref(), Some(named));
        }
        for text in ["", "rtb-0d4", "a well-planned change", "-plannedX rtb-x-planned-2"] {
            assert_eq!(without_planned_ids(text), None, "{text}");
        }
    }
}
