//! The elements of a list or map of endpoints as elements for another service: only their names differ.

use std::ops::Range;

use hcl_edit::Span as _;
use hcl_edit::expr::{Expression, ObjectKey};

use crate::terraform::edit::draft::Draft;
use crate::terraform::edit::endpoint::names::suffix;
use crate::terraform::edit::endpoint::reenable::EndpointSpec;
use crate::terraform::find::collections::Literal;
use crate::terraform::find::entry_value::{fields, key_code};
use crate::terraform::find::form::{Form, key_text};
use crate::terraform::find::instance_argument::{argument_of, keys_of};
use crate::terraform::lang::expression::{parse, without_parentheses};

/// The argument with the route tables of a gateway endpoint.
pub(in crate::terraform::edit) const TABLES: &str = "route_table_ids";
/// The list of route tables of an element that is tried.
pub(in crate::terraform::edit) const NEW_TABLES: &str = "[\"route-tables\"]";

/// Limit of the elements that are copied.
const MODELS: usize = 2;

/// A copy of an element.
#[derive(Clone)]
pub(in crate::terraform::edit) struct Copy {
    /// Its key in a map, as it is written.
    pub key: Option<String>,
    pub value: String,
}

impl Copy {
    /// The span of the value of a field.
    pub fn field(&self, name: &str) -> Option<Range<usize>> {
        let tree = parse(&self.value)?;
        let Expression::Object(fields) = without_parentheses(&tree) else { return None };
        let (_, value) = fields.iter().find(|(key, _)| key_text(key).as_deref() == Some(name))?;
        value.expr().span()
    }
}

/// An element of another service.
struct Model {
    service: String,
    value: String,
    fields: usize,
}

/// The copies for a service, the likeliest one first; `None` if the block creates the endpoint of the service already.
pub(in crate::terraform::edit) fn copies(
    draft: &Draft<'_>,
    form: &Form<'_>,
    literal: &Literal<'_>,
    spec: &EndpointSpec<'_>,
) -> Option<Vec<Copy>> {
    let finder = &draft.finder;
    let service = |key: &String| {
        let name =
            argument_of(finder.config, form.place, (key, "service_name"), finder.snapshot.region.as_str())?;
        Some(suffix(draft, &name).to_owned())
    };
    let mut services: Vec<String> = keys_of(finder.config, form.place).iter().filter_map(service).collect();
    if services.iter().any(|service| service == spec.suffix) {
        return None;
    }
    services.sort_by_key(|service| std::cmp::Reverse(service.len()));
    let tree = literal.tree()?;
    let mut models = models(literal, &tree, &services);
    models.reverse();
    models.sort_by_key(|model| model.fields);
    let keys: Vec<Option<String>> = match without_parentheses(&tree) {
        Expression::Object(map) => {
            let names: Vec<String> = map.iter().filter_map(|(key, _)| key_text(key)).collect();
            keys(spec.suffix, &names).into_iter().map(|key| Some(key_code(&key))).collect()
        }
        _ => vec![None],
    };
    let copy = |model: &Model| {
        let value = renamed(&model.value, &model.service, spec.suffix)?;
        parse(&value)?;
        Some(keys.iter().map(move |key| Copy { key: key.clone(), value: value.clone() }).collect::<Vec<_>>())
    };
    Some(models.iter().filter_map(copy).take(MODELS).flatten().collect())
}

