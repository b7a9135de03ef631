//! Scans the structure of HCL without loss: blocks, attributes and their byte spans.
//!
//! Does not parse expressions. No code is printed from this tree: edits change the text at these spans. The
//! corner cases (byte order mark, heredocs, templates inside strings, one-line blocks, unquoted labels,
//! CRLF, no final newline) are handled as in Terraform's own parser.

use std::ops::Range;

pub use crate::terraform::lang::structure::{Attribute, Block, Body, Item};

/// Limit of nesting, because the scanner is recursive.
const DEEPEST: usize = 200;

/// Limit of the comparisons of keys when hcl-edit parses a text: about 2,800 keys in one object. hcl-edit compares each key of an
/// object with all keys before it.
const COMPARISONS: usize = 4_000_000;

/// The reason why a text is not valid HCL, with the position.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {what}")]
pub struct ScanError {
    /// From 1.
    pub line: usize,
    /// In bytes, from 1.
    pub column: usize,
    /// The reason.
    pub what: String,
}

/// Scans a whole file.
///
/// # Errors
/// The text is not valid HCL. The position of the error is the opening quote, bracket or brace that is
/// never closed, or the first unexpected character.
pub fn scan(text: &str) -> Result<Body, ScanError> {
    let mut scanner = Scanner { at: if text.starts_with('\u{feff}') { 3 } else { 0 }, ..Scanner::new(text) };
    let body = scanner.body(None)?;
    Ok(body)
}

/// The first attribute or block of a text.
pub(in crate::terraform) enum FirstItem {
    /// It ends at this offset.
    End(usize),
    /// The text ends before it does.
    Incomplete,
    /// It is not valid, whatever follows.
    Invalid,
}

/// Scans the first attribute or block of a text.
pub(in crate::terraform) fn first_item(text: &str) -> FirstItem {
    let mut scanner = Scanner::new(text);
    match scanner.skip_space(true).and_then(|()| scanner.item()) {
        Ok(_) => FirstItem::End(scanner.at),
        Err(_) if scanner.peek().is_none() => FirstItem::Incomplete,
        Err(_) => FirstItem::Invalid,
    }
}

/// Whether the objects in an expression are so small that hcl-edit can parse it.
pub(in crate::terraform) fn has_small_objects(expression: &str) -> bool {
    has_few_comparisons(expression, |scanner| {
        while let Some(byte) = scanner.peek() {
            if byte == b'#' || scanner.starts_with("//") {
                scanner.skip_line();
            } else {
                scanner.piece()?;
            }
        }
        Ok(())
    })
}

/// The same for a body.
pub(in crate::terraform) fn body_has_small_objects(text: &str) -> bool {
    has_few_comparisons(text, |scanner| scanner.body(None).map(|_| ()))
}

fn has_few_comparisons(text: &str, scan: impl FnOnce(&mut Scanner<'_>) -> Result<(), ScanError>) -> bool {
    let signs = text.bytes().filter(|byte| matches!(byte, b'=' | b':')).count();
    let mut scanner = Scanner::new(text);
    // Most texts are small as a whole.
    comparisons(signs) <= COMPARISONS || scan(&mut scanner).is_ok() && scanner.comparisons <= COMPARISONS
}

/// The comparisons for an object with this number of keys.
fn comparisons(keys: usize) -> usize {
    keys.saturating_mul(keys) / 2
}

/// Line and column of a byte offset, both from 1.
#[must_use]
pub fn line_and_column(text: &str, at: usize) -> (usize, usize) {
    let before = text.as_bytes().get(..at).unwrap_or_default();
    let line = before.split(|byte| *byte == b'\n').count();
    let start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    (line, at - start + 1)
}

struct Scanner<'a> {
    text: &'a [u8],
    at: usize,
    depth: usize,
    /// The comparisons of keys in all objects so far.
    comparisons: usize,
}

impl<'a> Scanner<'a> {
    fn new(text: &'a str) -> Self {
        Self { text: text.as_bytes(), at: 0, depth: 0, comparisons: 0 }
    }

    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn starts_with(&self, what: &str) -> bool {
        self.text.get(self.at..).is_some_and(|rest| rest.starts_with(what.as_bytes()))
    }

