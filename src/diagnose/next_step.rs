//! The next step of an unknown check: the one thing that decides it.
//!
//! Owns every sentence about what an unknown result needs: a permission, a file of `--aws-json`, an option, or
//! an AWS CLI command. `reach` says which fact is missing ([`Deciding`]).

use std::collections::BTreeSet;
use std::net::IpAddr;

use super::private_step::{decapitalised, resolve, vpc_of};
use super::{Coverage, Finding, other_account, private_step, public_sources};
use crate::evidence::Need;
use crate::model::{
    Call, Destination, DestinationKind, GapKind, NamedResourceKind, NetworkInterfaceId, PUBLIC, ResourceId,
    Snapshot, SubnetId, VpcId, calls_for_host,
};
use crate::reach::{
    Deciding, Forwarder, Hop, Layer, Outcome, Owner, Trace, Verdict, description_of, private_name,
};

/// The sentences about the unknown result of a destination or of a part of it, and the next step; `None` if no
/// part is unknown.
pub(super) fn open_question(
    snapshot: &Snapshot,
    name: &str,
    coverage: &Coverage,
    traces: &[Trace],
) -> Option<(String, String)> {
    match coverage {
        Coverage::All | Coverage::None => None,
        Coverage::Some { .. } => {
            let (rule, step) = first_unknown(snapshot, traces)?;
            Some((format!("The unknown part: {rule}. {step}"), step))
        }
        Coverage::Unknown => Some(unknown(snapshot, name, traces)),
    }
}

fn unknown(snapshot: &Snapshot, name: &str, traces: &[Trace]) -> (String, String) {
    if let Some((rule, step)) = first_unknown(snapshot, traces) {
        return (format!("It is unknown whether {name} is reachable: {rule}. {step}"), step);
    }
    let step = "Read the account again: aws ec2 describe-subnets shows whether its subnets exist.".to_owned();
    (format!("It is unknown whether {name} is reachable. {step}"), step)
}

/// The rule of the first unknown check of a trace that is not certainly blocked, and its next step.
fn first_unknown(snapshot: &Snapshot, traces: &[Trace]) -> Option<(String, String)> {
    let open =
        || traces.iter().filter(|trace| matches!(trace.verdict, Verdict::Unknown | Verdict::Partial { .. }));
    let mut unknowns = open().flat_map(|trace| trace.unknowns().map(move |(hop, _)| (trace, hop)));
    let (trace, hop) = unknowns.next()?;
    let mut step = next_step(snapshot, trace, hop)?;
    let actions = other_actions(open(), hop);
    if !actions.is_empty() {
        step = format!("{step} Other checks need {}.", actions.join(", "));
    }
    Some((hop.rule.to_string(), step))
}

/// The actions of other missing answers.
fn other_actions<'t>(traces: impl Iterator<Item = &'t Trace>, first: &Hop) -> Vec<&'static str> {
    let action = |deciding: Deciding| deciding.missing_call().and_then(Call::iam_action);
    let own = match first.outcome {
        Outcome::Unknown(deciding) => action(deciding),
        Outcome::Pass | Outcome::Block(_) => None,
    };
    let mut actions: Vec<&'static str> = Vec::new();
    let all = traces.flat_map(Trace::unknowns).filter_map(|(_, deciding)| action(deciding));
    for other in all.filter(|other| Some(*other) != own) {
        if !actions.contains(&other) {
            actions.push(other);
        }
    }
    actions
}

