//! Writes an origin as an expression in a module: a reference to its block, to an output of a called module, or to a variable that
//! the caller sets to it.
//!
//! Only expressions that the code has already; `edit` may add an output.

use std::collections::BTreeSet;

use hcl_edit::Decorated;
use hcl_edit::expr::{Expression, TraversalOperator};

use crate::terraform::find::instances::instance_keys;
use crate::terraform::find::origin::{BlockOrigin, Instances, Origin, instance_address};
use crate::terraform::find::origins::Origins;
use crate::terraform::find::registry::{RegistryCall, RegistryModule};
use crate::terraform::lang::address::address;
use crate::terraform::lang::expression::{Expr, parse, without_parentheses};
use crate::terraform::lang::render::quoted;
use crate::terraform::lang::structure::Attribute;
use crate::terraform::read::config::Config;
use crate::terraform::read::module::{Module, ModuleCall};

/// Writes origins in a module.
pub(in crate::terraform) struct Express<'a, 'o> {
    pub config: &'a Config,
    pub origins: &'o Origins<'a>,
    pub module: &'a Module,
}

impl<'a> Express<'a, '_> {
    /// One value; `None` if this module has no expression for it.
    pub fn value(&self, origin: &Origin<'a>) -> Option<String> {
        match origin {
            Origin::Block(block) if self.is_here(block) => (block.instance != Instances::All)
                .then(|| format!("{}.{}", instance_address(block), block.attribute)),
            Origin::Output { call, key, name } if call.module.address == self.module.address => {
                let first = if call.block.repeats() { "[0]" } else { "" };
                let key = key.as_deref().unwrap_or(first);
                Some(format!("module.{}{key}.{name}", call.block.kind().unwrap_or_default()))
            }
            Origin::Variable { module, name } if module.address == self.module.address => {
                Some(format!("var.{name}"))
            }
            Origin::Text(text) => Some(quoted(text)),
            other => match self.existing(std::slice::from_ref(other))? {
                // Several values.
                (_, Shape::List | Shape::Map) if is_all_instances(other) => None,
                (expression, Shape::List) => Some(format!("one({expression})")),
                (expression, Shape::Map) => Some(format!("one(values({expression}))")),
                (expression, Shape::Single) => Some(expression),
            },
        }
    }

    /// A list of these values.
    pub fn list(&self, list: &[Origin<'a>]) -> Option<String> {
        let whole = all_instances(list).or_else(|| all_elements(list));
        let list = whole.as_ref().map_or(list, std::slice::from_ref);
        if let [only] = list
            && let Some(expression) = self.whole_list(only)
        {
            return Some(expression);
        }
        if !list.iter().all(|origin| self.is_direct(origin))
            && let Some((expression, shape)) = self.existing(list)
        {
            return Some(match shape {
                Shape::List => expression,
                Shape::Map => format!("values({expression})"),
                Shape::Single => format!("[{expression}]"),
            });
        }
        let (mut lists, mut singles) = (Vec::new(), Vec::new());
        for origin in list {
            match self.whole_list(origin) {
                Some(expression) => lists.push(expression),
                None => singles.push(self.value(origin)?),
            }
        }
        let singles = (!singles.is_empty()).then(|| format!("[{}]", singles.join(", ")));
        lists.extend(singles);
        match lists.as_slice() {
            [only] => Some(only.clone()),
            several => Some(format!("concat({})", several.join(", "))),
        }
    }

    /// The expression of an origin that is a list itself.
    pub fn whole_list(&self, origin: &Origin<'a>) -> Option<String> {
        match origin {
            Origin::Block(block) if self.is_here(block) => match block.instance {
                Instances::All if block.place.block.body.attribute("for_each").is_some() => {
                    Some(format!("values({})[*].{}", address(block.place.block), block.attribute))
                }
                Instances::All => Some(format!("{}[*].{}", address(block.place.block), block.attribute)),
                _ if is_list_attribute(block) => {
                    Some(format!("{}.{}", instance_address(block), block.attribute))
                }
                _ => None,
            },
            Origin::Output { name, .. } if !name.ends_with(']') => self.value(origin),
            Origin::Variable { name, .. } if !name.ends_with(']') && self.is_list_variable(name) => {
                self.value(origin)
            }
            _ => None,
        }
    }

    /// Whether the origin is written without an output or a variable.
    fn is_direct(&self, origin: &Origin<'a>) -> bool {
        match origin {
            Origin::Block(block) => self.is_here(block),
            Origin::Output { call, .. } => call.module.address == self.module.address,
            Origin::Variable { module, .. } => module.address == self.module.address,
            Origin::Text(_) => true,
        }
    }

    fn is_here(&self, block: &BlockOrigin<'_>) -> bool {
        block.place.module.address == self.module.address
    }

    fn is_list_variable(&self, name: &str) -> bool {
        let root = name.split('.').next().unwrap_or(name);
        let block = self.config.root_module.block("variable", &[root]);
        let kind =
            block.and_then(|(file, block)| block.body.attribute("type").map(|kind| file.value(kind).trim()));
        match kind {
            Some(kind) if root == name => kind.starts_with("list") || kind.starts_with("set"),
            _ => name.ends_with('s'),
        }
    }

    /// An output of a called module, or a variable of this module, with exactly these values.
    fn existing(&self, wanted: &[Origin<'a>]) -> Option<(String, Shape)> {
        let calls = self.module.calls.iter().filter(|call| !call.is_unknown_instance());
        for call in calls {
            if let Some((name, shape)) = self.output_of(call, wanted) {
                return Some((format!("{}.{name}", Self::call_address(self.config, call)), shape));
            }
        }
        let caller = self.config.caller(self.module)?;
        let given = |argument: &Attribute| {
            let name = argument.name.as_str();
            let value =
                self.config.argument(self.module, name).filter(|_| self.module.has_variable(name))?.value;
            let have = whole(self.origins.of(caller, Expr::parsed("", &value))?);
            let name = format!("var.{name}");
            if is_same(&have, wanted) {
                return Some((name, Shape::of(caller.module, &value)));
            }
            in_whole(&name, Expr::parsed("", &value), (&have, wanted))
        };
        caller.block.body.attributes().find_map(given)
    }

    /// A call in a reference, `module.network` or `module.network[0]`.
    pub fn call_address(config: &Config, call: &ModuleCall) -> String {
        let first = config.caller(&call.module).filter(|caller| caller.block.repeats()).map_or("", |_| "[0]");
        format!("module.{}{}", call.name, call.key.as_deref().unwrap_or(first))
    }

    /// The output of a called module with exactly these values.
    fn output_of(&self, call: &'a ModuleCall, wanted: &[Origin<'a>]) -> Option<(String, Shape)> {
        call.module.blocks("output").find_map(|(file, block)| {
            let value = file.expression(block.body.attribute("value")?);
            let have = whole(self.origins.of(&call.module, value)?);
            // An object with one of the values as an attribute is no list of them.
            if is_same(&have, wanted) {
                return Some((block.kind()?.to_owned(), Shape::of(&call.module, value.tree()?.as_ref())));
            }
            in_whole(block.kind()?, value, (&have, wanted))
        })
    }
}

