//! Reads App Runner services and VPC connectors.

use super::convert;
use super::reader::{Answer, Reader, pages};
use crate::discover::interpret;
use crate::model::{Call, Connector, Region, Workload};

/// Name and ARN of every service, or only of the service with this name or ARN. Deleted services are skipped.
pub(super) async fn service_arns(reader: &Reader, service: Option<&str>) -> Vec<(String, String)> {
    let all = pages!(reader, Call::ListServices, "", reader.apprunner.list_services(), |page| {
        let listed = page.service_summary_list.into_iter();
        listed.filter_map(convert::service_summary).filter_map(interpret::service_name).collect()
    });
    all.into_iter()
        .filter(|(name, arn)| service.is_none_or(|service| service == name || service == arn))
        .collect()
}

/// Every connector, active or inactive.
pub(super) async fn connectors(reader: &Reader) -> Vec<Connector> {
    pages!(reader, Call::ListVpcConnectors, "", reader.apprunner.list_vpc_connectors(), |page| {
        page.vpc_connectors.into_iter().filter_map(convert::connector).map(interpret::connector).collect()
    })
}

/// The description of every service. A service that cannot be described stays in the list with unknown
/// egress.
pub(super) async fn services(reader: &Reader, names: &[(String, String)], region: &Region) -> Vec<Workload> {
    let read = names.iter().map(|(name, arn)| async move {
        let call = async {
            let mut answer = Answer::new();
            let page = reader.apprunner.describe_service().service_arn(arn).send().await;
            answer.page(page, |page| page.service.into_iter().collect());
            answer
        };
        let described = reader.read(Call::DescribeService, name, call).await.into_iter().next();
        match described {
            Some(service) => interpret::service(convert::service(service), region),
            None => interpret::undescribed(name, arn),
        }
    });
    futures::future::join_all(read).await
}
