//! The names on the map: components, subnets with their AZ, destinations. Ids are shortened as long as they stay different.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::path::{Mark, Step};
use super::reason::reason;
use super::tree::{End, Item, Rule};
use crate::model::{ConnectorArn, Snapshot, SubnetId};
use crate::text::one_line;

/// Where the rules are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// At the right of the branch, below the destinations.
    Beside,
    /// Below the branch, over the whole width: for a narrow map.
    Below,
}

/// How long the names are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Detail {
    /// Complete ids.
    Full,
    /// Short ids.
    Short,
    /// Short ids, without the name of the service and of the connector.
    Brief,
    /// The same with the AZ and the digits of a subnet only, and without the mark of the main route table.
    Least,
}

/// A rule that decides.
#[derive(Clone, Debug)]
pub(super) struct NamedRule {
    /// The text if the path to one of its destinations is selected, and otherwise: with the first destination. One of them for each of
    /// its destinations.
    pub texts: Vec<(usize, String)>,
    /// The first subnet that it decides for.
    pub subnet: Option<SubnetId>,
}

/// The least number of digits of a short id.
const DIGITS: usize = 4;
/// The number of digits of a complete id.
const LONGEST: usize = 17;
/// Subnets with the same paths that have a row each; more share one row.
pub(super) const SUBNET_ROWS: usize = 4;
/// Destinations that an end names; of more it shows the number.
const NAMES: usize = 8;

/// The names on one map.
pub(super) struct Labels<'a> {
    snapshot: &'a Snapshot,
    /// The short names of the destinations, in the order of the findings.
    names: &'a [String],
    /// The number of digits of the ids of each kind; `None` for complete ids.
    digits: Option<BTreeMap<String, usize>>,
    detail: Detail,
}

impl<'a> Labels<'a> {
    pub fn new(snapshot: &'a Snapshot, names: &'a [String], items: &[Item], detail: Detail) -> Self {
        let digits = (detail != Detail::Full).then(|| {
            let mut ids = BTreeSet::new();
            for item in items {
                collect(item, &mut ids);
            }
            distinct(&ids)
        });
        Self { snapshot, names, digits, detail }
    }

    /// The name of a component, and whether it does not exist yet.
    pub fn component(&self, step: &Step) -> (String, bool) {
        match step {
            Step::AppRunner if self.detail >= Detail::Brief => ("App Runner".to_owned(), false),
            Step::AppRunner => ("App Runner, outside the VPC".to_owned(), false),
            Step::DefaultEgress => ("DEFAULT egress".to_owned(), false),
            Step::Connector(arn) => {
                let known = self.snapshot.network.connectors.get(&ConnectorArn::from(arn.as_str()));
                let name = known.map(|connector| connector.name.as_str());
                let name = name.or_else(|| arn.as_str().split('/').nth(1)).unwrap_or(arn.as_str());
                let (name, is_planned) = planned(&one_line(name));
                let is_new = is_planned && known.is_none();
                let name = if self.detail >= Detail::Brief { "connector".to_owned() } else { name };
                (new(name, is_new), is_new)
            }
            Step::Subnet(id) => (self.subnet(id), false),
            Step::Component(id) => {
                let (name, is_planned) = planned(&one_line(id.as_str()));
                let is_new = is_planned && !self.exists(id.as_str());
                let name = if is_planned && name.starts_with("nat-subnet-") {
                    "nat".to_owned()
                } else {
                    self.id(&name)
                };
                let is_main = self
                    .snapshot
                    .network
                    .route_tables
                    .iter()
                    .any(|table| table.main && table.id.as_str() == id.as_str());
                let main = if is_main && self.detail < Detail::Least { " (main)" } else { "" };
                (new(format!("{name}{main}"), is_new), is_new)
            }
        }
    }