/// The elements that name one of the services, and nothing that is only for this one.
fn models(literal: &Literal<'_>, tree: &Expression, services: &[String]) -> Vec<Model> {
    let text = literal.file.slice(literal.span.clone());
    let parts: Vec<(Option<&ObjectKey>, &Expression)> = match without_parentheses(tree) {
        Expression::Array(list) => list.iter().map(|value| (None, value)).collect(),
        Expression::Object(map) => map.iter().map(|(key, value)| (Some(key), value.expr())).collect(),
        _ => Vec::new(),
    };
    let model = |(key, expression): &(Option<&ObjectKey>, &Expression)| {
        let own = text.get(expression.span()?)?;
        let fields = fields(expression);
        let has_policy = fields
            .iter()
            .any(|(name, value)| name.contains("policy") && !matches!(value, Expression::Null(_)));
        if has_policy || groups_differ(&fields, &parts) {
            return None;
        }
        let name = key.and_then(key_text).map(|key| format!("\"{key}\"")).unwrap_or_default();
        let is_named = |service: &&String| {
            [name.as_str(), own]
                .iter()
                .any(|text| renamed(text, service, "\u{1}").is_some_and(|new| new.contains('\u{1}')))
        };
        let service = services.iter().find(is_named)?.clone();
        let value = match key {
            // The entry of a map is indented when it is inserted.
            Some(key) => {
                let start = match key {
                    ObjectKey::Ident(name) => name.span(),
                    ObjectKey::Expression(key) => key.span(),
                }?
                .start;
                let line = text.get(..start)?.rsplit('\n').next()?;
                own.replace(&format!("\n{line}"), "\n")
            }
            None => own.to_owned(),
        };
        Some(Model { service, value, fields: fields.len() })
    };
    parts.iter().filter_map(model).collect()
}

/// Whether another element has other security groups: it is unknown which ones the new endpoint gets.
fn groups_differ(own: &[(String, Expression)], all: &[(Option<&ObjectKey>, &Expression)]) -> bool {
    let groups = |fields: &[(String, Expression)]| -> Option<String> {
        let group = fields.iter().find(|(name, _)| name.contains("security_group"))?;
        Some(group.1.to_string().split_whitespace().collect())
    };
    let own = groups(own);
    all.iter().filter_map(|(_, other)| groups(&fields(other))).any(|other| own.as_ref() != Some(&other))
}

/// The keys for a service in the style of the others, the likeliest one first.
fn keys(suffix: &str, others: &[String]) -> Vec<String> {
    let (dashes, underscores) = (suffix.replace(['.', '_'], "-"), suffix.replace(['.', '-'], "_"));
    let has = |separator: char| others.iter().any(|other| other.contains(separator));
    let first = if has('.') {
        suffix.to_owned()
    } else if has('-') && !has('_') {
        dashes.clone()
    } else {
        underscores.clone()
    };
    let mut keys = vec![first];
    for key in [suffix.to_owned(), underscores, dashes] {
        if !keys.contains(&key) {
            keys.push(key);
        }
    }
    keys
}

/// An expression with the name of a service replaced in its texts, without its comments; `None` if something else has the name, such as
/// a reference.
pub(in crate::terraform::edit) fn renamed(text: &str, from: &str, to: &str) -> Option<String> {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(['"', '#', '/', '<']) {
        let (code, tail) = rest.split_at(at);
        out.push_str(code);
        if has_word(code, from) {
            return None;
        }
        if tail.starts_with('#') || tail.starts_with("//") {
            let end = tail.find('\n').unwrap_or(tail.len());
            let line = out.rfind('\n').map_or(0, |at| at + 1);
            let is_own_line = out.get(line..)?.trim().is_empty() && line > 0;
            let kept = if is_own_line { line } else { out.trim_end_matches([' ', '\t']).len() };
            out.truncate(kept);
            rest = tail.get(if is_own_line { (end + 1).min(tail.len()) } else { end }..)?;
        } else if tail.starts_with('"') {
            let end = end_of_text(tail)?;
            out.push_str(&renamed_text(tail.get(..end)?, from, to)?);
            rest = tail.get(end..)?;
        } else if tail.starts_with("/*") || tail.starts_with("<<") {
            return None;
        } else {
            out.push_str(tail.get(..1)?);
            rest = tail.get(1..)?;
        }
    }
    (!has_word(rest, from)).then(|| out + rest)
}

/// The name of a block for another service; `None` if the present name does not have the service.
pub(in crate::terraform::edit) fn renamed_label(name: &str, from: &str, to: &str) -> Option<String> {
    let to = if name.contains('-') { to.replace(['.', '_'], "-") } else { to.replace(['.', '-'], "_") };
    let new = with_word(name, from, &to);
    (new != name).then_some(new)
}

