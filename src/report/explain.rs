//! The configuration behind a hop of a path: the routes, entries or rules of the component with the deciding one marked, and how to
//! check it by hand.

use crate::diagnose::interface_command;
use crate::model::{
    AclAction, AclRule, ConnectorArn, Egress, EndpointId, EndpointKind, InternetGatewayId, NatConnectivity,
    NatGatewayId, NatPlacement, NetworkAclId, NetworkInterfaceId, Protocol, Region, ResourceId, RouteOrigin,
    RouteState, RouteTableId, SecurityGroupId, SecurityGroupRule, Snapshot, VpcId, is_planned,
    without_planned_ids,
};
use crate::reach::{Code, Deciding, Direction, Hop, Outcome, Subject, Trace};
use crate::text::shell_quote;

/// The configuration behind a hop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// The component with its kind: `Route table rtb-0d4e…`.
    pub title: String,
    /// The rule that the trace used.
    pub rule: String,
    /// The names of the columns; empty if the rows are names and values.
    pub head: Vec<&'static str>,
    /// The configuration; empty if it was not read.
    pub rows: Vec<Row>,
    /// Why no row is marked, if a row could be expected.
    pub note: Option<&'static str>,
    /// The AWS CLI command that shows the same.
    pub command: Option<String>,
    /// The address of the component in the AWS console.
    pub console: Option<String>,
}

/// A line of the configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its cells.
    pub cells: Vec<String>,
    /// Whether it decides.
    pub is_deciding: bool,
}

/// The hop that decides the verdict of a trace: the first that blocks, or is unknown; otherwise the last.
#[must_use]
pub fn deciding_hop(trace: &Trace) -> usize {
    let is = |wanted: fn(&Outcome) -> bool| trace.hops.iter().position(|hop| wanted(&hop.outcome));
    is(|outcome| matches!(outcome, Outcome::Block(_)))
        .or_else(|| is(|outcome| matches!(outcome, Outcome::Unknown(_))))
        .unwrap_or(trace.hops.len().saturating_sub(1))
}

/// The configuration behind a hop.
#[must_use]
pub fn explain(snapshot: &Snapshot, hop: &Hop) -> Explanation {
    let id = &hop.component;
    let (kind, lookup) = kind_of(id);
    let (head, mut rows) = configuration(snapshot, hop);
    for cell in rows.iter_mut().flat_map(|row| &mut row.cells) {
        *cell = named(std::mem::take(cell));
    }
    let is_list = matches!(kind, "Route table" | "Network ACL" | "Security group");
    let is_unmarked = is_list && !rows.is_empty() && !rows.iter().any(|row| row.is_deciding);
    let note = is_unmarked.then_some(match (&hop.outcome, kind) {
        (Outcome::Block(_), "Route table") => "It has no route to the destination.",
        (Outcome::Block(_), _) => "No rule in it allows these packets.",
        (_, "Route table") => "The most specific route decides.",
        (_, "Network ACL") => "The first rule that matches a packet decides.",
        _ => "Packets pass that one of the rules allows.",
    });
    Explanation {
        title: if is_planned(id.as_str()) { title_of_planned(id.as_str()) } else { format!("{kind} {id}") },
        rule: hop.rule.to_string(),
        head,
        rows,
        note,
        command: command_of_address(hop)
            .or_else(|| rules_command(hop))
            .or_else(|| lookup.map(|command| format!("aws {command} {}", shell_quote(id.as_str()))))
            .map(|command| format!("{command} --region {}", snapshot.region)),
        console: console(id, &snapshot.region),
    }
}

/// The text with names of resources that do not exist yet.
fn named(text: String) -> String {
    without_planned_ids(&text).unwrap_or(text)
}

/// `The new NAT gateway`
fn title_of_planned(id: &str) -> String {
    let title = without_planned_ids(id).map(|title| title.replacen("the", "The", 1));
    title.unwrap_or_else(|| "The new VPC connector".to_owned())
}

