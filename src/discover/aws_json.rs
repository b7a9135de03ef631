//! Snapshots from what the AWS CLI printed: a folder of `*.json`, one file for each call or one for several.
//!
//! A call that is not there is a gap, as a denied one is. Unknown fields and files without a known key are passed over.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::whole::{self, Item};
use super::wire::{self, List};
use super::{FileError, interpret};
use crate::model::{Call, Gap, GapKind, Keyed, Network, PrefixListId, Region, Snapshot, Table, Workload};

/// Why a folder is no account.
#[derive(Debug, thiserror::Error)]
pub enum AwsJsonError {
    /// A file or the folder cannot be read.
    #[error(transparent)]
    File(#[from] FileError),
    /// A file is not what the AWS CLI prints.
    #[error("{}: {source}: it should be what `aws … --output json` printed", path.display())]
    Malformed {
        /// Which file.
        path: PathBuf,
        /// What is wrong, and where.
        source: serde_json::Error,
    },
    /// No file says anything.
    #[error(
        "{}: no file here holds an answer of the AWS CLI: save them as `aws ec2 describe-vpcs > describe-vpcs.json`, …",
        .0.display()
    )]
    Nothing(PathBuf),
    /// Two answers about one thing that do not agree.
    #[error("{id} is told of twice, and differently: keep the answers of one moment and one region")]
    Contradiction {
        /// Which thing.
        id: String,
    },
    /// No answer tells the region.
    #[error("{}: no answer tells the region: give --region", .0.display())]
    NoRegion(PathBuf),
}

/// The top-level keys that are read.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Document {
    vpcs: List<wire::Vpc>,
    subnets: List<wire::Subnet>,
    route_tables: List<wire::RouteTable>,
    security_groups: List<wire::SecurityGroup>,
    network_acls: List<wire::NetworkAcl>,
    vpc_endpoints: List<wire::VpcEndpoint>,
    nat_gateways: List<wire::NatGateway>,
    internet_gateways: List<wire::InternetGateway>,
    egress_only_internet_gateways: List<wire::EgressOnlyInternetGateway>,
    network_interfaces: List<wire::NetworkInterface>,
    prefix_lists: List<wire::PrefixList>,
    managed_prefix_lists: List<wire::PrefixList>,
    prefix_list_entries: List<wire::PrefixListEntries>,
    /// As AWS prints a list's entries; the list's id is in the file's name.
    entries: List<wire::PrefixListEntry>,
    dhcp_options: List<wire::DhcpOptions>,
    vpc_attributes: List<wire::VpcAttribute>,
    /// As AWS prints a VPC's attributes, one at a time.
    vpc_id: Option<String>,
    enable_dns_support: Option<wire::Switch>,
    enable_dns_hostnames: Option<wire::Switch>,
    service_details: List<wire::ServiceDetail>,
    service_summary_list: List<wire::ServiceSummary>,
    #[serde(default, deserialize_with = "one_or_many")]
    service: List<wire::Service>,
    vpc_connectors: List<wire::VpcConnector>,
    vpc_connector: Option<wire::VpcConnector>,
    hosted_zone_summaries: List<wire::HostedZone>,
    account: Option<String>,
    /// Pages that were not asked for.
    next_token: Option<String>,
}

/// One item where a list is meant, or the list.
fn one_or_many<'de, D: Deserializer<'de>, T: Deserialize<'de>>(from: D) -> Result<List<T>, D::Error> {
    struct Either<T>(std::marker::PhantomData<T>);

    impl<'de, T: Deserialize<'de>> Visitor<'de> for Either<T> {
        type Value = List<T>;

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("one item or a list of them")
        }

        fn visit_unit<E>(self) -> Result<Self::Value, E> {
            Ok(None)
        }

        fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
            T::deserialize(MapAccessDeserializer::new(map)).map(|one| Some(vec![one]))
        }

        fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Self::Value, A::Error> {
            Vec::deserialize(SeqAccessDeserializer::new(list)).map(Some)
        }
    }

    from.deserialize_any(Either(std::marker::PhantomData))
}

/// What all files say together.
#[derive(Default)]
struct Answers {
    all: Document,
    /// Calls whose answer ends early, or whose file is empty.
    gaps: Vec<Gap>,
    files: usize,
}

