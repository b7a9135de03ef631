//! Route tables as HCL expressions: a list, or one resource for each of them.

use std::collections::BTreeSet;

use crate::terraform::lang::expression::Expr;

/// Route tables as expressions.
#[derive(Clone, Default)]
pub(in crate::terraform) struct Tables {
    /// The id list of a data source that finds some of them.
    pub found: Option<String>,
    /// The number of tables that the data source finds, if it is read only after this code creates something: its ids are then
    /// unknown in the plan of a new environment and cannot be keys.
    pub late: Option<usize>,
    /// Lists of ids that Terraform knows only after it creates the tables: `module.vpc.private_route_table_ids`.
    pub lists: Vec<String>,
    /// The expression of each other route table.
    pub listed: Vec<String>,
}

/// How one resource is created for each route table.
pub(in crate::terraform) enum Repetition {
    /// There is one route table: its id.
    One(String),
    /// `for_each` or `count` with its value, and the id of a route table.
    Each { argument: &'static str, value: String, table: String },
}

impl Tables {
    /// The route tables as a list.
    pub fn list(&self) -> String {
        // The only element of a list is the list itself.
        let list_of = |only: &String| {
            let list = only.strip_prefix("one(")?.strip_suffix(')')?;
            Expr::from(list).reference()
        };
        let listed = match self.listed.as_slice() {
            [] => None,
            [only] => Some(list_of(only).unwrap_or_else(|| format!("[{only}]"))),
            several => Some(format!("[{}]", several.join(", "))),
        };
        let parts: Vec<String> = self.found.iter().chain(&self.lists).cloned().chain(listed).collect();
        match parts.as_slice() {
            [] => "[]".to_owned(),
            [only] => only.clone(),
            several => format!("concat({})", several.join(", ")),
        }
    }

    /// One resource for each route table. If this code creates a route table, its id is unknown before the first apply and cannot be
    /// a key: the keys are then the resource names, or the places in a list.
    pub fn repetition(&self) -> Repetition {
        if let ([only], [], None) = (self.listed.as_slice(), self.lists.as_slice(), &self.found) {
            return Repetition::One(only.clone());
        }
        if let Some(found) = self.late.filter(|_| self.found.is_some() && self.lists.is_empty()) {
            let (list, count) = (self.list(), found + self.listed.len());
            return match count {
                1 => Repetition::One(format!("one({list})")),
                count => Repetition::Each {
                    argument: "count",
                    value: count.to_string(),
                    table: format!("{list}[count.index]"),
                },
            };
        }
        if self.lists.is_empty() {
            return Repetition::Each {
                argument: "for_each",
                value: self.for_each(),
                table: "each.value".to_owned(),
            };
        }
        let list = self.list();
        let splat =
            Expr::from(&list).reference().and_then(|list| list.strip_suffix("[*].id").map(str::to_owned));
        // `values(aws_route_table.private)[*].id`, or `values(module.vpc.private_route_table_ids)`.
        let values = list.strip_prefix("values(").and_then(|rest| {
            let instances = rest.strip_suffix(")[*].id").map(|block| (block, "each.value.id"));
            instances.or_else(|| Some((rest.strip_suffix(')')?, "each.value")))
        });
        match (splat, values.filter(|(map, _)| !map.contains([',', ')']))) {
            (Some(block), _) => Repetition::Each {
                argument: "count",
                value: format!("length({block})"),
                table: format!("{block}[count.index].id"),
            },
            (None, Some((map, table))) => {
                Repetition::Each { argument: "for_each", value: map.to_owned(), table: table.to_owned() }
            }
            (None, None) => Repetition::Each {
                argument: "count",
                value: format!("length({list})"),
                table: format!("{list}[count.index]"),
            },
        }
    }

    /// The route tables as a value for `for_each`. If this code creates a route table, its id is unknown
    /// before the first apply and cannot be a key. The value is then a map with the resource names as keys.
    pub fn for_each(&self) -> String {
        if self.found.is_some() || self.listed.iter().all(|table| table.starts_with('"')) {
            return format!("toset({})", self.list());
        }
        let are_different = |keys: &Vec<String>| keys.iter().collect::<BTreeSet<_>>().len() == keys.len();
        let of_instances: Option<Vec<String>> = self.listed.iter().map(|table| instance_key(table)).collect();
        let names = || Some(self.listed.iter().map(|table| short_key(table)).collect());
        let whole = || self.listed.iter().map(|table| table.chars().map(key_char).collect()).collect();
        let keys = of_instances.filter(are_different).or_else(names).filter(are_different);
        let keys = keys.unwrap_or_else(whole);
        let width = keys.iter().map(String::len).max().unwrap_or_default();
        let lines = keys.iter().zip(&self.listed).map(|(key, table)| format!("  {key:<width$} = {table}\n"));
        format!("{{\n{}}}", lines.collect::<String>())
    }
}

/// The key in a reference to an instance, `a` of `aws_route_table.private["a"].id`.
fn instance_key(table: &str) -> Option<String> {
    let (_, key) = table.strip_suffix(".id").unwrap_or(table).rsplit_once("[\"")?;
    Some(key.strip_suffix("\"]")?.chars().map(key_char).collect())
}

/// The name in an expression, `private` of `aws_route_table.private.id`.
fn short_key(table: &str) -> String {
    // `module.network.private_route_table_ids["a"]`
    if let Some(key) = instance_key(table).filter(|_| table.strip_suffix(".id").is_none()) {
        return key;
    }
    let address = table.strip_suffix(".id").and_then(|address| address.split_once('.'));
    let name = match address {
        Some(("data", rest)) => rest.split_once('.').map_or(rest, |(_, name)| name),
        Some((_, name)) => name,
        None if table.ends_with(".main_route_table_id") => "main",
        None => table.strip_prefix("module.").unwrap_or(table),
    };
    name.trim_end_matches("[0]").replace(['"', ']'], "").chars().map(key_char).collect()
}

fn key_char(c: char) -> char {
    if c.is_alphanumeric() || c == '-' { c } else { '_' }
}
