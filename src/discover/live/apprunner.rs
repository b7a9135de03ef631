//! Reads App Runner services and VPC connectors.

use std::sync::Mutex;

use futures::StreamExt as _;
use futures::channel::mpsc::unbounded;

use super::convert;
use super::reader::{Answer, CONCURRENT_CALLS, Reader, pages};
use crate::discover::interpret;
use crate::discover::request::Progress;
use crate::model::{Call, Connector, Region, Table, Workload, WorkloadId};

/// The services that are known so far. A service that is listed but not described yet has an unknown egress.
#[derive(Default)]
pub(super) struct Services(Mutex<Table<Workload>>);

impl Services {
    /// Adds a service, or its description.
    pub fn add(&self, workload: Workload) {
        if let Ok(mut table) = self.0.lock() {
            table.insert(workload);
        }
    }

    /// The services so far.
    pub fn so_far(&self) -> Table<Workload> {
        self.0.lock().map(|table| table.clone()).unwrap_or_default()
    }
}

/// Every service, or only the service with this name or ARN. Deleted services are skipped. A service is described as soon as the
/// page with its name arrives. A service that cannot be described stays in the list with unknown egress.
pub(super) async fn services(
    reader: &Reader,
    service: Option<&str>,
    region: &Region,
    known: &impl Fn(Workload),
) -> Vec<Workload> {
    let (sender, listed) = unbounded();
    let list = async {
        // The receiver lives until the end of this function, so that a message is never lost.
        let found = |workload: Workload| {
            known(workload.clone());
            let _ = sender.unbounded_send(workload);
        };
        match service.and_then(|arn| Some((name_in_arn(arn)?, arn))) {
            Some((name, arn)) => found(interpret::undescribed(name, arn)),
            None => list(reader, service, found).await,
        }
        sender.close_channel();
    };
    let describe = listed.map(|listed| async move {
        let described = describe(reader, listed, region).await;
        known(described.clone());
        described
    });
    let describe = describe.buffer_unordered(CONCURRENT_CALLS).collect::<Vec<_>>();
    futures::join!(list, describe).1
}

/// The name in the ARN of a service, `arn:aws:apprunner:us-west-2:123456789012:service/NAME/ID`.
fn name_in_arn(arn: &str) -> Option<&str> {
    arn.strip_prefix("arn:")?.rsplit(':').next()?.strip_prefix("service/")?.split('/').next()
}

/// Lists the services, and reports the services so far after each page. A name is unique in a Region, so that no page is read after
/// the page with the requested service.
async fn list(reader: &Reader, service: Option<&str>, found: impl Fn(Workload)) {
    let call = async {
        let mut answer = Answer::new();
        let mut pages = reader.apprunner.list_services().into_paginator().send();
        while let Some(page) = pages.next().await {
            let known = answer.items.len();
            let is_read = answer.page(page, |page| {
                let listed = page.service_summary_list.into_iter();
                listed
                    .filter_map(convert::service_summary)
                    .filter_map(interpret::listed)
                    .filter(|workload| service.is_none_or(|service| service == workload.name))
                    .collect()
            });
            answer.items.iter().skip(known).cloned().for_each(&found);
            reader.report(Progress::Workloads(answer.items.clone()));
            if !is_read || service.is_some() && !answer.items.is_empty() {
                break;
            }
        }
        answer
    };
    // The scope shows a snapshot of one service.
    reader.read(Call::ListServices, service.unwrap_or_default(), call).await;
}

/// The description of a service; the listed service if it cannot be described.
pub(super) async fn describe(reader: &Reader, listed: Workload, region: &Region) -> Workload {
    let call = async {
        let mut answer = Answer::new();
        let page = reader.apprunner.describe_service().service_arn(listed.id.as_str()).send().await;
        answer.page(page, |page| page.service.into_iter().collect());
        answer
    };
    let described = reader.read(Call::DescribeService, &listed.name, call).await.into_iter().next();
    match described {
        Some(service) => interpret::service(convert::service(service), region),
        None => interpret::undescribed(&listed.name, WorkloadId::as_str(&listed.id)),
    }
}

/// Every connector, active or inactive.
pub(super) async fn connectors(reader: &Reader) -> Vec<Connector> {
    pages!(reader, Call::ListVpcConnectors, "", reader.apprunner.list_vpc_connectors(), |page| {
        page.vpc_connectors.into_iter().filter_map(convert::connector).map(interpret::connector).collect()
    })
}
