//! Lays out an expression as `terraform fmt` does: spaces between tokens, indentation by brackets, aligned equal signs and comments.
//!
//! Follows the formatter of HCL (<https://github.com/hashicorp/hcl/blob/main/hclwrite/format.go>). Changes only white space.

/// The kind of a token, as far as the layout depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Name,
    Number,
    Text,
    Open(char),
    Close(char),
    Comma,
    Dot,
    Ellipsis,
    Bang,
    Minus,
    Equal,
    Operator,
    /// `:`, `?` and comparisons, after which a minus is a sign.
    Separator,
    Comment,
    NewLine,
}

struct Token {
    kind: Kind,
    text: String,
}

/// A line: its tokens, and the places of the equal sign and the comment that are aligned with other lines.
#[derive(Default)]
struct Line {
    text: String,
    indent: usize,
    /// The width of the text before it on its line.
    before: usize,
    /// The text from the equal sign on.
    assigned: Option<String>,
    comment: Option<String>,
}

/// The expression in the layout of `terraform fmt`, for an attribute with a name that is not indented. Text that is not understood,
/// and text with a heredoc, is returned as it is.
pub(in crate::terraform) fn laid_out(name: &str, text: &str) -> String {
    match tokens(text.trim()) {
        Some(tokens) => layout(&tokens, width(name) + " = ".len()),
        None => text.to_owned(),
    }
}

/// `before` is the width of the text before the first line.
fn layout(tokens: &[Token], before: usize) -> String {
    let mut lines: Vec<Line> = Vec::new();
    let mut open: Vec<i32> = Vec::new();
    for row in rows(tokens) {
        lines.push(line(row, &mut open));
    }
    if let Some(first) = lines.first_mut() {
        first.before = before;
    }
    align(
        &mut lines,
        |line| line.assigned.is_some(),
        columns,
        |line, column| {
            let gap = column - columns(line) + 1;
            let assigned = line.assigned.take().unwrap_or_default();
            line.text = format!("{}{}{assigned}", line.text, " ".repeat(gap));
        },
    );
    align(
        &mut lines,
        |line| line.comment.is_some(),
        columns,
        |line, column| {
            let gap = column - columns(line) + 1;
            let comment = line.comment.take().unwrap_or_default();
            line.text = format!("{}{}{comment}", line.text, " ".repeat(gap));
        },
    );
    let lines: Vec<String> = lines
        .iter()
        .map(|line| {
            if line.text.is_empty() {
                String::new()
            } else {
                format!("{}{}", " ".repeat(line.indent), line.text)
            }
        })
        .collect();
    lines.join("\n")
}

/// The width of a line without its aligned parts.
fn columns(line: &Line) -> usize {
    line.indent + line.before + width(&line.text)
}

/// Aligns a part of adjacent lines that have it.
fn align(
    lines: &mut [Line],
    has: impl Fn(&Line) -> bool,
    columns: impl Fn(&Line) -> usize,
    set: impl Fn(&mut Line, usize),
) {
    for run in lines.chunk_by_mut(|one, two| has(one) && has(two)) {
        let widest = run.iter().filter(|line| has(line)).map(&columns).max();
        for line in run.iter_mut() {
            if let Some(widest) = widest.filter(|_| has(line)) {
                set(line, widest);
            }
        }
    }
}

fn width(text: &str) -> usize {
    text.chars().count()
}

/// The tokens of each line.
fn rows(tokens: &[Token]) -> impl Iterator<Item = &[Token]> {
    tokens.split(|token| token.kind == Kind::NewLine)
}

/// Lays out one line. `open` has the brackets that each indentation opened.
fn line(mut row: &[Token], open: &mut Vec<i32>) -> Line {
    if row.is_empty() {
        return Line::default();
    }
    let change: i32 = row.iter().map(bracket_change).sum();
    let mut closed = -change;
    while closed > 0
        && let Some(last) = open.last_mut()
    {
        if closed < *last {
            *last -= closed;
            break;
        }
        closed -= *last;
        open.pop();
    }
    let indent = 2 * open.len();
    if change > 0 {
        open.push(change);
    }
    let mut comment = None;
    if let [lead @ .., last] = row
        && !lead.is_empty()
        && last.kind == Kind::Comment
    {
        (row, comment) = (lead, Some(last.text.clone()));
    }
    let equal = row.iter().position(|token| token.kind == Kind::Equal).filter(|at| *at > 0);
    let assigned =
        equal.and_then(|at| row.get(at..)).filter(|rest| rest.iter().map(bracket_change).sum::<i32>() == 0);
    let lead = row.len() - assigned.map_or(0, <[Token]>::len);
    Line {
        text: spaced(row.get(..lead).unwrap_or_default()),
        indent,
        before: 0,
        assigned: assigned.map(spaced),
        comment,
    }
}

