//! Redacts each kind of object. Every field is named.

use super::Redaction;
use crate::model::{
    AclRule, Connector, ConnectorArn, DhcpResolver, DnsSettings, Egress, EgressOnlyInternetGateway, Endpoint,
    EndpointInterface, EndpointKind, EndpointPolicy, EndpointService, Environment, EnvironmentSecret,
    EnvironmentVariable, InternetGateway, NamedResource, NatGateway, NatPlacement, Network, NetworkAcl,
    NetworkInterface, Peer, PeeringConnection, Permit, PrefixList, ResolverRule, ResourceHost, Route,
    RouteDestination, RouteTable, RouteTarget, SecurityGroup, SecurityGroupRule, Subnet, TransitAssociation,
    TransitAttachment, TransitRouteTable, Vpc,
};

/// Words of the descriptions that AWS gives to network interfaces.
const DESCRIPTION_WORDS: &[&str] = &[
    "amazon",
    "app",
    "attachment",
    "aws",
    "by",
    "cache",
    "cluster",
    "created",
    "dms",
    "do",
    "ecs",
    "efs",
    "eks",
    "elasticache",
    "elb",
    "endpoint",
    "eni",
    "es",
    "for",
    "gateway",
    "global",
    "gwy",
    "instance",
    "interface",
    "lambda",
    "load",
    "balancer",
    "managed",
    "memorydb",
    "mount",
    "mq",
    "msk",
    "nat",
    "neptune",
    "net",
    "network",
    "not",
    "delete",
    "opensearch",
    "primary",
    "proxy",
    "rds",
    "rdsnetworkinterface",
    "rdsproxyeni",
    "redshift",
    "resource",
    "runner",
    "service",
    "target",
    "transit",
    "vpc",
];

impl Redaction {
    pub(super) fn network(&mut self, network: &Network) -> Network {
        let Network {
            vpcs,
            subnets,
            route_tables,
            security_groups,
            network_acls,
            endpoints,
            endpoint_services,
            nat_gateways,
            internet_gateways,
            egress_only_internet_gateways,
            network_interfaces,
            prefix_lists,
            connectors,
            named_resources,
            peering_connections,
            transit_attachments,
            transit_route_tables,
        } = network;
        Network {
            vpcs: vpcs.iter().map(|item| self.vpc(item)).collect(),
            subnets: subnets.iter().map(|item| self.subnet(item)).collect(),
            route_tables: route_tables.iter().map(|item| self.route_table(item)).collect(),
            security_groups: security_groups.iter().map(|item| self.security_group(item)).collect(),
            network_acls: network_acls.iter().map(|item| self.network_acl(item)).collect(),
            endpoints: endpoints.iter().map(|item| self.endpoint(item)).collect(),
            endpoint_services: endpoint_services.iter().map(|item| self.endpoint_service(item)).collect(),
            nat_gateways: nat_gateways.iter().map(|item| self.nat_gateway(item)).collect(),
            internet_gateways: internet_gateways.iter().map(|item| self.internet_gateway(item)).collect(),
            egress_only_internet_gateways: egress_only_internet_gateways
                .iter()
                .map(|EgressOnlyInternetGateway { id, attached_to }| EgressOnlyInternetGateway {
                    id: self.id(id),
                    attached_to: attached_to.as_ref().map(|vpc| self.id(vpc)),
                })
                .collect(),
            network_interfaces: network_interfaces.iter().map(|item| self.network_interface(item)).collect(),
            prefix_lists: prefix_lists.iter().map(|item| self.prefix_list(item)).collect(),
            connectors: connectors.iter().map(|item| self.connector(item)).collect(),
            named_resources: named_resources.iter().map(|item| self.named_resource(item)).collect(),
            peering_connections: peering_connections
                .iter()
                .map(|PeeringConnection { id, vpcs: [one, two], places, state, resolves_names }| {
                    PeeringConnection {
                        id: self.id(id),
                        resolves_names: *resolves_names,
                        vpcs: [self.id(one), self.id(two)],
                        places: places.each_ref().map(|place| place.as_ref().map(|place| self.place(place))),
                        state: state.clone(),
                    }
                })
                .collect(),
            transit_attachments: transit_attachments
                .iter()
                .map(|item| self.transit_attachment(item))
                .collect(),
            transit_route_tables: transit_route_tables
                .iter()
                .map(|TransitRouteTable { id, routes }| TransitRouteTable {
                    id: self.id(id),
                    routes: routes.iter().map(|route| self.route(route)).collect(),
                })
                .collect(),
        }
    }

