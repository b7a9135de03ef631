//! The commands of the AWS CLI for routes, NAT gateways, NAT instances and internet gateways.

use super::aws_commands::{Both, Writer};
use super::nat_conditions::is_default;
use super::{Change, NEW_PUBLIC_SUBNET, PlannedSubnet};
use crate::model::{
    EgressOnlyInternetGatewayId, Route, RouteState, RouteTableId, RouteTarget, SubnetId, VpcId,
};
use crate::text::shell_quote as quote;

impl Writer<'_> {
    /// The commands for routes, NAT gateways, NAT instances and internet gateways.
    pub(super) fn of_routes(&self, change: &Change) -> Option<Both> {
        Some(match change {
            Change::CreateNat { subnet: Some(subnet), route_tables, .. }
            | Change::RepairNat { subnet: Some(subnet), route_tables, .. } => {
                self.nat_gateway(subnet, route_tables)
            }
            Change::CreateRegionalNat { vpc, route_tables, .. } => {
                let nat = self.variable("NAT");
                let place = format!("--vpc-id {} --availability-mode regional", quote(vpc.as_str()));
                let create = self
                    .create(&nat, &format!("ec2 create-nat-gateway {place} --query NatGateway.NatGatewayId"));
                let (mut routes, mut back) =
                    self.default_routes(route_tables, &format!("--nat-gateway-id \"${nat}\""));
                routes.splice(..0, [create, self.wait_for(&nat, "available")]);
                back.push(self.aws(&format!("ec2 delete-nat-gateway --nat-gateway-id \"${nat}\"")));
                (routes, back)
            }
            Change::RouteToNat { nat, route_tables } => {
                self.default_routes(route_tables, &format!("--nat-gateway-id {}", quote(nat.as_str())))
            }
            Change::RouteToInternet { gateway, route_table } => self.default_routes(
                std::slice::from_ref(route_table),
                &format!("--gateway-id {}", quote(gateway.as_str())),
            ),
            Change::AttachInternetGateway { vpc, gateway } => {
                let both = |verb: &str| {
                    self.aws(&format!(
                        "ec2 {verb}-internet-gateway --internet-gateway-id {} --vpc-id {}",
                        quote(gateway.as_str()),
                        quote(vpc.as_str())
                    ))
                };
                (vec![both("attach")], vec![both("detach")])
            }
            Change::CreateInternetGateway { vpc, route_tables, public_subnet } => {
                self.internet_gateway(vpc, route_tables, public_subnet.as_ref())
            }
            Change::DisableSourceDestCheck { interface } => {
                let modify = |option: &str| {
                    self.aws(&format!(
                        "ec2 modify-network-interface-attribute --network-interface-id {} --{option}",
                        quote(interface.as_str())
                    ))
                };
                (vec![modify("no-source-dest-check")], vec![modify("source-dest-check")])
            }
            Change::AssociateElasticIp { interface } => {
                let (address, association) = (self.variable("ADDRESS"), self.variable("ASSOCIATION"));
                let associate = format!(
                    "ec2 associate-address --allocation-id \"${address}\" --network-interface-id {} --query AssociationId",
                    quote(interface.as_str())
                );
                (
                    vec![self.allocate(&address), self.create(&association, &associate)],
                    vec![
                        self.aws(&format!("ec2 disassociate-address --association-id \"${association}\"")),
                        self.release(&address),
                    ],
                )
            }
            Change::RouteToPeering { peering, destination, route_tables } => self.routes(
                route_tables,
                &format!("--destination-cidr-block {destination}"),
                &format!("--vpc-peering-connection-id {}", quote(peering.as_str())),
            ),
            Change::RouteIpv6 { vpc, gateway, route_tables } => {
                self.ipv6_routes(vpc, gateway.as_ref(), route_tables)
            }
            // Without a public subnet there is no NAT gateway.
            _ => return None,
        })
    }

    /// A new internet gateway, the default routes to it, and the public subnet.
    fn internet_gateway(
        &self,
        vpc: &VpcId,
        route_tables: &[RouteTableId],
        public_subnet: Option<&PlannedSubnet>,
    ) -> Both {
        let gateway = self.variable("GATEWAY");
        let create =
            self.create(&gateway, "ec2 create-internet-gateway --query InternetGateway.InternetGatewayId");
        let both = |verb: &str| {
            self.aws(&format!(
                "ec2 {verb}-internet-gateway --internet-gateway-id \"${gateway}\" --vpc-id {}",
                quote(vpc.as_str())
            ))
        };
        let target = format!("--gateway-id \"${gateway}\"");
        let (mut routes, mut back) = self.default_routes(route_tables, &target);
        if let Some(planned) = public_subnet {
            let (create, delete) = self.public_subnet(vpc, planned, &target);
            routes.extend(create);
            back.splice(..0, delete);
        }
        back.extend([
            both("detach"),
            self.aws(&format!("ec2 delete-internet-gateway --internet-gateway-id \"${gateway}\"")),
        ]);
        ([vec![create, both("attach")], routes].concat(), back)
    }

    /// A new public subnet with its own route table.
    fn public_subnet(&self, vpc: &VpcId, planned: &PlannedSubnet, target: &str) -> Both {
        const TABLE: &str = "PUBLIC_TABLE";
        let vpc = quote(vpc.as_str());
        let range = format!(
            "ec2 create-subnet --vpc-id {vpc} --availability-zone {} --cidr-block {} --query Subnet.SubnetId",
            quote(planned.zone.as_str()),
            planned.cidr
        );
        let table = format!("ec2 create-route-table --vpc-id {vpc} --query RouteTable.RouteTableId");
        let create = vec![
            self.create(PUBLIC_SUBNET, &range),
            self.create(TABLE, &table),
            self.aws(&format!("ec2 create-route --route-table-id \"${TABLE}\" {DEFAULT} {target}")),
            self.aws(&format!(
                "ec2 associate-route-table --route-table-id \"${TABLE}\" --subnet-id \"${PUBLIC_SUBNET}\""
            )),
        ];
        let delete = vec![
            self.aws(&format!("ec2 delete-subnet --subnet-id \"${PUBLIC_SUBNET}\"")),
            self.aws(&format!("ec2 delete-route-table --route-table-id \"${TABLE}\"")),
        ];
        (create, delete)
    }

    /// IPv6 default routes to an egress-only internet gateway, which is new if there is none.
    fn ipv6_routes(
        &self,
        vpc: &VpcId,
        gateway: Option<&EgressOnlyInternetGatewayId>,
        route_tables: &[RouteTableId],
    ) -> Both {
        const RANGE: &str = "--destination-ipv6-cidr-block ::/0";
        let option = |id: &str| format!("--egress-only-internet-gateway-id {id}");
        if let Some(gateway) = gateway {
            return self.routes(route_tables, RANGE, &option(&quote(gateway.as_str())));
        }
        let gateway = self.variable("EGRESS_ONLY");
        let create = self.create(
            &gateway,
            &format!(
                "ec2 create-egress-only-internet-gateway --vpc-id {} --query EgressOnlyInternetGateway.EgressOnlyInternetGatewayId",
                quote(vpc.as_str())
            ),
        );
        let id = format!("\"${gateway}\"");
        let (mut routes, mut back) = self.routes(route_tables, RANGE, &option(&id));
        routes.insert(0, create);
        back.push(self.aws(&format!("ec2 delete-egress-only-internet-gateway {}", option(&id))));
        (routes, back)
    }

    /// A new NAT gateway, and the default routes to it.
    fn nat_gateway(&self, subnet: &SubnetId, tables: &[RouteTableId]) -> Both {
        let (address, nat) = (self.variable("ADDRESS"), self.variable("NAT"));
        let subnet = match subnet.as_str() {
            NEW_PUBLIC_SUBNET => format!("\"${PUBLIC_SUBNET}\""),
            id => quote(id),
        };
        let create = format!(
            "ec2 create-nat-gateway --subnet-id {subnet} --allocation-id \"${address}\" --query NatGateway.NatGatewayId"
        );
        let (mut routes, mut back) = self.default_routes(tables, &format!("--nat-gateway-id \"${nat}\""));
        let new = [self.allocate(&address), self.create(&nat, &create), self.wait_for(&nat, "available")];
        routes.splice(..0, new);
        back.extend([
            self.aws(&format!("ec2 delete-nat-gateway --nat-gateway-id \"${nat}\"")),
            self.wait_for(&nat, "deleted"),
            self.release(&address),
        ]);
        (routes, back)
    }

    /// A default route in each route table. A route table has one: a present one is replaced. The rollback restores it, unless its
    /// target was deleted.
    fn default_routes(&self, tables: &[RouteTableId], target: &str) -> Both {
        let apply = tables.iter().map(|table| {
            let verb = if self.default_route(table).is_some() { "replace" } else { "create" };
            self.route(verb, table, DEFAULT, &format!(" {target}"))
        });
        let back = tables.iter().map(|table| match self.default_route(table).and_then(present_target) {
            Some(target) => self.route("replace", table, DEFAULT, &format!(" {target}")),
            None => self.route("delete", table, DEFAULT, ""),
        });
        (apply.collect(), back.collect())
    }

    /// A new route in each route table.
    fn routes(&self, tables: &[RouteTableId], range: &str, target: &str) -> Both {
        let create = tables.iter().map(|table| self.route("create", table, range, &format!(" {target}")));
        let delete = tables.iter().map(|table| self.route("delete", table, range, ""));
        (create.collect(), delete.collect())
    }

    fn route(&self, verb: &str, table: &RouteTableId, range: &str, target: &str) -> String {
        self.aws(&format!("ec2 {verb}-route --route-table-id {} {range}{target}", quote(table.as_str())))
    }

    fn default_route(&self, table: &RouteTableId) -> Option<&Route> {
        let table = self.snapshot.network.route_tables.get(table)?;
        table.routes.iter().find(|route| is_default(&route.destination))
    }

    fn allocate(&self, address: &str) -> String {
        self.create(address, "ec2 allocate-address --domain vpc --query AllocationId")
    }

    fn release(&self, address: &str) -> String {
        self.aws(&format!("ec2 release-address --allocation-id \"${address}\""))
    }

    fn wait_for(&self, nat: &str, state: &str) -> String {
        self.aws(&format!("ec2 wait nat-gateway-{state} --nat-gateway-ids \"${nat}\""))
    }
}

/// The option for the target of a route that is active; `None` for other targets than those of a default route.
fn present_target(route: &Route) -> Option<String> {
    let option = match &route.target {
        _ if route.state == RouteState::Blackhole => return None,
        RouteTarget::InternetGateway(_) => "gateway-id",
        RouteTarget::NatGateway(_) => "nat-gateway-id",
        RouteTarget::NetworkInterface(_) => "network-interface-id",
        RouteTarget::Peering(_) => "vpc-peering-connection-id",
        RouteTarget::Other(id) if id.as_str().starts_with("tgw-") => "transit-gateway-id",
        RouteTarget::Other(id) if id.as_str().starts_with("vgw-") => "gateway-id",
        _ => return None,
    };
    Some(format!("--{option} {}", quote(&route.target.to_string())))
}

const DEFAULT: &str = "--destination-cidr-block 0.0.0.0/0";
/// The shell variable of the new public subnet. A fix has one.
const PUBLIC_SUBNET: &str = "PUBLIC_SUBNET";
