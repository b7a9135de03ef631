//! The parts of the README that are generated. `EGRESS_DOCTOR_UPDATE_EXPECTED=1` writes them.

use std::fs;

use egress_doctor::app::{Action, Binding, Context, KEYMAP};
use egress_doctor::ui::Theme;

use crate::screens::Player;
use crate::support::{repository, svg};

/// Whether the expected files are written instead of compared.
pub(super) fn is_updating() -> bool {
    std::env::var_os("EGRESS_DOCTOR_UPDATE_EXPECTED").is_some_and(|value| !value.is_empty())
}

/// Whether the key table has the row of a key: not if it only moves or scrolls.
fn is_in_table(binding: &Binding) -> bool {
    use Action::{Down, First, Last, Left, PageDown, PageUp, Right, Up};
    !matches!(binding.action, Down | First | Last | Left | PageDown | PageUp | Right | Up)
        || !binding.hint.is_empty()
}

/// The row of the key table.
fn row(binding: &Binding) -> String {
    let keys: Vec<String> = binding.keys.iter().map(|key| format!("`{}`", key.name())).collect();
    let places: Vec<&str> = binding.contexts.iter().map(|context| context.title()).collect();
    let is_everywhere = Context::STEPS.iter().all(|step| binding.contexts.contains(step));
    let places = if is_everywhere { "everywhere".to_owned() } else { places.join(", ") };
    format!("| {} | {places} | {} |\n", keys.join(" "), binding.help)
}

#[test]
fn the_key_table_is_the_table_of_the_program() {
    let rows: String = KEYMAP.iter().filter(|binding| is_in_table(binding)).map(row).collect();
    let path = repository("README.md");
    let readme = fs::read_to_string(&path).unwrap();
    let head = "| keys | where | what |\n|---|---|---|\n";
    let (before, rest) = readme.split_once(head).unwrap();
    let end = rest.find("\n\n").unwrap() + 1;
    if is_updating() {
        fs::write(&path, format!("{before}{head}{rows}{}", &rest[end..])).unwrap();
    } else {
        assert_eq!(&rest[..end], rows, "run the tests with EGRESS_DOCTOR_UPDATE_EXPECTED=1");
    }
}

/// The columns and rows of the pictures.
const SIZE: (u16, u16) = (120, 36);

/// The tour: the keys, and the seconds for which the screen is visible after them.
const TOUR: &[(&str, u32)] = &[
    ("", 3),
    ("enter", 5),
    ("down", 3),
    ("i", 5),
    ("esc up enter", 5),
    ("enter", 5),
    ("w", 3),
    ("y", 4),
    ("enter", 4),
    ("enter", 5),
    ("enter", 4),
    ("w y enter", 6),
];

/// The pictures of the README: file name and SVG.
fn pictures() -> Vec<(&'static str, String)> {
    let (width, height) = SIZE;
    let theme = Theme::ansi();
    let mut player = Player::demo();
    let mut screens = Vec::new();
    for (keys, seconds) in TOUR {
        player.press(keys);
        screens.push((player.cells(width, height, &theme), *seconds));
    }
    let left = player.app.done.as_ref().unwrap().not_fixed();
    assert_eq!(left, Vec::<String>::new(), "the tour ends with a green matrix");
    let picture = |keys: &str| {
        let mut player = Player::demo();
        player.press(keys).press("c");
        svg::still(&player.cells(width, height, &theme))
    };
    vec![
        ("tour.svg", svg::animation(&screens)),
        ("trace.svg", picture("enter")),
        ("choose.svg", picture("enter enter")),
        ("preview.svg", picture("enter enter enter")),
    ]
}

#[test]
fn the_pictures_show_the_present_screens() {
    let folder = repository("assets/screens");
    let readme = fs::read_to_string(repository("README.md")).unwrap();
    for (name, picture) in pictures() {
        assert!(readme.contains(&format!("(assets/screens/{name})")), "the README does not show {name}");
        let path = folder.join(name);
        if is_updating() {
            fs::write(&path, picture).unwrap();
        } else {
            let present = fs::read_to_string(&path).unwrap_or_default();
            // The whole text would be thousands of lines.
            assert!(
                present == picture,
                "{name} is out of date: run the tests with EGRESS_DOCTOR_UPDATE_EXPECTED=1"
            );
        }
    }
    let shown = readme.split("(assets/screens/").skip(1).map(|rest| rest.split(')').next().unwrap());
    for name in shown {
        assert!(folder.join(name).exists(), "{name} does not exist");
    }
}