    fn transit_attachment(&mut self, attachment: &TransitAttachment) -> TransitAttachment {
        let TransitAttachment { id, gateway, gateway_owner, vpc, owner, state, subnets, association } =
            attachment;
        TransitAttachment {
            id: self.id(id),
            gateway: self.id(gateway),
            gateway_owner: gateway_owner.as_ref().map(|account| self.names.account(account)),
            vpc: vpc.as_ref().map(|vpc| self.id(vpc)),
            owner: owner.as_ref().map(|account| self.names.account(account)),
            state: state.clone(),
            subnets: subnets.iter().map(|id| self.id(id)).collect(),
            association: match association {
                TransitAssociation::NotRead => TransitAssociation::NotRead,
                TransitAssociation::None => TransitAssociation::None,
                TransitAssociation::Table(id) => TransitAssociation::Table(self.id(id)),
                TransitAssociation::Pending(id) => TransitAssociation::Pending(self.id(id)),
            },
        }
    }

    fn named_resource(&mut self, resource: &NamedResource) -> NamedResource {
        let NamedResource {
            id,
            kind,
            name,
            hosts,
            engine,
            state,
            vpc,
            subnets,
            zone,
            standby,
            security_groups,
            public,
            requires_tls,
            descriptions,
            secret,
            dual_stack,
        } = resource;
        NamedResource {
            id: self.id(id),
            kind: *kind,
            name: self.names.name("name", name),
            hosts: hosts
                .iter()
                .map(|ResourceHost { name, port, zones, descriptions }| ResourceHost {
                    name: self.host(name),
                    port: *port,
                    zones: zones.clone(),
                    descriptions: descriptions.iter().map(|text| self.description(text)).collect(),
                })
                .collect(),
            engine: engine.clone(),
            state: state.clone(),
            vpc: vpc.as_ref().map(|vpc| self.id(vpc)),
            subnets: self.ids(subnets),
            zone: zone.clone(),
            standby: standby.clone(),
            security_groups: self.ids(security_groups),
            public: *public,
            requires_tls: *requires_tls,
            descriptions: descriptions.iter().map(|text| self.description(text)).collect(),
            secret: secret.as_ref().map(|arn| self.id(arn)),
            dual_stack: *dual_stack,
        }
    }

    fn id<T: AsId>(&mut self, id: &T) -> T {
        T::from_text(self.names.id(id.text()))
    }

    fn ids<T: AsId>(&mut self, ids: &[T]) -> Vec<T> {
        ids.iter().map(|id| self.id(id)).collect()
    }

    fn vpc(&mut self, vpc: &Vpc) -> Vpc {
        let Vpc { id, tags, cidrs, ipv6_cidrs, private_zones, resolver_rules, encryption, dns } = vpc;
        let DnsSettings { support, hostnames, resolver } = dns;
        let resolver = match resolver {
            DhcpResolver::Custom(servers) => {
                DhcpResolver::Custom(servers.iter().map(|server| self.host(server)).collect())
            }
            DhcpResolver::Amazon | DhcpResolver::Unknown => resolver.clone(),
        };
        Vpc {
            id: self.id(id),
            tags: self.tags("vpc", tags),
            cidrs: cidrs.iter().map(|net| self.addresses.net4(*net)).collect(),
            ipv6_cidrs: ipv6_cidrs.iter().map(|net| self.addresses.net6(*net)).collect(),
            private_zones: private_zones
                .as_ref()
                .map(|zones| zones.iter().map(|zone| self.host(zone)).collect()),
            resolver_rules: resolver_rules
                .iter()
                .map(|ResolverRule { id, domain, forwards }| ResolverRule {
                    id: self.id(id),
                    domain: if domain.is_empty() { String::new() } else { self.host(domain) },
                    forwards: *forwards,
                })
                .collect(),
            encryption: encryption.clone(),
            dns: DnsSettings { support: *support, hostnames: *hostnames, resolver },
        }
    }

