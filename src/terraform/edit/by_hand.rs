//! The code of a change for an edit by hand. Every refusal names the place, the present value and the value to put there.
//!
//! The text is what the user pastes: whole blocks, or the arguments and nested blocks of the block at the place, without the
//! indentation of that block.

use std::collections::BTreeSet;

use ipnet::Ipv4Net;

use crate::model::{Peer, RouteTableId, SubnetId, VpcId};
use crate::remedy::{Change, NEW_PUBLIC_SUBNET, PlannedSubnet};
use crate::terraform::edit::draft::Draft;
use crate::terraform::edit::egress;
use crate::terraform::edit::egress::connector::{self, ConnectorSubnets};
use crate::terraform::edit::endpoint::rules::rule;
use crate::terraform::edit::network;
use crate::terraform::edit::network::default_routes::ANYWHERE;
use crate::terraform::edit::override_file::Overridden;
use crate::terraform::edit::rule::nacl::acl_rule;
use crate::terraform::edit::rule::rules::{literal_resource, literal_rule};
use crate::terraform::edit::rule::variable::rule_by_variable;
use crate::terraform::error::EditError;
use crate::terraform::lang::address::address;
use crate::terraform::lang::render::{attribute, block, quoted, resource};
use crate::terraform::lang::structure::Block;
use crate::terraform::read::config::Config;
use crate::terraform::read::file::File;
use crate::terraform::read::module::Module;
use crate::terraform::read::place::location;

/// Adds the code of the change to a refusal that has none. `all` are the changes of the fix.
pub(super) fn with_code(error: EditError, draft: &Draft<'_>, change: &Change, all: &[&Change]) -> EditError {
    let code = Code { config: draft.finder.config, draft: Some(draft), all };
    code.add_to(error, change)
}

/// The same for a refusal before the service is found; `owner` names the code that the changes belong to.
pub(super) fn with_code_of_first(
    error: EditError,
    config: &Config,
    all: &[&Change],
    owner: &str,
) -> EditError {
    let Some(change) = all.first() else { return error };
    let error = match error {
        // The message has the next step.
        EditError::NotFound { what } if what.contains("TF_WORKSPACE") => EditError::NotFound { what },
        EditError::NotFound { what } => {
            EditError::NotUnderstood { place: owner.to_owned(), what: format!("not found: {what}") }
        }
        other => other,
    };
    Code { config, draft: None, all }.add_to(error, change)
}

struct Code<'d, 'a> {
    config: &'d Config,
    draft: Option<&'d Draft<'a>>,
    all: &'d [&'d Change],
}

impl Code<'_, '_> {
    fn add_to(&self, error: EditError, change: &Change) -> EditError {
        let EditError::NotUnderstood { place, what } = error else { return error };
        // Code in a module of several environments would change all of them.
        if self.is_in_shared_module(&place) {
            let many =
                if what.contains("used more than once") { "" } else { " The module is used more than once:" };
            let what = format!("{what}.{many} Give it a variable that only the call of this service sets");
            let what = what.replace(": Give it", ": give it").replace(". Give it", ": give it");
            return match self.rule_by_variable(change, &place) {
                Some(snippet) => EditError::ByHand { place, what, snippet },
                None => EditError::Answer { place, what },
            };
        }
        let Some(snippet) = self.of(change, &place) else {
            return EditError::NotUnderstood { place, what };
        };
        let has_new_block = snippet.lines().any(|line| line.starts_with("resource "));
        match Overridden::at(self.config, &place).filter(|_| has_new_block) {
            Some(found) => EditError::ByHand { place: found.location(), what: found.reason(), snippet },
            None => EditError::ByHand { place, what, snippet },
        }
    }

    /// The code of a change; `None` if the change has no code of its own.
    fn of(&self, change: &Change, place: &str) -> Option<String> {
        match change {
            Change::CreateGatewayEndpoint { vpc, service, route_tables } => {
                Some(self.gateway_endpoint(vpc, service, route_tables))
            }
            Change::CreateInterfaceEndpoint { vpc, allowed_ranges, .. } => {
                Some(self.interface_endpoints(vpc, allowed_ranges))
            }
            Change::EnablePrivateDns { endpoint, .. } => {
                Some(format!("# In the aws_vpc_endpoint of {endpoint}\nprivate_dns_enabled = true\n"))
            }
            Change::AllowEgress { group, port, peer } => {
                Some(self.rule("egress", place, group.as_str(), *port, peer))
            }
            Change::AllowEndpointIngress { group, port, peer } => {
                Some(self.rule("ingress", place, group.as_str(), *port, peer))
            }
            Change::AllowNacl { outbound, rule, .. } => {
                Some(acl_rule(if *outbound { "egress" } else { "ingress" }, rule))
            }
            Change::EnableVpcDns { vpc, support, hostnames } => {
                let names = [("enable_dns_support", *support), ("enable_dns_hostnames", *hostnames)];
                let names: Vec<&str> = names.iter().filter(|(_, on)| *on).map(|(name, _)| *name).collect();
                Some(network::vpc_dns::snippet(vpc, &names))
            }
            // The block of several services would change all of them.
            Change::UseDefaultEgress { .. } => {
                let is_one = |draft: &Draft<'_>| !draft.finder.code.service.is_one_of_several();
                self.draft.is_none_or(is_one).then(|| egress::elsewhere::SNIPPET.to_owned())
            }
            Change::MoveConnector { name, subnets, security_groups, .. } => {
                let subnets = ConnectorSubnets::Existing(subnets);
                Some(connector::snippet(name, &subnets, security_groups))
            }
            other => self.of_routes(other),
        }
    }

