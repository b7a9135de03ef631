//! Asks this machine's resolver for the addresses of hosts.
//!
//! The answer is evidence, not the answer of the VPC's resolver: a private hosted zone can give another one. A host without an answer
//! proves nothing, so it is left out.

#![allow(clippy::disallowed_methods, reason = "I/O boundary: the answer gets its time here")]

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use futures::future::join_all;
use jiff::Timestamp;

use crate::evidence::ResolvedHost;

/// How long all hosts together may take.
const RESOLVE_LIMIT: Duration = Duration::from_secs(2);

/// The answers of this machine's resolver that arrive within the limit.
pub async fn resolve(hosts: &[String]) -> Vec<ResolvedHost> {
    let lookup = |host: String| async move {
        let answer = tokio::net::lookup_host((host.as_str(), 0)).await;
        answer
            .map(|addresses| addresses.map(|address: SocketAddr| address.ip()).collect::<Vec<IpAddr>>())
            .unwrap_or_default()
    };
    resolve_with(hosts, RESOLVE_LIMIT, lookup).await
}

/// As [`resolve`], with another lookup and limit.
async fn resolve_with<F: Future<Output = Vec<IpAddr>>>(
    hosts: &[String],
    limit: Duration,
    lookup: impl Fn(String) -> F,
) -> Vec<ResolvedHost> {
    let end = tokio::time::Instant::now() + limit;
    let answers = hosts.iter().map(|host| {
        let answer = lookup(host.clone());
        async move {
            let mut addresses = tokio::time::timeout_at(end, answer).await.ok()?;
            addresses.sort_unstable();
            addresses.dedup();
            let at = Timestamp::now();
            (!addresses.is_empty()).then(|| ResolvedHost { host: host.clone(), addresses, at })
        }
    });
    join_all(answers).await.into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may stop at the first error")]

    use super::*;

    #[test]
    fn a_host_without_an_answer_within_the_limit_is_left_out() {
        let lookup = |host: String| async move {
            match host.as_str() {
                "slow.internal" => std::future::pending().await,
                "db.internal" => vec!["10.40.16.7".parse().unwrap(), "10.40.16.7".parse().unwrap()],
                _ => Vec::new(),
            }
        };
        let hosts = ["slow.internal", "db.internal", "gone.internal"].map(str::to_owned);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let answers = runtime.block_on(resolve_with(&hosts, Duration::from_millis(50), lookup));
        let shown: Vec<(&str, String)> =
            answers.iter().map(|answer| (answer.host.as_str(), format!("{:?}", answer.addresses))).collect();
        assert_eq!(shown, [("db.internal", "[10.40.16.7]".to_owned())]);
    }
}
