//! Route tables as HCL expressions: a list, or a value for `for_each`.

use std::collections::BTreeSet;

/// Route tables as expressions.
#[derive(Clone)]
pub(in crate::terraform) struct Tables {
    /// The id list of a data source that finds some of them.
    pub found: Option<String>,
    /// The expression of each other route table.
    pub listed: Vec<String>,
}

impl Tables {
    /// The route tables as a list.
    pub fn list(&self) -> String {
        let listed = format!("[{}]", self.listed.join(", "));
        match &self.found {
            None => listed,
            Some(found) if self.listed.is_empty() => found.clone(),
            Some(found) => format!("concat({found}, {listed})"),
        }
    }

    /// The route tables as a value for `for_each`. If this code creates a route table, its id is unknown
    /// before the first apply and cannot be a key. The value is then a map with the resource names as keys.
    pub fn for_each(&self) -> String {
        if self.found.is_some() || self.listed.iter().all(|table| table.starts_with('"')) {
            return format!("toset({})", self.list());
        }
        let mut keys: Vec<String> = self.listed.iter().map(|table| short_key(table)).collect();
        if keys.iter().collect::<BTreeSet<_>>().len() < keys.len() {
            keys = self.listed.iter().map(|table| table.chars().map(key_char).collect()).collect();
        }
        let width = keys.iter().map(String::len).max().unwrap_or_default();
        let lines = keys.iter().zip(&self.listed).map(|(key, table)| format!("  {key:<width$} = {table}\n"));
        format!("{{\n{}}}", lines.collect::<String>())
    }
}

/// The name in an expression, `private` of `aws_route_table.private.id`.
fn short_key(table: &str) -> String {
    let address = table.strip_suffix(".id").and_then(|address| address.split_once('.'));
    let name = match address {
        Some((_, name)) => name,
        None if table.ends_with(".main_route_table_id") => "main",
        None => table.strip_prefix("module.").unwrap_or(table),
    };
    name.replace(['"', ']'], "").chars().map(key_char).collect()
}

fn key_char(c: char) -> char {
    if c.is_alphanumeric() || c == '-' { c } else { '_' }
}
