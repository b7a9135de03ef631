//! The events of CloudTrail as changes: which event changes a resource, and who made it.
//!
//! Reads only the operation, the time, the error code and the name of the role or user of an event. The other fields of an
//! event (access key, session, parameters, addresses) are never kept
//! (<https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html>).

use jiff::Timestamp;
use serde::Deserialize;

use crate::model::RecordedChange;
use crate::text::one_line;

/// The fields of an event that are read.
pub(super) struct Event<'a> {
    pub operation: Option<&'a str>,
    /// Seconds since 1970.
    pub at: Option<i64>,
    /// `true` or `false`.
    pub read_only: Option<&'a str>,
    /// The whole event as JSON.
    pub detail: Option<&'a str>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Detail {
    user_identity: Identity,
    /// Only in events of calls that failed.
    error_code: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Identity {
    r#type: Option<String>,
    user_name: Option<String>,
    invoked_by: Option<String>,
    session_context: Session,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Session {
    session_issuer: Issuer,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Issuer {
    r#type: Option<String>,
    user_name: Option<String>,
}

/// The change of an event; `None` if its call only reads or failed.
pub(super) fn change(event: &Event<'_>) -> Option<RecordedChange> {
    if event.read_only != Some("false") {
        return None;
    }
    let at = Timestamp::from_second(event.at?).ok()?;
    let detail = event.detail.and_then(|text| serde_json::from_str::<Detail>(text).ok()).unwrap_or_default();
    if detail.error_code.is_some() {
        return None;
    }
    Some(RecordedChange { at, operation: one_line(event.operation?), by: detail.user_identity.name() })
}

impl Identity {
    /// The role or user: `role Deploy`.
    fn name(&self) -> Option<String> {
        let issuer = &self.session_context.session_issuer;
        let (kind, name) = match (self.r#type.as_deref()?, &issuer.user_name) {
            ("Root", _) => return Some("the root user".to_owned()),
            ("AWSService" | "AWSAccount", _) => ("AWS service", self.invoked_by.as_ref()?),
            ("IAMUser", _) | (_, None) => ("user", self.user_name.as_ref()?),
            (_, Some(name)) => match issuer.r#type.as_deref() {
                Some("IAMUser") => ("user", name),
                _ => ("role", name),
            },
        };
        Some(format!("{kind} {}", one_line(name)))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails at the first error")]

    use super::*;

    fn read(read_only: &str, detail: &str) -> Option<RecordedChange> {
        change(&Event {
            operation: Some("DeleteRoute"),
            at: Some(1_763_629_200),
            read_only: Some(read_only),
            detail: Some(detail),
        })
    }

    /// <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html>
    #[test]
    fn a_change_has_the_name_of_the_role_or_user_and_nothing_else_of_the_event() {
        let assumed = r#"{ "userIdentity": { "type": "AssumedRole", "principalId": "AROAEXAMPLE:alice@example.com",
            "arn": "arn:aws:sts::123456789012:assumed-role/Deploy/alice@example.com", "accessKeyId": "ASIAEXAMPLE",
            "sessionContext": { "sessionIssuer": { "type": "Role", "userName": "Deploy" }, "attributes": {} } },
            "requestParameters": { "routeTableId": "rtb-1" }, "sourceIPAddress": "203.0.113.9" }"#;
        let read_change = read("false", assumed).unwrap();
        assert_eq!(
            serde_json::to_value(&read_change).unwrap(),
            serde_json::json!({ "at": "2025-11-20T09:00:00Z", "operation": "DeleteRoute", "by": "role Deploy" })
        );
        let by = |identity: &str| read("false", &format!(r#"{{ "userIdentity": {identity} }}"#)).unwrap().by;
        assert_eq!(
            by(r#"{ "type": "IAMUser", "userName": "bob\u001b[2J" }"#).unwrap(),
            "user bob\u{fffd}[2J"
        );
        assert_eq!(by(r#"{ "type": "Root" }"#).unwrap(), "the root user");
        assert_eq!(
            by(r#"{ "type": "AWSService", "invokedBy": "apprunner.amazonaws.com" }"#).unwrap(),
            "AWS service apprunner.amazonaws.com"
        );
        assert_eq!(by("{}"), None);
    }

    #[test]
    fn an_event_that_changes_nothing_is_not_a_change() {
        assert_eq!(read("true", "{}"), None);
        assert_eq!(read("false", r#"{ "errorCode": "Client.UnauthorizedOperation" }"#), None);
        // An event without details is a change by an unknown user.
        assert_eq!(read("false", "not JSON").unwrap().by, None);
    }
}
