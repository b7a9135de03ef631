//! The text of a config file with comments. It reads back to the same settings.

use std::fmt::Write as _;

use strum::VariantArray as _;

use super::Settings;
use super::read::KEYS;
use super::settings::{SETTINGS, quoted};
use crate::app::{Action, Binding, Context, KEYMAP, Key};

pub(super) fn text(config: &Settings, head: &str) -> String {
    let mut text = comment(head);
    for setting in SETTINGS {
        text.push('\n');
        text.push_str(&comment(setting.help));
        let _ = match (setting.write)(config) {
            Some(value) => writeln!(text, "{} = {value}", setting.name),
            None => writeln!(text, "# {} = {}", setting.name, setting.example),
        };
    }
    let _ = write!(
        text,
        "\n{}[{KEYS}]\n",
        comment(
            "The keys of each action: one key or a list. An action has them in every place where it works."
        )
    );
    for action in Action::VARIANTS.iter().filter(|action| action.can_be_rebound()) {
        let bindings = KEYMAP.iter().filter(|binding| binding.action == *action);
        for binding in bindings.clone() {
            let _ = writeln!(text, "# {}: {}", places(binding), binding.help);
        }
        let changed = config.keys.iter().find(|(changed, _)| changed == action);
        let _ = match (changed, bindings.clone().next()) {
            (Some((_, keys)), _) => writeln!(text, "{} = {}", action.name(), list(keys)),
            (None, Some(binding)) => writeln!(text, "# {} = {}", action.name(), list(&binding.keys)),
            (None, None) => Ok(()),
        };
    }
    text
}

fn comment(text: &str) -> String {
    text.lines().map(|line| format!("# {line}\n")).collect()
}

fn places(binding: &Binding) -> String {
    if binding.contexts == Context::STEPS {
        return "On every step".to_owned();
    }
    let titles: Vec<&str> = binding.contexts.iter().map(|context| context.title()).collect();
    titles.join(", ")
}

fn list(keys: &[Key]) -> String {
    let keys: Vec<String> = keys.iter().map(|key| quoted(&key.name())).collect();
    format!("[{}]", keys.join(", "))
}
