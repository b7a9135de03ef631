//! The embedded demo scenarios: a snapshot, a log and a small Terraform configuration each
//! (`assets/scenarios/`).
//!
//! Contains data only. The demo uses the same code as a saved snapshot.

use std::io::{self, Write as _};
use std::path::Path;

use crate::files::create_private_file;

/// A data set for the demo. It needs no account.
#[derive(Debug)]
pub struct Scenario {
    /// Name on the command line.
    pub name: &'static str,
    /// The problem of the network in one sentence.
    pub description: &'static str,
    /// The snapshot, as JSON.
    pub snapshot: &'static str,
    /// The log of the application.
    pub log: &'static str,
    /// Terraform files that replace those of the scenario `isolated`.
    own_terraform: &'static [(&'static str, &'static str)],
}

macro_rules! asset {
    ($($part:literal),+) => { include_str!(concat!("../assets/scenarios/", $($part),+)) };
}

macro_rules! scenarios {
    ($($name:literal: $description:literal $(, own $file:literal)*;)+) => {
        &[$(Scenario {
            name: $name,
            description: $description,
            snapshot: asset!($name, "/snapshot.json"),
            log: asset!($name, "/application.log"),
            own_terraform: &[$(($file, asset!($name, "/terraform/", $file))),*],
        }),+]
    };
}

macro_rules! tree {
    ($($file:literal),+) => { &[$(($file, asset!("isolated/terraform/", $file))),+] };
}

/// The Terraform configuration of the service. The network is managed in another root module, so all
/// scenarios share these files; `own_terraform` replaces single files.
static TERRAFORM: &[(&str, &str)] = tree!(
    "backend.tf",
    "data-sources.tf",
    "main.tf",
    "outputs.tf",
    "security.tf",
    "terraform.tfvars",
    "variables.tf"
);

/// Every scenario. The demo without a name uses the first one.
pub static SCENARIOS: &[Scenario] = scenarios! {
    "isolated": "Private subnets without a route to the internet: the login works, then calls to S3 time out.";
    "mixed-subnets": "Calls fail at random: two subnets have a route to an internet gateway, one has a route to a NAT gateway.";
    "igw-only": "All subnets are public, but the connector has no public IP, so nothing reaches the internet.";
    "third-party-only": "VPC endpoints cover the AWS services, but the identity provider is on the internet.";
    "wrong-table": "An S3 endpoint exists, but one subnet uses the main route table, which has no route to it.";
    "no-egress-rule": "NAT gateway and routes are correct, but the security group has no outbound rules.", own "security.tf";
    "nacl-return": "A network ACL denies the replies to most ephemeral ports, so most connections fail.";
    "endpoint-group": "An interface endpoint exists, but its security group does not allow this service.";
    "nat-loop": "The NAT gateway is in a private subnet; its default route points to itself.";
    "blackhole": "The NAT gateway was deleted, but the default routes still point to it.";
    "dns-off": "The routes are correct, but DNS is off in the VPC.";
    "other-region": "An S3 endpoint exists, but the bucket is in another region.";
    "private-database": "With DEFAULT egress the service cannot reach a database in the VPC.", own "backend.tf";
    "database-group": "The database is in the VPC, but its security group does not allow the service.";
    "public-database": "A database with a public address has an allow-list without the NAT gateway's address.";
    "public-only": "The VPC has public subnets only: it needs private subnets with a NAT gateway.";
    "nat-instance": "The default routes go to a NAT instance whose source/destination check is on.", own "nat-instance.tf";
    "unused-nat": "A NAT gateway is available, but no route table has a route to it.";
    "denied": "The credentials do not allow reading route tables, so some results are unknown.";
    "healthy": "All destinations are reachable: an example of a healthy service.";
};

/// The results of the scenarios, a line for each: name, verdict and Terraform. A test compares them with the application.
static RESULTS: &str = include_str!("../assets/scenarios/results.txt");

/// The separator of the parts of a line of the results.
pub const SEPARATOR: &str = " | ";

/// What the demo shows in a scenario by Enter alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScenarioResult {
    /// The verdict at the start, `x 4 of 4 blocked`.
    pub verdict: &'static str,
    /// The Terraform resources that are written, `aws_vpc_endpoint.s3, then aws_nat_gateway.nat`.
    pub terraform: &'static str,
}

impl Scenario {
    /// What the demo shows in this scenario. A diagnosis of all scenarios takes longer than the first frame.
    #[must_use]
    pub fn result(&self) -> Option<ScenarioResult> {
        let mut parts = RESULTS.lines().map(|line| line.splitn(3, SEPARATOR));
        let mut parts = parts.find_map(|mut parts| (parts.next() == Some(self.name)).then_some(parts))?;
        Some(ScenarioResult { verdict: parts.next()?, terraform: parts.next()? })
    }

    /// Whether it is the scenario of the question for which this program was made. The demo begins with it.
    #[must_use]
    pub fn is_founding(&self) -> bool {
        SCENARIOS.first().is_some_and(|first| first.name == self.name)
    }

    /// The scenario with this name.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        SCENARIOS.iter().find(|scenario| scenario.name == name)
    }

    /// Copies the Terraform configuration into an empty folder, so that the demo can write to real files. The files have mode 0600.
    ///
    /// # Errors
    /// A file exists or cannot be written.
    pub fn copy_terraform(&self, folder: &Path) -> io::Result<()> {
        let is_replaced = |name: &str| self.own_terraform.iter().any(|(own, _)| *own == name);
        let shared = TERRAFORM.iter().filter(|(name, _)| !is_replaced(name));
        shared
            .chain(self.own_terraform)
            .try_for_each(|(name, text)| create_private_file(&folder.join(name))?.write_all(text.as_bytes()))
    }
}
