//! Saved snapshots: loading gives the same snapshot, and an invalid file gives an error with the position.

use egress_doctor::discover::{load_snapshot, save_snapshot};
use egress_doctor::model::{InterfaceState, RouteDestination, Snapshot};
use egress_doctor::scenario::SCENARIOS;

#[test]
fn each_scenario_is_saved_as_it_was_read() {
    let folder = tempfile::tempdir().unwrap();
    for scenario in SCENARIOS {
        let snapshot = Snapshot::from_json(scenario.snapshot).unwrap();
        let path = folder.path().join("snapshot.json");
        save_snapshot(&snapshot, &path).unwrap();
        assert_eq!(load_snapshot(&path).unwrap(), snapshot);
        // The order of items and the empty tables may differ; the text of every value is the same.
        let saved = std::fs::read_to_string(&path).unwrap();
        assert_eq!(lines(&saved), lines(scenario.snapshot));
    }
}

/// The lines of a snapshot file in alphabetical order.
fn lines(text: &str) -> Vec<&str> {
    let lines = text.lines().map(|line| line.trim().trim_end_matches(','));
    let mut lines: Vec<&str> = lines.filter(|line| !line.ends_with("s\": []")).collect();
    lines.sort_unstable();
    lines
}

/// Snapshots that an earlier version saved have the field `unattached` instead of the state of a network
/// interface, and a text in place of an unknown destination of a route.
#[test]
fn a_snapshot_of_an_earlier_version_is_read() {
    let mut network = crate::support::network::TestNetwork::new().database(Vec::new()).0;
    let table = network.network.route_tables.iter_mut().next().unwrap();
    table.routes[0].destination = RouteDestination::Unspecified;
    for interface in network.network.network_interfaces.iter_mut() {
        interface.state = InterfaceState::Available;
    }
    let saved = network.to_json().unwrap();
    for (now, earlier) in [
        ("\"state\": \"available\"", "\"unattached\": true"),
        ("\"destination\": \"unspecified\"", "\"destination\": { \"other\": \"(none)\" }"),
    ] {
        assert!(saved.contains(now), "{now} in {saved}");
        assert_eq!(Snapshot::from_json(&saved.replace(now, earlier)).unwrap(), network, "{earlier}");
    }
    let attached = saved.replace("\"state\": \"available\"", "\"unattached\": false");
    let attached = Snapshot::from_json(&attached).unwrap().network;
    let states: Vec<_> =
        attached.network_interfaces.iter().map(|interface| interface.state.clone()).collect();
    assert_eq!(states, [InterfaceState::Unspecified]);
}

#[test]
fn a_file_that_is_not_a_snapshot_is_refused_with_the_position() {
    let folder = tempfile::tempdir().unwrap();
    let refuse = |text: &[u8]| {
        let path = folder.path().join("s.json");
        std::fs::write(&path, text).unwrap();
        load_snapshot(&path).unwrap_err().to_string().replace(&folder.path().display().to_string(), "DIR")
    };
    let good = SCENARIOS[0].snapshot;
    assert_eq!(
        refuse(good.replacen("\"version\": 1", "\"version\": 9", 1).as_bytes()),
        "DIR/s.json: field `version` is 9, but this version of egress-doctor supports versions up to 1: \
         update egress-doctor, or save the snapshot again with this version"
    );
    assert_eq!(refuse(b"{"), "DIR/s.json: not a snapshot: EOF while parsing an object at line 1 column 1");
    assert_eq!(
        refuse(good.replacen("\"region\"", "\"regoin\"", 1).as_bytes()),
        "DIR/s.json: not a snapshot: unknown field `regoin`, expected one of `version`, `taken_at`, `account`, `region`, \
         `workloads`, `network`, `prices`, `other_places`, `gaps`, `history`, `calls` at line 5 column 10"
    );
    assert!(refuse(&[0xff, 0xfe, 0x00]).starts_with("cannot read DIR/s.json: "), "{}", refuse(&[0xff]));
}

mod any {
    //! Random snapshots: every kind of object, with random text.

    use std::collections::BTreeMap;
    use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

