//! Replaces the labels of a host name that can belong to a customer. The labels that decide what kind of host it is stay.

use std::net::{IpAddr, Ipv4Addr};

use ipnet::IpNet;

use super::Redaction;
use crate::evidence::destination;
use crate::model::{DestinationKind, Records};

impl Redaction {
    /// A host, or `host:port`: an address is replaced as an address, and a name keeps its kind, `name-001.s3.us-west-2.amazonaws.com`.
    pub fn host(&mut self, text: &str) -> String {
        if let Ok(address) = text.parse::<IpAddr>() {
            return self.addresses.address(address).to_string();
        }
        if let Some((address, rest)) = text.strip_prefix('[').and_then(|text| text.split_once(']')) {
            return match address.parse::<IpAddr>() {
                Ok(address) => format!("[{}]{rest}", self.addresses.address(address)),
                Err(_) => self.names.name("name", text),
            };
        }
        match text.rsplit_once(':') {
            Some((host, port)) if port.parse::<u16>().is_ok() => format!("{}:{port}", self.host(host)),
            _ => self.host_name(text),
        }
    }

    /// The replacement of the name of a bucket, as a part of its host name.
    pub fn bucket(&mut self, name: &str) -> String {
        name.split('.').map(|label| self.label(label, Form::Other)).collect::<Vec<_>>().join(".")
    }

    /// The replacement of a host, a range of addresses, or a domain that begins with a dot.
    pub fn host_pattern(&mut self, pattern: &str) -> String {
        if let Ok(net) = pattern.parse::<IpNet>() {
            return self.addresses.net(net).to_string();
        }
        let host = pattern.trim_start_matches(['*', '.']);
        let start = pattern.len() - host.len();
        let replaced = if host.is_empty() { String::new() } else { self.host(host) };
        format!("{}{replaced}", pattern.get(..start).unwrap_or_default())
    }

    /// Replaces as many of the first labels as possible without a change of the kind of host.
    fn host_name(&mut self, text: &str) -> String {
        let labels: Vec<&str> = text.split('.').collect();
        let (kind, form) = (kind(text), Form::of(text));
        let last = labels.len().saturating_sub(1).max(1);
        let count = (1..=last).rev().find(|count| {
            let placeholders = labels.iter().enumerate().map(|(number, label)| match *label {
                label if number >= *count => label.to_owned(),
                label => Label::of(label, form).placeholder(label),
            });
            let candidate = placeholders.collect::<Vec<_>>().join(".");
            self::kind(&candidate) == kind
        });
        let count = count.unwrap_or(0);
        let replaced = labels.into_iter().enumerate();
        let replaced = replaced
            .map(|(number, label)| if number < count { self.label(label, form) } else { label.to_owned() });
        replaced.collect::<Vec<_>>().join(".")
    }

    fn label(&mut self, label: &str, form: Form) -> String {
        match Label::of(label, form) {
            Label::Kept => label.to_owned(),
            Label::Account => self.names.account(label),
            Label::Id(id, "") => self.names.id(id),
            Label::Id(id, own) => format!("{}-{}", self.names.id(id), self.names.label(own)),
            Label::Address(start, address) => {
                format!("{start}{}", self.addresses.address4(address).to_string().replace('.', "-"))
            }
            Label::Name(start, name, end) => format!("{start}{}{end}", self.names.label(name)),
            Label::Pair(start, name, id) => {
                format!("{start}{}-{}", self.names.label(name), self.names.label(id))
            }
        }
    }

    /// The name of a cache in a description, as in its host names: `orders-001`.
    pub(super) fn cache_name(&mut self, name: &str) -> String {
        self.label(name, Form::Cache)
    }
}

/// The form of the names in a host name. The descriptions of network interfaces have these names too.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// `internal-NAME-1234567890.us-west-2.elb.amazonaws.com`
    LoadBalancer,
    /// `vpc-NAME-abcdefgh.us-west-2.es.amazonaws.com`
    Search,
    /// `NAME-001.abc123.0001.usw2.cache.amazonaws.com`
    Cache,
    Other,
}

