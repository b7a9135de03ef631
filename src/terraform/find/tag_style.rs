//! The form of the tags in a module: which maps are merged, which tags all resources have, and the common prefix of the names.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

use hcl_edit::Decorate as _;
use hcl_edit::expr::{Expression, FuncCall, Object, ObjectKey};
use hcl_edit::template::{Element, StringTemplate};

use crate::terraform::lang::address::address;
use crate::terraform::lang::expression::{Expr, parse, reference, without_parentheses};
use crate::terraform::lang::render::quoted;
use crate::terraform::lang::structure::Block;
use crate::terraform::lang::uses::values_of_key;
use crate::terraform::read::file::File;
use crate::terraform::read::module::Module;

/// Words for the role of a resource in its name.
const ROLES: [&str; 22] = [
    "app",
    "db",
    "default",
    "eip",
    "endpoint",
    "endpoints",
    "gateway",
    "igw",
    "main",
    "nacl",
    "nat",
    "network",
    "private",
    "public",
    "route",
    "rt",
    "rtb",
    "service",
    "sg",
    "subnet",
    "table",
    "vpc",
];

const COUNT: &str = "count.index";

/// The tags of most resources, without their `Name`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(in crate::terraform) struct TagStyle {
    /// The map that is merged with the other tags, `local.tags`.
    pub base: Option<String>,
    /// Whether `{ Name = … }`, also in `merge(local.tags, { Name = … })`, is on one line.
    pub is_on_one_line: bool,
    /// The other tags: their names and expressions.
    pub others: Vec<(String, String)>,
}

impl TagStyle {
    /// The tags of a new resource as an expression; `None` without tags.
    pub fn expression(&self, name: Option<String>) -> Option<String> {
        let own: Vec<(String, String)> = name
            .map(|name| ("Name".to_owned(), name))
            .into_iter()
            .chain(self.others.iter().cloned())
            .collect();
        let width = own.iter().map(|(key, _)| key.len()).max().unwrap_or_default();
        let object = |is_on_one_line: bool| {
            if is_on_one_line {
                let fields: Vec<String> = own.iter().map(|(key, value)| format!("{key} = {value}")).collect();
                return format!("{{ {} }}", fields.join(", "));
            }
            let fields = own.iter().map(|(key, value)| format!("  {key:<width$} = {value}\n"));
            format!("{{\n{}}}", fields.collect::<String>())
        };
        match (&self.base, own.is_empty()) {
            (None, true) => None,
            (None, false) => Some(object(self.is_on_one_line)),
            (Some(base), true) => Some(base.clone()),
            (Some(base), false) => Some(format!("merge({base}, {})", object(self.is_on_one_line))),
        }
    }
}

/// The form of the tags of most resources of a module; `None` if it gives no tags.
pub(in crate::terraform) fn tag_style(module: &Module) -> Option<TagStyle> {
    // How many resources have a form, how many of them on one line, and the first of them.
    let mut counts: HashMap<TagStyle, (usize, usize, usize)> = HashMap::new();
    for (place, (file, block)) in module.blocks("resource").enumerate() {
        let Some(tags) = block.body.attribute("tags").map(|tags| file.expression(tags)) else { continue };
        let Some(style) = tags.tree().and_then(|tree| style_of(&tree, tags.text)) else { continue };
        let is_on_one_line = style.is_on_one_line;
        let form = TagStyle { is_on_one_line: false, ..style };
        let (count, one_line, _) = counts.entry(form).or_insert((0, 0, place));
        *count += 1;
        *one_line += usize::from(is_on_one_line);
    }
    // The first of the most frequent ones.
    let best = counts.into_iter().max_by_key(|(_, (count, _, place))| (*count, Reverse(*place)));
    let best =
        best.map(|(style, (count, one_line, _))| TagStyle { is_on_one_line: one_line * 2 > count, ..style });
    // Without taggable resources, the tags that the module gives to the modules that it calls.
    let of_calls = || {
        module.blocks("module").find_map(|(file, call)| {
            let tags = file.expression(call.body.attribute("tags")?);
            style_of(tags.tree()?.as_ref(), tags.text)
        })
    };
    best.or_else(of_calls)
}