    use egress_doctor::model::*;
    use ipnet::{IpNet, Ipv4Net, Ipv6Net};
    use proptest::collection::{btree_map, vec};
    use proptest::option;
    use proptest::prelude::*;

    fn id<T: From<String> + std::fmt::Debug>() -> impl Strategy<Value = T> {
        ".{0,12}".prop_map(T::from)
    }

    fn text() -> impl Strategy<Value = String> {
        // `!` makes the text different from every known value of AWS, so it is loaded as an unknown value.
        "\\PC{0,10}!"
    }

    /// A state or kind: a known value, or any other text.
    fn value<T: for<'a> From<&'a str> + std::fmt::Debug>() -> impl Strategy<Value = T> {
        const KNOWN: &[&str] =
            &["available", "pending", "interface", "nat_gateway", "Interface", "ACTIVE", "RUNNING", ""];
        prop_oneof![text(), prop::sample::select(KNOWN).prop_map(str::to_owned)]
            .prop_map(|text| T::from(text.as_str()))
    }

    fn tags() -> impl Strategy<Value = BTreeMap<String, String>> {
        btree_map(".{0,6}", ".{0,6}", 0..3)
    }

    fn net() -> impl Strategy<Value = Ipv4Net> {
        (any::<Ipv4Addr>(), 0_u8..=32)
            .prop_map(|(address, length)| Ipv4Net::new(address, length).unwrap().trunc())
    }

    fn net6() -> impl Strategy<Value = Ipv6Net> {
        (any::<Ipv6Addr>(), 0_u8..=128)
            .prop_map(|(address, length)| Ipv6Net::new(address, length).unwrap().trunc())
    }

    fn either() -> impl Strategy<Value = IpNet> {
        prop_oneof![net().prop_map(IpNet::V4), net6().prop_map(IpNet::V6)]
    }

    fn vpc() -> impl Strategy<Value = Vpc> {
        let resolver = prop_oneof![
            Just(DhcpResolver::Amazon),
            Just(DhcpResolver::Unknown),
            vec(text(), 0..2).prop_map(DhcpResolver::Custom)
        ];
        let dns = (any::<Option<bool>>(), any::<Option<bool>>(), resolver)
            .prop_map(|(support, hostnames, resolver)| DnsSettings { support, hostnames, resolver });
        let encryption = prop_oneof![
            Just(EncryptionControl::Off),
            Just(EncryptionControl::Monitor),
            Just(EncryptionControl::Enforce),
            text().prop_map(EncryptionControl::Other)
        ];
        let rule = (id(), text(), any::<bool>()).prop_map(|(id, domain, forwards)| ResolverRule {
            id,
            domain,
            forwards,
        });
        let rest = (vec(net6(), 0..3), option::of(vec(text(), 0..2)), vec(rule, 0..2), encryption);
        (id(), tags(), vec(net(), 0..3), dns, rest).prop_map(
            |(id, tags, cidrs, dns, (ipv6_cidrs, private_zones, resolver_rules, encryption))| Vpc {
                id,
                tags,
                cidrs,
                ipv6_cidrs,
                private_zones,
                resolver_rules,
                encryption,
                dns,
            },
        )
    }

    fn subnet() -> impl Strategy<Value = Subnet> {
        let block = prop_oneof![
            Just(BlockPublicAccess::Off),
            Just(BlockPublicAccess::BlockIngress),
            Just(BlockPublicAccess::BlockBidirectional),
            text().prop_map(BlockPublicAccess::Other)
        ];
        let rest = ((any::<Option<u32>>(), any::<bool>(), any::<Option<bool>>()), option::of(text()), tags());
        (id(), id(), id(), option::of(net()), vec(net6(), 0..2), block, rest).prop_map(
            |(
                id,
                vpc,
                zone,
                cidr,
                ipv6_cidrs,
                block_public_access,
                ((free_addresses, map_public_ip, default_for_az), owner, tags),
            )| Subnet {
                ipv6_cidrs,
                block_public_access,
                id,
                vpc,
                zone,
                cidr,
                free_addresses,
                map_public_ip,
                default_for_az,
                owner,
                tags,
            },
        )
    }