/// The next step of an unknown hop, as a sentence; `None` if the outcome of the hop is known.
#[must_use]
pub fn next_step(snapshot: &Snapshot, trace: &Trace, hop: &Hop) -> Option<String> {
    let Outcome::Unknown(deciding) = hop.outcome else { return None };
    let component = &hop.component;
    Some(match deciding {
        Deciding::Answer(call) if call.has_host_names() => {
            format!("{} Or give{}", missing_answer(snapshot, call, component), address(snapshot, trace).trim_start_matches("Give"))
        }
        Deciding::Answer(call) => missing_answer(snapshot, call, component),
        Deciding::NotInAnswer(call) => vpc_of(snapshot, trace)
            .and_then(|vpc| other_account::shared_vpc(snapshot, vpc, call))
            .unwrap_or_else(|| {
            format!(
                "Look for it with {}; if another account owns it, read that account (--profile NAME).",
                command(call, Some(component))
            )
        }),
        Deciding::Value(call) if call.has_host_names() => state_of_resource(snapshot, call, component),
        Deciding::Value(call) => {
            format!(
                "See its present value with {}, then read the account again.",
                command(call, Some(component))
            )
        }
        Deciding::Address => address(snapshot, trace),
        Deciding::Interface(address) => interface(snapshot, trace, address),
        Deciding::CustomResolver => private_step::custom_resolver(snapshot, trace),
        Deciding::Proxy => proxy(trace),
        Deciding::BucketRegion => bucket_region(snapshot, &trace.destination),
        Deciding::Ipv6Address => ipv6_address(trace),
        Deciding::SourceAddress => format!(
            "See the addresses of the source with aws ec2 describe-network-interfaces --filters Name=subnet-id,Values={}.",
            trace.subnet.as_ref().map_or("SUBNET", SubnetId::as_str)
        ),
                // Without a subnet, App Runner itself sends the packets.
        Deciding::PublicSourceAddress if trace.subnet.is_none() => {
            "DEFAULT egress has many public addresses, which change: an inbound rule cannot list them all.".to_owned()
        }
        Deciding::PublicSourceAddress => {
            public_sources::allow_the_rest(snapshot, trace, hop).unwrap_or_else(|| {
                "See the public addresses of the NAT gateway with aws ec2 describe-nat-gateways (PublicIp), and compare them with the \
                 inbound rules."
                    .to_owned()
            })
        }
        Deciding::Source => "Name the source with --subnet ID --security-group ID.".to_owned(),
        Deciding::Forwarding(forwarder) => {
            let step = match forwarder {
                Forwarder::TransitGateway => other_account::transit_gateway(snapshot, component),
                _ => other_account::peer_vpc(snapshot, component),
            };
            step.unwrap_or_else(|| forwarding(forwarder, component))
        }
        Deciding::EqualRoutes => format!(
            "Delete one of the two routes (aws ec2 delete-route); {} shows them.",
            command(Call::DescribeRouteTables, Some(component))
        ),
        // https://docs.aws.amazon.com/vpc/latest/userguide/vpc-encryption-controls.html
        Deciding::Encryption => {
            "Create a flow log with the field encryption-status (aws ec2 create-flow-logs); it shows whether \
                                 the traffic is encrypted."
                .to_owned()
        }
        // https://docs.aws.amazon.com/vpc/latest/userguide/security-vpc-bpa-basics.html
        Deciding::Exclusion => format!(
            "Exclude {component} too: aws ec2 create-vpc-block-public-access-exclusion --subnet-id {component} \
             --internet-gateway-exclusion-mode allow-egress."
        ),
    })
}

/// What decides whether a resource accepts connections in its present state
/// (<https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/accessing-monitoring.html>).
fn state_of_resource(snapshot: &Snapshot, call: Call, component: &ResourceId) -> String {
    let resource = snapshot.network.named_resources.get(component);
    let is_word = |name: &&str| name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    let name = resource.map(|resource| resource.name.as_str()).filter(is_word).unwrap_or("NAME");
    let state = resource.and_then(|resource| resource.state.as_deref()).unwrap_or_default();
    let is_lasting = state.starts_with("incompatible-") || state.contains("full") || state.contains("error");
    let (kind, option, wait) = match resource.map(|resource| resource.kind) {
        Some(NamedResourceKind::DbInstance) => {
            ("db-instance", "--db-instance-identifier", "db-instance-available")
        }
        Some(NamedResourceKind::DbCluster) => {
            ("db-cluster", "--db-cluster-identifier", "db-cluster-available")
        }
        _ => {
            return format!(
                "See its present value with {}, then read the account again.",
                command(call, Some(component))
            );
        }
    };
    if is_lasting {
        return format!(
            "It stays in this state until the reason is corrected, which its events show: aws rds describe-events --source-type {kind} \
             --source-identifier {name}."
        );
    }
    format!("Wait until it is available: aws rds wait {wait} {option} {name}. Then read the account again.")
}

