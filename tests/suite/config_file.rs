//! The config file: what a user writes, what the program says about it, and which keys work then.

use std::fs;
use std::path::Path;

use egress_doctor::app::{Preferences, Start, Step};
use egress_doctor::config::Settings;
use egress_doctor::ui::Theme;

use crate::screens::{Player, isolated};
use crate::support::{UNDO, WRITE, doctor, home_with_code, run};

/// Writes the config file of a home folder.
fn configure(home: &Path, text: &str) {
    let folder = home.join("config/egress-doctor");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("config.toml"), text).unwrap();
}

/// The error of a command: exit code 2 and one line.
fn error(home: &Path, arguments: &[&str]) -> String {
    let output = doctor(home).args(arguments).output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{arguments:?}");
    String::from_utf8(output.stderr).unwrap()
}

/// A screen without its spaces and borders.
fn words(screen: &str) -> String {
    screen.replace(['│', '|', '"'], " ").split_whitespace().collect::<Vec<_>>().join(" ")
}

fn start(text: &str) -> Player {
    let keymap = Settings::parse(text).unwrap().keymap().clone();
    Player::start(Start { preferences: Preferences { keymap, ..Preferences::default() }, ..isolated() })
}

#[test]
fn an_error_names_file_line_and_key_and_the_nearest_name() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("config/egress-doctor/config.toml");
    for (text, line, expected) in [
        ("# mine\n\nregoin = \"us-west-2\"", 3, "`regoin` is not a setting; did you mean `region`?"),
        (
            "nothing = 1",
            1,
            "`nothing` is not a setting; use theme, color, ascii, mouse, profile, region, timeout",
        ),
        (
            "theme = \"dark\"",
            1,
            "`theme`: \"dark\" is not a value: use ansi, high-contrast, colour-blind or mono",
        ),
        (
            "check = true",
            1,
            "`check`: a value of type boolean is not a value: use none, fmt, validate or plan",
        ),
        ("ascii = 1", 1, "`ascii`: a value of type integer is not possible: use true or false"),
        ("traffic = -1", 1, "`traffic`: use a whole number of GB from 0 to 4294967295"),
        ("profile = \"\"", 1, "`profile`: the text is empty: give a value, or remove the line"),
        ("terraform = \"infra\"", 1, "`terraform`: infra is not an absolute path: start at the root of the"),
        ("timeout = \"soon\"", 1, "`timeout`: `soon` is not a duration: use for example 30m, 1h or 2h30m"),
        ("keys = \"w\"", 1, "`keys` is a table: write [keys] and one action in each line"),
        ("[keys]\nwriet = \"w\"", 2, "`keys.writet`: `writet` is not an action; did you mean `write`?"),
        ("[keys]\ncopy-command = \"7\"", 2, "`keys.copy-command`: this action always has its own keys"),
        ("[keys]\nwrite = []", 2, "`keys.write`: give at least one key"),
        ("[keys]\nwrite = [1]", 2, "`keys.write`: use the name of a key in quotes, or a list of them"),
        (
            "[keys]\nwrite = \"ww\"",
            2,
            "`keys.write`: `ww` is not a key: use one character, Ctrl-A to Ctrl-Z, F1",
        ),
        (
            "[keys]\nadd = \"x\"\nhide = \"x\"",
            3,
            "`keys`: x has two actions on Trace: add and hide; give one of",
        ),
        (
            "[keys]\nwrite = \"n\"",
            2,
            "`keys`: n has two actions on Preview: write and next-hunk; give one of",
        ),
        (
            "[keys]\nwrite = \"Ctrl-C\"",
            2,
            "`keys`: Ctrl-C has two actions on Preview: write and quit-now; give",
        ),
        ("theme = \"mono", 1, "this is not TOML: "),
        ("theme = \"mono\"\ntheme = \"ansi\"", 2, "this is not TOML: duplicate key"),
    ] {
        let text = text.replace("wriet", "writet");
        configure(home.path(), &text);
        let said = error(home.path(), &["diagnose", "--scenario", "isolated"]);
        assert!(
            said.starts_with(&format!("egress-doctor: {}:{line}: {expected}", file.display())),
            "{text}\n{said}"
        );
        assert_eq!(said.lines().count(), 1, "{said}");
    }
}

