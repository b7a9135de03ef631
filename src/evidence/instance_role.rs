//! AWS services that the policies of an instance role allow. This is the weakest evidence: a permission does
//! not show that the application calls the service.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::model::{Permit, Region};

/// Services by the prefix of their IAM actions, with the host of the API that an application calls.
const HOSTS: &[(&str, &str)] = &[
    ("s3", "s3"),
    ("dynamodb", "dynamodb"),
    ("sqs", "sqs"),
    ("sns", "sns"),
    ("secretsmanager", "secretsmanager"),
    ("ssm", "ssm"),
    ("kms", "kms"),
    ("bedrock", "bedrock-runtime"),
    ("lambda", "lambda"),
    ("states", "states"),
    ("events", "events"),
    ("kinesis", "kinesis"),
    ("firehose", "firehose"),
    ("textract", "textract"),
    ("comprehend", "comprehend"),
    ("rekognition", "rekognition"),
    ("translate", "translate"),
    ("transcribe", "transcribe"),
    ("polly", "polly"),
    ("ses", "email"),
    ("cognito-idp", "cognito-idp"),
    ("rds-data", "rds-data"),
    ("athena", "athena"),
    ("glue", "glue"),
    ("cloudwatch", "monitoring"),
    ("scheduler", "scheduler"),
    ("sagemaker", "runtime.sagemaker"),
];

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Document {
    statement: OneOrMany<Statement>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Statement {
    effect: String,
    action: Option<OneOrMany<String>>,
    resource: Option<OneOrMany<String>>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany<T> {
    One(T),
    Many(Vec<T>),
}

impl<T> OneOrMany<T> {
    fn list(self) -> Vec<T> {
        match self {
            Self::One(item) => vec![item],
            Self::Many(items) => items,
        }
    }
}

/// The services that policy documents allow, each with its host. The action `*` is ignored because it
/// belongs to no service. Documents that are not policies are ignored too.
#[must_use]
pub fn permits(documents: &[String], region: &Region) -> Vec<Permit> {
    let mut found: BTreeMap<String, String> = BTreeMap::new();
    let statements = documents
        .iter()
        .filter_map(|text| serde_json::from_str::<Document>(text).ok())
        .flat_map(|document| document.statement.list())
        .filter(|statement| statement.effect == "Allow");
    for statement in statements {
        // The first action of a statement that uses the buckets names them; further actions find no other buckets.
        let mut resources = Some(statement.resource.map(OneOrMany::list).unwrap_or_default());
        for action in statement.action.map(OneOrMany::list).unwrap_or_default() {
            let Some((prefix, name)) = action.split_once(':') else { continue };
            let prefix = prefix.to_ascii_lowercase();
            let Some((_, api)) = HOSTS.iter().find(|(id, _)| *id == prefix) else { continue };
            let api = if prefix == "bedrock" { bedrock(name) } else { api };
            let hosts = match prefix.as_str() {
                "s3" => resources.take().map(|resources| buckets(&resources, region)).unwrap_or_default(),
                _ => vec![format!("{api}.{region}.amazonaws.com")],
            };
            for host in hosts {
                found.entry(host).or_insert_with(|| action.clone());
            }
        }
    }
    found.into_iter().map(|(host, action)| Permit { action, host }).collect()
}

/// The Bedrock API that an action belongs to.
fn bedrock(action: &str) -> &'static str {
    let begins_with = |words: &[&str]| words.iter().any(|word| action.starts_with(word));
    if begins_with(&["Retrieve", "InvokeAgent", "InvokeFlow"]) {
        "bedrock-agent-runtime"
    } else if begins_with(&["List", "Get", "Create", "Delete", "Put", "Update"]) {
        "bedrock"
    } else {
        "bedrock-runtime"
    }
}

/// The hosts of the buckets in ARNs; the host of S3 if no ARN contains a complete bucket name.
fn buckets(resources: &[String], region: &Region) -> Vec<String> {
    let mut hosts: Vec<String> = resources
        .iter()
        .filter_map(|arn| arn.splitn(6, ':').nth(5)?.split('/').next())
        .filter(|bucket| !bucket.is_empty() && !bucket.contains(['*', '?', '$', '.']))
        .map(|bucket| format!("{bucket}.s3.{region}.amazonaws.com"))
        .collect();
    hosts.dedup();
    if hosts.is_empty() { vec![format!("s3.{region}.amazonaws.com")] } else { hosts }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn services_and_buckets_of_a_policy() {
        let policy = r#"{"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject"], "Resource": ["arn:aws:s3:::bond-files/*", "arn:aws:s3:::bond-files"]},
            {"Effect": "Allow", "Action": "bedrock:InvokeModel*", "Resource": "*"},
            {"Effect": "Deny", "Action": "sqs:*", "Resource": "*"},
            {"Effect": "Allow", "Action": ["kms:Decrypt", "iam:PassRole", "*"], "Resource": "*"}
        ]}"#;
        let documents = [policy.to_owned(), "not a policy".to_owned()];
        let found: Vec<String> = permits(&documents, &Region::new("us-west-2"))
            .into_iter()
            .map(|permit| format!("{} {}", permit.action, permit.host))
            .collect();
        assert_eq!(
            found,
            [
                "bedrock:InvokeModel* bedrock-runtime.us-west-2.amazonaws.com",
                "s3:GetObject bond-files.s3.us-west-2.amazonaws.com",
                "kms:Decrypt kms.us-west-2.amazonaws.com",
            ]
        );
    }
}
