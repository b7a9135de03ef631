//! What a denied call of an AWS API was, as its error names it: the action, the resource and the role.

use std::fmt;

/// A denied call: `User: arn:aws:sts::123456789012:assumed-role/ROLE/SESSION is not authorized to perform: ACTION on resource: ARN`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Denial {
    /// `s3:GetObject`
    pub action: String,
    /// The ARN.
    pub resource: Option<String>,
    /// The name of the role.
    pub role: Option<String>,
}

impl Denial {
    /// The call that a line names.
    pub(super) fn of(line: &str) -> Option<Self> {
        let action = word_after(line, "to perform: ")?;
        let (service, call) = action.split_once(':')?;
        let is_name =
            |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
        if !is_name(service) || !is_name(call) {
            return None;
        }
        let resource = word_after(line, "on resource: ").filter(|text| text.starts_with("arn:"));
        let role = line.split_once(":assumed-role/").and_then(|(_, rest)| rest.split(['/', ' ', '"']).next());
        Some(Self {
            action: action.to_owned(),
            resource: resource.map(str::to_owned),
            role: role.filter(|role| !role.is_empty()).map(str::to_owned),
        })
    }
}

/// The word after a text, without quotes and the comma or full stop at its end.
fn word_after<'a>(line: &'a str, text: &str) -> Option<&'a str> {
    let (_, rest) = line.split_once(text)?;
    let is_quote = |c: char| matches!(c, '"' | '\'' | '\\' | ',' | '.');
    rest.split_whitespace().next().map(|word| word.trim_matches(is_quote)).filter(|word| !word.is_empty())
}

impl fmt::Display for Denial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { action, resource, role } = self;
        write!(f, "{action}")?;
        if let Some(resource) = resource {
            write!(f, " on {resource}")?;
        }
        if let Some(role) = role {
            write!(f, " for role {role}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_that_a_line_names() {
        let cases = [
            (
                "User: arn:aws:sts::123456789012:assumed-role/bond-ai-dev-instance/abc is not authorized to perform: s3:GetObject on \
                 resource: \"arn:aws:s3:::bond-archive/key.txt\" because no policy allows the action",
                Some("s3:GetObject on arn:aws:s3:::bond-archive/key.txt for role bond-ai-dev-instance"),
            ),
            (
                "User: x is not authorized to perform: bedrock:InvokeModel because",
                Some("bedrock:InvokeModel"),
            ),
            ("AccessDenied when calling the GetObject operation: Access Denied", None),
            ("not authorized to perform: this", None),
        ];
        for (line, text) in cases {
            assert_eq!(Denial::of(line).map(|denial| denial.to_string()).as_deref(), text, "{line}");
        }
    }
}
