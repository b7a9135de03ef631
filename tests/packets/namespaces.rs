//! A VPC as Linux network namespaces, written from the AWS documentation, without the engine's code.
//!
//! One namespace is the implicit router of the VPC: it has a routing table for each subnet and selects it by
//! the interface on which a packet arrives. Each source subnet has a host. The NAT gateway, the endpoint's
//! interfaces, S3 behind a gateway endpoint and the internet have a namespace each. The namespace of the
//! internet has no route to private addresses. So have the databases and the NAT instance, which forwards and
//! masquerades. The router is that of the peer VPC too: the route tables decide which packets it carries across.

use std::fmt::Write as _;
use std::fs::File;
use std::io::Write as _;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, SocketAddrV4, TcpListener};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::support::world::NAT_INSTANCE;
use egress_doctor::model::*;
use ipnet::IpNet;
use nix::sched::{CloneFlags, setns};
use socket2::{Domain, Protocol as Ip, Socket, Type};

const PORT: u16 = 443;
/// Source ports of Linux and of a NAT gateway.
const LINUX: (u16, u16) = (32768, 60999);
const NAT: (u16, u16) = (1024, 65535);
/// The public addresses of the NAT gateway, one for each host, and of the NAT instance.
const NAT_PUBLIC: Ipv4Addr = Ipv4Addr::new(35, 160, 1, 9);
const INSTANCE_PUBLIC: Ipv4Addr = Ipv4Addr::new(35, 160, 1, 20);
/// The least time to wait for a connection. On an idle machine packets arrive in a fraction of this time.
const IDLE: Duration = Duration::from_millis(120);

/// A host in a source subnet.
struct Host {
    subnet: SubnetId,
    namespace: String,
    address: Ipv4Addr,
}

/// A namespace besides the router, and its connection to it.
struct End {
    /// `h0`, `n`, `e0`, `d0`, `x`, `s` or `i`: the first letter is the kind.
    name: String,
    /// `None` for S3 and the internet.
    subnet: Option<SubnetId>,
    vpc: Option<VpcId>,
    addresses: Vec<Ipv4Addr>,
    /// The network interface of a database or of the NAT instance.
    interface: Option<NetworkInterface>,
}

/// The namespaces of one network. They are deleted when this value is dropped.
pub struct NamespaceNetwork {
    name: String,
    hosts: Vec<Host>,
    /// Source ports, each with its translated port at the NAT gateway. Together they cover every edge of the
    /// ACL rules.
    ports: Vec<(u16, u16)>,
    namespaces: Vec<String>,
    listeners: Vec<TcpListener>,
}

fn feed(program: &str, arguments: &[&str], text: &str) {
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{program}: {}\n{text}", String::from_utf8_lossy(&output.stderr));
}

/// Runs in a new thread inside a namespace.
fn inside<T: Send>(namespace: &str, work: impl FnOnce() -> T + Send) -> T {
    std::thread::scope(|scope| {
        scope
            .spawn(|| {
                let file = File::open(format!("/run/netns/{namespace}")).unwrap();
                setns(file, CloneFlags::CLONE_NEWNET).unwrap();
                work()
            })
            .join()
            .unwrap()
    })
}

/// Configures addresses, routes and filters of a namespace.
fn set_up(namespace: &str, commands: &str, filters: &str) {
    inside(namespace, || {
        feed("ip", &["-batch", "-"], commands);
        for setting in
            ["net/ipv4/ip_forward=1", "net/ipv4/conf/all/rp_filter=0", "net/ipv4/conf/default/rp_filter=0"]
        {
            let (name, value) = setting.split_once('=').unwrap();
            std::fs::write(format!("/proc/sys/{name}"), value).unwrap();
        }
        for name in std::fs::read_dir("/proc/sys/net/ipv4/conf").unwrap() {
            let folder = name.unwrap().path();
            std::fs::write(folder.join("rp_filter"), "0").unwrap();
            std::fs::write(folder.join("send_redirects"), "0").unwrap();
        }
        if !filters.is_empty() {
            feed("nft", &["-f", "-"], filters);
        }
    });
}

fn ranges(network: &Network, peer: &Peer) -> Vec<IpNet> {
    match peer {
        Peer::Ipv4(net) => vec![IpNet::V4(*net)],
        Peer::PrefixList(id) => network.prefix_lists.get(id).unwrap().cidrs.clone().unwrap(),
        Peer::Ipv6(_) | Peer::Group(_) => Vec::new(),
    }
}

