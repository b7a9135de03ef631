//! The config file of the user: its format, its errors, and its text with comments.
//!
//! Owns the names and the values of the settings. It must not apply them: `command` merges them with the options and the environment,
//! which come first. Each setting has the name of its option; `[keys]` has the names of the actions in `app/action.rs`.

mod error;
mod print;
mod read;
mod settings;

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

pub use error::SettingsError;

use crate::app::{Action, Key, Keymap};
use crate::cli::{Colour, ThemeName};
use crate::files::{ReadError, read_regular_text};
use crate::terraform::CheckLevel;

/// The greatest file that is read, in bytes.
const LIMIT: u64 = 1024 * 1024;

/// The settings of the user. `None` is the default of the program.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Colour theme.
    pub theme: Option<ThemeName>,
    /// When to use colours.
    pub color: Option<Colour>,
    /// Whether only ASCII characters are used.
    pub ascii: Option<bool>,
    /// Whether a click selects and the wheel moves.
    pub mouse: Option<bool>,
    /// AWS profile.
    pub profile: Option<String>,
    /// AWS region.
    pub region: Option<String>,
    /// Time limit for reading AWS: the duration and its text.
    pub timeout: Option<(Duration, String)>,
    /// Folder of the Terraform root module.
    pub terraform: Option<PathBuf>,
    /// Highest check of an edit.
    pub check: Option<CheckLevel>,
    /// Expected traffic in GB per month.
    pub traffic: Option<u32>,
    /// The actions with other keys.
    keys: Vec<(Action, Vec<Key>)>,
    /// The keys in force.
    keymap: Keymap,
}

impl Settings {
    /// The settings in a text.
    ///
    /// # Errors
    /// The text is not TOML, or it has an unknown name or a wrong value.
    pub fn parse(text: &str) -> Result<Self, SettingsError> {
        read::read(text)
    }

    /// The settings in a file; the defaults if the file does not exist.
    ///
    /// # Errors
    /// The file cannot be read, or its text has an error.
    pub fn load(path: &Path) -> Result<Self, SettingsError> {
        match read_regular_text(path, LIMIT) {
            Ok(text) => Self::parse(&text).map_err(|error| error.in_file(path)),
            Err(error) if error.is_not_found() => Ok(Self::default()),
            Err(error) => Err(unreadable(path, &error)),
        }
    }

    /// The keys in force.
    #[must_use]
    pub fn keymap(&self) -> &Keymap {
        &self.keymap
    }

    /// The settings in force as a config file with comments. Each setting that the user did not change is a comment.
    #[must_use]
    pub fn to_text(&self, head: &str) -> String {
        print::text(self, head)
    }
}

fn unreadable(path: &Path, error: &ReadError) -> SettingsError {
    SettingsError::of_file(path, error.to_string())
}

/// The config file of this user: `egress-doctor/config.toml` in the config folder of the platform.
///
/// # Errors
/// The user has no home directory.
pub fn config_file() -> io::Result<PathBuf> {
    use etcetera::BaseStrategy as _;
    let base = etcetera::choose_base_strategy().map_err(io::Error::other)?;
    Ok(base.config_dir().join("egress-doctor").join("config.toml"))
}