    fn route() -> impl Strategy<Value = Route> {
        let destination = prop_oneof![
            net().prop_map(RouteDestination::Ipv4),
            net6().prop_map(RouteDestination::Ipv6),
            id().prop_map(RouteDestination::PrefixList),
            Just(RouteDestination::Unspecified),
        ];
        let target = prop_oneof![
            Just(RouteTarget::Local),
            id().prop_map(RouteTarget::InternetGateway),
            id().prop_map(RouteTarget::NatGateway),
            id().prop_map(RouteTarget::Endpoint),
            id().prop_map(RouteTarget::EgressOnlyInternetGateway),
            id().prop_map(RouteTarget::NetworkInterface),
            id().prop_map(RouteTarget::Peering),
            id().prop_map(RouteTarget::Other),
        ];
        let state = prop_oneof![
            Just(RouteState::Active),
            Just(RouteState::Blackhole),
            Just(RouteState::Filtered),
            text().prop_map(RouteState::Other)
        ];
        let origin = prop_oneof![
            Just(RouteOrigin::Table),
            Just(RouteOrigin::Static),
            Just(RouteOrigin::Propagated),
            text().prop_map(RouteOrigin::Other)
        ];
        (destination, target, state, origin).prop_map(|(destination, target, state, origin)| Route {
            destination,
            target,
            state,
            origin,
        })
    }

    fn route_table() -> impl Strategy<Value = RouteTable> {
        (id(), id(), any::<bool>(), vec(id(), 0..3), vec(route(), 0..4), tags()).prop_map(
            |(id, vpc, main, subnets, routes, tags)| RouteTable { id, vpc, main, subnets, routes, tags },
        )
    }

    fn ports() -> impl Strategy<Value = PortRange> {
        (any::<u16>(), any::<u16>()).prop_map(|(from, to)| PortRange { from, to })
    }

    fn protocol() -> impl Strategy<Value = Protocol> {
        prop_oneof![
            Just(Protocol::All),
            Just(Protocol::Tcp),
            Just(Protocol::Udp),
            any::<u8>().prop_map(Protocol::Number)
        ]
    }

    fn group() -> impl Strategy<Value = SecurityGroup> {
        let peer = || {
            prop_oneof![
                net().prop_map(Peer::Ipv4),
                net6().prop_map(Peer::Ipv6),
                id().prop_map(Peer::PrefixList),
                id().prop_map(Peer::Group)
            ]
        };
        let rules = move || {
            let rule = (protocol(), ports(), peer());
            vec(rule.prop_map(|(protocol, ports, peer)| SecurityGroupRule { protocol, ports, peer }), 0..3)
        };
        (id(), text(), id(), rules(), rules(), tags()).prop_map(|(id, name, vpc, ingress, egress, tags)| {
            SecurityGroup { id, name, vpc, ingress, egress, tags }
        })
    }

    fn acl() -> impl Strategy<Value = NetworkAcl> {
        let rules = || {
            let action = prop_oneof![Just(AclAction::Allow), Just(AclAction::Deny)];
            let rule = (any::<u16>(), protocol(), ports(), either(), action);
            vec(
                rule.prop_map(|(number, protocol, ports, remote, action)| AclRule {
                    number,
                    protocol,
                    ports,
                    remote,
                    action,
                }),
                0..3,
            )
        };
        (id(), id(), any::<bool>(), vec(id(), 0..3), rules(), rules(), tags()).prop_map(
            |(id, vpc, default, subnets, inbound, outbound, tags)| NetworkAcl {
                id,
                vpc,
                default,
                subnets,
                inbound,
                outbound,
                tags,
            },
        )
    }

