//! The demo scenarios that come with the program: a snapshot, a log and a small Terraform tree each.
//!
//! They are data only. What the demo does with them is what the product does with a saved snapshot.

use std::fs;
use std::io;
use std::path::Path;

/// A story that can be played without an account.
#[derive(Debug)]
pub struct Scenario {
    /// Its name on the command line.
    pub name: &'static str,
    /// Its story in one sentence.
    pub description: &'static str,
    /// The saved snapshot.
    pub snapshot: &'static str,
    /// The application's log.
    pub log: &'static str,
    /// Files of the Terraform tree that differ from the founding story's.
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

/// The application team's code. The network belongs to another team and another root, so it is the same in every story.
static TERRAFORM: &[(&str, &str)] = tree!(
    "backend.tf",
    "data-sources.tf",
    "main.tf",
    "outputs.tf",
    "security.tf",
    "terraform.tfvars",
    "variables.tf"
);

/// Every scenario; the first is the one that plays when none is named.
pub static SCENARIOS: &[Scenario] = scenarios! {
    "isolated": "The founding story: private subnets without any way out, and S3 times out after a login that worked.";
    "mixed-subnets": "Looks random: two subnets lead to an internet gateway, the third to a NAT gateway.";
    "igw-only": "Every subnet is public, and still nothing gets out: a connector has no public address.";
    "third-party-only": "Endpoints answer for AWS, but the identity provider is on the internet.";
    "wrong-table": "An S3 endpoint is there, but not on the main route table that one subnet relies on.";
    "no-egress-rule": "A NAT gateway and good routes, and a security group whose outbound rules were removed.";
    "nacl-return": "A network ACL lets the request out and only half of the replies' ports back in.";
    "endpoint-group": "Private DNS sends everybody to an endpoint whose security group admits somebody else.";
    "nat-loop": "The NAT gateway stands in a private subnet, and its way out leads to itself.";
    "blackhole": "The NAT gateway was deleted; the default routes to it are still there.";
    "dns-off": "Routes are fine, but the VPC resolves no names.";
    "other-region": "An S3 endpoint is there, and the bucket is in another region.";
    "private-database": "DEFAULT egress reaches the internet, and no database inside the VPC.", own "backend.tf";
    "denied": "The credentials may not read route tables: what depends on them is unknown.";
    "healthy": "Nothing is wrong: what a good answer looks like.";
};

impl Scenario {
    /// The scenario of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        SCENARIOS.iter().find(|scenario| scenario.name == name)
    }

    /// Copies the Terraform tree into a folder, so that writing is real.
    ///
    /// # Errors
    /// A file cannot be written.
    pub fn copy_terraform(&self, folder: &Path) -> io::Result<()> {
        let all = TERRAFORM.iter().chain(self.own_terraform);
        all.into_iter().try_for_each(|(name, text)| fs::write(folder.join(name), text))
    }
}
