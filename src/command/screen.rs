//! Starts the interactive application on live AWS, a saved snapshot or a scenario.

use std::env;
use std::path::{Path, PathBuf};

use color_eyre::eyre::{Result, WrapErr as _};

use super::config::ScreenSettings;
use super::exit::Exit;
use super::{log, source};
use crate::app::{Origin, Start};
use crate::cli::{AppOptions, Colour, DisplayOptions, ThemeName};
use crate::discover::LiveRequest;
use crate::evidence::Query;
use crate::files::{TemporaryFolder, create_private_subdir};
use crate::model::Snapshot;
use crate::terminal::{self, Ended, SessionOptions};
use crate::terraform::CheckLevel;
use crate::terraform::write::{self, state_folder};
use crate::ui::Theme;

/// Starts on live AWS.
pub(super) fn live(options: &AppOptions, settings: ScreenSettings) -> Result<Exit> {
    let start = Start {
        origin: Origin::Live(LiveRequest {
            renew_prices: options.refresh,
            ..source::request(&options.live)?
        }),
        snapshot: None,
        query: Query::with_log(log::read(options.log.as_deref())?),
        terraform: folder(options.terraform.clone(), settings.terraform),
        own_copy: false,
        check: options.check,
        interrupted: Vec::new(),
        log: None,
        preferences: settings.preferences,
    };
    run(
        start,
        &options.display,
        SessionOptions { state: state_folder()?, terraform_state: options.state.clone(), tour: false },
    )
}

/// Starts on a saved snapshot or a folder of AWS CLI output.
pub(super) fn open(
    file: &Path,
    log_file: Option<&Path>,
    (terraform, terraform_state, check): (Option<PathBuf>, Option<PathBuf>, Option<CheckLevel>),
    settings: ScreenSettings,
    display: &DisplayOptions,
) -> Result<Exit> {
    let start = Start {
        origin: Origin::File(file.to_owned()),
        snapshot: Some(source::saved(file)?),
        query: Query::with_log(log::read(log_file)?),
        terraform: folder(terraform, settings.terraform),
        own_copy: false,
        check,
        interrupted: Vec::new(),
        log: None,
        preferences: settings.preferences,
    };
    run(start, display, SessionOptions { state: state_folder()?, terraform_state, tour: false })
}

/// Starts on a scenario, with a copy of its Terraform configuration. The copy is deleted when the demo ends.
pub(super) fn demo(
    scenario: Option<&str>,
    tour: bool,
    settings: ScreenSettings,
    display: &DisplayOptions,
) -> Result<Exit> {
    let scenario = source::scenario(scenario)?;
    let directory =
        TemporaryFolder::new("demo-").wrap_err("cannot create a temporary folder for the demo")?;
    let terraform = directory.path().join("terraform");
    create_private_subdir(&terraform).and_then(|()| scenario.copy_terraform(&terraform)).wrap_err_with(
        || format!("cannot copy the Terraform files of the demo to {}", terraform.display()),
    )?;
    let start = Start {
        origin: Origin::Scenario(scenario.name),
        snapshot: Some(Snapshot::from_json(scenario.snapshot)?),
        query: Query::default(),
        log: Some(scenario.log),
        terraform: Some(terraform),
        own_copy: true,
        check: None,
        interrupted: Vec::new(),
        preferences: settings.preferences,
    };
    run(start, display, SessionOptions { state: directory.path().join("state"), terraform_state: None, tour })
}

/// The Terraform folder of the options, the working directory if it contains `.tf` files, or the folder of the config file.
fn folder(option: Option<PathBuf>, configured: Option<PathBuf>) -> Option<PathBuf> {
    option
        .or_else(|| {
            let directory = env::current_dir().ok()?;
            let is_terraform = |entry: std::io::Result<std::fs::DirEntry>| {
                let path = entry.map(|entry| entry.path()).unwrap_or_default();
                path.extension().is_some_and(|extension| extension == "tf") && path.is_file()
            };
            std::fs::read_dir(&directory).ok()?.any(is_terraform).then_some(directory)
        })
        .or(configured)
}

/// Runs the application until the user quits or a signal arrives.
fn run(mut start: Start, display: &DisplayOptions, options: SessionOptions) -> Result<Exit> {
    // An error here is ignored: planning an edit reports it.
    let interrupted_files = |folder: &PathBuf| write::unfinished(folder, &options.state).ok().flatten();
    start.interrupted = start.terraform.as_ref().and_then(interrupted_files).unwrap_or_default();
    Ok(match terminal::run(start, &theme(display), options)? {
        Ended::Quit | Ended::Closed => Exit::Done,
        Ended::Signal(number) => Exit::Signal(u8::try_from(number).unwrap_or(0)),
    })
}

/// The theme from the options, `NO_COLOR`, `TERM` and the locale. Without a UTF-8 locale it uses ASCII.
fn theme(display: &DisplayOptions) -> Theme {
    let is_set = |name: &str| env::var_os(name).is_some_and(|value| !value.is_empty());
    let plain = is_set("NO_COLOR") || env::var_os("TERM").is_some_and(|term| term == "dumb");
    let theme = match (display.color.unwrap_or(Colour::Auto), display.theme.unwrap_or(ThemeName::Ansi)) {
        (Colour::Never, _) => Theme::mono(),
        (Colour::Auto, _) if plain => Theme::mono(),
        (_, ThemeName::Ansi) => Theme::ansi(),
        (_, ThemeName::HighContrast) => Theme::high_contrast(),
        (_, ThemeName::ColourBlind) => Theme::colour_blind(),
        (_, ThemeName::Mono) => Theme::mono(),
    };
    let locale =
        ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().filter_map(env::var_os).find(|value| !value.is_empty());
    let utf8 = locale.is_some_and(|value| {
        let value = value.to_string_lossy().to_lowercase();
        value.contains("utf-8") || value.contains("utf8")
    });
    if display.ascii || !utf8 { theme.in_ascii() } else { theme }
}