/// Reads a folder, or one file.
///
/// # Errors
/// A file cannot be read or is malformed (file, line and column are named), or no file says anything.
pub fn load_aws_json(path: &Path, region: Option<&str>) -> Result<Snapshot, AwsJsonError> {
    let mut answers = Answers::default();
    let mut newest = Timestamp::UNIX_EPOCH;
    for file in files(path)? {
        let failed = |source| FileError::Io { doing: "read", path: file.clone(), source };
        let bytes = fs::read(&file).map_err(failed)?;
        let written = fs::metadata(&file).and_then(|file| file.modified()).map_err(failed)?;
        newest = newest.max(Timestamp::try_from(written).unwrap_or(newest));
        let stem = file.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        answers.add(&stem, &bytes).map_err(|source| AwsJsonError::Malformed { path: file, source })?;
    }
    if answers.files == 0 {
        return Err(AwsJsonError::Nothing(path.to_owned()));
    }
    let region = region.map(Region::new).or_else(|| answers.region());
    let region = region.ok_or_else(|| AwsJsonError::NoRegion(path.to_owned()))?;
    answers.snapshot(Snapshot::new(region, newest))
}

/// The `*.json` of a folder in the order of their names; or the file itself.
fn files(path: &Path) -> Result<Vec<PathBuf>, FileError> {
    let failed = |source: io::Error| FileError::Io { doing: "read", path: path.to_owned(), source };
    if !fs::metadata(path).map_err(failed)?.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut files = Vec::new();
    for entry in fs::read_dir(path).map_err(failed)? {
        let file = entry.map_err(failed)?.path();
        if file.is_file() && file.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("json")) {
            files.push(file);
        }
    }
    files.sort();
    Ok(files)
}

/// Which calls a key of the answers belongs to, for empty files and missing pages.
const CALLS: &[(Call, &str, &str)] = &[
    (Call::ListServices, "list-services", "ServiceSummaryList"),
    (Call::DescribeService, "describe-service", "Service"),
    (Call::ListVpcConnectors, "list-vpc-connectors", "VpcConnectors"),
    (Call::DescribeVpcs, "describe-vpcs", "Vpcs"),
    (Call::DescribeVpcAttribute, "describe-vpc-attribute", "VpcAttributes"),
    (Call::DescribeDhcpOptions, "describe-dhcp-options", "DhcpOptions"),
    (Call::DescribeSubnets, "describe-subnets", "Subnets"),
    (Call::DescribeRouteTables, "describe-route-tables", "RouteTables"),
    (Call::DescribeSecurityGroups, "describe-security-groups", "SecurityGroups"),
    (Call::DescribeNetworkAcls, "describe-network-acls", "NetworkAcls"),
    (Call::DescribeVpcEndpoints, "describe-vpc-endpoints", "VpcEndpoints"),
    (Call::DescribeVpcEndpointServices, "describe-vpc-endpoint-services", "ServiceDetails"),
    (Call::DescribeNatGateways, "describe-nat-gateways", "NatGateways"),
    (Call::DescribeInternetGateways, "describe-internet-gateways", "InternetGateways"),
    (
        Call::DescribeEgressOnlyInternetGateways,
        "describe-egress-only-internet-gateways",
        "EgressOnlyInternetGateways",
    ),
    (Call::DescribeNetworkInterfaces, "describe-network-interfaces", "NetworkInterfaces"),
    (Call::DescribeManagedPrefixLists, "describe-managed-prefix-lists", "PrefixLists"),
    (Call::GetManagedPrefixListEntries, "get-managed-prefix-list-entries", "PrefixListEntries"),
];

fn gap(call: Call, kind: GapKind, message: String) -> Gap {
    Gap { call, kind, message }
}

/// Adds a document's list to the others'.
macro_rules! append {
    ($all:expr, $more:expr, $($field:ident),+ $(,)?) => {$(
        if let Some(more) = $more.$field {
            $all.$field.get_or_insert_default().extend(more);
        }
    )+};
}

