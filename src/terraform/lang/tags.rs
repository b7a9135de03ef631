//! The `Name` tag in a map of tags.

use hcl_edit::expr::{Expression, ObjectKey};

use crate::terraform::lang::evaluate::Values;
use crate::terraform::lang::expression::{Expr, without_parentheses};
use crate::terraform::lang::partial::Pattern;

/// The `Name` tag, as far as it is known.
pub(in crate::terraform) enum Tag {
    /// There is no `Name` tag.
    Absent,
    /// Its value.
    Known(String),
    /// The known parts of the value, and why the rest is unknown.
    Unknown(Pattern, Option<String>),
}

/// The `Name` tag in an expression for a map of tags.
pub(in crate::terraform) fn name_tag_of<'e>(values: &Values, tags: impl Into<Expr<'e>>) -> Tag {
    let tags = tags.into();
    if let Some(known) = values.value(tags) {
        let name = known.as_object().and_then(|known| known.get("Name"));
        return name.and_then(|name| name.as_str()).map_or(Tag::Absent, |name| Tag::Known(name.to_owned()));
    }
    match tags.tree() {
        Some(tree) => name_in_map(values, &tree),
        None => unknown(values, tags),
    }
}

fn name_in_map(values: &Values, expression: &Expression) -> Tag {
    match without_parentheses(expression) {
        Expression::Object(object) => {
            // `None` if the key is unknown.
            let key = |key: &ObjectKey| match key {
                ObjectKey::Ident(ident) => Some(ident.as_str().to_owned()),
                ObjectKey::Expression(expression) => values.text(Expr::parsed("", expression)),
            };
            let mut tag = Tag::Absent;
            for (name, value) in object {
                let value = Expr::parsed("", value.expr());
                match key(name).as_deref() {
                    Some("Name") => {
                        let known = values.text(value);
                        return known.map_or_else(|| unknown(values, value), Tag::Known);
                    }
                    None => tag = unknown(values, value),
                    Some(_) => {}
                }
            }
            tag
        }
        // The last argument with the tag overrides the others. An unknown map may contain the tag.
        Expression::FuncCall(call) if call.name.name.as_str() == "merge" => {
            let tags = call.args.iter().map(|argument| name_in_map(values, argument));
            tags.fold(Tag::Absent, |before, this| if matches!(this, Tag::Absent) { before } else { this })
        }
        other => unknown(values, Expr::parsed("", other)),
    }
}

fn unknown(values: &Values, written: Expr<'_>) -> Tag {
    Tag::Unknown(values.pattern(written), values.why_unknown(written))
}
