//! Extends list expressions. Elements are compared as syntax trees: comments, parentheses and line breaks
//! are ignored.

use std::ops::Range;

use hcl_edit::Span as _;
use hcl_edit::expr::{Expression, Object, ObjectKey};
use hcl_edit::visit::{Visit, visit_expr};

use crate::terraform::edit::text::splice::Splice;
use crate::terraform::lang::expression::{is_same, parse, without_parentheses};
use crate::terraform::lang::layout::laid_out;
use crate::terraform::lang::render::quoted;
use crate::terraform::read::file::File;

/// The elements of `wanted` that `list` does not contain, as a list; `None` if it contains all of them.
pub(in crate::terraform) fn missing_elements(list: &str, wanted: &str) -> Option<String> {
    let (Some(list), Some(parsed)) = (parse(list), parse(wanted)) else {
        return (!list.contains(wanted)).then(|| wanted.to_owned());
    };
    let is_missing = |element: &&Expression| !contains(&list, element);
    match without_parentheses(&parsed) {
        Expression::Array(elements) => {
            let missing: Vec<String> = elements
                .iter()
                .filter(is_missing)
                .map(|element| element.to_string().trim().to_owned())
                .collect();
            (!missing.is_empty()).then(|| format!("[{}]", missing.join(", ")))
        }
        Expression::FuncCall(call) if call.name.name.as_str() == "concat" => {
            let parts = call.args.iter().map(|part| part.to_string().trim().to_owned());
            let text = list.to_string();
            let missing: Vec<String> = parts.filter_map(|part| missing_elements(&text, &part)).collect();
            match missing.as_slice() {
                [] => None,
                [only] => Some(only.clone()),
                several => Some(format!("concat({})", several.join(", "))),
            }
        }
        whole => is_missing(&whole).then(|| wanted.to_owned()),
    }
}

/// A list expression with more elements: extends `[a, b]`, and uses `concat` or `setunion` for other lists.
pub(in crate::terraform) fn extend_list(list: &str, more: &str) -> String {
    let list = list.trim();
    let tree = parse(list);
    if let Some(Expression::FuncCall(call)) = tree.as_ref().map(without_parentheses)
        && call.name.name.as_str() == "toset"
    {
        return format!("setunion({list}, {more})");
    }
    match (elements_on_one_line(list), elements_on_one_line(more)) {
        (Some(list), Some(more)) if list.is_empty() => format!("[{more}]"),
        (Some(list), None) if list.is_empty() => more.to_owned(),
        (Some(list), Some(more)) => format!("[{list}, {more}]"),
        _ => {
            let more = more.strip_prefix("concat(").and_then(|rest| rest.strip_suffix(')')).unwrap_or(more);
            if let Some(lists) = lists_of_flatten(list) {
                return format!("flatten([{lists}, {more}])");
            }
            format!("concat({}, {more})", arguments_of_concat(list).unwrap_or(list))
        }
    }
}

/// The arguments of a list that is one call of `concat` on one line.
fn arguments_of_concat(list: &str) -> Option<&str> {
    let Expression::FuncCall(call) = parse(list)? else { return None };
    let is_plain = call.name.name.as_str() == "concat" && !list.contains('\n') && !list.ends_with("...)");
    let inner = list.strip_prefix("concat(").filter(|_| is_plain)?.strip_suffix(')')?;
    Some(inner.trim_end().trim_end_matches(',')).filter(|inner| !inner.is_empty())
}

/// The lists in `flatten([a, b])` on one line.
fn lists_of_flatten(list: &str) -> Option<String> {
    let Expression::FuncCall(call) = parse(list)? else { return None };
    let is_flatten = call.name.name.as_str() == "flatten" && !list.contains('\n');
    let inner = list.strip_prefix("flatten(").filter(|_| is_flatten)?.strip_suffix(')')?;
    elements_on_one_line(inner.trim()).filter(|lists| !lists.is_empty())
}