    /// A new public subnet with its route table and the default route.
    fn public_subnet(&self, vpc: &VpcId, planned: &PlannedSubnet, route: &[(&str, String)]) -> String {
        const NAME: &str = "app_runner_public";
        let table = attribute("route_table_id", format!("aws_route_table.{NAME}.id"));
        let subnet = [
            attribute("vpc_id", self.vpc(vpc)),
            attribute("availability_zone", quoted(planned.zone.as_str())),
            attribute("cidr_block", quoted(&planned.cidr.to_string())),
        ];
        let route = route.iter().map(|(name, value)| attribute(name, value.clone()));
        let route: Vec<_> = [table.clone()].into_iter().chain(route).collect();
        let blocks = [
            resource("aws_subnet", NAME, &subnet),
            resource("aws_route_table", NAME, &[attribute("vpc_id", self.vpc(vpc))]),
            resource("aws_route", NAME, &route),
            resource(
                "aws_route_table_association",
                NAME,
                &[attribute("subnet_id", format!("aws_subnet.{NAME}.id")), table],
            ),
        ];
        blocks.join("\n")
    }

    /// The code of a change of routes, NAT gateways and internet gateways.
    fn of_routes(&self, change: &Change) -> Option<String> {
        match change {
            Change::AssociateRouteTables { endpoint, route_tables, .. } => {
                let kind = "aws_vpc_endpoint_route_table_association";
                Some(self.each(
                    kind,
                    "app_runner",
                    route_tables,
                    &[("vpc_endpoint_id", quoted(endpoint.as_str()))],
                ))
            }
            Change::CreateNat { subnet: Some(subnet), route_tables, .. }
            | Change::RepairNat { subnet: Some(subnet), route_tables, .. } => Some(format!(
                "{}\n{}",
                nat_gateway(&self.subnet(subnet)),
                self.routes("aws_nat_gateway.app_runner.id", route_tables)
            )),
            Change::RouteToNat { nat, route_tables } => {
                Some(self.routes(&quoted(nat.as_str()), route_tables))
            }
            Change::RouteToInternet { gateway, route_table } => {
                let target =
                    [("destination_cidr_block", quoted(ANYWHERE)), ("gateway_id", quoted(gateway.as_str()))];
                Some(self.each("aws_route", "internet", std::slice::from_ref(route_table), &target))
            }
            Change::AttachInternetGateway { vpc, gateway } => {
                let lines = [
                    attribute("internet_gateway_id", quoted(gateway.as_str())),
                    attribute("vpc_id", self.vpc(vpc)),
                ];
                Some(resource("aws_internet_gateway_attachment", "app_runner", &lines))
            }
            Change::CreateInternetGateway { vpc, route_tables, public_subnet } => {
                let gateway =
                    resource("aws_internet_gateway", "app_runner", &[attribute("vpc_id", self.vpc(vpc))]);
                let target = [
                    ("destination_cidr_block", quoted(ANYWHERE)),
                    ("gateway_id", "aws_internet_gateway.app_runner.id".to_owned()),
                ];
                let routes = self.each("aws_route", "internet", route_tables, &target);
                let public = public_subnet.as_ref().map(|planned| self.public_subnet(vpc, planned, &target));
                let parts = [Some(gateway), public, Some(routes).filter(|routes| !routes.is_empty())];
                Some(parts.into_iter().flatten().collect::<Vec<_>>().join("\n"))
            }
            Change::DisableSourceDestCheck { interface } => Some(format!(
                "# In the aws_instance or aws_network_interface of {interface}\nsource_dest_check = false\n"
            )),
            Change::AssociateElasticIp { interface } => {
                let lines = [
                    attribute("domain", quoted("vpc")),
                    attribute("network_interface", quoted(interface.as_str())),
                ];
                Some(resource("aws_eip", "app_runner", &lines))
            }
            Change::RouteToPeering { peering, destination, route_tables } => {
                let target = [
                    ("destination_cidr_block", quoted(&destination.to_string())),
                    ("vpc_peering_connection_id", quoted(peering.as_str())),
                ];
                Some(self.each("aws_route", "peering", route_tables, &target))
            }
            Change::RouteIpv6 { gateway: Some(gateway), route_tables, .. } => {
                let target = [
                    ("destination_ipv6_cidr_block", quoted("::/0")),
                    ("egress_only_gateway_id", quoted(gateway.as_str())),
                ];
                Some(self.each("aws_route", "ipv6_egress", route_tables, &target))
            }
            // Without a public subnet there is no NAT gateway; the others are edited, or have their own text.
            _ => None,
        }
    }