    fn endpoint() -> impl Strategy<Value = Endpoint> {
        let endpoint_interface = (id(), any::<Option<Ipv4Addr>>(), any::<Option<Ipv6Addr>>())
            .prop_map(|(subnet, address, ipv6_address)| EndpointInterface { subnet, address, ipv6_address });
        let switches = (any::<Option<bool>>(), any::<bool>());
        let interface =
            (any::<bool>(), switches, vec(text(), 0..2), vec(id(), 0..2), vec(endpoint_interface, 0..3))
                .prop_map(
                    |(
                        private_dns,
                        (private_dns_only_inbound, ipv6_records),
                        private_names,
                        security_groups,
                        interfaces,
                    )| {
                        EndpointKind::Interface {
                            private_dns,
                            private_dns_only_inbound,
                            private_names,
                            ipv6_records,
                            security_groups,
                            interfaces,
                        }
                    },
                );
        let kind = prop_oneof![
            vec(id(), 0..3).prop_map(|route_tables| EndpointKind::Gateway { route_tables }),
            interface,
            text().prop_map(EndpointKind::Other)
        ];
        let policy = prop_oneof![
            Just(None),
            Just(Some(EndpointPolicy::FullAccess)),
            Just(Some(EndpointPolicy::Restricted)),
            Just(Some(EndpointPolicy::DeniesAll)),
        ];
        (id(), id(), text(), value::<EndpointState>(), kind, policy, tags()).prop_map(
            |(id, vpc, service, state, kind, policy, tags)| Endpoint {
                id,
                vpc,
                service,
                state,
                kind,
                policy,
                tags,
            },
        )
    }

    fn nat() -> impl Strategy<Value = NatGateway> {
        let connectivity = prop_oneof![
            Just(NatConnectivity::Public),
            Just(NatConnectivity::Private),
            text().prop_map(NatConnectivity::Other)
        ];
        let placement = prop_oneof![
            id().prop_map(NatPlacement::Subnet),
            (option::of(id()), vec(id(), 0..3), any::<bool>()).prop_map(|(route_table, zones, expands)| {
                NatPlacement::Regional { route_table, zones, expands }
            })
        ];
        let rest = (
            placement,
            (vec(any::<Ipv4Addr>(), 0..3), vec(any::<Ipv4Addr>(), 0..3), option::of(text())),
            tags(),
            option::of(text()),
        );
        (id(), id(), value::<NatState>(), connectivity, any::<bool>(), rest).prop_map(
            |(id, vpc, state, connectivity, has_appliance, (placement, addresses, tags, failure))| {
                let (public_addresses, private_addresses, unusable_addresses) = addresses;
                NatGateway {
                    unusable_addresses,
                    failure,
                    public_addresses,
                    private_addresses,
                    has_appliance,
                    id,
                    vpc,
                    state,
                    connectivity,
                    placement,
                    tags,
                }
            },
        )
    }

    fn interface() -> impl Strategy<Value = NetworkInterface> {
        let rest = (vec(id(), 0..2), value::<InterfaceKind>(), text(), any::<bool>(), any::<Option<bool>>());
        let rest = (
            rest,
            value::<InterfaceState>(),
            vec(any::<Ipv4Addr>(), 0..2),
            option::of(id()),
            option::of(text()),
        );
        (id(), id(), id(), vec(any::<IpAddr>(), 0..3), rest).prop_map(
            |(
                id,
                vpc,
                subnet,
                addresses,
                (
                    (security_groups, kind, description, public_address, source_dest_check),
                    state,
                    public_addresses,
                    instance,
                    requester,
                ),
            )| {
                NetworkInterface {
                    source_dest_check,
                    id,
                    vpc,
                    subnet,
                    addresses,
                    security_groups,
                    kind,
                    description,
                    public_address,
                    public_addresses,
                    instance,
                    requester,
                    state,
                }
            },
        )
    }

    fn named_resource() -> impl Strategy<Value = NamedResource> {
        let kind = prop_oneof![
            Just(NamedResourceKind::DbInstance),
            Just(NamedResourceKind::DbCluster),
            Just(NamedResourceKind::DbProxy),
            Just(NamedResourceKind::CacheCluster),
            Just(NamedResourceKind::ReplicationGroup),
            Just(NamedResourceKind::ServerlessCache),
            Just(NamedResourceKind::LoadBalancer),
        ];
        let host = (text(), option::of(any::<u16>()), vec(id(), 0..2), vec(text(), 0..2))
            .prop_map(|(name, port, zones, descriptions)| ResourceHost { name, port, zones, descriptions });
        let texts = (text(), option::of(text()), option::of(text()), vec(text(), 0..2));
        let ids = (id(), option::of(id()), vec(id(), 0..2), option::of(id()), vec(id(), 0..2));
        let switches = (any::<Option<bool>>(), any::<Option<bool>>(), any::<Option<bool>>());
        (kind, vec(host, 0..2), texts, ids, switches).prop_map(
            |(
                kind,
                hosts,
                (name, engine, state, descriptions),
                (id, vpc, subnets, zone, security_groups),
                (public, requires_tls, dual_stack),
            )| NamedResource {
                id,
                kind,
                name,
                hosts,
                engine,
                state,
                vpc,
                subnets,
                standby: zone.clone(),
                zone,
                security_groups,
                public,
                requires_tls,
                dual_stack,
                secret: descriptions.first().map(|text| ResourceId::new(text.as_str())),
                descriptions,
            },
        )
    }