fn bracket_change(token: &Token) -> i32 {
    match token.kind {
        Kind::Open(_) => 1,
        Kind::Close(_) => -1,
        _ => 0,
    }
}

/// Tokens of one line with the spaces between them.
fn spaced(tokens: &[Token]) -> String {
    let mut text = String::new();
    for (at, token) in tokens.iter().enumerate() {
        text.push_str(&token.text);
        let before = at.checked_sub(1).and_then(|at| tokens.get(at));
        if let Some(after) = tokens.get(at + 1)
            && has_space(before, token, after)
        {
            text.push(' ');
        }
    }
    text
}

/// Whether a space follows a token. The first rule that applies decides, as in the formatter of HCL.
fn has_space(before: Option<&Token>, token: &Token, after: &Token) -> bool {
    let before_kind = before.map(|before| before.kind);
    let (own, next) = (token.kind, after.kind);
    if own == Kind::Dot || matches!(next, Kind::Dot | Kind::Comma | Kind::Ellipsis) {
        return false;
    }
    match (own, next) {
        // `for x in [a]`
        (Kind::Name, Kind::Open('[')) => token.text == "in" && before_kind == Some(Kind::Name),
        (Kind::Comma, _) => true,
        (Kind::Name, Kind::Open('('))
        | (Kind::Number | Kind::Close(_), Kind::Open('['))
        | (Kind::Bang, _) => false,
        (Kind::Minus, _) => is_end_of_operand(before_kind),
        _ => has_space_at_bracket(own, next),
    }
}

/// Whether a minus after a token subtracts; otherwise it is a sign.
fn is_end_of_operand(kind: Option<Kind>) -> bool {
    use Kind::{Close, Comment, Dot, Ellipsis, Name, Number, Text};
    matches!(kind, Some(Name | Number | Text | Close(_) | Dot | Ellipsis | Comment))
}

/// Braces have spaces inside, other brackets have none. All other tokens are separated.
fn has_space_at_bracket(own: Kind, next: Kind) -> bool {
    let is_brace = own == Kind::Open('{') || next == Kind::Close('}');
    let is_inside_bracket = matches!(own, Kind::Open(_)) || matches!(next, Kind::Close(_));
    let is_empty_object = own == Kind::Open('{') && next == Kind::Close('}');
    !is_empty_object && (is_brace || !is_inside_bracket)
}

/// The tokens of an expression; `None` if it is not understood or has a heredoc.
fn tokens(text: &str) -> Option<Vec<Token>> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let (kind, length) = match c {
            ' ' | '\t' | '\r' => {
                rest = rest.get(1..)?;
                continue;
            }
            '\n' => (Kind::NewLine, 1),
            '"' => (Kind::Text, string_end(rest)?),
            '#' => (Kind::Comment, rest.find('\n').unwrap_or(rest.len())),
            '/' if rest.starts_with("//") => (Kind::Comment, rest.find('\n').unwrap_or(rest.len())),
            '/' if rest.starts_with("/*") => (Kind::Comment, rest.find("*/")? + 2),
            '<' if rest.starts_with("<<") => return None,
            '.' if rest.starts_with("...") => (Kind::Ellipsis, 3),
            '(' | '[' | '{' => (Kind::Open(c), 1),
            ')' | ']' | '}' => (Kind::Close(c), 1),
            ',' => (Kind::Comma, 1),
            '.' => (Kind::Dot, 1),
            '-' => (Kind::Minus, 1),
            '=' if rest.starts_with("==") => (Kind::Separator, 2),
            '=' if rest.starts_with("=>") => (Kind::Operator, 2),
            '=' => (Kind::Equal, 1),
            '!' if rest.starts_with("!=") => (Kind::Separator, 2),
            '!' => (Kind::Bang, 1),
            '<' | '>' => (Kind::Separator, if rest.get(1..2) == Some("=") { 2 } else { 1 }),
            '&' | '|' => (Kind::Separator, 2),
            ':' | '?' | '+' | '*' | '/' | '%' => (Kind::Separator, 1),
            c if c.is_ascii_digit() => (Kind::Number, number_end(rest)),
            c if c.is_alphabetic() || c == '_' => {
                let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
                (Kind::Name, rest.find(|c| !is_part(c)).unwrap_or(rest.len()))
            }
            _ => return None,
        };
        let (token, behind) = rest.split_at_checked(length)?;
        let text = match kind {
            Kind::Text => string(token)?,
            Kind::Comment => token.trim_end().to_owned(),
            _ => token.to_owned(),
        };
        tokens.push(Token { kind, text });
        rest = behind;
    }
    Some(tokens)
}

