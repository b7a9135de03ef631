//! Collects the answers of all files and builds a snapshot.

use std::collections::BTreeSet;

use super::document::{CALLS, Document};
use super::error::AwsJsonError;
use super::network::{lists_without_ranges, network, table};
use crate::discover::interpret;
use crate::discover::wire;
use crate::model::{Call, Gap, GapKind, Region, Snapshot, Workload};

/// The combined answers of the files that were read.
#[derive(Default)]
pub(super) struct Answers {
    all: Document,
    /// Calls with a missing page or an empty file.
    gaps: Vec<Gap>,
    /// Number of files with an answer.
    pub files: usize,
}

fn gap(call: Call, kind: GapKind, message: String) -> Gap {
    Gap::new(call, kind, message)
}

impl Answers {
    /// Adds the answers of one file. `stem` is its name without `.json`. A file without a known key is
    /// ignored.
    ///
    /// # Errors
    /// The text is not JSON, or a known key does not have the structure of AWS CLI output.
    pub fn add(&mut self, stem: &str, text: &str) -> Result<(), serde_json::Error> {
        if text.trim().is_empty() {
            // `aws … > FILE` creates an empty file if the command fails.
            let named = CALLS.iter().find(|(_, command, key)| stem.starts_with(command) || stem == *key);
            if let Some((call, ..)) = named {
                self.files += 1;
                let message = format!("{stem}.json is empty: the AWS CLI command printed no output");
                self.gaps.push(gap(*call, GapKind::Failed, message));
            }
            return Ok(());
        }
        let mut document: Document = if text.trim_start().starts_with('[') {
            let known = CALLS.iter().any(|(.., key)| *key == stem);
            if !known {
                return Ok(());
            }
            serde_json::from_str(&format!("{{\"{stem}\":{text}}}"))?
        } else {
            serde_json::from_str(text)?
        };
        let has_more_pages = document.next_token.as_deref().is_some_and(|token| !token.is_empty());
        // Incomplete entries are dropped: a trace needs all ranges of a prefix list.
        let is_complete = |entries: &Vec<wire::PrefixListEntry>| {
            !has_more_pages && entries.iter().all(|entry| entry.cidr.is_some())
        };
        if let (Some(entries), Some(id)) = (document.entries.take().filter(is_complete), prefix_list_id(stem))
        {
            let list = wire::PrefixListEntries { prefix_list_id: id, entries };
            document.prefix_list_entries.get_or_insert_default().push(list);
        }
        if let Some(vpc_id) = document.vpc_id.take() {
            let (enable_dns_support, enable_dns_hostnames) =
                (document.enable_dns_support, document.enable_dns_hostnames);
            let attribute = wire::VpcAttribute { vpc_id, enable_dns_support, enable_dns_hostnames };
            document.vpc_attributes.get_or_insert_default().push(attribute);
        }
        document.managed_prefix_lists.take().into_iter().for_each(|lists| {
            document.prefix_lists.get_or_insert_default().extend(lists);
        });
        if let Some(connector) = document.vpc_connector.take() {
            document.vpc_connectors.get_or_insert_default().push(connector);
        }
        if has_more_pages {
            if document.entries.is_some() || prefix_list_id(stem).is_some() {
                let message = format!("{stem}.json contains a NextToken: more entries exist");
                self.gaps.push(gap(Call::GetManagedPrefixListEntries, GapKind::Partial, message));
            }
            let message = format!("{stem}.json contains a NextToken: more pages exist");
            let incomplete = document.present_calls().into_iter().filter(|(_, present)| *present);
            self.gaps.extend(incomplete.map(|(call, _)| gap(call, GapKind::Partial, message.clone())));
        }
        self.files += usize::from(document.has_answer());
        self.all.extend(document);
        Ok(())
    }

