//! Merges the config file with the options and the environment, which come first; `egress-doctor config`.
//!
//! A broken config file stops a command with an error. `undo` and the commands that only print text do not read it.

use std::env;
use std::path::PathBuf;

use color_eyre::eyre::{Result, WrapErr as _};

use super::emit::emit;
use super::exit::Exit;
use crate::app::Preferences;
use crate::cli::{Cli, Colour, Command, DiagnosisOptions, DisplayOptions, Live, Origin};
use crate::config::{Settings, config_file};

/// The settings of the screen that are not options.
#[derive(Default)]
pub(super) struct ScreenSettings {
    pub preferences: Preferences,
    /// The Terraform folder, if neither an option nor the working directory is one.
    pub terraform: Option<PathBuf>,
}

/// Fills the options that are not given, and returns the settings of the screen.
///
/// # Errors
/// The config file cannot be read or has an error.
pub(super) fn merge(cli: &mut Cli) -> Result<ScreenSettings> {
    if !reads_config(cli.command.as_ref()) {
        return Ok(ScreenSettings::default());
    }
    // Without a home directory there is no config file.
    let Ok(file) = config_file() else { return Ok(ScreenSettings::default()) };
    let config = Settings::load(&file)?;
    apply(&config, cli, &is_set);
    let mut preferences = Preferences { keymap: config.keymap().clone(), ..Preferences::default() };
    if let Some(traffic) = config.traffic {
        preferences.traffic = traffic;
    }
    Ok(ScreenSettings { preferences, terraform: config.terraform })
}

/// Prints the settings in force as a config file.
pub(super) fn print() -> Result<Exit> {
    let file = config_file().wrap_err("cannot find the config folder")?;
    let config = Settings::load(&file)?;
    let state = if file.exists() {
        "The lines without # are from this file."
    } else {
        "This file does not exist: all settings are the defaults, as comments."
    };
    emit(&config.to_text(&format!(
        "Config file of egress-doctor: {}\n{state}\nOptions of the command line and environment variables come before it.",
        file.display()
    )))
}

/// Whether a command uses the config file. `undo` works with a broken one.
fn reads_config(command: Option<&Command>) -> bool {
    !matches!(
        command,
        Some(
            Command::Undo { .. }
                | Command::Config
                | Command::IamPolicy
                | Command::Completions { .. }
                | Command::Man
                | Command::Demo { list: true, .. }
        )
    )
}

fn is_set(name: &str) -> bool {
    env::var_os(name).is_some_and(|value| !value.is_empty())
}

fn apply(config: &Settings, cli: &mut Cli, is_set: &dyn Fn(&str) -> bool) {
    match &mut cli.command {
        None => {
            apply_live(config, &mut cli.app.live, is_set);
            apply_display(config, &mut cli.app.display, is_set);
            cli.app.check = cli.app.check.or(config.check);
        }
        Some(Command::Demo { display, .. }) => apply_display(config, display, is_set),
        Some(Command::Open { display, check, .. }) => {
            apply_display(config, display, is_set);
            *check = check.or(config.check);
        }
        Some(Command::Diagnose { diagnosis, .. } | Command::Fix { diagnosis, .. }) => {
            if reads_aws(diagnosis) {
                apply_live(config, &mut diagnosis.live, is_set);
            }
        }
        Some(Command::Snapshot(options)) if options.from.is_none() => {
            apply_live(config, &mut options.live, is_set);
        }
        Some(Command::Check(options)) => apply_live(config, &mut options.live, is_set),
        Some(_) => {}
    }
}

fn reads_aws(options: &DiagnosisOptions) -> bool {
    options.from.is_none() && options.aws_json.is_none() && options.scenario.is_none()
}