/// What an expression with several origins is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    Single,
    List,
    /// A map or an object: its values are the origins.
    Map,
}

impl Shape {
    pub(super) fn of(module: &Module, expression: &Expression) -> Self {
        let local = Expr::parsed("", expression).local();
        if let Some(tree) = local.and_then(|name| parse(module.local(&name)?)) {
            // Terraform accepts no local that refers to itself.
            return if Expr::parsed("", &tree).local().is_some() {
                Self::Single
            } else {
                Self::of(module, &tree)
            };
        }
        match without_parentheses(expression) {
            Expression::Object(_) => Self::Map,
            Expression::ForExpr(each) if each.key_expr.is_some() => Self::Map,
            Expression::Array(_) | Expression::ForExpr(_) => Self::List,
            Expression::Conditional(cases) => match Self::of(module, &cases.true_expr) {
                Self::Single => Self::of(module, &cases.false_expr),
                shape => shape,
            },
            Expression::FuncCall(call) => match call.name.name.as_str() {
                "compact" | "concat" | "distinct" | "flatten" | "reverse" | "setunion" | "slice" | "sort"
                | "tolist" | "toset" | "values" | "coalescelist" => Self::List,
                "merge" | "tomap" | "zipmap" => Self::Map,
                "try" | "nonsensitive" => {
                    call.args.iter().next().map_or(Self::Single, |first| Self::of(module, first))
                }
                _ => Self::Single,
            },
            Expression::Traversal(traversal) => {
                let is_splat = |operator: &TraversalOperator| {
                    matches!(operator, TraversalOperator::AttrSplat(_) | TraversalOperator::FullSplat(_))
                };
                let last = traversal.operators.last().map(Decorated::value);
                let is_list =
                    matches!(last, Some(TraversalOperator::GetAttr(name)) if name.as_str() == "ids");
                // An index after a splat selects one element.
                let is_element =
                    matches!(last, Some(TraversalOperator::Index(_) | TraversalOperator::LegacyIndex(_)));
                let has_splat = traversal.operators.iter().any(|operator| is_splat(operator.value()));
                if is_list || has_splat && !is_element { Self::List } else { Self::Single }
            }
            _ => Self::Single,
        }
    }
}