impl Answers {
    /// Adds a file.
    fn add(&mut self, stem: &str, bytes: &[u8]) -> Result<(), serde_json::Error> {
        let utf8;
        let bytes = match bytes {
            [0xef, 0xbb, 0xbf, rest @ ..] => rest,
            // What PowerShell writes with `>`.
            [0xff, 0xfe, rest @ ..] => {
                let units: Vec<u16> = rest.as_chunks().0.iter().copied().map(u16::from_le_bytes).collect();
                utf8 = String::from_utf16_lossy(&units);
                utf8.as_bytes()
            }
            bytes => bytes,
        };
        if bytes.iter().all(u8::is_ascii_whitespace) {
            // What the shell leaves of a command that failed.
            let named = CALLS.iter().find(|(_, command, key)| stem.starts_with(command) || stem == *key);
            if let Some((call, ..)) = named {
                self.files += 1;
                let message = format!("{stem}.json is empty: the command printed no answer");
                self.gaps.push(gap(*call, GapKind::Failed, message));
            }
            return Ok(());
        }
        let mut document: Document = if bytes.trim_ascii_start().starts_with(b"[") {
            let known = CALLS.iter().any(|(.., key)| *key == stem);
            if !known {
                return Ok(());
            }
            serde_json::from_slice(&[b"{\"", stem.as_bytes(), b"\":", bytes, b"}"].concat())?
        } else {
            serde_json::from_slice(bytes)?
        };
        let is_cut = document.next_token.as_deref().is_some_and(|token| !token.is_empty());
        // A part of a list's ranges is no list.
        let whole = |entries: &Vec<wire::PrefixListEntry>| {
            !is_cut && entries.iter().all(|entry| entry.cidr.is_some())
        };
        if let (Some(entries), Some(id)) = (document.entries.take().filter(whole), list_in(stem)) {
            let whole = wire::PrefixListEntries { prefix_list_id: id, entries };
            document.prefix_list_entries.get_or_insert_default().push(whole);
        }
        if let Some(vpc_id) = document.vpc_id.take() {
            let (enable_dns_support, enable_dns_hostnames) =
                (document.enable_dns_support, document.enable_dns_hostnames);
            let one = wire::VpcAttribute { vpc_id, enable_dns_support, enable_dns_hostnames };
            document.vpc_attributes.get_or_insert_default().push(one);
        }
        document.managed_prefix_lists.take().into_iter().for_each(|lists| {
            document.prefix_lists.get_or_insert_default().extend(lists);
        });
        if let Some(connector) = document.vpc_connector.take() {
            document.vpc_connectors.get_or_insert_default().push(connector);
        }
        if is_cut {
            if document.entries.is_some() || list_in(stem).is_some() {
                let message = format!("{stem}.json ends with a NextToken: there are more entries");
                self.gaps.push(gap(Call::GetManagedPrefixListEntries, GapKind::Partial, message));
            }
            let message = format!("{stem}.json ends with a NextToken: there are more pages");
            let short = document.given().into_iter().filter(|(_, given)| *given);
            self.gaps.extend(short.map(|(call, _)| gap(call, GapKind::Partial, message.clone())));
        }
        self.files += usize::from(document.says_something());
        self.all.extend(document);
        Ok(())
    }

    /// The region that the answers speak of.
    fn region(&self) -> Option<Region> {
        let all = &self.all;
        let of_arn = |arn: &str| arn.split(':').nth(3).filter(|region| !region.is_empty()).map(Region::new);
        let connectors = all.vpc_connectors.iter().flatten().map(|one| one.vpc_connector_arn.as_str());
        let services = all.services().map(|one| one.service_arn.as_str());
        let summaries = all.service_summary_list.iter().flatten().map(|one| one.service_arn.as_str());
        let arns = connectors.chain(services).chain(summaries).find_map(of_arn);
        let zones = || all.subnets.iter().flatten().filter_map(|subnet| subnet.availability_zone.as_deref());
        arns.or_else(|| {
            let zone = zones().next()?;
            // A local zone's name holds its parent region's: `us-west-2-lax-1a`.
            let parts: Vec<&str> = zone.splitn(4, '-').take(3).collect();
            Some(Region::new(parts.join("-").trim_end_matches(|end: char| end.is_ascii_lowercase())))
        })
    }

    fn snapshot(self, mut snapshot: Snapshot) -> Result<Snapshot, AwsJsonError> {
        let Self { all, mut gaps, .. } = self;
        for (call, command, key) in CALLS {
            let given = all.given().contains(&(*call, true)) || gaps.iter().any(|gap| gap.call == *call);
            if !given && !all.does_without(*call) {
                let is_apprunner = call.iam_action().is_some_and(|action| action.starts_with("apprunner"));
                let group = if is_apprunner { "apprunner" } else { "ec2" };
                let message = format!("no file holds `{key}`: save `aws {group} {command}`");
                gaps.push(gap(*call, GapKind::NotGiven, message));
            }
        }
        let arn = all.services().map(|one| one.service_arn.as_str()).next();
        let arn =
            arn.or(all.vpc_connectors.iter().flatten().map(|one| one.vpc_connector_arn.as_str()).next());
        snapshot.account =
            all.account.clone().or(arn.and_then(|arn| arn.split(':').nth(4)).map(str::to_owned));
        let workloads = all.workloads(&snapshot.region, &mut gaps);
        snapshot.workloads = table(workloads)?;
        snapshot.network = network(all, &mut gaps)?;
        if let Some(unread) = lists_without_ranges(&snapshot)
            && !gaps.iter().any(|gap| gap.call == Call::GetManagedPrefixListEntries)
        {
            let message = format!("no file holds the entries of {unread}");
            gaps.push(gap(Call::GetManagedPrefixListEntries, GapKind::NotGiven, message));
        }
        gaps.sort_by(|one, two| (one.call, &one.message).cmp(&(two.call, &two.message)));
        snapshot.gaps = gaps;
        Ok(snapshot)
    }
}