    fn error<T>(&self, at: usize, what: impl Into<String>) -> Result<T, ScanError> {
        let text = String::from_utf8_lossy(self.text);
        let (line, column) = line_and_column(&text, at.min(self.text.len()));
        Err(ScanError { line, column, what: what.into() })
    }

    fn slice(&self, range: Range<usize>) -> String {
        String::from_utf8_lossy(self.text.get(range).unwrap_or_default()).into_owned()
    }

    /// Skips blanks, comments and, with `newlines`, line ends.
    fn skip_space(&mut self, newlines: bool) -> Result<(), ScanError> {
        loop {
            match self.peek() {
                Some(b' ' | b'\t' | b'\r') => self.at += 1,
                Some(b'\n') if newlines => self.at += 1,
                Some(b'#') => self.skip_line(),
                Some(b'/') if self.starts_with("//") => self.skip_line(),
                Some(b'/') if self.starts_with("/*") => self.skip_comment()?,
                _ => return Ok(()),
            }
        }
    }

    fn skip_line(&mut self) {
        while self.peek().is_some_and(|byte| byte != b'\n') {
            self.at += 1;
        }
    }

    fn skip_comment(&mut self) -> Result<(), ScanError> {
        let open = self.at;
        self.at += 2;
        while !self.starts_with("*/") {
            if self.peek().is_none() {
                return self.error(open, "this comment is never closed");
            }
            self.at += 1;
        }
        self.at += 2;
        Ok(())
    }

