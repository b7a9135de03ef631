//! The facts that only refine an answer: endpoint services, permissions of the instance roles, the log of a service, list prices.
//!
//! No verdict and no other call waits for them. Each fact is set when its calls end.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use aws_config::SdkConfig;
use futures::channel::oneshot::Receiver;
use futures::future::{Shared, join3};

use super::reader::Reader;
use super::{endpoints, logs, named, prices, role};
use crate::discover::failure::Failure;
use crate::discover::interpret::NamedAnswers;
use crate::discover::request::{LiveRequest, ServiceLog};
use crate::model::{Call, EndpointService, Gap, GapKind, ListPrices, Permit, Region, Workload};

/// The described services, as soon as they are known.
pub(super) type Described = Shared<Receiver<Vec<Workload>>>;

/// The facts that arrived so far.
#[derive(Default)]
pub(super) struct Refinements {
    pub endpoint_services: OnceLock<Vec<EndpointService>>,
    pub permits: OnceLock<BTreeMap<String, Vec<Permit>>>,
    pub log: OnceLock<ServiceLog>,
    pub prices: OnceLock<Option<ListPrices>>,
    /// The resources that only the log names.
    pub named: OnceLock<NamedAnswers>,
}

impl Refinements {
    /// Reads every fact that the request needs, except prices.
    pub async fn read(
        &self,
        (reader, config): (&Reader, &SdkConfig),
        request: &LiveRequest,
        region: &Region,
        described: Described,
    ) {
        let services = async {
            let read = endpoints::endpoint_services(reader).await;
            let _ = self.endpoint_services.set(read);
        };
        let roles = async {
            let workloads = described.clone().await.unwrap_or_default();
            if !request.skip_settings {
                let read = role::permits_of_roles(reader, config, &workloads, region).await;
                let _ = self.permits.set(read);
            }
        };
        let log = async {
            let workloads = described.clone().await.unwrap_or_default();
            if let (Some(back), [workload]) = (request.log, workloads.as_slice()) {
                let read = logs::service_log(reader, config, workload.id.as_str(), back).await;
                let hosts: Vec<String> = read
                    .findings
                    .iter()
                    .filter_map(|finding| finding.destination.as_ref())
                    .map(|destination| destination.host.clone())
                    .collect();
                let _ = self.log.set(read);
                let mut known = named::calls_for_hosts(&request.hosts);
                if !request.skip_settings {
                    known.extend(named::calls_for_settings(&workloads));
                }
                let calls = named::calls_for_hosts(&hosts).difference(&known).copied().collect();
                let _ = self.named.set(named::answers(reader, config, &calls).await);
            }
        };
        Box::pin(join3(services, roles, log)).await;
    }

    /// Reads the list prices if the request needs them.
    pub async fn read_prices(
        &self,
        (reader, config): (&Reader, &SdkConfig),
        request: &LiveRequest,
        region: &Region,
    ) {
        if request.prices {
            let read = prices::list_prices(reader, config, region, request.renew_prices).await;
            let _ = self.prices.set(read);
        }
    }

    /// The gap of the endpoint services, if their answer has not arrived: fixes and names of endpoints need them.
    pub fn pending_gap(&self) -> Option<Gap> {
        let message = "the answer has not arrived yet".to_owned();
        let gap = Gap::new(Call::DescribeVpcEndpointServices, GapKind::NotCollected, message);
        self.endpoint_services.get().is_none().then_some(gap)
    }

    /// The gaps of the facts for which discovery did not wait any longer.
    pub fn abandoned_gaps(&self, request: &LiveRequest, workloads: usize) -> Vec<Gap> {
        let has_roles = request.skip_settings || self.permits.get().is_some();
        let has_log = request.log.is_none() || workloads != 1 || self.log.get().is_some();
        let facts = [
            (Call::DescribeVpcEndpointServices, self.endpoint_services.get().is_some()),
            (Call::ListAttachedRolePolicies, has_roles),
            (Call::FilterLogEvents, has_log),
        ];
        let failure = Failure::NotAwaited;
        let missing = facts.into_iter().filter(|(_, has_fact)| !has_fact);
        missing
            .map(|(call, _)| Gap::new(call, failure.kind(), failure.sentence(call, request.limits)))
            .collect()
    }
}