/// The prefix list whose entries a file of that name holds: `get-managed-prefix-list-entries-pl-68a54001`.
fn list_in(stem: &str) -> Option<String> {
    stem.match_indices("pl-")
        .map(|(at, _)| stem.split_at(at).1)
        .last()
        .map(|id| id.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '-').collect())
}

impl Document {
    fn extend(&mut self, more: Self) {
        append!(
            self,
            more,
            vpcs,
            subnets,
            route_tables,
            security_groups,
            network_acls,
            vpc_endpoints,
            nat_gateways,
            internet_gateways,
            egress_only_internet_gateways,
            network_interfaces,
            prefix_lists,
            prefix_list_entries,
            dhcp_options,
            vpc_attributes,
            service_details,
            service_summary_list,
            service,
            vpc_connectors,
            hosted_zone_summaries,
        );
        self.account = self.account.take().or(more.account);
    }

    fn services(&self) -> impl Iterator<Item = &wire::Service> {
        self.service.iter().flatten()
    }

    /// Which calls' answers are here.
    fn given(&self) -> Vec<(Call, bool)> {
        vec![
            (Call::ListServices, self.service_summary_list.is_some()),
            (Call::DescribeService, self.service.is_some()),
            (Call::ListVpcConnectors, self.vpc_connectors.is_some()),
            (Call::DescribeVpcs, self.vpcs.is_some()),
            (Call::DescribeVpcAttribute, self.vpc_attributes.is_some()),
            (Call::DescribeDhcpOptions, self.dhcp_options.is_some()),
            (Call::DescribeSubnets, self.subnets.is_some()),
            (Call::DescribeRouteTables, self.route_tables.is_some()),
            (Call::DescribeSecurityGroups, self.security_groups.is_some()),
            (Call::DescribeNetworkAcls, self.network_acls.is_some()),
            (Call::DescribeVpcEndpoints, self.vpc_endpoints.is_some()),
            (Call::DescribeVpcEndpointServices, self.service_details.is_some()),
            (Call::DescribeNatGateways, self.nat_gateways.is_some()),
            (Call::DescribeInternetGateways, self.internet_gateways.is_some()),
            (Call::DescribeEgressOnlyInternetGateways, self.egress_only_internet_gateways.is_some()),
            (Call::DescribeNetworkInterfaces, self.network_interfaces.is_some()),
            (Call::DescribeManagedPrefixLists, self.prefix_lists.is_some()),
            (Call::GetManagedPrefixListEntries, self.prefix_list_entries.is_some()),
        ]
    }

    fn says_something(&self) -> bool {
        self.account.is_some()
            || self.hosted_zone_summaries.is_some()
            || self.given().iter().any(|(_, given)| *given)
    }

    /// Whether nothing is lost without this call: the others tell as much, or it is judged by what is used.
    fn does_without(&self, call: Call) -> bool {
        match call {
            Call::ListServices => self.service.is_some(),
            Call::DescribeService => self.service_summary_list.as_ref().is_none_or(Vec::is_empty),
            Call::GetManagedPrefixListEntries => true,
            _ => false,
        }
    }

    /// The services, described or only listed.
    fn workloads(&self, region: &Region, gaps: &mut Vec<Gap>) -> Vec<Workload> {
        let described: BTreeSet<&str> = self.services().map(|service| service.service_arn.as_str()).collect();
        let mut workloads: Vec<Workload> =
            self.services().map(|service| interpret::service(service.clone(), region)).collect();
        let listed = self.service_summary_list.iter().flatten().cloned();
        for (name, arn) in listed.filter_map(interpret::service_name) {
            if !described.contains(arn.as_str()) {
                let message = format!("no file holds the description of {name}");
                if !gaps.iter().any(|gap| gap.call == Call::DescribeService) {
                    gaps.push(gap(Call::DescribeService, GapKind::Partial, message));
                }
                workloads.push(interpret::undescribed(&name, &arn));
            }
        }
        workloads
    }
}

/// Everything by its id; twice the same is once.
fn table<T: Keyed + PartialEq>(items: impl IntoIterator<Item = T>) -> Result<Table<T>, AwsJsonError> {
    let mut table = Table::default();
    for item in items {
        let key = item.key().clone();
        if table.get(&key).is_some_and(|known| *known != item) {
            return Err(AwsJsonError::Contradiction { id: key.to_string() });
        }
        table.insert(item);
    }
    Ok(table)
}

