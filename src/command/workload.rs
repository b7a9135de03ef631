//! Whom a options is about.

use std::collections::BTreeMap;
use std::sync::Arc;

use color_eyre::eyre::{Result, bail};

use super::{log, source};
use crate::case::Case;
use crate::cli::DiagnosisOptions;
use crate::evidence::{Query, destination};
use crate::model::{
    Call, Destination, Egress, Environment, Ingress, SecurityGroupId, Snapshot, SubnetId, Workload,
    WorkloadId, WorkloadKind,
};

/// Reads everything the options names and looks at it.
pub(super) fn open(options: &DiagnosisOptions) -> Result<Case> {
    let asked: Vec<Destination> =
        options.to.iter().map(|text| destination(text)).collect::<Result<_, _>>()?;
    let mut log = log::read(options.log.as_deref())?;
    let mut snapshot = source::snapshot(options)?;
    let workload = if options.subnet.is_empty() {
        service(&snapshot, options.service.as_deref())?
    } else {
        ad_hoc(&snapshot, options)?
    };
    let is_live = options.from.is_none() && options.aws_json.is_none() && options.scenario.is_none();
    if is_live
        && options.log.is_none()
        && !options.since.is_zero()
        && workload.kind == WorkloadKind::AppRunner
    {
        let found = source::service_log(&options.live, workload.id.as_str(), options.since)?;
        log::say_what_came(&found);
        log = found.findings;
        snapshot.gaps.extend(found.gaps);
    }
    let snapshot = Arc::new(snapshot);
    // Who asks about something wants an answer about that.
    let infer = !options.no_infer && asked.is_empty();
    let case = Case::open(snapshot, workload, &Query { requested: asked, log, infer, ..Query::default() });
    if case.diagnosis.findings.is_empty() {
        if !case.diagnosis.remarks.is_empty() {
            bail!(
                "no destination is known that {} needs to reach, so no path was looked at: give --to HOST. What was read says:\n  {}",
                case.workload.name,
                case.diagnosis.remarks.join("\n  ")
            );
        }
        bail!(
            "nothing is known of what {} needs to reach: give --to HOST, or --log FILE with the lines that say timed out",
            case.workload.name
        );
    }
    Ok(case)
}

/// The service of that name or ARN; the only one without a name.
pub(super) fn service(snapshot: &Snapshot, wanted: Option<&str>) -> Result<Workload> {
    let fits = |workload: &&Workload| {
        wanted.is_none_or(|wanted| workload.name == wanted || workload.id.as_str() == wanted)
    };
    let found: Vec<&Workload> = snapshot.workloads.iter().filter(fits).collect();
    let names = |list: &[&Workload]| list.iter().map(|one| one.name.as_str()).collect::<Vec<_>>().join(", ");
    match found.as_slice() {
        [one] => Ok((*one).clone()),
        [] if snapshot.gap(Call::ListServices).is_some() => {
            let gap = snapshot.gap(Call::ListServices).map(ToString::to_string).unwrap_or_default();
            bail!("the services of {} could not be listed: {gap}", snapshot.region)
        }
        [] => match wanted {
            Some(wanted) if snapshot.workloads.is_empty() => {
                bail!("no App Runner service `{wanted}` in {}", snapshot.region)
            }
            Some(wanted) => bail!(
                "no App Runner service `{wanted}` in {}: there is {}",
                snapshot.region,
                names(&snapshot.workloads.iter().collect::<Vec<_>>())
            ),
            None => bail!(
                "no App Runner service in {}: give --region, or --subnet and --security-group for another source",
                snapshot.region
            ),
        },
        several => {
            bail!("several services in {}: give --service with one of {}", snapshot.region, names(several))
        }
    }
}

/// A source given by hand. Without groups it gets its VPC's default one, as a new connector would.
fn ad_hoc(snapshot: &Snapshot, options: &DiagnosisOptions) -> Result<Workload> {
    let subnets: Vec<SubnetId> = options.subnet.iter().map(|id| SubnetId::new(id.as_str())).collect();
    let network = &snapshot.network;
    for id in &subnets {
        if network.subnets.get(id).is_none() && snapshot.gap(Call::DescribeSubnets).is_none() {
            bail!("{id} is not in this snapshot of {}", snapshot.region);
        }
    }
    let mut groups: Vec<SecurityGroupId> =
        options.security_group.iter().map(|id| SecurityGroupId::new(id.as_str())).collect();
    for id in &groups {
        if network.security_groups.get(id).is_none() && snapshot.gap(Call::DescribeSecurityGroups).is_none() {
            bail!("{id} is not in this snapshot of {}", snapshot.region);
        }
    }
    if groups.is_empty() {
        let vpc = subnets.iter().find_map(|id| network.subnets.get(id)).map(|subnet| &subnet.vpc);
        let default =
            network.security_groups.iter().find(|group| Some(&group.vpc) == vpc && group.name == "default");
        match default {
            Some(group) => groups.push(group.id.clone()),
            None => bail!("the VPC's default security group was not read: give --security-group"),
        }
    }
    let name = subnets.iter().map(SubnetId::as_str).collect::<Vec<_>>().join(", ");
    Ok(Workload {
        id: WorkloadId::new(name.as_str()),
        name,
        kind: WorkloadKind::AdHoc,
        status: String::new(),
        egress: Egress::Direct { subnets, security_groups: groups },
        dual_stack: options.dual_stack,
        ingress: Ingress::Unknown,
        url: None,
        health_path: None,
        environment: Environment::default(),
        tags: BTreeMap::new(),
    })
}
