//! The hosts that the policies of an instance role allow the application to call. This is the weakest evidence:
//! a permission does not show that the application makes the call.
//!
//! Owns the policy documents and the table of actions. The table comes from the service models of AWS:
//! `assets/generate_instance_role_actions.py` writes it.

use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

use serde::Deserialize;

use super::built_in::valid;
use super::catalogue::fill_host;
use crate::model::{Permit, Region};

/// `assets/instance-role-actions.json`.
#[derive(Deserialize)]
struct ActionsFile {
    /// The hosts of the actions with a prefix; never empty. The first is the main host.
    actions: HashMap<String, Vec<HostRow>>,
}

#[derive(Deserialize)]
struct HostRow {
    /// A host name with placeholders, and with `*` for a part that the action does not show.
    host: String,
    /// The operations of the host; empty if the prefix has one host only.
    #[serde(default)]
    operations: Vec<String>,
    /// Whether a permission for the whole service means this host and not the main host.
    #[serde(default)]
    whole_service: bool,
}

static TABLE: LazyLock<HashMap<String, Vec<HostRow>>> = LazyLock::new(|| valid(table()));

fn table() -> Result<HashMap<String, Vec<HostRow>>, serde_json::Error> {
    let text = include_str!("../../assets/instance-role-actions.json");
    Ok(serde_json::from_str::<ActionsFile>(text)?.actions)
}

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

/// The hosts that policy documents allow, each with the first action that allows it. A host with `*` is
/// incomplete: the policy does not show its name.
///
/// The action `*` is ignored because it belongs to no service. Documents that are not policies are ignored
/// too.
#[must_use]
pub fn permits(documents: &[String], region: &Region) -> Vec<Permit> {
    let mut found: BTreeMap<String, String> = BTreeMap::new();
    let statements = documents
        .iter()
        .filter_map(|text| serde_json::from_str::<Document>(text).ok())
        .flat_map(|document| document.statement.list())
        .filter(|statement| statement.effect == "Allow");
    for statement in statements {
        let resources = statement.resource.map(OneOrMany::list).unwrap_or_default();
        for action in statement.action.map(OneOrMany::list).unwrap_or_default() {
            let Some((prefix, name)) = action.split_once(':') else { continue };
            let prefix = prefix.to_ascii_lowercase();
            for template in templates(&prefix, name) {
                for host in hosts(&prefix, template, &resources, region) {
                    found.entry(host).or_insert_with(|| action.clone());
                }
            }
        }
    }
    found.into_iter().map(|(host, action)| Permit { action, host }).collect()
}

/// The host templates of an action. An action with a wildcard can belong to several hosts.
fn templates(prefix: &str, name: &str) -> Vec<&'static str> {
    let rows = TABLE.get(prefix).map(Vec::as_slice).unwrap_or_default();
    let main = rows.first();
    let matching: Vec<&HostRow> = match name {
        "*" => rows.iter().filter(|row| row.whole_service).collect(),
        _ => rows.iter().filter(|row| row.operations.iter().any(|one| matches(name, one))).collect(),
    };
    let is_exact = !name.contains(['*', '?']);
    match matching.as_slice() {
        [] => main.into_iter().map(|row| row.host.as_str()).collect(),
        // Models share a few operations, for example `TagResource`: the main host comes first.
        [first, ..] if is_exact => vec![first.host.as_str()],
        rows => rows.iter().map(|row| row.host.as_str()).collect(),
    }
}

/// Whether an action of a policy, with the wildcards `*` and `?`, matches an operation. Case does not matter
/// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html>).
fn matches(pattern: &str, operation: &str) -> bool {
    let (pattern, text) = (pattern.as_bytes(), operation.as_bytes());
    let (mut at, mut from) = (0, 0);
    // The last `*`, and how far the text was read when it matched.
    let mut star: Option<(usize, usize)> = None;
    while let Some(byte) = text.get(from) {
        match (pattern.get(at), star) {
            (Some(b'*'), _) => {
                star = Some((at, from));
                at += 1;
            }
            (Some(wanted), _) if *wanted == b'?' || wanted.eq_ignore_ascii_case(byte) => {
                at += 1;
                from += 1;
            }
            (_, Some((last, read))) => {
                star = Some((last, read + 1));
                at = last + 1;
                from = read + 1;
            }
            (_, None) => return false,
        }
    }
    pattern.iter().skip(at).all(|byte| *byte == b'*')
}