    fn subnet(&mut self, subnet: &Subnet) -> Subnet {
        let Subnet {
            id,
            vpc,
            zone,
            cidr,
            ipv6_cidrs,
            block_public_access,
            free_addresses,
            map_public_ip,
            default_for_az,
            owner,
            tags,
        } = subnet;
        Subnet {
            id: self.id(id),
            vpc: self.id(vpc),
            zone: zone.clone(),
            cidr: cidr.map(|net| self.addresses.net4(net)),
            ipv6_cidrs: ipv6_cidrs.iter().map(|net| self.addresses.net6(*net)).collect(),
            block_public_access: block_public_access.clone(),
            free_addresses: *free_addresses,
            map_public_ip: *map_public_ip,
            default_for_az: *default_for_az,
            owner: owner.as_ref().map(|owner| self.names.account(owner)),
            tags: self.tags("subnet", tags),
        }
    }

    fn route_table(&mut self, table: &RouteTable) -> RouteTable {
        let RouteTable { id, vpc, main, subnets, routes, tags } = table;
        RouteTable {
            id: self.id(id),
            vpc: self.id(vpc),
            main: *main,
            subnets: self.ids(subnets),
            routes: routes.iter().map(|route| self.route(route)).collect(),
            tags: self.tags("route-table", tags),
        }
    }

    fn route(&mut self, route: &Route) -> Route {
        let Route { destination, target, state, origin } = route;
        let destination = match destination {
            RouteDestination::Ipv4(net) => RouteDestination::Ipv4(self.addresses.net4(*net)),
            RouteDestination::Ipv6(net) => RouteDestination::Ipv6(self.addresses.net6(*net)),
            RouteDestination::PrefixList(id) => RouteDestination::PrefixList(self.id(id)),
            RouteDestination::Unspecified => RouteDestination::Unspecified,
        };
        let target = match target {
            RouteTarget::Local => RouteTarget::Local,
            RouteTarget::InternetGateway(id) => RouteTarget::InternetGateway(self.id(id)),
            RouteTarget::NatGateway(id) => RouteTarget::NatGateway(self.id(id)),
            RouteTarget::Endpoint(id) => RouteTarget::Endpoint(self.id(id)),
            RouteTarget::EgressOnlyInternetGateway(id) => RouteTarget::EgressOnlyInternetGateway(self.id(id)),
            RouteTarget::NetworkInterface(id) => RouteTarget::NetworkInterface(self.id(id)),
            RouteTarget::Peering(id) => RouteTarget::Peering(self.id(id)),
            RouteTarget::Other(id) => RouteTarget::Other(self.id(id)),
        };
        Route { destination, target, state: state.clone(), origin: origin.clone() }
    }

    fn security_group(&mut self, group: &SecurityGroup) -> SecurityGroup {
        let SecurityGroup { id, name, vpc, ingress, egress, tags } = group;
        SecurityGroup {
            id: self.id(id),
            // The name of the default security group of a VPC.
            name: match name.as_str() {
                "default" => name.clone(),
                name => self.names.name("security-group", name),
            },
            vpc: self.id(vpc),
            ingress: ingress.iter().map(|rule| self.rule(rule)).collect(),
            egress: egress.iter().map(|rule| self.rule(rule)).collect(),
            tags: self.tags("security-group", tags),
        }
    }

    fn rule(&mut self, rule: &SecurityGroupRule) -> SecurityGroupRule {
        let SecurityGroupRule { protocol, ports, peer } = rule;
        let peer = match peer {
            Peer::Ipv4(net) => Peer::Ipv4(self.addresses.net4(*net)),
            Peer::Ipv6(net) => Peer::Ipv6(self.addresses.net6(*net)),
            Peer::PrefixList(id) => Peer::PrefixList(self.id(id)),
            Peer::Group(id) => Peer::Group(self.id(id)),
        };
        SecurityGroupRule { protocol: *protocol, ports: *ports, peer }
    }

