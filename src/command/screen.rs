//! Starts the interactive application on live AWS, a saved snapshot or a scenario.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use color_eyre::eyre::{Result, WrapErr as _, eyre};

use super::config::ScreenSettings;
use super::exit::Exit;
use super::{log, source};
use crate::app::{Opening, Origin, Start, StartLog, Step};
use crate::cli::{AppOptions, Colour, DisplayOptions, OpeningOptions, StepName, ThemeName};
use crate::discover::LiveRequest;
use crate::evidence::{Query, destination};
use crate::files::TemporaryFolder;
use crate::terminal::{self, Ended, SessionOptions, open_scenario};
use crate::terraform::write::{self, state_folder};
use crate::terraform::{CheckLevel, GivenFiles};
use crate::ui::Theme;

/// Starts on live AWS.
pub(super) fn live(options: &AppOptions, settings: ScreenSettings) -> Result<Exit> {
    let (query, log) = given_log(options.log.as_deref())?;
    let start = Start {
        origin: Origin::Live(Box::new(LiveRequest {
            renew_prices: options.refresh,
            ..source::request(&options.live)?
        })),
        snapshot: None,
        query,
        terraform: folder(options.terraform.clone(), settings.terraform),
        own_copy: false,
        check: options.check,
        interrupted: Vec::new(),
        log,
        preferences: settings.preferences,
        opening: opening(&options.opening)?,
    };
    run(
        start,
        &options.display,
        SessionOptions {
            state: state_folder()?,
            files: options.files.clone(),
            demo: None,
            mouse: options.display.mouse,
        },
    )
}

/// Starts on a saved snapshot or a folder of AWS CLI output.
pub(super) fn open(
    file: &Path,
    log_file: Option<&Path>,
    (terraform, files, check): (Option<PathBuf>, GivenFiles, Option<CheckLevel>),
    settings: ScreenSettings,
    options: &OpeningOptions,
    display: &DisplayOptions,
) -> Result<Exit> {
    let (query, log) = given_log(log_file)?;
    let start = Start {
        origin: Origin::File(file.to_owned()),
        snapshot: Some(source::saved(file)?),
        query,
        terraform: folder(terraform, settings.terraform),
        own_copy: false,
        check,
        interrupted: Vec::new(),
        log,
        preferences: settings.preferences,
        opening: opening(options)?,
    };
    run(start, display, SessionOptions { state: state_folder()?, files, demo: None, mouse: display.mouse })
}

/// Starts on a scenario, with a copy of its Terraform configuration. The copy is deleted when the demo ends. Without a name, the list
/// of scenarios opens, and the first one is behind it.
pub(super) fn demo(
    name: Option<&str>,
    tour: bool,
    settings: ScreenSettings,
    options: &OpeningOptions,
    display: &DisplayOptions,
) -> Result<Exit> {
    let scenario = source::scenario(name)?;
    let directory =
        TemporaryFolder::new("demo-").wrap_err("cannot create a temporary folder for the demo")?;
    let opened = open_scenario(scenario, directory.path()).map_err(|reason| eyre!(reason))?;
    let opening = opening(options)?;
    let lists_scenarios = name.is_none() && !tour && opening == Opening::default();
    let start = Start {
        opening: Opening { lists_scenarios, plays_tour: tour, ..opening },
        ..Start::scenario(opened, settings.preferences)
    };
    let demo = Some(directory.path().to_owned());
    run(
        start,
        display,
        SessionOptions {
            state: directory.path().join("state"),
            files: GivenFiles::default(),
            demo,
            mouse: display.mouse,
        },
    )
}

/// The query at the start, and the log file that is read behind the first frame. Standard input is read before it, because the
/// answers of the user come from there later.
fn given_log(path: Option<&Path>) -> Result<(Query, Option<StartLog>)> {
    Ok(match path {
        Some(path) if path != Path::new("-") => {
            // A wrong name ends the program before the screen opens.
            fs::metadata(path).wrap_err_with(|| format!("cannot read the log {}", path.display()))?;
            (Query::default(), Some(StartLog::File(path.to_owned())))
        }
        path => (Query::with_log(log::read(path)?), None),
    })
}

/// What `--service`, `--to` and `--step` open. A service or a destination without a step opens Trace.
fn opening(options: &OpeningOptions) -> Result<Opening> {
    let to = options.to.as_deref().map(destination).transpose()?;
    let step = options.step.map(|step| match step {
        StepName::Trace => Step::Trace,
        StepName::Choose => Step::Choose,
        StepName::Preview => Step::Preview,
    });
    let opens = options.service.is_some() || to.is_some();
    Ok(Opening {
        service: options.service.clone(),
        destination: to,
        step: step.or(opens.then_some(Step::Trace)),
        ..Opening::default()
    })
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
    // A destination of the options is one of those that are diagnosed.
    start.query.requested.extend(start.opening.destination.clone());
    // An error here is ignored: planning an edit reports it.
    let interrupted_files = |folder: &PathBuf| write::unfinished(folder, &options.state).ok().flatten();
    start.interrupted = start.terraform.as_ref().and_then(interrupted_files).unwrap_or_default();
    let ended = if display.plain {
        terminal::run_plain(start, options)?
    } else {
        terminal::run(start, &theme(display), options)?
    };
    Ok(match ended {
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
