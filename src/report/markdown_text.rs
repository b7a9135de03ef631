//! Markdown syntax: builds headings, lists, tables and code blocks from plain text (`CommonMark` and the tables of `GitHub`).
//!
//! Every text is escaped here, so that a name cannot add a link, HTML, a mention, a heading or a table cell.

use std::fmt::Write as _;

use crate::text::{clean, one_line};

/// A Markdown document that is built block by block from plain text.
#[derive(Default)]
pub(super) struct Markdown(String);

/// A cell of a table.
pub(super) struct Cell {
    pub text: String,
    pub is_bold: bool,
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self { text, is_bold: false }
    }
}

impl Markdown {
    pub fn heading(&mut self, level: usize, text: &str) {
        self.gap();
        let _ = writeln!(self.0, "{} {}\n", "#".repeat(level), escape(text));
    }

    pub fn paragraph(&mut self, text: &str) {
        self.gap();
        let _ = writeln!(self.0, "{}\n", escape_start(text));
    }

    /// An item of a list.
    pub fn item(&mut self, text: &str) {
        let _ = writeln!(self.0, "- {}", escape_start(text));
    }

    /// A numbered item, with blocks of code below it.
    pub fn numbered<'a>(&mut self, number: usize, text: &str, codes: impl IntoIterator<Item = &'a str>) {
        let mark = format!("{number}. ");
        let _ = writeln!(self.0, "{mark}{}", escape_start(text));
        for code in codes {
            // Code is indented by four columns more than the text of the item.
            let _ = writeln!(self.0, "\n{}{}", " ".repeat(mark.len() + 4), one_line(code).trim_start());
        }
        self.0.push('\n');
    }

    /// A numbered item of a list.
    pub fn numbered_item(&mut self, number: usize, text: &str) {
        let _ = writeln!(self.0, "{number}. {}", escape_start(text));
    }

    /// An item of a list inside a numbered item.
    pub fn sub_item(&mut self, text: &str) {
        let _ = writeln!(self.0, "   - {}", escape_start(text));
    }

    pub fn table<const N: usize>(&mut self, head: [&str; N], rows: impl IntoIterator<Item = [Cell; N]>) {
        self.row(head.map(|text| Cell::from(text.to_owned())));
        let _ = writeln!(self.0, "|{}", "---|".repeat(N));
        for row in rows {
            self.row(row);
        }
    }

    fn row<const N: usize>(&mut self, cells: [Cell; N]) {
        let cells = cells.map(|Cell { text, is_bold }| {
            let text = escape(&text);
            if is_bold && !text.is_empty() { format!("**{text}**") } else { text }
        });
        let _ = writeln!(self.0, "| {} |", cells.join(" | "));
    }

    /// An image with its description.
    pub fn image(&mut self, description: &str, path: &str) {
        self.gap();
        let path: String = one_line(path).chars().filter(|c| !matches!(c, '<' | '>' | '\\')).collect();
        let _ = writeln!(self.0, "![{}](<{path}>)", escape(description));
    }

    /// A block of code. Its fence is longer than any run of backticks in the code, so the code cannot close it.
    pub fn code_block(&mut self, language: &str, code: &str) {
        self.gap();
        let code = clean(code);
        let longest = code.split(|c| c != '`').map(str::len).max().unwrap_or(0);
        let fence = "`".repeat(longest.max(2) + 1);
        let end = if code.is_empty() || code.ends_with('\n') { "" } else { "\n" };
        let _ = writeln!(self.0, "{fence}{language}\n{code}{end}{fence}");
    }

    pub fn into_text(self) -> String {
        self.0
    }

    /// Adds an empty line between a block and the block before it.
    fn gap(&mut self) {
        if !self.0.is_empty() && !self.0.ends_with("\n\n") {
            self.0.push('\n');
        }
    }
}

/// The text in one line, without meaning for Markdown.
fn escape(text: &str) -> String {
    let text = one_line(text);
    let text = text.trim();
    let mut out = String::with_capacity(text.len() + 8);
    let mut before = None;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let is_active = match c {
            '\\' | '`' | '<' | '>' | '[' | ']' | '!' | '@' | '&' | '|' | '*' | '~' => true,
            // Inside a word, `_` has no meaning.
            '_' => {
                let in_word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
                !(in_word(before) && in_word(chars.peek().copied()))
            }
            _ => false,
        };
        out.extend(is_active.then_some('\\'));
        out.push(c);
        before = Some(c);
    }
    out
}

/// As [`escape`], for text at the start of a line: it starts no heading, list, quotation or underline of a heading.
fn escape_start(text: &str) -> String {
    let text = escape(text);
    if text.starts_with(['#', '-', '+', '=']) {
        return format!("\\{text}");
    }
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    match text.split_at_checked(digits) {
        Some((number, rest)) if digits > 0 && rest.starts_with(['.', ')']) => format!("{number}\\{rest}"),
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_has_no_meaning_for_markdown() {
        assert_eq!(
            escape("[a](b) ![c](d) <img> &lt; `e` @team |x| \\ 5 * 2 ~~f~~ _g_ nat_gateway_id\nh"),
            "\\[a\\](b) \\!\\[c\\](d) \\<img\\> \\&lt; \\`e\\` \\@team \\|x\\| \\\\ 5 \\* 2 \\~\\~f\\~\\~ \\_g\\_ nat_gateway_id h"
        );
        let starts = ["# a", "- a", "+ a", "==", "1. a", "12) a", "  > a", "3 of 4", "10.0.0.0/8", "***"];
        let escaped = [
            "\\# a",
            "\\- a",
            "\\+ a",
            "\\==",
            "1\\. a",
            "12\\) a",
            "\\> a",
            "3 of 4",
            "10\\.0.0.0/8",
            "\\*\\*\\*",
        ];
        assert_eq!(starts.map(escape_start), escaped);
    }

    #[test]
    fn code_cannot_close_its_block() {
        let mut out = Markdown::default();
        out.code_block("diff", "a ```` b\n\u{202e}");
        assert_eq!(out.into_text(), "`````diff\na ```` b\n�\n`````\n");
    }
}