    #[allow(clippy::too_many_lines, reason = "one strategy for each type of the network")]
    fn network() -> impl Strategy<Value = Network> {
        let connector = (id(), text(), value::<ConnectorStatus>(), vec(id(), 0..3), vec(id(), 0..3))
            .prop_map(|(arn, name, status, subnets, security_groups)| Connector {
                arn,
                name,
                status,
                subnets,
                security_groups,
            });
        let gateway = (id(), option::of(id()), tags()).prop_map(|(id, attached_to, tags)| InternetGateway {
            id,
            attached_to,
            tags,
        });
        let egress_only = (id(), option::of(id()))
            .prop_map(|(id, attached_to)| EgressOnlyInternetGateway { id, attached_to });
        let list = (id(), text(), option::of(vec(either(), 0..4))).prop_map(|(id, name, cidrs)| PrefixList {
            id,
            name,
            cidrs,
        });
        let service = (text(), value::<EndpointServiceKind>(), vec(id(), 0..3), vec(text(), 0..2)).prop_map(
            |(name, kind, zones, private_names)| EndpointService { name, kind, zones, private_names },
        );
        let peering = (id(), id(), id(), option::of(place()), value::<PeeringState>()).prop_map(
            |(id, one, two, place, state)| PeeringConnection {
                id,
                vpcs: [one, two],
                places: [None, place],
                resolves_names: [None, None],
                state,
            },
        );
        let association = prop_oneof![
            Just(TransitAssociation::NotRead),
            Just(TransitAssociation::None),
            id().prop_map(TransitAssociation::Table),
            id().prop_map(TransitAssociation::Pending),
        ];
        let attachment = (
            (id(), id(), option::of(id()), vec(id(), 0..2)),
            (option::of(text()), option::of(text()), value::<AttachmentState>(), association),
        )
            .prop_map(|((id, gateway, vpc, subnets), (gateway_owner, owner, state, association))| {
                TransitAttachment { id, gateway, gateway_owner, vpc, owner, state, subnets, association }
            });
        let transit_table =
            (id(), vec(route(), 0..3)).prop_map(|(id, routes)| TransitRouteTable { id, routes });
        let first = (
            vec(vpc(), 0..2),
            vec(subnet(), 0..3),
            vec(route_table(), 0..3),
            vec(group(), 0..3),
            vec(acl(), 0..2),
            vec(endpoint(), 0..3),
        );
        let second = (
            vec(service, 0..2),
            vec(nat(), 0..2),
            vec(gateway, 0..2),
            vec(egress_only, 0..2),
            vec(interface(), 0..2),
            vec(list, 0..2),
            vec(connector, 0..2),
            vec(named_resource(), 0..2),
            vec(peering, 0..2),
            (vec(attachment, 0..2), vec(transit_table, 0..2)),
        );
        (first, second).prop_map(
            |(
                (vpcs, subnets, route_tables, security_groups, network_acls, endpoints),
                (
                    endpoint_services,
                    nats,
                    gateways,
                    egress_only,
                    interfaces,
                    lists,
                    connectors,
                    named,
                    peerings,
                    (attachments, transit_tables),
                ),
            )| Network {
                vpcs: vpcs.into_iter().collect(),
                subnets: subnets.into_iter().collect(),
                route_tables: route_tables.into_iter().collect(),
                security_groups: security_groups.into_iter().collect(),
                network_acls: network_acls.into_iter().collect(),
                endpoints: endpoints.into_iter().collect(),
                endpoint_services,
                nat_gateways: nats.into_iter().collect(),
                internet_gateways: gateways.into_iter().collect(),
                egress_only_internet_gateways: egress_only.into_iter().collect(),
                network_interfaces: interfaces.into_iter().collect(),
                prefix_lists: lists.into_iter().collect(),
                connectors: connectors.into_iter().collect(),
                named_resources: named.into_iter().collect(),
                peering_connections: peerings.into_iter().collect(),
                transit_attachments: attachments.into_iter().collect(),
                transit_route_tables: transit_tables.into_iter().collect(),
            },
        )
    }

