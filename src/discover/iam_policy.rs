//! The IAM policy that discovery needs.

use crate::model::Call;

/// The least-privilege read-only IAM policy for discovery, as JSON. It lists the action of every [`Call`].
#[must_use]
pub fn iam_policy() -> String {
    let mut actions: Vec<&str> = Call::ALL.iter().filter_map(|call| call.iam_action()).collect();
    actions.sort_unstable();
    let policy = serde_json::json!({
        "Version": "2012-10-17",
        "Statement": [{ "Sid": "EgressDoctorReadOnly", "Effect": "Allow", "Action": actions, "Resource": "*" }],
    });
    format!("{policy:#}\n")
}