fn number_end(text: &str) -> usize {
    let digits = |text: &str| text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let whole = digits(text);
    let fraction =
        text.get(whole..).and_then(|rest| rest.strip_prefix('.')).map(digits).filter(|length| *length > 0);
    let end = fraction.map_or(whole, |length| whole + 1 + length);
    let exponent = text.get(end..).unwrap_or_default();
    match exponent.strip_prefix(['e', 'E']) {
        Some(rest) => {
            let sign = usize::from(rest.starts_with(['+', '-']));
            let length = rest.get(sign..).map_or(0, digits);
            if length > 0 { end + 1 + sign + length } else { end }
        }
        None => end,
    }
}

/// The length of the string at the beginning of a text, with its quotes.
fn string_end(text: &str) -> Option<usize> {
    let mut at = 1;
    loop {
        let rest = text.get(at..)?;
        match rest.chars().next()? {
            '"' => return Some(at + 1),
            '\\' => at += 1 + rest.get(1..)?.chars().next()?.len_utf8(),
            '\n' => return None,
            c => {
                let is_escaped = rest.starts_with("$${") || rest.starts_with("%%{");
                let is_template = rest.starts_with("${") || rest.starts_with("%{");
                at += if is_escaped {
                    3
                } else if is_template {
                    template_end(rest)?
                } else {
                    c.len_utf8()
                };
            }
        }
    }
}

/// The length of `${…}` at the beginning of a text.
fn template_end(text: &str) -> Option<usize> {
    let (mut at, mut depth) = (2, 1);
    while depth > 0 {
        let rest = text.get(at..)?;
        let c = rest.chars().next()?;
        match c {
            '"' => {
                at += string_end(rest)?;
                continue;
            }
            '{' => depth += 1,
            '}' => depth -= 1,
            '\n' | '#' => return None,
            _ => {}
        }
        at += c.len_utf8();
    }
    Some(at)
}

/// A string with the layout of its interpolations.
fn string(text: &str) -> Option<String> {
    let (mut out, mut at) = (String::new(), 0);
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let c = rest.chars().next()?;
        if c == '\\' || rest.starts_with("$${") || rest.starts_with("%%{") {
            let length = if c == '\\' { 1 + rest.get(1..)?.chars().next()?.len_utf8() } else { 3 };
            out.push_str(rest.get(..length)?);
            at += length;
        } else if rest.starts_with("%{") {
            // Directives are not laid out.
            let length = template_end(rest)?;
            out.push_str(rest.get(..length)?);
            at += length;
        } else if rest.starts_with("${") {
            let length = template_end(rest)?;
            out.push_str(&interpolation(rest.get(2..length - 1)?)?);
            at += length;
        } else {
            out.push(c);
            at += c.len_utf8();
        }
    }
    Some(out)
}

/// `${…}` with the layout of its expression. The marks `~` remove white space around it.
fn interpolation(inner: &str) -> Option<String> {
    let (head, inner) = inner.strip_prefix('~').map_or(("${", inner), |inner| ("${~", inner));
    let (inner, tail) = inner.strip_suffix('~').map_or((inner, "}"), |inner| (inner, "~}"));
    let inner = tokens(inner.trim())?;
    let gap = |kind: Kind, token: Option<&Token>| {
        if token.is_some_and(|token| token.kind == kind) { " " } else { "" }
    };
    let (start, end) = (gap(Kind::Open('{'), inner.first()), gap(Kind::Close('}'), inner.last()));
    Some(format!("{head}{start}{}{end}{tail}", spaced(&inner)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copied_code_gets_the_layout_of_fmt() {
        for (text, expected) in [
            ("[ a.id ,b.id ]", "[a.id, b.id]"),
            ("[\n      a.id, # one\n      bcd.id, # two\n    ]", "[\n  a.id,   # one\n  bcd.id, # two\n]"),
            ("merge( local.tags,{Name=\"${ var.a }-b\"} )", "merge(local.tags, { Name = \"${var.a}-b\" })"),
            ("merge(x, {\n      A = 1\n   Long = 2\n })", "merge(x, {\n  A    = 1\n  Long = 2\n})"),
            ("[for s in [a,b]:s.id if ! s.x]", "[for s in [a, b] : s.id if !s.x]"),
            ("a?-1:b -1", "a ? -1 : b - 1"),
            ("x[ 0 ] . y[*].id", "x[0].y[*].id"),
            ("{}", "{}"),
            ("f(\n  [\n1,\n])", "f(\n  [\n    1,\n])"),
            ("[ # a\n1, # b\n]", "[ # a\n  1,  # b\n]"),
        ] {
            assert_eq!(laid_out("x", text), expected, "{text}");
            assert_eq!(laid_out("x", expected), expected, "{expected}");
        }
    }
}
