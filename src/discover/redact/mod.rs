//! `snapshot --redact`: a snapshot without ids, names, addresses and account numbers, which gives the same verdicts.
//!
//! Owns what identifies an account in each field of a snapshot. The same text has the same replacement everywhere in the file. The
//! Region, AZs, ports, states, the names and public addresses of AWS, and the order of the resources stay. The functions of
//! `objects` name every field, so that a new field does not compile until it is decided here.

mod addresses;
mod hosts;
mod names;
mod objects;

use std::collections::BTreeMap;

use ipnet::IpNet;

use crate::model::{
    Call, CallFailure, CallRecord, ComponentHistory, Gap, Keyed, Network, Place, RecordedChange, ResourceId,
    Snapshot, Table, Workload, WorkloadId,
};
use addresses::AddressMap;
use names::Names;

/// Attempts to find a key with which no address of the original remains.
const ATTEMPTS: usize = 128;

/// The replacements of one snapshot.
pub struct Redaction {
    names: Names,
    addresses: AddressMap,
}

/// A snapshot without anything that identifies the account, and the replacements.
#[must_use]
pub fn redact(snapshot: &Snapshot) -> (Snapshot, Redaction) {
    let mut attempt = attempt(snapshot);
    for _ in 1..ATTEMPTS {
        if attempt.1.addresses.is_disjoint() {
            break;
        }
        attempt = self::attempt(snapshot);
    }
    attempt
}

fn attempt(snapshot: &Snapshot) -> (Snapshot, Redaction) {
    let lists = snapshot.network.prefix_lists.iter().filter(|list| list.name.starts_with("com.amazonaws."));
    let of_aws: Vec<IpNet> = lists.flat_map(|list| list.cidrs.iter().flatten().copied()).collect();
    let mut redaction = Redaction { names: Names::default(), addresses: AddressMap::new(&of_aws) };
    redaction.number(snapshot);
    (redaction.snapshot(snapshot), redaction)
}

impl Redaction {
    /// The name of a service in the redacted snapshot.
    #[must_use]
    pub fn service_name(&self, name: &str) -> Option<&str> {
        self.names.known(name)
    }

    /// Numbers the ids of the tables first, so that the resources keep their order.
    fn number(&mut self, snapshot: &Snapshot) {
        let Network {
            vpcs,
            subnets,
            route_tables,
            security_groups,
            network_acls,
            endpoints,
            endpoint_services: _,
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
        } = &snapshot.network;
        snapshot.account.iter().for_each(|account| drop(self.names.account(account)));
        self.number_table(vpcs);
        self.number_table(subnets);
        self.number_table(route_tables);
        self.number_table(security_groups);
        self.number_table(network_acls);
        self.number_table(endpoints);
        self.number_table(nat_gateways);
        self.number_table(internet_gateways);
        self.number_table(egress_only_internet_gateways);
        self.number_table(network_interfaces);
        self.number_table(prefix_lists);
        self.number_table(peering_connections);
        self.number_table(transit_attachments);
        self.number_table(transit_route_tables);
        for resource in named_resources.iter() {
            self.names.name("name", &resource.name);
            self.names.id(resource.id.as_str());
        }
        for connector in connectors.iter() {
            self.names.name("connector", &connector.name);
            self.names.arn(connector.arn.as_str());
        }
        for workload in snapshot.workloads.iter() {
            self.names.name("service", &workload.name);
            self.names.arn(workload.id.as_str());
        }
    }

    fn number_table<T: Keyed>(&mut self, table: &Table<T>) {
        table.iter().for_each(|item| drop(self.names.id(&item.key().to_string())));
    }

    fn snapshot(&mut self, snapshot: &Snapshot) -> Snapshot {
        let mut redacted = Snapshot::new(snapshot.region.clone(), snapshot.taken_at);
        redacted.account = snapshot.account.as_ref().map(|account| self.names.account(account));
        redacted.network = self.network(&snapshot.network);
        redacted.workloads = snapshot.workloads.iter().map(|workload| self.workload(workload)).collect();
        redacted.prices.clone_from(&snapshot.prices);
        redacted.other_places = snapshot.other_places.iter().map(|place| self.place(place)).collect();
        redacted.gaps = snapshot.gaps.iter().map(|gap| self.gap(gap)).collect();
        redacted.history = snapshot.history.iter().map(|history| self.history(history)).collect();
        redacted.calls = snapshot.calls.iter().map(|record| self.call(record)).collect();
        redacted
    }

    fn gap(&mut self, gap: &Gap) -> Gap {
        let Gap { call, kind, message: text, place } = gap;
        let place = place.as_ref().map(|place| self.place(place));
        Gap { call: *call, kind: *kind, message: message(text), place }
    }

