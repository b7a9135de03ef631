//! App Runner's answers in the model's terms.

use std::collections::BTreeMap;

use aws_sdk_apprunner::types::{
    ConfigurationSource, EgressType, HealthCheckProtocol, Service, SourceConfiguration, VpcConnector,
};

use super::reader::{Answer, Reader, pages};
use crate::evidence::hosts_in_value;
use crate::model::{
    Call, Connector, ConnectorArn, Egress, Environment, EnvironmentSecret, EnvironmentVariable, Ingress,
    Region, SecurityGroupId, SubnetId, Workload, WorkloadId, WorkloadKind,
};

/// Name and ARN of every service, or of the one asked for. Deleted ones are left out.
pub(super) async fn service_arns(reader: &Reader, wanted: Option<&str>) -> Vec<(String, String)> {
    let all = pages!(reader, Call::ListServices, "", reader.apprunner.list_services(), |page| {
        let live = page.service_summary_list.into_iter().filter(|service| {
            service.status.as_ref().is_none_or(|status| !status.as_str().eq_ignore_ascii_case("deleted"))
        });
        live.filter_map(|service| Some((service.service_name?, service.service_arn?))).collect()
    });
    all.into_iter()
        .filter(|(name, arn)| wanted.is_none_or(|wanted| wanted == name || wanted == arn))
        .collect()
}

/// Every active and inactive connector.
pub(super) async fn connectors(reader: &Reader) -> Vec<Connector> {
    pages!(reader, Call::ListVpcConnectors, "", reader.apprunner.list_vpc_connectors(), |page| {
        page.vpc_connectors.into_iter().filter_map(connector).collect()
    })
}

/// Every service in full. One that cannot be described stays in the list, with egress unknown.
pub(super) async fn services(reader: &Reader, names: &[(String, String)], region: &Region) -> Vec<Workload> {
    let read = names.iter().map(|(name, arn)| async move {
        let call = async {
            let mut answer = Answer::new();
            let page = reader.apprunner.describe_service().service_arn(arn).send().await;
            answer.page(page, |page| page.service.into_iter().collect());
            answer
        };
        let described = reader.read(Call::DescribeService, name, call).await.into_iter().next();
        described.map_or_else(|| undescribed(name, arn), |service| workload(service, region))
    });
    futures::future::join_all(read).await
}

fn undescribed(name: &str, arn: &str) -> Workload {
    Workload {
        id: WorkloadId::new(arn),
        name: name.to_owned(),
        kind: WorkloadKind::AppRunner,
        status: "not read".to_owned(),
        egress: Egress::Unknown("the service could not be described".to_owned()),
        ingress: Ingress::Unknown,
        url: None,
        health_path: None,
        environment: Environment::default(),
        tags: BTreeMap::new(),
    }
}

fn connector(connector: VpcConnector) -> Option<Connector> {
    Some(Connector {
        arn: ConnectorArn::new(connector.vpc_connector_arn?),
        name: connector.vpc_connector_name.unwrap_or_default(),
        status: connector.status.map(|status| status.as_str().to_owned()).unwrap_or_default(),
        subnets: connector.subnets.unwrap_or_default().into_iter().map(SubnetId::from).collect(),
        security_groups: connector
            .security_groups
            .unwrap_or_default()
            .into_iter()
            .map(SecurityGroupId::from)
            .collect(),
    })
}

fn workload(service: Service, region: &Region) -> Workload {
    let network = service.network_configuration.as_ref();
    let ingress = network.and_then(|network| network.ingress_configuration.as_ref());
    Workload {
        egress: egress(&service),
        ingress: match ingress.map(|ingress| ingress.is_publicly_accessible) {
            Some(true) => Ingress::Public,
            Some(false) => Ingress::Private,
            None => Ingress::Unknown,
        },
        health_path: service
            .health_check_configuration
            .as_ref()
            .filter(|check| check.protocol == Some(HealthCheckProtocol::Http))
            .and_then(|check| check.path.clone()),
        environment: service
            .source_configuration
            .as_ref()
            .map(|source| environment(source, region))
            .unwrap_or_default(),
        id: WorkloadId::new(service.service_arn),
        name: service.service_name,
        kind: WorkloadKind::AppRunner,
        status: service.status.as_str().to_owned(),
        url: service.service_url,
        tags: BTreeMap::new(),
    }
}

fn egress(service: &Service) -> Egress {
    let configured =
        service.network_configuration.as_ref().and_then(|network| network.egress_configuration.as_ref());
    // Without a network configuration a service uses DEFAULT egress.
    let Some(configured) = configured else { return Egress::Default };
    match (&configured.egress_type, &configured.vpc_connector_arn) {
        (Some(EgressType::Vpc), Some(arn)) => Egress::Vpc(ConnectorArn::new(arn.as_str())),
        (Some(EgressType::Vpc), None) => Egress::Unknown("egress VPC, but no connector is named".to_owned()),
        (Some(EgressType::Default) | None, _) => Egress::Default,
        (Some(other), _) => Egress::Unknown(format!("egress {}, which is not known here", other.as_str())),
    }
}

/// Names, and the hosts that values name. No value leaves this function.
fn environment(source: &SourceConfiguration, region: &Region) -> Environment {
    let image =
        source.image_repository.as_ref().and_then(|image| image.image_configuration.as_ref()).map(|image| {
            (image.runtime_environment_variables.as_ref(), image.runtime_environment_secrets.as_ref())
        });
    let code = source.code_repository.as_ref().and_then(|code| code.code_configuration.as_ref());
    let in_repository = code.is_some_and(|code| code.configuration_source == ConfigurationSource::Repository);
    let code = code
        .and_then(|code| code.code_configuration_values.as_ref())
        .map(|code| (code.runtime_environment_variables.as_ref(), code.runtime_environment_secrets.as_ref()));
    let (variables, secrets) = image.or(code).unwrap_or_default();
    let sorted = |map: Option<&std::collections::HashMap<String, String>>| -> BTreeMap<String, String> {
        map.into_iter().flatten().map(|(name, value)| (name.clone(), value.clone())).collect()
    };
    Environment {
        variables: sorted(variables)
            .into_iter()
            .map(|(name, value)| EnvironmentVariable { name, hosts: named_hosts(&value, region) })
            .collect(),
        secrets: sorted(secrets)
            .into_iter()
            .map(|(name, arn)| {
                let store = if arn.contains(":secretsmanager:") { "secretsmanager" } else { "ssm" };
                EnvironmentSecret { name, store: store.to_owned() }
            })
            .collect(),
        in_repository,
    }
}

/// A bucket's ARN names the bucket's host.
fn named_hosts(value: &str, region: &Region) -> Vec<String> {
    match value.strip_prefix("arn:aws:s3:::").map(|bucket| bucket.split('/').next().unwrap_or_default()) {
        Some(bucket) if !bucket.is_empty() => vec![format!("{bucket}.s3.{region}.amazonaws.com")],
        _ => hosts_in_value(value),
    }
}