/// Adds an element to a literal list in a file, in the layout of the list.
pub(in crate::terraform) fn insert_element(
    file: &File,
    span: &Range<usize>,
    element: &str,
) -> Option<Splice> {
    let text = file.slice(span.clone());
    let tree = parse(text)?;
    if let Expression::FuncCall(call) = &tree
        && call.name.name.as_str() == "flatten"
        && let Some(inner) = call.args.iter().next().filter(|inner| inner.is_array())
        && let Some(at) = inner.span()
    {
        return insert_element(file, &(span.start + at.start..span.start + at.end), element);
    }
    let Expression::Array(elements) = tree else { return None };
    let names: Option<Vec<&str>> = elements.iter().map(|one| one.as_str()).collect();
    let is_sorted = names.as_ref().is_some_and(|names| names.len() > 1 && names.is_sorted());
    if is_sorted && !text.contains('\n') {
        let next = elements.iter().find(|one| one.as_str().is_some_and(|one| quoted(one).as_str() > element));
        if let Some(next) = next.and_then(hcl_edit::Span::span) {
            let at = span.start + next.start;
            return Some(Splice::new(at..at, format!("{element}, ")));
        }
    }
    append_element(file, span, element)
}

/// Adds an element at the end of a literal list in a file, in the layout of the list.
pub(in crate::terraform) fn append_element(
    file: &File,
    span: &Range<usize>,
    element: &str,
) -> Option<Splice> {
    let text = file.slice(span.clone());
    let Expression::Array(elements) = parse(text)? else { return None };
    let last = elements.iter().last()?.span()?;
    let end = span.start + last.end;
    let close = span.start + text.rfind(']')?;
    if !file.slice(end..close).contains('\n') {
        return Some(Splice::new(end..end, format!(", {element}")));
    }
    let start = file.slice(0..span.start + last.start).rfind('\n').map_or(0, |at| at + 1);
    let indent: String =
        file.slice(start..span.start + last.start).chars().take_while(|c| c.is_whitespace()).collect();
    let rest = file.slice(end..close);
    let line = rest.find('\n').map(|at| end + at + 1)?;
    let splice = if rest.trim_start().starts_with(',') {
        Splice::new(line..line, format!("{indent}{element},\n"))
    } else {
        // Without a comma after the last element. A comment behind it stays there.
        Splice::new(end..line, format!(",{}{indent}{element}\n", file.slice(end..line)))
    };
    laid_out_as_before(file, span, splice)
}

/// Adds an entry to a literal map in a file, in the layout of the map.
pub(in crate::terraform) fn insert_entry(
    file: &File,
    span: &Range<usize>,
    key: &str,
    value: &str,
) -> Option<Splice> {
    let text = file.slice(span.clone());
    let tree = parse(text)?;
    let Expression::Object(map) = without_parentheses(&tree) else { return None };
    let key = key_like(map, key);
    let close = span.start + text.rfind('}')?;
    let line = file.slice(0..close).rfind('\n').map_or(0, |at| at + 1);
    if line <= span.start {
        let before = file.slice(span.start..close).trim_end();
        let end = span.start + before.len();
        let comma = if before.ends_with(['{', ',']) { "" } else { "," };
        return laid_out_as_before(file, span, Splice::new(end..end, format!("{comma} {key} = {value}")));
    }
    let last_line = file.slice(span.start..line).trim_end().rsplit('\n').next()?;
    let indent: String = last_line.chars().take_while(|c| c.is_whitespace()).collect();
    let values = map.iter().filter_map(|(_, value)| value.expr().span());
    let end = values.map(|value| value.end).max().unwrap_or_default();
    let comma = if text.get(end..)?.trim_start().starts_with(',') { "," } else { "" };
    // The equal signs of adjacent entries are aligned.
    let is_comment = ["#", "//"].iter().any(|mark| last_line.trim_start().starts_with(mark));
    let column =
        last_line.find(" = ").filter(|_| !is_comment).map_or(0, |at| at.saturating_sub(indent.len()));
    let entry = match map.iter().last().and_then(|(key, value)| colon(text, key, value.expr())) {
        Some(colon) => format!("{indent}{key}{colon}{value}{comma}\n"),
        None => format!("{indent}{key:<column$} = {value}{comma}\n"),
    };
    laid_out_as_before(file, span, Splice::new(line..line, entry))
}