    fn identifier(&mut self) -> Option<Range<usize>> {
        let start = self.at;
        while self
            .peek()
            .is_some_and(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-' || byte >= 0x80)
        {
            self.at += 1;
        }
        let digit = self.text.get(start).is_some_and(u8::is_ascii_digit);
        (self.at > start && !digit).then_some(start..self.at)
    }

    /// Reads items until the closing brace of `open`, or the end of the file.
    fn body(&mut self, open: Option<usize>) -> Result<Body, ScanError> {
        let mut items = Vec::new();
        loop {
            self.skip_space(true)?;
            match (self.peek(), open) {
                (None, None) | (Some(b'}'), Some(_)) => return Ok(Body { items }),
                (None, Some(open)) => return self.error(open, "this block is never closed"),
                (Some(_), _) => items.push(self.item()?),
            }
        }
    }

    fn item(&mut self) -> Result<Item, ScanError> {
        let Some(name) = self.identifier() else {
            return self.error(self.at, "expected an attribute or a block");
        };
        self.skip_space(false)?;
        if self.peek() == Some(b'=') && !self.starts_with("==") {
            self.at += 1;
            return self.attribute(name).map(Item::Attribute);
        }
        self.block(name).map(Item::Block)
    }

    fn attribute(&mut self, name: Range<usize>) -> Result<Attribute, ScanError> {
        while matches!(self.peek(), Some(b' ' | b'\t')) {
            self.at += 1;
        }
        let start = self.at;
        self.expression()?;
        let mut end = self.at;
        while end > start && self.text.get(end - 1).is_some_and(u8::is_ascii_whitespace) {
            end -= 1;
        }
        if end == start {
            return self.error(start, "expected an expression");
        }
        Ok(Attribute { name: self.slice(name.clone()), span: name.start..end, value: start..end })
    }

    /// Reads to the line end, comment or closing brace that ends an expression.
    fn expression(&mut self) -> Result<(), ScanError> {
        loop {
            match self.peek() {
                None | Some(b'\n' | b'#' | b'}') => return Ok(()),
                Some(b'/') if self.starts_with("//") => return Ok(()),
                Some(b')' | b']') => return self.error(self.at, "this bracket was never opened"),
                Some(_) => self.piece()?,
            }
        }
    }

    /// Reads one piece of an expression: a string, a heredoc, a bracketed part, a comment, or one byte.
    fn piece(&mut self) -> Result<(), ScanError> {
        match self.peek() {
            Some(b'"') => self.string(),
            Some(b'<') if self.starts_with("<<") => self.heredoc(),
            Some(b'/') if self.starts_with("/*") => self.skip_comment(),
            Some(open @ (b'(' | b'[' | b'{')) => self.bracketed(open),
            _ => {
                self.at += 1;
                Ok(())
            }
        }
    }

    fn bracketed(&mut self, open: u8) -> Result<(), ScanError> {
        let start = self.at;
        let close = match open {
            b'(' => b')',
            b'[' => b']',
            _ => b'}',
        };
        self.enter(start)?;
        self.at += 1;
        let mut keys = 0;
        loop {
            keys += usize::from(matches!(self.peek(), Some(b'=' | b':')));
            match self.peek() {
                None => return self.error(start, "this bracket is never closed"),
                Some(byte) if byte == close => break,
                Some(b')' | b']' | b'}') => {
                    return self.error(self.at, "this bracket does not match the opening bracket");
                }
                Some(b'#') => self.skip_line(),
                Some(b'/') if self.starts_with("//") => self.skip_line(),
                Some(_) => self.piece()?,
            }
        }
        self.comparisons = self.comparisons.saturating_add(comparisons(keys));
        self.at += 1;
        self.depth -= 1;
        Ok(())
    }

    fn enter(&mut self, at: usize) -> Result<(), ScanError> {
        self.depth += 1;
        if self.depth > DEEPEST { self.error(at, "nested too deeply") } else { Ok(()) }
    }

    fn string(&mut self) -> Result<(), ScanError> {
        let start = self.at;
        self.at += 1;
        loop {
            match self.peek() {
                None | Some(b'\n') => return self.error(start, "this string is never closed"),
                Some(b'"') => break,
                Some(b'\\') => self.at += 2,
                Some(b'$' | b'%') => self.template()?,
                Some(_) => self.at += 1,
            }
        }
        self.at += 1;
        Ok(())
    }

    /// Reads `${…}` or `%{…}`; `$${` and `%%{` are text.
    fn template(&mut self) -> Result<(), ScanError> {
        if self.starts_with("$${") || self.starts_with("%%{") {
            self.at += 3;
            return Ok(());
        }
        if self.starts_with("${") || self.starts_with("%{") {
            self.at += 1;
            return self.bracketed(b'{');
        }
        self.at += 1;
        Ok(())
    }

    fn heredoc(&mut self) -> Result<(), ScanError> {
        let start = self.at;
        self.at += 2;
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        let Some(marker) = self.identifier() else { return Ok(()) };
        let marker = self.slice(marker);
        self.skip_line();
        loop {
            if self.peek().is_none() {
                return self.error(start, format!("this heredoc is never closed: no line has only {marker}"));
            }
            self.at += 1;
            let line = self.at;
            self.skip_line();
            if self.slice(line..self.at).trim() == marker {
                // Its templates may contain objects.
                let text = self.text.get(start..self.at).unwrap_or_default();
                let keys = text.iter().filter(|byte| matches!(byte, b'=' | b':')).count();
                self.comparisons = self.comparisons.saturating_add(comparisons(keys));
                return Ok(());
            }
        }
    }

    fn block(&mut self, block_type: Range<usize>) -> Result<Block, ScanError> {
        let mut labels = Vec::new();
        loop {
            self.skip_space(false)?;
            match self.peek() {
                Some(b'{') => break,
                Some(b'"') => {
                    let start = self.at;
                    self.string()?;
                    labels.push(self.slice(start + 1..self.at - 1));
                }
                _ => match self.identifier() {
                    Some(label) => labels.push(self.slice(label)),
                    None => return self.error(self.at, "expected `=`, a label or `{`"),
                },
            }
        }
        let open = self.at;
        self.enter(open)?;
        self.at += 1;
        let body = self.body(Some(open))?;
        let inner = open + 1..self.at;
        self.at += 1;
        self.depth -= 1;
        let span = block_type.start..self.at;
        Ok(Block { block_type: self.slice(block_type), labels, span, inner, body })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails on the first unexpected result")]

    use proptest::prelude::*;

    use super::*;

    /// The structure in one line.
    fn sketch(text: &str) -> String {
        fn walk(text: &str, body: &Body, out: &mut Vec<String>) {
            for item in &body.items {
                match item {
                    Item::Attribute(attribute) => {
                        out.push(format!("{}={}", attribute.name, &text[attribute.value.clone()]));
                    }
                    Item::Block(block) => {
                        out.push(format!("{}({}){{", block.block_type, block.labels.join(",")));
                        walk(text, &block.body, out);
                        out.push("}".to_owned());
                    }
                }
            }
        }
        let mut out = Vec::new();
        match scan(text) {
            Ok(body) => walk(text, &body, &mut out),
            Err(error) => out.push(error.to_string()),
        }
        out.join(" ")
    }

    #[test]
    fn blocks_attributes_and_brackets_inside_expressions() {
        assert_eq!(
            sketch(
                "resource \"a\" \"b\" {\r\n  x = 1 # } not here\r\n  y { z = [\"}\", \"${f(\"}\")}\"] }\r\n}\r\n"
            ),
            "resource(a,b){ x=1 y(){ z=[\"}\", \"${f(\"}\")}\"] } }"
        );
        assert_eq!(sketch("\u{feff}a = <<-E\n  } ${x}\n  E  \nb = 2"), "a=<<-E\n  } ${x}\n  E b=2");
        assert_eq!(sketch("resource aws_x y {}\nk = \"$${no\" // c"), "resource(aws_x,y){ } k=\"$${no\"");
        assert_eq!(
            sketch("a = {\n  b = 1 # c }\n  d = 2\n}\n/* x */ e = (1 +\n 2)"),
            "a={\n  b = 1 # c }\n  d = 2\n} e=(1 +\n 2)"
        );
        assert_eq!(sketch("a = x ? 1 : 2 // }\n"), "a=x ? 1 : 2");
    }

    #[test]
    fn errors_point_at_the_opening_character() {
        assert_eq!(
            sketch("a = 1\nb \"x\" {\n  c = \"open\n}"),
            "line 3, column 7: this string is never closed"
        );
        assert_eq!(
            sketch("b {\n  c = [1\n}"),
            "line 3, column 1: this bracket does not match the opening bracket"
        );
        assert_eq!(sketch("b {"), "line 1, column 3: this block is never closed");
        assert_eq!(
            sketch("a = <<E\nx"),
            "line 1, column 5: this heredoc is never closed: no line has only E"
        );
    }

    #[test]
    fn code_that_is_nested_too_deeply_is_an_error() {
        for open in ["(", "[", "{", "{ a = ", "\"${", "\"%{", "f(", "a["] {
            let error = scan(&format!("a = {}", open.repeat(100_000))).unwrap_err();
            assert!(error.to_string().ends_with("nested too deeply"), "{open}: {error}");
        }
        for open in ["b {\n", "b \"x\" {\n", "b { c "] {
            let error = scan(&open.repeat(100_000)).unwrap_err();
            assert!(error.to_string().ends_with("nested too deeply"), "{open}: {error}");
        }
    }

    #[test]
    fn only_objects_with_many_keys_are_too_large_to_parse() {
        let object = |keys: usize| (0..keys).map(|n| format!("k{n} = {n}\n")).collect::<String>();
        let list = |objects: usize| format!("[{}]", "{ a = 1, b = 2 == 3 },\n".repeat(objects));
        for (text, is_small) in [
            (format!("{{\n{}}}", object(2_500)), true),
            (format!("{{\n{}}}", object(3_000)), false),
            (format!("f([{{ x = \"${{g({{\n{}}})}}\" }}])", object(3_000)), false),
            (format!("<<E\n${{ {{\n{}}} }}\nE\n", object(3_000)), false),
            (list(10_000), true),
            (object(10_000), true),
            (format!("# {}\na = \"{}\"", "=".repeat(5_000), ":".repeat(5_000)), true),
            (format!("{} }}", "=".repeat(5_000)), true),
            (format!("{} \"", "=".repeat(5_000)), false),
        ] {
            assert_eq!(has_small_objects(&text), is_small, "{}", text.chars().take(60).collect::<String>());
        }
        // Attributes of a block are not keys of an object.
        assert!(body_has_small_objects(&format!("b {{\n{}}}\n", object(10_000))));
        assert!(!body_has_small_objects(&format!("b {{\n a = {{\n{}}}\n}}\n", object(3_000))));
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "[ab{}\\[\\]\"#$%<\\-E=\\n ()/*\\\\]{0,60}") {
            let _ = scan(&text);
        }
    }
}