/// The command that shows the rules of security groups that drop packets at a network interface or an endpoint.
fn rules_command(hop: &Hop) -> Option<String> {
    let is_group = |text: &&str| text.starts_with("sg-") && text.len() > 3;
    let mut groups: Vec<&str> =
        hop.rule.split(|c: char| !c.is_ascii_alphanumeric() && c != '-').filter(is_group).collect();
    groups.dedup();
    let decides = matches!(
        hop.outcome,
        Outcome::Block(
            Code::TargetSgRulesMismatch
                | Code::TargetSgPublicAddressMismatch
                | Code::EndpointSgRulesMismatch
                | Code::NatInstanceSgRulesMismatch
        )
    );
    (decides && !groups.is_empty()).then(|| {
        format!("aws ec2 describe-security-group-rules --filters Name=group-id,Values={}", groups.join(","))
    })
}

/// The command that finds the network interface with an address, which no call read.
fn command_of_address(hop: &Hop) -> Option<String> {
    let Outcome::Unknown(Deciding::Interface(address)) = hop.outcome else { return None };
    Some(format!("aws ec2 {}", interface_command(address)))
}

/// The kind of a component, and the AWS CLI command that shows it.
fn kind_of(id: &ResourceId) -> (&'static str, Option<&'static str>) {
    let text = id.as_str();
    if text.contains(":vpcconnector/") {
        return ("VPC connector", Some("apprunner describe-vpc-connector --vpc-connector-arn"));
    }
    if text.starts_with("arn:") {
        return ("App Runner service", Some("apprunner describe-service --service-arn"));
    }
    if is_planned(text) {
        return ("New component", None);
    }
    match text.split('-').next().unwrap_or_default() {
        "rtb" => ("Route table", Some("ec2 describe-route-tables --route-table-ids")),
        "acl" => ("Network ACL", Some("ec2 describe-network-acls --network-acl-ids")),
        "sg" => ("Security group", Some("ec2 describe-security-groups --group-ids")),
        "vpce" => ("VPC endpoint", Some("ec2 describe-vpc-endpoints --vpc-endpoint-ids")),
        "nat" => ("NAT gateway", Some("ec2 describe-nat-gateways --nat-gateway-ids")),
        "igw" => ("Internet gateway", Some("ec2 describe-internet-gateways --internet-gateway-ids")),
        "eigw" => (
            "Egress-only internet gateway",
            Some("ec2 describe-egress-only-internet-gateways --egress-only-internet-gateway-ids"),
        ),
        "eni" => ("Network interface", Some("ec2 describe-network-interfaces --network-interface-ids")),
        "subnet" => ("Subnet", Some("ec2 describe-subnets --subnet-ids")),
        "vpc" => ("VPC", Some("ec2 describe-vpc-attribute --attribute enableDnsSupport --vpc-id")),
        "pcx" => (
            "VPC peering connection",
            Some("ec2 describe-vpc-peering-connections --vpc-peering-connection-ids"),
        ),
        _ => ("Component", None),
    }
}

/// The address of a component in the AWS console.
fn console(id: &ResourceId, region: &Region) -> Option<String> {
    let text = id.as_str();
    let place = match text.split('-').next().unwrap_or_default() {
        _ if is_planned(text) => return None,
        "rtb" => "vpcconsole/home?region={region}#RouteTableDetails:RouteTableId=",
        "acl" => "vpcconsole/home?region={region}#NetworkAclDetails:networkAclId=",
        "sg" => "vpcconsole/home?region={region}#SecurityGroup:groupId=",
        "vpce" => "vpcconsole/home?region={region}#EndpointDetails:vpcEndpointId=",
        "nat" => "vpcconsole/home?region={region}#NatGatewayDetails:natGatewayId=",
        "igw" => "vpcconsole/home?region={region}#InternetGateway:internetGatewayId=",
        "subnet" => "vpcconsole/home?region={region}#SubnetDetails:subnetId=",
        "vpc" => "vpcconsole/home?region={region}#VpcDetails:VpcId=",
        "eni" => "ec2/home?region={region}#NetworkInterface:networkInterfaceId=",
        _ => return None,
    };
    let region = region.as_str();
    let host = if region.starts_with("cn-") {
        "console.amazonaws.cn".to_owned()
    } else if region.starts_with("us-gov-") {
        "console.amazonaws-us-gov.com".to_owned()
    } else {
        format!("{region}.console.aws.amazon.com")
    };
    Some(format!("https://{host}/{}{text}", place.replace("{region}", region)))
}