fn set(nets: impl IntoIterator<Item = String>) -> String {
    format!("{{ {} }}", nets.into_iter().collect::<Vec<_>>().join(", "))
}

/// The nftables match of a rule for TCP; `None` if no TCP packet matches.
fn ports(protocol: Protocol, ports: PortRange) -> Option<String> {
    match protocol {
        Protocol::All => Some("meta l4proto tcp".to_owned()),
        Protocol::Tcp | Protocol::Number(6) => Some(format!("tcp dport {}-{}", ports.from, ports.to)),
        Protocol::Udp | Protocol::Number(_) => None,
    }
}

/// A stateful filter: allows what a rule allows, and replies.
fn group(
    hook: &str,
    direction: &str,
    rules: impl Iterator<Item = (Protocol, PortRange, Vec<String>)>,
) -> String {
    let mut text = format!(
        "table ip group {{\n chain rules {{\n type filter hook {hook} priority 0; policy drop;\n ct state established accept\n"
    );
    for (protocol, range, nets) in rules {
        if let (Some(ports), false) = (ports(protocol, range), nets.is_empty()) {
            let _ = writeln!(text, " ip {direction} {} {ports} accept", set(nets));
        }
    }
    text + " }\n}\n"
}

/// The rules of the internet gateway, which translates between private and public addresses.
fn internet_gateway(network: &Network, ends: &[End], nat_addresses: &[Ipv4Addr]) -> String {
    let nat = network.nat_gateways.iter().next().unwrap();
    let mut filters = "table ip igw {\n chain out {\n  type nat hook postrouting priority 100;\n".to_owned();
    if nat.connectivity == NatConnectivity::Public {
        for (place, address) in nat_addresses.iter().enumerate() {
            let public = nat_public(place);
            let _ = writeln!(filters, "  oifname \"vi\" ip saddr {address} snat to {public}");
        }
    }
    let with_public = ends.iter().filter_map(|end| Some((end, end.interface.as_ref()?)));
    let mut arriving = String::new();
    for (end, interface) in with_public.filter(|(_, interface)| interface.public_address) {
        let own = end.addresses[0];
        if end.name == "x" {
            let _ = writeln!(filters, "  oifname \"vi\" ip saddr {own} snat to {INSTANCE_PUBLIC}");
            continue;
        }
        for public in &interface.public_addresses {
            let _ = writeln!(arriving, "  iifname \"vi\" ip daddr {public} dnat to {own}");
        }
    }
    let _ =
        writeln!(filters, " }}\n chain in {{\n  type nat hook prerouting priority -100;\n{arriving} }}\n}}");
    filters
}

/// A stateless filter: the first match decides; without a match the packet is dropped.
fn acl(name: &str, direction: &str, rules: &[AclRule]) -> String {
    let mut rules: Vec<&AclRule> = rules.iter().collect();
    rules.sort_by_key(|rule| rule.number);
    let mut text = format!(" chain {name} {{\n");
    for rule in rules {
        let (Some(ports), IpNet::V4(net)) = (ports(rule.protocol, rule.ports), rule.remote) else { continue };
        let verdict = if rule.action == AclAction::Allow { "return" } else { "drop" };
        let _ = writeln!(text, "  ip {direction} {net} {ports} {verdict}");
    }
    text + "  drop\n }\n"
}

