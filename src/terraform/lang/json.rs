//! Code in JSON syntax as HCL, to read it, and HCL as JSON, to print a change
//! (<https://developer.hashicorp.com/terraform/language/syntax/json>).
//!
//! A nested object of a resource is a block only if the AWS resources that egress-doctor reads have a block with this name.

use std::fmt::Write as _;

use hcl_edit::expr::{Expression, ObjectKey};
use hcl_edit::structure::{Body, Structure};
use serde_json::{Map, Value};

use crate::terraform::lang::expression::without_parentheses;
use crate::terraform::lang::render::quoted;

/// Nested objects that are blocks.
const BLOCKS: [&str; 24] = [
    "access_logs",
    "assume_role",
    "cloud",
    "content",
    "default_tags",
    "dns_options",
    "egress",
    "egress_configuration",
    "filter",
    "health_check_configuration",
    "image_configuration",
    "image_repository",
    "ingress",
    "ingress_configuration",
    "instance_configuration",
    "lifecycle",
    "network_configuration",
    "observability_configuration",
    "required_providers",
    "route",
    "source_configuration",
    "timeouts",
    "validation",
    "workspaces",
];
/// Nested objects with a label: `dynamic "ingress"`, `backend "s3"`.
const LABELED: [&str; 2] = ["backend", "dynamic"];
/// Arguments whose texts are references or types, not strings.
const BARE: [&str; 6] = ["depends_on", "from", "ignore_changes", "provider", "replace_triggered_by", "to"];
/// Fields of a rule that a security group needs in JSON, besides the ones that the rule has.
const RULE_LISTS: [&str; 4] = ["cidr_blocks", "ipv6_cidr_blocks", "prefix_list_ids", "security_groups"];
/// The arguments of a route for its target and its other destinations. A route in a list needs all of them, as in JSON.
pub(in crate::terraform) const ROUTE_FIELDS: [&str; 13] = [
    "carrier_gateway_id",
    "cidr_block",
    "core_network_arn",
    "destination_prefix_list_id",
    "egress_only_gateway_id",
    "gateway_id",
    "ipv6_cidr_block",
    "local_gateway_id",
    "nat_gateway_id",
    "network_interface_id",
    "transit_gateway_id",
    "vpc_endpoint_id",
    "vpc_peering_connection_id",
];

/// The code of a file in JSON syntax as HCL; `None` if it is not understood.
pub(in crate::terraform) fn to_hcl(text: &str) -> Option<String> {
    let Value::Object(top) = serde_json::from_str(text).ok()? else { return None };
    let mut out = String::new();
    for (block_type, value) in &top {
        match block_type.as_str() {
            "resource" | "data" => {
                for (kind, named) in pairs(value)? {
                    for (name, bodies) in pairs(named)? {
                        put_blocks(
                            &mut out,
                            &format!("{block_type} {} {}", quoted(kind), quoted(name)),
                            bodies,
                        )?;
                    }
                }
            }
            "module" | "variable" | "output" | "provider" => {
                for (name, bodies) in pairs(value)? {
                    put_blocks(&mut out, &format!("{block_type} {}", quoted(name)), bodies)?;
                }
            }
            "locals" | "terraform" | "import" | "moved" | "removed" => {
                put_blocks(&mut out, block_type, value)?;
            }
            "//" => {}
            _ => return None,
        }
    }
    Some(out)
}

/// The properties of an object, or of all objects of a list.
fn pairs(value: &Value) -> Option<Vec<(&String, &Value)>> {
    match value {
        Value::Object(object) => Some(object.iter().collect()),
        Value::Array(list) => {
            let all: Option<Vec<_>> = list.iter().map(pairs).collect();
            Some(all?.into_iter().flatten().collect())
        }
        _ => None,
    }
}

/// One block for each object.
fn put_blocks(out: &mut String, head: &str, bodies: &Value) -> Option<()> {
    match bodies {
        Value::Object(body) => {
            let _ = writeln!(out, "{head} {{");
            put_body(out, body)?;
            out.push_str("}\n");
            Some(())
        }
        Value::Array(list) => list.iter().try_for_each(|body| put_blocks(out, head, body)),
        _ => None,
    }
}

fn put_body(out: &mut String, body: &Map<String, Value>) -> Option<()> {
    for (name, value) in body.iter().filter(|(name, _)| *name != "//") {
        let is_name = name.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '-');
        let is_nested = match value {
            Value::Object(_) => true,
            Value::Array(list) => list.iter().any(Value::is_object),
            _ => false,
        };
        is_name.then_some(())?;
        if is_nested && LABELED.contains(&name.as_str()) {
            for (label, bodies) in pairs(value)? {
                put_blocks(out, &format!("{name} {}", quoted(label)), bodies)?;
            }
        } else if is_nested && BLOCKS.contains(&name.as_str()) {
            put_blocks(out, name, value)?;
        } else {
            let written = if BARE.contains(&name.as_str()) { bare(value)? } else { expression(value) };
            let _ = writeln!(out, "{name} = {written}");
        }
    }
    Some(())
}