/// The form of one expression; `None` for a form that is not copied.
pub(in crate::terraform) fn style_of(tags: &Expression, text: &str) -> Option<TagStyle> {
    let tags = without_parentheses(tags);
    // The old form of a reference, `"${local.tags}"`.
    if let Expression::StringTemplate(template) = tags
        && let Some(Element::Interpolation(only)) = template.as_single_element()
    {
        return style_of(&only.expr, text);
    }
    match tags {
        Expression::Object(object) => {
            Some(TagStyle { base: None, is_on_one_line: !text.contains('\n'), others: others(object)? })
        }
        Expression::FuncCall(call) if call.name.name.as_str() == "merge" => {
            let (mut base, mut own) = (None, None);
            for argument in &call.args {
                match without_parentheses(argument) {
                    Expression::Object(object) if own.is_none() => own = Some(others(object)?),
                    other if base.is_none() => base = Some(reference(other)?),
                    _ => return None,
                }
            }
            let base = base.filter(|base| !Expr::from(base).differs_by_instance())?;
            Some(TagStyle {
                base: Some(base),
                is_on_one_line: !text.contains('\n'),
                others: own.unwrap_or_default(),
            })
        }
        other => {
            let base = reference(other).filter(|base| !Expr::from(base).differs_by_instance())?;
            Some(TagStyle { base: Some(base), is_on_one_line: true, others: Vec::new() })
        }
    }
}

/// The tags of an object besides `Name`; `None` if a key or value differs by instance or is over several lines.
fn others(object: &Object) -> Option<Vec<(String, String)>> {
    let mut others = Vec::new();
    for (key, value) in object {
        let ObjectKey::Ident(key) = key else { return None };
        if key.as_str() == "Name" {
            continue;
        }
        let mut value = value.expr().clone();
        value.decor_mut().clear();
        let text = value.to_string();
        if text.contains('\n') || Expr::from(&text).differs_by_instance() {
            return None;
        }
        others.push((key.as_str().to_owned(), text));
    }
    Some(others)
}

/// The most frequent prefix of the `Name` tags, up to and including the dash after the last interpolation. In a module with several
/// VPCs, that of one VPC and of the resources that refer to it.
pub(in crate::terraform) fn name_prefix(module: &Module, vpc: Option<&str>) -> Option<String> {
    let vpc = vpc.filter(|_| module.resources("aws_vpc").count() > 1);
    let of_vpc = vpc.and_then(|vpc| {
        let is_of_vpc = |file: &File, block: &Block| {
            address(block) == vpc || file.slice(block.span.clone()).contains(&format!("{vpc}."))
        };
        prefix_of_blocks(module, is_of_vpc).filter(|prefix| !prefix.is_empty())
    });
    let found = of_vpc.or_else(|| prefix_of_blocks(module, |_, _| true))?;
    // The names of the groups can have a common beginning where those of the tags have none.
    let of_groups = if found.is_empty() { prefix_of_group_names(module) } else { None };
    of_groups.or(Some(found))
}

/// The key of an instance in a name: for `count.index` the number that most names of the module count with, `count.index + 1`.
pub(in crate::terraform) fn key_in_names(module: &Module, key: &str) -> String {
    let (mut first, mut later) = (0_usize, BTreeMap::<String, usize>::new());
    for (file, block) in module.blocks("resource").filter(|_| key == COUNT) {
        let tags = block.body.attribute("tags").and_then(|tags| file.expression(tags).tree());
        for name in tags.iter().flat_map(|tags| values_of_key(tags, "Name")) {
            let text = name.to_string();
            let Some((_, rest)) = text.split_once(COUNT) else { continue };
            let number = rest.trim_start().strip_prefix('+').map(str::trim_start).unwrap_or_default();
            let digits: String = number.chars().take_while(char::is_ascii_digit).collect();
            if digits.is_empty() {
                first += 1;
            } else {
                *later.entry(format!("{COUNT} + {digits}")).or_default() += 1;
            }
        }
    }
    let most = later.into_iter().max_by_key(|(_, number)| *number);
    most.filter(|(_, number)| *number > first).map_or_else(|| key.to_owned(), |(own, _)| own)
}

fn prefix_of_blocks(module: &Module, is_wanted: impl Fn(&File, &Block) -> bool) -> Option<String> {
    let mut counts: Vec<(String, usize)> = Vec::new();
    let (mut texts, mut references): (Vec<String>, Vec<String>) = (Vec::new(), Vec::new());
    for (file, block) in module.blocks("resource").filter(|(file, block)| is_wanted(file, block)) {
        let tags = block.body.attribute("tags").and_then(|tags| file.expression(tags).tree());
        for name in tags.iter().flat_map(|tags| values_of_key(tags, "Name")) {
            texts.extend(name.as_str().or_else(|| beginning_of(&name)).map(str::to_owned));
            references.extend(reference(&name).filter(|name| !Expr::from(name).differs_by_instance()));
            let Some(prefix) = prefix_of(&name) else { continue };
            match counts.iter_mut().find(|(known, _)| *known == prefix) {
                Some((_, count)) => *count += 1,
                None => counts.push((prefix, 1)),
            }
        }
    }
    let template = counts.into_iter().max_by_key(|(_, count)| *count).map(|(prefix, _)| prefix);
    let of_calls = || {
        module.blocks("module").find_map(|(file, call)| {
            let is_tagged = call.body.attribute("tags").is_some();
            file.expression(call.body.attribute("name").filter(|_| is_tagged)?).reference()
        })
    };
    let of_one = || {
        // The connector and the called modules can show the beginning of a single name: `shop-` of `shop_db`.
        let is_one = !texts.is_empty() && texts.iter().all(|text| Some(text) == texts.first());
        let others = names_beside(module).filter(|_| is_one);
        common_prefix(&texts.first().cloned().into_iter().chain(others).collect::<Vec<_>>())
    };
    let of_texts = || common_prefix(&texts).or_else(of_one).or_else(|| prefix_of_one(&texts));
    template.or_else(of_texts).or_else(|| {
        let reference = references.into_iter().next().or_else(of_calls)?;
        Some(format!("${{{reference}}}-"))
    })
}