/// The edges of the rules' ports within a range, and the ends of the range.
fn edges<'a>(rules: impl Iterator<Item = &'a AclRule>, (from, to): (u16, u16)) -> Vec<u16> {
    let edges = rules.flat_map(|rule| {
        let (low, high) = (rule.ports.from, rule.ports.to);
        [low.saturating_sub(1), low, high, high.saturating_add(1)]
    });
    let mut all: Vec<u16> = edges.chain([from, to]).filter(|port| (from..=to).contains(port)).collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// Pairs two lists; fills the shorter one with ports from the middle of its range.
fn pairs(mut linux: Vec<u16>, mut nat: Vec<u16>) -> Vec<(u16, u16)> {
    let fill = |list: &mut Vec<u16>, wanted: usize| {
        let mut spare = 41_000..;
        while list.len() < wanted {
            list.extend(spare.next().filter(|port| !list.contains(port)));
        }
    };
    let wanted = linux.len().max(nat.len());
    fill(&mut linux, wanted);
    fill(&mut nat, wanted);
    linux.into_iter().zip(nat).collect()
}

impl NamespaceNetwork {
    pub fn build(snapshot: &Snapshot, name: &str) -> Self {
        let network = &snapshot.network;
        let connector = network.connectors.iter().next().unwrap();
        let all_rules =
            || network.network_acls.iter().flat_map(|acl| acl.inbound.iter().chain(&acl.outbound));
        let ports = pairs(edges(all_rules(), LINUX), edges(all_rules(), NAT));
        let space = |what: &str| format!("{name}{what}");
        let hosts: Vec<Host> = connector
            .subnets
            .iter()
            .enumerate()
            .map(|(place, subnet)| Host {
                subnet: subnet.clone(),
                namespace: space(&format!("h{place}")),
                address: nth(network, subnet, 50),
            })
            .collect();
        let mut built =
            Self { name: name.to_owned(), hosts, ports, namespaces: Vec::new(), listeners: Vec::new() };
        built.wire(network);
        built
    }

    /// Creates the namespaces and connects each to the router.
    fn wire(&mut self, network: &Network) {
        let nat = network.nat_gateways.iter().next().unwrap();
        let NatPlacement::Subnet(nat_subnet) = &nat.placement else {
            panic!("random networks have only zonal NAT gateways")
        };
        let endpoint_interfaces: Vec<(SubnetId, Ipv4Addr)> = network
            .endpoints
            .iter()
            .filter_map(|endpoint| match &endpoint.kind {
                EndpointKind::Interface { interfaces, .. } => Some(interfaces),
                _ => None,
            })
            .flatten()
            .map(|interface| (interface.subnet.clone(), interface.address.unwrap()))
            .collect();
        // The NAT gateway has one address per host, so that equal ports do not collide.
        let nat_addresses: Vec<Ipv4Addr> = (0..self.hosts.len())
            .map(|place| nth(network, nat_subnet, 200 + u32::try_from(place).unwrap()))
            .collect();
        let end = |name: String, subnet: &SubnetId, addresses: Vec<Ipv4Addr>| End {
            name,
            vpc: network.subnets.get(subnet).map(|subnet| subnet.vpc.clone()),
            subnet: Some(subnet.clone()),
            addresses,
            interface: None,
        };
        let mut ends: Vec<End> = Vec::new();
        for (place, host) in self.hosts.iter().enumerate() {
            ends.push(end(format!("h{place}"), &host.subnet, vec![host.address]));
        }
        ends.push(end("n".to_owned(), nat_subnet, nat_addresses.clone()));
        for (place, (subnet, address)) in endpoint_interfaces.iter().enumerate() {
            ends.push(end(format!("e{place}"), subnet, vec![*address]));
        }
        for (place, interface) in network.network_interfaces.iter().enumerate() {
            let name =
                if interface.id.as_str() == NAT_INSTANCE { "x".to_owned() } else { format!("d{place}") };
            let own = interface.addresses.iter().filter_map(|address| match address {
                IpAddr::V4(address) => Some(*address),
                IpAddr::V6(_) => None,
            });
            let one = end(name, &interface.subnet, own.collect());
            ends.push(End { interface: Some(interface.clone()), ..one });
        }
        for name in ["s", "i"] {
            let (subnet, vpc, addresses) = (None, None, Vec::new());
            ends.push(End { name: name.to_owned(), subnet, vpc, addresses, interface: None });
        }

        let router = format!("{}r", self.name);
        let mut create = format!("netns add {router}\n");
        self.namespaces.push(router.clone());
        for End { name: end, .. } in &ends {
            let space = format!("{}{end}", self.name);
            let _ = writeln!(create, "netns add {space}");
            let _ = writeln!(create, "link add v{end} netns {router} type veth peer name eth0 netns {space}");
            self.namespaces.push(space);
        }
        feed("ip", &["-batch", "-"], &create);
        Self::set_up_router(network, &router, &ends, &nat_addresses);
        self.set_up_ends(network, &ends, &nat_addresses);
        // Nothing listens at a network interface that is not attached.
        let listens = |end: &&End| {
            let is_detached = end.interface.as_ref().is_some_and(NetworkInterface::is_unattached);
            end.name.starts_with(['e', 'd', 's', 'i']) && !is_detached
        };
        for End { name: end, .. } in ends.iter().filter(listens) {
            let space = format!("{}{end}", self.name);
            let any = SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, PORT);
            self.listeners.push(inside(&space, || {
                let listener = TcpListener::bind(any).unwrap();
                listener.set_nonblocking(true).unwrap();
                listener
            }));
        }
    }

    fn set_up_router(network: &Network, router: &str, ends: &[End], nat_addresses: &[Ipv4Addr]) {
        let mut commands = "link set lo up\n".to_owned();
        let mut local: Vec<(Option<&VpcId>, String)> = Vec::new();
        for End { name: end, vpc, addresses, .. } in ends {
            let _ = writeln!(commands, "addr add 169.254.1.1/32 dev v{end}\nlink set v{end} up");
            local.extend(addresses.iter().map(|address| (vpc.as_ref(), format!("{address}/32 dev v{end}"))));
        }
        for (_, line) in &local {
            let _ = writeln!(commands, "route add {line}");
        }
        for (number, table) in network.route_tables.iter().enumerate() {
            let number = 100 + number;
            let own = local.iter().filter(|(vpc, _)| *vpc == Some(&table.vpc));
            for line in own.map(|(_, line)| line.as_str()).chain(["169.254.1.1/32 dev lo"]) {
                let _ = writeln!(commands, "route add {line} table {number}");
            }
            let peered = table.routes.iter().filter(|route| carries(network, route));
            for route in peered {
                // The receivers in the peer VPC that the route covers.
                let RouteDestination::Ipv4(net) = &route.destination else { continue };
                let there =
                    ends.iter().filter(|end| end.vpc.is_some() && end.vpc.as_ref() != Some(&table.vpc));
                for End { name: end, addresses, .. } in there {
                    for address in addresses.iter().filter(|address| net.contains(*address)) {
                        let _ = writeln!(commands, "route add {address}/32 dev v{end} table {number}");
                    }
                }
            }
            for cidr in &network.vpcs.get(&table.vpc).unwrap().cidrs {
                let _ = writeln!(commands, "route add unreachable {cidr} table {number}");
            }
            let _ = writeln!(commands, "route add unreachable default metric 9999 table {number}");
            let is_hop =
                |route: &&Route| !matches!(route.target, RouteTarget::Local) && !carries(network, route);
            for route in table.routes.iter().filter(is_hop) {
                let (nets, metric) = match &route.destination {
                    RouteDestination::Ipv4(net) => (vec![IpNet::V4(*net)], 10),
                    RouteDestination::PrefixList(id) => {
                        (network.prefix_lists.get(id).unwrap().cidrs.clone().unwrap(), 20)
                    }
                    RouteDestination::Ipv6(_) | RouteDestination::Unspecified => continue,
                };
                for net in nets {
                    let arguments = ip_route(network, route, nat_addresses);
                    let _ = writeln!(
                        commands,
                        "route add {} metric {metric} table {number}",
                        arguments.replace("NET", &net.to_string())
                    );
                }
            }
            for End { name: end, subnet, vpc, .. } in ends {
                let explicit = subnet.as_ref().is_some_and(|subnet| table.subnets.contains(subnet));
                let implicit = table.main
                    && vpc.as_ref() == Some(&table.vpc)
                    && subnet.as_ref().is_some_and(|subnet| {
                        !network.route_tables.iter().any(|other| other.subnets.contains(subnet))
                    });
                if explicit || implicit {
                    let _ = writeln!(commands, "rule add iif v{end} lookup {number} priority {number}");
                }
            }
        }
        let mut filters = "table ip acl {\n".to_owned();
        let mut jumps = String::new();
        for (number, list) in network.network_acls.iter().enumerate() {
            filters += &acl(&format!("out{number}"), "daddr", &list.outbound);
            filters += &acl(&format!("in{number}"), "saddr", &list.inbound);
            for subnet in &list.subnets {
                let own = ends.iter().filter(|end| end.subnet.as_ref() == Some(subnet));
                let own: Vec<String> = own.map(|end| format!("\"v{}\"", end.name)).collect();
                if !own.is_empty() {
                    let own = set(own);
                    let _ = writeln!(jumps, "  iifname {own} oifname != {own} jump out{number}");
                    let _ = writeln!(jumps, "  oifname {own} iifname != {own} jump in{number}");
                }
            }
        }
        let _ = writeln!(
            filters,
            " chain border {{\n  type filter hook forward priority 0; policy accept;\n{jumps} }}\n}}"
        );
        filters += &internet_gateway(network, ends, nat_addresses);
        set_up(router, &commands, &filters);
    }

    fn set_up_ends(&self, network: &Network, ends: &[End], nat_addresses: &[Ipv4Addr]) {
        let connector = network.connectors.iter().next().unwrap();
        let groups: Vec<&SecurityGroup> =
            connector.security_groups.iter().map(|id| network.security_groups.get(id).unwrap()).collect();
        let texts = |nets: Vec<IpNet>| nets.into_iter().map(|net| net.to_string()).collect::<Vec<_>>();
        let public = network.network_interfaces.iter().flat_map(|one| &one.public_addresses);
        let public: Vec<String> =
            public.filter(|own| **own != INSTANCE_PUBLIC).map(ToString::to_string).collect();
        for End { name: end, addresses, interface, .. } in ends {
            let mut commands = "link set lo up\nlink set eth0 up\n".to_owned();
            for address in addresses {
                let _ = writeln!(commands, "addr add {address}/32 dev eth0");
            }
            commands += "route add 169.254.1.1/32 dev eth0 scope link\n";
            let home = "via 169.254.1.1 dev eth0 onlink";
            let filters = match end.chars().next().unwrap() {
                'h' => {
                    let _ = writeln!(commands, "route add default {home}");
                    let rules = groups.iter().flat_map(|group| &group.egress);
                    group(
                        "output",
                        "daddr",
                        rules.map(|rule| (rule.protocol, rule.ports, texts(ranges(network, &rule.peer)))),
                    )
                }
                'e' | 'd' | 'x' => {
                    let _ = writeln!(commands, "route add default {home}");
                    let of_endpoint = [SecurityGroupId::from("sg-endpoint")];
                    let own = interface.as_ref().map_or(of_endpoint.as_slice(), |one| &one.security_groups);
                    let members = |peer: &Peer| match peer {
                        Peer::Group(id) if connector.security_groups.contains(id) => {
                            self.hosts.iter().map(|host| host.address.to_string()).collect()
                        }
                        peer => texts(ranges(network, peer)),
                    };
                    let known = own.iter().map(|id| network.security_groups.get(id).unwrap());
                    let rules = known.flat_map(|group| &group.ingress);
                    let hook = if end == "x" { "forward" } else { "input" };
                    let mut text = group(
                        hook,
                        "saddr",
                        rules.map(|rule| (rule.protocol, rule.ports, members(&rule.peer))),
                    );
                    if end == "x" {
                        // The NAT instance masquerades. With the source/destination check it forwards nothing.
                        let _ = writeln!(
                            text,
                            "table ip nat {{\n chain out {{\n  type nat hook postrouting priority 100;\n  snat to {}\n }}\n}}",
                            addresses[0]
                        );
                        if interface.as_ref().is_some_and(|one| one.source_dest_check != Some(false)) {
                            text += DEAD;
                        }
                    }
                    text
                }
                'n' => {
                    let _ = writeln!(commands, "route add default {home}");
                    self.translation(network, nat_addresses)
                }
                // S3 behind a gateway endpoint replies to private addresses; the internet only to public
                // ones.
                side => {
                    let back = if side == 's' { "10.40.0.0/16" } else { "35.160.1.0/24" };
                    let _ = writeln!(commands, "route add {back} {home}");
                    // The public addresses of databases are at the internet gateway of the VPC.
                    for address in public.iter().filter(|_| side == 'i') {
                        let _ = writeln!(commands, "route add {address}/32 {home}");
                    }
                    for net in ["3.0.0.0/8", "8.0.0.0/8", "18.0.0.0/8", "52.0.0.0/8", "93.0.0.0/8"] {
                        let _ = writeln!(commands, "route add local {net} dev lo table local");
                    }
                    String::new()
                }
            };
            set_up(&format!("{}{end}", self.name), &commands, &filters);
        }
    }

    /// The rules that translate each source port of the test to a port of the NAT gateway.
    fn translation(&self, network: &Network, nat_addresses: &[Ipv4Addr]) -> String {
        let mut text = "table ip nat {\n chain out {\n  type nat hook postrouting priority 100;\n".to_owned();
        for (host, address) in self.hosts.iter().zip(nat_addresses) {
            for (from, to) in &self.ports {
                let _ = writeln!(text, "  ip saddr {} tcp sport {from} snat to {address}:{to}", host.address);
            }
        }
        text += " }\n}\n";
        if network.nat_gateways.iter().next().unwrap().state != NatState::Available {
            text += DEAD;
        }
        text
    }

    /// Connects from a subnet to each address from every port of the test; the result is whether all ports
    /// succeed. Waits at least [`IDLE`], and longer while an expected connection is missing.
    pub fn connect(&self, subnet: &SubnetId, addresses: &[(Ipv4Addr, bool)], timeout: Duration) -> Vec<bool> {
        let host = self.hosts.iter().find(|host| host.subnet == *subnet).unwrap();
        inside(&host.namespace, || {
            let start = |to: Ipv4Addr, from: u16| {
                let socket = Socket::new(Domain::IPV4, Type::STREAM, Some(Ip::TCP)).unwrap();
                socket.set_reuse_address(true).unwrap();
                socket.set_linger(Some(Duration::ZERO)).unwrap();
                socket.set_nonblocking(true).unwrap();
                let from = SocketAddr::from((host.address, from));
                socket.bind(&from.into()).unwrap();
                let _ = socket.connect(&SocketAddr::from((to, PORT)).into());
                socket
            };
            let sockets: Vec<Vec<Socket>> = addresses
                .iter()
                .map(|(to, _)| self.ports.iter().map(|(from, _)| start(*to, *from)).collect())
                .collect();
            let begin = Instant::now();
            loop {
                // Accepts connections, because a full backlog drops packets.
                self.listeners.iter().for_each(|listener| while listener.accept().is_ok() {});
                let made: Vec<bool> =
                    sockets.iter().map(|all| all.iter().all(|socket| socket.peer_addr().is_ok())).collect();
                let late = addresses.iter().zip(&made).any(|((_, expected), made)| *expected && !made);
                let (waited, all) = (begin.elapsed(), made.iter().all(|made| *made));
                if all || waited > timeout || (waited > IDLE && !late) {
                    return made;
                }
                std::thread::sleep(Duration::from_millis(3));
            }
        })
    }
}