type Table = (Vec<&'static str>, Vec<Row>);

fn row<const N: usize>(cells: [String; N], is_deciding: bool) -> Row {
    Row { cells: Vec::from(cells), is_deciding }
}

/// A name and its value.
#[allow(clippy::needless_pass_by_value, reason = "callers pass references and new texts")]
fn fact(name: &str, value: impl ToString) -> Row {
    row([name.to_owned(), value.to_string()], false)
}

fn list<T: ToString>(items: impl IntoIterator<Item = T>) -> String {
    let items: Vec<String> = items.into_iter().map(|item| item.to_string()).collect();
    if items.is_empty() { "none".to_owned() } else { items.join(", ") }
}

fn configuration(snapshot: &Snapshot, hop: &Hop) -> Table {
    let id = hop.component.as_str();
    let kind = if id.contains(":vpcconnector/") {
        "connector"
    } else if id.starts_with("arn:") {
        "service"
    } else {
        id.split('-').next().unwrap_or_default()
    };
    match kind {
        "service" => (Vec::new(), service(snapshot, id)),
        "rtb" => (vec!["destination", "target", "state", "origin"], routes(snapshot, hop)),
        "acl" => (vec!["direction", "rule", "action", "protocol", "ports", "range"], entries(snapshot, hop)),
        "sg" => (vec!["direction", "protocol", "ports", "source or destination"], rules(snapshot, hop)),
        "vpce" => (Vec::new(), endpoint(snapshot, id)),
        "nat" => (Vec::new(), nat(snapshot, id)),
        "connector" => (Vec::new(), connector(snapshot, id)),
        "igw" => {
            let gateway = snapshot.network.internet_gateways.get(&InternetGatewayId::from(id));
            let attached = gateway.map(|gateway| fact("attached to", list(&gateway.attached_to)));
            (Vec::new(), attached.into_iter().collect())
        }
        "eni" => (Vec::new(), interface(snapshot, id)),
        "vpc" => (Vec::new(), vpc(snapshot, id)),
        _ => (Vec::new(), Vec::new()),
    }
}

fn routes(snapshot: &Snapshot, hop: &Hop) -> Vec<Row> {
    let id = RouteTableId::from(hop.component.as_str());
    let table = snapshot.network.route_tables.get(&id);
    let routes = table.into_iter().flat_map(|table| &table.routes);
    let is_blocked_by_absence =
        matches!(&hop.outcome, Outcome::Block(_)) && !matches!(hop.subject, Subject::Route { .. });
    routes
        .map(|route| {
            let (destination, target) = (route.destination.to_string(), named(route.target.to_string()));
            let decides = match &hop.subject {
                Subject::Route { destination: matches, target: to, .. } => {
                    *to == route.target && matches.split(", ").any(|part| part == destination)
                }
                _ => !is_blocked_by_absence && hop.rule.contains(&format!("{destination} -> {target}")),
            };
            let state = match &route.state {
                RouteState::Active => "active",
                RouteState::Blackhole => "blackhole",
                RouteState::Filtered => "filtered",
                RouteState::Other(state) => state,
            };
            let origin = match &route.origin {
                RouteOrigin::Table => "route table",
                RouteOrigin::Static => "static",
                RouteOrigin::Propagated => "propagated",
                RouteOrigin::Other(origin) => origin,
            };
            row([destination, target, state.to_owned(), origin.to_owned()], decides)
        })
        .collect()
}

fn entries(snapshot: &Snapshot, hop: &Hop) -> Vec<Row> {
    let acl = snapshot.network.network_acls.get(&NetworkAclId::from(hop.component.as_str()));
    let Some(acl) = acl else { return Vec::new() };
    let of = |direction: Direction, rules: &[AclRule]| {
        let word = word(direction);
        let mut sorted: Vec<&AclRule> = rules.iter().collect();
        sorted.sort_by_key(|rule| rule.number);
        let rows = sorted.into_iter().map(|rule| {
            let number = if rule.number == LAST_RULE { "*".to_owned() } else { rule.number.to_string() };
            let is_direction =
                matches!(&hop.subject, Subject::Packets { direction: own, .. } if *own == direction);
            let decides = is_direction && hop.rule.contains(&format!("rule {number} denies"));
            let action = match rule.action {
                AclAction::Allow => "allow",
                AclAction::Deny => "deny",
            };
            row(
                [
                    word.to_owned(),
                    number,
                    action.to_owned(),
                    protocol(rule.protocol),
                    rule.ports.to_string(),
                    rule.remote.to_string(),
                ],
                decides,
            )
        });
        rows.collect::<Vec<_>>()
    };
    let mut rows = of(Direction::Outbound, &acl.outbound);
    rows.extend(of(Direction::Inbound, &acl.inbound));
    rows
}

/// The number of the final rule of a network ACL, which the console shows as `*`.
const LAST_RULE: u16 = 32767;

fn word(direction: Direction) -> &'static str {
    match direction {
        Direction::Inbound => "inbound",
        Direction::Outbound => "outbound",
    }
}