fn apply_live(config: &Settings, live: &mut Live, is_set: &dyn Fn(&str) -> bool) {
    let other_profile = !live.profile.is_empty() || is_set("AWS_PROFILE");
    if let Some(profile) = config.profile.as_ref().filter(|_| !other_profile && !is_set("AWS_ACCESS_KEY_ID"))
    {
        live.profile = vec![profile.clone()];
        live.profile_origin = Origin::ConfigFile;
    }
    // Another profile can have its own Region.
    let other_region = !live.region.is_empty() || is_set("AWS_REGION") || is_set("AWS_DEFAULT_REGION");
    if let Some(region) = config.region.as_ref().filter(|_| !other_region && !other_profile) {
        live.region = vec![region.clone()];
        live.region_origin = Origin::ConfigFile;
    }
    live.timeout = live.timeout.or(config.timeout.as_ref().map(|(limit, _)| *limit));
}

fn apply_display(config: &Settings, display: &mut DisplayOptions, is_set: &dyn Fn(&str) -> bool) {
    display.theme = display.theme.or(config.theme);
    // NO_COLOR comes before the file, and `auto` obeys it.
    let color = if is_set("NO_COLOR") { Some(Colour::Auto) } else { config.color };
    display.color = display.color.or(color);
    display.ascii |= config.ascii.unwrap_or_default();
    display.mouse |= config.mouse.unwrap_or_default();
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first error")]

    use clap::Parser as _;

    use super::*;
    use crate::cli::ThemeName;
    use crate::terraform::CheckLevel;

    const FILE: &str = "theme = \"mono\"\ncolor = \"always\"\nascii = true\nprofile = \"ops\"\nregion = \"eu-west-1\"\n\
                        timeout = \"5s\"\ncheck = \"fmt\"\nterraform = \"/infra\"\n";

    /// The options of a command line, with the file and these environment variables.
    fn merged(arguments: &str, environment: &[&str]) -> Cli {
        let words = std::iter::once("egress-doctor").chain(arguments.split_whitespace());
        let mut cli = Cli::try_parse_from(words).unwrap();
        apply(&Settings::parse(FILE).unwrap(), &mut cli, &|name| environment.contains(&name));
        cli
    }

    fn live(cli: &Cli) -> (Option<&str>, Option<&str>) {
        (cli.app.live.profile.first().map(String::as_str), cli.app.live.region.first().map(String::as_str))
    }

    #[test]
    fn the_file_fills_what_is_not_given() {
        let cli = merged("", &[]);
        assert_eq!(live(&cli), (Some("ops"), Some("eu-west-1")));
        assert_eq!(cli.app.live.timeout, Some(std::time::Duration::from_secs(5)));
        assert_eq!(cli.app.check.map(CheckLevel::name), Some("fmt"));
        let display = &cli.app.display;
        assert_eq!(
            (display.theme, display.color, display.ascii),
            (Some(ThemeName::Mono), Some(Colour::Always), true)
        );
    }

    #[test]
    fn options_come_before_the_file() {
        let cli = merged("--profile dev --theme ansi --color never --timeout 9s --check none", &[]);
        // The profile dev can have another Region than that of the file.
        assert_eq!(live(&cli), (Some("dev"), None));
        assert_eq!(
            (cli.app.display.theme, cli.app.display.color),
            (Some(ThemeName::Ansi), Some(Colour::Never))
        );
        assert_eq!(cli.app.live.timeout, Some(std::time::Duration::from_secs(9)));
        assert_eq!(cli.app.check.map(CheckLevel::name), Some("none"));
        assert_eq!(live(&merged("--region us-east-1", &[])), (Some("ops"), Some("us-east-1")));
    }

    #[test]
    fn the_environment_comes_before_the_file() {
        assert_eq!(live(&merged("", &["AWS_PROFILE"])), (None, None));
        assert_eq!(live(&merged("", &["AWS_ACCESS_KEY_ID"])), (None, Some("eu-west-1")));
        assert_eq!(live(&merged("", &["AWS_DEFAULT_REGION"])), (Some("ops"), None));
        assert_eq!(merged("", &["NO_COLOR"]).app.display.color, Some(Colour::Auto));
    }

    #[test]
    fn a_saved_snapshot_does_not_use_the_account_of_the_file() {
        let cli = merged("diagnose --scenario isolated", &[]);
        let Some(Command::Diagnose { diagnosis, .. }) = cli.command else { panic!() };
        assert!(diagnosis.live.profile.is_empty() && diagnosis.live.region.is_empty());
    }
}
