//! YAML of data files: maps and lists in blocks or in one line, with texts, numbers and truth values in one line.
//!
//! Any other text has no value: several documents, anchors, tags, texts over several lines, and values that readers of YAML understand
//! in different ways (`yes`, `0777`).

use hcl::{Map, Value};

/// Limit of maps and lists in each other.
const DEPTH: usize = 32;
/// Words that are truth values for some readers.
const TRUTHS: [&str; 8] = ["y", "yes", "on", "n", "no", "off", "true", "false"];

/// The value of a document; `None` if a part is not understood.
pub(super) fn yaml(text: &str) -> Option<Value> {
    let mut lines = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let content = line.trim_start_matches(' ');
        let is_start = line.trim_end() == "---" && lines.is_empty();
        if content.trim().is_empty() || content.starts_with('#') || is_start && number == 0 {
            continue;
        }
        if content.starts_with('\t')
            || line.starts_with("---")
            || line.starts_with("...")
            || line.starts_with('%')
        {
            return None;
        }
        lines.push(Line { indent: line.len() - content.len(), content: without_comment(content)? });
    }
    let mut reader = Reader { lines, at: 0 };
    let indent = reader.lines.first()?.indent;
    let value = reader.block(indent, DEPTH)?;
    (reader.at == reader.lines.len()).then_some(value)
}

#[derive(Clone, Copy)]
struct Line<'t> {
    indent: usize,
    /// Without the comment and the space at its end.
    content: &'t str,
}

struct Reader<'t> {
    lines: Vec<Line<'t>>,
    at: usize,
}

impl Reader<'_> {
    /// The map or list at an indentation.
    fn block(&mut self, indent: usize, depth: usize) -> Option<Value> {
        let depth = depth.checked_sub(1)?;
        let first = self.lines.get(self.at).filter(|line| line.indent == indent)?;
        if item_of(first.content).is_some() {
            return self.list(indent, depth);
        }
        if key_of(first.content).is_none() {
            let value = inline(first.content)?;
            self.at += 1;
            return Some(value);
        }
        let mut fields = Map::new();
        while let Some(line) = self.lines.get(self.at).copied().filter(|line| line.indent >= indent) {
            let (key, rest) = key_of(line.content).filter(|_| line.indent == indent)?;
            self.at += 1;
            let value = if rest.is_empty() { self.below(indent, true, depth)? } else { inline(rest)? };
            if fields.insert(key, value).is_some() {
                return None;
            }
        }
        fields.sort_keys();
        Some(Value::Object(fields))
    }

    fn list(&mut self, indent: usize, depth: usize) -> Option<Value> {
        let mut list = Vec::new();
        while let Some(line) = self.lines.get(self.at).copied().filter(|line| line.indent >= indent) {
            let Some(item) = item_of(line.content) else {
                // A key after the list that is its value.
                return (line.indent == indent).then_some(Value::Array(list));
            };
            (line.indent == indent).then_some(())?;
            if item.is_empty() {
                self.at += 1;
                list.push(self.below(indent, false, depth)?);
            } else if item_of(item).is_some() || key_of(item).is_some() {
                // The rest of the line is the first line of the block.
                let inner = indent + line.content.len() - item.len();
                *self.lines.get_mut(self.at)? = Line { indent: inner, content: item };
                list.push(self.block(inner, depth)?);
            } else {
                self.at += 1;
                list.push(inline(item)?);
            }
        }
        Some(Value::Array(list))
    }

    /// The value in the lines below a key or a dash; null without one.
    fn below(&mut self, indent: usize, is_of_key: bool, depth: usize) -> Option<Value> {
        match self.lines.get(self.at) {
            Some(next) if next.indent > indent => self.block(next.indent, depth),
            Some(next) if is_of_key && next.indent == indent && item_of(next.content).is_some() => {
                self.list(indent, depth)
            }
            _ => Some(Value::Null),
        }
    }
}

/// The text after a dash.
fn item_of(content: &str) -> Option<&str> {
    if content == "-" { Some("") } else { content.strip_prefix("- ").map(str::trim_start) }
}