impl Drop for NamespaceNetwork {
    fn drop(&mut self) {
        if std::thread::panicking() && std::env::var_os("EGRESS_DOCTOR_KEEP_NETWORK").is_some() {
            return;
        }
        let text: String = self.namespaces.iter().map(|space| format!("netns del {space}\n")).collect();
        feed("ip", &["-force", "-batch", "-"], &text);
    }
}

/// An address of a subnet.
fn nth(network: &Network, subnet: &SubnetId, n: u32) -> Ipv4Addr {
    Ipv4Addr::from(u32::from(network.subnets.get(subnet).unwrap().cidr.unwrap().network()) + n)
}

/// A namespace that forwards nothing.
const DEAD: &str =
    "table ip dead {\n chain rules {\n  type filter hook forward priority 0; policy drop;\n }\n}\n";

/// The public address of the NAT gateway for a host.
pub fn nat_public(place: usize) -> Ipv4Addr {
    Ipv4Addr::from(u32::from(NAT_PUBLIC) + u32::try_from(place).unwrap())
}

/// Whether the route leads to an active peering connection.
fn carries(network: &Network, route: &Route) -> bool {
    let RouteTarget::Peering(id) = &route.target else { return false };
    let peering = network.peering_connections.get(id).unwrap();
    peering.state == PeeringState::Active && route.state == RouteState::Active
}

/// The arguments of `ip route` for a route.
fn ip_route(network: &Network, route: &Route, nat_addresses: &[Ipv4Addr]) -> String {
    if route.state == RouteState::Blackhole {
        return "blackhole NET".to_owned();
    }
    match &route.target {
        RouteTarget::NatGateway(_) => format!("NET via {} dev vn onlink", nat_addresses[0]),
        RouteTarget::InternetGateway(id) => {
            let attached = network.internet_gateways.get(id).is_some_and(|igw| igw.attached_to.is_some());
            if attached { "NET dev vi".to_owned() } else { "blackhole NET".to_owned() }
        }
        RouteTarget::Endpoint(id) => {
            let works = network.endpoints.get(id).unwrap().state == EndpointState::Available;
            if works { "NET dev vs".to_owned() } else { "blackhole NET".to_owned() }
        }
        RouteTarget::NetworkInterface(id) => {
            let interface = network.network_interfaces.get(id).unwrap();
            format!("NET via {} dev vx onlink", interface.addresses[0])
        }
        // An active peering connection has host routes.
        RouteTarget::Peering(_) => "blackhole NET".to_owned(),
        other => panic!("random networks have no route to {other}"),
    }
}
