//! Reads the text of a config file. An unknown name is an error with the nearest known name.

use similar::get_close_matches;
use strum::VariantArray as _;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::settings::{SETTINGS, one_of};
use super::{Settings, SettingsError};
use crate::app::{Action, Key, Keymap};

/// The name of the table of keys.
pub(super) const KEYS: &str = "keys";

/// How alike a known name must be.
const SIMILARITY: f32 = 0.6;

pub(super) fn read(text: &str) -> Result<Settings, SettingsError> {
    let document = DeTable::parse(text).map_err(|error| {
        let position = error.span().map_or(0, |span| span.start);
        SettingsError::at(text, position, &format!("this is not TOML: {}", error.message()))
    })?;
    let mut config = Settings::default();
    let mut errors = Vec::new();
    let mut places = Vec::new();
    for (name, value) in document.get_ref() {
        let known = name.get_ref().as_ref();
        let result = match (SETTINGS.iter().find(|setting| setting.name == known), value.get_ref()) {
            (Some(setting), value) => {
                (setting.read)(&mut config, value).map_err(|reason| format!("`{known}`: {reason}"))
            }
            (None, DeValue::Table(table)) if known == KEYS => {
                for (action, value) in table {
                    match keys(action.get_ref(), value.get_ref()) {
                        Ok((action, keys)) => {
                            places.push((action, value.span().start));
                            config.keys.push((action, keys));
                        }
                        Err(reason) => errors
                            .push((action.span().start, format!("`{KEYS}.{}`: {reason}", action.get_ref()))),
                    }
                }
                Ok(())
            }
            (None, _) if known == KEYS => {
                Err(format!("`{KEYS}` is a table: write [{KEYS}] and one action in each line"))
            }
            (None, _) => {
                Err(unknown(known, "setting", SETTINGS.iter().map(|setting| setting.name).chain([KEYS])))
            }
        };
        errors.extend(result.err().map(|reason| (name.span().start, reason)));
    }
    // The first error of the file.
    if let Some((position, reason)) = errors.into_iter().min() {
        return Err(SettingsError::at(text, position, &reason));
    }
    config.keymap = Keymap::with(&config.keys).map_err(|conflict| {
        let is_involved = |action: Action| action == conflict.actions.0 || action == conflict.actions.1;
        // The later line of the two: the first one alone is correct.
        let position = places.iter().filter(|(action, _)| is_involved(*action)).map(|(_, at)| *at).max();
        SettingsError::at(
            text,
            position.unwrap_or_default(),
            &format!("`{KEYS}`: {conflict}; give one of them another key"),
        )
    })?;
    Ok(config)
}

/// The action and its keys: one key or a list.
fn keys(name: &str, value: &DeValue<'_>) -> Result<(Action, Vec<Key>), String> {
    let actions = || Action::VARIANTS.iter().filter(|action| action.can_be_rebound());
    let action = match name.parse::<Action>() {
        Ok(action) if action.can_be_rebound() => action,
        Ok(_) => return Err("this action always has its own keys".to_owned()),
        Err(_) => return Err(unknown(name, "action", actions().map(|action| action.name()))),
    };
    let names: Vec<Option<&str>> = match value {
        DeValue::String(name) => vec![Some(name.as_ref())],
        DeValue::Array(list) => {
            list.iter().map(|name: &Spanned<DeValue<'_>>| name.get_ref().as_str()).collect()
        }
        _ => vec![None],
    };
    if names.is_empty() {
        return Err("give at least one key".to_owned());
    }
    let key = |name: Option<&str>| match name {
        Some(name) => name.parse::<Key>(),
        None => Err("use the name of a key in quotes, or a list of them".to_owned()),
    };
    Ok((action, names.into_iter().map(key).collect::<Result<_, _>>()?))
}

/// Names the nearest known name; all of them if none is near.
fn unknown<'a>(name: &str, kind: &str, known: impl Iterator<Item = &'a str>) -> String {
    let known: Vec<&str> = known.collect();
    let nearest = match get_close_matches(name, &known, 1, SIMILARITY).first() {
        Some(nearest) => format!("did you mean `{nearest}`?"),
        None => format!("use {}", one_of(&known.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>())),
    };
    format!("`{name}` is not {} {kind}; {nearest}", if kind.starts_with('a') { "an" } else { "a" })
}