/// What supplies the answer of a call: a permission, a file, or another attempt.
pub(super) fn missing_answer(snapshot: &Snapshot, call: Call, component: &ResourceId) -> String {
    let action = call.iam_action().unwrap_or(call.name());
    match snapshot.gap(call).map(|gap| gap.kind) {
        Some(GapKind::NotCollected) => {
            let (command, file) = (command(call, None), file(call));
            let parameters = match call {
                Call::DescribeVpcAttribute => {
                    format!(" --vpc-id {} --attribute enableDnsSupport", id_or("VPC", "vpc-", component))
                }
                Call::GetManagedPrefixListEntries => " --prefix-list-id LIST".to_owned(),
                Call::DescribeService => " --service-arn ARN".to_owned(),
                _ => String::new(),
            };
            format!("Add the file to the folder of --aws-json: {command}{parameters} > {file}.")
        }
        Some(kind @ (GapKind::Throttled | GapKind::Failed | GapKind::Partial)) => {
            format!(
                "Read the account again: the answer of {action} ({}) is {}.",
                command(call, None),
                state(kind)
            )
        }
        Some(GapKind::Denied) | None => format!("Allow {action}, then read the account again."),
    }
}

fn state(kind: GapKind) -> &'static str {
    match kind {
        GapKind::Partial => "incomplete",
        GapKind::Denied | GapKind::Throttled | GapKind::Failed | GapKind::NotCollected => "missing",
    }
}

/// The file of `--aws-json` with the answer of a call.
fn file(call: Call) -> String {
    let command = call.aws_cli().unwrap_or_default();
    let operation = command.split_once(' ').map_or("", |(_, operation)| operation);
    match call {
        Call::GetManagedPrefixListEntries => format!("{operation}-LIST.json"),
        _ => format!("{operation}.json"),
    }
}

/// The AWS CLI command of a call, for one resource if the call takes its id.
fn command(call: Call, component: Option<&ResourceId>) -> String {
    let command = format!("aws {}", call.aws_cli().unwrap_or_default());
    let (option, prefix) = match call {
        Call::DescribeVpcs => ("--vpc-ids", "vpc-"),
        Call::DescribeSubnets => ("--subnet-ids", "subnet-"),
        Call::DescribeRouteTables => ("--route-table-ids", "rtb-"),
        Call::DescribeSecurityGroups => ("--group-ids", "sg-"),
        Call::DescribeNetworkAcls => ("--network-acl-ids", "acl-"),
        Call::DescribeVpcEndpoints => ("--vpc-endpoint-ids", "vpce-"),
        Call::DescribeNatGateways => ("--nat-gateway-ids", "nat-"),
        Call::DescribeInternetGateways => ("--internet-gateway-ids", "igw-"),
        Call::DescribeEgressOnlyInternetGateways => ("--egress-only-internet-gateway-ids", "eigw-"),
        Call::DescribeNetworkInterfaces => ("--network-interface-ids", "eni-"),
        _ => return command,
    };
    match component.filter(|id| is_id(id, prefix)) {
        Some(id) => format!("{command} {option} {id}"),
        None => command,
    }
}

/// Whether this is an id of AWS with the prefix. Other text is not put into a command.
fn is_id(component: &ResourceId, prefix: &str) -> bool {
    let rest = component.as_str().strip_prefix(prefix);
    rest.is_some_and(|rest| rest.chars().all(|c| c.is_ascii_alphanumeric() || c == '-'))
}

fn id_or<'a>(placeholder: &'a str, prefix: &str, component: &'a ResourceId) -> &'a str {
    if is_id(component, prefix) { component.as_str() } else { placeholder }
}