    fn workload() -> impl Strategy<Value = Workload> {
        let egress = prop_oneof![
            Just(Egress::Default),
            id().prop_map(Egress::Vpc),
            (vec(id(), 0..2), vec(id(), 0..2))
                .prop_map(|(subnets, security_groups)| Egress::Direct { subnets, security_groups }),
            text().prop_map(Egress::Unknown)
        ];
        let kind = prop_oneof![Just(WorkloadKind::AppRunner), Just(WorkloadKind::AdHoc)];
        let ingress = prop_oneof![Just(Ingress::Public), Just(Ingress::Private), Just(Ingress::Unknown)];
        let variable = (text(), vec(text(), 0..2), vec(id(), 0..2))
            .prop_map(|(name, hosts, resources)| EnvironmentVariable { name, hosts, resources });
        let secret = (text(), text(), proptest::option::of(text())).prop_map(|(name, store, region)| {
            let rds_secret = region.as_deref().map(ResourceId::new);
            EnvironmentSecret { name, store, region: region.map(Region::new), rds_secret }
        });
        let environment = (vec(variable, 0..2), vec(secret, 0..2), any::<bool>()).prop_map(
            |(variables, secrets, in_repository)| Environment {
                role: variables.last().map(|one: &EnvironmentVariable| one.name.clone()),
                permits: variables
                    .first()
                    .map(|one| vec![Permit { action: one.name.clone(), host: one.name.clone() }]),
                image_registry: variables.first().map(|one: &EnvironmentVariable| one.name.clone()),
                no_proxy: variables.iter().map(|one| one.name.clone()).collect(),
                variables,
                secrets,
                in_repository,
            },
        );
        let rest = (option::of(text()), option::of(text()), environment, tags(), any::<bool>());
        (id(), text(), kind, value::<ServiceStatus>(), egress, ingress, rest).prop_map(
            |(id, name, kind, status, egress, ingress, (url, health_path, environment, tags, dual_stack))| {
                Workload {
                    dual_stack,
                    id,
                    name,
                    kind,
                    status,
                    egress,
                    ingress,
                    url,
                    health_path,
                    environment,
                    tags,
                }
            },
        )
    }

    fn place() -> impl Strategy<Value = Place> {
        (text(), id()).prop_map(|(account, region)| Place { account, region })
    }

    pub fn snapshot() -> impl Strategy<Value = Snapshot> {
        let kind = prop_oneof![
            Just(GapKind::Denied),
            Just(GapKind::Throttled),
            Just(GapKind::Failed),
            Just(GapKind::Partial)
        ];
        let gap = (prop::sample::select(Call::ALL), kind, text(), option::of(place()))
            .prop_map(|(call, kind, message, place)| Gap { call, kind, message, place });
        let seconds = 0_i64..4_000_000_000;
        (seconds, option::of(text()), id(), vec(workload(), 0..3), network(), vec(gap, 0..3)).prop_map(
            |(seconds, account, region, workloads, network, gaps)| {
                let mut snapshot = Snapshot::new(region, jiff::Timestamp::from_second(seconds).unwrap());
                snapshot.account = account;
                snapshot.workloads = workloads.into_iter().collect();
                snapshot.network = network;
                snapshot.gaps = gaps;
                snapshot
            },
        )
    }
}

proptest::proptest! {
    #[test]
    fn a_saved_snapshot_is_loaded_unchanged(snapshot in any::snapshot()) {
        let text = snapshot.to_json().unwrap();
        proptest::prop_assert_eq!(Snapshot::from_json(&text).unwrap(), snapshot);
    }
}
