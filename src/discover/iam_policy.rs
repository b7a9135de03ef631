//! The IAM policy that discovery needs.

use crate::model::Call;

/// The least-privilege read-only IAM policy for discovery, as JSON. It lists the action of every [`Call`] of live
/// discovery.
///
/// `sts:GetCallerIdentity` is in a statement of its own, whose id says that it is not needed: AWS allows this call without a
/// permission (<https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html>). It is listed so that the policy
/// is complete.
#[must_use]
pub fn iam_policy() -> String {
    let calls = Call::ALL.iter().filter(|call| !call.is_only_from_files());
    let mut actions: Vec<&str> = calls.filter_map(|call| call.iam_action()).collect();
    actions.sort_unstable();
    let policy = serde_json::json!({
        "Version": "2012-10-17",
        "Statement": [
            { "Sid": "EgressDoctorReadOnly", "Effect": "Allow", "Action": actions, "Resource": "*" },
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
