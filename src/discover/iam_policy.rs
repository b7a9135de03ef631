//! The IAM policy that discovery needs.

use crate::model::Call;

/// The least-privilege read-only IAM policy for discovery, as JSON. It lists the action of every [`Call`] of live
/// discovery.
///
/// The optional permissions are in a statement of their own: [`Call::is_optional`]. `sts:GetCallerIdentity` is in a statement of its own, whose id says that it is not needed: AWS allows this call without a
/// permission (<https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html>). It is listed so that the policy
/// is complete.
#[must_use]
pub fn iam_policy() -> String {
    let actions = |is_optional: bool| {
        let calls = Call::ALL.iter().filter(move |call| call.is_optional() == is_optional);
        let mut actions: Vec<&str> = calls.filter_map(|call| call.iam_action()).collect();
        actions.sort_unstable();
        actions
    };
    let policy = serde_json::json!({
        "Version": "2012-10-17",
        "Statement": [
            { "Sid": "EgressDoctorReadOnly", "Effect": "Allow", "Action": actions(false), "Resource": "*" },
            { "Sid": "EgressDoctorOptional", "Effect": "Allow", "Action": actions(true), "Resource": "*" },
            {
                "Sid": "EgressDoctorNeedsNoPermission",
                "Effect": "Allow",
                "Action": "sts:GetCallerIdentity",
                "Resource": "*",
            },
        ],
    });
    format!("{policy:#}\n")
}