fn protocol(protocol: Protocol) -> String {
    match protocol {
        Protocol::All => "all".to_owned(),
        Protocol::Tcp => "tcp".to_owned(),
        Protocol::Udp => "udp".to_owned(),
        Protocol::Number(number) => number.to_string(),
    }
}

fn rules(snapshot: &Snapshot, hop: &Hop) -> Vec<Row> {
    let group = snapshot.network.security_groups.get(&SecurityGroupId::from(hop.component.as_str()));
    let Some(group) = group else { return Vec::new() };
    let of = |direction: &str, rules: &[SecurityGroupRule], preposition: &str| {
        let rows = rules.iter().map(|rule| {
            let ends = format!("{preposition} {}", rule.peer);
            let decides = hop.outcome == Outcome::Pass
                && hop.rule.contains(&format!("allows {direction}"))
                && hop.rule.ends_with(&ends);
            let cells = [
                direction.to_owned(),
                protocol(rule.protocol),
                rule.ports.to_string(),
                rule.peer.to_string(),
            ];
            row(cells, decides)
        });
        rows.collect::<Vec<_>>()
    };
    let mut rows = of("outbound", &group.egress, "to");
    rows.extend(of("inbound", &group.ingress, "from"));
    rows
}

fn endpoint(snapshot: &Snapshot, id: &str) -> Vec<Row> {
    let Some(endpoint) = snapshot.network.endpoints.get(&EndpointId::from(id)) else { return Vec::new() };
    let mut rows = vec![fact("service", &endpoint.service), fact("state", &endpoint.state)];
    match &endpoint.kind {
        EndpointKind::Gateway { route_tables } => {
            rows.push(fact("type", "gateway"));
            rows.push(fact("route tables", list(route_tables)));
        }
        EndpointKind::Interface { private_dns, security_groups, interfaces, .. } => {
            rows.push(fact("type", "interface"));
            rows.push(fact("private DNS", if *private_dns { "on" } else { "off" }));
            rows.push(fact("subnets", list(interfaces.iter().map(|interface| &interface.subnet))));
            rows.push(fact("security groups", list(security_groups)));
            rows.extend(inbound_rules(snapshot, security_groups));
        }
        EndpointKind::Other(kind) => rows.push(fact("type", kind)),
    }
    rows
}