    fn network_acl(&mut self, acl: &NetworkAcl) -> NetworkAcl {
        let NetworkAcl { id, vpc, default, subnets, inbound, outbound, tags } = acl;
        NetworkAcl {
            id: self.id(id),
            vpc: self.id(vpc),
            default: *default,
            subnets: self.ids(subnets),
            inbound: inbound.iter().map(|rule| self.acl_rule(rule)).collect(),
            outbound: outbound.iter().map(|rule| self.acl_rule(rule)).collect(),
            tags: self.tags("network-acl", tags),
        }
    }

    fn acl_rule(&mut self, rule: &AclRule) -> AclRule {
        let AclRule { number, protocol, ports, remote, action } = rule;
        AclRule {
            number: *number,
            protocol: *protocol,
            ports: *ports,
            remote: self.addresses.net(*remote),
            action: *action,
        }
    }

    /// A bucket keeps the replacement that its name has as a part of a host. The replacements of the names that match a pattern have
    /// nothing in common.
    fn endpoint_policy(&mut self, policy: &EndpointPolicy) -> EndpointPolicy {
        match policy {
            EndpointPolicy::Buckets(names) if names.iter().any(|name| name.contains(['*', '?'])) => {
                EndpointPolicy::Restricted
            }
            EndpointPolicy::Buckets(names) => {
                EndpointPolicy::Buckets(names.iter().map(|name| self.bucket(name)).collect())
            }
            other => other.clone(),
        }
    }

    fn endpoint(&mut self, endpoint: &Endpoint) -> Endpoint {
        let Endpoint { id, vpc, service, state, kind, policy, tags } = endpoint;
        let kind = match kind {
            EndpointKind::Gateway { route_tables } => {
                EndpointKind::Gateway { route_tables: self.ids(route_tables) }
            }
            EndpointKind::Interface {
                private_dns,
                private_dns_only_inbound,
                private_names,
                ipv6_records,
                security_groups,
                interfaces,
            } => EndpointKind::Interface {
                private_dns: *private_dns,
                private_dns_only_inbound: *private_dns_only_inbound,
                private_names: private_names.iter().map(|name| self.host(name)).collect(),
                ipv6_records: *ipv6_records,
                security_groups: self.ids(security_groups),
                interfaces: interfaces
                    .iter()
                    .map(|EndpointInterface { subnet, address, ipv6_address }| EndpointInterface {
                        subnet: self.id(subnet),
                        address: address.map(|address| self.addresses.address4(address)),
                        ipv6_address: ipv6_address.map(|address| self.addresses.address6(address)),
                    })
                    .collect(),
            },
            EndpointKind::Other(kind) => EndpointKind::Other(kind.clone()),
        };
        Endpoint {
            id: self.id(id),
            vpc: self.id(vpc),
            service: self.service_name_of(service),
            state: state.clone(),
            kind,
            policy: policy.as_ref().map(|policy| self.endpoint_policy(policy)),
            tags: self.tags("endpoint", tags),
        }
    }

    /// The name of an endpoint service: `com.amazonaws.us-west-2.s3` stays,
    /// `com.amazonaws.vpce.us-west-2.vpce-svc-0a1b2c3d` has the id of a partner's service.
    fn service_name_of(&mut self, name: &str) -> String {
        let labels = name.split('.').map(|label| match label {
            label if label.starts_with("vpce-svc-") => self.names.id(label),
            label => label.to_owned(),
        });
        let labels: Vec<String> = labels.collect();
        let is_of_aws = name.starts_with("com.amazonaws.") || name.starts_with("aws.");
        if is_of_aws { labels.join(".") } else { self.host(name) }
    }

    fn endpoint_service(&mut self, service: &EndpointService) -> EndpointService {
        let EndpointService { name, kind, zones, private_names } = service;
        let is_partner = name.contains(".vpce-svc-");
        let private_names =
            private_names.iter().map(|name| if is_partner { self.host(name) } else { name.clone() });
        EndpointService {
            private_names: private_names.collect(),
            name: self.service_name_of(name),
            kind: kind.clone(),
            zones: zones.clone(),
        }
    }

