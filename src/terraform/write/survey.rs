//! The content of the files of a journal, as they are on disk.

use std::path::PathBuf;

use crate::terraform::write::content::{Content, State};
use crate::terraform::write::journal::{Entry, Journal};
use crate::terraform::write::tree::{LocateError, Target, Tree};

/// The content of a file compared with its record.
fn state(target: &Target, entry: &Entry) -> State {
    match target.dir.read(&target.name) {
        Err(_) => State::Unreadable,
        Ok(content) if content.is(Some(&entry.after)) => State::New,
        Ok(content) => match &entry.before {
            None if content == Content::Missing => State::NotCreated,
            Some(backup) if content.is(Some(&backup.digest)) => State::Old,
            Some(_) if content == Content::Missing => State::Missing,
            _ => State::Other,
        },
    }
}

/// The content of every file of a journal.
pub(super) fn survey(tree: &Tree, journal: &Journal) -> Vec<(PathBuf, State)> {
    let of = |entry: &Entry| match tree.locate(&entry.path) {
        Ok(target) => state(&target, entry),
        Err(LocateError::NoFolder) if entry.before.is_none() => State::NotCreated,
        Err(LocateError::NoFolder) => State::Missing,
        // The file is a link out of the tree now.
        Err(LocateError::Refused(_)) => State::Other,
        Err(LocateError::Io(_)) => State::Unreadable,
    };
    journal.entries.iter().map(|entry| (entry.path.clone(), of(entry))).collect()
}