/// The hosts of a template. The resources of a statement name buckets, APIs and collections.
fn hosts(prefix: &str, template: &str, resources: &[String], region: &Region) -> Vec<String> {
    let named: Vec<String> = match prefix {
        "s3" => {
            let named = resources.iter().filter_map(|arn| bucket(arn));
            named.map(|bucket| format!("{bucket}.{}", fill_host("s3.{region}.{dns}", region))).collect()
        }
        "execute-api" | "aoss" if template.starts_with('*') => {
            let named = resources.iter().filter_map(|arn| first_label(arn));
            named
                .map(|(label, of)| fill_host(template, &of.unwrap_or(region.clone())).replacen('*', label, 1))
                .collect()
        }
        _ => Vec::new(),
    };
    let host = fill_host(template, region);
    // A partition without dual-stack names keeps the placeholder.
    if named.is_empty() && !host.contains('{') { vec![host] } else { named }
}

/// The bucket in an ARN; `None` if it is not complete. TLS certificates do not cover names with dots.
fn bucket(arn: &str) -> Option<&str> {
    let bucket = arn.splitn(6, ':').nth(5)?.split('/').next()?;
    (!bucket.is_empty() && !bucket.contains(['*', '?', '$', '.'])).then_some(bucket)
}

/// The first label of the host and the region, from the ARN of an API or of a collection:
/// `arn:aws:execute-api:us-west-2:111122223333:a1b2c3d4e5/*`, `arn:aws:aoss:us-west-2:111122223333:collection/ID`.
fn first_label(arn: &str) -> Option<(&str, Option<Region>)> {
    let mut parts = arn.splitn(6, ':').skip(3);
    let region = parts.next()?;
    let resource = parts.nth(1)?;
    let id = resource.strip_prefix("collection/").unwrap_or(resource).split('/').next()?;
    let is_complete = !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let is_region = !region.is_empty() && !region.contains(['*', '?', '$']);
    is_complete.then(|| (id, is_region.then(|| Region::from(region))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(statements: &str) -> Vec<String> {
        let documents =
            [format!(r#"{{"Version": "2012-10-17", "Statement": {statements}}}"#), "not a policy".to_owned()];
        permits(&documents, &Region::new("us-west-2"))
            .into_iter()
            .map(|permit| format!("{} {}", permit.action, permit.host))
            .collect()
    }

    fn hosts_of(action: &str) -> Vec<String> {
        let lines = found(&format!(r#"{{"Effect": "Allow", "Action": "{action}", "Resource": "*"}}"#));
        lines
            .iter()
            .filter_map(|line| Some(line.split_once(' ')?.1.replace(".us-west-2.amazonaws.com", "")))
            .collect()
    }

    #[test]
    fn services_and_buckets_of_a_policy() {
        let lines = found(
            r#"[
            {"Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject"], "Resource": ["arn:aws:s3:::bond-files/*", "arn:aws:s3:::bond-files"]},
            {"Effect": "Allow", "Action": "bedrock:InvokeModel*", "Resource": "*"},
            {"Effect": "Deny", "Action": "sqs:*", "Resource": "*"},
            {"Effect": "Allow", "Action": ["kms:Decrypt", "iam:PassRole", "*"], "Resource": "*"}
        ]"#,
        );
        assert_eq!(
            lines,
            [
                "bedrock:InvokeModel* bedrock-runtime.us-west-2.amazonaws.com",
                "s3:GetObject bond-files.s3.us-west-2.amazonaws.com",
                "kms:Decrypt kms.us-west-2.amazonaws.com",
            ]
        );
    }

    /// The service model decides, not the verb of the action.
    #[test]
    fn the_hosts_of_an_action_come_from_the_service_models() {
        for (action, hosts) in [
            ("bedrock:InvokeModelWithResponseStream", &["bedrock-runtime"] as &[&str]),
            ("bedrock:ApplyGuardrail", &["bedrock-runtime"]),
            ("bedrock:ListAsyncInvokes", &["bedrock-runtime"]),
            ("bedrock:GetAsyncInvoke", &["bedrock-runtime"]),
            ("bedrock:CountTokens", &["bedrock-runtime"]),
            ("bedrock:ListFoundationModels", &["bedrock"]),
            ("bedrock:GetAgent", &["bedrock-agent"]),
            ("bedrock:StartIngestionJob", &["bedrock-agent"]),
            ("bedrock:InvokeInlineAgent", &["bedrock-agent-runtime"]),
            ("bedrock:Rerank", &["bedrock-agent-runtime"]),
            ("bedrock:GenerateQuery", &["bedrock-agent-runtime"]),
            ("bedrock:OptimizePrompt", &["bedrock-agent-runtime"]),
            ("bedrock:CreateSession", &["bedrock-agent-runtime"]),
            ("BEDROCK:retrieveandgenerate", &["bedrock-agent-runtime"]),
            ("bedrock:InvokeM*", &["bedrock-runtime"]),
            (
                "bedrock:Invoke*",
                &[
                    "bedrock-agent-runtime",
                    "bedrock-data-automation-runtime",
                    "bedrock-data-automation",
                    "bedrock-runtime",
                ],
            ),
            ("bedrock:*", &["bedrock-runtime"]),
            ("sts:AssumeRoleWithWebIdentity", &["sts"]),
            ("logs:PutLogEvents", &["logs"]),
            ("ecr:GetAuthorizationToken", &["api.ecr"]),
            ("appconfig:GetLatestConfiguration", &["appconfigdata"]),
            ("appconfig:GetConfiguration", &["appconfig"]),
            ("xray:PutTraceSegments", &["xray"]),
            ("dynamodb:GetItem", &["dynamodb"]),
            ("dynamodb:PartiQLSelect", &["dynamodb"]),
            ("dynamodb:GetRecords", &["streams.dynamodb"]),
            ("dynamodb:GetShardIterator", &["streams.dynamodb"]),
            ("dynamodb:DescribeStream", &["streams.dynamodb"]),
            ("dynamodb:*", &["dynamodb"]),
            ("states:StartExecution", &["states"]),
            ("states:StartSyncExecution", &["sync-states"]),
            ("sagemaker:InvokeEndpoint", &["runtime.sagemaker"]),
            ("sagemaker:CreateEndpoint", &["api.sagemaker"]),
            ("sagemaker:*", &["runtime.sagemaker"]),
            ("lambda:InvokeFunction", &["lambda"]),
            ("ses:SendEmail", &["email"]),
            ("cloudwatch:PutMetricData", &["monitoring"]),
            ("es:ESHttpPost", &["*.us-west-2.es.amazonaws.com"]),
            ("es:DescribeDomain", &["es"]),
            ("kafka-cluster:Connect", &["*.kafka"]),
            ("kafka:GetBootstrapBrokers", &["kafka"]),
            ("aoss:APIAccessAll", &["*.us-west-2.aoss.amazonaws.com"]),
            ("execute-api:Invoke", &["*.execute-api"]),
            ("cassandra:Select", &["cassandra.us-west-2.amazonaws.com:9142"]),
            ("iam:PassRole", &[]),
            ("ec2:DescribeVpcs", &[]),
            ("nonsense:Do", &[]),
        ] {
            let found = hosts_of(action);
            let wanted: Vec<String> =
                hosts.iter().map(|host| host.replace(".us-west-2.amazonaws.com", "")).collect();
            assert_eq!(found, wanted, "{action}");
        }
    }

    /// The ARN of an API contains the first label of its host name.
    #[test]
    fn apis_and_collections_are_named_by_their_arns() {
        let lines = found(
            r#"[
            {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": ["arn:aws:execute-api:us-east-1:111122223333:a1b2c3d4e5/prod/*", "arn:aws:execute-api:*:*:f6g7h8i9j0/*"]},
            {"Effect": "Allow", "Action": "aoss:APIAccessAll", "Resource": "arn:aws:aoss:us-west-2:111122223333:collection/0vectors1"}
        ]"#,
        );
        assert_eq!(
            lines,
            [
                "aoss:APIAccessAll 0vectors1.us-west-2.aoss.amazonaws.com",
                "execute-api:Invoke a1b2c3d4e5.execute-api.us-east-1.amazonaws.com",
                "execute-api:Invoke f6g7h8i9j0.execute-api.us-west-2.amazonaws.com",
            ]
        );
    }

    #[test]
    fn the_suffix_of_a_host_is_that_of_the_partition() {
        let policy = r#"{"Statement": {"Effect": "Allow", "Action": ["sqs:SendMessage", "qbusiness:Chat"]}}"#;
        let found = permits(&[policy.to_owned()], &Region::new("cn-north-1"));
        let hosts: Vec<&str> = found.iter().map(|permit| permit.host.as_str()).collect();
        assert_eq!(hosts, ["sqs.cn-north-1.amazonaws.com.cn"]);
    }

    #[test]
    fn wildcards_of_an_action() {
        for (pattern, operation, expected) in [
            ("Invoke*", "InvokeModel", true),
            ("*Model*", "InvokeModelWithResponseStream", true),
            ("invokemodel", "InvokeModel", true),
            ("Get?tem", "GetItem", true),
            ("Get*Item", "GetBatchItem", true),
            ("Get*Item", "GetItems", false),
            ("*", "GetItem", true),
            ("Invoke", "InvokeModel", false),
            ("InvokeModel?", "InvokeModel", false),
        ] {
            assert_eq!(matches(pattern, operation), expected, "{pattern} {operation}");
        }
    }
}