    /// The region in the ARNs of the answers, or the region of the first subnet's AZ.
    pub fn region(&self) -> Option<Region> {
        let all = &self.all;
        let of_arn = |arn: &str| arn.split(':').nth(3).filter(|region| !region.is_empty()).map(Region::new);
        let connectors =
            all.vpc_connectors.iter().flatten().map(|connector| connector.vpc_connector_arn.as_str());
        let services = all.services().map(|service| service.service_arn.as_str());
        let summaries = all.service_summary_list.iter().flatten().map(|service| service.service_arn.as_str());
        let arns = connectors.chain(services).chain(summaries).find_map(of_arn);
        let zones = || all.subnets.iter().flatten().filter_map(|subnet| subnet.availability_zone.as_deref());
        arns.or_else(|| {
            let zone = zones().next()?;
            // The name of a local zone starts with its parent region: `us-west-2-lax-1a`.
            let parts: Vec<&str> = zone.splitn(4, '-').take(3).collect();
            Some(Region::new(parts.join("-").trim_end_matches(|end: char| end.is_ascii_lowercase())))
        })
    }

    /// Builds the snapshot. A call without an answer becomes a gap.
    ///
    /// # Errors
    /// Two answers describe the same resource differently.
    pub fn snapshot(self, mut snapshot: Snapshot) -> Result<Snapshot, AwsJsonError> {
        let Self { all, mut gaps, .. } = self;
        for (call, command, key) in CALLS {
            let is_known =
                all.present_calls().contains(&(*call, true)) || gaps.iter().any(|gap| gap.call == *call);
            if !is_known && !all.is_redundant(*call) {
                let is_apprunner = call.iam_action().is_some_and(|action| action.starts_with("apprunner"));
                let group = if is_apprunner { "apprunner" } else { "ec2" };
                let message = format!("no file contains `{key}`: save the output of `aws {group} {command}`");
                gaps.push(gap(*call, GapKind::NotCollected, message));
            }
        }
        let arn = all.services().map(|service| service.service_arn.as_str()).next();
        let arn = arn.or(all
            .vpc_connectors
            .iter()
            .flatten()
            .map(|connector| connector.vpc_connector_arn.as_str())
            .next());
        snapshot.account =
            all.account.clone().or(arn.and_then(|arn| arn.split(':').nth(4)).map(str::to_owned));
        let workloads = workloads(&all, &snapshot.region, &mut gaps);
        snapshot.workloads = table(workloads)?;
        snapshot.network = network(all, &mut gaps)?;
        if let Some(unread) = lists_without_ranges(&snapshot)
            && !gaps.iter().any(|gap| gap.call == Call::GetManagedPrefixListEntries)
        {
            let message = format!("no file contains the entries of {unread}");
            gaps.push(gap(Call::GetManagedPrefixListEntries, GapKind::NotCollected, message));
        }
        gaps.sort_by(|a, b| (a.call, &a.message).cmp(&(b.call, &b.message)));
        snapshot.gaps = gaps;
        Ok(snapshot)
    }
}

/// The prefix list id in a file name such as `get-managed-prefix-list-entries-pl-68a54001`.
fn prefix_list_id(stem: &str) -> Option<String> {
    stem.match_indices("pl-")
        .map(|(at, _)| stem.split_at(at).1)
        .last()
        .map(|id| id.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '-').collect())
}

/// The services that were described or listed.
fn workloads(document: &Document, region: &Region, gaps: &mut Vec<Gap>) -> Vec<Workload> {
    let described: BTreeSet<&str> = document.services().map(|service| service.service_arn.as_str()).collect();
    let mut workloads: Vec<Workload> =
        document.services().map(|service| interpret::service(service.clone(), region)).collect();
    let listed = document.service_summary_list.iter().flatten().cloned();
    for (name, arn) in listed.filter_map(interpret::service_name) {
        if !described.contains(arn.as_str()) {
            let message = format!("no file contains the description of {name}");
            if !gaps.iter().any(|gap| gap.call == Call::DescribeService) {
                gaps.push(gap(Call::DescribeService, GapKind::Partial, message));
            }
            workloads.push(interpret::undescribed(&name, &arn));
        }
    }
    workloads
}
