//! Every step at four sizes, in each theme and in ASCII: the text and the styles.
//!
//! A snapshot has the rows of a size and below them the styles as letters: `40a 3b` are 40 cells of the style `a`, then 3 of `b`. The
//! legend gives each letter its style in every theme, so that one grid of letters serves all themes.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use egress_doctor::app::Step;
use egress_doctor::ui::Theme;
use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};

use crate::screens::{Player, STEPS};

const SIZES: [(u16, u16); 4] = [(60, 20), (80, 24), (120, 36), (200, 60)];

fn themes() -> [(&'static str, Theme); 4] {
    [
        ("ansi", Theme::ansi()),
        ("high-contrast", Theme::high_contrast()),
        ("colour-blind", Theme::colour_blind()),
        ("mono", Theme::mono()),
    ]
}

/// The rows of a screen, without spaces at their ends.
fn rows(screen: &Buffer) -> Vec<String> {
    let row =
        |y| (0..screen.area.width).map(|x| screen[(x, y)].symbol()).collect::<String>().trim_end().to_owned();
    (0..screen.area.height).map(row).collect()
}

/// The style of a cell in words: `Red+bold`, `Yellow on Black`.
fn style(cell: &Cell) -> String {
    let mut text = if cell.fg == Color::Reset { "default".to_owned() } else { format!("{:?}", cell.fg) };
    if cell.bg != Color::Reset {
        let _ = write!(text, " on {:?}", cell.bg);
    }
    for (modifier, _) in cell.modifier.iter_names() {
        let _ = write!(text, "+{}", modifier.to_lowercase());
    }
    text
}

/// The letters of the styles: the style in each theme, in the order in which they are first used.
#[derive(Default)]
struct Legend(Vec<[String; 4]>);

impl Legend {
    fn letter(&mut self, styles: [String; 4]) -> char {
        let at = self.0.iter().position(|known| *known == styles).unwrap_or_else(|| {
            self.0.push(styles);
            self.0.len() - 1
        });
        char::from(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"[at])
    }
}

/// The styles of the rows in all themes; equal rows that follow each other are one line.
fn grid(screens: &[Buffer; 4], legend: &mut Legend) -> String {
    let area = screens[0].area;
    let mut lines: Vec<(String, usize)> = Vec::new();
    for y in 0..area.height {
        let mut runs: Vec<(char, usize)> = Vec::new();
        for x in 0..area.width {
            let letter = legend.letter([0, 1, 2, 3].map(|theme: usize| style(&screens[theme][(x, y)])));
            match runs.last_mut() {
                Some((last, count)) if *last == letter => *count += 1,
                _ => runs.push((letter, 1)),
            }
        }
        let line =
            runs.iter().map(|(letter, count)| format!("{count}{letter}")).collect::<Vec<_>>().join(" ");
        match lines.last_mut() {
            Some((last, count)) if *last == line => *count += 1,
            _ => lines.push((line, 1)),
        }
    }
    lines
        .iter()
        .map(|(line, count)| if *count == 1 { format!("{line}\n") } else { format!("{line} (x{count})\n") })
        .collect()
}

/// Calls a function on each step of the demo.
fn on_each_step(mut look: impl FnMut(&str, &mut Player)) {
    let mut player = Player::demo();
    for (name, keys) in STEPS {
        player.press(keys);
        look(name, &mut player);
    }
}

#[test]
fn every_step_at_every_size_in_every_theme() {
    let mut texts: BTreeMap<(u16, u16), String> = BTreeMap::new();
    let mut ascii: BTreeMap<(u16, u16), String> = BTreeMap::new();
    let mut grids: BTreeMap<(u16, u16), (Legend, String)> = BTreeMap::new();
    on_each_step(|name, player| {
        for size @ (width, height) in SIZES {
            let screens = themes().map(|(_, theme)| player.cells(width, height, &theme));
            let text = rows(&screens[0]);
            for (screen, (theme, _)) in screens.iter().zip(themes()) {
                assert_eq!(rows(screen), text, "{name} {size:?}: a theme changes only styles, not {theme}");
            }
            let _ = writeln!(texts.entry(size).or_default(), "== {name}\n{}", text.join("\n"));
            let in_ascii = player.cells(width, height, &Theme::ansi().in_ascii());
            let plain = rows(&in_ascii).join("\n");
            assert!(plain.is_ascii(), "{name} {size:?}\n{plain}");
            let _ = writeln!(ascii.entry(size).or_default(), "== {name}\n{plain}");
            let (legend, lines) = grids.entry(size).or_default();
            let styles = grid(&screens, legend);
            let _ = writeln!(lines, "== {name}\n{styles}");
        }
    });
    for size @ (width, height) in SIZES {
        let (legend, lines) = &grids[&size];
        let mut styles = format!("letter: {}\n", themes().map(|(name, _)| name).join(" | "));
        for (letter, names) in ('a'..='z').chain('A'..='Z').zip(&legend.0) {
            let _ = writeln!(styles, "{letter}: {}", names.join(" | "));
        }
        insta::assert_snapshot!(format!("text-{width}x{height}"), texts[&size]);
        insta::assert_snapshot!(format!("ascii-{width}x{height}"), ascii[&size]);
        insta::assert_snapshot!(format!("styles-{width}x{height}"), format!("{styles}{lines}"));
    }
}

#[test]
fn no_theme_has_a_fixed_colour_on_the_background_of_the_terminal() {
    on_each_step(|name, player| {
        for (theme, styles) in themes() {
            for cell in &player.cells(200, 60, &styles).content {
                let is_fixed = |colour| matches!(colour, Color::Rgb(..));
                assert!(!is_fixed(cell.fg) && !is_fixed(cell.bg), "{name} {theme}: {}", style(cell));
                if theme == "mono" {
                    assert_eq!((cell.fg, cell.bg), (Color::Reset, Color::Reset), "{name}: {}", style(cell));
                }
            }
        }
    });
}

/// The selected row is in reverse video, also without colours.
#[test]
fn the_selection_is_visible_in_every_theme_and_moves() {
    let reversed = |screen: &Buffer| -> Vec<u16> {
        let is_reversed =
            |y| (0..screen.area.width).any(|x| screen[(x, y)].modifier.contains(Modifier::REVERSED));
        (0..screen.area.height).filter(|y| is_reversed(*y)).collect()
    };
    on_each_step(|name, player| {
        if !matches!(player.app.step(), Step::Pick | Step::Trace | Step::Choose | Step::Preview) {
            return;
        }
        for (width, height) in SIZES {
            for (theme, styles) in themes() {
                let before = reversed(&player.cells(width, height, &styles));
                assert!(!before.is_empty(), "{name} {width}x{height} {theme}: no selection");
                if matches!(player.app.step(), Step::Trace | Step::Choose) {
                    player.press("down");
                    let after = reversed(&player.cells(width, height, &styles));
                    assert_ne!(before, after, "{name} {width}x{height} {theme}");
                    player.press("up");
                }
            }
        }
    });
}

/// The focused pane differs from the others, also without colours.
#[test]
fn the_focus_is_visible_in_every_theme() {
    on_each_step(|name, player| {
        if !matches!(player.app.step(), Step::Trace | Step::Preview) {
            return;
        }
        for (width, height) in SIZES {
            for (theme, styles) in themes() {
                let screen = |player: &Player| player.cells(width, height, &styles);
                let borders = |screen: &Buffer| -> Vec<String> {
                    let border = |cell: &&Cell| matches!(cell.symbol(), "┌" | "┐" | "└" | "┘" | "─" | "│");
                    screen.content.iter().filter(border).map(style).collect()
                };
                let before = borders(&screen(player));
                player.press("tab");
                let after = borders(&screen(player));
                player.press("tab");
                assert_ne!(before, after, "{name} {width}x{height} {theme}: tab changes no border");
            }
        }
    });
}
