//! ARNs of databases, caches, load balancers and brokers in the settings of a service.
//!
//! Owns which ARNs name a resource that clients connect to, and how the AWS CLI shows the host name of such a resource. The value of a
//! secret is never read: the name of a secret that RDS manages names its database.

use crate::model::ResourceId;
use crate::text::shell_quote;

/// An ARN of a resource without a read answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResourceName<'a> {
    /// What it is: `MSK cluster`.
    pub kind: &'static str,
    /// The name in the ARN.
    pub name: &'a str,
    /// The AWS CLI command whose output has its host names.
    pub command: String,
}

/// The ARN in a text, if it names a resource that clients connect to. The key that can follow the ARN of a secret
/// (`…:password::`) is removed.
#[must_use]
pub fn resource_arn(text: &str) -> Option<ResourceId> {
    let text = text.trim();
    let is_plain = text.starts_with("arn:")
        && text.len() <= 2048
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "-_./:!+=@".contains(c));
    if !is_plain {
        return None;
    }
    let mut ends = text.match_indices(':').map(|(at, _)| at);
    let end = if text.contains(":secretsmanager:") { ends.nth(6).unwrap_or(text.len()) } else { text.len() };
    let arn = text.get(..end)?;
    resource_name(arn).map(|_| ResourceId::new(arn))
}

/// The kind and name of the resource that an ARN names; `None` for ARNs of other resources.
#[must_use]
pub fn resource_name(arn: &str) -> Option<ResourceName<'_>> {
    let mut parts = arn.splitn(6, ':').skip(2);
    let (service, resource) = (parts.next()?, parts.nth(2)?);
    let (kind, rest) = resource.split_once([':', '/']).unwrap_or_default();
    // `cluster/NAME/UUID`, `broker:NAME:ID`
    let name = match (service, kind) {
        ("elasticloadbalancing", _) => rest.split('/').nth(1)?,
        _ => rest.split([':', '/']).next()?,
    };
    let last = rest.rsplit([':', '/']).next()?;
    let quoted = shell_quote(name);
    let (kind, command) = match (service, kind) {
        // https://docs.aws.amazon.com/msk/latest/developerguide/msk-get-bootstrap-brokers.html
        ("kafka", "cluster") => {
            ("MSK cluster", format!("aws kafka get-bootstrap-brokers --cluster-arn {}", shell_quote(arn)))
        }
        // https://docs.aws.amazon.com/amazon-mq/latest/api-reference/brokers-broker-id.html
        ("mq", "broker") => {
            ("Amazon MQ broker", format!("aws mq describe-broker --broker-id {}", shell_quote(last)))
        }
        ("memorydb", "cluster") => {
            ("MemoryDB cluster", format!("aws memorydb describe-clusters --cluster-name {quoted}"))
        }
        ("es", "domain") => {
            ("OpenSearch domain", format!("aws opensearch describe-domain --domain-name {quoted}"))
        }
        ("redshift", "cluster") => {
            ("Redshift cluster", format!("aws redshift describe-clusters --cluster-identifier {quoted}"))
        }
        ("rds", "db") => {
            ("DB instance", format!("aws rds describe-db-instances --db-instance-identifier {quoted}"))
        }
        ("rds", "cluster") => {
            ("DB cluster", format!("aws rds describe-db-clusters --db-cluster-identifier {quoted}"))
        }
        ("rds", "db-proxy") => ("RDS Proxy", "aws rds describe-db-proxies".to_owned()),
        ("rds", "db-proxy-endpoint") => {
            ("RDS Proxy endpoint", "aws rds describe-db-proxy-endpoints".to_owned())
        }
        ("secretsmanager", "secret") if rest.starts_with("rds!cluster-") => {
            ("secret of a DB cluster", "aws rds describe-db-clusters".to_owned())
        }
        ("secretsmanager", "secret") if rest.starts_with("rds!db-") => {
            ("secret of a DB instance", "aws rds describe-db-instances".to_owned())
        }
        ("elasticache", "cluster") => (
            "cache cluster",
            format!(
                "aws elasticache describe-cache-clusters --show-cache-node-info --cache-cluster-id {quoted}"
            ),
        ),
        ("elasticache", "replicationgroup") => (
            "replication group",
            format!("aws elasticache describe-replication-groups --replication-group-id {quoted}"),
        ),
        ("elasticache", "serverlesscache") => (
            "serverless cache",
            format!("aws elasticache describe-serverless-caches --serverless-cache-name {quoted}"),
        ),
        ("elasticloadbalancing", "loadbalancer") => (
            "load balancer",
            format!("aws elbv2 describe-load-balancers --load-balancer-arns {}", shell_quote(arn)),
        ),
        _ => return None,
    };
    (!name.is_empty()).then_some(ResourceName { kind, name, command })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(arn: &str) -> String {
        match (resource_arn(arn), resource_name(arn)) {
            (Some(kept), Some(ResourceName { kind, name, command })) => {
                format!("{kept} {kind} {name}: {command}")
            }
            (None, None) => String::new(),
            other => format!("{other:?}"),
        }
    }

    /// The formats of the ARNs: <https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonrds.html>,
    /// <https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonmanagedstreamingforapachekafka.html>,
    /// <https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonmq.html>.
    #[test]
    fn an_arn_names_its_resource() {
        for (arn, expected) in [
            (
                "rds:us-west-2:1:cluster:orders",
                "DB cluster orders: aws rds describe-db-clusters --db-cluster-identifier orders",
            ),
            (
                "rds:us-west-2:1:db:orders",
                "DB instance orders: aws rds describe-db-instances --db-instance-identifier orders",
            ),
            (
                "secretsmanager:us-west-2:1:secret:rds!cluster-0a1b-AbCdEf",
                "secret of a DB cluster rds!cluster-0a1b-AbCdEf: aws rds describe-db-clusters",
            ),
            (
                "kafka:us-west-2:1:cluster/orders/0a1b-2",
                "MSK cluster orders: aws kafka get-bootstrap-brokers --cluster-arn arn:aws:kafka:us-west-2:1:cluster/orders/0a1b-2",
            ),
            (
                "mq:us-west-2:1:broker:orders:b-0a1b",
                "Amazon MQ broker orders: aws mq describe-broker --broker-id b-0a1b",
            ),
            (
                "elasticloadbalancing:us-west-2:1:loadbalancer/app/orders/50dc6c49",
                "load balancer orders: aws elbv2 describe-load-balancers --load-balancer-arns \
                 arn:aws:elasticloadbalancing:us-west-2:1:loadbalancer/app/orders/50dc6c49",
            ),
        ] {
            let arn = format!("arn:aws:{arn}");
            assert_eq!(shown(&arn), format!("{arn} {expected}"));
        }
        let with_key = "arn:aws:secretsmanager:us-west-2:1:secret:rds!db-0a1b-AbCdEf:password::";
        assert_eq!(resource_arn(with_key), Some(ResourceId::new(with_key.trim_end_matches(":password::"))));
        for other in [
            "arn:aws:secretsmanager:us-west-2:1:secret:prod/db-AbCdEf",
            "arn:aws:sqs:us-west-2:1:orders",
            "arn:aws:rds:us-west-2:1:cluster:",
            "arn:aws:rds:us-west-2:1:cluster:orders;rm -r",
            "rds:us-west-2:1:cluster:orders",
            "",
        ] {
            assert_eq!(resource_arn(other), None, "{other}");
        }
    }
}