/// How to give the address of the destination.
fn address(snapshot: &Snapshot, trace: &Trace) -> String {
    let Destination { host, port, kind } = &*trace.destination;
    if let Some(private) = private_name(snapshot, &trace.destination) {
        return private_step::step(snapshot, trace, private);
    }
    match kind {
        DestinationKind::Address(address) => {
            format!("Check the address {address}, and give the right one with --to ADDRESS:{port}.")
        }
        DestinationKind::AwsVpc(_) if trace.subnet.is_some() => {
            let elsewhere = snapshot.network.resource_of(host).and_then(|resource| resource.vpc.as_ref());
            let own = vpc_of(snapshot, trace).filter(|vpc| elsewhere.is_none_or(|other| other == *vpc));
            if let (None, Some(other)) = (own, elsewhere) {
                return format!(
                    "Connect {other} with the VPC of the service (aws ec2 create-vpc-peering-connection), or use a connector with subnets \
                     of {other}. Its network interfaces were not read: give the address with --to ADDRESS:{port}."
                );
            }
            let by_interface = own.and_then(|vpc| by_description(snapshot, trace, vpc));
            by_interface.unwrap_or_else(|| resolve(host, *port, " in the VPC"))
        }
        DestinationKind::AwsVpc(_) => resolve(host, *port, ""),
        DestinationKind::AwsApi(_) | DestinationKind::AwsPublic(_) | DestinationKind::ThirdParty { .. } => {
            resolve(host, *port, " in the VPC")
        }
    }
}

/// How to find the network interface with an address, which no call read: asking for the address again would not help.
fn interface(snapshot: &Snapshot, trace: &Trace, address: IpAddr) -> String {
    let vpc = vpc_of(snapshot, trace).map_or("the VPC", VpcId::as_str);
    format!(
        "Find the network interface: aws ec2 {} --region {}. With no result, nothing in this account has the address {address}: it was deleted, or it is in another VPC or account. With a result in {vpc}, read the account again.",
        interface_command(address),
        snapshot.region
    )
}

/// The command that shows the network interface with a private address.
#[must_use]
pub fn interface_command(address: IpAddr) -> String {
    let filter =
        if address.is_ipv4() { "addresses.private-ip-address" } else { "ipv6-addresses.ipv6-address" };
    format!("describe-network-interfaces --filters Name={filter},Values={address}")
}

/// How to check a destination behind a proxy.
fn proxy(trace: &Trace) -> String {
    let Destination { host, port, .. } = &*trace.destination;
    format!(
        "The proxy is a destination of its own: correct its path first. Whether it forwards to {host}, its own log shows. A client that \
         does not use the proxy connects to {host} itself: --subnet ID --security-group ID --to {host}:{port} tests that path."
    )
}

/// How to find out the region of the bucket in a global S3 name
/// (<https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketLocation.html>).
fn bucket_region(snapshot: &Snapshot, destination: &Destination) -> String {
    let (bucket, region) = (destination.bucket_of_unknown_region().unwrap_or("BUCKET"), &snapshot.region);
    format!(
        "aws s3api get-bucket-location --bucket {bucket} shows its Region (null is us-east-1). If it is {region}, test --to \
         {bucket}.s3.{region}.amazonaws.com."
    )
}

/// How to find out whether the destination has IPv6 addresses, and how to give the address that the client uses.
fn ipv6_address(trace: &Trace) -> String {
    let Destination { host, port, .. } = &*trace.destination;
    format!(
        "dig +short AAAA {host} in the VPC shows its IPv6 addresses. Give the address that the client uses with --to \
         ADDRESS:{port} (an IPv6 address as [ADDRESS]:{port})."
    )
}