/// The names of the connectors and called modules as texts.
fn names_beside(module: &Module) -> impl Iterator<Item = String> {
    let connectors = module.resources("aws_apprunner_vpc_connector").map(|one| (one, "vpc_connector_name"));
    let calls = module.blocks("module").map(|one| (one, "name"));
    let name = |((file, block), name): ((&File, &Block), &str)| {
        file.expression(block.body.attribute(name)?).string()
    };
    connectors.chain(calls).filter_map(name)
}

/// The beginning of the names of security groups and connectors, `shop-${var.environment}-`; `None` if it is a text that only one of
/// them has.
pub(in crate::terraform) fn prefix_of_group_names(module: &Module) -> Option<String> {
    let names = [
        ("aws_security_group", "name"),
        ("aws_security_group", "name_prefix"),
        ("aws_apprunner_vpc_connector", "vpc_connector_name"),
    ];
    let found = names.into_iter().find_map(|(kind, name)| {
        module.resources(kind).find_map(|(file, block)| {
            prefix_of(file.expression(block.body.attribute(name)?).tree()?.as_ref())
        })
    });
    let texts = names.into_iter().flat_map(|(kind, name)| {
        module
            .resources(kind)
            .filter_map(move |(file, block)| file.expression(block.body.attribute(name)?).string())
    });
    found.or_else(|| common_prefix(&texts.collect::<Vec<_>>()))
}

/// The beginning of the only name before the word for its role: `bond-` of `bond-private-a`, `bond-dev-` of `bond-dev-api`. A name of
/// one word is the whole beginning, unless it is a role. Empty if the names have nothing in common.
fn prefix_of_one(names: &[String]) -> Option<String> {
    let name = names.first()?;
    if names.iter().any(|other| other != name) {
        return Some(String::new());
    }
    let mut prefix = String::new();
    let parts: Vec<&str> = name.split('-').collect();
    for (number, part) in parts.iter().enumerate() {
        let is_last = number > 0 && number + 1 == parts.len();
        if is_last || ROLES.contains(&part.to_ascii_lowercase().as_str()) {
            break;
        }
        prefix = format!("{prefix}{part}-");
    }
    let quoted = quoted(&prefix);
    Some(quoted.strip_prefix('"')?.strip_suffix('"')?.to_owned())
}

/// The longest beginning of most of these names that ends with a dash, as the content of a string.
fn common_prefix(names: &[String]) -> Option<String> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for name in names {
        for (at, _) in name.match_indices('-') {
            *counts.entry(name.get(..=at)?).or_default() += 1;
        }
    }
    let is_common = |count: usize| count > 1 && count * 2 > names.len();
    let common = counts.into_iter().filter(|(_, count)| is_common(*count)).map(|(prefix, _)| prefix);
    let found = common.max_by_key(|prefix| prefix.len())?;
    let quoted = quoted(found);
    Some(quoted.strip_prefix('"')?.strip_suffix('"')?.to_owned())
}

/// The literal beginning of a template whose only other part is the instance, `shop-public-` of `"shop-public-${count.index}"`.
fn beginning_of(name: &Expression) -> Option<&str> {
    let Expression::StringTemplate(template) = name else { return None };
    let interpolations = template.iter().filter(|element| matches!(element, Element::Interpolation(_)));
    let is_of_instance = interpolations.count() == 1 && Expr::parsed("", name).differs_by_instance();
    match template.iter().next()? {
        Element::Literal(text) if is_of_instance => text.contains('-').then_some(text.as_str()),
        _ => None,
    }
}

/// The prefix in `format("%s-private-%s", local.name, each.key)`.
fn prefix_of_format(call: &FuncCall) -> Option<String> {
    let mut arguments = call.args.iter();
    let pattern = arguments.next()?.as_str()?.strip_prefix("%s-");
    (call.name.name.as_str() == "format" && pattern.is_some()).then_some(())?;
    let name = reference(arguments.next()?).filter(|name| !Expr::from(name).differs_by_instance())?;
    Some(format!("${{{name}}}-"))
}