    fn place(&mut self, place: &Place) -> Place {
        let Place { account, region } = place;
        Place { account: self.names.account(account), region: region.clone() }
    }

    fn history(&mut self, history: &ComponentHistory) -> ComponentHistory {
        let ComponentHistory { component, read_at, changes, is_cut } = history;
        let component = self.component(component.as_str());
        let change = |change: &RecordedChange| RecordedChange {
            at: change.at,
            operation: change.operation.clone(),
            by: change.by.as_ref().map(|by| self.caller(by)),
        };
        let changes = changes.iter().map(change).collect();
        ComponentHistory { component, read_at: *read_at, changes, is_cut: *is_cut }
    }

    fn component(&mut self, id: &str) -> ResourceId {
        if id.starts_with("arn:") {
            return ResourceId::new(self.names.arn(id));
        }
        let known = self.names.known(id).map(str::to_owned);
        ResourceId::new(known.unwrap_or_else(|| self.names.name("name", id)))
    }

    /// `role Deploy`: the rest is a name. A service of AWS and the root user are not names.
    fn caller(&mut self, by: &str) -> String {
        match by.split_once(' ') {
            _ if by == "the root user" => by.to_owned(),
            Some(("AWS", service)) if service.ends_with(".amazonaws.com") => by.to_owned(),
            Some((kind @ ("role" | "user"), name)) => format!("{kind} {}", self.names.name("name", name)),
            _ => self.names.name("name", by),
        }
    }

    fn call(&mut self, record: &CallRecord) -> CallRecord {
        let CallRecord { call, scope, sent_at, milliseconds, items, pages, failure } = record;
        let failure = failure
            .as_ref()
            .map(|failure| CallFailure { kind: failure.kind, message: message(&failure.message) });
        CallRecord {
            call: *call,
            scope: self.scope(*call, scope),
            sent_at: *sent_at,
            milliseconds: *milliseconds,
            items: *items,
            pages: *pages,
            failure,
        }
    }

    /// The scope of a call: ids, the name of a service or role, or an ARN.
    fn scope(&mut self, call: Call, scope: &str) -> String {
        // Words of egress-doctor.
        if call == Call::GetProducts || scope == "connector subnets" {
            return scope.to_owned();
        }
        if let Some((ids, place)) = Place::split_scope(scope) {
            return self.scope(call, ids) + &self.place(&place).suffix();
        }
        // The name of a profile.
        if call == Call::GetCallerIdentity {
            return String::new();
        }
        let words = scope.split_whitespace().map(|word| match word {
            word if word.starts_with("arn:") => self.names.arn(word),
            word => match self.names.known(word) {
                Some(known) => known.to_owned(),
                None => self.names.name("name", word),
            },
        });
        words.collect::<Vec<_>>().join(" ")
    }

    fn workload_id(&mut self, id: &WorkloadId) -> WorkloadId {
        WorkloadId::new(self.arn_or_name("service", id.as_str()))
    }

    fn arn_or_name(&mut self, kind: &str, text: &str) -> String {
        if text.starts_with("arn:") { self.names.arn(text) } else { self.names.name(kind, text) }
    }

    fn workload(&mut self, workload: &Workload) -> Workload {
        let Workload {
            id,
            name,
            kind,
            status,
            egress,
            dual_stack,
            ingress,
            url,
            health_path,
            environment,
            tags,
        } = workload;
        Workload {
            id: self.workload_id(id),
            name: self.names.name("service", name),
            kind: kind.clone(),
            status: status.clone(),
            egress: self.egress(egress),
            dual_stack: *dual_stack,
            ingress: *ingress,
            url: url.as_ref().map(|host| self.host(host)),
            // Its words are those of the application.
            health_path: health_path.as_ref().map(|_| "/".to_owned()),
            environment: self.environment(environment),
            tags: self.tags("service", tags),
        }
    }

    /// Only the tag `Name`, with another value.
    fn tags(&mut self, kind: &str, tags: &BTreeMap<String, String>) -> BTreeMap<String, String> {
        let name = tags.get("Name").map(|name| ("Name".to_owned(), self.names.name(kind, name)));
        name.into_iter().collect()
    }
}

/// A message of AWS without its details, which can contain ARNs and names. The error code stays.
fn message(text: &str) -> String {
    let code = text.split(':').next().unwrap_or_default();
    let is_code = code.len() > 3 && code.bytes().all(|byte| byte.is_ascii_alphabetic());
    if is_code && code != text { format!("{code}: details redacted") } else { "details redacted".to_owned() }
}
