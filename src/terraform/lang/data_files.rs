//! The functions that read data files: `file`, `fileset`, and the decoders of JSON, YAML and CSV.
//!
//! `read` has the content of the files. Content that is not understood as a whole has no value.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;

use hcl::{Map, Value};

use crate::terraform::lang::budget::{Meter, Stop};
use crate::terraform::lang::functions::text;
use crate::terraform::lang::yaml::yaml;

/// The files that the code of a module can read. Paths are relative to the root module.
pub(in crate::terraform) trait DataFiles: fmt::Debug + Send + Sync {
    /// The text of a file; `None` if it is not read.
    fn text(&self, path: &str) -> Option<String>;

    /// The files below a folder that match a pattern of `fileset`, sorted; `None` if unknown.
    fn matching(&self, folder: &str, pattern: &str) -> Option<Vec<String>>;

    /// The paths of the files whose text was read, relative to the root module.
    fn paths(&self) -> Vec<String>;
}

/// The value of a data file by the ending of its name; `None` if it is not understood.
pub(in crate::terraform) fn decoded_file(path: &str, text: &str) -> Option<Value> {
    match path.rsplit_once('.')?.1 {
        "csv" => csv(text),
        "json" => json(text),
        "yaml" | "yml" => yaml(text),
        _ => None,
    }
}

/// An element of a list as lines of YAML. `order` is the order of the fields.
pub(in crate::terraform) fn as_yaml(element: &Value, order: &[String], indent: &str) -> String {
    let scalar = |value: &Value| match value {
        Value::String(text) if yaml(text).as_ref() == Some(value) => text.clone(),
        other => serde_json::to_string(other).unwrap_or_default(),
    };
    let Some(fields) = element.as_object() else { return format!("{indent}- {}\n", scalar(element)) };
    let fields = order.iter().filter_map(|name| Some((name, fields.get(name)?)));
    let line = |(number, (name, value)): (usize, (&String, &Value))| {
        format!("{indent}{} {name}: {}\n", if number == 0 { "-" } else { " " }, scalar(value))
    };
    fields.enumerate().map(line).collect()
}

/// The result of a function that reads data; `None` for another function.
pub(super) fn data_function(
    files: Option<&dyn DataFiles>,
    name: &str,
    args: &[Cow<'_, Value>],
    meter: &mut Meter<'_>,
) -> Option<Result<Value, Stop>> {
    let value = match name {
        "file" => read(files, args, meter),
        "fileset" => listed(files, args, meter),
        "csvdecode" => decoded(csv, args, meter),
        "jsondecode" => decoded(json, args, meter),
        "yamldecode" => decoded(yaml, args, meter),
        _ => return None,
    };
    Some(value)
}

fn read(
    files: Option<&dyn DataFiles>,
    args: &[Cow<'_, Value>],
    meter: &mut Meter<'_>,
) -> Result<Value, Stop> {
    let [path] = args else { return Err(Stop::Unknown) };
    let path = text(path, meter)?;
    let text = files.and_then(|files| files.text(&path)).ok_or(Stop::Unknown)?;
    meter.allocate(text.len())?;
    Ok(Value::from(text))
}

fn listed(
    files: Option<&dyn DataFiles>,
    args: &[Cow<'_, Value>],
    meter: &mut Meter<'_>,
) -> Result<Value, Stop> {
    let [folder, pattern] = args else { return Err(Stop::Unknown) };
    let (folder, pattern) = (text(folder, meter)?, text(pattern, meter)?);
    let names = files.and_then(|files| files.matching(&folder, &pattern)).ok_or(Stop::Unknown)?;
    meter.elements(names.len())?;
    Ok(Value::from(names))
}

fn decoded(
    decode: fn(&str) -> Option<Value>,
    args: &[Cow<'_, Value>],
    meter: &mut Meter<'_>,
) -> Result<Value, Stop> {
    let [written] = args else { return Err(Stop::Unknown) };
    let written = text(written, meter)?;
    meter.allocate(written.len())?;
    let value = decode(&written).ok_or(Stop::Unknown)?;
    meter.copy(&value)?;
    Ok(value)
}

fn json(text: &str) -> Option<Value> {
    serde_json::from_str::<Value>(text).ok().map(sorted)
}

/// The keys of each object in Terraform's order.
fn sorted(value: Value) -> Value {
    match value {
        Value::Array(list) => list.into_iter().map(sorted).collect(),
        Value::Object(fields) => {
            let mut fields: Vec<(String, Value)> =
                fields.into_iter().map(|(key, value)| (key, sorted(value))).collect();
            fields.sort_by(|(one, _), (other, _)| one.cmp(other));
            Value::Object(fields.into_iter().collect::<Map<_, _>>())
        }
        value => value,
    }
}

/// A list of objects: each line with the names of the first line. All values are texts.
fn csv(text: &str) -> Option<Value> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let names = reader.headers().ok()?.clone();
    let is_unique = names.iter().collect::<BTreeSet<_>>().len() == names.len();
    (is_unique && !names.is_empty()).then_some(())?;
    let object = |fields: Result<csv::StringRecord, csv::Error>| {
        let fields = fields.ok()?;
        let fields = names.iter().map(str::to_owned).zip(fields.iter().map(Value::from));
        Some(sorted(Value::Object(fields.collect())))
    };
    reader.records().map(object).collect::<Option<Vec<_>>>().map(Value::Array)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may stop at the first error")]

    use super::*;

    fn shown(value: Option<Value>) -> String {
        value.map_or_else(|| "?".to_owned(), |value| serde_json::to_string(&value).unwrap())
    }

    #[test]
    fn csv_is_a_list_of_objects_of_texts() {
        // The results are those of `terraform console`.
        for (text, expected) in [
            ("name,port\ndb,5432\nweb,443\n", r#"[{"name":"db","port":"5432"},{"name":"web","port":"443"}]"#),
            ("a,b\n\"x, \"\"y\"\"\",\n", r#"[{"a":"x, \"y\"","b":""}]"#),
            ("a,b\n", "[]"),
            ("a,b\nx\n", "?"),
            ("a\n\"x\n\"\n", r#"[{"a":"x\n"}]"#),
            ("a,a\n1,2\n", "?"),
            ("", "?"),
        ] {
            assert_eq!(shown(csv(text)), expected, "{text}");
        }
    }

    #[test]
    fn json_has_the_order_of_terraform() {
        assert_eq!(
            shown(json(r#"{"b": [1, {"d": null, "c": "x"}], "a": true}"#)),
            r#"{"a":true,"b":[1,{"c":"x","d":null}]}"#
        );
        assert_eq!(shown(json("{")), "?");
    }
}