/// The text between a key and its value if it is a colon, `: `.
pub(in crate::terraform::edit) fn colon<'t>(
    text: &'t str,
    key: &ObjectKey,
    value: &Expression,
) -> Option<&'t str> {
    let key = match key {
        ObjectKey::Ident(name) => name.span(),
        ObjectKey::Expression(key) => key.span(),
    };
    text.get(key?.end..value.span()?.start).filter(|between| between.trim() == ":")
}

/// A key in the form of the other keys of a map: with quotes if all of them have quotes.
pub(in crate::terraform) fn key_like(map: &Object, key: &str) -> String {
    let is_quoted = |key: &ObjectKey| matches!(key, ObjectKey::Expression(Expression::String(_)));
    let all_are_quoted = !map.is_empty() && map.iter().all(|(key, _)| is_quoted(key));
    if all_are_quoted && !key.starts_with('"') { quoted(key) } else { key.to_owned() }
}

/// A splice in a literal, with the layout of `terraform fmt` for the whole literal if it had it before. `None` if the literal does not
/// get one more element by it.
fn laid_out_as_before(file: &File, span: &Range<usize>, splice: Splice) -> Option<Splice> {
    let old = file.slice(span.clone());
    let head = file.slice(span.start..splice.span.start);
    let new = format!("{head}{}{}", splice.text, file.slice(splice.span.end..span.end));
    let count = |text: &str| match without_parentheses(&parse(text)?) {
        Expression::Array(elements) => Some(elements.len()),
        Expression::Object(map) => Some(map.len()),
        _ => None,
    };
    (count(&new)? == count(old)? + 1).then_some(())?;
    let line = file.slice(0..span.start).rfind('\n').map_or(0, |at| at + 1);
    let base: String = file.slice(line..span.start).chars().take_while(|c| c.is_whitespace()).collect();
    let laid = |text: &str| {
        let text = text.replace("\r\n", "\n");
        let own = text.replace(&format!("\n{base}"), "\n");
        laid_out("", &own).replace('\n', &format!("\n{base}")).replace(&format!("\n{base}\n"), "\n\n")
    };
    if laid(old) != old.replace("\r\n", "\n") {
        return Some(splice);
    }
    let new = laid(&new);
    if old.contains('\r') {
        return Some(Splice::new(span.clone(), new));
    }
    // Only the lines that change are replaced.
    let same = |(one, two): &(&str, &str)| one == two;
    let lines = |text: &'_ str| text.split_inclusive('\n').map(str::to_owned).collect::<Vec<_>>();
    let (before, after) = (lines(old), lines(&new));
    let pairs = || before.iter().map(String::as_str).zip(after.iter().map(String::as_str));
    let start: usize = pairs().take_while(same).map(|(line, _)| line.len()).sum();
    let back = before.iter().rev().map(String::as_str).zip(after.iter().rev().map(String::as_str));
    let end: usize = back.take_while(same).map(|(line, _)| line.len()).sum();
    let end = end.min(old.len() - start).min(new.len() - start);
    let text = new.get(start..new.len() - end)?;
    Some(Splice::new(span.start + start..span.end - end, text))
}

/// Adds an entry of several lines, `s3 = { … }`, after the last entry of a map with one entry per line.
pub(in crate::terraform) fn insert_block_entry(
    file: &File,
    span: &Range<usize>,
    map: &Object,
    entry: &str,
) -> Option<Splice> {
    let end = file.slice(span.clone()).rfind('}').map(|end| span.start + end)?;
    let line = file.slice(0..end).rfind('\n').map(|at| at + 1)?;
    if map.is_empty() && line <= span.start {
        return in_empty_map(file, span, entry);
    }
    let closing = file.slice(line..end);
    if !closing.trim().is_empty() || line <= span.start {
        return None;
    }
    let first = map.iter().next().and_then(|(key, _)| match key {
        ObjectKey::Ident(name) => name.span(),
        ObjectKey::Expression(key) => key.span(),
    });
    let indent = match first {
        Some(first) => {
            let at = span.start + first.start;
            let start = file.slice(0..at).rfind('\n').map_or(0, |found| found + 1);
            file.slice(start..at).to_owned()
        }
        None => format!("{closing}  "),
    };
    if !indent.trim().is_empty() {
        return None;
    }
    // Entries are separated as they are now. Empty lines before the brace are a separation already.
    let body = file.slice(span.start..line);
    let has_gaps = map.len() > 1 && body.contains("\n\n") && !body.ends_with("\n\n");
    let text: String = entry.lines().map(|line| format!("{indent}{line}\n")).collect();
    Some(Splice::new(line..line, if has_gaps { format!("\n{text}") } else { text }))
}

