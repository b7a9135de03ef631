//! Reads which AWS services the instance roles allow. A denied call becomes a gap, and the permissions of
//! the role are unknown.

use std::collections::{BTreeMap, BTreeSet};

use aws_config::SdkConfig;

use super::answer_limit::client;
use super::reader::{Answer, Reader, pages};
use crate::discover::limits;
use crate::evidence::permits;
use crate::model::{Call, Permit, Region, Workload};

/// Maximum number of roles that are read.
const MAX_ROLES: usize = 8;

/// The permissions of each instance role of the services. A role that could not be read is not in the map.
pub(super) async fn permits_of_roles(
    reader: &Reader,
    config: &SdkConfig,
    workloads: &[Workload],
    region: &Region,
) -> BTreeMap<String, Vec<Permit>> {
    let roles: BTreeSet<&String> =
        workloads.iter().filter_map(|workload| workload.environment.role.as_ref()).collect();
    if roles.is_empty() {
        return BTreeMap::new();
    }
    let client = &client!(aws_sdk_iam, config);
    let read = roles.into_iter().take(MAX_ROLES).map(|role| async move {
        let documents = Box::pin(documents(reader, client, role)).await?;
        Some((role.clone(), permits(&documents, region)))
    });
    futures::future::join_all(read).await.into_iter().flatten().collect()
}

/// All policy documents of a role; `None` if one of them could not be read.
async fn documents(reader: &Reader, client: &aws_sdk_iam::Client, role: &str) -> Option<Vec<String>> {
    // `arn:aws:iam::123456789012:role/path/NAME`
    let name = role.rsplit('/').next()?;
    let (managed, inline) = futures::join!(managed(reader, client, name), inline(reader, client, name));
    let mut documents = managed?;
    documents.extend(inline?);
    Some(documents)
}

/// Reads the items of a call without pages; `None` if it failed.
macro_rules! read {
    ($reader:expr, $call:expr, $scope:expr, $request:expr, $items:expr) => {{
        let is_read = std::sync::atomic::AtomicBool::new(false);
        let call = async {
            let mut answer = Answer::new();
            let ok = answer.page($request.send().await, $items);
            is_read.store(ok, std::sync::atomic::Ordering::Relaxed);
            answer
        };
        let items = $reader.read($call, $scope, call).await;
        is_read.into_inner().then_some(items)
    }};
}

/// The documents of the attached managed policies.
async fn managed(reader: &Reader, client: &aws_sdk_iam::Client, role: &str) -> Option<Vec<String>> {
    let call = Call::ListAttachedRolePolicies;
    let request = client.list_attached_role_policies().role_name(role);
    let policies: Vec<String> = pages!(reader, call, role, request, |page| {
        page.attached_policies.into_iter().flatten().filter_map(|policy| policy.policy_arn).collect()
    });
    if reader.has_gap(call) || !is_within(reader, call, limits::past_policies(policies.len())) {
        return None;
    }
    let documents = policies.iter().map(|arn| managed_document(reader, client, arn));
    futures::future::join_all(documents).await.into_iter().collect()
}

/// The document of a managed policy.
async fn managed_document(reader: &Reader, client: &aws_sdk_iam::Client, arn: &str) -> Option<String> {
    let request = client.get_policy().policy_arn(arn);
    let version: Vec<String> = read!(reader, Call::GetPolicy, arn, request, |page| {
        page.policy.and_then(|policy| policy.default_version_id).into_iter().collect()
    })?;
    let request = client.get_policy_version().policy_arn(arn).version_id(version.first()?);
    let read: Vec<String> = read!(reader, Call::GetPolicyVersion, arn, request, |page| {
        let document = page.policy_version.and_then(|version| version.document);
        document.map(|text| decoded(&text)).into_iter().collect()
    })?;
    within_limit(reader, Call::GetPolicyVersion, read)
}

/// The documents of the inline policies.
async fn inline(reader: &Reader, client: &aws_sdk_iam::Client, role: &str) -> Option<Vec<String>> {
    let call = Call::ListRolePolicies;
    let request = client.list_role_policies().role_name(role);
    let names: Vec<String> = pages!(reader, call, role, request, |page| page.policy_names);
    if reader.has_gap(call) || !is_within(reader, call, limits::past_policies(names.len())) {
        return None;
    }
    let documents = names.iter().map(|name| async move {
        let request = client.get_role_policy().role_name(role).policy_name(name);
        let call = Call::GetRolePolicy;
        let read: Vec<String> =
            read!(reader, call, name, request, |page| vec![decoded(&page.policy_document)])?;
        within_limit(reader, call, read)
    });
    futures::future::join_all(documents).await.into_iter().collect()
}

/// The document of an answer, unless it is longer than the limit.
fn within_limit(reader: &Reader, call: Call, documents: Vec<String>) -> Option<String> {
    let document = documents.into_iter().next()?;
    is_within(reader, call, limits::past_policy(document.len())).then_some(document)
}

/// Records a gap if there is a message of a limit.
fn is_within(reader: &Reader, call: Call, message: Option<String>) -> bool {
    match message {
        None => true,
        Some(message) => {
            reader.past_limit(call, message);
            false
        }
    }
}

/// Decodes percent-encoding (RFC 3986), in which IAM returns policy documents.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let hex = |digit: Option<u8>| char::from(digit.unwrap_or(b'?')).to_digit(16);
        if byte == b'%' {
            if let (Some(high), Some(low)) = (hex(rest.next()), hex(rest.next())) {
                bytes.extend(u8::try_from(high * 16 + low));
            }
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
