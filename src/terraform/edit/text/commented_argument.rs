//! Arguments that are commented out in a block or a variable file: an edit enables them where they stand, instead of a second line.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::terraform::edit::text::alignment::{equal_sign, set_padding};
use crate::terraform::edit::text::splice::Splice;
use crate::terraform::lang::scan::{Attribute, Body, Item, scan};
use crate::terraform::read::file::File;

/// A line of the new group: an argument of the code, or a new one.
enum Row<'b> {
    Present(&'b Attribute),
    /// The span of its line, its indentation, name and value, and the comment after it.
    New(Range<usize>, String, String, String),
}

/// The edit that gives arguments their values in the lines that have them in a comment. The others follow the last of these lines.
/// `None` if no line has one of them. `inner` is the part of the file that the body is.
pub(in crate::terraform) fn uncommented(
    file: &File,
    (body, inner): (&Body, Range<usize>),
    arguments: &[(&str, &str)],
) -> Option<Vec<Splice>> {
    if arguments.iter().any(|(_, value)| value.contains('\n')) {
        return None;
    }
    let mut rows: BTreeMap<usize, Row<'_>> = BTreeMap::new();
    for item in &body.items {
        if let Item::Attribute(attribute) = item
            && file.line(attribute.span.start) == file.line(attribute.span.end)
        {
            rows.insert(file.line(attribute.span.start), Row::Present(attribute));
        }
    }
    let mut found: Vec<(usize, &str)> = Vec::new();
    let mut at = inner.start;
    for line in file.slice(inner.clone()).split_inclusive('\n') {
        let span = at..at + line.len();
        at = span.end;
        let is_in_item = body.items.iter().any(|item| {
            let own = match item {
                Item::Attribute(attribute) => &attribute.span,
                Item::Block(block) => &block.span,
            };
            own.start < span.end && span.start < own.end
        });
        let Some((indent, name, comment)) = (!is_in_item).then(|| argument_of(line)).flatten() else {
            continue;
        };
        let number = file.line(span.start);
        if let Some((name, value)) = arguments.iter().find(|(own, _)| *own == name)
            && found.iter().all(|(_, own)| own != name)
        {
            let rest = format!("{value}{comment}");
            rows.insert(number, Row::New(span, indent, (*name).to_owned(), rest));
            found.push((number, name));
        }
    }
    let (last, _) = *found.last()?;
    let mut splices = Vec::new();
    let others: Vec<&(&str, &str)> =
        arguments.iter().filter(|(name, _)| found.iter().all(|(_, own)| own != name)).collect();
    for (number, _) in &found {
        let group = group_of(&rows, *number);
        let is_aligned = group.iter().all(|row| match row {
            Row::Present(one) => {
                let width = longest(group.iter().copied().filter(|row| matches!(row, Row::Present(_))));
                equal_sign(file, one).is_some_and(|sign| sign <= one.span.start + width + 1)
            }
            Row::New(..) => true,
        });
        let more =
            others.iter().map(|(name, _)| name.len()).max().filter(|_| group_has(&rows, *number, last));
        let width = longest(group.iter().copied()).max(more.unwrap_or_default());
        let Some(Row::New(span, indent, name, rest)) = rows.get(number) else { continue };
        let width = if is_aligned { width } else { name.len() };
        let end = if file.slice(span.clone()).ends_with('\n') { "\n" } else { "" };
        let mut text = format!("{indent}{name:<width$} = {rest}{end}");
        if *number == last {
            let lines = others.iter().map(|(name, value)| format!("{indent}{name:<width$} = {value}\n"));
            text.extend(lines);
        }
        splices.push(Splice::new(span.clone(), text));
        if is_aligned {
            let padded = group.iter().filter_map(|row| match row {
                Row::Present(one) => set_padding(file, one, width),
                Row::New(..) => None,
            });
            for splice in padded {
                if splices.iter().all(|known: &Splice| known.span != splice.span) {
                    splices.push(splice);
                }
            }
        }
    }
    splices.sort_by_key(|splice| splice.span.start);
    Some(splices)
}

/// The rows on adjacent lines around a line.
fn group_of<'r, 'b>(rows: &'r BTreeMap<usize, Row<'b>>, number: usize) -> Vec<&'r Row<'b>> {
    let mut first = number;
    while first > 0 && rows.contains_key(&(first - 1)) {
        first -= 1;
    }
    (first..).map_while(|line| rows.get(&line)).collect()
}

/// Whether two lines are in one group.
fn group_has(rows: &BTreeMap<usize, Row<'_>>, one: usize, other: usize) -> bool {
    (one.min(other)..=one.max(other)).all(|line| rows.contains_key(&line))
}

fn longest<'r>(rows: impl Iterator<Item = &'r Row<'r>>) -> usize {
    let length = |row: &Row<'_>| match row {
        Row::Present(one) => one.name.len(),
        Row::New(_, _, name, _) => name.len(),
    };
    rows.map(length).max().unwrap_or_default()
}

/// The indentation, the name and the comment behind the value of an argument in a comment, `# enable_nat_gateway = true # later`.
fn argument_of(line: &str) -> Option<(String, String, String)> {
    let content = line.trim_start();
    let indent = line.get(..line.len() - content.len())?;
    let code = content.strip_prefix('#').or_else(|| content.strip_prefix("//"))?.trim();
    let body = scan(&format!("{code}\n")).ok()?;
    let [Item::Attribute(attribute)] = body.items.as_slice() else { return None };
    (attribute.span.start == 0).then_some(())?;
    let rest = code.get(attribute.span.end..)?.trim();
    let comment = if rest.is_empty() { String::new() } else { format!(" {rest}") };
    Some((indent.to_owned(), attribute.name.clone(), comment))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may stop at the first error")]

    use std::path::Path;

    use super::*;
    use crate::terraform::edit::text::splice::apply;

    fn edited(text: &str, arguments: &[(&str, &str)]) -> Option<String> {
        let file = File::of_text(Path::new("main.tf"), text.to_owned(), scan(text).unwrap());
        let (body, inner) = match file.body.blocks("module").next() {
            Some(block) => (&block.body, block.inner.clone()),
            None => (&file.body, 0..text.len()),
        };
        let splices = uncommented(&file, (body, inner), arguments)?;
        Some(apply(&file, splices).unwrap())
    }

    #[test]
    fn an_argument_is_enabled_in_its_line_with_the_alignment_of_its_group() {
        let nat: &[(&str, &str)] = &[("enable_nat_gateway", "true"), ("single_nat_gateway", "true")];
        for (text, expected) in [
            (
                "module \"a\" {\n  x = 1\n\n  # costs\n  # enable_nat_gateway = true\n  # single_nat_gateway = true\n}\n",
                Some(
                    "module \"a\" {\n  x = 1\n\n  # costs\n  enable_nat_gateway = true\n  single_nat_gateway = true\n}\n",
                ),
            ),
            (
                "module \"a\" {\n  name = 1\n  //enable_nat_gateway = false # costs\n  y    = 2\n}\n",
                Some(
                    "module \"a\" {\n  name               = 1\n  enable_nat_gateway = true # costs\n  single_nat_gateway = true\n  y                  = 2\n}\n",
                ),
            ),
            (
                "module \"a\" {\n  # see enable_nat_gateway\n  b {\n    # enable_nat_gateway = true\n  }\n}\n",
                None,
            ),
            (
                "# enable_nat_gateway = true\nenv = 1",
                Some("enable_nat_gateway = true\nsingle_nat_gateway = true\nenv                = 1"),
            ),
        ] {
            assert_eq!(edited(text, nat).as_deref(), expected, "{text}");
        }
    }
}