/// The prefix in `join("-", [local.name, "private"])`.
fn prefix_of_join(call: &FuncCall) -> Option<String> {
    let mut arguments = call.args.iter();
    let separator = arguments.next()?.as_str()?;
    (call.name.name.as_str() == "join" && separator == "-").then_some(())?;
    let parts = arguments.next()?.as_array().filter(|parts| parts.len() > 1)?;
    let name = reference(parts.get(0)?).filter(|name| !Expr::from(name).differs_by_instance())?;
    Some(format!("${{{name}}}-"))
}

/// The text of a string up to and including the dash after its last interpolation, as the content of a
/// string: `${var.project}-` of `"${var.project}-vpc"`. `None` without such a dash, and if it differs by
/// instance.
fn prefix_of(name: &Expression) -> Option<String> {
    if let Expression::FuncCall(call) = name {
        return prefix_of_format(call).or_else(|| prefix_of_join(call));
    }
    let Expression::StringTemplate(template) = name else { return None };
    let elements: Vec<&Element> = template.iter().collect();
    let is_end = |pair: &[&Element]| match pair {
        [Element::Interpolation(_), Element::Literal(text)] => text.starts_with('-'),
        _ => false,
    };
    let end = elements.windows(2).rposition(is_end)?;
    let in_shortest_form = |element: &&Element| match element {
        Element::Interpolation(inner) => {
            let mut inner = inner.clone();
            if let Some(code) = reference(&inner.expr).and_then(|code| parse(&code)) {
                inner.expr = code;
            }
            inner.expr.decor_mut().set_prefix("");
            inner.expr.decor_mut().set_suffix("");
            Element::from(inner)
        }
        other => (*other).clone(),
    };
    let mut prefix: Vec<Element> = elements.iter().take(end + 1).map(in_shortest_form).collect();
    prefix.push(Element::from("-"));
    let text = Expression::from(StringTemplate::from(prefix)).to_string();
    let text = text.strip_prefix('"')?.strip_suffix('"')?;
    (!Expr::from(&*format!("\"{text}\"")).differs_by_instance()).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The prefixes of the `Name` tags of a `tags` attribute.
    fn prefixes(tags: &str) -> Vec<Option<String>> {
        let values = parse(tags).map(|tags| values_of_key(&tags, "Name"));
        values.iter().flatten().map(prefix_of).collect()
    }

    #[test]
    fn one_name_gives_the_beginning_before_its_role() {
        let prefix =
            |names: &[&str]| prefix_of_one(&names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>());
        for (name, expected) in [
            ("bond-private-a", "bond-"),
            ("bond-dev-api", "bond-dev-"),
            ("bond", "bond-"),
            ("main", ""),
            ("${x}-vpc", "$${x}-"),
        ] {
            assert_eq!(prefix(&[name]).as_deref(), Some(expected), "{name}");
        }
        assert_eq!(prefix(&["bond", "bond"]).as_deref(), Some("bond-"));
        assert_eq!(prefix(&["left", "right"]).as_deref(), Some(""));
        assert_eq!(prefix(&[]), None);
    }

    #[test]
    fn comments_parentheses_and_line_breaks_do_not_change_the_prefix_of_a_name() {
        for tags in [
            r#"{ Name = "${var.project}-${var.env}-vpc" }"#,
            r#"{ "Name" : "${var.project}-${var.env}-vpc" }"#,
            "{\n  # \"Name\" of the VPC\n  Name = ( # long\n    \"${ var.project /* p */ }-${(var.env)}-vpc\"\n  )\n}",
            r#"merge(local.tags, { Env = var.env, Name = "${var.project}-${var.env}-vpc-2" })"#,
        ] {
            assert_eq!(prefixes(tags), [Some("${var.project}-${var.env}-".to_owned())], "{tags}");
        }
        for tags in [
            r#"{ Name = "bond-vpc" }"#,
            r#"{ Name = "${var.project}" }"#,
            r#"{ Name = "${each.key}-vpc" }"#,
            "{ Name = var.name }",
        ] {
            assert_eq!(prefixes(tags), [None], "{tags}");
        }
        assert_eq!(prefixes("{ # Name = \"${var.project}-vpc\"\n}"), []);
        assert_eq!(prefixes(r#"{ NameOf = "${var.project}-vpc" }"#), []);
        assert_eq!(
            prefixes(r#"{ Name = "a\"$${b}-${var.c}-d" }"#),
            [Some(r#"a\"$${b}-${var.c}-"#.to_owned())]
        );
    }
}
