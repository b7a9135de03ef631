//! With other keys in the config file, no sentence on any screen names a key of the table.

use std::collections::BTreeSet;

use egress_doctor::app::Action::{
    self, Add, Back, Calls, Checks, Explain, Filter, Folder, Forward, Help, Hide, Map, Mark, Palette, Quit,
    Refresh, Region, Traffic, Undo, Write,
};
use egress_doctor::app::{App, Context, KEYMAP, Key, Keymap, Message, Preferences, Start};
use egress_doctor::ui::Theme;
use strum::VariantArray as _;

use crate::screens::{Player, live_account, scenario};

/// A table in which every action that can have other keys has a Greek or Cyrillic letter.
fn rebound() -> Keymap {
    let letters = ('α'..='ω').chain('а'..='я');
    let actions = Action::VARIANTS.iter().filter(|action| action.can_be_rebound());
    let changes = actions
        .zip(letters)
        .map(|(action, letter)| (*action, vec![letter.to_string().parse::<Key>().unwrap()]));
    Keymap::with(&changes.collect::<Vec<_>>()).unwrap()
}

fn player(start: Start) -> Player {
    let preferences = Preferences { keymap: rebound(), ..Preferences::default() };
    Player::start(Start { preferences, ..start })
}

/// The names of the keys of the table that do nothing where they are shown.
fn old_keys(app: &App) -> BTreeSet<String> {
    let keymap = rebound();
    let works = |name: &str| {
        let names = |binding: &egress_doctor::app::Binding| binding.keys.iter().any(|key| key.name() == name);
        keymap.bindings_of(app.context()).any(names)
    };
    let all = KEYMAP.iter().flat_map(|binding| binding.keys.iter()).map(|key| key.name());
    all.filter(|name| !works(name)).collect()
}

/// The words of the screen that name a key of the table.
fn names_of_old_keys(player: &Player, size: (u16, u16)) -> Vec<String> {
    let screen = player.screen(size.0, size.1, &Theme::mono().in_ascii());
    let text = screen.replace(['|', '"'], " ");
    let words: Vec<&str> = text.split_whitespace().collect();
    let old = old_keys(&player.app);
    let mut found = Vec::new();
    for (at, word) in words.iter().enumerate() {
        let bare = word.trim_matches(['(', ')', ',', '.', ';', ':']);
        let before = at.checked_sub(1).and_then(|at| words.get(at)).copied().unwrap_or_default();
        // Letters and directions are words of sentences too: they are keys after `press`, and before a colon in parentheses.
        let is_word = bare.chars().count() == 1
            || ["up", "down", "left", "right", "home", "end", "delete"].contains(&bare);
        let is_key =
            !is_word || before.to_lowercase() == "press" || (word.starts_with('(') && word.ends_with(':'));
        if is_key && old.contains(bare) {
            found.push(words[at.saturating_sub(4)..(at + 4).min(words.len())].join(" "));
        }
    }
    found
}

#[test]
fn no_sentence_names_a_key_that_the_user_changed() {
    let act = |player: &mut Player, actions: &[Action]| {
        for action in actions {
            player.send(Message::Act(*action));
        }
    };
    let demo: &[&[Action]] = &[
        &[],
        &[Palette],
        &[Help],
        &[Forward],
        &[Forward, Filter],
        &[Forward, Explain],
        &[Forward, Map],
        &[Forward, Add],
        &[Forward, Add, Forward],
        &[Forward, Hide],
        &[Forward, Hide, Quit],
        &[Forward, Forward],
        &[Forward, Forward, Mark],
        &[Forward, Forward, Traffic],
        &[Forward, Forward, Folder],
        &[Forward, Forward, Forward],
        &[Forward, Forward, Forward, Checks],
        &[Forward, Forward, Forward, Write],
        &[Forward, Forward, Forward, Forward, Forward],
        &[Forward, Forward, Forward, Forward, Forward, Refresh],
        &[Forward, Forward, Forward, Forward, Forward, Undo],
        &[Forward, Forward, Forward, Forward, Forward, Quit],
        &[Forward, Forward, Forward, Forward, Forward, Back, Back, Forward],
    ];
    let mut found = Vec::new();
    let mut look = |player: &Player, name: String| {
        for size in [(40, 10), (80, 24), (200, 60)] {
            let names = names_of_old_keys(player, size);
            found.extend(names.into_iter().map(|words| format!("{name} at {size:?}: {words}")));
        }
    };
    for (start, count) in [("isolated", demo.len()), ("private-database", 5), ("healthy", 4)] {
        for actions in &demo[..count] {
            let mut player = player(scenario(start));
            act(&mut player, actions);
            look(&player, format!("{start} {actions:?}"));
        }
    }
    for actions in [&[] as &[Action], &[Calls], &[Region], &[Back]] {
        let mut player = player(live_account());
        act(&mut player, actions);
        look(&player, format!("live {actions:?}"));
    }
    let mut player = player(Start { interrupted: vec!["main.tf".into()], ..scenario("isolated") });
    assert_eq!(player.app.context(), Context::Confirmation);
    look(&player, "interrupted".to_owned());
    act(&mut player, &[Back]);
    player.send(Message::Discovered(egress_doctor::app::RunId(0), Err("denied".to_owned())));
    look(&player, "failed".to_owned());
    assert!(found.is_empty(), "{}", found.join("\n"));
}