/// The network interfaces in the VPC whose description shows the service of the host, the result for each, and how to tell
/// them apart.
fn by_description(snapshot: &Snapshot, trace: &Trace, vpc: &VpcId) -> Option<String> {
    const SHOWN: usize = 3;
    let Destination { host, port, .. } = &*trace.destination;
    let description = description_of(host)?;
    let interfaces = snapshot.network.network_interfaces.iter().filter(|interface| interface.vpc == *vpc);
    let candidates: Vec<(&NetworkInterfaceId, &IpAddr)> = interfaces
        .filter(|interface| interface.description.starts_with(description))
        .filter_map(|interface| {
            let address = interface.addresses.iter().find(|address| !PUBLIC.contains(**address))?;
            Some((&interface.id, address))
        })
        .collect();
    let (id, address) = candidates.first()?;
    let which = match candidates.len() {
        1 => format!("the only network interface in {vpc} with the description {description}"),
        count => format!("one of {count} network interfaces in {vpc} with the description {description}"),
    };
    let results: String =
        candidates.iter().take(SHOWN).map(|(id, address)| result_of(trace, id, **address)).collect();
    let more = candidates.len().saturating_sub(SHOWN);
    let more = if more == 0 { String::new() } else { format!(" {more} more are not shown.") };
    let file = calls_for_host(host).first().and_then(|call| unread(snapshot, *call));
    let file = file.map_or(String::new(), |step| format!(" Or {}", decapitalised(&step)));
    Some(format!(
        "Give its address with --to ADDRESS:{port}; dig +short {host} in the VPC shows it. --to {address}:{port} checks {id}, \
         {which}.{file}{results}{more}"
    ))
}

/// The assumption about the name of a database whose network interfaces do not show its name, and the step that shows whether it is
/// true, as sentences. `None` for other names, and if no network interface was judged.
pub(super) fn assumption(snapshot: &Snapshot, need: &Need, traces: &[Trace]) -> Option<(String, String)> {
    let Destination { host, port, .. } = &need.destination;
    let is_unresolved = need.addresses.is_empty() && need.resolved.is_none();
    let description = description_of(host).filter(|_| is_unresolved)?;
    if snapshot.network.resource_of(host).is_some()
        || traces.iter().any(|trace| trace.verdict == Verdict::Unknown)
    {
        return None;
    }
    let interfaces = &snapshot.network.network_interfaces;
    let is_nameless = |id: &str| interfaces.get(&id.into()).is_some_and(|one| one.description == description);
    let hops = traces.iter().flat_map(|trace| &trace.hops).filter(|hop| hop.layer == Layer::Target);
    let judged: BTreeSet<&str> =
        hops.map(|hop| hop.component.as_str()).filter(|id| is_nameless(id)).collect();
    let which = match judged.len() {
        0 => return None,
        1 => format!("the only network interface with the description {description}, {}", judged.first()?),
        count => format!("each of the {count} network interfaces with the description {description}"),
    };
    let command = calls_for_host(host).first().and_then(|call| call.aws_cli());
    let file = command.map_or(String::new(), |command| format!("; aws {command} names its security groups"));
    Some((
        format!("The name does not show its network interface: this is the result for {which}."),
        format!(
            "To be sure, give its address with --to ADDRESS:{port} (dig +short {host} in the VPC shows it{file})."
        ),
    ))
}

/// The step that shows whether a blocked or reachable verdict is about the right network interface; `None` if the name shows it.
#[must_use]
pub fn step_to_be_sure(snapshot: &Snapshot, finding: &Finding) -> Option<String> {
    assumption(snapshot, &finding.need, &finding.traces).map(|(_, step)| step)
}

/// The result if the name has this address, as a sentence that begins with a space; empty if no check decides it.
fn result_of(trace: &Trace, id: &NetworkInterfaceId, address: IpAddr) -> String {
    let component = ResourceId::from(id);
    let is_own = |hop: &Hop| hop.component == component || hop.owner == Owner::Destination(id.clone());
    let blocked = trace.blockers().find(|(hop, _)| is_own(hop));
    let passed = trace.hops.iter().find(|hop| hop.outcome == Outcome::Pass && hop.component == component);
    match (blocked, passed) {
        (Some((hop, _)), _) => {
            format!(" If the name has the address {address}, the connection is blocked: {}.", hop.rule)
        }
        (None, Some(hop)) => {
            format!(" If the name has the address {address}, {id} allows the connection: {}.", hop.rule)
        }
        (None, None) => String::new(),
    }
}

