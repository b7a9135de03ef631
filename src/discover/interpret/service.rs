//! App Runner services and VPC connectors.

use std::collections::BTreeMap;

use super::fields::{each, is_gone};
use crate::discover::wire;
use crate::evidence::{destination, hosts_in_variables, no_proxy, resource_arn};
use crate::model::{
    Connector, ConnectorArn, ConnectorStatus, Egress, Environment, EnvironmentSecret, EnvironmentVariable,
    Ingress, Region, SecurityGroupId, ServiceStatus, SubnetId, Workload, WorkloadId, WorkloadKind,
};

/// A VPC connector.
pub(in crate::discover) fn connector(connector: wire::VpcConnector) -> Connector {
    Connector {
        arn: ConnectorArn::new(connector.vpc_connector_arn),
        name: connector.vpc_connector_name.unwrap_or_default(),
        status: connector.status.as_deref().map(ConnectorStatus::from).unwrap_or_default(),
        subnets: each(connector.subnets).map(SubnetId::from).collect(),
        security_groups: each(connector.security_groups).map(SecurityGroupId::from).collect(),
    }
}

/// Name and ARN of a service; `None` if it is deleted.
pub(in crate::discover) fn service_name(summary: wire::ServiceSummary) -> Option<(String, String)> {
    if is_gone(summary.status.as_deref()) {
        return None;
    }
    Some((summary.service_name.unwrap_or_else(|| summary.service_arn.clone()), summary.service_arn))
}

/// A service that is listed but could not be described: its egress is unknown.
pub(in crate::discover) fn undescribed(name: &str, arn: &str) -> Workload {
    Workload {
        id: WorkloadId::new(arn),
        name: name.to_owned(),
        kind: WorkloadKind::AppRunner,
        status: ServiceStatus::NotRead,
        egress: Egress::Unknown("the service could not be described".to_owned()),
        dual_stack: false,
        ingress: Ingress::Unknown,
        url: None,
        health_path: None,
        environment: Environment::default(),
        tags: BTreeMap::new(),
    }
}

/// A service that is listed and not described yet; `None` if it is deleted.
#[cfg(feature = "live")]
pub(in crate::discover) fn listed(summary: wire::ServiceSummary) -> Option<Workload> {
    let status = summary.status.clone();
    let (name, arn) = service_name(summary)?;
    let status = status.as_deref().map(ServiceStatus::from).unwrap_or_default();
    Some(Workload {
        status,
        egress: Egress::Unknown("the service has not been described yet".to_owned()),
        ..undescribed(&name, &arn)
    })
}

/// A described service.
pub(in crate::discover) fn service(service: wire::Service, region: &Region) -> Workload {
    let network = service.network_configuration.as_ref();
    let ingress = network.and_then(|network| network.ingress_configuration.as_ref());
    let address_type = network.and_then(|network| network.ip_address_type.as_deref());
    Workload {
        egress: egress(network),
        dual_stack: address_type == Some("DUAL_STACK"),
        ingress: match ingress.and_then(|ingress| ingress.is_publicly_accessible) {
            Some(true) => Ingress::Public,
            Some(false) => Ingress::Private,
            None => Ingress::Unknown,
        },
        health_path: service
            .health_check_configuration
            .filter(|check| check.protocol.as_deref() == Some("HTTP"))
            .and_then(|check| check.path),
        environment: Environment {
            role: service.instance_configuration.and_then(|instance| instance.instance_role_arn),
            ..service.source_configuration.map(|source| environment(source, region)).unwrap_or_default()
        },
        name: service.service_name.unwrap_or_else(|| service.service_arn.clone()),
        id: WorkloadId::new(service.service_arn),
        kind: WorkloadKind::AppRunner,
        status: service.status.as_deref().map(ServiceStatus::from).unwrap_or_default(),
        url: service.service_url,
        tags: BTreeMap::new(),
    }
}

fn egress(network: Option<&wire::NetworkConfiguration>) -> Egress {
    let Some(network) = network else {
        return Egress::Unknown("DescribeService returned no network configuration".to_owned());
    };
    // Without an egress configuration a service uses DEFAULT egress.
    let Some(configured) = &network.egress_configuration else { return Egress::Default };
    match (configured.egress_type.as_deref(), configured.vpc_connector_arn.as_deref()) {
        (Some("VPC"), Some(arn)) => Egress::Vpc(ConnectorArn::new(arn)),
        (Some("VPC"), None) => Egress::Unknown("egress VPC without a connector".to_owned()),
        (None, _) => Egress::Unknown("DescribeService returned no egress type".to_owned()),
        (Some("DEFAULT"), _) => Egress::Default,
        (Some(other), _) => Egress::Unknown(format!("unsupported egress type {other}")),
    }
}

/// The names of variables and secrets, and the host names in the values of variables. Returns no values.
fn environment(source: wire::SourceConfiguration, region: &Region) -> Environment {
    let code = source.code_repository.and_then(|code| code.code_configuration);
    let in_repository =
        code.as_ref().is_some_and(|code| code.configuration_source.as_deref() == Some("REPOSITORY"));
    let image = source.image_repository;
    // `123456789012.dkr.ecr.us-west-2.amazonaws.com/app:1.4`
    let registry = image.as_ref().and_then(|image| image.image_identifier.as_deref()?.split('/').next());
    let image_registry = registry.and_then(|host| destination(host).ok()).map(|destination| destination.host);
    let settings = image
        .and_then(|image| image.image_configuration)
        .or(code.and_then(|code| code.code_configuration_values));
    let (variables, secrets) = settings
        .map(|settings| (settings.runtime_environment_variables, settings.runtime_environment_secrets))
        .unwrap_or_default();
    let values = variables.unwrap_or_default();
    let variables = hosts_in_variables(&values, region.as_str());
    let resources =
        |name: &String| values.get(name).and_then(|value| resource_arn(value)).into_iter().collect();
    Environment {
        variables: variables
            .into_iter()
            .map(|(name, hosts)| EnvironmentVariable { resources: resources(&name), name, hosts })
            .collect(),
        no_proxy: no_proxy(&values),
        secrets: secrets.into_iter().flatten().map(|(name, arn)| secret(name, &arn, region)).collect(),
        image_registry,
        role: None,
        permits: None,
        in_repository,
    }
}

/// The service and region from which App Runner fetches a secret. `arn` is the ARN of a secret or parameter,
/// or the name of a parameter.
fn secret(name: String, arn: &str, region: &Region) -> EnvironmentSecret {
    let store = if arn.contains(":secretsmanager:") { "secretsmanager" } else { "ssm" };
    let other_region = arn.split(':').nth(3).filter(|name| !name.is_empty() && *name != region.as_str());
    let rds_secret = resource_arn(arn).filter(|_| store == "secretsmanager");
    EnvironmentSecret { name, store: store.to_owned(), region: other_region.map(Region::new), rds_secret }
}
