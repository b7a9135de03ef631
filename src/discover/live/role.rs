//! Reads which AWS services the instance roles allow. A denied call becomes a gap, and the permissions of
//! the role are unknown.

use std::collections::BTreeSet;

use aws_config::SdkConfig;

use super::reader::{Answer, Reader, pages};
use crate::discover::limits;
use crate::evidence::permits;
use crate::model::{Call, Region, Workload};

/// Maximum number of roles that are read.
const MAX_ROLES: usize = 8;

/// Adds the permissions of the instance roles to the services.
pub(super) async fn fill(
    reader: &Reader,
    config: &SdkConfig,
    mut workloads: Vec<Workload>,
    region: &Region,
) -> Vec<Workload> {
    let roles: BTreeSet<String> =
        workloads.iter().filter_map(|workload| workload.environment.role.clone()).take(MAX_ROLES).collect();
    if roles.is_empty() {
        return workloads;
    }
    let client = aws_sdk_iam::Client::new(config);
    let read = roles.into_iter().map(|role| {
        let client = &client;
        async move {
            let documents = Box::pin(documents(reader, client, &role)).await;
            (role, documents)
        }
    });
    for (role, documents) in futures::future::join_all(read).await {
        let Some(documents) = documents else { continue };
        let permitted = permits(&documents, region);
        let of_role = |workload: &&mut Workload| workload.environment.role.as_ref() == Some(&role);
        workloads.iter_mut().filter(of_role).for_each(|workload| {
            workload.environment.permits = Some(permitted.clone());
        });
    }
    workloads
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
    let mut documents = Vec::new();
    for arn in policies {
        let request = client.get_policy().policy_arn(&arn);
        let version: Vec<String> = read!(reader, Call::GetPolicy, &arn, request, |page| {
            page.policy.and_then(|policy| policy.default_version_id).into_iter().collect()
        })?;
        let request = client.get_policy_version().policy_arn(&arn).version_id(version.first()?);
        let call = Call::GetPolicyVersion;
        let read: Vec<String> = read!(reader, call, &arn, request, |page| {
            page.policy_version
                .and_then(|version| version.document)
                .map(|text| decoded(&text))
                .into_iter()
                .collect()
        })?;
        if !read.iter().all(|document| is_within(reader, call, limits::past_policy(document.len()))) {
            return None;
        }
        documents.extend(read);
    }
    Some(documents)
}

/// The documents of the inline policies.
async fn inline(reader: &Reader, client: &aws_sdk_iam::Client, role: &str) -> Option<Vec<String>> {
    let call = Call::ListRolePolicies;
    let request = client.list_role_policies().role_name(role);
    let names: Vec<String> = pages!(reader, call, role, request, |page| page.policy_names);
    if reader.has_gap(call) || !is_within(reader, call, limits::past_policies(names.len())) {
        return None;
    }
    let mut documents = Vec::new();
    for name in names {
        let request = client.get_role_policy().role_name(role).policy_name(&name);
        let call = Call::GetRolePolicy;
        let read: Vec<String> =
            read!(reader, call, &name, request, |page| vec![decoded(&page.policy_document)])?;
        if !read.iter().all(|document| is_within(reader, call, limits::past_policy(document.len()))) {
            return None;
        }
        documents.extend(read);
    }
    Some(documents)
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
