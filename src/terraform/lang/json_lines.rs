//! Lines of JSON text, and lines of HCL as JSON.

use hcl_edit::expr::Expression;
use hcl_edit::structure::{Body, Structure};

use crate::terraform::lang::json::json;
use crate::terraform::lang::structure::{Body as Structured, Item};

/// The line of the first key at a path of keys. Lists are part of no path: `{"resource": [{"aws_vpc": …}]}`.
pub(in crate::terraform) fn line_of(text: &str, path: &[String]) -> Option<usize> {
    // The present key of each open object; `None` for a list.
    let mut open: Vec<Option<String>> = Vec::new();
    let (mut line, mut rest) = (1, text.char_indices());
    while let Some((at, c)) = rest.next() {
        match c {
            '\n' => line += 1,
            '{' => open.push(Some(String::new())),
            '[' => open.push(None),
            '}' | ']' => {
                open.pop();
            }
            '"' => {
                let mut is_escaped = false;
                let end = rest.by_ref().find(|(_, c)| {
                    let is_end = *c == '"' && !is_escaped;
                    is_escaped = *c == '\\' && !is_escaped;
                    is_end
                });
                let (end, _) = end?;
                let is_key = text.get(end + 1..)?.trim_start().starts_with(':');
                if let Some(Some(key)) = open.last_mut().filter(|_| is_key) {
                    *key = serde_json::from_str(text.get(at..=end)?).ok()?;
                    if open.iter().flatten().eq(path) {
                        return Some(line);
                    }
                }
            }
            _ => {}
        }
    }
    None
}

/// The keys in JSON syntax that lead to an offset of the same code as HCL.
pub(in crate::terraform) fn path_at(body: &Structured, at: usize) -> Vec<String> {
    let mut path = Vec::new();
    let mut body = Some(body);
    while let Some(inner) = body.take() {
        for item in &inner.items {
            match item {
                Item::Attribute(attribute) if attribute.span.contains(&at) => {
                    path.push(attribute.name.clone());
                }
                Item::Block(block) if block.span.contains(&at) => {
                    path.push(block.block_type.clone());
                    path.extend(block.labels.iter().cloned());
                    body = Some(&block.body);
                }
                _ => {}
            }
        }
    }
    path
}

/// Attributes as the properties of a JSON object, `"nat": true`; `None` if the text has other code.
pub(in crate::terraform) fn as_json(text: &str) -> Option<String> {
    let body: Body = text.parse().ok()?;
    let line = |item: &Structure| {
        let attribute = item.as_attribute()?;
        Some(format!("\"{}\": {}", attribute.key.as_str(), value(&attribute.value)))
    };
    let lines: Vec<String> = body.iter().map(line).collect::<Option<_>>()?;
    (!lines.is_empty()).then(|| format!("{}\n", lines.join(",\n")))
}

fn value(written: &Expression) -> String {
    shown(&json(written))
}

/// A value in one line, with blanks as a user writes it.
fn shown(value: &serde_json::Value) -> String {
    match value {
        serde_json::Value::Array(list) => {
            format!("[{}]", list.iter().map(shown).collect::<Vec<_>>().join(", "))
        }
        serde_json::Value::Object(fields) if fields.is_empty() => "{}".to_owned(),
        serde_json::Value::Object(fields) => {
            let name = |name: &String| serde_json::Value::String(name.clone());
            let fields = fields.iter().map(|(key, value)| format!("{}: {}", name(key), shown(value)));
            format!("{{ {} }}", fields.collect::<Vec<_>>().join(", "))
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_has_a_line() {
        let text =
            "{\n  \"a\": { \"x\": \"b: {\",\n  \"b\": 1 },\n  \"b\": [\n    { \"c\\\"d\": 2 }\n  ]\n}\n";
        let line =
            |path: &[&str]| line_of(text, &path.iter().map(|key| (*key).to_owned()).collect::<Vec<_>>());
        assert_eq!(line(&["a"]), Some(2));
        assert_eq!(line(&["a", "b"]), Some(3));
        assert_eq!(line(&["b"]), Some(4));
        assert_eq!(line(&["b", "c\"d"]), Some(5));
        assert_eq!(line(&["c"]), None);
    }

    #[test]
    fn attributes_are_printed_as_properties() {
        let text = "nat   = true\nports = [5432, 443] # now\nnames = { a = \"x\", b = var.y }\n";
        let expected =
            "\"nat\": true,\n\"ports\": [5432, 443],\n\"names\": { \"a\": \"x\", \"b\": \"${var.y}\" }\n";
        assert_eq!(as_json(text).as_deref(), Some(expected));
        assert_eq!(as_json("egress {}\n"), None);
    }
}