/// A key, and the text after it.
fn key_of(content: &str) -> Option<(String, &str)> {
    if let Some(quote) = content.chars().next().filter(|first| ['"', '\''].contains(first)) {
        let (key, rest) = content.get(1..)?.split_once(quote)?;
        let rest = rest.strip_prefix(':').filter(|rest| rest.is_empty() || rest.starts_with(' '))?;
        return (!key.contains('\\')).then(|| (key.to_owned(), rest.trim_start()));
    }
    if content.starts_with(['[', '{', '&', '*', '!', '|', '>', '%', '@', '`', '?', '#', ',']) {
        return None;
    }
    let (key, rest) = match content.split_once(": ") {
        Some((key, rest)) => (key, rest.trim_start()),
        None => (content.strip_suffix(':')?, ""),
    };
    let key = key.trim_end();
    let value = plain(key)?;
    // The key of a map is a text. A number as a key has its own text.
    let is_text = match &value {
        Value::String(_) => true,
        Value::Number(number) => number.to_string() == key,
        _ => false,
    };
    is_text.then(|| (key.to_owned(), rest))
}

/// A line without its comment; `None` if a text in quotes does not end in it.
fn without_comment(content: &str) -> Option<&str> {
    let (mut quote, mut before) = (None, ' ');
    for (at, c) in content.char_indices() {
        match quote {
            Some(open) if c == open => quote = None,
            None if c == '#' && before == ' ' => return Some(content.get(..at)?.trim_end()),
            // A quote inside a word is a character.
            None if ['"', '\''].contains(&c) && [' ', '[', '{', ',', ':'].contains(&before) => {
                quote = Some(c);
            }
            Some(_) | None => {}
        }
        before = c;
    }
    quote.is_none().then(|| content.trim_end())
}

/// A value in one line.
fn inline(text: &str) -> Option<Value> {
    let (value, rest) = flow(text, "", DEPTH)?;
    rest.trim().is_empty().then_some(value)
}

/// The value at the beginning of a text up to one of the characters `ends`, and the rest.
fn flow<'t>(text: &'t str, ends: &str, depth: usize) -> Option<(Value, &'t str)> {
    let depth = depth.checked_sub(1)?;
    let text = text.trim_start();
    let first = text.chars().next()?;
    match first {
        '[' => {
            let (mut list, mut rest) = (Vec::new(), text.get(1..)?.trim_start());
            while !rest.starts_with(']') {
                let (value, next) = flow(rest, ",]", depth)?;
                list.push(value);
                rest = next.trim_start();
                rest = rest
                    .strip_prefix(',')
                    .map(str::trim_start)
                    .or_else(|| rest.starts_with(']').then_some(rest))?;
            }
            Some((Value::Array(list), rest.get(1..)?))
        }
        '{' => {
            let (mut fields, mut rest) = (Map::new(), text.get(1..)?.trim_start());
            while !rest.starts_with('}') {
                let (key, next) = flow_key(rest)?;
                let (value, next) = flow(next, ",}", depth)?;
                if fields.insert(key, value).is_some() {
                    return None;
                }
                rest = next.trim_start();
                rest = rest
                    .strip_prefix(',')
                    .map(str::trim_start)
                    .or_else(|| rest.starts_with('}').then_some(rest))?;
            }
            fields.sort_keys();
            Some((Value::Object(fields), rest.get(1..)?))
        }
        '"' | '\'' => {
            let (inner, rest) = text.get(1..)?.split_once(first)?;
            let is_simple = !inner.contains('\\') && !rest.starts_with(first);
            is_simple.then(|| (Value::from(inner), rest))
        }
        _ => {
            let end = if ends.is_empty() { text.len() } else { text.find(|c| ends.contains(c))? };
            let own = text.get(..end)?.trim_end();
            let is_plain = !own.contains(": ")
                && !own.ends_with(':')
                && (ends.is_empty() || !own.contains(['[', '{', '"']));
            Some((plain(own).filter(|_| is_plain)?, text.get(end..)?))
        }
    }
}