    fn nat_gateway(&mut self, gateway: &NatGateway) -> NatGateway {
        let NatGateway {
            id,
            vpc,
            state,
            failure,
            connectivity,
            has_appliance,
            placement,
            public_addresses,
            private_addresses,
            unusable_addresses,
            tags,
        } = gateway;
        let placement = match placement {
            NatPlacement::Subnet(id) => NatPlacement::Subnet(self.id(id)),
            NatPlacement::Regional { route_table, zones, expands } => NatPlacement::Regional {
                route_table: route_table.as_ref().map(|id| self.id(id)),
                zones: zones.clone(),
                expands: *expands,
            },
        };
        NatGateway {
            id: self.id(id),
            vpc: self.id(vpc),
            state: state.clone(),
            // The message contains ids.
            failure: failure.as_ref().and_then(|text| Some(text.split_once(':')?.0.to_owned())),
            connectivity: connectivity.clone(),
            has_appliance: *has_appliance,
            unusable_addresses: unusable_addresses.clone(),
            placement,
            public_addresses: public_addresses
                .iter()
                .map(|address| self.addresses.address4(*address))
                .collect(),
            private_addresses: private_addresses
                .iter()
                .map(|address| self.addresses.address4(*address))
                .collect(),
            tags: self.tags("nat-gateway", tags),
        }
    }

    fn internet_gateway(&mut self, gateway: &InternetGateway) -> InternetGateway {
        let InternetGateway { id, attached_to, tags } = gateway;
        InternetGateway {
            id: self.id(id),
            attached_to: attached_to.as_ref().map(|vpc| self.id(vpc)),
            tags: self.tags("internet-gateway", tags),
        }
    }

    fn network_interface(&mut self, interface: &NetworkInterface) -> NetworkInterface {
        let NetworkInterface {
            id,
            vpc,
            subnet,
            addresses,
            security_groups,
            kind,
            description,
            requester,
            public_address,
            public_addresses,
            instance,
            state,
            source_dest_check,
        } = interface;
        NetworkInterface {
            id: self.id(id),
            vpc: self.id(vpc),
            subnet: self.id(subnet),
            addresses: addresses.iter().map(|address| self.addresses.address(*address)).collect(),
            security_groups: self.ids(security_groups),
            kind: kind.clone(),
            description: self.description(description),
            // `amazon-rds`, or the account that requested it.
            requester: requester.as_ref().map(|requester| {
                if requester.starts_with("amazon-") {
                    requester.clone()
                } else {
                    self.names.account(requester)
                }
            }),
            public_address: *public_address,
            public_addresses: public_addresses
                .iter()
                .map(|address| self.addresses.address4(*address))
                .collect(),
            instance: instance.as_ref().map(|id| self.id(id)),
            state: state.clone(),
            source_dest_check: *source_dest_check,
        }
    }

    /// Keeps the words of AWS in a description: `ELB app/name-001/name-002`.
    fn description(&mut self, text: &str) -> String {
        // The host names of these resources contain the same names.
        if let Some(name) = text.strip_prefix("ElastiCache ").filter(|name| !name.contains(' ')) {
            return format!("ElastiCache {}", self.cache_name(name));
        }
        if let Some(name) = text.strip_prefix("ES ").filter(|name| !name.contains(' ')) {
            return format!("ES {}", self.names.label(name));
        }
        if let Some(id) = text.strip_prefix("ELB ").filter(|id| !id.contains(' ')) {
            let parts = id.split('/').enumerate().map(|(number, part)| match part {
                "app" | "net" | "gwy" if number == 0 && id.contains('/') => part.to_owned(),
                part => self.names.label(part),
            });
            return format!("ELB {}", parts.collect::<Vec<_>>().join("/"));
        }
        if let Some(ids) = text.strip_prefix("Route 53 Resolver: ") {
            let ids = ids.split(':').map(|id| self.names.id(id)).collect::<Vec<_>>();
            return format!("Route 53 Resolver: {}", ids.join(":"));
        }
        let part = |redaction: &mut Self, part: &str| {
            if DESCRIPTION_WORDS.contains(&part.to_ascii_lowercase().as_str()) || part.is_empty() {
                return part.to_owned();
            }
            match redaction.names.known(part) {
                Some(known) => known.to_owned(),
                None if part.starts_with("fs-") => redaction.names.id(part),
                None => redaction.names.name("name", part),
            }
        };
        let words = text.split_whitespace().map(|word| {
            let parts = word.split('/').map(|one| part(self, one));
            parts.collect::<Vec<_>>().join("/")
        });
        words.collect::<Vec<_>>().join(" ")
    }