    /// Whether a component is in the snapshot: a planned one is there if it belongs to a fix that is simulated already.
    fn exists(&self, id: &str) -> bool {
        let network = &self.snapshot.network;
        match id.split('-').next().unwrap_or_default() {
            "nat" => network.nat_gateways.get(&id.into()).is_some(),
            "vpce" => network.endpoints.get(&id.into()).is_some(),
            "rtb" => network.route_tables.get(&id.into()).is_some(),
            "subnet" => network.subnets.get(&id.into()).is_some(),
            "igw" => network.internet_gateways.get(&id.into()).is_some(),
            "eigw" => network.egress_only_internet_gateways.get(&id.into()).is_some(),
            _ => false,
        }
    }

    /// The rows of subnets with the same paths, each with the ids that it stands for.
    pub fn subnets(&self, ids: &[SubnetId]) -> Vec<(String, Vec<SubnetId>)> {
        if ids.len() <= SUBNET_ROWS {
            return ids.iter().map(|id| (self.subnet(id), vec![id.clone()])).collect();
        }
        let letters: BTreeSet<String> = ids.iter().map(|id| self.letter(id)).collect();
        let letters: Vec<String> = letters.into_iter().collect();
        vec![(format!("{} subnets in {}", ids.len(), letters.join(", ")), ids.to_vec())]
    }

    /// `a subnet-01f3`, or `a 01f3`; `a (new)` for a subnet that a fix creates.
    fn subnet(&self, id: &SubnetId) -> String {
        if let (_, true) = planned(id.as_str()) {
            let kind = if self.detail == Detail::Least { "" } else { " subnet" };
            return new(format!("{}{kind}", self.letter(id)), !self.exists(id.as_str()));
        }
        let short = self.id(&one_line(id.as_str()));
        let digits = short.strip_prefix("subnet-").filter(|_| self.detail == Detail::Least);
        format!("{} {}", self.letter(id), digits.unwrap_or(&short))
    }

    /// The letter of the subnet's AZ.
    fn letter(&self, id: &SubnetId) -> String {
        let zone = self.snapshot.network.subnets.get(id).map(|subnet| subnet.zone.to_string());
        // The name of a planned subnet ends with its AZ.
        let zone = zone.or_else(|| id.as_str().strip_suffix("-planned").map(str::to_owned));
        let letter = zone.and_then(|zone| zone.chars().last()).filter(char::is_ascii_lowercase);
        letter.unwrap_or('?').to_string()
    }

    /// The id, shortened.
    fn id(&self, id: &str) -> String {
        match (&self.digits, split(id)) {
            (Some(digits), Some((kind, number))) => {
                let digits = digits.get(kind).copied().unwrap_or(number.len());
                let number = number.get(..digits).unwrap_or(number);
                format!("{kind}-{number}")
            }
            _ => id.to_owned(),
        }
    }

    /// What is at the end of paths: the destinations, and the rules that decide. `is_repeated` if an earlier end has the same
    /// destinations.
    pub fn end(&self, end: &End, is_repeated: bool) -> (String, Vec<NamedRule>) {
        let names = self.names(&end.findings);
        let names = match names.len() {
            count if is_repeated && count > 1 => format!("the same {count}"),
            count if count > NAMES => {
                let shown = names.get(..NAMES).unwrap_or_default().join(", ");
                format!("{count} destinations: {shown}, ...")
            }
            _ => names.join(", "),
        };
        let code = end.decides.as_ref().and_then(|(_, code)| *code);
        let head = match (end.mark, code) {
            (Mark::Reached, _) => names,
            (Mark::Blocked, Some(code)) => format!("{}: {names}", reason(code)),
            (Mark::Partial, Some(code)) => format!("{} for some addresses: {names}", reason(code)),
            (Mark::Unknown, _) => format!("unknown: {names}"),
            (Mark::Blocked | Mark::Partial, None) => format!("blocked: {names}"),
        };
        (head, self.rules(end))
    }