/// The end of the text in quotes with which an expression begins.
fn end_of_text(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    let mut is_escaped = false;
    let mut before = ' ';
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            '{' if before == '$' || before == '%' || depth > 0 => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            '"' if depth == 0 => return Some(at + 1),
            _ => {}
        }
        before = c;
    }
    None
}

/// A text in quotes with another name of the service; `None` if an interpolation has the name.
fn renamed_text(text: &str, from: &str, to: &str) -> Option<String> {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("${") {
        let (literal, tail) = rest.split_at(at);
        out.push_str(&with_word(literal, from, to));
        let mut depth = 0_usize;
        let end = tail.char_indices().find_map(|(at, c)| {
            match c {
                '{' => depth += 1,
                '}' => depth -= 1,
                _ => return None,
            }
            (depth == 0).then_some(at + 1)
        })?;
        let interpolation = tail.get(..end)?;
        (!has_word(interpolation, from)).then_some(())?;
        out.push_str(interpolation);
        rest = tail.get(end..)?;
    }
    out.push_str(&with_word(rest, from, to));
    Some(out)
}

/// The forms of the name of a service in names: `ecr.api`, `ecr-api`, `ecr_api`.
fn forms(from: &str, to: &str) -> Vec<(String, String)> {
    let mut all = vec![(from.to_owned(), to.to_owned())];
    for (parts, by) in [(&['.'][..], "-"), (&['.', '-'][..], "_"), (&['.', '-'][..], "")] {
        let form = from.replace(parts, by);
        if !all.iter().any(|(known, _)| *known == form) {
            all.push((form, to.replace(parts, by)));
        }
    }
    all
}

/// The places of a word: letters and digits next to it would belong to it.
fn word(text: &str, word: &str, from: usize) -> Option<usize> {
    let mut start = from;
    while let Some(at) = text.get(start..)?.find(word).map(|at| start + at) {
        let is_part = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        let end = at + word.len();
        if !is_part(text.get(..at)?.chars().next_back()) && !is_part(text.get(end..)?.chars().next()) {
            return Some(at);
        }
        start = end;
    }
    None
}

fn has_word(text: &str, name: &str) -> bool {
    forms(name, "").iter().any(|(form, _)| word(text, form, 0).is_some())
}

fn with_word(text: &str, from: &str, to: &str) -> String {
    let mut out = text.to_owned();
    for (from, to) in forms(from, to) {
        let mut start = 0;
        while let Some(at) = word(&out, &from, start) {
            out.replace_range(at..at + from.len(), &to);
            start = at + to.len();
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_texts_get_the_name_of_the_other_service() {
        let new = |text: &str| renamed(text, "ecr.api", "bedrock-runtime");
        assert_eq!(
            new("{\n  # The registry\n  name = \"${local.name}-ecr-api\" # own name\n  service = \"ecr.api\"\n}").as_deref(),
            Some("{\n  name = \"${local.name}-bedrock-runtime\"\n  service = \"bedrock-runtime\"\n}")
        );
        assert_eq!(new("{ name = \"ecr.api\", key = aws_kms_key.ecr_api.arn }"), None);
        assert_eq!(new("{ name = \"${local.names[\"ecr.api\"]}\" }"), None);
        assert_eq!(new("{ policy = <<EOT\necr.api\nEOT\n}"), None);
        assert_eq!(
            new("\"com.amazonaws.${var.region}.ecr.api2\"").as_deref(),
            Some("\"com.amazonaws.${var.region}.ecr.api2\"")
        );
        assert_eq!(renamed("\"a/ssm\"", "ssm", "ecr.dkr").as_deref(), Some("\"a/ecr.dkr\""));
    }

    #[test]
    fn a_key_has_the_separator_of_the_others() {
        let first = |others: &[&str]| {
            let others: Vec<String> = others.iter().map(|one| (*one).to_owned()).collect();
            keys("ecr.api", &others).remove(0)
        };
        assert_eq!(first(&["logs"]), "ecr_api");
        assert_eq!(first(&["ssm-messages"]), "ecr-api");
        assert_eq!(first(&["ecr.dkr", "kms-fips"]), "ecr.api");
    }
}