fn nat(snapshot: &Snapshot, id: &str) -> Vec<Row> {
    let Some(nat) = snapshot.network.nat_gateways.get(&NatGatewayId::from(id)) else { return Vec::new() };
    let connectivity = match &nat.connectivity {
        NatConnectivity::Public => "public",
        NatConnectivity::Private => "private",
        NatConnectivity::Other(kind) => kind,
    };
    let mut rows = vec![fact("state", &nat.state), fact("connectivity", connectivity), fact("VPC", &nat.vpc)];
    match &nat.placement {
        NatPlacement::Subnet(subnet) => rows.push(fact("subnet", subnet)),
        NatPlacement::Regional { route_table, zones, .. } => {
            rows.push(fact("AZs", list(zones)));
            rows.push(fact("route table", list(route_table)));
        }
    }
    // AWS gives a public NAT gateway an address; a snapshot can be without it.
    let is_unread = nat.public_addresses.is_empty() && nat.connectivity == NatConnectivity::Public;
    let addresses = if is_unread { "not in the snapshot".to_owned() } else { list(&nat.public_addresses) };
    rows.push(fact("public addresses", addresses));
    rows
}

fn service(snapshot: &Snapshot, id: &str) -> Vec<Row> {
    let service = snapshot.workloads.iter().find(|workload| workload.id.as_str() == id);
    let Some(service) = service else { return Vec::new() };
    let mut rows = vec![fact("name", &service.name)];
    match &service.egress {
        Egress::Default => rows.push(fact("egress type", "DEFAULT")),
        Egress::Vpc(connector) => {
            let is_planned = is_planned(connector.as_str());
            let connector = if is_planned { "the new connector" } else { connector.as_str() };
            rows.extend([fact("egress type", "VPC"), fact("connector", connector)]);
        }
        Egress::Direct { subnets, security_groups } => {
            rows.extend([fact("subnets", list(subnets)), fact("security groups", list(security_groups))]);
        }
        Egress::Unknown(why) => rows.push(fact("egress type", format!("not read: {why}"))),
    }
    rows
}

fn connector(snapshot: &Snapshot, id: &str) -> Vec<Row> {
    let connector = snapshot.network.connectors.get(&ConnectorArn::from(id));
    let Some(connector) = connector else { return Vec::new() };
    vec![
        fact("name", &connector.name),
        fact("status", &connector.status),
        fact("subnets", list(&connector.subnets)),
        fact("security groups", list(&connector.security_groups)),
    ]
}

fn interface(snapshot: &Snapshot, id: &str) -> Vec<Row> {
    let interface = snapshot.network.network_interfaces.get(&NetworkInterfaceId::from(id));
    let Some(interface) = interface else { return Vec::new() };
    let mut rows = vec![
        fact("subnet", &interface.subnet),
        fact("addresses", list(&interface.addresses)),
        fact("state", &interface.state),
        fact("security groups", list(&interface.security_groups)),
    ];
    rows.extend(inbound_rules(snapshot, &interface.security_groups));
    rows
}

/// The rules for traffic to a network interface or an endpoint; a group without such a rule says so.
fn inbound_rules(snapshot: &Snapshot, groups: &[SecurityGroupId]) -> Vec<Row> {
    let groups = groups.iter().filter_map(|id| snapshot.network.security_groups.get(id));
    let rows = groups.flat_map(|group| {
        let name = format!("inbound rule of {}", group.id);
        let text = |rule: &SecurityGroupRule| {
            format!("{} {} from {}", protocol(rule.protocol), rule.ports, rule.peer)
        };
        let mut rows: Vec<Row> = group.ingress.iter().map(|rule| fact(&name, text(rule))).collect();
        if rows.is_empty() {
            rows.push(fact(&name, "none"));
        }
        rows
    });
    rows.collect()
}

fn vpc(snapshot: &Snapshot, id: &str) -> Vec<Row> {
    let Some(vpc) = snapshot.network.vpcs.get(&VpcId::from(id)) else { return Vec::new() };
    let setting = |value: Option<bool>| match value {
        Some(true) => "on",
        Some(false) => "off",
        None => "not read",
    };
    vec![
        fact("ranges", list(&vpc.cidrs)),
        fact("DNS resolution (enableDnsSupport)", setting(vpc.dns.support)),
        fact("DNS hostnames (enableDnsHostnames)", setting(vpc.dns.hostnames)),
    ]
}