    /// The rules that decide. If there are several, each with the destination or the subnet that it decides for.
    fn rules(&self, end: &End) -> Vec<NamedRule> {
        let component =
            end.decides.as_ref().map(|(component, _)| format!("{component}: ")).unwrap_or_default();
        let first = end.rules.first().and_then(|rule| rule.subnet.as_ref());
        let is_of_subnet = end.rules.iter().any(|other| other.subnet.as_ref() != first);
        let named = |rule: &Rule| {
            let text = one_line(&rule.text);
            let text = self.with_short_ids(text.strip_prefix(&component).unwrap_or(&text));
            let of = |finding: usize| match (&rule.subnet, end.rules.len()) {
                (_, 1) => text.clone(),
                (Some(subnet), _) if is_of_subnet => format!("from subnet {}: {text}", self.subnet(subnet)),
                _ => format!("{}: {text}", self.names(&[finding]).concat()),
            };
            let texts = rule.findings.iter().map(|finding| (*finding, of(*finding))).collect();
            NamedRule { texts, subnet: rule.subnet.clone() }
        };
        end.rules.iter().map(named).collect()
    }

    /// The text with the short form of each id.
    fn with_short_ids(&self, text: &str) -> String {
        let is_part = |c: char| c.is_ascii_alphanumeric() || c == '-';
        let mut out = String::new();
        for part in text.split_inclusive(|c| !is_part(c)) {
            let id = part.trim_end_matches(|c| !is_part(c));
            out.push_str(&self.id(id));
            out.push_str(part.get(id.len()..).unwrap_or_default());
        }
        out
    }

    /// The distinct short names of destinations.
    pub fn names(&self, findings: &[usize]) -> Vec<String> {
        let mut known = HashSet::new();
        let names = findings.iter().filter_map(|at| self.names.get(*at));
        names.filter(|name| known.insert(*name)).cloned().collect()
    }
}

/// `nat (new)`
fn new(name: String, is_new: bool) -> String {
    if is_new { format!("{name} (new)") } else { name }
}

/// The name without the mark of a planned resource, and whether it has the mark.
fn planned(name: &str) -> (String, bool) {
    match name.strip_suffix("-planned") {
        Some(name) => (name.to_owned(), true),
        None => (name.to_owned(), false),
    }
}

/// The kind and the number of an id of AWS; `None` for another name.
fn split(id: &str) -> Option<(&str, &str)> {
    let (kind, number) = id.rsplit_once('-')?;
    (number.len() >= 8 && number.bytes().all(|digit| digit.is_ascii_hexdigit())).then_some((kind, number))
}

fn collect(item: &Item, ids: &mut BTreeSet<String>) {
    match item {
        Item::Component(Step::Component(id), _) => {
            ids.insert(id.to_string());
        }
        Item::Subnets(list, _) => ids.extend(list.iter().map(ToString::to_string)),
        Item::Component(..) => {}
        Item::End(end) => {
            let words = end
                .rules
                .iter()
                .flat_map(|rule| rule.text.split(|c: char| !c.is_ascii_alphanumeric() && c != '-'));
            ids.extend(words.map(str::to_owned));
        }
    }
    item.items().iter().for_each(|item| collect(item, ids));
}

/// The least number of digits by kind, at least [`DIGITS`], with which all ids stay different.
fn distinct(ids: &BTreeSet<String>) -> BTreeMap<String, usize> {
    let mut kinds: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (kind, number) in ids.iter().filter_map(|id| split(id)) {
        kinds.entry(kind).or_default().push(number);
    }
    let digits = |numbers: &[&str]| {
        let is_distinct = |digits: &usize| {
            let short: BTreeSet<&str> = numbers.iter().map(|id| id.get(..*digits).unwrap_or(id)).collect();
            short.len() == numbers.len()
        };
        (DIGITS..LONGEST).find(is_distinct).unwrap_or(LONGEST)
    };
    kinds.into_iter().map(|(kind, numbers)| (kind.to_owned(), digits(&numbers))).collect()
}
