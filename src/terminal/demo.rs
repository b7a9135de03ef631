//! Opens a scenario of the demo: its snapshot, its log, and a copy of its Terraform configuration.

use std::path::Path;

use crate::app::OpenedScenario;
use crate::files::{cause, create_private_subdir};
use crate::model::Snapshot;
use crate::scenario::Scenario;

/// Opens a scenario, with a copy of its Terraform configuration in a new folder below `folder`.
///
/// # Errors
/// The copy cannot be made. A reason for the user.
pub fn open_scenario(scenario: &Scenario, folder: &Path) -> Result<OpenedScenario, String> {
    let terraform = folder.join("terraform");
    create_private_subdir(&terraform).and_then(|()| scenario.copy_terraform(&terraform)).map_err(
        |error| {
            format!(
                "cannot copy the Terraform files of the demo to {}: {}",
                terraform.display(),
                cause(&error)
            )
        },
    )?;
    let snapshot = Snapshot::from_json(scenario.snapshot).map_err(|error| error.to_string())?;
    Ok(OpenedScenario { name: scenario.name, snapshot, log: scenario.log, terraform })
}