/// The key of a map in one line, and the text after its colon.
fn flow_key(text: &str) -> Option<(String, &str)> {
    if let Some(quote) = text.chars().next().filter(|first| ['"', '\''].contains(first)) {
        let (key, rest) = text.get(1..)?.split_once(quote)?;
        let rest = rest.trim_start().strip_prefix(':')?;
        return (!key.contains('\\')).then(|| (key.to_owned(), rest));
    }
    let (key, rest) = text.split_once(": ")?;
    matches!(plain(key.trim_end())?, Value::String(_)).then(|| (key.trim_end().to_owned(), rest))
}

/// A value without quotes.
fn plain(text: &str) -> Option<Value> {
    match text {
        "" => return None,
        "~" | "null" | "Null" | "NULL" => return Some(Value::Null),
        "true" => return Some(Value::Bool(true)),
        "false" => return Some(Value::Bool(false)),
        _ => {}
    }
    if TRUTHS.contains(&text.to_lowercase().as_str())
        || text.starts_with(['&', '*', '!', '|', '>', '%', '@', '`', '?', '[', ']', '{', '}', ',', '#'])
        || text.starts_with("- ")
        || text == "<<"
    {
        return None;
    }
    let digits = text.strip_prefix('-').unwrap_or(text);
    let is_whole = !digits.is_empty() && digits.chars().all(|c| c.is_ascii_digit());
    if is_whole {
        let is_decimal = digits == "0" || !digits.starts_with('0');
        return text.parse::<i64>().ok().filter(|_| is_decimal).map(Value::from);
    }
    // A fraction, a number with an exponent or another base, or a date.
    let may_be_number = text.starts_with(|c: char| c.is_ascii_digit() || "+-.".contains(c))
        && text.chars().all(|c| c.is_ascii_hexdigit() || "+-._:xoTZ ".contains(c));
    let dots = text.matches('.').count();
    let is_address = dots == 3 && digits.chars().all(|c| c.is_ascii_digit() || c == '.');
    (!may_be_number || is_address).then(|| Value::from(text))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may stop at the first error")]

    use super::*;

    #[test]
    fn blocks_and_lines_have_a_value_and_anything_else_has_none() {
        // The results are those of `yamldecode` in `terraform console`.
        for (text, expected) in [
            ("# jobs\nimage: a/b:1\negress: []\n", r#"{"egress":[],"image":"a/b:1"}"#),
            (
                "egress:\n  - port: 5432\n    cidr: 10.20.0.0/16 # db\n    why: database\n  - { port: 443, cidr: \"0.0.0.0/0\" }\nvpc: false\n",
                r#"{"egress":[{"cidr":"10.20.0.0/16","port":5432,"why":"database"},{"cidr":"0.0.0.0/0","port":443}],"vpc":false}"#,
            ),
            ("---\nlist:\n- a\n- 'b # c'\nnone:\n", r#"{"list":["a","b # c"],"none":null}"#),
            ("- - 1\n  - -2\n-\n  a: x\n", r#"[[1,-2],{"a":"x"}]"#),
            ("at: 10.0.0.1\nurl: https://a.b/c#d\n", r#"{"at":"10.0.0.1","url":"https://a.b/c#d"}"#),
            ("443: web\n", r#"{"443":"web"}"#),
            ("a: [x, [1, true], {b: c}]\n", r#"{"a":["x",[1,true],{"b":"c"}]}"#),
            ("a: yes\n", "?"),
            ("a: 0777\n", "?"),
            ("a: 1.5\n", "?"),
            ("a: 2026-11-30\n", "?"),
            ("a: |\n  text\n", "?"),
            ("a: &x 1\nb: *x\n", "?"),
            ("a: one\n  two\n", "?"),
            ("a: 1\na: 2\n", "?"),
            ("a: 1\n---\nb: 2\n", "?"),
            ("a: [1,\n  2]\n", "?"),
            ("a: b: c\n", "?"),
            ("\ta: 1\n", "?"),
            ("a: \"x\\n\"\n", "?"),
            ("", "?"),
        ] {
            let found =
                yaml(text).map_or_else(|| "?".to_owned(), |value| serde_json::to_string(&value).unwrap());
            assert_eq!(found, expected, "{text}");
        }
    }
}
