//! Files that Terraform keeps in its data directory: the selected workspace and the list of installed modules.
//!
//! A missing file is normal. A file that cannot be read is an error: without it, the wrong state or module would be used.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use crate::files::read_regular;
use crate::terraform::error::ConfigError;
use crate::terraform::read::file::CODE_LIMIT;

/// The largest `environment` file that is read, in bytes. It contains a name.
const NAME_LIMIT: u64 = 1024 * 1024;

/// The workspace that `TF_WORKSPACE`, `environment`, or else `terraform workspace select` selects.
///
/// # Errors
/// The file of the selected workspace cannot be read, or the name cannot be the name of a workspace.
pub(in crate::terraform) fn selected_workspace(
    data: &Path,
    environment: Option<&str>,
) -> Result<Option<String>, ConfigError> {
    let path = data.join("environment");
    let (name, origin) = if let Some(name) = environment {
        (Some(name.to_owned()), PathBuf::from("TF_WORKSPACE"))
    } else {
        let bytes = read_optional(&path, NAME_LIMIT).map_err(|why| unusable_name(path.clone(), why))?;
        let text = bytes.map(String::from_utf8).transpose();
        (text.map_err(|_| unusable_name(path.clone(), "it is not UTF-8 text".to_owned()))?, path)
    };
    let name = name.map(|name| name.trim().to_owned()).filter(|name| !name.is_empty());
    // The name is part of the path of the state. Terraform accepts no such name.
    if name.as_ref().is_some_and(|name| name.contains(['/', '\\']) || name.chars().any(char::is_control)) {
        return Err(unusable_name(origin, "it contains no name of a workspace".to_owned()));
    }
    Ok(name)
}

fn unusable_name(path: PathBuf, why: String) -> ConfigError {
    ConfigError::Data { path, why, next: "select the workspace again with terraform workspace select" }
}

/// The directories of the modules that `terraform init` installed, by key, `app.network`.
///
/// # Errors
/// The list exists, but cannot be read.
pub(in crate::terraform) fn installed(data: &Path) -> Result<HashMap<String, PathBuf>, ConfigError> {
    #[derive(serde::Deserialize)]
    struct Manifest {
        #[serde(rename = "Modules")]
        modules: Option<Vec<Installed>>,
    }
    #[derive(serde::Deserialize)]
    struct Installed {
        #[serde(rename = "Key")]
        key: String,
        #[serde(rename = "Dir")]
        dir: PathBuf,
    }
    let path = data.join("modules/modules.json");
    let unusable =
        |why: String| ConfigError::Data { path: path.clone(), why, next: "run terraform init again" };
    let Some(bytes) = read_optional(&path, CODE_LIMIT).map_err(unusable)? else {
        return Ok(HashMap::new());
    };
    let manifest: Manifest = serde_json::from_slice(&bytes).map_err(|error| {
        let place = format!("(line {}, column {})", error.line(), error.column());
        unusable(format!("it is not a list of modules {place}"))
    })?;
    let modules = manifest.modules.unwrap_or_default();
    Ok(modules.into_iter().map(|module| (module.key, module.dir)).collect())
}

/// The bytes of a file; `None` if it does not exist. The error is the reason why it was not read.
fn read_optional(path: &Path, limit: u64) -> Result<Option<Vec<u8>>, String> {
    match read_regular(path, limit) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error.to_string()),
    }
}
