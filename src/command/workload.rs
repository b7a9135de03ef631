//! Selects the workload of a command and opens its case.

use std::collections::BTreeMap;
use std::sync::Arc;

use color_eyre::eyre::{Report, Result, bail, eyre};

use super::error_text::Detailed;
use super::{log, source};
use crate::case::Case;
use crate::cli::DiagnosisOptions;
use crate::discover::Discovered;
use crate::evidence::{Query, destination, needs, read_log};
use crate::model::{
    Call, Destination, Egress, Environment, Ingress, SecurityGroupId, ServiceStatus, Snapshot, SubnetId,
    Workload, WorkloadId, WorkloadKind,
};
use crate::remedy::NothingToDo;
use crate::text::one_line;

/// Reads the snapshot and the log, and diagnoses the workload.
///
/// # Errors
/// The snapshot or log cannot be read, or the workload is missing or ambiguous.
pub(super) fn open(options: &DiagnosisOptions) -> Result<Case> {
    let requested: Vec<Destination> =
        options.to.iter().map(|text| destination(text)).collect::<Result<_, _>>()?;
    let mut log = match (&options.scenario, &options.log) {
        // As in the demo. With --to, only the requested destinations are diagnosed.
        (Some(name), None) if requested.is_empty() => {
            read_log(source::scenario(Some(name))?.log.as_bytes())?.findings
        }
        (_, file) => log::read(file.as_deref())?,
    };
    let in_log = log.iter().filter_map(|finding| finding.destination.as_ref());
    let hosts = requested.iter().chain(in_log).map(|destination| destination.host.clone()).collect();
    let Discovered { snapshot, log: service_log } = source::snapshot(options, hosts)?;
    let workload = if options.subnet.is_empty() {
        service(&snapshot, options.service.as_deref())?
    } else {
        ad_hoc(&snapshot, options)?
    };
    if let Some(service_log) = service_log {
        log::report_service_log(&service_log, snapshot.gap(Call::FilterLogEvents).is_some());
        log = service_log.findings;
    }
    let snapshot = Arc::new(snapshot);
    // With --to, only the requested destinations are diagnosed.
    let infer = !options.no_infer && requested.is_empty();
    let mut query = Query { requested, log, infer, ..Query::default() };
    query.resolved = source::resolve(options, &needs(&snapshot, &workload, &query))?;
    Ok(Case::open(snapshot, workload, &query))
}

/// The error of a diagnosis without a destination of the application.
pub(super) fn nothing_asked(case: &Case, nothing: &NothingToDo) -> Report {
    let (message, steps) = (one_line(&nothing.message), nothing.next_steps.join(" "));
    let message = format!("{} {steps}", message.replacen("No destination", "no destination", 1));
    match case.diagnosis.remarks.as_slice() {
        [] => eyre!(message),
        remarks => Detailed { message: format!("{message} Findings:"), details: remarks.to_vec() }.into(),
    }
}

/// The service with this name or ARN; without an argument, the only service.
pub(super) fn service(snapshot: &Snapshot, name_or_arn: Option<&str>) -> Result<Workload> {
    let matches = |workload: &&Workload| {
        name_or_arn.is_none_or(|wanted| workload.name == wanted || workload.id.as_str() == wanted)
    };
    let candidates: Vec<&Workload> = snapshot.workloads.iter().filter(matches).collect();
    let names = |list: &[&Workload]| {
        list.iter().map(|workload| workload.name.as_str()).collect::<Vec<_>>().join(", ")
    };
    match candidates.as_slice() {
        [workload] => Ok((*workload).clone()),
        [] if snapshot.gap(Call::ListServices).is_some() => {
            let gap = snapshot.gap(Call::ListServices).map(ToString::to_string).unwrap_or_default();
            bail!("cannot list the services of {}: {gap}", snapshot.region)
        }
        [] => match name_or_arn {
            Some(name) if snapshot.workloads.is_empty() => {
                bail!(
                    "no App Runner service `{name}` in {}: check the name, the region and the account",
                    snapshot.region
                )
            }
            Some(name) => bail!(
                "no App Runner service `{name}` in {}: existing services: {}",
                snapshot.region,
                names(&snapshot.workloads.iter().collect::<Vec<_>>())
            ),
            None => bail!(
                "no App Runner service in {}: give --region, or --subnet and --security-group for another source",
                snapshot.region
            ),
        },
        several => {
            bail!("{} has several services: give --service with one of {}", snapshot.region, names(several))
        }
    }
}

/// A workload of the subnets and security groups on the command line. Without security groups it uses the
/// default group of the VPC, like a new connector.
fn ad_hoc(snapshot: &Snapshot, options: &DiagnosisOptions) -> Result<Workload> {
    let subnets: Vec<SubnetId> = options.subnet.iter().map(|id| SubnetId::new(id.as_str())).collect();
    let network = &snapshot.network;
    for id in &subnets {
        if network.subnets.get(id).is_none() && snapshot.gap(Call::DescribeSubnets).is_none() {
            bail!("{id} does not exist in this snapshot of {}: check the id and the region", snapshot.region);
        }
    }
    let mut groups: Vec<SecurityGroupId> =
        options.security_group.iter().map(|id| SecurityGroupId::new(id.as_str())).collect();
    for id in &groups {
        if network.security_groups.get(id).is_none() && snapshot.gap(Call::DescribeSecurityGroups).is_none() {
            bail!("{id} does not exist in this snapshot of {}: check the id and the region", snapshot.region);
        }
    }
    if groups.is_empty() {
        let vpc = subnets.iter().find_map(|id| network.subnets.get(id)).map(|subnet| &subnet.vpc);
        let default =
            network.security_groups.iter().find(|group| Some(&group.vpc) == vpc && group.name == "default");
        match default {
            Some(group) => groups.push(group.id.clone()),
            None => bail!("the default security group of the VPC could not be read: give --security-group"),
        }
    }
    let name = subnets.iter().map(SubnetId::as_str).collect::<Vec<_>>().join(", ");
    Ok(Workload {
        id: WorkloadId::new(name.as_str()),
        name,
        kind: WorkloadKind::AdHoc,
        status: ServiceStatus::Unspecified,
        egress: Egress::Direct { subnets, security_groups: groups },
        dual_stack: options.dual_stack,
        ingress: Ingress::Unknown,
        url: None,
        health_path: None,
        environment: Environment::default(),
        tags: BTreeMap::new(),
    })
}
