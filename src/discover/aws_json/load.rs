//! Reads the files of a folder.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::answers::Answers;
use super::error::AwsJsonError;
use crate::discover::snapshot_file::FileError;
use crate::files::{ENTRIES, LIMIT, ReadError, list_dir, read_named, read_regular};
use crate::model::{Region, Snapshot};
use crate::text::{decode, json_error};

/// Reads a folder of AWS CLI output, or one file.
///
/// `region` overrides the region that the answers contain. `taken_at` of the snapshot is the newest
/// modification time.
///
/// # Errors
/// A file cannot be read or is malformed (the error contains file, line and column), two answers
/// contradict each other, no file contains an answer, or the region is unknown.
pub fn load_aws_json(path: &Path, region: Option<&str>) -> Result<Snapshot, AwsJsonError> {
    let mut answers = Answers::default();
    let mut newest = Timestamp::UNIX_EPOCH;
    for file in files(path)? {
        let read_error = |error: ReadError| FileError::reading(&file, error);
        // The user names one file, but not those of a folder: only regular files of limited size are read there.
        let bytes = if file == path { read_named(&file) } else { read_regular(&file, LIMIT) };
        let bytes = bytes.map_err(read_error)?;
        let modified =
            fs::metadata(&file).and_then(|file| file.modified()).map_err(|error| read_error(error.into()))?;
        newest = newest.max(Timestamp::try_from(modified).unwrap_or(newest));
        let stem = file.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        let text = decode(bytes).map_err(|_| read_error(ReadError::NotText))?;
        answers
            .add(&stem, &text)
            .map_err(|error| AwsJsonError::Malformed { path: file.clone(), problem: json_error(&error) })?;
    }
    if answers.files == 0 {
        return Err(AwsJsonError::NoAnswer(path.to_owned()));
    }
    let region = region.map(Region::new).or_else(|| answers.region());
    let region = region.ok_or_else(|| AwsJsonError::NoRegion(path.to_owned()))?;
    answers.snapshot(Snapshot::new(region, newest))
}

/// The `*.json` files of a folder, sorted by name; or the file itself.
fn files(path: &Path) -> Result<Vec<PathBuf>, FileError> {
    let read_error = |error: io::Error| FileError::reading(path, error);
    if !fs::metadata(path).map_err(read_error)?.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let names = list_dir(path, ENTRIES).map_err(|error| FileError::reading(path, error))?;
    let is_json = |file: &PathBuf| {
        file.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json")) && !file.is_dir()
    };
    Ok(names.into_iter().map(|name| path.join(name)).filter(is_json).collect())
}