/// References that JSON writes as texts.
fn bare(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.trim_start_matches("${").trim_end_matches('}').to_owned()),
        Value::Array(list) => {
            let all: Option<Vec<String>> = list.iter().map(bare).collect();
            Some(format!("[{}]", all?.join(", ")))
        }
        _ => None,
    }
}

fn expression(value: &Value) -> String {
    match value {
        Value::String(text) => template(text),
        Value::Array(list) => format!("[{}]", list.iter().map(expression).collect::<Vec<_>>().join(", ")),
        Value::Object(object) => {
            let fields =
                object.iter().map(|(name, value)| format!("{} = {}", template(name), expression(value)));
            format!("{{ {} }}", fields.collect::<Vec<_>>().join(", "))
        }
        other => other.to_string(),
    }
}

/// A text, which is a template in JSON syntax: the expression of a text that is one interpolation, else a quoted template.
fn template(text: &str) -> String {
    if text.starts_with("${")
        && let Some(end) = interpolation_end(text)
        && end == text.len()
        && let Some(inner) = text.get(2..end - 1)
    {
        return inner.trim().to_owned();
    }
    let (mut out, mut rest) = (String::from("\""), text);
    while let Some(c) = rest.chars().next() {
        let is_escaped = rest.starts_with("$${") || rest.starts_with("%%{");
        let end = match interpolation_end(rest).filter(|_| !is_escaped) {
            Some(end) => {
                out.push_str(rest.get(..end).unwrap_or_default());
                end
            }
            None if is_escaped => {
                out.push_str(rest.get(..3).unwrap_or_default());
                3
            }
            None => {
                match c {
                    '"' => out.push_str("\\\""),
                    '\\' => out.push_str("\\\\"),
                    '\n' => out.push_str("\\n"),
                    '\r' => out.push_str("\\r"),
                    '\t' => out.push_str("\\t"),
                    c if c.is_control() => {
                        let _ = write!(out, "\\u{:04x}", u32::from(c));
                    }
                    c => out.push(c),
                }
                c.len_utf8()
            }
        };
        rest = rest.get(end..).unwrap_or_default();
    }
    out + "\""
}

/// The end of the interpolation or directive at the beginning of a text; `None` if there is none.
fn interpolation_end(text: &str) -> Option<usize> {
    if !text.starts_with("${") && !text.starts_with("%{") {
        return None;
    }
    let (mut depth, mut is_quoted, mut is_escaped) = (0_usize, false, false);
    for (at, c) in text.char_indices() {
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' if is_quoted => is_escaped = true,
            '"' => is_quoted = !is_quoted,
            '{' if !is_quoted => depth += 1,
            '}' if !is_quoted => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            _ => {}
        }
    }
    None
}

/// The arguments and nested blocks that differ between two versions of a file, as JSON, and the address of the first such block,
/// `resource.aws_vpc.main`. `None` if nothing differs or a version does not parse.
pub(in crate::terraform) fn changed(before: &str, after: &str) -> Option<(String, String)> {
    let (before, after): (Body, Body) = (before.parse().ok()?, after.parse().ok()?);
    let (mut all, mut first) = (Map::new(), None);
    for block in after.iter().filter_map(Structure::as_block) {
        let path: Vec<String> = [block.ident.to_string().trim().to_owned()]
            .into_iter()
            .chain(block.labels.iter().map(|label| label.as_str().to_owned()))
            .collect();
        let present = before
            .iter()
            .filter_map(Structure::as_block)
            .find(|present| present.ident.as_str() == block.ident.as_str() && present.labels == block.labels);
        let present = present.map(|present| body(&present.body)).unwrap_or_default();
        let mut new = body(&block.body);
        new.retain(|name, value| present.get(name) != Some(value));
        if new.is_empty() {
            continue;
        }
        complete(&mut new);
        first.get_or_insert_with(|| path.join("."));
        put(&mut all, &path, Value::Object(new));
    }
    let text = serde_json::to_string_pretty(&Value::Object(all)).ok()?;
    Some((text, first?))
}

/// Adds the fields that JSON syntax needs in the rules of security groups and in routes.
fn complete(body: &mut Map<String, Value>) {
    for (name, list) in body.iter_mut() {
        let Value::Array(list) = list else { continue };
        for element in list.iter_mut().filter_map(Value::as_object_mut) {
            match name.as_str() {
                "ingress" | "egress"
                    if element.contains_key("protocol") && !element.contains_key("rule_no") =>
                {
                    element.entry("description").or_insert(Value::String(String::new()));
                    element.entry("self").or_insert(Value::Bool(false));
                    for field in RULE_LISTS {
                        element.entry(field).or_insert(Value::Array(Vec::new()));
                    }
                }
                "route" => {
                    for field in ROUTE_FIELDS {
                        element.entry(field).or_insert(Value::Null);
                    }
                }
                _ => {}
            }
        }
    }
}

