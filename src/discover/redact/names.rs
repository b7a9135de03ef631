//! Replaces ids, names, account numbers and ARNs: the same text always has the same replacement.

use std::collections::BTreeMap;

/// The beginnings of the ids of AWS. Other ids can be names of the customer.
const KINDS_OF_IDS: [&str; 24] = [
    "acl", "cagw", "cgw", "dopt", "eigw", "eni", "fs", "i", "igw", "lgw", "local", "nat", "pcx", "pl", "rtb",
    "rslvr", "sg", "subnet", "tgw", "vgw", "vpc", "vpce", "vpn", "odb",
];

/// The words in ARNs that say what kind of resource it is. Other words can be names of the customer: `arn:aws:s3:::BUCKET/KEY`.
const KINDS_IN_ARNS: [&str; 26] = [
    "broker",
    "cluster",
    "cluster-endpoint",
    "connection",
    "connector",
    "db",
    "db-proxy",
    "db-proxy-endpoint",
    "domain",
    "instance-profile",
    "loadbalancer",
    "log-group",
    "network",
    "policy",
    "replicationgroup",
    "role",
    "secret",
    "serverlesscache",
    "service",
    "table",
    "target-group",
    "transit-gateway",
    "user",
    "vpc",
    "vpcconnector",
    "workgroup",
];

/// The replacements, numbered in the order in which the texts appear.
#[derive(Default)]
pub(super) struct Names {
    replaced: BTreeMap<String, String>,
    counts: BTreeMap<String, usize>,
}

impl Names {
    fn number(&mut self, kind: &str) -> usize {
        let count = self.counts.entry(kind.to_owned()).or_default();
        *count += 1;
        *count
    }

    fn replace(&mut self, text: &str, kind: &str, new: impl FnOnce(usize) -> String) -> String {
        if text.is_empty() {
            return String::new();
        }
        if let Some(known) = self.replaced.get(text) {
            return known.clone();
        }
        let new = new(self.number(kind));
        self.replaced.insert(text.to_owned(), new.clone());
        new
    }

    /// The replacement of a text, if it has one.
    pub fn known(&self, text: &str) -> Option<&str> {
        self.replaced.get(text).map(String::as_str)
    }

    /// `service-001`.
    pub fn name(&mut self, kind: &str, text: &str) -> String {
        self.replace(text, kind, |number| format!("{kind}-{number:03}"))
    }

    /// `name001`, for a part of a host name. Some host names of AWS allow no hyphen, and AWS ignores the case.
    pub fn label(&mut self, text: &str) -> String {
        self.replace(&format!(".{}", text.to_ascii_lowercase()), "label", |number| format!("name{number:03}"))
    }

    /// `subnet-00000000000000001`: the kind of resource stays.
    pub fn id(&mut self, text: &str) -> String {
        if text == "local" {
            return text.to_owned();
        }
        if text.starts_with("arn:") {
            return self.arn(text);
        }
        let kind = match text.split_once('-') {
            Some(("vpce", rest)) if rest.starts_with("svc-") => "vpce-svc",
            Some(("tgw", rest)) if rest.starts_with("attach-") => "tgw-attach",
            Some(("tgw", rest)) if rest.starts_with("rtb-") => "tgw-rtb",
            Some(("rslvr", rest)) if rest.starts_with("out-") => "rslvr-out",
            Some((kind, _)) if KINDS_OF_IDS.contains(&kind) => kind,
            _ => "id",
        };
        self.replace(text, kind, |number| format!("{kind}-{number:017x}"))
    }

    /// `000000000001`.
    pub fn account(&mut self, text: &str) -> String {
        // AWS itself, in the ARN of a policy of AWS.
        if text == "aws" {
            return text.to_owned();
        }
        self.replace(text, "account", |number| format!("{number:012}"))
    }

    /// An ARN with another account and other names. `arn:PARTITION:SERVICE:REGION:ACCOUNT:TYPE/NAME/ID`.
    pub fn arn(&mut self, text: &str) -> String {
        let mut parts = text.splitn(6, ':');
        let mut next = || parts.next().unwrap_or_default();
        let (arn, partition, service, region, account, resource) =
            (next(), next(), next(), next(), next(), next());
        if arn != "arn" {
            return self.name("name", text);
        }
        let is_kind = resource.split([':', '/']).next().is_some_and(|kind| KINDS_IN_ARNS.contains(&kind));
        let end = resource.find([':', '/']).filter(|_| is_kind && service != "s3").map_or(0, |end| end + 1);
        let (kind, rest) = resource.split_at_checked(end).unwrap_or(("", resource));
        let of_kind = match kind.trim_end_matches([':', '/']) {
            kind @ ("service" | "connector" | "role") => kind,
            "vpcconnector" => "connector",
            _ => "name",
        };
        let mut redacted = kind.to_owned();
        for part in rest.split_inclusive([':', '/']) {
            let name = part.trim_end_matches([':', '/']);
            redacted.push_str(&self.arn_part(of_kind, name));
            redacted.push_str(part.strip_prefix(name).unwrap_or_default());
        }
        let resource = redacted;
        let account = self.account(account);
        format!("{arn}:{partition}:{service}:{region}:{account}:{resource}")
    }

    /// A part of the resource in an ARN.
    fn arn_part(&mut self, kind: &str, name: &str) -> String {
        // The revision of a connector.
        let is_number = name.len() < 4 && name.bytes().all(|byte| byte.is_ascii_digit());
        let is_hash = name.len() == 32 && name.bytes().all(|byte| byte.is_ascii_hexdigit());
        // The kind of database whose master user has this secret.
        let of_rds =
            ["rds!cluster-", "rds!db-"].into_iter().find_map(|kind| Some((kind, name.strip_prefix(kind)?)));
        match of_rds {
            Some((kind, name)) => format!("{kind}{}", self.name("name", name)),
            None if is_number || name == "*" => name.to_owned(),
            None if is_hash => self.replace(name, "hash", |number| format!("{number:032x}")),
            None => self.name(kind, name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_text_has_the_same_replacement() {
        let mut names = Names::default();
        let arn =
            "arn:aws:apprunner:us-west-2:111122223333:service/bond-api/0123456789abcdef0123456789abcdef";
        assert_eq!(
            names.arn(arn),
            "arn:aws:apprunner:us-west-2:000000000001:service/service-001/00000000000000000000000000000001"
        );
        assert_eq!(names.name("service", "bond-api"), "service-001");
        assert_eq!(names.account("111122223333"), "000000000001");
        assert_eq!(names.id("subnet-0a1b2c3d"), "subnet-00000000000000001");
        assert_eq!(names.id("vpce-svc-0a1b2c3d"), "vpce-svc-00000000000000001");
        assert_eq!(names.id("my-secret-gateway"), "id-00000000000000001");
        assert_eq!(names.id("unusual"), "id-00000000000000002");
        assert_eq!(names.id("subnet-0a1b2c3d"), names.id("subnet-0a1b2c3d"));
    }
}
