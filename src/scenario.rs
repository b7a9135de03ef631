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
    pub story: &'static str,
    /// The saved snapshot.
    pub snapshot: &'static str,
    /// The application's log.
    pub log: &'static str,
    /// File names and texts of the Terraform tree.
    terraform: &'static [(&'static str, &'static str)],
}

macro_rules! tree {
    ($scenario:literal: $($file:literal),+ $(,)?) => {
        &[$(($file, include_str!(concat!("../assets/scenarios/", $scenario, "/terraform/", $file)))),+]
    };
}

/// Every scenario; the first is the one that plays when none is named.
pub static SCENARIOS: &[Scenario] = &[Scenario {
    name: "isolated",
    story: "The founding story: three private subnets without any way out, and S3 times out after a login that worked.",
    snapshot: include_str!("../assets/scenarios/isolated/snapshot.json"),
    log: include_str!("../assets/scenarios/isolated/application.log"),
    terraform: tree!(
        "isolated": "backend.tf", "data-sources.tf", "main.tf", "outputs.tf", "security.tf", "terraform.tfvars",
        "variables.tf"
    ),
}];

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
        self.terraform.iter().try_for_each(|(name, text)| fs::write(folder.join(name), text))
    }
}
