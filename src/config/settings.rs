//! The table of the settings: name, description, default, how a value is read and written.

use std::fmt::Write as _;
use std::path::PathBuf;

use clap::ValueEnum;
use toml::de::DeValue;

use super::Settings;
use crate::cli::{Colour, ThemeName, time_limit};
use crate::terraform::CheckLevel;
use crate::text::listed;

/// A setting.
pub(super) struct Setting {
    /// Its name; the option `--NAME` has the same meaning, where it exists.
    pub name: &'static str,
    /// What it does, for the comment.
    pub help: &'static str,
    /// A value for the comment, where the user has not set one.
    pub example: &'static str,
    /// Takes a value.
    pub read: fn(&mut Settings, &DeValue<'_>) -> Result<(), String>,
    /// The value as TOML, if the user set one.
    pub write: fn(&Settings) -> Option<String>,
}

/// The settings, in the order in which they are printed.
pub(super) static SETTINGS: &[Setting] = &[
    Setting {
        name: "theme",
        help: "Colour theme of the screen: ansi, high-contrast, colour-blind or mono.",
        example: "\"ansi\"",
        read: |config, value| set(&mut config.theme, choice::<ThemeName>(value)),
        write: |config| config.theme.map(|value| name_of(&value)),
    },
    Setting {
        name: "color",
        help: "When to use colours: auto, always or never. NO_COLOR and TERM=dumb come first.",
        example: "\"auto\"",
        read: |config, value| set(&mut config.color, choice::<Colour>(value)),
        write: |config| config.color.map(|value| name_of(&value)),
    },
    Setting {
        name: "ascii",
        help: "Use only ASCII characters on the screen.",
        example: "false",
        read: |config, value| set(&mut config.ascii, boolean(value)),
        write: |config| config.ascii.map(|value| value.to_string()),
    },
    Setting {
        name: "mouse",
        help: "Use the mouse: a click selects a row, the wheel moves.",
        example: "false",
        read: |config, value| set(&mut config.mouse, boolean(value)),
        write: |config| config.mouse.map(|value| value.to_string()),
    },
    Setting {
        name: "profile",
        help: "AWS profile. AWS_PROFILE and AWS_ACCESS_KEY_ID come first.",
        example: "\"default\"",
        read: |config, value| set(&mut config.profile, words(value)),
        write: |config| config.profile.as_deref().map(quoted),
    },
    Setting {
        name: "region",
        help: "AWS Region. AWS_REGION, AWS_DEFAULT_REGION and another profile (--profile, AWS_PROFILE) come first.",
        example: "\"us-west-2\"",
        read: |config, value| set(&mut config.region, words(value)),
        write: |config| config.region.as_deref().map(quoted),
    },
    Setting {
        name: "timeout",
        help: "Time limit for reading AWS.",
        example: "\"60s\"",
        read: |config, value| {
            let read = words(value).and_then(|text| Ok((time_limit(&text)?, text)));
            set(&mut config.timeout, read)
        },
        write: |config| config.timeout.as_ref().map(|(_, text)| quoted(text)),
    },
    Setting {
        name: "terraform",
        help: "Absolute path of the Terraform root module to edit on the screen. A working directory with .tf files comes first.",
        example: "\"/path/to/infra\"",
        read: |config, value| set(&mut config.terraform, absolute(value)),
        write: |config| config.terraform.as_ref().map(|path| quoted(&path.to_string_lossy())),
    },
    Setting {
        name: "check",
        help: "Highest check of an edit on the screen: none, fmt, validate or plan. validate and plan execute code of the folder.",
        example: "\"plan\"",
        read: |config, value| set(&mut config.check, choice::<CheckLevel>(value)),
        write: |config| config.check.map(|value| name_of(&value)),
    },
    Setting {
        name: "traffic",
        help: "Expected traffic in GB per month, for the costs on Choose.",
        example: "100",
        read: |config, value| set(&mut config.traffic, number(value)),
        write: |config| config.traffic.map(|value| value.to_string()),
    },
];

fn set<T>(field: &mut Option<T>, value: Result<T, String>) -> Result<(), String> {
    *field = Some(value?);
    Ok(())
}

fn choice<T: ValueEnum>(value: &DeValue<'_>) -> Result<T, String> {
    let names: Vec<String> = T::value_variants().iter().filter_map(possible_name).collect();
    let error = |given: &str| format!("{given} is not a value: use {}", one_of(&names));
    match value.as_str() {
        Some(text) => T::from_str(text, false).map_err(|_| error(&format!("\"{text}\""))),
        None => Err(error(&format!("a value of type {}", value.type_str()))),
    }
}

fn possible_name<T: ValueEnum>(value: &T) -> Option<String> {
    value.to_possible_value().map(|value| value.get_name().to_owned())
}

fn name_of<T: ValueEnum>(value: &T) -> String {
    quoted(&possible_name(value).unwrap_or_default())
}

fn boolean(value: &DeValue<'_>) -> Result<bool, String> {
    value
        .as_bool()
        .ok_or_else(|| format!("a value of type {} is not possible: use true or false", value.type_str()))
}

fn words(value: &DeValue<'_>) -> Result<String, String> {
    match value.as_str() {
        Some("") => Err("the text is empty: give a value, or remove the line".to_owned()),
        Some(text) => Ok(text.to_owned()),
        None => Err(format!("a value of type {} is not possible: use a text in quotes", value.type_str())),
    }
}

fn absolute(value: &DeValue<'_>) -> Result<PathBuf, String> {
    let path = PathBuf::from(words(value)?);
    if path.is_absolute() {
        Ok(path)
    } else {
        Err(format!("{} is not an absolute path: start at the root of the file system", path.display()))
    }
}

fn number(value: &DeValue<'_>) -> Result<u32, String> {
    let parsed =
        value.as_integer().and_then(|number| u32::from_str_radix(number.as_str(), number.radix()).ok());
    parsed.ok_or_else(|| format!("use a whole number of GB from 0 to {}", u32::MAX))
}

/// `a, b or c`.
pub(super) fn one_of(names: &[String]) -> String {
    listed(names, "or")
}

/// A text as a TOML string, without unsafe characters.
pub(super) fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            c if c.is_control() || crate::text::is_unsafe(c) => {
                let _ = write!(quoted, "\\U{:08X}", u32::from(c));
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}