/// The first entry of a map `name = {}`, whose equal sign is not aligned with those of other lines.
fn in_empty_map(file: &File, span: &Range<usize>, entry: &str) -> Option<Splice> {
    let start = file.slice(0..span.start).rfind('\n').map_or(0, |at| at + 1);
    let before = file.slice(start..span.start);
    let indent: String = before.chars().take_while(|c| c.is_whitespace()).collect();
    let name = before.trim_start().strip_suffix(" = ").filter(|name| !name.contains([' ', '\t']))?;
    let text: String = entry.lines().map(|line| format!("{indent}  {line}\n")).collect();
    (!name.is_empty()).then(|| Splice::new(span.clone(), format!("{{\n{text}{indent}}}")))
}

/// The text between the brackets of a list that is on one line and has no comment.
fn elements_on_one_line(list: &str) -> Option<String> {
    let is_list = matches!(parse(list), Some(Expression::Array(_)));
    let inner = list.trim().strip_prefix('[')?.strip_suffix(']')?;
    let is_one_line = !inner.contains('\n') && !inner.contains("/*");
    (is_list && is_one_line).then(|| inner.trim().trim_end_matches(',').to_owned())
}

/// Searches an expression and all its parts for another expression.
struct Search<'e> {
    wanted: &'e Expression,
    is_found: bool,
}

impl Visit for Search<'_> {
    fn visit_expr(&mut self, expression: &Expression) {
        self.is_found |= is_same(expression, self.wanted);
        visit_expr(self, expression);
    }
}

fn contains(list: &Expression, wanted: &Expression) -> bool {
    let mut search = Search { wanted, is_found: false };
    search.visit_expr(list);
    search.is_found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_parentheses_and_line_breaks_do_not_change_the_answer() {
        let both = "[a.b, [\n  c,\n  d\n]]";
        assert_eq!(missing_elements(both, "[(a.b), [c, d]]"), None);
        let list = "concat(local.more, [\n  (sg.app.id), /* the app */\n  sg.db.id_2,\n])";
        assert_eq!(missing_elements(list, "[sg.app.id]"), None);
        assert_eq!(missing_elements(list, "[sg.app.id, sg.db.id]"), Some("[sg.db.id]".to_owned()));
        assert_eq!(missing_elements(list, "local.more"), None);
        assert_eq!(missing_elements(list, "concat(local.more, [sg.app.id])"), None);
        assert_eq!(missing_elements(list, "concat(local.more, [a.b])"), Some("[a.b]".to_owned()));
        assert_eq!(missing_elements(list, "local.mor"), Some("local.mor".to_owned()));
    }

    #[test]
    fn a_list_on_one_line_is_extended_and_any_other_is_concatenated() {
        assert_eq!(extend_list("[a.id]", "[b.id, c.id]"), "[a.id, b.id, c.id]");
        assert_eq!(extend_list("[]", "local.ids"), "local.ids");
        assert_eq!(extend_list("[\"#\"]", "[b]"), "[\"#\", b]");
        assert_eq!(extend_list("[a, # one\n]", "[b]"), "concat([a, # one\n], [b])");
        assert_eq!(extend_list("[for x in y : x]", "[b]"), "concat([for x in y : x], [b])");
        assert_eq!(extend_list("local.ids", "concat(local.more, [b])"), "concat(local.ids, local.more, [b])");
        assert_eq!(extend_list("concat(local.ids, [a])", "[b]"), "concat(local.ids, [a], [b])");
        assert_eq!(extend_list("concat(local.ids...)", "[b]"), "concat(concat(local.ids...), [b])");
        assert_eq!(extend_list("concat(a, b)[0]", "[b]"), "concat(concat(a, b)[0], [b])");
        assert_eq!(extend_list("toset(local.ids)", "[b]"), "setunion(toset(local.ids), [b])");
        assert_eq!(extend_list("(toset(local.ids))", "[b]"), "setunion((toset(local.ids)), [b])");
    }
}