    fn prefix_list(&mut self, list: &PrefixList) -> PrefixList {
        let PrefixList { id, name, cidrs } = list;
        PrefixList {
            id: self.id(id),
            name: match name.as_str() {
                name if name.starts_with("com.amazonaws.") => name.to_owned(),
                // A list without a name has its id.
                name if name == id.as_str() => self.names.id(name),
                name => self.names.name("prefix-list", name),
            },
            cidrs: cidrs.as_ref().map(|nets| nets.iter().map(|net| self.addresses.net(*net)).collect()),
        }
    }

    fn connector(&mut self, connector: &Connector) -> Connector {
        let Connector { arn, name, status, subnets, security_groups } = connector;
        Connector {
            arn: self.connector_arn(arn),
            name: self.names.name("connector", name),
            status: status.clone(),
            subnets: self.ids(subnets),
            security_groups: self.ids(security_groups),
        }
    }

    fn connector_arn(&mut self, arn: &ConnectorArn) -> ConnectorArn {
        ConnectorArn::new(self.arn_or_name("connector", arn.as_str()))
    }

    pub(super) fn egress(&mut self, egress: &Egress) -> Egress {
        match egress {
            Egress::Default => Egress::Default,
            Egress::Vpc(arn) => Egress::Vpc(self.connector_arn(arn)),
            Egress::Direct { subnets, security_groups } => {
                Egress::Direct { subnets: self.ids(subnets), security_groups: self.ids(security_groups) }
            }
            // A sentence of egress-doctor.
            Egress::Unknown(reason) => Egress::Unknown(reason.clone()),
        }
    }

    pub(super) fn environment(&mut self, environment: &Environment) -> Environment {
        let Environment { variables, secrets, no_proxy, image_registry, role, permits, in_repository } =
            environment;
        let variable =
            |EnvironmentVariable { name, hosts, resources }: &EnvironmentVariable| EnvironmentVariable {
                name: self.names.name("VARIABLE", name),
                hosts: hosts.iter().map(|host| self.host(host)).collect(),
                resources: self.ids(resources),
            };
        let variables = variables.iter().map(variable).collect();
        let secret =
            |EnvironmentSecret { name, store, region, rds_secret }: &EnvironmentSecret| EnvironmentSecret {
                name: self.names.name("VARIABLE", name),
                store: store.clone(),
                region: region.clone(),
                rds_secret: rds_secret.as_ref().map(|arn| self.id(arn)),
            };
        let secrets = secrets.iter().map(secret).collect();
        let permit = |redaction: &mut Self, Permit { action, host }: &Permit| Permit {
            action: action.clone(),
            host: redaction.host(host),
        };
        Environment {
            variables,
            secrets,
            no_proxy: no_proxy.iter().map(|pattern| self.host_pattern(pattern)).collect(),
            image_registry: image_registry.as_ref().map(|host| self.host(host)),
            role: role.as_ref().map(|role| self.arn_or_name("role", role)),
            permits: permits.as_ref().map(|permits| permits.iter().map(|one| permit(self, one)).collect()),
            in_repository: *in_repository,
        }
    }
}

/// An id of a resource.
trait AsId {
    fn text(&self) -> &str;
    fn from_text(text: String) -> Self;
}

macro_rules! ids {
    ($($name:ident),+ $(,)?) => {$(
        impl AsId for crate::model::$name {
            fn text(&self) -> &str {
                self.as_str()
            }

            fn from_text(text: String) -> Self {
                Self::new(text)
            }
        }
    )+};
}

ids!(
    VpcId,
    SubnetId,
    RouteTableId,
    SecurityGroupId,
    NetworkAclId,
    EndpointId,
    NatGatewayId,
    InternetGatewayId,
    EgressOnlyInternetGatewayId,
    NetworkInterfaceId,
    PrefixListId,
    ResourceId,
);