/// All instances of one block as one origin; `None` for another list.
pub(in crate::terraform) fn all_instances<'a>(list: &[Origin<'a>]) -> Option<Origin<'a>> {
    let [Origin::Block(first), _, ..] = list else { return None };
    let key = |origin: &Origin<'a>| match origin {
        Origin::Block(block) if block.is_same_block(first) && block.attribute == first.attribute => {
            match &block.instance {
                Instances::Key(key) => Some(key.clone()),
                Instances::Only | Instances::All => None,
            }
        }
        _ => None,
    };
    let keys: BTreeSet<String> = list.iter().map(key).collect::<Option<_>>()?;
    let all: BTreeSet<String> = instance_keys(first.place)?.into_iter().collect();
    (keys == all && keys.len() == list.len())
        .then(|| Origin::Block(BlockOrigin { instance: Instances::All, ..first.clone() }))
}

/// All instances of one block as one origin, other origins as they are.
fn whole(list: Vec<Origin<'_>>) -> Vec<Origin<'_>> {
    all_instances(&list).map_or(list, |all| vec![all])
}

/// All elements of a list output of the VPC module of the registry as one origin, `module.vpc.private_subnets`; `None` for another list.
fn all_elements<'a>(list: &[Origin<'a>]) -> Option<Origin<'a>> {
    let [first @ Origin::Output { call, key, name }, _, ..] = list else { return None };
    let (output, _) = name.split_once('[')?;
    let mut elements = BTreeSet::new();
    for origin in list {
        let Origin::Output { call: other, key: own, name } = origin else { return None };
        let index = name.strip_prefix(output)?.strip_prefix('[')?.strip_suffix(']')?;
        (other.is_same_block(call) && own == key).then_some(())?;
        elements.insert(index.parse::<usize>().ok()?);
    }
    let length = RegistryCall::of_output(first, RegistryModule::Vpc)?.length(output)?;
    (elements.len() == length && list.len() == length && elements.last() == Some(&(length - 1)))
        .then(|| Origin::Output { call: *call, key: key.clone(), name: output.to_owned() })
}

/// An attribute of a whole resource, or of one of its instances, that an output or a variable has: `public_subnet.id`. `value` is the
/// expression with the origins `have`.
fn in_whole(
    name: &str,
    value: Expr<'_>,
    (have, wanted): (&[Origin<'_>], &[Origin<'_>]),
) -> Option<(String, Shape)> {
    let ([Origin::Block(whole)], [Origin::Block(block)]) = (have, wanted) else { return None };
    let is_whole = whole.is_same_block(block) && whole.attribute.is_empty() && !block.attribute.is_empty();
    value.reference().filter(|_| is_whole)?;
    let attribute = &block.attribute;
    match (&whole.instance, &block.instance) {
        (Instances::Only, Instances::Only) => Some((format!("{name}.{attribute}"), Shape::Single)),
        (Instances::Key(own), Instances::Key(key)) if own == key => {
            Some((format!("{name}.{attribute}"), Shape::Single))
        }
        (Instances::All, Instances::Key(key)) => Some((format!("{name}{key}.{attribute}"), Shape::Single)),
        _ => None,
    }
}

fn is_all_instances(origin: &Origin<'_>) -> bool {
    matches!(origin, Origin::Block(block) if block.instance == Instances::All)
}

/// Whether an attribute is a list by its name: the ids of a data source, an output of another state.
fn is_list_attribute(block: &BlockOrigin<'_>) -> bool {
    let last = block.attribute.rsplit('.').next().unwrap_or_default();
    let is_state = block.place.block.kind() == Some("terraform_remote_state");
    last == "ids"
        || is_state && (last.ends_with("ids") || last.ends_with("subnets") || last.ends_with("tables"))
}

/// Whether two lists have the same values, in any order.
fn is_same(one: &[Origin<'_>], two: &[Origin<'_>]) -> bool {
    one.len() == two.len() && one.iter().all(|origin| two.iter().any(|other| other.is_same_value(origin)))
}