/// Puts a value at a path of objects.
fn put(into: &mut Map<String, Value>, path: &[String], value: Value) {
    match path {
        [] => {}
        [last] => {
            into.insert(last.clone(), value);
        }
        [first, rest @ ..] => {
            let inner = into.entry(first.clone()).or_insert_with(|| Value::Object(Map::new()));
            if let Some(inner) = inner.as_object_mut() {
                put(inner, rest, value);
            }
        }
    }
}

fn body(body: &Body) -> Map<String, Value> {
    let mut out = Map::new();
    for structure in body {
        match structure {
            Structure::Attribute(attribute) => {
                out.insert(attribute.key.as_str().to_owned(), json(&attribute.value));
            }
            Structure::Block(block) => {
                let inner = block.labels.iter().rev().fold(self::body(&block.body), |inner, label| {
                    [(label.as_str().to_owned(), Value::Object(inner))].into_iter().collect()
                });
                let list = out.entry(block.ident.as_str().to_owned()).or_insert(Value::Array(Vec::new()));
                if let Some(list) = list.as_array_mut() {
                    list.push(Value::Object(inner));
                }
            }
        }
    }
    out
}

/// An expression as JSON: everything but literals is an interpolation.
pub(super) fn json(written: &Expression) -> Value {
    let text = || written.to_string().trim().to_owned();
    match without_parentheses(written) {
        Expression::Null(_) => Value::Null,
        Expression::Bool(truth) => Value::Bool(*truth.value()),
        Expression::Number(number) => {
            serde_json::from_str(number.value().to_string().as_str()).unwrap_or(Value::Null)
        }
        Expression::String(text) => Value::String(text.replace("${", "$${").replace("%{", "%%{")),
        Expression::Array(list) => Value::Array(list.iter().map(json).collect()),
        Expression::Object(object) => {
            let key = |key: &ObjectKey| match key {
                ObjectKey::Ident(name) => name.as_str().to_owned(),
                ObjectKey::Expression(Expression::String(text)) => text.as_str().to_owned(),
                ObjectKey::Expression(other) => format!("${{{}}}", other.to_string().trim()),
            };
            Value::Object(object.iter().map(|(name, value)| (key(name), json(value.expr()))).collect())
        }
        Expression::StringTemplate(_) => {
            let text = text();
            match text.strip_prefix('"').and_then(|text| text.strip_suffix('"')) {
                Some(inner) if !inner.contains('\\') => Value::String(inner.to_owned()),
                _ => Value::String(format!("${{{text}}}")),
            }
        }
        _ => Value::String(format!("${{{}}}", text())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_syntax_is_read_as_hcl() {
        let text = r#"{"//": "generated", "resource": {"aws_security_group": {"app": {
            "name": "${var.name}-app", "vpc_id": "${aws_vpc.main.id}", "depends_on": ["aws_vpc.main"],
            "tags": {"Name": "a \"b\"", "Cost": "$${x}"},
            "ingress": [{"from_port": 443, "self": false}],
            "lifecycle": {"ignore_changes": ["tags"]},
            "dynamic": {"egress": {"for_each": "${var.rules}", "content": {"from_port": "${egress.value}"}}}}}}}"#;
        assert_eq!(
            to_hcl(text).as_deref(),
            Some(
                "resource \"aws_security_group\" \"app\" {\ndepends_on = [aws_vpc.main]\ndynamic \"egress\" {\ncontent {\nfrom_port = egress.value\n}\nfor_each = var.rules\n}\ningress {\nfrom_port = 443\nself = false\n}\nlifecycle {\nignore_changes = [tags]\n}\nname = \"${var.name}-app\"\ntags = { \"Cost\" = \"$${x}\", \"Name\" = \"a \\\"b\\\"\" }\nvpc_id = aws_vpc.main.id\n}\n"
            )
        );
        assert_eq!(to_hcl("[]"), None);
        assert_eq!(to_hcl("{\"resource\": 1}"), None);
    }

    #[test]
    fn a_change_is_printed_as_json() {
        let before = "resource \"aws_vpc\" \"main\" {\n  cidr_block = var.range\n}\n";
        let after = "resource \"aws_vpc\" \"main\" {\n  cidr_block = var.range\n  enable_dns_support = true\n  tags = { Name = \"${var.a}-b\", Size = 3 }\n}\n";
        let (text, address) = changed(before, after).unwrap_or_default();
        assert_eq!(address, "resource.aws_vpc.main");
        let value: Value = serde_json::from_str(&text).unwrap_or_default();
        let expected = serde_json::json!({"resource": {"aws_vpc": {"main": {
            "enable_dns_support": true, "tags": {"Name": "${var.a}-b", "Size": 3}}}}});
        assert_eq!(value, expected);
        assert_eq!(changed(before, before), None);
    }
}