    fn vpc(&self, vpc: &VpcId) -> String {
        self.draft.map_or_else(|| quoted(vpc.as_str()), |draft| draft.finder.code.vpc_id.clone())
    }

    fn table(&self, id: &RouteTableId) -> String {
        let expression = self.draft.and_then(|draft| {
            if let Some(found) = self.overridden(id) {
                return found.id_in(draft.finder.target.address.as_deref());
            }
            let found = draft.finder.route_table(id).ok()??;
            Some(draft.finder.id_expression(Some(&found), id.as_str()))
        });
        expression.unwrap_or_else(|| quoted(id.as_str()))
    }

    /// The block of a route table that an override file changes too.
    fn overridden(&self, table: &RouteTableId) -> Option<Overridden<'_>> {
        match self.draft?.finder.route_table(table) {
            Err(EditError::NotUnderstood { place, .. }) => Overridden::at(self.config, &place),
            _ => None,
        }
    }

    /// The id of a subnet: by a reference if the code creates it.
    fn subnet(&self, id: &SubnetId) -> String {
        if id.as_str() == NEW_PUBLIC_SUBNET {
            return "aws_subnet.app_runner_public.id".to_owned();
        }
        let reference = self.draft.and_then(|draft| draft.known_reference(&draft.finder.subnet_origin(id)?));
        reference.unwrap_or_else(|| quoted(id.as_str()))
    }

    fn gateway_endpoint(&self, vpc: &VpcId, service: &str, tables: &[RouteTableId]) -> String {
        let tables: Vec<String> = tables.iter().map(|table| self.table(table)).collect();
        let lines = [
            attribute("vpc_id", self.vpc(vpc)),
            attribute("service_name", quoted(service)),
            attribute("vpc_endpoint_type", "\"Gateway\""),
            attribute("route_table_ids", format!("[{}]", tables.join(", "))),
        ];
        resource("aws_vpc_endpoint", &self.name("aws_vpc_endpoint", service), &lines)
    }

    /// The interface endpoints of the fix, and the security group that they share.
    fn interface_endpoints(&self, vpc: &VpcId, ranges: &[Ipv4Net]) -> String {
        let ranges: Vec<String> = ranges.iter().map(|range| quoted(&range.to_string())).collect();
        let ranges = format!("[{}]", ranges.join(", "));
        let group = self.name("aws_security_group", "vpc_endpoints");
        let (mut all_ports, mut endpoints) = (BTreeSet::<u16>::new(), Vec::new());
        for change in self.all {
            let Change::CreateInterfaceEndpoint { service, subnets, ports, .. } = change else { continue };
            all_ports.extend(ports);
            let subnets: Vec<String> = subnets.iter().map(|id| quoted(id.as_str())).collect();
            let lines = [
                attribute("vpc_id", self.vpc(vpc)),
                attribute("service_name", quoted(service)),
                attribute("vpc_endpoint_type", "\"Interface\""),
                attribute("subnet_ids", format!("[{}]", subnets.join(", "))),
                attribute("security_group_ids", format!("[aws_security_group.{group}.id]")),
                attribute("private_dns_enabled", "true"),
            ];
            endpoints.push(resource("aws_vpc_endpoint", &self.name("aws_vpc_endpoint", service), &lines));
        }
        let rules: String = all_ports
            .into_iter()
            .map(|port| format!("\n{}", indented(&block("ingress", &rule(port, &ranges)))))
            .collect();
        let head = resource(
            "aws_security_group",
            &group,
            &[attribute("name", quoted("vpc-endpoints")), attribute("vpc_id", self.vpc(vpc))],
        );
        let head = head.strip_suffix("}\n").unwrap_or(&head).to_owned();
        format!("{head}{rules}}}\n\n{}", endpoints.join("\n"))
    }

    fn routes(&self, gateway: &str, tables: &[RouteTableId]) -> String {
        let target = [("destination_cidr_block", quoted(ANYWHERE)), ("nat_gateway_id", gateway.to_owned())];
        let owner = |id: &RouteTableId| self.overridden(id).and_then(|found| found.owner_of_routes());
        let others: Vec<RouteTableId> = tables.iter().filter(|id| owner(id).is_none()).cloned().collect();
        let route = [attribute("cidr_block", quoted(ANYWHERE)), attribute("nat_gateway_id", gateway)];
        let inline =
            tables.iter().filter_map(owner).map(|owner| format!("# In {owner}\n{}", block("route", &route)));
        let separate = self.each("aws_route", "app_runner", &others, &target);
        let parts = [separate].into_iter().filter(|text| !text.is_empty()).chain(inline);
        parts.collect::<Vec<_>>().join("\n")
    }

    /// One resource for each route table.
    fn each(&self, kind: &str, name: &str, tables: &[RouteTableId], rest: &[(&str, String)]) -> String {
        let all = tables.iter().enumerate().map(|(number, table)| {
            let mut lines = vec![attribute("route_table_id", self.table(table))];
            lines.extend(rest.iter().map(|(name, value)| attribute(name, value.clone())));
            let name = if number == 0 { name.to_owned() } else { format!("{name}_{}", number + 1) };
            resource(kind, &name, &lines)
        });
        all.collect::<Vec<_>>().join("\n")
    }

    /// A rule of a security group: inline if the block at the place has such rules.
    fn rule(&self, direction: &str, place: &str, group: &str, port: u16, peer: &Peer) -> String {
        let inline = block(direction, &literal_rule(port, peer));
        let Some((_, owner)) = self.block_at(place) else {
            return literal_resource(direction, &quoted(group), port, peer);
        };
        if owner.body.blocks(direction).next().is_some() || !owner.is_resource("aws_security_group") {
            return inline;
        }
        let owner = if self
            .config
            .root_module
            .resources("aws_security_group")
            .any(|(_, known)| known.labels == owner.labels && !known.repeats())
        {
            format!("{}.id", address(owner))
        } else {
            quoted(group)
        };
        literal_resource(direction, &owner, port, peer)
    }

    /// An inline rule of a security group in a module that is called more than once: a variable decides it.
    fn rule_by_variable(&self, change: &Change, place: &str) -> Option<String> {
        let (direction, port, peer) = match change {
            Change::AllowEgress { port, peer, .. } => ("egress", *port, peer),
            Change::AllowEndpointIngress { port, peer, .. } => ("ingress", *port, peer),
            _ => return None,
        };
        let (file, group) = self.block_at(place)?;
        let has_blocks = group.body.blocks(direction).next().is_some();
        (group.is_resource("aws_security_group") && has_blocks).then_some(())?;
        // The module of the service, because another instance of it has another key.
        let module = self.draft?.finder.code.service.module;
        let is_own = module.files.iter().any(|own| own.path == file.path);
        is_own
            .then(|| rule_by_variable(module, (group, place), (direction, port), literal_rule(port, peer)))?
    }

    /// Whether a place is a block of a module that is used more than once.
    fn is_in_shared_module(&self, place: &str) -> bool {
        let Some((file, _)) = self.block_at(place) else { return false };
        let has_file = |module: &&Module| module.files.iter().any(|own| own.path == file.path);
        let mut modules = self.config.modules().into_iter().filter(has_file);
        modules.any(|module| self.config.is_used_more_than_once(module))
    }

    fn block_at(&self, place: &str) -> Option<(&File, &Block)> {
        self.config.local_files().find_map(|file| {
            let mut blocks =
                ["resource", "data", "module"].into_iter().flat_map(|kind| file.body.blocks(kind));
            blocks.find(|block| location(file, block) == place).map(|block| (file, block))
        })
    }

    /// A name that no block of the root module has.
    fn name(&self, kind: &str, service: &str) -> String {
        // `com.amazonaws.us-west-2.ecr.api`
        let suffix = service.splitn(4, '.').last().unwrap_or(service);
        let name: String = suffix.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
        let module = self.draft.map_or(&self.config.root_module, |draft| draft.finder.target);
        let is_used = module.resources(kind).any(|(_, block)| block.name() == Some(name.as_str()));
        if is_used { format!("{name}_app_runner") } else { name }
    }
}

/// A NAT gateway with its Elastic IP.
fn nat_gateway(subnet: &str) -> String {
    let eip = resource("aws_eip", "app_runner", &[attribute("domain", quoted("vpc"))]);
    let lines = [attribute("allocation_id", "aws_eip.app_runner.id"), attribute("subnet_id", subnet)];
    format!("{eip}\n{}", resource("aws_nat_gateway", "app_runner", &lines))
}

fn indented(text: &str) -> String {
    text.lines().map(|line| format!("  {line}\n")).collect()
}