/// The items that say everything that decides; the others become gaps.
fn whole<'a, T: Item + 'a>(
    call: Call,
    items: List<T>,
    gaps: &'a mut Vec<Gap>,
) -> impl Iterator<Item = T> + 'a {
    items.into_iter().flatten().filter_map(move |item| match whole::whole(call, item) {
        Ok(item) => Some(item),
        Err(gap) => {
            gaps.push(gap);
            None
        }
    })
}

fn network(all: Document, gaps: &mut Vec<Gap>) -> Result<Network, AwsJsonError> {
    let attributes = all.vpc_attributes.unwrap_or_default();
    let options = all.dhcp_options.unwrap_or_default();
    let zones: Option<Vec<String>> =
        all.hosted_zone_summaries.map(|zones| zones.into_iter().filter_map(|zone| zone.name).collect());
    let vpcs = all.vpcs.into_iter().flatten();
    let mut network = Network {
        vpcs: table(vpcs.map(|vpc| interpret::vpc(vpc, &attributes, &options, zones.clone())))?,
        subnets: table(all.subnets.into_iter().flatten().map(interpret::subnet))?,
        route_tables: table(
            whole(Call::DescribeRouteTables, all.route_tables, gaps).map(interpret::route_table),
        )?,
        security_groups: table(
            whole(Call::DescribeSecurityGroups, all.security_groups, gaps)
                .filter_map(interpret::security_group),
        )?,
        network_acls: table(
            whole(Call::DescribeNetworkAcls, all.network_acls, gaps).map(interpret::network_acl),
        )?,
        nat_gateways: table(
            whole(Call::DescribeNatGateways, all.nat_gateways, gaps).filter_map(interpret::nat_gateway),
        )?,
        internet_gateways: table(
            whole(Call::DescribeInternetGateways, all.internet_gateways, gaps)
                .map(interpret::internet_gateway),
        )?,
        egress_only_internet_gateways: table(
            whole(Call::DescribeEgressOnlyInternetGateways, all.egress_only_internet_gateways, gaps)
                .map(interpret::egress_only_internet_gateway),
        )?,
        network_interfaces: table(
            all.network_interfaces.into_iter().flatten().filter_map(interpret::network_interface),
        )?,
        connectors: table(all.vpc_connectors.into_iter().flatten().map(interpret::connector))?,
        ..Network::default()
    };
    let mut services: Vec<_> =
        all.service_details.into_iter().flatten().filter_map(interpret::endpoint_service).collect();
    services.sort();
    services.dedup();
    network.endpoint_services = services;
    let endpoints = whole(Call::DescribeVpcEndpoints, all.vpc_endpoints, gaps);
    network.endpoints =
        table(endpoints.filter_map(|one| interpret::endpoint(one, &network)).collect::<Vec<_>>())?;
    // AWS prints a list's ranges in one answer and its name in another.
    for list in all.prefix_lists.into_iter().flatten().map(interpret::prefix_list) {
        match network.prefix_lists.get_mut(&list.id) {
            Some(known) => known.cidrs = known.cidrs.take().or(list.cidrs),
            None => {
                network.prefix_lists.insert(list);
            }
        }
    }
    let mut entries: BTreeMap<PrefixListId, Vec<ipnet::IpNet>> = BTreeMap::new();
    for one in all.prefix_list_entries.into_iter().flatten() {
        let id = PrefixListId::new(one.prefix_list_id);
        entries.entry(id).or_default().extend(interpret::ranges(one.entries));
    }
    for (id, cidrs) in entries {
        if let Some(known) = network.prefix_lists.get_mut(&id) {
            known.cidrs = Some(cidrs);
        } else {
            let name = id.to_string();
            network.prefix_lists.insert(crate::model::PrefixList { id, name, cidrs: Some(cidrs) });
        }
    }
    Ok(network)
}

/// The lists in use whose ranges no file holds, as a text; `None` when there are none.
fn lists_without_ranges(snapshot: &Snapshot) -> Option<String> {
    let lists = &snapshot.network.prefix_lists;
    let unread: BTreeSet<String> = interpret::lists_in_use(snapshot)
        .into_iter()
        .filter(|id| lists.get(id).is_none_or(|list| list.cidrs.is_none()))
        .map(|id| id.to_string())
        .collect();
    (!unread.is_empty()).then(|| unread.into_iter().collect::<Vec<_>>().join(", "))
}