#[test]
fn a_broken_file_stops_every_command_but_not_the_undo_of_a_write() {
    let home = home_with_code();
    let folder = home.path().to_owned();
    let in_home = |arguments: &[&str]| {
        let mut command = doctor(&folder);
        command.args(arguments).current_dir(&folder);
        command
    };
    run(&mut in_home(WRITE));
    configure(home.path(), "theme = ");
    for arguments in [WRITE, &["demo"], &["config"], &["check"], &["snapshot", "-o", "-"]] {
        assert!(error(home.path(), arguments).contains("config.toml:1: this is not TOML"), "{arguments:?}");
    }
    let (code, text) = run(&mut in_home(UNDO));
    assert_eq!(code, 0);
    assert!(text.contains("byte for byte"), "{text}");
    for arguments in [&["iam-policy"][..], &["completions", "bash"], &["man"], &["demo", "--list"]] {
        assert_eq!(run(&mut in_home(arguments)).0, 0, "{arguments:?}");
    }
}

#[test]
fn the_printed_file_reads_back_to_the_same_settings() {
    let home = tempfile::tempdir().unwrap();
    let print = || {
        let (code, text) = run(doctor(home.path()).arg("config"));
        assert_eq!(code, 0);
        text
    };
    let defaults = print();
    assert!(defaults.contains("This file does not exist"), "{defaults}");
    let settings = |text: &str| {
        let lines = text.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
        lines.map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(settings(&defaults), ["[keys]"], "every default is a comment");
    // Each comment with an assignment is correct TOML with a valid value.
    let uncommented: String = defaults
        .lines()
        .map(|line| line.strip_prefix("# ").unwrap_or(line))
        .filter(|line| {
            line.starts_with('[') || line.split_once(" = ").is_some_and(|(name, _)| !name.contains(' '))
        })
        .map(|line| format!("{line}\n"))
        .collect();
    Settings::parse(&uncommented).unwrap();
    let own = [
        "theme = \"high-contrast\"",
        "color = \"never\"",
        "ascii = true",
        "profile = \"a \\\"b\\\" \\\\ \\U0000007F\"",
        "region = \"eu-west-1\"",
        "timeout = \"90s\"",
        "terraform = \"/srv/infra\"",
        "check = \"fmt\"",
        "traffic = 5000",
        "[keys]",
        "mark = [\"m\", \"F2\"]",
        "map = [\"M\"]",
    ];
    configure(home.path(), &own.join("\n"));
    let printed = print();
    let sorted = |mut lines: Vec<String>| {
        lines.sort();
        lines
    };
    assert_eq!(sorted(settings(&printed)), sorted(own.map(str::to_owned).to_vec()), "{printed}");
    configure(home.path(), &printed);
    assert_eq!(print(), printed);
}

#[test]
fn a_changed_key_works_and_the_footer_the_help_and_the_captions_name_it() {
    let mut player =
        start("[keys]\nwrite = \"W\"\nforward = [\"o\", \"enter\"]\nnext-hunk = \"w\"\nhelp = \"F1\"");
    let theme = Theme::mono();
    let opened = words(&player.screen(120, 36, &theme));
    assert!(opened.contains("Press o to open the service."), "{opened}");
    player.press("o o o");
    assert_eq!(player.app.step(), Step::Preview);
    let screen = player.screen(120, 36, &theme);
    let footer = screen.lines().last().unwrap();
    assert!(
        footer.contains("o write") && footer.contains("w next hunk") && footer.contains("F1 help"),
        "{footer}"
    );
    player.press("w");
    assert!(player.app.dialog.is_none(), "w is not the key of the write any more");
    player.press("F1");
    let help = words(&player.screen(120, 200, &theme));
    assert!(help.contains("W write the files"), "{help}");
    player.press("esc W");
    assert!(player.screen(120, 36, &theme).contains("Write this edit?"));
}

#[test]
fn a_letter_for_confirming_is_still_text_while_the_user_types() {
    let mut player = start("[keys]\nforward = \"o\"");
    player.press("o a").type_text("db.example.com").press("enter");
    assert!(player.app.dialog.is_none());
    let findings = &player.app.case().unwrap().diagnosis.findings;
    assert!(findings.iter().any(|finding| finding.need.destination.host == "db.example.com"));
}

#[test]
fn the_expected_traffic_of_the_file_is_the_one_on_choose() {
    let preferences = Preferences { traffic: 5000, ..Preferences::default() };
    let mut player = Player::start(Start { preferences, ..isolated() });
    player.press("enter enter");
    assert_eq!(player.app.choose.as_ref().unwrap().traffic, 5000);
}