/// How to get the answer of a call that discovery makes only if a destination needs it; `None` if the answer was read, or if a gap
/// has its own sentence.
pub(super) fn unread(snapshot: &Snapshot, call: Call) -> Option<String> {
    if snapshot.is_read(call) || snapshot.gap(call).is_some() {
        return None;
    }
    let mut resources = snapshot.network.named_resources.iter();
    if snapshot.calls.is_empty() && resources.any(|resource| resource.kind.calls().first() == Some(&call)) {
        return None;
    }
    Some(if snapshot.calls.is_empty() {
        let file = file(call);
        format!("Add the file {file} to the folder of --aws-json: {} > {file}.", command(call, None))
    } else {
        format!("Read the account again: it was read without {}.", call.iam_action().unwrap_or(call.name()))
    })
}

/// How to check a component that egress-doctor does not check.
fn forwarding(forwarder: Forwarder, component: &ResourceId) -> String {
    let id = |placeholder, prefix| id_or(placeholder, prefix, component);
    match forwarder {
        // https://docs.aws.amazon.com/vpc/latest/userguide/work-with-nat-instances.html
        Forwarder::Interface => format!(
            "Check on the instance or appliance whether it runs and forwards packets: aws ec2 describe-network-interfaces \
             --network-interface-ids {} shows its id. On a NAT instance, sysctl net.ipv4.ip_forward must show 1, and sudo iptables -t \
             nat -S (or nft list ruleset) must show a rule with MASQUERADE.",
            id("ENI", "eni-")
        ),
        Forwarder::Instance => format!(
            "Check on the instance whether it runs and forwards packets: aws ec2 describe-instances --instance-ids {}.",
            id("INSTANCE", "i-")
        ),
        Forwarder::TransitGateway if !component.as_str().starts_with("tgw-") => {
            "Compare the subnets of the attachment in each AZ, with their route tables and network ACLs: aws ec2 \
             describe-transit-gateway-vpc-attachments names the subnets."
                .to_owned()
        }
        Forwarder::TransitGateway => format!(
            "Check whether the route table of the transit gateway has a route to the destination and one back: aws ec2 \
             describe-transit-gateway-attachments --filters Name=transit-gateway-id,Values={} names the route table, aws ec2 \
             search-transit-gateway-routes shows its routes. It also needs an attachment to this VPC in the AZ of each \
             subnet.",
            id("TGW", "tgw-")
        ),
        Forwarder::NetworkFirewall => format!(
            "Check the rules of the firewall and its alert log: aws network-firewall list-firewalls, then aws network-firewall \
             describe-firewall --firewall-arn ARN and describe-logging-configuration --firewall-arn ARN; {} is one of its endpoints.",
            id("its endpoint", "vpce-")
        ),
        Forwarder::VirtualPrivateGateway => format!(
            "Check the VPN connection: aws ec2 describe-vpn-connections --filters Name=vpn-gateway-id,Values={}.",
            id("VGW", "vgw-")
        ),
        Forwarder::Peering => format!(
            "Check the route tables, security groups and network ACLs of the peer VPC: aws ec2 \
             describe-vpc-peering-connections --vpc-peering-connection-ids {} names it.",
            id("PCX", "pcx-")
        ),
        Forwarder::LoadBalancerEndpoint => format!(
            "Check the appliances behind the endpoint: aws ec2 describe-vpc-endpoints --vpc-endpoint-ids {} names its service.",
            id("ENDPOINT", "vpce-")
        ),
        // https://docs.aws.amazon.com/vpc/latest/userguide/metrics-dimensions-nat-gateway.html
        Forwarder::NatGateway => format!(
            "Compare the metrics ConnectionAttemptCount and ConnectionEstablishedCount of the NAT gateway: aws cloudwatch \
             get-metric-statistics --namespace AWS/NATGateway --metric-name ConnectionEstablishedCount --dimensions \
             Name=NatGatewayId,Value={} --statistics Sum --period 300 --start-time START --end-time END.",
            id("NAT", "nat-")
        ),
        Forwarder::FirewallProxy => format!(
            "Check the rules of the proxy in AWS Network Firewall: aws ec2 describe-nat-gateways --nat-gateway-ids {} names it.",
            id("NAT", "nat-")
        ),
        Forwarder::Other => format!(
            "Check the target of the route: {} shows it.",
            command(Call::DescribeRouteTables, Some(component))
        ),
    }
}
