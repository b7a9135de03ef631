//! Renders new HCL, formatted as `terraform fmt` does.

use std::fmt::Write as _;

use crate::terraform::lang::layout::laid_out;

/// A part of a block's body.
#[derive(Clone)]
pub(in crate::terraform) enum Line {
    /// `name = expression`; the equal signs of adjacent attributes are aligned.
    Attribute(String, String),
    /// An empty line.
    Blank,
    /// A block inside the block.
    Block(String, Vec<Line>),
}

/// An attribute. Its value may be copied from the team's code, so it gets the layout of `terraform fmt`.
pub(in crate::terraform) fn attribute(name: &str, value: impl Into<String>) -> Line {
    Line::Attribute(name.to_owned(), laid_out(name, &value.into()))
}

/// A block with its head, `resource "aws_eip" "nat"`, and a final line end.
pub(in crate::terraform) fn block(head: &str, lines: &[Line]) -> String {
    let mut out = String::new();
    put_block(&mut out, head, lines, 0);
    out
}

/// A resource block.
pub(in crate::terraform) fn resource(kind: &str, name: &str, lines: &[Line]) -> String {
    block(&format!("resource \"{kind}\" \"{name}\""), lines)
}

fn put_block(out: &mut String, head: &str, lines: &[Line], depth: usize) {
    let indent = "  ".repeat(depth);
    if lines.is_empty() {
        let _ = writeln!(out, "{indent}{head} {{}}");
        return;
    }
    let _ = writeln!(out, "{indent}{head} {{");
    put_lines(out, lines, depth + 1);
    let _ = writeln!(out, "{indent}}}");
}

fn put_lines(out: &mut String, lines: &[Line], depth: usize) {
    let indent = "  ".repeat(depth);
    for run in lines.chunk_by(|one, two| single(one) && single(two)) {
        let width =
            run.iter().map(|line| if let Line::Attribute(name, _) = line { name.len() } else { 0 }).max();
        for line in run {
            match line {
                Line::Blank => out.push('\n'),
                Line::Block(head, lines) => put_block(out, head, lines, depth),
                Line::Attribute(name, value) => {
                    let value = value.replace('\n', &format!("\n{indent}"));
                    let _ = writeln!(out, "{indent}{name:<width$} = {value}", width = width.unwrap_or(0));
                }
            }
        }
    }
}

/// A `lifecycle` block with `create_before_destroy`. App Runner does not delete a connector that a service
/// uses, and AWS does not delete a security group that a network interface uses, so Terraform must create
/// the new resource and change the references to it before it deletes the old resource.
pub(in crate::terraform) fn create_before_destroy() -> [Line; 2] {
    [Line::Blank, Line::Block("lifecycle".to_owned(), vec![attribute("create_before_destroy", "true")])]
}

/// A line of comment, `# text`, with a line end. A line feed becomes a space. Other characters that could
/// end the line, and characters that reorder text on a terminal, become U+FFFD.
pub(in crate::terraform) fn comment(text: &str) -> String {
    let is_unsafe = |c: char| {
        c != '\t' && c.is_control()
            || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    let clean = |c: char| match c {
        '\n' => ' ',
        c if is_unsafe(c) => '\u{fffd}',
        c => c,
    };
    format!("# {}\n", text.chars().map(clean).collect::<String>())
}

fn single(line: &Line) -> bool {
    matches!(line, Line::Attribute(_, value) if !value.contains('\n'))
}

/// A string literal. Text from AWS is data, so quotes, line ends and template markers are escaped.
pub(in crate::terraform) fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            // Bidirectional and invisible characters could hide a part of the code.
            c if c.is_control()
                || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}') =>
            {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out.replace("${", "$${").replace("%{", "%%{")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn adjacent_attributes_are_aligned_and_text_is_escaped() {
        let text = block(
            "resource \"aws_eip\" \"nat\"",
            &[
                attribute("a", "1"),
                attribute("long", quoted("${x} \"y\"\u{1b}")),
                Line::Blank,
                attribute("tags", "{\n  Name = 1\n}"),
                Line::Block("inner".to_owned(), vec![attribute("b", "2")]),
            ],
        );
        assert_eq!(
            text,
            "resource \"aws_eip\" \"nat\" {\n  a    = 1\n  long = \"$${x} \\\"y\\\"\\u001b\"\n\n  tags = {\n    Name = 1\n  }\n  inner {\n    b = 2\n  }\n}\n"
        );
    }
}