impl Form {
    fn of(host: &str) -> Self {
        let forms = [(".elb.", Self::LoadBalancer), (".es.", Self::Search), (".cache.", Self::Cache)];
        forms.into_iter().find(|(part, _)| host.contains(part)).map_or(Self::Other, |(_, form)| form)
    }
}

/// The form of a label of a host name.
enum Label<'a> {
    Kept,
    /// `123456789012`
    Account,
    /// The id of a resource, and the rest: `vpce-0a1b2c3d-abcdefgh`, `fs-0a1b2c3d`.
    Id(&'a str, &'a str),
    /// `ec2-203-0-113-25`, `ip-10-0-0-1`
    Address(&'a str, Ipv4Addr),
    /// A name and an id, after a beginning that AWS gives: `internal-NAME-1234567890`.
    Pair(&'a str, &'a str, &'a str),
    /// Any other name, between a beginning and an end that AWS gives: `vpc-NAME`, `NAME-ats`.
    Name(&'a str, &'a str, &'a str),
}

impl<'a> Label<'a> {
    fn of(label: &'a str, form: Form) -> Self {
        // The words of a cache say which of its nodes a host name means.
        let is_role = ["master", "replica", "clustercfg", "configuration"].contains(&label);
        if matches!(label, "" | "*") || form == Form::Cache && is_role {
            return Self::Kept;
        }
        if label.len() == 12 && label.bytes().all(|byte| byte.is_ascii_digit()) {
            return Self::Account;
        }
        for start in ["vpce-svc-", "vpce-", "fs-", "i-"] {
            if let Some(rest) = label.strip_prefix(start) {
                let hex = rest.bytes().take_while(u8::is_ascii_hexdigit).count();
                let (id, own) = label.split_at_checked(start.len() + hex).unwrap_or((label, ""));
                if hex > 0 && (own.is_empty() || own.starts_with('-')) {
                    return Self::Id(id, own.trim_start_matches('-'));
                }
            }
        }
        for start in ["ec2-", "ip-"] {
            let address = label.strip_prefix(start).map(|rest| rest.replace('-', ".").parse());
            if let Some(Ok(address)) = address {
                return Self::Address(start, address);
            }
        }
        let starts: &[&str] = match form {
            Form::LoadBalancer => &["internal-"],
            Form::Search => &["vpc-", "search-"],
            Form::Cache => &[],
            // The endpoints of a proxy and of a cluster of RDS, of a broker and of a workgroup.
            Form::Other => {
                &["vpc-", "search-", "b-", "g-", "proxy-", "cluster-ro-", "cluster-custom-", "cluster-"]
            }
        };
        let start = starts.iter().find(|start| label.starts_with(**start)).copied().unwrap_or_default();
        let name = label.strip_prefix(start).unwrap_or(label);
        match (form, name.rsplit_once('-')) {
            (Form::LoadBalancer | Form::Search, Some((name, id))) if !name.is_empty() && !id.is_empty() => {
                return Self::Pair(start, name, id);
            }
            _ => {}
        }
        let end = match form {
            // The numbers of the shard and the node.
            Form::Cache => name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '-').len(),
            _ if name.ends_with("-ats") => name.len() - "-ats".len(),
            _ => name.len(),
        };
        match name.split_at_checked(end) {
            Some((name, end)) if !name.is_empty() && (end.is_empty() || end.starts_with('-')) => {
                Self::Name(start, name, end)
            }
            _ => Self::Name(start, name, ""),
        }
    }

    /// A label of the same form as the replacement.
    fn placeholder(&self, label: &str) -> String {
        match self {
            Label::Pair(start, ..) => format!("{start}name000-name000"),
            Label::Name(start, _, end) => format!("{start}name000{end}"),
            Label::Account => "000000000000".to_owned(),
            Label::Kept | Label::Id(..) | Label::Address(..) => label.to_owned(),
        }
    }
}

/// What a host name says; `None` if it is not a host name.
fn kind(host: &str) -> Option<(DestinationKind, Records)> {
    // A pattern stands for the hosts that match it.
    let host = host.replace('*', "any").trim_end_matches('.').to_owned();
    let destination = destination(&host).ok()?;
    let records = destination.records();
    Some((destination.kind, records))
}
